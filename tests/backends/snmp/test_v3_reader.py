"""SNMPv3 polling: one datagram a request, what is believed, and getting over whatever happens."""

from __future__ import annotations

import asyncio
import random
import sys
from collections.abc import Callable

import msgspec
import pytest

from pdutui.backends.base import Refused, Unreachable
from pdutui.backends.snmp import link, usm_cipher, v3_reader
from pdutui.backends.snmp.codec import BerError, Response
from pdutui.backends.snmp.usm import UserKeys, parse, seal, seal_plain
from pdutui.backends.snmp.usm_time import EngineClock
from pdutui.backends.snmp.v3_codec import FOUND, REPORTED, Engine, V3Codec
from pdutui.backends.snmp.v3_message import MAX_INT, scoped_pdu
from pdutui.domain.v3 import V3User
from tests.backends.snmp.test_usm import user
from tests.support.clock import ManualClock
from tests.support.scripted_agent import NULL, Request, ScriptedAgent, number, text
from tests.support.scripted_v3 import ScriptedEngine, V3Request
from tests.support.snmp_client import client_for
from tests.support.udp_proxy import Faults, UdpProxy

A, B = "1.3.6.1.4.1.3808.1.1.0", "1.3.6.1.4.1.3808.1.2.0"
OPS = user()
PLAIN = user(None, None)
PROVED = user(priv=None)
OTHER_ENGINE = b"\x80\x00\x1f\x88\x04another"
users = pytest.mark.parametrize("ops", [OPS, PROVED, PLAIN], ids=lambda u: u.level)


@pytest.fixture(autouse=True)
def in_no_hurry(monkeypatch: pytest.MonkeyPatch) -> None:
    """Tests lose an engine sooner than devices do."""
    monkeypatch.setattr(v3_reader, "_DISCOVERY_GAP_S", 0.0)


def serving(who: V3User = OPS, **how: object) -> ScriptedAgent:
    engine = ScriptedEngine(UserKeys(who), **how)  # type: ignore[arg-type]
    return ScriptedAgent(values={A: number(1), B: text(b"b")}, v3=engine)


async def refused(agent: ScriptedAgent, who: V3User = OPS, **how: float) -> str:
    options = {"timeout_s": 0.1, "retries": 0} | how
    async with client_for(agent.port, v3=who, **options) as client:  # type: ignore[arg-type]
        with pytest.raises(Refused) as error:
            await client.get([A])
    return str(error.value)


@users
async def test_a_steady_poll_costs_one_datagram(ops: V3User) -> None:
    async with serving(ops) as agent, client_for(agent.port, v3=ops) as client:
        for n in range(1, 6):
            assert (await client.get([A, B])).values == {A: 1, B: b"b"}
            assert client.requests == 1 + n
        assert (agent.v3.discoveries, len(agent.raw)) == (1, 6)


def test_the_clock_of_the_device_runs_on_between_polls() -> None:
    now = 100.0
    codec = V3Codec(UserKeys(OPS), lambda: now)
    codec.engine = Engine(b"12345", EngineClock(3, 5000, now))
    for gone in (0.0, 1.0, 151.0, 301.0, 86400.0):
        now = 100.0 + gone
        message = parse(codec.get(7, [A]))
        assert (message.boots, message.time) == (3, 5000 + int(gone))


@users
@pytest.mark.parametrize(("boots", "time"), [(8, 3), (7, 3), (7, 90_000), (1, 1), (MAX_INT, 1000)])
async def test_a_restart_or_a_jump_of_the_clock_loses_no_poll(
    ops: V3User, boots: int, time: int
) -> None:
    async with serving(ops, checks_time=True) as agent, client_for(agent.port, v3=ops) as client:
        await client.get([A])
        agent.v3.boots, agent.v3.time = boots, time
        assert (await client.get([A])).values == {A: 1}
        assert client.link.unanswered == 0
        costs = 3 if ops is PLAIN else 4  # nobody asks an unsigned request for the time
        assert client.requests == len(agent.raw) == costs
        await client.get([A])
        assert client.requests == costs + 1
        assert agent.v3.discoveries == 1


