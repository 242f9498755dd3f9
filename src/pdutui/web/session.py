"""One browser's console: a program of its own, fed and read through pipes."""

from __future__ import annotations

import asyncio
import json
import logging
import os
import signal
from asyncio.subprocess import PIPE, Process
from collections.abc import Awaitable, Callable, Mapping, Sequence
from contextlib import suppress

from textual_serve.app_service import AppService
from textual_serve.download_manager import DownloadManager

from pdutui.domain.naming import printable

LOG = logging.getLogger("pdutui.web")
LEAST, MOST_COLUMNS, MOST_ROWS = 20, 500, 200
"""Sizes that a browser may ask for; anything else is brought inside."""
QUIT_S = 4.0
"""So long a console may take to leave by itself, a command in flight included; then it is ended."""
KILL_S = 6.0
DEAF_S = 10.0
"""A console that takes no key for so long hangs: it is ended."""
HELLO = b"__GANGLION__\n"
"""What a console says before its first packet."""
_SAID = 4096
"""So many bytes of its last words are kept."""
DRIVER = "pdutui.widgets.web_driver:SafeWebDriver"


class ConsoleSession(AppService):
    """Textual's service of an app, without a shell, with an end that comes.

    Args:
        command: the console's program and its arguments.
        env: its environment.
        write_bytes: sends to the browser; waits while that does not read.
        write_str: the same for text.
        close: closes the connection, and tells the browser why, where there is something to tell.
        downloads: textual-serve's; the console offers none.
    """

    def __init__(
        self,
        command: Sequence[str],
        env: Mapping[str, str],
        *,
        write_bytes: Callable[[bytes], Awaitable[None]],
        write_str: Callable[[str], Awaitable[None]],
        close: Callable[[str], Awaitable[object]],
        downloads: DownloadManager,
    ) -> None:
        async def closed() -> None:
            await close(self.why)

        super().__init__(
            command[0],
            write_bytes=write_bytes,
            write_str=write_str,
            close=closed,
            download_manager=downloads,
        )
        self._argv, self._env = tuple(command), dict(env)
        self._unheard = self._greeted = False
        self.why = ""
        """Why it has ended, where it did so by itself and not well."""

    def _build_environment(self, width: int = 80, height: int = 24) -> dict[str, str]:
        """What the console needs to speak to a browser, on top of the server's own variables."""
        return {
            **self._env,
            "TEXTUAL_DRIVER": DRIVER,
            "TEXTUAL_COLOR_SYSTEM": "truecolor",
            "TERM": "xterm-256color",
            "COLORTERM": "truecolor",
            "PYTHONUTF8": "1",
            "COLUMNS": str(width),
            "ROWS": str(height),
        }

    async def _open_app_process(self, width: int = 80, height: int = 24) -> Process:
        self._process = await asyncio.create_subprocess_exec(
            *self._argv,
            stdin=PIPE,
            stdout=PIPE,
            stderr=PIPE,
            env=self._build_environment(width, height),
            start_new_session=True,  # Ctrl+C at the server is not the consoles' to take
        )
        assert self._process.stdin is not None
        self._stdin = self._process.stdin
        return self._process

    async def start(self, width: int, height: int) -> None:
        """Start the console at a size."""
        await super().start(*fitting(width, height))

    async def set_terminal_size(self, width: int, height: int) -> None:
        """Tell it of another size."""
        await super().set_terminal_size(*fitting(width, height))

    async def send_bytes(self, data: bytes) -> bool:
        """Keys for it; False where it does not take them."""
        return await self._give(self.encode_packet(b"D", data))

    async def send_meta(self, data: dict[str, str | int | bool | None]) -> bool:
        """Word of the browser for it; False where it does not take it."""
        return await self._give(self.encode_packet(b"M", json.dumps(data).encode()))

    async def _give(self, packet: bytes) -> bool:
        process = self._process
        assert process is not None
        try:
            async with asyncio.timeout(DEAF_S):
                self.stdin.write(packet)
                await self.stdin.drain()
        except TimeoutError:
            self.why = "The console hung, and was ended."
            LOG.warning("a console took nothing for %.0f s, and was ended", DEAF_S)
            _signal(process, signal.SIGKILL)
            return False
        except (ConnectionError, RuntimeError):
            return False  # it has ended
        return True

    async def on_data(self, payload: bytes) -> None:
        """Pass on what it draws. Without a browser it is still taken, so that it can leave."""
        if self._unheard:
            return
        try:
            await super().on_data(payload)
        except (ConnectionError, RuntimeError):
            self._unheard = True

    async def on_meta(self, data: bytes) -> None:
        """What else it says. That it leaves is none of it: how it ended is known when it has."""
        if json.loads(data)["type"] != "exit":
            await super().on_meta(data)

    async def run(self) -> None:
        """Pass on what it draws until it ends; the browser is told then, and why."""
        process = self._process
        assert process is not None
        assert process.stdout is not None
        assert process.stderr is not None
        last_words = asyncio.create_task(_tail(process.stderr))
        try:
            with suppress(asyncio.IncompleteReadError):
                await self._packets(process.stdout)
            with suppress(TimeoutError):
                async with asyncio.timeout(KILL_S):
                    self._ended(await last_words, await process.wait())
        finally:
            last_words.cancel()
            with suppress(ConnectionError, RuntimeError):
                await self.remote_close()

    async def _packets(self, stdout: asyncio.StreamReader) -> None:
        while await stdout.readline() not in (HELLO, b""):
            pass
        self._greeted = True
        while True:
            head = await stdout.readexactly(5)
            payload = await stdout.readexactly(int.from_bytes(head[1:], "big"))
            if head[:1] == b"D":
                await self.on_data(payload)
            elif head[:1] == b"M":
                await self.on_meta(payload)

    def _ended(self, said: bytes, code: int) -> None:
        words = " ".join(said.decode("utf-8", "replace").split())
        if words:
            LOG.warning("a console said: %s", printable(words))
        if self._task is None or self.why or not code:
            return
        self.why = printable(words)
        if code < 0:
            self.why = f"Something ended it: signal {-code}."

    def read_again(self) -> None:
        """Have it read the configuration again; one that has only just begun has read it."""
        if self._process is not None and self._greeted:
            with suppress(ProcessLookupError):
                self._process.send_signal(signal.SIGHUP)

    async def stop(self) -> None:
        """Ask it to leave, then make it. May be called twice."""
        task, process = self._task, self._process
        self._task = None
        if task is None or process is None:
            return
        with suppress(TimeoutError):
            async with asyncio.timeout(QUIT_S):
                if process.returncode is None:
                    await self.send_meta({"type": "quit"})
                await process.wait()
        for wait_s, number in ((KILL_S, signal.SIGTERM), (KILL_S, signal.SIGKILL)):
            if process.returncode is not None:
                break
            _signal(process, number)
            with suppress(TimeoutError):
                async with asyncio.timeout(wait_s):
                    await process.wait()
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task


def _signal(process: Process, number: signal.Signals) -> None:
    """To the console and what it has started."""
    if process.returncode is None:
        with suppress(ProcessLookupError):
            os.killpg(process.pid, number)


async def _tail(stderr: asyncio.StreamReader) -> bytes:
    said = b""
    while data := await stderr.read(_SAID):
        said = (said + data)[-_SAID:]
    return said


def fitting(width: int, height: int) -> tuple[int, int]:
    """A size that a console can have."""
    return min(MOST_COLUMNS, max(LEAST, width)), min(MOST_ROWS, max(LEAST // 4, height))
