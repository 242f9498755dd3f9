"""The agent as RFC 3416 has it, datagram in, datagram out."""

from __future__ import annotations

from typing import Any

import pytest
from pyasn1.codec.ber import decoder, encoder
from pysnmp.proto import api, rfc1902
from pysnmp.proto.rfc1905 import EndOfMibView, NoSuchInstance, NoSuchObject

from pdutui.backends.snmp import ber
from pdutui.backends.snmp.agent import Agent
from pdutui.backends.snmp.faults import Faults
from pdutui.backends.snmp.mib import (
    BAD_VALUE,
    NO_ACCESS,
    NO_CREATION,
    NO_SUCH_NAME,
    NOT_WRITABLE,
    TOO_BIG,
    WRONG_TYPE,
    WRONG_VALUE,
    Mib,
)
from pdutui.domain.secret import Secret

V1, V2C = 0, 1
GET, NEXT, SET, BULK = "GetRequestPDU", "GetNextRequestPDU", "SetRequestPDU", "GetBulkRequestPDU"
COLUMN = (1, 3, 6, 1, 4, 1, 99, 1, 1)
BIG = (1, 3, 6, 1, 4, 1, 99, 3, 0)


class Little(Mib):
    """Three scalars, a Counter64 and a writable column of three rows."""

    def __init__(self) -> None:
        self.values: dict[ber.Oid, bytes] = {
            (1, 3, 6, 1, 2, 1, 1, 1, 0): ber.tlv(ber.STRING, b"little"),
            (1, 3, 6, 1, 2, 1, 1, 3, 0): ber.encode_int(ber.TIMETICKS, 4242),
            **{(*COLUMN, n): ber.encode_int(ber.INTEGER, n) for n in (1, 2, 10)},
            (1, 3, 6, 1, 4, 1, 99, 2, 0): ber.encode_int(ber.COUNTER64, 2**40),
            BIG: ber.tlv(ber.STRING, b"x" * 900),
        }
        super().__init__(self.values)

    def value(self, position: int) -> bytes:
        return self.values[self.oids[position]]

    def check_set(self, name: bytes, tag: int, content: bytes) -> int:
        oid = ber.decode_oid(name)
        if oid[:-1] != COLUMN:
            return NOT_WRITABLE
        if oid not in self.values:
            return NO_CREATION
        if tag != ber.INTEGER:
            return WRONG_TYPE
        return 0 if 0 <= ber.decode_int(content) <= 9 else WRONG_VALUE

    def commit_set(self, name: bytes, content: bytes) -> None:
        self.values[ber.decode_oid(name)] = ber.tlv(ber.INTEGER, content)


class Answer:
    def __init__(self, version: int, datagram: bytes) -> None:
        module: Any = api.PROTOCOL_MODULES[version]
        message, rest = decoder.decode(datagram, asn1Spec=module.Message())
        assert not rest
        pdu = module.apiMessage.get_pdu(message)
        self.community = bytes(module.apiMessage.get_community(message))
        self.request_id = int(module.apiPDU.get_request_id(pdu))
        self.status = int(module.apiPDU.get_error_status(pdu))
        self.index = int(pdu[2])
        self.varbinds = [(tuple(n), v) for n, v in module.apiPDU.get_varbinds(pdu)]
        self.names = [n for n, _ in self.varbinds]


def ask(
    agent: Agent,
    kind: str,
    *varbinds: Any,
    version: int = V2C,
    community: str = "public",
    bulk: tuple[int, int] = (0, 10),
) -> Answer | None:
    module: Any = api.PROTOCOL_MODULES[version]
    pdu = getattr(module, kind)()
    which = module.apiBulkPDU if kind == BULK else module.apiPDU
    which.set_defaults(pdu)
    which.set_request_id(pdu, 31337)
    if kind == BULK:
        which.set_non_repeaters(pdu, bulk[0])
        which.set_max_repetitions(pdu, bulk[1])
    valued = rfc1902.OctetString | rfc1902.Integer32
    pairs = [v if isinstance(v[-1], valued) else (v, module.Null("")) for v in varbinds]
    which.set_varbinds(pdu, pairs)
    message = module.Message()
    module.apiMessage.set_defaults(message)
    module.apiMessage.set_community(message, community)
    module.apiMessage.set_pdu(message, pdu)
    out = agent.answer(bytes(encoder.encode(message)))
    return None if out is None else Answer(version, out)


def agent(mib: Mib | None = None, **options: Any) -> Agent:
    return Agent(
        mib or Little(),
        community=Secret("public"),
        write_community=options.pop("write_community", Secret("private")),
        **options,
    )


def answered(answer: Answer | None) -> Answer:
    assert answer is not None
    assert answer.request_id == 31337
    return answer


# -- reading -----------------------------------------------------------------------------------


