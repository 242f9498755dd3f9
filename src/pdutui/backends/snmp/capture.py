"""Walks a whole device for a recording: every row with its type, whatever the device does.

Real agents lose answers, go round in circles, fail on single rows and have tables without end. A
capture goes on from the last row it has; where a device does not let it, it skips as little as it
can and notes what was skipped. What has been read is there at every moment, also after an error.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Protocol

import msgspec

from pdutui.backends.base import DeviceError, Unreachable
from pdutui.backends.snmp.ber import Oid, dotted, parse_oid
from pdutui.backends.snmp.device import Answered
from pdutui.backends.snmp.profile_load import builtin_names, load_builtin
from pdutui.backends.snmp.recognise import SYS_OBJECT_ID_OID
from pdutui.backends.snmp.snmprec import NotRecordable, format_record, record_oid
from pdutui.backends.snmp.types import RawValue, RequestLimits, TypedRow
from pdutui.domain.clock import Clock

DEFAULT_ROOTS = (
    "1.3.6.1.2.1.1",  # system
    "1.3.6.1.2.1.33",  # UPS-MIB
    "1.3.6.1.2.1.47",  # ENTITY-MIB
    "1.3.6.1.2.1.99",  # ENTITY-SENSOR-MIB
    "1.3.6.1.4.1",  # what the maker has added
)
"""What says how a PDU is built and what it measures. Interfaces and routes say nothing of that, and
much of the network that it is in."""
ALL_ROOTS = ("1.3.6.1",)
MAX_ROWS = 100_000
"""Rows after which a walk is taken for one without end."""
_UPTIME_OID = "1.3.6.1.2.1.1.3.0"
_PAUSES_S = (1.0, 2.0, 4.0, 8.0)
"""Waits for a device that has fallen silent in the middle of the walk."""
_MOST_SKIPS = 200
"""Skips below one root; a device that needs more is not walking."""
_MOST_NOTES = 50
_MAX_ARC = 0xFFFFFFFF


class TypedAsking(Protocol):
    """The part of the client that a capture needs."""

    limits: RequestLimits

    async def get(self, oids: Sequence[str]) -> Answered:
        """See `SnmpClient.get`."""
        ...

    async def next_typed(self, oid: str) -> list[TypedRow]:
        """See `SnmpClient.next_typed`."""
        ...


class Progress(msgspec.Struct, frozen=True):
    """How far a capture is."""

    rows: int
    oid: str
    """The row that was read last."""


class Capture:
    """One capture of one device. `rows` and `notes` hold what there is at every moment."""

    def __init__(
        self,
        client: TypedAsking,
        *,
        clock: Clock,
        max_rows: int = MAX_ROWS,
        on_progress: Callable[[Progress], None] = lambda _: None,
    ) -> None:
        """Nothing is asked yet.

        Args:
            client: asks the device; its limits are set to what the device's family takes.
            clock: for the pauses when the device falls silent.
            max_rows: the walk stops there.
            on_progress: told after every answer.
        """
        self._client = client
        self._clock = clock
        self._max_rows = max_rows
        self._on_progress = on_progress
        self.rows: dict[Oid, TypedRow] = {}
        self.notes: list[str] = []
        """What is not in it, and why; for people."""
        self.truncated = False
        """It stopped at `max_rows`."""

    async def run(self, roots: Sequence[str], *, bulk: bool = True) -> None:
        """Walk everything below the roots.

        Raises:
            Unreachable: the device does not answer, or has stopped to; `rows` has what came before.
            Refused: it does not answer to these credentials.
            DeviceError: it cannot be asked in this way at all.
        """
        found = await self._client.get((SYS_OBJECT_ID_OID,))
        limits = limits_for(found.values.get(SYS_OBJECT_ID_OID))
        self._client.limits = msgspec.structs.replace(limits, bulk=limits.bulk and bulk)
        for root in distinct_roots(roots):
            await self._walk(root)
            if self.truncated:
                return

    async def _walk(self, root: Oid) -> None:
        before = len(self.rows)
        at = root
        skips = 0
        while True:
            trouble = ""
            try:
                batch = await self._next(at)
            except DeviceError as error:
                batch, trouble = [], str(error)
            if not batch and not trouble:
                break
            known = len(self.rows)
            ended = False
            for row in batch:
                oid = self._oid(row)
                if oid is None:
                    continue
                if oid[: len(root)] != root:
                    ended = oid > at
                    trouble = "" if ended else _circle(oid, at)
                    break
                if oid <= at:
                    trouble = _circle(oid, at)
                    break
                if len(self.rows) >= self._max_rows:
                    self.truncated = True
                    self._note(f"stopped at {self._max_rows} rows, behind {dotted(at)}")
                    return
                self._keep(oid, row)
                at = oid
            if len(self.rows) > known:
                self._on_progress(Progress(len(self.rows), dotted(at)))
            if ended:
                break
            if not trouble and len(self.rows) == known:
                trouble = f"the device answers with nothing that can be kept behind {dotted(at)}"
            if not trouble or self._without_bulk():
                continue
            beyond = _beyond(at, root)
            skips += 1
            if beyond is None or skips > _MOST_SKIPS:
                self._note(f"{trouble}: the rest of {dotted(root)} is left out")
                break
            self._note(f"{trouble}: went on behind {dotted(beyond)}")
            at = beyond
        if len(self.rows) == before:
            await self._take_instance(root)

    def _without_bulk(self) -> bool:
        """Where GETBULK may be what is wrong: ask by GETNEXT from now on. False: it was not it."""
        if not self._client.limits.bulk:
            return False
        self._client.limits = msgspec.structs.replace(self._client.limits, bulk=False)
        return True

    async def _take_instance(self, root: Oid) -> None:
        """A root that is a variable itself has nothing below it."""
        if len(root) < 3 or self._max_rows < 1:
            return
        ahead = (*root[:-1], root[-1] - 1) if root[-1] else root[:-1]
        try:
            batch = await self._next(ahead)
        except DeviceError:
            return
        for row in batch:
            oid = self._oid(row)
            if oid == root:
                self._keep(oid, row)

    async def _next(self, at: Oid) -> list[TypedRow]:
        """The rows behind `at`.

        Raises DeviceError also where the device answers other questions, but not this one.
        """
        pauses = iter(_PAUSES_S)
        while True:
            try:
                return await self._client.next_typed(dotted(at))
            except Unreachable as error:
                if not self.rows:
                    raise
                if await self._is_alive():
                    try:
                        return await self._client.next_typed(dotted(at))
                    except Unreachable:
                        if await self._is_alive():
                            text = f"the device does not answer when asked behind {dotted(at)}"
                            raise DeviceError(text) from error
                pause = next(pauses, None)
                if pause is None:
                    raise
                await self._clock.sleep(pause)

    async def _is_alive(self) -> bool:
        try:
            await self._client.get((_UPTIME_OID,))
        except Unreachable:
            return False
        return True

    def _oid(self, row: TypedRow) -> Oid | None:
        try:
            return record_oid(row.oid)
        except NotRecordable as error:
            self._note(f"left out: {error}")
            return None

    def _keep(self, oid: Oid, row: TypedRow) -> None:
        try:
            format_record(row)
        except NotRecordable as error:
            self._note(f"{row.oid} left out: {error}")
            return
        self.rows[oid] = row

    def _note(self, text: str) -> None:
        if len(self.notes) < _MOST_NOTES:
            self.notes.append(text)
        elif len(self.notes) == _MOST_NOTES:
            self.notes.append("... and more of this kind")


def distinct_roots(roots: Sequence[str]) -> list[Oid]:
    """The roots in order, without those that lie below another. Raises ValueError."""
    arcs = sorted({parse_oid(root) for root in roots})
    out: list[Oid] = []
    for root in arcs:
        if not out or root[: len(out[-1])] != out[-1]:
            out.append(root)
    return out


def limits_for(object_id: RawValue | None) -> RequestLimits:
    """What devices with this sysObjectID are known to take: the least of all families it fits."""
    own = f"{object_id}." if isinstance(object_id, str) else "."
    limits = RequestLimits()
    for profile in map(load_builtin, builtin_names()):
        if any(own.startswith(f"{prefix}.") for prefix in profile.recognise.sys_object_id):
            limits = RequestLimits(
                max_varbinds=min(limits.max_varbinds, profile.request.max_varbinds),
                bulk=limits.bulk and profile.request.bulk,
                max_repetitions=min(limits.max_repetitions, profile.request.max_repetitions),
            )
    return limits


def _circle(oid: Oid, at: Oid) -> str:
    return f"the device walks in circles: {dotted(oid)} follows {dotted(at)}"


def _beyond(at: Oid, root: Oid) -> Oid | None:
    """Where to go on when there is no way on behind `at`: the next column, then the next table ...

    None: that would leave the root.
    """
    size = len(at) - 1
    while size > len(root) and at[size - 1] >= _MAX_ARC:
        size -= 1
    return (*at[: size - 1], at[size - 1] + 1) if size > len(root) else None
