"""`pdutui whatif`: the answer as text, as JSON, and as an exit code."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from pdutui.cli.exits import BAD_NEWS, DONE, UNREACHABLE, USAGE
from tests.cli.conftest import Cli

CONFIG = """
[poll]
interval_s = 0.5

[[pdu]]
name = "a"
backend = "mock"
model = "px3"
feed = "A"
location = "Rack 1"
[pdu.outlets.1]
device = "lb01"
cord = "A"
[pdu.outlets.2]
device = "web"

[[pdu]]
name = "b"
backend = "mock"
model = "px3"
feed = "B"
location = "Rack 1"
[pdu.outlets.1]
device = "lb01"
cord = "B"

[[pdu]]
name = "ats"
backend = "mock"
model = "pdu44001"
"""
DEAD = """
[[pdu]]
name = "dead"
host = "127.0.0.1"
port = 1
timeout_s = 0.2
retries = 0
feed = "C"
"""


@pytest.fixture
def room(tmp_path: Path, cli: Cli) -> Cli:
    (tmp_path / "config.toml").write_text(CONFIG)
    return cli


def test_a_lost_feed_in_text_and_as_json(room: Cli) -> None:
    done = room("whatif", "feed", "a")
    assert done.code == BAD_NEWS
    assert done.out.startswith("WHAT IF feed A is lost\n")
    assert "CAUTION web goes dark: one cord in the map" in done.out
    assert "of a are in no map: assumed to move to b" in done.out
    told = json.loads(room("whatif", "feed", "A", "--json").out)
    assert told["loss"] == {"kind": "feed", "name": "A", "source": None, "text": "feed A"}
    assert told["dark"] == ["web"]
    by_name = {one["pdu"]: one for one in told["pdus"]}
    assert [by_name[name]["fate"] for name in ("a", "b", "ats")] == ["lost", "takes", "same"]
    assert by_name["b"]["assumed"] is True
    sums = told["watts"]
    assert sums["lost"] == pytest.approx(
        sums["moved"] + sums["assumed"] + sums["dark"] + sums["unknown"]
    )


def test_a_source_with_another_to_fall_back_on_changes_nothing(room: Cli) -> None:
    done = room("whatif", "source", "ats", "a")
    assert done.code == DONE
    assert "ats: source B takes over, with nothing to fall back on" in done.out


def test_racks_say_what_they_have_to_spare(room: Cli) -> None:
    done = room("whatif", "racks")
    assert done.code == BAD_NEWS
    assert "Rack 1  (A: a, B: b)" in done.out
    assert "lose A: no margin: B would go to 1" in done.out
    assert "ats: neither location nor feed is set" in done.out
    told = json.loads(room("whatif", "racks", "--json").out)
    assert [one["location"] for one in told["racks"]] == ["Rack 1"]
    assert {one["lose"] for one in told["racks"][0]["margins"]} == {"A", "B"}
    assert told["unpaired"] == [{"pdu": "ats", "why": "neither location nor feed is set"}]


def test_what_there_is_not_is_named(room: Cli, tmp_path: Path) -> None:
    for words, said in (
        (("feed", "Q"), "no PDU is on a feed 'Q' (there: A, B)"),
        (("pdu", "aa"), "no PDU 'aa' is configured: did you mean 'a'?"),
        (("source", "b", "A"), "b has no transfer switch: it has no source to lose"),
    ):
        done = room("whatif", *words)
        assert (done.code, done.out) == (USAGE, "")
        assert said in done.err
    (tmp_path / "config.toml").write_text("")
    assert "no PDU is configured" in room("whatif", "feed", "A").err


def test_a_pdu_that_cannot_be_read_is_unknown_and_no_good_news(room: Cli, tmp_path: Path) -> None:
    (tmp_path / "config.toml").write_text(CONFIG + DEAD)
    done = room("whatif", "source", "ats", "A")
    assert done.code == UNREACHABLE
    assert "dead: " in done.err
