"""A group of sub-commands that says which one was probably meant."""

from __future__ import annotations

from typing import Any

import click

from pdutui.config_errors import nearest


class NearGroup(click.Group):
    """As click's; an unknown sub-command is answered with the nearest, or with those there are."""

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """The sub-command. Fails for one that there is not."""
        name: Any = args[0]
        names = self.list_commands(ctx)
        if name not in names and not name.startswith("-") and not ctx.resilient_parsing:
            near = nearest(name, names)
            hint = f"did you mean {near!r}?" if near else f"there are: {', '.join(names)}"
            ctx.fail(f"No such command {name!r}; {hint}")
        return super().resolve_command(ctx, args)
