"""Marks, ranges and the filter: what is marked is what is switched, and nothing else."""

from __future__ import annotations

import pytest
from msgspec.structs import replace
from textual.pilot import Pilot

from pdutui.app import PduApp
from pdutui.domain.devicemap import DeviceMap, MappedCord
from pdutui.domain.reading import Outlet, Reading
from pdutui.screens.keys import Many, hints
from pdutui.screens.marks import Marks, counted
from pdutui.screens.outlet_filter import fitting
from pdutui.screens.plan_question import PlanQuestion
from tests.support.clock import ManualClock
from tests.support.fake_engine import FakeEngine
from tests.support.scenes import ats_reading, px_reading
from tests.ui.conftest import MakeApp
from tests.ui.test_console import SIZE, cursor, settle, shown
from tests.ui.test_random_keys import strike

ATS = ats_reading()
_PLUGGED = {3: ["Oracle prod"], 4: ["oracle-test"]}


def changed(reading: Reading, number: int, **fields: object) -> Reading:
    """The reading with one outlet changed."""
    outlets = tuple(replace(o, **fields) if o.number == number else o for o in reading.outlets)
    return replace(reading, outlets=outlets)


async def press_fast(app: PduApp, pilot: Pilot[int], *keys: str) -> None:
    """Keys one by one, each when the one before has done all it does."""
    for key in keys:
        strike(app, key)
        await settle(pilot)


@pytest.mark.parametrize(
    ("text", "fit"),
    [
        ("", list(range(1, 11))),
        ("db", [3, 4]),
        ("DB0", [3, 4]),
        ("on", [1, 2, 3, 4, 5, 7, 10]),
        ("off", [6, 8]),
        ("unknown", [9]),
        ("7", [7]),
        ("10", [10]),
        ("oracle", [3, 4]),
        ("oracle prod", [3]),
        ("front on", [5]),
        ("front off", []),
        (">60w", [1, 3, 4]),
        (">60", [1, 3, 4]),
        ("<0.5A", [2, 5, 6, 7, 8, 10]),
        ("on <30", [7, 10]),
        (">", []),
        ("core sw", [1, 2]),
        ("nas", [9]),
        ("[", []),
    ],
)
def test_what_fits_a_filter(text: str, fit: list[int]) -> None:
    found = fitting(ATS.outlets, text, lambda number: _PLUGGED.get(number, []))
    assert [outlet.number for outlet in found] == fit


def test_a_place_in_a_chain_is_found_by_its_label() -> None:
    outlets = (Outlet(number=2005, label="2.5", name="x", state="on", switchable=True),)
    assert fitting(outlets, "2.5", lambda _: [])
    assert not fitting(outlets, "2", lambda _: [])


def marks_on(*numbers: int, reading: Reading = ATS) -> Marks:
    marks = Marks()
    marks.add(reading, [o for o in reading.outlets if o.number in numbers])
    return marks


def test_a_mark_is_of_an_outlet_as_it_was_seen() -> None:
    marks = marks_on(3, 4, 6)
    assert marks.check(ATS) == []
    assert marks.check(changed(ATS, 4, name="db-new")) == [
        "outlet 4 db02 of ats-1 is called db-new now"
    ]
    gone = replace(ATS, outlets=tuple(o for o in ATS.outlets if o.number != 6))
    assert marks.check(gone) == ["outlet 6 backup is gone from ats-1"]
    assert marks.check(changed(gone, 3, state="off")) == [], "another state is no other outlet"
    assert marks.of("ats-1") == {3}


def test_marks_do_not_survive_another_device_in_the_same_place() -> None:
    marks = marks_on(3, 4, reading=replace(ATS, serial="A1"))
    assert marks.check(replace(ATS, serial=None)) == [], "not said is not another one"
    assert marks.check(replace(ATS, serial="B2")) == ["ats-1 is another device now"] * 2
    assert not len(marks)


