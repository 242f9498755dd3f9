"""Many outlets from the command line: say what it will do, ask, keep it as a plan, carry it out."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Callable, Sequence
from typing import TypeVar

import click
import msgspec

from pdutui.cli.approval_wait import approved
from pdutui.cli.ask import agree, ask, can_ask
from pdutui.cli.ending import unhurried
from pdutui.cli.exits import DONE, REFUSED
from pdutui.cli.how import How, Pacing
from pdutui.cli.impact_text import impact_lines
from pdutui.cli.plan_errors import NOT_KEPT, as_error, told
from pdutui.cli.plan_watch import PlanWatch, say
from pdutui.cli.results import print_result
from pdutui.cli.session import Session
from pdutui.cli.text import clean
from pdutui.domain.commands import WHOLE_PDU
from pdutui.domain.plan import PlanDraft, PlanStep, PlanWish
from pdutui.engine.gate import Verdict
from pdutui.engine.plans.again import later_ones
from pdutui.engine.plans.port import PlanTrouble
from pdutui.engine.plans.wording import by_then
from pdutui.engine.policy import typed_right

NOT_CONFIRMED = "not confirmed: no --yes, and no terminal to ask at"
CANCELLED = "cancelled"
UNKEPT = "the plan cannot be kept"
_MOST_SAID = 40
"""Steps that a question spells out."""

_Said = TypeVar("_Said", bound=How)
Drafting = Callable[[How], PlanDraft]
"""Drafts the plan anew, with the reason and the ticket of the How. May raise PlanTrouble."""


class PlanRun:
    """From the wish for a plan to its end."""

    def __init__(self, session: Session, how: How, drafting: Drafting, *, heading: bool) -> None:
        """Nothing is asked yet.

        Args:
            session: with fresh readings of all PDUs concerned.
            how: what the options said.
            drafting: makes the draft.
            heading: whether to say the whole in a sentence before the single outlets.
        """
        self._session = session
        self._how = how
        self._drafting = drafting
        self._heading = heading

    async def run(self) -> int | None:
        """Do it, and return the exit code; None if the plan cannot be written down.

        Nothing was done then, and why was said.
        """
        try:
            steps = self._drafting(self._how).plan.steps
        except PlanTrouble as trouble:
            return self._cannot_be_kept(trouble)
        await self._learn_delays(steps)
        draft = self._draft()
        if self._how.dry_run:
            return self._dry_run(draft)
        if draft.obstacles:
            return await self._blocked(draft)
        draft = await self._explained(draft)
        if draft.problem:
            return await self._refuse(draft, draft.problem)
        no, typed = "", None
        try:
            if self._how.yes:
                for line in impact_lines(draft.impact, besides=("clear", "unknown")):
                    say(line)
            else:
                no = await self._ask_person(draft)
            if not no:
                typed = await self._typed(draft)
        except asyncio.CancelledError:
            await unhurried(self._refuse(draft, CANCELLED))
            raise
        if no:
            await unhurried(self._refuse(draft, no))
            return REFUSED
        if typed is None:
            return REFUSED
        try:
            view = await self._session.plans.keep(draft, confirmed=True, typed=typed)
        except PlanTrouble as trouble:
            return self._cannot_be_kept(trouble)
        if view.state == "needs_approval":
            there = await approved(
                self._session, view, wait=self._how.wait, as_json=self._how.as_json
            )
            if there is None:
                return REFUSED
            view = there
        if len(view.steps) > 1:
            say(f"plan {view.plan.id}: {clean(draft.sentence)}")
        return await PlanWatch(self._session, as_json=self._how.as_json).run(view)

    @staticmethod
    def _cannot_be_kept(trouble: PlanTrouble) -> None:
        """Say that there is no place for a plan. Raises CliError for any other trouble."""
        if trouble.rule != NOT_KEPT:
            raise as_error(trouble) from trouble
        why = clean(str(trouble)).removeprefix(f"{UNKEPT}: ")
        say(f"{UNKEPT}: {why}")

    # -- what it will do ---------------------------------------------------------------------

    def _draft(self) -> PlanDraft:
        with told():
            return self._drafting(self._how)

    async def _learn_delays(self, steps: Sequence[PlanStep]) -> None:
        """Have the sentences name the delays that are set in the devices."""
        for step in steps:
            if step.outlet != WHOLE_PDU and step.action not in ("on", "off"):
                await self._session.gate.prepare(step.pdu, step.outlet)

    def _verdict(self, step: PlanStep) -> Verdict:
        return self._session.gate.check(step.pdu, step.outlet, step.action, step.delay_s)

    def _verdicts(self, steps: Sequence[PlanStep]) -> list[tuple[PlanStep, Verdict]]:
        """Every step with what the gate says of it, and a sentence that fits its place."""
        later = later_ones(steps)
        pairs = ((place, step, self._verdict(step)) for place, step in enumerate(steps))
        return [
            (step, msgspec.structs.replace(said, sentence=by_then(step)) if n in later else said)
            for n, step, said in pairs
        ]

    def _dry_run(self, draft: PlanDraft) -> int:
        steps = self._verdicts(draft.plan.steps)
        if self._how.as_json:
            for step, verdict in steps:
                click.echo(dry_json(step.pdu, step.outlet, step.action, verdict))
            click.echo(_whole_json(draft))
        else:
            if self._heading:
                click.echo(f"plan: {clean(draft.sentence)}")
            for step, verdict in steps:
                unnamed = not verdict.allowed and step.label not in verdict.reason
                where = f" ({clean(step.pdu)} {clean(step.label)})" if unnamed else ""
                click.echo(f"{dry_line(verdict)}{where}")
            for line in impact_lines(draft.impact):
                click.echo(f"  {line}")
            self._say_what_stands_against(draft)
        possible = not draft.obstacles and not draft.problem
        return DONE if possible and all(v.allowed for _, v in steps) else REFUSED

    def _say_what_stands_against(self, draft: PlanDraft) -> None:
        """What a dry run adds: obstacles of the plan itself, and the words that it wants."""
        names = {self._verdict(step).outlet_name for step in draft.plan.steps}
        for word in draft.words:
            if word not in names:
                click.echo(f"  needs --confirm-name {clean(word)!r}")
        if draft.problem:
            click.echo(f"would be refused: {clean(draft.problem)}")
        alone = any(self._verdict(step).needs_approval for step in draft.plan.steps)
        if draft.plan.needs_approval and not alone:
            click.echo("  needs the approval of a second person")

    # -- a person's part ---------------------------------------------------------------------

    async def _explained(self, draft: PlanDraft) -> PlanDraft:
        """The draft with the reason and the ticket that policy wants, asked for at a terminal."""
        if not draft.problem:
            return draft
        verdicts = [self._verdict(step) for step in draft.plan.steps]
        reason = any(verdict.needs_reason for verdict in verdicts)
        ticket = any(verdict.needs_ticket for verdict in verdicts)
        if not can_ask():
            missing = missing_words(self._how, needs_reason=reason, needs_ticket=ticket)
            return msgspec.structs.replace(draft, problem=missing or draft.problem)
        how = await with_words(self._how, needs_reason=reason, needs_ticket=ticket)
        if how == self._how:
            return draft
        self._how = how
        return self._draft()

    async def _ask_person(self, draft: PlanDraft) -> str:
        """Ask; returns why not, empty for a yes."""
        if not can_ask():
            return NOT_CONFIRMED
        steps = draft.plan.steps
        if len(steps) > 1:
            click.echo(clean(draft.sentence), err=True)
        for _, verdict in self._verdicts(steps)[:_MOST_SAID]:
            click.echo(("  " if len(steps) > 1 else "") + clean(verdict.sentence), err=True)
        if len(steps) > _MOST_SAID:
            click.echo(f"  ... and {len(steps) - _MOST_SAID} more", err=True)
        for line in impact_lines(draft.impact):
            click.echo(f"  {line}", err=True)
        if draft.plan.needs_approval:
            click.echo("  nothing is switched before a second person has approved it", err=True)
        question = "Do it?" if len(steps) == 1 else f"Do all {len(steps)}?"
        return "" if await agree(question) else CANCELLED

    async def _typed(self, draft: PlanDraft) -> tuple[str, ...] | None:
        """All of the draft's words, once they were typed; None where one was not."""
        for word in draft.words:
            if self._is_typed(draft, word, self._how.names):
                continue
            why = self._why_typed(draft, word)
            about = why.partition(": type ")[0]
            if self._how.yes or self._how.names or not can_ask():
                say(f"{why}: --confirm-name {clean(word)!r} does it")
                await self._unnamed(draft, word, f"{about} and {clean(word)!r} was not typed")
                return None
            if not self._is_typed(draft, word, (await ask(f"{why}: "),)):
                await self._unnamed(draft, word, f"{about} and {clean(word)!r} was typed wrong")
                return None
        return draft.words

    def _is_typed(self, draft: PlanDraft, word: str, given: Sequence[str]) -> bool:
        if any(one.strip() == word for one in given):
            return True
        named = [
            step
            for step in self._called(draft, word)
            if step.outlet != WHOLE_PDU and self._verdict(step).outlet_name == word
        ]
        return any(typed_right(step.outlet, step.name, one) for step in named for one in given)

    def _called(self, draft: PlanDraft, word: str) -> list[PlanStep]:
        """The steps whose outlets a word is the name of; `rack1-a:db01` where two have one name."""
        return [
            step
            for step in draft.plan.steps
            if word in (name := self._verdict(step).outlet_name, f"{step.pdu}:{name}")
        ]

    def _why_typed(self, draft: PlanDraft, word: str) -> str:
        """`outlet 2 core-switch is protected: type its name`."""
        for verdict in map(self._verdict, self._called(draft, word)):
            if verdict.needs_name:
                return clean(verdict.reason)
        return f"this is dangerous: type {clean(word)!r}"

    # -- no ----------------------------------------------------------------------------------

    async def _blocked(self, draft: PlanDraft) -> int:
        """Switch nothing at all; every outlet that stands in the way says why, on record."""
        in_the_way = {(o.pdu, o.outlet): o.reason for o in draft.obstacles}
        for step in draft.plan.steps:
            reason = in_the_way.pop((step.pdu, step.outlet), None)
            if reason is not None:
                await self._refuse_step(step, reason)
        for (pdu, _), reason in in_the_way.items():
            say(f"{clean(pdu)}: {clean(reason)}")
        return REFUSED

    async def _refuse(self, draft: PlanDraft, reason: str) -> int:
        """Nobody agreed, or may: every outlet is on record as refused."""
        for step in draft.plan.steps:
            with contextlib.suppress(OSError):  # the terminal may be what is gone
                await self._refuse_step(step, reason)
        return REFUSED

    async def _unnamed(self, draft: PlanDraft, word: str, reason: str) -> None:
        """A word was not typed: those outlets are refused that it is the name of, else all."""
        for step in self._called(draft, word) or draft.plan.steps:
            await self._refuse_step(step, reason)

    async def _refuse_step(self, step: PlanStep, reason: str) -> None:
        """Put one refusal on record, in the gate's own words where the gate itself says no."""
        session, how = self._session, self._how
        gate, verdict = session.gate, self._verdict(step)
        intent = gate.new_intent(
            step.pdu, step.outlet, step.action, session.actor, how.reason, step.delay_s
        )
        intent = gate.explain(intent, how.reason, how.ticket)
        if verdict.allowed:
            result = await gate.refuse(intent, reason)
        else:
            result = await gate.switch(intent, confirmed=False)
        print_result(result, as_json=how.as_json)


