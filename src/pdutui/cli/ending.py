"""Ending a headless command in good order when the system says so."""

from __future__ import annotations

import asyncio
import signal
from collections.abc import Coroutine

from pdutui.cli.exits import INTERRUPTED

_SIGNALS = (signal.SIGTERM, signal.SIGHUP, signal.SIGINT)


def run_to_the_end(work: Coroutine[object, object, int]) -> int:
    """Run `work` and return its exit code.

    SIGTERM, SIGHUP and Ctrl+C cancel it, so that what it has open is closed and a command under way
    is followed and recorded; the code is then 128 + the signal, and Ctrl+C ends in
    KeyboardInterrupt. A second signal cancels once more, and nothing harder: what stands under
    `unhurried` still comes to its end.
    """
    code = asyncio.run(_under_signals(work))
    if code == INTERRUPTED:
        raise KeyboardInterrupt
    return code


async def _under_signals(work: Coroutine[object, object, int]) -> int:
    loop = asyncio.get_running_loop()
    task = asyncio.ensure_future(work)
    came: list[int] = []

    def end(number: int) -> None:
        came.append(number)
        task.cancel()

    for number in _SIGNALS:
        loop.add_signal_handler(number, end, number)
    try:
        return await task
    except asyncio.CancelledError:
        if came:
            return 128 + came[0]
        raise
    finally:
        for number in _SIGNALS:
            loop.remove_signal_handler(number)


async def unhurried(work: Coroutine[object, object, object]) -> None:
    """Do what must not be cut short, though the caller is cancelled meanwhile.

    The cancellation comes once it is done. `work` has to be bounded by itself.
    """
    task = asyncio.ensure_future(work)
    cancelled = False
    while not task.done():
        try:
            await asyncio.shield(task)
        except asyncio.CancelledError:
            cancelled = True
    if cancelled:
        raise asyncio.CancelledError
    task.result()
