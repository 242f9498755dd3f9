"""When the fleet's rows may change places under somebody's eyes."""

from __future__ import annotations

from typing import Any

from pdutui.domain.fleet import FleetRow
from pdutui.screens.fleet_order import AGAIN_S, HANDS_OFF_S, Arrangement
from tests.support.clock import ManualClock


def row(pdu: str, percent: float = 10.0, **said: Any) -> FleetRow:
    return FleetRow(**{"pdu": pdu, "health": "live", "age_s": 0.0, "percent": percent, **said})


class Room:
    """An arrangement and the rows it looks at."""

    def __init__(self, *names: str, **said: Any) -> None:
        self.clock = ManualClock()
        self.rows = {name: row(name) for name in names}
        self.shown = Arrangement(self.clock, **said)
        self.shown.look(list(self.rows.values()))

    def become(self, pdu: str, **said: Any) -> None:
        self.rows[pdu] = row(pdu, **said)

    def after(self, seconds: float) -> list[str]:
        self.clock.advance(seconds)
        self.shown.look(list(self.rows.values()))
        return self.shown.names


def test_rows_are_sorted_anew_now_and_then_and_not_each_second() -> None:
    room = Room("a", "b", "c")
    room.become("c", percent=60.0)
    assert room.after(AGAIN_S - 1) == ["a", "b", "c"]
    assert room.after(1) == ["c", "a", "b"]
    room.become("b", percent=70.0)
    assert room.after(1) == ["c", "a", "b"]


def test_nothing_moves_while_keys_are_pressed_and_it_says_that_it_is_held() -> None:
    room = Room("a", "b")
    room.become("b", percent=60.0)
    for _ in range(20):
        room.shown.touched()
        assert room.after(1) == ["a", "b"]
        assert room.shown.held
    assert room.after(HANDS_OFF_S) == ["b", "a"]
    assert not room.shown.held


def test_it_is_not_held_while_the_order_is_the_right_one() -> None:
    room = Room("a", "b")
    room.shown.touched()
    room.after(1)
    assert not room.shown.held


def test_a_new_critical_alarm_goes_up_at_once_and_nothing_else_moves() -> None:
    room = Room("a", "b", "c", "d")
    room.shown.touched()
    room.become("d", critical=1)
    room.become("b", percent=70.0)
    assert room.after(0.5) == ["d", "a", "b", "c"]
    room.become("c", critical=1)
    assert room.after(0.5) == ["c", "d", "a", "b"]
    room.shown.touched()
    room.become("d")
    assert room.after(0.5) == ["c", "d", "a", "b"], "what is over waits"


def test_it_goes_up_in_its_group_and_in_no_other_order() -> None:
    room = Room("a", "b", grouping="feed")
    room.rows = {"a": row("a", feed="A"), "b": row("b", feed="B"), "c": row("c", feed="B")}
    room.shown.anew()
    assert room.after(0) == ["a", "b", "c"]
    room.shown.touched()
    room.become("c", feed="B", critical=1)
    assert room.after(0.1) == ["a", "c", "b"]
    room.shown.by("name")
    assert room.after(0) == ["a", "b", "c"]
    room.become("b", feed="B", critical=1)
    assert room.after(0.1) == ["a", "b", "c"]


def test_one_that_the_filter_has_only_now_let_in_is_shown_at_once() -> None:
    room = Room("a", "b", grouping="feed")
    room.rows = {"a": row("a", feed="A", critical=1), "b": row("b", feed="B")}
    room.shown.filter("critical")
    assert room.after(0) == ["a"]
    room.shown.touched()
    room.become("b", feed="B", critical=1)
    assert room.after(0.1) == ["a", "b"]


def test_what_a_person_asks_for_is_done_at_once() -> None:
    room = Room("a", "b")
    room.become("b", percent=70.0)
    room.shown.touched()
    room.shown.next_order()
    assert room.shown.order == "percent"
    assert room.after(0) == ["b", "a"]
    room.shown.touched()
    room.shown.filter("a")
    assert room.after(0) == ["a"]
    room.shown.next_grouping()
    assert room.shown.grouping == "location"
    for _ in range(3):
        room.shown.next_grouping()
    assert room.shown.grouping == "none"


def test_what_is_not_configured_any_more_goes_at_once_whoever_moves_about() -> None:
    room = Room("a", "b", "c")
    room.shown.touched()
    del room.rows["b"]
    room.rows["d"] = row("d")
    assert room.after(0.5) == ["a", "c", "d"]
