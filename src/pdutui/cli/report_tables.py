"""The tables of an energy report, before they are lines of text or of Markdown."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from datetime import datetime, tzinfo
from decimal import Decimal

import msgspec

from pdutui.cli.text import UNKNOWN, Row, clean
from pdutui.domain.periods import Unit
from pdutui.domain.report_model import Course, EnergyReport, Kind, Line, PduReport, Step
from pdutui.domain.tariff import money

PARTIAL = "*"
SPREAD = "~"
UNLIKE = "!"
MEANING = {
    PARTIAL: "a part of the time is not known: in truth it was more",
    SPREAD: "some of it flowed while nobody looked: the sum is right, when it flowed is not known",
    UNLIKE: "of this time or of the one before a part is not known: they compare badly",
}
"""What the marks behind a figure mean."""
_SHORTEST_NAME = 12
_FEW_STEPS = 8
"""So many fit beside each other."""


class Sheet(msgspec.Struct, frozen=True):
    """A table. Columns whose head is in `words` stand left."""

    heads: tuple[str, ...]
    rows: list[Row]
    words: frozenset[str]
    title: str = ""


# -- figures -------------------------------------------------------------------------------------


def kwh_digits(values: Iterable[float | None]) -> int:
    """Decimals for energies that stand in one column."""
    most = max((abs(v) for v in values if v is not None), default=0.0)
    return 1 if most >= 1000 else 2 if most >= 100 else 3


def kwh_text(kwh: float | None, digits: int) -> str:
    """`12.345`."""
    return UNKNOWN if kwh is None else f"{kwh:.{digits}f}"


def cost_text(cost: Decimal | None, currency: str | None) -> str:
    """`3.70`, without its currency."""
    return UNKNOWN if cost is None else money(cost, currency or "")


def share_text(share: float | None) -> str:
    """`12.3 %`."""
    return UNKNOWN if share is None else f"{100 * share:.1f} %"


def signed(value: float | None, digits: int, unit: str = "") -> str:
    """`+1.234`, `-0.5 %`, `0.0 %`."""
    if value is None:
        return UNKNOWN
    text = f"{value:+.{digits}f}"
    if not any(c in "123456789" for c in text):
        text = text[1:]
    return f"{text} {unit}".rstrip()


def percent_text(percent: float | None) -> str:
    """`+12.3 %`; beyond tenfold, only that."""
    return ">999 %" if percent is not None and percent >= 1000 else signed(percent, 1, "%")


def read_text(part: float) -> str:
    """The share of the time, rounded down: 100 only where nothing is missing."""
    if part in (0.0, 1.0):
        return f"{100 * part:.0f} %"
    return f"{max(0.1, math.floor(part * 1000) / 10):.1f} %"


def watts_text(watts: float | None) -> str:
    """Whole watts; small ones with a decimal."""
    if watts is None:
        return UNKNOWN
    return f"{watts:.1f}" if 0 < abs(watts) < 10 else f"{watts:.0f}"


def marks(one: Line | Step) -> str:
    """What has to be said about a figure."""
    return (PARTIAL if one.partial else "") + (SPREAD if one.spread else "")


def compares_badly(one: Line) -> bool:
    """Whether the period or the one before is known in part only."""
    return one.change_kwh is not None and min(one.known, one.previous_known or 0.0) < 1


def price_text(price: Decimal) -> str:
    """`0.30`, `0.2275`."""
    whole, _, cents = f"{price:f}".partition(".")
    return f"{whole}.{cents.ljust(2, '0')}"


def moment_text(moment: datetime, zone: tzinfo) -> str:
    """`Tue 2026-11-17 14:15`."""
    return f"{moment.astimezone(zone):%a %Y-%m-%d %H:%M}"


# -- tables --------------------------------------------------------------------------------------


def lines_sheet(lines: Sequence[Line], head: str, currency: str | None) -> Sheet:
    """Parts, or PDUs, with what they used and how that compares; `head` is what they are."""
    digits = kwh_digits(one.kwh for one in lines)
    said = [marks(one) for one in lines]
    unlike = [compares_badly(one) for one in lines]
    rows: list[Row] = [
        (
            clean(one.name),
            kwh_text(one.kwh, digits),
            mark if any(said) else UNKNOWN,
            share_text(one.share),
            cost_text(one.cost, currency),
            signed(one.change_kwh, digits),
            percent_text(one.change_percent),
            (UNLIKE if odd else "") if any(unlike) else UNKNOWN,
            read_text(one.coverage),
            one.method or UNKNOWN,
        )
        for one, mark, odd in zip(lines, said, unlike, strict=True)
    ]
    heads = (head, "kWh", "", "share", currency or "cost", "change", "in %", "", "read", "by")
    return Sheet(heads, rows, frozenset({head, "", "by"}))


def pdus_sheet(report: EnergyReport) -> Sheet:
    """The PDUs of a report and their sum."""
    lines = [one.total for one in report.pdus]
    if report.total is not None:
        lines.append(report.total)
    return lines_sheet(lines, "PDU", report.currency)


def parts_sheet(pdu: PduReport, kind: Kind, report: EnergyReport) -> Sheet | None:
    """The parts of one kind; None if the PDU has none, or nothing is known of any."""
    lines = pdu.lines(kind)
    if not any(one.kwh is not None for one in lines):
        return None
    return lines_sheet(lines, kind, report.currency)


def course_sheets(report: EnergyReport, zone: tzinfo) -> list[Sheet]:
    """What was used in each step: side by side where there are few, else one below the other."""
    several = len({course.pdu for course in report.courses}) > 1
    few = max((len(course.steps) for course in report.courses), default=0) <= _FEW_STEPS
    if len(report.courses) > 1 and few:
        groups = [list(report.courses)]
        if any(course.part != "pdu" for course in report.courses):
            by_pdu: dict[str, list[Course]] = {}
            for course in report.courses:
                by_pdu.setdefault(course.pdu, []).append(course)
            groups = list(by_pdu.values())
        return [
            _beside(group, report, zone, clean(group[0].pdu) if len(groups) > 1 else "")
            for group in groups
        ]
    return [_below(course, report, zone, several) for course in report.courses]


def _beside(courses: Sequence[Course], report: EnergyReport, zone: tzinfo, title: str) -> Sheet:
    steps = courses[0].steps
    sums = [_sum(course, report) for course in courses]
    digits = kwh_digits([one.kwh for one in sums if one is not None])
    cells: list[list[Line | Step | None]] = [
        [*course.steps, total] for course, total in zip(courses, sums, strict=True)
    ]
    room_for_marks = max(len(marks(one)) for row in cells for one in row if one is not None)
    rows: list[Row] = []
    for course, row in zip(courses, cells, strict=True):
        figures = (
            UNKNOWN if one is None or one.kwh is None
            else kwh_text(one.kwh, digits) + marks(one).ljust(room_for_marks)
            for one in row
        )  # fmt: skip
        rows.append((clean(course.name), *figures))
    head = "PDU" if courses[0].part == "pdu" else courses[0].part.partition(".")[0]
    labels = [_short(step, report.by, zone) for step in steps]
    return Sheet((f"{head}, kWh", *labels, "sum"), rows, frozenset({f"{head}, kWh"}), title)


def _below(course: Course, report: EnergyReport, zone: tzinfo, several: bool) -> Sheet:
    total = _sum(course, report)
    lines: list[Line | Step] = [*course.steps, *([] if total is None else [total])]
    digits = kwh_digits(one.kwh for one in lines)
    said = [marks(one) for one in lines]
    # On the day on which the clock is changed, an hour comes twice.
    changes = len({s.from_time.astimezone(zone).utcoffset() for s in course.steps}) > 1
    rows: list[Row] = []
    for one, mark in zip(lines, said, strict=True):
        label = "sum"
        if isinstance(one, Step):
            label = _long(one, report.by, zone, offset=changes)
        rows.append(
            (
                label,
                kwh_text(one.kwh, digits),
                mark if any(said) else UNKNOWN,
                cost_text(one.cost, report.currency),
                watts_text(one.mean_w),
                watts_text(one.peak_w),
                read_text(one.coverage),
                one.method or UNKNOWN,
            )
        )
    head = report.by or "time"
    heads = (head, "kWh", "", report.currency or "cost", "mean W", "peak W", "read", "by")
    title = clean(course.name)
    if course.part != "pdu" and several:
        title = f"{clean(course.pdu)}, {title}"
    return Sheet(heads, rows, frozenset({head, "", "by"}), title)


def _sum(course: Course, report: EnergyReport) -> Line | None:
    for pdu in report.pdus:
        if pdu.pdu == course.pdu:
            every = (pdu.total, *pdu.inlets, *pdu.phases, *pdu.banks, *pdu.outlets)
            return next((one for one in every if one.part == course.part), None)
    return None


def _short(step: Step, by: Unit | None, zone: tzinfo) -> str:
    local = step.from_time.astimezone(zone)
    if by == "hour":
        return f"{local:%H:%M}"
    if by == "day":
        return f"{local:%a} {local.day}"
    return step.period.partition("-")[2] if by == "week" else step.period


def _long(step: Step, by: Unit | None, zone: tzinfo, *, offset: bool) -> str:
    local = step.from_time.astimezone(zone)
    if by == "hour":
        return f"{local:%a %Y-%m-%d %H:%M}{local.isoformat()[19:] if offset else ''}"
    return f"{local:%a} {step.period}" if by == "day" else step.period


def fitted(sheet: Sheet, overflow: int) -> Sheet:
    """With the names in the first column so much shorter, as far as they stay readable."""
    widest = max(len(row[0]) for row in sheet.rows)
    room = max(_SHORTEST_NAME, widest - overflow)
    rows = [
        row if len(row[0]) <= room else (f"{row[0][: room - 1]}…", *row[1:]) for row in sheet.rows
    ]
    return Sheet(sheet.heads, rows, sheet.words, sheet.title)
