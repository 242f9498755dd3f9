"""The preview of a switch, from what the engine knows at this moment."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from pdutui.domain.clock import Clock
from pdutui.domain.commands import WHOLE_PDU
from pdutui.domain.devicemap import DeviceMap
from pdutui.domain.health import Health, is_stale
from pdutui.domain.impact import Change, Impact
from pdutui.domain.impact_rules import ImpactRules, PduFacts, assess, switches
from pdutui.engine.fleet import Pdu
from pdutui.settings import Settings

_WHY = {
    "connecting": "has given no reading yet",
    "late": "is late",
    "lost": "is lost",
    "refused": "refuses us",
    "unsupported": "is no PDU that is known",
}


class Previews:
    """Works out what changes will do, from the fleet, the device map and the configured limits."""

    def __init__(self, fleet: Mapping[str, Pdu], settings: Settings, clock: Clock) -> None:
        self._fleet = fleet
        self._clock = clock
        self._map = DeviceMap(settings.cords)
        self._rules = ImpactRules(
            limit_percent=settings.impact.limit_percent,
            inrush_factor=settings.impact.inrush_factor,
        )

    def preview(self, changes: Sequence[Change]) -> Impact:
        """What all these changes together would do now. Asks nobody, costs a millisecond or so."""
        wishes = tuple(change for change in changes if switches(change.action))
        if not wishes:
            return Impact()
        now_s = self._clock.monotonic()
        asked = frozenset((wish.pdu, wish.outlet) for wish in wishes)
        pdus = self._map.partners(frozenset(wish.pdu for wish in wishes))
        facts = {
            name: _facts(self._fleet[name], now_s, asked) for name in pdus if name in self._fleet
        }
        return assess(wishes, facts, self._map, self._rules)


def _facts(pdu: Pdu, now_s: float, asked: frozenset[tuple[str, int]]) -> PduFacts:
    judgement = pdu.judge(now_s)
    stale = is_stale(judgement.health)
    # What is asked about is judged by the gate, by its own rules; here it counts as it is shown.
    unsettled = {n for n in (*pdu.in_flight, *pdu.switched_s) if (pdu.name, n) not in asked}
    if (pdu.name, WHOLE_PDU) in asked:
        unsettled.clear()
    return PduFacts(
        reading=pdu.reading,
        stale=stale,
        why=why_stale(pdu.name, judgement.health) if stale else "",
        feed=pdu.settings.feed,
        last_loads=pdu.loads.known(now_s),
        transfers=pdu.backend.prefer_transfers,
        unsettled=unsettled,
    )


def why_stale(name: str, health: Health) -> str:
    """Why the figures of a PDU do not count: `rack1-b is lost`."""
    return f"{name} {_WHY.get(health, health)}"
