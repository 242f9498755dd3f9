"""Devices that lie, over UDP: each ends in the outcome that is true, none is told twice.

The agent, the codec, the sockets and the gate are real; the clock is not, and stands while anything
is on the wire. SETs are counted where the agent takes them off it.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest

from pdutui.backends.mock.build import mock_pdu
from pdutui.backends.snmp import ber
from pdutui.backends.snmp.agent import Agent, UdpAgent
from pdutui.backends.snmp.agent_v3 import V3Access, V3Engine
from pdutui.backends.snmp.backend import SnmpBackend
from pdutui.backends.snmp.profile_load import load_builtin
from pdutui.backends.snmp.serve import ModelMib
from pdutui.backends.snmp.types import SnmpTarget
from pdutui.domain.commands import CommandResult
from pdutui.domain.secret import Secret
from pdutui.domain.v3 import V3User
from pdutui.engine.engine import Engine
from pdutui.settings import HistorySettings, PduSettings, Settings
from tests.engine.helpers import ALICE, FakeStore
from tests.engine.property.pace import Pace

OUTLET = 3
TIMEOUT_S = 0.08
"""Of a request, in real time."""
USER = V3User(user="ops", auth="SHA1", auth_key=Secret("a long pass phrase"))


class Liar(ModelMib):
    """A device that takes every command, and makes of it what a test says."""

    def __init__(self, pace: Pace, model: Any, version: str) -> None:
        super().__init__(load_builtin("apc-rpdu"), model, pace.clock)
        self.pace = pace
        self.model = model
        self.takes: Callable[[Liar, Any], None] = Liar.obey

    def _carry_out(self, order: Any) -> None:
        self.takes(self, order)

    # -- what it may do ----------------------------------------------------------------------

    def obey(self, order: Any) -> None:
        super()._carry_out(order)

    def do_nothing(self, order: Any) -> None:
        pass

    def do_the_opposite(self, order: Any) -> None:
        other = {"on": "off", "off": "on", "reboot": "off"}[order.action]
        self.model.switch(order.outlet, other, self.pace.clock.monotonic())

    def go_there_and_back(self, order: Any) -> None:
        self.obey(order)
        self._at(1.0, lambda: self.model.relays.throw(self.model.sockets[OUTLET], True))

    def be_slow(self, order: Any) -> None:
        self.model.relays.relay_s = (8.0, 8.0)
        self.obey(order)

    def fail_to_come_back(self, order: Any) -> None:
        self.model.switch(order.outlet, "off", self.pace.clock.monotonic())

    def restart(self, order: Any) -> None:
        """It goes down at once, forgets what it was told, and comes up with everything on."""
        self.go_down(state=True)

    def restart_dark(self, order: Any) -> None:
        """The same, but what was on stays off."""
        self.go_down(state=False)

    def go_down(self, *, state: bool) -> None:
        clock = self.pace.clock
        self.model.throw(OUTLET, state, clock.monotonic())
        self.model._uptime_s = -self.model.world.now_s
        self.silent_until_s = clock.monotonic() + 3.0

    silent_until_s = 0.0

    def _at(self, after_s: float, what: Callable[[], None]) -> None:
        self.model.world.after(after_s, lambda _: what())


class CountingAgent(Agent):
    """Counts the SETs that have arrived, in v2c and v3 alike."""

    sets = 0

    def respond(self, request: Any, *, may_write: bool) -> bytes | None:
        self.sets += request.pdu == ber.SET
        return super().respond(request, may_write=may_write)


class Wire(UdpAgent):
    """The line: it loses, doubles or delays the answers to SETs, or is dead for a while."""

    def __init__(self, agent: CountingAgent, mib: Liar, clock: Any) -> None:
        super().__init__(agent, clock=clock)
        self.mib = mib
        self.answers = "once"

    def datagram_received(self, data: bytes, addr: Any) -> None:
        if self.mib.pace.clock.monotonic() < self.mib.silent_until_s:
            return
        agent: Any = self.agent
        before = agent.sets
        answer = agent.answer(data)
        if answer is None or self.mib.pace.clock.monotonic() < self.mib.silent_until_s:
            return
        was_set = agent.sets > before
        if was_set and self.answers == "lost":
            return
        if was_set and self.answers == "late":
            self._send_later(1.5 * TIMEOUT_S, answer, addr)
            return
        for _ in range(3 if was_set and self.answers == "doubled" else 1):
            self._send(answer, addr)


class Bench(Pace):
    """A console in front of such a device."""

    agent: CountingAgent
    wire: Wire
    mib: Liar
    engine: Engine

    async def switch(self, action: Any) -> CommandResult:
        intent = self.engine.gate.new_intent("liar", OUTLET, action, ALICE)
        return await self.drive(self.engine.gate.switch(intent, confirmed=True), 90.0)

    @property
    def state(self) -> str:
        """The relay's own account."""
        self.mib.model.advance(self.clock.monotonic())
        return "on" if self.mib.model.sockets[OUTLET].on else "off"


def standing_still(backend: SnmpBackend, pace: Pace) -> SnmpBackend:
    """The clock stands while it is asked anything."""

    def held(work: Any) -> Any:
        async def call(*args: Any, **more: Any) -> Any:
            with pace.at_work():
                return await work(*args, **more)

        return call

    for name in ("poll", "read_outlet", "read_pdu", "command"):
        setattr(backend, name, held(getattr(backend, name)))
    return backend


