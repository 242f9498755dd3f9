"""`pdutui discover`: finds PDUs in the network, or checks those of a CSV file."""

from __future__ import annotations

import asyncio
import ipaddress
import os
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

import click
import msgspec

from pdutui.backends.base import Backend
from pdutui.backends.snmp.discovery_scan import Found, Place, Ranges, Scan, ScanError, parse_ranges
from pdutui.backends.snmp.types import SnmpTarget
from pdutui.cli.build import Shared, build_backend, snmp_target
from pdutui.cli.ending import run_to_the_end
from pdutui.cli.exits import BAD_NEWS, DONE, INTERRUPTED, CliError
from pdutui.cli.found import READ_VARIABLE, Line, credentials
from pdutui.cli.found_output import print_lines, report, write_entries
from pdutui.cli.kinds import Number
from pdutui.cli.progress import ProgressLine
from pdutui.cli.quiet import quiet_logging
from pdutui.cli.target import TargetOptions, config_option, resolve_targets, target_options
from pdutui.cli.text import clean
from pdutui.config_write import PduEntry
from pdutui.domain.address import format_address
from pdutui.domain.clock import SystemClock
from pdutui.engine.search import entry_name
from pdutui.settings import PduSettings, Settings

_RATE = 50.0
_CONCURRENCY = 16


class _How(msgspec.Struct, frozen=True, kw_only=True):
    """The options that say how to scan and what to print."""

    form: str
    everything: bool
    write: bool
    rate: float
    concurrency: int


@click.command()
@click.argument("ranges", metavar="[CIDR|HOST]...", nargs=-1)
@click.option("--csv", "csv_file", metavar="FILE", type=click.Path(path_type=Path),
              help="Take the devices from this table instead of scanning.")  # fmt: skip
@click.option("--no-probe", is_flag=True, help="With --csv: do not ask the devices.")
@click.option("--json", "form", flag_value="json", help="One JSON object a line.")
@click.option("--toml", "form", flag_value="toml", help="[[pdu]] entries for the configuration.")
@click.option("--csv-out", "form", flag_value="csv", help="A table for --csv.")
@click.option("--write", is_flag=True, help="Append the new ones to the configuration file.")
@click.option("--all", "everything", is_flag=True, help="List whatever answers, PDU or not.")
@click.option("--rate", metavar="N", type=Number(0.1, 1000), default=_RATE, show_default=True,
              help="Addresses begun per second.")  # fmt: skip
@click.option("--concurrency", metavar="N", type=click.IntRange(1, 256), default=_CONCURRENCY,
              show_default=True, help="Addresses asked at the same time.")  # fmt: skip
@click.option("--force", is_flag=True, help="Scan public addresses, and more than 4096 of them.")
@target_options
@config_option
def discover(
    ranges: tuple[str, ...],
    csv_file: Path | None,
    no_probe: bool,
    form: str | None,
    write: bool,
    everything: bool,
    rate: float,
    concurrency: int,
    force: bool,
    config_file: Path | None,
    target: TargetOptions,
) -> int:
    """Find PDUs: ask every address of the ranges once, and what answers what it is.

    The addresses are asked with the given credentials (default: SNMP v2c, community public), and
    nothing is written to any device. HOST may name a port (pdu1:1161).

    --csv takes a table with the header name,host,profile,community_env,feed,location (the first two
    are needed) for bulk set-up, and says which of its devices can be reached and recognised.

    Ends with 0 if a PDU was found (with --csv: if all are), else with 1.
    """
    from pdutui.config import PROFILES, load_settings

    quiet_logging()
    if (csv_file is None) == (not ranges):
        raise click.UsageError("Name ranges or hosts to scan, or a table with --csv FILE.")
    if no_probe and csv_file is None:
        raise click.UsageError("--no-probe goes with --csv.")
    if write and config_file is not None and not config_file.exists():
        # It will be made. Till then nothing is configured in it.
        nothing = load_settings(config=Path(os.devnull), env=os.environ)
        own = config_file.parent / PROFILES
        settings = msgspec.structs.replace(nothing, config_path=config_file, profile_dir=own)
    else:
        settings = load_settings(config=config_file, env=os.environ)
    for warning in settings.warnings:
        click.echo(f"pdutui: warning: {warning}", err=True)
    how = _How(
        form=form or "table", everything=everything, write=write, rate=rate,
        concurrency=concurrency,
    )  # fmt: skip
    params = click.get_current_context().params
    if csv_file is not None:
        return _from_csv(csv_file, settings, target, how, config_file, params, probe=not no_probe)
    return _from_scan(ranges, settings, target, how, config_file, params, force=force)


