"""Reading a configuration out of a text."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from pdutui.config import ConfigError, load_settings
from pdutui.settings import Settings

PDUS = """
[[pdu]]
name = "rack1-a"
host = "10.0.0.5"
[[pdu]]
name = "rack1-b"
host = "10.0.0.6"
"""


def load(folder: Path, text: str, **env: str) -> Settings:
    """The settings of a file with this text, which nobody else may read."""
    file = folder / "config.toml"
    file.write_text(text, encoding="utf-8")
    file.chmod(0o600)
    return load_settings(config=file, env={"PDUTUI_STATE_DIR": str(folder / "state"), **env})


def problems(folder: Path, text: str, **env: str) -> list[str]:
    """What is said of it, without the name of the file."""
    with pytest.raises(ConfigError) as caught:
        load(folder, text, **env)
    return [plain(line, folder / "config.toml") for line in caught.value.problems]


def plain(problem: str, file: Path) -> str:
    """A problem without the file and the line that it names."""
    return re.sub(rf"^{re.escape(str(file))}(, line \d+)?: ", "", problem)
