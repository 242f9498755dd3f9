"""The run of `pdutui outlet` against a gate made up: what it is asked, and in which order."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import cast

import pytest

from pdutui.cli.exits import BAD_NEWS, REFUSED
from pdutui.cli.session import Session
from pdutui.cli.switching import Request, Switching
from pdutui.domain.commands import Actor, CommandResult, Intent, Outcome, OutletAction
from pdutui.domain.reading import Outlet, Reading
from pdutui.engine.gate import Verdict

NOW = datetime(2026, 1, 1, tzinfo=UTC)


class FakeGate:
    """Says no to the outlets it is told, and writes down what it is asked to do."""

    def __init__(self, *, no: set[int], fails: set[int]) -> None:
        self._no, self._fails = no, fails
        self.asked: list[tuple[int, bool]] = []

    def check(
        self, pdu: str, outlet: int, action: OutletAction, delay_s: int | None = None
    ) -> Verdict:
        return Verdict(allowed=outlet not in self._no, reason="no", outlet_name=f"o{outlet}")

    def new_intent(
        self,
        pdu: str,
        outlet: int,
        action: OutletAction,
        actor: Actor,
        reason: str | None = None,
        delay_s: int | None = None,
    ) -> Intent:
        return Intent(
            id=str(outlet), pdu=pdu, outlet=outlet, action=action, actor=actor, reason=reason,
            delay_s=delay_s,
        )  # fmt: skip

    async def switch(
        self, intent: Intent, *, confirmed: bool, typed_name: str | None = None
    ) -> CommandResult:
        self.asked.append((intent.outlet, confirmed))
        outcome: Outcome = "observed" if confirmed else "refused"
        if intent.outlet in self._fails:
            outcome = "unconfirmed"
        return CommandResult(
            intent=intent, outcome=outcome, detail="", outlet_name=f"o{intent.outlet}",
            before="on", after="off", ended=NOW,
        )  # fmt: skip


class FakeSession:
    """The part of a Session that switching needs."""

    pdu = "p"
    actor = Actor(user="me")

    def __init__(self, gate: FakeGate) -> None:
        self.gate = gate

    async def first_reading(self) -> Reading:
        outlets = tuple(Outlet(number=n, name=f"o{n}") for n in range(1, 9))
        return Reading(pdu="p", time=NOW, outlets=outlets)


async def switch(gate: FakeGate, selector: str) -> int:
    request = Request(
        selector=selector, action="off", yes=True, dry_run=False, names=(), reason=None,
        as_json=False,
    )  # fmt: skip
    return await Switching(cast("Session", FakeSession(gate)), request).run()


async def test_if_one_may_not_be_switched_none_is() -> None:
    gate = FakeGate(no={2, 4}, fails=set())
    assert await switch(gate, "1-5") == REFUSED
    assert gate.asked == [(2, False), (4, False)], "asked only to put the refusal on record"


async def test_the_first_that_does_not_follow_ends_the_run(
    capsys: pytest.CaptureFixture[str],
) -> None:
    gate = FakeGate(no=set(), fails={3})
    assert await switch(gate, "5,3,1,2") == BAD_NEWS
    assert gate.asked == [(5, True), (3, True)]
    assert "not tried: outlet 1, 2" in capsys.readouterr().err
