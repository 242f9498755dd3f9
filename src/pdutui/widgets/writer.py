"""The thread that writes to the terminal, and never makes anybody wait."""

from __future__ import annotations

import os
import termios
import threading
import time
from collections import deque
from collections.abc import Callable
from contextlib import suppress
from typing import TextIO

from textual.drivers._writer_thread import WriterThread

_MOST = 1 << 20
"""More than this, in bytes, is not kept for a terminal that takes nothing."""
_NEXT_TO_NOTHING = 128
"""So few bytes, a change of mode or two, keep no frame waiting."""
_LOOK_AGAIN_S, _SELDOM_S = 0.02, 0.1
"""How soon a terminal that is full is tried again; and one that has been full for long."""
STALLED_S = 2.0
"""A terminal that has taken nothing for so long stands still: that is no measure of its line."""
_MEASURED_S = 1.5
"""The line's speed is known when its buffer has been full for so long."""


class SafeWriter(WriterThread):
    """Writes in a thread, as much as the terminal takes.

    Args:
        file: The terminal; written to by a file descriptor of our own, since a buffered file that
            blocks would hang the interpreter when it exits.
        on_dead: Called from the thread once the terminal cannot be written to any more.
        on_empty: Called from the thread when everything is written, if `call_me` asked for it; with
            whether anything was lost.
    """

    CHUNK = 512
    """So many bytes are written at once: what the terminal takes is known that often."""

    def __init__(
        self, file: TextIO, on_dead: Callable[[], None], on_empty: Callable[[bool], None]
    ) -> None:
        super().__init__(file)
        self._on_dead, self._on_empty = on_dead, on_empty
        self._encoding = file.encoding or "utf-8"
        self._pieces: deque[bytes] = deque()
        self._more = threading.Condition()
        self._fd, self._own = _own_descriptor(file)
        self._unsent = 0
        self._call = self._lost = self._ending = False
        self._full = False
        self._steady_since: float | None = None
        self._took = 0
        self._last_took = 0.0
        self.dead = False
        self.measured: float | None = None
        """Bytes a second that the terminal took while it was full; set anew each time it was."""

    @property
    def unsent(self) -> int:
        """Bytes that the terminal has not taken yet."""
        return self._unsent

    def write(self, text: str) -> None:
        """Queue text."""
        data = self.packed(text.encode(self._encoding, "replace"))
        with self._more:
            if self.dead:
                return
            if self._unsent > _MOST:
                self._lost = self._call = True
                return
            self._pieces.append(data)
            self._unsent += len(data)
            self._more.notify()

    def packed(self, data: bytes) -> bytes:
        """What is written for some bytes of text: these, unless somebody stands in between."""
        return data

    def call_me(self) -> bool:
        """Have `on_empty` called when everything is written; False where it all but is."""
        with self._more:
            self._call = self._unsent > _NEXT_TO_NOTHING and not self.dead
            return self._call

    def last_words(self) -> None:
        """Forget the frames that wait: from now on only what puts the terminal in order counts.

        What the kernel keeps for a terminal that reads nothing goes too, so that there is room for
        it: a shell without a cursor, and with a mouse that types, is what would be left.
        """
        with self._more:
            behind = self._unsent > 0 and not self.dead
            self._pieces.clear()
            self._unsent = 0
        if behind:
            with suppress(termios.error, OSError):
                termios.tcflush(self._fd, termios.TCOFLUSH)

    def run(self) -> None:
        """Write what is queued until told to stop."""
        while True:
            with self._more:
                while not self._pieces and not self._ending:
                    self._more.wait()
                if not self._pieces:
                    break
                piece = self._pieces[0]
            try:
                self._put(piece)
            except OSError:
                self._die()
            self._tell_if_empty()
        if self._own:
            os.close(self._fd)

    def _die(self) -> None:
        with self._more:
            self.dead = True
            self._pieces.clear()
            self._unsent = 0
        self._on_dead()

    def _tell_if_empty(self) -> None:
        with self._more:
            if self._unsent:
                return
            self._full = False
            call, lost = self._call, self._lost
            self._call = self._lost = False
        if call and not self.dead:
            self._on_empty(lost)

    def _put(self, piece: bytes) -> None:
        """Write one piece, unless the last words have taken its place."""
        done = 0
        while done < len(piece):
            if not (self._pieces and self._pieces[0] is piece):
                return
            try:
                took = os.write(self._fd, piece[done : done + self.CHUNK])
            except BlockingIOError:
                self._is_full()
                continue
            done += took
            self._has_taken(took)
        with self._more:
            if self._pieces and self._pieces[0] is piece:
                self._pieces.popleft()

    def _is_full(self) -> None:
        now = time.monotonic()
        if not self._full:
            self._full, self._last_took, self._steady_since = True, now, None
        time.sleep(_LOOK_AGAIN_S if now - self._last_took < _SELDOM_S * 100 else _SELDOM_S)

    def _has_taken(self, size: int) -> None:
        with self._more:
            self._unsent = max(0, self._unsent - size)
        if not self._full:
            return
        now = time.monotonic()
        if self._steady_since is None or now - self._last_took > STALLED_S:
            # What it takes first after standing still was read while nobody looked.
            self._steady_since, self._took = now, 0
        else:
            self._took += size
            steady_s = now - self._steady_since
            if steady_s >= _MEASURED_S:
                self.measured = self._took / steady_s
        self._last_took = now

    def stop(self) -> None:
        """Let the thread finish, for a moment; a terminal that hangs must not hang the exit."""
        with self._more:
            self._ending = True
            self._more.notify()
        self.join(timeout=1.0)


def _own_descriptor(file: TextIO) -> tuple[int, bool]:
    """The terminal once more, opened so that it refuses instead of blocking; and whether it is.

    To make the one that is there non-blocking would do so for the shell and everybody else who
    has it. Where it cannot be opened it is used as it is: then a write may block the thread.
    """
    given = file.fileno()
    try:
        own = os.open(os.ttyname(given), os.O_WRONLY | os.O_NONBLOCK | os.O_NOCTTY)
    except OSError:
        return given, False
    if os.fstat(own).st_rdev != os.fstat(given).st_rdev:
        os.close(own)
        return given, False
    return own, True
