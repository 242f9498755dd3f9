"""One line on the terminal that says how far a long command is."""

from __future__ import annotations

import shutil
import sys
import time

_EVERY_S = 0.2


class ProgressLine:
    """Writes over itself on standard error; nothing at all where that is no terminal."""

    def __init__(self) -> None:
        self._shown = sys.stderr.isatty()
        self._width = 0
        self._next_s = 0.0

    def show(self, text: str, *, now: bool = False) -> None:
        """Show `text`, unless something was shown a moment ago; `now` shows it in any case."""
        moment_s = time.monotonic()
        if not self._shown or (moment_s < self._next_s and not now):
            return
        self._next_s = moment_s + _EVERY_S
        text = text[: max(10, shutil.get_terminal_size().columns - 1)]
        self._write("\r" + text.ljust(self._width))
        self._width = len(text)

    def clear(self) -> None:
        """Leave an empty line for what is printed next."""
        if self._shown and self._width:
            self._write("\r" + " " * self._width + "\r")
            self._width = 0

    def _write(self, text: str) -> None:
        try:
            sys.stderr.write(text)
            sys.stderr.flush()
        except OSError:  # the terminal is gone
            self._shown = False
