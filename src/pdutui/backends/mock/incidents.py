"""What happens by itself: seeded, rare, and it always ends well."""

from __future__ import annotations

from random import Random
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pdutui.backends.mock.model import MockPdu
    from pdutui.domain.reading import SourceId

SOMEBODY_S = (90.0, 1500.0)
SOURCE_S = (60.0, 600.0)
PROBE_S = (150.0, 1800.0)
DOOR_S = (45.0, 700.0)
"""Each: shortest, and further mean, number of seconds until it happens (again)."""


class Incidents:
    """The schedule of one PDU's troubles, drawn from its own dice."""

    def __init__(self, pdu: MockPdu, seed: str) -> None:
        self._pdu = pdu
        self._world = pdu.world
        self._seed = seed
        self._somebody = Random(f"{seed}/somebody")
        self._source = Random(f"{seed}/source")
        self._probe = Random(f"{seed}/probe")
        self._door = Random(f"{seed}/door")
        if pdu.spec.shows_outlets:
            self._world.after(_wait(self._somebody, SOMEBODY_S), self._switch)
        self._world.after(_wait(self._probe, PROBE_S), self._probe_fails)
        self._contacts = [place for place, g in enumerate(pdu.gauges) if g.spec.kind == "contact"]
        if self._contacts:
            self._world.after(_wait(self._door, DOOR_S), self._door_opens)
        if len(pdu.feeds) > 1:
            self._world.after(_wait(self._source, SOURCE_S), self._source_fails)

    def _switch(self, _: float) -> None:
        """Somebody else switches an outlet and, some time later, switches it back."""
        rng = self._somebody
        socket = rng.choice(list(self._pdu.sockets.values()))
        before, ticket = socket.on, socket.ticket + 1
        back_s = rng.uniform(30.0, 120.0)
        self._world.after(back_s + _wait(rng, SOMEBODY_S), self._switch)
        if socket.busy:
            return
        socket.on, socket.ticket = not before, ticket

        def back(_: float) -> None:
            if socket.ticket == ticket:
                socket.on, socket.ticket = before, ticket + 1

        self._world.after(back_s, back)

    def _source_fails(self, _: float) -> None:
        """A source sags or dies and comes back."""
        rng = self._source
        ident: SourceId = "A" if rng.random() < 0.6 else "B"
        feed = self._pdu.feeds[ident]
        depth = 1.0 if rng.random() < 0.4 else rng.uniform(0.14, 0.3)
        lasts_s = rng.uniform(8.0, 30.0)
        self._world.after(lasts_s + _wait(rng, SOURCE_S), self._source_fails)
        if feed.depth:
            return
        feed.depth = depth

        def restore(_: float) -> None:
            if feed.depth == depth:
                feed.depth = 0.0

        self._world.after(lasts_s, restore)

    def _probe_fails(self, _: float) -> None:
        """The probe does not answer for a while."""
        self._set_fault(True)
        lasts_s = self._probe.uniform(15.0, 40.0)
        self._world.after(lasts_s, lambda _: self._set_fault(False))
        self._world.after(lasts_s + _wait(self._probe, PROBE_S), self._probe_fails)

    def _set_fault(self, faulty: bool) -> None:
        for gauge in self._pdu.gauges:
            gauge.fault = faulty

    def _door_opens(self, _: float) -> None:
        """Somebody is at the rack."""
        gauge = self._pdu.gauges[self._door.choice(self._contacts)]
        gauge.disturbed = True
        lasts_s = self._door.uniform(10.0, 60.0)

        def close(_: float) -> None:
            gauge.disturbed = False

        self._world.after(lasts_s, close)
        self._world.after(lasts_s + _wait(self._door, DOOR_S), self._door_opens)


def _wait(rng: Random, span: tuple[float, float]) -> float:
    return span[0] + rng.expovariate(1.0 / span[1])
