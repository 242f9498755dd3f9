"""`pdutui alarms budgets`: what was used of each energy budget."""

from __future__ import annotations

import os
from collections.abc import AsyncIterator, Mapping
from contextlib import AsyncExitStack, asynccontextmanager

import click
import msgspec

from pdutui.cli.alarms_place import Place, place_options
from pdutui.cli.build import history_path
from pdutui.cli.ending import run_to_the_end
from pdutui.cli.exits import BAD_NEWS, DONE, CliError
from pdutui.cli.text import UNKNOWN, clean, figure, table
from pdutui.domain.alarm_budget import BudgetUse, judge_budget, kwh_text
from pdutui.domain.alarm_json import iso
from pdutui.domain.clock import SystemClock
from pdutui.domain.periods import moment_of
from pdutui.domain.reading import Reading
from pdutui.domain.zone import local_zone
from pdutui.engine.alarms.budget import BudgetWatch, unknown_text
from pdutui.engine.alarms.out import Surroundings
from pdutui.store.port import HistoryReader


@click.command()
@click.option("--json", "as_json", is_flag=True, help="One JSON object a line.")
@place_options
def budgets(as_json: bool, place: Place) -> int:
    """Print each energy budget of the configuration, and what was used of it so far.

    Figures come from the history. Where too little of a period is known, what is known is a least
    figure, and that is said. Ends with 1 if a budget is used up.
    """
    if not place.settings.alarms.budgets:
        raise CliError("no budget is configured: [[alarms.budget]] (docs/alarms.md)")
    return run_to_the_end(_budgets(place, as_json=as_json))


async def _budgets(place: Place, *, as_json: bool) -> int:
    async with watched_budgets(place, {}) as watch:
        await watch.look()
        uses, problem = watch.uses, watch.problem
    if problem:
        raise CliError(problem, BAD_NEWS)
    if as_json:
        for use in uses:
            click.echo(msgspec.json.encode(_plain(use)))
    elif uses:
        heads = ("budget", "per", "used kWh", "of kWh", "%", "known %", "state")
        rows = [_row(use) for use in uses]
        click.echo("\n".join(table(heads, rows, words=frozenset({"budget", "per", "state"}))))
    for budget in place.settings.alarms.budgets:
        if budget.name not in {use.name for use in uses}:
            click.echo(f"pdutui: budget {clean(budget.name)}: fits no PDU", err=True)
    if not as_json:
        for use in uses:
            if use.unknown:
                click.echo(f"pdutui: {clean(unknown_text(use))}", err=True)
    return BAD_NEWS if any(use.used_kwh > use.kwh for use in uses) else DONE


@asynccontextmanager
async def watched_budgets(
    place: Place, readings: Mapping[str, Reading]
) -> AsyncIterator[BudgetWatch]:
    """The budgets, by the history that is on the disk."""
    from pdutui.store.reader import open_reader

    clock = SystemClock()
    async with AsyncExitStack() as stack:

        async def history() -> HistoryReader | None:
            reader = await open_reader(history_path(place.settings), clock=clock)
            stack.push_async_callback(reader.close)
            return reader

        yield BudgetWatch(
            Surroundings(
                settings=place.settings, clock=clock, zone=local_zone(os.environ),
                note=lambda _pdu, _severity, _text: None, history=history,
                readings=lambda: readings,
            )
        )  # fmt: skip


def _state(use: BudgetUse) -> str:
    finding = judge_budget(use)
    if finding.level is not None:
        return "used up" if finding.level == "critical" else "near its end"
    return "kept" if finding.known else "unknown"


def _row(use: BudgetUse) -> tuple[str, ...]:
    least = ">= " if use.unknown else ""
    return (
        clean(use.name),
        f"{use.per} {use.period.label}",
        f"{least}{kwh_text(use.used_kwh)}",
        kwh_text(use.kwh),
        f"{least}{figure(use.percent, 0 if use.percent >= 10 else 1)}",
        UNKNOWN if use.known >= 0.995 else figure(100 * use.known, 0),
        _state(use),
    )


def _plain(use: BudgetUse) -> dict[str, object]:
    zone = local_zone(os.environ)
    return {
        "budget": use.name,
        "per": use.per,
        "period": use.period.label,
        "from": iso(moment_of(use.period.from_ms, zone)),
        "to": iso(moment_of(use.period.to_ms, zone)),
        "used_kwh": round(use.used_kwh, 6),
        "kwh": use.kwh,
        "percent": round(use.percent, 3),
        "warning_percent": use.warning_percent,
        "known": round(use.known, 4),
        "unknown_pdus": list(use.unknown),
        "state": _state(use).replace(" ", "_"),
    }
