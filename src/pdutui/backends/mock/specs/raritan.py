"""Raritan: a PX3 for either feed of a rack, a three-phase one, linked units, a transfer switch."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pdutui.backends.mock.spec import (
    AtsSpec,
    BankSpec,
    Meters,
    OutletSpec,
    PduSpec,
    SensorKind,
    SensorSpec,
)
from pdutui.backends.mock.specs.rack import rack, three_phases

if TYPE_CHECKING:
    from pdutui.domain.reading import SourceId

_INLET = Meters(
    voltage_v=0, current_a=3, power_w=0, apparent_power_va=0, power_factor=2, frequency_hz=1,
    energy_kwh=3,
)  # fmt: skip
_OUTLET = Meters(voltage_v=0, current_a=3, power_w=0, power_factor=2, energy_kwh=3)
_BANK = Meters(current_a=3)

# Number, name, power factor, watts on feed A and on feed B with both alive; None: unused, off.
# 0: a cord is in and brings nothing. The B supply of backup01 has died: without A it goes dark.
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
    (20, "backup01", 0.97, 318, 0),
    (21, "tor-sw1", 0.94, 108, None),
    (22, "tor-sw2", 0.94, None, 104),
    (23, "kvm01", 0.96, 0, 0),
    (24, "spare", 0.96, None, None),
)


def rack_cords(feed: SourceId) -> dict[int, tuple[str, bool]]:
    """What is plugged into each outlet of that feed, and whether it has a cord on either feed."""
    side = 3 if feed == "A" else 4
    return {
        row[0]: (row[1], None not in (row[3], row[4])) for row in _RACK if row[side] is not None
    }


def _sensor(
    name: str,
    kind: SensorKind,
    unit: str | None = None,
    middle: float = 0.0,
    swing: float = 0.0,
    digits: int = 0,
) -> SensorSpec:
    """A sensor as this family speaks of it: doors are open or closed, a lost one is unavailable."""
    return SensorSpec(name, kind, unit, middle, swing, digits, "closed", "open", "unknown")


def px3(feed: SourceId = "A") -> PduSpec:
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
        banks=(BankSpec(1, "C1", 16.0, 10.4, 12.8), BankSpec(2, "C2", 16.0, 10.4, 12.8)),
        outlets=outlets,
        inlet_meters=_INLET,
        bank_meters=_BANK,
        outlet_meters=_OUTLET,
        sources=(feed,),
        sensors=(
            _sensor(f"Inlet air {where}", "temperature", "degC", 22.6, 2.5, 1),
            _sensor(f"Exhaust air {where}", "temperature", "degC", 31.2, 3.5, 1),
            _sensor(f"Humidity {where}", "humidity", "percent", 43.0, 8.0, 0),
            _sensor(f"Door {where}", "contact"),
        ),
        reboot_off_s=10.0,
    )


def px3_3ph() -> PduSpec:
    """A 24-outlet three-phase PX3: six protectors, two on each phase."""
    return PduSpec(
        vendor="Raritan",
        model="PX3-5730V",
        serial="QWN6100187",
        firmware="4.2.0.5-50274",
        name="R2-A",
        profile="raritan-pdu2",
        nominal_v=230.0,
        nominal_hz=50.0,
        rating_a=32.0,
        warning_a=20.8,
        critical_a=25.6,
        phases=three_phases(32.0, 20.8, 25.6),
        banks=tuple(BankSpec(n, f"C{n}", 16.0, 10.4, 12.8) for n in range(1, 7)),
        outlets=rack(24, banks=6, phases=3),
        inlet_meters=Meters(
            power_w=0, apparent_power_va=0, power_factor=2, frequency_hz=1, energy_kwh=3,
        ),
        phase_meters=Meters(
            voltage_v=0, current_a=3, power_w=0, apparent_power_va=0, power_factor=2, energy_kwh=3
        ),
        bank_meters=_BANK,
        outlet_meters=_OUTLET,
        sensors=(_sensor("Inlet air", "temperature", "degC", 23.1, 2.5, 1),),
        reboot_off_s=10.0,
    )  # fmt: skip


def px3_link() -> PduSpec:
    """Two linked PX3 of eight outlets that answer at one address."""
    return PduSpec(
        vendor="Raritan",
        model="PX3-5190R",
        serial="QWR7100033",
        firmware="4.2.0.5-50274",
        name="R3-link",
        profile="raritan-pdu2",
        nominal_v=230.0,
        nominal_hz=50.0,
        rating_a=16.0,
        warning_a=10.4,
        critical_a=12.8,
        inlet_names=("I1", "I1"),
        modules=2,
        outlets=rack(8, banks=0) + rack(8, banks=0, module=2),
        inlet_meters=_INLET,
        outlet_meters=_OUTLET,
        reboot_off_s=10.0,
    )


def px3ts() -> PduSpec:
    """A rack transfer switch: two inlets, eight outlets, and a transfer when it is told to."""
    return PduSpec(
        vendor="Raritan",
        model="PX3TS-5464R",
        serial="QYT5100009",
        firmware="4.2.0.5-50274",
        name="TS-R4",
        profile="raritan-pdu2",
        nominal_v=230.0,
        nominal_hz=50.0,
        rating_a=16.0,
        warning_a=10.4,
        critical_a=12.8,
        inlet_names=("I1", "I2"),
        outlets=rack(8, banks=0),
        inlet_meters=_INLET,
        outlet_meters=_OUTLET,
        sources=("A", "B"),
        ats=AtsSpec(
            sensitivity=None, redundancy=False, prefers=("A", "B"), transfers=True, inlets=True,
            meters=Meters(voltage_v=0, frequency_hz=1),
        ),
        pdu_actions=frozenset({"prefer_a", "prefer_b"}),
        reboot_off_s=10.0,
    )  # fmt: skip
