"""Where an export goes: standard output, or a file that is put in its place when it is whole."""

from __future__ import annotations

import asyncio
import contextlib
import io
import os
import sys
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

from pdutui.cli.whole_file import cannot_write, whole_file

_BLOCK = 256 * 1024


class Sink:
    """Collects text and writes it in blocks, in a thread: whoever reads may be slow.

    Args:
        write: Writes all of its argument, or raises OSError.
    """

    def __init__(self, write: Callable[[bytes], object]) -> None:
        self._write = write
        self._waiting: list[str] = []
        self._size = 0

    async def put(self, text: str) -> None:
        """Take text. Raises OSError when it cannot be written."""
        self._waiting.append(text)
        self._size += len(text)
        if self._size >= _BLOCK:
            await self.flush()

    async def flush(self) -> None:
        """Write what waits. Raises OSError."""
        data = "".join(self._waiting).encode()
        self._waiting.clear()
        self._size = 0
        if data:
            await _in_thread(self._write, data)


@contextlib.contextmanager
def open_sink(output: Path | None, *, force: bool) -> Iterator[Sink]:
    """A sink into `output`, or to standard output if it is None.

    Raises:
        CliError: The file cannot be written.
        OSError: Standard output cannot.
    """
    if output is None:
        with contextlib.ExitStack() as stack:
            yield Sink(_standard_output(stack))
        return
    with (
        whole_file(output, force=force) as temporary,
        cannot_write(output),
        temporary.open("wb", buffering=0) as file,
    ):
        yield Sink(lambda data: _all(file, data))


def _standard_output(stack: contextlib.ExitStack) -> Callable[[bytes], object]:
    """Past Python's buffer: a thread that hangs in it would hang the exit."""
    sys.stdout.flush()
    try:
        number = os.dup(sys.stdout.fileno())
    except io.UnsupportedOperation:  # replaced by something that is no file
        return sys.stdout.buffer.write
    file = stack.enter_context(os.fdopen(number, "wb", buffering=0))
    return lambda data: _all(file, data)


def _all(file: io.FileIO, data: bytes) -> None:
    rest = memoryview(data)
    while rest:
        rest = rest[file.write(rest) :]


async def _in_thread(write: Callable[[bytes], object], data: bytes) -> None:
    """In a daemon thread, so that a reader who reads no more does not hang the exit."""
    loop = asyncio.get_running_loop()
    future: asyncio.Future[None] = loop.create_future()

    def settle(error: OSError | None) -> None:
        if future.done():
            return
        if error is None:
            future.set_result(None)
        else:
            future.set_exception(error)

    def work() -> None:
        failed: OSError | None = None
        try:
            write(data)
        except OSError as error:
            failed = error
        if not loop.is_closed():
            loop.call_soon_threadsafe(settle, failed)

    threading.Thread(target=work, name="pdutui-export", daemon=True).start()
    await future
