"""`pdutui history prune`: deletes readings before their time, or seals what is due."""

from __future__ import annotations

import os
import re
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import click
import msgspec

from pdutui.cli.amounts import counted, size_text
from pdutui.cli.ask import agree, can_ask
from pdutui.cli.ending import run_to_the_end
from pdutui.cli.exits import DONE, REFUSED, CliError
from pdutui.cli.history_errors import open_reading, trouble_with
from pdutui.cli.history_place import Place, is_there, place_options
from pdutui.cli.progress import ProgressLine
from pdutui.cli.text import clean, table
from pdutui.domain.history import DAY_MS
from pdutui.domain.when import parse_when
from pdutui.domain.zone import local_zone

if TYPE_CHECKING:
    import sqlite3

    from pdutui.store.limits import StoreLimits
    from pdutui.store.prune import Besides, Doomed
    from pdutui.store.session import Session


class _Order(msgspec.Struct, frozen=True, kw_only=True):
    """What is to be done."""

    place: Place
    cutoff_ms: int | None
    """None: seal, and delete nothing."""
    totals_ms: int
    why: str
    """What the time comes from, for people."""


@click.command()
@click.option("--older-than", metavar="AGE", help="Delete what is older: 30d, 12h, 8w.")
@click.option("--before", metavar="TIME", help="Delete what is from before a date or time.")
@click.option("--totals", is_flag=True, help="Totals, reports and names from before it as well.")
@click.option("--seal", is_flag=True, help="Only pack the hours that are over; delete nothing.")
@click.option("--dry-run", is_flag=True, help="Say what would be deleted, and delete nothing.")
@click.option("--yes", is_flag=True, help="Do not ask.")
@place_options
def prune(
    older_than: str | None,
    before: str | None,
    totals: bool,
    seal: bool,
    dry_run: bool,
    yes: bool,
    place: Place,
) -> int:
    """Delete readings, events and health from before a time.

    By default what is older than the retention, which the console does by itself once an hour.

    Totals by the quarter of an hour, energy and reports are kept for as long as [history]
    totals_days says, unless --totals is given. The audit is never deleted. Hours that are over
    are packed first, so that their totals are there.

    The file does not become smaller: the room is used for what comes. No console may be writing
    to it; to keep less from now on, change [history] retention_days instead.

    It asks first. Without a terminal it does nothing without --yes. Exit code 4: not confirmed,
    or another pdutui is writing.
    """
    if sum((older_than is not None, before is not None, seal)) > 1:
        raise click.UsageError("--older-than, --before and --seal exclude each other.")
    if seal and (dry_run or totals):
        raise click.UsageError(
            "--seal deletes nothing: it goes with neither --dry-run nor --totals."
        )
    order = _order(place, older_than, before, totals=totals, seal=seal)
    if not is_there(place):
        click.echo(f"nothing was recorded yet ({place.path} is not there)", err=True)
        return DONE
    if dry_run:
        return _say_what_would_go(order)
    return run_to_the_end(_prune(order, sure=yes or seal))


def _order(
    place: Place, older_than: str | None, before: str | None, *, totals: bool, seal: bool
) -> _Order:
    now = datetime.now(UTC)
    kept = place.settings.history
    totals_ms = _ms(now) - kept.totals_days * DAY_MS
    if seal:
        return _Order(place=place, cutoff_ms=None, totals_ms=totals_ms, why="")
    if older_than is not None:
        cutoff, why = now - _age(older_than), f"older than {older_than.strip()}"
    elif before is not None:
        cutoff, why = _before(before, now), f"before {before.strip()}"
    else:
        cutoff = now - timedelta(days=kept.retention_days)
        why = f"older than the retention of {counted(kept.retention_days, 'day')}"
    if cutoff > now:
        raise CliError(f"--before: {before!r} is not in the past")
    totals_ms = max(totals_ms, _ms(cutoff)) if totals else totals_ms
    return _Order(place=place, cutoff_ms=_ms(cutoff), totals_ms=totals_ms, why=why)


def _ms(moment: datetime) -> int:
    return round(moment.timestamp() * 1000)


def _age(text: str) -> timedelta:
    match = re.fullmatch(r"([0-9]{1,5}) ?([hdw])", text.strip().lower())
    if match is None or int(match[1]) == 0:
        raise CliError(f"--older-than: {text!r} is no age: 30d, 12h or 8w")
    hours = {"h": 1, "d": 24, "w": 168}[match[2]]
    return timedelta(hours=int(match[1]) * hours)


def _before(text: str, now: datetime) -> datetime:
    try:
        return parse_when(text, now, local_zone(os.environ), note=_note)
    except ValueError as error:
        raise CliError(f"--before: {error}") from error


def _note(text: str) -> None:
    click.echo(f"pdutui: note: {text}", err=True)


def _local(ms: int) -> str:
    zone = local_zone(os.environ)
    return datetime.fromtimestamp(ms / 1000, zone).strftime("%Y-%m-%d %H:%M:%S")


# -- what there is -------------------------------------------------------------------------------


def _doomed(order: _Order) -> tuple[list[Doomed], str]:
    """What would go: readings by PDU, and in words what else; both are empty if there is nothing.

    Readings are not told again in words.
    """
    from pdutui.store.prune import besides, doomed

    assert order.cutoff_ms is not None
    with open_reading(order.place.path) as conn:
        found = doomed(conn, order.cutoff_ms)
        return found, _in_words(besides(conn, order.cutoff_ms, order.totals_ms))


