"""`pdutui history report`: what was used, by PDU and part, with cost and the period before."""

from __future__ import annotations

import os
from datetime import UTC, datetime, tzinfo
from typing import Literal

import click

from pdutui.cli.exits import DONE, CliError
from pdutui.cli.history_place import Place, place_options, require
from pdutui.cli.kinds import utf8
from pdutui.cli.text import clean
from pdutui.domain.history import DAY_MS
from pdutui.domain.periods import UNITS, Period, Unit, ms_of, parse_period, period_at
from pdutui.domain.when import parse_when
from pdutui.domain.zone import local_zone

Per = Literal["pdu", "inlet", "phase", "bank", "outlet"]
PERS: tuple[Per, ...] = ("pdu", "inlet", "phase", "bank", "outlet")

LONGEST_DAYS = 400
"""More than a year at once would take too much memory."""
LONGEST_BY_HOUR_DAYS = 62


@click.command()
@click.argument("targets", metavar="[TARGET...]", nargs=-1, callback=utf8)
@click.option("--week", metavar="WEEK", help="An ISO week: 2026-W47 (default: the last whole one).")
@click.option("--month", metavar="MONTH", help="2026-11.")
@click.option("--day", metavar="DAY", help="2026-11-20.")
@click.option("--from", "begin", metavar="TIME", help="Any span, in quarters of an hour.")
@click.option("--to", "end", metavar="TIME", help="Where it ends (default: now).")
@click.option(
    "--by", type=click.Choice(UNITS), help="A figure for each hour, day, ISO week or month of it."
)
@click.option("--per", type=click.Choice(PERS), help="These parts alone (default: all).")
@click.option("--json", "as_json", is_flag=True, help="One JSON object.")
@click.option("--csv", "as_csv", is_flag=True, help="A table for a spreadsheet.")
@click.option("--md", "as_md", is_flag=True, help="Markdown.")
@click.option(
    "--fresh", is_flag=True,
    help="Make it anew from what is stored now; that of a week that is over is kept.",
)  # fmt: skip
@place_options
def report(
    targets: tuple[str, ...],
    week: str | None,
    month: str | None,
    day: str | None,
    begin: str | None,
    end: str | None,
    by: Unit | None,
    per: Per | None,
    as_json: bool,
    as_csv: bool,
    as_md: bool,
    fresh: bool,
    place: Place,
) -> int:
    """Report the energy that TARGETs used; without one, all PDUs that were recorded.

    \b
    pdutui history report                     # last week, as it was kept
    pdutui history report rack1-a --month 2026-11 --by day
    pdutui history report --day 2026-11-20 --by hour --per outlet --csv
    pdutui history report --from 2026-11-01 --to 2026-11-15

    Energy is that of the device's counters; where it has none, or none that can be believed,
    measured power over the time that was read. Each figure says which, and how much of the time
    was read. Days and weeks are local. Prices come from [energy] in the configuration.

    The console makes the report of each week by itself and keeps it. Ends with 1 if there is
    nothing to report.
    """  # noqa: D301 - click's sign for lines that stay as they are
    from pdutui.cli.report_find import Order, find
    from pdutui.cli.report_output import csv_text, json_text, markdown
    from pdutui.cli.report_text import report_text
    from pdutui.domain.tariff import Billing

    if as_json + as_csv + as_md > 1:
        raise click.UsageError("--json, --csv and --md exclude each other.")
    now, zone = datetime.now(UTC), local_zone(os.environ)
    period, is_week = _period(week, month, day, begin, end, now, zone)
    days = (period.to_ms - period.from_ms) / DAY_MS
    if by == "hour" and days > LONGEST_BY_HOUR_DAYS:
        raise CliError(f"--by hour is for up to {LONGEST_BY_HOUR_DAYS} days; --by day for more")
    require(place)
    found = find(
        Order(
            place=place, targets=targets, period=period, is_week=is_week, by=by, per=per,
            fresh=fresh, billing=Billing(zone=zone, tariff=place.settings.energy.tariff), now=now,
        )
    )  # fmt: skip
    if as_json:
        click.echo(json_text(found.report))
    elif as_csv:
        click.echo(csv_text(found.report), nl=False)
    elif as_md:
        click.echo(markdown(found, zone))
    else:
        click.echo(report_text(found, zone))
    if as_csv and targets:
        for pdu in found.report.missing:
            click.echo(f"pdutui: {clean(pdu)} has no reading in this time", err=True)
    for line in found.complaints:
        click.echo(f"pdutui: {line}", err=True)
    return DONE


def _period(
    week: str | None,
    month: str | None,
    day: str | None,
    begin: str | None,
    end: str | None,
    now: datetime,
    zone: tzinfo,
) -> tuple[Period, bool]:
    """The time that is meant, and whether it is an ISO week. Raises UsageError and CliError."""
    choices: list[tuple[Unit, str | None]] = [("week", week), ("month", month), ("day", day)]
    named = [(unit, text) for unit, text in choices if text is not None]
    options = [f"--{unit}" for unit, _ in named]
    options += ["--from/--to"] if begin is not None or end is not None else []
    if len(options) > 1:
        raise click.UsageError(f"{' and '.join(options)} exclude each other.")
    if named:
        unit, text = named[0]
        try:
            return parse_period(unit, text, zone), unit == "week"
        except ValueError as error:
            raise CliError(f"--{unit}: {error}") from error
    if options:
        return _span(begin, end, now, zone), False
    this = period_at("week", ms_of(now), zone)
    return period_at("week", this.from_ms - 1, zone), True


def _span(begin: str | None, end: str | None, now: datetime, zone: tzinfo) -> Period:
    """Any span, its edges moved out to quarters of an hour."""
    from pdutui.domain.energy_report import quarters

    if begin is None:
        raise click.UsageError("--to goes with --from.")
    from_ms = _moment("--from", begin, now, zone, 0)
    to_ms = _moment("--to", end or "now", now, zone, 1)
    if from_ms >= to_ms:
        raise CliError("--from is not before --to")
    if to_ms - from_ms > LONGEST_DAYS * DAY_MS:
        raise CliError(f"--from and --to are more than {LONGEST_DAYS} days apart")
    return quarters(Period(from_ms, to_ms, ""))


def _moment(option: str, text: str, now: datetime, zone: tzinfo, fold: Literal[0, 1]) -> int:
    def note(said: str) -> None:
        click.echo(f"pdutui: {option}: {said}", err=True)

    try:
        return ms_of(parse_when(text, now, zone, note=note, fold=fold))
    except ValueError as error:
        raise CliError(f"{option}: {error}") from error