def test_a_range_holds_what_is_shown_between_its_ends() -> None:
    marks, outlets = Marks(), ATS.outlets
    marks.begin(ATS, outlets[5])
    assert [o.number for o in marks.span(ATS, outlets, 3)] == [3, 4, 5, 6]
    some = fitting(outlets, "on", lambda _: [])
    assert marks.span(ATS, some, 3) == (), "its beginning is not shown"
    marks.begin(ATS, outlets[6])
    assert [o.number for o in marks.span(ATS, some, 3)] == [3, 4, 5, 7]
    assert marks.span(px_reading(), px_reading().outlets, 3) == (), "on another PDU"


def test_marks_are_counted_over_all_pdus() -> None:
    marks = Marks()
    assert counted(marks, "ats-1") == ""
    marks.add(ATS, ATS.outlets[:2])
    assert counted(marks, "ats-1") == "2 marked"
    assert counted(marks, "rack1-a") == "2 marked on ats-1"
    marks.add(px_reading(), px_reading().outlets[:1])
    assert counted(marks, "ats-1") == "3 marked on 2 PDUs"


def test_hints_say_on_how_many_the_keys_act() -> None:
    offered = hints(
        "outlets", panes=1, rows=1, outlet=True, switchable=True, commands=True,
        only_source=False, result=False, pdus=1, many=Many(marked=4),
    )  # fmt: skip
    words = {hint.key: hint.does for hint in offered}
    assert (words["o"], words["f"], words["r"], words["esc"]) == ("on 4", "off 4", "reboot 4",
                                                                  "unmark")  # fmt: skip
    assert "space" not in words


async def test_marks_and_ranges_by_key(
    make_app: MakeApp, engine: FakeEngine, clock: ManualClock
) -> None:
    fixed = changed(engine.views["ats-1"].reading or ATS, 7, switchable=False)
    engine.read(fixed)
    app = make_app()
    async with app.run_test(size=SIZE) as pilot:
        await settle(pilot)
        screen = app.console_screen
        marks = screen.marks

        async def press(*keys: str) -> None:
            await press_fast(app, pilot, *keys)

        def signs() -> str:
            """The mark column, a character a row; without one, the blanks of the numbers."""
            return "".join(line[1] for line in shown(app, "outlets").splitlines()[1:11])

        await press("v")
        assert (marks.of("ats-1"), cursor(app)) == ({1}, 2), "marked, and on"
        await press("k", "v")
        assert (marks.of("ats-1"), cursor(app)) == (set(), 2), "and unmarked"
        await press("V", "j", "j")
        assert (marks.of("ats-1"), signs()) == (set(), " □□□      "), "not taken in yet"
        await press("escape")
        assert signs().strip(" 123456789") == "", "dropped"
        await press("k", "k", "V", "j", "j", "V")
        assert signs() == " ■■■      "
        # What cannot be switched is not marked, by itself or in a range, and that is said.
        await press("home", *"jjjjjj", "v")
        assert "it cannot be switched" in shown(app, "events")
        await press("k", "V", "j", "j", "v")
        assert signs() == " ■■■ ■ ■  "
        assert "1 outlet is not marked" in shown(app, "events")

        await press("right_square_bracket", "v")
        assert "■ 6 marked on 2 PDUs" in shown(app, "status")
        await press("space")
        assert "use o, f or r" in shown(app, "events")
        assert app.screen is screen, "nothing is toggled over many"
        await press("left_square_bracket")
        assert signs() == " ■■■ ■ ■  ", "they stay while another PDU is looked at"

        # From another pane nothing is marked, and nothing of what is marked is switched.
        await press("tab", "v", "f")
        assert (len(marks), app.screen) == (6, screen)
        await press("shift+tab")

        # Never switch what was not marked: the row is another outlet by now.
        engine.read(changed(fixed, 3, name="new-server"))
        await settle(pilot)
        assert "outlet 3 db01 of ats-1 is called new-server now" in shown(app, "events")
        assert marks.of("ats-1") == {2, 4, 6, 8}
        await press("V", "j", "f")
        question = app.screen
        assert isinstance(question, PlanQuestion)
        wished = [(w.pdu, w.outlet) for w in question.wanted.wishes]
        assert ("ats-1", 3) not in wished
        assert len(wished) == len(marks), "an open range counts as what it shows"
        await press("escape")
        assert len(marks) == len(wished), "no takes no mark away"
        await press("escape")
        assert (len(marks), screen.scene.marked.counted) == (0, "")
        assert engine.gate.switched == []


