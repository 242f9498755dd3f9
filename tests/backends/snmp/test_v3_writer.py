"""SET in SNMPv3: one datagram with the command, whatever comes back; and what is said of it."""

from __future__ import annotations

import asyncio

import pytest

from pdutui.backends.base import CommandRejected, DeviceError, Unreachable
from pdutui.backends.snmp.agent_v3 import V3Access, V3Engine, engine_id_of
from pdutui.backends.snmp.client import SnmpClient
from pdutui.backends.snmp.types import SnmpValue
from pdutui.backends.snmp.usm import UserKeys, parse, unseal
from pdutui.domain.clock import SystemClock
from pdutui.domain.v3 import V3User
from tests.backends.snmp.test_usm import user
from tests.support.agent import ServedMib
from tests.support.little_mib import SWITCH, LittleMib
from tests.support.scripted_agent import NO_SUCH_INSTANCE, SET, ScriptedAgent, number, text
from tests.support.scripted_v3 import ScriptedEngine, V3Request
from tests.support.snmp_client import client_for
from tests.support.udp_proxy import Faults, UdpProxy

OUTLET = "1.3.6.1.4.1.3808.1.1.3.3.3.1.1.4.3"
OFF = SnmpValue("integer", 2)
READER, ADMIN = user(), user(name="admin", auth_key="other phrase", priv_key="other secret")
users = pytest.mark.parametrize(
    "admin", [ADMIN, user(name="admin", priv=None), user(None, None, name="admin")],
    ids=lambda u: u.level,
)  # fmt: skip


def nothing() -> None:
    pass


def agent_of(admin: V3User = ADMIN, **how: object) -> ScriptedAgent:
    engine = ScriptedEngine(UserKeys(admin), **how)  # type: ignore[arg-type]
    return ScriptedAgent(values={OUTLET: number(1)}, v3=engine)


def sets(agent: ScriptedAgent) -> int:
    return sum(request.pdu == SET for request in agent.requests)


async def rejected(client: SnmpClient, value: SnmpValue = OFF) -> str:
    with pytest.raises(CommandRejected) as error:
        await client.set(OUTLET, value, nothing)
    return str(error.value)


@users
async def test_one_set_after_the_engine_is_known(admin: V3User) -> None:
    sent: list[int] = []
    async with (
        agent_of(admin, checks_time=True) as agent,
        client_for(agent.port, v3=READER, v3_write=admin) as client,
    ):
        await client.set(OUTLET, OFF, lambda: sent.append(client.requests))
        assert agent.values[OUTLET] == number(2)
        assert (sets(agent), len(agent.raw), client.requests) == (1, 3, 3)
        assert sent == [3]
        assert agent.raw[-1].count(b"admin") == 1


@users
async def test_the_product_s_own_agent(admin: V3User) -> None:
    mib = LittleMib()
    engine = V3Engine(
        SystemClock(),
        engine_id=engine_id_of("write"),
        users=(V3Access(READER, may_write=False), V3Access(admin, may_write=True)),
    )
    async with ServedMib(mib, v3=engine) as served:
        async with client_for(served.port, v3=READER, v3_write=admin) as client:
            before = (await client.get([SWITCH])).values[SWITCH]
            wanted = 2 if before == 1 else 1
            await client.set(SWITCH, SnmpValue("integer", wanted), nothing)
            assert (await client.get([SWITCH])).values == {SWITCH: wanted}
        async with client_for(served.port, v3=READER, v3_write=READER) as client:
            with pytest.raises(CommandRejected, match="noAccess"):
                await client.set(SWITCH, SnmpValue("integer", before), nothing)


@pytest.mark.parametrize(
    ("value", "element"),
    [
        (SnmpValue("integer", -1), number(-1)),
        (SnmpValue("gauge", 4294967295), number(4294967295, 0x42)),
        (SnmpValue("counter", 7), number(7, 0x41)),
        (SnmpValue("timeticks", 300), number(300, 0x43)),
        (SnmpValue("string", "Räck 1"), text("Räck 1".encode())),
        (SnmpValue("string", b"\xff\x00"), text(b"\xff\x00")),
    ],
)
async def test_what_goes_on_the_wire(value: SnmpValue, element: bytes) -> None:
    async with agent_of() as agent, client_for(agent.port, v3=READER, v3_write=ADMIN) as client:
        await client.set(OUTLET, value, nothing)
        assert agent.requests[-1].varbinds == ((OUTLET, element),)


async def test_nobody_to_write_as_and_values_that_do_not_fit() -> None:
    async with agent_of() as agent, client_for(agent.port, v3=READER) as client:
        assert await rejected(client) == "no SNMPv3 user to write with is configured"
    async with agent_of() as agent, client_for(agent.port, v3=READER, v3_write=ADMIN) as client:
        for value in (SnmpValue("integer", "on"), SnmpValue("gauge", -1), SnmpValue("string", 3)):
            await rejected(client, value)
        assert agent.raw == []


@pytest.mark.parametrize(
    ("who", "words"),
    [
        (user(name="eve"), "no user 'eve'"),
        (user(name="admin", auth_key="wrong phrase"), "authentication pass phrase is wrong"),
        (user(name="admin", auth_key="other phrase", priv_key="wrong one"), "privacy pass phrase"),
    ],
)
async def test_wrong_credentials_are_found_before_anything_is_sent(who: V3User, words: str) -> None:
    sent: list[int] = []
    async with (
        agent_of() as agent,
        client_for(agent.port, v3=READER, v3_write=who, timeout_s=0.2) as client,
    ):
        with pytest.raises(CommandRejected, match=words) as error:
            await client.set(OUTLET, OFF, lambda: sent.append(1))
        assert "was not sent" in str(error.value)
        assert (sets(agent), sent) == (0, [])


