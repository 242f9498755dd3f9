"""Ten thousand mutated responses and traps: no crash, no long computing, no wrong value.

Wrong is a value that the datagram does not validly say. `tests/support/strict_snmp.py` reads each
mutant by the book, in code of its own. What the program takes from a mutant must be what is said
there, to the last variable; where nothing valid is said, the program must drop the datagram. Of a
signed message it must take nothing at all unless the signature was made over it as it is. A value
may always be left unknown.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from functools import cache, partial
from typing import Any

import pytest

from pdutui.backends.mock.build import mock_pdu
from pdutui.backends.mock.catalog import CATALOG, models_of
from pdutui.backends.snmp import ber, usm
from pdutui.backends.snmp.agent import Agent
from pdutui.backends.snmp.client import Answer
from pdutui.backends.snmp.codec import RESPONSE, BerError, Codec, PduCodec
from pdutui.backends.snmp.device import Device
from pdutui.backends.snmp.profile_load import builtin_names, load_builtin
from pdutui.backends.snmp.pysnmp_codec import PysnmpCodec
from pdutui.backends.snmp.serve import ModelMib
from pdutui.backends.snmp.text import MAX_TEXT, clean_text
from pdutui.backends.snmp.trap_meaning import Meaning, TrapBook
from pdutui.backends.snmp.trap_message import Notification
from pdutui.backends.snmp.trap_rate import TrapLimits
from pdutui.backends.snmp.trap_v3 import Credential
from pdutui.backends.snmp.types import RequestLimits, SnmpValue, SnmpVersion
from pdutui.backends.snmp.usm import UserKeys
from pdutui.backends.snmp.usm_time import EngineClock
from pdutui.backends.snmp.v3_codec import Engine, V3Codec
from pdutui.backends.snmp.v3_message import scoped_pdu
from pdutui.domain.reading import PollStats, from_json, to_json
from pdutui.domain.secret import Secret
from pdutui.domain.v3 import V3User
from tests.support import strict_snmp as strict
from tests.support.clock import START, ManualClock
from tests.support.mutations import Mutator
from tests.support.snmp_client import client_for
from tests.support.traps import Listening, v1_trap, v2_trap

LONGEST_S = 0.05
"""CPU that one datagram may cost."""
PUBLIC = Secret("public")
ENGINE = b"\x80\x00\x1f\x88\x04fuzzed"
OPS = V3User(
    user="ops", auth="SHA256", auth_key=Secret("authpass123"),
    priv="AES128", priv_key=Secret("privpass123"),
)  # fmt: skip
OPEN = V3User(user="ops")
NUMBER = 0x1234567
MODELS = ("pdu44001", "px3", "ap8641", "ap7921", "emat08", "pdu15sw10atnet")


class Budget:
    """The CPU of single datagrams."""

    def __init__(self) -> None:
        self.most_s = 0.0
        self.seen = 0

    @contextmanager
    def one(self) -> Iterator[None]:
        began = time.thread_time()
        try:
            yield
        finally:
            self.most_s = max(self.most_s, time.thread_time() - began)
            self.seen += 1

    def check(self, expected: int) -> None:
        assert self.seen == expected
        assert self.most_s < LONGEST_S


# -- what is mutated ------------------------------------------------------------------------------


@cache
def mib(model: str) -> ModelMib:
    """What a simulated device serves."""
    clock = ManualClock()
    made = mock_pdu(model, start_s=clock.monotonic(), seed=1)
    return ModelMib(load_builtin(CATALOG[model].profile), made, clock=clock)


@cache
def agent(model: str) -> Agent:
    """A simulated device."""
    return Agent(mib(model), community=PUBLIC, write_community=Secret("private"))


@cache
def walked(model: str) -> tuple[str, ...]:
    """Some of its OIDs, from all over its MIB."""
    names = mib(model).names
    return tuple(ber.dotted(ber.decode_oid(name)) for name in names[:: max(1, len(names) // 60)])


def asked(model: str, turn: int) -> tuple[str, ...]:
    """What one request asks for; now and then for something that is not there."""
    oids = walked(model)
    size = (1, 3, 10, 24)[turn % 4]
    start = turn * 7 % len(oids)
    chosen = (*oids[start : start + size], *(("1.3.6.1.4.1.1.1.0",) if turn % 5 == 0 else ()))
    return chosen or oids[:1]


def request(codec: Any, model: str, turn: int, number: int, version: str) -> bytes:
    """A GET, or what walks."""
    oids = asked(model, turn)
    if turn % 6 == 5:
        out: bytes = codec.next(number, oids[0], 1 if version == "1" else 12)
    else:
        out = codec.get(number, oids)
    return out


# -- responses ------------------------------------------------------------------------------------


@pytest.mark.parametrize(("version", "count"), [("1", 1500), ("2c", 2500)])
def test_responses(version: SnmpVersion, count: int) -> None:
    mutator, budget = Mutator(21), Budget()
    taken = 0
    for turn in range(count):
        model, number = MODELS[turn % len(MODELS)], NUMBER + turn
        codec = Codec(version, PUBLIC)
        answer = agent(model).answer(request(codec, model, turn, number, version))
        assert answer is not None
        data = mutator.mutant(answer)
        said = strict.or_none(partial(_said, data, version))
        with budget.one():
            try:
                response = codec.decode(data)
            except BerError:
                continue
        taken += 1
        assert said is not None, data.hex()
        assert (response.request_id, response.status, response.error_index) == (
            said.request_id, said.status, said.index,
        )  # fmt: skip
        _rows_are(response.rows, said, data)
    budget.check(count)
    assert taken > count / 20, "mutants that still say something are among them"


def _said(data: bytes, version: str) -> strict.Pdu:
    number, community, one = strict.plain(data, tail=True)
    if number != (1 if version == "2c" else 0) or community != b"public" or one.tag != RESPONSE:
        raise strict.Invalid("another version, community or PDU")
    return strict.pdu(one)


def _rows_are(rows: list[tuple[str, Any]], said: strict.Pdu, data: bytes) -> None:
    assert [oid for oid, _ in rows] == [oid for oid, _ in said.rows], data.hex()
    for (oid, got), (_, value) in zip(rows, said.rows, strict=True):
        assert got is None or (got == value and type(got) is type(value)), (oid, data.hex())


def test_unchanged_responses_say_what_the_judge_says() -> None:
    """The judge is no stricter and no milder than it must be: it and the codec agree on truth."""
    for turn in range(120):
        model = MODELS[turn % len(MODELS)]
        codec = Codec("2c", PUBLIC)
        answer = agent(model).answer(request(codec, model, turn, NUMBER, "2c"))
        assert answer is not None
        said = _said(answer, "2c")
        assert codec.decode(answer).rows == said.rows


# -- SNMPv3 responses -----------------------------------------------------------------------------


def _conversation(user: V3User) -> V3Codec:
    codec = V3Codec(UserKeys(user), time.monotonic)
    codec.keys = _keys(user)
    codec.engine = Engine(ENGINE, EngineClock(3, 1000, time.monotonic()))
    return codec


@cache
def _keys(user: V3User) -> UserKeys:
    return UserKeys(user)


def _pdu_answer(model: str, turn: int, number: int) -> bytes:
    """The response PDU to a request."""
    pdus = PduCodec()
    found = agent(model).respond(
        ber.decode_pdu(request(_PduRequests(pdus), model, turn, number, "3")), may_write=False
    )
    assert found is not None
    return found


class _PduRequests:
    def __init__(self, pdus: PduCodec) -> None:
        self.get, self.next = pdus.get_pdu, pdus.next_pdu


def _sealed(scoped: bytes, number: int, user: V3User, **change: Any) -> bytes:
    facts: dict[str, Any] = {"engine_id": ENGINE, "boots": 3, "time": 1000, "reportable": False}
    return usm.seal(scoped, keys=_keys(user), msg_id=number, **{**facts, **change})


def test_signed_responses_mutated_on_the_way() -> None:
    """Whatever is done to it, a message that is not as it was signed says nothing."""
    mutator, budget, count = Mutator(31), Budget(), 1500
    for turn in range(count):
        model, number = MODELS[turn % len(MODELS)], NUMBER + turn
        codec = _conversation(OPS)
        codec.get(number, asked(model, turn))
        good = _sealed(scoped_pdu(ENGINE, b"", _pdu_answer(model, turn, number)), number, OPS)
        data = mutator.mutant(good)
        with budget.one():
            try:
                response = codec.decode(data)
            except BerError:
                continue
        if response.request_id == number:
            assert data.startswith(good), "only what follows the message may have changed"
    budget.check(count)


def test_responses_mutated_before_they_were_signed() -> None:
    """What a device of broken firmware signs: valid or dropped, and about what was asked."""
    mutator, budget, count = Mutator(32), Budget(), 1500
    taken = 0
    for turn in range(count):
        model, number = MODELS[turn % len(MODELS)], NUMBER + turn
        codec = _conversation(OPS)
        codec.get(number, asked(model, turn))
        inside = mutator.mutant(scoped_pdu(ENGINE, b"", _pdu_answer(model, turn, number)))
        data = _sealed(inside, number, OPS)
        with budget.one():
            try:
                response = codec.decode(data)
            except BerError:
                continue
        taken += 1
        engine, context, one = strict.scoped(inside, padded=True)
        said = strict.pdu(one)
        assert (engine, context) == (ENGINE, b"")
        assert one.tag in (RESPONSE, 0xA8)
        assert response.request_id == number
        if response.status >= 0:
            assert (said.request_id, said.status) == (number, response.status)
        _rows_are(response.rows, said, inside)
    budget.check(count)
    assert taken > count / 20


def test_open_v3_responses() -> None:
    """Nothing is signed and nothing proved: what is not valid, or not for us, is dropped."""
    mutator, budget, count = Mutator(33), Budget(), 1000
    taken = 0
    for turn in range(count):
        model, number = MODELS[turn % len(MODELS)], NUMBER + turn
        codec = _conversation(OPEN)
        codec.get(number, asked(model, turn))
        scoped = scoped_pdu(ENGINE, b"", _pdu_answer(model, turn, number))
        data = mutator.mutant(_sealed(scoped, number, OPEN))
        with budget.one():
            try:
                response = codec.decode(data)
            except BerError:
                continue
        if response.request_id != number:
            continue
        taken += 1
        message = strict.secured(data, tail=True)
        assert (message.msg_id, message.flags & 3) == (number, 0)
        assert (message.engine_id, message.user) == (ENGINE, b"ops")
        assert message.body.tag == strict.SEQUENCE
        parts = strict.elements(message.body.contents)
        assert [part.octets() for part in parts[:2]] == [ENGINE, b""]
        said = strict.pdu(parts[2])
        assert len(parts) == 3
        assert said.request_id == number
        _rows_are(response.rows, said, data)
    budget.check(count)
    assert taken > count / 20


# -- answers to a SET -----------------------------------------------------------------------------


@pytest.mark.parametrize("version", ["1", "2c"])
def test_answers_to_a_command(version: SnmpVersion) -> None:
    """Read by pysnmp: what counts is that a command is done only if the answer says so."""
    mutator, budget, count = Mutator(41), Budget(), 250
    oid = "1.3.6.1.4.1.3808.1.1.3.3.3.1.1.4.3"
    for turn in range(count):
        codec = PysnmpCodec(version, Secret("private"))
        sent = codec.set(NUMBER + turn, oid, SnmpValue("integer", 2))
        answer = agent("pdu44001").answer(sent)
        assert answer is not None
        data = mutator.mutant(answer)
        with budget.one():
            try:
                response = codec.decode(data)
            except BerError:
                continue
        if response.request_id != NUMBER + turn or response.status:
            continue
        if dict(response.rows).get(oid) != 2:
            continue
        number, community, one = strict.plain(data, tail=True)
        said = strict.pdu(one)
        assert (number, community) == (0 if version == "1" else 1, b"private")
        assert (said.request_id, said.status) == (NUMBER + turn, 0)
        assert (oid, 2) in said.rows
    budget.check(count)


# -- traps ----------------------------------------------------------------------------------------


@cache
def book() -> TrapBook:
    return TrapBook([load_builtin(name, traps=True) for name in builtin_names()])


@cache
def traps() -> tuple[tuple[str, tuple[tuple[str, int | str], ...]], ...]:
    """A trap of each rule: its OID and some variables that it looks at."""
    found = []
    for name in builtin_names():
        profile = load_builtin(name, traps=True)
        for rule in profile.trap:
            places = [p for ps in {**profile.trap_words, **rule.words}.values() for p in ps]
            bindings = tuple(
                (f"{profile.absolute(place.oid)}.3", 3 if place.enum or n % 2 else "Outlet 3")
                for n, place in enumerate(places[:12])
            )
            found.append((profile.absolute(rule.oid), bindings))
    return tuple(found)


LIMITS = TrapLimits(burst=100_000, rate=1e6, all_burst=100_000, all_rate=1e6)


def _heard(heard: Listening, data: bytes, budget: Budget) -> Notification | None:
    """What a datagram is taken for; its sentence is made, too."""
    heard.arrivals.clear()
    with budget.one():
        heard.listener.datagram_received(data, ("127.0.0.1", 5))
        if not heard.arrivals:
            return None
        note = heard.arrivals[0].notification
        meaning = book().meaning(note)
    assert isinstance(meaning, Meaning)
    assert meaning.text.isprintable()
    assert len(meaning.text) <= 400
    return note


def _variables_are(note: Notification, said: list[tuple[str, strict.Value]]) -> None:
    assert [(v.oid, v.value) for v in note.variables] == said


async def test_v1_traps() -> None:
    mutator, budget, count, taken = Mutator(51), Budget(), 900, 0
    heard = Listening(limits=LIMITS)
    for turn in range(count):
        oid, bindings = traps()[turn % len(traps())]
        enterprise, _, number = oid.removesuffix(".0").rpartition(".")
        good = v1_trap(enterprise.removesuffix(".0"), 6, int(number), *bindings)
        data = mutator.mutant(good)
        note = _heard(heard, data, budget)
        if note is None:
            continue
        taken += 1
        number_, community, one = strict.plain(data, tail=False)
        said = strict.v1_trap(one)
        assert number_ == 0
        assert community in (b"public", b"traps")
        assert note.version == "1"
        if said.generic == 6:
            assert note.oid == f"{said.enterprise}.0.{said.specific}"
        else:
            assert note.oid == f"1.3.6.1.6.3.1.1.5.{said.generic + 1}"
        assert note.uptime_s == said.ticks / 100
        _variables_are(note, said.rows)
    budget.check(count)
    assert taken > count / 20


def _v2_said(note: Notification, one: strict.Element) -> None:
    said = strict.pdu(one)
    assert one.tag == (0xA6 if note.inform else 0xA7)
    assert note.request_id == said.request_id
    names = [oid for oid, _ in said.rows]
    at = names.index("1.3.6.1.6.3.1.1.4.1.0")
    assert note.oid == said.rows[at][1]
    _variables_are(note, said.rows[at + 1 :])


@pytest.mark.parametrize(("tag", "count"), [(0xA7, 1000), (0xA6, 500)])
async def test_v2c_traps_and_informs(tag: int, count: int) -> None:
    mutator, budget, taken = Mutator(52 + tag), Budget(), 0
    heard = Listening(limits=LIMITS)
    for turn in range(count):
        oid, bindings = traps()[turn % len(traps())]
        data = mutator.mutant(v2_trap(oid, *bindings, tag=tag, number=turn))
        note = _heard(heard, data, budget)
        if note is None:
            continue
        taken += 1
        number, community, one = strict.plain(data, tail=False)
        assert number == 1
        assert community in (b"public", b"traps")
        _v2_said(note, one)
    budget.check(count)
    assert taken > count / 20


def _v3_trap(turn: int, change: Callable[[bytes], bytes]) -> tuple[bytes, bytes]:
    """A signed trap, and its scoped PDU, changed before it was signed."""
    oid, bindings = traps()[turn % len(traps())]
    _, _, pdu = strict.plain(v2_trap(oid, *bindings, number=turn), tail=False)
    scoped = change(scoped_pdu(ENGINE, b"", ber.tlv(pdu.tag, pdu.contents)))
    return _sealed(scoped, turn, OPS, time=1000 + turn), scoped


async def test_signed_traps_mutated_on_the_way() -> None:
    mutator, budget, count = Mutator(61), Budget(), 700
    heard = Listening(limits=LIMITS)
    heard.senders.users = [Credential("rack1-a", _keys(OPS))]
    for turn in range(count):
        good, _ = _v3_trap(turn, bytes)
        data = mutator.mutant(good)
        if _heard(heard, data, budget) is not None:
            assert data.startswith(good)
    budget.check(count)


async def test_traps_mutated_before_they_were_signed() -> None:
    mutator, budget, count, taken = Mutator(62), Budget(), 700, 0
    heard = Listening(limits=LIMITS)
    heard.senders.users = [Credential("rack1-a", _keys(OPS))]
    for turn in range(count):
        data, inside = _v3_trap(turn, mutator.mutant)
        note = _heard(heard, data, budget)
        if note is None:
            continue
        taken += 1
        _, _, one = strict.scoped(inside, padded=True)
        _v2_said(note, one)
    budget.check(count)
    assert taken > count / 20


# -- what is meant to take long -------------------------------------------------------------------


def _hostile() -> Iterator[bytes]:
    """Datagrams of full length, each bad in its own way."""
    null = b"\x05\x00"
    head = ber.encode_int(2, NUMBER) + ber.encode_int(2, 0) * 2

    def response(rows: bytes) -> bytes:
        pdu = ber.tlv(0xA2, head + ber.tlv(0x30, rows))
        return ber.tlv(0x30, ber.encode_int(2, 1) + ber.tlv(4, b"public") + pdu)

    tiny = ber.tlv(0x30, ber.tlv(6, b"\x2b") + null)
    yield response(tiny * 9000)
    yield response(ber.tlv(0x30, ber.tlv(6, b"\x2b\x06") + ber.tlv(2, b"\x01")) * 6000)
    long_name = b"\x2b" + b"\xff\xff\xff\xff\x7f" * 127
    yield response(ber.tlv(0x30, ber.tlv(6, long_name) + null) * 95)
    yield response(ber.tlv(0x30, ber.tlv(6, b"\x2b" + b"\xff" * 60000 + b"\x7f") + null))
    yield response(ber.tlv(0x30, ber.tlv(6, b"\x2b\x06") + ber.tlv(2, b"\x7f" * 60000)))
    yield response(ber.tlv(0x30, ber.tlv(6, b"\x2b\x06") + ber.tlv(6, long_name)) * 95)
    yield response(ber.tlv(0x30, ber.tlv(6, b"\x2b\x06") + ber.tlv(4, "ä\u202e".encode() * 12000)))
    yield response(b"".join(
        ber.tlv(0x30, ber.tlv(6, b"\x2b\x06") + ber.tlv(4, b"\xffx%d" % n * 20)) for n in range(400)
    ))  # fmt: skip
    yield b"\x30\x84\x00\x00\xff\xdd" * 10_000
    yield b"\x30\x80" * 32_000
    deep = b""
    for _ in range(9000):
        deep = ber.tlv(0x30, deep)
    yield deep


@pytest.mark.parametrize("number", range(11))
async def test_the_worst_datagrams_do_not_hold_up_the_loop(number: int) -> None:
    data = list(_hostile())[number]
    assert 40_000 < len(data) <= 65_507 or number in (7, 10)
    budget = Budget()
    codec = Codec("2c", PUBLIC)
    with budget.one(), suppress(BerError):
        for _, value in codec.decode(data).rows:
            if isinstance(value, bytes):
                assert len(clean_text(value) or "") <= MAX_TEXT
    with budget.one(), suppress(BerError):
        _conversation(OPS).decode(data)
    heard = Listening(limits=LIMITS)
    _heard(heard, data, budget)
    budget.check(3)


# -- through the whole client ---------------------------------------------------------------------


async def test_answers_over_udp_beside_many_mutants() -> None:
    """Every value that the client hands on was said, validly, for that OID, by some datagram."""
    mutator = Mutator(71)
    model = "pdu44001"
    said: dict[str, set[Any]] = {}
    sent = 0

    class Responder(asyncio.DatagramProtocol):
        def connection_made(self, transport: Any) -> None:
            self.transport = transport

        def datagram_received(self, data: bytes, addr: Any) -> None:
            nonlocal sent
            answer = agent(model).answer(data)
            assert answer is not None
            for mutant in (*(mutator.mutant(answer) for _ in range(12)), answer):
                pdu = strict.or_none(partial(_said, mutant, "2c"))
                for oid, value in pdu.rows if pdu is not None else ():
                    said.setdefault(oid, set()).add(value)
                self.transport.sendto(mutant, addr)
                sent += 1

    loop = asyncio.get_running_loop()
    transport, _ = await loop.create_datagram_endpoint(Responder, local_addr=("127.0.0.1", 0))
    port = transport.get_extra_info("sockname")[1]
    late: list[float] = []

    async def watch() -> None:
        while True:
            began = time.thread_time()
            await asyncio.sleep(0)
            late.append(time.thread_time() - began)

    watching = asyncio.create_task(watch())
    oids = walked(model)
    accepted = 0
    try:
        async with client_for(port, limits=RequestLimits(max_varbinds=20)) as client:
            for _ in range(12):
                answer = await client.get(oids)
                for oid, value in answer.values.items():
                    assert oid in oids
                    assert value in said[oid], oid
                    accepted += 1
    finally:
        watching.cancel()
        transport.close()
    assert sent > 400
    assert accepted > 12 * len(oids) / 2
    assert max(late) < LONGEST_S


# -- up to the reading ----------------------------------------------------------------------------

_ODD: tuple[int | str | bytes, ...] = (
    0, 1, -1, 7, 65535, 2**31 - 1, -(2**31), 2**32 - 1, 2**32 - 2, 2**64 - 1, b"", b"\xff" * 8,
    b"\x00", b"0x10", b"-3.5 A", b"1e400", b"nan", "1.3.6.1.4.1", "0.0", "\u202e".encode() * 300,
    b"9" * 400, b"\x1b[2J", "٣".encode(),
)  # fmt: skip


@pytest.mark.parametrize("family", [name for name in builtin_names() if models_of(name)])
async def test_values_of_any_type_and_size_make_a_reading(family: str) -> None:
    """Types that no device should send there: unknown at worst, and never an error."""
    model = models_of(family)[0]
    asked_in_memory = InMemory(agent(model))
    device = Device("a", load_builtin(family), asked_in_memory, one_by_one=False)
    values = dict(await device.read(0.0))
    decoder = device.decoder
    assert decoder is not None
    dice, budget, count = Mutator(len(family)).dice, Budget(), 150
    for _ in range(count):
        changed = dict(values)
        for oid in dice.sample(sorted(values), k=dice.choice((1, 3, len(values) // 2))):
            changed[oid] = dice.choice(_ODD)
        for oid in dice.sample(sorted(values), k=dice.choice((0, 0, 5))):
            del changed[oid]
        with budget.one():
            reading = decoder.reading(changed, START, PollStats())
        assert from_json(to_json(reading)) == reading, "of the types that it says"
    budget.check(count)


class InMemory:
    """A client without a network."""

    def __init__(self, agent: Agent) -> None:
        self._agent = agent
        self._codec = Codec("2c", PUBLIC)

    def _ask(self, request: bytes) -> list[tuple[str, Any]]:
        answer = self._agent.answer(request)
        assert answer is not None
        return self._codec.decode(answer).rows

    async def get(self, oids: Sequence[str]) -> Answer:
        rows = [row for at in range(0, len(oids), 20)
                for row in self._ask(self._codec.get(NUMBER, oids[at : at + 20]))]  # fmt: skip
        values = {oid: value for oid, value in rows if value is not None}
        return Answer(values=values, absent=frozenset(oids) - frozenset(values))

    async def walk(self, root: str, *, max_rows: int = 4096) -> list[tuple[str, Any]]:
        rows: list[tuple[str, Any]] = []
        at = root
        while True:
            ((oid, value),) = self._ask(self._codec.next(NUMBER, at, 1))
            if not oid.startswith(root + ".") or oid == at:
                return rows
            rows.append((oid, value))
            at = oid
