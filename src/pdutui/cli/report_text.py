"""An energy report as text for a terminal: 80 columns, more only where names need them."""

from __future__ import annotations

import shutil
from collections.abc import Sequence
from datetime import UTC, timedelta, tzinfo
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pdutui.cli.amounts import counted, span_text
from pdutui.cli.report_find import Found
from pdutui.cli.report_tables import (
    MEANING,
    Sheet,
    cost_text,
    course_sheets,
    fitted,
    kwh_digits,
    kwh_text,
    moment_text,
    parts_sheet,
    pdus_sheet,
    percent_text,
    price_text,
    read_text,
    share_text,
    signed,
    watts_text,
)
from pdutui.cli.text import UNKNOWN, clean, table
from pdutui.domain.periods import Period, moment_of, ms_of
from pdutui.domain.report_model import KINDS, EnergyReport, Line, PduReport, ReportNote

_KINDS_OF_NOTES = {
    "reset": "counter set back",
    "replaced": "another device answered",
    "jump": "counter changed by more than could have flowed",
    "still": "counter stood still while power flowed",
}
_BY = {
    "counter": "by counter", "power": "by measured power", "mixed": "by counter and measured power"
}  # fmt: skip
_NAMES_OF_A_NOTE = 3
_MOST_GAPS = 5
_MOST_NOTES = 20


def report_text(found: Found, zone: tzinfo) -> str:
    """The whole report."""
    report = found.report
    zone = zone_of(report, zone)
    columns = max(80, shutil.get_terminal_size().columns)
    out = heading(found, zone)
    sheets: list[Sheet] = []
    if report.by is not None:
        for sheet in course_sheets(report, zone):
            sheets.append(sheet)
            out += ["", *_lines(sheet, columns)]
    else:
        if len(report.pdus) > 1:
            sheets.append(pdus_sheet(report))
            out += ["", *_lines(sheets[-1], columns)]
            if report.total is not None:
                out += ["", "all PDUs", *facts(report.total, report, zone, basis="")]
        for pdu in report.pdus:
            out += ["", clean(pdu.pdu), *_pdu_facts(pdu, report, zone)]
            for kind in KINDS:
                parts = parts_sheet(pdu, kind, report)
                if parts is not None:
                    sheets.append(parts)
                    out += ["", *_lines(parts, columns)]
            notes = [*note_lines(pdu, zone), *gap_lines(pdu, zone)]
            out += ["", *(f"  {line}" for line in notes)] if notes else []
    if report.missing:
        out += ["", f"no reading in this time: {', '.join(map(clean, report.missing))}"]
    meanings = used_marks(sheets, report)
    return "\n".join([*out, *([""] if meanings else []), *meanings])


def _lines(sheet: Sheet, columns: int) -> list[str]:
    lines = table(sheet.heads, sheet.rows, words=sheet.words)
    overflow = max(map(len, lines)) - columns
    if overflow > 0:
        lines = table(sheet.heads, fitted(sheet, overflow).rows, words=sheet.words)
    return [sheet.title, *lines] if sheet.title else lines


def heading(found: Found, zone: tzinfo) -> list[str]:
    """What it is about, and how sure it is."""
    report = found.report
    period = Period(ms_of(report.from_time), ms_of(report.to_time), report.period)
    lines = [f"Energy of {span_words(period, zone)} ({report.zone})"]
    made = moment_text(report.made, zone)
    if found.kept:
        lines.append(f"as it was kept, made on {made}; --fresh makes it anew")
    if not report.over:
        lines.append(f"not over yet: up to {made}")
    return lines


def span_words(period: Period, zone: tzinfo) -> str:
    """`week 2026-W47, Mon 2026-11-16 to Sun 2026-11-22`."""
    begin, end = moment_of(period.from_ms, zone), moment_of(period.to_ms, zone)
    if not period.label:
        return f"{begin:%a %Y-%m-%d %H:%M} to {end:%a %Y-%m-%d %H:%M}"
    last = (end.astimezone(UTC) - timedelta(seconds=1)).astimezone(zone)
    if begin.date() == last.date():
        return f"{begin:%a} {period.label}"
    kind = "week" if "W" in period.label else "month"
    return f"{kind} {period.label}, {begin:%a %Y-%m-%d} to {last:%a %Y-%m-%d}"


def zone_of(report: EnergyReport, zone: tzinfo) -> tzinfo:
    """The zone whose days a report has; where it has no name, the one here."""
    if report.zone == "UTC":
        return UTC
    try:
        return ZoneInfo(report.zone)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return zone


# -- facts ---------------------------------------------------------------------------------------


def _pdu_facts(pdu: PduReport, report: EnergyReport, zone: tzinfo) -> list[str]:
    basis = basis_words(pdu)
    lines = facts(pdu.total, report, zone, basis=basis, tariff=len(report.pdus) == 1)
    top = [one for part in pdu.top for one in pdu.outlets if one.part == part]
    if len(pdu.outlets) > len(top) > 1:
        words = [f"{clean(one.name)} ({share_text(one.share)})" for one in top]
        lines += _folded("most", words)
    return lines


