"""`pdutui outlet`: switch outlets through the same gate as the console, without its screen."""

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
from pdutui.domain.commands import OutletAction


@click.command()
@click.argument("target_text", metavar="TARGET")
@click.argument("selector", metavar="OUTLETS", callback=utf8)
@click.argument("action", type=click.Choice(["on", "off", "reboot"]))
@click.option("--yes", is_flag=True, help="Do not ask.")
@click.option("--dry-run", is_flag=True, help="Say what would be done; send and record nothing.")
@click.option(
    "--confirm-name",
    "names",
    metavar="NAME",
    callback=utf8,
    multiple=True,
    help="The name of a protected outlet, typed out: --yes alone does not switch one.",
)
@click.option("--reason", metavar="TEXT", callback=utf8, help="Why; kept in the audit.")
@click.option("--json", "as_json", is_flag=True, help="One JSON object per outlet.")
@target_options
@config_option
def outlet(
    target_text: str,
    selector: str,
    action: str,
    yes: bool,
    dry_run: bool,
    names: tuple[str, ...],
    reason: str | None,
    as_json: bool,
    config_file: Path | None,
    target: TargetOptions,
) -> int:
    """Switch outlets of one PDU, one after the other, each read back until it shows.

    TARGET is a configured PDU or HOST[:PORT]. OUTLETS is a number, a list like 1-4,7, or the name
    of one outlet. The first outlet that does not switch ends the run.

    Ends with 0 if every outlet was seen to switch, with 1 if one was not, with 3 if the PDU could
    not be reached, with 4 if it was refused: not confirmed, protected, read only. Every attempt is
    in 'pdutui audit'.
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
        selector=selector,
        action=cast("OutletAction", action),
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
