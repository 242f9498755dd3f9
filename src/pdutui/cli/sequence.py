"""`pdutui sequence`: plans by name, from the configuration."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click
import msgspec

from pdutui.cli.carry_out import load_and_warn
from pdutui.cli.ending import run_to_the_end
from pdutui.cli.exits import DONE
from pdutui.cli.how import How, how_options
from pdutui.cli.kinds import utf8
from pdutui.cli.near import NearGroup
from pdutui.cli.target import config_option
from pdutui.cli.text import clean
from pdutui.domain.clock import SystemClock

if TYPE_CHECKING:
    from pdutui.cli.session import Session
    from pdutui.domain.plan import PlanWish
    from pdutui.engine.groups import Readings
    from pdutui.settings import SequenceSettings, SequenceStep, Settings

_json_option = click.option("--json", "as_json", is_flag=True, help="JSON.")


@click.group(cls=NearGroup)
def sequence() -> None:
    """Named sequences of the configuration: many outlets on any PDUs, in order.

    A sequence becomes a plan when it is run: every step is read back before the next, and 'pdutui
    plan' pauses it, goes on with it, or puts it back.
    """


@sequence.command(name="list")
@_json_option
@config_option
def list_(as_json: bool, config_file: Path | None) -> int:
    """The sequences that are configured. Asks no PDU."""
    settings = load_and_warn(config_file)
    if as_json:
        for one in settings.sequences:
            click.echo(msgspec.json.encode(one))
        return DONE
    if not settings.sequences:
        where = settings.config_path or "the configuration"
        click.echo(f"no sequence is configured: [[sequence]] in {where}", err=True)
    for one in settings.sequences:
        text = f": {clean(one.text)}" if one.text else ""
        click.echo(f"{clean(one.name)}{text}")
        for step in one.steps:
            click.echo(f"  {_step_text(step)}")
    return DONE


@sequence.command()
@click.argument("name", callback=utf8)
@_json_option
@config_option
def show(name: str, as_json: bool, config_file: Path | None) -> int:
    """What a sequence would do now: its steps, pauses, and what that does to loads and devices.

    Reads its PDUs; sends and records nothing. Ends with 3 if one of them could not be read, with 4
    if it would be refused.
    """
    how = How(yes=False, dry_run=True, names=(), reason=None, as_json=as_json)
    return _carry_out(name, load_and_warn(config_file), how)


@sequence.command()
@click.argument("name", callback=utf8)
@how_options(
    name_help="What has to be typed where an outlet is protected or the whole is dangerous: the "
    "outlet's name, or '4 outlets'; --yes is not enough."
)
@config_option
def run(name: str, config_file: Path | None, **how: Any) -> int:
    """Run a sequence: one outlet after the other, each read back until it shows.

    If one of its outlets may not be switched, none is. What happens when an outlet does not follow
    is said in the configuration (on_failure). Ctrl+C pauses it after the step under way.

    Exit codes as of 'pdutui outlet'.
    """
    return _carry_out(name, load_and_warn(config_file), How(**how))


def _carry_out(name: str, settings: Settings, how: How) -> int:
    from pdutui.cli.across import Across, pdus_named, session_of
    from pdutui.cli.selector import said
    from pdutui.engine.groups import sequence_of, sequence_pdus, sequence_wishes

    with said():
        meant = sequence_of(settings, name)
        pdus = pdus_named(sequence_pdus(meant, settings), settings)

    async def work() -> int:
        async with session_of(pdus, settings, clock=SystemClock(), how=how) as session:

            def wishes(readings: Readings) -> tuple[PlanWish, ...]:
                with said():
                    return sequence_wishes(meant, settings, readings)

            return await Across(session, how).run(
                wishes, lambda wished: _drafting(session, meant, wished)
            )

    return run_to_the_end(work())


def _drafting(session: Session, meant: SequenceSettings, wishes: tuple[PlanWish, ...]) -> Any:
    from pdutui.domain.plan import PlanDraft

    def draft(how: How) -> PlanDraft:
        return session.plans.draft(
            wishes,
            session.actor,
            title=meant.name,
            source=f"sequence {meant.name}",
            pace=meant.pace,
            pause_s=meant.pause_s,
            on_failure=meant.on_failure,
            reason=how.reason,
            ticket=how.ticket,
        )

    return draft


def _step_text(step: SequenceStep) -> str:
    """`on: rack1-a:1-4, rack1-b:2; then 5 s`."""
    if step.group is not None:
        which = f"group {clean(step.group)}"
    else:
        which = ", ".join(f"{clean(ref.pdu)}:{clean(ref.selector)}" for ref in step.members)
    pause = f"; {step.pause_s:g} s after each" if step.pause_s is not None else ""
    settle = ", once the load has settled" if step.pace == "settle" else ""
    return f"{step.action.replace('_', ' ')} {which}{pause}{settle}"
