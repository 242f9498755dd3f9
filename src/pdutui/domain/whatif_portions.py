"""The load of what is lost, in portions: what each is, and where it goes."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Literal

import msgspec

from pdutui.domain.devicemap import DeviceMap
from pdutui.domain.impact_facts import Site, Spot
from pdutui.domain.load import total_load
from pdutui.domain.racks import Racks
from pdutui.domain.reading import Bank, Outlet, Reading
from pdutui.domain.whatif_gone import Gone

Way = Literal["moves", "dark", "unknown", "upstream"]
"""`upstream`: it is the load of a PDU that hangs on the outlet, and is counted there."""
LEAST_REST_A = 0.5
LEAST_REST_SHARE = 0.1
"""A PDU draws a little itself, and meters differ: less than this is no load that is left over."""


class Target(msgspec.Struct, frozen=True):
    """Where a load may go: an outlet by the map, or a PDU of which only the bank is assumed."""

    pdu: str
    outlet: int | None = None
    bank: int | None = None
    """Where there is no outlet: the bank of the same number, if the PDUs have the same banks."""


class Course(msgspec.Struct, frozen=True):
    """What becomes of one load."""

    way: Way
    targets: tuple[Target, ...] = ()
    """Of one that moves: in equal shares. Of one that is not known: where it may go."""
    assumed: bool = False
    """Where it goes is only taken to be so."""
    unmapped: bool = False
    """Nobody has said what it is."""
    loose: bool = False
    """It moves, but how much of it to which of the targets is not known."""


class Portion(msgspec.Struct, frozen=True, kw_only=True):
    """A load of a PDU that is without power, and what becomes of it."""

    pdu: str
    course: Course
    current_a: float | None = None
    power_w: float | None = None
    volts: float | None = None


class Portions:
    """Cuts the load of PDUs without power into portions.

    Args:
        gone: what is without power.
        cords: which device hangs on which outlet.
        racks: for loads that nobody has mapped.
        pdus: as `gone` was made from: names that are PDUs, folded.
    """

    def __init__(self, gone: Gone, cords: DeviceMap, racks: Racks, pdus: Sequence[str]) -> None:
        self._gone, self._cords, self._racks = gone, cords, racks
        self._pdus = {name.casefold(): name for name in pdus}
        self._spots: dict[str, list[Spot]] = {}
        for spot in gone.effects:
            self._spots.setdefault(spot[0], []).append(spot)
        self.unmapped: dict[str, int] = {}
        """By PDU without power: so many of its loads are in no map."""

    def of(self, pdu: str) -> list[Portion]:
        """All that a PDU without power carried."""
        site = self._gone.sites[pdu]
        if site.reading is None:
            return self._of_unread(site)
        known, hidden = [], []
        for outlet in site.reading.outlets:
            move = self._gone.moves.get((pdu, outlet.number))
            if move is None or move.kind == "none":
                continue
            course = self._course((pdu, outlet.number))
            if not self._cords.at(pdu, outlet.number):
                self.unmapped[pdu] = self.unmapped.get(pdu, 0) + 1
            if move.impact.current_a is None and move.impact.power_w is None:
                hidden.append((outlet, course))
                continue
            known.append(
                (
                    outlet,
                    Portion(
                        pdu=pdu,
                        course=course,
                        current_a=move.impact.current_a,
                        power_w=move.impact.power_w,
                        volts=move.volts,
                    ),
                )
            )
        beyond = [
            self._course(spot) for spot in self._spots.get(pdu, ()) if site.outlet(spot[1]) is None
        ]
        rest = _Rest(site, site.reading, known)
        out = [portion for _, portion in known]
        out += self._of_hidden(site, site.reading, rest, hidden, beyond)
        return out

    def dropped(self, spot: Spot) -> Portion | None:
        """What one outlet carried whose load goes though its PDU keeps its power."""
        move = self._gone.moves.get(spot)
        if move is None or move.kind == "none":
            return None
        return Portion(
            pdu=spot[0],
            course=self._course(spot),
            current_a=move.impact.current_a,
            power_w=move.impact.power_w,
            volts=move.volts,
        )

    def _of_unread(self, site: Site) -> list[Portion]:
        """Nobody knows what it carries: it may come to wherever its devices and rack have cords."""
        spots = self._spots.get(site.name, ())
        courses = [*(self._course(spot) for spot in spots), self._unmapped(site, None)]
        targets = dict.fromkeys(target for course in courses for target in course.targets)
        return [Portion(pdu=site.name, course=Course("unknown", tuple(targets)))]

    def _of_hidden(
        self,
        site: Site,
        reading: Reading,
        rest: _Rest,
        hidden: list[tuple[Outlet, Course]],
        beyond: list[Course],
    ) -> list[Portion]:
        """What is not metered by outlets: what is left of each bank, and of the whole."""
        out: list[Portion] = []
        for bank in reading.banks:
            inside = [course for outlet, course in hidden if outlet.bank == bank.number]
            left_a, left_w = rest.of_bank(bank)
            if left_a is None:
                continue
            hidden = [one for one in hidden if one[0].bank != bank.number]
            rest.took(left_a, left_w)
            if inside or rest.counts(left_a, bank.current_a):
                out.append(self._lump(site, bank, inside or [self._unmapped(site, bank)], left_a,
                                      left_w))  # fmt: skip
        courses = [*(course for _, course in hidden), *beyond]
        left_a, left_w = rest.of_all()
        if courses or (left_a is not None and rest.counts(left_a, rest.total_a)):
            if not courses or not reading.outlets:
                courses.append(self._unmapped(site, None))
            out.append(self._lump(site, None, courses, left_a, left_w))
        elif left_a is None and not reading.outlets and not reading.banks:
            out.append(self._lump(site, None, [self._unmapped(site, None)], None, left_w))
        return out

    def _lump(
        self,
        site: Site,
        bank: Bank | None,
        courses: Sequence[Course],
        current_a: float | None,
        power_w: float | None,
    ) -> Portion:
        """Loads of which only the sum is known."""
        different = dict.fromkeys(course for course in courses if course.way != "upstream")
        targets = tuple(dict.fromkeys(t for one in different for t in one.targets))
        ways = {one.way for one in different}
        if len(courses) == 1 or (len(different) == 1 and len(targets) <= 1):
            course = courses[0]
        elif len(ways) <= 1 and not targets:
            only: Way = ways.pop() if ways else "upstream"
            course = Course(only, (), _assumed(different), _unmapped(different))
        else:
            way: Way = "moves" if ways == {"moves"} else "unknown"
            course = Course(
                way, targets, _assumed(different), _unmapped(different), loose=way == "moves"
            )
        volts = bank.voltage_v if bank is not None and bank.voltage_v else inlet_volts(site)
        return Portion(
            pdu=site.name,
            course=course,
            current_a=current_a,
            power_w=power_w,
            volts=volts,
        )

    def _course(self, spot: Spot) -> Course:
        """Where the load of an outlet goes."""
        site = self._gone.sites[spot[0]]
        names = dict.fromkeys(cord.device.casefold() for cord in self._cords.at(*spot))
        if not names:
            seen = site.seen.outlet(spot[1]) if site.seen is not None else None
            number = seen.bank if seen is not None else None
            bank = site.seen.bank(number) if site.seen is not None and number is not None else None
            return self._unmapped(site, bank)
        courses = [self._of_device(name) for name in names]
        if len(courses) == 1:
            return courses[0]
        ways = {course.way for course in courses}
        targets = tuple(dict.fromkeys(t for course in courses for t in course.targets))
        # Behind a splitter nobody knows whose load it is.
        if ways == {"moves"}:
            return Course("moves", targets, loose=True)
        return Course("dark") if ways == {"dark"} else Course("unknown", targets)

    def _of_device(self, name: str) -> Course:
        device = self._gone.devices.get(name)
        if device is None:
            return Course("unknown")
        pdu = self._pdus.get(name)
        if pdu is not None:
            power = self._gone.power(pdu)
            if power == "lost":
                return Course("upstream")
            left = tuple(
                Target(cord.pdu, cord.outlet)
                for cord in self._cords.of(name)
                if (cord.pdu, cord.outlet) not in self._gone.effects
            )
            return Course("moves" if power == "on" and left else "unknown", left)
        if device.fate in ("loses_last_feed", "restarts", "stays_dark"):
            return Course("dark")
        wanted = "feeds" if device.fate == "keeps_feed" else "unknown"
        targets = tuple(Target(c.pdu, c.outlet) for c in device.cords if c.state == wanted)
        return Course("moves" if device.fate == "keeps_feed" and targets else "unknown", targets)

    def _unmapped(self, site: Site, bank: Bank | None) -> Course:
        """A load that nobody has mapped: taken to have its other cord on the rack's other feed."""
        rack = self._racks.of(site.name)
        if rack is None:
            return Course("unknown", unmapped=True)
        feed = next(side.feed for side in rack.sides if site.name in side.pdus)
        sites, lost = self._gone.sites, self._gone.lost
        # What has been taken out of the configuration since the rack was drawn up feeds nothing.
        others = [pdu for pdu in rack.others(feed) if pdu in sites and pdu not in lost]
        if not others:
            return Course("dark", assumed=True, unmapped=True)
        fed = [pdu for pdu in others if not is_dead(self._gone.sites[pdu])]
        if not fed:
            return Course("dark", assumed=True, unmapped=True)
        targets = tuple(
            Target(pdu, None, _same_bank(site, bank, self._gone.sites[pdu])) for pdu in fed
        )
        if any(self._gone.sites[pdu].reading is None for pdu in fed):
            return Course("unknown", targets, assumed=True, unmapped=True)
        if len(targets) > 1:
            return Course("moves", targets, assumed=True, unmapped=True, loose=True)
        there = self._gone.sites[fed[0]].reading
        number = targets[0].bank
        twin = there.bank(number) if there is not None and number is not None else None
        if twin is not None and twin.state == "tripped":
            return Course("dark", assumed=True, unmapped=True)
        return Course("moves", targets, assumed=True, unmapped=True)


