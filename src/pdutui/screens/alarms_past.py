"""The history of alarms as the alarms screen has it: pages that are read when they are looked at.

No Textual in here: it says when there is something new to draw.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from datetime import datetime

from pdutui.domain.alarm import Alarm, AlarmEntry
from pdutui.engine.alarms.port import AlarmsPort, AlarmTrouble
from pdutui.engine.boundary import contain, describe
from pdutui.screens.alarms_state import Wanted, entry_fits

PAGE = 300
"""Lines that are read at once."""
AHEAD = 60
"""So many before the last one the next page is read."""
KEPT = 3000
"""While nobody looks at older ones, no more are kept."""
PASSES = 20
"""So many pages in a row may have nothing that fits before it waits to be asked again."""
CLOSE_S = 2.0

_Key = tuple[datetime, str, str]


class AlarmPast:
    """Reads the history.

    Args:
        alarms: Has it.
        changed: Called when there is something else to draw.
    """

    def __init__(self, alarms: AlarmsPort, changed: Callable[[], None]) -> None:
        self._alarms, self._changed = alarms, changed
        self.wanted = Wanted()
        self._all: list[AlarmEntry] = []
        self.rows: list[AlarmEntry] = []
        """Those that fit, newest first."""
        self.loaded = False
        """Something was read of what is wanted."""
        self.complete = False
        """There are no older ones."""
        self.trouble = ""
        """Why it cannot be read, in words."""
        self._task: asyncio.Task[None] | None = None
        self._again = False
        self._passes = 0

    @property
    def busy(self) -> bool:
        """Whether something is being read."""
        return self._task is not None

    def want(self, wanted: Wanted) -> None:
        """Other lines."""
        if wanted == self.wanted:
            return
        self.wanted, self._passes = wanted, 0
        self._sift()
        self._further()

    def look(self) -> None:
        """Read the newest lines; while something is being read, right after that."""
        if self._task is not None:
            self._again = True
        else:
            self._begin(None)

    def reach(self, place: int) -> None:
        """Somebody looks at a row: older ones are read before the last is reached."""
        if place >= len(self.rows) - AHEAD:
            self._passes = 0
            self._further()
        elif place == 0 and len(self._all) > KEPT:
            del self._all[KEPT:]
            self.complete = False
            self._sift()

    def of(self, alarm: Alarm) -> list[AlarmEntry]:
        """What has been read of one alarm."""
        return [entry for entry in self._all if entry.alarm.id == alarm.id]

    async def every_row(self) -> list[AlarmEntry]:
        """All lines that are wanted, newest first, for a file.

        Raises:
            ValueError: They cannot be read; in words.
        """
        found: list[AlarmEntry] = []
        known: set[_Key] = set()
        before: datetime | None = None
        try:
            while True:
                page = await self._alarms.history(limit=10 * PAGE, to_time=before)
                new = [entry for entry in page if _key(entry) not in known]
                known.update(map(_key, new))
                found += [entry for entry in new if entry_fits(entry, self.wanted)]
                if len(page) < 10 * PAGE or not new:
                    return found
                before = page[-1].time
        except AlarmTrouble as trouble:
            raise ValueError(str(trouble)) from trouble

    async def close(self) -> None:
        """End what is under way."""
        if self._task is not None:
            self._task.cancel()
            await asyncio.wait([self._task], timeout=CLOSE_S)

    # inside

    def _further(self) -> None:
        """Read older ones while what fits does not fill a screen."""
        if self.complete or self._task is not None or not self.loaded:
            return
        if len(self.rows) < AHEAD or self._passes == 0:
            self._begin(self._all[-1].time if self._all else None)

    def _begin(self, before: datetime | None) -> None:
        self._passes += before is not None
        self._task = asyncio.create_task(self._read(before), name="alarm history")

    async def _read(self, before: datetime | None) -> None:
        outcome = await contain("the alarm history", self._page(before))
        self._task = None
        if outcome.error is not None:
            self.trouble = f"the history cannot be read: {describe(outcome.error)}"
        elif isinstance(outcome.value, str):
            self.trouble = outcome.value
        elif outcome.value is not None:
            self._take(outcome.value, before)
        if self._again:
            self._again = False
            self.look()
        elif not self.trouble and len(self.rows) < AHEAD and self._passes < PASSES:
            self._further()
        self._changed()

    async def _page(self, before: datetime | None) -> list[AlarmEntry] | str:
        try:
            return await self._alarms.history(limit=PAGE, to_time=before)
        except AlarmTrouble as trouble:
            return str(trouble)

    def _take(self, page: list[AlarmEntry], before: datetime | None) -> None:
        """Put what was read together with what there is."""
        self.trouble = ""
        known = set(map(_key, self._all))
        new = [entry for entry in page if _key(entry) not in known]
        if before is not None:
            self._all += new
            self.complete = len(page) < PAGE or not new
        elif not self.loaded or (len(new) == PAGE and self._all):
            self._all, self.complete = page, len(page) < PAGE
        else:
            self._all[:0] = new
        self.loaded = True
        self._sift()

    def _sift(self) -> None:
        self.rows = [entry for entry in self._all if entry_fits(entry, self.wanted)]


def _key(entry: AlarmEntry) -> _Key:
    return entry.time, entry.change, entry.alarm.id
