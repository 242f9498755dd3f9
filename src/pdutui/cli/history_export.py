"""`pdutui history export`: readings out of the database, as CSV, JSON lines or line protocol."""

from __future__ import annotations

import os
from datetime import UTC, datetime, tzinfo
from pathlib import Path
from typing import Literal

import click

from pdutui.cli.ending import run_to_the_end
from pdutui.cli.exits import CliError
from pdutui.cli.export_run import FormatName, Order, run_export
from pdutui.cli.export_steps import POLLS, parse_stats, parse_step
from pdutui.cli.history_place import Place, place_options, require
from pdutui.cli.kinds import utf8
from pdutui.cli.whole_file import check_target
from pdutui.config_env import expanded
from pdutui.domain.when import parse_when
from pdutui.domain.zone import local_zone


@click.command()
@click.argument("target", metavar="TARGET", callback=utf8)
@click.option(
    "--from", "begin", metavar="TIME",
    help="The first moment (default: the first reading).",
)  # fmt: skip
@click.option(
    "--to", "end", metavar="TIME", default="now", show_default=True,
    help="The end, which is not part of it.",
)  # fmt: skip
@click.option(
    "--series", "series", metavar="S", multiple=True, callback=utf8,
    help="Which lines (default: all): outlet.3.power_w, 'outlet 3', db01, power_w, "
    "'outlet.*.power_w', several with commas. May be repeated.",
)  # fmt: skip
@click.option(
    "--step", metavar="STEP", default="auto", show_default=True,
    help="poll: every reading as it was. Else 1s, 10s, 1m, 5m, 15m, 1h or any such step. auto: "
    "poll up to an hour, 10s up to 6h, 1m up to a day, 5m a week, 15m 30 days, 30m 60 days.",
)  # fmt: skip
@click.option(
    "--stat", "stats", metavar="LIST",
    help="What of each step: min, mean, max, last, n, the count of readings "
    "(default: min,mean,max).",
)  # fmt: skip
@click.option(
    "--format", "form", type=click.Choice(("csv", "json", "line")), default="csv",
    show_default=True, help="json: an object a line. line: InfluxDB's line protocol.",
)  # fmt: skip
@click.option("--local", is_flag=True, help="Local times with their offset in place of UTC.")
@click.option("--marks", is_flag=True, help="What happened, in place of readings; goes with json.")
@click.option(
    "-o", "--output", metavar="FILE", type=click.Path(path_type=Path, readable=False),
    help="Into a file, which is put in its place when it is whole (default, and -: standard "
    "output).",
)  # fmt: skip
@click.option("--force", is_flag=True, help="Write over a file that is there.")
@place_options
def export(
    target: str,
    begin: str | None,
    end: str,
    series: tuple[str, ...],
    step: str,
    stats: str | None,
    form: FormatName,
    local: bool,
    marks: bool,
    output: Path | None,
    force: bool,
    place: Place,
) -> int:
    """Write what was recorded of TARGET, a PDU in the database.

    \b
    pdutui history export rack1-a --from -6h --series db01 --step poll
    pdutui history export rack1-a --from 2026-11-20 --to 2026-11-21 -o friday.csv
    pdutui history export rack1-a --step poll --format line > rack1-a.line

    TIME is local unless it says otherwise: 2026-11-20 03:12, 2026-11-20T03:12:00Z, 2026-11-20,
    03:12, -6h, yesterday 14:00, now.

    What is unknown stays empty, and time without readings has no rows. States are words, and in
    line protocol their codes. Ends with 1 if a part of it could not be read.
    """  # noqa: D301 - click's sign for lines that stay as they are
    if local and form == "line":
        raise click.UsageError("--local does not go with --format line: its times are numbers.")
    if marks and (form != "json" or series):
        raise click.UsageError("--marks goes with --format json, and without --series.")
    step_ms = parse_step(step)
    if stats is not None and step_ms == POLLS:
        raise click.UsageError("--stat goes with a step: each reading is what it is.")
    zone = local_zone(os.environ)
    now = datetime.now(UTC)
    order = Order(
        place=place,
        target=target,
        begin=None if begin is None else _time("--from", begin, now, zone, 0),
        end=_time("--to", end, now, zone, 1),
        series=series,
        step=step_ms,
        stats=parse_stats(stats or "min,mean,max"),
        format=form,
        zone=zone if local else None,
        marks=marks,
        output=None
        if output is None or str(output) == "-"
        else expanded(output, "--output").absolute(),
        force=force,
    )
    if order.begin is not None and order.begin >= order.end:
        raise CliError("--from is not before --to")
    require(place)
    if order.output is not None:
        check_target(order.output, force=force)
    return run_to_the_end(run_export(order))


def _time(option: str, text: str, now: datetime, zone: tzinfo, fold: Literal[0, 1]) -> datetime:
    def note(said: str) -> None:
        click.echo(f"pdutui: note: {option}: {said}", err=True)

    try:
        return parse_when(text, now, zone, note=note, fold=fold)
    except ValueError as error:
        raise CliError(f"{option}: {error}") from error
