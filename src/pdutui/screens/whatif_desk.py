"""What a what-if knows: what is lost, and what comes of it by the readings of now."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

from pdutui.domain.clock import Clock
from pdutui.domain.devicemap import MappedCord
from pdutui.domain.fleet import FleetRow, Loss
from pdutui.domain.impact_facts import ImpactRules
from pdutui.domain.room import Room
from pdutui.domain.whatif import PduAfter, WhatIf
from pdutui.domain.whatif_rows import row_after
from pdutui.domain.whatif_run import WhatIfRun
from pdutui.engine.events import EngineEvent
from pdutui.engine.whatif import all_facts, losses, room_of
from pdutui.screens.fleet_source import RowsSource, Samples
from pdutui.screens.piecemeal import Piecemeal
from pdutui.screens.port import EnginePort
from pdutui.settings import Settings


class WhatIfDesk:
    """Works a what-if out again and again while it lasts.

    Args:
        engine: The PDUs.
        clock: For how long work may take.
        settings: The configuration as it is now: map and limit.
    """

    def __init__(
        self, engine: EnginePort, *, clock: Clock, settings: Callable[[], Settings]
    ) -> None:
        self._engine, self._settings = engine, settings
        self._room: Room | None = None
        self._told: tuple[object, ...] = ()
        self._cords: tuple[MappedCord, ...] = ()
        self.loss: Loss | None = None
        """What is lost; None: there is no what-if."""
        self.found: WhatIf | None = None
        """What comes of it; None until it is worked out."""
        self._after: dict[str, PduAfter] = {}
        self._work = Piecemeal(clock, self._steps)

    @property
    def rules(self) -> ImpactRules:
        """The limit, as configured."""
        return ImpactRules(limit_percent=self._settings().impact.limit_percent)

    @property
    def room(self) -> Room:
        """Racks and map, as they were configured when `check_room` was called last.

        PDUs that are gone since are in none of them.
        """
        if self._room is None or self._room.pdus != self._engine.pdus:
            return self.check_room()
        return self._room

    def check_room(self) -> Room:
        """Look whether other PDUs, racks or cords are configured now: it goes through all PDUs."""
        infos = [self._engine.view(name).info for name in self._engine.pdus]
        cords: tuple[MappedCord, ...] = self._settings().cords
        told = tuple((info.name, info.location, info.feed) for info in infos)
        if self._room is None or (told, cords) != (self._told, self._cords):
            self._room, self._told, self._cords = room_of(infos, cords), told, cords
        return self._room

    def choices(self, near: str | None) -> list[Loss]:
        """What can be lost; the PDU that is looked at is among it."""
        return losses(self.check_room(), self._engine.view, near)

    def begin(self, loss: Loss) -> None:
        """Take something away."""
        self.loss, self.found, self._after = loss, None, {}
        self._work.anew()
        self.look()

    def end(self) -> None:
        """Have it all back."""
        self.loss, self.found, self._after = None, None, {}
        self._work.anew()

    @property
    def busy(self) -> bool:
        """Whether it is still at it: `look` goes on."""
        return self.loss is not None and self._work.busy

    def look(self) -> None:
        """Work on it for a moment, if it is time to."""
        if self.loss is not None:
            self._work.go_on()

    def after(self, pdu: str) -> PduAfter | None:
        """What becomes of a PDU; None where nothing does, or it is not worked out yet."""
        return self._after.get(pdu)

    def _steps(self) -> Iterator[None]:
        loss, room = self.loss, self.check_room()
        assert loss is not None
        run = WhatIfRun(loss, all_facts(self._engine.pdus, self._engine.view), room, self.rules)
        yield
        while not run.done:
            run.step()
            yield
        self.found = run.result()
        self._after = {one.pdu: one for one in self.found.pdus}


class WhatIfRows:
    """The rows of the fleet as they would be.

    Args:
        live: Has those of now.
        desk: Knows what becomes of them.
        at_work: Called while the desk is still at it.
    """

    def __init__(self, live: RowsSource, desk: WhatIfDesk, at_work: Callable[[], None]) -> None:
        self._live, self._desk, self._at_work = live, desk, at_work
        self._made: dict[str, tuple[FleetRow, PduAfter | None, FleetRow]] = {}
        self._rows: tuple[FleetRow, ...] = ()

    def hear(self, event: EngineEvent) -> None:
        """Something happened."""
        self._live.hear(event)

    def refresh(self) -> None:
        """Bring the rows up to now."""
        self._live.refresh()
        self._desk.look()
        if self._desk.busy:
            self._at_work()
        rows, made = [], {}
        for row in self._live.rows():
            after = self._desk.after(row.pdu)
            known = self._made.get(row.pdu)
            if known is None or known[0] is not row or known[1] is not after:
                new = row_after(row, after)
                known = (row, after, known[2] if known is not None and known[2] == new else new)
            made[row.pdu] = known
            rows.append(known[2])
        self._made, self._rows = made, tuple(rows)

    def rows(self) -> Sequence[FleetRow]:
        """As they were refreshed last."""
        return self._rows

    def trend(self, pdu: str) -> tuple[Samples, int]:
        """What was measured: the past does not change."""
        return self._live.trend(pdu)
