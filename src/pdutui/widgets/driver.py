"""A terminal driver that survives its terminal.

Textual's own stops the event loop when the terminal stops reading, spins when its input has ended,
and dies of SIGHUP and SIGTERM with the terminal left as it was. Here polling and recording go on
whatever the terminal does: frames that cannot be written are dropped and one whole repaint follows
when it reads again; a terminal that is gone ends the console with 129, SIGTERM with 143.
"""

from __future__ import annotations

import asyncio
import os
import selectors
import signal
from codecs import getincrementaldecoder
from collections.abc import Callable
from queue import Empty, Full, Queue
from typing import Protocol, TextIO, cast

from textual._parser import ParseError
from textual._xterm_parser import XTermParser
from textual.drivers._writer_thread import WriterThread
from textual.drivers.linux_driver import LinuxDriver

HANGUP_CODE = 128 + signal.SIGHUP
QUEUED_WRITES = 30
_LEAVING = "\x1b[?1049l"
"""The sequence that leaves the alternate screen: never dropped."""
_CHUNK = 4096


class Host(Protocol):
    """What the driver asks of the app."""

    def exit(self, result: int | None = None, return_code: int = 0) -> None:
        """Leave in good order."""
        ...

    def repaint(self) -> None:
        """Paint everything anew."""
        ...


class SafeWriter(WriterThread):
    """Writes in a thread and never makes anybody wait.

    Args:
        file: The terminal; written to by its file descriptor, since a buffered file that blocks
            would hang the interpreter when it exits.
        on_dead: Called from the thread once the terminal cannot be written to any more.
        on_drained: Called from the thread when a terminal that had stopped reads again.
    """

    def __init__(
        self, file: TextIO, on_dead: Callable[[], None], on_drained: Callable[[], None]
    ) -> None:
        super().__init__(file)
        self._queue: Queue[str | None] = Queue(QUEUED_WRITES)
        self._on_dead, self._on_drained = on_dead, on_drained
        self._encoding = file.encoding or "utf-8"
        self.dead = False
        self.dropping = False
        self.dropped = 0

    def write(self, text: str) -> None:
        """Queue text, or drop it where the terminal does not take any."""
        if self.dead:
            return
        if self.dropping and _LEAVING not in text:
            self.dropped += 1
            return
        try:
            self._queue.put_nowait(text)
        except Full:
            if _LEAVING in text:
                self._make_room(text)
            else:
                self.dropping = True
                self.dropped += 1

    def _make_room(self, text: str) -> None:
        """The last words take the place of frames that nobody will see."""
        try:
            while True:
                self._queue.get_nowait()
        except Empty:
            self._queue.put_nowait(text)

    def run(self) -> None:
        """Write what is queued until told to stop."""
        while (text := self._queue.get()) is not None:
            if self.dead:
                continue
            try:
                self._put(text.encode(self._encoding, "replace"))
            except OSError:
                self.dead = True
                self._on_dead()
            if self.dropping and self._queue.empty():
                self.dropping = False
                self._on_drained()

    def _put(self, data: bytes) -> None:
        fd = self._file.fileno()
        while data:
            try:
                data = data[os.write(fd, data[:_CHUNK]) :]
            except BlockingIOError:
                # Somebody made the terminal non-blocking (ssh does): wait until it takes more.
                with selectors.SelectSelector() as selector:
                    selector.register(fd, selectors.EVENT_WRITE)
                    selector.select(0.5)

    def stop(self) -> None:
        """Let the thread finish, for a moment; a terminal that hangs must not hang the exit."""
        try:
            self._queue.put(None, timeout=0.3)
        except Full:
            return
        self.join(timeout=0.7)


class SafeDriver(LinuxDriver):
    """Textual's driver for POSIX terminals, made to survive them."""

    _writer: SafeWriter | None = None
    _hung_up = False

    @property
    def _writer_thread(self) -> SafeWriter | None:
        return self._writer

    @_writer_thread.setter
    def _writer_thread(self, thread: WriterThread | None) -> None:
        # The stock driver makes its own writer and assigns it here; it is never started.
        if thread is None:
            self._writer = None
        else:
            assert self._file is not None
            self._writer = SafeWriter(self._file, self._on_dead, self._on_drained)

    @property
    def _host(self) -> Host:
        return cast(Host, self._app)

    def write(self, data: str) -> None:
        """Write, unless the driver is not in application mode: late frames are of no use."""
        if self._writer is not None:
            self._writer.write(data)

    def start_application_mode(self) -> None:
        """Take over the terminal, and the signals that mean that it is time to go."""
        super().start_application_mode()  # type: ignore[no-untyped-call]
        loop = asyncio.get_running_loop()
        for number in (signal.SIGHUP, signal.SIGTERM, signal.SIGINT):
            loop.add_signal_handler(number, self._leave, 128 + number)
        self._host.repaint()

    def _leave(self, code: int) -> None:
        if not self._hung_up:
            self._hung_up = code == HANGUP_CODE
            self._host.exit(return_code=code)

    def _from_thread(self, call: Callable[[], object]) -> None:
        if not self._loop.is_closed():
            try:
                self._loop.call_soon_threadsafe(call)
            except RuntimeError:
                # The loop closed between the two lines: nobody is left to be told.
                return

    def _on_dead(self) -> None:
        self._from_thread(lambda: self._leave(HANGUP_CODE))

    def _on_drained(self) -> None:
        self._from_thread(self._host.repaint)

    def _run_input_thread(self) -> None:
        try:
            self.run_input_thread()
        except OSError:
            self._on_dead()

    def run_input_thread(self) -> None:
        """Read keys until the driver stops; input that has ended is a terminal that is gone."""
        parser = XTermParser(self._debug)
        decode = getincrementaldecoder("utf-8")(errors="replace").decode
        with selectors.SelectSelector() as selector:
            selector.register(self.fileno, selectors.EVENT_READ)
            while not self.exit_event.is_set():
                if selector.select(0.1):
                    data = os.read(self.fileno, _CHUNK)
                    if not data:
                        self._on_dead()
                        break
                    for event in parser.feed(decode(data)):
                        self.process_message(event)
                for event in parser.tick():
                    self.process_message(event)
        try:
            for _ in parser.feed(""):
                pass
        except (EOFError, ParseError):
            return


def let_go_of_terminal() -> None:
    """Point the standard streams to nowhere: after a hangup, flushing them at exit would fail."""
    nowhere = os.open(os.devnull, os.O_RDWR)
    for fd in (0, 1, 2):
        os.dup2(nowhere, fd)
    os.close(nowhere)
