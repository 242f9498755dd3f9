"""One browser's console: a program of its own, fed and read through pipes."""

from __future__ import annotations

import asyncio
import os
import signal
from asyncio.subprocess import PIPE, Process
from collections.abc import Awaitable, Callable, Mapping, Sequence
from contextlib import suppress

from textual_serve.app_service import AppService
from textual_serve.download_manager import DownloadManager

LEAST, MOST_COLUMNS, MOST_ROWS = 20, 500, 200
"""Sizes that a browser may ask for; anything else is brought inside."""
QUIT_S = 4.0
"""So long a console may take to leave by itself, a command in flight included; then it is ended."""
KILL_S = 6.0
DRIVER = "pdutui.widgets.web_driver:SafeWebDriver"


class ConsoleSession(AppService):
    """Textual's service of an app, without a shell, with an end that comes.

    Args:
        command: the console's program and its arguments.
        env: its environment.
        write_bytes: sends to the browser; waits while that does not read.
        write_str: the same for text.
        close: closes the connection.
        downloads: textual-serve's; the console offers none.
    """

    def __init__(
        self,
        command: Sequence[str],
        env: Mapping[str, str],
        *,
        write_bytes: Callable[[bytes], Awaitable[None]],
        write_str: Callable[[str], Awaitable[None]],
        close: Callable[[], Awaitable[object]],
        downloads: DownloadManager,
    ) -> None:
        async def closed() -> None:
            await close()

        super().__init__(
            command[0],
            write_bytes=write_bytes,
            write_str=write_str,
            close=closed,
            download_manager=downloads,
        )
        self._argv, self._env = tuple(command), dict(env)

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

    async def run(self) -> None:
        """Pass on what it draws until it ends; the browser is told then."""
        try:
            await super().run()
        finally:
            with suppress(ConnectionError, RuntimeError):
                await self.remote_close()

    async def stop(self) -> None:
        """Ask it to leave, then make it. May be called twice."""
        task, process = self._task, self._process
        self._task = None
        if task is None or process is None:
            return
        if process.returncode is None:
            await self.send_meta({"type": "quit"})
        for wait_s, number in ((QUIT_S, signal.SIGTERM), (KILL_S, signal.SIGKILL)):
            with suppress(TimeoutError):
                async with asyncio.timeout(wait_s):
                    await process.wait()
                break
            with suppress(ProcessLookupError):
                os.killpg(process.pid, number)
        await process.wait()
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task


def fitting(width: int, height: int) -> tuple[int, int]:
    """A size that a console can have."""
    return min(MOST_COLUMNS, max(LEAST, width)), min(MOST_ROWS, max(LEAST // 4, height))
