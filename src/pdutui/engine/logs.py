"""The log file: `pdutui.log` in the state dir, 1 MB and three older ones, readable by its owner.

Nothing is ever written to the terminal: that belongs to the screen. A log that cannot be written
is no reason to stop, so handler errors are swallowed.
"""

from __future__ import annotations

import io
import logging
import os
import time
from collections.abc import Iterable
from logging.handlers import RotatingFileHandler
from pathlib import Path
from typing import TYPE_CHECKING, TextIO

if TYPE_CHECKING:
    from pdutui.domain.secret import Secret

FILE_NAME = "pdutui.log"
MAX_BYTES = 1_000_000
KEPT = 3
SHORTEST_SECRET = 4
"""Shorter secrets are not blanked out: they would take words apart that are none."""

_LOGGERS = ("pdutui", "asyncio", "py.warnings")


class PrivateRotatingFile(RotatingFileHandler):
    """A rotating file of mode 0600 that never raises and never prints."""

    def _open(self) -> TextIO:  # type: ignore[override]
        handle = os.open(self.baseFilename, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
        os.fchmod(handle, 0o600)
        return io.TextIOWrapper(
            os.fdopen(handle, "ab"), encoding="utf-8", errors="backslashreplace"
        )

    def handleError(self, record: logging.LogRecord) -> None:
        """A full disk must not put a traceback on the screen."""


class QuietFormatter(logging.Formatter):
    """UTC time, level, logger, text; every known secret as `***`, control characters escaped."""

    def __init__(self, secrets: Iterable[Secret] = ()) -> None:
        super().__init__("%(asctime)s.%(msecs)03dZ %(levelname)s %(name)s: %(message)s",
                         datefmt="%Y-%m-%dT%H:%M:%S")  # fmt: skip
        self.converter = time.gmtime
        self._secrets: list[str] = []
        self.hide(secrets)

    def hide(self, secrets: Iterable[Secret]) -> None:
        """Blank these out as well, the longest first."""
        texts = {secret.reveal() for secret in secrets}.union(self._secrets)
        self._secrets = sorted((t for t in texts if len(t) >= SHORTEST_SECRET), key=len)[::-1]

    def format(self, record: logging.LogRecord) -> str:
        """The line, or lines with a traceback, without what must not stand in a file."""
        text = super().format(record)
        for secret in self._secrets:
            text = text.replace(secret, "***")
        return "".join(c if c.isprintable() or c == "\n" else f"\\x{ord(c):02x}" for c in text)


class LogFile:
    """An open log; `close` takes it off the loggers again."""

    def __init__(self, handler: logging.Handler, problem: str = "") -> None:
        self._handler = handler
        self._before = {name: logging.getLogger(name).propagate for name in _LOGGERS}
        self.problem = problem
        """Why nothing is logged; empty when all is well."""
        for name in _LOGGERS:
            logger = logging.getLogger(name)
            logger.addHandler(handler)
            logger.propagate = False
        logging.getLogger("pdutui").setLevel(logging.INFO)

    def hide(self, secrets: Iterable[Secret]) -> None:
        """Blank these out as well from now on."""
        if isinstance(self._handler.formatter, QuietFormatter):
            self._handler.formatter.hide(secrets)

    def close(self) -> None:
        """Flush and detach. May be called twice."""
        for name, propagate in self._before.items():
            logger = logging.getLogger(name)
            logger.removeHandler(self._handler)
            logger.propagate = propagate
        self._handler.close()


def open_log(state_dir: Path, secrets: Iterable[Secret] = ()) -> LogFile:
    """Log to `<state_dir>/pdutui.log` from now on. Never raises: see `LogFile.problem`.

    Args:
        state_dir: made, mode 0700, if it is not there.
        secrets: blanked out wherever they turn up in a line.
    """
    path = state_dir / FILE_NAME
    try:
        state_dir.mkdir(mode=0o700, parents=True, exist_ok=True)
        handler: logging.Handler = PrivateRotatingFile(
            path, maxBytes=MAX_BYTES, backupCount=KEPT, encoding="utf-8"
        )
    except OSError as error:
        return LogFile(logging.NullHandler(), f"no log file: {path}: {error.strerror or error}")
    handler.setFormatter(QuietFormatter(secrets))
    return LogFile(handler)
