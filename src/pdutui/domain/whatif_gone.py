"""Which PDUs are without power when something is lost, and what that means to their devices.

A PDU may hang on an outlet of another, and a transfer switch on two of them: what goes dark by the
loss takes others with it. So it is gone round until nothing more happens.
"""

from __future__ import annotations

from collections.abc import Mapping

import msgspec

from pdutui.domain.devicemap import DeviceMap, MappedCord
from pdutui.domain.fleet import Loss
from pdutui.domain.impact import DeviceImpact
from pdutui.domain.impact_devices import device_impacts
from pdutui.domain.impact_facts import Effect, ImpactRules, PduFacts, Site, Spot
from pdutui.domain.impact_loads import Flows, Move, moves
from pdutui.domain.racks import same
from pdutui.domain.reading import SourceId
from pdutui.domain.whatif_sources import SourceFate, some_source_lost, source_lost

OFF = Effect(action="off", dips=True)
"""To what hangs on it, an outlet that loses its power goes off."""
_SOURCES: dict[str, SourceId] = {"a": "A", "b": "B"}


class Gone(msgspec.Struct, kw_only=True):
    """What is without power, and what may be."""

    sites: dict[str, Site]
    """Of a PDU that may be without power, no figure counts any more."""
    lost: dict[str, str] = {}
    """By PDU: why it is without power; empty for what the what-if takes away itself."""
    unsure: dict[str, str] = {}
    """By PDU: why it may be."""
    keeps: dict[str, str] = {}
    """By PDU with a transfer switch: why it keeps its load."""
    sources: dict[str, SourceId] = {}
    """By PDU with a transfer switch: the source that it loses."""
    effects: dict[Spot, Effect] = {}
    """Outlets without power, or without load."""
    moves: dict[Spot, Move] = {}
    devices: dict[str, DeviceImpact] = {}
    """By their folded names."""

    def power(self, pdu: str) -> str:
        """How a PDU is: `lost`, `unsure` or `on`."""
        return "lost" if pdu in self.lost else "unsure" if pdu in self.unsure else "on"


def lose_power(
    loss: Loss,
    facts: Mapping[str, PduFacts],
    cords: DeviceMap,
    rules: ImpactRules,
) -> Gone:
    """What is without power by a loss, and what its devices do.

    Args:
        loss: what is lost.
        facts: by PDU, in the order of the fleet.
        cords: which device hangs on which outlet.
        rules: as of the preview.
    """
    names = dict.fromkeys([*facts, *(cord.pdu for cord in cords.cords)])
    gone = Gone(sites={name: Site(name, facts.get(name)) for name in names})
    _Round(gone, loss, facts, cords, rules).run()
    return gone


