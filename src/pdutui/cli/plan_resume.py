"""Going on with a plan, and putting one back."""

from __future__ import annotations

import os
from collections.abc import Sequence

import click

from pdutui.cli.across import Across, missing_error, pdus_named, read_all, session_of
from pdutui.cli.approval_wait import approved
from pdutui.cli.ask import agree, can_ask
from pdutui.cli.ending import run_to_the_end
from pdutui.cli.exits import REFUSED, CliError
from pdutui.cli.how import How
from pdutui.cli.impact_text import impact_lines
from pdutui.cli.plan_errors import told
from pdutui.cli.plan_run import CANCELLED, NOT_CONFIRMED, wishes_of
from pdutui.cli.plan_watch import PlanWatch, how_to_go_on, say
from pdutui.cli.session import Session
from pdutui.cli.target import TargetOptions
from pdutui.cli.text import clean
from pdutui.domain.clock import SystemClock
from pdutui.domain.impact import Impact
from pdutui.domain.plan import GOOD_STEPS, OVER, PlanDraft, PlanStep, PlanView
from pdutui.engine.plans.again import later_ones
from pdutui.engine.plans.wording import by_then
from pdutui.settings import PduSettings, Settings

_REPEATED = frozenset({"on", "off", "cancel", "identify"})
"""What is done again when it is not known whether it was done: it does no harm twice."""


def pdus_in(view: PlanView, settings: Settings, target: TargetOptions) -> tuple[PduSettings, ...]:
    """The PDUs of one's own plan, configured or by their address. Raises CliError."""
    names = pdu_names(view)
    pdus = pdus_named(names, settings, target)
    for name, pdu in zip(names, pdus, strict=True):
        if pdu.name != name:  # the plan was judged without what is said of that PDU now
            raise CliError(f"plan {view.plan.id} is for {clean(name)}: ask anew for {pdu.name}")
    return pdus


def pdu_names(view: PlanView) -> tuple[str, ...]:
    """The PDUs of a plan, each once."""
    return tuple(dict.fromkeys(step.pdu for step in view.plan.steps))


async def kept_plans(settings: Settings) -> tuple[PlanView, ...]:
    """All plans as they are on the disk."""
    async with Session((), settings, clock=SystemClock(), audited=False) as session:
        with told():
            await session.plans.look()
        return session.plans.plans()


async def kept_plan(plan_id: str, settings: Settings) -> PlanView:
    """A plan as it is on the disk. Raises CliError if there is none of that id."""
    async with Session((), settings, clock=SystemClock(), audited=False) as session:
        with told():
            await session.plans.look()
            return session.plans.get(plan_id)


async def fresh(session: Session, plan_id: str) -> PlanView:
    """The plan in a session in which its PDUs have been read. Raises CliError."""
    _, missing = await read_all(session)
    if missing:
        raise missing_error(missing)
    with told():
        await session.plans.look()
        view = session.plans.get(plan_id)
    await session.foresee((step.pdu, step.outlet, step.action) for step in view.plan.steps)
    return view


def say_steps(session: Session, view: PlanView, steps: Sequence[PlanStep]) -> None:
    """What some steps would do now, and what stands against them, on standard error."""
    author = view.plan.author
    later = later_ones(steps)
    for place, step in enumerate(steps):
        verdict = session.gate.check(step.pdu, step.outlet, step.action, step.delay_s, actor=author)
        what = clean(by_then(step) if place in later else verdict.sentence)
        if not verdict.allowed:
            what += f": would be refused: {clean(verdict.reason)}"
        moved = "" if place in later else _moved(session, step)
        click.echo(f"  {what}{moved}", err=True)
    for line in impact_lines(impact_now(session, view, steps)):
        click.echo(f"  {line}", err=True)


def impact_now(session: Session, view: PlanView, steps: Sequence[PlanStep]) -> Impact:
    """What some steps of a plan would do together now."""
    plan = view.plan
    with told():
        draft = session.plans.draft(
            wishes_of(steps), plan.author, title=plan.title, source=plan.source, pace=plan.pace,
            pause_s=plan.pause_s, on_failure=plan.on_failure, reason=plan.reason,
            ticket=plan.ticket,
        )  # fmt: skip
    return draft.impact


