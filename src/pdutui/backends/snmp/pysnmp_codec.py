"""SNMP v1 and v2c messages by pysnmp's own message classes, without its engine.

The engine costs 90 ms to make, retries by itself, takes answers from any address and leaks; the
message classes under it are sound and are all that v1 and v2c need. Importing this module imports
pysnmp (about 100 ms): do that off the event loop.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from pyasn1.codec.ber import decoder, encoder
from pyasn1.error import PyAsn1Error
from pysnmp.proto import rfc1902, rfc1905
from pysnmp.proto.api import v1, v2c

from pdutui.backends.snmp.codec import BerError, Codec, Response
from pdutui.backends.snmp.types import RawValue, SnmpValue, SnmpVersion
from pdutui.domain.secret import Secret

MAX_ANSWER = 16_384
"""Longer datagrams are not given to pyasn1, which takes half a second for 60 kB of nonsense."""


class PysnmpCodec:
    """Makes and reads the messages of one community and version."""

    def __init__(self, version: SnmpVersion, community: Secret) -> None:
        self._api: Any = v1 if version == "1" else v2c
        self._community = community
        # pyasn1 refuses a Gauge32 without its leading zero octet, and with it the whole message.
        self._lenient = Codec(version, community)

    def get(self, request_id: int, oids: Sequence[str]) -> bytes:
        """A GetRequest for `oids`."""
        pdu = self._api.GetRequestPDU()
        self._api.apiPDU.set_defaults(pdu)
        return self._message(pdu, request_id, [(oid, self._api.null) for oid in oids])

    def next(self, request_id: int, oid: str, count: int) -> bytes:
        """A GetBulkRequest for up to `count` rows behind `oid`, or a GetNextRequest for one."""
        if count > 1:
            pdu: Any = v2c.GetBulkRequestPDU()
            v2c.apiBulkPDU.set_defaults(pdu)
            v2c.apiBulkPDU.set_non_repeaters(pdu, 0)
            v2c.apiBulkPDU.set_max_repetitions(pdu, count)
        else:
            pdu = self._api.GetNextRequestPDU()
            self._api.apiPDU.set_defaults(pdu)
        return self._message(pdu, request_id, [(oid, self._api.null)])

    def set(self, request_id: int, oid: str, value: SnmpValue) -> bytes:
        """A SetRequest for one variable. Raises ValueError if value and syntax do not fit."""
        pdu = self._api.SetRequestPDU()
        self._api.apiPDU.set_defaults(pdu)
        return self._message(pdu, request_id, [(oid, _typed(value))])

    def _message(self, pdu: Any, request_id: int, varbinds: list[tuple[str, Any]]) -> bytes:
        api = self._api
        api.apiPDU.set_request_id(pdu, request_id)
        api.apiPDU.set_varbinds(pdu, varbinds)
        message = api.Message()
        api.apiMessage.set_defaults(message)
        api.apiMessage.set_community(message, self._community.reveal().encode())
        api.apiMessage.set_pdu(message, pdu)
        return bytes(encoder.encode(message))

    def decode(self, data: bytes) -> Response:
        """The response in a datagram. Raises BerError."""
        if len(data) > MAX_ANSWER:
            raise BerError("message is too long")
        api = self._api
        try:
            message, _ = decoder.decode(data, asn1Spec=api.Message())
            if int(message[0]) != int(api.apiMessage._version):
                raise BerError("another version")
            if bytes(api.apiMessage.get_community(message)) != self._community.reveal().encode():
                raise BerError("another community")
            pdu = api.apiMessage.get_pdu(message)
            if pdu.tagSet != rfc1905.ResponsePDU.tagSet:
                raise BerError("not a response")
            pairs = api.apiPDU.get_varbinds(pdu)
            rows = [(str(name), _raw(value)) for name, value in pairs]
            ends = [n for n, (_, v) in enumerate(pairs) if v.isSameTypeWith(rfc1905.endOfMibView)]
            return Response(
                int(api.apiPDU.get_request_id(pdu)),
                int(api.apiPDU.get_error_status(pdu)),
                int(api.apiPDU.get_error_index(pdu, muteErrors=True)),
                rows,
                ends[0] if ends else None,
            )
        except BerError:
            raise
        except (PyAsn1Error, ValueError, OverflowError):
            return self._lenient.decode(data)


def _raw(value: Any) -> RawValue | None:
    if isinstance(value, v2c.Null):  # the exceptions are NULLs too, and a NULL is an OctetString
        return None
    if value.tagSet == rfc1902.IpAddress.tagSet:
        return str(value.prettyPrint())
    if isinstance(value, v1.OctetString):
        return bytes(value)
    if isinstance(value, v2c.ObjectIdentifier):
        return str(value)
    try:
        number = int(value)
    except (TypeError, ValueError):
        return bytes(value)
    return number if number.bit_length() <= 64 else None


def _typed(value: SnmpValue) -> Any:
    raw = value.value
    if value.syntax == "null":
        return v2c.null
    if value.syntax == "string":
        if isinstance(raw, str):
            raw = raw.encode()
        if isinstance(raw, bytes):
            return rfc1902.OctetString(raw)
    elif value.syntax == "oid":
        if isinstance(raw, str):
            return v2c.ObjectIdentifier(raw)
    elif isinstance(raw, int):
        makers = {
            "integer": rfc1902.Integer32,
            "gauge": rfc1902.Gauge32,
            "counter": rfc1902.Counter32,
            "timeticks": rfc1902.TimeTicks,
        }
        try:
            return makers[value.syntax](raw)
        except PyAsn1Error:
            pass
    raise ValueError(f"{raw!r} is no {value.syntax}")