async def test_a_clock_that_runs_wild_is_followed_answer_by_answer() -> None:
    async with serving(checks_time=True) as agent, client_for(agent.port, v3=OPS) as client:
        for n in range(1, 8):
            assert (await client.get([A])).values == {A: 1}
            assert client.requests == n + 1
            agent.v3.time += 140


async def test_a_device_that_says_its_time_only_when_asked_with_a_signature() -> None:
    """RFC 3414, 4: the first Report may name the engine and keep the time to itself."""
    async with serving(checks_time=True) as agent, client_for(agent.port, v3=OPS) as client:
        engine = agent.v3
        engine.received = received = _hidden_time(engine)
        assert received is not None
        assert (await client.get([A])).values == {A: 1}
        assert client.requests == len(agent.raw) == 3


def _hidden_time(engine: ScriptedEngine) -> Callable[[bytes], object]:
    def received(data: bytes) -> object:
        message = parse(data)
        if message.engine_id:
            return ScriptedEngine.received(engine, data)
        return engine.seal(message, _report_pdu(4), level=None, boots=0, time=0)

    return received


def _report_pdu(counter: int) -> bytes:
    row = bytes.fromhex("300f060a2b060106030f0101") + bytes((counter,)) + b"\x00\x41\x01\x01"
    return b"\xa8" + bytes((11 + len(row),)) + number(0) * 3 + b"\x30" + bytes((len(row),)) + row


@pytest.mark.parametrize("mute", [frozenset(), frozenset({4})], ids=["reports", "silent"])
async def test_a_device_that_was_replaced(mute: frozenset[int]) -> None:
    async with (
        serving() as agent,
        client_for(agent.port, v3=OPS, timeout_s=0.3, retries=0) as client,
    ):
        await client.get([A])
        agent.v3.engine_id, agent.v3.boots, agent.v3.mute = OTHER_ENGINE, 1, mute
        if mute:
            with pytest.raises(Unreachable, match="last heard"):
                await client.get([A])
        assert (await client.get([A])).values == {A: 1}
        asked = len(agent.raw)
        await client.get([A])
        assert len(agent.raw) == asked + 1


async def test_two_devices_with_one_user_name_and_one_engine_id() -> None:
    """Duplicate engine IDs come with cloned firmware; the pass phrases are each device's own."""
    one, two = user(), user(auth_key="another phrase", priv_key="another one")
    async with (
        serving(one) as first,
        serving(two) as second,
        client_for(first.port, v3=one) as to_first,
        client_for(second.port, v3=two) as to_second,
    ):
        for _ in range(5):
            answers = await asyncio.gather(to_first.get([A]), to_second.get([A]))
            assert [answer.values for answer in answers] == [{A: 1}, {A: 1}]
        assert len(first.raw) == len(second.raw) == 6


@pytest.mark.parametrize("counter", [1, 2, 3, 4, 5, 6, "1.3.6.1.6.3.12.1.5.0"])
async def test_an_unsigned_report_does_nothing_where_the_answer_comes(counter: int | str) -> None:
    def handler(request: V3Request) -> list[bytes]:
        forged = request.of(ScriptedEngine(agent.v3.keys, OTHER_ENGINE, boots=99, time=99))
        answer = request.answer([(A, number(1))])
        return [request.report(counter), forged.report(counter), answer, forged.report(counter)]

    async with serving() as agent, client_for(agent.port, v3=OPS) as client:
        agent.handler = handler  # type: ignore[assignment]
        for n in range(4):
            assert (await client.get([A])).values == {A: 1}
            assert client.requests == len(agent.raw) == n + 2
        assert agent.v3.discoveries == 1


