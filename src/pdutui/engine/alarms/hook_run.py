"""One run of a program for an alarm: no shell, bounded in time, nothing of it left behind.

It blocks, and so belongs into a thread. `asyncio`'s own subprocesses are not used: their `wait`
also waits for whoever holds the pipes, which a program may have handed to a child that lives on.
"""

from __future__ import annotations

import os
import select
import signal
import subprocess
import tempfile
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from typing import IO

import msgspec

from pdutui.config_program import ProgramError, find_program
from pdutui.domain.naming import printable, seconds
from pdutui.engine.alarms.hook_job import HookJob

TERM_S = 1.0
"""How long it may take to end when it is told to; then it is killed."""
STOP_TERM_S = 0.3
"""The same when the console ends."""
LEFT_S = 0.05
"""The same for what it left in the background."""
KILL_S = 1.0
"""A killed process that hangs in the kernel is not waited for longer."""
_TICK_S = 0.05
_MOST_SAID = 4096
"""Bytes of its standard error that are kept."""
_LONGEST_LINE = 200


class HookOutcome(msgspec.Struct, frozen=True, kw_only=True):
    """How a run ended."""

    ok: bool
    detail: str
    """For people: `done in 0.2 s`, `ended with 3: no route to host`, `took longer than 10 s`."""
    code: int | None = None
    """Its exit code; None where it never ran, or was killed."""
    took_s: float = 0.0
    said: str = ""
    """The first line of its standard error."""


def run_hook(job: HookJob, stop: threading.Event | None = None) -> HookOutcome:
    """Run the program once and wait for it.

    When it has ended, whatever it left running in its process group is ended too, as a service
    manager does: a console that runs for months must not collect processes.

    Args:
        job: What to run.
        stop: When set, the program is ended early.
    """
    stop = stop or threading.Event()
    began = time.monotonic()
    try:
        path = find_program(job.argv[0], job.env)
    except ProgramError as error:
        return HookOutcome(ok=False, detail=str(error))
    reading, writing = os.pipe()
    try:
        try:
            with _file_of(job.stdin) as stdin:
                child = subprocess.Popen(
                    (str(path), *job.argv[1:]), stdin=stdin, stdout=subprocess.DEVNULL,
                    stderr=writing, env=job.env, cwd="/", start_new_session=True,
                )  # fmt: skip
        finally:
            os.close(writing)
        run = _Run(child, reading, stop, began + job.timeout_s)
        return run.outcome(began, job.timeout_s)
    except (OSError, ValueError) as error:  # no interpreter, no memory, a NUL in an argument
        why = error.strerror if isinstance(error, OSError) else str(error)
        return HookOutcome(ok=False, detail=f"{path} could not be started: {why}")
    finally:
        os.close(reading)


def _file_of(data: bytes) -> IO[bytes]:
    """Standard input as a file: a program that does not read it can block nobody."""
    if hasattr(os, "memfd_create"):  # in memory: an alarm of a full disk has to get out too
        file: IO[bytes] = os.fdopen(os.memfd_create("pdutui-alarm"), "w+b")
    else:
        file = tempfile.TemporaryFile()  # noqa: SIM115 - the caller closes it
    file.write(data)
    file.flush()
    file.seek(0)
    return file


class _Run:
    """A program that runs."""

    def __init__(
        self, child: subprocess.Popen[bytes], reading: int, stop: threading.Event, end_s: float
    ) -> None:
        self._child = child
        self._reading = reading
        self._stop = stop
        self._end_s = end_s
        self._said = b""
        self._open = True
        os.set_blocking(reading, False)
        self._poll = select.poll()
        self._poll.register(reading, select.POLLIN)

    def outcome(self, began_s: float, timeout_s: float) -> HookOutcome:
        """Wait for it, end it where it does not end, and say how it went."""
        wait = self._until(lambda: time.monotonic() >= self._end_s or self._stop.is_set())
        took_s = time.monotonic() - began_s
        self._end_group(ended=wait)
        self._read()
        said = self._first_line()
        if not wait:
            why = "was ended: the console stops" if self._stop.is_set() else (
                f"took longer than {seconds(timeout_s)} and was ended"
            )  # fmt: skip
            return HookOutcome(ok=False, detail=why + _behind(said), took_s=took_s, said=said)
        code = self._child.returncode
        if code == 0:
            return HookOutcome(
                ok=True, detail=f"done in {took_s:.1f} s", code=0, took_s=took_s, said=said
            )
        what = f"ended with {code}" if code is None or code > 0 else f"died of {_signal(-code)}"
        return HookOutcome(
            ok=False, detail=what + _behind(said), code=code, took_s=took_s, said=said
        )

    def _until(self, enough: Callable[[], bool]) -> bool:
        """Wait until it has ended, which is not reaped yet, or until it is enough."""
        while not self._has_ended():
            if enough():
                return False
            if self._open:
                self._poll.poll(_TICK_S * 1000)
                self._read()
            else:
                time.sleep(_TICK_S)
        return True

    def _has_ended(self) -> bool:
        """Whether it has. It stays a zombie until its group is ended: its number stays its own."""
        if not hasattr(os, "waitid"):
            return self._child.poll() is not None
        if self._child.returncode is not None:
            return True
        try:
            state = os.waitid(os.P_PID, self._child.pid, os.WEXITED | os.WNOHANG | os.WNOWAIT)
        except ChildProcessError:
            return True
        return state is not None

    def _end_group(self, *, ended: bool) -> None:
        self._signal(signal.SIGTERM)
        if ended:
            time.sleep(LEFT_S)
        else:
            grace_s = STOP_TERM_S if self._stop.is_set() else TERM_S
            until_s = time.monotonic() + grace_s
            self._until(lambda: time.monotonic() >= until_s)
        self._signal(signal.SIGKILL)
        with suppress(subprocess.TimeoutExpired):  # it hangs in the kernel: reaped with a later one
            self._child.wait(KILL_S)

    def _signal(self, number: signal.Signals) -> None:
        if self._child.returncode is not None:
            return  # reaped: the number may be somebody else's by now
        try:
            os.killpg(self._child.pid, number)
        except (ProcessLookupError, PermissionError):  # none is left, or it has become another user
            return

    def _read(self) -> None:
        """Take what it has said; what is too much is thrown away, so that it never blocks."""
        while self._open:
            try:
                data = os.read(self._reading, 65536)
            except BlockingIOError:
                return
            if not data:
                self._open = False
            self._said = (self._said + data)[:_MOST_SAID]

    def _first_line(self) -> str:
        lines = (line.strip() for line in self._said.decode("utf-8", "replace").splitlines())
        return printable(next(filter(None, lines), ""))[:_LONGEST_LINE]


def _behind(said: str) -> str:
    return f": {said}" if said else ""


def _signal(number: int) -> str:
    try:
        return signal.Signals(number).name
    except ValueError:
        return f"signal {number}"
