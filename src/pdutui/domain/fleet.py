"""A fleet at a glance: one row a PDU, groups of rows, and what would be if a part of it were lost.

Rows are facts of one moment, made from what each PDU said last; None is what is not known.
"""

from __future__ import annotations

from typing import Literal

import msgspec

from pdutui.domain.health import Health
from pdutui.domain.reading import ActiveSource, LoadState, Redundancy, SourceId


class FleetLoad(msgspec.Struct, frozen=True, kw_only=True):
    """The fullest bank, phase or inlet of a PDU."""

    name: str
    current_a: float | None = None
    rating_a: float | None = None
    percent: float | None = None
    """Of its rating, 0 and up; None without rating or current."""
    state: LoadState = "unknown"


class FleetRow(msgspec.Struct, frozen=True, kw_only=True):
    """One PDU in a line."""

    pdu: str
    location: str = ""
    """As configured; empty for none."""
    feed: str = ""
    health: Health = "connecting"
    age_s: float | None = None
    detail: str = ""
    """Why it is not live."""
    power_w: float | None = None
    """Total, of the inlets."""
    apparent_power_va: float | None = None
    """Total, where the device gives no power."""
    current_a: float | None = None
    """Of the inlet; of a three-phase one that of its fullest line."""
    rating_a: float | None = None
    percent: float | None = None
    """Of the rating: the fullest inlet or line."""
    worst: FleetLoad | None = None
    has_ats: bool = False
    active: ActiveSource | None = None
    preferred: SourceId | Literal["none"] | None = None
    redundancy: Redundancy | None = None
    outlets_on: int = 0
    outlets_off: int = 0
    outlets_unknown: int = 0
    critical: int = 0
    """Alarms in the list by level, those that are acknowledged or silenced left out."""
    warning: int = 0
    quiet: int = 0
    """Alarms that are acknowledged or silenced."""
    estimated: bool = False
    """The figures are those of a what-if, not measured."""
    dark: bool = False
    """In a what-if: it would be without power."""
    unsure: bool = False
    """In a what-if: nobody can tell what becomes of it, and `detail` says why."""


LossKind = Literal["feed", "pdu", "source"]


class Loss(msgspec.Struct, frozen=True, kw_only=True):
    """What a what-if takes away."""

    kind: LossKind
    name: str
    """The feed (`A`), the PDU; of a source the PDU whose transfer switch has it."""
    source: SourceId | None = None

    @property
    def words(self) -> str:
        """`feed A`, `PDU rack1-a`, `source B of ats-1`."""
        if self.kind == "source":
            return f"source {self.source} of {self.name}"
        return f"feed {self.name}" if self.kind == "feed" else f"PDU {self.name}"
