"""Roles, and the lists of PDUs and outlets."""

from __future__ import annotations

import pytest

from pdutui.domain.commands import Action, Actor
from pdutui.domain.reading import Reading
from pdutui.domain.roles import RoleSettings
from pdutui.engine.policy_who import NOBODY, barred, closed_outlets, may, not_on_any_list
from pdutui.settings import OutletSettings, PduSettings
from tests.engine.helpers import outlets
from tests.support.clock import START

BOB = Actor(user="bob (sudo by carol)", login="bob", groups=("power",), behind=("carol",))
READING = Reading(pdu="rack1-a", time=START, outlets=outlets())
EVERYBODY = RoleSettings()
STAFF = RoleSettings(default="viewer", admin=("alice",), operator=("@power",), viewer=("eve",))


def pdu(
    allow: tuple[str, ...] | None = None, own: dict[int, tuple[str, ...]] | None = None
) -> PduSettings:
    return PduSettings(
        name="rack1-a",
        allow=allow,
        outlets={n: OutletSettings(allow=listed) for n, listed in (own or {}).items()},
    )


def rule(settings: PduSettings, outlet: int, action: Action, actor: Actor = BOB) -> tuple[str, str]:
    ruling = may(actor, EVERYBODY, settings, READING, outlet, action)
    return ruling.rule, ruling.reason


def test_a_viewer_switches_nothing_and_a_name_beats_a_group() -> None:
    eve = Actor(user="eve", groups=("power",))
    assert barred(eve, STAFF).reason == "eve is a viewer, and viewers switch nothing"
    assert barred(BOB, STAFF).allowed
    assert barred(Actor(user="zoe"), STAFF).rule == "role"
    assert barred(Actor(user="zoe"), EVERYBODY).allowed


def test_who_is_behind_somebody_has_no_rights_by_that() -> None:
    carol = RoleSettings(default="viewer", admin=("carol",))
    assert barred(BOB, carol).rule == "role"


def test_nobody_that_is_known_has_what_everybody_has() -> None:
    assert barred(NOBODY, EVERYBODY).allowed
    assert barred(NOBODY, STAFF).rule == "role"
    assert not_on_any_list(NOBODY, pdu(allow=("nobody",))).rule == "not_allowed"
    assert not_on_any_list(NOBODY, pdu(allow=("*",))).allowed


@pytest.mark.parametrize(
    ("settings", "said"),
    [
        (pdu(), ""),
        (pdu(allow=("bob",)), ""),
        (pdu(allow=("@power",)), ""),
        (pdu(allow=("alice",)), "outlet 3 db01: bob is not on the list of rack1-a"),
        (pdu(allow=()), "outlet 3 db01: bob is not on the list of rack1-a"),
        (pdu(own={3: ("alice",)}), "outlet 3 db01: bob is not on its list"),
        (pdu(own={3: ()}), "outlet 3 db01: bob is not on its list"),
        (pdu(allow=("bob",), own={3: ("alice",)}), "outlet 3 db01: bob is not on its list"),
        (pdu(allow=("alice",), own={3: ("bob",)}), ""),
        (pdu(own={1: ()}), ""),
    ],
)
def test_the_list_of_an_outlet_beats_that_of_its_pdu(settings: PduSettings, said: str) -> None:
    assert rule(settings, 3, "off") == (("not_allowed", said) if said else ("allowed", ""))


def test_all_outlets_at_once_need_every_one_that_can_be_switched() -> None:
    # Outlet 4 of the reading cannot be switched: its list does not matter.
    assert rule(pdu(own={4: ()}), 0, "all_off")[0] == "allowed"
    said = "bob may not switch outlets 3, 5 of rack1-a"
    assert rule(pdu(own={3: (), 5: ("alice",)}), 0, "all_off") == ("not_allowed", said)
    open_one = pdu(allow=("alice",), own=dict.fromkeys((1, 2, 3, 5, 6), ("bob",)))
    assert rule(open_one, 0, "all_off")[0] == "allowed"
    assert rule(open_one, 0, "prefer_b") == ("not_allowed", "bob is not on the list of rack1-a")


@pytest.mark.parametrize("action", ["all_off", "all_cancel", "prefer_b"])
def test_the_whole_pdu_is_for_admins(action: Action) -> None:
    ruling = may(BOB, STAFF, pdu(), READING, 0, action)
    assert ruling.rule == "role"
    assert ruling.reason.endswith("of rack1-a: admins only, bob is an operator")
    assert may(Actor(user="alice"), STAFF, pdu(), READING, 0, action).allowed


def test_before_a_reading_the_list_of_the_pdu_is_what_there_is() -> None:
    assert may(BOB, EVERYBODY, pdu(allow=("alice",)), None, 0, "all_off").rule == "not_allowed"
    assert may(BOB, EVERYBODY, pdu(), None, 0, "all_off").allowed


def test_what_is_closed_to_somebody_and_why() -> None:
    settings = pdu(own={3: ("alice",), 5: ()})
    assert closed_outlets(BOB, settings, (1, 3, 5)) == {
        3: "bob is not on its list",
        5: "bob is not on its list",
    }
    assert not_on_any_list(BOB, pdu(allow=(), own={3: ("bob",)})).allowed
    assert not_on_any_list(BOB, pdu(allow=(), own={3: ("alice",)})).rule == "not_allowed"
