from __future__ import annotations

import os
import threading
from pathlib import Path

import pytest

from pdutui import config_read
from pdutui.config import ConfigError, load_settings

TEXT = b'[[pdu]]\nname = "a"\nhost = "10.0.0.1"\n'


def test_a_pipe_that_nobody_writes_to_is_not_waited_for_without_end(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(config_read, "PIPE_S", 0.05)
    os.mkfifo(tmp_path / "pipe")
    env = {"PDUTUI_STATE_DIR": str(tmp_path)}
    with pytest.raises(ConfigError, match=r"pipe: cannot be read: it is a pipe, and nothing came"):
        load_settings(config=tmp_path / "pipe", env=env)
    writer = threading.Thread(target=(tmp_path / "pipe").write_bytes, args=(TEXT,))
    monkeypatch.setattr(config_read, "PIPE_S", 5.0)
    writer.start()
    settings = load_settings(config=tmp_path / "pipe", env=env)
    writer.join()
    assert [pdu.name for pdu in settings.pdus] == ["a"]


def test_no_more_is_read_than_was_asked_for(tmp_path: Path) -> None:
    file = tmp_path / "file"
    file.write_bytes(TEXT)
    assert config_read.read_bytes(file, 1000) == TEXT
    assert config_read.read_bytes(file, 7) == TEXT[:7]
