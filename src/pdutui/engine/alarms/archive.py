"""The book of one program, without blocking the event loop: saves, reads what others wrote."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable, Sequence
from datetime import datetime

import msgspec

from pdutui.domain.alarm import AlarmEntry
from pdutui.domain.alarm_watched import Watched, take_over
from pdutui.domain.clock import Clock
from pdutui.engine.alarms.book import Book, BookTrouble, Kept, Stamp, without_the_forgotten
from pdutui.engine.alarms.journal import HistoryQuery, Line, Tail
from pdutui.engine.alarms.lead import Lead
from pdutui.engine.alarms.thread import FileThread
from pdutui.engine.waiting import within

MOST_WAITING = 5000
"""Lines that wait while the disk cannot be written; beyond that the oldest are gone."""
TRY_AGAIN_S = 10.0
OPEN_LIMIT_S = 5.0
CLOSE_LIMIT_S = 4.0
"""The longest that the beginning and the end wait for the disk."""
LEAD_EVERY_S = 1.0
HANGS_S = 20.0
"""A disk that takes longer does not answer."""
MISHAP_S = 600.0
"""How long after the beginning it is said that a file was damaged."""

Work = Callable[[Kept], tuple[Kept, Sequence[Line]]]


class News(msgspec.Struct, frozen=True, kw_only=True):
    """What other programs have written."""

    kept: Kept
    lines: tuple[Line, ...] = ()
    """What became of alarms by them."""
    first: bool = False
    """It could not be read until now."""


class Archive:
    """One question or change at a time, in threads.

    Args:
        book: the files.
        pdus: those that this program watches.
        program: its name for this run, in its lines.
        clock: for the times that are written, and for trying again.
    """

    def __init__(self, book: Book, pdus: Iterable[str], program: str, clock: Clock) -> None:
        self._book = book
        self._pdus = frozenset(pdus)
        self._program = program
        self._clock = clock
        self._lead = Lead(book, self._pdus)
        self._tail = Tail(book.journal.path)
        self._one = asyncio.Lock()
        self._thread = FileThread("pdutui-alarms")
        self._waiting: list[Line] = []
        self._stamp: Stamp | None = None
        self._was_read = False
        self._began_s = self._answered_s = clock.monotonic()
        self._looked_s: float | None = None
        self._failed_s: float | None = None
        self.trouble = ""
        """Why alarms are not kept; empty when they are."""
        self.taken: frozenset[str] = frozenset()
        """PDUs that an earlier program judges."""

    @property
    def led(self) -> frozenset[str]:
        """PDUs that this program judges for all; with the empty name for what is no PDU's."""
        return (self._pdus | {""}) - self.taken

    @property
    def mishap(self) -> str:
        """What was found damaged."""
        return self._book.mishap

    @property
    def problem(self) -> str:
        """Why alarms are not kept, and for a while what was found damaged; empty: all is well."""
        now_s = self._clock.monotonic()
        if self.trouble:
            return self.trouble
        if now_s - self._answered_s > HANGS_S:
            return "alarms are not kept: the disk does not answer"
        return self.mishap if now_s - self._began_s < MISHAP_S else ""

    def alone_s(self, pdu: str) -> float:
        """How long ago the program that judged a PDU before was last seen to be there; 0: never."""
        now_s = self._clock.monotonic()
        return now_s - self._lead.alive_s.get(pdu, now_s)

    async def open(self) -> Kept:
        """Begin. Trouble is in `trouble`; nothing is known then."""
        try:
            kept = await within(self._clock, OPEN_LIMIT_S, self._thread.run(self._open))
            self._was_read = True
            return kept
        except BookTrouble as error:
            self._fails(str(error))
        except TimeoutError:
            self._fails("the disk does not answer")
        return Kept()

    def _open(self) -> Kept:
        self._look_who_leads()
        kept, _, self._stamp = self._book.follow(self._tail)
        return kept

    def _look_who_leads(self) -> None:
        """A full disk keeps a program from saying that it is there, and from nothing else."""
        try:
            self.taken = self._lead.look(self._clock.monotonic())
        except BookTrouble as error:
            self._fails(str(error))
        self._looked_s = self._clock.monotonic()

    def wait(self, line: Line) -> None:
        """A line for the journal, with the next save."""
        self._waiting.append(line)
        if len(self._waiting) > MOST_WAITING:
            del self._waiting[0]

    @property
    def waiting(self) -> tuple[Line, ...]:
        """Lines that are not written yet, oldest first."""
        return tuple(self._waiting)

    @property
    def due(self) -> bool:
        """Whether a save may be tried: not at once after one that failed."""
        failed_s = self._failed_s
        return failed_s is None or self._clock.monotonic() - failed_s >= TRY_AGAIN_S

    async def save(self, mine: Sequence[Watched]) -> Kept | None:
        """Write what this program judges, and the lines that wait; None where that failed."""
        try:
            return await self.change(mine, lambda kept: (kept, ()))
        except BookTrouble:
            return None

    async def change(self, mine: Sequence[Watched], work: Work) -> Kept:
        """Write what this program judges, and what `work` makes of it, in one step.

        Raises:
            BookTrouble: it could not be written. What `work` raises passes through.
        """
        async with self._one:
            lines, now = tuple(self._waiting), self._clock.now()

            def whole(kept: Kept) -> tuple[Kept, Sequence[Line]]:
                merged = merge(kept, mine, self.led, now)
                new, more = work(merged)
                return new, (*lines, *more)

            try:
                kept = await self._thread.run(self._book.change, whole, now)
            except BookTrouble as error:
                self._fails(str(error))
                raise
            del self._waiting[: len(lines)]
            self.trouble, self._failed_s = "", None
            return kept

    async def news(self) -> News | None:
        """What others have written since it was asked last, and who judges what by now."""
        async with self._one:
            try:
                news = await self._thread.run(self._news, first=not self._was_read)
                self._was_read = True
                self._answered_s = self._clock.monotonic()
                return news
            except BookTrouble as error:
                self._fails(str(error))
                return None

    def _news(self, *, first: bool) -> News | None:
        now_s = self._clock.monotonic()
        if self._looked_s is None or now_s - self._looked_s >= LEAD_EVERY_S:
            self._look_who_leads()
        if self._book.stamp() == self._stamp and not first:
            return None
        kept, lines, self._stamp = self._book.follow(self._tail)
        theirs = tuple(one for one in lines if one.program != self._program)
        return News(kept=kept, lines=theirs, first=first)

    async def history(self, query: HistoryQuery) -> list[AlarmEntry]:
        """What became of alarms, newest first, with what waits to be written.

        Raises:
            BookTrouble: it cannot be read.
        """
        async with self._one:
            waiting = [one.entry for one in reversed(self._waiting) if query.fits(one.entry)]
            left = msgspec.structs.replace(query, limit=query.limit - len(waiting))
            return (waiting + await self._thread.run(self._book.history, left))[: query.limit]

    async def close(self, mine: Sequence[Watched] | None) -> None:
        """Write what is judged here, give the place to others, let go of all files; bounded.

        Args:
            mine: what is judged here; None: nothing was.
        """
        try:
            await within(self._clock, CLOSE_LIMIT_S, self._close(mine))
        except TimeoutError:
            self.trouble = "alarms are not kept: the disk does not answer"
        # Once more, for a disk that answers later: a program that goes on would keep the files open
        # and the place locked.
        self._thread.end(self._let_go)

    async def _close(self, mine: Sequence[Watched] | None) -> None:
        if mine is not None:
            await self.save(mine)
        async with self._one:
            await self._thread.run(self._let_go)

    def _let_go(self) -> None:
        self._lead.let_go()
        self._tail.close()

    def _fails(self, why: str) -> None:
        self.trouble = f"alarms are not kept: {why}"
        self._failed_s = self._clock.monotonic()


def merge(kept: Kept, mine: Sequence[Watched], pdus: frozenset[str], now: datetime) -> Kept:
    """What is kept with what this program judges in place of what was there of its PDUs.

    Acknowledgements that others have written since are taken over; silences that have ended go.
    """
    theirs = {(one.pdu, one.key): one for one in kept.watched}
    others = [one for one in kept.watched if one.pdu not in pdus]
    own = [
        one if (their := theirs.get((one.pdu, one.key))) is None else take_over(one, their)
        for one in mine
    ]
    standing = tuple(one for one in kept.silences if one.until > now)
    new = msgspec.structs.replace(kept, watched=(*others, *own), silences=standing)
    return without_the_forgotten(new, pdus, now)
