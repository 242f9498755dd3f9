"""SET: at most once on the wire, and the answer is checked."""

from __future__ import annotations

import asyncio
import socket

import pytest

from pdutui.backends.base import CommandRejected, DeviceError, Unreachable
from pdutui.backends.snmp.client import SnmpClient
from pdutui.backends.snmp.types import SnmpValue, SnmpVersion
from tests.backends.snmp.conftest import BASE, NOT_WRITABLE, WRITABLE
from tests.support.scripted_agent import (
    NO_SUCH_INSTANCE,
    SET,
    ScriptedAgent,
    number,
    oid_bytes,
    text,
    tlv,
)
from tests.support.snmp_client import client_for
from tests.support.snmpsim import SnmpsimAgent
from tests.support.udp_proxy import Faults, UdpProxy

OUTLET = f"{BASE}.1.3.3.3.1.1.4.3"
OFF = SnmpValue("integer", 2)
both_versions = pytest.mark.parametrize("version", ["1", "2c"])


def nothing() -> None:
    pass


async def rejected(client: SnmpClient, oid: str = OUTLET, value: SnmpValue = OFF) -> str:
    with pytest.raises(CommandRejected) as error:
        await client.set(oid, value, nothing)
    return str(error.value)


@both_versions
async def test_a_foreign_agent_takes_it(foreign_agent: SnmpsimAgent, version: SnmpVersion) -> None:
    sent: list[int] = []
    async with client_for(foreign_agent.port, version, community="private") as client:
        for value in (2, 5):
            await client.set(WRITABLE, SnmpValue("integer", value), lambda: sent.append(1))
            assert (await client.get([WRITABLE])).values == {WRITABLE: value}
    assert sent == [1, 1]


@both_versions
async def test_a_foreign_agent_refuses_with_success_and_no_instance(
    foreign_agent: SnmpsimAgent, version: SnmpVersion
) -> None:
    async with client_for(foreign_agent.port, version) as client:
        text_ = await rejected(client, NOT_WRITABLE)
    assert "no such object" in text_


@both_versions
@pytest.mark.parametrize(
    ("value", "element"),
    [
        (SnmpValue("integer", 2), number(2)),
        (SnmpValue("integer", -1), number(-1)),
        (SnmpValue("gauge", 4294967295), number(4294967295, 0x42)),
        (SnmpValue("counter", 7), number(7, 0x41)),
        (SnmpValue("timeticks", 7), number(7, 0x43)),
        (SnmpValue("string", "Räck 1"), text("Räck 1".encode())),
        (SnmpValue("string", b"\xff\x00"), text(b"\xff\x00")),
        (SnmpValue("oid", "1.3.6.1.4.1.318"), tlv(0x06, oid_bytes("1.3.6.1.4.1.318"))),
    ],
)
async def test_what_goes_on_the_wire(
    version: SnmpVersion, value: SnmpValue, element: bytes
) -> None:
    async with (
        ScriptedAgent(values={OUTLET: number(1)}) as agent,
        client_for(agent.port, version) as client,
    ):
        await client.set(OUTLET, value, nothing)
        (request,) = agent.requests
        assert (request.pdu, request.community) == (SET, b"private")
        assert request.version == (b"\x00" if version == "1" else b"\x01")
        assert request.varbinds == ((OUTLET, element),)


@pytest.mark.parametrize(
    ("status", "words"),
    [
        (2, "noSuchName"),
        (3, "badValue"),
        (4, "read-only"),
        (5, "genErr"),
        (6, "access"),
        (7, "wrongType"),
        (10, "wrongValue"),
        (12, "at present"),
        (16, "may not write"),
        (17, "not writable"),
        (77, "errorStatus 77"),
    ],
)
async def test_refusals_in_words(status: int, words: str) -> None:
    async with ScriptedAgent(lambda q: q.error(status, 1)) as agent, client_for(agent.port) as c:
        assert words in await rejected(c)
        assert len(agent.requests) == 1
        assert c.link.last_heard_s is not None  # a refusal is an answer


async def test_no_write_community() -> None:
    async with ScriptedAgent() as agent, client_for(agent.port, write_community=None) as client:
        assert await rejected(client) == "no write community configured"
        assert agent.requests == []


async def test_a_value_that_does_not_fit_its_type_is_never_sent() -> None:
    async with ScriptedAgent() as agent, client_for(agent.port) as client:
        for value in (SnmpValue("integer", "on"), SnmpValue("gauge", -1), SnmpValue("string", 3)):
            await rejected(client, value=value)
        assert agent.requests == []


async def test_no_such_instance_is_a_refusal() -> None:
    async with (
        ScriptedAgent(lambda q: q.answer([(OUTLET, NO_SUCH_INSTANCE)])) as agent,
        client_for(agent.port) as client,
    ):
        assert "no such object" in await rejected(client)


@pytest.mark.parametrize(
    "rows", [[(OUTLET, number(1))], [(f"{OUTLET}.1", number(2))], [], [(OUTLET, text(b"2"))]]
)
async def test_an_answer_about_something_else_is_no_success(
    rows: list[tuple[str, bytes]],
) -> None:
    async with ScriptedAgent(lambda q: q.answer(rows)) as agent, client_for(agent.port) as client:
        with pytest.raises(DeviceError):
            await client.set(OUTLET, OFF, nothing)


