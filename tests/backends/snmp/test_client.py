"""The client against a foreign agent, over good and bad networks."""

from __future__ import annotations

import asyncio
import socket

import pytest

from pdutui.backends.base import Refused, Unreachable
from pdutui.backends.snmp.opening import ReaderName
from pdutui.backends.snmp.types import RequestLimits, SnmpVersion
from tests.backends.snmp.conftest import BASE, SERVED
from tests.support.clock import ManualClock
from tests.support.scripted_agent import NULL, Request, ScriptedAgent, number, text
from tests.support.snmp_client import client_for
from tests.support.snmpsim import SnmpsimAgent
from tests.support.udp_proxy import Faults, UdpProxy, count_varbinds

PRESENT = {oid: value for oid, value in SERVED.items() if value is not None}
NULLS = frozenset(SERVED) - frozenset(PRESENT)
MISSING = frozenset(f"{BASE}.{column}.{row}" for column in (5, 6) for row in range(1, 12))
READERS: list[ReaderName] = ["own", "gufo", "pysnmp"]
all_readers = pytest.mark.parametrize("reader", READERS)
both_versions = pytest.mark.parametrize("version", ["1", "2c"])

NUMBERS = {f"{BASE}.1.{n}": number(n) for n in range(1, 121)}
COLUMN = {oid: n for n, oid in enumerate(NUMBERS, 1)}


def free_port() -> int:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sock:
        sock.bind(("127.0.0.1", 0))
        return int(sock.getsockname()[1])


@all_readers
@both_versions
async def test_values_and_what_is_absent(
    foreign_agent: SnmpsimAgent, reader: ReaderName, version: SnmpVersion
) -> None:
    asked = sorted({*SERVED, *MISSING})
    async with client_for(foreign_agent.port, version, reader=reader) as client:
        answer = await client.get(asked)
        assert answer.values == PRESENT
        assert answer.absent == MISSING | NULLS
        assert answer.errors == ()
        assert client.varbinds == len(asked)


@all_readers
async def test_right_values_over_a_bad_network(
    foreign_agent: SnmpsimAgent, reader: ReaderName
) -> None:
    faults = Faults(loss=0.2, duplicate=0.2, garbage=0.1, corrupt=0.05, jitter_s=0.02)
    async with (
        UdpProxy(foreign_agent.port, faults, seed=5) as proxy,
        client_for(proxy.port, reader=reader) as client,
    ):
        for _ in range(2):
            answer = await client.get(list(SERVED))
            assert answer.values == PRESENT
            assert answer.absent == NULLS
        assert client.link.unanswered == 0


async def test_v2c_says_in_one_answer_what_is_absent() -> None:
    async with ScriptedAgent(values=dict(NUMBERS)) as agent, client_for(agent.port) as client:
        answer = await client.get([*list(COLUMN)[:20], *sorted(MISSING)[:20]])
        assert (len(answer.values), len(answer.absent)) == (20, 20)
        assert len(agent.requests) == 1


async def test_v1_asks_again_only_for_what_is_blamed() -> None:
    missing = sorted(MISSING)[:3]
    async with ScriptedAgent(values=dict(NUMBERS)) as agent, client_for(agent.port, "1") as client:
        answer = await client.get([*list(COLUMN)[:30], *missing])
        assert answer.values == {oid: n for oid, n in COLUMN.items() if n <= 30}
        assert answer.absent == set(missing)
        assert len(agent.requests) == 7  # the whole, three times less one, and each alone


async def test_a_wrong_error_index_hides_no_value() -> None:
    def handler(request: Request) -> bytes:
        if any(oid in MISSING for oid in request.oids):
            return request.error(2, 1)
        return agent.serve(request)

    async with ScriptedAgent(handler, dict(NUMBERS)) as agent, client_for(agent.port, "1") as c:
        missing = sorted(MISSING)[:2]
        answer = await c.get([*list(COLUMN)[:10], *missing])
        assert len(answer.values) == 10
        assert answer.absent == set(missing)


