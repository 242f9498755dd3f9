"""The bytes of a configuration file, which may be a pipe: `--config <(sops -d pdus.toml)`."""

from __future__ import annotations

import os
import select
import stat
import time
from pathlib import Path

PIPE_S = 10.0
"""So long a pipe is waited for. One that nobody writes to would hold up a reload for ever, and the
end of the program with it."""
_CHUNK = 65_536


def read_bytes(path: Path, most: int) -> bytes:
    """What is in a file, up to `most` bytes. Raises OSError; TimeoutError for a pipe."""
    # A file knows no such flag; a pipe is opened without waiting for somebody to write.
    with os.fdopen(os.open(path, os.O_RDONLY | os.O_CLOEXEC | os.O_NONBLOCK), "rb", 0) as file:
        if not stat.S_ISFIFO(os.fstat(file.fileno()).st_mode):
            return _whole(file.fileno(), most)
        return _piped(file.fileno(), most)


def _whole(number: int, most: int) -> bytes:
    parts, left = [], most
    while left and (part := os.read(number, min(_CHUNK, left))):
        parts.append(part)
        left -= len(part)
    return b"".join(parts)


def _piped(number: int, most: int) -> bytes:
    data, until = b"", time.monotonic() + PIPE_S
    poll = select.poll()
    poll.register(number, select.POLLIN)
    while len(data) < most:
        left_ms = 1000 * (until - time.monotonic())
        if left_ms <= 0 or not poll.poll(left_ms):
            raise TimeoutError(None, f"it is a pipe, and nothing came for {PIPE_S:.0f} s")
        part = os.read(number, min(_CHUNK, most - len(data)))
        if not part:
            break
        data += part
        until = time.monotonic() + PIPE_S
    return data
