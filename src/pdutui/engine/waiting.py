"""Waiting with a limit, on the injected clock."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine
from typing import TYPE_CHECKING, Any, TypeVar

if TYPE_CHECKING:
    from pdutui.domain.clock import Clock

T = TypeVar("T")

LET_GO_S = 1.0
"""How long a cancelled task gets, in real seconds, to come to its end before it is left alone."""


def _forget(task: asyncio.Task[Any]) -> None:
    if not task.cancelled():
        task.exception()


async def cancel(*tasks: asyncio.Task[Any]) -> None:
    """Cancel tasks and wait, briefly, for them to end. Their errors are dropped."""
    waiting = [task for task in tasks if not task.done()]
    for task in waiting:
        task.add_done_callback(_forget)
        task.cancel()
    if waiting:
        await asyncio.wait(waiting, timeout=LET_GO_S)


async def within(clock: Clock, seconds: float, work: Coroutine[Any, Any, T]) -> T:
    """The result of `work`, which is cancelled when it takes longer than `seconds`.

    Raises:
        TimeoutError: it took longer.
    """
    task = asyncio.create_task(work)
    alarm = asyncio.create_task(clock.sleep(seconds))
    try:
        await asyncio.wait({task, alarm}, return_when=asyncio.FIRST_COMPLETED)
        if not task.done():
            raise TimeoutError(f"not done in {seconds:g} s")
        return task.result()
    finally:
        await cancel(task, alarm)


async def finished(clock: Clock, seconds: float, *tasks: asyncio.Task[Any]) -> bool:
    """Wait at most `seconds` for tasks to end, without cancelling them. True when all have."""
    if all(task.done() for task in tasks):
        return True
    alarm = asyncio.create_task(clock.sleep(seconds))
    try:
        waiting: set[asyncio.Task[Any]] = {task for task in tasks if not task.done()}
        while waiting and not alarm.done():
            done, _ = await asyncio.wait({*waiting, alarm}, return_when=asyncio.FIRST_COMPLETED)
            waiting -= done
        return not waiting
    finally:
        await cancel(alarm)
