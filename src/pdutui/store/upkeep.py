"""Retention: old rows go, once an hour, in small steps between which others can write."""

from __future__ import annotations

import logging

from pdutui.domain.clock import Clock
from pdutui.store.errors import StoreFromFuture, StoreTrouble
from pdutui.store.limits import StoreLimits
from pdutui.store.raw import prune_events, prune_step, table_ids
from pdutui.store.session import Session

log = logging.getLogger(__name__)

_DAY_MS = 86_400_000


class Upkeep:
    """Deletes readings and events that are older than the retention. The audit is never deleted."""

    def __init__(
        self, session: Session, *, clock: Clock, limits: StoreLimits, retention_days: int
    ) -> None:
        self._session = session
        self._clock = clock
        self._limits = limits
        self._retention_days = retention_days
        self._next_s = clock.monotonic()

    async def run_if_due(self) -> None:
        """Do it if an hour has passed since the last time, and it is ours to do."""
        now = self._clock.monotonic()
        if now < self._next_s or not self._session.owner:
            return
        self._next_s = now + self._limits.upkeep_s
        if self._retention_days <= 0:
            return
        try:
            await self._prune()
        except (StoreTrouble, StoreFromFuture) as trouble:
            log.warning("history: old rows stay for now: %s", trouble)

    async def _prune(self) -> None:
        now_ms = round(self._clock.now().timestamp() * 1000)
        cutoff = now_ms - self._retention_days * _DAY_MS
        step = round(self._limits.prune_step_s * 1000)
        most = max(1, round(self._limits.prune_most_s / self._limits.prune_step_s))
        for ident in await self._session.upkeep(table_ids):
            for _ in range(most):
                if not await self._session.upkeep(prune_step, ident, cutoff, step):
                    break
        await self._session.upkeep(prune_events, cutoff)
