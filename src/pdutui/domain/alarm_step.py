"""From one look at a condition to the next: when an alarm is raised, gets worse or better, ends.

- It is raised when the condition has been beyond its limit for its hold time; at once where that
  is 0. Two levels are timed side by side.
- It is over when it has been known to be inside the limit by the hysteresis for `clear_s`; it is
  eased when it has been known not to be critical for as long.
- What comes back within `again_after_s` after it was told is the same alarm: counted up, still
  acknowledged, and not told again. Worse than what was told is news; and so is what came back like
  that and stands still when that time has passed: whoever was told that it is over has to know.
- Not knowing ends nothing and raises nothing.
"""

from __future__ import annotations

from collections.abc import Sequence

import msgspec

from pdutui.domain.alarm import Alarm, AlarmLevel, Silence
from pdutui.domain.alarm_finding import Finding, alarm_id, worse
from pdutui.domain.alarm_watched import (
    Habits,
    Moment,
    Step,
    Turn,
    Watched,
    silenced_until,
    unknown,
)


def begin(pdu: str, finding: Finding) -> Watched:
    """A condition that was not followed before."""
    return Watched(pdu=pdu, kind=finding.kind, part=finding.part, rule=finding.rule)


def step(
    watched: Watched,
    finding: Finding,
    now: Moment,
    habits: Habits,
    silences: Sequence[Silence] = (),
) -> Step:
    """One look.

    Args:
        watched: the condition as it was.
        finding: what the look has found; it is about the same condition.
        now: when.
        habits: how patient to be.
        silences: those that have not ended, for what is raised.
    """
    if not finding.known:
        return unknown(watched), None
    if watched.momentary:
        if finding.level is None:
            return watched, None
        return _raise(watched, finding, finding.level, now, habits, silences)
    watched = _timed(watched, finding, now)
    ready = _ready(watched, finding, now)
    if not watched.active:
        if ready is None:
            return watched, None
        return _raise(watched, finding, ready, now, habits, silences)
    return _go_on(watched, finding, ready, now, habits)


def _timed(watched: Watched, finding: Finding, now: Moment) -> Watched:
    """Begin, go on with or drop the times of the levels."""
    warning = _since(watched.warning_since_s, finding.level is not None, now.s)
    critical = _since(watched.critical_since_s, finding.level == "critical", now.s)
    if warning == watched.warning_since_s and critical == watched.critical_since_s:
        return watched
    return msgspec.structs.replace(watched, warning_since_s=warning, critical_since_s=critical)


def _since(since_s: float | None, holds: bool, now_s: float) -> float | None:
    if not holds:
        return None
    return now_s if since_s is None else since_s


def _ready(watched: Watched, finding: Finding, now: Moment) -> AlarmLevel | None:
    """The worst level that it has been at for its hold time."""
    if _lasted(watched.critical_since_s, finding.hold_s, now.s):
        return "critical"
    return "warning" if _lasted(watched.warning_since_s, finding.hold_s, now.s) else None


def _lasted(since_s: float | None, seconds: float, now_s: float) -> bool:
    return since_s is not None and now_s - since_s >= seconds


def _told(watched: Watched, level: AlarmLevel, now: Moment, habits: Habits) -> bool:
    """Whether this level or a worse one was told a short time ago."""
    at_s = watched.told_critical_s if level == "critical" else watched.told_s
    return at_s is not None and now.s - at_s < habits.again_after_s


def _as_told(watched: Watched, level: AlarmLevel, now: Moment) -> Watched:
    critical_s = now.s if level == "critical" else watched.told_critical_s
    return msgspec.structs.replace(watched, told_s=now.s, told_critical_s=critical_s)


def _raise(
    watched: Watched,
    finding: Finding,
    level: AlarmLevel,
    now: Moment,
    habits: Habits,
    silences: Sequence[Silence],
) -> Step:
    old, momentary = watched.alarm, watched.momentary
    again = old is not None and _told(watched, level, now, habits)
    recent = old is not None and (watched.listed or _told(watched, "warning", now, habits))
    alarm = Alarm(
        id=alarm_id(watched.pdu, watched.key),
        pdu=watched.pdu,
        kind=watched.kind,
        part=watched.part,
        rule=watched.rule,
        level=level,
        text=finding.text,
        value=finding.value,
        limit=finding.limit,
        unit=finding.unit,
        series=finding.series,
        since=old.since if old is not None and again else now.at,
        changed=now.at,
        over=now.at if momentary else None,
        times=old.times + 1 if old is not None and recent else 1,
        # What somebody else does is another event each time, seen or not; a state that comes back
        # is what was seen.
        ack=old.ack if old is not None and again and not momentary else None,
    )
    alarm = msgspec.structs.replace(alarm, silenced_until=silenced_until(alarm, silences, now.at))
    quiet = alarm.silenced_until is not None
    raised = msgspec.structs.replace(
        watched,
        alarm=alarm,
        listed=True,
        worst=level,
        clear_since_s=None,
        easing_since_s=None,
        missing_since_s=None,
        over_s=now.s if momentary else None,
        loud_since=watched.loud_since if again and not momentary else now.at,
        hushed=(watched.hushed if again else True) and quiet,
        untold=again and not momentary,
    )
    if not again:
        raised = _as_told(raised, level, now)
    return raised, Turn(change="raised", alarm=alarm, again=again)


