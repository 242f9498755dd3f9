"""CyberPower: a PDU with a transfer switch, a three-phase one, a chain, a transfer switch card."""

from __future__ import annotations

from typing import TYPE_CHECKING

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

if TYPE_CHECKING:
    from pdutui.domain.commands import PduAction

_PREFER: frozenset[PduAction] = frozenset({"prefer_a", "prefer_b", "prefer_none"})
_INLET = Meters(
    voltage_v=1, current_a=1, power_w=0, apparent_power_va=0, power_factor=2, frequency_hz=1,
    energy_kwh=1,
)  # fmt: skip

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


def pdu44001() -> PduSpec:
    """A ten-outlet transfer-switch PDU, 120 V, two banks of five, metered by bank."""
    return PduSpec(
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
        banks=(
            BankSpec(1, "Bank 1", 16.0, 12.0, 16.0),
            BankSpec(2, "Bank 2", 16.0, 12.0, 16.0),
        ),
        outlets=_ATS_OUTLETS,
        inlet_meters=_INLET,
        bank_meters=Meters(voltage_v=1, current_a=1, power_w=0),
        sources=("A", "B"),
        sensors=(
            SensorSpec("Env 1", "temperature", "degC", 21.4, 3.0, 2),
            SensorSpec("Env 1", "humidity", "percent", 44.0, 9.0, 2),
            SensorSpec("Front door", "contact", on_fault="unknown"),
            SensorSpec("Rear door", "contact", on_fault="unknown"),
        ),
        senses_trips=False,
        pending=frozenset({"unspecified"}),
        actions=DELAYED | {"identify"},
        pdu_actions=ALL_DELAYED | _PREFER,
        reboot_off_s=5.0,
        tells_delays=True,
    )


def pdu83107() -> PduSpec:
    """A three-phase ePDU2, 24 outlets metered one by one, without a transfer switch."""
    return PduSpec(
        vendor="CyberPower",
        model="PDU83107",
        serial="PSKX2000417",
        firmware="1.4.0",
        name="R5-A",
        profile="cyberpower-epdu",
        nominal_v=230.0,
        nominal_hz=50.0,
        rating_a=16.0,
        warning_a=12.0,
        critical_a=16.0,
        phases=three_phases(None, 12.0, 16.0),
        banks=tuple(BankSpec(n, f"Bank {n}", 16.0, 12.0, 16.0) for n in (1, 2, 3)),
        outlets=rack(24, banks=3, phases=3),
        inlet_meters=Meters(
            power_w=0, apparent_power_va=0, power_factor=2, frequency_hz=1, energy_kwh=1
        ),
        phase_meters=Meters(
            voltage_v=1, current_a=1, power_w=0, apparent_power_va=0, power_factor=2
        ),
        bank_meters=Meters(voltage_v=1, current_a=1, power_w=0),
        outlet_meters=Meters(current_a=1, power_w=0, energy_kwh=1),
        senses_trips=False,
        pending=frozenset({"unspecified"}),
        actions=DELAYED | {"identify"},
        pdu_actions=ALL_DELAYED,
        reboot_off_s=5.0,
        tells_delays=True,
    )  # fmt: skip


def pdu81001_chain() -> PduSpec:
    """Two ePDU2 units of eight metered outlets in a daisy chain behind one card."""
    return PduSpec(
        vendor="CyberPower",
        model="PDU81001",
        serial="CXXJY2000581",
        firmware="1.4.0",
        name="R6-chain",
        profile="cyberpower-epdu",
        nominal_v=120.0,
        nominal_hz=60.0,
        rating_a=15.0,
        warning_a=12.0,
        critical_a=15.0,
        inlet_names=("I1", "I1"),
        modules=2,
        banks=tuple(BankSpec(1, "Bank 1", None, 12.0, 15.0, module=m) for m in (1, 2)),
        outlets=rack(8, module=1) + rack(8, module=2),
        inlet_meters=Meters(
            voltage_v=1, current_a=1, power_w=0, apparent_power_va=0, power_factor=2, energy_kwh=1
        ),
        bank_meters=Meters(current_a=1),
        outlet_meters=Meters(current_a=1, power_w=0, energy_kwh=1),
        senses_trips=False,
        pending=frozenset({"unspecified"}),
        actions=DELAYED | {"identify"},
        reboot_off_s=5.0,
        tells_delays=True,
        without=(".3",),
    )


def pdu15sw10atnet() -> PduSpec:
    """A transfer switch with ten switched outlets, whose card speaks the older ats branch."""
    return PduSpec(
        vendor="CyberPower",
        model="PDU15SW10ATNET",
        serial="TAQJX7000042",
        firmware="1.1.5",
        name="ATS-R7",
        profile="cyberpower-ats",
        nominal_v=120.0,
        nominal_hz=60.0,
        rating_a=15.0,
        warning_a=12.0,
        critical_a=15.0,
        banks=(
            BankSpec(1, "Bank 1", None, 9.0, 12.0),
            BankSpec(2, "Bank 2", None, 9.0, 12.0),
        ),
        outlets=tuple(
            OutletSpec(o.number, o.name, o.bank, o.watts * 0.6, o.power_factor, o.on)
            for o in _ATS_OUTLETS
        ),
        inlet_meters=Meters(current_a=1, power_w=0, energy_kwh=1),
        bank_meters=Meters(current_a=1, power_w=0, energy_kwh=1),
        sources=("A", "B"),
        ats=AtsSpec(says_none=False),
        sensors=(SensorSpec("Link to the switch", "link"),),
        senses_trips=False,
        pending=frozenset({"unspecified"}),
        actions=DELAYED,
        pdu_actions=ALL_DELAYED | _PREFER,
        reboot_off_s=5.0,
    )
