"""A simulated PDU on a loopback port, in the test's own event loop."""

from __future__ import annotations

from types import TracebackType

from pdutui.backends.snmp.agent import Agent, UdpAgent
from pdutui.backends.snmp.agent_v3 import V3Engine
from pdutui.backends.snmp.faults import Faults
from pdutui.backends.snmp.mib import Mib
from pdutui.domain.clock import Clock, SystemClock
from pdutui.domain.secret import Secret


class ServedMib:
    """`async with ServedMib(mib) as served:` serves it on `served.port`."""

    def __init__(
        self,
        mib: Mib,
        *,
        faults: Faults | None = None,
        clock: Clock | None = None,
        max_message: int = 65507,
        v3: V3Engine | None = None,
    ) -> None:
        self.agent = Agent(
            mib,
            community=Secret("public"),
            write_community=Secret("private"),
            faults=faults,
            max_message=max_message,
            v3=v3,
        )
        self._udp = UdpAgent(self.agent, clock=clock or SystemClock(), faults=faults)
        self.port = 0

    async def __aenter__(self) -> ServedMib:
        _, self.port = await self._udp.start("127.0.0.1", 0)
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._udp.close()