def _assumed(courses: Iterable[Course]) -> bool:
    return any(course.assumed for course in courses)


def _unmapped(courses: Iterable[Course]) -> bool:
    return any(course.unmapped for course in courses)


class _Rest:
    """What banks and the whole carry beyond what outlets say."""

    def __init__(
        self, site: Site, reading: Reading, known: Sequence[tuple[Outlet, Portion]]
    ) -> None:
        self._known = known
        self.total_a, self.total_w = whole_load(reading)
        self._taken_a = sum(p.current_a or 0.0 for _, p in known)
        self._taken_w = sum(p.power_w or 0.0 for _, p in known)
        self._blind_a = any(p.current_a is None for _, p in known)

    def of_bank(self, bank: Bank) -> tuple[float | None, float | None]:
        """Amperes and watts; None where they are not known."""
        inside = [portion for outlet, portion in self._known if outlet.bank == bank.number]
        if bank.current_a is None or any(portion.current_a is None for portion in inside):
            return None, None
        left_a = max(0.0, bank.current_a - sum(p.current_a or 0.0 for p in inside))
        if bank.power_w is not None and all(p.power_w is not None for p in inside):
            return left_a, max(0.0, bank.power_w - sum(p.power_w or 0.0 for p in inside))
        if self.total_w is not None and self.total_a:
            return left_a, self.total_w * left_a / self.total_a
        return left_a, None

    def took(self, current_a: float, power_w: float | None) -> None:
        """So much has been given out."""
        self._taken_a += current_a
        self._taken_w += power_w or 0.0

    def of_all(self) -> tuple[float | None, float | None]:
        """What is left over of the whole PDU."""
        left_w = None if self.total_w is None else max(0.0, self.total_w - self._taken_w)
        if self.total_a is None or self._blind_a:
            return None, left_w
        return max(0.0, self.total_a - self._taken_a), left_w

    def counts(self, left_a: float, of_a: float | None) -> bool:
        """Whether so much is a load that nobody sees, and not a difference between meters."""
        return left_a > max(LEAST_REST_A, LEAST_REST_SHARE * (of_a or 0.0))