@both_versions
async def test_silence_sends_one_datagram_and_says_what_is_not_known(version: SnmpVersion) -> None:
    sent: list[float] = []
    loop = asyncio.get_running_loop()
    async with (
        ScriptedAgent(values={OUTLET: number(1)}) as agent,
        UdpProxy(agent.port, Faults(silent=True)) as proxy,
        client_for(proxy.port, version, timeout_s=0.5, retries=3) as client,
    ):
        with pytest.raises(Unreachable) as error:
            await client.set(OUTLET, OFF, lambda: sent.append(loop.time()))
        await asyncio.sleep(0.6)
        assert len(proxy.requests) == 1
        assert len(sent) == 1
        assert "may or may not have arrived" in str(error.value)
        assert "write community" not in str(error.value)
        assert client.link.unanswered == 1


async def test_silence_where_reads_work_hints_at_the_write_community(
    foreign_agent: SnmpsimAgent,
) -> None:
    async with client_for(foreign_agent.port, write_community="hush-hush", timeout_s=0.3) as client:
        await client.get([f"{BASE}.1.1"])
        with pytest.raises(Unreachable) as error:
            await client.set(WRITABLE, OFF, nothing)
    assert "is the write community right?" in str(error.value)
    assert "hush" not in str(error.value)


async def test_late_and_doubled_answers_do_not_confirm_the_next_command() -> None:
    held: list[bytes] = []

    def handler(request):  # type: ignore[no-untyped-def]
        held.append(request.answer(request.varbinds))
        return [held[0]] if len(held) > 1 else None

    async with ScriptedAgent(handler) as agent, client_for(agent.port, timeout_s=0.2) as client:
        for _ in range(2):
            with pytest.raises(Unreachable):
                await client.set(OUTLET, OFF, nothing)
        assert len(agent.requests) == 2


async def test_an_acknowledgement_from_another_address_does_not_count() -> None:
    foreign = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    foreign.bind(("127.0.0.2", 0))

    def handler(request):  # type: ignore[no-untyped-def]
        foreign.sendto(request.answer(request.varbinds), agent.peer)

    with foreign:
        async with ScriptedAgent(handler) as agent, client_for(agent.port, timeout_s=0.2) as client:
            with pytest.raises(Unreachable):
                await client.set(OUTLET, OFF, nothing)
            assert len(agent.requests) == 1


async def test_nobody_listens() -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sock:
        sock.bind(("127.0.0.1", 0))
        port = sock.getsockname()[1]
    async with client_for(port, timeout_s=0.3) as client:
        with pytest.raises(Unreachable, match="did not arrive"):
            await client.set(OUTLET, OFF, nothing)


async def test_the_command_waits_for_the_read_before_it() -> None:
    kinds: list[int] = []

    def handler(request):  # type: ignore[no-untyped-def]
        kinds.append(request.pdu)
        loop = asyncio.get_running_loop()
        loop.call_later(0.05, lambda: agent.send(agent.serve(request)))

    async with (
        ScriptedAgent(handler, {OUTLET: number(1)}) as agent,
        client_for(agent.port) as client,
    ):
        reading = asyncio.create_task(client.get([OUTLET]))
        await asyncio.sleep(0)
        writing = asyncio.create_task(client.set(OUTLET, OFF, nothing))
        await asyncio.sleep(0.03)
        assert kinds == [0xA0]
        assert (await reading).values == {OUTLET: 1}
        await writing
        assert (await client.get([OUTLET])).values == {OUTLET: 2}


async def test_a_command_behind_a_read_that_is_given_up_is_never_sent() -> None:
    silent, sent = False, []

    def handler(request):  # type: ignore[no-untyped-def]
        return None if silent else agent.serve(request)

    async with (
        ScriptedAgent(handler, {OUTLET: number(1)}) as agent,
        client_for(agent.port, timeout_s=0.3) as client,
    ):
        await client.get([OUTLET])
        silent = True
        reading = asyncio.create_task(client.get([OUTLET]))
        await asyncio.sleep(0)
        with pytest.raises(Unreachable, match="does not answer just now"):
            await client.set(OUTLET, OFF, lambda: sent.append("sent"))
        with pytest.raises(Unreachable):
            await reading
        assert not sent
        assert {request.pdu for request in agent.requests} == {0xA0}
        silent = False
        await client.get([OUTLET])
        await client.set(OUTLET, OFF, lambda: sent.append("sent"))
        assert sent


async def test_on_sent_comes_before_the_answer() -> None:
    order: list[str] = []

    def handler(request):  # type: ignore[no-untyped-def]
        order.append("arrived")
        return agent.serve(request)

    async with (
        ScriptedAgent(handler, {OUTLET: number(1)}) as agent,
        client_for(agent.port) as client,
    ):
        await client.set(OUTLET, OFF, lambda: order.append("sent"))
        order.append("accepted")
    assert order == ["sent", "arrived", "accepted"]
