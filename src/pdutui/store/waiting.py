"""What is not in the database yet: rows, events, records and changes of health in memory."""

from __future__ import annotations

from collections.abc import Callable

from pdutui.store.audit import AuditEntry, StoredEvent
from pdutui.store.buffer import RowBuffer
from pdutui.store.frames import Frames
from pdutui.store.health import StoredHealth
from pdutui.store.journal import Journal
from pdutui.store.layout import Layout, Row

Rows = list[tuple[Layout, Row]]


class Waiting:
    """A look at what waits, for questions that include the last seconds. In the event loop.

    Args:
        rows, journal, frames: Where it waits; None for a reader beside another program, which has
            nothing.
        follower: Whether another program writes the readings. Its rows are those of the same
            device, polled at other moments: ours count from where it has got to.
    """

    def __init__(
        self,
        rows: RowBuffer | None = None,
        journal: Journal | None = None,
        frames: Frames | None = None,
        follower: Callable[[], bool] = lambda: False,
    ) -> None:
        self._rows = rows
        self._journal = journal
        self._frames = frames
        self._follower = follower

    @property
    def follower(self) -> bool:
        """Whether rows that wait stand back behind those that are stored."""
        return self._follower()

    def rows(self, pdu: str) -> Rows:
        """Rows of a PDU in the order in which they came."""
        return [] if self._rows is None else self._rows.all_of(pdu)

    def every_row(self) -> dict[str, Rows]:
        """Rows of every PDU that has some."""
        return {pdu: self.rows(pdu) for pdu in self.times()}

    def frames(self, pdu: str) -> list[tuple[int, str]]:
        """Frames of a PDU, oldest first."""
        return [] if self._frames is None else self._frames.of(pdu)

    def every_frame(self) -> dict[str, list[tuple[int, str]]]:
        """Frames of every PDU that has some."""
        return {} if self._frames is None else {p: self.frames(p) for p in self._frames.pdus()}

    def times(self) -> dict[str, tuple[int, int]]:
        """Which PDUs have rows waiting, with the moments of the first and the last."""
        return {} if self._rows is None else self._rows.times()

    def audit(self) -> list[AuditEntry]:
        """Audit records in memory."""
        return [] if self._journal is None else self._journal.entries

    def events(self) -> list[StoredEvent]:
        """Lines of the event log in memory; none beside a writer, who logs the same."""
        return [] if self._journal is None or self.follower else self._journal.events

    def health(self) -> list[StoredHealth]:
        """Changes of health in memory; none beside a writer, who judges the same."""
        if self._journal is None or self.follower:
            return []
        return self._journal.health.waiting()
