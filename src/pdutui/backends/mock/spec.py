"""What the modelled PDUs are: data sheets, with outlets, names and loads that could be real."""

from __future__ import annotations

from typing import Literal

import msgspec

from pdutui.domain.reading import SourceId

SensorKind = Literal["temperature", "humidity", "contact"]


class OutletSpec(msgspec.Struct, frozen=True):
    """An outlet and what is plugged into it."""

    number: int
    name: str
    bank: int
    watts: float = 0.0
    """What it draws on average, with every feed of the device alive."""
    power_factor: float = 0.96
    on: bool = True


class BankSpec(msgspec.Struct, frozen=True):
    """A breaker and the thresholds set in the device."""

    number: int
    name: str
    rating_a: float
    warning_a: float
    critical_a: float


class SensorSpec(msgspec.Struct, frozen=True):
    """A sensor of the environment probe. A contact has neither value nor unit."""

    name: str
    kind: SensorKind
    unit: str | None = None
    middle: float = 0.0
    swing: float = 0.0
    """The value stays within `middle` ± `swing`."""
    digits: int = 0
    rest: Literal["normal", "closed"] = "normal"
    """The state when all is well."""
    trouble: Literal["alarm", "open"] = "alarm"
    """The state of a contact that is not at rest."""
    on_fault: Literal["fault", "unknown"] = "fault"
    """The state of a probe that does not answer, as the device puts it."""


class Digits(msgspec.Struct, frozen=True):
    """Decimal digits of the meters; a reading never shows more than the device would."""

    voltage: int
    current: int
    power: int
    energy: int


class PduSpec(msgspec.Struct, frozen=True, kw_only=True):
    """One PDU as bought and set up."""

    vendor: str
    model: str
    serial: str
    firmware: str
    name: str
    profile: str
    nominal_v: float
    nominal_hz: float
    rating_a: float
    warning_a: float
    critical_a: float
    inlet_name: str
    banks: tuple[BankSpec, ...]
    outlets: tuple[OutletSpec, ...]
    digits: Digits
    sources: tuple[SourceId, ...] = ("A",)
    """Two sources make it a transfer switch; the first is the preferred one."""
    sensors: tuple[SensorSpec, ...] = ()
    metered_outlets: bool = True
    metered_banks: bool = False
    """Whether banks have V and W of their own besides A."""
    senses_trips: bool = True
    """Whether the device can tell an open breaker from a bank without load."""
    shows_pending: bool = False
    reboot_off_s: float = 10.0
    relay_s: tuple[float, float] = (0.3, 0.7)
    """Shortest and longest time from command to contact."""


_ATS_OUTLETS = (
    OutletSpec(1, "core-sw1", 1, 402.0, 0.97),
    OutletSpec(2, "core-sw2", 1, 371.0, 0.97),
    OutletSpec(3, "fw01", 1, 168.0, 0.95),
    OutletSpec(4, "nas01", 1, 236.0, 0.96),
    OutletSpec(5, "pbx01", 1, 121.0, 0.93),
    OutletSpec(6, "mon01", 2, 96.0, 0.95),
    OutletSpec(7, "wlc01", 2, 58.0, 0.92),
    OutletSpec(8, "kvm01", 2, 0.0),
    OutletSpec(9, "spare", 2, on=False),
    OutletSpec(10, "oob-router", 2, 22.0, 0.88),
)

PDU44001 = PduSpec(
    vendor="CyberPower",
    model="PDU44001",
    serial="NLKY7000136",
    firmware="1.3.2",
    name="ATS-R2",
    profile="cyberpower-epdu",
    nominal_v=120.0,
    nominal_hz=60.0,
    rating_a=20.0,
    warning_a=16.0,
    critical_a=20.0,
    inlet_name="I1",
    banks=(
        BankSpec(1, "Bank 1", 16.0, 12.0, 16.0),
        BankSpec(2, "Bank 2", 16.0, 12.0, 16.0),
    ),
    outlets=_ATS_OUTLETS,
    digits=Digits(voltage=1, current=1, power=0, energy=1),
    sources=("A", "B"),
    sensors=(
        SensorSpec("Env 1", "temperature", "degC", 21.4, 3.0, 2),
        SensorSpec("Env 1", "humidity", "percent", 44.0, 9.0, 2),
        SensorSpec("Front door", "contact", on_fault="unknown"),
        SensorSpec("Rear door", "contact", on_fault="unknown"),
    ),
    metered_outlets=False,
    metered_banks=True,
    senses_trips=False,
    shows_pending=True,
    reboot_off_s=5.0,
)
"""A ten-outlet transfer-switch PDU, 120 V, two banks of five, metered by bank."""