@pytest.mark.parametrize("index", [0, 99])
async def test_no_usable_error_index_means_halves(index: int) -> None:
    def handler(request: Request) -> bytes:
        if any(oid in MISSING for oid in request.oids):
            return request.error(2, index)
        return agent.serve(request)

    async with ScriptedAgent(handler, dict(NUMBERS)) as agent, client_for(agent.port, "1") as c:
        missing = sorted(MISSING)[:2]
        answer = await c.get([missing[0], *list(COLUMN)[:17], missing[1]])
        assert len(answer.values) == 17
        assert answer.absent == set(missing)


async def test_gen_err_takes_one_oid_along_and_says_so() -> None:
    sick = f"{BASE}.1.7"

    def handler(request: Request) -> bytes:
        return request.error(5, 1) if sick in request.oids else agent.serve(request)

    async with ScriptedAgent(handler, dict(NUMBERS)) as agent, client_for(agent.port) as client:
        answer = await client.get(list(COLUMN))
        assert answer.values == {oid: n for oid, n in COLUMN.items() if oid != sick}
        assert answer.absent == {sick}
        assert answer.errors == (f"{sick}: genErr",)


async def test_an_answer_that_is_cut_short_makes_nothing_absent() -> None:
    def handler(request: Request) -> bytes:
        rows = [(oid, agent.values[oid]) for oid in request.oids[:12]]
        return request.answer(rows)

    async with ScriptedAgent(handler, dict(NUMBERS)) as agent, client_for(agent.port) as client:
        for _ in range(3):
            answer = await client.get(list(COLUMN))
            assert answer.values == COLUMN
            assert answer.absent == frozenset()
        assert client.request_size <= 24


async def test_an_answer_to_another_question_is_no_answer() -> None:
    other = f"{BASE}.1.1"
    async with (
        ScriptedAgent(lambda q: q.answer([(other, number(5))])) as agent,
        client_for(agent.port) as client,
    ):
        answer = await client.get([f"{BASE}.7.1", f"{BASE}.7.2"])
        assert answer.values == {}
        assert answer.absent == {f"{BASE}.7.1", f"{BASE}.7.2"}
        assert len(answer.errors) == 2


async def test_null_is_absent_now_and_there_when_it_comes() -> None:
    async with ScriptedAgent(values={BASE: NULL}) as agent, client_for(agent.port) as client:
        assert (await client.get([BASE])).absent == {BASE}
        agent.values[BASE] = text(b"23.5")
        assert (await client.get([BASE])).values == {BASE: b"23.5"}


async def test_nothing_asked_nothing_sent() -> None:
    async with ScriptedAgent() as agent, client_for(agent.port) as client:
        answer = await client.get([])
        assert (answer.values, answer.absent) == ({}, frozenset())
        assert agent.requests == []


async def test_requests_never_exceed_the_limit_and_never_overlap() -> None:
    flying = 0

    def handler(request: Request) -> None:
        nonlocal flying
        flying += 1
        assert flying == 1

        def answer() -> None:
            nonlocal flying
            flying -= 1
            agent.send(agent.serve(request))

        asyncio.get_running_loop().call_later(0.01, answer)

    async with (
        ScriptedAgent(handler, dict(NUMBERS)) as agent,
        client_for(agent.port, limits=RequestLimits(max_varbinds=10)) as client,
    ):
        answers = await asyncio.gather(client.get(list(COLUMN)), client.get(list(COLUMN)[:15]))
        assert answers[0].values == COLUMN
        assert max(len(request.oids) for request in agent.requests) == 10
        client.limits = RequestLimits(max_varbinds=30)
        await client.get(list(COLUMN))
        assert max(len(request.oids) for request in agent.requests) == 30


@pytest.mark.parametrize("too_big", [False, True])
async def test_a_twelve_varbind_agent_is_learned_within_the_first_poll(too_big: bool) -> None:
    faults = Faults(max_varbinds=12, too_big=too_big)
    loop = asyncio.get_running_loop()
    clock = ManualClock()
    async with (
        ScriptedAgent(values=dict(NUMBERS)) as agent,
        UdpProxy(agent.port, faults) as proxy,
        client_for(proxy.port, clock=clock) as client,
    ):
        await client.get([BASE])  # a first round trip, as recognising the device is
        began = loop.time()
        assert (await client.get(list(COLUMN))).values == COLUMN
        assert loop.time() - began < (0.2 if too_big else 1.5)
        proxy.requests.clear()
        began = loop.time()
        assert (await client.get(list(COLUMN))).values == COLUMN
        assert loop.time() - began < 0.2
        assert max(map(count_varbinds, proxy.requests)) <= 12
        for _ in range(40):  # attempts to grow end, and every poll is right
            clock.advance(3600)
            proxy.requests.clear()
            assert (await client.get(list(COLUMN))).values == COLUMN
            if not [q for q in proxy.requests if count_varbinds(q) > 12] and _ > 20:
                break
        else:
            pytest.fail("it never settles")
        assert 8 <= client.request_size <= 12