LIES: dict[str, Callable[[V3Request], bytes]] = {
    "not signed": lambda q: q.sealed([(A, number(666))], level=None),
    "signed, not encrypted": lambda q: q.sealed([(A, number(666))], level="authNoPriv"),
    "another key": lambda q: q.sealed([(A, number(666))], keys=UserKeys(user(auth_key="12345678"))),
    "another user": lambda q: q.sealed([(A, number(666))], keys=UserKeys(user(name="eve"))),
    "another engine": lambda q: q.sealed([(A, number(666))], engine_id=OTHER_ENGINE),
    "another message id": lambda q: q.sealed([(A, number(666))], msg_id=q.message.msg_id ^ 1),
    "another request id": lambda q: q.answer([(A, number(666))], request_id=b"\x01\x02\x03\x04"),
    "a status below 0": lambda q: q.answer([(A, number(666))], status=REPORTED),
    "v2c": lambda q: bytes.fromhex(
        "3020020101040670756c6c6963a213020101020100020100300830060601000201"
    ),
}


@pytest.mark.parametrize("lie", list(LIES))
async def test_a_lie_is_never_the_answer(lie: str) -> None:
    def handler(request: V3Request) -> list[bytes]:
        return [LIES[lie](request), request.answer([(A, number(1))])]

    async with serving() as agent, client_for(agent.port, v3=OPS) as client:
        agent.handler = handler  # type: ignore[assignment]
        for _ in range(3):
            assert (await client.get([A])).values == {A: 1}
        agent.handler = lambda q: LIES[lie](q)  # type: ignore[assignment,arg-type]
    async with serving() as agent:
        agent.handler = lambda q: LIES[lie](q)  # type: ignore[assignment,arg-type]
        async with client_for(agent.port, v3=OPS, timeout_s=0.05, retries=0) as client:
            with pytest.raises((Refused, Unreachable)):
                await client.get([A])


async def test_an_answer_that_was_recorded_is_never_the_answer_again() -> None:
    recorded: list[bytes] = []

    def handler(request: V3Request) -> list[bytes]:
        recorded.append(request.answer([(A, number(len(recorded)))]))
        return [*recorded[:-1], recorded[-1]]

    async with serving() as agent, client_for(agent.port, v3=OPS) as client:
        agent.handler = handler  # type: ignore[assignment]
        for n in range(5):
            assert (await client.get([A])).values == {A: n}


@pytest.mark.parametrize(
    ("counter", "who", "words"),
    [
        (1, OPS, "user 'ops' is not set up there for authPriv"),
        (3, OPS, "knows no user 'ops'"),
        (5, OPS, "authentication pass phrase is wrong, or its protocol is not SHA256"),
        (6, OPS, "privacy pass phrase is wrong, or its protocol is not AES128"),
        ("1.3.6.1.6.3.12.1.5.0", OPS, "has no context ''"),
        ("1.3.6.1.6.3.11.2.1.1.0", OPS, "user-based security model"),
        ("1.3.6.1.4.1.1.0", OPS, "no known SNMPv3 error"),
        (3, PLAIN, "knows no user 'ops'"),
        (3, PROVED, "knows no user 'ops'"),
    ],
)
@pytest.mark.parametrize("signed", [False, True])
async def test_reports_in_words(counter: int | str, who: V3User, words: str, signed: bool) -> None:
    if signed and who is PLAIN:
        pytest.skip("there is no key to sign with")
    async with serving(who) as agent:
        agent.handler = lambda q: q.report(counter, signed=signed)  # type: ignore[assignment,attr-defined]
        said = await refused(agent, who)
        assert words in said
        assert f"127.0.0.1:{agent.port} answers SNMPv3, but " in said
        assert "pancakes" not in said
        assert "maplesyrup" not in said


@pytest.mark.parametrize("signed", [False, True])
async def test_a_clock_that_stays_out_of_the_window(signed: bool) -> None:
    async with serving() as agent:
        agent.handler = lambda q: q.report(2, signed=signed)  # type: ignore[assignment,attr-defined]
        said = await refused(agent)
        assert "clock" in said
        assert "usmStatsNotInTimeWindows" in said


async def test_an_answer_that_decrypts_to_nonsense() -> None:
    wrong = UserKeys(user(priv_key="something else"))
    async with serving() as agent:
        agent.handler = lambda q: q.sealed([(A, number(1))], keys=wrong)  # type: ignore[assignment,attr-defined]
        said = await refused(agent)
    assert "cannot be decrypted" in said
    assert "AES128" in said


