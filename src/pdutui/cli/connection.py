"""`pdutui config test`: a connection tried step by step."""

from __future__ import annotations

import json
import os
from pathlib import Path

import click

from pdutui.cli.build import build_backend, snmp_target
from pdutui.cli.ending import run_to_the_end
from pdutui.cli.exits import BAD_NEWS, DONE, UNREACHABLE, CliError
from pdutui.cli.quiet import quiet_logging
from pdutui.cli.target import TargetOptions, config_option, resolve_targets, target_options
from pdutui.cli.text import clean
from pdutui.domain.clock import SystemClock

_CODES = {
    "reachable": UNREACHABLE,
    "snmp": UNREACHABLE,
    "credentials": UNREACHABLE,
    "recognised": BAD_NEWS,
    "readable": BAD_NEWS,
    "writable": BAD_NEWS,
}
_NEEDED = ("reachable", "snmp", "credentials", "recognised", "readable")


@click.command("test")
@click.argument("target_name", metavar="TARGET")
@click.option("--json", "as_json", is_flag=True, help="One JSON object for each step.")
@target_options
@config_option
def test_command(
    target_name: str, as_json: bool, config_file: Path | None, target: TargetOptions
) -> int:
    """Try a connection and say step by step how far it gets. Nothing is written to the device.

    TARGET is the name of a configured PDU, or HOST[:PORT].

    Ends with 0 if the device can be read, with 3 if it does not answer or refuses the credentials,
    with 1 if it is no PDU that is known, cannot be read, or does not take the write credentials.
    """
    from pdutui.backends.snmp.connection_test import TITLES, Step, try_connection
    from pdutui.config import load_settings

    quiet_logging()
    settings = load_settings(config=config_file, env=os.environ)
    for warning in settings.warnings:
        click.echo(f"pdutui: warning: {warning}", err=True)
    (pdu,) = resolve_targets((target_name,), settings, target, os.environ)
    if pdu.backend == "mock":
        raise CliError(f'{pdu.name} is a model (backend = "mock"): there is no connection to test')
    clock = SystemClock()

    def show(step: Step) -> None:
        if as_json:
            click.echo(json.dumps({"step": step.name, "state": step.state, "words": step.words}))
        else:
            click.echo(f"{step.state:<7}  {TITLES[step.name]:<17}  {clean(step.words)}")

    async def work() -> int:
        code = DONE
        steps = try_connection(
            snmp_target(pdu),
            clock=clock,
            backend=lambda _: build_backend(pdu, clock, settings.profile_dir),
        )
        async for step in steps:
            show(step)
            wanting = step.state == "failed" or (step.state == "unknown" and step.name in _NEEDED)
            if wanting and code == DONE:
                code = _CODES[step.name]
        return code

    return run_to_the_end(work())
