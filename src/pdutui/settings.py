"""The configuration as typed values. `pdutui.config` makes it from TOML, environment and flags."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Literal

import msgspec

from pdutui.domain.roles import RoleSettings
from pdutui.domain.secret import Secret

if TYPE_CHECKING:
    from pdutui.domain.alarm import AlarmKind, AlarmLevel
    from pdutui.domain.commands import OutletAction
    from pdutui.domain.devicemap import MappedCord
    from pdutui.domain.tariff import Tariff
    from pdutui.domain.v3 import V3User


class PollSettings(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """How often and how patiently devices are asked."""

    interval_s: float = 1.0
    timeout_s: float = 2.0
    retries: int = 1


class HistorySettings(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The local store."""

    enabled: bool = True
    path: Path | None = None
    """The database file; None: `history.db` in the state directory."""
    retention_days: int = 60
    """Readings at full rate, events, health."""
    totals_days: int = 1826
    """Quarters of an hour (min, mean, max, last, energy) and reports; at least `retention_days`."""


class WindowSettings(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """`[[control.window]]`: when switching is planned. Weekly, or once."""

    name: str
    days: frozenset[int] = frozenset(range(7))
    """0 is Monday: the days on which a weekly window begins."""
    from_min: int = 0
    """Minutes after midnight, local time."""
    to_min: int = 1440
    """Not after `from_min`: it ends the day after."""
    begins: datetime | None = None
    """Of a window that is once: with a zone; `days`, `from_min`, `to_min` do not count then."""
    ends: datetime | None = None
    pdus: tuple[str, ...] = ()
    """Names or patterns (`rack1-*`) of the PDUs it is for; empty: all."""


class ApprovalSettings(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """`[control.approval]`: what a second person has to agree to. Off with an empty `needed`."""

    needed: tuple[str, ...] = ()
    """`all`, `protected`, `critical`, `danger`, `whole_pdu`, `plans`, `pdu:NAME` (or a pattern),
    `group:NAME`; any that fits. Not for identify and cancel."""
    expires_s: float = 900.0
    """How long a frozen plan may be approved, and started."""
    approvers: tuple[str, ...] = ()
    """Users and `@groups` who may approve; empty: whoever may do it themselves."""


class LockSettings(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """`[control.lock]`: locking the console."""

    at_start: bool = False
    after_s: float = 0.0
    """Without a key for so long it locks itself; 0: never."""
    code: Secret | None = None
    """What has to be typed to unlock; None: the word `unlock`."""


class ControlSettings(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Switching."""

    enabled: bool = True
    confirm: Literal["always"] = "always"
    verify_timeout_s: float = 10.0
    """How long the state may take to follow an accepted command before it is unconfirmed."""
    read_only: bool = False
    commands_per_minute: int = 60
    """On one PDU, by all programs of the state directory, 0: no limit. What comes faster is a loop,
    not a person."""
    outlet_per_minute: int = 6
    """On one outlet; 0: no limit."""
    reason: Literal["optional", "required"] = "optional"
    ticket: Literal["optional", "required"] = "optional"
    ticket_pattern: str | None = None
    """A regular expression that a ticket has to match in full."""
    load_check_s: float = 30.0
    """How long after a switch the load is compared with what was expected; 0: never."""
    outside_window: Literal["refuse", "name"] = "refuse"
    """Where a window is for a PDU and none is open: refuse, or have the name typed. Admins may
    always type the name."""
    plans_dir: Path | None = None
    """Where plans are kept; None: `plans` in the state directory. Approval by another OS user needs
    a directory that both can write to, with the sticky bit (docs/control.md)."""
    roles: RoleSettings = RoleSettings()
    windows: tuple[WindowSettings, ...] = ()
    approval: ApprovalSettings = ApprovalSettings()
    lock: LockSettings = LockSettings()


class ImpactSettings(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """`[impact]`: how the preview of a switch reckons."""

    limit_percent: float = 80.0
    """Of its rating: what a bank or an inlet should not carry for long."""
    inrush_factor: float = 1.5
    """What a load draws in its first moments, as a multiple of what it draws then."""
    map: Path | None = None
    """A CSV file of cords (device, pdu, outlet, cord, critical), beside what [pdu.outlets] says."""


class AuditSettings(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """`[audit]`: where else its records go."""

    syslog: str | None = None
    """`udp://host:514`, `tcp://host:601`, `unix:/dev/log`; None: nowhere else."""
    facility: str = "authpriv"


class OutletRef(msgspec.Struct, frozen=True, kw_only=True):
    """Outlets of one PDU, as the configuration names them: `rack1-a:1-4`, `rack1-a:db01`."""

    pdu: str
    selector: str


class GroupSettings(msgspec.Struct, frozen=True, kw_only=True):
    """`[group.NAME]` and `group = "NAME"` of outlets: outlets of any PDUs under one name."""

    name: str
    members: tuple[OutletRef, ...]


class SequenceStep(msgspec.Struct, frozen=True, kw_only=True):
    """`[[sequence.step]]`: one action on some outlets, one after the other."""

    action: OutletAction
    members: tuple[OutletRef, ...] = ()
    group: str | None = None
    """Instead of `members`."""
    pause_s: float | None = None
    """After each of its outlets; None: the sequence's."""
    pace: Literal["delay", "settle"] | None = None


class SequenceSettings(msgspec.Struct, frozen=True, kw_only=True):
    """`[[sequence]]`: a plan by name."""

    name: str
    steps: tuple[SequenceStep, ...]
    text: str | None = None
    """What it is for, in a line."""
    pause_s: float = 1.0
    pace: Literal["delay", "settle"] = "delay"
    on_failure: Literal["stop", "continue"] = "stop"


class ThresholdSettings(msgspec.Struct, frozen=True, kw_only=True):
    """`[[alarms.threshold]]`: limits of our own for a figure of some parts of some PDUs."""

    name: str
    of: Literal["outlet", "bank", "inlet", "phase", "source", "sensor", "pdu"]
    measure: str
    """`power_w`, `current_a`, `voltage_v`, `apparent_power_va`, `power_factor`, `frequency_hz`,
    `percent` (of the rating), `value` (of a sensor), `age_s` (of a PDU's reading)."""
    pdus: tuple[str, ...] = ()
    """Names or patterns; empty: all."""
    parts: tuple[str, ...] = ()
    """Numbers, names or patterns of the parts; empty: all."""
    high_warning: float | None = None
    high_critical: float | None = None
    low_warning: float | None = None
    low_critical: float | None = None
    hysteresis: float | None = None
    """In the unit of the figure: so far back inside the limit it has to come to be over. None:
    `AlarmSettings.hysteresis_percent` of the limit."""
    hold_s: float | None = None
    """So long it has to be beyond the limit; None: that of `AlarmSettings`."""


class BudgetSettings(msgspec.Struct, frozen=True, kw_only=True):
    """`[[alarms.budget]]`: how much energy PDUs may use together in a calendar period."""

    name: str
    kwh: float
    per: Literal["day", "week", "month"] = "day"
    """Calendar days, ISO weeks and months, local time."""
    pdus: tuple[str, ...] = ()
    """Names or patterns; empty: all."""
    warning_percent: float = 80.0
    """Of the budget; beyond all of it is critical."""


class AlarmHookSettings(msgspec.Struct, frozen=True, kw_only=True):
    """`[alarms.hook]`: a program that is run for alarms. No shell: a list of words."""

    argv: tuple[str, ...]
    """The alarm comes as JSON on its standard input and as `PDUTUI_ALARM_*` variables."""
    level: AlarmLevel = "warning"
    """This level and worse."""
    on: tuple[Literal["raised", "escalated", "over", "acknowledged"], ...] = (
        "raised", "escalated", "over",
    )  # fmt: skip
    timeout_s: float = 10.0


class AlarmSettings(msgspec.Struct, frozen=True, kw_only=True):
    """`[alarms]`: what is judged to be wrong, and who is told."""

    enabled: bool = True
    off: tuple[AlarmKind, ...] = ()
    """Kinds that are not judged."""
    warning_percent: float = 80.0
    """Near overload where the device has no threshold of its own: of the rating."""
    critical_percent: float = 100.0
    hysteresis_percent: float = 3.0
    """Of the limit: so far back a figure has to come before its alarm is over."""
    hold_s: float = 3.0
    """So long a figure has to be beyond its limit before an alarm is raised."""
    clear_s: float = 10.0
    """So long it has to be inside again before the alarm is over."""
    stale_after_s: float = 10.0
    """A PDU whose reading is older is `pdu_stale`; one that is lost is `pdu_lost` at once."""
    no_load_after_s: float = 60.0
    """An outlet that is on, carried something before, and draws 0 W for so long."""
    load_step_percent: float = 30.0
    """Of the rating of a bank or inlet, from one reading to the next but one; 0: never."""
    clock_off_s: float = 5.0
    """Our own clock jumps by more, or a device's is off by more; 0: never."""
    again_after_s: float = 300.0
    """What comes back within this time after it was raised is the same alarm, counted up, and is
    not told again by bell, toast, hook or syslog."""
    keep: Literal["none", "critical", "all"] = "critical"
    """Which alarms stay in the list when they are over, until acknowledged. Momentary ones do
    always."""
    expire_h: float = 24.0
    """What is over leaves the list after so many hours, acknowledged or not."""
    history_days: int = 400
    directory: Path | None = None
    """Where alarms are kept; None: `alarms` in the state directory. No key of the file sets it."""
    bell: Literal["off", "critical", "all"] = "critical"
    bell_every_s: float = 30.0
    """While a loud alarm of that level stands; 0: once only."""
    syslog: str | None = None
    """As `[audit] syslog`."""
    facility: str = "local0"
    hook: AlarmHookSettings | None = None
    thresholds: tuple[ThresholdSettings, ...] = ()
    budgets: tuple[BudgetSettings, ...] = ()


class KioskSettings(msgspec.Struct, frozen=True, kw_only=True):
    """`[kiosk]`: the console on a wall, by `--kiosk`."""

    on: bool = False
    """Only the command line sets it."""
    pages: tuple[str, ...] = ("fleet", "pdus")
    """In this order: `fleet`, `pairs`, `alarms`, `events`, `pdus` (each PDU in turn), `pdu:NAME` or
    a pattern."""
    every_s: float = 20.0
    """How long a page stays."""
    jump: bool = True
    """Go to a PDU that has a new critical alarm, at once."""
    jump_s: float = 60.0
    """How long it stays there."""
    big: bool = True
    """Big digits where there is room."""


class UiSettings(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The console."""

    theme: str = "noc-dark"
    color: Literal["auto", "truecolor", "256", "16", "none"] = "auto"
    glyphs: Literal["auto", "unicode", "console", "ascii"] = "auto"
    mouse: bool = True
    start: Literal["pdu", "fleet"] = "pdu"
    """The first screen."""
    group: Literal["none", "location", "rack", "feed"] = "none"
    """How the fleet is grouped at first."""
    served: str = ""
    """The address of the browser that this console is for; empty in a terminal. Only the command
    line sets it."""


class TrapSettings(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Listening for traps and informs."""

    enabled: bool = False
    host: str = "0.0.0.0"
    port: int = 1162
    """0: any that is free."""
    communities: tuple[Secret, ...] = ()
    """Taken from every PDU, besides the PDU's own read community."""


class EnergySettings(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What energy costs."""

    tariff: Tariff | None = None
    """None: reports have no cost."""


class FloorSettings(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Metering floor: an outlet or bank below both is shown as 0. 0 switches it off."""

    current_a: float = 0.0
    power_w: float = 0.0


class OutletSettings(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What the user says of one outlet."""

    name: str | None = None
    device: str | None = None
    """What is plugged in."""
    cord: str = ""
    """Which of its cords: A, B."""
    critical: bool = False
    groups: tuple[str, ...] = ()
    allow: tuple[str, ...] | None = None
    """Users and `@groups` who may switch it; None: as the PDU says; empty: nobody."""


class PduSettings(msgspec.Struct, frozen=True, kw_only=True):
    """One PDU."""

    name: str
    backend: Literal["snmp", "mock"] = "snmp"
    host: str = ""
    port: int = 161
    version: Literal["1", "2c", "3"] = "2c"
    community: Secret = Secret("public")
    write_community: Secret | None = None
    v3: V3User | None = None
    """Set if and only if `version` is 3; communities do not count then."""
    v3_write: V3User | None = None
    """Who writes in v3; None: nobody does."""
    profile: str = "auto"
    timeout_s: float = 2.0
    retries: int = 1
    feed: str | None = None
    location: str | None = None
    read_only: bool = False
    floor: FloorSettings = FloorSettings()
    protected: frozenset[int] = frozenset()
    allow: tuple[str, ...] | None = None
    """Users and `@groups` who may switch anything of it; None: everybody whose role allows it."""
    outlets: dict[int, OutletSettings] = {}
    model: str = "pdu44001"
    """Mock backend: which model; the names are those of `pdutui simulate --model list`."""
    seed: int = 1
    """Mock backend."""


class Settings(msgspec.Struct, frozen=True, kw_only=True):
    """All of it."""

    poll: PollSettings = PollSettings()
    history: HistorySettings = HistorySettings()
    control: ControlSettings = ControlSettings()
    ui: UiSettings = UiSettings()
    alarms: AlarmSettings = AlarmSettings()
    kiosk: KioskSettings = KioskSettings()
    keys: dict[str, tuple[str, ...]] = {}
    """`[keys]`: action id to the keys it has instead of its own; empty: none."""
    traps: TrapSettings = TrapSettings()
    energy: EnergySettings = EnergySettings()
    impact: ImpactSettings = ImpactSettings()
    audit: AuditSettings = AuditSettings()
    groups: tuple[GroupSettings, ...] = ()
    sequences: tuple[SequenceSettings, ...] = ()
    cords: tuple[MappedCord, ...] = ()
    """The device map: [pdu.outlets] and the file of `[impact] map`, in one."""
    pdus: tuple[PduSettings, ...] = ()
    config_path: Path | None = None
    """The file it came from; None without one."""
    profile_dir: Path | None = None
    """Where the user's own profiles are: `profiles` beside the configuration file."""
    state_dir: Path
    """Where the database, the audit, overrides and the log live; mode 0700."""
    warnings: tuple[str, ...] = ()
    """For people: e.g. a config file with a community in it that others may read."""
