"""The run of one `pdutui outlet`: find the outlets, ask, switch one by one, say how it ended."""

from __future__ import annotations

import click
import msgspec

from pdutui.cli.ask import agree, ask, can_ask
from pdutui.cli.exits import BAD_NEWS, DONE, REFUSED, CliError
from pdutui.cli.selector import numbers_of, select
from pdutui.cli.session import Session
from pdutui.cli.text import clean, iso
from pdutui.domain.commands import CommandResult, Intent, OutletAction
from pdutui.engine.gate import Verdict

NOT_CONFIRMED = "not confirmed: no --yes, and no terminal to ask at"
CANCELLED = "cancelled"


class Request(msgspec.Struct, frozen=True, kw_only=True):
    """What the command line asks for."""

    selector: str
    action: OutletAction
    yes: bool
    dry_run: bool
    names: tuple[str, ...]
    """What --confirm-name said."""
    reason: str | None
    as_json: bool


class Switching:
    """One request against one PDU."""

    def __init__(self, session: Session, request: Request) -> None:
        self._session = session
        self._request = request

    async def run(self) -> int:
        """Do it, and return the exit code."""
        try:
            reading = await self._session.first_reading()
        except CliError as error:
            await self._audit_unreached(str(error))
            raise
        outlets = select(self._request.selector, reading)
        verdicts = {n: self._check(n) for n in outlets}
        if self._request.dry_run:
            return self._dry_run(verdicts)
        blocked = {n: v.reason for n, v in verdicts.items() if not v.allowed}
        if blocked:
            return await self._refuse(blocked)
        if not self._request.yes and (no := await self._ask(verdicts)):
            return await self._refuse(dict.fromkeys(outlets, no))
        unnamed = {n: no for n, v in verdicts.items() if (no := await self._unnamed(v))}
        if unnamed:
            return await self._refuse(unnamed)
        return await self._switch_all(verdicts)

    def _check(self, number: int) -> Verdict:
        return self._session.gate.check(self._session.pdu, number, self._request.action)

    async def _audit_unreached(self, why: str) -> None:
        """An attempt on a PDU that cannot be reached is an attempt too, and goes on record."""
        numbers = numbers_of(self._request.selector) or ()
        if not self._request.dry_run:
            for number in numbers:
                await self._session.gate.refuse(self._intent(number), why)

    def _dry_run(self, verdicts: dict[int, Verdict]) -> int:
        for number, verdict in verdicts.items():
            if self._request.as_json:
                click.echo(
                    msgspec.json.encode(
                        {
                            "pdu": self._session.pdu,
                            "outlet": number,
                            "outlet_name": verdict.outlet_name,
                            "action": self._request.action,
                            "allowed": verdict.allowed,
                            "reason": verdict.reason,
                            "needs_name": verdict.needs_name,
                            "sentence": verdict.sentence,
                            "load_w": verdict.load_w,
                        }
                    )
                )
            elif verdict.allowed:
                guarded = " (protected: needs its name)" if verdict.needs_name else ""
                click.echo(f"would: {clean(verdict.sentence)}{guarded}")
            else:
                click.echo(f"would be refused: outlet {number}: {clean(verdict.reason)}")
        return DONE if all(v.allowed for v in verdicts.values()) else REFUSED

    async def _ask(self, verdicts: dict[int, Verdict]) -> str:
        """Ask the person; returns why not, empty for a yes."""
        if not can_ask():
            return NOT_CONFIRMED
        for verdict in verdicts.values():
            click.echo(clean(verdict.sentence), err=True)
        question = "Do it?" if len(verdicts) == 1 else f"Do all {len(verdicts)}?"
        return "" if await agree(question) else CANCELLED

    async def _unnamed(self, verdict: Verdict) -> str:
        """Why a protected outlet must not be switched; empty if its name was given."""
        if not verdict.needs_name or verdict.outlet_name in self._request.names:
            return ""
        name = clean(verdict.outlet_name)
        if self._request.yes or self._request.names or not can_ask():
            return f"protected: needs --confirm-name {name!r}"
        typed = await ask(f"{name} is protected: type its name to switch it: ")
        return "" if typed == verdict.outlet_name else "protected: another name was typed"

    async def _refuse(self, reasons: dict[int, str]) -> int:
        """Switch nothing; put on record what was asked for and why it was not done."""
        for number, why in reasons.items():
            self._print(await self._session.gate.refuse(self._intent(number), why))
        return REFUSED

    async def _switch_all(self, verdicts: dict[int, Verdict]) -> int:
        outlets = list(verdicts)
        for place, (number, verdict) in enumerate(verdicts.items(), 1):
            result = await self._session.gate.switch(
                self._intent(number),
                confirmed=True,
                typed_name=verdict.outlet_name if verdict.needs_name else None,
            )
            self._print(result)
            if result.outcome != "observed":
                self._say_left(outlets[place:])
                return REFUSED if result.outcome == "refused" else BAD_NEWS
        return DONE

    def _intent(self, number: int) -> Intent:
        return self._session.gate.new_intent(
            self._session.pdu,
            number,
            self._request.action,
            self._session.actor,
            self._request.reason,
        )

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
        line = (
            f"{intent.pdu} outlet {intent.outlet} {name}: {result.outcome}: {clean(result.detail)}"
        )
        click.echo(line, err=result.outcome != "observed")


def result_json(result: CommandResult) -> bytes:
    """The result as one JSON object, its times as in a reading."""
    plain = msgspec.to_builtins(result)
    plain["ended"] = iso(result.ended)
    plain["stages"] = [[stage, iso(time)] for stage, time in result.stages]
    return msgspec.json.encode(plain)
