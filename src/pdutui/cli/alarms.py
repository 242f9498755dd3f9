"""`pdutui alarms`: what is wrong, taking note of it, keeping it quiet, and what became of it."""

from __future__ import annotations

import click

from pdutui.cli.lazy import LazySubgroup

ALARMS_COMMANDS: dict[str, tuple[str, str]] = {
    "list": ("pdutui.cli.alarms_list:list_", "What is wrong now (the default)."),
    "ack": ("pdutui.cli.alarms_deeds:ack", "Take note of alarms, with a comment."),
    "silence": ("pdutui.cli.alarms_deeds:silence", "Keep alarms of a PDU quiet for a time."),
    "unsilence": ("pdutui.cli.alarms_deeds:unsilence", "End silences."),
    "history": ("pdutui.cli.alarms_history:history", "What became of alarms, newest last."),
    "budgets": ("pdutui.cli.alarms_budgets:budgets", "Energy budgets and what was used of them."),
    "test-hook": ("pdutui.cli.alarms_hook:test_hook", "Run the hook once with a sample alarm."),
}
"""Name -> (module:attribute, one line for the help)."""


class _ListByDefault(LazySubgroup):
    """Without a sub-command, `list` is meant."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Put `list` in front of anything that is neither a sub-command nor `--help`."""
        options = not args or (args[0].startswith("-") and args[0] not in ("-h", "--help"))
        if options and not ctx.resilient_parsing:
            args = ["list", *args]
        return super().parse_args(ctx, args)


@click.group(
    cls=_ListByDefault,
    table=ALARMS_COMMANDS,
    subcommand_metavar="[COMMAND | OPTIONS of list]",
    options_metavar="",
)
def alarms() -> None:
    """What is wrong, taking note of it, keeping it quiet, and what became of it.

    Alarms are judged by a console as it runs, and kept in the state directory; see docs/alarms.md.
    """
