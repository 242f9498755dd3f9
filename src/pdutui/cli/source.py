"""`pdutui source`: which source the transfer switch of a PDU prefers, through the gate."""

from __future__ import annotations

import os
from pathlib import Path
from typing import cast

import click

from pdutui.cli.ending import run_to_the_end
from pdutui.cli.kinds import utf8
from pdutui.cli.quiet import quiet_logging
from pdutui.cli.target import TargetOptions, config_option, resolve_targets, target_options
from pdutui.domain.clock import SystemClock
from pdutui.domain.commands import PduAction


@click.command()
@click.argument("target_text", metavar="TARGET")
@click.argument(
    "source_name", metavar="A|B|none", type=click.Choice(["A", "B", "none"], case_sensitive=False)
)
@click.option("--yes", is_flag=True, help="Do not ask.")
@click.option("--dry-run", is_flag=True, help="Say what would be done; send and record nothing.")
@click.option(
    "--confirm-name",
    "names",
    metavar="NAME",
    callback=utf8,
    multiple=True,
    help="The PDU's name, typed out: needed for a source that is not known to be normal.",
)
@click.option("--reason", metavar="TEXT", callback=utf8, help="Why; kept in the audit.")
@click.option("--json", "as_json", is_flag=True, help="One JSON object.")
@target_options
@config_option
def source(
    target_text: str,
    source_name: str,
    yes: bool,
    dry_run: bool,
    names: tuple[str, ...],
    reason: str | None,
    as_json: bool,
    config_file: Path | None,
    target: TargetOptions,
) -> int:
    """Set the preferred source of a transfer switch, read back until it shows.

    TARGET is a configured PDU or HOST[:PORT]. The switch moves the load by its own rules once its
    preference has changed; on some devices (Raritan) it moves at once. 'none' prefers neither,
    where the device knows that.

    Exit codes as of 'pdutui outlet'. Every attempt is in 'pdutui audit'.
    """
    from pdutui.cli.session import Session
    from pdutui.cli.switching import Request, Switching
    from pdutui.config import load_settings

    quiet_logging()
    settings = load_settings(config=config_file, env=os.environ)
    for warning in settings.warnings:
        click.echo(f"pdutui: warning: {warning}", err=True)
    (pdu,) = resolve_targets((target_text,), settings, target, os.environ)
    request = Request(
        selector="",
        action=cast("PduAction", f"prefer_{source_name.lower()}"),
        yes=yes,
        dry_run=dry_run,
        names=names,
        reason=reason,
        as_json=as_json,
    )

    async def work() -> int:
        async with Session(pdu, settings, clock=SystemClock(), audited=not dry_run) as session:
            return await Switching(session, request).run()

    return run_to_the_end(work())
