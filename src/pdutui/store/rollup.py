"""Samples of an hour as minutes and quarters of an hour: n, sum, min, max, last; exact integers.

Columns of a rollup are named as `schema_sealed` says: `at`, and per field `power_w.n` and so on.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Mapping, Sequence

from pdutui.domain.history import HOUR_MS, MINUTE_MS, QUARTER_MS

Column = Sequence[int | None]
Columns = dict[str, list[int | None]]

PARTS = ("n", "sum", "min", "max", "last")
QUARTERS_AN_HOUR = HOUR_MS // QUARTER_MS
_MINUTES_A_QUARTER = QUARTER_MS // MINUTE_MS

Slice = tuple[int, int, int]
"""Which step, and where its samples begin and end."""


def slices(times: Sequence[int], begin_ms: int, step_ms: int) -> list[Slice]:
    """Where the steps that have samples lie in `times`, which ascend."""
    out: list[Slice] = []
    begin = 0
    for place in range(1, len(times) + 1):
        step = (times[begin] - begin_ms) // step_ms
        if place == len(times) or (times[place] - begin_ms) // step_ms != step:
            out.append((step, begin, place))
            begin = place
    return out


def rolled_up(columns: Mapping[str, Column], steps: Sequence[Slice]) -> Columns:
    """The rollup of columns of samples by steps."""
    out: Columns = {"at": [step for step, _, _ in steps]}
    for field, values in columns.items():
        made = [_of(values[begin:end]) for _, begin, end in steps]
        for place, name in enumerate(PARTS):
            out[f"{field}.{name}"] = [each[place] for each in made]
    return out


_Figures = tuple[int, int | None, int | None, int | None, int | None]
_NONE: _Figures = (0, None, None, None, None)


def _of(values: Column) -> _Figures:
    try:
        return len(values), sum(values), min(values), max(values), values[-1]  # type: ignore[arg-type,type-var]
    except TypeError:  # there is a None among them
        known = [value for value in values if value is not None]
    return (len(known), sum(known), min(known), max(known), known[-1]) if known else _NONE


def quarters_of(minutes: Columns, hour: int) -> Columns:
    """The quarters of an hour from its minutes, counted from midnight (UTC)."""
    first = hour % 24 * QUARTERS_AN_HOUR
    at = [int(minute or 0) // _MINUTES_A_QUARTER for minute in minutes["at"]]
    groups = slices(at, 0, 1)
    out: Columns = {"at": [first + quarter for quarter, _, _ in groups]}
    for field in fields_of(minutes):
        made = []
        for _, begin, end in groups:
            n, total, least, most, last = (
                [v for v in minutes[f"{field}.{name}"][begin:end] if v is not None]
                for name in PARTS
            )
            known = (sum(n), sum(total), min(least), max(most), last[-1]) if total else _NONE
            made.append(known)
        for place, name in enumerate(PARTS):
            out[f"{field}.{name}"] = [each[place] for each in made]
    return out


def fields_of(rollup: Mapping[str, Column]) -> list[str]:
    """The fields that a rollup has."""
    return [name.removesuffix(".n") for name in rollup if name.endswith(".n")]


def with_hour(day: Columns, quarters: Columns, hour: int) -> Columns:
    """A day's quarters with those of one hour put in the place of what was there."""
    at = [int(quarter or 0) for quarter in day.get("at", ())]
    inside = _places(day, hour)
    before, after = inside.start, inside.stop
    count = len(quarters["at"])
    out: Columns = {"at": [*at[:before], *quarters["at"], *at[after:]]}
    for field in dict.fromkeys((*fields_of(day), *fields_of(quarters))):
        for name in PARTS:
            missing = 0 if name == "n" else None
            old = day.get(f"{field}.{name}", [missing] * len(at))
            new = quarters.get(f"{field}.{name}", [missing] * count)
            out[f"{field}.{name}"] = [*old[:before], *new, *old[after:]]
    return out


def counted(day: Columns, hour: int) -> dict[str, int]:
    """How many values of each field the quarters of one hour of a day were made of."""
    inside = _places(day, hour)
    return {field: sum(n or 0 for n in day[f"{field}.n"][inside]) for field in fields_of(day)}


def _places(day: Columns, hour: int) -> slice:
    first = hour % 24 * QUARTERS_AN_HOUR
    at = [int(quarter or 0) for quarter in day.get("at", ())]
    return slice(bisect_left(at, first), bisect_left(at, first + QUARTERS_AN_HOUR))


def on_top(day: Columns, late: Columns, hour: int) -> Columns:
    """The quarters of one hour of a day with those of polls that they were not made of.

    For `with_hour`, where the polls behind the quarters that there are are not kept any more.
    Columns that neither has are made of None.
    """
    inside = _places(day, hour)
    if inside.start == inside.stop:
        return late
    at = sorted({int(q or 0) for q in (*day.get("at", ())[inside], *late["at"])})
    out: Columns = {"at": list(at)}
    for field in dict.fromkeys((*fields_of(day), *fields_of(late))):
        figures: dict[int, _Figures] = {}
        for rollup, part in ((day, inside), (late, slice(None))):
            if f"{field}.n" not in rollup:
                continue
            places = rollup["at"][part]
            nothing: list[int | None] = [None] * len(rollup["at"])
            columns = [rollup.get(f"{field}.{name}", nothing)[part] for name in PARTS]
            for place, n, *rest in zip(places, *columns, strict=True):
                quarter = int(place or 0)
                figures[quarter] = _both(figures.get(quarter, _NONE), _figures(n, rest))
        for nth, name in enumerate(PARTS):
            out[f"{field}.{name}"] = [figures.get(quarter, _NONE)[nth] for quarter in at]
    return out


def _figures(n: int | None, rest: list[int | None]) -> _Figures:
    total, low, high, last = rest
    return (n, total, low, high, last) if n else _NONE


def _both(one: _Figures, late: _Figures) -> _Figures:
    if not one[0] or not late[0]:
        return late if late[0] else one
    _, total, low, high, last = one  # what came in time mostly goes on to the end of its quarter
    _, late_total, late_low, late_high, _ = late
    return (
        one[0] + late[0],
        None if total is None or late_total is None else total + late_total,
        None if low is None or late_low is None else min(low, late_low),
        None if high is None or late_high is None else max(high, late_high),
        last,
    )
