"""What the screen of rack pairs knows: racks, what each has to spare, in which order they stand."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from msgspec import Struct

from pdutui.domain.clock import Clock
from pdutui.domain.fleet import FleetRow
from pdutui.domain.fleet_groups import Totals, row_title, totals_of
from pdutui.domain.fleet_sort import natural
from pdutui.domain.impact import LEVELS, Level, worst
from pdutui.domain.impact_facts import Site
from pdutui.domain.margin import RackMargins, margins
from pdutui.domain.racks import Rack, Unpaired
from pdutui.domain.whatif import DeviceAfter, PduAfter, WhatIf
from pdutui.domain.whatif_rows import row_after
from pdutui.domain.whatif_rules import as_now
from pdutui.domain.whatif_sources import source_lost
from pdutui.engine.whatif import facts_of
from pdutui.screens.fleet_source import LiveRows
from pdutui.screens.piecemeal import Piecemeal
from pdutui.screens.port import EnginePort
from pdutui.screens.whatif_desk import WhatIfDesk
from pdutui.widgets.last_seen import LastSeen

AGAIN_S = 5.0
"""Racks are sorted anew this often at most, and those that are not seen worked out anew."""
HANDS_OFF_S = 3.0
"""Nothing moves for so long after a key or the mouse."""
MOST_SEEN = 12
"""So many racks that are seen are worked out anew each second; the others in turn."""
_WORDS: dict[str, Level] = {
    "over": "danger", "critical": "danger", "warning": "caution", "unknown": "unknown",
    "fine": "clear",
}  # fmt: skip


class Item(Struct, frozen=True):
    """One block: a rack, a PDU that no other is set against, or the head of a row of racks."""

    rack: Rack | None = None
    lone: Unpaired | None = None
    row: str = ""
    """Of a head, which the cursor is never on."""
    racks: tuple[Rack, ...] = ()
    """Of a head: those of its row."""

    @property
    def key(self) -> tuple[str, ...]:
        """Its PDUs: what it is known by."""
        if self.rack is not None:
            return self.rack.pdus
        return (self.lone.pdu,) if self.lone is not None else ()

    @property
    def is_head(self) -> bool:
        """Whether it only stands above others."""
        return not self.key

    @property
    def location(self) -> str:
        """Where it stands; empty where that is not said."""
        if self.rack is not None:
            return self.rack.location
        return self.lone.location if self.lone is not None else self.row


class PairsDesk:
    """Looks at the racks once a second.

    Args:
        engine: The PDUs.
        what_if: Knows racks and map, and what is lost in a what-if.
        clock: For how long work may take, and when racks may be sorted anew.
    """

    def __init__(self, engine: EnginePort, what_if: WhatIfDesk, *, clock: Clock) -> None:
        self._engine, self._clock = engine, clock
        self.what_if = what_if
        self.live = LiveRows(engine, clock)
        self.items: list[Item] = []
        """Those that are shown, from top to bottom."""
        self.chosen: tuple[str, ...] | None = None
        """The block that the cursor was put on; None: the first one, whichever that becomes."""
        self.side = 0
        """Which of its PDUs."""
        self.text = ""
        """The filter."""
        self.by_row = False
        self.held = False
        """Another order is due, and waits until nobody moves about."""
        self._rows: dict[str, FleetRow] = {}
        self._found: dict[tuple[str, ...], RackMargins] = {}
        self._devices: dict[str, list[DeviceAfter]] = {}
        """By PDU: what the what-if does to its devices."""
        self._devices_of: WhatIf | None = None
        self._work = Piecemeal(clock, self._round, pause_s=AGAIN_S)
        self._sorted_s, self._touched_s = -AGAIN_S, -HANDS_OFF_S
        self._dirty = True
        self._known = False
        self._complete = False
        """Every rack has been worked out."""
        self._seen = LastSeen[str](clock)
        """The PDU that the cursor was on."""
        self.asked = False
        """Somebody wanted another order, which is not drawn yet."""

    # looking

    @property
    def busy(self) -> bool:
        """Whether there is more to be worked out: `go_on`."""
        return self._work.busy or self.what_if.busy

    def look(self, seen: Sequence[Item] = ()) -> None:
        """Take what is so now.

        Args:
            seen: What is on the screen: it is worked out now, all else in turn.
        """
        self.live.refresh()
        self._rows = {row.pdu: row for row in self.live.rows()}
        if self.what_if.loss is None:
            there = set(self._engine.pdus)
            for item in seen[:MOST_SEEN]:
                if item.rack is not None:
                    self._work_out(item.rack, there)
        self.go_on()
        self.sort()

    def go_on(self) -> None:
        """Work on for a moment."""
        if self.what_if.loss is None:
            self._work.go_on()
        else:
            self.what_if.look()

    def _round(self) -> Iterator[None]:
        racks = self.what_if.check_room().racks.racks
        there = set(self._engine.pdus)
        yield
        for rack in racks:
            self._work_out(rack, there)
            yield
        if not self._complete:
            self._complete = self._dirty = True
        kept = {rack.pdus for rack in racks}
        self._found = {key: one for key, one in self._found.items() if key in kept}

    def _work_out(self, rack: Rack, there: set[str]) -> None:
        room = self.what_if.room
        near, _ = room.scope(rack.pdus)
        facts = {name: facts_of(self._engine.view(name)) for name in near & there}
        self._found[rack.pdus] = margins(rack, facts, room, self.what_if.rules)

    # order

    def touched(self) -> None:
        """Somebody pressed a key or used the mouse."""
        self._touched_s = self._clock.monotonic()

    def anew(self) -> None:
        """Put them in order at once, whoever moves about: somebody asked for it."""
        self._dirty = self.asked = True
        self.sort()
        self._seen.chosen()

    def sort(self) -> None:
        """Put them in order, if it is time to."""
        now_s = self._clock.monotonic()
        known = self.what_if.found is not None
        if known != self._known:
            # A what-if is worked out for the first time, or has ended: another order altogether.
            self._known, self._dirty = known, True
        wanted = self._wanted()
        pressing = now_s - self._touched_s < HANDS_OFF_S
        same = {item.key for item in wanted} == {item.key for item in self.items}
        if self._dirty or not same or (not pressing and now_s - self._sorted_s >= AGAIN_S):
            before = self.pdu
            self.items, self._dirty, self._sorted_s = wanted, False, now_s
            if before is not None and before != self.pdu:
                self._seen.changed(before)
        self.held = pressing and wanted != self.items

    def _wanted(self) -> list[Item]:
        found = self.what_if.room.racks
        items = [Item(rack=rack) for rack in found.racks]
        items += [Item(lone=lone) for lone in found.unpaired]
        words = self.text.casefold().split()
        shown = sorted((i for i in items if self._fits(i, words)), key=self._place)
        return self._with_heads(shown) if self.by_row else shown

    def _with_heads(self, shown: Sequence[Item]) -> list[Item]:
        """The racks of each row below a head; the rows in the order of their worst rack."""
        rows: dict[str, list[Item]] = {}
        for item in shown:
            if item.rack is not None:
                title = row_title(item.location) or "no row"
                rows.setdefault(title, []).append(item)
        out: list[Item] = []
        for title, members in rows.items():
            racks = tuple(item.rack for item in members if item.rack is not None)
            out += [Item(row=title, racks=racks), *members]
        return out + [item for item in shown if item.rack is None]

    def _place(self, item: Item) -> tuple[object, ...]:
        level, percent = self.level_of(item), self.percent_of(item)
        return (
            item.rack is None, -LEVELS.index(level), -int((percent or 0.0) // 5),
            natural(item.location), item.key,
        )  # fmt: skip

    def _fits(self, item: Item, words: Sequence[str]) -> bool:
        names = [item.location, *item.key]
        names += [side.feed for side in item.rack.sides] if item.rack is not None else []
        level = self.level_of(item) if item.rack is not None else None
        return all(
            level == _WORDS[word] if word in _WORDS else any(word in n.casefold() for n in names)
            for word in words
        )

    # what is known of a block

    def row(self, pdu: str) -> FleetRow:
        """A PDU as it is now."""
        return self._rows.get(pdu) or FleetRow(pdu=pdu)

    def totals(self, items: Sequence[Item]) -> Totals:
        """What the PDUs of some blocks carry together, now or in the what-if; nothing twice."""
        racks = [rack for item in items for rack in (*item.racks, *filter(None, [item.rack]))]
        pdus = dict.fromkeys(pdu for rack in racks for pdu in rack.pdus)
        rows = [row_after(self.row(pdu), self.what_if.after(pdu)) for pdu in pdus]
        return totals_of(rows, self.what_if.room.behind)

    def margins_of(self, item: Item) -> RackMargins | None:
        """What a rack has to spare; None until it is worked out."""
        return self._found.get(item.key)

    def after(self, item: Item, pdu: str) -> PduAfter | None:
        """What becomes of a PDU: in the what-if, or when the worst of the other feeds is lost."""
        if self.what_if.loss is not None:
            return self.what_if.after(pdu) or self._now(pdu)
        found = self._found.get(item.key)
        if found is None or item.rack is None:
            return self._now(pdu)
        own = next(side.feed for side in item.rack.sides if pdu in side.pdus)
        others = [one.what_if.of(pdu) for one in found.margins if one.feed != own]
        return max((one for one in others if one is not None), key=_badness, default=None)

    def _now(self, pdu: str) -> PduAfter:
        if pdu not in self._engine.pdus:
            return PduAfter(pdu=pdu, fate="unknown", why=f"{pdu} is not configured any more")
        return as_now(pdu, facts_of(self._engine.view(pdu)), self.what_if.rules)

    def devices(self, item: Item) -> list[DeviceAfter]:
        """The devices of a block that the what-if touches, each once."""
        found = self.what_if.found
        if found is not self._devices_of:
            self._devices_of, self._devices = found, {}
            for one in found.devices if found is not None else ():
                for pdu in dict.fromkeys(cord.pdu for cord in one.cords):
                    self._devices.setdefault(pdu, []).append(one)
        out = {one.device: one for pdu in item.key for one in self._devices.get(pdu, ())}
        return list(out.values())

    def level_of(self, item: Item) -> Level:
        """How bad it is with a block; a rack that is not worked out yet is not known."""
        if item.is_head:
            return worst(*(self.level_of(Item(rack=rack)) for rack in item.racks))
        if self.what_if.loss is not None and self.what_if.found is None:
            return "unknown"  # it is being worked out
        if self.what_if.loss is not None:
            known = [one for pdu in item.key if (one := self.what_if.after(pdu)) is not None]
            return worst(*(one.level for one in known), *(one.level for one in self.devices(item)))
        if item.rack is None:
            return "clear"
        found = self._found.get(item.key)
        return found.level if found is not None else "unknown"

    def percent_of(self, item: Item) -> float | None:
        """What its fullest part comes to."""
        if self.what_if.loss is None:
            found = self._found.get(item.key)
            return found.percent if found is not None else None
        afters = [self.what_if.after(pdu) for pdu in item.key]
        parts = [one.fullest for one in afters if one is not None]
        return max((part.most_percent or 0.0 for part in parts if part is not None), default=None)

    def sources(self, pdu: str) -> list[str]:
        """What the loss of each source would do to a PDU with a transfer switch."""
        if pdu not in self._engine.pdus:
            return []
        view = self._engine.view(pdu)
        site = Site(pdu, facts_of(view))
        if site.seen is None or site.seen.ats is None:
            return []
        told = {"dark": "goes dark: ", "unknown": "not known: ", "keeps": ""}
        out = []
        for source in site.seen.ats.sources:
            fate, why = source_lost(site, source.id)
            out.append(f"lose source {source.id}: {told[fate]}{why}")
        return out

    # the cursor

    def place_of(self, key: tuple[str, ...]) -> int | None:
        """The place of a block; None where it is not shown any more."""
        return next((at for at, item in enumerate(self.items) if item.key == key), None)

    @property
    def place(self) -> int:
        """The place of the block under the cursor."""
        keys = [item.key for item in self.items]
        if self.chosen in keys:
            return keys.index(self.chosen)
        return next((at for at, item in enumerate(self.items) if not item.is_head), 0)

    @property
    def item(self) -> Item | None:
        """The block under the cursor."""
        return self.items[self.place] if self.items else None

    @property
    def pdu(self) -> str | None:
        """The PDU under the cursor."""
        item = self.item
        return None if item is None or item.is_head else item.key[min(self.side, len(item.key) - 1)]

    @property
    def meant(self) -> str | None:
        """The PDU that a key of this moment is for: the one that was seen under the cursor."""
        pdu = self.pdu
        meant = self._seen.meant(pdu) if pdu is not None else None
        return meant if any(meant in item.key for item in self.items) else pdu

    @property
    def item_meant(self) -> Item | None:
        """The block that it is in."""
        meant = self.meant
        found = (item for item in self.items if meant in item.key)
        return next(found, self.item)

    def choose(self, place: int, side: int = 0) -> None:
        """Put the cursor on a block, and on one of its PDUs."""
        self._seen.chosen()
        if self.items:
            place = max(0, min(place, len(self.items) - 1))
            way = 1 if place >= self.place else -1
            while self.items[place].is_head:
                if not 0 <= place + way < len(self.items):
                    return
                place += way
            item = self.items[place]
            self.chosen = item.key
            self.side = max(0, min(side, len(item.key) - 1))
        self.touched()

    def follow_first(self) -> None:
        """Put the cursor on the first block, whichever that becomes."""
        self._seen.chosen()
        self.chosen, self.side = None, 0
        self.touched()


def _badness(one: PduAfter) -> tuple[int, float]:
    part = one.fullest
    share = part.most_percent if part is not None else None
    return LEVELS.index(one.level), share or 0.0
