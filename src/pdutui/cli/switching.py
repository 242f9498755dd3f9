"""The run of one `pdutui outlet`: find the outlet, ask, switch it, say how it ended.

Several outlets become a plan (`plan_run`). Where a plan cannot be written down, they are switched
one by one from here: a full disk does not take away the means to turn off what burns.
"""

from __future__ import annotations

import asyncio
import contextlib
from typing import Protocol, cast, get_args

import click
import msgspec

from pdutui.cli.ask import agree, ask, can_ask
from pdutui.cli.ending import unhurried
from pdutui.cli.exits import BAD_NEWS, DONE, REFUSED, CliError
from pdutui.cli.how import How
from pdutui.cli.impact_text import impact_lines
from pdutui.cli.plan_run import (
    CANCELLED,
    NOT_CONFIRMED,
    dry_json,
    dry_line,
    missing_words,
    with_words,
)
from pdutui.cli.plan_watch import say
from pdutui.cli.results import GOOD, print_result
from pdutui.cli.selector import is_all, numbers_of, select
from pdutui.cli.session import Session
from pdutui.cli.text import clean
from pdutui.domain.commands import WHOLE_PDU, Action, CommandResult, Intent, PduAction
from pdutui.domain.reading import Reading
from pdutui.engine.events import CommandEnded, EngineEvent
from pdutui.engine.gate import STOP_WAIT_S, Verdict
from pdutui.engine.policy import typed_right
from pdutui.engine.subject import is_preference


class Beyond(Protocol):
    """What goes beyond one command on one outlet: groups, other cords, plans."""

    async def numbers(self, selector: str, reading: Reading) -> tuple[int, ...]:
        """The outlets that are meant, once what a preview needs has been read. CliError if none."""
        ...

    async def whole(self, action: PduAction) -> None:
        """Have read what a preview of a command on all outlets needs."""
        ...

    async def plan(self, numbers: tuple[int, ...], action: Action) -> int | None:
        """Carry it out as a plan; None where that cannot be kept, which was said."""
        ...


class Request(How, frozen=True, kw_only=True):
    """What the command line asks for."""

    selector: str
    """Empty for the transfer switch."""
    action: Action
    delay_s: int | None = None


class Asked(msgspec.Struct, frozen=True, kw_only=True):
    """One outlet: the intent, and what the gate said of it."""

    intent: Intent
    verdict: Verdict