def _go_on(
    watched: Watched, finding: Finding, ready: AlarmLevel | None, now: Moment, habits: Habits
) -> Step:
    """An alarm that stands: worse, better, over, or as it was."""
    alarm = watched.alarm
    assert alarm is not None
    if not alarm.known:
        alarm = msgspec.structs.replace(alarm, known=True)
        watched = msgspec.structs.replace(watched, alarm=alarm, missing_since_s=None)
    clear_s = _since(watched.clear_since_s, finding.holds is None, now.s)
    eases = alarm.level == "critical" and finding.holds != "critical"
    easing_s = _since(watched.easing_since_s, eases, now.s)
    if clear_s != watched.clear_since_s or easing_s != watched.easing_since_s:
        watched = msgspec.structs.replace(watched, clear_since_s=clear_s, easing_since_s=easing_s)
    if ready == "critical" and alarm.level == "warning":
        return _escalate(watched, alarm, finding, now, habits)
    if _lasted(clear_s, habits.clear_s, now.s):
        return _over(watched, alarm, now, habits)
    still = watched.untold and ready is not None and worse(ready, alarm.level) == ready
    if still and not _told(watched, alarm.level, now, habits):
        return _tell(watched, alarm, finding, now)
    if finding.holds is not None and _lasted(easing_s, habits.clear_s, now.s):
        alarm = _with_figures(alarm, finding, "warning", now)
        eased = msgspec.structs.replace(watched, alarm=alarm, easing_since_s=None)
        return eased, Turn(change="eased", alarm=alarm)
    return watched, None


def _tell(watched: Watched, alarm: Alarm, finding: Finding, now: Moment) -> Step:
    """It has come back, was not told, and has stayed. What was seen of it is seen still."""
    alarm = _with_figures(alarm, finding, alarm.level, now)
    told = msgspec.structs.replace(
        _as_told(watched, alarm.level, now),
        alarm=alarm,
        untold=False,
        hushed=alarm.silenced_until is not None,
    )
    return told, Turn(change="raised", alarm=alarm)


def _escalate(
    watched: Watched, alarm: Alarm, finding: Finding, now: Moment, habits: Habits
) -> Step:
    again = _told(watched, "critical", now, habits)
    alarm = _with_figures(alarm, finding, "critical", now)
    if not again:
        alarm = msgspec.structs.replace(alarm, ack=None)
    worse_now = msgspec.structs.replace(
        watched,
        alarm=alarm,
        worst=worse(watched.worst, "critical") or "critical",
        easing_since_s=None,
        loud_since=watched.loud_since if again else now.at,
        hushed=watched.hushed or (not again and alarm.silenced_until is not None),
    )
    if not again:
        worse_now = msgspec.structs.replace(_as_told(worse_now, "critical", now), untold=False)
    return worse_now, Turn(change="escalated", alarm=alarm, again=again)


def _over(watched: Watched, alarm: Alarm, now: Moment, habits: Habits) -> Step:
    alarm = msgspec.structs.replace(alarm, over=now.at, changed=now.at)
    kept = habits.keep == "all" or (habits.keep == "critical" and watched.worst == "critical")
    ended = msgspec.structs.replace(
        watched,
        alarm=alarm,
        listed=kept and alarm.ack is None,
        over_s=now.s,
        clear_since_s=None,
        easing_since_s=None,
        untold=False,
    )
    return ended, Turn(change="over", alarm=alarm, again=watched.untold)


def _with_figures(alarm: Alarm, finding: Finding, level: AlarmLevel, now: Moment) -> Alarm:
    return msgspec.structs.replace(
        alarm,
        level=level,
        text=finding.text or alarm.text,
        value=finding.value,
        limit=finding.limit,
        unit=finding.unit,
        changed=now.at,
    )
