"""The past, for charts, exports and replay: questions to a database that may be written to."""

from __future__ import annotations

import asyncio
import errno
import functools
import logging
import sqlite3
from collections.abc import AsyncIterator, Sequence
from datetime import UTC, datetime
from pathlib import Path

import msgspec

from pdutui.domain.clock import Clock, SystemClock
from pdutui.domain.energy_report import PduMeters
from pdutui.domain.history import (
    HOUR_MS,
    HistoryQuery,
    HistoryWindow,
    Mark,
    Moment,
    RecordedPdu,
    SeriesInfo,
)
from pdutui.domain.ledger import Ledger
from pdutui.domain.report_model import Kind
from pdutui.domain.series import Series
from pdutui.store.catalogue import described, in_order, newest_frame, with_values
from pdutui.store.energy import read_meters
from pdutui.store.errors import StoreTrouble, reading_trouble
from pdutui.store.files import real_path
from pdutui.store.limits import StoreLimits
from pdutui.store.marks import Unstored, first_mark, read_marks
from pdutui.store.moment import Moments
from pdutui.store.points import check, read_batch, read_window
from pdutui.store.query import Asked, Questions
from pdutui.store.readside import ReadSide
from pdutui.store.rollup_cache import RollupCache
from pdutui.store.rollups import edges
from pdutui.store.samples import Past, find_pdu
from pdutui.store.spill import SPILL_NAME, SpillFile
from pdutui.store.stream import POLLS, Batch, pieces
from pdutui.store.trend import wanted
from pdutui.store.waiting import Rows, Waiting
from pdutui.store.worker import in_thread

__all__ = ["Batch", "Damage", "Reader", "open_reader"]

log = logging.getLogger(__name__)

_NO_CACHE = RollupCache(most=0)
"""What goes by once is not worth keeping."""


class Damage(msgspec.Struct, frozen=True, order=True):
    """Something stored that cannot be read any more: its values are lost, those beside are not."""

    pdu: str
    hour: int
    """Since 1970, UTC; of a day's rollup the first one."""
    part: str
    """`outlet.3`; `ts` for the times of a whole hour."""


