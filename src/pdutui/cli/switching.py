"""The run of one `pdutui outlet`: find the outlets, ask, switch one by one, say how it ended."""

from __future__ import annotations

from typing import cast, get_args

import click
import msgspec

from pdutui.cli.ask import agree, ask, can_ask
from pdutui.cli.exits import BAD_NEWS, DONE, REFUSED, CliError
from pdutui.cli.selector import is_all, numbers_of, select
from pdutui.cli.session import Session
from pdutui.cli.text import clean, iso
from pdutui.domain.commands import WHOLE_PDU, Action, CommandResult, Intent, PduAction
from pdutui.domain.reading import Reading
from pdutui.engine.gate import Verdict
from pdutui.engine.policy import typed_right
from pdutui.engine.subject import is_outlet_action, is_preference

NOT_CONFIRMED = "not confirmed: no --yes, and no terminal to ask at"
CANCELLED = "cancelled"
GOOD = ("observed", "accepted")
"""Outcomes that are as good as they can be."""


class Request(msgspec.Struct, frozen=True, kw_only=True):
    """What the command line asks for."""

    selector: str
    """Empty for the transfer switch."""
    action: Action
    delay_s: int | None = None
    yes: bool
    dry_run: bool
    names: tuple[str, ...]
    """What --confirm-name said."""
    reason: str | None
    as_json: bool


class Asked(msgspec.Struct, frozen=True, kw_only=True):
    """One outlet: the intent, and what the gate said of it."""

    intent: Intent
    verdict: Verdict


class Switching:
    """One request against one PDU."""

    def __init__(self, session: Session, request: Request) -> None:
        self._session = session
        self._request = request

    async def run(self) -> int:
        """Do it, and return the exit code."""
        try:
            reading = await self._session.first_reading()
        except CliError:
            await self._audit_unreached()
            raise
        asked = [await self._ask_gate(number) for number in self._numbers(reading)]
        if self._request.dry_run:
            return self._dry_run(asked)
        blocked = [one for one in asked if not one.verdict.allowed]
        if blocked:
            return await self._refuse_by_policy(blocked)
        if not self._request.yes and (no := await self._ask_person(asked)):
            for one in asked:
                self._print(await self._session.gate.refuse(one.intent, no))
            return REFUSED
        unnamed = [one for one in asked if not await self._named(one)]
        if unnamed:
            return await self._refuse_by_policy(unnamed)
        return await self._switch_all(asked)

    def _numbers(self, reading: Reading) -> tuple[int, ...]:
        if is_preference(self._request.action) or is_all(self._request.selector, reading):
            return (WHOLE_PDU,)
        return select(self._request.selector, reading)

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
        return session.gate.new_intent(
            session.pdu, number, self._action(number), session.actor, request.reason,
            request.delay_s,
        )  # fmt: skip

    async def _audit_unreached(self) -> None:
        """An attempt on a PDU that cannot be reached is an attempt too: it goes on record."""
        if self._request.dry_run:
            return
        selector = self._request.selector
        whole = is_preference(self._request.action) or is_all(selector, None)
        for number in (WHOLE_PDU,) if whole else numbers_of(selector) or ():
            await self._session.gate.switch(self._intent(number), confirmed=False)

    def _dry_run(self, asked: list[Asked]) -> int:
        for one in asked:
            number, verdict = one.intent.outlet, one.verdict
            if self._request.as_json:
                plain = {"pdu": one.intent.pdu, "outlet": number, "action": one.intent.action}
                click.echo(msgspec.json.encode(plain | msgspec.structs.asdict(verdict)))
            elif verdict.allowed:
                guarded = ""
                if verdict.needs_name:
                    guarded = f" ({clean(verdict.reason)}; needs --confirm-name)"
                click.echo(f"would: {clean(verdict.sentence)}{guarded}")
            else:
                click.echo(f"would be refused: {clean(verdict.reason)}")
        return DONE if all(one.verdict.allowed for one in asked) else REFUSED

    async def _ask_person(self, asked: list[Asked]) -> str:
        """Ask the person; returns why not, empty for a yes."""
        if not can_ask():
            return NOT_CONFIRMED
        for one in asked:
            click.echo(clean(one.verdict.sentence), err=True)
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

    async def _switch_all(self, asked: list[Asked]) -> int:
        for place, one in enumerate(asked, 1):
            result = await self._session.gate.switch(
                one.intent,
                confirmed=True,
                typed_name=one.verdict.outlet_name if one.verdict.needs_name else None,
            )
            self._print(result)
            if result.outcome not in GOOD:
                self._say_left([left.intent.outlet for left in asked[place:]])
                return REFUSED if result.outcome == "refused" else BAD_NEWS
        return DONE

    def _say_left(self, outlets: list[int]) -> None:
        if outlets:
            which = ", ".join(str(n) for n in outlets)
            click.echo(f"pdutui: stopped there; not tried: outlet {which}", err=True)

    def _print(self, result: CommandResult) -> None:
        if self._request.as_json:
            click.echo(result_json(result))
            return
        intent = result.intent
        name = clean(result.outlet_name)
        what = clean(result.label) or f"outlet {intent.outlet} {name}"
        if not is_outlet_action(intent.action):
            what = name
        line = f"{intent.pdu} {what}: {result.outcome}: {clean(result.detail)}"
        click.echo(line, err=result.outcome not in GOOD)


def _typed(number: int, name: str, given: str) -> bool:
    """Whether the right name was typed: the outlet's, or the PDU's for all of it."""
    return given.strip() == name if number == WHOLE_PDU else typed_right(number, name, given)


def result_json(result: CommandResult) -> bytes:
    """The result as one JSON object, its times as in a reading."""
    plain = msgspec.to_builtins(result)
    plain["ended"] = iso(result.ended)
    plain["stages"] = [[stage, iso(time)] for stage, time in result.stages]
    return msgspec.json.encode(plain)
