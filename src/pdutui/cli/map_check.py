"""`pdutui map check`: what is wrong with the device map, without asking any device."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Literal

import click
import msgspec

from pdutui.cli.amounts import counted
from pdutui.cli.exits import BAD_NEWS, DONE
from pdutui.cli.map_devices import Device, devices_of
from pdutui.cli.map_show import NO_MAP
from pdutui.cli.target import config_option
from pdutui.cli.text import clean
from pdutui.domain.naming import outlet_place
from pdutui.settings import Settings

Kind = Literal[
    "single_cord", "critical_single_cord", "one_pdu", "one_feed", "same_cord", "outlet_twice",
    "unknown_pdu",
]  # fmt: skip


class Finding(msgspec.Struct, frozen=True, kw_only=True):
    """One thing that somebody should look at."""

    kind: Kind
    bad: bool
    """Whether it makes the check end with 1; a device with one cord may be meant to have one."""
    text: str
    device: str | None = None
    pdu: str | None = None
    outlet: int | None = None


@click.command()
@click.option("--json", "as_json", is_flag=True, help="One JSON object per finding.")
@config_option
def check(as_json: bool, config_file: Path | None) -> int:
    """Look for what is wrong with the map. No device is asked.

    Bad news, which ends with 1: a device whose cords are all on one PDU or one feed, or have one
    name; a critical device with one cord; an outlet with several devices; a PDU that is not
    configured. Other devices with one cord are only listed.
    """
    from pdutui.config import load_settings

    settings = load_settings(config=config_file, env=os.environ)
    found = sorted(findings(settings), key=lambda one: not one.bad)
    bad = sum(one.bad for one in found)
    if as_json:
        for one in found:
            click.echo(msgspec.json.encode(one))
        return BAD_NEWS if bad else DONE
    if not settings.cords:
        click.echo(f"pdutui: {NO_MAP}", err=True)
        return DONE
    for one in found:
        click.echo(f"{'wrong' if one.bad else 'note '}  {clean(one.text)}")
    devices = {cord.device.casefold() for cord in settings.cords}
    result = "nothing is wrong" if not bad else f"{bad} wrong"
    cords = counted(len(settings.cords), "cord")
    click.echo(f"{counted(len(devices), 'device')}, {cords}: {result}")
    return BAD_NEWS if bad else DONE


def findings(settings: Settings) -> Iterator[Finding]:
    """What is wrong with the map of a configuration, and what may be."""
    for device in devices_of(settings):
        yield from _of_device(device)
    yield from _of_outlets(settings)
    names = {pdu.name for pdu in settings.pdus}
    for stranger in dict.fromkeys(cord.pdu for cord in settings.cords):
        if stranger not in names:
            cords = sum(cord.pdu == stranger for cord in settings.cords)
            text = f"{stranger} is not configured: how {counted(cords, 'cord')} on it stand is not"
            yield Finding(kind="unknown_pdu", bad=True, text=f"{text} known", pdu=stranger)


def _of_device(device: Device) -> Iterator[Finding]:
    name = device.name
    if device.single:
        kind: Kind = "critical_single_cord" if device.critical else "single_cord"
        what = f"{name} is critical and has" if device.critical else f"{name} has"
        text = f"{what} one cord: {device.cords[0].text}"
        yield Finding(kind=kind, bad=device.critical, text=text, device=name)
        return
    where = ", ".join(cord.text for cord in device.cords)
    pdus = {cord.pdu for cord in device.cords}
    feeds = {(cord.feed or "").casefold() for cord in device.cords}
    many = "both" if len(device.cords) == 2 else f"all {len(device.cords)}"
    if len(pdus) == 1:
        text = f"{name} has {many} cords on one PDU: {where}"
        yield Finding(kind="one_pdu", bad=True, text=text, device=name, pdu=device.cords[0].pdu)
    elif len(feeds) == 1 and "" not in feeds:
        text = f"{name} has {many} cords on one feed: {where}"
        yield Finding(kind="one_feed", bad=True, text=text, device=name)
    cords = [cord.cord.casefold() for cord in device.cords if cord.cord]
    if len(set(cords)) < len(cords):
        text = f"{name} has two cords of one name: {where}"
        yield Finding(kind="same_cord", bad=True, text=text, device=name)


def _of_outlets(settings: Settings) -> Iterator[Finding]:
    at: dict[tuple[str, int], list[str]] = {}
    for cord in settings.cords:
        at.setdefault((cord.pdu, cord.outlet), []).append(cord.device)
    for (pdu, outlet), devices in at.items():
        if len(devices) > 1:
            text = f"{pdu} outlet {outlet_place(outlet)} has {' and '.join(devices)}"
            yield Finding(kind="outlet_twice", bad=True, text=text, pdu=pdu, outlet=outlet)