def whole_load(reading: Reading) -> tuple[float | None, float | None]:
    """Amperes and watts of a PDU; of three lines the sum of them, where all are known."""
    load = total_load(reading)
    current = load.current_a
    if current is None and reading.phases:
        lines = [phase.current_a for phase in reading.phases]
        known = [line for line in lines if line is not None]
        current = sum(known) if len(known) == len(lines) else None
    return current, load.power_w


def inlet_volts(site: Site) -> float | None:
    """The voltage of a PDU, where all its inlets, or all its lines, have about the same."""
    if site.reading is None:
        return None
    lines: Sequence[float | None] = [phase.voltage_v for phase in site.reading.phases]
    volts = [v for v in (lines or [i.voltage_v for i in site.reading.inlets]) if v]
    if not volts or max(volts) > 1.1 * min(volts):
        return None
    return sum(volts) / len(volts)


def is_dead(site: Site) -> bool:
    """Whether it is known that a PDU has no power now."""
    reading = site.reading
    if reading is None:
        return False
    if reading.ats is not None and reading.ats.active == "none":
        return True
    return bool(reading.inlets) and all(inlet.voltage_v == 0 for inlet in reading.inlets)


def _same_bank(site: Site, bank: Bank | None, other: Site) -> int | None:
    """The bank of another PDU that stands for this one, where both have the same banks."""
    if bank is None or site.seen is None or other.reading is None:
        return None
    here = [(b.number, b.name, b.module) for b in site.seen.banks]
    there = [(b.number, b.name, b.module) for b in other.reading.banks]
    return bank.number if here == there else None
