"""`pdutui group`: what is under one name is switched on all its PDUs, or not at all."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path

import pytest

from pdutui.cli.exits import DONE, REFUSED, UNREACHABLE, USAGE, CliError
from pdutui.cli.which import outlets_meant
from pdutui.domain.reading import Outlet, Reading
from pdutui.settings import GroupSettings, OutletRef, Settings
from tests.cli.conftest import Cli
from tests.cli.racks import feeds, plans
from tests.cli.test_outlet import audit


@pytest.fixture
def racks(cli: Cli, tmp_path: Path) -> Cli:
    feeds(tmp_path)
    return cli


def test_groups_are_listed_with_their_outlets(racks: Cli) -> None:
    done = racks("group")
    assert done.code == DONE
    assert "storage: a:1, a:3, b:1" in done.out.splitlines()
    assert racks("group", "web").out == "web: a:7, b:8\n"
    lines = [json.loads(line) for line in racks("group", "--json").out.splitlines()]
    web = next(line for line in lines if line["name"] == "web")
    assert web["members"] == [{"pdu": "a", "selector": "7"}, {"pdu": "b", "selector": "8"}]


def test_without_groups_it_is_said_how_to_make_one(cli: Cli) -> None:
    done = cli("group")
    assert (done.code, done.out) == (DONE, "")
    assert "no group is configured" in done.err
    assert "[group.NAME]" in done.err


@pytest.mark.parametrize(
    ("argv", "said"),
    [
        (("storge", "off"), "no group is called 'storge'; did you mean 'storage'?"),
        (("web", "toggle"), "'toggle' is not one of"),
        (("web", "off", "--pause", "-1"), "--pause"),
        (("web", "off", "--pause", "nan"), "--pause"),
        (("web", "off", "--on-failure", "ask"), "'ask' is not one of"),
    ],
)
def test_wrong_usage(racks: Cli, argv: tuple[str, ...], said: str) -> None:
    done = racks("group", *argv, "--yes")
    assert done.code == USAGE
    assert said in done.err
    assert racks("audit").out == ""


def test_a_group_is_one_plan_over_all_its_pdus(racks: Cli) -> None:
    why = ("--reason", "move", "--ticket", "C7")
    done = racks("group", "web", "off", "--yes", "--pause", "0", "--json", *why)
    assert done.code == DONE, done.err
    results = [json.loads(line) for line in done.out.splitlines()]
    assert [(r["intent"]["pdu"], r["intent"]["outlet"], r["outcome"]) for r in results] == [
        ("a", 7, "observed"), ("b", 8, "observed"),
    ]  # fmt: skip
    (plan,) = plans(racks, "--all")
    assert {r["intent"]["plan"] for r in results} == {plan["plan"]["id"]}
    assert (plan["state"], plan["done"], plan["bad"]) == ("done", 2, 0)
    assert (plan["plan"]["source"], plan["plan"]["pause_s"]) == ("group web", 0.0)
    assert (plan["plan"]["reason"], plan["plan"]["ticket"]) == ("move", "C7")
    assert all(step["ended"].endswith("Z") and len(step["ended"]) == 24 for step in plan["steps"])
    assert plans(racks) == [], "it is over"
    switched = [row for row in audit(racks) if row["outlet"]]
    assert {(row["ticket"], row["plan"]) for row in switched} == {("C7", plan["plan"]["id"])}


def test_outlets_of_a_group_on_one_pdu(racks: Cli) -> None:
    done = racks("outlet", "a", "storage", "on", "--yes", "--pause", "0")
    assert done.code == DONE, done.err
    assert [line.split(":")[0] for line in done.out.splitlines()] == [
        "a outlet 1 db01-a", "a outlet 3 kvm",
    ]  # fmt: skip
    assert all("skipped: it is on already; nothing was sent" in s for s in done.out.splitlines())
    done = racks("outlet", "b", "kvm", "off", "--yes")
    assert done.code == USAGE
    assert "group kvm has no outlet on b (it has some on: a;" in done.err


def test_if_one_outlet_may_not_be_switched_none_is(racks: Cli) -> None:
    done = racks("group", "shut", "off", "--yes")
    assert done.code == REFUSED
    assert "shelf is read-only" in done.err
    assert [(row["pdu"], row["outcome"]) for row in audit(racks)] == [
        ("shelf", "requested"), ("shelf", "refused"),
    ]  # fmt: skip
    assert plans(racks, "--all") == []


def test_if_one_pdu_cannot_be_reached_nothing_is_switched(racks: Cli) -> None:
    done = racks("group", "gone", "off", "--yes")
    assert done.code == UNREACHABLE
    assert done.err.startswith("pdutui: dead: ")
    assert [(row["pdu"], row["outcome"]) for row in audit(racks)] == [
        ("dead", "requested"), ("dead", "refused"),
    ]  # fmt: skip


def test_both_cords_of_a_device_are_danger_and_want_the_words_of_the_plan(racks: Cli) -> None:
    done = racks("group", "storage", "off", "--yes")
    assert done.code == REFUSED
    assert "DANGER: db01 LOSES ITS LAST FEED" in done.err
    assert "--confirm-name '3 outlets' does it" in done.err
    assert {row["outcome"] for row in audit(racks)} == {"requested", "refused"}
    wrong = racks("group", "storage", "off", "--yes", "--confirm-name", "2 outlets")
    assert wrong.code == REFUSED
    done = racks(
        "group", "storage", "off", "--yes", "--pause", "0", "--confirm-name", "3 outlets"
    )  # fmt: skip
    assert done.code == DONE, done.err
    assert len(done.out.splitlines()) == 3


# -- which outlets a word means -------------------------------------------------------------------

SETTINGS = Settings(
    state_dir=Path("nowhere"),
    groups=(
        GroupSettings(name="storage", members=(OutletRef(pdu="p", selector="2-3"),)),
        GroupSettings(name="db01", members=(OutletRef(pdu="p", selector="web"),)),
        GroupSettings(name="2.5", members=(OutletRef(pdu="p", selector="1"),)),
        GroupSettings(name="far", members=(OutletRef(pdu="q", selector="1"),)),
    ),
)
READING = Reading(
    pdu="p",
    time=datetime(2026, 1, 1, tzinfo=UTC),
    outlets=(
        Outlet(number=1, name="DB01", label="1.1"),
        Outlet(number=2, name="web", label="2.5"),
        Outlet(number=3, name="nas"),
    ),
)


@pytest.mark.parametrize(
    ("selector", "expected"),
    [
        ("storage", (2, 3)),
        (" storage ", (2, 3)),
        ("group:storage", (2, 3)),
        ("group:db01", (2,)),
        ("group:2.5", (1,)),
        ("nas", (3,)),
        ("3,1", (3, 1)),
    ],
)
def test_what_is_meant(selector: str, expected: tuple[int, ...]) -> None:
    assert outlets_meant(selector, READING, SETTINGS) == expected


@pytest.mark.parametrize(
    ("selector", "said"),
    [
        ("db01", "'db01' is a group and the name of outlet 1 of p: write group:db01"),
        ("2.5", "'2.5' is a group and the label of outlet 2 of p: write group:2.5"),
        ("storag", "there is a group 'storage'"),
        ("Storage", "there is a group 'storage'"),
        ("group:storag", "did you mean 'storage'?"),
        ("group:far", "group far has no outlet on p (it has some on: q;"),
        ("9", "p has no outlet 9"),
    ],
)
def test_what_could_be_both_or_is_none_is_an_error(selector: str, said: str) -> None:
    with pytest.raises(CliError) as caught:
        outlets_meant(selector, READING, SETTINGS)
    assert said in str(caught.value)
    assert caught.value.code == USAGE
