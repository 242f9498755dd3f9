"""`pdutui poll`: readings without the console, as a table or as JSON lines."""

from __future__ import annotations

import asyncio
import math
import os
import sys
from collections.abc import Callable
from pathlib import Path

import click

from pdutui.backends.base import Backend, BackendError, Refused, Unreachable
from pdutui.cli.build import Shared, build_backend
from pdutui.cli.exits import BAD_NEWS, DONE, UNREACHABLE
from pdutui.cli.kinds import Number
from pdutui.cli.quiet import quiet_logging
from pdutui.cli.target import (
    TargetOptions,
    config_option,
    is_configured,
    resolve_targets,
    target_options,
)
from pdutui.domain.clock import Clock, SystemClock
from pdutui.domain.reading import Reading, to_json
from pdutui.engine.overrides import Overrides
from pdutui.engine.shown import shown
from pdutui.settings import PduSettings, Settings


@click.command()
@click.argument("targets", metavar="TARGET...", nargs=-1, required=True)
@click.option("--json", "as_json", is_flag=True, help="One JSON object a line.")
@click.option(
    "--count",
    metavar="N",
    type=click.IntRange(min=0),
    default=1,
    show_default=True,
    help="Readings of each target; 0: until it is interrupted.",
)
@click.option(
    "--interval",
    metavar="S",
    type=Number(0.2, 3600),
    help="Seconds from one reading to the next (default: [poll] interval_s, 1).",
)
@target_options
@config_option
def poll(
    targets: tuple[str, ...],
    as_json: bool,
    count: int,
    interval: float | None,
    config_file: Path | None,
    target: TargetOptions,
) -> int:
    """Read PDUs and print what they say.

    TARGET is the name of a configured PDU, or HOST[:PORT]. Several are read side by side.

    Ends with 0 if every target answered when it was last asked, with 3 if one could not be reached
    or refused the community or user, with 1 if one answered but is no PDU that is known, or
    answered with an error.
    """
    from pdutui.config import load_settings

    quiet_logging()
    settings = load_settings(config=config_file, env=os.environ)
    for warning in settings.warnings:
        click.echo(f"pdutui: warning: {warning}", err=True)
    pdus = resolve_targets(targets, settings, target, os.environ)
    printer, shared = Printer(as_json=as_json), Shared(settings.profile_dir)
    by_name = {pdu.name: pdu for pdu in pdus}
    names = Overrides(settings.state_dir)
    names.load()
    if names.problem:
        click.echo(f"pdutui: warning: {names.problem}", err=True)
    return asyncio.run(
        poll_all(
            pdus,
            SystemClock(),
            count=count,
            interval_s=interval or settings.poll.interval_s,
            emit=lambda raw: printer.reading(shown(raw, by_name[raw.pdu], names)),
            complain=lambda pdu, error: printer.error(pdu, explain(pdu, error, settings)),
            make=lambda pdu, clock: build_backend(pdu, clock, shared=shared),
        )
    )


class Printer:
    """Readings to standard output, line-buffered whole; errors to standard error."""

    def __init__(self, *, as_json: bool) -> None:
        self._as_json = as_json
        self._first = True

    def reading(self, reading: Reading) -> None:
        """Print one reading and flush, so that a reader at the other end has it now."""
        if self._as_json:
            text = to_json(reading).decode()
        else:
            from pdutui.cli.text import reading_text

            text = ("" if self._first else "\n") + reading_text(reading)
        self._first = False
        click.echo(text)
        sys.stdout.flush()

    def error(self, pdu: PduSettings, text: str) -> None:
        """Print why there is no reading."""
        click.echo(f"pdutui: {pdu.name}: {text}", err=True)


def explain(pdu: PduSettings, error: BackendError, settings: Settings) -> str:
    """The error for people; for a bare word that is no configured PDU, what would be one."""
    text = str(error)
    bare = not any(c in pdu.host for c in ".:")
    if isinstance(error, Unreachable) and bare and not is_configured(pdu, settings):
        names = ", ".join(known.name for known in settings.pdus) or "none"
        text += f" (not a configured PDU either; configured: {names})"
    return text


async def poll_all(
    pdus: tuple[PduSettings, ...],
    clock: Clock,
    *,
    count: int,
    interval_s: float,
    emit: Callable[[Reading], None],
    complain: Callable[[PduSettings, BackendError], None],
    make: Callable[[PduSettings, Clock], Backend],
) -> int:
    """Read all PDUs side by side, `count` times each (0: for ever); returns the exit code."""
    codes = await asyncio.gather(
        *(
            _poll_one(pdu, make(pdu, clock), clock, count, interval_s, emit, complain)
            for pdu in pdus
        )
    )
    return max(codes, default=DONE)


async def _poll_one(
    pdu: PduSettings,
    backend: Backend,
    clock: Clock,
    count: int,
    interval_s: float,
    emit: Callable[[Reading], None],
    complain: Callable[[PduSettings, BackendError], None],
) -> int:
    """Poll on a fixed grid from the start: no drift, and a slot that was missed is skipped."""
    code = DONE
    done = 0
    slot = 0
    started = clock.monotonic()
    try:
        while count == 0 or done < count:
            await clock.sleep(started + slot * interval_s - clock.monotonic())
            try:
                emit(await backend.poll())
                code = DONE
            except BackendError as error:
                complain(pdu, error)
                code = UNREACHABLE if isinstance(error, Unreachable | Refused) else BAD_NEWS
            done += 1
            slot = max(slot + 1, math.ceil((clock.monotonic() - started) / interval_s))
    finally:
        await backend.aclose()
    return code