def missing_words(how: How, *, needs_reason: bool, needs_ticket: bool) -> str:
    """`a reason is required: --reason TEXT`, where policy wants one that was not given."""
    missing = [
        f"a {what} is required: --{what} {metavar}"
        for what, metavar, needed, given in (
            ("reason", "TEXT", needs_reason, how.reason),
            ("ticket", "T", needs_ticket, how.ticket),
        )
        if needed and not given
    ]
    return "; ".join(missing)


async def with_words(how: _Said, *, needs_reason: bool, needs_ticket: bool) -> _Said:
    """The options with the reason and the ticket that policy wants, asked for where missing."""
    if needs_reason and not how.reason:
        how = msgspec.structs.replace(how, reason=await ask("Reason: ") or None)
    if needs_ticket and not how.ticket:
        how = msgspec.structs.replace(how, ticket=await ask("Ticket: ") or None)
    return how


def dry_line(verdict: Verdict) -> str:
    """`would: Turn OFF outlet 3 db01 on rack1-a: drops 104 W`."""
    if not verdict.allowed:
        return f"would be refused: {clean(verdict.reason)}"
    guarded = f" ({clean(verdict.reason)}; needs --confirm-name)" if verdict.needs_name else ""
    second = " (needs the approval of a second person)" if verdict.needs_approval else ""
    return f"would: {clean(verdict.sentence)}{guarded}{second}"


