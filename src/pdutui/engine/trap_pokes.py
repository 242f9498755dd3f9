"""Polls that traps ask for: at once, but not more than two a second for each PDU."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

from pdutui.domain.clock import Clock

APART_S = 0.5


class Pokes:
    """Hands on wishes for a poll; what comes too soon after the last one is put off, not lost."""

    def __init__(self, poke: Callable[[str], None], clock: Clock) -> None:
        self._poke, self._clock = poke, clock
        self._last_s: dict[str, float] = {}
        self._waiting: dict[str, asyncio.Task[None]] = {}

    def want(self, pdu: str) -> None:
        """Have a PDU polled now, or as soon as it may be again."""
        if pdu in self._waiting:
            return
        now_s = self._clock.monotonic()
        wait_s = self._last_s.get(pdu, float("-inf")) + APART_S - now_s
        if wait_s <= 0:
            self._do(pdu)
            return
        task = asyncio.create_task(self._later(pdu, wait_s), name=f"poll of {pdu} after a trap")
        self._waiting[pdu] = task

    def close(self) -> None:
        """Forget what is waiting."""
        for task in self._waiting.values():
            task.cancel()
        self._waiting.clear()

    async def _later(self, pdu: str, wait_s: float) -> None:
        await self._clock.sleep(wait_s)
        self._waiting.pop(pdu, None)
        self._do(pdu)

    def _do(self, pdu: str) -> None:
        self._last_s[pdu] = self._clock.monotonic()
        self._poke(pdu)
