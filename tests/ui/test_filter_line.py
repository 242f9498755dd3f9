"""The line in which a filter is typed, on every screen that has one."""

from __future__ import annotations

from textual.events import Key
from textual.widgets import Input

from pdutui.screens.live import LiveScreen
from tests.ui.conftest import MakeApp

DOORS = ("", "fleet", "pairs", "alarms", "events", "audit")
"""The PDU screen, and those that lie on it."""
TYPED = "/stop"
"""Each of its letters is a key of one screen or another: sort, cards, turn on, plans."""


async def test_what_is_typed_behind_the_key_is_seen_and_none_of_it_is_another_key(
    make_app: MakeApp,
) -> None:
    app = make_app()
    async with app.run_test(size=(120, 36)) as pilot:
        await pilot.pause(0.2)
        for door in DOORS:
            if door:
                app.action_door(door)
                await pilot.pause()
            screen = app.screen
            assert isinstance(screen, LiveScreen)
            for letter in TYPED:  # faster than the field can be there
                name = "slash" if letter == "/" else letter
                app.post_message(Key(name, letter))
            await pilot.pause()
            await pilot.pause()
            assert app.screen is screen, door
            field = screen.query_one(Input)
            assert field.value == TYPED[1:], door
            assert field.has_focus, door
            assert field.content_size.height == 1, f"{door}: no frame takes its only row"
            assert field.render_line(0).text.startswith(TYPED[1:]), door
            await pilot.press("escape")
            await pilot.pause()
            assert not field.has_focus, door
