"""Run a program in a real pseudo-terminal and measure it: bytes, CPU, memory, first paint.

Answers the few questions a terminal is asked at start, so that the program behaves as on a real
one. Linux only: CPU comes from /proc/<pid>/task/*/schedstat, which counts nanoseconds.
"""

from __future__ import annotations

import contextlib
import fcntl
import os
import pty
import re
import select
import signal
import struct
import termios
import time
from collections.abc import Sequence
from dataclasses import dataclass

_ANSWERS: tuple[tuple[re.Pattern[bytes], bytes], ...] = (
    (re.compile(rb"\x1b\[\?2026\$p"), b"\x1b[?2026;2$y"),
    (re.compile(rb"\x1b\[\?2048\$p"), b"\x1b[?2048;0$y"),
    (re.compile(rb"\x1b\[0?c"), b"\x1b[?62;22c"),
    (re.compile(rb"\x1b\[>0?c"), b"\x1b[>41;370;0c"),
    (re.compile(rb"\x1b\[6n"), b"\x1b[1;1R"),
    (re.compile(rb"\x1b\]11;\?"), b"\x1b]11;rgb:0000/0000/0000\x1b\\"),
)


class Answers:
    """Answers what a program asks its terminal, on the terminal's own side.

    Args:
        master: The descriptor of the terminal.
    """

    def __init__(self, master: int) -> None:
        self._master = master
        self._tail = b""

    def give(self, data: bytes) -> None:
        """Look through what the program has written; questions may be cut by its end."""
        window = self._tail + data
        for pattern, answer in _ANSWERS:
            for _ in pattern.finditer(window):
                os.write(self._master, answer)
        asked = any(pattern.search(window[-12:]) for pattern, _ in _ANSWERS)
        self._tail = b"" if asked else window[-12:]


def set_size(fd: int, columns: int, rows: int) -> None:
    """Give a terminal a size; whoever runs in it is told."""
    fcntl.ioctl(fd, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))


@dataclass
class Measured:
    """What one run cost."""

    bytes_per_s: float
    cpu_percent: float
    rss_mb: float
    mark_ms: float | None
    """From exec to the marker text on the screen."""


def _tree(pid: int) -> list[int]:
    found, todo = [pid], [pid]
    while todo:
        current = todo.pop()
        try:
            tasks = os.listdir(f"/proc/{current}/task")
        except OSError:
            continue
        for task in tasks:
            try:
                with open(f"/proc/{current}/task/{task}/children") as file:
                    children = [int(c) for c in file.read().split()]
            except OSError:
                continue
            found += children
            todo += children
    return found


def cpu_seconds(pid: int) -> float:
    """CPU time of the process and its children, threads included."""
    total = 0
    for member in _tree(pid):
        try:
            for task in os.listdir(f"/proc/{member}/task"):
                with open(f"/proc/{member}/task/{task}/schedstat") as file:
                    total += int(file.read().split()[0])
        except (OSError, IndexError):
            continue
    return total / 1e9


def rss_mb(pid: int) -> float:
    """Resident memory of the process and its children, in MiB."""
    total = 0
    for member in _tree(pid):
        try:
            with open(f"/proc/{member}/status") as file:
                total += sum(int(line.split()[1]) for line in file if line.startswith("VmRSS"))
        except OSError:
            continue
    return total / 1024


def measure(
    command: Sequence[str],
    *,
    columns: int = 120,
    rows: int = 36,
    warmup_s: float = 5.0,
    seconds: float = 20.0,
    marker: str = "",
    env: dict[str, str] | None = None,
) -> Measured:
    """Run `command` for `warmup_s + seconds` and measure the last `seconds` of it."""
    environ = {**os.environ, "TERM": "xterm-256color", "COLORTERM": "truecolor"}
    environ.update({"LANG": "C.UTF-8", "LC_ALL": "C.UTF-8", **(env or {})})
    # An installed program has its bytecode; a checkout writes it in its first run, if it may.
    for name in ("COLUMNS", "LINES", "NO_COLOR", "PYTHONDONTWRITEBYTECODE"):
        environ.pop(name, None)
    master, slave = pty.openpty()
    set_size(slave, columns, rows)
    began = time.monotonic()
    pid = os.fork()
    if pid == 0:
        os.setsid()
        fcntl.ioctl(slave, termios.TIOCSCTTY, 0)
        for fd in (0, 1, 2):
            os.dup2(slave, fd)
        os.closerange(3, 100)
        os.execvpe(command[0], list(command), environ)
    os.close(slave)
    os.set_blocking(master, False)
    total, seen, answers = 0, b"", Answers(master)
    mark: float | None = None
    start: tuple[float, int, float] | None = None
    try:
        while True:
            now = time.monotonic()
            if start is None and now - began >= warmup_s:
                start = (now, total, cpu_seconds(pid))
            if start is not None and now - start[0] >= seconds:
                elapsed = now - start[0]
                return Measured(
                    bytes_per_s=(total - start[1]) / elapsed,
                    cpu_percent=100 * (cpu_seconds(pid) - start[2]) / elapsed,
                    rss_mb=rss_mb(pid),
                    mark_ms=mark,
                )
            if not select.select([master], [], [], 0.02)[0]:
                continue
            try:
                data = os.read(master, 1 << 20)
            except OSError as error:
                raise RuntimeError(f"{command[0]} ended early") from error
            total += len(data)
            if marker and mark is None:
                seen += data
                if marker.encode() in seen:
                    mark = (time.monotonic() - began) * 1000
            answers.give(data)
    finally:
        _end(pid, master)


def _end(pid: int, master: int) -> None:
    for sign in (signal.SIGTERM, signal.SIGKILL):
        try:
            os.kill(pid, sign)
        except ProcessLookupError:
            break
        deadline = time.monotonic() + 3
        while time.monotonic() < deadline:
            if select.select([master], [], [], 0.02)[0]:
                with contextlib.suppress(OSError):
                    os.read(master, 1 << 20)
            if os.waitpid(pid, os.WNOHANG)[0]:
                os.close(master)
                return
    os.close(master)
