"""The configuration as typed values. `pdutui.config` makes it from TOML, environment and flags."""

from __future__ import annotations

from pathlib import Path
from typing import Literal

import msgspec

from pdutui.domain.secret import Secret
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


class ControlSettings(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Switching."""

    enabled: bool = True
    confirm: Literal["always"] = "always"
    verify_timeout_s: float = 10.0
    """How long the state may take to follow an accepted command before it is unconfirmed."""
    read_only: bool = False


class UiSettings(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The console."""

    theme: str = "noc-dark"
    color: Literal["auto", "truecolor", "256", "16", "none"] = "auto"
    glyphs: Literal["auto", "unicode", "console", "ascii"] = "auto"
    mouse: bool = True


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
    critical: bool = False


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
    traps: TrapSettings = TrapSettings()
    energy: EnergySettings = EnergySettings()
    pdus: tuple[PduSettings, ...] = ()
    config_path: Path | None = None
    """The file it came from; None without one."""
    profile_dir: Path | None = None
    """Where the user's own profiles are: `profiles` beside the configuration file."""
    state_dir: Path
    """Where the database, the audit, overrides and the log live; mode 0700."""
    warnings: tuple[str, ...] = ()
    """For people: e.g. a config file with a community in it that others may read."""
