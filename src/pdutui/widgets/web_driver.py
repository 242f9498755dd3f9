"""The driver of a console in a browser, that survives the browser.

Textual's own writes to the server's pipe from the event loop: a browser that does not read would
stop polling. And it lives on when the server has died. Here frames go the way of `SafeWriter`, and
input that has ended is the end.
"""

from __future__ import annotations

import asyncio
import signal
import sys
from collections.abc import Callable

from textual import events, messages
from textual.drivers.web_driver import WebDriver
from textual.message import Message

from pdutui.widgets.driver import HANGUP_CODE, Host
from pdutui.widgets.writer import SafeWriter

BEAT_S = 5.0
"""How often a browser hears of a console that has nothing to say, in seconds: by its silence the
page knows that what it shows is old."""


class PacketWriter(SafeWriter):
    """Writes what is drawn as packets of textual-serve's."""

    CHUNK = 1 << 16

    def packed(self, data: bytes) -> bytes:
        """One packet."""
        return b"D" + len(data).to_bytes(4, "big") + data


class SafeWebDriver(WebDriver):
    """Textual's driver for a console in a browser."""

    _writer: PacketWriter | None = None
    _first: list[str] | None = None
    _loop_of_app: asyncio.AbstractEventLoop | None = None

    def write(self, data: str) -> None:
        """Queue what is drawn."""
        if self._first is not None:
            self._first.append(data)
        elif self._writer is not None:
            self._writer.write(data)

    def start_application_mode(self) -> None:
        """Begin to write, in a thread."""
        assert sys.__stdout__ is not None
        self._loop_of_app = asyncio.get_running_loop()
        # There is no terminal that could have hung up: it means the configuration.
        self._loop_of_app.add_signal_handler(signal.SIGHUP, self._host.reread)
        # The first bytes are the sign to the server that this is an app: they go before the thread.
        first = self._first = list[str]()
        super().start_application_mode()
        self._writer = PacketWriter(sys.__stdout__, self._gone, self._empty)
        self._writer.start()
        self._first = None
        self._writer.write("".join(first))
        self._host.line = self
        self._host.action_repaint()
        self._beat(self._loop_of_app)

    def process_message(self, message: Message) -> None:
        """Pass on what somebody does; but not sizes written as keys, which know no bounds."""
        if not isinstance(message, events.Resize | messages.InBandWindowResize):
            super().process_message(message)

    def wait(self) -> float | None:
        """0: a frame may be sent; None: once the server has taken the last one."""
        return None if self._writer is not None and self._writer.call_me() else 0.0

    @property
    def room(self) -> int | None:
        """Frames are sent whole."""
        return None

    def sent(self, size: int) -> None:
        """How fast the browser is nobody knows."""

    def touched(self) -> None:
        """A key: frames go at once anyway."""

    def stop_application_mode(self) -> None:
        """Let what is queued out, for a moment, and say that it is over."""
        if self._writer is not None:
            self._writer.stop()
            stuck = self._writer.dead or self._writer.is_alive()
            self._writer = None
            if stuck:  # one word more would wait for ever
                self.exit_event.set()
                self._input_reader.close()
                return
        super().stop_application_mode()

    def run_input_thread(self) -> None:
        """Take in keys until the driver stops; input that has ended is a server that is gone."""
        super().run_input_thread()
        if not self.exit_event.is_set():
            self._gone()

    def _beat(self, loop: asyncio.AbstractEventLoop) -> None:
        if self._writer is not None:
            self._writer.write("")
            loop.call_later(BEAT_S, self._beat, loop)

    @property
    def _host(self) -> Host:
        return self._app  # type: ignore[return-value]

    def _gone(self) -> None:
        self._from_thread(lambda: self._host.exit(return_code=HANGUP_CODE))

    def _empty(self, lost: bool) -> None:
        self._from_thread(self._host.action_repaint if lost else self._host.line_ready)

    def _from_thread(self, call: Callable[[], object]) -> None:
        loop = self._loop_of_app
        if loop is None or loop.is_closed():
            return
        try:
            loop.call_soon_threadsafe(call)
        except RuntimeError:
            return  # it closed between the two lines: nobody is left to be told
