"""The reader over gufo-snmp, whose codec is written in Rust.

gufo is used for GET alone, and at arm's length, for what 0.13 was found to do:

* A datagram cut off inside a length makes its decoder panic: a PanicException (no Exception, and
  not importable) and a stack trace on stderr, which is somebody's screen. So each datagram is
  looked at first, and only what is framed as an answer to us is given to gufo. A datagram that
  queues up behind a stale one escapes that look: gufo reads on by itself. That, and being no
  faster than our own codec, is why it is not the default.
* Answers above 4080 bytes are cut off and raise a decode error, every time they are asked for.
* GETNEXT takes a NULL for the end of the MIB, GETBULK leaves NULL rows out: walks go another way.
* An error answer is an empty dict: the error is read from the frame.

When gufo cannot read a well-framed answer, this reader leaves it for good and carries on by itself.
"""

from __future__ import annotations

import asyncio
import os
import socket
from collections.abc import Callable, Sequence

from gufo.snmp import SnmpAuthError, SnmpError
from gufo.snmp._fast import SnmpV1ClientSocket, SnmpV2cClientSocket

from pdutui.backends.snmp.codec import MAX_DATAGRAM, BerError, Codec
from pdutui.backends.snmp.exchange import Address
from pdutui.backends.snmp.message_reader import MessageReader
from pdutui.backends.snmp.types import (
    ErrorAnswer,
    GarbledAnswer,
    RawValue,
    SnmpVersion,
    Timeout,
)
from pdutui.domain.secret import Secret

_LONGEST = 4080
"""gufo's receive buffer."""


class GufoReader:
    """Implements `types.Reader`."""

    def __init__(
        self,
        address: Address,
        version: SnmpVersion,
        community: Secret,
        on_late: Callable[[float], None] | None = None,
    ) -> None:
        """Open the sockets. Raises OSError."""
        self._loop = asyncio.get_running_loop()
        self._codec = Codec(version, community)
        self._rest = MessageReader(address, self._codec, on_late)
        self._unfit = False
        self._closed = False
        host, port = address.sockaddr[:2]
        where = f"[{host}]:{port}" if address.family == socket.AF_INET6 else f"{host}:{port}"
        make = SnmpV1ClientSocket if version == "1" else SnmpV2cClientSocket
        self._sock = make(where, community.reveal(), 0, 0, 0, 0)
        # A second handle on gufo's socket, to look at datagrams before gufo does.
        self._peek = socket.socket(fileno=os.dup(self._sock.get_fd()))

    async def get(self, oids: Sequence[str], wait_s: float) -> dict[str, RawValue | None]:
        """See `types.Reader.get`. It cannot tell an OID without value from one not spoken of."""
        if self._unfit or self._closed:
            return await self._rest.get(oids, wait_s)
        self._drain()
        asked = list(oids)
        try:
            self._sock.send_get_many(asked)
        except OSError:  # a refusal of the send before, or a real one: then again
            self._sock.send_get_many(asked)
        found = await self._receive(wait_s)
        return {oid: found.get(oid) for oid in asked}

    async def next(self, oid: str, count: int, wait_s: float) -> list[tuple[str, RawValue | None]]:
        """See `types.Reader.next`."""
        return await self._rest.next(oid, count, wait_s)

    async def aclose(self) -> None:
        """Close the sockets. May be called twice."""
        if not self._closed:
            self._closed = True
            self._loop.remove_reader(self._peek.fileno())
            self._peek.close()
        await self._rest.aclose()

    def _drain(self) -> None:
        """Throw away what came since the last answer."""
        for _ in range(64):
            try:
                self._peek.recv(MAX_DATAGRAM)
            except BlockingIOError:
                return
            except OSError:
                continue

    async def _receive(self, wait_s: float) -> dict[str, RawValue]:
        answer: asyncio.Future[dict[str, RawValue] | None] = self._loop.create_future()
        trouble: list[Exception] = []

        def on_readable() -> None:
            try:
                found = self._take()
            except (BlockingIOError, InterruptedError):
                return
            except (GarbledAnswer, OSError) as error:
                trouble.append(error)
            except ErrorAnswer as error:
                if not answer.done():
                    answer.set_exception(error)
            else:
                if not answer.done():
                    answer.set_result(found)

        def give_up() -> None:
            if not answer.done():
                answer.set_result(None)

        self._loop.add_reader(self._peek.fileno(), on_readable)
        timer = self._loop.call_later(wait_s, give_up)
        try:
            found = await answer
        finally:
            timer.cancel()
            if not self._closed:
                self._loop.remove_reader(self._peek.fileno())
        if found is not None:
            return found
        raise trouble[-1] if trouble else Timeout("no answer")

    def _take(self) -> dict[str, RawValue]:
        data = self._peek.recv(MAX_DATAGRAM, socket.MSG_PEEK)
        try:
            status, index = self._codec.frame(data)
        except BerError:
            self._peek.recv(MAX_DATAGRAM)
            raise GarbledAnswer("unreadable answer") from None
        if len(data) > _LONGEST:
            self._peek.recv(MAX_DATAGRAM)
            self._unfit = True
            raise GarbledAnswer("answer too long for gufo")
        try:
            found = self._sock.recv_get_many()
        except SnmpAuthError:  # how it puts authorizationError
            raise ErrorAnswer(status, index) from None
        except SnmpError:
            self._unfit = True
            raise GarbledAnswer("gufo cannot read the answer") from None
        except BaseException as error:
            if type(error).__name__ != "PanicException":
                raise
            self._unfit = True
            raise GarbledAnswer("gufo cannot read the answer") from None
        if status or not found:
            raise ErrorAnswer(status, index)
        return {oid: v for oid, v in found.items() if isinstance(v, int | str | bytes)}