# -- scanning ---------------------------------------------------------------------------------


def _from_scan(
    texts: tuple[str, ...],
    settings: Settings,
    target: TargetOptions,
    how: _How,
    config_file: Path | None,
    params: Mapping[str, object],
    *,
    force: bool,
) -> int:
    try:
        ranges = parse_ranges(texts, port=target.port or 161, force=force)
    except ScanError as error:
        raise CliError(str(error)) from error
    plain = msgspec.structs.replace(target, port=None)
    # The target is made once for all: what is wrong with the credentials is said before the scan.
    (pattern,) = resolve_targets(
        (next(iter(ranges)).host,), _without_pdus(settings), plain, os.environ
    )

    def at(place: Place) -> PduSettings:
        return msgspec.structs.replace(
            pattern, name=place.address, host=place.host, port=place.port
        )

    scan, code = _scan(ranges, at, settings, how)
    lines = _lines(scan.found, settings, credentials(params, pattern.version), how)
    print_lines(lines, how.form)
    report(scan, lines, everything=how.everything, interrupted=code != DONE)
    if how.write and code == DONE:
        write_entries(lines, settings, config_file)
    pdus = [line for line in lines if line.found.status == "pdu"]
    if (
        params.get("community")
        and any(line.entry for line in lines)
        and (how.form in ("toml", "csv") or how.write)
    ):
        click.echo(f"pdutui: put the community into the variable {READ_VARIABLE}", err=True)
    return code or (DONE if pdus else BAD_NEWS)


