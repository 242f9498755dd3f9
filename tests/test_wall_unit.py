"""The unit that `docs/wall.md` tells of: what it starts can be started, and it starts it again."""

from __future__ import annotations

import configparser
import shlex
from pathlib import Path

import pytest

from pdutui.cli.kiosk import Kiosk
from pdutui.cli.run import run

UNIT = Path(__file__).parents[1] / "docs" / "systemd" / "pdutui-wall@.service"


def service() -> configparser.SectionProxy:
    parser = configparser.ConfigParser(interpolation=None, strict=False)
    parser.optionxform = str  # type: ignore[assignment,method-assign]
    parser.read_string(UNIT.read_text(encoding="utf-8"))
    return parser["Service"]


def test_its_command_line_is_a_kiosk() -> None:
    program, *words = shlex.split(service()["ExecStart"])
    assert Path(program).name == "pdutui"
    with run.make_context("pdutui", words) as context:
        assert context.params["kiosk"] is True


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("Type", "notify"), ("Restart", "always"), ("StandardInput", "tty"),
        ("TTYPath", "/dev/%I"), ("TTYReset", "yes"), ("TTYVHangup", "yes"),
        ("User", "pdutui-wall"), ("NoNewPrivileges", "yes"), ("ProtectSystem", "strict"),
        ("StateDirectory", "pdutui-wall"), ("StateDirectoryMode", "0700"),
        ("ExecReload", "/bin/kill -HUP $MAINPID"), ("SuccessExitStatus", "129 143"),
    ],
)  # fmt: skip
def test_what_it_promises(key: str, value: str) -> None:
    assert service()[key] == value


def test_a_kiosk_says_nothing_without_being_asked() -> None:
    assert Kiosk().said == {}
