"""Alarms, silences and what became of them as JSON for programs: the keys and their order stay."""

from __future__ import annotations

from pdutui.domain.alarm import Alarm, AlarmEntry, Silence
from pdutui.domain.audit_export import iso_ms as iso

__all__ = ["alarm_plain", "entry_plain", "iso", "silence_plain"]


def alarm_plain(alarm: Alarm) -> dict[str, object]:
    """An alarm. What is not known, or does not apply, is null; texts are never null."""
    ack = alarm.ack
    return {
        "id": alarm.id,
        "pdu": alarm.pdu,
        "kind": alarm.kind,
        "part": alarm.part,
        "rule": alarm.rule,
        "level": alarm.level,
        "text": alarm.text,
        "value": alarm.value,
        "limit": alarm.limit,
        "unit": alarm.unit,
        "series": alarm.series,
        "since": iso(alarm.since),
        "changed": iso(alarm.changed),
        "over": None if alarm.over is None else iso(alarm.over),
        "known": alarm.known,
        "times": alarm.times,
        "loud": alarm.loud,
        "ack": None
        if ack is None
        else {"by": ack.by, "time": iso(ack.time), "comment": ack.comment},
        "silenced_until": None if alarm.silenced_until is None else iso(alarm.silenced_until),
    }


def entry_plain(entry: AlarmEntry) -> dict[str, object]:
    """A line of the alarm history."""
    return {
        "time": iso(entry.time),
        "change": entry.change,
        "by": entry.by,
        "comment": entry.comment,
        "alarm": alarm_plain(entry.alarm),
    }


def silence_plain(silence: Silence) -> dict[str, object]:
    """A silence."""
    return {
        "id": silence.id,
        "pdu": silence.pdu,
        "kind": silence.kind,
        "part": silence.part,
        "until": iso(silence.until),
        "by": silence.by,
        "comment": silence.comment,
    }
