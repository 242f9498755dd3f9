"""What became of an alarm as a message of syslog (RFC 5424)."""

from __future__ import annotations

from datetime import UTC, datetime

from pdutui.domain.alarm import KIND_WORDS, AlarmEntry
from pdutui.domain.syslog import CRITICAL, FACILITIES, INFO, NOTICE, WARNING, framed, structured

_SEVERITIES = {"warning": WARNING, "critical": CRITICAL}
"""Of an alarm that stands, by its level; one that is over, and what people do, is less."""
_MILD = {"over": NOTICE, "expired": INFO, "acknowledged": INFO, "silenced": INFO,
         "unsilenced": INFO}  # fmt: skip


def alarm_message(entry: AlarmEntry, *, facility: str, host: str, pid: int) -> bytes:
    """One line of text, and the facts as structured data.

    Args:
        entry: What became of the alarm.
        facility: One of `FACILITIES`.
        host: The name of this machine.
        pid: Of this program.
    """
    a = entry.alarm
    severity = _MILD.get(entry.change, _SEVERITIES[a.level])
    data = structured(
        (
            ("id", a.id), ("pdu", a.pdu or None), ("kind", a.kind), ("part", a.part or None),
            ("rule", a.rule or None), ("level", a.level), ("change", entry.change),
            ("since", _iso(a.since)), ("over", None if a.over is None else _iso(a.over)),
            ("value", _figure(a.value)), ("limit", _figure(a.limit)), ("unit", a.unit or None),
            ("times", a.times), ("by", entry.by or None), ("comment", entry.comment or None),
        )
    )  # fmt: skip
    return framed(
        FACILITIES[facility] * 8 + severity, entry.time, data, alarm_sentence(entry),
        kind="alarm", host=host, pid=pid,
    )  # fmt: skip


def alarm_sentence(entry: AlarmEntry) -> str:
    """`raised critical: source lost on rack1-a: Source A lost`; what people wrote behind it."""
    a = entry.alarm
    where = f" on {a.pdu}" if a.pdu else ""
    whom = f" by {entry.by}" if entry.by else ""
    said = f" ({entry.comment})" if entry.comment else ""
    return f"{entry.change} {a.level}: {KIND_WORDS[a.kind]}{where}: {a.text}{whom}{said}"


def _iso(time: datetime) -> str:
    return time.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")


def _figure(value: float | None) -> str | None:
    return None if value is None else f"{value:.10g}"
