"""A plan that runs while nobody can be told any more."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime
from typing import Any

import pytest

from pdutui.cli import plan_watch
from pdutui.cli.plan_watch import PlanWatch
from pdutui.domain.commands import Actor
from pdutui.domain.plan import Plan, PlanStep, PlanView, StepProgress
from pdutui.engine.events import PlanChanged

NOW = datetime(2026, 11, 20, tzinfo=UTC)


def view(*ended: bool) -> PlanView:
    plan = Plan(
        id="K7Q2MX", title="", source="", author=Actor(user="anna", origin="cli"), created=NOW,
        steps=tuple(PlanStep(pdu="a", outlet=n, action="off") for n, _ in enumerate(ended, 1)),
    )  # fmt: skip
    done = StepProgress(status="skipped", ended=NOW)
    steps = tuple(done if one else StepProgress() for one in ended)
    return PlanView(plan=plan, state="done" if all(ended) else "running", steps=steps)


class Desk:
    """Stands for session, engine and plans: tells of two steps, and ends."""

    actor = Actor(user="anna", origin="cli")

    def __init__(self) -> None:
        self.plans = self.engine = self
        self.hear: Any = None
        self.waited = False

    def subscribe(self, hear: Any) -> Any:
        self.hear = hear
        return lambda: None

    async def start(self, *_: object) -> None:
        self.hear(PlanChanged(view=view(True, False)))

    async def wait(self, _: str) -> PlanView:
        self.waited = True
        return view(True, True)


def test_a_reader_that_is_gone_stops_no_plan_and_is_told_at_its_end(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def gone(*_: object, **__: object) -> None:
        raise BrokenPipeError

    monkeypatch.setattr(plan_watch, "print_step", gone)
    desk: Any = Desk()
    with pytest.raises(BrokenPipeError):
        asyncio.run(PlanWatch(desk, as_json=False).run(view(False, False)))
    assert desk.waited
