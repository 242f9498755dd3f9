from __future__ import annotations

import socket
from pathlib import Path

import pytest

from pdutui.cli import main as cli
from pdutui.cli.serve import TOKEN, _console_arguments, for_browser
from pdutui.domain.commands import Actor
from pdutui.domain.roles import RoleSettings, role_of
from pdutui.settings import ControlSettings, Settings


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["--listen", "0.0.0.0:8080"], "--cert"),
        (["--listen", "nonsense:port"], "--listen"),
        (["--listen", "0.0.0.0:8080", "--public-url", "http://noc.lan"], "--cert"),
        (["--key", __file__], "--key goes with --cert"),
        (["--public-url", "noc.lan"], "https://noc.lan/power"),
        (["--sessions", "0"], "--sessions"),
        (["--demmo"], "--demmo"),
        (["--config", "/no/such.toml"], "/no/such.toml: no such file"),
        (["--config", "/dev/null"], "/dev/null names no PDU"),
        (["--demo", "--cert", __file__], f"{__file__}: no certificate with its key in PEM"),
        (["--demo", "--seed", "x"], "--seed"),
        (["--demo", "--served", "10.0.0.1"], "No such option: --served"),
        (["--demo", "--token-file", "/no/such/file"], "/no/such/file"),
    ],
)
def test_what_is_wrong_is_said_before_anything_listens(
    words: list[str], said: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert cli.main(["serve", *words]) == 2
    assert said in capsys.readouterr().err


def test_tokens_that_are_none(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv(TOKEN, "short-one")
    assert cli.main(["serve", "--demo"]) == 2
    said = capsys.readouterr().err
    assert "too short" in said
    assert "short-one" not in said
    file = tmp_path / "token"
    file.write_text("\n")
    assert cli.main(["serve", "--demo", "--token-file", str(file)]) == 2
    assert "first line" in capsys.readouterr().err


def test_a_port_that_is_taken_is_named(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv(TOKEN, "0123456789abcdef")
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        place = f"127.0.0.1:{taken.getsockname()[1]}"
        assert cli.main(["serve", "--demo", "--listen", place]) == 2
    said = capsys.readouterr().err
    assert place in said
    assert "0123456789abcdef" not in said


def test_who_sits_at_a_browser_is_a_viewer_unless_control_is_allowed(tmp_path: Path) -> None:
    roles = RoleSettings(default="viewer", admin=("eva",))
    settings = Settings(state_dir=tmp_path, control=ControlSettings(roles=roles, read_only=True))
    eva = Actor(user="eva")
    served = for_browser(settings, "10.0.0.3")
    assert served.ui.served == "10.0.0.3"
    assert role_of(eva, served.control.roles) == "viewer"
    allowed = for_browser(
        Settings(state_dir=tmp_path, control=ControlSettings(roles=roles)), "10.0.0.3"
    )
    assert role_of(eva, allowed.control.roles) == "admin"


def test_no_word_takes_the_place_of_read_only() -> None:
    assert _console_arguments(("--demo",), allow_control=True) == ("--demo",)
    for words in (("--demo",), ("--demo", "--color", "16"), ("--demo", "--")):
        assert _console_arguments(words, allow_control=False) == ("--read-only", *words)
