"""`pdutui capture`: a device's walk as a recording, for the support of new models."""

from __future__ import annotations

import asyncio
import os
import time
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

import click
import msgspec

from pdutui.backends.base import DeviceError, Refused, Unreachable
from pdutui.cli.build import snmp_target
from pdutui.cli.ending import run_to_the_end
from pdutui.cli.exits import BAD_NEWS, DONE, INTERRUPTED, UNREACHABLE, CliError
from pdutui.cli.progress import ProgressLine
from pdutui.cli.quiet import quiet_logging
from pdutui.cli.target import TargetOptions, config_option, resolve_targets, target_options
from pdutui.cli.text import clean
from pdutui.domain.clock import SystemClock
from pdutui.settings import PduSettings

if TYPE_CHECKING:
    from pdutui.backends.snmp.ber import Oid
    from pdutui.backends.snmp.capture import Capture
    from pdutui.backends.snmp.redact import Redacted
    from pdutui.backends.snmp.types import TypedRow

_MAX_ROWS = 100_000


class _Order(msgspec.Struct, frozen=True, kw_only=True):
    """What is to be captured, and where it goes."""

    pdu: PduSettings
    output: Path
    roots: tuple[str, ...]
    max_rows: int
    bulk: bool
    force: bool
    redact: bool
    keep: tuple[Oid, ...]


def _oids(ctx: click.Context, param: click.Parameter, value: tuple[str, ...]) -> tuple[str, ...]:
    """OIDs in figures, without a leading dot."""
    from pdutui.backends.snmp.ber import dotted, encode_oid, parse_oid

    out = []
    for text in value:
        try:
            oid = parse_oid(text)
            encode_oid(oid)
        except ValueError as error:
            raise click.BadParameter(f"{text!r} is no OID in figures (as 1.3.6.1.4.1)") from error
        out.append(dotted(oid))
    return tuple(out)


@click.command()
@click.argument("target_name", metavar="TARGET")
@click.option(
    "-o", "--output", required=True, metavar="FILE", type=click.Path(path_type=Path),
    help="Where the recording goes, e.g. ap8959.snmprec.",
)  # fmt: skip
@click.option("--redact", is_flag=True, help="Replace whatever says whose device it is.")
@click.option(
    "--keep", multiple=True, metavar="OID", callback=_oids,
    help="With --redact: leave the texts below this OID. May be repeated.",
)  # fmt: skip
@click.option(
    "--root", "roots", multiple=True, metavar="OID", callback=_oids,
    help="Walk this and nothing else. May be repeated.",
)  # fmt: skip
@click.option("--all", "everything", is_flag=True, help="Walk all there is (1.3.6.1).")
@click.option(
    "--max-rows", metavar="N", type=click.IntRange(1, 10_000_000), default=_MAX_ROWS,
    show_default=True, help="Stop there: some devices have no end.",
)  # fmt: skip
@click.option("--no-bulk", is_flag=True, help="Ask row by row (GETNEXT), for a device that errs.")
@click.option("--force", is_flag=True, help="Write over a file that is there.")
@target_options
@config_option
def capture(
    target_name: str,
    output: Path,
    redact: bool,
    keep: tuple[str, ...],
    roots: tuple[str, ...],
    everything: bool,
    max_rows: int,
    no_bulk: bool,
    force: bool,
    config_file: Path | None,
    target: TargetOptions,
) -> int:
    """Walk a device into a recording (.snmprec) that 'pdutui simulate --recording' serves.

    Nothing is written to the device. Without --root it reads the system group, the UPS and entity
    MIBs, and what the maker has added (1.3.6.1.4.1). Interrupted, or when the device falls silent,
    it keeps what it has as FILE.partial.

    --redact replaces serials, names, places, people, MAC and IP addresses, e-mail addresses and
    URLs, the same by the same everywhere, and every other text that is not plainly harmless.
    Models and versions stay. Look through the file before you send it.

    Ends with 0 if the walk is whole, 1 if parts had to be left out, 3 if the device did not answer.
    """
    from pdutui.backends.snmp.ber import parse_oid
    from pdutui.backends.snmp.capture import ALL_ROOTS, DEFAULT_ROOTS
    from pdutui.backends.snmp.capture_file import CaptureFileError, check_writable
    from pdutui.config import load_settings

    quiet_logging()
    if roots and everything:
        raise click.UsageError("--root and --all exclude each other.")
    if keep and not redact:
        raise click.UsageError("--keep goes with --redact.")
    settings = load_settings(config=config_file, env=os.environ)
    for warning in settings.warnings:
        click.echo(f"pdutui: warning: {warning}", err=True)
    (pdu,) = resolve_targets((target_name,), settings, target, os.environ)
    if pdu.backend == "mock":
        raise CliError(f'{pdu.name} is a model (backend = "mock"): there is nothing to walk')
    order = _Order(
        pdu=pdu,
        output=output,
        roots=roots or (ALL_ROOTS if everything else DEFAULT_ROOTS),
        max_rows=max_rows,
        bulk=not no_bulk,
        force=force,
        redact=redact,
        keep=tuple(map(parse_oid, keep)),
    )
    try:
        check_writable(output, force=force)
        return _run(order)
    except CaptureFileError as error:
        raise CliError(str(error)) from error


