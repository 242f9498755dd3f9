"""Long steps of many devices, one at a time, with the event loop's other work between them.

Finding out what a device has takes some milliseconds of computing at several points. Two hundred
devices at once would make seconds of it, during which nothing is drawn and no answer is taken.
"""

from __future__ import annotations

import asyncio
from types import TracebackType


class Turns:
    """`async with turns:` around a step; whoever comes first is first. Belongs to one event loop.

    The steps themselves must not wait for anything.
    """

    def __init__(self) -> None:
        self._lock = asyncio.Lock()

    async def __aenter__(self) -> None:
        await self._lock.acquire()

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Let the loop go round once before the next step."""
        try:
            await asyncio.sleep(0)
        finally:
            self._lock.release()
