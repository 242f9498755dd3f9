"""What the SNMP parts say to each other: targets, raw values, the reader contract."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal, NamedTuple, Protocol, runtime_checkable

import msgspec

from pdutui.domain.secret import Secret
from pdutui.domain.v3 import V3User

RawValue = int | str | bytes
"""INTEGER, Gauge32, Counter and TimeTicks as int; OCTET STRING as bytes; OBJECT IDENTIFIER as a
dotted str without a leading dot. NULL, noSuchObject, noSuchInstance and endOfMibView are never a
value: such an OID is left out of an answer."""

SnmpVersion = Literal["1", "2c", "3"]
Syntax = Literal["integer", "gauge", "counter", "timeticks", "string", "oid", "null"]


class SnmpTarget(msgspec.Struct, frozen=True, kw_only=True):
    """Where a device is and how to talk to it."""

    host: str
    port: int = 161
    version: SnmpVersion = "2c"
    community: Secret = Secret("public")
    write_community: Secret | None = None
    """None: the device is read only from here."""
    v3: V3User | None = None
    """Set if and only if `version` is 3; the communities do not count then."""
    v3_write: V3User | None = None
    """Who writes in v3; None: the device is read only from here."""
    timeout_s: float = 2.0
    """The longest wait for the answer to one request, resends within it included."""
    retries: int = 1
    """How many more such rounds before a request is given up."""

    @property
    def may_write(self) -> bool:
        """Whether there are credentials to write with."""
        return (self.v3_write if self.version == "3" else self.write_community) is not None


class RequestLimits(msgspec.Struct, frozen=True, kw_only=True):
    """What a device family is known to take; the client learns the rest."""

    max_varbinds: int = 48
    """Most OIDs in the first GET; it shrinks on tooBig or silence, and is never exceeded."""
    bulk: bool = True
    """Whether GETBULK may be used for walks (never in v1)."""
    max_repetitions: int = 24


class SnmpValue(msgspec.Struct, frozen=True):
    """A value with its SNMP type, as it goes into a SET or comes out of the simulator."""

    syntax: Syntax
    value: RawValue | None


class TypedRow(NamedTuple):
    """One variable as the device sent it, for recordings."""

    oid: str
    """Dotted, without a leading dot."""
    tag: int
    """BER tag of the value: 2 INTEGER, 4 OCTET STRING, 5 NULL, 64 IpAddress ..."""
    content: bytes
    """Contents octets of the value."""


class Timeout(Exception):
    """No answer to one datagram within the wait."""


class GarbledAnswer(Exception):
    """A datagram that is not a valid answer."""


class ErrorAnswer(Exception):
    """A valid answer that is an error."""

    def __init__(self, status: int, index: int) -> None:
        super().__init__(f"errorStatus {status}, errorIndex {index}")
        self.status = status
        """errorStatus: 1 tooBig, 2 noSuchName, 5 genErr, ...; 0 where the reader cannot tell."""
        self.index = index
        """errorIndex: which varbind, counted from 1; 0 where the device or reader cannot tell."""


class Reader(Protocol):
    """One datagram out, one answer in: no resend, no splitting, no policy.

    Late, duplicated and foreign datagrams are dropped by request id and by address; they never end
    up as the answer to another request. All implementations pass one contract suite.
    """

    async def get(self, oids: Sequence[str], wait_s: float) -> dict[str, RawValue | None]:
        """What the device answered, by OID.

        None: the device has no value there (noSuchObject, noSuchInstance, NULL). An OID that the
        answer does not speak of is left out. Nothing is ever taken by position.

        Raises:
            Timeout: nothing valid came back within `wait_s` seconds.
            GarbledAnswer: the same, but something came back that is no SNMP answer.
            ErrorAnswer: the device answered with an error for the whole request.
            OSError: the socket said so (connection refused, no route).
        """
        ...

    async def next(self, oid: str, count: int, wait_s: float) -> list[tuple[str, RawValue | None]]:
        """Up to `count` rows behind `oid` in MIB order, by GETBULK where count > 1, else GETNEXT.

        A row whose value is NULL has None. The end of the MIB ends the list. Raises like `get`.
        """
        ...

    async def aclose(self) -> None:
        """Close the socket. May be called twice."""
        ...


@runtime_checkable
class TypedReader(Protocol):
    """A reader that can also say of which type each value is."""

    async def next_typed(self, oid: str, count: int, wait_s: float) -> list[TypedRow]:
        """As `Reader.next`, with the values as they came."""
        ...
