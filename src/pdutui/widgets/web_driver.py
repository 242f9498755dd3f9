"""The driver of a console in a browser, that survives the browser.

Textual's own writes to the server's pipe from the event loop: a browser that does not read would
stop polling. And it lives on when the server has died. Here frames go the way of `SafeWriter`, and
input that has ended is the end.
"""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Callable

from textual.drivers.web_driver import WebDriver

from pdutui.widgets.driver import HANGUP_CODE, Host
from pdutui.widgets.writer import SafeWriter


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
        # The first bytes are the sign to the server that this is an app: they go before the thread.
        first = self._first = list[str]()
        super().start_application_mode()
        self._writer = PacketWriter(sys.__stdout__, self._gone, self._empty)
        self._writer.start()
        self._first = None
        self._writer.write("".join(first))
        self._host.line = self
        self._host.action_repaint()

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
            dead, self._writer = self._writer.dead, None
            if dead:
                self.exit_event.set()
                self._input_reader.close()
                return
        super().stop_application_mode()

    def run_input_thread(self) -> None:
        """Take in keys until the driver stops; input that has ended is a server that is gone."""
        super().run_input_thread()
        if not self.exit_event.is_set():
            self._gone()

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
