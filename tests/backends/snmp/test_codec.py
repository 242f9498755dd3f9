"""Our codec against pysnmp's, and against nonsense."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pyasn1.codec.ber import decoder, encoder
from pysnmp.proto import rfc1902
from pysnmp.proto.api import v1, v2c

from pdutui.backends.snmp.codec import (
    BerError,
    Codec,
    decode_oid,
    encode_oid,
    engine_discovery,
    integer,
    is_report,
    tlv,
)
from pdutui.backends.snmp.pysnmp_codec import PysnmpCodec
from pdutui.backends.snmp.types import SnmpVersion
from pdutui.domain.secret import Secret

arcs = st.integers(0, 2**32 - 1)
oids = st.builds(
    lambda first, second, rest: ".".join(map(str, (first, second, *rest))),
    st.integers(0, 1),
    st.integers(0, 39),
    st.lists(arcs, max_size=20),
)
request_ids = st.integers(0x0100_0000, 0x7FFF_FFFF)
values = st.one_of(
    st.integers(-(2**31), 2**31 - 1).map(lambda n: (rfc1902.Integer32(n), n)),
    st.integers(0, 2**32 - 1).map(lambda n: (rfc1902.Gauge32(n), n)),
    st.integers(0, 2**32 - 1).map(lambda n: (rfc1902.Counter32(n), n)),
    st.integers(0, 2**32 - 1).map(lambda n: (rfc1902.TimeTicks(n), n)),
    st.integers(0, 2**64 - 1).map(lambda n: (rfc1902.Counter64(n), n)),
    st.binary(max_size=300).map(lambda b: (rfc1902.OctetString(b), b)),
    oids.map(lambda o: (v2c.ObjectIdentifier(o), o)),
    st.just((v2c.null, None)),
)


@given(oids)
def test_oids_survive(oid: str) -> None:
    assert decode_oid(encode_oid(oid)) == oid


@pytest.mark.parametrize("bad", ["", "1", "1.3.x", "3.1", "1.40", "1.3.-1", ".1.3", "1..3"])
def test_what_is_no_oid_is_refused(bad: str) -> None:
    with pytest.raises(ValueError):  # noqa: PT011
        encode_oid(bad)


@pytest.mark.parametrize(("version", "api"), [("1", v1), ("2c", v2c)])
@given(request_id=request_ids, asked=st.lists(oids, min_size=1, max_size=30))
def test_pysnmp_reads_our_requests(
    version: SnmpVersion, api: object, request_id: int, asked: list[str]
) -> None:
    message, rest = decoder.decode(
        Codec(version, Secret("public")).get(request_id, asked),
        asn1Spec=api.Message(),  # type: ignore[attr-defined]
    )
    pdu = api.apiMessage.get_pdu(message)  # type: ignore[attr-defined]
    assert rest == b""
    assert bytes(api.apiMessage.get_community(message)) == b"public"  # type: ignore[attr-defined]
    assert int(api.apiPDU.get_request_id(pdu)) == request_id  # type: ignore[attr-defined]
    assert [str(o) for o, _ in api.apiPDU.get_varbinds(pdu)] == asked  # type: ignore[attr-defined]


@given(oid=oids, count=st.integers(1, 100))
def test_both_codecs_make_the_same_requests(oid: str, count: int) -> None:
    ours, theirs = Codec("2c", Secret("public")), PysnmpCodec("2c", Secret("public"))
    assert ours.next(0x1234567, oid, count) == theirs.next(0x1234567, oid, count)
    assert ours.get(0x1234567, [oid, oid]) == theirs.get(0x1234567, [oid, oid])


def response(rows: list[tuple[str, object]], status: int = 0, index: int = 0) -> bytes:
    pdu = v2c.ResponsePDU()
    v2c.apiPDU.set_defaults(pdu)
    v2c.apiPDU.set_request_id(pdu, 0x7654321)
    v2c.apiPDU.set_error_status(pdu, status)
    v2c.apiPDU.set_error_index(pdu, index)
    v2c.apiPDU.set_varbinds(pdu, rows)
    message = v2c.Message()
    v2c.apiMessage.set_defaults(message)
    v2c.apiMessage.set_community(message, "public")
    v2c.apiMessage.set_pdu(message, pdu)
    return bytes(encoder.encode(message))


@given(st.lists(st.tuples(oids, values), max_size=12))
@settings(deadline=None)
def test_we_read_what_pysnmp_writes(pairs: list[tuple[str, tuple[object, object]]]) -> None:
    data = response([(oid, typed) for oid, (typed, _) in pairs])
    expected = [(oid, raw) for oid, (_, raw) in pairs]
    for codec in (Codec("2c", Secret("public")), PysnmpCodec("2c", Secret("public"))):
        found = codec.decode(data)
        assert (found.request_id, found.status, found.rows) == (0x7654321, 0, expected)


GOOD = response(
    [
        ("1.3.6.1.4.1.3808.1.1.0", rfc1902.Gauge32(2**31)),
        ("1.3.6.1.4.1.3808.1.2.0", rfc1902.OctetString(b"db01" * 40)),
        ("1.3.6.1.4.1.3808.1.3.0", v2c.ObjectIdentifier("1.3.6.1")),
    ]
)


@given(st.binary(max_size=200))
@settings(max_examples=500)
def test_nonsense_is_refused_and_nothing_else_is_raised(data: bytes) -> None:
    with pytest.raises(BerError):
        Codec("2c", Secret("public")).decode(data)
    assert not is_report(data, 1)


@given(st.integers(0, len(GOOD) - 1))
def test_a_message_that_is_cut_off_is_refused(length: int) -> None:
    for codec in (Codec("2c", Secret("public")), PysnmpCodec("2c", Secret("public"))):
        with pytest.raises(BerError):
            codec.decode(GOOD[:length])


@given(st.integers(0, len(GOOD) - 1), st.integers(0, 255))
@settings(max_examples=600)
def test_a_changed_octet_raises_nothing_but_ber_error(at: int, octet: int) -> None:
    data = GOOD[:at] + bytes((octet,)) + GOOD[at + 1 :]
    try:
        found = Codec("2c", Secret("public")).decode(data)
    except BerError:
        return
    assert len(found.rows) <= 3


def test_error_status_and_end_of_mib() -> None:
    codec = Codec("2c", Secret("public"))
    found = codec.decode(response([("1.3.6.1", v2c.null)], status=5, index=1))
    assert (found.status, found.error_index) == (5, 1)
    assert codec.frame(response([], status=1)) == (1, 0)
    rows = [("1.3.6.1.1", rfc1902.Integer32(1)), ("1.3.6.1.1", v2c.EndOfMibView())]
    assert codec.decode(response(rows)).end == 1


def test_trailing_octets_do_not_matter() -> None:
    assert len(Codec("2c", Secret("public")).decode(GOOD + b"\x00\x00").rows) == 3


def test_absurd_lengths_cost_nothing() -> None:
    for data in (b"\x30\x80\x00\x00", b"\x30\x85\x01\x00\x00\x00\x00", b"\x30\x84\xff\xff\xff\xff"):
        with pytest.raises(BerError):
            Codec("2c", Secret("public")).decode(data)


def _answer(value: bytes, name: bytes = encode_oid("1.3.6.1.4.1")) -> bytes:
    varbind = tlv(0x30, tlv(0x06, name), value)
    head = integer(0x01020304) + integer(0) + integer(0)
    return tlv(0x30, integer(1), tlv(4, b"public"), tlv(0xA2, head, tlv(0x30, varbind)))


@pytest.mark.parametrize("tag", [0x02, 0x41, 0x42, 0x43, 0x46])
@pytest.mark.parametrize("octets", [0, 10, 200, 3000])
def test_a_number_of_no_or_absurd_length_is_no_value(tag: int, octets: int) -> None:
    found = Codec("2c", Secret("public")).decode(_answer(tlv(tag, b"\x7f" * octets)))
    assert found.rows == [("1.3.6.1.4.1", None)]


def test_an_absurd_number_is_no_value_for_pysnmp_either() -> None:
    found = PysnmpCodec("2c", Secret("public")).decode(_answer(tlv(2, b"\x7f" * 200)))
    assert found.rows == [("1.3.6.1.4.1", None)]


@pytest.mark.parametrize("codec", [Codec, PysnmpCodec])
def test_an_absurd_oid_is_refused_not_raised(codec: type[Codec] | type[PysnmpCodec]) -> None:
    endless = b"\x2b" + b"\xff" * 3000 + b"\x01"
    for data in (_answer(tlv(5), endless), _answer(tlv(6, endless))):
        with pytest.raises(BerError):
            codec("2c", Secret("public")).decode(data)


@pytest.mark.parametrize(
    ("tag", "octets", "value"),
    [
        (0x02, "7fffffff", 2**31 - 1),
        (0x02, "0080000000", None),
        (0x02, "ff7fffffff", None),
        (0x02, "0000000007", 7),
        (0x42, "ffffffff", 2**32 - 1),
        (0x42, "00ffffffff", 2**32 - 1),
        (0x42, "0100000000", None),
        (0x46, "ffffffffffffffff", 2**64 - 1),
        (0x46, "00ffffffffffffffff", 2**64 - 1),
        (0x46, "010000000000000000", None),
    ],
)
def test_a_number_that_its_type_cannot_have_is_no_value(
    tag: int, octets: str, value: int | None
) -> None:
    found = Codec("2c", Secret("public")).decode(_answer(tlv(tag, bytes.fromhex(octets))))
    assert found.rows == [("1.3.6.1.4.1", value)]


def test_an_alias_of_a_name_does_not_pass_for_the_name() -> None:
    codec = Codec("2c", Secret("public"))
    codec.get(1, ["1.3.6.1.4.1"])
    for alias in ("2b06018004 01", "802b060104 01", "2b060104 9080808001"):
        with pytest.raises(BerError):
            codec.decode(_answer(integer(5), bytes.fromhex(alias)))


def test_what_is_more_than_a_response_is_none() -> None:
    """Of a name, a second name and a value nobody can say which is the value."""
    name, one = tlv(6, encode_oid("1.3.6.1.4.1")), integer(5)
    row, numbers = tlv(0x30, name, one), integer(0x01020304) + integer(0) + integer(0)
    head = integer(1) + tlv(4, b"public")

    def message(rows: bytes, behind_rows: bytes = b"", behind_pdu: bytes = b"") -> bytes:
        pdu = tlv(0xA2, numbers, tlv(0x30, rows), behind_rows)
        return tlv(0x30, head, pdu, behind_pdu)

    codec = Codec("2c", Secret("public"))
    assert codec.decode(message(row)).rows == [("1.3.6.1.4.1", 5)]
    for bad in (
        message(tlv(0x30, name, name, one)),
        message(tlv(0x30, name, one, one)),
        message(tlv(0x30, name)),
        message(row, behind_rows=tlv(5)),
        message(row, behind_pdu=tlv(5)),
    ):
        with pytest.raises(BerError):
            codec.decode(bad)


def test_an_absurd_error_status_is_refused_not_raised() -> None:
    head = integer(0x01020304) + tlv(2, b"\x7f" * 3000) + integer(0)
    data = tlv(0x30, integer(1), tlv(4, b"public"), tlv(0xA2, head, tlv(0x30)))
    with pytest.raises(BerError):
        Codec("2c", Secret("public")).decode(data)


def test_the_community_does_not_show_in_repr() -> None:
    assert "hush" not in repr(Codec("2c", Secret("hush"))) + repr(PysnmpCodec("2c", Secret("hush")))


def test_engine_discovery_is_a_v3_message() -> None:
    from pysnmp.proto.mpmod.rfc3412 import SNMPv3Message

    message, rest = decoder.decode(engine_discovery(0x1234567), asn1Spec=SNMPv3Message())
    assert rest == b""
    assert int(message[1][0]) == 0x1234567
    assert bytes(message[1][2]) == b"\x04"


def test_only_the_report_that_was_asked_for_counts() -> None:
    report = bytearray(engine_discovery(0x1234567))
    at = report.rindex(b"\xa0")
    report[at] = 0xA8
    assert is_report(bytes(report), 0x1234567)
    assert not is_report(bytes(report), 0x1234568)
    assert not is_report(engine_discovery(0x1234567), 0x1234567)
    assert not is_report(GOOD, 0x1234567)
