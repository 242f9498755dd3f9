"""What the modelled PDUs are: the words that their data sheets are written in."""

from __future__ import annotations

from typing import Literal

import msgspec

from pdutui.domain.commands import OutletAction, PduAction
from pdutui.domain.reading import ActiveSource, Pending, SourceId

SensorKind = Literal["temperature", "humidity", "contact", "link"]

SWITCHED: frozenset[OutletAction] = frozenset({"on", "off", "reboot"})
"""What every switched PDU can do."""
DELAYED: frozenset[OutletAction] = SWITCHED | {
    "delayed_on", "delayed_off", "delayed_reboot", "cancel",
}  # fmt: skip
"""The same, later, and taken back."""
ALL_SWITCHED: frozenset[PduAction] = frozenset({"all_on", "all_off", "all_reboot"})
ALL_DELAYED: frozenset[PduAction] = ALL_SWITCHED | {
    "all_delayed_on", "all_delayed_off", "all_delayed_reboot", "all_cancel",
}  # fmt: skip


class OutletSpec(msgspec.Struct, frozen=True):
    """An outlet and what is plugged into it. Bank and phase are those of its own module."""

    number: int
    """Within its module."""
    name: str
    bank: int | None
    watts: float = 0.0
    """What it draws on average, with every feed of the device alive."""
    power_factor: float = 0.96
    on: bool = True
    phase: int = 1
    module: int = 1
    label: str | None = None
    """What the device calls its place, where that is neither the number nor `module.number`."""


class BankSpec(msgspec.Struct, frozen=True):
    """A breaker and the thresholds set in the device; None: it has none, or does not say."""

    number: int
    name: str
    rating_a: float | None = None
    warning_a: float | None = None
    critical_a: float | None = None
    module: int = 1


class PhaseSpec(msgspec.Struct, frozen=True):
    """A phase of a three-phase inlet."""

    number: int
    name: str
    rating_a: float | None = None
    warning_a: float | None = None
    critical_a: float | None = None
    module: int = 1


class SensorSpec(msgspec.Struct, frozen=True):
    """A sensor of the environment probe. One without a unit has a state and no value."""

    name: str
    kind: SensorKind
    unit: str | None = None
    middle: float = 0.0
    swing: float = 0.0
    """The value stays within `middle` ± `swing`."""
    digits: int = 0
    rest: Literal["normal", "closed"] = "normal"
    """The state of a contact when all is well."""
    trouble: Literal["alarm", "open", "closed"] = "alarm"
    """The state of a contact that is not at rest."""
    on_fault: Literal["fault", "unknown"] = "fault"
    """The state of a probe that does not answer, as the device puts it."""


class Meters(msgspec.Struct, frozen=True, kw_only=True):
    """What is measured at a part of the PDU, and with how many decimal digits.

    None: there is no such meter. -1 digits: in steps of ten. A reading never shows more than the
    device would.
    """

    voltage_v: int | None = None
    current_a: int | None = None
    power_w: int | None = None
    apparent_power_va: int | None = None
    power_factor: int | None = None
    frequency_hz: int | None = None
    energy_kwh: int | None = None
    state: bool = True
    """Whether the device says how the load stands against its thresholds."""


class AtsSpec(msgspec.Struct, frozen=True, kw_only=True):
    """The transfer switch of a PDU with two sources."""

    sensitivity: str | None = "medium"
    redundancy: bool = True
    """Whether it says whether both sources are good."""
    phase_sync: bool = True
    meters: Meters = Meters(voltage_v=1, frequency_hz=1)
    """Of each source: volts and hertz."""
    words: dict[str, str] = {}
    """State of a source -> how the device puts it, where it has no word of its own for it."""
    names: tuple[str, str] = ("Source A", "Source B")
    prefers: tuple[ActiveSource, ...] = ("A", "B", "none")
    """What can be set as preferred."""
    transfers: bool = False
    """Whether preferring a source transfers the load to it at once."""
    says_none: bool = True
    """Whether it can say that it has let go of both sources; else it names the last one."""
    inlets: bool = False
    """Whether each source is an inlet of its own, with meters: two inlets, one carries the load."""


class PduSpec(msgspec.Struct, frozen=True, kw_only=True):
    """One PDU (or chain of units) as bought and set up."""

    vendor: str
    model: str
    serial: str | None
    firmware: str | None
    name: str
    profile: str
    nominal_v: float
    """Between a phase and neutral (WYE), or of the one phase."""
    nominal_hz: float
    rating_a: float | None
    warning_a: float | None = None
    critical_a: float | None = None
    inlet_names: tuple[str, ...] = ("I1",)
    """One for each inlet: of the modules in order, or of the two sources."""
    modules: int = 1
    """Units of a daisy chain; every part says which it belongs to."""
    phases: tuple[PhaseSpec, ...] = ()
    """None at all: one phase."""
    banks: tuple[BankSpec, ...] = ()
    outlets: tuple[OutletSpec, ...] = ()
    shows_outlets: bool = True
    """False: they are what is plugged in behind the device, which knows nothing of them."""
    inlet_meters: Meters
    phase_meters: Meters = Meters()
    bank_meters: Meters = Meters()
    outlet_meters: Meters = Meters()
    sources: tuple[SourceId, ...] = ("A",)
    """Two sources make it a transfer switch; the first is the preferred one."""
    ats: AtsSpec = AtsSpec()
    sensors: tuple[SensorSpec, ...] = ()
    senses_trips: bool = True
    """Whether the device can tell an open breaker from a bank without load."""
    pending: frozenset[Pending] = frozenset()
    """The words it has for a command under way. Where it has not the right one it says
    `unspecified` if it has that, else nothing."""
    actions: frozenset[OutletAction] = SWITCHED
    pdu_actions: frozenset[PduAction] = frozenset()
    takes_delay: bool = False
    """Whether a delayed action takes a number of seconds; otherwise the device's own counts."""
    tells_banks: bool = True
    """Whether the device says which bank feeds an outlet."""
    reboot_off_s: float = 10.0
    tells_reboot_off: bool = True
    """Whether the device can be asked how long an outlet stays off in a reboot."""
    on_delay_s: float = 2.0
    """How long a delayed on waits; below 0: it never comes."""
    off_delay_s: float = 3.0
    tells_delays: bool = False
    """Whether the device can be asked for these two."""
    relay_s: tuple[float, float] = (0.3, 0.7)
    """Shortest and longest time from command to contact."""
    without: tuple[str, ...] = ()
    """OIDs, relative to the base of the profile, below which it answers nothing though others of
    its family do."""

    @property
    def metered_outlets(self) -> bool:
        """Whether outlets have meters of their own."""
        return self.outlet_meters.current_a is not None or self.outlet_meters.power_w is not None


def key_of(number: int, module: int) -> int:
    """The number of a part in the whole PDU: n in the first module, 1000 m + n in module m."""
    return number if module == 1 else 1000 * module + number
