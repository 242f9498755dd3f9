"""Moments as people write them: `2026-11-20 03:12`, `-6h`, `yesterday 14:00`, `now`.

A time without a zone is local. Twice a year that is not one moment: an hour that comes twice, an
hour that is skipped. Both are taken for something, and said.
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta, timezone, tzinfo
from typing import Literal

from pdutui.domain.zone import start_of_day

EXAMPLES = "2026-11-20 03:12, 2026-11-20T03:12:00Z, 2026-11-20, 03:12, -6h, yesterday 14:00, now"
"""For help and errors."""

Note = Callable[[str], None]

_UNITS = {"w": 604_800, "d": 86_400, "h": 3_600, "m": 60, "min": 60, "s": 1}
_AGO = re.compile(r"-((?:[0-9]{1,9} ?(?:w|d|h|min|m|s) ?)+)")
_PIECE = re.compile(r"([0-9]+) ?(w|d|h|min|m|s)")
_MOMENT = re.compile(
    r"(?:(?P<day>[0-9]{4}-[0-9]{2}-[0-9]{2}|today|yesterday)(?:[Tt ]|$))? *"
    r"(?P<time>[0-9]{1,2}:[0-9]{2}(?::[0-9]{2}(?:[.,][0-9]{1,6})?)?)?"
    r" ?(?P<zone>[Zz]|UTC|utc|[+-][0-9]{2}(?::?[0-9]{2})?)?"
)
_FIRST_YEAR, _LAST_YEAR = 1970, 9998


def parse_when(
    text: str,
    now: datetime,
    zone: tzinfo,
    *,
    note: Note | None = None,
    fold: Literal[0, 1] = 0,
) -> datetime:
    """The moment that `text` means, in UTC.

    A date alone is its first moment. A time alone is the last time that it was that. `-1d` is 24
    hours before now.

    Args:
        text: As in `EXAMPLES`.
        now: What `now` is; with a zone.
        zone: Where times without one are.
        note: Called with a sentence if the time comes twice or not at all.
        fold: Of a time that comes twice, 0 takes the first and 1 the second. A time that is
            skipped is the moment of the change.

    Raises:
        ValueError: It is no time; the message says what is one.
    """
    said = " ".join(text.split())
    try:
        when = _parse(said, now, zone, note, fold)
    except OverflowError:
        raise ValueError(f"{text!r} is too far away") from None
    if not _FIRST_YEAR <= when.year <= _LAST_YEAR:
        raise ValueError(f"{text!r} is outside of the years {_FIRST_YEAR} to {_LAST_YEAR}")
    return when


def _parse(
    text: str, now: datetime, zone: tzinfo, note: Note | None, fold: Literal[0, 1]
) -> datetime:
    word = text.lower()
    if word == "now":
        return now.astimezone(UTC)
    if ago := _AGO.fullmatch(word):
        seconds = sum(int(n) * _UNITS[unit] for n, unit in _PIECE.findall(ago[1]))
        return now.astimezone(UTC) - timedelta(seconds=seconds)
    match = _MOMENT.fullmatch(word if word.startswith(("today", "yesterday")) else text)
    if not text or match is None or not (match["day"] or match["time"]):
        raise ValueError(_no_time(text))
    own = _zone(match["zone"], zone, text)
    local_now = now.astimezone(own)
    day = _day(match["day"], local_now.date(), text)
    if match["time"] is None:
        return start_of_day(day, own)
    moment = _moment(day, match["time"], own, note, fold, text)
    if match["day"] is None and moment > now:
        moment = _moment(day - timedelta(days=1), match["time"], own, note, fold, text)
    return moment


def _no_time(text: str) -> str:
    meant = difflib.get_close_matches(text.lower(), ("now", "today", "yesterday"), 1)
    hint = f": did you mean {meant[0]!r}?" if meant else ""
    return f"{text!r} is no time{hint} (a time is like {EXAMPLES})"


def _zone(said: str | None, zone: tzinfo, text: str) -> tzinfo:
    if said is None:
        return zone
    if said.lower() in ("z", "utc"):
        return UTC
    figures = said[1:].replace(":", "").ljust(4, "0")
    offset = timedelta(hours=int(figures[:2]), minutes=int(figures[2:]))
    if offset >= timedelta(hours=24) or int(figures[2:]) > 59:
        raise ValueError(f"{text!r}: there is no such zone")
    return timezone(-offset if said.startswith("-") else offset)


def _day(said: str | None, today: date, text: str) -> date:
    if said in (None, "today"):
        return today
    if said == "yesterday":
        return today - timedelta(days=1)
    try:
        return date.fromisoformat(said or "")
    except ValueError:
        raise ValueError(f"{text!r}: there is no such day") from None


def _moment(
    day: date, time: str, zone: tzinfo, note: Note | None, fold: Literal[0, 1], text: str
) -> datetime:
    hour, minute, *rest = time.replace(",", ".").split(":")
    seconds, _, fraction = (rest[0] if rest else "0").partition(".")
    try:
        local = datetime(
            day.year, day.month, day.day, int(hour), int(minute), int(seconds),
            int(fraction.ljust(6, "0")), tzinfo=zone,
        )  # fmt: skip
    except ValueError:
        raise ValueError(f"{text!r}: there is no such time of day") from None
    first, second = (local.replace(fold=f).astimezone(UTC) for f in (0, 1))
    if first == second:
        return first
    said = f"{local:%Y-%m-%d %H:%M:%S}".removesuffix(":00")
    if first < second:
        if note is not None:
            taken, other = (first, second) if fold == 0 else (second, first)
            which = "first" if fold == 0 else "second"
            note(
                f"{said} comes twice as the clocks go back: taken as the {which}, "
                f"{_with_offset(taken, zone)}; the other one is {_with_offset(other, zone)}"
            )
        return second if fold else first
    change = _change(second, first, zone)
    if note is not None:
        note(
            f"{said} is skipped as the clocks go forward: taken as {_with_offset(change, zone)}, "
            "when they did"
        )
    return change


def _change(before: datetime, after: datetime, zone: tzinfo) -> datetime:
    """When the offset changed between two moments of UTC, to the second."""
    old = before.astimezone(zone).utcoffset()
    while after - before > timedelta(seconds=1):
        middle = (before + (after - before) / 2).replace(microsecond=0)
        if middle <= before:
            break
        if middle.astimezone(zone).utcoffset() == old:
            before = middle
        else:
            after = middle
    return after.replace(microsecond=0)


def _with_offset(moment: datetime, zone: tzinfo) -> str:
    return moment.astimezone(zone).isoformat(" ", "minutes")
