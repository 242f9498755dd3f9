"""The SNMP client of one device: asks, asks again, learns what the device can take."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable, MutableSet, Sequence
from functools import partial

import msgspec

from pdutui.backends.base import Unreachable
from pdutui.backends.snmp.codec import GEN_ERR, NO_SUCH_NAME, TOO_BIG
from pdutui.backends.snmp.line import Line, Silence
from pdutui.backends.snmp.opening import ReaderName
from pdutui.backends.snmp.sizing import Sizing, pieces
from pdutui.backends.snmp.types import (
    ErrorAnswer,
    RawValue,
    Reader,
    RequestLimits,
    SnmpTarget,
    SnmpValue,
    TypedRow,
)
from pdutui.backends.snmp.usm import UserKeys
from pdutui.backends.snmp.walker import Walker
from pdutui.backends.snmp.writer import set_variable
from pdutui.domain.clock import Clock
from pdutui.domain.health import Link

_PATIENCE = 2
"""Sends of one request without an answer before a part of it is tried instead ..."""
_PATIENCE_PROVEN = 3
"""... and where requests of its size have been answered before."""
_RECENT_S = 10.0


class Answer(msgspec.Struct, frozen=True, kw_only=True):
    """What a device said to a GET. Every OID asked for is in `values` or in `absent`."""

    values: dict[str, RawValue]
    absent: frozenset[str]
    """OIDs that the device has no value for now: not there, or NULL."""
    errors: tuple[str, ...] = ()
    """What went wrong with single OIDs, for people; they are in `absent` as well."""


class SnmpClient:
    """One device, one request in flight. All methods belong to one event loop."""

    def __init__(
        self,
        target: SnmpTarget,
        limits: RequestLimits,
        *,
        clock: Clock,
        reader: ReaderName = "auto",
    ) -> None:
        """Nothing is sent or resolved before the first request.

        Args:
            target: where the device is and how to talk to it.
            limits: what its family is known to take; see `limits`.
            clock: for `link` and for how long lessons are remembered.
            reader: which implementation reads; see `opening.ReaderName`.
        """
        self._target = target
        self._limits = limits
        self._clock = clock
        self._lock = asyncio.Lock()
        self._line = Line(target, reader, clock)
        self._sizing = Sizing(limits.max_varbinds, clock)
        self._walker = Walker(self._line, limits, bulk=target.version != "1")
        self._varbinds = 0
        self._write_keys = None if target.v3_write is None else UserKeys(target.v3_write)

    @property
    def limits(self) -> RequestLimits:
        """What the device's family is known to take; may be set once the family is known."""
        return self._limits

    @limits.setter
    def limits(self, limits: RequestLimits) -> None:
        self._limits = limits
        self._sizing.limit = limits.max_varbinds
        self._walker.limits = limits

    @property
    def link(self) -> Link:
        """The state of the line, up to date at every moment."""
        return self._line.watch.link

    @property
    def requests(self) -> int:
        """Datagrams sent so far, resends included."""
        return self._line.requests

    @property
    def varbinds(self) -> int:
        """Variables answered so far."""
        return self._varbinds

    @property
    def request_size(self) -> int:
        """How many OIDs the next GET will carry at most, as learned."""
        return self._sizing.choose()

    async def get(self, oids: Sequence[str]) -> Answer:
        """Ask for any number of OIDs.

        Raises:
            Unreachable: no answer, or the host's name does not resolve.
            Refused: an agent is there, but does not answer this community or v3 user.
        """
        async with self._lock:
            return await self._get(list(dict.fromkeys(oids)))

    async def walk(self, root: str, *, max_rows: int = 4096) -> list[tuple[str, RawValue | None]]:
        """All variables below `root`, in MIB order; None for NULL.

        Raises:
            Unreachable, Refused: as `get`.
            DeviceError: the device walks in circles, fails on a row, or has more than `max_rows`.
        """
        async with self._lock:
            rows = await self._walker.walk(root, max_rows)
        self._varbinds += len(rows)
        return rows

    async def next_typed(self, oid: str) -> list[TypedRow]:
        """The rows behind `oid` that fit into one answer, with their types; none: the MIB is over.

        For recordings. They are as the device gives them: their order is the caller's to check.

        Raises:
            Unreachable, Refused: as `get`.
            DeviceError: the device fails to go on from there, or the reader knows no types.
        """
        async with self._lock:
            rows = await self._walker.next_typed(oid)
        self._varbinds += len(rows)
        return rows

    async def set(self, oid: str, value: SnmpValue, on_sent: Callable[[], None]) -> None:
        """Write one variable; the request is on the wire at most once.

        `on_sent` is called when it has left. Returning means that the device took it.

        Raises:
            CommandRejected: the device said no, or there is nobody configured to write as.
            DeviceError: the answer does not fit what was written.
            Unreachable: no answer; the text says whether the command may have arrived.
        """
        async with self._lock:
            heard_s = self._line.watch.heard_s
            if self._line.given_up:
                # The request before this one was given up. A command sent now could sit in a queue
                # and be carried out when nobody expects it any more.
                raise Unreachable("the device does not answer just now")
            now_s = self._clock.monotonic()
            self._line.count()
            try:
                await set_variable(
                    self._target,
                    await self._line.address(),
                    oid,
                    value,
                    on_sent=on_sent,
                    on_heard=self._line.heard,
                    reads_work=heard_s is not None and now_s - heard_s < _RECENT_S,
                    wait_s=self._line.watch.first_wait(self._target.timeout_s),
                    on_extra=self._line.count,
                    keys=self._write_keys,
                )
            except Unreachable:
                self._line.watch.missed()
                raise

    async def aclose(self) -> None:
        """Close the socket; a request under way ends in Unreachable. May be called twice."""
        await self._line.aclose()

    async def _get(self, oids: list[str]) -> Answer:
        values: dict[str, RawValue] = {}
        absent: set[str] = set()
        errors: list[str] = []
        size = self._sizing.choose()
        todo = deque(pieces(oids, size))
        while todo:
            piece = todo.popleft()
            if len(piece) > size:  # something was learned since it was cut
                todo.extendleft(reversed(pieces(piece, size)))
                continue
            asked, found = await self._ask(piece)
            if len(asked) < len(piece):
                todo.appendleft(piece[len(asked) :])
            if isinstance(found, ErrorAnswer):
                again = self._narrow(asked, found, absent, errors)
            else:
                again = self._sort(asked, found, values, absent, errors)
            todo.extendleft(reversed(again))
            size = min(size, self._sizing.choose())
        self._varbinds += len(values) + len(absent)
        return Answer(values=values, absent=frozenset(absent), errors=tuple(errors))

    async def _ask(
        self, piece: Sequence[str]
    ) -> tuple[Sequence[str], dict[str, RawValue | None] | ErrorAnswer]:
        """The answer to a piece, or, where the whole goes unanswered, to its first part."""
        part = piece
        patience = _PATIENCE if len(piece) > self._sizing.proven else _PATIENCE_PROVEN
        found: dict[str, RawValue | None] | ErrorAnswer
        waits = self._line.waits()
        for wait_s in waits:
            try:
                found = await self._line.once(partial(_read, part), wait_s)
            except Silence:
                self._sizing.silent(len(part))
                patience -= 1
                if patience <= 0 and len(part) > 1:
                    part, patience = part[: len(part) // 2], _PATIENCE
                    waits.start_anew()
                continue
            except ErrorAnswer as error:
                found = error
            if len(part) < len(piece):
                self._sizing.suspected(len(piece), len(part))
            return part, found
        await self._line.give_up()

    def _narrow(
        self, asked: Sequence[str], error: ErrorAnswer, absent: MutableSet[str], errors: list[str]
    ) -> list[Sequence[str]]:
        """What to ask next after an error answer; what fails alone is absent."""
        if len(asked) == 1:
            absent.add(asked[0])
            if error.status not in (0, NO_SUCH_NAME):
                name = {TOO_BIG: "tooBig", GEN_ERR: "genErr"}.get(error.status)
                errors.append(f"{asked[0]}: {name or f'errorStatus {error.status}'}")
            return []
        if error.status == TOO_BIG:
            self._sizing.failed(len(asked), len(asked) // 2)
        elif 1 <= error.index <= len(asked):
            # The device names the culprit; it is believed only if it fails alone as well.
            at = error.index - 1
            self._sizing.answered(len(asked))
            return [[*asked[:at], *asked[at + 1 :]], [asked[at]]]
        return pieces(asked, (len(asked) + 1) // 2)

    def _sort(
        self,
        asked: Sequence[str],
        found: dict[str, RawValue | None],
        values: dict[str, RawValue],
        absent: MutableSet[str],
        errors: list[str],
    ) -> list[Sequence[str]]:
        """Take what was answered; gives back what the answer did not speak of."""
        missing = []
        for oid in asked:
            if oid not in found:
                missing.append(oid)
                continue
            value = found[oid]
            if value is None:
                absent.add(oid)
            else:
                values[oid] = value
        if not missing:
            self._sizing.answered(len(asked))
            return []
        if len(asked) == 1:
            absent.add(asked[0])
            errors.append(f"{asked[0]}: answered with something else")
            return []
        # An agent that cuts its answers short instead of saying tooBig.
        worked = max(1, len(asked) - len(missing))
        self._sizing.failed(len(asked), worked)
        self._sizing.answered(worked)
        return pieces(missing, min(worked, (len(asked) + 1) // 2))


async def _read(oids: Sequence[str], reader: Reader, wait_s: float) -> dict[str, RawValue | None]:
    return await reader.get(oids, wait_s)