@pytest.mark.parametrize("version", [V1, V2C])
def test_get(version: int) -> None:
    asked = [(*COLUMN, 10), (1, 3, 6, 1, 2, 1, 1, 1, 0), (*COLUMN, 10)]
    out = answered(ask(agent(), GET, *asked, version=version))
    assert out.status == 0
    assert out.names == asked
    assert [str(v) for _, v in out.varbinds] == ["10", "little", "10"]


def test_get_of_what_is_not_there_v2c() -> None:
    out = answered(ask(agent(), GET, (*COLUMN, 3), (1, 3, 6, 1, 4, 1, 77, 1, 0), (*COLUMN, 1)))
    assert out.status == 0
    kinds = [type(v) for _, v in out.varbinds]
    assert kinds[:2] == [NoSuchInstance, NoSuchObject]
    assert int(out.varbinds[2][1]) == 1


def test_get_of_what_is_not_there_v1() -> None:
    out = answered(ask(agent(), GET, (*COLUMN, 1), (*COLUMN, 3), version=V1))
    assert (out.status, out.index) == (NO_SUCH_NAME, 2)
    assert out.names == [(*COLUMN, 1), (*COLUMN, 3)]


@pytest.mark.parametrize("version", [V1, V2C])
def test_get_next_goes_in_numeric_order(version: int) -> None:
    out = answered(ask(agent(), NEXT, (1, 3), (*COLUMN, 2), (*COLUMN, 9), version=version))
    assert out.names == [(1, 3, 6, 1, 2, 1, 1, 1, 0), (*COLUMN, 10), (*COLUMN, 10)]


def test_the_end_v2c() -> None:
    out = answered(ask(agent(), NEXT, BIG, (2, 5)))
    assert out.names == [BIG, (2, 5)]
    assert {type(v) for _, v in out.varbinds} == {EndOfMibView}


def test_the_end_v1() -> None:
    out = answered(ask(agent(), NEXT, (*COLUMN, 1), BIG, version=V1))
    assert (out.status, out.index) == (NO_SUCH_NAME, 2)


def test_v1_does_not_see_counter64() -> None:
    counter = (1, 3, 6, 1, 4, 1, 99, 2, 0)
    assert int(answered(ask(agent(), GET, counter)).varbinds[0][1]) == 2**40
    assert answered(ask(agent(), GET, counter, version=V1)).status == NO_SUCH_NAME
    assert answered(ask(agent(), NEXT, (*COLUMN, 10), version=V1)).names == [BIG]


# -- GETBULK -----------------------------------------------------------------------------------


def test_bulk_non_repeaters_and_repetitions() -> None:
    out = answered(ask(agent(), BULK, (1, 3), COLUMN, (*COLUMN, 2), bulk=(1, 2)))
    assert out.names == [
        (1, 3, 6, 1, 2, 1, 1, 1, 0),
        (*COLUMN, 1), (*COLUMN, 10),
        (*COLUMN, 2), (1, 3, 6, 1, 4, 1, 99, 2, 0),
    ]  # fmt: skip


def test_bulk_stops_at_the_end() -> None:
    out = answered(ask(agent(), BULK, (*COLUMN, 10), bulk=(0, 50)))
    assert out.names == [(1, 3, 6, 1, 4, 1, 99, 2, 0), BIG, BIG]
    assert type(out.varbinds[-1][1]) is EndOfMibView


def test_bulk_with_one_column_at_its_end_goes_on_with_the_other() -> None:
    out = answered(ask(agent(), BULK, BIG, (*COLUMN, 1), bulk=(0, 2)))
    assert out.names == [BIG, (*COLUMN, 2), BIG, (*COLUMN, 10)]
    assert [type(v) for _, v in out.varbinds][::2] == [EndOfMibView, EndOfMibView]
    out = answered(ask(agent(), BULK, (*COLUMN, 1), BIG, bulk=(0, 2)))
    assert out.names == [(*COLUMN, 2), BIG, (*COLUMN, 10), BIG]


def test_bulk_is_cut_to_the_message_size() -> None:
    out = answered(ask(agent(max_message=600), BULK, (1, 3), bulk=(0, 50)))
    assert out.status == 0
    assert out.names[-1] == (1, 3, 6, 1, 4, 1, 99, 2, 0)
    assert BIG not in out.names


@pytest.mark.parametrize("bulk", [(0, 0), (5, 10), (1, 10)])
def test_bulk_with_nothing_to_repeat(bulk: tuple[int, int]) -> None:
    out = answered(ask(agent(), BULK, (*COLUMN, 1), bulk=bulk))
    assert len(out.names) == (0 if bulk[0] == 0 else 1)


def test_bulk_of_nothing() -> None:
    assert answered(ask(agent(), BULK)).names == []


def test_there_is_no_bulk_in_v1() -> None:
    raw = bytearray(bulk_datagram())
    raw[4] = V1
    assert agent().answer(bytes(raw)) is None


