"""The contract that every reader keeps, v1 and v2c, whatever comes back."""

from __future__ import annotations

import asyncio
import random
import socket
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import cast

import msgspec
import pytest

from pdutui.backends.snmp.exchange import Address
from pdutui.backends.snmp.opening import ReaderName, open_reader
from pdutui.backends.snmp.types import (
    ErrorAnswer,
    GarbledAnswer,
    Reader,
    SnmpTarget,
    SnmpVersion,
    Timeout,
)
from pdutui.backends.snmp.usm import UserKeys
from pdutui.domain.secret import Secret
from pdutui.domain.v3 import V3User
from tests.support.scripted_agent import (
    END_OF_MIB,
    NO_SUCH_INSTANCE,
    NO_SUCH_OBJECT,
    NULL,
    Request,
    ScriptedAgent,
    number,
    oid_bytes,
    text,
    tlv,
)
from tests.support.scripted_v3 import ScriptedEngine

BASE = "1.3.6.1.4.1.3808.1"
A, B, C = f"{BASE}.1.0", f"{BASE}.2.0", f"{BASE}.200.300000.4294967295"

READERS = ["own", "gufo", "pysnmp", "v3"]
"""v3: our own again, over SNMPv3 with authentication and privacy."""
V3 = V3User(
    user="ops", auth="SHA256", auth_key=Secret("auth-pass-1"), priv="AES128",
    priv_key=Secret("priv-pass-1"),
)  # fmt: skip
pytestmark = pytest.mark.parametrize("name", READERS)
both_versions = pytest.mark.parametrize("version", ["1", "2c"])


