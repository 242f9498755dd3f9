"""A history file written without a HistoryStore: rows, frames and sealed hours at will."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable
from pathlib import Path

from pdutui.domain.history import HOUR_MS, Moment
from pdutui.domain.reading import Reading
from pdutui.store.frames import Frames, insert_frames
from pdutui.store.layout import Layouts, time_ms
from pdutui.store.moment import Moments
from pdutui.store.query import Asked
from pdutui.store.raw import Catalogue
from pdutui.store.schema import Immediate, migrate
from pdutui.store.seal import commit, parts_of, read_hour, seal_parts, times_part
from pdutui.store.waiting import Rows


class Book:
    """One file and one connection for all of it."""

    def __init__(self, path: Path | None = None) -> None:
        name = path or Path(":memory:")
        self.conn = sqlite3.connect(name, isolation_level=None)
        self.conn.execute("PRAGMA journal_mode = WAL")
        self.conn.execute("PRAGMA synchronous = OFF")
        migrate(self.conn, name)
        self.catalogue = Catalogue(self.conn)
        self.frames = Frames()
        self.layouts = Layouts()
        self.moments = Moments()
        self.damage: list[tuple[str, int]] = []

    def row(self, one: Reading) -> Rows:
        """As it waits in memory."""
        layout = self.layouts.of(one)
        return [(layout, (time_ms(one), layout.encode(one)))]

    def write(self, readings: Iterable[Reading], *, frames: bool = True) -> None:
        with Immediate(self.conn):
            for one in readings:
                ((layout, row),) = self.row(one)
                if frames:
                    self.frames.see(one, row[0])
                    waiting = self.frames.waiting([one.pdu], 0)
                    for pdu, new in waiting.items():
                        insert_frames(self.conn, self.catalogue.table(pdu).id, new)
                    self.frames.done(waiting)
                self.catalogue.write(one.pdu, layout, [row])

    def seal(self, ts_ms: int, pdu: int = 1) -> bool:
        """Seal the hour of a moment."""
        hour = read_hour(self.conn, pdu, ts_ms // HOUR_MS)
        parts = [times_part(hour)]
        for helping in parts_of(self.conn, pdu):
            parts += seal_parts(self.conn, hour, helping)
        with Immediate(self.conn):
            return commit(self.conn, hour, parts)

    def moment(self, at_ms: int, within_ms: int = 15_000, **how: object) -> Moment | None:
        more: dict[str, object] = {"rows": [], "frames": [], "follower": False} | how
        return self.moments.find(
            self.conn, Asked(), "rack1-a", at_ms, within_ms,
            on_damage=lambda part, hour: self.damage.append((part, hour)),
            **more,  # type: ignore[arg-type]
        )  # fmt: skip

    def close(self) -> None:
        self.conn.close()
