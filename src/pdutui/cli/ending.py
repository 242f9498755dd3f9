"""Ending a headless command in good order when the system says so."""

from __future__ import annotations

import asyncio
import signal
from collections.abc import Coroutine

_SIGNALS = (signal.SIGTERM, signal.SIGHUP)


def run_to_the_end(work: Coroutine[object, object, int]) -> int:
    """Run `work` and return its exit code.

    SIGTERM and SIGHUP cancel it, so that what it has open is closed and a command under way is
    followed and recorded; the code is then 128 + the signal. Ctrl+C does the same, and ends in
    KeyboardInterrupt.
    """
    return asyncio.run(_under_signals(work))


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
