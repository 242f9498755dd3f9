"""Trying a device out from the console: what answered, and into the file only if asked."""

from __future__ import annotations

import stat
from pathlib import Path

import pytest
from textual.pilot import Pilot
from textual.widgets import Input

from pdutui.app import PduApp
from pdutui.backends.mock.build import mock_pdu
from pdutui.backends.snmp.profile_load import load_builtin
from pdutui.backends.snmp.serve import ModelMib
from pdutui.config import load_settings
from pdutui.domain.clock import SystemClock
from pdutui.screens.connect import ConnectScreen
from pdutui.screens.entry_name import EntryNameScreen
from tests.support.agent import ServedMib
from tests.ui.conftest import MakeApp
from tests.ui.test_console import settle, text


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where the configuration goes."""
    file = tmp_path / "etc" / "config.toml"
    file.parent.mkdir()
    file.touch(0o600)
    monkeypatch.setenv("PDUTUI_CONFIG", str(file))
    return file


def served() -> ServedMib:
    clock = SystemClock()
    model = mock_pdu("pdu44001", start_s=clock.monotonic(), incidents=False)
    return ServedMib(ModelMib(load_builtin("cyberpower-epdu"), model, clock=clock))


async def until(pilot: Pilot[int], words: str, seconds: float = 8.0) -> str:
    """Wait for words on the screen."""
    app = pilot.app
    assert isinstance(app, PduApp)
    for _ in range(int(seconds / 0.05)):
        await pilot.pause(0.05)
        if words in text(app):
            return text(app)
    pytest.fail(f"{words!r} never came:\n{text(app)}")


def opened(make_app: MakeApp, home: Path) -> PduApp:
    app = make_app(env={"PDUTUI_CONFIG": str(home)})
    app.clock = SystemClock()
    return app


async def test_every_step_is_told_and_nothing_is_written(make_app: MakeApp, home: Path) -> None:
    app = opened(make_app, home)
    async with served() as device, app.run_test(size=(80, 24)) as pilot:
        await settle(pilot)
        await pilot.press("t")
        await settle(pilot)
        assert isinstance(app.screen, ConnectScreen)
        app.screen.query_one("#host", Input).value = f"127.0.0.1:{device.port}"
        app.screen.query_one("#write_community", Input).value = "private"
        await pilot.press("enter")
        said = await until(pilot, "community is taken; 10 outlets")
        said = " ".join(said.split())
        for words in ("an SNMP agent is there", "the community is taken",
                      "CyberPower PDU44001 (profile cyberpower-epdu)", "was written",
                      "Add to the configuration"):  # fmt: skip
            assert words in said
        assert "private" not in said
    assert home.read_text() == ""


async def test_a_wrong_community_is_named_and_cannot_be_added(
    make_app: MakeApp, home: Path
) -> None:
    app = opened(make_app, home)
    async with served() as device, app.run_test(size=(80, 24)) as pilot:
        await settle(pilot)
        await pilot.press("t")
        await settle(pilot)
        app.screen.query_one("#host", Input).value = f"127.0.0.1:{device.port}"
        app.screen.query_one("#community", Input).value = "guessed"
        await pilot.press("enter")
        said = await until(pilot, "not tried", 15.0)
        assert "but not to this" in said or "no answer to this" in said
        assert "guessed" not in said
        assert "Add to the configuration" not in said


@pytest.mark.parametrize(
    ("field", "value", "said"),
    [("host", "a b", "is no host name"), ("profile", "apcc", "no profile 'apcc'")],
)
async def test_what_cannot_be_meant_is_said_before_anything_is_sent(
    make_app: MakeApp, home: Path, field: str, value: str, said: str
) -> None:
    app = opened(make_app, home)
    async with app.run_test(size=(80, 24)) as pilot:
        await settle(pilot)
        await pilot.press("t")
        await settle(pilot)
        app.screen.query_one("#host", Input).value = "192.0.2.1"
        app.screen.query_one(f"#{field}", Input).value = value
        await pilot.press("enter")
        await until(pilot, said)
        assert app.focused is not None
        assert app.focused.id == field


async def test_it_is_added_only_when_asked_and_its_secrets_beside_it(
    make_app: MakeApp, home: Path
) -> None:
    app = opened(make_app, home)
    async with served() as device, app.run_test(size=(100, 30)) as pilot:
        await settle(pilot)
        await pilot.press("t")
        await settle(pilot)
        app.screen.query_one("#host", Input).value = f"127.0.0.1:{device.port}"
        app.screen.query_one("#write_community", Input).value = "private"
        await pilot.press("enter")
        await until(pilot, "community is taken; 10 outlets")
        app.screen.query_one("#add").focus()
        await pilot.press("enter")
        await settle(pilot)
        assert isinstance(app.screen, EntryNameScreen)
        app.screen.query_one("#name", Input).value = "rack9-a"
        await pilot.press("enter")
        await until(pilot, "rack9-a added to")
    assert "private" not in home.read_text()
    [pdu] = load_settings(config=home, env={}).pdus
    assert (pdu.name, pdu.host, pdu.port) == ("rack9-a", "127.0.0.1", device.port)
    assert pdu.write_community is not None
    assert pdu.write_community.reveal() == "private"
    [secret] = list((home.parent / "secrets").iterdir())
    assert stat.S_IMODE(secret.stat().st_mode) == 0o600
    assert stat.S_IMODE(secret.parent.stat().st_mode) == 0o700


@pytest.mark.parametrize("size", [(80, 24), (60, 18), (200, 60)])
async def test_v3_has_its_own_fields(make_app: MakeApp, home: Path, size: tuple[int, int]) -> None:
    app = opened(make_app, home)
    async with app.run_test(size=size) as pilot:
        await settle(pilot)
        await pilot.press("t", "down", "space", "space")
        await settle(pilot)
        said = text(app)
        assert "< 3 >" in said
        assert "authentication" in said
        assert "community" not in said
        await pilot.press("down", "down", "space")
        await settle(pilot)
        assert "< MD5 >" in text(app)
        assert app.screen.query_one("#auth_key", Input).display