async def test_an_agent_that_becomes_weaker_is_learned_anew() -> None:
    async with (
        ScriptedAgent(values=dict(NUMBERS)) as agent,
        UdpProxy(agent.port) as proxy,
        client_for(proxy.port, clock=ManualClock()) as client,
    ):
        for _ in range(3):
            await client.get(list(COLUMN))
        assert client.request_size == 48
        proxy.faults.max_varbinds = 12
        for _ in range(2):
            assert (await client.get(list(COLUMN))).values == COLUMN
        assert client.request_size <= 12


async def test_heavy_loss_does_not_shrink_requests_for_good() -> None:
    clock = ManualClock()
    async with (
        ScriptedAgent(values=dict(NUMBERS)) as agent,
        UdpProxy(agent.port, Faults(), seed=3) as proxy,
        client_for(proxy.port, clock=clock) as client,
    ):
        await client.get(list(COLUMN))
        proxy.faults.loss = 0.2
        for _ in range(12):
            clock.advance(1)
            assert (await client.get(list(COLUMN))).values == COLUMN
        proxy.faults.loss = 0.0
        for _ in range(8):
            clock.advance(3600)
            await client.get(list(COLUMN))
        assert client.request_size == 48


async def test_a_slow_agent_is_waited_for() -> None:
    async with (
        ScriptedAgent(values=dict(NUMBERS)) as agent,
        UdpProxy(agent.port, Faults(delay_s=0.7)) as proxy,
        client_for(proxy.port) as client,
    ):
        assert (await client.get([f"{BASE}.1.1"])).values == {f"{BASE}.1.1": 1}
        sent = client.requests
        assert (await client.get([f"{BASE}.1.2"])).values == {f"{BASE}.1.2": 2}
        assert client.requests == sent + 1  # by now it knows how slow


async def test_a_lost_datagram_is_sent_again_soon() -> None:
    lose_next = False

    def drop(data: bytes) -> bool:
        nonlocal lose_next
        lost, lose_next = lose_next, False
        return lost

    loop = asyncio.get_running_loop()
    async with (
        ScriptedAgent(values=dict(NUMBERS)) as agent,
        UdpProxy(agent.port, Faults(drop_request=drop)) as proxy,
        client_for(proxy.port) as client,
    ):
        await client.get([f"{BASE}.1.1"])
        lose_next = True
        began = loop.time()
        assert (await client.get([f"{BASE}.1.1"])).values == {f"{BASE}.1.1": 1}
        assert 0.14 < loop.time() - began < 0.35


async def test_link_is_up_to_date_while_a_request_is_waiting() -> None:
    clock = ManualClock()
    async with (
        ScriptedAgent(values=dict(NUMBERS)) as agent,
        UdpProxy(agent.port) as proxy,
        client_for(proxy.port, clock=clock, timeout_s=0.8) as client,
    ):
        assert client.link.last_heard_s is None
        await client.get([f"{BASE}.1.1"])
        assert client.link.last_heard_s == clock.monotonic()
        proxy.faults.silent = True
        clock.advance(1)
        task = asyncio.create_task(client.get([f"{BASE}.1.1"]))
        seen = set()
        while not task.done():
            seen.add(client.link.unanswered)
            await asyncio.sleep(0.01)
        assert {0, 1, 2, 3} <= seen
        with pytest.raises(Unreachable, match=r"no answer from 127\.0\.0\.1:\d+ within 1\.6 s"):
            await task
        assert client.link.last_heard_s == clock.monotonic() - 1
        proxy.faults.silent = False
        await client.get([f"{BASE}.1.1"])
        assert client.link.unanswered == 0


