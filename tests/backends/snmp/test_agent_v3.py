"""The agent's SNMPv3 engine, datagram in, datagram out; messages read by pysnmp's ASN.1."""

from __future__ import annotations

from typing import Any, NamedTuple

import pytest
from pyasn1.codec.ber import decoder
from pysnmp.proto import rfc1905
from pysnmp.proto.mpmod.rfc3412 import ScopedPDU, SNMPv3Message

from pdutui.backends.snmp import agent_v3, ber, usm
from pdutui.backends.snmp.agent import Agent
from pdutui.backends.snmp.agent_v3 import V3Access, V3Engine, engine_id_of
from pdutui.backends.snmp.usm import UserKeys
from pdutui.backends.snmp.v3_message import scoped_pdu
from pdutui.domain.secret import Secret
from pdutui.domain.v3 import AuthName, Level, PrivName, V3User

from ...support.clock import ManualClock
from ...support.little_mib import NAME, SWITCH, LittleMib

ENGINE = engine_id_of("test")
DECODE: Any = decoder.decode
ZERO = ber.encode_int(ber.INTEGER, 0)


def user(
    name: str = "ops",
    auth: AuthName | None = "SHA256",
    priv: PrivName | None = "AES128",
    auth_key: str = "auth-pass-1",
    priv_key: str = "priv-pass-1",
) -> V3User:
    return V3User(
        user=name,
        auth=auth,
        auth_key=Secret(auth_key) if auth else None,
        priv=priv,
        priv_key=Secret(priv_key) if priv else None,
    )


OPS, ADMIN = user(), user("admin", auth_key="auth-pass-2", priv_key="priv-pass-2")
PROVED, PLAIN = user("proved", priv=None), user("plain", auth=None, priv=None)


class Answer(NamedTuple):
    """What came back, taken apart."""

    level: Level
    kind: str
    request_id: int
    status: int
    names: list[ber.Oid]
    values: list[str]
    context: bytes
    boots: int
    time: int
    size: int


class Bench:
    """An agent and somebody who asks it."""

    def __init__(
        self, *, context: str = "", reboot_after_s: float | None = None, max_message: int = 65507
    ) -> None:
        self.clock = ManualClock()
        self.mib = LittleMib()
        self.engine = V3Engine(
            self.clock,
            engine_id=ENGINE,
            users=(
                V3Access(OPS, may_write=False),
                V3Access(ADMIN, may_write=True),
                V3Access(PROVED, may_write=False),
                V3Access(PLAIN, may_write=False),
            ),
            context=context,
            reboot_after_s=reboot_after_s,
        )
        self.agent = Agent(
            self.mib,
            community=Secret("public"),
            write_community=None,
            v3=self.engine,
            max_message=max_message,
        )

    def ask(
        self,
        who: V3User,
        *oids: str,
        kind: int = ber.GET,
        value: bytes = ber.NULL_VALUE,
        first: int = 0,
        second: int = 0,
        level: Level | None = None,
        engine_id: bytes = ENGINE,
        context_engine_id: bytes = ENGINE,
        context: bytes = b"",
        off_s: int = 0,
        boots: int = 0,
        reportable: bool = True,
        max_size: int = 65507,
        spoil: bool = False,
    ) -> Answer | None:
        """Send a request as `who`; None: nothing came back."""
        variables = b"".join(ber.varbind(ber.encode_oid(ber.parse_oid(o)), value) for o in oids)
        pdu = ber.tlv(
            kind,
            ber.encode_int(ber.INTEGER, 4711)
            + ber.encode_int(ber.INTEGER, first)
            + ber.encode_int(ber.INTEGER, second)
            + ber.tlv(ber.SEQUENCE, variables),
        )
        keys = UserKeys(who)
        datagram = usm.seal(
            scoped_pdu(context_engine_id, context, pdu),
            keys=keys,
            msg_id=77,
            engine_id=engine_id,
            boots=self.engine.boots + boots,
            time=max(0, self.engine.time + off_s),
            reportable=reportable,
            level=level,
            max_size=max_size,
        )
        if spoil:
            datagram = datagram[:-1] + bytes((datagram[-1] ^ 1,))
        out = self.agent.answer(datagram)
        return None if out is None else read(out, keys)


