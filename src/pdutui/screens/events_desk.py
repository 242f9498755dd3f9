"""What the events screen knows: the rows it has, what is wanted of them, how far back it has read.

No Textual in here: it says when there is something new to draw.
"""

from __future__ import annotations

import asyncio
from bisect import bisect_left
from collections.abc import Callable
from datetime import datetime, tzinfo

from pdutui.domain.clock import Clock
from pdutui.engine.boundary import contain, describe
from pdutui.screens.events_rows import Happening, Wanted
from pdutui.screens.events_source import FIRST_MS, LONGEST_MS, Page, page
from pdutui.screens.port import EnginePort

AHEAD = 60
"""So many rows before the last one the next page is read."""
KEPT = 5000
"""While nobody looks at older ones, no more rows are kept."""
PASSES = 40
"""So many pages in a row may have nothing that fits before it waits to be asked again."""
FEW = 100
"""A page of fewer rows: the next one looks further back."""
OVERLAP_MS = 60_000
"""What is written late is found as long after it happened."""
LOOK_S = 5.0
"""How often it is looked what other programs have written."""
LEAST_S = 0.5
"""The least time between two looks, however much happens."""
CLOSE_S = 2.0
EXPORTED = 100_000
"""The most rows of a file."""


class EventsDesk:
    """Reads what happened.

    Args:
        engine: Has it.
        clock: For the present.
        zone: Of all times that are shown.
        changed: Called when there is something else to draw.
    """

    def __init__(
        self, engine: EnginePort, *, clock: Clock, zone: tzinfo, changed: Callable[[], None]
    ) -> None:
        self._engine, self._clock, self._zone, self._changed = engine, clock, zone, changed
        self.wanted = Wanted()
        self._all: list[Happening] = []
        self.rows: list[Happening] = []
        """Those that fit, newest first."""
        self.loaded = False
        """Something was read of what is wanted; until then no row is an answer."""
        self.complete = False
        """There is nothing older."""
        self.kept = True
        """There is a history, so that what was before the start is known too."""
        self.trouble = ""
        """Why something is missing, in words."""
        self.from_ms = 0
        """All that happened from here on has been read."""
        self._to_ms = 0
        self._span_ms = FIRST_MS
        self._oldest_ms: int | None = None
        self._task: asyncio.Task[None] | None = None
        self._again = False
        self._passes = 0
        self._looked_s = -LOOK_S

    @property
    def now(self) -> datetime:
        """The present, in the zone of the screen."""
        return self._clock.now().astimezone(self._zone)

    @property
    def busy(self) -> bool:
        """Whether something is being read."""
        return self._task is not None

    @property
    def searching(self) -> bool:
        """Whether older rows are looked for, as there are too few that fit."""
        return self.loaded and self._passes > 1 and self._task is not None

    # asking

    def want(self, wanted: Wanted) -> None:
        """Other rows."""
        if wanted == self.wanted:
            return
        other = wanted.pdu != self.wanted.pdu
        self.wanted, self._passes = wanted, 0
        if other:
            self._forget()
            self.look()
        else:
            self._sift()
            self._further()

    def heard(self) -> None:
        """Something happened."""
        if self._clock.monotonic() - self._looked_s >= LEAST_S:
            self.look()
        else:
            self._again = True

    def tick(self) -> None:
        """A second passed."""
        if self._again or self._clock.monotonic() - self._looked_s >= LOOK_S:
            self.look()

    def look(self) -> None:
        """Read what is new; while something is being read, right after that."""
        if self._task is not None:
            self._again = True
            return
        self._again, self._looked_s = False, self._clock.monotonic()
        self._task = asyncio.create_task(self._read_new(), name="events")

    def reach(self, place: int) -> None:
        """Somebody looks at a row: older ones are read before the last is reached."""
        if place >= len(self.rows) - AHEAD:
            self._passes = 0
            self._further()
        elif place == 0 and len(self._all) > KEPT:
            del self._all[KEPT:]
            self.from_ms, self.complete = self._all[-1].ts_ms + 1, False
            self._all = [row for row in self._all if row.ts_ms >= self.from_ms]
            self._sift()

    def place_of(self, row: Happening) -> int:
        """Where a row is; where it is no more, the one that happened next before it."""
        first = bisect_left(self.rows, -row.ts_ms, key=lambda one: -one.ts_ms)
        place = first
        while place < len(self.rows) and self.rows[place].ts_ms == row.ts_ms:
            if self.rows[place] == row:
                return place
            place += 1
        return max(0, min(first, len(self.rows) - 1))

    async def every_row(self) -> list[Happening]:
        """All rows that are wanted, newest first, for a file; `EXPORTED` of them at most.

        Raises:
            ValueError: They cannot be read; in words.
        """
        found: list[Happening] = []
        to_ms, span_ms = self._now_ms() + 1000, FIRST_MS
        while True:
            read = await page(self._engine, self.wanted.pdu, span_ms, to_ms, self._oldest_ms)
            if read.trouble:
                raise ValueError(read.trouble)
            found += [row for row in read.rows if self.wanted.fits(row)]
            if read.last or not read.kept or len(found) >= EXPORTED:
                return found[:EXPORTED]
            to_ms, span_ms = read.from_ms, _next(span_ms, read)

    async def close(self) -> None:
        """End what is under way."""
        if self._task is not None:
            self._task.cancel()
            await asyncio.wait([self._task], timeout=CLOSE_S)

    # inside

    def _now_ms(self) -> int:
        return round(self._clock.now().timestamp() * 1000)

    def _forget(self) -> None:
        self._all, self.rows = [], []
        self.loaded = self.complete = False
        self._span_ms = FIRST_MS

    def _further(self) -> None:
        """Read older rows, unless there are none."""
        if self.complete or self._task is not None or not self.loaded:
            return
        self._passes += 1
        self._task = asyncio.create_task(self._read_old(), name="events of the past")

    async def _read_new(self) -> None:
        asked = self.wanted.pdu
        to_ms = self._now_ms() + 1000
        span_ms = to_ms - self._to_ms + OVERLAP_MS if self.loaded else FIRST_MS
        read = await self._page(span_ms, to_ms)
        if read is not None and asked == self.wanted.pdu:
            self._take_new(read)
        self._go_on()

    async def _read_old(self) -> None:
        asked = self.wanted.pdu
        read = await self._page(self._span_ms, self.from_ms)
        if read is not None and asked == self.wanted.pdu and self.loaded:
            self._all += read.rows
            self.from_ms, self.complete = read.from_ms, read.last or not read.kept
            self._span_ms = _next(self._span_ms, read)
            self._sift()
        self._go_on()

    async def _page(self, span_ms: int, to_ms: int) -> Page | None:
        work = page(self._engine, self.wanted.pdu, span_ms, to_ms, self._oldest_ms)
        outcome = await contain("the events screen", work)
        self._task = None
        if outcome.error is not None:
            self.trouble = f"what happened cannot be read: {describe(outcome.error)}"
        elif outcome.value is not None:
            read = outcome.value
            self.trouble, self.kept, self._oldest_ms = read.trouble, read.kept, read.oldest_ms
        return outcome.value

    def _take_new(self, read: Page) -> None:
        """Put what was read in the place of what there was of that time."""
        if self.loaded and read.from_ms <= self._to_ms:
            self._all = read.rows + [row for row in self._all if row.ts_ms < read.from_ms]
            self.from_ms = min(self.from_ms, read.from_ms)
        else:  # the first page; or more came than is read at once
            self._all, self.from_ms = read.rows, read.from_ms
            self.complete, self._span_ms = read.last or not read.kept, FIRST_MS
            self._span_ms = _next(self._span_ms, read)
        self.loaded, self._to_ms = True, read.to_ms
        self._sift()

    def _go_on(self) -> None:
        """What is due next."""
        if self._again:
            self.look()
        elif not self.trouble and len(self.rows) < AHEAD and self._passes < PASSES:
            self._further()
        self._changed()

    def _sift(self) -> None:
        self.rows = [row for row in self._all if self.wanted.fits(row)]


def _next(span_ms: int, read: Page) -> int:
    """How far the next page looks back: further where there is little."""
    return min(LONGEST_MS, span_ms * 4) if len(read.rows) < FEW else max(FIRST_MS, span_ms // 2)