def dry_json(pdu: str, outlet: int, action: str, verdict: Verdict) -> bytes:
    """What a dry run says of one outlet."""
    plain = {"pdu": pdu, "outlet": outlet, "action": action}
    return msgspec.json.encode(plain | msgspec.structs.asdict(verdict))


def _whole_json(draft: PlanDraft) -> bytes:
    """What a dry run says of all of it together."""
    plan = draft.plan
    return msgspec.json.encode(
        {
            "summary": True,
            "sentence": draft.sentence,
            "steps": len(plan.steps),
            "pace": plan.pace,
            "pause_s": plan.pause_s,
            "on_failure": plan.on_failure,
            "allowed": not draft.obstacles and not draft.problem,
            "problem": draft.problem,
            "obstacles": draft.obstacles,
            "words": draft.words,
            "needs_approval": plan.needs_approval,
            "impact": draft.impact,
        }
    )


def wishes_of(steps: Sequence[PlanStep]) -> tuple[PlanWish, ...]:
    """The wishes that steps of a plan came from."""
    return tuple(
        PlanWish(
            pdu=step.pdu, outlet=step.outlet, action=step.action, delay_s=step.delay_s,
            pause_s=step.pause_s, pace=step.pace,
        )
        for step in steps
    )  # fmt: skip


def drafting(
    session: Session,
    wishes: Sequence[PlanWish],
    *,
    source: str,
    pacing: Pacing,
    title: str = "",
    put_back_of: str | None = None,
) -> Drafting:
    """Drafts of some wishes, paced as the command line says."""

    def draft(how: How) -> PlanDraft:
        return session.plans.draft(
            wishes,
            session.actor,
            title=title,
            source=source,
            pace=pacing.pace,
            pause_s=pacing.seconds,
            on_failure=pacing.on_failure or "stop",
            reason=how.reason,
            ticket=how.ticket,
            put_back_of=put_back_of,
        )

    return draft
