"""Walks by GETBULK and GETNEXT, and agents that make them hard."""

from __future__ import annotations

import pytest

from pdutui.backends.base import DeviceError, Unreachable
from pdutui.backends.snmp.types import RequestLimits, SnmpVersion
from tests.backends.snmp.conftest import BASE, SERVED
from tests.support.scripted_agent import (
    GETBULK,
    GETNEXT,
    NULL,
    Request,
    ScriptedAgent,
    number,
    text,
)
from tests.support.snmp_client import client_for
from tests.support.snmpsim import SnmpsimAgent
from tests.support.udp_proxy import Faults, UdpProxy

TABLE = f"{BASE}.5"
ROWS = {f"{TABLE}.{n}": number(n) for n in range(1, 81)}
EXPECTED = [(oid, n) for n, oid in enumerate(ROWS, 1)]
ALL = {f"{BASE}.4.9": number(0), **ROWS, f"{BASE}.50.1": number(0)}


@pytest.mark.parametrize("version", ["1", "2c"])
async def test_a_foreign_agent(foreign_agent: SnmpsimAgent, version: SnmpVersion) -> None:
    async with client_for(foreign_agent.port, version) as client:
        for column in (1, 2, 4):
            below = f"{BASE}.{column}."
            expected = [(oid, value) for oid, value in SERVED.items() if oid.startswith(below)]
            assert await client.walk(below[:-1]) == expected
        assert await client.walk(f"{BASE}.9") == []
        assert len(await client.walk("1.3.6.1.4.1")) == len(SERVED) - 2


@pytest.mark.parametrize(("version", "pdu"), [("1", GETNEXT), ("2c", GETBULK)])
async def test_each_version_walks_its_own_way(version: SnmpVersion, pdu: int) -> None:
    async with ScriptedAgent(values=dict(ALL)) as agent, client_for(agent.port, version) as client:
        assert await client.walk(TABLE) == EXPECTED
        assert {request.pdu for request in agent.requests} == {pdu}
        if pdu == GETBULK:
            assert len(agent.requests) == 4
            assert {request.second for request in agent.requests} == {24}


async def test_no_bulk_where_the_family_cannot() -> None:
    async with (
        ScriptedAgent(values=dict(ALL)) as agent,
        client_for(agent.port, limits=RequestLimits(bulk=False)) as client,
    ):
        assert await client.walk(TABLE) == EXPECTED
        assert {request.pdu for request in agent.requests} == {GETNEXT}
        client.limits = RequestLimits(bulk=True, max_repetitions=10)
        await client.walk(TABLE)
        assert agent.requests[-1].second == 10


async def test_rows_without_value_do_not_end_the_walk() -> None:
    values = {**ALL, f"{TABLE}.3": NULL, f"{TABLE}.4": NULL}
    async with ScriptedAgent(values=values) as agent:
        for limits in (RequestLimits(), RequestLimits(bulk=False)):
            async with client_for(agent.port, limits=limits) as client:
                rows = await client.walk(TABLE)
                assert len(rows) == 80
                assert rows[2:5] == [(f"{TABLE}.3", None), (f"{TABLE}.4", None), (f"{TABLE}.5", 5)]


async def test_a_neighbour_with_a_longer_number_is_not_below() -> None:
    values = {f"{BASE}.5.1": number(1), f"{BASE}.50.1": number(2)}
    async with ScriptedAgent(values=values) as agent, client_for(agent.port) as client:
        assert await client.walk(f"{BASE}.5") == [(f"{BASE}.5.1", 1)]


@pytest.mark.parametrize("bulk", [False, True])
async def test_an_agent_that_walks_in_circles(bulk: bool) -> None:
    def handler(request: Request) -> bytes:
        return request.answer([(f"{TABLE}.{n}", number(n)) for n in (1, 2)])

    async with (
        ScriptedAgent(handler) as agent,
        client_for(agent.port, limits=RequestLimits(bulk=bulk)) as client,
    ):
        with pytest.raises(DeviceError, match="circles"):
            await client.walk(TABLE)
        assert len(agent.requests) <= 2


async def test_an_agent_without_end() -> None:
    def handler(request: Request) -> bytes:
        last = request.oids[0].rsplit(".", 1)[1] if request.oids[0] != TABLE else "0"
        rows = [(f"{TABLE}.{int(last) + n}", number(1)) for n in range(1, 25)]
        return request.answer(rows)

    async with ScriptedAgent(handler) as agent, client_for(agent.port) as client:
        with pytest.raises(DeviceError, match="more than 100 rows"):
            await client.walk(TABLE, max_rows=100)
        assert len(agent.requests) == 5


@pytest.mark.parametrize("kind", ["silent", "garbage", "empty", "genErr"])
async def test_an_agent_whose_bulk_does_not_work(kind: str) -> None:
    answers = {
        "silent": lambda q: None,
        "garbage": lambda q: b"\x30\x05junk!",
        "empty": lambda q: q.answer([]),
        "genErr": lambda q: q.error(5, 1),
    }

    def handler(request: Request) -> bytes | None:
        return answers[kind](request) if request.pdu == GETBULK else agent.serve(request)

    values = {oid: ALL[oid] for oid in list(ALL)[:9]}
    async with ScriptedAgent(handler, values) as agent, client_for(agent.port) as client:
        assert await client.walk(TABLE) == EXPECTED[:8]
        bulks = [request for request in agent.requests if request.pdu == GETBULK]
        assert len(bulks) <= 4
        agent.requests.clear()
        await client.walk(TABLE)
        assert {request.pdu for request in agent.requests} == {GETNEXT}  # it is remembered


async def test_bulk_answers_that_would_be_too_big_get_smaller() -> None:
    def handler(request: Request) -> bytes:
        too_big = request.pdu == GETBULK and request.second > 6
        return request.error(1, 0) if too_big else agent.serve(request)

    async with ScriptedAgent(handler, dict(ALL)) as agent, client_for(agent.port) as client:
        assert await client.walk(TABLE) == EXPECTED
        assert [request.second for request in agent.requests[:3]] == [24, 12, 6]
        assert {request.pdu for request in agent.requests} == {GETBULK}


async def test_one_lost_answer_does_not_end_bulk() -> None:
    lost = 0

    def drop(data: bytes) -> bool:
        nonlocal lost
        lost += 1
        return lost % 3 == 1

    async with (
        ScriptedAgent(values=dict(ALL)) as agent,
        UdpProxy(agent.port, Faults(drop_request=drop)) as proxy,
        client_for(proxy.port) as client,
    ):
        assert await client.walk(TABLE) == EXPECTED
        assert {request.pdu for request in agent.requests} == {GETBULK}


async def test_a_row_that_fails_is_said() -> None:
    def handler(request: Request) -> bytes:
        return request.error(5, 1) if request.oids[0] == f"{TABLE}.3" else agent.serve(request)

    async with (
        ScriptedAgent(handler, dict(ALL)) as agent,
        client_for(agent.port, limits=RequestLimits(bulk=False)) as client,
    ):
        with pytest.raises(DeviceError, match=r"fails to walk on from .*\.5\.3"):
            await client.walk(TABLE)


async def test_strings_and_silence() -> None:
    values = {f"{TABLE}.1": text(b"db01")}
    async with (
        ScriptedAgent(values=values) as agent,
        UdpProxy(agent.port) as proxy,
        client_for(proxy.port, timeout_s=0.3, retries=0) as client,
    ):
        assert await client.walk(TABLE) == [(f"{TABLE}.1", b"db01")]
        proxy.faults.silent = True
        with pytest.raises(Unreachable):
            await client.walk(TABLE)
