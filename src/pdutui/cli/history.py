"""`pdutui history`: what was recorded, how it is kept, and getting it out."""

from __future__ import annotations

import click

from pdutui.cli.lazy import LazySubgroup

HISTORY_COMMANDS: dict[str, tuple[str, str]] = {
    "list": ("pdutui.cli.history_list:list_", "The PDUs in the database, and since when."),
    "check": (
        "pdutui.cli.history_check:check",
        "Is it whole, what time was lost, how much disk does it take.",
    ),
    "export": ("pdutui.cli.history_export:export", "Readings as CSV, JSON or line protocol."),
    "report": (
        "pdutui.cli.history_report:report",
        "Energy by hour, day, week, month; cost; weekly reports.",
    ),
    "backup": ("pdutui.cli.history_backup:backup", "A copy of the database, while it is used."),
    "prune": ("pdutui.cli.history_prune:prune", "Delete readings before their time."),
}
"""Name -> (module:attribute, one line for the help)."""


@click.group(cls=LazySubgroup, table=HISTORY_COMMANDS)
def history() -> None:
    """What was recorded: what there is, whether it is whole, and getting it out.

    Readings are kept by the console as it runs. See docs/history.md.
    """
