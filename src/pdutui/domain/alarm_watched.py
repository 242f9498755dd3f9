"""One condition as it is followed from look to look: the alarm it makes, and what is timed of it.

All of it is kept on the disk, timers included, so that a program that starts again goes on where
the one before it was. Times are seconds that do not jump (`Moment.s`); people see `Moment.at`.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from fnmatch import fnmatchcase
from typing import Literal

import msgspec

from pdutui.domain.alarm import (
    MOMENTARY,
    Acknowledgement,
    Alarm,
    AlarmChange,
    AlarmKind,
    AlarmLevel,
    Silence,
)
from pdutui.domain.alarm_finding import Key


class Moment(msgspec.Struct, frozen=True):
    """Now, twice."""

    at: datetime
    """By the clock on the wall, UTC; it may jump."""
    s: float
    """Seconds that go on evenly, counted from about 1970: those of a program that starts later are
    about as far on as the time that passed."""


class Habits(msgspec.Struct, frozen=True, kw_only=True):
    """How patiently conditions are followed; the words are those of `AlarmSettings`."""

    clear_s: float = 10.0
    again_after_s: float = 300.0
    keep: Literal["none", "critical", "all"] = "critical"
    expire_s: float = 86400.0


class Watched(msgspec.Struct, frozen=True, kw_only=True):
    """One condition of one PDU."""

    pdu: str
    kind: AlarmKind
    part: str = ""
    rule: str = ""
    alarm: Alarm | None = None
    """As it was last; None before it was ever raised."""
    listed: bool = False
    """Whether it is in the list. One that is not is remembered until it would be told again."""
    worst: AlarmLevel = "warning"
    """Since it was raised."""
    warning_since_s: float | None = None
    """Since when it has been at this level or worse."""
    critical_since_s: float | None = None
    clear_since_s: float | None = None
    """Since when it has been known to be well."""
    easing_since_s: float | None = None
    """Since when it has been known not to be critical."""
    missing_since_s: float | None = None
    """Since when readings have come that say nothing of it: a sensor that was pulled."""
    over_s: float | None = None
    told_s: float | None = None
    """When it was told last, at whatever level."""
    told_critical_s: float | None = None
    loud_since: datetime | None = None
    """Since when it asks for attention: which time of being loud an acknowledgement is for."""
    hushed: bool = False
    """It was raised while silenced, and nobody was told."""
    untold: bool = False
    """It came back so soon that nobody was told: the last that they have heard is that it is over.
    If it stands still when it may be told again, it is."""

    @property
    def key(self) -> Key:
        """What tells it apart within its PDU."""
        return self.kind, self.part, self.rule

    @property
    def active(self) -> bool:
        """Whether its alarm is in the list and not over."""
        return self.listed and self.alarm is not None and self.alarm.over is None

    @property
    def momentary(self) -> bool:
        """Whether it is over as soon as it is raised."""
        return self.kind in MOMENTARY


class Turn(msgspec.Struct, frozen=True, kw_only=True):
    """What became of an alarm in one step."""

    change: AlarmChange
    alarm: Alarm
    again: bool = False
    """It came back within the time in which it is not told again."""
    overdue: bool = False
    """Its silence has ended, and it is still to be told that it was raised."""


Step = tuple[Watched, Turn | None]


def missing(watched: Watched, now: Moment) -> Watched:
    """A reading has come, and the part is not in it, or says nothing."""
    if not watched.active:
        return unknown(watched)
    if watched.missing_since_s is None:
        watched = msgspec.structs.replace(watched, missing_since_s=now.s)
    return unknown(watched)


def unknown(watched: Watched) -> Watched:
    """Nobody can tell how it stands. Nothing ends by that, and no clearing goes on through it."""
    alarm = watched.alarm
    if watched.active and alarm is not None and alarm.known:
        alarm = msgspec.structs.replace(alarm, known=False)
    elif watched.clear_since_s is None and watched.easing_since_s is None:
        return watched
    return msgspec.structs.replace(watched, alarm=alarm, clear_since_s=None, easing_since_s=None)


def resumed(watched: Watched, now: Moment) -> Watched:
    """As another program, or a run before this one, has left it.

    Nothing is known of it until there is a look. A time that lies ahead was measured by a clock
    that has been set since: it counts as now, or something would be waited for without end.
    """
    times: dict[str, float | None] = {
        name: min(now.s, value)
        for name in _TIMES
        if (value := getattr(watched, name)) is not None and value > now.s
    }
    alarm = watched.alarm
    if watched.active and alarm is not None:
        alarm = msgspec.structs.replace(alarm, known=False)
    return msgspec.structs.replace(watched, alarm=alarm, **times)


_TIMES = (
    "warning_since_s", "critical_since_s", "clear_since_s", "easing_since_s", "missing_since_s",
    "over_s", "told_s", "told_critical_s",
)  # fmt: skip


def pass_time(watched: Watched, now: Moment, habits: Habits) -> tuple[Watched | None, Turn | None]:
    """What time alone does: an alarm expires; what need not be remembered any more is None.

    It expires `expire_s` after it was over; or if readings have said nothing of its part for as
    long. One whose PDU is lost stands for as long as that lasts.
    """
    alarm = watched.alarm
    if watched.listed and alarm is not None and watched.over_s is not None:
        if now.s - watched.over_s < habits.expire_s:
            return watched, None
        alarm = msgspec.structs.replace(alarm, changed=now.at)
        gone = msgspec.structs.replace(watched, listed=False, alarm=alarm)
        return gone, Turn(change="expired", alarm=alarm)
    gone_s = watched.missing_since_s
    if watched.active and gone_s is not None and now.s - gone_s >= habits.expire_s:
        return end(watched, now)
    if watched.listed or watched.warning_since_s is not None:
        return watched, None
    told = watched.told_s
    return (None if told is None or now.s - told >= habits.again_after_s else watched), None


def acknowledge(watched: Watched, ack: Acknowledgement) -> Step:
    """Somebody has seen it. One that is over leaves the list by that."""
    alarm = watched.alarm
    if alarm is None or not watched.listed:
        return watched, None
    alarm = msgspec.structs.replace(alarm, ack=ack, changed=ack.time)
    seen = msgspec.structs.replace(watched, alarm=alarm, listed=alarm.over is None, hushed=False)
    return seen, Turn(change="acknowledged", alarm=alarm)


def take_over(mine: Watched, theirs: Watched) -> Watched:
    """What another program has written of the same condition: its acknowledgement counts here.

    Not one of an earlier time that it was loud: that was for what was known then. The times are
    compared as they were written, so no clock that is set in between can lose one.
    """
    ack = theirs.alarm.ack if theirs.alarm is not None else None
    if ack is None or mine.alarm is None or mine.alarm.ack == ack:
        return mine
    if mine.loud_since != theirs.loud_since:
        return mine
    seen, _ = acknowledge(mine, ack)
    return seen


def end(watched: Watched, now: Moment) -> Step:
    """Nobody judges it any more: it is not configured, or its PDU is gone. It leaves the list."""
    if watched.alarm is None or not watched.listed:
        return watched, None
    alarm = msgspec.structs.replace(
        watched.alarm, changed=now.at, over=watched.alarm.over or now.at
    )
    gone = msgspec.structs.replace(watched, alarm=alarm, listed=False)
    return gone, Turn(change="expired", alarm=alarm)


def matches(silence: Silence, alarm: Alarm) -> bool:
    """Whether a silence is about an alarm."""
    return (
        silence.kind in (None, alarm.kind)
        and silence.part in ("", alarm.part)
        and (silence.pdu == alarm.pdu or fnmatchcase(alarm.pdu, silence.pdu))
    )


def silenced_until(alarm: Alarm, silences: Sequence[Silence], at: datetime) -> datetime | None:
    """The end of the last silence that is on it; None where it is not silenced."""
    ends = [one.until for one in silences if one.until > at and matches(one, alarm)]
    return max(ends, default=None)


def hush(watched: Watched, silences: Sequence[Silence], now: Moment) -> Step:
    """Look anew whether it is silenced."""
    alarm = watched.alarm
    if alarm is None or not watched.listed:
        return watched, None
    until = silenced_until(alarm, silences, now.at)
    if until == alarm.silenced_until:
        return watched, None
    was = alarm.silenced_until
    alarm = msgspec.structs.replace(alarm, silenced_until=until)
    if (was is None) == (until is None):
        return msgspec.structs.replace(watched, alarm=alarm), None
    if until is not None:
        alarm = msgspec.structs.replace(alarm, changed=now.at)
        return msgspec.structs.replace(watched, alarm=alarm), Turn(change="silenced", alarm=alarm)
    alarm = msgspec.structs.replace(alarm, changed=now.at)
    overdue = watched.hushed and alarm.over is None and alarm.ack is None
    loud = msgspec.structs.replace(watched, alarm=alarm, hushed=False)
    return loud, Turn(change="unsilenced", alarm=alarm, overdue=overdue)
