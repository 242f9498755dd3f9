"""Finding things of the whole fleet by a part of their names."""

from __future__ import annotations

from msgspec.structs import replace

from pdutui.domain.devicemap import DeviceMap, MappedCord
from pdutui.engine.view import PduInfo, PduView
from pdutui.screens.finding import Find, FleetIndex
from tests.support.scenes import ats_reading


class Fleet:
    """Two PDUs of three outlets."""

    pdus: tuple[str, ...] = ("rack1-a", "rack2-db")

    def __init__(self) -> None:
        self.names = {"rack1-a": ["db01", "web01", "spare"], "rack2-db": ["web02", "Db02", "x db"]}

    def view(self, pdu: str) -> PduView:
        outlets = tuple(
            replace(ats_reading().outlets[0], number=number, name=name)
            for number, name in enumerate(self.names[pdu], 1)
        )
        info = PduInfo(name=pdu, address="x", location=f"Row {pdu[4]}", feed="A")
        return PduView(info=info, reading=replace(ats_reading(), pdu=pdu, outlets=outlets))


def named(finds: list[Find]) -> list[str]:
    return [f"{find.pdu}/{find.outlet or ''}" for find in finds]


def test_the_best_comes_first_and_all_words_have_to_be_in_it() -> None:
    fleet, devices = Fleet(), DeviceMap((MappedCord(device="oracle", pdu="rack2-db", outlet=3),))
    index = FleetIndex(fleet, lambda: devices)
    assert index.find("db") == [], "nothing before it was looked"
    index.look()
    assert named(index.find("db")) == [
        "rack1-a/1", "rack2-db/2",  # begin with it
        "rack2-db/3",  # a word of it does
        "rack2-db/", "rack2-db/1",  # the rest, PDUs first
    ]  # fmt: skip
    assert named(index.find("DB02")) == ["rack2-db/2"]
    assert named(index.find("web rack2")) == ["rack2-db/1"]
    assert named(index.find("rack1-a"))[0] == "rack1-a/", "the name itself"
    assert named(index.find("oracle")) == ["rack2-db/3"]
    assert named(index.find("row 2")) == ["rack2-db/"]
    assert index.find("   ") == []
    assert index.find("nothing") == []
    assert len(index.find("r", most=2)) == 2
    [find] = index.find("oracle")
    assert find.words(ascii_only=False) == "rack2-db outlet 3 x db (oracle)"


def test_other_names_and_other_pdus_are_seen_when_it_is_looked_again() -> None:
    fleet, devices = Fleet(), DeviceMap()
    index = FleetIndex(fleet, lambda: devices)
    index.look()
    fleet.names["rack1-a"][2] = "new\x1b[31m"
    assert index.find("new") == []
    index.look()
    [find] = index.find("new")
    assert "\x1b" not in find.words(ascii_only=True)
    fleet.pdus = ("rack2-db",)
    index.look()
    assert {find.pdu for find in index.find("r")} == {"rack2-db"}
