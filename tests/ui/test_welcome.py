"""The first screen where nothing is configured, and what it leads to."""

from __future__ import annotations

import resource
import stat
from pathlib import Path

import pytest
from textual.pilot import Pilot
from textual.widgets import Input

from pdutui.config import load_settings
from pdutui.config_errors import ConfigError
from pdutui.domain.clock import SystemClock
from pdutui.domain.secret import Secret
from pdutui.engine.search import Search
from pdutui.engine.trial import Trial, pdu_of
from pdutui.keys import welcome as keys
from pdutui.screens.connect import ConnectScreen
from pdutui.screens.first_steps import FirstSteps
from pdutui.screens.search import SearchScreen
from pdutui.screens.welcome import short
from pdutui.screens.welcome_app import WelcomeApp
from pdutui.settings import Settings, UiSettings
from tests.cli.test_reload import served
from tests.ui.test_console import settle

TEMPLATE = '[[pdu]]\nname = "example"\nbackend = "mock"\n'


@pytest.fixture
def steps(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> FirstSteps:
    monkeypatch.setenv("HOME", str(tmp_path))
    settings = Settings(state_dir=tmp_path, ui=UiSettings(color="truecolor", glyphs="unicode"))
    return FirstSteps(
        settings,
        file=tmp_path / "etc" / "config.toml",
        clock=SystemClock(),
        template=lambda: TEMPLATE,
        env={"PDUTUI_STATE_DIR": str(tmp_path)},
    )


def text(app: WelcomeApp) -> str:
    """What stands on the screen."""
    rows = app.screen._compositor.render_strips()
    return "\n".join("".join(piece.text for piece in row).rstrip() for row in rows)


async def until(pilot: Pilot[int], words: str) -> None:
    app = pilot.app
    assert isinstance(app, WelcomeApp)
    for _ in range(100):
        if words in text(app):
            return
        await pilot.pause(0.05)
    pytest.fail(f"{words!r} never came:\n{text(app)}")


async def test_it_says_what_there_is_and_writes_a_template_over_nothing(steps: FirstSteps) -> None:
    app = WelcomeApp(steps)
    async with app.run_test(size=(80, 24)) as pilot:
        await settle(pilot)
        for words in ("~/etc/config.toml is not there", "d   Look around", "t   Try a device",
                      "s   Search a network", "w   Write a configuration", "q   Quit"):  # fmt: skip
            assert words in text(app)
        assert "…" not in text(app)
        await pilot.press("w")
        await settle(pilot)
        assert steps.file.read_text() == TEMPLATE
        assert stat.S_IMODE(steps.file.stat().st_mode) == 0o600
        assert "▶ o   Open the console" in text(app)
        steps.file.write_text("mine")
        await pilot.press("w")
        await settle(pilot)
        assert "is there already: it is not overwritten" in text(app)
        assert steps.file.read_text() == "mine"
        await pilot.resize_terminal(40, 12)
        await settle(pilot)
        for words in ("Open the console", "Quit"):
            assert words in text(app)
        await pilot.resize_terminal(80, 24)
        await pilot.press("question_mark")
        await settle(pilot)
        assert "search a network for PDUs" in text(app)
        await pilot.press("escape", "home", "enter")
        await settle(pilot)
    assert (steps.choice, app.return_code) == ("configured", 0)


async def test_a_device_is_tried_and_shown_without_writing_anything(steps: FirstSteps) -> None:
    app = WelcomeApp(steps)
    async with served() as device, app.run_test(size=(80, 24)) as pilot:
        await settle(pilot)
        await pilot.press("down", "enter")
        await settle(pilot)
        assert isinstance(app.screen, ConnectScreen)
        assert "Look around" not in text(app)  # nothing sticks out behind the dialog
        app.screen.query_one("#host", Input).value = f"127.0.0.1:{device.port}"
        await pilot.press("enter")
        await until(pilot, "[ Show it ]")
        app.screen.query_one("#show").focus()
        await pilot.press("enter")
        await settle(pilot)
    assert steps.choice == "device"
    assert steps.device is not None
    assert (steps.device.host, steps.device.port) == ("127.0.0.1", device.port)
    assert steps.device.write_community is None
    assert not steps.file.exists()


async def test_a_network_is_searched_and_what_is_found_written_down(steps: FirstSteps) -> None:
    app = WelcomeApp(steps)
    async with served() as one, served() as two, app.run_test(size=(120, 36)) as pilot:
        await settle(pilot)
        await pilot.press("s")
        await settle(pilot)
        assert isinstance(app.screen, SearchScreen)
        network = app.screen.query_one("#network", Input)
        network.value = "8.8.8.0/24"
        await pilot.press("enter")
        await until(pilot, "'8.8.8.0/24' is public")
        assert "'pdutui discover" in text(app)
        network.value = f"127.0.0.1:{one.port}, 127.0.0.1:{two.port}"
        app.screen.query_one("#write_community", Input).value = "hush-hush"
        await pilot.press("enter")
        await until(pilot, "2 of 2  2 PDUs  done")
        assert "CyberPower PDU44001" in text(app)
        assert "hush" not in text(app)
        app.screen.query_one("#write").focus()
        await pilot.press("enter")
        await settle(pilot)
    assert steps.choice == "configured"
    found = load_settings(config=steps.file, env=steps.env).pdus
    assert [pdu.name for pdu in found] == ["ATS-R2", "ATS-R2-2"]
    assert [pdu.write_community for pdu in found] == [Secret("hush-hush")] * 2
    assert "hush" not in steps.file.read_text()
    (kept,) = (steps.file.parent / "secrets").iterdir()
    assert stat.S_IMODE(kept.stat().st_mode) == 0o600


async def test_a_search_that_cannot_be_written_leaves_everything_as_it_was(
    steps: FirstSteps,
) -> None:
    steps.file.parent.mkdir()
    steps.file.write_text('[[pdu]]\nname = "x"\nhost = 3\n')
    before = steps.file.read_bytes()
    async with served() as device:
        search = Search(
            community=Secret("public"), write_community=Secret(""), clock=SystemClock(),
            profile_dir=None, changed=lambda: None,
        )  # fmt: skip
        await search.run(f"127.0.0.1:{device.port}")
        with pytest.raises(ConfigError, match="host must be text"):
            search.keep(steps.file, steps.env)
    assert steps.file.read_bytes() == before
    assert list((steps.file.parent / "secrets").iterdir()) == []
    steps.file.unlink()
    assert search.keep(steps.file, steps.env, taken=["ATS-R2"]) == ["ATS-R2-2"]


def test_a_template_is_not_written_through_a_link_or_where_nobody_may(
    steps: FirstSteps, tmp_path: Path
) -> None:
    steps.file.parent.mkdir()
    steps.file.symlink_to(tmp_path / "elsewhere")
    assert steps.there
    with pytest.raises(ConfigError, match="not overwritten"):
        steps.write_template()
    assert not (tmp_path / "elsewhere").exists()
    steps.file.unlink()
    steps.file.parent.rmdir()
    steps.file.parent.touch()
    with pytest.raises(ConfigError, match="cannot be written"):
        steps.write_template()
    assert not steps.written


def test_half_a_template_is_none(steps: FirstSteps) -> None:
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (5, hard))  # as on a disk that is full
    try:
        with pytest.raises(ConfigError, match="cannot be written: File too large"):
            steps.write_template()
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
    assert not steps.there
    steps.write_template()
    assert steps.written


def test_a_device_as_tried_is_never_given_what_nobody_typed() -> None:
    pdu = pdu_of(Trial(host="10.0.0.5"))
    assert (pdu.name, pdu.community, pdu.write_community) == ("10.0.0.5", Secret("public"), None)
    assert {key.id for key in keys.ENTRIES} >= {"welcome.demo", "quit"}


@pytest.mark.parametrize(("home", "said"), [("/home/ada", "~/x/y"), ("", "/home/ada/x/y")])
def test_a_path_is_short_where_there_is_a_home(
    monkeypatch: pytest.MonkeyPatch, home: str, said: str
) -> None:
    monkeypatch.setenv("HOME", home)
    assert short(Path("/home/ada/x/y")) == said