# Number, name, power factor, watts on feed A and on feed B with both alive; None: unused, off.
_RACK: tuple[tuple[int, str, float, float | None, float | None], ...] = (
    (1, "lb01", 0.95, 61, 58),
    (2, "lb02", 0.95, 57, 60),
    (3, "db01", 0.97, 104, 98),
    (4, "db02", 0.97, 117, 121),
    (5, "db03", 0.97, 92, 95),
    (6, "web01", 0.96, 74, 71),
    (7, "web02", 0.96, 69, 73),
    (8, "web03", 0.96, 77, 75),
    (9, "web04", 0.96, 66, 64),
    (10, "cache01", 0.96, 83, 86),
    (11, "spare", 0.96, None, None),
    (12, "mgmt-sw", 0.89, 27, 25),
    (13, "hv01", 0.98, 168, 173),
    (14, "hv02", 0.98, 181, 176),
    (15, "hv03", 0.98, 159, 164),
    (16, "hv04", 0.98, 172, 167),
    (17, "san01", 0.98, 212, 205),
    (18, "san01-shelf", 0.97, 141, 146),
    (19, "gpu01", 0.99, 1180, None),
    (20, "backup01", 0.97, 318, None),
    (21, "tor-sw1", 0.94, 108, None),
    (22, "tor-sw2", 0.94, None, 104),
    (23, "kvm01", 0.96, 0, 0),
    (24, "spare", 0.96, None, None),
)


def _px3_sensor(
    name: str,
    kind: SensorKind,
    unit: str | None = None,
    middle: float = 0.0,
    swing: float = 0.0,
    digits: int = 0,
) -> SensorSpec:
    """A sensor as this family speaks of it: doors are open or closed, a lost one is unavailable."""
    return SensorSpec(name, kind, unit, middle, swing, digits, "closed", "open", "unknown")


def px3(feed: SourceId) -> PduSpec:
    """A 24-outlet PX3 on feed A or B of a rack, 230 V, every outlet metered."""
    side = 3 if feed == "A" else 4
    outlets = tuple(
        OutletSpec(
            row[0],
            row[1] if row[side] is not None else "spare",
            1 if row[0] <= 12 else 2,
            float(row[side] or 0.0),
            row[2],
            row[side] is not None,
        )
        for row in _RACK
    )
    where = "front" if feed == "A" else "rear"
    return PduSpec(
        vendor="Raritan",
        model="PX3-5493V",
        serial=f"QWK410003{'0' if feed == 'A' else '1'}",
        firmware="4.2.0.5-50274",
        name=f"R1-{feed}",
        profile="raritan-pdu2",
        nominal_v=230.0,
        nominal_hz=50.0,
        rating_a=32.0,
        warning_a=20.8,
        critical_a=25.6,
        inlet_name="I1",
        banks=(BankSpec(1, "C1", 16.0, 10.4, 12.8), BankSpec(2, "C2", 16.0, 10.4, 12.8)),
        outlets=outlets,
        digits=Digits(voltage=0, current=3, power=0, energy=3),
        sources=(feed,),
        sensors=(
            _px3_sensor(f"Inlet air {where}", "temperature", "degC", 22.6, 2.5, 1),
            _px3_sensor(f"Exhaust air {where}", "temperature", "degC", 31.2, 3.5, 1),
            _px3_sensor(f"Humidity {where}", "humidity", "percent", 43.0, 8.0, 0),
            _px3_sensor(f"Door {where}", "contact"),
        ),
        reboot_off_s=10.0,
    )