def read(datagram: bytes, keys: UserKeys) -> Answer:
    """The message, by a foreign reading of its frame."""
    frame, rest = DECODE(datagram, asn1Spec=SNMPv3Message())
    assert not rest
    header = frame.getComponentByPosition(1)
    assert int(header[0]) == 77
    assert header[2].asOctets()[0] & 4 == 0, "an answer wants no answer"
    message = usm.parse(datagram)
    body = usm.unseal(message, keys)
    whole = scoped_pdu(body.engine_id, body.context, body.pdu)
    scoped, rest = DECODE(whole, asn1Spec=ScopedPDU())
    assert not rest
    assert scoped[0].asOctets() == ENGINE
    pdu = scoped[2].getComponent()
    rows = list(pdu[3])
    return Answer(
        message.level,
        type(pdu).__name__,
        int(pdu[0]),
        int(pdu[1]),
        [tuple(row[0]) for row in rows],
        [row[1].prettyPrint().rpartition("=")[2].strip() for row in rows],
        scoped[1].asOctets(),
        message.boots,
        message.time,
        len(datagram),
    )


def reported(answer: Answer | None) -> ber.Oid:
    """The counter of a Report."""
    assert answer is not None
    assert answer.kind == rfc1905.ReportPDU.__name__
    (name,) = answer.names
    return name


@pytest.mark.parametrize(
    ("who", "level"),
    [(OPS, "authPriv"), (PROVED, "authNoPriv"), (PLAIN, "noAuthNoPriv")],
    ids=lambda each: each if isinstance(each, str) else each.user,
)
def test_every_level_reads(who: V3User, level: Level) -> None:
    answer = Bench().ask(who, NAME, SWITCH)
    assert answer is not None
    assert (answer.level, answer.kind, answer.request_id) == (level, "ResponsePDU", 4711)
    assert answer.status == 0
    assert answer.values == ["little", "1"]


def test_next_and_bulk() -> None:
    bench = Bench()
    following = bench.ask(OPS, NAME, kind=ber.GET_NEXT)
    assert following is not None
    assert following.names == [ber.parse_oid(SWITCH)]
    bulk = bench.ask(OPS, "1.3.6", kind=ber.GET_BULK, second=3)
    assert bulk is not None
    assert bulk.names == bench.mib.oids[:3]
    end = bench.ask(OPS, "1.3.7", kind=ber.GET_NEXT)
    assert end is not None
    assert end.values == ["No more variables left in this MIB View"]


def test_who_may_write_writes_and_nobody_else() -> None:
    bench = Bench()
    three = ber.encode_int(ber.INTEGER, 3)
    refused = bench.ask(OPS, SWITCH, kind=ber.SET, value=three)
    assert refused is not None
    assert (refused.status, bench.mib.switch) == (6, 1)
    done = bench.ask(ADMIN, SWITCH, kind=ber.SET, value=three)
    assert done is not None
    assert (done.status, bench.mib.switch) == (0, 3)


def test_a_discovery() -> None:
    bench = Bench()
    empty = ber.tlv(ber.GET, ZERO * 3 + ber.tlv(ber.SEQUENCE, b""))
    datagram = usm.seal_plain(scoped_pdu(b"", b"", empty), msg_id=77, reportable=True)
    out = bench.agent.answer(datagram)
    assert out is not None
    bench.clock.advance(10)
    assert reported(read(out, UserKeys(PLAIN))) == agent_v3.UNKNOWN_ENGINE_IDS
    assert usm.parse(out).engine_id == ENGINE
    later = bench.agent.answer(datagram)
    assert later is not None
    assert usm.parse(later).time == usm.parse(out).time + 10