def _moved(session: Session, step: PlanStep) -> str:
    """`; it is off now, and was on when the plan was made`; empty where it is as it was."""
    reading = session.engine.view(step.pdu).reading
    outlet = reading.outlet(step.outlet) if reading is not None else None
    if outlet is None or outlet.state == step.before:
        return ""
    return f"; it is {outlet.state} now, and was {step.before} when the plan was made"


def resume_plan(plan_id: str, settings: Settings, target: TargetOptions, how: How) -> int:
    """`pdutui plan resume`; returns the exit code."""

    async def work() -> int:
        view = await kept_plan(plan_id, settings)
        if view.state in OVER:
            raise CliError(how_to_go_on(view), REFUSED)
        _must_be_author(view)
        pdus = pdus_in(view, settings, target)
        async with session_of(pdus, settings, clock=SystemClock(), how=how) as session:
            return await _resume(session, await fresh(session, view.plan.id), how)

    return run_to_the_end(work())


def _must_be_author(view: PlanView) -> None:
    """Raises CliError for somebody else's plan, before any question; the desk refuses it too."""
    author = view.plan.author
    if author.uid not in (None, os.geteuid()):
        text = f"plan {view.plan.id} is {clean(author.user)}'s: only they can do that"
        raise CliError(text, REFUSED)


async def _resume(session: Session, view: PlanView, how: How) -> int:
    if view.state == "needs_approval":
        there = await approved(session, view, wait=how.wait, as_json=how.as_json)
        if there is None:
            return REFUSED
        view = there
    both = list(zip(view.plan.steps, view.steps, strict=True))
    left = to_be_done(view)
    say(f"plan {view.plan.id}, {clean(view.plan.title)}: {view.done} of {len(both)} steps are over")
    for step, was in both:
        if was.status not in ("waiting", *GOOD_STEPS):
            detail = f": {clean(was.detail)}" if was.detail else ""
            say(f"  {clean(step.pdu)} {clean(step.label)}: {was.status}{detail}")
    if not how.yes:
        say_steps(session, view, left)
        if not can_ask():
            raise CliError(NOT_CONFIRMED, REFUSED)
        if not await agree(f"Go on with {len(left)}?" if len(left) > 1 else "Go on?"):
            raise CliError(f"{CANCELLED}: plan {view.plan.id} stays as it is", REFUSED)
    return await PlanWatch(session, as_json=how.as_json).run(view)


def to_be_done(view: PlanView) -> list[PlanStep]:
    """The steps that are done when the plan goes on.

    Those that were not begun; one that was refused and at which it stopped, as nothing was sent;
    and one that was under way when the program ended, where the outlet's state tells what of it.
    """
    left: list[PlanStep] = []
    stopped = view.state == "stopped"
    both = zip(view.plan.steps, view.steps, strict=True)
    for step, was in reversed(list(both)):
        again = was.status == "unknown" and step.action in _REPEATED
        again |= was.status == "refused" and stopped
        stopped = stopped and was.status == "waiting"
        if again or was.status == "waiting":
            left.append(step)
    return left[::-1]


def put_back_plan(plan_id: str, settings: Settings, target: TargetOptions, how: How) -> int:
    """`pdutui plan put-back`; returns the exit code."""

    async def work() -> int:
        view = await kept_plan(plan_id, settings)
        _must_be_author(view)
        pdus = pdus_in(view, settings, target)
        async with session_of(pdus, settings, clock=SystemClock(), how=how) as session:
            view = await fresh(session, view.plan.id)
            with told():
                first = session.plans.put_back(view.plan.id, session.actor)
            wishes = wishes_of(first.plan.steps)

            def draft(how: How) -> PlanDraft:
                plan = first.plan
                return session.plans.draft(
                    wishes, session.actor, title=plan.title, source=plan.source, pace=plan.pace,
                    pause_s=plan.pause_s, on_failure=plan.on_failure,
                    reason=how.reason or plan.reason, ticket=how.ticket or plan.ticket,
                    put_back_of=plan.put_back_of,
                )  # fmt: skip

            return await Across(session, how).run(lambda _: wishes, lambda _: draft)

    return run_to_the_end(work())