async def test_no_access_at_all() -> None:
    async with serving() as agent:
        agent.handler = lambda q: q.error(16)  # type: ignore[assignment]
        assert "authorizationError" in await refused(agent)


ALL = frozenset({1, 3, 5, 6})


@pytest.mark.parametrize(
    ("who", "mute", "words"),
    [
        (user(auth_key="wrong phrase"), frozenset({5}), "is not SHA256 (the user is known"),
        (user(auth_key="wrong phrase"), ALL, "user 'ops', or the pass phrase or protocol"),
        (user(auth_key="wrong phrase"), frozenset({1, 3}), "(usmStatsWrongDigests)"),
        (user("SHA512"), frozenset({5}), "not SHA512"),
        (user(priv_key="wrong phrase"), ALL, "privacy pass phrase is wrong"),
        (user(priv="DES"), ALL, "its protocol is not DES"),
        (user(name="who"), ALL, "user 'who', or the pass phrase or protocol of auth"),
        (user(name="who"), frozenset({1, 5, 6}), "no user 'who'"),
        (user(None, None, name="who"), ALL, "the user is unknown, or needs authentication"),
    ],
)
async def test_a_device_that_stays_silent_is_asked_step_by_step(
    who: V3User, mute: frozenset[int], words: str
) -> None:
    async with serving(checks_time=True, mute=mute) as agent:
        assert words in await refused(agent, who, timeout_s=0.08)
        assert agent.requests == []


async def test_a_context_that_is_not_there_is_told_from_a_wrong_key() -> None:
    async with serving(checks_time=True) as agent:
        agent.handler = lambda q: q.answer([]) if q.context == b"" else None  # type: ignore[assignment,attr-defined]
        elsewhere = msgspec.structs.replace(OPS, context="x")
        assert "it has no context 'x'" in await refused(agent, elsewhere, timeout_s=0.08)


async def test_why_is_asked_once_a_minute_and_forgotten_when_it_answers() -> None:
    clock, wrong = ManualClock(), user(auth_key="wrong phrase")
    async with (
        serving(mute=frozenset({5})) as agent,
        client_for(agent.port, v3=wrong, clock=clock, timeout_s=0.08, retries=0) as client,
    ):
        for gone_s, expected in ((0, True), (1, False), (58, False), (2, True)):
            clock.advance(gone_s)
            before = len(agent.raw)
            with pytest.raises(Refused, match="not SHA256"):
                await client.get([A])
            levels = {parse(raw).level for raw in agent.raw[before + 1 :]}
            assert ("authNoPriv" in levels) is expected
        agent.v3.keys = UserKeys(wrong)
        assert (await client.get([A])).values == {A: 1}


async def test_silence_without_an_agent() -> None:
    async with (
        serving(silent=True) as agent,
        client_for(agent.port, v3=OPS, timeout_s=0.08, retries=0) as client,
    ):
        with pytest.raises(Unreachable, match="SNMPv3 is not enabled"):
            await client.get([A])


