"""The reader over a codec: our own (the default) or pysnmp's."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Protocol

from pdutui.backends.snmp.codec import NO_SUCH_NAME, BerError, Response, typed_rows
from pdutui.backends.snmp.exchange import Address, Decoder, Exchange
from pdutui.backends.snmp.types import ErrorAnswer, GarbledAnswer, RawValue, TypedRow


class MessageCodec(Decoder, Protocol):
    """What a reader needs of a codec."""

    def get(self, request_id: int, oids: Sequence[str]) -> bytes:
        """A GetRequest."""
        ...

    def next(self, request_id: int, oid: str, count: int) -> bytes:
        """A GetBulkRequest where count > 1, else a GetNextRequest."""
        ...


class MessageReader:
    """Implements `types.Reader`, and `types.TypedReader` over a codec that keeps `Response.raw`."""

    def __init__(
        self,
        address: Address,
        codec: MessageCodec,
        on_late: Callable[[float], None] | None = None,
    ) -> None:
        """Open the socket. Raises OSError."""
        self._codec = codec
        self._exchange = Exchange(address, codec, on_late)

    async def get(self, oids: Sequence[str], wait_s: float) -> dict[str, RawValue | None]:
        """See `types.Reader.get`."""
        response = await self._ask(lambda number: self._codec.get(number, oids), wait_s)
        if response.status:
            raise ErrorAnswer(response.status, response.error_index)
        values = dict(response.rows)
        if len(values) < len(response.rows):
            return _unambiguous(response.rows)
        return values

    async def next(self, oid: str, count: int, wait_s: float) -> list[tuple[str, RawValue | None]]:
        """See `types.Reader.next`."""
        response = await self._ask(lambda number: self._codec.next(number, oid, count), wait_s)
        return _rows(response)

    async def next_typed(self, oid: str, count: int, wait_s: float) -> list[TypedRow]:
        """See `types.TypedReader.next_typed`."""
        response = await self._ask(lambda number: self._codec.next(number, oid, count), wait_s)
        if not _rows(response):
            return []
        try:
            return typed_rows(response.raw)
        except BerError as error:
            raise GarbledAnswer(str(error)) from error

    async def _ask(self, build: Callable[[int], bytes], wait_s: float) -> Response:
        return await self._exchange.ask(build, wait_s)

    async def aclose(self) -> None:
        """Close the socket. May be called twice."""
        self._exchange.close()


def _unambiguous(rows: list[tuple[str, RawValue | None]]) -> dict[str, RawValue | None]:
    """What is said once, or twice the same. Of two values for one OID neither can be believed."""
    values: dict[str, RawValue | None] = {}
    doubtful = set()
    for oid, value in rows:
        if values.setdefault(oid, value) != value:
            doubtful.add(oid)
    return {oid: value for oid, value in values.items() if oid not in doubtful}


def _rows(response: Response) -> list[tuple[str, RawValue | None]]:
    if response.status == NO_SUCH_NAME:  # how v1 says that the MIB is over
        return []
    if response.status:
        raise ErrorAnswer(response.status, response.error_index)
    return response.rows[: response.end]
