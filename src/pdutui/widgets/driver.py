"""A terminal driver that survives its terminal.

Textual's own stops the event loop when the terminal stops reading, spins when its input has ended,
and dies of SIGHUP and SIGTERM with the terminal left as it was. Here polling and recording go on
whatever the terminal does: no frame is made before the last one has been taken, so that what the
terminal shows is always known and never old; a terminal that is gone ends the console with 129,
SIGTERM with 143.
"""

from __future__ import annotations

import asyncio
import fcntl
import os
import selectors
import signal
import struct
import sys
import termios
import time
from codecs import getincrementaldecoder
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, Protocol, cast

from textual.constants import ESCAPE_DELAY
from textual.drivers._writer_thread import WriterThread
from textual.drivers.linux_driver import LinuxDriver

from pdutui.widgets.answers import Answers
from pdutui.widgets.hangup import terminal_there
from pdutui.widgets.keyboard import Keyboard
from pdutui.widgets.pace import ASK, GIVEN_UP_S, PTY_HOLDS, Pace
from pdutui.widgets.writer import SafeWriter

if TYPE_CHECKING:
    from textual.app import App

    from pdutui.widgets.diffing import Line

HANGUP_CODE = 128 + signal.SIGHUP
_CHUNK = 4096
_UNTOLD = 38_400
"""The speed of a line that has none: of every pseudo-terminal and of the Linux console."""
_LAST_ANSWER_S = 0.3
"""So long an answer is waited for in the end, so that it is not typed at the shell's prompt."""
_ON_THE_WAY = 64
"""So many bytes may still wait in the kernel for a serial line when the next frame is made."""
_WIPED = "\x1b[?2026l\x1b[0m\x1b[2J\x1b[H"
"""A frame that was cut is at an end, and nothing of it stays: the Linux console, a VT100 and GNU
screen as it comes have no screen beside this one, and old figures would look like new ones."""
_LISTEN_S = 0.1
"""How often the parser is asked whether what has begun is a key of its own."""
_SETTLED_S = 1.0 + ESCAPE_DELAY
"""So long after the last byte nothing has begun any more: from then on a key alone wakes us."""
_SELECTABLE = 1024
"""`select` knows no descriptor from here on; it is what terminals of all systems can do."""
_BAUD = {
    getattr(termios, f"B{baud}"): baud
    for baud in (300, 600, 1200, 2400, 4800, 9600, 19_200, 38_400, 57_600, 115_200)
}


class Host(Protocol):
    """What the driver asks of the app."""

    def exit(self, result: int | None = None, return_code: int = 0) -> None:
        """Leave in good order."""
        ...

    def reread(self) -> bool:
        """Begin to read the configuration again; False where there is none to be read."""
        ...

    line: Line | None

    @property
    def deaf(self) -> bool:
        """Whether it goes on without keys where its input has ended, and the terminal has not."""
        ...

    def action_repaint(self) -> None:
        """Clear the terminal and paint everything."""
        ...

    def line_ready(self) -> None:
        """The terminal takes another frame."""
        ...