class Switching:
    """One request against one PDU."""

    def __init__(self, session: Session, request: Request, beyond: Beyond | None = None) -> None:
        """Without `beyond` it knows no groups, and switches several outlets one by one."""
        self._session = session
        self._request = request
        self._beyond = beyond

    async def run(self) -> int:
        """Do it, and return the exit code."""
        try:
            reading = await self._session.first_reading()
        except CliError:
            await self._audit_unreached()
            raise
        numbers = await self._numbers(reading)
        if len(numbers) > 1 and (code := await self._as_plan(numbers)) is not None:
            return code
        asked = [await self._ask_gate(number) for number in numbers]
        if self._request.dry_run:
            return self._dry_run(asked)
        blocked = [one for one in asked if not one.verdict.allowed]
        if blocked:
            return await self._refuse_by_policy(blocked)
        if any(one.verdict.needs_approval for one in asked):
            code = await self._as_plan(numbers)
            return BAD_NEWS if code is None else code
        no, unnamed = "", []
        try:
            asked = await self._explained(asked)
            if not self._request.yes:
                no = await self._ask_person(asked)
            if not no:
                unnamed = [one for one in asked if not await self._named(one)]
        except asyncio.CancelledError:
            await unhurried(self._refuse(asked, CANCELLED))
            raise
        if no:
            await unhurried(self._refuse(asked, no))
            return REFUSED
        if unnamed:
            return await self._refuse_by_policy(unnamed)
        return await self._switch_all(asked)

    async def _numbers(self, reading: Reading) -> tuple[int, ...]:
        selector = self._request.selector
        if is_preference(self._request.action):
            return (WHOLE_PDU,)
        if is_all(selector, reading):
            if self._beyond is not None:
                await self._beyond.whole(cast("PduAction", self._action(WHOLE_PDU)))
            return (WHOLE_PDU,)
        if self._beyond is None:
            return select(selector, reading)
        return await self._beyond.numbers(selector, reading)

    async def _as_plan(self, numbers: tuple[int, ...]) -> int | None:
        """The exit code of the plan; None where there can be none."""
        if self._beyond is None:
            return None
        return await self._beyond.plan(numbers, self._action(numbers[0]))

    def _action(self, number: int) -> Action:
        """What is asked of this outlet, or of all of them by one command of the device's own."""
        action = self._request.action
        if number != WHOLE_PDU or is_preference(action):
            return action
        for known in get_args(PduAction):
            if known == f"all_{action}":
                return cast("PduAction", known)
        raise CliError(f"there is no {action.replace('_', ' ')} for all outlets at once")

    async def _ask_gate(self, number: int) -> Asked:
        """What the gate says of one outlet; the intent remembers the state it was made in."""
        session, action = self._session, self._action(number)
        if number != WHOLE_PDU and action not in ("on", "off"):
            await session.gate.prepare(session.pdu, number)
        return Asked(
            intent=self._intent(number),
            verdict=session.gate.check(session.pdu, number, action, self._request.delay_s),
        )

    def _intent(self, number: int) -> Intent:
        session, request = self._session, self._request
        intent = session.gate.new_intent(
            session.pdu, number, self._action(number), session.actor, request.reason,
            request.delay_s,
        )  # fmt: skip
        return self._with_words(intent)

    def _with_words(self, intent: Intent) -> Intent:
        request = self._request
        if not request.ticket and intent.reason == request.reason:
            return intent
        return self._session.gate.explain(intent, request.reason, request.ticket)

    async def _explained(self, asked: list[Asked]) -> list[Asked]:
        """The intents with the reason and the ticket that policy wants, asked for at a terminal."""
        if not can_ask():
            if missing := self._missing(asked):
                say(missing)
            return asked
        self._request = await with_words(
            self._request,
            needs_reason=any(one.verdict.needs_reason for one in asked),
            needs_ticket=any(one.verdict.needs_ticket for one in asked),
        )
        return [msgspec.structs.replace(one, intent=self._with_words(one.intent)) for one in asked]

    async def _audit_unreached(self) -> None:
        """An attempt on a PDU that cannot be reached is an attempt too: it goes on record."""
        if self._request.dry_run:
            return
        selector = self._request.selector
        whole = is_preference(self._request.action) or is_all(selector, None)
        for number in (WHOLE_PDU,) if whole else numbers_of(selector) or ():
            await self._session.gate.switch(self._intent(number), confirmed=False)

    def _missing(self, asked: list[Asked]) -> str:
        return missing_words(
            self._request,
            needs_reason=any(one.verdict.needs_reason for one in asked),
            needs_ticket=any(one.verdict.needs_ticket for one in asked),
        )

    def _dry_run(self, asked: list[Asked]) -> int:
        for one in asked:
            intent, verdict = one.intent, one.verdict
            if self._request.as_json:
                click.echo(dry_json(intent.pdu, intent.outlet, intent.action, verdict))
                continue
            click.echo(dry_line(verdict))
            for line in impact_lines(verdict.impact):
                click.echo(f"  {line}")
        missing = self._missing(asked)
        if missing and not self._request.as_json:
            click.echo(f"would be refused: {missing}")
        possible = not missing and all(one.verdict.allowed for one in asked)
        return DONE if possible else REFUSED

    async def _ask_person(self, asked: list[Asked]) -> str:
        """Ask the person; returns why not, empty for a yes."""
        if not can_ask():
            return NOT_CONFIRMED
        for one in asked:
            click.echo(clean(one.verdict.sentence), err=True)
            for line in impact_lines(one.verdict.impact):
                click.echo(f"  {line}", err=True)
        question = "Do it?" if len(asked) == 1 else f"Do all {len(asked)}?"
        return "" if await agree(question) else CANCELLED

    async def _named(self, one: Asked) -> bool:
        """Whether an outlet may go ahead: not protected, or its name given."""
        number, name = one.intent.outlet, one.verdict.outlet_name
        if not one.verdict.needs_name:
            return True
        if any(_typed(number, name, given) for given in self._request.names):
            return True
        why = clean(one.verdict.reason)
        if self._request.yes or self._request.names or not can_ask():
            click.echo(f"pdutui: {why}: --confirm-name {clean(name)!r} does it", err=True)
            return False
        return _typed(number, name, await ask(f"{why}: "))

    async def _refuse_by_policy(self, asked: list[Asked]) -> int:
        """Switch nothing at all; the gate says why, and puts it on record."""
        for one in asked:
            self._print(await self._session.gate.switch(one.intent, confirmed=False))
        return REFUSED

    async def _refuse(self, asked: list[Asked], reason: str) -> int:
        """Nobody agreed: every outlet is on record as refused."""
        for one in asked:
            result = await self._session.gate.refuse(one.intent, reason)
            with contextlib.suppress(OSError):  # the terminal may be what is gone
                self._print(result)
        return REFUSED

    async def _switch_all(self, asked: list[Asked]) -> int:
        for place, one in enumerate(asked, 1):
            if self._request.yes:
                self._warn(one.verdict)
            try:
                result = await self._session.gate.switch(
                    one.intent,
                    confirmed=True,
                    typed_name=one.verdict.outlet_name if one.verdict.needs_name else None,
                )
            except asyncio.CancelledError:
                self._tell_the_end_of(one)
                self._say_left([left.intent.outlet for left in asked[place:]])
                raise
            self._print(result)
            if result.outcome not in GOOD:
                self._say_left([left.intent.outlet for left in asked[place:]])
                return REFUSED if result.outcome == "refused" else BAD_NEWS
        return DONE

    def _tell_the_end_of(self, one: Asked) -> None:
        """The program is to end; what becomes of the command meanwhile is told all the same."""

        def hear(event: EngineEvent) -> None:
            if isinstance(event, CommandEnded) and event.result.intent.id == one.intent.id:
                self._print(event.result)

        self._session.engine.subscribe(hear)
        say(f"{clean(one.verdict.sentence)}: waiting {STOP_WAIT_S:.0f} s at most for its end")

    def _say_left(self, outlets: list[int]) -> None:
        if outlets:
            which = ", ".join(str(n) for n in outlets)
            click.echo(f"pdutui: stopped there; not tried: outlet {which}", err=True)

    @staticmethod
    def _warn(verdict: Verdict) -> None:
        """What is to be said though nobody is asked."""
        for line in impact_lines(verdict.impact, besides=("clear", "unknown")):
            say(line)

    def _print(self, result: CommandResult) -> None:
        print_result(result, as_json=self._request.as_json)


def _typed(number: int, name: str, given: str) -> bool:
    """Whether the right name was typed: the outlet's, or the PDU's for all of it."""
    return given.strip() == name if number == WHOLE_PDU else typed_right(number, name, given)
