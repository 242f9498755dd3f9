"""APC: second and first generation of rack PDUs, and a rack transfer switch."""

from __future__ import annotations

from pdutui.backends.mock.spec import (
    ALL_DELAYED,
    DELAYED,
    AtsSpec,
    BankSpec,
    Meters,
    OutletSpec,
    PduSpec,
    SensorSpec,
)
from pdutui.backends.mock.specs.rack import rack, three_phases
from pdutui.domain.reading import Pending

_PENDING: frozenset[Pending] = frozenset({"unspecified"})
_PROBE = (
    SensorSpec("Inlet air", "temperature", "degC", 22.4, 2.5, 1),
    SensorSpec("Inlet air", "humidity", "percent", 41.0, 8.0, 0),
)


def ap8641() -> PduSpec:
    """Second generation, one phase, two banks, 24 outlets metered one by one."""
    return PduSpec(
        vendor="APC",
        model="AP8641",
        serial="3F3452A52295",
        firmware="6.7.2",
        name="R8-A",
        profile="apc-rpdu2",
        nominal_v=208.0,
        nominal_hz=60.0,
        rating_a=24.0,
        warning_a=20.0,
        critical_a=24.0,
        banks=(BankSpec(1, "Bank 1", None, 16.0, 20.0), BankSpec(2, "Bank 2", None, 16.0, 20.0)),
        outlets=rack(24, banks=2),
        inlet_meters=Meters(
            voltage_v=0, current_a=1, power_w=-1, apparent_power_va=-1, power_factor=2,
            energy_kwh=1,
        ),
        bank_meters=Meters(current_a=1),
        outlet_meters=Meters(current_a=1, power_w=0, energy_kwh=1),
        sensors=_PROBE,
        senses_trips=False,
        pending=_PENDING,
        actions=DELAYED,
        pdu_actions=ALL_DELAYED,
        reboot_off_s=5.0,
        tells_delays=True,
    )  # fmt: skip


def ap8981() -> PduSpec:
    """Second generation, three phases, switched and not metered per outlet."""
    return PduSpec(
        vendor="APC",
        model="AP8981",
        serial="5A1934E01277",
        firmware="6.7.2",
        name="R9-A",
        profile="apc-rpdu2",
        nominal_v=230.0,
        nominal_hz=50.0,
        rating_a=16.0,
        warning_a=12.0,
        critical_a=16.0,
        phases=three_phases(None, 12.0, 16.0),
        outlets=rack(24, banks=0, phases=3),
        inlet_meters=Meters(
            power_w=-1, apparent_power_va=-1, power_factor=2, energy_kwh=1
        ),
        phase_meters=Meters(
            voltage_v=0, current_a=1, power_w=-1, apparent_power_va=-1, power_factor=2
        ),
        senses_trips=False,
        pending=_PENDING,
        actions=DELAYED,
        pdu_actions=ALL_DELAYED,
        reboot_off_s=5.0,
        tells_delays=True,
    )  # fmt: skip


def ap8641_chain() -> PduSpec:
    """Two second-generation PDUs that share one network port."""
    return PduSpec(
        vendor="APC",
        model="AP8641",
        serial="3F3452A52301",
        firmware="6.7.2",
        name="R10-chain",
        profile="apc-rpdu2",
        nominal_v=208.0,
        nominal_hz=60.0,
        rating_a=24.0,
        warning_a=20.0,
        critical_a=24.0,
        inlet_names=("I1", "I1"),
        modules=2,
        banks=tuple(
            BankSpec(n, f"Bank {n}", None, 16.0, 20.0, module=m) for m in (1, 2) for n in (1, 2)
        ),
        outlets=rack(24, banks=2) + rack(24, banks=2, module=2),
        inlet_meters=Meters(
            voltage_v=0, current_a=1, power_w=-1, apparent_power_va=-1, power_factor=2,
            energy_kwh=1,
        ),
        bank_meters=Meters(current_a=1),
        outlet_meters=Meters(current_a=1, power_w=0, energy_kwh=1),
        senses_trips=False,
        pending=_PENDING,
        actions=DELAYED,
        reboot_off_s=5.0,
        tells_delays=True,
    )  # fmt: skip


def ap7921() -> PduSpec:
    """First generation, one phase, eight switched outlets, no banks."""
    return PduSpec(
        vendor="APC",
        model="AP7921",
        serial="ZA0712003482",
        firmware="3.9.2",
        name="R11-A",
        profile="apc-rpdu",
        nominal_v=230.0,
        nominal_hz=50.0,
        rating_a=16.0,
        warning_a=12.0,
        critical_a=16.0,
        outlets=rack(8, banks=0),
        inlet_meters=Meters(current_a=1, power_w=0, apparent_power_va=0),
        senses_trips=False,
        pending=_PENDING,
        actions=DELAYED,
        pdu_actions=ALL_DELAYED,
        reboot_off_s=5.0,
    )


def ap7902() -> PduSpec:
    """First generation, 120 V, two banks of eight outlets."""
    return PduSpec(
        vendor="APC",
        model="AP7902",
        serial="ZA0922011734",
        firmware="3.9.2",
        name="R11-B",
        profile="apc-rpdu",
        nominal_v=120.0,
        nominal_hz=60.0,
        rating_a=24.0,
        warning_a=20.0,
        critical_a=24.0,
        banks=(BankSpec(1, "Bank 1"), BankSpec(2, "Bank 2")),
        outlets=rack(16, banks=2),
        inlet_meters=Meters(current_a=1, power_w=0, apparent_power_va=0),
        bank_meters=Meters(current_a=1),
        senses_trips=False,
        pending=_PENDING,
        actions=DELAYED,
        pdu_actions=ALL_DELAYED,
        reboot_off_s=5.0,
    )


def ap7724() -> PduSpec:
    """A rack transfer switch, 230 V, two output banks and no outlets of its own."""
    return PduSpec(
        vendor="APC",
        model="AP7724",
        serial="5A1516T15268",
        firmware="3.0.5",
        name="ATS-R12",
        profile="apc-ats",
        nominal_v=230.0,
        nominal_hz=50.0,
        rating_a=32.0,
        warning_a=24.0,
        critical_a=32.0,
        banks=(BankSpec(1, "Bank 1"), BankSpec(2, "Bank 2")),
        outlets=(
            OutletSpec(1, "core-sw1", 1, 402.0, 0.97),
            OutletSpec(2, "san01", 1, 612.0, 0.98),
            OutletSpec(3, "core-sw2", 2, 371.0, 0.97),
            OutletSpec(4, "san02", 2, 574.0, 0.98),
        ),
        shows_outlets=False,
        inlet_meters=Meters(voltage_v=0, current_a=1, apparent_power_va=0, frequency_hz=0),
        bank_meters=Meters(voltage_v=0, current_a=1, apparent_power_va=0),
        sources=("A", "B"),
        ats=AtsSpec(
            sensitivity="high",
            says_none=False,
            meters=Meters(voltage_v=0, frequency_hz=0),
            words={"under_voltage": "unknown", "over_voltage": "unknown", "lost": "unknown"},
        ),
        sensors=(SensorSpec("Link to the switch", "link"),),
        senses_trips=False,
        actions=frozenset(),
        pdu_actions=frozenset({"prefer_a", "prefer_b", "prefer_none"}),
        tells_reboot_off=False,
    )
