"""The command palette of the plan screen: its keys by name, plans, themes."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from typing import TYPE_CHECKING, cast

from pdutui.keys.plans import KEYS
from pdutui.screens.commands import Command, Commands
from pdutui.screens.plan_words import plan_sign
from pdutui.widgets.text import clean

if TYPE_CHECKING:
    from pdutui.app import PduApp
    from pdutui.screens.plans import PlansScreen


class PlanCommands(Commands):
    """Finds commands."""

    def listed(self) -> Iterator[Command]:
        """Keys by name, then plans, then themes."""
        app, screen = cast("PduApp", self.app), cast("PlansScreen", self.screen)
        for key in KEYS:
            if key.id != "plans.palette":
                text = f"{key.helps[:1].upper()}{key.helps[1:]} ({key.shown})"
                yield Command(text, partial(app.call_later, screen.run_action, key.action))
        for view in screen.scene().plans:
            name = clean(view.plan.title, app.glyphs.ascii_only)
            text = f"Plan {view.plan.id} {name} ({plan_sign(view, app.glyphs).word.lower()})"
            yield Command(text, partial(app.call_later, screen.choose, view.plan.id))
        for theme in app.theme_names:
            if theme != app.theme:
                yield Command(f"Theme {theme}", partial(app.wear, theme))
        yield Command("Quit (ctrl+q)", app.action_quit)