class _Round:
    def __init__(
        self,
        gone: Gone,
        loss: Loss,
        facts: Mapping[str, PduFacts],
        cords: DeviceMap,
        rules: ImpactRules,
    ) -> None:
        self._gone, self._loss, self._facts = gone, loss, facts
        self._cords, self._rules = cords, rules
        self._names = {name.casefold(): name for name in facts}
        self._mapped: dict[str, set[int]] = {}
        for cord in cords.cords:
            self._mapped.setdefault(cord.pdu, set()).add(cord.outlet)

    def run(self) -> None:
        """Go round until nothing more goes dark."""
        self._begin()
        while True:
            self._judge_devices()
            news = [self._pass_on(device) for device in list(self._gone.devices.values())]
            if not any(news):
                return

    def _begin(self) -> None:
        gone, loss = self._gone, self._loss
        if loss.kind == "pdu":
            if loss.name in self._facts:
                self._take(loss.name, "")
        elif loss.kind == "source" and loss.source is not None:
            self._one_source(loss.name, loss.source)
        elif loss.kind == "feed":
            for name, facts in self._facts.items():
                site = gone.sites[name]
                mapped = bool(self._upstream(name))
                if site.seen is not None and site.seen.ats is not None:
                    if not mapped:
                        self._settle(name, some_source_lost(site, loss.name))
                elif facts.feed is not None and same(facts.feed, loss.name):
                    self._take(name, "")
                elif not facts.feed and not mapped:
                    self._doubt(
                        name, f"no feed is set: whether it hangs on {loss.name} is not known"
                    )

    def _one_source(self, name: str, source: SourceId) -> None:
        if name not in self._facts:
            return
        self._gone.sources[name] = source
        self._settle(name, source_lost(self._gone.sites[name], source))
        for cord in self._upstream(name):
            if _SOURCES.get(cord.cord.casefold()) == source:
                self._unload(cord)

    def _unload(self, cord: MappedCord) -> None:
        """A PDU draws nothing from an outlet any more, which nothing else hangs on."""
        on_it = {one.device.casefold() for one in self._cords.at(cord.pdu, cord.outlet)}
        if len(on_it) == 1:
            self._gone.effects[cord.pdu, cord.outlet] = OFF

    def _upstream(self, pdu: str) -> tuple[MappedCord, ...]:
        """The cords that a PDU hangs on itself, where somebody has mapped it."""
        return self._cords.of(pdu)

    def _settle(self, name: str, how: tuple[SourceFate, str]) -> bool:
        fate, why = how
        if fate == "dark":
            return self._take(name, why)
        if fate == "unknown":
            return self._doubt(name, why)
        self._gone.keeps[name] = why
        return False

    def _take(self, name: str, why: str) -> bool:
        """A PDU is without power; returns whether that is news."""
        gone = self._gone
        if name in gone.lost:
            return False
        gone.lost[name] = why
        gone.keeps.pop(name, None)
        if gone.unsure.pop(name, None) is not None:
            gone.sites[name] = Site(name, self._facts.get(name))
        reading = gone.sites[name].seen
        numbers = {o.number for o in reading.outlets} if reading is not None else set()
        for number in sorted(numbers | self._mapped.get(name, set())):
            gone.effects[name, number] = OFF
        for cord in self._upstream(name):
            self._unload(cord)
        return True

    def _doubt(self, name: str, why: str) -> bool:
        """Whether a PDU has power is not known; returns whether that is news."""
        gone = self._gone
        if name in gone.lost or name in gone.unsure:
            return False
        gone.unsure[name] = why
        gone.keeps.pop(name, None)
        facts = self._facts.get(name) or PduFacts()
        text = f"whether {name} keeps its power is not known"
        gone.sites[name] = Site(name, msgspec.structs.replace(facts, stale=True, why=text))
        return True

    def _judge_devices(self) -> None:
        gone = self._gone
        done = moves(gone.effects, gone.sites, self._cords, self._rules)
        gone.moves = {move.spot: move for move in done}
        devices = device_impacts(gone.effects, done, gone.sites, self._cords, Flows(self._rules))
        gone.devices = {device.device.casefold(): device for device in devices}

    def _pass_on(self, device: DeviceImpact) -> bool:
        """A device that is a PDU itself takes what hangs on it along; whether that is news."""
        name = self._names.get(device.device.casefold())
        if name is None or name in self._gone.lost:
            return False
        if self._loss.kind == "source" and self._loss.name == name:
            return False  # settled at the begin, by its own word
        site = self._gone.sites[name]
        if site.seen is not None and site.seen.ats is not None:
            return self._settle(name, self._switched(name))
        where = " and ".join(dict.fromkeys(cord.pdu for cord in device.cords))
        if device.fate in ("loses_last_feed", "restarts", "stays_dark"):
            return self._take(name, f"hangs on {where}")
        if device.fate in ("may_lose_last_feed", "unknown"):
            return self._doubt(name, f"hangs on {where}")
        return False

    def _switched(self, name: str) -> tuple[SourceFate, str]:
        """A transfer switch of which cords are lost: its own word for its sources counts.

        The source that is not in use draws nothing, so its cord would look dead.
        """
        gone, cords = self._gone, self._upstream(name)
        site = Site(name, self._facts.get(name))
        hit = [cord for cord in cords if gone.power(cord.pdu) != "on"]
        sure = [cord for cord in hit if gone.power(cord.pdu) == "lost"]
        sources = {_SOURCES.get(cord.cord.casefold()) for cord in hit}
        if None in sources:
            return "unknown", "which of its sources is lost is not mapped"
        where = " and ".join(dict.fromkeys(cord.pdu for cord in hit))
        if len(sources) > 1:
            why = f"both of its sources hang on {where}"
            return ("dark", why) if len(sure) == len(hit) else ("unknown", why)
        source = sources.pop() if sources else None
        if source is None:
            return "keeps", ""
        gone.sources[name] = source
        fate, why = source_lost(site, source)
        if fate == "dark" and not sure:
            return "unknown", f"source {source} hangs on {where}; {why}"
        return fate, why
