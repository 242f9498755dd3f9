"""An energy report for programs and documents: JSON, CSV, Markdown."""

from __future__ import annotations

import csv
import io
from datetime import datetime, tzinfo

from pdutui.cli.report_find import Found
from pdutui.cli.report_tables import Sheet, course_sheets, parts_sheet, pdus_sheet
from pdutui.cli.report_text import (
    basis_words,
    facts,
    gap_lines,
    heading,
    note_lines,
    used_marks,
    zone_of,
)
from pdutui.cli.text import UNKNOWN, clean, iso
from pdutui.domain.report_model import KINDS, EnergyReport, Line, PduReport, Step, report_json

_COLUMNS = (
    "pdu", "part", "name", "period", "from", "to", "kwh", "method", "coverage", "known", "spread",
    "cost", "currency", "partial", "share", "previous_kwh", "change_kwh", "change_percent",
    "mean_w", "peak_w", "peak_time", "peak_of",
)  # fmt: skip


def json_text(report: EnergyReport) -> str:
    """One line."""
    return report_json(report).decode()


def csv_text(report: EnergyReport) -> str:
    """A row for every part; with steps, for every step of every part. What is unknown is empty."""
    file = io.StringIO()
    writer = csv.writer(file, lineterminator="\n")
    writer.writerow(_COLUMNS)
    span = (report.period, report.from_time, report.to_time)
    if report.by is not None:
        for course in report.courses:
            for step in course.steps:
                place = (course.pdu, course.part, course.name)
                times = (step.period, step.from_time, step.to_time)
                writer.writerow(_cells(place, times, step, report))
        return file.getvalue()
    for pdu in report.pdus:
        for one in _lines(pdu):
            writer.writerow(_cells((pdu.pdu, one.part, one.name), span, one, report))
    if report.total is not None and len(report.pdus) > 1:
        total = report.total
        writer.writerow(_cells(("", total.part, total.name), span, total, report))
    return file.getvalue()


def _lines(pdu: PduReport) -> list[Line]:
    return [pdu.total, *(one for kind in KINDS for one in pdu.lines(kind))]


def _cells(
    place: tuple[str, str, str],
    times: tuple[str, datetime, datetime],
    one: Line | Step,
    report: EnergyReport,
) -> list[str]:
    compared = (
        (one.share, one.previous_kwh, one.change_kwh, one.change_percent)
        if isinstance(one, Line)
        else (None,) * 4
    )
    cells: list[object] = [
        *map(_safe, place), times[0], iso(times[1]), iso(times[2]), one.kwh, one.method,
        one.coverage, one.known, one.spread, one.cost, report.currency if one.cost is not None
        else None, one.partial, *compared, one.mean_w, one.peak_w,
        None if one.peak_time is None else iso(one.peak_time), one.peak_of,
    ]  # fmt: skip
    return [_cell(cell) for cell in cells]


def _cell(value: object) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    return f"{value:.10g}" if isinstance(value, float) else str(value)


def _safe(text: str) -> str:
    """A name that no spreadsheet takes for a formula."""
    plain = clean(text)
    return f"'{plain}" if plain[:1] in ("=", "+", "-", "@") else plain


def markdown(found: Found, zone: tzinfo) -> str:
    """For a wiki or a ticket."""
    report = found.report
    zone = zone_of(report, zone)
    title, *more = heading(found, zone)
    out = [f"# {title}", *(f"\n{line}" for line in more)]
    sheets: list[Sheet] = []
    if report.by is not None:
        sheets = course_sheets(report, zone)
        for sheet in sheets:
            out += ["", *([f"## {_escaped(sheet.title)}", ""] if sheet.title else []), *_md(sheet)]
    else:
        if len(report.pdus) > 1:
            sheets.append(pdus_sheet(report))
            out += ["", *_md(sheets[-1])]
        for pdu in report.pdus:
            out += ["", f"## {_escaped(pdu.pdu)}", ""]
            listed = facts(
                pdu.total, report, zone, basis=basis_words(pdu), tariff=len(report.pdus) == 1
            )
            out += [f"- {' '.join(line.split())}" for line in listed]
            for kind in KINDS:
                parts = parts_sheet(pdu, kind, report)
                if parts is not None:
                    sheets.append(parts)
                    out += ["", *_md(parts)]
            notes = [*note_lines(pdu, zone), *gap_lines(pdu, zone)]
            out += ["", *map(_item, notes)] if notes else []
    if report.missing:
        out += ["", f"No reading in this time: {', '.join(map(_escaped, report.missing))}"]
    for line in used_marks(sheets, report):
        out += ["", _escaped(line)]
    return "\n".join(out)


def _item(line: str) -> str:
    """A line of a list; what is indented belongs to the item before."""
    indent = "  " if line.startswith(" ") else "- "
    return f"{indent}{_escaped(' '.join(line.split()))}"


def _md(sheet: Sheet) -> list[str]:
    keep = [n for n in range(len(sheet.heads)) if any(row[n] != UNKNOWN for row in sheet.rows)]
    lines = [
        [sheet.heads[n] for n in keep],
        [":--" if sheet.heads[n] in sheet.words else "--:" for n in keep],
        *([_escaped(row[n]) for n in keep] for row in sheet.rows),
    ]
    return [f"| {' | '.join(cells)} |" for cells in lines]


def _escaped(text: str) -> str:
    """Names must not end a cell or begin a heading."""
    plain = clean(text)
    for sign in "\\`*_|<>[]#~":
        plain = plain.replace(sign, f"\\{sign}")
    return plain
