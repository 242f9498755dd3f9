"""Hand-made devices (values by OID) behind a real agent on a loopback port."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager

from pdutui.backends.snmp import ber
from pdutui.backends.snmp.backend import SnmpBackend
from pdutui.backends.snmp.ber import decode_int, decode_oid, dotted, encode_int, parse_oid, tlv
from pdutui.backends.snmp.mib import NO_ERROR, NOT_WRITABLE, WRONG_TYPE, Mib
from pdutui.backends.snmp.types import RawValue, SnmpTarget, SnmpVersion
from pdutui.domain.clock import SystemClock
from pdutui.domain.secret import Secret
from tests.support.agent import ServedMib

Values = Mapping[str, RawValue | None]


def encoded(value: RawValue | None) -> bytes:
    """Tag and all: an int as INTEGER, bytes as OCTET STRING, str as OID, None as NULL."""
    if value is None:
        return ber.NULL_VALUE
    if isinstance(value, int):
        return encode_int(ber.INTEGER, value)
    if isinstance(value, str):
        return tlv(ber.OID, ber.encode_oid(parse_oid(value)))
    return tlv(ber.STRING, value)


class DictMib(Mib):
    """The values of a dict, in order. Integers that are there can be written.

    `on_set(values, oid, value)` makes the device follow; without it the value written stays there.
    """

    def __init__(
        self,
        values: Values,
        on_set: Callable[[dict[str, RawValue | None], str, int], None] | None = None,
    ) -> None:
        super().__init__(parse_oid(oid) for oid in values)
        self.values = dict(values)
        self.written: list[tuple[str, int]] = []
        self._on_set = on_set

    def value(self, position: int) -> bytes:
        return encoded(self.values[dotted(self.oids[position])])

    def check_set(self, name: bytes, tag: int, content: bytes) -> int:
        if self.position(name) is None:
            return NOT_WRITABLE
        return NO_ERROR if tag == ber.INTEGER else WRONG_TYPE

    def commit_set(self, name: bytes, content: bytes) -> None:
        oid, value = dotted(decode_oid(name)), decode_int(content)
        self.written.append((oid, value))
        if self._on_set is None:
            self.values[oid] = value
        else:
            self._on_set(self.values, oid, value)


@asynccontextmanager
async def served(
    mib: Mib, *, profile: str = "auto", version: SnmpVersion = "2c"
) -> AsyncIterator[SnmpBackend]:
    """A backend that may write, over UDP, on a device with these values."""
    async with ServedMib(mib) as agent:
        target = SnmpTarget(
            host="127.0.0.1",
            port=agent.port,
            version=version,
            community=Secret("public"),
            write_community=Secret("private"),
            timeout_s=3.0,
        )
        backend = SnmpBackend("pdu", target, profile, clock=SystemClock())
        try:
            yield backend
        finally:
            await backend.aclose()