async def test_silence_is_given_up_in_the_time_allowed() -> None:
    loop = asyncio.get_running_loop()
    async with (
        ScriptedAgent(lambda q: None) as agent,
        client_for(agent.port, timeout_s=0.4, retries=1) as client,
    ):
        began = loop.time()
        with pytest.raises(Unreachable) as error:
            await client.get([BASE])
        assert 0.8 <= loop.time() - began < 2.0
        assert "host down, SNMP off, or the community is wrong" in str(error.value)
        assert len(agent.raw) == 2  # the agent was asked whether it speaks SNMP at all


async def test_a_wrong_community_is_told_from_a_dead_host(foreign_agent: SnmpsimAgent) -> None:
    async with client_for(
        foreign_agent.port, community="hush-hush", timeout_s=0.4, retries=0
    ) as client:
        with pytest.raises(Refused) as error:
            await client.get([BASE])
    assert "answers SNMP, but not to this community" in str(error.value)
    assert "hush" not in str(error.value)


async def test_a_device_that_has_answered_before_is_lost_not_refused(
    foreign_agent: SnmpsimAgent,
) -> None:
    faults = Faults()
    async with (
        UdpProxy(foreign_agent.port, faults) as proxy,
        client_for(proxy.port, timeout_s=0.3, retries=0) as client,
    ):
        await client.get([BASE])
        faults.drop_request = lambda data: b"public" in data
        with pytest.raises(Unreachable, match="last heard"):
            await client.get([BASE])


async def test_nobody_listens_on_the_port() -> None:
    loop = asyncio.get_running_loop()
    port = free_port()
    async with client_for(port, timeout_s=0.5, retries=0) as client:
        began = loop.time()
        with pytest.raises(Unreachable, match=f"no SNMP agent on port {port}"):
            await client.get([BASE])
        assert loop.time() - began >= 0.45  # no spinning
        assert client.requests <= 3
        async with ScriptedAgent(values=dict(NUMBERS), port=port):
            assert (await client.get([f"{BASE}.1.1"])).values == {f"{BASE}.1.1": 1}


async def test_a_send_that_fails_at_once_does_not_spin() -> None:
    loop = asyncio.get_running_loop()
    # Broadcasts need a permission that the socket has not: the kernel refuses at once.
    async with client_for(161, host="255.255.255.255", timeout_s=0.5, retries=0) as client:
        began = loop.time()
        with pytest.raises(Unreachable, match="cannot send to 255"):
            await client.get([BASE])
        assert loop.time() - began >= 0.45
        assert 1 <= client.link.unanswered <= 4


async def test_an_agent_that_restarts_is_found_again_within_one_request() -> None:
    port = free_port()

    async def come_up(agent: ScriptedAgent) -> None:
        await asyncio.sleep(0.5)
        await agent.__aenter__()

    agent = ScriptedAgent(values=dict(NUMBERS), port=port)
    async with client_for(port) as client:
        starting = asyncio.create_task(come_up(agent))
        answer = await client.get([f"{BASE}.1.1"])
        assert answer.values == {f"{BASE}.1.1": 1}
        await starting
        await agent.__aexit__(None, None, None)


@pytest.mark.parametrize("host", ["no-such-host.invalid", "bad..name", "x" * 300])
async def test_names_that_do_not_resolve(host: str) -> None:
    async with client_for(161, host=host, timeout_s=3.0) as client:
        with pytest.raises(Unreachable, match="cannot resolve"):
            await client.get([BASE])


def resolving_to(monkeypatch: pytest.MonkeyPatch, *hosts: str) -> list[str]:
    """Let `pdu.example` have these addresses; the list may be changed, empty is a dead resolver."""
    loop = asyncio.get_running_loop()
    real, found = loop.getaddrinfo, list(hosts)

    async def getaddrinfo(host: str, port: int, **options: int) -> list[object]:
        assert host == "pdu.example"
        if not found:
            raise socket.gaierror(socket.EAI_AGAIN, "Temporary failure in name resolution")
        return [row for name in found for row in await real(name, port, **options)]

    monkeypatch.setattr(loop, "getaddrinfo", getaddrinfo)
    return found


