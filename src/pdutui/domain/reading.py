"""One poll of one PDU as facts: the Reading and its parts.

Units stand in the names. `None` means that the device does not say; it is never 0 and never a
guess. The structs are frozen: a reading, once made, is the truth of its moment. So none can ever
hold itself, and the garbage collector need not look for it (`gc=False`).
"""

from __future__ import annotations

from datetime import datetime
from typing import Literal

import msgspec

OutletState = Literal["on", "off", "unknown"]
Pending = Literal["on", "off", "reboot", "unspecified"]
LoadState = Literal["normal", "low", "warning", "critical", "tripped", "unknown"]
SourceState = Literal[
    "normal",
    "under_voltage",
    "over_voltage",
    "under_frequency",
    "over_frequency",
    "lost",
    "unknown",
]
SourceId = Literal["A", "B"]
ActiveSource = Literal["A", "B", "none"]
Redundancy = Literal["full", "lost"]
PhaseSync = Literal["in_sync", "out_of_sync"]
SensorState = Literal[
    "normal", "low", "warning", "critical", "open", "closed", "on", "off", "alarm", "fault",
    "unknown",
]  # fmt: skip


class Inlet(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """What the PDU draws through one cord. The total load of a PDU is the sum of its inlets."""

    number: int
    name: str
    voltage_v: float | None = None
    current_a: float | None = None
    power_w: float | None = None
    apparent_power_va: float | None = None
    power_factor: float | None = None
    """0..1."""
    frequency_hz: float | None = None
    energy_kwh: float | None = None
    """A counter that only grows, until somebody resets it on the device."""
    rating_a: float | None = None
    state: LoadState = "unknown"
    module: int | None = None
    """The unit of a daisy chain it belongs to, from 1; None for a PDU that stands alone."""


class Phase(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """One phase (line, pole) of a three-phase inlet. A single-phase PDU has none.

    Phases and banks are two views of the current that the inlet draws; they are never added up
    with it.
    """

    number: int
    name: str
    """`L1`, or with its inlet where there are several: `I2 L1`."""
    module: int | None = None
    voltage_v: float | None = None
    current_a: float | None = None
    power_w: float | None = None
    apparent_power_va: float | None = None
    power_factor: float | None = None
    """0..1."""
    energy_kwh: float | None = None
    rating_a: float | None = None
    warning_a: float | None = None
    """The device's own near-overload threshold."""
    critical_a: float | None = None
    """The device's own overload threshold."""
    state: LoadState = "unknown"


class Bank(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """A group of outlets behind one breaker (CyberPower bank, Raritan overcurrent protector)."""

    number: int
    name: str
    voltage_v: float | None = None
    current_a: float | None = None
    power_w: float | None = None
    apparent_power_va: float | None = None
    power_factor: float | None = None
    energy_kwh: float | None = None
    rating_a: float | None = None
    warning_a: float | None = None
    """The device's own near-overload threshold."""
    critical_a: float | None = None
    """The device's own overload threshold."""
    state: LoadState = "unknown"
    module: int | None = None


class Outlet(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """One outlet. `bank` is the number of the bank that feeds it, where the device says so."""

    number: int
    """Unique in the PDU and never another outlet's: outlet n of the first unit of a daisy chain is
    n, outlet n of unit m is 1000 m + n."""
    name: str
    state: OutletState = "unknown"
    bank: int | None = None
    pending: Pending | None = None
    """A command the device still has to carry out; `unspecified` when it does not say which."""
    switchable: bool = False
    voltage_v: float | None = None
    current_a: float | None = None
    power_w: float | None = None
    power_factor: float | None = None
    energy_kwh: float | None = None
    label: str | None = None
    """What the device calls its place where that is not the number: `2.5` in a chain, `AA3`."""
    module: int | None = None


class Source(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """One of the two feeds of a transfer switch."""

    id: SourceId
    name: str
    voltage_v: float | None = None
    frequency_hz: float | None = None
    state: SourceState = "unknown"


class Ats(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """The automatic transfer switch of a PDU that has one."""

    active: ActiveSource | None = None
    preferred: ActiveSource | None = None
    redundancy: Redundancy | None = None
    phase_sync: PhaseSync | None = None
    """Out of sync is normal where the feeds are not in phase; it is no alarm by itself."""
    sensitivity: str | None = None
    sources: tuple[Source, ...] = ()


class Sensor(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """An environment sensor. Kinds: temperature, humidity, absolute_humidity, contact, ..."""

    name: str
    kind: str
    value: float | None = None
    unit: str | None = None
    """degC, percent, g/m3; None for a sensor that has a state only."""
    state: SensorState = "unknown"


class PollStats(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """What the poll cost and what went wrong in it."""

    duration_ms: float = 0.0
    requests: int = 0
    varbinds: int = 0
    errors: tuple[str, ...] = ()


class Reading(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """All that one poll of one PDU said."""

    pdu: str
    time: datetime
    """When the poll ended; timezone-aware, UTC."""
    vendor: str | None = None
    model: str | None = None
    serial: str | None = None
    firmware: str | None = None
    name: str | None = None
    profile: str | None = None
    uptime_s: int | None = None
    inlets: tuple[Inlet, ...] = ()
    banks: tuple[Bank, ...] = ()
    outlets: tuple[Outlet, ...] = ()
    ats: Ats | None = None
    sensors: tuple[Sensor, ...] = ()
    poll: PollStats = PollStats()
    phases: tuple[Phase, ...] = ()

    def outlet(self, number: int) -> Outlet | None:
        """The outlet of that number, or None."""
        return next((o for o in self.outlets if o.number == number), None)

    def bank(self, number: int) -> Bank | None:
        """The bank of that number, or None."""
        return next((b for b in self.banks if b.number == number), None)


def to_json(reading: Reading) -> bytes:
    """One JSON object, keys and order as documented; time as `2026-11-20T14:02:11.003Z`."""
    plain = msgspec.to_builtins(reading, builtin_types=(datetime,))
    plain["time"] = reading.time.strftime("%Y-%m-%dT%H:%M:%S.") + (
        f"{reading.time.microsecond // 1000:03d}Z"
    )
    return msgspec.json.encode(plain)


def from_json(data: bytes | str) -> Reading:
    """The inverse of `to_json`. Raises `msgspec.ValidationError` on anything else."""
    return msgspec.json.decode(data, type=Reading)
