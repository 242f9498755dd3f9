"""Vertiv Geist rPDUs with an IMD."""

from __future__ import annotations

from pdutui.backends.mock.spec import DELAYED, BankSpec, Meters, PduSpec
from pdutui.backends.mock.specs.rack import rack, three_phases


def vp8853() -> PduSpec:
    """A three-phase rPDU: three breakers, 24 outlets switched and metered one by one."""
    return PduSpec(
        vendor="Vertiv",
        model="VP8853",
        serial="E8A1940115",
        firmware="5.10.4",
        name="R17-A",
        profile="vertiv-imd",
        nominal_v=230.0,
        nominal_hz=50.0,
        rating_a=None,
        inlet_names=("R17-A",),
        phases=three_phases(None),
        banks=tuple(BankSpec(n, f"Circuit {n}") for n in (1, 2, 3)),
        outlets=rack(24, banks=3, phases=3),
        inlet_meters=Meters(
            power_w=0, apparent_power_va=0, power_factor=2, energy_kwh=3, state=False
        ),
        phase_meters=Meters(voltage_v=1, current_a=2, power_w=0, state=False),
        bank_meters=Meters(current_a=2, state=False),
        outlet_meters=Meters(current_a=2, power_w=0, energy_kwh=3),
        pending=frozenset({"on", "off", "reboot"}),
        actions=DELAYED,
        tells_banks=False,
        senses_trips=False,
        tells_delays=True,
    )


def vp4556() -> PduSpec:
    """A one-phase rPDU: one breaker, eight outlets."""
    return PduSpec(
        vendor="Vertiv",
        model="VP4556",
        serial="E8A1941207",
        firmware="5.10.4",
        name="R18-A",
        profile="vertiv-imd",
        nominal_v=230.0,
        nominal_hz=50.0,
        rating_a=None,
        inlet_names=("R18-A",),
        banks=(BankSpec(1, "Circuit 1"),),
        outlets=rack(8),
        inlet_meters=Meters(
            voltage_v=1,
            current_a=2,
            power_w=0,
            apparent_power_va=0,
            power_factor=2,
            energy_kwh=3,
            state=False,
        ),
        bank_meters=Meters(current_a=2, state=False),
        outlet_meters=Meters(current_a=2, power_w=0, energy_kwh=3),
        pending=frozenset({"on", "off", "reboot"}),
        actions=DELAYED,
        tells_banks=False,
        senses_trips=False,
        tells_delays=True,
    )
