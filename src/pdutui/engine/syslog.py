"""Records, also sent to a syslog: the audit once it is committed, alarms; by a thread of its own.

`logging.handlers.SysLogHandler` is not used: it connects and sends in whoever's thread logs, it
blocks there on a TCP server that does not read, it frames TCP with a NUL byte where RFC 6587 counts
octets, it knows nothing of structured data, and a record that could not be sent is gone.
"""

from __future__ import annotations

import asyncio
import errno
import logging
import os
import select
import socket
import threading
import time
from collections import deque
from collections.abc import Callable, Sequence
from contextlib import suppress
from typing import Any, Generic, TypeVar

from pdutui.domain.audit import StoredAudit
from pdutui.domain.syslog import SyslogTarget, parse_target, syslog_message
from pdutui.engine.events import Severity
from pdutui.settings import AuditSettings

LOG = logging.getLogger("pdutui.syslog")

MOST = 5000
"""Records that wait while the other end does not answer; then the oldest are dropped."""
FIRST_PAUSE_S = 1.0
LAST_PAUSE_S = 60.0
ANSWER_S = 5.0
"""The longest that one connecting or sending may take."""
REFUSED_S = 0.2
"""By then a machine has said that nobody listens there."""
STOP_S = 2.0
"""How long stopping waits for what is still to be sent."""

Tell = Callable[[Severity, str], None]
Row = TypeVar("Row")


