"""Which PDUs stand beside each other, and what can touch what."""

from __future__ import annotations

from pdutui.domain.racks import Member, pair
from pdutui.domain.room import Room
from tests.domain.impact_fleet import cords


def member(pdu: str, location: str = "Row 3 / Rack 1", feed: str = "A") -> Member:
    return Member(pdu=pdu, location=location, feed=feed)


def test_pdus_of_one_location_stand_side_by_side_by_their_feeds() -> None:
    found = pair([member("b2", feed="b"), member("a"), member("b1", " row 3 /  rack 1", "B")])
    (rack,) = found.racks
    assert rack.location == "Row 3 / Rack 1"
    assert [(side.feed, side.pdus) for side in rack.sides] == [("A", ("a",)), ("b", ("b2", "b1"))]
    assert (rack.pdus, rack.others("a")) == (("a", "b2", "b1"), ("b2", "b1"))
    assert found.unpaired == ()
    assert found.feeds == ("A", "b")


def test_more_than_two_feeds_stand_beside_each_other() -> None:
    (rack,) = pair([member(name, feed=name.upper()) for name in "cab"]).racks
    assert [side.feed for side in rack.sides] == ["A", "B", "C"]
    assert rack.others("B") == ("a", "c")


def test_who_is_not_paired_says_why() -> None:
    found = pair(
        [
            member("a"), member("lone", "Rack 9"), member("x", ""), member("y", feed=" "),
            member("z", "", ""),
        ]
    )  # fmt: skip
    assert found.racks == ()
    assert {one.pdu: one.why for one in found.unpaired} == {
        "a": "A is the only feed of its location",
        "lone": "A is the only feed of its location",
        "x": "no location is set",
        "y": "no feed is set",
        "z": "neither location nor feed is set",
    }


def test_a_room_falls_into_parts_that_share_no_rack_and_no_device() -> None:
    members = [
        member("a1"), member("b1", feed="B"), member("a2", "Rack 2"), member("b2", "Rack 2", "B"),
        member("ats", "", ""), member("far", "Rack 9"),
    ]  # fmt: skip
    # The switch hangs on both feeds of rack 1, and srv on rack 2 and the PDU far away.
    room = Room(members, cords("ats a1 9 A", "ats b1 9 B", "srv a2 1", "srv far 1", "x b1 2"))
    assert {frozenset(part) for part in room.parts()} == {
        frozenset({"a1", "b1", "ats"}), frozenset({"a2", "b2", "far"}),
    }  # fmt: skip
    assert set(room.part_of("far")) == {"a2", "b2", "far"}
    near, by = room.scope(("a2", "b2"))
    assert near == {"a2", "b2", "far"}
    assert {cord.device for cord in by.cords} == {"srv"}
