from __future__ import annotations

import logging
import os
import stat
from collections.abc import Iterator
from pathlib import Path

import pytest

from pdutui.domain.secret import Secret
from pdutui.engine import logs
from pdutui.engine.logs import LogFile, open_log

LOG = logging.getLogger("pdutui.test")


@pytest.fixture
def log(tmp_path: Path) -> Iterator[LogFile]:
    old = os.umask(0)
    opened = open_log(tmp_path / "state", [Secret("s3cr3t-community"), Secret("abc")])
    os.umask(old)
    yield opened
    opened.close()
    opened.close()


def content(tmp_path: Path) -> str:
    return (tmp_path / "state" / "pdutui.log").read_text()


def test_lines_are_private_and_in_utc(tmp_path: Path, log: LogFile) -> None:
    LOG.info("hello")
    line = content(tmp_path)
    assert line.endswith("Z INFO pdutui.test: hello\n")
    assert stat.S_IMODE((tmp_path / "state" / "pdutui.log").stat().st_mode) == 0o600
    assert stat.S_IMODE((tmp_path / "state").stat().st_mode) == 0o700


def test_secrets_and_control_characters_do_not_get_in(tmp_path: Path, log: LogFile) -> None:
    LOG.info("community %s of %r", "s3cr3t-community", Secret("s3cr3t-community"))
    try:
        raise ValueError("bad s3cr3t-community \x1b[31m")
    except ValueError:
        LOG.exception("it failed, abc")
    text = content(tmp_path)
    assert "s3cr3t-community" not in text
    assert "ValueError: bad *** \\x1b[31m" in text
    assert "it failed, abc" in text
    assert text.count("\n") > 3


def test_it_turns_over_and_stays_private(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(logs, "MAX_BYTES", 2000)
    log = open_log(tmp_path)
    for _ in range(200):
        LOG.info("x" * 100)
    log.close()
    files = sorted(path.name for path in tmp_path.iterdir())
    assert files == ["pdutui.log", "pdutui.log.1", "pdutui.log.2", "pdutui.log.3"]
    for path in tmp_path.iterdir():
        assert stat.S_IMODE(path.stat().st_mode) == 0o600
        assert path.stat().st_size <= 2000


def test_a_place_that_cannot_be_written_is_named_and_harmless(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "file").write_text("")
    log = open_log(tmp_path / "file")
    assert log.problem.startswith("no log file:")
    LOG.error("nobody hears it")
    log.close()
    assert capsys.readouterr() == ("", "")


def test_a_full_disk_prints_nothing(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    log = open_log(tmp_path)

    def full(*args: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(log._handler, "shouldRollover", full)
    LOG.error("does not fit")
    assert capsys.readouterr() == ("", "")
    log.close()


def test_closing_gives_the_loggers_back(tmp_path: Path) -> None:
    before = list(logging.getLogger("pdutui").handlers)
    open_log(tmp_path).close()
    assert logging.getLogger("pdutui").handlers == before
    assert logging.getLogger("asyncio").propagate
