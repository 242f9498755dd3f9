"""Readings on their way to the disk: encoded, kept, then written or left to another program."""

from __future__ import annotations

from itertools import groupby
from operator import itemgetter

from pdutui.domain.reading import Reading
from pdutui.store.buffer import RowBuffer, Taken
from pdutui.store.frames import Frames
from pdutui.store.layout import Layouts, time_ms
from pdutui.store.limits import StoreLimits
from pdutui.store.session import PduRows, Session


class RowQueue:
    """Rows and frames that wait, and how they are written.

    Args:
        session: Where they go.
        limits: How many may wait, and how many are written at once.
    """

    def __init__(self, session: Session, limits: StoreLimits) -> None:
        self._session = session
        self._limits = limits
        self._layouts = Layouts()
        self.rows = RowBuffer(limits.buffer_bytes)
        self.frames = Frames()

    @property
    def follower(self) -> bool:
        """Whether another program wrote the history when we last looked."""
        return self._session.followed

    def add(self, reading: Reading) -> int:
        """Take a reading in; how many of this PDU now wait."""
        layout = self._layouts.of(reading)
        row = (time_ms(reading), layout.encode(reading))
        waiting = self.rows.add(reading.pdu, layout, row)
        self.frames.see(reading, row[0])
        return waiting

    async def write(self) -> None:
        """Write what waits, in steps; or, beside another writer, drop what he has stored.

        One coroutine at a time.

        Raises:
            StoreTrouble, StoreFromFuture: Not all of it was written.
        """
        await self._session.connect()
        if not self._session.owner:
            await self._forget_stored()
            return
        if self.follower:  # until now somebody else wrote: go on where he stopped
            await self._forget_stored()
            self._session.caught_up()
        while len(self.rows):
            committed = False
            taken = self.rows.take(self._limits.rows_per_commit)
            try:
                frames = self.frames.waiting(taken, self._session.openings)
                await self._session.write_rows(_grouped(taken), frames)
                committed = True
            finally:
                # Also when cancelled half-way: writing a row twice is writing it once.
                if committed:
                    self.rows.done()
                    self.frames.done(frames)
                else:
                    self.rows.give_back()

    async def _forget_stored(self) -> None:
        newest = await self._session.newest(self.rows.pdus())
        self.rows.forget(newest.get)
        self.frames.forget(newest.get)


def _grouped(taken: Taken) -> list[PduRows]:
    """Rows of one PDU in one shape together."""
    groups: list[PduRows] = []
    for pdu, rows in taken.items():
        for layout, same in groupby(rows, key=itemgetter(0)):
            groups.append((pdu, layout, [row for _, row in same]))
    return groups
