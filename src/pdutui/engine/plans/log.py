"""The progress of a plan that is run here: in memory, and line by line on the disk."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any

import msgspec

from pdutui.domain.clock import Clock
from pdutui.engine.plans.files import FileTrouble
from pdutui.engine.plans.progress import Line, What, fold
from pdutui.engine.plans.record import Loaded

Append = Callable[[Line], Awaitable[None]]
"""Puts a line on the disk. Raises FileTrouble."""


class PlanLog:
    """Adds lines. What is known and could not be written is kept, and written before the next.

    Args:
        loaded: the plan as its files have it.
        append: writes.
        clock: for the times.
    """

    def __init__(self, loaded: Loaded, append: Append, clock: Clock) -> None:
        self.loaded = loaded
        self._append = append
        self._clock = clock
        self._unwritten: list[Line] = []

    @property
    def owing(self) -> bool:
        """Whether something is known here that is not on the disk."""
        return bool(self._unwritten)

    async def promise(self, what: What, **fields: Any) -> None:
        """Write down what is about to be done. Raises FileTrouble: then it must not be done."""
        await self.settle()
        line = self._line(what, fields)
        await self._append(line)
        self._take_in(line)

    async def tell(self, what: What, **fields: Any) -> str:
        """Write down what has happened. Returns why it is not on the disk; empty when it is."""
        line = self._line(what, fields)
        self._take_in(line)
        self._unwritten.append(line)
        try:
            await self.settle()
        except FileTrouble as trouble:
            return str(trouble)
        return ""

    async def settle(self) -> None:
        """Write what is owed. Raises FileTrouble."""
        while self._unwritten:
            await self._append(self._unwritten[0])
            self._unwritten.pop(0)

    def _line(self, what: What, fields: dict[str, Any]) -> Line:
        number = len(self.loaded.lines) + 1
        return Line(n=number, plan=self.loaded.plan.id, time=self._clock.now(), what=what, **fields)

    def _take_in(self, line: Line) -> None:
        lines = (*self.loaded.lines, line)
        progress = fold(self.loaded.plan, self.loaded.digest, lines)
        self.loaded = msgspec.structs.replace(self.loaded, lines=lines, progress=progress)
