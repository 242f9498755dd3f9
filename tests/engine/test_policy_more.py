"""Reason and ticket, the name that is typed, and what a second person agrees to."""

from __future__ import annotations

import pytest

from pdutui.domain.commands import Action, Actor, Intent
from pdutui.domain.devicemap import MappedCord
from pdutui.domain.impact import DeviceImpact, Impact, ImpactLine
from pdutui.domain.reading import Reading
from pdutui.engine.policy_approval import approval_needed
from pdutui.engine.policy_name import name_wanted, window_ruling
from pdutui.engine.policy_reason import explained
from pdutui.settings import (
    ApprovalSettings,
    ControlSettings,
    GroupSettings,
    OutletRef,
    OutletSettings,
    PduSettings,
    Settings,
)
from tests.engine.helpers import outlets
from tests.support.clock import START

READING = Reading(pdu="rack1-a", time=START, outlets=outlets())
PDU = PduSettings(
    name="rack1-a",
    protected=frozenset({1}),
    outlets={2: OutletSettings(critical=True), 5: OutletSettings(groups=("dark",))},
)
DANGER = Impact(
    level="danger",
    lines=(
        ImpactLine(level="danger", text="db01 loses its last feed"),
        ImpactLine(level="caution", text="Bank 1 goes to 83 %"),
    ),
)
CRITICAL = Impact(
    level="caution", devices=(DeviceImpact(device="san", critical=True, fate="keeps_feed"),)
)


# -- reason and ticket -----------------------------------------------------------------------


@pytest.mark.parametrize(
    ("control", "reason", "ticket", "rule"),
    [
        (ControlSettings(), None, None, "allowed"),
        (ControlSettings(reason="required"), None, None, "needs_reason"),
        (ControlSettings(reason="required"), "  ", None, "needs_reason"),
        (ControlSettings(reason="required"), "fan died", None, "allowed"),
        (ControlSettings(ticket="required"), "fan died", None, "needs_ticket"),
        (ControlSettings(ticket="required"), None, "CHG-1", "allowed"),
        (ControlSettings(ticket_pattern=r"CHG-\d+"), None, None, "allowed"),
        (ControlSettings(ticket_pattern=r"CHG-\d+"), None, "CHG-12x", "needs_ticket"),
        (ControlSettings(ticket_pattern=r"CHG-\d+"), None, " CHG-12 ", "allowed"),
        (ControlSettings(ticket="required", ticket_pattern="("), None, "CHG-1", "needs_ticket"),
    ],
)
def test_reason_and_ticket(
    control: ControlSettings, reason: str | None, ticket: str | None, rule: str
) -> None:
    assert explained(control, "off", reason, ticket).rule == rule


@pytest.mark.parametrize("action", ["cancel", "all_cancel", "identify"])
def test_what_switches_nothing_needs_neither(action: Action) -> None:
    control = ControlSettings(reason="required", ticket="required")
    assert explained(control, action, None, None).allowed


# -- the name --------------------------------------------------------------------------------


def test_all_reasons_for_typing_a_name_are_said_and_the_first_one_refuses() -> None:
    wanted = name_wanted(PDU, READING, 1, "off", impact=DANGER, outside="no window is open")
    assert wanted is not None
    assert wanted.rule == "protected"
    assert wanted.text == (
        "outlet 1 san is protected; db01 loses its last feed; no window is open: type its name"
    )
    assert wanted.refused(None).reason.endswith("no window is open and its name was not typed")


def test_danger_alone_wants_the_name_and_less_than_that_does_not() -> None:
    wanted = name_wanted(PDU, READING, 3, "off", impact=DANGER)
    assert wanted is not None
    assert (wanted.rule, wanted.text) == ("dangerous", "db01 loses its last feed: type its name")
    assert name_wanted(PDU, READING, 3, "off", impact=CRITICAL) is None
    whole = name_wanted(PDU, READING, 0, "prefer_b", impact=DANGER)
    assert whole is not None
    assert whole.text == "db01 loses its last feed: type the PDU's name"


@pytest.mark.parametrize(
    ("role", "outside_window", "rule", "ask"),
    [
        ("operator", "refuse", "outside_window", ""),
        ("operator", "name", "allowed", "closed"),
        ("admin", "refuse", "allowed", "closed"),
    ],
)
def test_outside_of_the_windows(role: str, outside_window: str, rule: str, ask: str) -> None:
    control = ControlSettings(outside_window=outside_window)  # type: ignore[arg-type]
    ruling, why = window_ruling(control, role, "off", "closed")  # type: ignore[arg-type]
    assert (ruling.rule, why) == (rule, ask)
    assert window_ruling(control, role, "cancel", "closed")[0].allowed  # type: ignore[arg-type]
    assert window_ruling(control, role, "off", "") == (ruling.__class__(), "")  # type: ignore[arg-type]


# -- a second person -------------------------------------------------------------------------


def needed(
    word: str,
    outlet: int = 3,
    action: Action = "off",
    *,
    plan: str | None = None,
    impact: Impact | None = None,
    reading: Reading | None = READING,
    members: tuple[str, ...] = ("1-2", "db01"),
) -> bool:
    settings = Settings(
        control=ControlSettings(approval=ApprovalSettings(needed=(word,))),
        groups=(
            GroupSettings(
                name="storage",
                members=tuple(OutletRef(pdu="rack1-a", selector=one) for one in members),
            ),
            GroupSettings(name="other", members=(OutletRef(pdu="rack1-b", selector="3"),)),
        ),
        cords=(MappedCord(device="core-sw", pdu="rack1-a", outlet=6, critical=True),),
        state_dir=None,  # type: ignore[arg-type]
    )
    actor = Actor(user="bob")
    intent = Intent(id="", pdu="rack1-a", outlet=outlet, action=action, actor=actor, plan=plan)
    return bool(approval_needed(settings, PDU, reading, intent, impact))


def test_what_needs_a_second_person() -> None:
    assert needed("all")
    assert [needed("protected", n) for n in (1, 3)] == [True, False]
    assert needed("protected", 0, "all_off"), "outlet 1 is among them"
    assert [needed("critical", n) for n in (2, 6, 3)] == [True, True, False]
    assert needed("critical", 3, impact=CRITICAL)
    assert [needed("danger", impact=i) for i in (DANGER, CRITICAL, None)] == [True, False, False]
    assert [needed("whole_pdu", 0, a) for a in ("all_off", "prefer_b")] == [True, True]
    assert not needed("whole_pdu", 3)
    assert [needed("plans", plan=plan) for plan in ("K7Q2MX", None)] == [True, False]
    assert [needed(word) for word in ("pdu:rack1-a", "pdu:rack1-*", "pdu:rack2")] == [
        True, True, False,
    ]  # fmt: skip


def test_a_group_that_an_outlet_is_in() -> None:
    assert [needed("group:storage", n) for n in (1, 2, 3, 5)] == [True, True, True, False]
    assert needed("group:dark", 5), "by its own line in the configuration"
    assert needed("group:storage", 0, "all_off")
    assert not needed("group:other", 3)


def test_a_group_that_cannot_be_told_needs_one() -> None:
    assert needed("group:storage", 5, members=("nobody-is-called-that",))
    assert needed("group:storage", 5, reading=None), "a name cannot be looked up yet"


def test_a_word_of_a_later_version_lets_nothing_through() -> None:
    assert needed("moonlight")


@pytest.mark.parametrize("action", ["cancel", "identify"])
def test_what_switches_nothing_needs_nobody(action: Action) -> None:
    assert not needed("all", 1, action)
    assert not needed("all", 0, "all_cancel")
