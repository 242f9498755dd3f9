"""`pdutui approve`: a second OS user's yes, and nobody else's, to a plan as it was frozen."""

from __future__ import annotations

import asyncio
import functools
import json
import os
import re
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import cast

import msgspec
import pytest

from pdutui.cli.approval_wait import approved
from pdutui.cli.exits import DONE, REFUSED, USAGE
from pdutui.cli.session import Session
from pdutui.domain.commands import Actor
from pdutui.domain.plan import Plan, PlanApproval, PlanState, PlanStep, PlanView, StepProgress
from pdutui.engine.plans.book import Book
from tests.cli.conftest import Cli, Done
from tests.cli.racks import feeds
from tests.store.helpers import START
from tests.support.clock import ManualClock

POLICY = """
[control]
plans_dir = "{plans}"
[control.approval]
needed = ["protected", "group:web"]
"""
AUTHOR, OTHER, THIRD = 1, 2, 3
"""Users that every system has by these numbers: daemon, bin, sys."""

As = Callable[..., Done]


def owner(name: str, status: os.stat_result) -> int:
    """Whose a file in the shared directory is, as the system would say."""
    found = re.search(r"\.approval-(\d+)\.", name)
    return int(found[1]) if found else AUTHOR


@pytest.fixture
def by(cli: Cli, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> As:
    """`by(OTHER, "approve", ...)`: the command line as another OS user, over shared plans."""
    plans = tmp_path / "plans"
    plans.mkdir()
    plans.chmod(0o3770)
    feeds(tmp_path, POLICY.format(plans=plans))

    def run(uid: int, *argv: str) -> Done:
        with monkeypatch.context() as patch:
            patch.setenv("PDUTUI_STATE_DIR", str(tmp_path / f"state-{uid}"))
            patch.setattr(os, "getuid", lambda: uid)
            patch.setattr(os, "geteuid", lambda: uid)
            patch.setattr("pdutui.engine.actor.LOGIN_UID", tmp_path / "not-there")
            book = functools.partial(Book, uid=uid, owner=owner)
            patch.setattr("pdutui.engine.plans.opening.Book", book)
            return cli(*argv)

    return run


def frozen(by: As, *more: str) -> str:
    """The id of a plan of one step that waits for a second person."""
    done = by(
        AUTHOR, "outlet", "a", "2", "off", "--yes", "--confirm-name", "core-switch", "--json", *more
    )  # fmt: skip
    assert done.code == REFUSED
    said = json.loads(done.out)
    assert said["state"] == "needs_approval"
    assert f"pdutui approve {said['plan']}" in done.err
    assert f"pdutui plan resume {said['plan']}" in done.err
    return str(said["plan"])


def test_what_needs_nobody_is_just_done(by: As) -> None:
    assert by(AUTHOR, "outlet", "a", "3", "on", "--yes").code == DONE
    done = by(AUTHOR, "outlet", "a", "2", "off", "--dry-run")
    assert "needs the approval of a second person" in done.out


def test_the_second_person_sees_it_approves_it_and_the_author_goes_on(by: As) -> None:
    plan = frozen(by, "--reason", "new fan", "--ticket", "C3")
    assert by(AUTHOR, "plan", "resume", plan, "--yes").code == REFUSED, "not approved yet"
    listed = by(OTHER, "approve")
    assert listed.code == DONE
    for text in (f"plan {plan}: ", "by daemon", "new fan", "C3", " left)", "Bank C1 of a: "):
        assert text in listed.out
    (waiting,) = by(OTHER, "approve", "--json").out.splitlines()
    assert json.loads(waiting)["impact"]["outlets"][0]["label"] == "outlet 2 core-switch"

    asked = by(OTHER, "approve", plan)
    assert asked.code == REFUSED
    assert "Turn OFF outlet 2 core-switch on a: drops " in asked.err
    assert "not confirmed" in asked.err
    done = by(OTHER, "approve", plan, "--yes")
    assert done.code == DONE, done.err
    assert f"daemon says: pdutui plan resume {plan}" in done.out
    assert "is approved already, by bin" in by(THIRD, "approve", plan, "--yes").err
    assert by(OTHER, "plan", "resume", plan, "--yes").code == REFUSED, "it is not theirs"

    done = by(AUTHOR, "plan", "resume", plan, "--yes")
    assert done.code == DONE, done.err
    assert done.out.startswith("a outlet 2 core-switch: observed: off")
    rows = [json.loads(line) for line in by(AUTHOR, "audit", "--json").out.splitlines()]
    assert {(r["approved_by"], r["user"]) for r in rows if r["outcome"] == "observed"} == {
        ("bin", "daemon")
    }  # fmt: skip


def test_nobody_approves_their_own(by: As) -> None:
    plan = frozen(by)
    done = by(AUTHOR, "approve", plan, "--yes")
    assert done.code == REFUSED
    assert f"plan {plan} is your own" in done.err


def test_who_is_no_approver_may_not(by: As, tmp_path: Path) -> None:
    config = tmp_path / "config.toml"
    config.write_text(config.read_text() + '\napprovers = ["sys"]\n')
    plan = frozen(by)
    done = by(OTHER, "approve", plan, "--yes")
    assert done.code == REFUSED
    assert "bin" in done.err
    assert by(THIRD, "approve", plan, "--yes").code == DONE


def test_what_has_changed_since_is_refused(by: As, tmp_path: Path) -> None:
    plan = frozen(by)
    config = tmp_path / "config.toml"
    before = config.read_text()
    config.write_text(before.replace("core-switch", "other-switch"))
    done = by(OTHER, "approve", plan, "--yes")
    assert done.code == REFUSED
    assert "other-switch" in done.err
    config.write_text(before.replace('name = "a"', 'name = "a9"').replace("a:", "a9:"))
    done = by(OTHER, "approve", plan, "--yes")
    assert done.code == REFUSED
    assert "switches a, which is not configured here" in done.err


def test_a_plan_that_is_not_there_or_waits_for_nobody(by: As) -> None:
    assert by(OTHER, "approve", "K7Q2MX").code == USAGE
    done = by(OTHER, "approve")
    assert (done.code, done.out) == (DONE, "")
    assert "no plan waits" in done.err


# -- waiting for it -------------------------------------------------------------------------------

ALICE = Actor(user="alice", uid=1001)


class Waiting:
    """The part of a Session that waiting needs; the plan becomes something after some looks."""

    def __init__(self, becomes: PlanState, after: int) -> None:
        self.clock = ManualClock()
        self.plans = self
        self.looks = 0
        self._becomes, self._after = becomes, after
        step = PlanStep(pdu="a", outlet=1, action="off")
        self._view = PlanView(
            plan=Plan(
                id="K7Q2MX", title="t", source="outlet", author=ALICE, created=START, steps=(step,),
                needs_approval=True, expires=START + timedelta(minutes=15),
            ),
            state="needs_approval",
            steps=(StepProgress(),),
        )  # fmt: skip

    async def look(self) -> None:
        self.looks += 1
        if self.looks == self._after:
            by = PlanApproval(plan="K7Q2MX", user="bob", time=START)
            self._view = msgspec.structs.replace(self._view, state=self._becomes, approval=by)

    def get(self, plan: str) -> PlanView:
        return self._view


async def wait(becomes: PlanState, *, waits: bool = True) -> tuple[Waiting, PlanView | None]:
    """What comes of ten seconds of waiting for a plan that becomes something after three."""
    session = Waiting(becomes, after=3)
    task = asyncio.create_task(
        approved(cast("Session", session), session.get(""), wait=waits, as_json=False)
    )
    await session.clock.run(10)
    assert task.done()
    return session, task.result()


async def test_the_author_waits_until_it_is_approved(capsys: pytest.CaptureFixture[str]) -> None:
    session, view = await wait("ready")
    assert (session.looks, view) == (3, session.get(""))
    said = capsys.readouterr().err
    assert "needs a second person until 2026-11-20 14:17:11Z (15 min)" in said
    assert "plan K7Q2MX is approved by bob" in said


@pytest.mark.parametrize("becomes", ["expired", "aborted"])
async def test_waiting_ends_when_it_can_not_come_any_more(
    becomes: PlanState, capsys: pytest.CaptureFixture[str]
) -> None:
    session, view = await wait(becomes)
    assert (session.looks, view) == (3, None)
    assert f"plan K7Q2MX is {becomes}" in capsys.readouterr().err


async def test_without_a_terminal_nobody_waits_unless_asked_to(
    capsys: pytest.CaptureFixture[str],
) -> None:
    session, view = await wait("ready", waits=False)
    assert (session.looks, view) == (0, None)
    assert "once that is done: pdutui plan resume K7Q2MX" in capsys.readouterr().err
