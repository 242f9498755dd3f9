"""What would be if a feed, a PDU or a source were lost: the words for it.

`domain.whatif_rules` works it out from readings and the map of cords. Loads are spans: from what is
known to come to what may come at most. Where nobody can tell, a bound is missing, and nothing is
made up in its place.
"""

from __future__ import annotations

from typing import Literal

import msgspec

from pdutui.domain.fleet import Loss
from pdutui.domain.impact import Cord, ImpactLine, Level
from pdutui.domain.load import percent_of
from pdutui.domain.reading import SourceId

NEAR = 1e-6
"""Sums of decimal fractions differ by so little that it means nothing."""

PartKind = Literal["inlet", "phase", "bank"]
PduFate = Literal["lost", "dark", "takes", "same", "unknown", "unsure"]
"""`lost`: it is what is lost. `dark`: it goes dark by that. `takes`: it takes over a load, or may.
`same`: nothing changes for it. `unknown`: what it carries is not known. `unsure`: whether it keeps
its power is not known."""
DeviceAfterFate = Literal["dark", "may_go_dark", "unknown", "degraded"]
"""`degraded`: it goes on running, on fewer cords."""


class PartAfter(msgspec.Struct, frozen=True, kw_only=True):
    """An inlet, a line or a bank before and after, in amperes."""

    kind: PartKind
    number: int
    name: str
    """`Bank C1`, `Inlet I1`, `L2`."""
    short: str = ""
    """As the screens call it, where the kind is known: `C1`."""
    rating_a: float | None = None
    limit_percent: float = 80.0
    """Of the rating: what it should not carry for long."""
    before_a: float | None = None
    least_a: float | None = None
    """None: not even that is known."""
    most_a: float | None = None
    """None: it may be any amount more."""
    level: Level = "clear"
    """`caution` over the limit, `danger` over its rating, `unknown` where it may be either."""

    @property
    def after_a(self) -> float | None:
        """What it carries then, where that is known to be one figure."""
        if self.least_a is None or self.most_a is None:
            return None
        return self.most_a if self.most_a - self.least_a < NEAR else None

    @property
    def before_percent(self) -> float | None:
        """Of its rating."""
        return percent_of(self.before_a, self.rating_a)

    @property
    def least_percent(self) -> float | None:
        """Of its rating."""
        return percent_of(self.least_a, self.rating_a)

    @property
    def most_percent(self) -> float | None:
        """Of its rating."""
        return percent_of(self.most_a, self.rating_a)

    @property
    def after_percent(self) -> float | None:
        """Of its rating, where it is one figure."""
        return percent_of(self.after_a, self.rating_a)


class PduAfter(msgspec.Struct, frozen=True, kw_only=True):
    """One PDU before and after."""

    pdu: str
    feed: str = ""
    fate: PduFate = "same"
    why: str = ""
    """For people: `source B takes over`, `rack1-b is lost`, `no feed is set`."""
    unread: str = ""
    """Why its figures do not count: `rack1-b is lost`; empty where they do."""
    source: SourceId | None = None
    """The source that it loses, where it goes on running on the other."""
    assumed: bool = False
    """Some of what it takes over is only assumed to come to it: nobody has mapped it."""
    before_w: float | None = None
    least_w: float | None = None
    most_w: float | None = None
    parts: tuple[PartAfter, ...] = ()
    """Of a PDU that keeps its power and has a fresh reading."""
    level: Level = "clear"

    @property
    def after_w(self) -> float | None:
        """What it carries then, where that is known to be one figure."""
        if self.least_w is None or self.most_w is None:
            return None
        return self.most_w if self.most_w - self.least_w < NEAR else None

    @property
    def fullest(self) -> PartAfter | None:
        """The part nearest to its rating then, as far as that can be said."""
        rated = [part for part in self.parts if part.most_percent is not None]
        return max(rated, key=lambda part: part.most_percent or 0.0, default=None)


class DeviceAfter(msgspec.Struct, frozen=True, kw_only=True):
    """What becomes of a device that has a cord on what is lost."""

    device: str
    critical: bool = False
    fate: DeviceAfterFate
    single: bool = False
    """It has one cord in the map."""
    why: str = ""
    """`one cord in the map`, `its cord B (rack1-b outlet 20) is on, but draws 0 W`."""
    cause: str = ""
    """The same for all devices that share it: `rack1-b is lost`; for grouping."""
    cords: tuple[Cord, ...] = ()
    level: Level = "clear"


class Balance(msgspec.Struct, frozen=True, kw_only=True):
    """Where the load of all that is lost goes; each part is counted once."""

    lost: float = 0.0
    moved: float = 0.0
    """By the map."""
    assumed: float = 0.0
    """Moved as well, but only assumed to be."""
    dark: float = 0.0
    unknown: float = 0.0
    """Nobody can tell where it goes, or whether it goes dark."""
    unmetered: int = 0
    """So many loads have no figure, and are in none of these."""

    def __add__(self, other: Balance) -> Balance:
        return Balance(
            lost=self.lost + other.lost,
            moved=self.moved + other.moved,
            assumed=self.assumed + other.assumed,
            dark=self.dark + other.dark,
            unknown=self.unknown + other.unknown,
            unmetered=self.unmetered + other.unmetered,
        )


class WhatIf(msgspec.Struct, frozen=True, kw_only=True):
    """All of it."""

    loss: Loss
    level: Level = "clear"
    pdus: tuple[PduAfter, ...] = ()
    """In the order of the fleet."""
    devices: tuple[DeviceAfter, ...] = ()
    lines: tuple[ImpactLine, ...] = ()
    """Sentences for people, the worst first."""
    of_pdus: tuple[ImpactLine, ...] = ()
    """Those of them that tell of PDUs."""
    watts: Balance = Balance()
    amperes: Balance = Balance()
    """In amperes at the voltage of what is lost."""

    def of(self, pdu: str) -> PduAfter | None:
        """What becomes of one PDU; None where it is not part of it."""
        return next((one for one in self.pdus if one.pdu == pdu), None)

    def fates(self, fate: DeviceAfterFate) -> tuple[DeviceAfter, ...]:
        """The devices of one fate."""
        return tuple(one for one in self.devices if one.fate == fate)

    @property
    def over(self) -> tuple[PduAfter, ...]:
        """PDUs of which a part is over its rating for certain, or over it before."""
        return tuple(one for one in self.pdus if one.level == "danger" and one.parts)
