"""Racks: the PDUs of one place, by the feed that they hang on."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import msgspec


class Member(msgspec.Struct, frozen=True, kw_only=True):
    """What the configuration says of one PDU."""

    pdu: str
    location: str = ""
    """Empty: not said."""
    feed: str = ""
    """Empty: not said."""


class Side(msgspec.Struct, frozen=True, kw_only=True):
    """The PDUs of a rack that hang on one feed."""

    feed: str
    """As it was written first: `A`."""
    pdus: tuple[str, ...]


class Rack(msgspec.Struct, frozen=True, kw_only=True):
    """The PDUs of one place that hang on two feeds or more."""

    location: str
    """As it was written first: `Row 3 / Rack 1`."""
    sides: tuple[Side, ...]
    """By the names of the feeds, A first."""

    @property
    def pdus(self) -> tuple[str, ...]:
        """All of its PDUs that hang on a feed."""
        return tuple(pdu for side in self.sides for pdu in side.pdus)

    def others(self, feed: str) -> tuple[str, ...]:
        """The PDUs on every other feed."""
        return tuple(p for s in self.sides if not same(s.feed, feed) for p in s.pdus)


class Unpaired(msgspec.Struct, frozen=True, kw_only=True):
    """A PDU that no other is set against, and why."""

    pdu: str
    location: str
    feed: str
    why: str
    """`no feed is set`."""


class Racks:
    """All racks of a room, and which PDUs are in none.

    Args:
        racks: with two feeds or more each.
        unpaired: all others.
        feeds: every feed that is named, paired or not, in the order of `Rack.sides`.
    """

    def __init__(
        self,
        racks: Sequence[Rack] = (),
        unpaired: Sequence[Unpaired] = (),
        feeds: Sequence[str] = (),
    ) -> None:
        self.racks = tuple(racks)
        self.unpaired = tuple(unpaired)
        self.feeds = tuple(feeds)
        self._of = {pdu: rack for rack in self.racks for pdu in rack.pdus}

    def of(self, pdu: str) -> Rack | None:
        """The rack of a PDU that is paired."""
        return self._of.get(pdu)


def same(one: str, other: str) -> bool:
    """Whether two names of feeds or places mean the same: capitals and blanks do not count."""
    return folded(one) == folded(other)


def folded(name: str) -> str:
    """A name as it is compared."""
    return " ".join(name.casefold().split())


def pair(members: Iterable[Member]) -> Racks:
    """Put the PDUs of one location side by side, by their feeds.

    A PDU without location or feed is in no rack, nor is one whose location has one feed only.
    """
    places: dict[str, list[Member]] = {}
    names: dict[str, str] = {}
    unpaired: list[Unpaired] = []
    for one in members:
        if folded(one.feed):
            names.setdefault(folded(one.feed), one.feed.strip())
        if not folded(one.location):
            both = not folded(one.feed)
            what = "neither location nor feed is set" if both else "no location is set"
            unpaired.append(_alone(one, what))
        elif not folded(one.feed):
            unpaired.append(_alone(one, "no feed is set"))
        else:
            places.setdefault(folded(one.location), []).append(one)
    racks = []
    for there in places.values():
        sides: dict[str, list[str]] = {}
        for one in there:
            sides.setdefault(folded(one.feed), []).append(one.pdu)
        if len(sides) < 2:
            feed = names[folded(there[0].feed)]
            unpaired += [_alone(one, f"{feed} is the only feed of its location") for one in there]
            continue
        racks.append(
            Rack(
                location=there[0].location.strip(),
                sides=tuple(Side(feed=names[f], pdus=tuple(sides[f])) for f in sorted(sides)),
            )
        )
    return Racks(racks, unpaired, [names[feed] for feed in sorted(names)])


def _alone(one: Member, why: str) -> Unpaired:
    return Unpaired(pdu=one.pdu, location=one.location.strip(), feed=one.feed.strip(), why=why)
