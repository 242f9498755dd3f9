"""What systemd is told of a running console: that it is up, that it is alive, that it ends."""

from __future__ import annotations

import os
import socket
from collections.abc import Mapping

_SHARE = 0.4
"""Of the time after which systemd gives up: so often it is told, as its manual advises."""


class SystemdNotifier:
    """Tells systemd; where none listens, it does nothing.

    Args:
        env: `NOTIFY_SOCKET`, `WATCHDOG_USEC` and `WATCHDOG_PID`, as systemd sets them.
    """

    def __init__(self, env: Mapping[str, str]) -> None:
        address = env.get("NOTIFY_SOCKET", "")
        known = hasattr(socket, "AF_UNIX") and address[:1] in ("/", "@")
        self._address = ("\0" + address[1:] if address[:1] == "@" else address) if known else ""
        self.every_s = self._every(env) if known else 0.0
        """Seconds between two `alive`; 0: nobody waits for them."""
        self._told_s: float | None = None

    @staticmethod
    def _every(env: Mapping[str, str]) -> float:
        mine = env.get("WATCHDOG_PID", "") in ("", str(os.getpid()))
        usec = env.get("WATCHDOG_USEC", "")
        return int(usec) / 1e6 * _SHARE if mine and usec.isdecimal() else 0.0

    def ready(self) -> None:
        """It is up."""
        self._tell("READY=1")

    def alive(self, now_s: float) -> None:
        """It does what it should. To be called often; not all of it is passed on.

        Args:
            now_s: Monotonic.
        """
        if self.every_s and (self._told_s is None or now_s - self._told_s >= self.every_s):
            self._told_s = now_s
            self._tell("WATCHDOG=1")

    def stopping(self) -> None:
        """It ends by itself."""
        self._tell("STOPPING=1")

    def _tell(self, word: str) -> None:
        if not self._address:
            return
        try:
            with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as sock:
                sock.setblocking(False)
                sock.sendto(word.encode(), self._address)
        except OSError:
            return  # systemd itself is away for a moment: the next word comes soon
