"""`pdutui history check`: is the database whole, where are gaps, what does it cost."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime
from pathlib import Path

import click
import msgspec

from pdutui.cli.amounts import bar
from pdutui.cli.check_output import Forecast, Found, Pdu, plain, text
from pdutui.cli.exits import BAD_NEWS, DONE, CliError
from pdutui.cli.history_errors import open_reading, store_trouble, trouble_with
from pdutui.cli.history_place import Place, is_there, place_options
from pdutui.cli.progress import ProgressLine
from pdutui.cli.quiet import quiet_logging
from pdutui.domain.history import DAY_MS, HistoryQuery, RecordedPdu


@click.command()
@click.option("--json", "as_json", is_flag=True, help="One JSON object.")
@click.option("--quick", is_flag=True, help="Look at the file, not into every packed hour.")
@place_options
def check(as_json: bool, quick: bool, place: Place) -> int:
    """Check the database: is it whole, what time was lost and why, and what takes how much room.

    Every packed hour is unpacked, unless --quick says otherwise. The forecast goes by the last
    week of the PDUs that are being recorded.

    Nothing is changed, and a console may go on writing. Ends with 1 if something is damaged.
    """
    quiet_logging()
    if not is_there(place):
        if not as_json:
            click.echo(f"nothing was recorded yet ({place.path} is not there)", err=True)
        return DONE
    line = ProgressLine()
    try:
        found = asyncio.run(_look(place, quick, line))
    finally:
        line.clear()
    if as_json:
        click.echo(msgspec.json.encode(plain(found)))
    else:
        click.echo("\n".join(text(found)))
    return BAD_NEWS if found.damage else DONE


async def _look(place: Place, quick: bool, line: ProgressLine) -> Found:
    from pdutui.store.files import free_bytes, who_writes

    path = place.path
    damage = _damage(path, quick=quick, line=line)
    pdus: list[Pdu] = []
    inside, read = 0, True
    try:
        pdus = await _pdus(path, line)
        with open_reading(path) as conn:
            (pages,) = conn.execute("PRAGMA freelist_count").fetchone()
            (page,) = conn.execute("PRAGMA page_size").fetchone()
            inside = pages * page
    except CliError:
        if not damage:
            raise
        pdus, read = [], False
    written, pid = who_writes(path.with_name(f"{path.name}.lock"))
    size = _size(path)
    return Found(
        path=path,
        damage=damage,
        written=written,
        pid=pid,
        file_bytes=size,
        log_bytes=_size(Path(f"{path}-wal")),
        inside_bytes=inside,
        read=read,
        forecast=_forecast(pdus, place, size - inside, free_bytes(path.parent)),
        retention_days=place.settings.history.retention_days,
        pdus=pdus,
    )


async def _pdus(path: Path, line: ProgressLine) -> list[Pdu]:
    from pdutui.store.reader import open_reader
    from pdutui.store.usage import causes, overhead, usage

    found = []
    with store_trouble(path):
        reader = await open_reader(path)
        try:
            with open_reading(path) as conn:
                more = overhead(conn)
            for recorded in await reader.pdus():
                line.show(f"looking at {recorded.name}")
                gaps = (await reader.window(_whole(recorded))).gaps
                with open_reading(path) as conn:
                    used = usage(conn, recorded.name, more)
                    why = causes(conn, recorded.name, gaps)
                if used is not None:
                    found.append(Pdu(recorded=recorded, usage=used, gaps=gaps, causes=why))
        finally:
            await reader.close()
    return found


def _damage(path: Path, *, quick: bool, line: ProgressLine) -> list[str]:
    from pdutui.store.integrity import find_damage

    def on_progress(what: str, done: int, total: int) -> None:
        line.show(f"checking {what}  {bar(done, total)}" if total else f"checking {what}")

    with trouble_with(path):
        return find_damage(path, quick=quick, on_progress=on_progress)


def _whole(recorded: RecordedPdu) -> HistoryQuery:
    """All of a PDU's time and none of its series."""
    return HistoryQuery(
        pdu=recorded.name, keys=(), from_ms=recorded.oldest_ms, to_ms=recorded.newest_ms + 1
    )


def _size(path: Path) -> int:
    try:
        return path.stat().st_size
    except OSError:
        return 0


def _forecast(pdus: list[Pdu], place: Place, used: int, free: int) -> Forecast:
    """Going by the PDUs that were read within the last day."""
    now_ms = datetime.now(UTC).timestamp() * 1000
    active = [pdu for pdu in pdus if now_ms - pdu.recorded.newest_ms < DAY_MS]
    retention = place.settings.history.retention_days
    day = sum(pdu.usage.day_bytes for pdu in active)
    totals_day = sum(pdu.usage.totals_day_bytes for pdu in active)
    there = sum(pdu.usage.readings_bytes for pdu in active)
    full = max(used, used + day * retention - there)
    grows = full - used
    days_left = None
    if day and grows > free:
        days_left = free // day
    return Forecast(
        full_bytes=full if day else None,
        totals_year_bytes=totals_day * 365,
        day_bytes=day + totals_day,
        free_bytes=free,
        days_left=days_left,
    )