class Reader:
    """A `HistoryReader`. Questions run one after the other in a thread of their own.

    Each sees the database as it was at one moment, whatever is written or sealed meanwhile. One
    that is cancelled is interrupted.

    Args:
        questions: Where to ask; used for nothing else.
        clock: For silence that goes on.
        waiting: What is not stored yet.
    """

    def __init__(
        self, questions: Questions, *, clock: Clock, waiting: Waiting | None = None
    ) -> None:
        self._questions = questions
        self._clock = clock
        self._waiting = waiting or Waiting()
        self._moments = Moments()
        self._cache = RollupCache(now_s=clock.monotonic)
        self._damage: set[Damage] = set()

    @property
    def damage(self) -> list[Damage]:
        """What was found damaged so far, and passed over."""
        return sorted(self._damage)

    async def works(self) -> bool:
        """Whether the file can be read just now."""
        try:
            await self._questions.ask(_nothing)
        except StoreTrouble:
            return False
        return True

    async def close(self) -> None:
        """Let go of the file; only for one of `open_reader`. May be called twice."""
        await self._questions.close()

    # -- what there is -----------------------------------------------------------------------

    async def pdus(self) -> list[RecordedPdu]:
        """Those that have a past, by name.

        Raises:
            StoreTrouble: The file cannot be read; so with all that follow.
        """
        return await self._questions.ask(self._read_pdus, self._waiting.times())

    def _read_pdus(
        self, conn: sqlite3.Connection, asked: Asked, waiting: dict[str, tuple[int, int]]
    ) -> list[RecordedPdu]:
        found = []
        names = [name for (name,) in conn.execute("SELECT name FROM pdu")]
        for name in sorted({*names, *waiting}):
            times = [*waiting.get(name, ())]
            times += [ts for ts in edges(self._past(conn, asked, name, (), [])) if ts is not None]
            if times:
                found.append(RecordedPdu(name=name, oldest_ms=min(times), newest_ms=max(times)))
        return found

    async def series(self, pdu: str) -> list[SeriesInfo]:
        """The lines of a PDU that ever had a value, in the order of a reading, named as last."""
        rows, frames = self._waiting.rows(pdu), self._waiting.frames(pdu)
        return await self._questions.ask(self._read_series, pdu, rows, frames)

    def _read_series(
        self, conn: sqlite3.Connection, asked: Asked, pdu: str, rows: Rows,
        frames: list[tuple[int, str]],
    ) -> list[SeriesInfo]:  # fmt: skip
        known = find_pdu(conn, pdu)
        keys = with_values(conn, asked, known, rows)
        ident = None if known is None else known.id
        return described(in_order(keys), newest_frame(conn, ident, pdu, frames))

    # -- points ------------------------------------------------------------------------------

    async def window(self, query: HistoryQuery) -> HistoryWindow:
        """Points, up to what was read a second ago; `store.points` has the rules.

        Raises:
            ValueError: For what is no series, an empty span, or a step that gives too many points.
        """
        series = wanted(query.keys)
        check(query)
        now_ms = round(self._clock.now().timestamp() * 1000)
        rows = self._waiting.rows(query.pdu)

        def read(conn: sqlite3.Connection, asked: Asked) -> HistoryWindow:
            return read_window(self._past(conn, asked, query.pdu, series, rows), query, now_ms)

        return await self._questions.ask(read)

    async def stream(
        self, pdu: str, keys: Sequence[str], from_ms: int, to_ms: int, step_ms: int | None = None
    ) -> AsyncIterator[Batch]:
        """Values of any span, piece by piece, oldest first, in constant memory.

        Between two pieces other questions get their turn. Time without readings gives no pieces
        or empty ones.

        Args:
            pdu: Its name.
            keys: Such as `outlet.3.power_w`.
            from_ms: The span.
            to_ms: Its end, which is not part of it.
            step_ms: None: every poll, where polls are still kept. Else points of whole seconds, as
                many as it takes; where only coarser ones are kept, the piece has those, and says
                so in its `step_ms`.

        Raises:
            ValueError: For what is no series, an empty span, or a step that is none.
        """
        series = wanted(keys)
        if to_ms <= from_ms:
            raise ValueError("a span of time ends after it begins")
        if step_ms is not None and (step_ms <= 0 or step_ms % 1000):
            raise ValueError(f"a step is a whole number of seconds, not {step_ms} ms")
        oldest, newest = await self._questions.ask(self._read_edges, pdu, self._waiting.rows(pdu))
        if oldest is None or newest is None:
            return
        step = step_ms or POLLS
        begin, end = max(from_ms, oldest - oldest % (step or 1)), min(to_ms, newest + 1)
        for a, b in pieces(begin, end, step):
            rows = self._waiting.rows(pdu)

            def read(
                conn: sqlite3.Connection, asked: Asked, a: int = a, b: int = b, rows: Rows = rows
            ) -> Batch:
                past = self._past(conn, asked, pdu, series, rows, cache=_NO_CACHE)
                return read_batch(past, a, b, step, (oldest, newest))

            yield await self._questions.ask(read)

    def _read_edges(
        self, conn: sqlite3.Connection, asked: Asked, pdu: str, rows: Rows
    ) -> tuple[int | None, int | None]:
        return edges(self._past(conn, asked, pdu, (), rows))

    async def energy(self, pdu: str, from_ms: int, to_ms: int) -> PduMeters | None:
        """The energy of all parts of a PDU by quarters of an hour, for `domain.energy_sum`.

        What lies around the span is taken into account; None without a reading in it.
        """
        rows, follower = self._waiting.rows(pdu), self._waiting.follower
        now_ms = round(self._clock.now().timestamp() * 1000)

        def read(conn: sqlite3.Connection, asked: Asked) -> PduMeters | None:
            return read_meters(
                conn, asked, pdu, from_ms, to_ms, rows=rows, follower=follower, now_ms=now_ms,
                on_damage=functools.partial(self._damaged, pdu),
            )  # fmt: skip

        return await self._questions.ask(read)

    async def used(self, pdu: str, from_ms: int, to_ms: int) -> Ledger | None:
        """The energy of a whole PDU by quarters of an hour, for `domain.energy_sum.figure`.

        Quick: only its inlets are looked at, and its outlets where those tell nothing. None where
        neither do, or without a reading in the span.
        """
        rows, follower = self._waiting.rows(pdu), self._waiting.follower
        now_ms = round(self._clock.now().timestamp() * 1000)
        damaged = functools.partial(self._damaged, pdu)

        def read(conn: sqlite3.Connection, asked: Asked) -> Ledger | None:
            kinds: tuple[Kind, ...] = ("inlet", "outlet")
            for kind in kinds:
                meters = read_meters(
                    conn, asked, pdu, from_ms, to_ms, rows=rows, follower=follower, now_ms=now_ms,
                    kinds=(kind,), on_damage=damaged,
                )  # fmt: skip
                whole = None if meters is None else meters.whole()[0]
                if whole is not None:
                    return whole
            return None

        return await self._questions.ask(read)

    # -- what happened -----------------------------------------------------------------------

    async def marks(self, pdu: str, from_ms: int, to_ms: int, *, limit: int = 1000) -> list[Mark]:
        """What happened, oldest first; the newest `limit` of it. A `pdu` of "" means all."""
        unstored = self._unstored()
        return await self._questions.ask(self._read_marks, pdu, from_ms, to_ms, limit, unstored)

    def _read_marks(
        self, conn: sqlite3.Connection, asked: Asked, pdu: str, from_ms: int, to_ms: int,
        limit: int, unstored: Unstored,
    ) -> list[Mark]:  # fmt: skip
        past = functools.partial(self._past, conn, asked)
        pdus = [pdu] if pdu else []
        return read_marks(conn, past, pdus, from_ms, to_ms, limit=limit, unstored=unstored)

    async def next_mark(self, pdus: Sequence[str], after_ms: int) -> Mark | None:
        """The first thing that happened to one of them after a moment."""
        return await self._questions.ask(
            self._read_next_mark, list(pdus), after_ms, self._unstored()
        )

    def _read_next_mark(
        self, conn: sqlite3.Connection, asked: Asked, pdus: list[str], after_ms: int,
        unstored: Unstored,
    ) -> Mark | None:  # fmt: skip
        past = functools.partial(self._past, conn, asked)
        return first_mark(conn, past, pdus, after_ms, unstored=unstored)

    def _unstored(self) -> Unstored:
        entries = self._waiting.audit()
        spill = SpillFile(self._questions.path.with_name(SPILL_NAME))
        return Unstored(
            entries=lambda: [*spill.read(), *entries],
            events=self._waiting.events(),
            health=self._waiting.health(),
            rows=self._waiting.every_row(),
            frames=self._waiting.every_frame(),
        )

    async def moment(self, pdu: str, at_ms: int, *, within_ms: int) -> Moment | None:
        """The last reading up to `at_ms`, none older than `within_ms` before it."""
        rows, frames = self._waiting.rows(pdu), self._waiting.frames(pdu)
        follower = self._waiting.follower

        def read(conn: sqlite3.Connection, asked: Asked) -> Moment | None:
            return self._moments.find(
                conn, asked, pdu, at_ms, within_ms, rows=rows, frames=frames, follower=follower,
                on_damage=functools.partial(self._damaged, pdu),
            )  # fmt: skip

        return await self._questions.ask(read)

    # -- inside ------------------------------------------------------------------------------

    def _past(
        self, conn: sqlite3.Connection, asked: Asked, pdu: str, series: Sequence[Series],
        rows: Rows, *, cache: RollupCache | None = None,
    ) -> Past:  # fmt: skip
        return Past(
            conn, asked, find_pdu(conn, pdu), series, rows, follower=self._waiting.follower,
            on_damage=functools.partial(self._damaged, pdu), cache=cache or self._cache,
        )  # fmt: skip

    def _damaged(self, pdu: str, part: str, hour: int) -> None:
        """In the reader's thread."""
        damage = Damage(pdu, hour, part)
        if damage not in self._damage:
            self._damage.add(damage)
            when = datetime.fromtimestamp(hour * HOUR_MS / 1000, UTC)
            log.warning(
                "history: %s of %s at %s cannot be read and is passed over",
                part, pdu, f"{when:%Y-%m-%d %H:%MZ}",
            )  # fmt: skip


async def open_reader(
    path: Path, *, clock: Clock | None = None, limits: StoreLimits | None = None
) -> Reader:
    """A reader of a database that this program does not write to. Close it in the end.

    Nothing is made that is not there. It may be read while another program writes to it.

    Args:
        path: The file.
        clock: For silence that goes on.
        limits: For the wait on locks.

    Raises:
        StoreTrouble: It cannot be read; `kind` is `missing` without a file, `future` where a newer
            pdutui made it, `older` where it has not been brought up to date yet. The phrase is
            for people and names the file.
    """
    real = real_path(path)
    if await in_thread(real.is_dir):
        raise reading_trouble(IsADirectoryError(errno.EISDIR, "is a directory"), real)
    side = ReadSide(real, limits or StoreLimits(), asyncio.Lock())
    reader = Reader(Questions(real, side), clock=clock or SystemClock())
    try:
        await reader._questions.ask(_nothing)
    except BaseException:
        await reader.close()
        raise
    return reader


def _nothing(_: sqlite3.Connection, __: Asked) -> None:
    return None
