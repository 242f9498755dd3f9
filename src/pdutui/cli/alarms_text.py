"""Alarms as text and JSON."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, tzinfo

from pdutui.cli.alarms_place import Listed
from pdutui.cli.amounts import counted, span_text
from pdutui.cli.text import UNKNOWN, clean, table
from pdutui.domain.alarm import KIND_WORDS, Alarm, AlarmEntry, Silence
from pdutui.domain.alarm_json import alarm_plain, iso, silence_plain

NOBODY = "nobody judges alarms now"


def listed_plain(found: Listed, *, live: bool) -> dict[str, object]:
    """For `--json`: the list, and how far it can be trusted.

    Args:
        found: the list.
        live: it was judged just now, by this program.
    """
    return {
        "judged": live or bool(found.judged),
        "written": None if found.written is None else iso(found.written),
        "alarms": [alarm_plain(alarm) for alarm in found.alarms],
        "silences": [silence_plain(silence) for silence in found.silences],
    }


def listed_text(found: Listed, now: datetime, zone: tzinfo, *, live: bool) -> list[str]:
    """The table, and silences below it; `live` as of `listed_plain`."""
    if not found.alarms:
        lines = ["no alarms" if found.judged or live else "no alarms are known"]
    else:
        heads = ("level", "PDU", "alarm", "since", "for", "state", "times", "id")
        rows = [_row(alarm, now, zone) for alarm in found.alarms]
        lines = table(heads, rows, words=frozenset(heads) - {"for", "times"})
    if found.silences:
        lines += ["", *silences_text(found.silences, now, zone)]
    return lines


def summary(found: Listed) -> str:
    """`3 alarms: 1 critical, 1 warning, 1 acknowledged or silenced`."""
    loud = [alarm for alarm in found.alarms if alarm.loud]
    critical = sum(alarm.level == "critical" for alarm in loud)
    parts = [
        f"{count} {word}"
        for count, word in (
            (critical, "critical"),
            (len(loud) - critical, "warning"),
            (len(found.alarms) - len(loud), "acknowledged or silenced"),
        )
        if count
    ]
    return f"{counted(len(found.alarms), 'alarm')}: {', '.join(parts)}" if parts else "no alarms"


def silences_text(silences: Sequence[Silence], now: datetime, zone: tzinfo) -> list[str]:
    """A table of silences."""
    heads = ("silenced", "kind", "part", "until", "for", "by", "comment", "id")
    rows = [
        (
            clean(one.pdu),
            UNKNOWN if one.kind is None else KIND_WORDS[one.kind],
            clean(one.part) or UNKNOWN,
            when(one.until, now, zone),
            span_text((one.until - now).total_seconds()),
            clean(one.by) or UNKNOWN,
            clean(one.comment) or UNKNOWN,
            one.id,
        )
        for one in silences
    ]
    return table(heads, rows, words=frozenset(heads) - {"for"})


def _row(alarm: Alarm, now: datetime, zone: tzinfo) -> tuple[str, ...]:
    return (
        alarm.level.upper() if alarm.level == "critical" and alarm.loud else alarm.level,
        clean(alarm.pdu) or UNKNOWN,
        _what(alarm),
        when(alarm.since, now, zone),
        _lasted(((alarm.over or now) - alarm.since).total_seconds()),
        _state(alarm, now, zone),
        str(alarm.times) if alarm.times > 1 else UNKNOWN,
        alarm.id,
    )


def _lasted(seconds: float) -> str:
    return span_text(seconds) if seconds >= 1 else UNKNOWN


def _what(alarm: Alarm) -> str:
    """Its text, which names the kind where it does not say it itself."""
    return clean(alarm.text) or KIND_WORDS[alarm.kind]


def _state(alarm: Alarm, now: datetime, zone: tzinfo) -> str:
    """`active`, `over 12:03`; whether that is known, who has seen it, how long it is silenced."""
    parts = ["active" if alarm.over is None else f"over {when(alarm.over, now, zone)}"]
    if not alarm.known:
        parts = ["not known any more"]
    if alarm.ack is not None:
        comment = f": {clean(alarm.ack.comment)}" if alarm.ack.comment else ""
        parts.append(f"acknowledged by {clean(alarm.ack.by)}{comment}")
    if alarm.silenced_until is not None:
        parts.append(f"silenced until {when(alarm.silenced_until, now, zone)}")
    return ", ".join(parts)


def entry_line(entry: AlarmEntry, zone: tzinfo) -> str:
    """What became of an alarm, in one line."""
    a = entry.alarm
    whom = f" by {clean(entry.by)}" if entry.by else ""
    said = f": {clean(entry.comment)}" if entry.comment else ""
    time = entry.time.astimezone(zone).strftime("%Y-%m-%d %H:%M:%S")
    where = f"{clean(a.pdu)}: " if a.pdu else ""
    return f"{time}  {entry.change} {a.level}  {where}{_what(a)}{whom}{said}  [{a.id}]"


def when(time: datetime, now: datetime, zone: tzinfo) -> str:
    """`12:03:11` of today, else with its date; local."""
    local = time.astimezone(zone)
    same = local.date() == now.astimezone(zone).date()
    return local.strftime("%H:%M:%S" if same else "%Y-%m-%d %H:%M")
