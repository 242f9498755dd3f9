"""What the store does for itself: hours that are over are sealed, what is too old goes.

Everything is done in small steps between which others write. Trouble is logged and tried again
later: readings are written all the same, so the status does not change for it.
"""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable

import msgspec

from pdutui.domain.clock import Clock
from pdutui.domain.history import DAY_MS
from pdutui.store.errors import StoreFromFuture, StoreTrouble
from pdutui.store.limits import StoreLimits
from pdutui.store.raw import table_ids
from pdutui.store.retention import OF_ALL, OF_PDUS, RAW, Kind, bound, step
from pdutui.store.sealing import Sealer
from pdutui.store.session import Session

log = logging.getLogger(__name__)

Chore = Callable[[Session], Awaitable[None]]
"""More to do once an hour. It may raise StoreTrouble and StoreFromFuture."""


class Pruned(msgspec.Struct, frozen=True):
    """What was deleted."""

    rows: int = 0
    """Readings that were not sealed."""
    hours: int = 0
    """Sealed hours, of one PDU each."""
    days: int = 0
    """Days of totals, of one PDU each."""
    others: int = 0
    """Lines about gaps, health and events, frames and reports."""


class Upkeep:
    """Seals hours every few minutes and deletes old ones every hour, if this program is the owner.

    Args:
        session: The database.
        clock: Time for ages and pauses.
        limits: How often, how much.
        retention_days: Readings, events and health older than this go; 0 or less keeps all.
        totals_days: The same for quarters of an hour, frames and reports.
    """

    def __init__(
        self,
        session: Session,
        *,
        clock: Clock,
        limits: StoreLimits,
        retention_days: int,
        totals_days: int,
    ) -> None:
        self._session = session
        self._clock = clock
        self._limits = limits
        self._retention_days = retention_days
        self._totals_days = totals_days
        self._sealer = Sealer(session, clock=clock, limits=limits)
        self._sealing_fails = False
        self._prune_s = clock.monotonic()
        """When to delete next."""
        self._said = ""
        self.chores: list[Chore] = []
        """Done once an hour, after sealing."""

    async def run(self) -> None:
        """Until it is cancelled."""
        await self._clock.sleep(self._limits.upkeep_first_s)
        while True:
            more = await self._round() if self._session.owner else False
            await self._clock.sleep(0.0 if more else self._limits.seal_check_s)

    async def _round(self) -> bool:
        """Do what is due; whether there may be more to seal at once."""
        sealed = 0
        try:
            self._sealing_fails = True
            sealed = await self._sealer.seal_each()
            self._sealing_fails = False
        except (StoreTrouble, StoreFromFuture) as trouble:
            self._say("not sealed for now", trouble)
        try:
            if self._clock.monotonic() >= self._prune_s:
                self._prune_s = self._clock.monotonic() + self._limits.upkeep_s
                await self._prune(round(self._limits.prune_most_s * 1000))
                for chore in self.chores:
                    await chore(self._session)
        except (StoreTrouble, StoreFromFuture) as trouble:
            self._say("old rows stay for now", trouble)
        return sealed > 0

    def _say(self, what: str, trouble: StoreTrouble | StoreFromFuture) -> None:
        text = f"history: {what}: {trouble}"
        if text != self._said:  # not every few minutes
            log.warning("%s", text)
        self._said = text

    # -- on demand ---------------------------------------------------------------------------

    async def seal_now(self) -> int:
        """Seal all hours that have been over for long enough, at once; how many there were.

        Raises:
            StoreTrouble, StoreFromFuture: Not all of them.
        """
        await self._session.connect()
        if not self._session.owner:
            raise StoreTrouble("other_writer", "history is being written by another pdutui")
        count = await self._sealer.seal_all()
        self._sealing_fails = False
        return count

    async def prune_now(self) -> Pruned:
        """Delete all that is older than it is to be kept, however much that is.

        Hours that are not sealed yet are sealed first, for their totals are kept longer.

        Raises:
            StoreTrouble, StoreFromFuture: Not all of it.
        """
        await self.seal_now()
        return await self._prune(None)

    # -- retention ---------------------------------------------------------------------------

    async def _prune(self, most_ms: int | None) -> Pruned:
        counts: dict[str, int] = {}
        unsealed = {} if self._sealing_fails else await self._sealer.due(staggered=False)
        for pdu in await self._session.study(table_ids):
            # Readings that are still to be sealed stay until they are: totals are made of them.
            kinds = OF_PDUS if pdu in unsealed else (RAW, *OF_PDUS)
            for kind in kinds:
                counts[kind.name] = counts.get(kind.name, 0) + await self._steps(kind, pdu, most_ms)
        for kind in OF_ALL:
            counts[kind.name] = await self._steps(kind, 0, most_ms)
        rows, hours, days = (counts.pop(name, 0) for name in ("rows", "hours", "days of totals"))
        return Pruned(rows, hours, days, sum(counts.values()))

    async def _steps(self, kind: Kind, pdu: int, most_ms: int | None) -> int:
        days = self._totals_days if kind.totals else self._retention_days
        if days <= 0:
            return 0
        cutoff = round(self._clock.now().timestamp() * 1000) - days * DAY_MS
        upto = await self._session.study(bound, kind, pdu, cutoff, most_ms)
        count = 0
        while upto is not None:
            deleted = await self._session.upkeep(step, kind, pdu, upto)
            if deleted is None:
                break
            count += deleted
        return count
