"""Server Technology: Sentry3 and Sentry4."""

from __future__ import annotations

from pdutui.backends.mock.spec import SWITCHED, BankSpec, Meters, PduSpec
from pdutui.backends.mock.specs.rack import rack, three_phases


def cw24v() -> PduSpec:
    """A Sentry3 Switched CDU: one tower, one infeed, 24 outlets AA1 to AA24."""
    return PduSpec(
        vendor="Server Technology",
        model="CW-24V2-L30M",
        serial="ABCH0003861",
        firmware="7.1d",
        name="R15-A",
        profile="sentry3",
        nominal_v=208.0,
        nominal_hz=60.0,
        rating_a=30.0,
        outlets=rack(24, banks=0, label="AA{n}"),
        inlet_meters=Meters(
            voltage_v=1, current_a=2, power_w=0, energy_kwh=1
        ),
        pending=frozenset({"on", "off"}),
        actions=SWITCHED,
        tells_reboot_off=False,
    )  # fmt: skip


def c2wg24() -> PduSpec:
    """A Sentry4 PRO2: one cord of three phases, six branches, 24 outlets metered one by one."""
    return PduSpec(
        vendor="Server Technology",
        model="C2WG24HE-DQME2M99",
        serial="ABEF0012774",
        firmware="8.0s",
        name="R16-A",
        profile="sentry4",
        nominal_v=230.0,
        nominal_hz=50.0,
        rating_a=32.0,
        phases=three_phases(None),
        banks=tuple(BankSpec(n, f"Branch {n}") for n in range(1, 7)),
        outlets=rack(24, banks=6, phases=3, label="AA{n}"),
        inlet_meters=Meters(power_w=0, frequency_hz=1, energy_kwh=1),
        phase_meters=Meters(voltage_v=1, current_a=2, power_w=0),
        bank_meters=Meters(current_a=2),
        outlet_meters=Meters(current_a=2, power_w=0, energy_kwh=3),
        tells_banks=False,
        pending=frozenset(),
        actions=SWITCHED,
        tells_reboot_off=False,
    )
