"""Questions to the database in a thread of their own, which can be taken back."""

from __future__ import annotations

import asyncio
import sqlite3
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Concatenate, ParamSpec, TypeVar

from pdutui.store.errors import FileMoved, StoreFromFuture, StoreTrouble, reading_trouble
from pdutui.store.readside import ReadSide
from pdutui.store.schema import SCHEMA_VERSION, check_version, pragma

P = ParamSpec("P")
T = TypeVar("T")


_TURN_S = 0.004
"""Work for so long before others may run."""


class Interrupted(Exception):
    """Nobody waits for the answer any more."""


class Asked:
    """One question under way: taken back in the event loop, noticed in the thread.

    The lock makes sure that an interruption meets the statements of this question and never
    those of the next one.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._conn: sqlite3.Connection | None = None
        self._gone = False
        self._turn_s = 0.0

    def take_back(self) -> None:
        """Stop it at its next step. In the event loop."""
        with self._lock:
            self._gone = True
            if self._conn is not None:
                self._conn.interrupt()

    @property
    def gone(self) -> bool:
        """Whether it was taken back."""
        return self._gone

    def begin(self, conn: sqlite3.Connection) -> None:
        """From now on the connection works for this question. In the thread."""
        with self._lock:
            self._conn = conn

    def end(self) -> None:
        """The connection is free for the next one. In the thread."""
        with self._lock:
            self._conn = None

    def step(self) -> None:
        """Between two pieces of work: let others run, and stop if nobody waits any more.

        A thread that computes gives way every 5 ms only; the event loop must not notice it.

        Raises:
            Interrupted: It was taken back.
        """
        if self._gone:
            raise Interrupted
        now = time.monotonic()
        if now >= self._turn_s:
            time.sleep(0)
            self._turn_s = now + _TURN_S


class Questions:
    """Asks a connection that reads, one question after the other.

    Args:
        path: The database, without links.
        side: The connection, used for nothing else.
        on_damage: Called when SQLite itself calls the file damaged.
    """

    def __init__(
        self, path: Path, side: ReadSide, *, on_damage: Callable[[], None] | None = None
    ) -> None:
        self.path = path
        self._side = side
        self._on_damage = on_damage
        self._open: set[Asked] = set()

    async def ask(
        self, function: Callable[Concatenate[sqlite3.Connection, Asked, P], T],
        *args: P.args, **kwargs: P.kwargs,
    ) -> T:  # fmt: skip
        """Call `function(connection, asked, …)` in the thread, inside one read transaction.

        If the caller is cancelled the function is interrupted; the next question works.

        Raises:
            StoreTrouble: The file cannot be read; the phrase says why.
        """
        asked = Asked()
        self._open.add(asked)

        def job(conn: sqlite3.Connection) -> T:
            asked.begin(conn)
            try:
                asked.step()
                conn.execute("BEGIN")
                require_version(conn, self.path)
                return function(conn, asked, *args, **kwargs)
            finally:
                asked.end()
                with suppress(sqlite3.Error):
                    if conn.in_transaction:
                        conn.execute("ROLLBACK")

        try:
            return await self._side.run(job)
        except asyncio.CancelledError:
            asked.take_back()
            raise
        except Interrupted:
            raise StoreTrouble("io", f"{self.path} was closed while it was read") from None
        except FileMoved:
            raise StoreTrouble("missing", f"no history: {self.path} was removed") from None
        except StoreFromFuture as error:
            raise StoreTrouble("future", str(error)) from error
        except (sqlite3.Error, OSError) as error:
            if asked.gone:
                raise StoreTrouble("io", f"{self.path} was closed while it was read") from error
            trouble = reading_trouble(error, self.path)
            if trouble.kind == "damaged" and self._on_damage is not None:
                self._on_damage()
            raise trouble from error
        finally:
            self._open.discard(asked)

    async def close(self) -> None:
        """Let go of the file; what is under way ends with a StoreTrouble."""
        for asked in self._open:
            asked.take_back()
        await self._side.drop()


def require_version(conn: sqlite3.Connection, path: Path) -> None:
    """Make sure that the database is one that this program can read.

    Raises:
        StoreFromFuture: A newer pdutui made it.
        StoreTrouble: It is another program's, or an older pdutui's (`older`).
        sqlite3.Error: It cannot be read.
    """
    if pragma(conn, "user_version") == SCHEMA_VERSION:
        return
    if check_version(conn, path) < SCHEMA_VERSION:
        raise StoreTrouble(
            "older",
            f"{path} is in the format of an older pdutui; "
            f"it is brought up to date when the console runs next",
        )
