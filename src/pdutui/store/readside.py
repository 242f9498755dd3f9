"""A connection that only reads, with a thread of its own, opened when it is first needed."""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import Callable
from contextlib import ExitStack, suppress
from pathlib import Path
from typing import Concatenate, ParamSpec, TypeVar

from pdutui.store.errors import FileMoved
from pdutui.store.files import Identity, identity
from pdutui.store.limits import StoreLimits
from pdutui.store.opening import open_to_read
from pdutui.store.worker import Worker

P = ParamSpec("P")
T = TypeVar("T")
CACHE_KIB = 512
"""Pages that a connection keeps to itself. A console has four that read, and what one of them keeps
outlives its question by months; what is read again soon is in the system's cache. SQLite: 2 MB."""


class ReadSide:
    """Follows the path: when another file is there, that one is opened instead.

    Args:
        path: The database.
        limits: How long to wait for locks.
        opening: Held while it is opened, so that nobody moves files meanwhile.
    """

    def __init__(self, path: Path, limits: StoreLimits, opening: asyncio.Lock) -> None:
        self._path = path
        self._limits = limits
        self._worker: Worker | None = None
        self._opening = opening
        self.file: Identity = (0, 0)
        """Which file is open."""

    async def run(
        self, function: Callable[Concatenate[sqlite3.Connection, P], T],
        *args: P.args, **kwargs: P.kwargs,
    ) -> T:  # fmt: skip
        """Call `function(connection, …)` in the thread.

        Raises:
            sqlite3.Error, OSError, FileMoved: It cannot be read.
        """

        def job(conn: sqlite3.Connection) -> T:
            if identity(self._path) != self.file:
                raise FileMoved
            return function(conn, *args, **kwargs)

        worker = await self._connected()
        try:
            return await worker.run(job)
        except FileMoved:
            if self._worker is worker:
                await self.drop()
        worker = await self._connected()
        return await worker.run(job)

    async def _connected(self) -> Worker:
        if self._worker is not None:
            return self._worker
        async with self._opening:
            if self._worker is None:
                self._worker = await Worker.open(self._connect)
            return self._worker

    def _connect(self) -> sqlite3.Connection:
        conn, self.file = open_to_read(self._path, self._limits)
        with ExitStack() as unless_ready:
            unless_ready.callback(conn.close)
            conn.execute(f"PRAGMA cache_size = -{CACHE_KIB}")
            unless_ready.pop_all()
        return conn

    async def drop(self) -> None:
        """Close it; what runs in it is interrupted. It is opened again when it is needed."""
        worker, self._worker = self._worker, None
        if worker is not None:
            with suppress(sqlite3.Error, ValueError):  # broken or closed: that is why it goes
                await worker.interrupt()
            with suppress(sqlite3.Error):
                await worker.shut()
