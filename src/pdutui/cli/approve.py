"""`pdutui approve`: the second person's yes to somebody else's plan."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

import click
import msgspec

from pdutui.cli.carry_out import load_and_warn
from pdutui.cli.ending import run_to_the_end
from pdutui.cli.exits import DONE, REFUSED, CliError
from pdutui.cli.how import How
from pdutui.cli.kinds import utf8
from pdutui.cli.target import config_option
from pdutui.domain.clock import SystemClock

if TYPE_CHECKING:
    from pdutui.cli.session import Session
    from pdutui.domain.commands import Actor
    from pdutui.domain.plan import PlanView
    from pdutui.settings import Settings


@click.command()
@click.argument("plan_id", metavar="[ID]", required=False, callback=utf8)
@click.option("--yes", is_flag=True, help="Do not ask.")
@click.option("--json", "as_json", is_flag=True, help="One JSON object per plan.")
@config_option
def approve(plan_id: str | None, yes: bool, as_json: bool, config_file: Path | None) -> int:
    """Approve a plan that somebody else has made, as the second person that policy asks for.

    Without ID it lists the plans that wait for one. With ID it reads the PDUs, shows the frozen
    plan with the state of its outlets as it is now and what switching them would do now, and asks.
    Nothing is switched by this: the author's program carries the plan out, or 'pdutui plan resume'
    by the author.

    Ends with 4 for one's own plan, for who may not approve, for a plan that has expired or cannot
    be done any more, and where it was not agreed to.
    """
    settings = load_and_warn(config_file)
    if plan_id is None:
        return _list(settings, as_json=as_json)
    return _approve(plan_id, settings, yes=yes, as_json=as_json)


def _list(settings: Settings, *, as_json: bool) -> int:
    from pdutui.cli.across import only_look, pdus_named, read_all, session_of
    from pdutui.cli.plan_resume import kept_plans, pdu_names

    async def work() -> int:
        waiting = [v for v in await kept_plans(settings) if v.state == "needs_approval"]
        if not waiting:
            click.echo("no plan waits for an approval", err=True)
            return DONE
        names = [n for view in waiting for n in pdu_names(view) if _is_configured(n, settings)]
        pdus = pdus_named(tuple(dict.fromkeys(names)), settings)
        async with session_of(pdus, settings, clock=SystemClock(), how=only_look()) as session:
            await read_all(session)
            await session.foresee(
                (s.pdu, s.outlet, s.action) for view in waiting for s in view.plan.steps
            )
            _print(session, waiting, as_json=as_json)
        return DONE

    return run_to_the_end(work())


def _print(session: Session, waiting: list[PlanView], *, as_json: bool) -> None:
    """Plans that wait for a second person, each with what it would do now."""
    from pdutui.cli.impact_text import impact_lines
    from pdutui.cli.plan_output import show_text, view_plain
    from pdutui.cli.plan_resume import impact_now

    for view in waiting:
        impact = impact_now(session, view, view.plan.steps)
        if as_json:
            click.echo(msgspec.json.encode(view_plain(view) | {"impact": impact}))
            continue
        click.echo("\n".join(show_text(view, session.clock.now())))
        for line in impact_lines(impact):
            click.echo(f"  {line}")
        click.echo()
    if not as_json:
        click.echo("pdutui approve ID looks at it once more, and asks")


def _approve(plan_id: str, settings: Settings, *, yes: bool, as_json: bool) -> int:
    from pdutui.cli.across import pdus_named, session_of
    from pdutui.cli.plan_resume import fresh, kept_plan, pdu_names
    from pdutui.cli.text import clean
    from pdutui.engine.actor import current_actor

    how = How(yes=yes, dry_run=False, names=(), reason=None, as_json=as_json)

    async def work() -> int:
        view = await kept_plan(plan_id, settings)
        if view.state != "needs_approval":
            raise CliError(_not_waiting(view), REFUSED)
        _must_be_another(view, current_actor(os.environ, "cli"))
        for name in pdu_names(view):
            if not _is_configured(name, settings):
                text = f"plan {view.plan.id} switches {clean(name)}, which is not configured here"
                raise CliError(f"{text}: it cannot be judged", REFUSED)
        pdus = pdus_named(pdu_names(view), settings)
        async with session_of(pdus, settings, clock=SystemClock(), how=how) as session:
            return await _judged(session, await fresh(session, view.plan.id), how)

    return run_to_the_end(work())


def _is_configured(name: str, settings: Settings) -> bool:
    """Whether a PDU is one of the approver's own configuration.

    Somebody else's plan must not have this program talk to an address of their choice, with the
    approver's community in it.
    """
    return any(pdu.name == name for pdu in settings.pdus)


def _must_be_another(view: PlanView, actor: Actor) -> None:
    """Raises CliError for one's own plan, before anybody is asked; the desk refuses it too."""
    author = view.plan.author
    if (author.uid is not None and author.uid == actor.uid) or author.names & actor.names:
        text = f"plan {view.plan.id} is your own: somebody else has to approve it"
        raise CliError(text, REFUSED)


async def _judged(session: Session, view: PlanView, how: How) -> int:
    from pdutui.cli.ask import agree, can_ask
    from pdutui.cli.plan_errors import told
    from pdutui.cli.plan_output import head_text, view_json
    from pdutui.cli.plan_resume import say_steps
    from pdutui.cli.plan_run import CANCELLED, NOT_CONFIRMED
    from pdutui.cli.text import clean

    plan = view.plan
    for line in head_text(view, session.clock.now()):
        click.echo(line, err=True)
    say_steps(session, view, plan.steps)
    if not how.yes:
        if not can_ask():
            raise CliError(NOT_CONFIRMED, REFUSED)
        if not await agree(f"Approve plan {plan.id}?"):
            raise CliError(f"{CANCELLED}: plan {plan.id} still waits", REFUSED)
    with told():
        view = await session.plans.approve(plan.id, session.actor)
    if how.as_json:
        click.echo(view_json(view))
    else:
        author = clean(plan.author.user)
        click.echo(
            f"plan {plan.id} is approved. Whatever waits for it carries it out: the program of"
            f" {author} if it still runs, else {author} says: pdutui plan resume {plan.id}"
        )
    return DONE


def _not_waiting(view: PlanView) -> str:
    """Why there is nothing to approve."""
    from pdutui.cli.text import clean

    plan = view.plan
    if view.approval is not None:
        return f"plan {plan.id} is approved already, by {clean(view.approval.user)}"
    if not plan.needs_approval:
        return f"plan {plan.id} needs no approval: it is {view.state}"
    if view.state == "expired":
        return f"plan {plan.id} has expired: {clean(plan.author.user)} has to ask anew"
    return f"plan {plan.id} is {view.state}: there is nothing to approve"