def _scan(
    places: Ranges | Sequence[Place],
    at: Callable[[Place], PduSettings],
    settings: Settings,
    how: _How,
) -> tuple[Scan, int]:
    """Scan to the end or to an interruption; gives what was found and the exit code of the end."""
    from pdutui.backends.snmp.profile import ProfileError

    shared = Shared(settings.profile_dir)
    library = shared.library
    line = ProgressLine()
    clock = SystemClock()
    count = places.count if isinstance(places, Ranges) else len(places)
    pdus = 0

    def target(place: Place) -> SnmpTarget:
        return snmp_target(at(place))

    def backend(place: Place) -> Backend:
        return build_backend(at(place), clock, shared=shared)

    def on_progress(done: int, found: Found) -> None:
        nonlocal pdus
        pdus += found.status == "pdu"
        bar = "#" * (20 * done // count)
        line.show(f"[{bar:<20}] {done}/{count}  {pdus} PDU{'s' if pdus != 1 else ''}  "
                  f"{found.place.address}")  # fmt: skip

    def is_last_resort(name: str) -> bool:
        try:
            return library.load(name).last_resort
        except ProfileError:
            return False

    scan = Scan(
        target=target,
        backend=backend,
        clock=clock,
        rate=how.rate,
        concurrency=how.concurrency,
        on_progress=on_progress,
        is_last_resort=is_last_resort,
    )

    async def work() -> int:
        await scan.run(places)
        return DONE

    try:
        return scan, run_to_the_end(work())
    except (KeyboardInterrupt, asyncio.CancelledError):
        return scan, INTERRUPTED
    finally:
        line.clear()


def _lines(
    found: Sequence[Found], settings: Settings, keys: Mapping[str, object], how: _How
) -> list[Line]:
    known = _known(settings)
    taken = {pdu.name for pdu in settings.pdus}
    lines = []
    for one in found:
        if one.status != "pdu":
            if how.everything:
                lines.append(Line(found=one))
            continue
        configured = known.get(one.place)
        entry = None
        if configured is None:
            entry = PduEntry(
                name=entry_name(one, taken),
                host=one.place.host,
                port=one.place.port,
                profile=one.profile or "auto",
                location=clean(one.location or "").strip() or None,
                **keys,  # type: ignore[arg-type]
            )
            taken.add(entry.name)
        lines.append(Line(found=one, entry=entry, configured=configured))
    return lines


def _known(settings: Settings) -> dict[Place, str]:
    """Where the configured PDUs are: as they are written, and where their names lead."""
    import socket

    known: dict[Place, str] = {}
    for pdu in settings.pdus:
        if pdu.backend != "snmp":
            continue
        known.setdefault(Place(pdu.host, pdu.port), pdu.name)
        try:
            ipaddress.ip_address(pdu.host)
        except ValueError:
            try:
                addresses = socket.getaddrinfo(pdu.host, pdu.port, type=socket.SOCK_DGRAM)
            except (OSError, UnicodeError):
                continue
            for *_, address in addresses:
                known.setdefault(Place(str(address[0]), pdu.port), pdu.name)
    return known


def _without_pdus(settings: Settings) -> Settings:
    return msgspec.structs.replace(settings, pdus=())


# -- a table ----------------------------------------------------------------------------------


def _from_csv(
    path: Path,
    settings: Settings,
    target: TargetOptions,
    how: _How,
    config_file: Path | None,
    params: Mapping[str, object],
    *,
    probe: bool,
) -> int:
    from pdutui.backends.snmp.library import ProfileLibrary
    from pdutui.config_csv import read_csv

    profiles = ProfileLibrary(settings.profile_dir).names
    entries = read_csv(path, profiles=profiles, env=os.environ if probe else None)
    names = {pdu.name for pdu in settings.pdus}
    known = _known(settings)
    clashes = [
        f"{path}, line {one.line}, column name: there is a PDU {one.entry.name!r} already"
        for one in entries
        if one.entry.name in names and Place(one.entry.host, one.entry.port) not in known
    ]
    if clashes:
        raise CliError("\n".join(clashes))
    places = {Place(one.entry.host, one.entry.port): one.entry for one in entries}
    found = {
        place: Found(
            place=place, status="unasked", profile=None if e.profile == "auto" else e.profile
        )
        for place, e in places.items()
    }
    code = DONE
    if probe:
        at = {place: _settings_of(entry, settings, target) for place, entry in places.items()}
        scan, code = _scan(list(places), at.__getitem__, settings, how)
        answered = {one.place: one for one in scan.found}
        silent = {p: Found(place=p, status="silent") for p in places if p not in answered}
        found = answered | silent
    said_v3 = target.version == "3" or target.v3 is not None
    keys = credentials(params, "3" if said_v3 else target.version or "2c")
    lines = [
        Line(
            found=msgspec.structs.replace(
                found[place], name=entry.name, location=entry.location or found[place].location
            ),
            entry=_completed(entry, found[place], keys) if place not in known else None,
            configured=known.get(place),
        )
        for place, entry in places.items()
    ]
    print_lines(lines, how.form)
    bad = [line for line in lines if line.found.status not in ("pdu", "unasked")]
    if bad:
        click.echo(f"pdutui: {len(bad)} of {len(lines)} could not be read as a PDU", err=True)
    if how.write and code == DONE:
        write_entries([line for line in lines if line not in bad], settings, config_file)
    return code or (BAD_NEWS if bad else DONE)


def _settings_of(entry: PduEntry, settings: Settings, target: TargetOptions) -> PduSettings:
    """How a line of the table is asked: by its variable, else as the command line says."""
    from pdutui.domain.secret import Secret

    address = format_address(entry.host, entry.port)
    plain = msgspec.structs.replace(target, port=None)
    (pdu,) = resolve_targets((address,), _without_pdus(settings), plain, os.environ)
    if entry.profile != "auto":
        pdu = msgspec.structs.replace(pdu, profile=entry.profile)
    if entry.community_env is not None and pdu.version != "3":
        pdu = msgspec.structs.replace(pdu, community=Secret(os.environ[entry.community_env]))
    return pdu


def _completed(entry: PduEntry, found: Found, keys: Mapping[str, object]) -> PduEntry:
    """The line of the table with the family that was found, and what the command line says."""
    changes: dict[str, object] = dict(keys)
    if keys.get("version") == "3":
        changes["community_env"] = None
    elif entry.community_env is not None:
        changes.pop("community_file", None)
        changes["community_env"] = entry.community_env
    if entry.profile == "auto" and found.profile is not None:
        changes["profile"] = found.profile
    return msgspec.structs.replace(entry, **changes)
