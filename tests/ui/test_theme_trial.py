from __future__ import annotations

from pathlib import Path

import pytest
from textual.command import CommandInput, CommandList
from textual.pilot import Pilot

from pdutui.app import PduApp
from pdutui.settings import PduSettings, Settings, UiSettings
from pdutui.widgets.event_line import EventLine
from pdutui.widgets.themes import shipped_dir
from tests.support.clock import ManualClock
from tests.support.fake_engine import FakeEngine
from tests.ui.conftest import ACTOR, MakeApp

GOOD = (shipped_dir() / "amber.toml").read_text().replace('"amber"', '"mine"')


@pytest.fixture
def at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("pdutui.screens.theme_trial.SETTLED_S", 0.01)


async def search(app: PduApp, pilot: Pilot[int], text: str) -> None:
    await pilot.press("colon")
    app.screen.query_one(CommandInput).value = text
    await pilot.pause()
    await app.workers.wait_for_complete()
    await pilot.pause(0.05)
    assert app.screen.query_one(CommandList).option_count


def said(app: PduApp) -> str:
    return "".join(strip.text for strip in app.screen.query_one("#events", EventLine)._drawn)


@pytest.mark.usefixtures("at_once")
async def test_a_theme_is_tried_on_and_taken_off_again(make_app: MakeApp) -> None:
    app = make_app()
    async with app.run_test(size=(100, 30)) as pilot:
        await search(app, pilot, "theme amber")
        assert app.theme == "amber", "it is worn while it is pointed at"
        assert app.inks.ground() == "#16100a"
        typed = app.screen.query_one(CommandInput)
        assert typed.styles.color.hex == "#D6B98A", "what lies on top wears it too"
        await pilot.press("escape")
        await pilot.pause(0.05)
        assert app.theme == "noc-dark"
        await search(app, pilot, "amb")
        assert app.theme == "noc-dark", "what is only found is not tried on"
        await pilot.press("down", "up")
        await pilot.pause(0.05)
        assert app.theme == "amber", "what is gone to is"
        await pilot.press("enter")
        await pilot.pause(0.05)
        assert app.theme == "amber", "chosen, it stays"
        assert 'theme = "amber" under [ui]' in said(app), "and how to keep it is said"


async def test_a_theme_that_is_saved_is_put_on_anew(
    engine: FakeEngine, clock: ManualClock, tmp_path: Path
) -> None:
    folder = tmp_path / "themes"
    folder.mkdir()
    (folder / "mine.toml").write_text(GOOD)
    settings = Settings(
        state_dir=tmp_path,
        config_path=tmp_path / "config.toml",
        ui=UiSettings(theme="mine", color="truecolor", glyphs="unicode"),
        pdus=(PduSettings(name="ats-1"),),
    )
    app = PduApp(engine, settings, clock=clock, actor=ACTOR, env={})
    assert app.theme == "mine"
    assert not app._opened, "only the one that is worn is read for the first frame"
    async with app.run_test(size=(100, 30)) as pilot:
        await pilot.pause()
        app._look_at_theme_files()
        (folder / "mine.toml").write_text(GOOD.replace("#16100a", "#100c08"))
        app._look_at_theme_files()
        await pilot.pause()
        assert app.inks.ground() == "#100c08"
        assert app.get_css_variables()["background"].lower() == "#100c08", "Textual's part too"
        assert "put on anew" in said(app)
        (folder / "mine.toml").write_text(GOOD.replace('\noff = "', '\noff = "x'))
        app._look_at_theme_files()
        await pilot.pause()
        assert app.inks.ground() == "#100c08", "a broken save keeps the old one"
        assert "theme mine.toml:24: pdutui.off: 'x#" in said(app)
        (folder / "mine.toml").unlink()
        app._look_at_theme_files()
        await pilot.pause()
        assert app.theme == "mine", "what is worn is not torn off"


@pytest.mark.parametrize(
    ("ui", "worn"),
    [({"theme": "nonesuch"}, "noc-dark"), ({"color": "16"}, "noc-16"),
     ({"color": "16", "theme": "ansi-16"}, "ansi-16"), ({"color": "none"}, "noc-16"),
     ({"color": "256", "theme": "mono"}, "mono"), ({"theme": "nord"}, "nord")],
)  # fmt: skip
def test_which_theme_is_worn_first(make_app: MakeApp, ui: dict[str, str], worn: str) -> None:
    app = make_app(**ui)
    assert app.theme == worn
    unknown = ui.get("theme") == "nonesuch"
    assert bool(app.theme_problems) == unknown
    assert not unknown or "there are amber, ansi-16" in app.theme_problems[0]
    assert ("amber" in app.theme_names) == (ui.get("color") not in ("16", "none"))


async def test_a_long_palette_on_a_plain_terminal_is_of_whole_cells(make_app: MakeApp) -> None:
    app = make_app(glyphs="console")
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.press("colon")
        await app.workers.wait_for_complete()
        await pilot.pause(0.05)
        assert app.screen.query_one(CommandList).show_vertical_scrollbar
        drawn = {char for strip in app.screen._compositor.render_strips() for char in strip.text}
        assert not drawn & set("▁▂▃▄▅▆▇▊▎")
