"""Health of a PDU as a pure function of what was heard and when.

Lost needs proof from two sides: no reading for a while and a line that has been silent as long.
A lossy or slow line keeps the figures late, never lost, as long as anything valid comes back.
"""

from __future__ import annotations

import msgspec

from pdutui.backends.base import BackendError, Refused, Unreachable, Unsupported
from pdutui.domain.health import (
    LATE_AFTER_POLLS,
    LOST_AFTER_POLLS,
    LOST_AFTER_UNANSWERED,
    Health,
    Link,
)


class Evidence(msgspec.Struct, frozen=True, kw_only=True):
    """All that health is judged by. Times are seconds of one monotonic clock."""

    now_s: float
    interval_s: float
    """The time between polls."""
    link: Link
    reading_s: float | None = None
    """When the last good poll ended."""
    error: BackendError | None = None
    """What the last poll ended with; None after a good one."""

    @property
    def age_s(self) -> float | None:
        """How old the last reading is."""
        return None if self.reading_s is None else max(0.0, self.now_s - self.reading_s)

    @property
    def silent_s(self) -> float:
        """How long nothing valid has come in on the line."""
        heard = self.link.last_heard_s
        since = self.link.opened_s if heard is None else heard
        return max(0.0, self.now_s - since)


class Judgement(msgspec.Struct, frozen=True, kw_only=True):
    """Health, and why in words; `detail` is empty when live."""

    health: Health
    detail: str = ""


def assess(evidence: Evidence) -> Judgement:
    """Judge the evidence.

    Refused and unsupported are what the device itself said in answer to the last poll. Otherwise
    the age of the last reading decides between live and late, and silence between late and lost.
    """
    error = evidence.error
    if isinstance(error, Refused):
        return Judgement(health="refused", detail=str(error))
    if isinstance(error, Unsupported):
        return Judgement(health="unsupported", detail=str(error))
    age = evidence.age_s
    if age is None:
        return _never_read(evidence)
    if age < LATE_AFTER_POLLS * evidence.interval_s:
        return Judgement(health="live")
    silent = evidence.silent_s >= LOST_AFTER_POLLS * evidence.interval_s
    old = age >= LOST_AFTER_POLLS * evidence.interval_s
    given_up = isinstance(error, Unreachable)
    if old and silent and (given_up or evidence.link.unanswered >= LOST_AFTER_UNANSWERED):
        return Judgement(health="lost", detail=str(error) if given_up else "no answer")
    return Judgement(health="late", detail=str(error) if error else "no complete reading in time")


def _never_read(evidence: Evidence) -> Judgement:
    """Before the first reading: connecting, until a poll has been given up."""
    error = evidence.error
    if isinstance(error, Unreachable) and not _heard_lately(evidence):
        return Judgement(health="lost", detail=str(error))
    return Judgement(health="connecting", detail=str(error) if error else "")


def _heard_lately(evidence: Evidence) -> bool:
    return (
        evidence.link.last_heard_s is not None
        and evidence.silent_s < LOST_AFTER_POLLS * evidence.interval_s
    )
