"""`pdutui plan`: what became of many outlets at once, and what is still to be done."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from pdutui.cli.carry_out import load_and_warn
from pdutui.cli.ending import run_to_the_end
from pdutui.cli.exits import BAD_NEWS, DONE
from pdutui.cli.how import How, how_options
from pdutui.cli.kinds import utf8
from pdutui.cli.near import NearGroup
from pdutui.cli.target import TargetOptions, config_option, target_options
from pdutui.domain.clock import SystemClock

if TYPE_CHECKING:
    from pdutui.cli.session import Session
    from pdutui.domain.plan import PlanView
    from pdutui.settings import Settings

_json_option = click.option("--json", "as_json", is_flag=True, help="JSON.")
_id_argument = click.argument("plan_id", metavar="ID", callback=utf8)


@click.group(cls=NearGroup)
def plan() -> None:
    """Plans: many outlets in order, kept on the disk, paused and gone on with, put back.

    A plan is made by 'pdutui outlet' with several outlets, by 'pdutui group' and 'pdutui sequence
    run', and in the console. It survives the end of the program: it comes back paused and never
    goes on by itself.
    """


@plan.command(name="list")
@click.option("--all", "everything", is_flag=True, help="Also those that are over.")
@_json_option
@config_option
def list_(everything: bool, as_json: bool, config_file: Path | None) -> int:
    """The plans that are kept: those that run or wait first. Asks no PDU."""

    async def work(session: Session) -> int:
        from pdutui.cli.plan_output import list_text, view_json
        from pdutui.domain.plan import OVER

        kept = session.plans.plans()
        views = [view for view in kept if everything or view.state not in OVER]
        if as_json:
            for view in views:
                click.echo(view_json(view))
        elif views:
            click.echo("\n".join(list_text(views)))
        else:
            more = f"; {len(kept)} over: --all" if kept else ""
            click.echo(f"no plan is open{more}", err=True)
        return DONE

    return at_the_desk(load_and_warn(config_file), work)


@plan.command()
@_id_argument
@_json_option
@config_option
def show(plan_id: str, as_json: bool, config_file: Path | None) -> int:
    """One plan: who made it and why, and how every step ended. Asks no PDU."""

    async def work(session: Session) -> int:
        from pdutui.cli.plan_errors import told
        from pdutui.cli.plan_output import show_text, view_json

        with told():
            view = session.plans.get(plan_id)
        if as_json:
            click.echo(view_json(view))
        else:
            click.echo("\n".join(show_text(view, session.clock.now())))
        return DONE

    return at_the_desk(load_and_warn(config_file), work)


@plan.command()
@_id_argument
@click.option("--yes", is_flag=True, help="Do not ask.")
@click.option(
    "--wait",
    is_flag=True,
    help="Where a second person has to approve: wait for that, also without a terminal.",
)
@_json_option
@target_options
@config_option
def resume(
    plan_id: str,
    yes: bool,
    wait: bool,
    as_json: bool,
    target: TargetOptions,
    config_file: Path | None,
) -> int:
    """Go on with a plan that stands, or that was approved.

    Shows the steps that are left and what they would do now, and asks. Each step is judged anew: an
    outlet with another name, on another device or in another state than the plan was made for is
    not switched. Only the author of a plan can go on with it.

    Exit codes as of 'pdutui outlet'.
    """
    from pdutui.cli.plan_resume import resume_plan

    how = How(yes=yes, dry_run=False, names=(), reason=None, as_json=as_json, wait=wait)
    return resume_plan(plan_id, load_and_warn(config_file), target, how)


@plan.command()
@_id_argument
@_json_option
@config_option
def pause(plan_id: str, as_json: bool, config_file: Path | None) -> int:
    """Have a plan stop before its next step.

    It may be run by any program of yours, also by the console.
    """
    return _hold(plan_id, config_file, as_json, "pause")


@plan.command()
@_id_argument
@_json_option
@config_option
def abort(plan_id: str, as_json: bool, config_file: Path | None) -> int:
    """End a plan: what is left of it is never done.

    The step under way is followed to its end.
    """
    return _hold(plan_id, config_file, as_json, "abort")


@plan.command(name="put-back")
@_id_argument
@how_options(
    name_help="What has to be typed where an outlet is protected or the whole is dangerous: the "
    "outlet's name, or '4 outlets'; --yes is not enough."
)
@target_options
@config_option
def put_back(plan_id: str, target: TargetOptions, config_file: Path | None, **how: Any) -> int:
    """Return what a plan has changed to what it was.

    That is a plan of its own, the last change first. Only steps that were seen to change something
    count; a reboot cannot be put back.

    Exit codes as of 'pdutui outlet'.
    """
    from pdutui.cli.plan_resume import put_back_plan

    return put_back_plan(plan_id, load_and_warn(config_file), target, How(**how))


def _hold(plan_id: str, config_file: Path | None, as_json: bool, what: str) -> int:
    async def work(session: Session) -> int:
        from pdutui.cli.plan_errors import told
        from pdutui.cli.plan_output import view_json
        from pdutui.cli.plan_watch import how_to_go_on, untried

        with told():
            ask = session.plans.pause if what == "pause" else session.plans.abort
            view = await ask(plan_id, session.actor)
            view = await _held(session, view)
        if as_json:
            click.echo(view_json(view))
        else:
            left = untried(view)
            text = how_to_go_on(view) + (f"; not done: {left}" if left else "")
            click.echo(text)
        if what == "abort":
            return DONE if view.state == "aborted" else BAD_NEWS
        return DONE if view.state not in ("running", "pausing") else BAD_NEWS

    return at_the_desk(load_and_warn(config_file), work)


_HELD_WITHIN_S = 90.0
"""The longest wait for the step under way: it waits for its turn, and is followed to its end."""


async def _held(session: Session, view: PlanView) -> PlanView:
    """The plan once it stands; as it is when that takes too long."""
    until_s = session.clock.monotonic() + _HELD_WITHIN_S
    while view.state in ("running", "pausing") and session.clock.monotonic() < until_s:
        await session.clock.sleep(0.2)
        await session.plans.look()
        view = session.plans.get(view.plan.id)
    return view


_MOST_TROUBLES = 50
"""Files among the plans that something is wrong with, of which as many are named."""


def at_the_desk(settings: Settings, work: Callable[[Session], Awaitable[int]]) -> int:
    """Run `work` with the plans as they are on the disk; no PDU is asked."""
    from pdutui.cli.plan_errors import told
    from pdutui.cli.plan_watch import say
    from pdutui.cli.session import Session
    from pdutui.cli.text import clean

    async def there() -> int:
        async with Session((), settings, clock=SystemClock(), audited=False) as session:
            with told():
                await session.plans.look()
            for line in session.engine.recent_log(_MOST_TROUBLES):
                if line.severity != "info":
                    say(clean(line.text))
            return await work(session)

    return run_to_the_end(there())
