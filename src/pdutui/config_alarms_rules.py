"""`[[alarms.threshold]]` and `[[alarms.budget]]` of the configuration: limits of our own."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Literal

from pdutui.config_errors import nearest, show
from pdutui.config_names import Known, check_pdus
from pdutui.config_table import Table
from pdutui.domain.alarm_measure import MEASURES, PARTS, ThresholdOf
from pdutui.settings import BudgetSettings, ThresholdSettings

HIGHS = ("high_warning", "high_critical")
LOWS = ("low_warning", "low_critical")
_THRESHOLD_KEYS = ("name", "of", "measure", "pdus", "parts", *HIGHS, *LOWS, "hysteresis", "hold_s")
_BUDGET_KEYS = ("name", "kwh", "per", "pdus", "warning_percent")
_PERIODS: tuple[Literal["day"], Literal["week"], Literal["month"]] = ("day", "week", "month")
_MOST = 200
_LONGEST_NAME = 60
_LONGEST_HOLD_S = 86_400
_LARGEST = 1e9
_WILD = frozenset("*?[")


def read_thresholds(alarms: Table, known: Known) -> tuple[ThresholdSettings, ...]:
    """Every threshold, in the order of the file."""
    tables = alarms.subs("threshold", header="alarms.threshold", most=_MOST, named=True)
    found = [_threshold(table, number, known) for number, table in enumerate(tables, 1)]
    _check_names(tables, [one.name for one in found], "threshold")
    return tuple(found)


def read_budgets(alarms: Table, known: Known) -> tuple[BudgetSettings, ...]:
    """Every energy budget, in the order of the file."""
    tables = alarms.subs("budget", header="alarms.budget", most=_MOST, named=True)
    found = [_budget(table, number, known) for number, table in enumerate(tables, 1)]
    _check_names(tables, [one.name for one in found], "budget")
    return tuple(found)


def is_pattern(word: str) -> bool:
    """Whether it may fit several names, and so may fit none today."""
    return not _WILD.isdisjoint(word)


def _check_names(tables: Sequence[Table], names: Sequence[str], what: str) -> None:
    seen: dict[str, int] = {}
    for number, (table, name) in enumerate(zip(tables, names, strict=True), 1):
        first = seen.setdefault(name.casefold(), number)
        if first != number:
            table.fail("name", f"{show(name)} is that of {what} {first} already")


def _name(table: Table, number: int, what: str) -> str:
    name = table.text("name")
    if name is None and not table.has("name"):
        table.fail("name", "is missing: alarms are called by it")
    if name is not None and len(name) > _LONGEST_NAME:
        table.fail("name", f"must have {_LONGEST_NAME} characters at most")
    return name or f"{what} {number}"


def _pdus(table: Table, known: Known) -> tuple[str, ...]:
    """Names and patterns. A name has to be there; a pattern may wait for what is to come."""
    pdus = table.texts("pdus") or ()
    if table.has("pdus") and table.raw("pdus") == []:
        table.fail("pdus", "is an empty array: leave it out for all PDUs")
    for one in pdus:
        if not is_pattern(one) and one not in known.pdus:
            check_pdus(table, "pdus", one, known.pdus)
    return pdus


# -- thresholds ----------------------------------------------------------------------------------


def _threshold(table: Table, number: int, known: Known) -> ThresholdSettings:
    table.check_keys(_THRESHOLD_KEYS)
    of, measure = _of_what(table)
    limits = {key: _limit(table, key, measure) for key in (*HIGHS, *LOWS)}
    hysteresis = _number(table, "hysteresis", at_least=0)
    _check_limits(table, limits, measure)
    _check_hysteresis(table, limits, hysteresis, measure)
    return ThresholdSettings(
        name=_name(table, number, "threshold"),
        of=of,
        measure=measure,
        pdus=_pdus(table, known),
        parts=_parts(table, of),
        **limits,
        hysteresis=hysteresis,
        hold_s=_number(table, "hold_s", at_least=0, at_most=_LONGEST_HOLD_S),
    )


def _of_what(table: Table) -> tuple[ThresholdOf, str]:
    """The kind of part and the figure of it."""
    if not table.has("of"):
        table.fail("of", f"is missing: {_either(PARTS)}")
    of = table.choice("of", "inlet", PARTS)
    fits = MEASURES[of]
    if not table.has("measure"):
        if fits != ("value",):  # a sensor has nothing else
            table.fail("measure", f"is missing: {_either(fits)}")
        return of, fits[0]
    measure = table.text("measure")
    if measure is None or measure in fits:
        return of, measure or fits[0]
    right = f"of {_a(of)} must be {_either(fits)}, is {show(measure)}"
    near = nearest(measure, fits)
    table.fail("measure", right + (f": did you mean {near!r}?" if near else ""))
    return of, fits[0]


def _parts(table: Table, of: ThresholdOf) -> tuple[str, ...]:
    """Numbers, names or patterns; `[1, 2]` is as good as `["1", "2"]`."""
    raw = table.raw("parts")
    if raw is None:
        return ()
    if of == "pdu":
        table.fail("parts", "is for parts of PDUs: leave it out where of is pdu")
        return ()
    listed = raw if isinstance(raw, list) else [raw]
    if not listed:
        table.fail("parts", f"is an empty array: leave it out for every {of}")
    found: dict[str, None] = {}
    for one in listed:
        whole = isinstance(one, int) and not isinstance(one, bool)
        text = str(one) if whole else one
        if not isinstance(text, str) or not text.strip() or not text.isprintable():
            table.fail("parts", f'must be numbers or names, as [1, 2] or ["L*"], has {show(one)}')
        elif text.strip() in found:
            table.fail("parts", f"has {show(text.strip())} twice")
        elif of == "source" and not is_pattern(text) and text.strip() not in ("A", "B"):
            table.fail("parts", f'must be "A" or "B" of a source, has {show(one)}')
        else:
            found[text.strip()] = None
    return tuple(found)


def _limit(table: Table, key: str, measure: str) -> float | None:
    """A limit in the unit of the measure; sensors alone go below zero."""
    if measure == "age_s" and key in LOWS and table.has(key):
        table.fail(key, "means nothing for age_s: a reading is never too young")
        return None
    return _number(
        table,
        key,
        at_least=-_LARGEST if measure == "value" else 0,
        at_most=1 if measure == "power_factor" else _LARGEST,
    )


def _number(table: Table, key: str, *, at_least: float, at_most: float = _LARGEST) -> float | None:
    """A number, or None where none is said: no number of a file is NaN."""
    found = table.number(key, math.nan, at_least=at_least, at_most=at_most)
    return None if math.isnan(found) else found


def _check_limits(table: Table, limits: dict[str, float | None], measure: str) -> None:
    if not any(table.has(key) for key in (*HIGHS, *LOWS)):
        keys = HIGHS if measure == "age_s" else (*HIGHS, *LOWS)
        table.fail("high_warning", f"is missing: at least one of {', '.join(keys)} is needed")
    order = ("low_critical", "low_warning", "high_warning", "high_critical")
    there = [(key, value) for key in order if (value := limits[key]) is not None]
    for place, (key, value) in enumerate(there[1:], 1):
        below, other = there[place - 1]
        if value <= other:
            table.fail(key, f"must be above {below} ({other:g}), is {value:g}")


def _check_hysteresis(
    table: Table, limits: dict[str, float | None], hysteresis: float | None, measure: str
) -> None:
    """See that an alarm can be over again: there has to be a place so far inside the limits."""
    if not hysteresis:
        return
    highs = [v for key in HIGHS if (v := limits[key]) is not None]
    lows = [v for key in LOWS if (v := limits[key]) is not None]
    low = max(lows) if lows else None if measure == "value" else 0.0
    high = min(highs, default=None)
    if high is not None and low is not None and hysteresis >= high - low:
        table.fail(
            "hysteresis",
            f"must be below {high - low:g}, else the alarm could never be over, is {hysteresis:g}",
        )


# -- budgets -------------------------------------------------------------------------------------


def _budget(table: Table, number: int, known: Known) -> BudgetSettings:
    table.check_keys(_BUDGET_KEYS)
    if not table.has("kwh"):
        table.fail("kwh", "is missing: how much energy may be used")
    return BudgetSettings(
        name=_name(table, number, "budget"),
        kwh=table.number("kwh", 1.0, above=0, at_most=_LARGEST),
        per=table.choice("per", "day", _PERIODS),
        pdus=_pdus(table, known),
        warning_percent=table.number("warning_percent", 80.0, above=0, at_most=100),
    )


def _either(words: Sequence[str]) -> str:
    if len(words) == 1:
        return words[0]
    return f"{', '.join(words[:-1])} or {words[-1]}"


def _a(word: str) -> str:
    return f"an {word}" if word[0] in "aeiou" else f"a {word}"
