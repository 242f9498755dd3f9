"""A plan while it runs: its results as they come, how far it is, and what Ctrl+C does to it."""

from __future__ import annotations

import asyncio
import contextlib

import click

from pdutui.cli.amounts import counted, span_text
from pdutui.cli.exits import BAD_NEWS, DONE, REFUSED
from pdutui.cli.plan_errors import told
from pdutui.cli.progress import ProgressLine
from pdutui.cli.results import print_result, print_step
from pdutui.cli.session import Session
from pdutui.cli.text import clean
from pdutui.domain.commands import CommandResult
from pdutui.domain.plan import GOOD_STEPS, PlanView
from pdutui.engine.events import CommandEnded, EngineEvent, PlanChanged
from pdutui.engine.labels import number_ranges

_OPEN = ("waiting", "running")


def say(text: str) -> None:
    """A line on standard error, which may be gone with its terminal."""
    with contextlib.suppress(OSError):
        click.echo(f"pdutui: {text}", err=True)


class PlanWatch:
    """Starts a plan, prints every step as it ends, and says how it all ended."""

    def __init__(self, session: Session, *, as_json: bool) -> None:
        self._session = session
        self._as_json = as_json
        self._plan = ""
        self._results: dict[str, CommandResult] = {}
        """By intent, until its step is told."""
        self._printed: set[tuple[int, object]] = set()
        self._progress = ProgressLine()
        self._mute: OSError | None = None
        """Why nothing can be printed any more: the plan goes on without it, as was agreed."""

    async def run(self, before: PlanView) -> int:
        """Start it, or go on with it, and follow it; returns the exit code.

        Cancelled, it pauses the plan after the step under way.
        """
        self._plan = before.plan.id
        self._printed = set(_ended(before))
        unsubscribe = self._session.engine.subscribe(self._hear)
        try:
            with told():
                await self._session.plans.start(self._plan, self._session.actor)
                try:
                    view = await self._session.plans.wait(self._plan)
                except asyncio.CancelledError:
                    await self._pause()
                    raise
            self._tell_steps(view)
        finally:
            unsubscribe()
            self._progress.clear()
        code = self._sum_up(view)
        if self._mute is not None:
            raise self._mute
        return code

    async def _pause(self) -> None:
        self._progress.clear()
        say(f"plan {self._plan}: it pauses after the step under way")
        view = await self._session.plans.pause(self._plan, self._session.actor)
        if view.state in ("running", "pausing"):
            view = await self._session.plans.wait(self._plan)
        self._tell_steps(view)
        self._say_left(view)
        say(how_to_go_on(view))

    def _hear(self, event: EngineEvent) -> None:
        if isinstance(event, CommandEnded) and event.result.intent.plan == self._plan:
            self._results[event.result.intent.id] = event.result
        elif isinstance(event, PlanChanged) and event.view.plan.id == self._plan:
            self._tell_steps(event.view)
            self._progress.show(_how_far(event.view))

    def _tell_steps(self, view: PlanView) -> None:
        """Print the steps that have ended since the last time, as long as that can be done."""
        try:
            self._print_steps(view)
        except OSError as error:
            self._mute = error

    def _print_steps(self, view: PlanView) -> None:
        for key in _ended(view):
            if key in self._printed or self._mute is not None:
                continue
            self._printed.add(key)
            self._progress.clear()
            place = key[0]
            step, how = view.plan.steps[place], view.steps[place]
            result = self._results.pop(how.intent_id or "", None)
            if result is not None:
                print_result(result, as_json=self._as_json)
            else:
                print_step(view.plan, step, how, as_json=self._as_json)

    def _sum_up(self, view: PlanView) -> int:
        if view.state == "done" and not view.bad:
            return DONE
        self._say_left(view)
        say(how_to_go_on(view))
        bad = {how.status for how in view.steps if how.status not in (*_OPEN, *GOOD_STEPS)}
        return REFUSED if bad == {"refused"} else BAD_NEWS

    def _say_left(self, view: PlanView) -> None:
        left = untried(view)
        if left:
            say(f"stopped there; not tried: {left}")


def _ended(view: PlanView) -> list[tuple[int, object]]:
    """The steps that are over: place, and when, as one may be done again."""
    return [(n, how.ended) for n, how in enumerate(view.steps) if how.status not in _OPEN]


def _how_far(view: PlanView) -> str:
    total = len(view.steps)
    text = f"plan {view.plan.id}: {view.done} of {counted(total, 'step')}"
    if view.next_in_s is not None:
        text += f", next in {span_text(view.next_in_s)}"
    return text


def untried(view: PlanView) -> str:
    """The outlets of the steps that were not begun: `outlet 5, 6`; with their PDUs if several."""
    by_pdu: dict[str, list[int]] = {}
    for step, how in zip(view.plan.steps, view.steps, strict=True):
        if how.status == "waiting" and step.outlet not in by_pdu.setdefault(step.pdu, []):
            by_pdu[step.pdu].append(step.outlet)
    if len({step.pdu for step in view.plan.steps}) == 1:
        return "".join(f"outlet {', '.join(str(n) for n in ns)}" for ns in by_pdu.values())
    parts = (f"{clean(pdu)} outlet {number_ranges(numbers)}" for pdu, numbers in by_pdu.items())
    return "; ".join(parts)


def how_to_go_on(view: PlanView) -> str:
    """What can be done with a plan that stands."""
    plan = view.plan.id
    why = f" ({clean(view.detail)})" if view.detail else ""
    text = f"plan {plan} is {view.state}{why}"
    if view.state in ("paused", "stopped"):
        text += f": pdutui plan resume {plan} goes on"
        if view.done:
            text += f", pdutui plan put-back {plan} returns what it changed"
    return text
