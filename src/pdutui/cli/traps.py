"""`pdutui traps`: what PDUs send of their own accord, one line each."""

from __future__ import annotations

import asyncio
import os
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import click
import msgspec

from pdutui.cli.ending import run_to_the_end
from pdutui.cli.exits import DONE, USAGE, CliError
from pdutui.cli.quiet import quiet_logging
from pdutui.cli.target import (
    TargetOptions,
    config_option,
    resolve_targets,
    target_options,
)
from pdutui.config_env import (
    COMMUNITY,
    FACTORY_COMMUNITY,
    community_from_env,
    ensure_state_dir,
)
from pdutui.domain.address import AddressError, parse_listen
from pdutui.domain.clock import SystemClock
from pdutui.domain.reading import Reading
from pdutui.domain.secret import Secret
from pdutui.engine.events import EngineEvent, Severity, TrapReceived
from pdutui.engine.view import InFlight
from pdutui.settings import PduSettings, Settings, TrapSettings

if TYPE_CHECKING:
    from pdutui.backends.snmp.trap_meaning import Meaning
    from pdutui.backends.snmp.trap_message import Variable
    from pdutui.backends.snmp.trap_v3 import Credential
    from pdutui.backends.snmp.traps import Arrival

_WAITING = 1000


class _Heard(msgspec.Struct):
    """What is known of a PDU that nobody polls."""

    settings: PduSettings
    reading: Reading | None = None
    in_flight: dict[int, InFlight] = {}


@click.command("traps", short_help="Print the traps and informs that PDUs send.")
@click.argument("targets", metavar="[TARGET]...", nargs=-1)
@click.option(
    "--listen",
    metavar="HOST:PORT",
    help="Where to listen (default: [traps] listen, else 0.0.0.0:1162).",
)
@click.option("--json", "as_json", is_flag=True, help="One JSON object a line, variables included.")
@click.option(
    "--count",
    metavar="N",
    type=click.IntRange(min=0),
    default=0,
    show_default=True,
    help="End after so many; 0: when it is interrupted.",
)
@target_options
@config_option
def traps(
    targets: tuple[str, ...],
    listen: str | None,
    as_json: bool,
    count: int,
    config_file: Path | None,
    target: TargetOptions,
) -> int:
    """Print traps and informs (SNMP v1, v2c, v3) until interrupted.

    TARGET is the name of a configured PDU, or an address: only what comes from there counts.
    Without one, all configured PDUs are meant; without a configuration, anybody who has the
    community (public, or as given) or the --v3-user. Traps of others are counted on standard
    error.

    A trap is what somebody sent, not what the PDU is: pdutui poll asks the PDU itself.
    """
    from pdutui.config import load_settings

    quiet_logging()
    settings = load_settings(config=config_file, env=os.environ)
    for warning in settings.warnings:
        click.echo(f"pdutui: warning: {warning}", err=True)
    pdus = _pdus(targets, settings, target)
    place = _place(listen, settings.traps)
    communities = list(settings.traps.communities)
    if target.community is not None:
        communities.append(target.community)
    elif not pdus:
        communities.append(Secret(community_from_env(os.environ, COMMUNITY) or FACTORY_COMMUNITY))
    place = msgspec.structs.replace(place, communities=tuple(communities))
    strangers = None if pdus else _anybody(target)
    trouble = ensure_state_dir(settings.state_dir)
    if trouble:
        click.echo(f"pdutui: warning: {trouble}", err=True)
    try:
        return run_to_the_end(_print_traps(settings, place, pdus, strangers, as_json, count))
    except KeyboardInterrupt:
        return DONE


def _pdus(
    targets: tuple[str, ...], settings: Settings, target: TargetOptions
) -> tuple[PduSettings, ...]:
    if targets:
        return resolve_targets(targets, settings, target, os.environ)
    real = tuple(pdu for pdu in settings.pdus if pdu.backend == "snmp")
    return real if target.v3 is None else tuple(target.on_top_of(pdu) for pdu in real)


def _place(listen: str | None, settings: TrapSettings) -> TrapSettings:
    if listen is None:
        return settings
    try:
        host, port = parse_listen(listen, settings.port)
    except AddressError as error:
        raise click.BadParameter(str(error), param_hint="--listen") from error
    return msgspec.structs.replace(settings, host=host, port=port)


