"""Threads that may be left behind: a connection's worker, and one-off jobs on slow disks."""

from __future__ import annotations

import asyncio
import sqlite3
import threading
from collections.abc import Callable
from contextlib import suppress
from functools import partial
from typing import Concatenate, ParamSpec, TypeVar, cast

import aiosqlite

from pdutui.domain.clock import Clock
from pdutui.store.errors import FileMoved

P = ParamSpec("P")
T = TypeVar("T")


class Worker(aiosqlite.Connection):
    """An aiosqlite connection that runs a whole function in one hop to its thread.

    A hop costs 80 to 240 µs, so a transaction is one function, not a call per statement. The
    thread is a daemon: in aiosqlite 0.22 an error between opening and closing leaves it waiting
    for ever, and a thread that is no daemon then keeps the process from ending.
    """

    def __init__(self, connector: Callable[[], sqlite3.Connection]) -> None:
        super().__init__(connector, iter_chunk_size=64)
        self._thread.daemon = True
        setattr(self._thread, "run", partial(_until_nobody_listens, self._thread.run))  # noqa: B010

    @classmethod
    async def open(cls, connector: Callable[[], sqlite3.Connection]) -> Worker:
        """Start the thread and open the connection in it. Raises what the connector raises."""
        worker = cls(connector)
        await worker
        return worker

    async def run(
        self,
        function: Callable[Concatenate[sqlite3.Connection, P], T],
        *args: P.args,
        **kwargs: P.kwargs,
    ) -> T:
        """Call `function(connection, …)` in the thread and hand over what it returns or raises.

        A caller that is cancelled does not stop the function.
        """
        if not self._running or self._connection is None:
            raise sqlite3.ProgrammingError("the connection is closed")
        result = await self._execute(  # type: ignore[no-untyped-call]
            function, self._connection, *args, **kwargs
        )
        return cast(T, result)

    async def shut(self) -> None:
        """Close the connection and end the thread, after what is queued.

        Unlike `close` it can be cancelled, or given a timeout; the thread then ends when it gets
        to it.

        Raises:
            sqlite3.Error: SQLite could not close cleanly.
        """
        if self._running and (ended := self.stop()) is not None:
            await ended


def _until_nobody_listens(run: Callable[[], None]) -> None:
    # A worker held up by a slow disk may outlive the event loop; then it has no one to hand its
    # result to, and a traceback on a terminal that is being restored helps nobody.
    with suppress(RuntimeError):
        run()


async def in_thread(function: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
    """Run a blocking function that raises at most OSError or sqlite3.Error in a daemon thread.

    Not `asyncio.to_thread`: its threads are joined when the program ends, so a disk that hangs
    would hang the exit.
    """
    loop = asyncio.get_running_loop()
    future: asyncio.Future[T] = loop.create_future()

    def settle(result: T | None, error: Exception | None) -> None:
        if future.done():
            return
        if error is not None:
            future.set_exception(error)
        else:
            future.set_result(cast(T, result))

    def work() -> None:
        result: T | None = None
        failed: Exception | None = None
        try:
            result = function(*args, **kwargs)
        except (OSError, sqlite3.Error, FileMoved) as error:
            failed = error
        if not loop.is_closed():
            loop.call_soon_threadsafe(settle, result, failed)

    threading.Thread(target=work, name="pdutui-store", daemon=True).start()
    return await future


async def pause(clock: Clock, seconds: float, unless: asyncio.Event) -> None:
    """Wait so long, or until the event is set."""
    waits = (asyncio.ensure_future(unless.wait()), asyncio.ensure_future(clock.sleep(seconds)))
    try:
        await asyncio.wait(waits, return_when=asyncio.FIRST_COMPLETED)
    finally:
        for wait in waits:
            wait.cancel()
        await asyncio.gather(*waits, return_exceptions=True)