async def test_an_address_that_is_dead_gives_way_to_the_next(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    silent = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    async with ScriptedAgent(values=dict(NUMBERS)) as agent:
        silent.bind(("127.0.0.2", agent.port))  # takes everything, answers nothing
        resolving_to(monkeypatch, "127.0.0.3", "127.0.0.2", "127.0.0.1")
        with silent:
            async with client_for(
                agent.port, host="pdu.example", timeout_s=0.3, retries=2
            ) as client:
                oid = f"{BASE}.1.1"
                assert (await client.get([oid])).values == {oid: 1}
                sent = client.requests
                assert (await client.get([oid])).values == {oid: 1}
                assert client.requests == sent + 1


async def test_a_dead_resolver_does_not_lose_a_device_that_is_known(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    async with (
        ScriptedAgent(values=dict(NUMBERS)) as agent,
        UdpProxy(agent.port) as proxy,
        client_for(proxy.port, host="pdu.example", timeout_s=0.3, retries=0) as client,
    ):
        found = resolving_to(monkeypatch, "127.0.0.1")
        await client.get([BASE])
        found.clear()
        proxy.faults.silent = True
        with pytest.raises(Unreachable, match="no answer"):
            await client.get([BASE])
        proxy.faults.silent = False
        await client.get([BASE])


async def test_a_device_that_moves_is_found_by_its_name(monkeypatch: pytest.MonkeyPatch) -> None:
    async with (
        ScriptedAgent(values=dict(NUMBERS)) as agent,
        client_for(agent.port, host="pdu.example", timeout_s=0.3, retries=0) as client,
    ):
        found = resolving_to(monkeypatch, "127.0.0.1")
        await client.get([BASE])
        found[:] = ["127.0.0.3"]
        await client.get([BASE])  # the open socket is good as long as it is
        agent.handler = lambda q: None
        with pytest.raises(Unreachable):
            await client.get([BASE])
        with pytest.raises(Unreachable, match="no SNMP agent on port"):
            await client.get([BASE])


async def test_ipv6() -> None:
    async def echo(sock: socket.socket) -> None:
        loop = asyncio.get_running_loop()
        data, peer = await loop.sock_recvfrom(sock, 4096)
        from tests.support.scripted_agent import parse

        await loop.sock_sendto(sock, parse(data).answer([(BASE, number(6))]), peer)

    with socket.socket(socket.AF_INET6, socket.SOCK_DGRAM) as sock:
        try:
            sock.bind(("::1", 0))
        except OSError:
            pytest.skip("no IPv6 on loopback here")
        sock.setblocking(False)
        for host in ("::1", "[::1]"):
            answering = asyncio.create_task(echo(sock))
            async with client_for(sock.getsockname()[1], host=host) as client:
                assert (await client.get([BASE])).values == {BASE: 6}
            await answering


async def test_closing_ends_a_request_under_way() -> None:
    loop = asyncio.get_running_loop()
    async with ScriptedAgent(lambda q: None) as agent, client_for(agent.port) as client:
        task = asyncio.create_task(client.get([BASE]))
        await asyncio.sleep(0.05)
        began = loop.time()
        await client.aclose()
        await client.aclose()
        with pytest.raises(Unreachable, match="closed"):
            await task
        assert loop.time() - began < 0.5


async def test_a_cancelled_poll_leaves_the_client_usable() -> None:
    async with (
        ScriptedAgent(values=dict(NUMBERS)) as agent,
        UdpProxy(agent.port, Faults(silent=True)) as proxy,
        client_for(proxy.port) as client,
    ):
        with pytest.raises(TimeoutError):
            await asyncio.wait_for(client.get(list(COLUMN)), 0.1)
        proxy.faults.silent = False
        assert (await client.get(list(COLUMN))).values == COLUMN


async def test_of_two_values_for_one_oid_none_is_taken() -> None:
    """A datagram that contradicts itself: what it says twice is asked again, and alone."""
    first, second = f"{BASE}.1.1", f"{BASE}.1.2"

    def handler(request: Request) -> bytes:
        rows = [(oid, NUMBERS[oid]) for oid in request.oids]
        if len(rows) > 1:
            rows.append((second, number(99)))
        return request.answer(rows)

    async with ScriptedAgent(handler) as agent, client_for(agent.port) as client:
        answer = await client.get([first, second])
        assert answer.values == {first: 1, second: 2}
        assert [request.oids for request in agent.requests] == [[first, second], [second]]