@pytest.mark.parametrize("what", ["nothing", "the set"])
async def test_silence_never_sends_twice(what: str) -> None:
    keys = UserKeys(ADMIN)

    def is_set(data: bytes) -> bool:
        message = parse(data)
        return bool(message.engine_id) and unseal(message, keys).pdu[0] == SET

    sent: list[int] = []
    async with (
        agent_of() as agent,
        UdpProxy(
            agent.port, Faults(drop_request=lambda data: what == "nothing" or is_set(data))
        ) as proxy,
        client_for(proxy.port, v3=READER, v3_write=ADMIN, timeout_s=0.4, retries=3) as client,
    ):
        with pytest.raises(Unreachable) as error:
            await client.set(OUTLET, OFF, lambda: sent.append(1))
        assert sum(map(is_set, proxy.requests)) == (what == "the set")
        assert client.requests == len(proxy.requests) + (what == "nothing")
        assert client.link.unanswered == 1
    assert len(sent) == (what == "the set")
    assert ("may or may not" if sent else "was not sent") in str(error.value)


async def test_a_line_that_loses_a_third_and_doubles_a_third() -> None:
    """Whatever gets lost, the device sees each command at most once."""
    outcomes = await asyncio.gather(*map(_on_a_bad_line, range(24)))
    assert {True, False} <= set(outcomes)


async def _on_a_bad_line(seed: int) -> bool:
    """Whether the device acknowledged."""
    sent: list[int] = []
    async with (
        agent_of(checks_time=True) as agent,
        UdpProxy(agent.port, Faults(loss=0.3, duplicate=0.3), seed=seed) as proxy,
        client_for(proxy.port, v3=READER, v3_write=ADMIN, timeout_s=0.6) as client,
    ):
        try:
            await client.set(OUTLET, OFF, lambda: sent.append(1))
        except Unreachable:
            assert sets(agent) <= len(sent) <= 1
            return False
        assert sets(agent) == len(sent) == 1
        return True


@pytest.mark.parametrize("counter", [2, 4, 5, 6])
async def test_an_unsigned_report_to_the_set_leaves_it_open(counter: int) -> None:
    def handler(request: V3Request) -> bytes:
        if request.pdu == SET:
            return request.report(counter)
        return agent.serve(request)

    async with (
        agent_of() as agent,
        client_for(agent.port, v3=READER, v3_write=ADMIN, timeout_s=0.2) as client,
    ):
        agent.handler = handler  # type: ignore[assignment]
        with pytest.raises(Unreachable, match="may or may not have been carried out"):
            await client.set(OUTLET, OFF, nothing)
        assert sets(agent) == 1


@pytest.mark.parametrize(("counter", "words"), [(2, "clock"), ("1.3.6.1.6.3.12.1.5.0", "context")])
async def test_a_signed_report_to_the_set_is_a_no(counter: int | str, words: str) -> None:
    """The device restarts between the question and the SET: it was not carried out, nor resent."""

    def handler(request: V3Request) -> bytes:
        if request.pdu == SET:
            return request.report(counter, signed=True)
        return agent.serve(request)

    async with agent_of() as agent, client_for(agent.port, v3=READER, v3_write=ADMIN) as client:
        agent.handler = handler  # type: ignore[assignment]
        said = await rejected(client)
        assert words in said
        assert "did not carry out" in said
        assert sets(agent) == 1


async def test_a_forged_report_does_not_hide_the_answer() -> None:
    def handler(request: V3Request) -> list[bytes]:
        return [request.report(5), agent.serve(request)]

    async with agent_of() as agent, client_for(agent.port, v3=READER, v3_write=ADMIN) as client:
        agent.handler = handler  # type: ignore[assignment]
        await client.set(OUTLET, OFF, nothing)
        assert sets(agent) == 1


@pytest.mark.parametrize(
    ("status", "words"), [(6, "access"), (16, "this user"), (10, "wrongValue")]
)
async def test_refusals_in_words(status: int, words: str) -> None:
    async with agent_of() as agent, client_for(agent.port, v3=READER, v3_write=ADMIN) as client:
        agent.handler = lambda q: q.error(status, 1)
        said = await rejected(client)
        assert words in said
        assert "community" not in said
        assert client.link.last_heard_s is not None


async def test_an_answer_about_something_else_is_no_success() -> None:
    async with agent_of() as agent, client_for(agent.port, v3=READER, v3_write=ADMIN) as client:
        agent.handler = lambda q: q.answer([(OUTLET, number(1))])
        with pytest.raises(DeviceError):
            await client.set(OUTLET, OFF, nothing)
        agent.handler = lambda q: q.answer([(OUTLET, NO_SUCH_INSTANCE)])
        assert "no such object" in await rejected(client)


async def test_cancelled_while_it_is_prepared_nothing_is_sent() -> None:
    async with (
        agent_of(silent=True) as agent,
        client_for(agent.port, v3=READER, v3_write=ADMIN) as client,
    ):
        task = asyncio.create_task(client.set(OUTLET, OFF, nothing))
        await asyncio.sleep(0.05)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        agent.v3.silent = False
        await asyncio.sleep(0.05)
        assert sets(agent) == 0
