"""What `outlet` and `source` share: the options that say how, and the run from there to the end."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

import click

from pdutui.cli.ending import run_to_the_end
from pdutui.cli.kinds import utf8
from pdutui.cli.quiet import quiet_logging
from pdutui.cli.target import TargetOptions, resolve_targets
from pdutui.domain.clock import SystemClock
from pdutui.domain.commands import Action

_Command = TypeVar("_Command", bound=Callable[..., Any])


def how_options(*, name_help: str) -> Callable[[_Command], _Command]:
    """--yes, --dry-run, --confirm-name, --reason and --json.

    The command gets them as `yes`, `dry_run`, `names`, `reason` and `as_json`.
    """
    options = (
        click.option("--yes", is_flag=True, help="Do not ask."),
        click.option(
            "--dry-run", is_flag=True, help="Say what would be done; send and record nothing."
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
        click.option("--json", "as_json", is_flag=True, help="One JSON object per result."),
    )

    def add(command: _Command) -> _Command:
        decorated: Any = command
        for option in reversed(options):
            decorated = option(decorated)
        return decorated  # type: ignore[no-any-return]

    return add


def carry_out(
    target_text: str,
    action: Action,
    *,
    selector: str,
    delay_s: int | None,
    config_file: Path | None,
    target: TargetOptions,
    how: dict[str, Any],
) -> int:
    """Find the PDU, ask, switch, say how it ended; returns the exit code.

    Args:
        target_text: a configured name, or an address.
        action: what to do.
        selector: which outlets; empty for the transfer switch.
        delay_s: of a delayed action, where the device takes one.
        config_file: the configuration named on the command line.
        target: the target options.
        how: what the options of `how_options` said.
    """
    from pdutui.cli.session import Session
    from pdutui.cli.switching import Request, Switching
    from pdutui.config import load_settings

    quiet_logging()
    settings = load_settings(config=config_file, env=os.environ)
    for warning in settings.warnings:
        click.echo(f"pdutui: warning: {warning}", err=True)
    (pdu,) = resolve_targets((target_text,), settings, target, os.environ)
    request = Request(selector=selector, action=action, delay_s=delay_s, **how)

    async def work() -> int:
        audited = not request.dry_run
        async with Session(pdu, settings, clock=SystemClock(), audited=audited) as session:
            return await Switching(session, request).run()

    return run_to_the_end(work())
