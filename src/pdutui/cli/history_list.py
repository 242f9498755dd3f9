"""`pdutui history list`: the PDUs in the database, since when, and whether they are recorded."""

from __future__ import annotations

import os
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import click
import msgspec

from pdutui.cli.amounts import counted, size_text, span_text
from pdutui.cli.exits import DONE
from pdutui.cli.history_place import Place, is_there, place_options
from pdutui.cli.text import UNKNOWN, clean, iso, table
from pdutui.domain.zone import local_zone

if TYPE_CHECKING:
    from pdutui.store.inventory import Kept

_FRESH_MS = 30_000
"""Readings are committed every ten seconds, and a disk may be slow."""


@click.command("list")
@click.option("--json", "as_json", is_flag=True, help="One JSON object per PDU.")
@place_options
def list_(as_json: bool, place: Place) -> int:
    """List the PDUs in the database, configured or not.

    For each: its first and last reading (local time), how far apart readings are, the part of the
    last 24 hours of it that has readings, how many series, its size (about), and whether it is
    being recorded now.
    """
    if not is_there(place):
        if not as_json:
            click.echo(f"nothing was recorded yet ({place.path} is not there)", err=True)
        return DONE
    from pdutui.cli.history_errors import open_reading
    from pdutui.store.files import who_writes
    from pdutui.store.inventory import inventory

    with open_reading(place.path) as conn:
        kept = inventory(conn)
    now_ms = round(datetime.now(UTC).timestamp() * 1000)
    written, pid = who_writes(place.path.with_name(f"{place.path.name}.lock"))
    if as_json:
        for one in kept:
            click.echo(msgspec.json.encode(_plain(one, _is_recording(one, now_ms, written))))
        return DONE
    if kept:
        click.echo("\n".join(_table(kept, now_ms, written)))
    names = {one.name for one in kept}
    missing = [pdu.name for pdu in place.settings.pdus if pdu.name not in names]
    if missing and not place.option:
        click.echo(f"\nno readings yet: {', '.join(map(clean, missing))}")
    by = f"written by pid {pid or '?'}" if written else "nobody writes it now"
    size = size_text(sum(_size(f"{place.path}{side}") for side in ("", "-wal")))
    click.echo(f"\n{place.path}: {counted(len(kept), 'PDU')}, {size}, {by}")
    return DONE


def _size(path: str) -> int:
    try:
        return os.stat(path).st_size
    except OSError:
        return 0


def _is_recording(one: Kept, now_ms: int, written: bool) -> bool:
    return written and now_ms - one.newest_ms < _FRESH_MS + 3 * (one.interval_ms or 0)


def _plain(one: Kept, recording: bool) -> dict[str, object]:
    return {
        "pdu": one.name,
        "oldest": iso(datetime.fromtimestamp(one.oldest_ms / 1000, UTC)),
        "newest": iso(datetime.fromtimestamp(one.newest_ms / 1000, UTC)),
        "interval_s": None if one.interval_ms is None else one.interval_ms / 1000,
        "coverage_24h": None if one.coverage is None else round(one.coverage, 5),
        "series": one.series,
        "bytes_about": one.bytes_about,
        "recording": recording,
    }


def _table(kept: list[Kept], now_ms: int, written: bool) -> list[str]:
    zone = local_zone(os.environ)

    def local(ms: int, how: str) -> str:
        return datetime.fromtimestamp(ms / 1000, zone).strftime(how)

    rows = []
    for one in kept:
        state = f"silent {span_text((now_ms - one.newest_ms) / 1000)}"
        if _is_recording(one, now_ms, written):
            state = "recording"
        elif one.newest_ms > now_ms + _FRESH_MS:
            state = "in the future"
        rows.append(
            (
                clean(one.name),
                local(one.oldest_ms, "%Y-%m-%d"),
                local(one.newest_ms, "%Y-%m-%d %H:%M"),
                UNKNOWN if one.interval_ms is None else f"{round(one.interval_ms / 1000, 1):g} s",
                UNKNOWN if one.coverage is None else f"{_down(one.coverage):.2f} %",
                size_text(one.bytes_about),
                state,
            )
        )
    heads = ("PDU", "first", "last", "every", "of 24 h", "size", "now")
    return table(heads, rows, words=frozenset({"PDU", "first", "last", "now"}))


def _down(part: float) -> float:
    """As per cent, rounded down: 100 only where nothing is missing."""
    return int(part * 10_000) / 100
