"""The simulator's codec against a foreign one (pyasn1 with pysnmp's types), and against noise."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from pyasn1.codec.ber import decoder, encoder
from pysnmp.proto import api
from pysnmp.proto.rfc1155 import ObjectName

from pdutui.backends.snmp import ber
from pdutui.backends.snmp.types import SnmpValue

V1, V2C = 0, 1

arcs = st.one_of(st.integers(0, 200), st.integers(0, 2**32 - 1))
oids = st.tuples(
    st.sampled_from([(1, 3), (0, 0), (2, 5), (2, 99), (1, 39)]), st.lists(arcs, max_size=20)
).map(lambda pair: (*pair[0], *pair[1]))


@given(oid=oids)
def test_names(oid: ber.Oid) -> None:
    content = ber.encode_oid(oid)
    assert ber.decode_oid(content) == oid
    assert ber.tlv(ber.OID, content) == encoder.encode(ObjectName(oid))


@given(number=st.integers(-(2**31), 2**31 - 1))
@example(number=-1)
@example(number=-128)
@example(number=-129)
@example(number=127)
@example(number=128)
def test_integers(number: int) -> None:
    module: Any = api.PROTOCOL_MODULES[api.SNMP_VERSION_2C]
    assert ber.encode_int(ber.INTEGER, number) == encoder.encode(module.Integer(number))
    assert ber.decode_int(ber.int_content(number)) == number


@given(number=st.integers(0, 2**32 - 1))
@pytest.mark.parametrize(
    ("syntax", "name"),
    [("gauge", "Gauge32"), ("counter", "Counter32"), ("timeticks", "TimeTicks")],
)
def test_unsigned(syntax: Any, name: str, number: int) -> None:
    module: Any = api.PROTOCOL_MODULES[api.SNMP_VERSION_2C]
    theirs = encoder.encode(getattr(module, name)(number))
    assert ber.encode_value(SnmpValue(syntax, number)) == theirs


@given(data=st.binary(max_size=300))
def test_strings(data: bytes) -> None:
    module: Any = api.PROTOCOL_MODULES[api.SNMP_VERSION_2C]
    ours = ber.encode_value(SnmpValue("string", data))
    assert ours == encoder.encode(module.OctetString(data))


def test_null_and_oid_values() -> None:
    assert ber.encode_value(SnmpValue("null", None)) == b"\x05\x00"
    assert ber.encode_value(SnmpValue("oid", "1.3.6.1")) == b"\x06\x03\x2b\x06\x01"
    with pytest.raises(ValueError, match="gauge cannot hold"):
        ber.encode_value(SnmpValue("gauge", "three"))


def their_request(version: int, names: list[ber.Oid], request_id: int, kind: str) -> bytes:
    module: Any = api.PROTOCOL_MODULES[version]
    pdu = getattr(module, kind)()
    module.apiPDU.set_defaults(pdu)
    module.apiPDU.set_request_id(pdu, request_id)
    module.apiPDU.set_varbinds(pdu, [(name, module.Null("")) for name in names])
    message = module.Message()
    module.apiMessage.set_defaults(message)
    module.apiMessage.set_community(message, "public")
    module.apiMessage.set_pdu(message, pdu)
    return bytes(encoder.encode(message))


@given(
    names=st.lists(oids, max_size=12),
    request_id=st.integers(0, 2**31 - 1),
    version=st.sampled_from([V1, V2C]),
)
@settings(max_examples=40, deadline=None)
def test_messages_there_and_back(names: list[ber.Oid], request_id: int, version: int) -> None:
    request = ber.decode_message(their_request(version, names, request_id, "GetRequestPDU"))
    assert (request.version, request.community, request.pdu) == (version, b"public", ber.GET)
    assert [ber.decode_oid(v.name) for v in request.varbinds] == names
    assert ber.decode_int(request.request_id) == request_id

    value = ber.encode_value(SnmpValue("gauge", 4000000000))
    response = ber.answer(request, [ber.varbind(v.name, value) for v in request.varbinds], 2, 1)
    module: Any = api.PROTOCOL_MODULES[version]
    message, rest = decoder.decode(response, asn1Spec=module.Message())
    assert not rest
    pdu = module.apiMessage.get_pdu(message)
    assert int(module.apiPDU.get_request_id(pdu)) == request_id
    assert int(module.apiPDU.get_error_status(pdu)) == 2
    assert [(tuple(n), int(v)) for n, v in module.apiPDU.get_varbinds(pdu)] == [
        (name, 4000000000) for name in names
    ]


@given(data=st.binary(max_size=400))
def test_noise_is_refused_and_nothing_else(data: bytes) -> None:
    with pytest.raises(ber.BadMessage):
        ber.decode_message(data)


@given(cut=st.integers(0, 200), at=st.integers(0, 200), byte=st.integers(0, 255))
def test_damage_is_refused_or_understood(cut: int, at: int, byte: int) -> None:
    whole = their_request(
        V2C, [(1, 3, 6, 1, 2, 1, 1, n, 0) for n in range(1, 8)], 77, "GetRequestPDU"
    )
    damaged = bytearray(whole)
    damaged[at % len(whole)] = byte
    for datagram in (whole[: cut % len(whole)], bytes(damaged)):
        try:
            message = ber.decode_message(datagram)
        except ber.BadMessage:
            continue
        for variable in message.varbinds:
            try:
                ber.decode_oid(variable.name)
            except ber.BadMessage:
                continue


@pytest.mark.parametrize(
    "content", [b"", b"\x80", b"\x2b\x86", b"\x2b\xff\xff\xff\xff\xff\x7f", b"\x2b" * 700]
)
def test_names_that_are_none(content: bytes) -> None:
    with pytest.raises(ber.BadMessage):
        ber.decode_oid(content)


@pytest.mark.parametrize("oid", [(1,), (3, 1), (1, 40), (0, 40, 1)])
def test_names_that_cannot_be_written(oid: ber.Oid) -> None:
    with pytest.raises(ValueError, match="not an object identifier"):
        ber.encode_oid(oid)


@pytest.mark.parametrize("text", ["", "1..3", "1.3.x", "1.3.4294967296", "-1.3"])
def test_text_that_is_no_name(text: str) -> None:
    with pytest.raises(ValueError, match="not an object identifier"):
        ber.parse_oid(text)
