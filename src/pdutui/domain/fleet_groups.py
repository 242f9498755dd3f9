"""A fleet in groups: by row, by rack or by feed, and what the PDUs of a group carry together."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from collections.abc import Set as AbstractSet
from typing import Literal

import msgspec

from pdutui.domain.devicemap import MappedCord
from pdutui.domain.fleet import FleetRow
from pdutui.domain.fleet_sort import USUAL, Limits, Order, fullness, natural, standing
from pdutui.domain.health import Health
from pdutui.domain.racks import folded

Grouping = Literal["none", "location", "rack", "feed"]
GROUPINGS: tuple[Grouping, ...] = ("none", "location", "rack", "feed")
"""In the order in which a key goes through them."""
Behind = Mapping[str, frozenset[str]]
"""PDU -> those that feed it, where one is plugged into another."""
_Place = Callable[[Sequence[FleetRow], str], tuple[object, ...]]


class Section(msgspec.Struct, frozen=True):
    """A group in the order in which it is shown."""

    title: str
    """Empty: there are no groups."""
    level: int
    """0, or 1 for a rack below its row."""
    members: tuple[str, ...]
    """Names of its PDUs, in their order."""
    listed: bool
    """Whether they stand below it; else they do below the sections of the next level."""


class Totals(msgspec.Struct, frozen=True, kw_only=True):
    """What several PDUs carry together, and how they are."""

    count: int = 0
    measured: int = 0
    """Of so many PDUs the watts are known and fresh."""
    counted: int = 0
    """Of so many they should be: those that other PDUs of the group feed are in their figures.
    One that they feed by one cord alone is among these, and never among those that are measured."""
    power_w: float | None = None
    """Of those that are measured; None where none is."""
    percent: float | None = None
    """The fullest inlet, line or bank of all of them."""
    critical: int = 0
    warning: int = 0
    quiet: int = 0
    healths: dict[Health, int] = {}
    dark: int = 0
    estimated: bool = False


def behind_of(cords: Iterable[MappedCord], pdus: Iterable[str]) -> dict[str, frozenset[str]]:
    """Which PDUs hang on others, by the device map: those whose name is that of a device in it."""
    names = {pdu.casefold(): pdu for pdu in pdus}
    found: dict[str, set[str]] = {}
    configured = set(names.values())
    for cord in cords:
        device = names.get(cord.device.casefold())
        if device is not None and cord.pdu in configured and device != cord.pdu:
            found.setdefault(device, set()).add(cord.pdu)
    return {pdu: frozenset(feeders) for pdu, feeders in found.items()}


def _above(pdu: str, behind: Behind) -> set[str]:
    """All that feeds a PDU, however many lie between; with it itself where that is a circle."""
    found: set[str] = set()
    left = list(behind.get(pdu, ()))
    while left:
        one = left.pop()
        if one not in found:
            found.add(one)
            left += behind.get(one, ())
    return found


def _in_others(pdu: str, names: AbstractSet[str], behind: Behind) -> Literal["none", "some", "all"]:
    """How much of what a PDU carries some others have in their figures.

    `some`: one of its cords comes from elsewhere, or the map goes in a circle, which cannot be.
    """
    above = _above(pdu, behind)
    if not above & names:
        return "none"
    if any(one in _above(one, behind) for one in (pdu, *above)):
        return "some"

    def covered(one: str) -> bool:
        feeders = behind.get(one, frozenset())
        return bool(feeders) and all(each in names or covered(each) for each in feeders)

    return "all" if covered(pdu) else "some"


def apart(pdus: AbstractSet[str], behind: Behind) -> tuple[AbstractSet[str], AbstractSet[str]]:
    """Those of some PDUs whose figures are in no other's, and those of which a part may be."""
    parts = {pdu: _in_others(pdu, pdus, behind) for pdu in pdus & behind.keys()}
    unclear = {pdu for pdu, part in parts.items() if part == "some"}
    return {pdu for pdu in pdus if parts.get(pdu, "none") == "none"}, unclear


