"""Who may in: a token opens a session, a session is a cookie, guessing is slowed down.

Pure of any web framework. The token is never kept: sessions are names of their own, so that a
cookie that gets out ends with the server and tells nothing of the token.
"""

from __future__ import annotations

import hmac
import secrets
from urllib.parse import urlsplit

from pdutui.domain.clock import Clock
from pdutui.domain.secret import Secret

SESSION_S = 12 * 3600.0
"""How long a browser may stay away before it has to show the token again."""
MOST_SESSIONS = 256
"""So many cookies are known at a time; the one that was used longest ago goes."""
TRIES = 5
TRIES_S = 60.0
"""So many wrong tokens from one address within so many seconds; then it has to wait."""
MOST_ADDRESSES = 1024
SHORTEST_TOKEN = 16


class Guard:
    """Knows the token and the sessions that it opened.

    Args:
        token: What has to be shown, `SHORTEST_TOKEN` characters at least.
        clock: For the ends of sessions and of waiting.
    """

    def __init__(self, token: Secret, clock: Clock) -> None:
        self._token, self._clock = token, clock
        self._sessions: dict[str, float] = {}
        self._wrong: dict[str, list[float]] = {}

    def enter(self, shown: str, address: str) -> str | None:
        """A new session for whoever shows the token; None for a wrong one, or too many of them."""
        if self.waits(address):
            return None
        if not hmac.compare_digest(shown.encode(), self._token.reveal().encode()):
            self._wrong.setdefault(address, []).append(self._clock.monotonic())
            while len(self._wrong) > MOST_ADDRESSES:
                del self._wrong[next(iter(self._wrong))]
            return None
        session = secrets.token_urlsafe(32)
        self._sessions[session] = self._clock.monotonic()
        while len(self._sessions) > MOST_SESSIONS:
            del self._sessions[min(self._sessions, key=self._sessions.__getitem__)]
        return session

    def waits(self, address: str) -> bool:
        """Whether an address has shown so many wrong tokens that no other is looked at by now."""
        since = self._clock.monotonic() - TRIES_S
        wrong = [at for at in self._wrong.pop(address, []) if at > since]
        if wrong:
            self._wrong[address] = wrong
        return len(wrong) >= TRIES

    def knows(self, session: str) -> bool:
        """Whether a cookie's session is one of ours, and was used lately; it is used by this."""
        at = self._sessions.get(session)
        now = self._clock.monotonic()
        if at is None:
            return False
        if now - at > SESSION_S:
            del self._sessions[session]
            return False
        self._sessions[session] = now
        return True


def same_origin(origin: str | None, host: str) -> bool:
    """Whether a page that opens a websocket is one of ours: browsers name it, and cannot lie.

    Args:
        origin: the header `Origin`; None where there is none: not a browser's page.
        host: the header `Host`.
    """
    if origin is None:
        return False
    try:
        parts = urlsplit(origin)
    except ValueError:
        return False
    return parts.scheme in ("http", "https") and parts.netloc.lower() == host.lower()


def is_loopback(host: str) -> bool:
    """Whether only this machine can reach a listening address."""
    import ipaddress

    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False