@asynccontextmanager
async def bench(folder: Path, version: str = "2c") -> AsyncIterator[Bench]:
    b = Bench()
    model = mock_pdu("ap7921", start_s=b.clock.monotonic(), seed=3, incidents=False)
    b.mib = Liar(b, model, version)
    b.agent = CountingAgent(
        b.mib, community=Secret("public"), write_community=Secret("private"),
        v3=V3Engine(b.clock, engine_id=b"\x80\0\x1f\x88\x04liar",
                    users=(V3Access(USER, may_write=True),)),
    )  # fmt: skip
    b.wire = Wire(b.agent, b.mib, b.clock)
    _, port = await b.wire.start("127.0.0.1", 0)
    v3: Any = {"v3": USER, "v3_write": USER} if version == "3" else {}
    target = SnmpTarget(
        host="127.0.0.1", port=port, version=version,  # type: ignore[arg-type]
        write_community=Secret("private"), timeout_s=TIMEOUT_S, retries=0, **v3,
    )  # fmt: skip
    backend = standing_still(SnmpBackend("liar", target, clock=b.clock), b)
    pdu = PduSettings(name="liar", host="127.0.0.1", port=port, write_community=Secret("x"), **v3)
    settings = Settings(
        pdus=(pdu,), state_dir=folder, history=HistorySettings(enabled=False)
    )  # fmt: skip
    b.engine = Engine(
        settings, {"liar": backend}, clock=b.clock, store=FakeStore(), quiet=True  # type: ignore[arg-type]
    )  # fmt: skip
    try:
        await b.engine.start()
        await b.wait(0.5)
        assert b.engine.view("liar").health == "live"
        yield b
        assert b.agent.sets == 1, "it was told more than once, or not at all"
    finally:
        b.mib.silent_until_s = 0.0
        await b.drive(b.engine.stop())
        b.wire.close()


LIES: list[tuple[Any, str, str, str]] = [
    (Liar.obey, "off", "observed", "off after"),
    (Liar.obey, "reboot", "observed", "went off, on again"),
    (Liar.do_nothing, "off", "unconfirmed", "still on after"),
    (Liar.do_nothing, "reboot", "unconfirmed", "never seen off"),
    (Liar.do_the_opposite, "on", "contradicted", "went on and back to off"),
    (Liar.do_the_opposite, "reboot", "unconfirmed", "has not come back on"),
    (Liar.go_there_and_back, "off", "contradicted", "went off and back to on"),
    (Liar.be_slow, "off", "observed", "off after 8"),
    (Liar.be_slow, "reboot", "observed", "went off, on again"),
    (Liar.fail_to_come_back, "reboot", "unconfirmed", "has not come back on"),
    (Liar.restart, "off", "unconfirmed", "still on after"),
    (Liar.restart, "reboot", "unconfirmed", "never seen off"),
    (Liar.restart_dark, "off", "observed", "off after"),
    (Liar.restart_dark, "reboot", "unconfirmed", "has not come back on"),
]


@pytest.mark.parametrize(
    ("lie", "action", "outcome", "said"), LIES, ids=lambda x: getattr(x, "__name__", None)
)
async def test_what_the_device_does_is_the_outcome_whatever_it_says(
    tmp_path: Path, lie: Any, action: str, outcome: str, said: str
) -> None:
    async with bench(tmp_path) as b:
        b.mib.takes = lie
        result = await b.switch(action)
        assert (result.outcome, result.after) == (outcome, b.state), result.detail
        assert said in result.detail
        await b.wait(20.0)
        assert b.engine.view("liar").health == "live"


@pytest.mark.parametrize("answers", ["lost", "late", "doubled"])
@pytest.mark.parametrize("action", ["off", "reboot"])
async def test_an_answer_that_is_lost_late_or_doubled_sends_nothing_again(
    tmp_path: Path, answers: str, action: str
) -> None:
    async with bench(tmp_path) as b:
        b.wire.answers = answers
        result = await b.switch(action)
        assert result.outcome == "observed", result.detail
        assert ("acknowledge" in result.detail) == (answers != "doubled")
        assert b.state == result.after == ("off" if action == "off" else "on")


@pytest.mark.parametrize("action", ["off", "reboot"])
async def test_lost_answer_and_nothing_happened(tmp_path: Path, action: str) -> None:
    async with bench(tmp_path) as b:
        b.wire.answers, b.mib.takes = "lost", Liar.do_nothing
        result = await b.switch(action)
        assert (result.outcome, b.state) == ("unconfirmed", "on")


async def test_a_lost_answer_in_snmpv3(tmp_path: Path) -> None:
    async with bench(tmp_path, "3") as b:
        b.wire.answers = "lost"
        result = await b.switch("reboot")
        assert result.outcome == "observed", result.detail
        assert "acknowledge" in result.detail


async def test_a_second_person_is_not_misled_by_the_first_ones_lost_answer(
    tmp_path: Path,
) -> None:
    """Two questions about one outlet: the second is not answered by a second reboot."""
    async with bench(tmp_path) as b:
        b.wire.answers = "lost"
        gate = b.engine.gate
        one, two = (gate.new_intent("liar", OUTLET, "reboot", ALICE) for _ in range(2))
        first = asyncio.create_task(gate.switch(one, confirmed=True))
        await b.wait(1.0)
        assert (await b.drive(gate.switch(two, confirmed=True))).outcome == "refused"
        assert (await b.drive(asyncio.wait_for(first, None))).outcome == "observed"
        third = await b.drive(gate.switch(two, confirmed=True))
        assert third.outcome == "refused"