async def test_the_first_questions_may_get_lost(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(link, "FIRST_WAIT_S", 0.15)
    lost = 3

    class Losing(ScriptedEngine):
        def received(self, data: bytes) -> object:  # type: ignore[override]
            nonlocal lost
            lost -= 1
            return super().received(data) if lost < 0 or lost == 1 else None

    async with (
        ScriptedAgent(values={A: number(1)}, v3=Losing(UserKeys(OPS))) as agent,
        client_for(agent.port, v3=OPS) as client,
    ):
        assert (await client.get([A])).values == {A: 1}
        assert client.requests == len(agent.raw)


async def test_a_bad_line_delays_and_never_falsifies(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(link, "FIRST_WAIT_S", 0.15)
    faults = Faults(loss=0.15, duplicate=0.3, garbage=0.3, corrupt=0.1, jitter_s=0.02)
    async with (
        serving(checks_time=True) as agent,
        UdpProxy(agent.port, faults, seed=4) as proxy,
        client_for(proxy.port, v3=OPS) as client,
    ):
        for n in range(10):
            agent.values[A] = number(n)
            agent.v3.boots += n % 5 == 0
            assert (await client.get([A, B])).values == {A: n, B: b"b"}
        assert client.requests == len(proxy.requests)


async def test_a_cipher_that_is_missing_here(monkeypatch: pytest.MonkeyPatch) -> None:
    usm_cipher._des_parts.cache_clear()
    monkeypatch.setitem(sys.modules, "cryptography.hazmat.decrepit.ciphers.algorithms", None)
    async with serving() as agent:
        assert "cannot do DES" in await refused(agent, user(priv="DES"))


def conversation() -> tuple[V3Codec, UserKeys, bytes]:
    """A codec that knows its engine, the device's keys, and the engine."""
    codec, engine = V3Codec(UserKeys(OPS), lambda: 5.0), b"\x80\x00\x1f\x88\x04fuzz"
    codec.engine = Engine(engine, EngineClock(3, 100, 5.0))
    return codec, UserKeys(OPS), engine


def answer_to(keys: UserKeys, engine: bytes, number_: int, pdu: bytes, **how: object) -> bytes:
    about = {"msg_id": number_, "engine_id": engine, "boots": 3, "time": 100, "reportable": False}
    return seal(scoped_pdu(engine, b"", pdu), keys=keys, **(about | how))  # type: ignore[arg-type]


def mutated(rng: random.Random, data: bytes) -> bytes:
    out = bytearray(data)
    for _ in range(rng.randrange(1, 4)):
        kind, at = rng.randrange(4), rng.randrange(len(out))
        if kind == 0:
            out[at] ^= 1 << rng.randrange(8)
        elif kind == 1:
            out[at:at] = rng.randbytes(rng.randrange(1, 5))
        elif kind == 2:
            del out[at : at + rng.randrange(1, 5)]
            out = out or bytearray(b"0")
        else:
            out[at] = rng.choice((0, 0x7F, 0x80, 0x84, 0xFF, 0x30, 0x04))
    return bytes(out)


def test_mutated_answers_never_crash_and_never_become_values() -> None:
    rng = random.Random(11)
    codec, keys, engine = conversation()
    right = {A: 1, B: b"b"}
    for n in range(4000):
        number_ = 0x01000000 + n
        codec.get(number_, [A, B])
        rows = [(A, number(1)), (B, text(b"b"))]
        pdu = _response(number_, rows)
        kind = n % 3
        good = answer_to(keys, engine, number_, pdu)
        if kind == 1:  # the PDU is nonsense, the signature right: what a broken device would send
            good = answer_to(keys, engine, number_, mutated(rng, pdu))
        elif kind == 2:
            good = answer_to(keys, engine, number_, _report_pdu(rng.randrange(1, 7)))
        data = good if kind == 1 else mutated(rng, good)
        try:
            response = codec.decode(data)
        except BerError:
            continue
        assert isinstance(response, Response)
        if response.request_id == number_ and kind == 0:
            assert dict(response.rows) == right
        if kind == 2:
            assert response.status in (REPORTED, 0)
            assert not response.rows or response.status == REPORTED


def _response(number_: int, rows: list[tuple[str, bytes]]) -> bytes:
    octets = number_.to_bytes(4, "big")
    return Request(b"\x03", b"", 0xA0, octets, 0, 0, ()).response(rows)


def test_mutated_reports_to_a_discovery_never_crash() -> None:
    rng = random.Random(12)
    found = 0
    for n in range(1500):
        codec, _, engine = conversation()
        data = codec.discovery(n)
        asked = parse(data)
        report = seal_plain(
            scoped_pdu(engine, b"", _report_pdu(4)), msg_id=asked.msg_id, engine_id=engine,
            boots=3, time=100, reportable=False,
        )  # fmt: skip
        try:
            response = codec.decode(mutated(rng, report))
        except BerError:
            continue
        if response.status == FOUND:
            found += 1
            assert codec.engine is not None
            codec.get(n + 1, [A])  # whatever it said, it can be asked
    assert found > 50


def test_null_is_no_value() -> None:
    codec, keys, engine = conversation()
    codec.get(9, [A])
    response = codec.decode(answer_to(keys, engine, 9, _response(9, [(A, NULL)])))
    assert response.rows == [(A, None)]
