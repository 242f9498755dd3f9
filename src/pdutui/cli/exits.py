"""The exit codes, and the exception that carries one with a message for people."""

from __future__ import annotations

from typing import Final

DONE: Final = 0
BAD_NEWS: Final = 1
"""The answer is bad news: a command unconfirmed, a device that is no PDU."""
USAGE: Final = 2
"""Wrong usage or configuration."""
UNREACHABLE: Final = 3
REFUSED: Final = 4
"""Refused by policy, or by the person who was asked."""
INTERRUPTED: Final = 130
BROKEN_PIPE: Final = 141


class CliError(Exception):
    """Ends the command with a message on standard error and an exit code."""

    def __init__(self, message: str, code: int = USAGE) -> None:
        super().__init__(message)
        self.code = code
