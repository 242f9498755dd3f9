"""`pdutui sequence`: plans by name, listed, shown and run."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from pdutui.cli.exits import DONE, REFUSED, USAGE
from tests.cli.conftest import Cli
from tests.cli.racks import feeds, plans


@pytest.fixture
def racks(cli: Cli, tmp_path: Path) -> Cli:
    feeds(tmp_path)
    return cli


def test_the_list_asks_no_pdu(racks: Cli) -> None:
    done = racks("sequence", "list")
    assert done.code == DONE
    assert done.out.splitlines()[:3] == [
        "web-down: Before the move", "  off group web", "  on a:9; 60 s after each",
    ]  # fmt: skip
    first = json.loads(racks("sequence", "list", "--json").out.splitlines()[0])
    assert (first["name"], first["pause_s"], len(first["steps"])) == ("web-down", 0.0, 2)


def test_without_sequences_it_is_said_how_to_make_one(cli: Cli) -> None:
    done = cli("sequence", "list")
    assert (done.code, done.out) == (DONE, "")
    assert "[[sequence]]" in done.err


def test_show_says_what_it_would_do_now(racks: Cli, tmp_path: Path) -> None:
    done = racks("sequence", "show", "web-down")
    assert (done.code, done.err) == (DONE, "")
    head, *lines = done.out.splitlines()
    assert head.startswith("plan: Turn OFF 2 and turn ON 1 outlet on 2 PDUs, ")
    assert lines[0].startswith("would: Turn OFF outlet 7 ")
    assert "on b: drops " in lines[1]
    assert lines[2].endswith("on a: already on")
    assert not (tmp_path / "state").exists()
    whole = json.loads(racks("sequence", "show", "web-down", "--json").out.splitlines()[-1])
    assert (whole["summary"], whole["steps"], whole["pause_s"]) == (True, 3, 0.0)


@pytest.mark.parametrize("command", ["show", "run"])
@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("web-dwon", "no sequence is called 'web-dwon'; did you mean 'web-down'?"),
        ("wrong", "a has no outlet named 'nothing-of-that-name'"),
    ],
)
def test_what_is_not_there(racks: Cli, command: str, name: str, said: str) -> None:
    done = racks("sequence", command, name)
    assert done.code == USAGE
    assert said in done.err
    assert plans(racks, "--all") == []


def test_without_yes_and_without_a_terminal_nothing_is_switched(racks: Cli) -> None:
    done = racks("sequence", "run", "web-down")
    assert done.code == REFUSED
    assert done.err.count("refused: not confirmed: no --yes") == 3
    assert plans(racks, "--all") == []


def test_run_goes_through_its_steps_in_order(racks: Cli) -> None:
    done = racks("sequence", "run", "web-down", "--yes", "--ticket", "C9")
    assert done.code == DONE, done.err
    assert [line.partition(":")[0].split()[:3] for line in done.out.splitlines()] == [
        ["a", "outlet", "7"], ["b", "outlet", "8"], ["a", "outlet", "9"],
    ]  # fmt: skip
    (plan,) = plans(racks, "--all")
    assert (plan["plan"]["title"], plan["plan"]["source"]) == ("web-down", "sequence web-down")
    assert [step["status"] for step in plan["steps"]] == ["observed", "observed", "skipped"]
    assert [step["pause_s"] for step in plan["plan"]["steps"]] == [None, None, 60.0]
    assert plan["plan"]["ticket"] == "C9"


CYCLE = """
[[sequence]]
name = "web-cycle"
  [[sequence.step]]
  action = "off"
  group = "web"
  [[sequence.step]]
  action = "on"
  group = "web"
"""


def test_a_group_can_be_switched_off_and_on_again_in_order(cli: Cli, tmp_path: Path) -> None:
    feeds(tmp_path, CYCLE)
    assert cli("config", "check").code == DONE
    done = cli("sequence", "show", "web-cycle")
    assert (done.code, done.err) == (DONE, "")
    head, *lines = done.out.splitlines()
    assert head.startswith("plan: Turn OFF 2 and turn ON 2 outlets on 2 PDUs, ")
    assert [line.partition(" on ")[2] for line in lines[2:4]] == [
        "a, which is off by then", "b, which is off by then",
    ]  # fmt: skip