def _run(order: _Order) -> int:
    """Walk, and keep what was read, however it ended."""
    from pdutui.backends.snmp.capture import Capture, Progress
    from pdutui.backends.snmp.client import SnmpClient
    from pdutui.backends.snmp.types import RequestLimits

    line = ProgressLine()
    began_s = time.monotonic()

    def on_progress(progress: Progress) -> None:
        rate = progress.rows / max(time.monotonic() - began_s, 0.001)
        line.show(f"{progress.rows} rows  {rate:.0f} rows/s  {progress.oid}")

    clock = SystemClock()
    taken: list[Capture] = []

    async def walk() -> int:
        client = SnmpClient(snmp_target(order.pdu), RequestLimits(), clock=clock, reader="own")
        taken.append(Capture(client, clock=clock, max_rows=order.max_rows, on_progress=on_progress))
        try:
            await taken[0].run(order.roots, bulk=order.bulk)
        finally:
            await client.aclose()
        return DONE

    code, why = DONE, ""
    try:
        code = run_to_the_end(walk())
        why = "ended by a signal" if code else ""
    except (KeyboardInterrupt, asyncio.CancelledError):
        code, why = INTERRUPTED, "interrupted"
    except (Unreachable, Refused) as error:
        code, why = UNREACHABLE, str(error)
    except DeviceError as error:
        code, why = BAD_NEWS, str(error)
    finally:
        line.clear()
    rows = taken[0].rows if taken else {}
    notes = taken[0].notes if taken else []
    if not rows:
        if code == INTERRUPTED:
            return code
        raise CliError(
            f"{order.pdu.name}: {why or 'the device has nothing there'}", code or BAD_NEWS
        )
    _write(order, rows, notes, why, time.monotonic() - began_s)
    return code or (BAD_NEWS if notes else DONE)


def _write(
    order: _Order, rows: Mapping[Oid, TypedRow], notes: list[str], why: str, seconds: float
) -> None:
    from pdutui.backends.snmp.capture import ALL_ROOTS, DEFAULT_ROOTS
    from pdutui.backends.snmp.capture_file import write_recording

    redacted: Redacted | None = None
    profile = _profile_of(rows)
    if order.redact:
        redacted = _redacted(order, rows)
        rows = redacted.rows
    path, force = order.output, order.force
    if why:
        path, force = path.with_name(path.name + ".partial"), True
    write_recording(path, rows, force=force)
    for note in notes:
        click.echo(f"pdutui: warning: {clean(note)}", err=True)
    if why:
        click.echo(f"pdutui: {order.pdu.name}: {clean(why)}", err=True)
    part = "what was read before that: " if why else ""
    rows_text = f"{len(rows)} row{'s' if len(rows) != 1 else ''}"
    click.echo(f"{part}{rows_text} in {path} ({seconds:.1f} s)")
    if redacted is not None:
        click.echo(f"replaced: {redacted.summary()}")
        if redacted.counts.get("text"):
            click.echo("  (texts that could not be told from names; --keep OID leaves them)")
    whole = not why and order.roots in (DEFAULT_ROOTS, ALL_ROOTS)
    _say_what_to_do(path, profile, redacted=redacted is not None, whole=whole)


def _redacted(order: _Order, rows: Mapping[Oid, TypedRow]) -> Redacted:
    from pdutui.backends.snmp.redact import Told, redact

    pdu = order.pdu
    secrets = (pdu.community, pdu.write_community)
    users = (pdu.v3, pdu.v3_write)
    told = Told(
        hosts=(pdu.host,),
        communities=tuple(s.reveal() for s in secrets if s is not None),
        users=tuple(user.user for user in users if user is not None),
    )
    return redact(rows, told=told, keep=order.keep)


def _profile_of(rows: Mapping[Oid, TypedRow]) -> str | None:
    from pdutui.backends.snmp.recording import Recorded, recognise_recording

    profile = recognise_recording(
        {oid: Recorded(row.tag, row.content) for oid, row in rows.items()}
    )
    return None if profile is None else profile.name


def _say_what_to_do(path: Path, profile: str | None, *, redacted: bool, whole: bool) -> None:
    if profile is not None:
        click.echo(f"recognised as {profile}")
    elif whole:
        click.echo("no profile of pdutui fits this device: attach the file to a request for one")
    if not whole:
        return
    if redacted:
        click.echo("look through the file before you send it: nobody knows your names but you")
    else:
        click.echo(
            "it holds serials, names and addresses; --redact takes them out, to give it away"
        )
    click.echo(f"to try it: pdutui simulate --recording {path}")
