"""`pdutui alarms test-hook`: the hook, run once with a sample."""

from __future__ import annotations

import asyncio
import os
import threading
from typing import Literal

import click

from pdutui.cli.alarms_place import Place, now, place_options
from pdutui.cli.ending import run_to_the_end
from pdutui.cli.exits import BAD_NEWS, DONE, CliError
from pdutui.cli.text import clean
from pdutui.domain.alarm import Alarm, AlarmChange, AlarmEntry
from pdutui.domain.alarm_finding import alarm_id
from pdutui.engine.alarms.hook_job import HookJob, job_of
from pdutui.engine.alarms.hook_run import HookOutcome, run_hook
from pdutui.settings import AlarmHookSettings, PduSettings

Change = Literal["raised", "escalated", "over", "acknowledged"]


@click.command("test-hook")
@click.option(
    "--change", type=click.Choice(("raised", "escalated", "over", "acknowledged")),
    default="raised", show_default=True, help="What the sample says has become of the alarm.",
)  # fmt: skip
@click.option(
    "--level", type=click.Choice(("warning", "critical")), default="critical", show_default=True,
    help="The level of the sample.",
)  # fmt: skip
@click.option("--show", is_flag=True, help="Print what the program is given, and run nothing.")
@place_options
def test_hook(
    change: Change, level: Literal["warning", "critical"], show: bool, place: Place
) -> int:
    """Run the program of [alarms.hook] once with a sample alarm, and say how it ended.

    The sample is of the first configured PDU, and says that it is a test: "test" in the JSON is
    true, PDUTUI_ALARM_TEST is 1. Ends with 1 if the program fails.
    """
    hook = place.settings.alarms.hook
    if hook is None:
        why = "the demo runs no hook" if place.demo else "no hook is configured: [alarms.hook]"
        raise CliError(f"{why} (docs/alarms.md)")
    pdus = place.settings.pdus
    job = _job(hook, pdus[0] if pdus else None, change, level)
    if show:
        for name, value in sorted(job.env.items()):
            if name.startswith("PDUTUI_ALARM_"):
                click.echo(f"{name}={value}")
        click.echo(job.stdin.decode(), nl=False)
        return DONE
    return run_to_the_end(_run(job))


async def _run(job: HookJob) -> int:
    stop = threading.Event()
    running = asyncio.ensure_future(asyncio.to_thread(run_hook, job, stop))
    try:
        outcome = await asyncio.shield(running)
    except asyncio.CancelledError:
        stop.set()  # what it has started is ended before we are
        await running
        raise
    return _said(job, outcome)


def _said(job: HookJob, outcome: HookOutcome) -> int:
    program = clean(job.argv[0])
    if outcome.ok:
        click.echo(f"{program}: {clean(outcome.detail)}")
        if outcome.said:
            click.echo(f"it said: {clean(outcome.said)}")
        return DONE
    click.echo(f"pdutui: {program}: {clean(outcome.detail)}", err=True)
    return BAD_NEWS


def _job(
    hook: AlarmHookSettings,
    pdu: PduSettings | None,
    change: AlarmChange,
    level: Literal["warning", "critical"],
) -> HookJob:
    moment = now()
    name = pdu.name if pdu is not None else "rack1-a"
    alarm = Alarm(
        id=alarm_id(name, ("overload", "bank.1", "")), pdu=name, kind="overload", part="bank.1",
        level=level, text="Bank 1 at 103 % of 16 A (a test of the hook)", value=16.48, limit=16.0,
        unit="A", series="bank.1.current_a", since=moment, changed=moment,
        over=moment if change == "over" else None,
    )  # fmt: skip
    entry = AlarmEntry(time=moment, change=change, alarm=alarm)
    return job_of(entry, hook, env=os.environ, pdu=pdu, test=True)
