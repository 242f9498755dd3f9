"""One UDP conversation with one device: a datagram out, the answer to it in.

The socket is connected, so the kernel drops whatever another host sends and hands over ICMP
refusals. Answers are matched by request id; what is late, doubled or broken never ends a wait.
"""

from __future__ import annotations

import asyncio
import os
import socket
from collections import OrderedDict
from collections.abc import Callable
from typing import NamedTuple, Protocol

from pdutui.backends.snmp.codec import MAX_DATAGRAM, BerError, Response
from pdutui.backends.snmp.types import GarbledAnswer, Timeout

_BATCH = 64
"""Datagrams taken in one turn of the loop, so that a flood cannot hold it."""
_REMEMBERED = 16
"""Unanswered sends whose answers are still recognised when they come late."""


class Address(NamedTuple):
    """A resolved place to send to, as the socket module wants it."""

    family: int
    sockaddr: tuple[str, int] | tuple[str, int, int, int]


class Decoder(Protocol):
    """Reads responses; raises BerError for anything that is none."""

    def decode(self, data: bytes) -> Response:
        """The response in a datagram."""
        ...


def connected_socket(address: Address) -> socket.socket:
    """A non-blocking UDP socket that talks to `address` only. Raises OSError."""
    sock = socket.socket(address.family, socket.SOCK_DGRAM)
    try:
        sock.setblocking(False)
        sock.connect(address.sockaddr)
    except OSError:
        sock.close()
        raise
    return sock


def send_now(sock: socket.socket, data: bytes) -> None:
    """Send one datagram. Raises OSError if it did not leave.

    A refusal of an earlier datagram is reported by the next send, which then does not send: that
    one is tried again. So an error means that nothing has gone out.
    """
    try:
        sock.send(data)
    except ConnectionRefusedError:
        sock.send(data)


def new_request_id() -> int:
    """A number nobody can guess, always four octets long."""
    return 0x0100_0000 | int.from_bytes(os.urandom(4), "big") & 0x7FFF_FFFF


class Exchange:
    """Asks one question at a time over its own socket."""

    def __init__(
        self,
        address: Address,
        decoder: Decoder,
        on_late: Callable[[float], None] | None = None,
    ) -> None:
        """Open the socket in the running loop. Raises OSError.

        Args:
            address: where the device is.
            decoder: reads what comes in.
            on_late: called with the age in seconds when an answer comes after its wait was over.
        """
        self._loop = asyncio.get_running_loop()
        self._decoder = decoder
        self._on_late = on_late
        self._sent: OrderedDict[int, float] = OrderedDict()
        self._wanted: int | None = None
        self._answer: asyncio.Future[Response | None] | None = None
        self._garbled = False
        self._error: OSError | None = None
        self._deadline_s = 0.0
        self._timer: asyncio.TimerHandle | None = None
        self._sock: socket.socket | None = connected_socket(address)
        self._loop.add_reader(self._sock.fileno(), self._on_readable)

    async def ask(
        self,
        build: Callable[[int], bytes],
        wait_s: float,
        on_sent: Callable[[], None] | None = None,
    ) -> Response:
        """Send `build(request id)` once and wait for the response to it.

        Raises:
            Timeout: nothing came back in time.
            GarbledAnswer: the same, but something unreadable did.
            OSError: it could not be sent, or the device's host refused it (raised when the wait is
                over: an answer may come all the same).
        """
        if self._sock is None:
            raise OSError("socket is closed")
        request_id = new_request_id()
        data = build(request_id)
        self._garbled, self._error = False, None
        answer: asyncio.Future[Response | None] = self._loop.create_future()
        self._answer = answer
        self._wanted = request_id
        try:
            send_now(self._sock, data)
            sent_at = self._loop.time()
            if on_sent is not None:
                on_sent()
            self._expire_at(sent_at + wait_s)
            response = await answer
        finally:
            self._wanted = self._answer = None
        if response is not None:
            return response
        self._remember(request_id, sent_at)
        if self._error is not None:
            raise self._error
        if self._garbled:
            raise GarbledAnswer("unreadable answer")
        raise Timeout("no answer")

    def _expire_at(self, deadline_s: float) -> None:
        """End the wait then. A timer that is set for an earlier moment is left to look again."""
        self._deadline_s = deadline_s
        if self._timer is not None:
            if self._timer.when() <= deadline_s:
                return
            self._timer.cancel()
        self._timer = self._loop.call_at(deadline_s, self._expired)

    def _expired(self) -> None:
        self._timer = None
        if self._answer is None or self._answer.done():
            return
        if self._loop.time() < self._deadline_s:
            self._timer = self._loop.call_at(self._deadline_s, self._expired)
        else:
            self._answer.set_result(None)

    def _remember(self, request_id: int, sent_at: float) -> None:
        self._sent[request_id] = sent_at
        while len(self._sent) > _REMEMBERED:
            self._sent.popitem(last=False)

    def _on_readable(self) -> None:
        # With the answer in hand the rest can wait: a look for more would cost a system call a
        # poll, and whatever is there calls again.
        for _ in range(_BATCH):
            if self._sock is None:
                return
            try:
                data = self._sock.recv(MAX_DATAGRAM)
            except (BlockingIOError, InterruptedError):
                return
            except OSError as error:
                self._error = error
                return
            if self._take(data):
                return

    def _take(self, data: bytes) -> bool:
        """Look at a datagram; whether it is the answer that is waited for."""
        try:
            response = self._decoder.decode(data)
        except BerError:
            self._garbled = True
            return False
        if response.request_id == self._wanted:
            if self._answer is not None and not self._answer.done():
                self._answer.set_result(response)
            self._wanted = None
            return True
        sent_at = self._sent.pop(response.request_id, None)
        if sent_at is not None and self._on_late is not None:
            self._on_late(self._loop.time() - sent_at)
        return False

    def close(self) -> None:
        """Let go of the socket; a question under way ends as unanswered. May be called twice."""
        if self._sock is None:
            return
        self._loop.remove_reader(self._sock.fileno())
        self._sock.close()
        self._sock = None
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        if self._answer is not None and not self._answer.done():
            self._answer.set_result(None)
