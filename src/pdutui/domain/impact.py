"""What a switch will do, before it is done: the words for it.

`domain.impact_rules` works it out from readings and a map of cords; here is what comes out. Nothing
in here ever says that something is safe which is only not known: an outlet that nobody has mapped,
a PDU that does not answer, a load that is not metered raise the level to `unknown` at least.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Literal

import msgspec

from pdutui.domain.commands import Action

Level = Literal["clear", "unknown", "caution", "danger"]
"""How bad, in this order. `clear`: everything that counts is known and nothing speaks against it.
`unknown`: something that counts is not known. `caution`: to be said, and done all the same.
`danger`: a name has to be typed: a device with several cords loses its last feed (or may: its
other cord cannot be vouched for), a critical device goes dark, a bank or cord is taken over its
limit."""
LEVELS: tuple[Level, ...] = ("clear", "unknown", "caution", "danger")

CordState = Literal["feeds", "off", "dead", "unknown", "switched"]
"""`feeds`: on, live, and drawing (or not metered, and its inlet alive). `off`: its outlet is off.
`dead`: it is on and brings nothing: 0 W while its twin draws, or its PDU's inlet or bank has no
voltage or tripped. `unknown`: stale, lost, not configured. `switched`: it is what is switched."""

DeviceFate = Literal[
    "loses_last_feed", "may_lose_last_feed", "keeps_feed", "starts", "gains_feed", "restarts",
    "stays_dark", "unknown",
]  # fmt: skip


def worst(*levels: Level) -> Level:
    """The worst of them; `clear` for none."""
    return max(levels, key=LEVELS.index, default="clear")


class Change(msgspec.Struct, frozen=True, kw_only=True):
    """One wish that is looked at: what is to happen to one outlet, or to a whole PDU."""

    pdu: str
    outlet: int
    """`WHOLE_PDU` for a `PduAction`."""
    action: Action


class OutletImpact(msgspec.Struct, frozen=True, kw_only=True):
    """What one outlet drops or adds."""

    pdu: str
    outlet: int
    label: str
    """As on the screen: `outlet 3 db01`."""
    action: Action
    power_w: float | None = None
    """What it carries now (off, reboot), or is expected to carry (on); None: not known."""
    current_a: float | None = None
    peak_a: float | None = None
    """For a switch-on: the inrush, `current_a` times the configured factor."""
    basis: Literal["now", "last_known", "unknown"] = "unknown"
    """Where the figure is from; `last_known`: when it was last on, `age_s` ago."""
    age_s: float | None = None
    device: str | None = None
    """What is plugged in, by the map; None: not mapped."""


class LoadImpact(msgspec.Struct, frozen=True, kw_only=True):
    """What a bank or an inlet carries before and after, in amperes, against its rating."""

    pdu: str
    kind: Literal["bank", "inlet"]
    number: int
    name: str
    rating_a: float | None = None
    limit_a: float | None = None
    """`[impact] limit_percent` of the rating."""
    before_a: float | None = None
    after_a: float | None = None
    """None where an outlet that counts has an unknown load."""
    peak_a: float | None = None
    """The worst moment of a switch-on, inrush included; None where nothing is switched on."""
    before_percent: float | None = None
    after_percent: float | None = None
    peak_percent: float | None = None
    shifted: bool = False
    """It is not switched itself: it takes over what devices with two cords move to it."""
    level: Level = "clear"
    text: str = ""
    """`Bank 1 of rack1-b: 9.1 A to 13.2 A of 16 A (83 %, over the 80 % limit)`."""


class Cord(msgspec.Struct, frozen=True, kw_only=True):
    """One cord of a device, and how it stands before the change."""

    pdu: str
    outlet: int
    label: str
    feed: str | None = None
    cord: str = ""
    """Its name by the map: A, B."""
    state: CordState = "unknown"
    why: str = ""
    """`outlet is off`, `on, but draws 0 W`, `rack1-b is lost`."""
    power_w: float | None = None


class DeviceImpact(msgspec.Struct, frozen=True, kw_only=True):
    """What becomes of one device."""

    device: str
    critical: bool = False
    fate: DeviceFate
    cords: tuple[Cord, ...] = ()
    level: Level = "clear"
    text: str = ""
    """`db01 loses its last feed: its cord B (rack1-b outlet 3) is off`."""


class ImpactLine(msgspec.Struct, frozen=True, kw_only=True):
    """One sentence of it for people."""

    level: Level
    text: str


class Impact(msgspec.Struct, frozen=True, kw_only=True):
    """All of it."""

    level: Level = "clear"
    outlets: tuple[OutletImpact, ...] = ()
    loads: tuple[LoadImpact, ...] = ()
    devices: tuple[DeviceImpact, ...] = ()
    unmapped: tuple[str, ...] = ()
    """Labels of outlets of which nobody has said what is plugged in."""
    lines: tuple[ImpactLine, ...] = ()
    """The worst first; what a dialog with little room shows."""

    @property
    def danger(self) -> bool:
        """Whether a name has to be typed."""
        return self.level == "danger"


Preview = Callable[[Sequence[Change]], Impact]
"""Says what changes would do now, all of them together."""


def dangers(impact: Impact | None) -> frozenset[str]:
    """What is in danger, each by a word of its own that no figure is part of.

    Who agreed to one danger has not agreed to another that came up since.
    """
    if impact is None or not impact.danger:
        return frozenset()
    devices = {f"device {d.device.casefold()}" for d in impact.devices if d.level == "danger"}
    loads = {f"{x.kind} {x.number} of {x.pdu}" for x in impact.loads if x.level == "danger"}
    return frozenset(devices | loads or {"source"})


def said_of(impact: Impact | None) -> str:
    """The first line that says what the danger is."""
    lines = impact.lines if impact is not None else ()
    return next((line.text for line in lines if line.level == "danger"), "this is dangerous")
