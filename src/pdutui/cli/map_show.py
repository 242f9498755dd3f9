"""`pdutui map show`: the devices of the map and their cords."""

from __future__ import annotations

import os
from pathlib import Path

import click
import msgspec

from pdutui.cli.amounts import counted
from pdutui.cli.exits import BAD_NEWS, DONE, CliError
from pdutui.cli.map_devices import Device, devices_of
from pdutui.cli.target import config_option
from pdutui.cli.text import UNKNOWN, clean, table
from pdutui.domain.naming import outlet_place
from pdutui.settings import Settings

NO_MAP = (
    "nothing is mapped: name what is plugged in with device in [pdu.outlets.N], or a table of"
    " cords with [impact] map ('pdutui map import' makes one)"
)


@click.command()
@click.option("--device", "named", metavar="NAME", help="This device only; capitals do not count.")
@click.option("--pdu", "pdu", metavar="NAME", help="Devices with a cord on this PDU only.")
@click.option("--json", "as_json", is_flag=True, help="One JSON object per device.")
@config_option
def show(named: str | None, pdu: str | None, as_json: bool, config_file: Path | None) -> int:
    """Print the devices of the map and the outlets that their cords are in.

    Devices with one cord are marked. Ends with 1 if nothing fits.
    """
    from pdutui.config import load_settings

    settings = load_settings(config=config_file, env=os.environ)
    for warning in settings.warnings:
        click.echo(f"warning: {warning}", err=True)
    devices = _wanted(settings, named, pdu)
    if as_json:
        for device in devices:
            click.echo(msgspec.json.encode(_plain(device)))
    elif devices:
        click.echo("\n".join(_table(devices)))
        click.echo(f"\n{_summary(devices)}")
    elif not settings.cords:
        click.echo(f"pdutui: {NO_MAP}", err=True)
    return DONE if devices else BAD_NEWS


def _wanted(settings: Settings, named: str | None, pdu: str | None) -> list[Device]:
    """The devices that are asked for. Raises CliError for a name that nothing has."""
    from pdutui.config_names import alike

    devices = devices_of(settings)
    known = {cord.pdu for cord in settings.cords} | {one.name for one in settings.pdus}
    if pdu is not None and pdu not in known:
        near = alike(pdu, known)
        hint = f": did you mean {near!r}?" if near else ""
        raise CliError(f"no PDU {clean(pdu)!r} is configured or mapped{hint}")
    if named is not None and devices:
        names = {device.name.casefold(): device.name for device in devices}
        if named.strip().casefold() not in names:
            near = alike(named, list(names.values()))
            hint = f": did you mean {clean(near)!r}?" if near else ""
            raise CliError(f"no device {clean(named)!r} is mapped{hint}", BAD_NEWS)
        devices = [one for one in devices if one.name.casefold() == named.strip().casefold()]
    if pdu is not None:
        devices = [one for one in devices if any(cord.pdu == pdu for cord in one.cords)]
    return devices


def _table(devices: list[Device]) -> list[str]:
    rows = []
    for device in devices:
        notes = ["critical"] * device.critical + ["one cord"] * device.single
        for place, cord in enumerate(device.cords):
            rows.append(
                (
                    clean(device.name) if place == 0 else "",
                    clean(cord.cord) or UNKNOWN,
                    clean(cord.pdu),
                    outlet_place(cord.outlet),
                    "not configured" if not cord.configured else clean(cord.feed or UNKNOWN),
                    (", ".join(notes) or UNKNOWN) if place == 0 else "",
                )
            )
    heads = ("device", "cord", "PDU", "outlet", "feed", "note")
    return table(heads, rows, words=frozenset(heads) - {"outlet"})


def _summary(devices: list[Device]) -> str:
    single = sum(device.single for device in devices)
    cords = sum(len(device.cords) for device in devices)
    return f"{counted(len(devices), 'device')}, {counted(cords, 'cord')}; {single} with one cord"


def _plain(device: Device) -> dict[str, object]:
    return {
        "device": device.name,
        "critical": device.critical,
        "single_corded": device.single,
        "cords": [
            {
                "pdu": cord.pdu,
                "outlet": cord.outlet,
                "cord": cord.cord or None,
                "feed": cord.feed,
                "configured": cord.configured,
            }
            for cord in device.cords
        ],
    }