async def test_the_filter_by_key(make_app: MakeApp, engine: FakeEngine, clock: ManualClock) -> None:
    app = make_app()
    async with app.run_test(size=SIZE) as pilot:
        await settle(pilot)
        screen = app.console_screen

        async def press(*keys: str) -> None:
            await press_fast(app, pilot, *keys)

        def names() -> list[str]:
            return [outlet.name for outlet in screen.scene.outlets]

        await press("right_square_bracket", "slash", *"f1")
        assert names() == [], "letters are typed, nothing is switched"
        assert "no outlet fits f1" in shown(app, "outlets")
        assert (cursor(app), app.screen) == (None, screen)
        await press("backspace", "backspace", *"node1")
        assert len(names()) == 10
        assert "10 of 24 shown: node1" in shown(app, "outlets")
        assert cursor(app) == 10, "on the next one that is shown"
        await press("enter", "j")
        assert cursor(app) == 11, "kept, and the keys are the grid's again"
        await press("ctrl+a")
        assert screen.marks.of("rack1-a") == set(range(10, 19)) | {19}
        # A range with a filter holds only what is shown.
        await press("escape")
        assert (screen.filter, len(screen.marks)) == ("", 10), "first the filter, then the marks"
        await press("escape", "slash", *"7", "enter", "home", "V", "end", "V")
        assert screen.marks.of("rack1-a") == {7, 17}
        await press("escape", "escape")

        # By state: what no longer fits goes from under the cursor, and is not switched for that.
        await press("slash", *"off", "enter", "home")
        assert names() == ["node08", "node19"]
        reading = engine.views["rack1-a"].reading
        assert reading is not None
        engine.read(changed(reading, 8, state="on"))
        await settle(pilot)
        assert (names(), cursor(app)) == (["node19"], 19)
        await press("o")
        assert app.screen is screen
        assert "Outlet 8 fits the filter no more" in shown(app, "events")
        await press("escape")

        # Typed ahead, or pasted: what follows the slash is never a command.
        strike(app, "slash", *"off", "enter", "slash", *"1o", "escape", "slash", *"roof7")
        await settle(pilot)
        assert (screen.filter, app.screen) == ("roof7", screen)
        strike(app, "escape", *"off", "enter", "f")
        await settle(pilot)
        assert (screen.filter, app.screen) == ("", screen), "it has the keys until it is gone"

        # What is plugged in, by the map.
        cord = MappedCord(device="oracle", pdu="rack1-a", outlet=5)
        screen.device_map = DeviceMap((cord,))
        await press("slash", *"orac", "tab")
        assert (names(), screen.pane) == (["node05"], "meters"), "tab keeps it, and goes on"
        await press("slash", "escape")
        assert (screen.filter, len(names())) == ("", 24)


async def test_a_mark_on_a_pdu_out_of_sight_goes_with_its_outlet(
    make_app: MakeApp, engine: FakeEngine
) -> None:
    app = make_app()
    async with app.run_test(size=SIZE) as pilot:
        await settle(pilot)
        screen = app.console_screen
        screen.go("ats-1")
        await press_fast(app, pilot, "v")
        [number] = screen.marks.of("ats-1")
        screen.go("rack1-a")
        reading = engine.view("ats-1").reading
        assert reading is not None
        engine.read(changed(reading, number, name="something else"))
        assert not len(screen.marks), "another outlet would be switched"
        assert "is called something else now" in shown(app, "events")
