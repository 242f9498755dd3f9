"""The profile forwards and backwards: what the backend reads is what the model says."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import msgspec
import pytest

from pdutui.backends.mock.build import mock_pdu
from pdutui.backends.mock.model import MockPdu
from pdutui.backends.snmp.backend import SnmpBackend
from pdutui.backends.snmp.profile import load_builtin
from pdutui.backends.snmp.serve import ModelMib
from pdutui.backends.snmp.types import SnmpTarget
from pdutui.domain.clock import SystemClock
from pdutui.domain.reading import Reading
from pdutui.domain.secret import Secret

from ...support.agent import ServedMib
from ...support.clock import ManualClock

FAMILIES = [("cyberpower-epdu", "pdu44001"), ("raritan-pdu2", "px3")]
# CPS-MIB has no state for a probe's temperature and humidity.
NOT_CARRIED = {"cyberpower-epdu": {("sensors", "temperature"), ("sensors", "humidity")}}


def plain(reading: Reading, profile: str) -> dict[str, Any]:
    """A reading as data, without its label and without what the profile has no column for."""
    data: dict[str, Any] = msgspec.to_builtins(reading)
    for key in ("pdu", "time", "poll"):
        del data[key]
    for sensor in data["sensors"]:
        if ("sensors", sensor["kind"]) in NOT_CARRIED.get(profile, set()):
            del sensor["state"]
    return data


def differences(read: Any, said: Any, where: str = "") -> list[str]:
    if isinstance(said, dict) and isinstance(read, dict):
        keys = sorted(set(said) | set(read))
        return [d for k in keys for d in differences(read.get(k), said.get(k), f"{where}.{k}")]
    if isinstance(said, list | tuple) and isinstance(read, list | tuple) and len(said) == len(read):
        pairs = enumerate(zip(read, said, strict=True))
        return [d for n, (r, s) in pairs for d in differences(r, s, f"{where}[{n}]")]
    if isinstance(said, float) and isinstance(read, int | float):
        return [] if abs(said - read) < 1e-6 else [f"{where}: read {read}, said {said}"]
    return [] if read == said else [f"{where}: read {read!r}, said {said!r}"]


Trouble = Callable[[MockPdu, float], None]


def nothing(model: MockPdu, now_s: float) -> None: ...


def busy(model: MockPdu, now_s: float) -> None:
    model.switch(2, "off", now_s)
    model.switch(3, "reboot", now_s)
    model.switch(4, "off", now_s - 60)


def faulty_probe(model: MockPdu, now_s: float) -> None:
    model.fault_probe(True, now_s)


def open_door(model: MockPdu, now_s: float) -> None:
    place = next(p for p, g in enumerate(model.gauges) if g.spec.kind == "contact")
    model.disturb_contact(place, True, now_s)


def dead_source(model: MockPdu, now_s: float) -> None:
    model.fail_source(model.spec.sources[0], now_s)


def sagging_source(model: MockPdu, now_s: float) -> None:
    model.sag_source(model.spec.sources[-1], 0.2, now_s)


def swell(model: MockPdu, now_s: float) -> None:
    model.sag_source(model.spec.sources[-1], -0.15, now_s)


def tripped_bank(model: MockPdu, now_s: float) -> None:
    model.trip_bank(2, now_s)


def overload(model: MockPdu, now_s: float) -> None:
    for number in (1, 2, 3):
        model.sockets[number].watts = 900.0
    model.world.changed()


@pytest.mark.parametrize(("profile", "kind"), FAMILIES)
@pytest.mark.parametrize(
    "trouble",
    [nothing, busy, faulty_probe, open_door, dead_source, sagging_source, swell, tripped_bank,
     overload],
)  # fmt: skip
async def test_reading_survives_the_wire(profile: str, kind: str, trouble: Trouble) -> None:
    clock = ManualClock()
    model = mock_pdu(kind, start_s=clock.monotonic(), seed=7, incidents=False)
    clock.advance(61.5)
    trouble(model, clock.monotonic())
    clock.advance(0.2)
    mib = ModelMib(load_builtin(profile), model, clock)
    async with ServedMib(mib) as served:
        backend = SnmpBackend(
            "pdu",
            SnmpTarget(
                host="127.0.0.1",
                port=served.port,
                community=Secret("public"),
                write_community=Secret("private"),
            ),
            clock=SystemClock(),
        )
        try:
            await backend.poll()
            read = await backend.poll()
        finally:
            await backend.aclose()
    said = model.reading(clock.monotonic(), clock.now(), "pdu")
    assert differences(plain(read, profile), plain(said, profile)) == []
