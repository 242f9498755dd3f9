"""A device out of a dict or a recorded walk, without a network: the client's reading interface."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path

import msgspec

from pdutui.backends.base import Unreachable
from pdutui.backends.snmp.types import RawValue, RequestLimits, SnmpTarget, SnmpValue
from pdutui.domain.health import Link

Values = dict[str, RawValue | None]


def parse_snmprec(text: str) -> Values:
    """`OID|tag|value` lines; an `x` behind the tag means hex."""
    out: Values = {}
    for line in text.splitlines():
        if not line.strip() or line.startswith("#"):
            continue
        oid, tag, value = line.split("|", 2)
        kind = int(tag.rstrip("x").split(":")[0])
        if kind == 5:
            out[oid] = None
        elif kind in (2, 65, 66, 67, 70):
            out[oid] = int(value)
        elif kind == 6:
            out[oid] = value.strip().lstrip(".")
        else:
            out[oid] = bytes.fromhex(value) if tag.endswith("x") else value.encode()
    return out


def load_recording(path: Path) -> Values:
    return parse_snmprec(path.read_text("utf-8"))


def arcs(oid: str) -> tuple[int, ...]:
    return tuple(int(a) for a in oid.split("."))


class Got(msgspec.Struct, frozen=True):
    values: dict[str, RawValue]
    absent: frozenset[str]
    errors: tuple[str, ...] = ()


class RecordedClient:
    """Implements the backend's `Session` over a dict that a test may change at any time."""

    def __init__(self, values: Mapping[str, RawValue | None]) -> None:
        self.values: Values = dict(values)
        self.limits = RequestLimits()
        self.requests = 0
        self.varbinds = 0
        self.silent = False
        self.silent_oids: set[str] = set()
        self.asked: list[tuple[str, ...]] = []
        self.walked: list[str] = []
        self.written: list[tuple[str, SnmpValue]] = []
        self.closed = False

    async def get(self, oids: Sequence[str]) -> Got:
        self._count(tuple(oids))
        self.asked.append(tuple(oids))
        silent = self.silent_oids & set(oids)
        answered = [o for o in oids if o not in silent]
        values = {o: v for o in answered if (v := self.values.get(o)) is not None}
        absent = frozenset(oids) - values.keys() - silent
        return Got(values, absent, ("no answer",) if silent else ())

    async def walk(self, root: str, *, max_rows: int = 4096) -> list[tuple[str, RawValue | None]]:
        self._count((root,))
        self.walked.append(root)
        below = (o for o in self.values if o.startswith(root + "."))
        return [(o, self.values[o]) for o in sorted(below, key=arcs)][:max_rows]

    async def set(self, oid: str, value: SnmpValue, on_sent: Callable[[], None]) -> None:
        on_sent()
        self.written.append((oid, value))

    async def aclose(self) -> None:
        self.closed = True

    @property
    def link(self) -> Link:
        return Link(opened_s=0.0)

    def connect(self, target: SnmpTarget, limits: RequestLimits) -> RecordedClient:
        self.limits = limits
        return self

    def asked_flat(self) -> set[str]:
        return {oid for batch in self.asked for oid in batch}

    def _count(self, oids: Iterable[str]) -> None:
        if self.silent:
            raise Unreachable("no answer")
        self.requests += 1
        self.varbinds += len(tuple(oids))
