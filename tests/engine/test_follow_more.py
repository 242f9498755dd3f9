"""What is claimed of delayed commands and of commands on a whole PDU: only what was shown."""

from __future__ import annotations

from typing import Literal

import pytest

from pdutui.backends.base import OutletStatus, PduStatus
from pdutui.domain.commands import Action, OutletAction
from pdutui.domain.reading import OutletState, Pending
from pdutui.engine.verify import Follow, Observation
from pdutui.engine.verify_all import follow_all
from pdutui.engine.verify_more import follow_outlet

State = Literal["on", "off", "unknown"]
Shown = dict[int, State | tuple[State, Pending]]


def status(shown: Shown) -> PduStatus:
    """Outlets as read back: their state, or state and pending command."""
    out: dict[int, OutletStatus] = {}
    for number, what in shown.items():
        state, pending = (what, None) if isinstance(what, str) else what
        out[number] = OutletStatus(state=state, pending=pending)
    return PduStatus(outlets=out)


def run(follow: Follow[PduStatus], *reads: Shown, gap_s: float = 0.5) -> Observation:
    """The end after these reads, the last of them repeated for 5 s; else what is said then."""
    at_s = 0.0
    for shown in (*reads, *[reads[-1]] * 10):
        at_s += gap_s
        if (end := follow.see(status(shown), at_s)) is not None:
            return end
    return follow.give_up("", at_s)


def of_all(
    action: Action, before: dict[int, OutletState], pending: frozenset[int] = frozenset()
) -> Follow[PduStatus]:
    return follow_all(action, before, pending)


def test_cancelling_all_is_not_done_while_one_is_pending_that_nobody_had_seen() -> None:
    end = run(of_all("all_cancel", {1: "on", 2: "on"}), {1: "on", 2: ("on", "off")})
    assert end.outcome == "unconfirmed"
    assert "outlets 2: the device still has a command pending" in end.detail


def test_cancelling_all_where_nothing_was_pending_proves_nothing() -> None:
    """A device that shows no pending command may have one all the same."""
    end = run(of_all("all_cancel", {1: "on", 2: "on"}), {1: "on", 2: "on"})
    assert end.outcome == "unconfirmed"
    assert end.detail == "the device showed no pending command before or after; 1-2 on"


def test_cancelling_all_is_done_when_nothing_is_pending_any_more() -> None:
    follow = of_all("all_cancel", {1: "on", 2: "on"}, frozenset({2}))
    end = run(follow, {1: "on", 2: ("on", "off")}, {1: "on", 2: "on"})
    assert end.outcome == "observed"
    assert end.detail == "nothing is pending any more: 1-2 on"


def test_cancelling_all_that_comes_too_late_for_one_says_which() -> None:
    follow = of_all("all_cancel", {1: "on", 2: "on"}, frozenset({1, 2}))
    end = run(follow, {1: "on", 2: "off"})
    assert end.outcome == "contradicted"
    assert end.detail.startswith("outlets 2: too late: it is off now")


def test_no_outlet_at_all_is_no_success() -> None:
    end = run(of_all("all_off", {}), {})
    assert (end.outcome, end.after) == ("unconfirmed", "unknown")


def test_an_outlet_that_is_not_read_back_is_no_success() -> None:
    end = run(of_all("all_off", {1: "on", 2: "on"}), {1: "off"})
    assert end.outcome == "unconfirmed"
    assert "outlets 2: the outlet could not be read back" in end.detail
    assert end.after == "1 off; 2 unknown", "nothing is claimed of it"


def test_an_outlet_that_comes_back_before_the_others_have_followed_is_told() -> None:
    end = run(
        of_all("all_off", {1: "on", 2: "on"}),
        {1: "off", 2: "on"},
        {1: "off", 2: "on"},
        {1: "on", 2: "on"},
        {1: "on", 2: "off"},
    )
    assert end.outcome == "contradicted"
    assert end.detail == "outlets 1: went off and back to on; now 1 on; 2 off"


def test_an_outlet_that_appears_meanwhile_is_shown_and_not_waited_for() -> None:
    end = run(of_all("all_off", {1: "on"}), {1: "off", 9: "on"})
    assert (end.outcome, end.after) == ("observed", "1 off")


def one(action: OutletAction, before: State, *reads: State | tuple[State, Pending]) -> Observation:
    follow, at_s = follow_outlet(action, before), 0.0
    for shown in (*reads, *[reads[-1]] * 10):
        at_s += 0.5
        state, pending = (shown, None) if isinstance(shown, str) else shown
        if (end := follow.see(OutletStatus(state=state, pending=pending), at_s)) is not None:
            return end
    return follow.give_up("", at_s)


@pytest.mark.parametrize(
    ("action", "pending"),
    [("delayed_on", "off"), ("delayed_off", "on"), ("delayed_off", "reboot")],
)
def test_another_command_that_is_pending_is_not_taken_for_ours(
    action: OutletAction, pending: Pending
) -> None:
    before: State = "off" if action == "delayed_on" else "on"
    end = one(action, before, (before, pending))
    assert end.outcome == "unconfirmed"
    assert f"shows another command pending ({pending})" in end.detail


@pytest.mark.parametrize(
    ("action", "pending"),
    [
        ("delayed_on", "on"),
        ("delayed_on", "unspecified"),
        ("delayed_off", "off"),
        ("delayed_reboot", "off"),
        ("delayed_reboot", "reboot"),
    ],
)
def test_what_is_pending_is_ours(action: OutletAction, pending: Pending) -> None:
    before: State = "off" if action == "delayed_on" else "on"
    assert one(action, before, (before, pending)).outcome == "observed"


def test_a_delayed_reboot_that_begins_at_once_is_followed_like_a_reboot() -> None:
    end = one("delayed_reboot", "on", "off", "off", "off", "on")
    assert end.outcome == "observed"
    assert end.detail.startswith("went off, on again after")
    end = one("delayed_reboot", "on", ("off", "unspecified"), ("off", "unspecified"), "on")
    assert end.outcome == "observed"
    assert end.detail.startswith("went off, on again after")
    end = one("delayed_reboot", "on", "off")
    assert end.outcome == "unconfirmed"
    assert "off and has not come back on" in end.detail


def test_a_glimpse_of_the_state_asked_for_is_not_believed() -> None:
    assert one("delayed_off", "on", "off", "on").outcome == "unconfirmed"
    assert one("delayed_off", "on", "off", "off").outcome == "observed"


def test_outlets_that_only_wait_are_not_said_to_have_followed() -> None:
    end = run(of_all("all_delayed_off", {1: "on", 2: "on"}), {1: ("on", "off"), 2: ("on", "off")})
    assert (end.outcome, end.pending) == ("observed", True)
    assert end.detail == "all 2 outlets have it pending; now 1-2 on"
    end = run(of_all("all_delayed_off", {1: "on", 2: "on"}), {1: ("on", "off"), 2: "off"})
    assert end.detail == "1 of 2 outlets has it pending, the others followed; now 1 on; 2 off"
