"""What the audit screen knows: the records it has, what was asked for, what a check has found.

No Textual in here: it says when there is something new to draw.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from datetime import datetime, tzinfo

from msgspec import Struct, structs

from pdutui.domain.audit import AuditQuery, ChainReport, StoredAudit
from pdutui.domain.clock import Clock
from pdutui.engine.boundary import contain, describe
from pdutui.screens.port import EnginePort
from pdutui.store.errors import StoreTrouble
from pdutui.widgets.rights import Rights, rights_of

PAGE = 200
"""Records that are read at once."""
AHEAD = 40
"""So many before the last one the next page is read."""
LOOK_S = 5.0
"""How often it is looked what other programs have written."""
CLOSE_S = 2.0
"""How long a question may take to end before it is left to itself."""
EXPORTED = 1_000_000


class Wanted(Struct, frozen=True):
    """Which records are to be shown."""

    text: str = ""
    pdu: str | None = None

    def query(self, *, limit: int = PAGE, before_n: int | None = None) -> AuditQuery:
        """The question."""
        return AuditQuery(
            limit=limit, before_n=before_n, text=self.text.strip() or None, pdu=self.pdu
        )


class AuditDesk:
    """Reads and checks the audit.

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
        self.rows: list[StoredAudit] = []
        """Newest first; those that wait to be written are the first."""
        self.complete = False
        """There are no older ones that fit."""
        self.loaded = False
        """Something was read of what is wanted; until then no row is an answer."""
        self.trouble = ""
        """Why the audit cannot be read, in words."""
        self.report: ChainReport | None = None
        """What the last check found."""
        self.checked: datetime | None = None
        """When that was."""
        self.refuted = ""
        """What `audit-head.json` speaks of and is not there: no check is needed to know that."""
        self._looking: asyncio.Task[None] | None = None
        self._checking: asyncio.Task[None] | None = None
        self._again = False
        self._looked_s = -LOOK_S

    @property
    def now(self) -> datetime:
        """The present, in the zone of the screen."""
        return self._clock.now().astimezone(self._zone)

    @property
    def rights(self) -> Rights:
        """What whoever sits here may not do."""
        engine = self._engine
        return rights_of(engine.gate.locked, [engine.view(name).info for name in engine.pdus])

    @property
    def busy(self) -> bool:
        """Whether something is being read."""
        return self._looking is not None

    @property
    def checking(self) -> bool:
        """Whether the chain is being checked."""
        return self._checking is not None

    # asking

    def want(self, wanted: Wanted) -> None:
        """Other records."""
        if wanted == self.wanted:
            return
        self.wanted, self.loaded, self.complete = wanted, False, False
        self.look()

    def tick(self) -> None:
        """A second passed."""
        if self._clock.monotonic() - self._looked_s >= LOOK_S:
            self.look()

    def look(self) -> None:
        """Read the newest records; while something is being read, right after that."""
        self._looked_s = self._clock.monotonic()
        if self._looking is not None:
            self._again = True
        else:
            self._looking = asyncio.create_task(self._read(None), name="audit")

    def reach(self, place: int) -> None:
        """Somebody looks at a row: older ones are read before the last is reached."""
        if not self.complete and self.loaded and place >= len(self.rows) - AHEAD:
            last = self.rows[-1].n if self.rows else 0
            if self._looking is None and last > 1:
                self._looking = asyncio.create_task(self._read(last), name="audit")

    def check(self) -> None:
        """Go through the whole chain, beside everything else."""
        if self._checking is None:
            self._checking = asyncio.create_task(self._verify(), name="chain of the audit")
            self._changed()

    async def close(self) -> None:
        """End what is under way."""
        tasks = [task for task in (self._looking, self._checking) if task is not None]
        for task in tasks:
            task.cancel()
        if tasks:
            await asyncio.wait(tasks, timeout=CLOSE_S)

    async def every_row(self) -> list[StoredAudit]:
        """All records that are wanted, newest first, for a file.

        Raises:
            ValueError: They cannot be read; in words.
        """
        trail = await self._engine.audit_trail()
        if trail is None:
            raise ValueError("there is no audit here")
        try:
            return await trail.rows(self.wanted.query(limit=EXPORTED))
        except StoreTrouble as trouble:
            raise ValueError(trouble.phrase) from trouble

    # inside

    async def _read(self, before_n: int | None) -> None:
        wanted = self.wanted
        outcome = await contain("the audit screen", self._rows(wanted, before_n))
        self._looking = None
        if outcome.error is not None or isinstance(outcome.value, str):
            self.trouble = outcome.value if isinstance(outcome.value, str) else (
                f"the audit cannot be read: {describe(outcome.error)}" if outcome.error else ""
            )  # fmt: skip
        elif outcome.value is not None and wanted == self.wanted:
            rows, self.refuted = outcome.value
            self._take(rows, before_n)
        if self._again or wanted != self.wanted:
            self._again = False
            self.look()
        self._changed()

    async def _rows(
        self, wanted: Wanted, before_n: int | None
    ) -> tuple[list[StoredAudit], str] | str:
        """Rows, and what is missing at the end; or why there are none."""
        trail = await self._engine.audit_trail()
        if trail is None:
            return "there is no audit here"
        try:
            rows = await trail.rows(wanted.query(before_n=before_n))
            return rows, await trail.lacks()
        except StoreTrouble as trouble:
            return trouble.phrase

    def _take(self, rows: list[StoredAudit], before_n: int | None) -> None:
        """Put what was read together with what there is."""
        self.trouble = ""
        if before_n is not None:
            self.rows += [row for row in rows if row.n < (self.rows[-1].n if self.rows else 0)]
            self.complete = len(rows) < PAGE
        elif not self.loaded:
            self.rows, self.complete = rows, len(rows) < PAGE
        else:
            lowest = rows[-1].n if rows else 0
            older = [row for row in self.rows if 0 < row.n < lowest]
            if older and len(rows) == PAGE and self.rows and _newest(self.rows) < lowest:
                older, self.complete = [], False  # more came than is read at once
            self.rows = rows + older
        self.loaded = True

    async def _verify(self) -> None:
        outcome = await contain("checking the audit", self._report())
        self._checking = None
        if isinstance(outcome.value, ChainReport):
            self.report, self.checked = outcome.value, self.now
        else:
            self.trouble = outcome.value or (describe(outcome.error) if outcome.error else "")
        self._changed()

    async def _report(self) -> ChainReport | str:
        trail = await self._engine.audit_trail()
        if trail is None:
            return "there is no audit here"
        try:
            return await trail.verify()
        except StoreTrouble as trouble:
            return trouble.phrase

    def with_text(self, text: str) -> Wanted:
        """What is wanted, with another filter."""
        return structs.replace(self.wanted, text=text)

    def with_pdu(self, pdu: str | None) -> Wanted:
        """What is wanted, of one PDU or of all."""
        return structs.replace(self.wanted, pdu=pdu)


def _newest(rows: list[StoredAudit]) -> int:
    return max((row.n for row in rows), default=0)
