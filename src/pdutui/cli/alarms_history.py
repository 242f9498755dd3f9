"""`pdutui alarms history`: what became of alarms."""

from __future__ import annotations

import csv
import io
import os
from collections.abc import Sequence
from datetime import datetime
from typing import Literal

import click
import msgspec

from pdutui.cli.alarms_place import Place, now, place_options, said
from pdutui.cli.alarms_text import entry_line
from pdutui.cli.exits import DONE, CliError
from pdutui.cli.kinds import utf8
from pdutui.domain.alarm import AlarmEntry
from pdutui.domain.alarm_json import entry_plain, iso
from pdutui.domain.audit_export import cell
from pdutui.domain.zone import local_zone
from pdutui.engine.alarms.journal import HistoryQuery

COLUMNS = (
    "time", "change", "level", "pdu", "kind", "part", "rule", "text", "value", "limit", "unit",
    "since", "over", "times", "by", "comment", "id",
)  # fmt: skip
MOST = 1_000_000_000


@click.command()
@click.option("--since", metavar="TIME", help="From then on: 2026-11-20 03:12, -6h, yesterday.")
@click.option("--until", metavar="TIME", help="Before then.")
@click.option("--pdu", metavar="P", callback=utf8, help="Of one PDU.")
@click.option("--level", type=click.Choice(("warning", "critical")), help="Of this level alone.")
@click.option(
    "--grep", "text", metavar="TEXT", default="", callback=utf8,
    help="With TEXT in it, capitals or not.",
)  # fmt: skip
@click.option(
    "--limit", metavar="N", type=click.IntRange(1, MOST), default=500, show_default=True,
    help="The newest N lines of those that fit.",
)  # fmt: skip
@click.option("--json", "as_json", is_flag=True, help="One JSON object a line.")
@click.option("--csv", "as_csv", is_flag=True, help="CSV with a header and all columns.")
@place_options
def history(
    since: str | None,
    until: str | None,
    pdu: str | None,
    level: Literal["warning", "critical"] | None,
    text: str,
    limit: int,
    as_json: bool,
    as_csv: bool,
    place: Place,
) -> int:
    """Print what became of alarms, newest last: raised, worse, over, acknowledged, by whom.

    \b
    pdutui alarms history --since -24h --pdu rack1-a
    pdutui alarms history --level critical --csv --limit 100000 > critical.csv
    """  # noqa: D301 - click's sign for lines that stay as they are
    if as_json and as_csv:
        raise click.UsageError("--json and --csv exclude each other.")
    query = HistoryQuery(
        limit=limit,
        from_time=None if since is None else _time("--since", since, 0),
        to_time=None if until is None else _time("--until", until, 1),
        pdu=pdu,
        level=level,
        text=text,
    )
    with said():
        found = place.book().history(query)
    found.reverse()
    if as_json:
        for entry in found:
            click.echo(msgspec.json.encode(entry_plain(entry)))
    elif as_csv:
        click.echo(_csv(found), nl=False)
    elif found:
        zone = local_zone(os.environ)
        for entry in found:
            click.echo(entry_line(entry, zone))
    else:
        click.echo("no alarm fits", err=True)
    return DONE


def _time(option: str, text: str, fold: Literal[0, 1]) -> datetime:
    from pdutui.domain.when import parse_when

    def note(words: str) -> None:
        click.echo(f"pdutui: note: {option}: {words}", err=True)

    try:
        return parse_when(text, now(), local_zone(os.environ), note=note, fold=fold)
    except ValueError as error:
        raise CliError(f"{option}: {error}") from error


def _csv(found: Sequence[AlarmEntry]) -> str:
    """As RFC 4180 has it."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\r\n")
    writer.writerow(COLUMNS)
    for entry in found:
        a = entry.alarm
        row: tuple[object, ...] = (
            iso(entry.time), entry.change, a.level, a.pdu, a.kind, a.part, a.rule, a.text,
            a.value, a.limit, a.unit, iso(a.since), None if a.over is None else iso(a.over),
            a.times, entry.by, entry.comment, a.id,
        )  # fmt: skip
        writer.writerow([cell(value) for value in row])
    return out.getvalue()