class SyslogSender(Generic[Row]):
    """Takes records in the event loop, and sends them from a thread; never blocks, never raises.

    Args:
        target: Where to.
        message: One record as one message, from the record, the name of this machine and our pid.
            Called in the thread.
        what: What it sends, in what people are told: `audit`.
        tell: Called in the event loop with what people should know: that it does not work, that
            records are dropped, that it works again.
        kept: Where those that are dropped can be found all the same: `the audit itself has them`.
        most: How many records wait at the most.
        first_pause_s: The first pause after a failure; the next ones are twice as long.
    """

    def __init__(
        self,
        target: SyslogTarget,
        message: Callable[[Row, str, int], bytes],
        *,
        what: str,
        tell: Tell,
        kept: str,
        most: int = MOST,
        first_pause_s: float = FIRST_PAUSE_S,
    ) -> None:
        self._target = target
        self._message = message
        self._what = what
        self._kept = kept
        self._tell = tell
        self._most = most
        self._first_pause_s = first_pause_s
        self._waiting: deque[Row] = deque()
        self._turn = threading.Condition()
        """Guards all that both threads touch."""
        self._stopping = False
        self._dropped = 0
        self._failing = False
        self._thread: threading.Thread | None = None
        self._loop: asyncio.AbstractEventLoop | None = None
        self._ended: asyncio.Event | None = None

    # -- in the event loop -------------------------------------------------------------------

    def send(self, records: Sequence[Row]) -> None:
        """Have records sent, in their order."""
        if self._thread is None:
            self._loop, self._ended = asyncio.get_running_loop(), asyncio.Event()
            # A daemon: a server that does not answer must not keep the program from ending.
            self._thread = threading.Thread(target=self._run, name="pdutui-syslog", daemon=True)
            self._thread.start()
        with self._turn:
            first_drop = not self._dropped
            self._waiting.extend(records)
            while len(self._waiting) > self._most:
                self._waiting.popleft()
                self._dropped += 1
            drops = first_drop and self._dropped > 0
            self._turn.notify()
        if drops:
            self._tell(
                "warning",
                f"{self._where}: too many records wait, the oldest are not sent; {self._kept}",
            )

    async def stop(self) -> None:
        """Send what waits, bounded, and end. May be called twice."""
        with self._turn:
            self._stopping = True
            self._turn.notify()
        if self._ended is None:
            return
        with suppress(TimeoutError):
            async with asyncio.timeout(STOP_S):
                await self._ended.wait()
        with self._turn:
            if self._waiting:
                LOG.warning("%s: %d records were not sent", self._where, len(self._waiting))

    @property
    def _where(self) -> str:
        return f"{self._what} to {self._target.said}"

    # -- in the thread -----------------------------------------------------------------------

    def _run(self) -> None:
        link: socket.socket | None = None
        pause_s = self._first_pause_s
        try:
            while (row := self._next()) is not None:
                try:
                    link = self._checked(link) or self._connect()
                    link.sendall(self._framed(row))
                    if self._failing:
                        self._heard_of(link)
                except OSError as error:
                    if link is not None:
                        link.close()
                        link = None
                    self._failed(error)
                    if error.errno == errno.EMSGSIZE:  # and it always will be
                        self._done_with(row, lost=1)
                    elif self._rest(pause_s):
                        return
                    else:
                        pause_s = min(LAST_PAUSE_S, pause_s * 2)
                else:
                    pause_s = self._first_pause_s
                    self._sent(row)
        finally:
            if link is not None:
                link.close()
            if self._ended is not None:
                self._call(self._ended.set)

    def _next(self) -> Row | None:
        """The oldest record that waits, which stays in its place; None when it is over."""
        with self._turn:
            while not self._waiting:
                if self._stopping:
                    return None
                self._turn.wait()
            return self._waiting[0]

    def _rest(self, seconds: float) -> bool:
        """Wait before the next try; whether there is to be none, since the program ends."""
        with self._turn:
            if not self._stopping:
                self._turn.wait_for(lambda: self._stopping, seconds)
            return self._stopping

    def _done_with(self, row: Row, *, lost: int = 0) -> None:
        with self._turn:
            if self._waiting and self._waiting[0] is row:  # it may have been dropped meanwhile
                self._waiting.popleft()
            self._dropped += lost

    def _sent(self, row: Row) -> None:
        self._done_with(row)
        if not self._failing:
            return
        self._failing = False
        with self._turn:
            lost, self._dropped = self._dropped, 0
        less = f"; {lost} records were not sent" if lost else ""
        self._call(self._tell, "info", f"{self._where} works again{less}")

    def _failed(self, error: OSError) -> None:
        if self._failing:
            return
        self._failing = True
        why = error.strerror or str(error) or type(error).__name__
        self._call(
            self._tell, "warning", f"{self._where} does not work ({why.lower()}): records wait"
        )

    def _call(self, function: Callable[..., object], *values: object) -> None:
        if self._loop is not None:
            try:
                self._loop.call_soon_threadsafe(function, *values)
            except RuntimeError:  # the loop is closed: nobody listens any more
                LOG.debug("%s: the program has ended", self._where)

    def _heard_of(self, link: socket.socket) -> None:
        """After trouble with datagrams, see if this one is refused: sending them never fails.

        Raises:
            OSError: It was.
        """
        if self._target.kind == "udp":
            time.sleep(REFUSED_S)
            if code := link.getsockopt(socket.SOL_SOCKET, socket.SO_ERROR):
                raise OSError(code, os.strerror(code))

    def _checked(self, link: socket.socket | None) -> socket.socket | None:
        """A connection that the other end has not closed.

        Into one that it has, the first message would go without an error, and be lost.
        """
        if link is None or self._target.kind != "tcp":
            return link
        readable, _, _ = select.select([link], [], [], 0)
        if readable and not link.recv(4096):
            link.close()
            return None
        return link

    def _connect(self) -> socket.socket:
        target = self._target
        if target.kind == "tcp":
            return socket.create_connection((target.host, target.port), ANSWER_S)
        if target.kind == "unix":
            return _datagrams(socket.AF_UNIX, target.path)
        found = socket.getaddrinfo(target.host, target.port, type=socket.SOCK_DGRAM)
        family, _, _, _, address = found[0]
        return _datagrams(family, address)

    def _framed(self, row: Row) -> bytes:
        message = self._message(row, socket.gethostname(), os.getpid())
        return b"%d %s" % (len(message), message) if self._target.kind == "tcp" else message


class SyslogForwarder(SyslogSender[StoredAudit]):
    """Sends the audit. Arguments as of `SyslogSender`; `facility` by its name."""

    def __init__(
        self,
        target: SyslogTarget,
        facility: str,
        *,
        tell: Tell,
        most: int = MOST,
        first_pause_s: float = FIRST_PAUSE_S,
    ) -> None:
        def message(row: StoredAudit, host: str, pid: int) -> bytes:
            return syslog_message(row, facility=facility, host=host, pid=pid)

        super().__init__(
            target, message, what="audit", tell=tell, kept="the audit itself has them", most=most,
            first_pause_s=first_pause_s,
        )  # fmt: skip

    @classmethod
    def of(cls, settings: AuditSettings, tell: Tell) -> SyslogForwarder | None:
        """The one that is configured; None if none is."""
        if settings.syslog is None:
            return None
        return cls(parse_target(settings.syslog), settings.facility, tell=tell)


def _datagrams(family: int, address: Any) -> socket.socket:
    link = socket.socket(family, socket.SOCK_DGRAM)
    try:
        link.settimeout(ANSWER_S)
        link.connect(address)
    except OSError:
        link.close()
        raise
    return link