def _anybody(target: TargetOptions) -> Sequence[Credential]:
    """The SNMPv3 user of the command line, for whoever sends."""
    from pdutui.backends.snmp.trap_v3 import Credential
    from pdutui.backends.snmp.usm import UserKeys

    if target.v3 is None:
        return ()
    reader, writer = target.v3.users(PduSettings(name="traps"), writes_itself=False)
    users = dict.fromkeys(user for user in (reader, writer) if user is not None)
    return tuple(Credential("", UserKeys(user, engines=256)) for user in users)


async def _print_traps(
    settings: Settings,
    place: TrapSettings,
    pdus: Sequence[PduSettings],
    strangers: Sequence[Credential] | None,
    as_json: bool,
    count: int,
) -> int:
    from pdutui.backends.snmp.trap_socket import why_not
    from pdutui.engine.traps import TrapDesk

    lines: asyncio.Queue[str] = asyncio.Queue(_WAITING)

    def told(event: TrapReceived, arrival: Arrival, meaning: Meaning) -> None:
        if not lines.full():
            made = json_line(event, arrival, meaning) if as_json else text_line(event)
            lines.put_nowait(made)

    desk = TrapDesk(
        {pdu.name: _Heard(pdu) for pdu in pdus},
        place,
        state_dir=settings.state_dir,
        profile_dir=settings.profile_dir,
        clock=SystemClock(),
        emit=_ignore,
        note=_complain,
        poke=lambda pdu: None,
        strangers=strangers,
        told=told,
    )
    try:
        try:
            await desk.listen()
        except OSError as error:
            raise CliError(why_not(error, place.host, place.port), USAGE) from error
        click.echo(f"pdutui: listening for traps on {desk.status.listening}", err=True)
        minding = asyncio.create_task(desk.run())
        try:
            printed = 0
            while count == 0 or printed < count:
                click.echo(await lines.get())
                sys.stdout.flush()
                printed += 1
        finally:
            minding.cancel()
    finally:
        desk.close()
    return DONE


def _ignore(event: EngineEvent) -> None:
    """Nobody listens here."""


def _complain(pdu: str, severity: Severity, text: str) -> None:
    """What is no trap of anybody's: drops, strangers, trouble with a file."""
    if not pdu:
        click.echo(f"pdutui: {text}", err=True)


def text_line(event: TrapReceived) -> str:
    """One trap for people: time, PDU or address, severity, what it says, which trap it is."""
    who = event.pdu or event.address
    if not event.pdu and event.candidates:
        who += f" (one of {', '.join(event.candidates)})"
    trap = f"{event.name} {event.oid}" if event.name else event.oid
    when = event.time.astimezone()
    return f"{when:%Y-%m-%d %H:%M:%S} {who} {event.severity}: {event.text} [{trap}]"


def json_line(event: TrapReceived, arrival: Arrival, meaning: Meaning) -> str:
    """One trap for programs."""
    note = arrival.notification
    stamp = f"{event.time:%Y-%m-%dT%H:%M:%S}.{event.time.microsecond // 1000:03d}Z"
    out = {
        "time": stamp,
        "pdu": event.pdu or None,
        "candidates": list(event.candidates),
        "address": arrival.address,
        "port": arrival.port,
        "version": note.version,
        "inform": note.inform,
        "oid": event.oid,
        "name": event.name,
        "kind": event.kind,
        "severity": event.severity,
        "text": event.text,
        "outlet": event.outlet,
        "words": meaning.words,
        "uptime_s": note.uptime_s,
        "agent": note.agent,
        "engine_id": arrival.engine_id.hex() if arrival.engine_id else None,
        "level": arrival.level,
        "varbinds": [_varbind(variable) for variable in note.variables],
    }
    return msgspec.json.encode(out).decode()


def _varbind(variable: Variable) -> dict[str, object]:
    """A variable; octets that are no text are given in hexadecimal, and called so."""
    value, kind = variable.value, variable.syntax
    if isinstance(value, bytes):
        text = _as_text(value)
        value, kind = (value.hex(), "hex") if text is None else (text, kind)
    return {"oid": variable.oid, "type": kind, "value": value}


def _as_text(octets: bytes) -> str | None:
    try:
        text = octets.decode()
    except UnicodeDecodeError:
        return None
    return text if all(c.isprintable() or c in "\r\n\t" for c in text) else None
