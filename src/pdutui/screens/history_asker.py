"""One query at a time: a newer one ends the older, whose answer is never heard of again."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import TypeVar

from pdutui.engine.boundary import contain, describe
from pdutui.screens.history_load import NoHistory, Picture
from pdutui.store.errors import StoreTrouble

T = TypeVar("T")
CLOSE_S = 2.0
"""How long a query that was cancelled may take to end before it is left to itself."""


class Asker:
    """Runs queries beside the event loop's other work.

    Args:
        answered: Called with each picture.
        failed: Called with words for people where there is none.
    """

    def __init__(self, answered: Callable[[Picture], None], failed: Callable[[str], None]) -> None:
        self._answered, self._failed = answered, failed
        self._task: asyncio.Task[None] | None = None

    @property
    def busy(self) -> bool:
        """Whether a query is under way."""
        return self._task is not None and not self._task.done()

    def ask(self, query: Callable[[], Awaitable[Picture]]) -> None:
        """Begin this one; the one under way is cancelled, and ends first."""
        before, self._task = self._task, None
        if before is not None and not before.done():
            before.cancel()
        self._task = asyncio.create_task(self._run(query, before), name="history query")

    async def close(self) -> None:
        """End what is under way."""
        task, self._task = self._task, None
        if task is not None:
            task.cancel()
            await asyncio.wait([task], timeout=CLOSE_S)

    async def _run(
        self, query: Callable[[], Awaitable[Picture]], before: asyncio.Task[None] | None
    ) -> None:
        if before is not None:
            await asyncio.wait([before], timeout=CLOSE_S)
        try:
            answer = await told("a query of the history", query())
        except asyncio.CancelledError:
            return
        if self._task is not asyncio.current_task():
            return
        if isinstance(answer, str):
            self._failed(answer)
        else:
            self._answered(answer)


async def told(what: str, query: Awaitable[T]) -> T | str:
    """The answer to a query, or what went wrong with it in words; `what` it is, for the log."""
    outcome = await contain(what, _expected(query))
    if outcome.error is not None:
        return f"the history cannot be read: {describe(outcome.error)}"
    assert outcome.value is not None
    return outcome.value[0]


async def _expected(query: Awaitable[T]) -> tuple[T | str]:
    """The answer, or in words what may well go wrong; in a tuple, since it may be None."""
    try:
        return (await query,)
    except NoHistory as none:
        return (str(none),)
    except StoreTrouble as trouble:
        return (trouble.phrase,)
    except ValueError as wrong:
        return (str(wrong),)
