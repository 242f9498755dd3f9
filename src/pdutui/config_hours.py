"""Times of the day and days of the week, as tariffs and maintenance windows give them."""

from __future__ import annotations

import re

from pdutui.config_errors import nearest, show
from pdutui.config_table import Table
from pdutui.domain.tariff import DAY_MINUTES, DAYS

_RIGHT_DAYS = '"mon-fri", "sat" or a list such as ["mon-thu", "sun"]'
_STEPS = {15: "a quarter of an hour"}


def time_of_day(table: Table, key: str, default: int, *, step: int = 1) -> int:
    """`06:15` as minutes of the day.

    Args:
        table: where it stands.
        key: e.g. `from`.
        default: where nothing is said, or nothing right.
        step: it has to be a multiple of so many minutes: 1 or 15.
    """
    value = table.raw(key)
    if value is None:
        return default
    found = re.fullmatch(r"(\d\d?):(\d\d)", value, re.ASCII) if isinstance(value, str) else None
    minutes = int(found[1]) * 60 + int(found[2]) if found else DAY_MINUTES + 1
    if found is None or minutes > DAY_MINUTES or int(found[2]) > 59:
        table.fail(key, f'must be a time from "00:00" to "24:00", is {show(value)}')
        return default
    if minutes % step:
        table.fail(key, f"must be on {_STEPS[step]}, is {show(value)}")
        return default
    return minutes


def hours(table: Table, *, step: int = 1) -> tuple[int, int]:
    """`from` and `to` of a table as minutes of the day; the second may be before the first."""
    begin = time_of_day(table, "from", 0, step=step)
    end = time_of_day(table, "to", DAY_MINUTES, step=step)
    if begin == DAY_MINUTES:
        table.fail("from", 'must be before "24:00": a day begins at "00:00"')
    elif begin == end:
        table.fail("to", 'must differ from "from"; all day is from "00:00" to "24:00"')
    return begin, end


def days_of_week(table: Table, key: str) -> frozenset[int]:
    """`mon-fri`, `sat`, or a list of such; every day where nothing is said. 0 is Monday."""
    value = table.raw(key)
    if value is None:
        return frozenset(range(7))
    words = value if isinstance(value, list) else [value]
    found: set[int] = set()
    for word in words:
        days = _range_of_days(word)
        if days is None:
            near = nearest(word, DAYS) if isinstance(word, str) else None
            hint = f': did you mean "{near}"?' if near else ""
            table.fail(key, f"must be {_RIGHT_DAYS}, is {show(word)}{hint}")
        else:
            found |= days
    if not words:
        table.fail(key, f"must be {_RIGHT_DAYS}, is an empty array")
    return frozenset(found)


def _range_of_days(word: object) -> set[int] | None:
    """`fri-mon` goes over the end of the week."""
    first, dash, last = word.strip().lower().partition("-") if isinstance(word, str) else ("",) * 3
    first, last = first.strip(), last.strip()
    if first not in DAYS or (dash and last not in DAYS):
        return None
    begin, end = DAYS.index(first), DAYS.index(last or first)
    return {day % 7 for day in range(begin, end + 1 + (7 if end < begin else 0))}
