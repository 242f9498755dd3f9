"""Eaton ePDU G3: one phase and three."""

from __future__ import annotations

from pdutui.backends.mock.spec import DELAYED, BankSpec, Meters, PduSpec, SensorSpec
from pdutui.backends.mock.specs.rack import rack, three_phases
from pdutui.domain.commands import PduAction

_ALL: frozenset[PduAction] = frozenset(
    {"all_on", "all_off", "all_delayed_on", "all_delayed_off", "all_cancel"}
)
_OUTLET = Meters(current_a=3, power_w=0, energy_kwh=3)


def emat08() -> PduSpec:
    """A managed one-phase ePDU: 24 outlets in two sections, all of them metered."""
    return PduSpec(
        vendor="Eaton",
        model="EMAT08-10",
        serial="H619P44058",
        firmware="05.01.0002",
        name="R13-A",
        profile="eaton-epdu",
        nominal_v=230.0,
        nominal_hz=50.0,
        rating_a=16.0,
        warning_a=12.8,
        critical_a=16.0,
        banks=(BankSpec(1, "Section A"), BankSpec(2, "Section B")),
        outlets=rack(24, banks=2),
        inlet_meters=Meters(
            voltage_v=3, current_a=3, power_w=0, apparent_power_va=0, power_factor=3,
            frequency_hz=1, energy_kwh=3,
        ),
        bank_meters=Meters(current_a=3),
        outlet_meters=_OUTLET,
        sensors=(
            SensorSpec("Temperature 1", "temperature", "degC", 22.7, 2.5, 1, on_fault="unknown"),
            SensorSpec("Humidity 1", "humidity", "percent", 42.0, 8.0, 1, on_fault="unknown"),
        ),
        pending=frozenset({"on", "off"}),
        actions=DELAYED,
        pdu_actions=_ALL,
        takes_delay=True,
        tells_reboot_off=False,
    )  # fmt: skip


def emat10() -> PduSpec:
    """A managed three-phase ePDU: 24 outlets, two sections on each phase."""
    return PduSpec(
        vendor="Eaton",
        model="EMAT10-10",
        serial="H722R12089",
        firmware="05.01.0002",
        name="R14-A",
        profile="eaton-epdu",
        nominal_v=230.0,
        nominal_hz=50.0,
        rating_a=16.0,
        warning_a=12.8,
        critical_a=16.0,
        phases=three_phases(16.0, 12.8, 16.0),
        banks=tuple(BankSpec(n, f"Section {'ABCDEF'[n - 1]}") for n in range(1, 7)),
        outlets=rack(24, banks=6, phases=3),
        inlet_meters=Meters(
            power_w=0, apparent_power_va=0, power_factor=3, frequency_hz=1, energy_kwh=3
        ),
        phase_meters=Meters(
            voltage_v=3, current_a=3, power_w=0, apparent_power_va=0, power_factor=3, energy_kwh=3
        ),
        bank_meters=Meters(current_a=3),
        outlet_meters=_OUTLET,
        pending=frozenset({"on", "off"}),
        actions=DELAYED,
        pdu_actions=_ALL,
        takes_delay=True,
        tells_reboot_off=False,
    )  # fmt: skip
