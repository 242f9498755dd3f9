"""The reader of SNMPv3: finds the engine, follows its clock, and says what it was told."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

from pdutui.backends.snmp.codec import Response
from pdutui.backends.snmp.exchange import Address, Exchange
from pdutui.backends.snmp.message_reader import MessageReader
from pdutui.backends.snmp.types import GarbledAnswer, Timeout
from pdutui.backends.snmp.usm import UserKeys
from pdutui.backends.snmp.v3_codec import REPORTED, Complaint, V3Codec
from pdutui.backends.snmp.v3_reports import Reported, ReportName, Undecipherable, report_name

_TURNS = 3
"""Sends of one request where a Report says that it was not taken, and can be put right."""
_DISCOVERY_GAP_S = 1.0
"""The engine is looked for at most so often: Reports that say to do so are not signed."""

Build = Callable[[int], bytes]


class V3Conversation:
    """Asks one device as one user, one question at a time, over its own socket.

    A question costs one datagram once the engine is known. A signed notInTimeWindows Report brings
    the right time, and the question is asked again; an unsigned complaint is looked at when the
    wait is over, and only the loss of the engine is put right by asking again. So `wait_s` counts
    for each datagram, and a question takes longer only where the device did answer something.
    """

    def __init__(
        self,
        address: Address,
        keys: UserKeys,
        on_late: Callable[[float], None] | None = None,
        on_extra: Callable[[], None] | None = None,
    ) -> None:
        """Open the socket. Raises OSError.

        Args:
            address: where the device is.
            keys: of the user.
            on_late: as `Exchange`.
            on_extra: called for every datagram beyond one per question.
        """
        self._loop = asyncio.get_running_loop()
        self._on_extra = on_extra or _nothing
        self._looked_s = float("-inf")
        self.codec = V3Codec(keys, self._loop.time)
        self.exchange = Exchange(address, self.codec, on_late)

    async def ask(self, build: Build, wait_s: float) -> Response:
        """Ask, and put right what a Report says can be put right.

        Raises:
            Timeout, GarbledAnswer, OSError: as `Exchange.ask`.
            Reported: the device reported that it does not take the message.
            Undecipherable: it answers, and the privacy key is not the one.
            UsmError: this installation cannot do the user's protocols.
        """
        name: ReportName | None = None
        for turn in range(_TURNS):
            if self.codec.engine is None:
                await self.discover(wait_s)
                self._on_extra()
            if turn:
                self._on_extra()
            response, complaint = await self.once(build, wait_s)
            if complaint is None and response is not None and response.status != REPORTED:
                return response
            name = self._judge(response, complaint)
            if name == "usmStatsNotInTimeWindows" and response is not None:
                continue  # signed: the time is right now
            self._may_look_again()
        self.codec.engine = None
        assert name is not None
        raise Reported(name, self.codec.keys.user, proved=False)

    async def discover(self, wait_s: float) -> None:
        """Find the engine. Raises Timeout, GarbledAnswer, OSError."""
        self._looked_s = self._loop.time()
        await self.exchange.ask(self.codec.discovery, wait_s)

    async def once(
        self, build: Build, wait_s: float, on_sent: Callable[[], None] | None = None
    ) -> tuple[Response | None, Complaint | None]:
        """Send one datagram: the answer to it, a signed Report included, or an unsigned complaint.

        Raises:
            Timeout, GarbledAnswer, OSError: as `Exchange.ask`, where there was no complaint.
        """
        asked = 0

        def numbered(number: int) -> bytes:
            nonlocal asked
            asked = number
            return build(number)

        try:
            return await self.exchange.ask(numbered, wait_s, on_sent), None
        except (Timeout, GarbledAnswer):
            complaint = self.codec.complaint(asked)
            if complaint is None:
                raise
            return None, complaint

    def _judge(self, response: Response | None, complaint: Complaint | None) -> ReportName:
        """What to put right. Raises Reported or Undecipherable where nothing can be."""
        user = self.codec.keys.user
        name: ReportName
        if complaint is not None:
            if complaint.name is None:
                raise Undecipherable(user)
            name = complaint.name
        else:
            name = reported(response)
        if name not in ("usmStatsNotInTimeWindows", "usmStatsUnknownEngineIDs"):
            self.codec.engine = None  # the next question finds out what has changed
            raise Reported(name, user, proved=complaint is None)
        return name

    def _may_look_again(self) -> None:
        """Forget the engine, so that it is looked for; but not for ever and ever."""
        if self._loop.time() - self._looked_s < _DISCOVERY_GAP_S:
            raise Timeout("the engine was looked for a moment ago")
        self.codec.engine = None

    def close(self) -> None:
        """Let go of the socket. May be called twice."""
        self.exchange.close()


class V3Reader(MessageReader):
    """Implements `types.Reader` and `types.TypedReader`; raises what `V3Conversation.ask` does."""

    def __init__(
        self,
        address: Address,
        keys: UserKeys,
        on_late: Callable[[float], None] | None = None,
        on_extra: Callable[[], None] | None = None,
    ) -> None:
        """Open the socket. Raises OSError. Args as `V3Conversation`."""
        self._conversation = V3Conversation(address, keys, on_late, on_extra)
        self._codec = self._conversation.codec
        self._exchange = self._conversation.exchange

    async def _ask(self, build: Build, wait_s: float) -> Response:
        return await self._conversation.ask(build, wait_s)


def reported(response: Response | None) -> ReportName:
    """Which Report a Response of status `REPORTED` is."""
    if response is None or not response.rows:
        return "another report"
    return report_name(response.rows[0][0])


def _nothing() -> None:
    pass