@pytest.fixture(autouse=True)
def speaks_v3(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """The scripted agent takes v3 where the reader speaks it; what is about v1 is left out."""
    given = request.node.callspec.params
    if given["name"] == "v3":
        if given.get("version") == "1":
            pytest.skip("SNMPv3 carries PDUs of v2c")
        keys = UserKeys(V3)
        monkeypatch.setattr(ScriptedAgent, "default_v3", lambda self: ScriptedEngine(keys))


@asynccontextmanager
async def reading(
    name: str,
    port: int,
    version: SnmpVersion = "2c",
    community: str = "public",
    on_late: Callable[[float], None] = lambda age: None,
) -> AsyncIterator[Reader]:
    if name == "gufo":
        pytest.importorskip("gufo.snmp")
    target = SnmpTarget(host="127.0.0.1", port=port, version=version, community=Secret(community))
    if name == "v3":
        target = msgspec.structs.replace(target, version="3", v3=V3)
    address = Address(socket.AF_INET, ("127.0.0.1", port))
    reader = await open_reader(
        cast("ReaderName", "own" if name == "v3" else name), target, address, on_late
    )
    try:
        yield reader
    finally:
        await reader.aclose()


def only_v1_and_v2c(name: str) -> None:
    if name == "v3":
        pytest.skip("about v1 and v2c alone; test_v3_reader has its like for v3")


@both_versions
async def test_every_type_of_value(name: str, version: SnmpVersion) -> None:
    elements = {
        f"{BASE}.1": (number(-5), -5),
        f"{BASE}.2": (number(2**31 - 1), 2**31 - 1),
        f"{BASE}.3": (number(7, 0x41), 7),
        f"{BASE}.4": (number(4294967295, 0x42), 4294967295),
        f"{BASE}.5": (number(812345, 0x43), 812345),
        f"{BASE}.6": (text(b"\x00\xffdb01\xe9"), b"\x00\xffdb01\xe9"),
        f"{BASE}.7": (text(b""), b""),
        f"{BASE}.8": (tlv(0x06, oid_bytes("1.3.6.1.4.1.13742.6")), "1.3.6.1.4.1.13742.6"),
        f"{BASE}.9": (tlv(0x40, bytes((10, 0, 0, 5))), "10.0.0.5"),
        f"{BASE}.10": (tlv(0x44, bytes.fromhex("9f780442f60000")), bytes.fromhex("9f780442f60000")),
        f"{BASE}.11": (text(b"1.3.6.1"), b"1.3.6.1"),
    }
    if version == "2c":
        elements[f"{BASE}.12"] = (number(2**64 - 1, 0x46), 2**64 - 1)
    async with (
        ScriptedAgent(values={o: e for o, (e, _) in elements.items()}) as agent,
        reading(name, agent.port, version) as reader,
    ):
        found = await reader.get(list(elements), 1.0)
    assert found == {oid: value for oid, (_, value) in elements.items()}
    assert {o: type(v) for o, v in found.items()} == {o: type(v) for o, (_, v) in elements.items()}


async def test_firmware_that_forgets_the_leading_zero(name: str) -> None:
    """A Gauge32 of 0xFFFFFF85 in four octets is 4294967173, not -123; so with the others."""
    bad = bytes.fromhex("ffffff85")
    values = {f"{BASE}.{tag}": tlv(tag, bad) for tag in (0x41, 0x42, 0x43)}
    async with ScriptedAgent(values=values) as agent, reading(name, agent.port) as reader:
        assert await reader.get(list(values), 1.0) == dict.fromkeys(values, 0xFFFFFF85)


async def test_what_a_device_has_not_is_none(name: str) -> None:
    values = {A: number(1), B: NULL, C: NO_SUCH_OBJECT}
    absent = f"{BASE}.9.9"
    async with ScriptedAgent(values=values) as agent, reading(name, agent.port) as reader:
        assert await reader.get([A, B, C, absent], 1.0) == {A: 1, B: None, C: None, absent: None}


async def test_v1_says_no_such_name_for_the_whole_request(name: str) -> None:
    only_v1_and_v2c(name)
    async with ScriptedAgent(values={A: number(1)}) as agent, reading(name, agent.port, "1") as r:
        with pytest.raises(ErrorAnswer) as error:
            await r.get([A, B], 1.0)
        assert (error.value.status, error.value.index) == (2, 2)
        assert await r.get([A], 1.0) == {A: 1}


@both_versions
@pytest.mark.parametrize("status", [1, 5, 16])
async def test_error_answers(name: str, version: SnmpVersion, status: int) -> None:
    async with (
        ScriptedAgent(lambda request: request.error(status, 1)) as agent,
        reading(name, agent.port, version) as reader,
    ):
        with pytest.raises(ErrorAnswer) as error:
            await reader.get([A, B], 1.0)
    assert (error.value.status, error.value.index) == (status, 1)


async def test_an_error_answer_that_carries_values_is_an_error(name: str) -> None:
    async with (
        ScriptedAgent(lambda q: q.answer([(A, number(7))], status=5, index=1)) as agent,
        reading(name, agent.port) as reader,
    ):
        with pytest.raises(ErrorAnswer):
            await reader.get([A], 1.0)


async def test_values_are_taken_by_oid_never_by_position(name: str) -> None:
    values = {A: number(1), B: number(2), C: number(3)}

    def reversed_answer(request: Request) -> bytes:
        return request.answer([(oid, values[oid]) for oid in reversed(request.oids)])

    async with ScriptedAgent(reversed_answer) as agent, reading(name, agent.port) as reader:
        assert await reader.get([A, B, C], 1.0) == {A: 1, B: 2, C: 3}


async def test_silence_ends_after_the_wait(name: str) -> None:
    loop = asyncio.get_running_loop()
    async with ScriptedAgent(lambda request: None) as agent, reading(name, agent.port) as reader:
        began = loop.time()
        with pytest.raises(Timeout):
            await reader.get([A], 0.1)
        assert 0.09 < loop.time() - began < 0.3
        assert len(agent.requests) == 1


async def test_a_late_answer_is_not_the_answer_to_the_next_request(name: str) -> None:
    held: list[bytes] = []

    def handler(request: Request) -> list[bytes] | None:
        if not held:
            held.append(request.answer([(A, number(111))]))
            return None
        return [held[0], request.answer([(A, number(222))])]

    async with ScriptedAgent(handler) as agent, reading(name, agent.port) as reader:
        with pytest.raises(Timeout):
            await reader.get([A], 0.05)
        assert await reader.get([A], 1.0) == {A: 222}


async def test_a_late_answer_alone_does_not_end_the_wait(name: str) -> None:
    ages: list[float] = []
    held: list[bytes] = []

    def handler(request: Request) -> list[bytes] | None:
        held.append(request.answer([(A, number(1))]))
        return [held[0]] if len(held) > 1 else None

    async with (
        ScriptedAgent(handler) as agent,
        reading(name, agent.port, on_late=ages.append) as reader,
    ):
        for _ in range(2):
            with pytest.raises(Timeout):
                await reader.get([A], 0.05)
    if name != "gufo":  # gufo keeps its request ids to itself
        assert len(ages) == 1
        assert 0.04 < ages[0] < 0.5


async def test_duplicates_are_dropped(name: str) -> None:
    count = 0

    def handler(request: Request) -> list[bytes]:
        nonlocal count
        count += 1
        return [request.answer([(request.oids[0], number(count))])] * 3

    async with ScriptedAgent(handler) as agent, reading(name, agent.port) as reader:
        for n in range(1, 6):
            oid = f"{BASE}.{n}"
            assert await reader.get([oid], 1.0) == {oid: n}


async def test_garbage_before_the_answer_is_dropped(
    name: str, capfd: pytest.CaptureFixture[str]
) -> None:
    rng = random.Random(7)

    def handler(request: Request) -> list[bytes]:
        good = request.answer([(A, number(42))])
        broken = [rng.randbytes(rng.randrange(1, 60)), good[: rng.randrange(1, len(good))]]
        return [*broken, good]

    async with ScriptedAgent(handler) as agent, reading(name, agent.port) as reader:
        for _ in range(60):
            assert await reader.get([A], 1.0) == {A: 42}
    assert capfd.readouterr() == ("", "")


async def test_garbage_behind_a_duplicate_is_never_looked_into(
    name: str, capfd: pytest.CaptureFixture[str]
) -> None:
    """Given this, gufo's decoder panics, and prints a stack trace where the screen is."""

    def handler(request: Request) -> list[bytes]:
        good = request.answer([(A, number(42))])
        return [good, good, b"\x30\x84"]

    async with ScriptedAgent(handler) as agent, reading(name, agent.port) as reader:
        for _ in range(20):
            assert await reader.get([A], 1.0) == {A: 42}
            await asyncio.sleep(0.002)
    assert capfd.readouterr() == ("", "")


async def test_nothing_but_garbage(name: str) -> None:
    async with (
        ScriptedAgent(lambda q: b"\x30\x84\xff\xff\xff") as agent,
        reading(name, agent.port) as reader,
    ):
        with pytest.raises(GarbledAnswer):
            await reader.get([A], 0.1)


@both_versions
async def test_other_communities_and_versions_are_foreign(name: str, version: SnmpVersion) -> None:
    only_v1_and_v2c(name)
    other = b"\x01" if version == "1" else b"\x00"

    def handler(request: Request) -> list[bytes]:
        return [
            request.answer([(A, number(666))], community=b"guess"),
            request.answer([(A, number(667))], version=other),
            request.answer([(A, number(1))]),
        ]

    async with ScriptedAgent(handler) as agent, reading(name, agent.port, version) as reader:
        assert await reader.get([A], 1.0) == {A: 1}


async def test_an_answer_from_another_address_is_not_taken(name: str) -> None:
    foreign = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    foreign.bind(("127.0.0.2", 0))

    def handler(request: Request) -> bytes | None:
        foreign.sendto(request.answer([(A, number(666))]), agent.peer)
        return None

    with foreign:
        async with ScriptedAgent(handler) as agent, reading(name, agent.port) as reader:
            with pytest.raises(Timeout):
                await reader.get([A], 0.15)
            assert len(agent.requests) == 1


async def test_nobody_listens(name: str) -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sock:
        sock.bind(("127.0.0.1", 0))
        port = sock.getsockname()[1]
    async with reading(name, port) as reader:
        for _ in range(2):
            with pytest.raises(ConnectionRefusedError):
                await reader.get([A], 0.1)
        async with ScriptedAgent(port=port, values={A: number(1)}):
            assert await reader.get([A], 1.0) == {A: 1}


async def test_long_answers(name: str) -> None:
    """More than gufo's 4080 bytes: at the second asking at the latest they are read."""
    values = {f"{BASE}.{n}": text(b"x" * 250) for n in range(30)}
    async with ScriptedAgent(values=values) as agent, reading(name, agent.port) as reader:
        if name == "gufo":
            with pytest.raises(GarbledAnswer):
                await reader.get(list(values), 0.2)
        assert len(await reader.get(list(values), 1.0)) == 30


async def test_a_framed_answer_with_nonsense_inside(name: str) -> None:
    """gufo panics on an empty varbind, once; then it is not used any more."""

    def handler(request: Request) -> bytes:
        if len(agent.requests) == 1:
            good = request.answer([])
            return good[:-2].replace(good[:2], bytes((0x30, good[1] + 2)), 1) + b"\x30\x02\x30\x00"
        return request.answer([(A, number(1))])

    async with ScriptedAgent(handler) as agent, reading(name, agent.port) as reader:
        with pytest.raises(GarbledAnswer):
            await reader.get([A], 0.2)
        assert await reader.get([A], 1.0) == {A: 1}


@both_versions
async def test_next_gives_one_row(name: str, version: SnmpVersion) -> None:
    values = {A: number(1), B: NULL, C: text(b"c")}
    async with ScriptedAgent(values=values) as agent, reading(name, agent.port, version) as reader:
        assert await reader.next(BASE, 1, 1.0) == [(A, 1)]
        assert await reader.next(A, 1, 1.0) == [(B, None)]
        assert await reader.next(B, 1, 1.0) == [(C, b"c")]
        assert await reader.next(C, 1, 1.0) == []
        assert {request.pdu for request in agent.requests} == {0xA1}


async def test_next_gives_many_rows_by_getbulk(name: str) -> None:
    values = {A: number(1), B: NULL, C: text(b"c")}
    async with ScriptedAgent(values=values) as agent, reading(name, agent.port) as reader:
        assert await reader.next(BASE, 2, 1.0) == [(A, 1), (B, None)]
        assert await reader.next(BASE, 10, 1.0) == [(A, 1), (B, None), (C, b"c")]
        assert [(q.pdu, q.first, q.second) for q in agent.requests] == [(0xA5, 0, 2), (0xA5, 0, 10)]


async def test_end_of_mib_ends_the_rows(name: str) -> None:
    rows = [(A, number(1)), (A, END_OF_MIB), (A, END_OF_MIB)]
    async with ScriptedAgent(lambda q: q.answer(rows)) as agent, reading(name, agent.port) as r:
        assert await r.next(BASE, 3, 1.0) == [(A, 1)]


async def test_next_passes_errors_on(name: str) -> None:
    async with ScriptedAgent(lambda q: q.error(5, 1)) as agent, reading(name, agent.port) as r:
        with pytest.raises(ErrorAnswer):
            await r.next(BASE, 10, 1.0)


async def test_exceptions_never_become_values(name: str) -> None:
    for element in (NULL, NO_SUCH_OBJECT, NO_SUCH_INSTANCE, END_OF_MIB):
        handler = lambda q, e=element: q.answer([(A, e), (B, number(2))])  # noqa: E731
        async with ScriptedAgent(handler) as agent, reading(name, agent.port) as r:
            assert await r.get([A, B], 1.0) == {A: None, B: 2}


async def test_a_cancelled_wait_leaves_nothing_behind(name: str) -> None:
    async with ScriptedAgent(lambda q: None) as agent, reading(name, agent.port) as reader:
        task = asyncio.create_task(reader.get([A], 5.0))
        await asyncio.sleep(0.05)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        stale = agent.requests[0].answer([(A, number(1))])
        agent.handler = lambda q: [stale, q.answer([(A, number(2))])]
        assert await reader.get([A], 1.0) == {A: 2}


async def test_closing_twice_and_asking_after(name: str) -> None:
    async with ScriptedAgent(lambda q: None) as agent, reading(name, agent.port) as reader:
        await reader.aclose()
        await reader.aclose()
        with pytest.raises(OSError, match="closed"):
            await reader.get([A], 0.1)


async def test_the_community_never_shows(name: str) -> None:
    only_v1_and_v2c(name)
    async with (
        ScriptedAgent(lambda q: None) as agent,
        reading(name, agent.port, community="s3cret") as reader,
    ):
        with pytest.raises(Timeout) as error:
            await reader.get([A], 0.05)
        assert "s3cret" not in repr(error.value) + repr(reader) + repr(vars(reader))
        assert agent.requests[0].community == b"s3cret"
