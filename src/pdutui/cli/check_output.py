"""What `pdutui history check` finds, and how it says it."""

from __future__ import annotations

import os
from collections import Counter
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec

from pdutui.cli.amounts import counted, size_text, span_text
from pdutui.cli.text import UNKNOWN, clean, iso, table
from pdutui.domain.zone import local_zone

if TYPE_CHECKING:
    from pdutui.domain.history import Gap, RecordedPdu
    from pdutui.store.usage import Cause, Usage


class Pdu(msgspec.Struct, frozen=True, kw_only=True):
    """What is found of one PDU."""

    recorded: RecordedPdu
    usage: Usage
    gaps: tuple[Gap, ...]
    causes: list[Cause]

    @property
    def lost_ms(self) -> int:
        """All of its gaps together."""
        return sum(gap.to_ms - gap.from_ms for gap in self.gaps)

    @property
    def longest_ms(self) -> int:
        """The longest of them; 0 without any."""
        return max((gap.to_ms - gap.from_ms for gap in self.gaps), default=0)


class Forecast(msgspec.Struct, frozen=True, kw_only=True):
    """What the file will come to, going by the last week."""

    full_bytes: int | None
    """When readings go back as far as the retention; None while nothing can be told."""
    totals_year_bytes: int
    day_bytes: int
    """How fast it grows until then."""
    free_bytes: int
    """On the disk."""
    days_left: int | None
    """Until the disk is full; None if it will not be before the retention is reached."""


class Found(msgspec.Struct, frozen=True, kw_only=True):
    """All of it."""

    path: Path
    damage: list[str]
    written: bool
    pid: int | None
    file_bytes: int
    log_bytes: int
    inside_bytes: int
    """Free in the file, for what comes."""
    read: bool
    """Whether its contents could be read; if not, they are unknown."""
    forecast: Forecast
    retention_days: int
    pdus: list[Pdu]


def plain(found: Found) -> dict[str, object]:
    """For JSON."""
    forecast = found.forecast
    return {
        "path": str(found.path),
        "ok": not found.damage,
        "damage": found.damage,
        "being_written": found.written,
        "writer_pid": found.pid,
        "bytes": found.file_bytes,
        "log_bytes": found.log_bytes,
        "free_inside_bytes": found.inside_bytes if found.read else None,
        "values": sum(pdu.usage.values for pdu in found.pdus) if found.read else None,
        "bytes_per_value": _per_value(found),
        "disk_free_bytes": forecast.free_bytes,
        "forecast": {
            "retention_days": found.retention_days,
            "bytes": forecast.full_bytes,
            "bytes_per_day": forecast.day_bytes if found.read else None,
            "totals_bytes_per_year": forecast.totals_year_bytes if found.read else None,
            "disk_full_in_days": forecast.days_left,
        },
        "pdus": [_plain_pdu(pdu) for pdu in found.pdus] if found.read else None,
    }


def _plain_pdu(pdu: Pdu) -> dict[str, object]:
    used = pdu.usage
    return {
        "pdu": pdu.recorded.name,
        "oldest": _iso(pdu.recorded.oldest_ms),
        "newest": _iso(pdu.recorded.newest_ms),
        "readings": used.readings,
        "gaps": {
            "count": len(pdu.gaps),
            "longest_s": pdu.longest_ms / 1000,
            "total_s": pdu.lost_ms / 1000,
            "causes": {
                cause: {"count": count, "total_s": lost_ms / 1000}
                for cause, (count, lost_ms) in _by_cause(pdu).items()
            },
        },
        "bytes": {
            "raw": used.raw_bytes,
            "chunks": used.chunk_bytes,
            "minutes": used.minutes_bytes,
            "quarters": used.quarters_bytes,
        },
    }


def _iso(ms: int) -> str:
    return iso(datetime.fromtimestamp(ms / 1000, UTC))


def _per_value(found: Found) -> float | None:
    """Of the whole file, totals, audit and all."""
    values = sum(pdu.usage.values for pdu in found.pdus)
    return round((found.file_bytes - found.inside_bytes) / values, 3) if values else None


def _by_cause(pdu: Pdu) -> dict[str, tuple[int, int]]:
    count: Counter[str] = Counter(pdu.causes)
    lost: Counter[str] = Counter()
    for gap, cause in zip(pdu.gaps, pdu.causes, strict=True):
        lost[cause] += gap.to_ms - gap.from_ms
    return {cause: (many, lost[cause]) for cause, many in count.most_common()}


def text(found: Found) -> list[str]:
    """For people."""
    forecast = found.forecast
    log = f", {size_text(found.log_bytes)} of log" if found.log_bytes else ""
    writer = f"pid {found.pid or '?'}" if found.written else "nobody just now"
    spare = f", {size_text(found.inside_bytes)} of it free" if found.inside_bytes else ""
    lines = [
        str(found.path),
        f"  state     {'whole' if not found.damage else 'DAMAGED'}",
        *(f"            {clean(one)}" for one in found.damage),
        f"  writer    {writer}",
        f"  size      {size_text(found.file_bytes)}{spare}{log}",
        f"  values    {_values_text(found)}",
        f"  disk      {size_text(forecast.free_bytes)} free",
        f"  forecast  {_forecast_text(found)}",
    ]
    if found.pdus:
        lines += ["", *_table(found.pdus)]
    for pdu in found.pdus:
        if pdu.gaps:
            why = ", ".join(
                f"{count} {cause} ({span_text(lost_ms / 1000)})"
                for cause, (count, lost_ms) in _by_cause(pdu).items()
            )
            lines.append(f"  lost time of {clean(pdu.recorded.name)}: {why}")
    return lines


def _values_text(found: Found) -> str:
    if not found.read:
        return "unknown: they cannot be read"
    values, each = sum(pdu.usage.values for pdu in found.pdus), _per_value(found)
    return "none" if each is None else f"{values:,}, {each:.2f} bytes each with all that is kept"


def _forecast_text(found: Found) -> str:
    forecast, days = found.forecast, found.retention_days
    if not found.read:
        return "none: what there is cannot be read"
    if forecast.full_bytes is None:
        return "none: nothing was packed within the last day"
    text = (
        f"{size_text(forecast.full_bytes)} with {counted(days, 'day')} of readings, and "
        f"{size_text(forecast.totals_year_bytes)} more a year of totals"
    )
    if forecast.days_left is not None:
        text += f". THE DISK IS FULL IN {counted(forecast.days_left, 'day').upper()}"
    return text


def _table(pdus: list[Pdu]) -> list[str]:
    zone = local_zone(os.environ)
    rows = []
    for pdu in pdus:
        used = pdu.usage
        rows.append(
            (
                clean(pdu.recorded.name),
                f"{datetime.fromtimestamp(pdu.recorded.oldest_ms / 1000, zone):%Y-%m-%d %H:%M}",
                f"{used.readings:,}",
                str(len(pdu.gaps)),
                span_text(pdu.longest_ms / 1000) if pdu.gaps else UNKNOWN,
                span_text(pdu.lost_ms / 1000) if pdu.gaps else UNKNOWN,
                size_text(used.raw_bytes),
                size_text(used.chunk_bytes),
                size_text(used.minutes_bytes),
                size_text(used.quarters_bytes),
            )
        )
    heads = (
        "PDU", "since", "readings", "gaps", "longest", "lost", "rows", "packed", "minutes",
        "totals",
    )  # fmt: skip
    return table(heads, rows, words=frozenset({"PDU", "since"}))
