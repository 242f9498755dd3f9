"""The options that say how to switch, the same in every command that does."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import click
import msgspec

from pdutui.cli.adding import Command, adding
from pdutui.cli.kinds import Number, utf8
from pdutui.domain.plan import LONGEST_PAUSE_S, OnFailure, Pace

PAUSE_S = 1.0
"""Between two outlets, where nothing else is said: an inrush is over by then."""
SETTLE_LIMIT_S = 30.0
"""The longest wait for a load to settle, where no longer one is said."""


class How(msgspec.Struct, frozen=True, kw_only=True):
    """What the command line says of the way to do it."""

    yes: bool
    dry_run: bool
    names: tuple[str, ...]
    """What --confirm-name said."""
    reason: str | None
    as_json: bool
    ticket: str | None = None
    wait: bool = False
    """Whether to wait for a second person's yes without a terminal too."""


class Pacing(msgspec.Struct, frozen=True, kw_only=True):
    """How the steps of a plan follow each other; None where nothing was said."""

    pause_s: float | None = None
    settle: bool = False
    on_failure: OnFailure | None = None

    @property
    def said(self) -> bool:
        """Whether anything was said."""
        return self != Pacing()

    @property
    def pace(self) -> Pace:
        """The plan's word for it."""
        return "settle" if self.settle else "delay"

    @property
    def seconds(self) -> float:
        """The pause, or the longest wait for the load to settle."""
        if self.pause_s is not None:
            return self.pause_s
        return SETTLE_LIMIT_S if self.settle else PAUSE_S


def how_options(*, name_help: str) -> Callable[[Command], Command]:
    """--yes, --dry-run, --confirm-name, --reason, --ticket, --wait, --json: the fields of How."""
    return adding(
        click.option("--yes", is_flag=True, help="Do not ask."),
        click.option(
            "--dry-run",
            is_flag=True,
            help="Say what would be done and what it would do to loads and devices; send and "
            "record nothing.",
        ),
        click.option(
            "--confirm-name",
            "names",
            metavar="NAME",
            callback=utf8,
            multiple=True,
            help=name_help,
        ),
        click.option("--reason", metavar="TEXT", callback=utf8, help="Why; kept in the audit."),
        click.option(
            "--ticket",
            metavar="T",
            callback=utf8,
            help="The change or incident it belongs to; kept in the audit.",
        ),
        click.option(
            "--wait",
            is_flag=True,
            help="Where a second person has to approve: wait for that, also without a terminal.",
        ),
        click.option("--json", "as_json", is_flag=True, help="One JSON object per result."),
    )


def pacing_options() -> Callable[[Command], Command]:
    """--pause, --settle and --on-failure: the fields of Pacing."""
    return adding(
        click.option(
            "--pause",
            "pause_s",
            metavar="S",
            type=Number(0, LONGEST_PAUSE_S),
            help=f"Between two outlets (default {PAUSE_S:g}); with --settle the longest wait, at "
            f"least {SETTLE_LIMIT_S:g}.",
        ),
        click.option(
            "--settle",
            is_flag=True,
            help="Wait until the load of the PDU has settled before the next outlet.",
        ),
        click.option(
            "--on-failure",
            type=click.Choice(["stop", "continue"]),
            help="What to do when an outlet does not follow (default stop).",
        ),
    )


def take_pacing(rest: dict[str, Any]) -> Pacing:
    """Take what `pacing_options` brought out of a command's arguments."""
    return Pacing(**{field: rest.pop(field) for field in Pacing.__struct_fields__})