def _in_words(also: Besides) -> str:
    counts = (
        (also.events, "event", ""),
        (also.health, "change of health", "changes of health"),
        (also.days, "day of totals", "days of totals"),
        (also.reports, "report", ""),
    )
    return ", ".join(counted(*one) for one in counts if one[0])


def _say_what_would_go(order: _Order) -> int:
    found, also = _doomed(order)
    if not found and not also:
        click.echo(f"there are no readings {order.why}")
        return DONE
    heads = ("PDU", "from", "readings")
    rows = [(clean(one.name), _local(one.oldest_ms), f"{one.readings:,}") for one in found]
    assert order.cutoff_ms is not None
    if found:
        click.echo("\n".join(table(heads, rows, words=frozenset({"PDU", "from"}))))
        click.echo(f"\nwould be deleted: readings before {_local(order.cutoff_ms)}, {order.why}")
    if also:
        click.echo(f"would be deleted: {also}, {order.why}")
    return DONE


# -- doing it ------------------------------------------------------------------------------------


async def _prune(order: _Order, *, sure: bool) -> int:
    from pdutui.domain.clock import SystemClock
    from pdutui.store.limits import StoreLimits
    from pdutui.store.session import Session

    path = order.place.path
    _refuse_if_written(order.place)
    with open_reading(path):
        pass  # what is damaged is set aside by whoever opens it to write: not here
    if order.cutoff_ms is not None and not sure:
        found, also = _doomed(order)
        if not found and not also:
            click.echo(f"there are no readings {order.why}")
            return DONE
        await _confirm(order, found, also)
    line = ProgressLine()
    limits = StoreLimits(ballast_bytes=0)
    with trouble_with(path):
        session = Session(path, clock=SystemClock(), limits=limits)
        try:
            await session.connect()
            if not session.owner:
                _refuse(order.place, session.other_pid)
            packed = await _seal(session, limits, line)
            if order.cutoff_ms is None and not packed:
                click.echo("there is nothing to pack")
            if order.cutoff_ms is not None:
                await _delete(session, order, line)
        finally:
            line.clear()
            await session.close(limits.close_s)
    return DONE


def _refuse_if_written(place: Place) -> None:
    from pdutui.store.files import who_writes

    written, pid = who_writes(place.path.with_name(f"{place.path.name}.lock"))
    if written:
        _refuse(place, pid)


def _refuse(place: Place, pid: int | None) -> None:
    who = "another pdutui" if pid is None else f"another pdutui (pid {pid})"
    raise CliError(
        f"{place.path} is being written by {who}. End it first; or set [history] retention_days, "
        "and it deletes by itself",
        REFUSED,
    )


async def _confirm(order: _Order, found: list[Doomed], also: str) -> None:
    """Raises CliError unless somebody says yes."""
    count = counted(sum(one.readings for one in found), "reading")
    readings = f"{count} of {counted(len(found), 'PDU')}" if found else ""
    what = f"{', '.join(filter(None, (readings, also)))} in {order.place.path}, {order.why}"
    if not can_ask():
        raise CliError(
            f"nothing was deleted ({what}): there is no terminal; --yes does it", REFUSED
        )
    assert order.cutoff_ms is not None
    since = f"{_local(min(one.oldest_ms for one in found))} to" if found else "before"
    question = f"Delete {what}: {since} {_local(order.cutoff_ms)}?"
    if not await agree(question):
        raise CliError("nothing was deleted", REFUSED)


async def _seal(session: Session, limits: StoreLimits, line: ProgressLine) -> int:
    """How many hours were packed."""
    from pdutui.domain.clock import SystemClock
    from pdutui.store.sealing import Sealer

    sealer = Sealer(session, clock=SystemClock(), limits=limits)
    count = 0

    def show(sealed: int) -> None:
        nonlocal count
        count = sealed
        line.show(f"packing: {counted(sealed, 'hour')}")

    try:
        await sealer.seal_all(show)
    finally:
        line.clear()
        if count:
            click.echo(f"packed: {counted(count, 'hour')} of readings")
    return count


async def _delete(session: Session, order: _Order, line: ProgressLine) -> None:
    from pdutui.store.prune import delete_before, doomed

    assert order.cutoff_ms is not None
    before = await session.study(doomed, order.cutoff_ms)
    events = days = reports = 0
    steps = delete_before(session, cutoff_ms=order.cutoff_ms, totals_ms=order.totals_ms)
    async for done in steps:
        events, days, reports = done.events, done.days, done.reports
        line.show(f"deleting: {counted(done.hours, 'hour')}, {counted(done.rows, 'row')}")
    line.clear()
    after = {one.name: one.readings for one in await session.study(doomed, order.cutoff_ms)}
    for one in before:
        gone = one.readings - after.get(one.name, 0)
        click.echo(f"deleted: {counted(gone, 'reading')} of {clean(one.name)}")
    if events:
        click.echo(f"deleted: {counted(events, 'event')}")
    if days:
        click.echo(f"deleted: {counted(days, 'day')} of totals")
    if reports:
        click.echo(f"deleted: {counted(reports, 'report')}")
    if not before and not events and not days and not reports:
        click.echo(f"there were no readings {order.why}")
    free = await session.study(_free_bytes)
    click.echo(f"{size_text(free)} in {order.place.path} are free for what comes")


def _free_bytes(conn: sqlite3.Connection) -> int:
    pages, size = (
        int(conn.execute(f"PRAGMA {name}").fetchone()[0])
        for name in ("freelist_count", "page_size")
    )
    return pages * size