def basis_words(pdu: PduReport) -> str:
    """What the energy of a PDU is the sum of, where that is not its one inlet."""
    if pdu.basis == "outlets":
        return ", the sum of its outlets"
    return f", the sum of its {len(pdu.inlets)} inlets" if len(pdu.inlets) > 1 else ""


def facts(
    one: Line, report: EnergyReport, zone: tzinfo, *, basis: str, tariff: bool = True
) -> list[str]:
    """A PDU, or all of them, in words."""
    if one.kwh is None:
        return [
            _fact("energy", "not known: neither counters nor measured power tell it"),
            *_read(one),
        ]
    digits = kwh_digits([one.kwh])
    said = f"{kwh_text(one.kwh, digits)} kWh {_BY[one.method or 'mixed']}{basis}"
    if one.partial:
        said += f"; of {read_text(one.known)} of the time only"
    lines = [_fact("energy", said)]
    if one.cost is not None:
        more = ", of a part of the time only" if one.partial else ""
        lines.append(
            _fact("cost", f"{cost_text(one.cost, report.currency)} {report.currency}{more}")
        )
        if tariff and len(report.bands) > 1:
            for band in report.bands:
                at = f"{price_text(band.price_per_kwh)} {report.currency}"
                used = f"{kwh_text(band.kwh, digits)} kWh at {at}"
                lines.append(_fact("", f"{clean(band.name)}: {used}"))
    lines.append(_fact("before", _before(one, digits)))
    if one.mean_w is not None:
        lines.append(_fact("mean", f"{watts_text(one.mean_w)} W"))
    if one.peak_w is not None and one.peak_time is not None:
        of = "" if one.peak_of == "reading" else "the highest mean of a quarter of an hour, "
        when = moment_text(one.peak_time, zone)
        lines.append(_fact("peak", f"{watts_text(one.peak_w)} W, {of}{when}"))
    return [*lines, *_read(one)]


def _before(one: Line, digits: int) -> str:
    if one.previous_kwh is None:
        return "not known"
    said = f"{kwh_text(one.previous_kwh, digits)} kWh"
    if one.previous_known is not None and one.previous_known < 1:
        said += f" of {read_text(one.previous_known)} of the time"
    said += f"; now {signed(one.change_kwh, digits)} kWh"
    if one.change_percent is not None:
        said += f", {percent_text(one.change_percent)}"
    return said


def _read(one: Line) -> list[str]:
    return [_fact("read", f"{read_text(one.coverage)} of the time")]


def _fact(head: str, text: str) -> str:
    return f"  {head:<8}{text}"


def _folded(head: str, words: Sequence[str]) -> list[str]:
    """Words with commas between them, in as many lines as they need."""
    lines: list[str] = []
    for word in words:
        if lines and len(lines[-1]) + len(word) + 3 <= 80:
            lines[-1] += f", {word}"
        else:
            if lines:
                lines[-1] += ","
            lines.append(_fact("" if lines else head, word))
    return lines


# -- notes ---------------------------------------------------------------------------------------


def note_lines(pdu: PduReport, zone: tzinfo) -> list[str]:
    """What happened to counters; those that share a quarter of an hour together."""
    together: dict[tuple[object, str], list[ReportNote]] = {}
    for note in pdu.notes:
        together.setdefault((note.time, note.kind), []).append(note)
    lines = []
    for (_, kind), notes in together.items():
        names = [clean(note.name) for note in notes]
        more = len(names) - _NAMES_OF_A_NOTE
        who = ", ".join(names[:_NAMES_OF_A_NOTE]) + (f" and {more} more" if more > 0 else "")
        lines.append(f"{moment_text(notes[0].time, zone)}  {_KINDS_OF_NOTES.get(kind, kind)}:")
        lines.append(f"  {who}")
    if len(lines) > _MOST_NOTES:
        lines[_MOST_NOTES:] = [f"... and {(len(lines) - _MOST_NOTES) // 2} more"]
    return lines


def gap_lines(pdu: PduReport, zone: tzinfo) -> list[str]:
    """Lost time: how much, and the longest of it."""
    if not pdu.gap_count:
        return []
    lines = [f"lost time: {counted(pdu.gap_count, 'gap')}, {span_text(pdu.gap_s)} in all"]
    order = sorted(pdu.gaps, key=lambda gap: gap.from_time - gap.to_time)[:_MOST_GAPS]
    for gap in sorted(order, key=lambda gap: gap.from_time):
        length = span_text((gap.to_time - gap.from_time).total_seconds())
        begin, end = gap.from_time.astimezone(zone), gap.to_time.astimezone(zone)
        to = f"{end:%H:%M:%S}" if begin.date() == end.date() else f"{end:%a %Y-%m-%d %H:%M:%S}"
        lines.append(f"  {begin:%a %Y-%m-%d %H:%M:%S} to {to}, {length}")
    return lines


def used_marks(sheets: Sequence[Sheet], report: EnergyReport) -> list[str]:
    """The marks that stand behind figures, and what they mean."""
    cells = [cell for sheet in sheets for row in sheet.rows for cell in row[1:] if cell != UNKNOWN]
    return [
        f"{mark} {meaning}" for mark, meaning in MEANING.items() if any(mark in c for c in cells)
    ]
