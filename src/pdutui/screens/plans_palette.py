"""The command palette of the plan screen."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from typing import TYPE_CHECKING, cast

from pdutui.screens.commands import Command, Commands
from pdutui.screens.plan_words import plan_sign
from pdutui.widgets.text import clean

if TYPE_CHECKING:
    from pdutui.screens.plans import PlansScreen


class PlanCommands(Commands):
    """Finds commands."""

    def listed(self) -> Iterator[Command]:
        """Keys by name, then plans."""
        app, screen = self.console, cast("PlansScreen", self.screen)
        yield from self.keys()
        for view in screen.scene().plans:
            name = clean(view.plan.title, app.glyphs.ascii_only)
            text = f"Plan {view.plan.id} {name} ({plan_sign(view, app.glyphs).word.lower()})"
            yield Command(text, partial(app.call_later, screen.choose, view.plan.id))