class SafeDriver(LinuxDriver):
    """Textual's driver for POSIX terminals, made to survive them."""

    _writer: SafeWriter | None = None
    _pace: Pace | None = None
    _hung_up = False
    _answer_until = 0.0
    """Up to this moment, of the monotonic clock, an answer of the terminal may come; 0: none."""
    _asked = 0
    _waiting = False
    """The terminal is wanted, and is not ours yet, or not any more."""
    _enough: tuple[int, int] | None = None
    """A pipe: what is written into it ends the input's thread."""

    def __init__(self, app: App[object], **how: Any) -> None:
        self._unsaid: list[str] = []
        """Written, and not handed over to the thread yet: a frame wakes it once."""
        super().__init__(app, **how)
        out, err = sys.__stdout__, sys.__stderr__
        if out is not None and out.isatty() and not (err is not None and err.isatty()):
            self._file = out  # `2>log` is where errors are to go, not the screen

    @property
    def _writer_thread(self) -> SafeWriter | None:
        return self._writer

    @_writer_thread.setter
    def _writer_thread(self, thread: WriterThread | None) -> None:
        # The stock driver makes its own writer and assigns it here; it is never started.
        self._unsaid.clear()
        if thread is None:
            self._writer = None
        else:
            assert self._file is not None
            self._waiting = False  # from here on nothing keeps it from us
            self._writer = SafeWriter(self._file, self._on_dead, self._on_empty)

    @property
    def _host(self) -> Host:
        return cast(Host, self._app)

    def write(self, data: str) -> None:
        """Write, unless the driver is not in application mode: late frames are of no use."""
        if self._writer is not None:
            if not self._unsaid and self._loop.is_running():
                self._loop.call_soon(self.flush)  # for what nobody flushes
            self._unsaid.append(data)

    def flush(self) -> None:
        """Hand over what was written."""
        text = "".join(self._unsaid)
        self._unsaid.clear()
        if text and self._writer is not None:
            self._writer.write(text)

    def start_application_mode(self) -> None:
        """Take over the terminal, and the signals that mean that it is time to go."""
        pace = self._pace = Pace(time.monotonic, line_rate(self.fileno))
        self._host.line = self
        self._enough = self._enough or _pipe()
        self._waiting = True
        super().start_application_mode()  # type: ignore[no-untyped-call]
        if self._waiting or self._pace is not pace:
            # A job in the background has stood still in there: it is for SIGCONT to take the
            # terminal, or SIGCONT has come meanwhile and done all this.
            return
        loop = asyncio.get_running_loop()
        loop.add_signal_handler(signal.SIGHUP, self._hangup)
        for number in (signal.SIGTERM, signal.SIGINT):
            loop.add_signal_handler(number, self._leave, 128 + number)
        # While nothing else is on its way: how long an answer takes at the best.
        self._ask()
        self.flush()  # this may be a signal's handler, which wakes no loop
        self._host.action_repaint()

    def stop_application_mode(self) -> None:
        """Give the terminal back; frames that it has not taken yet are of no use."""
        self._unsaid.clear()
        if self._writer is not None:
            self._writer.last_words()
        self.write(_WIPED)
        super().stop_application_mode()

    def _query_in_band_window_resize(self) -> None:
        """Nothing: the kernel tells of other sizes."""

    def _sigtstp_application(self, *_: object) -> None:
        """SIGTSTP: give the terminal back, and stand still."""
        self._waiting = self._waiting or self._auto_restart
        super()._sigtstp_application()

    def _sigcont_application(self, *_: object) -> None:
        """SIGCONT: take the terminal again, if it was given back.

        It also follows a SIGTERM of systemd's, a hangup, and a SIGSTOP, of which nobody is told:
        who takes the terminal twice puts it in order by what it was when it was his already.
        """
        if self._waiting:
            super()._sigcont_application()
        else:
            self._from_thread(self._host.action_repaint)

    def disable_input(self) -> None:
        """No more keys; an answer that is on its way is still taken off the line."""
        end = time.monotonic() + _LAST_ANSWER_S
        while self._answer_due() and time.monotonic() < end:
            time.sleep(0.01)
        enough, self._enough = self._enough, None
        if enough is not None:
            os.write(enough[1], b"\0")
        super().disable_input()  # waits for the thread
        for end_of_pipe in enough or ():
            os.close(end_of_pipe)

    def _answer_due(self) -> bool:
        thread, pace = self._key_thread, self._pace
        alive = thread is not None and thread.is_alive()
        return alive and pace is not None and pace.answers and self._expecting

    @property
    def _expecting(self) -> bool:
        return time.monotonic() < self._answer_until

    # the line

    def wait(self) -> float | None:
        """Seconds until a frame may be sent, 0 for now; None: `line_ready` will be called."""
        self.flush()
        writer, pace = self._writer, self._pace
        if writer is None or pace is None:
            return 0.0
        if writer.call_me():
            return None
        if writer.measured is not None:
            pace.measured(writer.measured, PTY_HOLDS if _pseudo(self.fileno) else 0)
            writer.measured = None
        return 0.05 if _queued(self.fileno) > _ON_THE_WAY else pace.wait()

    @property
    def room(self) -> int | None:
        """The most bytes that the next frame should have; None: all of it."""
        return self._pace.room if self._pace is not None else None

    def sent(self, size: int) -> None:
        """A frame of so many bytes was written."""
        if self._pace is not None and self._pace.sent(size):
            self._ask()

    def touched(self) -> None:
        """A key was pressed: its echo goes first."""
        if self._pace is not None:
            self._pace.touched()

    def _ask(self) -> None:
        if self._pace is not None and self.input_tty:
            self._answer_until = time.monotonic() + GIVEN_UP_S
            for _ in range(1 if self._pace.answers else len(ASK)):
                self._asked = self._pace.asked()
                self.write(ASK[self._asked])

    def _heard(self, kind: int) -> None:
        """Called from the input's thread: the terminal has answered."""
        if kind == self._asked:
            self._answer_until = 0.0
        self._from_thread(lambda: self._on_answer(kind))

    def _on_answer(self, kind: int) -> None:
        if self._pace is not None:
            self._pace.answered(kind)
        self._host.line_ready()

    # its end

    def _hangup(self) -> None:
        """SIGHUP: the terminal has gone, or the configuration is to be read again."""
        if not (self._screen_there() and self._host.reread()):
            self._leave(HANGUP_CODE)

    def _screen_there(self) -> bool:
        """Whether the terminal is there: for a kiosk that of the frames, whose keys may be gone."""
        if self._host.deaf and self._file is not None:
            return terminal_there(self._file.fileno())
        return terminal_there(self.fileno)

    def _on_end_of_input(self) -> None:
        """No key will come any more."""
        if not (self._host.deaf and self._screen_there()):
            self._on_dead()

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

    def _on_empty(self, lost: bool) -> None:
        self._from_thread(self._host.action_repaint if lost else self._host.line_ready)

    def _run_input_thread(self) -> None:
        try:
            self.run_input_thread()
        except OSError:
            self._on_end_of_input()

    def run_input_thread(self) -> None:
        """Read keys until the driver stops; while none is pressed, sleep.

        Input that has ended is a terminal that is gone, but for a kiosk whose terminal is there.
        """
        keyboard = Keyboard(self._debug)
        decode = getincrementaldecoder("utf-8")(errors="replace").decode
        answers = Answers(self._heard)
        enough, idle_s = self._enough, 0.0
        with selectors.SelectSelector() as selector:
            selector.register(self.fileno, selectors.EVENT_READ)
            if enough is not None:
                selector.register(enough[0], selectors.EVENT_READ)
            while not self.exit_event.is_set():
                settled = enough is not None and idle_s >= _SETTLED_S
                ready = [key.fd for key, _ in selector.select(None if settled else _LISTEN_S)]
                if enough is not None and enough[0] in ready:
                    break
                idle_s = 0.0 if ready else idle_s + _LISTEN_S
                if ready:
                    data = os.read(self.fileno, _CHUNK)
                    if not data:
                        self._on_end_of_input()
                        break
                    typed = answers.sift(decode(data), expected=self._expecting)
                else:
                    typed = answers.rest()
                for event in keyboard.typed(typed):
                    self.process_message(event)
        keyboard.end()


