"""A thread for what blocks, one thing after the other. A disk that hangs does not hang the exit.

The threads of `asyncio.to_thread` are joined when a program ends; this one is left behind.
"""

from __future__ import annotations

import asyncio
import queue
import threading
from collections.abc import Callable
from contextlib import suppress
from typing import ParamSpec, TypeVar, cast

from pdutui.engine.boundary import Contained, captured

P = ParamSpec("P")
T = TypeVar("T")


class FileThread:
    """Made with the first thing to do; ends with `end`."""

    def __init__(self, name: str) -> None:
        self._name = name
        self._todo: queue.SimpleQueue[Callable[[], None] | None] = queue.SimpleQueue()
        self._thread: threading.Thread | None = None

    async def run(self, function: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        """What `function` returns, or raises. A caller that is cancelled does not stop it."""
        loop = asyncio.get_running_loop()
        future: asyncio.Future[T] = loop.create_future()

        def settle(done: Contained[T]) -> None:
            if future.done():
                return
            if done.error is not None:
                future.set_exception(done.error)
            else:
                future.set_result(cast(T, done.value))

        def work() -> None:
            done = captured(function, *args, **kwargs)
            with suppress(RuntimeError):  # nobody is there any more
                loop.call_soon_threadsafe(settle, done)

        if self._thread is None:
            self._thread = threading.Thread(target=self._work, name=self._name, daemon=True)
            self._thread.start()
        self._todo.put(work)
        return await future

    def end(self, last: Callable[[], None]) -> None:
        """After what is waiting, and after `last`, however long that takes. May be called twice.

        Args:
            last: not called where there never was anything to do; nobody hears of its errors.
        """

        def work() -> None:
            captured(last)

        if self._thread is not None:
            self._todo.put(work)
            self._todo.put(None)
            self._thread = None

    def _work(self) -> None:
        while (work := self._todo.get()) is not None:
            work()
