"""The plans as they were read last, and the disk behind them: all of it in threads, bounded."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any, TypeVar

import msgspec

from pdutui.domain.clock import Clock
from pdutui.engine.plans.book import Book, Shelf
from pdutui.engine.plans.files import FileTrouble
from pdutui.engine.plans.ids import normal
from pdutui.engine.plans.port import PlanTrouble
from pdutui.engine.plans.record import Loaded
from pdutui.engine.plans.standing import over_since, state_of
from pdutui.engine.waiting import finished

T = TypeVar("T")
InThread = Callable[..., Awaitable[Any]]
"""Calls something that blocks, as `asyncio.to_thread` does."""

FILE_LIMIT_S = 10.0
"""How long the disk may take for anything."""


class Cabinet:
    """What is known of the directory.

    Args:
        book: the files.
        clock: for limits.
        in_thread: where what blocks is done.
    """

    def __init__(self, book: Book, clock: Clock, in_thread: InThread) -> None:
        self.book = book
        self.shelf = Shelf()
        self.trouble = ""
        """Why the directory cannot be read; empty when it can."""
        self._clock = clock
        self._in_thread = in_thread
        self._count = 0
        self._put: dict[str, int] = {}
        """By id: the count when something newer than the files was put there."""
        self._looking = asyncio.Lock()
        self._pruned = False

    async def call(self, work: Callable[..., T], *args: object) -> T:
        """Do something with the files. Raises FileTrouble, also where it takes too long.

        What takes too long is left to itself: it may still be done.
        """
        task: asyncio.Future[T] = asyncio.ensure_future(self._in_thread(work, *args))
        waiting = asyncio.ensure_future(_quietly(task))
        if not await finished(self._clock, FILE_LIMIT_S, waiting):
            raise FileTrouble(f"{self.book.path}: the disk does not answer")
        return task.result()

    async def look(self) -> None:
        """Read what has changed. What cannot be read is said in `trouble`."""
        async with self._looking:
            self._count += 1
            began = self._count
            try:
                found = await self.call(self.book.load, dict(self.shelf.plans))
                self.trouble = ""
            except FileTrouble as trouble:
                self.trouble = str(trouble)
                return
            plans = dict(found.plans)
            self._put = {plan_id: count for plan_id, count in self._put.items() if count > began}
            for plan_id in self._put:
                if plan_id in self.shelf.plans:
                    plans[plan_id] = self.shelf.plans[plan_id]
            self.shelf = msgspec.structs.replace(found, plans=plans)
            if not self._pruned:
                self._pruned = True
                await self._prune()

    async def _prune(self) -> None:
        now = self._clock.now()
        states = {
            plan_id: (state := state_of(one, now, alive=one.held), over_since(one, state))
            for plan_id, one in self.shelf.plans.items()
        }
        try:
            gone = await self.call(self.book.prune, now, states)
        except FileTrouble as trouble:
            self.shelf = msgspec.structs.replace(
                self.shelf, notes=(*self.shelf.notes, f"old plans are not taken away: {trouble}")
            )
            return
        left = {plan_id: one for plan_id, one in self.shelf.plans.items() if plan_id not in gone}
        self.shelf = msgspec.structs.replace(self.shelf, plans=left)

    def put(self, loaded: Loaded) -> None:
        """Take in what was done to a plan here. Its files are read again with the next look."""
        self._count += 1
        self._put[loaded.plan.id] = self._count
        plans = dict(self.shelf.plans)
        plans[loaded.plan.id] = msgspec.structs.replace(loaded, stamp=())
        self.shelf = msgspec.structs.replace(self.shelf, plans=plans)

    def known(self, text: str) -> Loaded:
        """A plan as it was read last, by what somebody calls it. Raises PlanTrouble."""
        plan_id = normal(text)
        if plan_id is None:
            raise PlanTrouble("unknown_plan", f"{text!r} is no plan: a plan is like K7Q2MX")
        if plan_id in self.shelf.plans:
            return self.shelf.plans[plan_id]
        if plan_id in self.shelf.damaged:
            raise PlanTrouble("damaged", self.shelf.damaged[plan_id])
        if self.trouble:
            raise PlanTrouble("state_dir", self.trouble)
        raise PlanTrouble("unknown_plan", f"there is no plan {plan_id} in {self.book.path}")

    async def fresh(self, text: str) -> Loaded:
        """The same, read anew. Raises PlanTrouble."""
        plan_id = normal(text)
        if plan_id is None:
            return self.known(text)
        try:
            loaded = await self.call(self.book.read, plan_id)
        except FileTrouble as trouble:
            raise PlanTrouble("damaged", str(trouble)) from trouble
        if loaded is None:
            raise PlanTrouble("unknown_plan", f"there is no plan {plan_id} in {self.book.path}")
        self.put(loaded)
        return loaded


async def _quietly(task: asyncio.Future[Any]) -> None:
    """Until it is done, however it ends."""
    await asyncio.wait({task})