@pytest.mark.parametrize(
    ("asked", "counter", "level"),
    [
        ({"who": OPS, "engine_id": b"\x80\x00\x1f\x88\x04other"},
         agent_v3.UNKNOWN_ENGINE_IDS, "noAuthNoPriv"),
        ({"who": user("nobody")}, agent_v3.UNKNOWN_USER_NAMES, "noAuthNoPriv"),
        ({"who": user("plain")}, agent_v3.UNSUPPORTED_SEC_LEVELS, "noAuthNoPriv"),
        ({"who": user("proved")}, agent_v3.UNSUPPORTED_SEC_LEVELS, "noAuthNoPriv"),
        ({"who": user(auth_key="auth-pass-2")}, agent_v3.WRONG_DIGESTS, "noAuthNoPriv"),
        ({"who": user(auth="SHA512")}, agent_v3.WRONG_DIGESTS, "noAuthNoPriv"),
        ({"who": OPS, "spoil": True}, agent_v3.WRONG_DIGESTS, "noAuthNoPriv"),
        ({"who": user(priv_key="priv-pass-2")}, agent_v3.DECRYPTION_ERRORS, "noAuthNoPriv"),
        ({"who": user(priv="DES")}, agent_v3.DECRYPTION_ERRORS, "noAuthNoPriv"),
        ({"who": OPS, "off_s": 151}, agent_v3.NOT_IN_TIME_WINDOWS, "authNoPriv"),
        ({"who": PROVED, "off_s": -151}, agent_v3.NOT_IN_TIME_WINDOWS, "authNoPriv"),
        ({"who": OPS, "boots": -1}, agent_v3.NOT_IN_TIME_WINDOWS, "authNoPriv"),
        ({"who": OPS, "boots": 1}, agent_v3.NOT_IN_TIME_WINDOWS, "authNoPriv"),
        ({"who": OPS, "context": b"rack"}, agent_v3.UNKNOWN_CONTEXTS, "authPriv"),
        ({"who": PLAIN, "context": b"rack"}, agent_v3.UNKNOWN_CONTEXTS, "noAuthNoPriv"),
        ({"who": OPS, "context_engine_id": b"other"}, agent_v3.UNKNOWN_PDU_HANDLERS, "authPriv"),
    ],
)  # fmt: skip
def test_reports(asked: dict[str, Any], counter: ber.Oid, level: Level) -> None:
    """Each says what is wrong, at the level RFC 3414 has for it, and tells nothing else."""
    bench = Bench()
    bench.clock.advance(1000)
    who: V3User = asked.pop("who")
    answer = bench.ask(who, NAME, **asked)
    assert reported(answer) == counter
    assert answer is not None
    assert answer.level == level
    assert answer.values == ["1"]
    assert (answer.boots, answer.time) == (bench.engine.boots, 1000)
    again = bench.ask(who, NAME, **asked)
    assert again is not None
    assert again.values == ["2"]
    assert bench.ask(who, NAME, reportable=False, **asked) is None


def test_within_the_window_is_in_time() -> None:
    bench = Bench()
    bench.clock.advance(1000)
    for off_s in (-150, 150):
        answer = bench.ask(OPS, NAME, off_s=off_s)
        assert answer is not None
        assert answer.kind == "ResponsePDU"


@pytest.mark.parametrize("level", ["noAuthNoPriv", "authNoPriv"])
@pytest.mark.parametrize("kind", [ber.GET, ber.SET])
def test_a_user_asked_for_at_less_than_its_level_is_told_nothing(level: Level, kind: int) -> None:
    bench = Bench()
    value = ber.NULL_VALUE if kind == ber.GET else ber.encode_int(ber.INTEGER, 3)
    answer = bench.ask(ADMIN, SWITCH, kind=kind, value=value, level=level)
    assert answer is not None
    assert (answer.kind, answer.level, answer.status) == ("ResponsePDU", level, 16)
    assert answer.values != ["1"]
    assert bench.mib.switch == 1