def totals_of(rows: Sequence[FleetRow], behind: Behind | None = None) -> Totals:
    """The totals of some PDUs.

    Watts are added up only where they are known and fresh, and nothing twice: a PDU that is plugged
    into another one of them is in the other's figure already. Of one that is so with one of its
    cords and not with another nobody knows how much is still to be added.

    Args:
        rows: The PDUs.
        behind: Which of them hang on others.
    """
    own, unclear = apart({row.pdu for row in rows}, behind or {})
    fresh = [row for row in rows if row.health == "live" or row.estimated]
    watts = [row.power_w for row in fresh if row.pdu in own]
    known = [power for power in watts if power is not None]
    shares = [share for row in fresh if (share := fullness(row)) is not None]
    healths: dict[Health, int] = {}
    for row in rows:
        healths[row.health] = healths.get(row.health, 0) + 1
    return Totals(
        count=len(rows),
        measured=len(known),
        counted=len(own) + len(unclear),
        power_w=sum(known) if known else None,
        percent=max(shares, default=None),
        critical=sum(row.critical for row in rows),
        warning=sum(row.warning for row in rows),
        quiet=sum(row.quiet for row in rows),
        healths=healths,
        dark=sum(row.dark for row in rows),
        estimated=any(row.estimated for row in rows),
    )


def row_title(location: str) -> str:
    """`Row 3` of `Row 3 / Rack 1`: what stands before the last `/`; empty where there is none."""
    return location.rpartition("/")[0].strip()


def sections_of(
    rows: Sequence[FleetRow], grouping: Grouping, order: Order = "worst", limits: Limits = USUAL
) -> tuple[Section, ...]:
    """The groups of rows that are in their order already.

    `location`: by row, which is what stands before the last `/` of a location. `rack`: by the
    location itself, racks of one row below it. `feed`: by feed. Groups are in the order of their
    first PDU where the worst come first, else by their titles; PDUs without a group come last.
    Capitals and blanks make no other group: its title is spelled as most of its PDUs spell it.
    """
    if grouping == "none":
        return (Section("", 0, tuple(row.pdu for row in rows), True),) if rows else ()
    titles = [_title(row, grouping) for row in rows]
    spelled = _spelling(titles)
    groups: dict[str, list[FleetRow]] = {}
    for row, title in zip(rows, titles, strict=True):
        groups.setdefault(spelled[folded(title)], []).append(row)

    def place(members: Sequence[FleetRow], title: str) -> tuple[object, ...]:
        worst = min(standing(row, limits) for row in members) if order == "worst" else 0
        return not title, worst, natural(title)

    if grouping != "rack":
        ordered = sorted(groups, key=lambda title: place(groups[title], title))
        return tuple(_section(title or _NONE[grouping], 0, groups[title]) for title in ordered)
    return _racks(groups, place)


def _racks(groups: Mapping[str, list[FleetRow]], place: _Place) -> tuple[Section, ...]:
    """Racks below their rows; one that is in no row stands by itself."""
    rows = {rack: row_title(rack) or rack for rack in groups}
    spelled = _spelling(rows.values())
    above: dict[str, list[str]] = {}
    for rack, row in rows.items():
        above.setdefault(spelled[folded(row)], []).append(rack)
    of_row = {title: [r for rack in racks for r in groups[rack]] for title, racks in above.items()}
    out: list[Section] = []
    for title in sorted(above, key=lambda title: place(of_row[title], title)):
        racks = sorted(above[title], key=lambda rack: place(groups[rack], rack))
        if racks == [title]:
            out.append(_section(title or _NONE["rack"], 0, groups[title]))
            continue
        out.append(Section(title, 0, tuple(r.pdu for r in of_row[title]), False))
        out += [_section(rack, 1, groups[rack]) for rack in racks]
    return tuple(out)


def _spelling(titles: Iterable[str]) -> dict[str, str]:
    """How each title is spelled most often, by the title as it is compared."""
    counts = Counter(titles)
    best: dict[str, str] = {}
    for title in sorted(counts, key=lambda title: (-counts[title], title)):
        best.setdefault(folded(title), title)
    return best


_NONE: dict[Grouping, str] = {
    "none": "", "location": "no location", "rack": "no location", "feed": "no feed",
}  # fmt: skip


def _title(row: FleetRow, grouping: Grouping) -> str:
    if grouping == "feed":
        return f"feed {row.feed}" if row.feed else ""
    if grouping == "location":
        return row_title(row.location) or row.location
    return row.location


def _section(title: str, level: int, rows: Sequence[FleetRow]) -> Section:
    return Section(title, level, tuple(row.pdu for row in rows), True)
