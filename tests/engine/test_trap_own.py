"""Whose doing a trap tells of, while a delayed command of ours is waiting."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from pdutui.domain.commands import CommandResult, Intent, Outcome, OutletAction
from pdutui.engine.trap_own import AFTER_S, OwnCommands
from tests.engine.helpers import ALICE

T0 = datetime(2026, 1, 1, tzinfo=UTC)


def ended(
    own: OwnCommands,
    action: OutletAction,
    outcome: Outcome = "observed",
    *,
    at_s: float = 100.0,
    delay_s: int | None = None,
    pending: bool = True,
) -> None:
    intent = Intent(id="i", pdu="a", outlet=3, action=action, actor=ALICE, delay_s=delay_s)
    result = CommandResult(
        intent=intent, outcome=outcome, detail="", outlet_name="", before="on", after="on",
        pending=pending, stages=(("sent", T0),), ended=T0,
    )  # fmt: skip
    own.ended(result, at_s)


def off(own: OwnCommands, at_s: float) -> str:
    return own.explain("a", 3, "outlet_off", {}, at_s)


def test_a_switch_long_before_the_delay_is_over_is_not_ours() -> None:
    own = OwnCommands()
    ended(own, "delayed_off", delay_s=3600)
    assert off(own, 160.0) == "not ours"
    assert off(own, 100.0 + 3600.0) == "ours"
    assert off(own, 100.0 + 3600.0 + AFTER_S + 1) == "not ours"


def test_a_delay_that_is_the_devices_own_may_be_two_hours() -> None:
    own = OwnCommands()
    ended(own, "delayed_off")
    assert off(own, 100.0 + 7000.0) == "perhaps ours"


def test_a_delayed_command_that_is_carried_out_already_explains_nothing_later() -> None:
    own = OwnCommands()
    ended(own, "delayed_off", delay_s=0, pending=False)
    assert off(own, 101.0) == "ours"
    own = OwnCommands()
    ended(own, "delayed_off", pending=False)
    assert off(own, 100.0 + AFTER_S + 1) == "not ours"


@pytest.mark.parametrize(
    ("outcome", "whose"),
    [("failed", "perhaps ours"), ("unconfirmed", "perhaps ours"), ("observed", "not ours")],
)
def test_only_a_cancel_that_was_seen_to_work_takes_it_back(outcome: Outcome, whose: str) -> None:
    own = OwnCommands()
    ended(own, "delayed_off")
    ended(own, "cancel", outcome, at_s=110.0, pending=False)
    assert off(own, 130.0) == whose


def test_a_command_that_failed_takes_nothing_back() -> None:
    own = OwnCommands()
    ended(own, "delayed_off")
    ended(own, "on", "failed", at_s=110.0, pending=False)
    assert off(own, 130.0) == "perhaps ours"


def test_identify_takes_nothing_back() -> None:
    own = OwnCommands()
    ended(own, "delayed_off")
    ended(own, "identify", "accepted", at_s=110.0, pending=False)
    assert off(own, 130.0) == "perhaps ours"