def test_a_context_of_its_own() -> None:
    bench = Bench(context="rack")
    answer = bench.ask(OPS, NAME, context=b"rack")
    assert answer is not None
    assert (answer.values, answer.context) == (["little"], b"rack")
    assert reported(bench.ask(OPS, NAME)) == agent_v3.UNKNOWN_CONTEXTS


def test_time_runs_and_a_reboot_counts() -> None:
    bench = Bench(reboot_after_s=100)
    boots = bench.engine.boots
    bench.clock.advance(99.5)
    assert (bench.engine.boots, bench.engine.time) == (boots, 99)
    bench.clock.advance(7)
    assert (bench.engine.boots, bench.engine.time) == (boots + 1, 6)
    stale = bench.ask(OPS, NAME, boots=-1, off_s=93)
    assert reported(stale) == agent_v3.NOT_IN_TIME_WINDOWS
    assert stale is not None
    assert (stale.boots, stale.time) == (boots + 1, 6)


def test_an_agent_started_again_has_booted_once_more() -> None:
    clock = ManualClock()
    first = V3Engine(clock, engine_id=ENGINE).boots
    clock.advance(60)
    assert V3Engine(clock, engine_id=ENGINE).boots > first > 0


def test_answers_are_as_long_as_both_ends_take() -> None:
    for size, bench in ((700, Bench()), (900, Bench(max_message=900)), (484, Bench())):
        asked = 65507 if size == 900 else size
        bulk = bench.ask(OPS, "1.3.6", kind=ber.GET_BULK, second=40, max_size=asked)
        assert bulk is not None
        assert bulk.status == 0
        assert len(bulk.names) >= 2
        assert size - 300 < bulk.size <= size
        long = [f"1.3.6.1.4.1.99.2.{n}" for n in range(1, 9)]
        get = bench.ask(OPS, *long, max_size=asked)
        assert get is not None
        assert (get.status, get.names) == (1, [])


def test_garbage_is_dropped() -> None:
    """Cut, changed and foreign datagrams: silence or a Report, never an error, never a value."""
    bench = Bench()
    keys = UserKeys(OPS)
    pdu = ber.tlv(
        ber.GET,
        ZERO * 3
        + ber.tlv(ber.SEQUENCE, ber.varbind(ber.encode_oid(ber.parse_oid(NAME)), ber.NULL_VALUE)),
    )
    whole = usm.seal(
        scoped_pdu(ENGINE, b"", pdu), keys=keys, msg_id=77, engine_id=ENGINE,
        boots=bench.engine.boots, time=bench.engine.time, reportable=True,
    )  # fmt: skip
    genuine = bench.agent.answer(whole)
    assert genuine is not None
    for at in range(len(whole)):
        assert bench.agent.answer(whole[:at]) is None
        changed = whole[:at] + bytes((whole[at] ^ 0x41,)) + whole[at + 1 :]
        out = bench.agent.answer(changed)
        if out is not None:
            assert usm.unseal(usm.parse(out), keys).pdu[0] == ber.REPORT, at


def test_an_engine_without_users_says_that_it_is_there() -> None:
    agent = Agent(LittleMib(), community=Secret("public"), write_community=None)
    empty = ber.tlv(ber.GET, ZERO * 3 + ber.tlv(ber.SEQUENCE, b""))
    hello = usm.seal_plain(scoped_pdu(b"", b"", empty), msg_id=77, reportable=True)
    out = agent.answer(hello)
    assert out is not None
    engine_id = usm.parse(out).engine_id
    ask = usm.seal_plain(
        scoped_pdu(engine_id, b"", empty), msg_id=77, engine_id=engine_id, user=b"ops",
        reportable=True,
    )  # fmt: skip
    refused = agent.answer(ask)
    assert refused is not None
    assert usm.parse(refused).user == b"ops"
    assert agent.v3.counters[agent_v3.UNKNOWN_USER_NAMES] == 1


def test_engine_ids() -> None:
    assert engine_id_of("a") == engine_id_of("a") != engine_id_of("b")
    assert 5 <= len(engine_id_of("a")) <= 32
    assert engine_id_of("a")[0] & 0x80
