"""The lock of the console: for a wall terminal that nobody sits at.

It is a lock of this program and not of the PDUs: another console, a command line and the device's
own buttons are as free as before.
"""

from __future__ import annotations

import uuid
from collections.abc import Callable
from datetime import datetime, tzinfo
from typing import Literal

from pdutui.domain.clock import Clock
from pdutui.domain.commands import Actor, AuditRecord
from pdutui.domain.roles import RoleSettings, role_of
from pdutui.engine.events import LockChanged
from pdutui.engine.recorder import Recorder
from pdutui.settings import ControlSettings, LockSettings

WORD = "unlock"
"""What has to be typed where no code is configured: it keeps out elbows, not people."""
FREE_TRIES = 3
"""Wrong codes that cost nothing: everybody mistypes."""
FIRST_PAUSE_S = 2.0
LONGEST_PAUSE_S = 60.0

Answer = Literal["right", "wrong", "too_soon"]


class ConsoleLock:
    """Whether it is locked, by whom, and how the codes that were tried have fared."""

    def __init__(self, settings: LockSettings, *, clock: Clock, zone: tzinfo) -> None:
        self._settings = settings
        self._clock = clock
        self._zone = zone
        self._since: datetime | None = None
        self._by = ""
        self._wrong = 0
        self._next_try_s = 0.0

    def take(self, settings: LockSettings) -> None:
        """Go by other settings: what was locked stays so, and opens by the new code."""
        self._settings = settings

    @property
    def locked(self) -> bool:
        """Whether it is."""
        return self._since is not None

    @property
    def words(self) -> str:
        """`locked by alice at 14:02`; empty when it is not."""
        if self._since is None:
            return ""
        who = f" by {self._by}" if self._by else ""
        return f"locked{who} at {self._since.astimezone(self._zone):%H:%M}"

    @property
    def wait_s(self) -> float:
        """Seconds until a code is looked at again; 0: now."""
        return max(0.0, self._next_try_s - self._clock.monotonic())

    def lock(self, by: str) -> bool:
        """Lock it; False when it was already, which stays with whoever did it first."""
        if self.locked:
            return False
        self._since, self._by = self._clock.now(), by
        return True

    def try_code(self, typed: str) -> Answer:
        """Open it if that was right. After three wrong ones each costs a pause, twice the last.

        A code that comes before the pause is over is not looked at, and costs nothing more.
        """
        if self.wait_s > 0:
            return "too_soon"
        if not self._right(typed):
            self._wrong += 1
            beyond = self._wrong - FREE_TRIES
            if beyond >= 0:
                pause_s = min(LONGEST_PAUSE_S, FIRST_PAUSE_S * 2.0 ** min(beyond, 10))
                self._next_try_s = self._clock.monotonic() + pause_s
            return "wrong"
        self._since, self._by, self._wrong, self._next_try_s = None, "", 0, 0.0
        return "right"

    def _right(self, typed: str) -> bool:
        code = self._settings.code
        if code is None:
            return typed.strip().lower() == WORD
        import hmac  # with OpenSSL: not before the first frame

        return hmac.compare_digest(_digest(typed), _digest(code.reveal()))


class LockDesk:
    """Locks and opens the console, tells, and writes down who did.

    Args:
        lock: what it is about.
        roles: for the audit.
        clock: for its times.
        recorder: takes it.
        emit: is told.
    """

    def __init__(
        self,
        lock: ConsoleLock,
        roles: RoleSettings,
        *,
        clock: Clock,
        recorder: Recorder,
        emit: Callable[[LockChanged], None],
    ) -> None:
        self._lock = lock
        self._roles = roles
        self._clock = clock
        self._recorder = recorder
        self._emit = emit

    def take(self, settings: ControlSettings) -> None:
        """Go by other settings."""
        self._lock.take(settings.lock)
        self._roles = settings.roles

    async def lock(self, actor: Actor) -> None:
        """Lock it; nothing happens where it is."""
        if self._lock.lock(actor.user):
            self._emit(LockChanged(locked=True, by=actor.user))
            await self._record(actor, "lock", True, "locked")

    async def unlock(self, actor: Actor, typed: str) -> bool:
        """Open it, if what was typed is right.

        What comes too soon after a wrong code is not looked at and not audited: keys that are held
        down at a locked wall must not fill the audit.
        """
        if not self._lock.locked:
            return True
        answer = self._lock.try_code(typed)
        if answer == "right":
            self._emit(LockChanged(locked=False, by=actor.user))
            await self._record(actor, "unlock", True, "unlocked")
        elif answer == "wrong":
            await self._record(actor, "unlock", False, "what was typed is not right")
        return answer == "right"

    async def _record(
        self, actor: Actor, action: Literal["lock", "unlock"], done: bool, why: str
    ) -> None:
        """A line of the audit about the lock; it is about no PDU."""
        was, becomes = ("open", "locked") if action == "lock" else ("locked", "open")
        record = AuditRecord(
            time=self._clock.now(),
            intent_id=uuid.uuid4().hex,
            user=actor.user,
            ssh_origin=actor.ssh_origin,
            origin=actor.origin,
            pdu="",
            outlet=0,
            outlet_name="console",
            action=action,
            state_from=was,
            state_to=becomes if done else was,
            outcome="done" if done else "refused",
            detail=why,
            role=role_of(actor, self._roles),
        )
        await self._recorder.audit(record)


def _digest(text: str) -> bytes:
    """Of one length whatever the text is, so that comparing it tells nothing of the code."""
    import hashlib

    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).digest()
