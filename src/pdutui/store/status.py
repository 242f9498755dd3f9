"""How the store is doing, in a phrase for the status line, and when it is to try again."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING

import msgspec

if TYPE_CHECKING:
    from pdutui.domain.clock import Clock
    from pdutui.store.limits import StoreLimits

_LOST = " readings lost"


class StoreStatus(msgspec.Struct, frozen=True):
    """How history is doing, for the status line."""

    ok: bool
    """Readings and audit are being written by this program."""
    detail: str
    """Why not; or, while `ok`, something people should know of (a damaged file was set aside,
    readings were lost), for an hour. Empty when all is well."""


class StatusBoard:
    """Collects what is wrong and worth knowing, and tells when the sum of it changes."""

    def __init__(self, *, clock: Clock, limits: StoreLimits) -> None:
        self.status = StoreStatus(True, "")
        self.on_status: Callable[[StoreStatus], None] | None = None
        self.trouble = ""
        """Why nothing can be written just now; empty when it can."""
        self.retry_s = 0.0
        """Pause until the next try; 0 while all is well."""
        self.audit_lost = 0
        """Audit records that fitted nowhere."""
        self._clock = clock
        self._limits = limits
        self._notes: dict[str, float] = {}
        self._dropped = 0

    def failed(self, phrase: str) -> None:
        """Writing did not work; the next pause is twice the last one."""
        self.trouble = phrase
        self.retry_s = min(
            max(self._limits.retry_first_s, 2 * self.retry_s), self._limits.retry_most_s
        )

    def lost_audit(self) -> None:
        """An audit record fitted nowhere."""
        self.audit_lost += 1

    def recovered(self) -> None:
        """Everything was written."""
        self.trouble = ""
        self.retry_s = 0.0

    def tell(
        self, *, notes: Iterable[str], dropped: int, other_writer: int | None, audit_waiting: int
    ) -> None:
        """Work out the status and pass it on if it is another one.

        Args:
            notes: What has happened since the last call.
            dropped: Readings lost since the start.
            other_writer: Pid of who else writes the history, 0 if it cannot be told; None when
                we do.
            audit_waiting: Audit records that are in memory alone.
        """
        until = self._clock.monotonic() + self._limits.note_s
        for note in notes:  # one that goes on from another takes its place
            self._notes = {n: t for n, t in self._notes.items() if not note.startswith(f"{n}; ")}
            self._notes[note] = until
        if dropped != self._dropped:
            self._dropped = dropped
            self._notes = {n: t for n, t in self._notes.items() if not n.endswith(_LOST)}
            self._notes[f"{dropped}{_LOST}"] = until
        now = self._clock.monotonic()
        self._notes = {note: end for note, end in self._notes.items() if end > now}
        wrong = [self.trouble or _other_writer(other_writer)]
        if self.audit_lost:
            wrong.append(f"{self.audit_lost} audit records lost")
        elif audit_waiting and self.trouble:
            wrong.append(f"{audit_waiting} audit records in memory only")
        wrong = [part for part in wrong if part]
        status = StoreStatus(not wrong, "; ".join([*wrong, *self._notes]))
        if status != self.status:
            self.status = status
            if self.on_status is not None:
                self.on_status(status)


def _other_writer(pid: int | None) -> str:
    if pid is None:
        return ""
    return "history is being written by another pdutui" + (f" (pid {pid})" if pid else "")