def bulk_datagram() -> bytes:
    module: Any = api.PROTOCOL_MODULES[V2C]
    pdu = module.GetBulkRequestPDU()
    module.apiBulkPDU.set_defaults(pdu)
    module.apiBulkPDU.set_varbinds(pdu, [((1, 3), module.Null(""))])
    message = module.Message()
    module.apiMessage.set_defaults(message)
    module.apiMessage.set_community(message, "public")
    module.apiMessage.set_pdu(message, pdu)
    return bytes(encoder.encode(message))


# -- too big -----------------------------------------------------------------------------------


def test_too_big_v2c_has_no_varbinds() -> None:
    out = answered(ask(agent(max_message=600), GET, BIG))
    assert (out.status, out.index, out.names) == (TOO_BIG, 0, [])


def test_too_big_v1_gives_the_request_back() -> None:
    out = answered(ask(agent(max_message=600), GET, BIG, version=V1))
    assert (out.status, out.index, out.names) == (TOO_BIG, 0, [BIG])


# -- writing -----------------------------------------------------------------------------------


def number(value: int) -> rfc1902.Integer32:
    return rfc1902.Integer32(value)


@pytest.mark.parametrize("version", [V1, V2C])
def test_set(version: int) -> None:
    mib = Little()
    out = answered(
        ask(agent(mib), SET, ((*COLUMN, 2), number(7)), version=version, community="private")
    )
    assert (out.status, out.names, int(out.varbinds[0][1])) == (0, [(*COLUMN, 2)], 7)
    assert mib.values[*COLUMN, 2] == ber.encode_int(ber.INTEGER, 7)


@pytest.mark.parametrize(
    ("oid", "value", "community", "v2c", "v1"),
    [
        ((*COLUMN, 2), number(7), "public", NO_ACCESS, NO_SUCH_NAME),
        ((*COLUMN, 2), number(77), "private", WRONG_VALUE, BAD_VALUE),
        ((*COLUMN, 2), rfc1902.OctetString("7"), "private", WRONG_TYPE, BAD_VALUE),
        ((*COLUMN, 3), number(7), "private", NO_CREATION, NO_SUCH_NAME),
        ((1, 3, 6, 1, 2, 1, 1, 3, 0), number(7), "private", NOT_WRITABLE, NO_SUCH_NAME),
    ],
)
@pytest.mark.parametrize("version", [V1, V2C])
def test_set_refused(
    oid: ber.Oid, value: Any, community: str, v2c: int, v1: int, version: int
) -> None:
    mib = Little()
    before = dict(mib.values)
    good = ((*COLUMN, 1), number(5))
    out = answered(ask(agent(mib), SET, good, (oid, value), version=version, community=community))
    first_bad = 1 if community == "public" else 2
    assert (out.status, out.index) == (v1 if version == V1 else v2c, first_bad)
    assert out.names == [(*COLUMN, 1), oid]
    assert mib.values == before


# -- who may ask -------------------------------------------------------------------------------


def test_the_write_community_reads_too() -> None:
    assert answered(ask(agent(), GET, (*COLUMN, 1), community="private")).status == 0


@pytest.mark.parametrize("kind", [GET, NEXT, BULK, SET])
def test_a_wrong_community_is_met_with_silence(kind: str) -> None:
    little = agent()
    assert ask(little, kind, ((*COLUMN, 1), number(1)), community="guess") is None
    assert (little.served, little.dropped) == (0, 1)


def test_nobody_writes_without_a_write_community() -> None:
    little = agent(write_community=None)
    assert ask(little, GET, (*COLUMN, 1), community="private") is None
    assert answered(ask(little, SET, ((*COLUMN, 1), number(1)))).status == NO_ACCESS


def test_the_secret_is_not_in_the_repr() -> None:
    assert "private" not in repr(vars(agent(write_community=Secret("private")))["_mib"])


def test_answers_are_not_answered() -> None:
    little = agent()
    message = ber.decode_message(bulk_datagram())
    assert little.answer(ber.answer(message, [])) is None


# -- the card's own faults ---------------------------------------------------------------------


@pytest.mark.parametrize("kind", [GET, NEXT, SET])
def test_too_many_varbinds(kind: str) -> None:
    row = ((*COLUMN, 1), number(1))
    silent, loud = Faults(max_varbinds=2), Faults(max_varbinds=2, too_big="error")
    for faults in (silent, loud):
        assert answered(ask(agent(faults=faults), kind, row, row, community="private")).status == 0
    assert ask(agent(faults=silent), kind, row, row, row, community="private") is None
    out = answered(ask(agent(faults=loud), kind, row, row, row, community="private"))
    assert (out.status, out.names) == (TOO_BIG, [])


def test_no_bulk() -> None:
    deaf = agent(faults=Faults(no_bulk=True))
    assert ask(deaf, BULK, (1, 3)) is None
    assert answered(ask(deaf, NEXT, (1, 3))).status == 0