def line_rate(fd: int) -> float | None:
    """Bytes a second of a serial line; None where the line has no speed of its own.

    SSH hands the speed of the terminal it was started in on to the far end.
    """
    try:
        speed = termios.tcgetattr(fd)[5]
    except termios.error:
        return None
    baud = _BAUD.get(speed)
    return baud / 10 if baud is not None and baud != _UNTOLD else None


def _pipe() -> tuple[int, int] | None:
    """A pipe that `select` knows; None where so many files are open that there is none."""
    try:
        ends = os.pipe()
    except OSError:
        return None
    if max(ends) < _SELECTABLE:
        return ends
    for end in ends:
        os.close(end)
    return None


def _pseudo(fd: int) -> bool:
    """Whether it is a pseudo-terminal of Linux."""
    try:
        return os.ttyname(fd).startswith("/dev/pts/")
    except OSError:
        return False


def _queued(fd: int) -> int:
    """Bytes that wait in the kernel for a serial line; 0 where it does not say."""
    try:
        answer = fcntl.ioctl(fd, termios.TIOCOUTQ, b"\0\0\0\0")
    except OSError:
        return 0
    return int(struct.unpack("i", answer)[0])


def let_go_of_terminal() -> None:
    """Point the standard streams to nowhere: after a hangup, flushing them at exit would fail."""
    nowhere = os.open(os.devnull, os.O_RDWR)
    for fd in (0, 1, 2):
        os.dup2(nowhere, fd)
    os.close(nowhere)
