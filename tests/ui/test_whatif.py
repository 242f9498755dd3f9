"""Rack pairs and what-ifs at the console: fleet and racks as if something were lost."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import cast

import pytest
from msgspec import structs
from textual.events import Click
from textual.pilot import Pilot

from pdutui.app import PduApp
from pdutui.domain.devicemap import DeviceMap, MappedCord
from pdutui.domain.fleet import FleetRow, Loss
from pdutui.domain.impact_facts import PduFacts
from pdutui.domain.impact_rules import ImpactRules
from pdutui.domain.margin import margins
from pdutui.domain.racks import Member
from pdutui.domain.room import Room
from pdutui.domain.whatif import PartAfter
from pdutui.screens.fleet import FleetScreen
from pdutui.screens.pairs import PairsScreen
from pdutui.screens.pairs_desk import PairsDesk
from pdutui.screens.pdu import PduScreen
from pdutui.screens.piecemeal import BUDGET_S, Piecemeal
from pdutui.screens.whatif_card import AfterScreen, rack_rows
from pdutui.screens.whatif_desk import WhatIfDesk
from pdutui.screens.whatif_pick import WhatIfPick
from pdutui.settings import Settings
from pdutui.widgets.glyphs import ASCII, SETS, UNICODE, GlyphSet
from pdutui.widgets.inks import Inks
from pdutui.widgets.line import CUT, pieces_width
from pdutui.widgets.pair_bars import part_bar, part_figures
from pdutui.widgets.pair_block import Block, Cell, Look, block_lines
from pdutui.widgets.pair_pane import PairPane
from pdutui.widgets.sheet import Sheet
from pdutui.widgets.whatif_bar import whatif_bar
from tests.support.clock import ManualClock
from tests.support.fake_engine import FakeEngine
from tests.support.scenes import px_reading
from tests.ui.conftest import MakeApp

INKS = Inks({}, "ansi_default", "none")
CORDS = tuple(
    MappedCord(device=f"node{n:02d}", pdu=f"rack1-{feed}", outlet=n, cord=feed.upper())
    for n in range(1, 25)
    for feed in "ab"
    if (n, feed) != (3, "b")
)
"""All but node03 have both cords."""


@pytest.fixture
def app(make_app: MakeApp) -> PduApp:
    made = make_app(start="fleet")
    made.settings = structs.replace(made.settings, cords=CORDS)
    return made


async def up(pilot: Pilot[int]) -> FleetScreen:
    for _ in range(20):
        await pilot.pause()
        if isinstance(pilot.app.screen, FleetScreen):
            return pilot.app.screen
    raise AssertionError("the fleet did not come up")


def said(pilot: Pilot[int], name: str) -> str:
    sheet = cast("Sheet", pilot.app.screen.query_one(f"#{name}"))
    return "\n".join(sheet.render_line(y).text.rstrip() for y in range(sheet.size.height))


def row(screen: FleetScreen, pdu: str) -> FleetRow:
    return screen.desk.rows[pdu]


async def test_the_fleet_is_redrawn_as_if_a_feed_were_lost_and_comes_back(
    app: PduApp, engine: FakeEngine, clock: ManualClock
) -> None:
    async with app.run_test(size=(120, 36)) as pilot:
        screen = await up(pilot)
        await pilot.press("w")
        assert isinstance(pilot.app.screen, WhatIfPick)
        await pilot.press("1")
        await pilot.pause()
        assert said(pilot, "over").startswith(" WHAT IF feed A is lost: 1 device goes dark")
        assert said(pilot, "over").endswith("esc ends it")
        assert (row(screen, "rack1-a").dark, row(screen, "rack1-a").power_w) == (True, 0.0)
        b = row(screen, "rack1-b")
        # 12.0 A, and what the outlets of the other feed say, less the 0.42 A of node03, which has
        # no other cord; and 1.82 A that its third bank carries and no outlet accounts for.
        assert b.estimated
        assert b.current_a == pytest.approx(12.0 + sum(_outlets()) - 0.42 + 1.82)
        assert not row(screen, "ats-1").estimated

        # It goes on with what is so: the other feed stops answering.
        engine.become("rack1-b", "lost", "no answer")
        screen.tick()
        await pilot.pause()
        assert "rack1-b not known" in said(pilot, "over")
        assert row(screen, "rack1-b").power_w is None

        await pilot.press("escape")
        await pilot.pause()
        assert screen.is_live
        assert not row(screen, "rack1-a").dark
        assert pilot.app.screen is screen
        assert engine.gate.switched == []


def _outlets() -> list[float]:
    return [one.current_a or 0.0 for one in px_reading().outlets]


async def test_a_row_says_what_becomes_of_it_and_leads_to_the_pdu(app: PduApp) -> None:
    async with app.run_test(size=(80, 24)) as pilot:
        screen = await up(pilot)
        screen.choose("rack1-a")
        await pilot.press("W", "enter")
        await pilot.pause()
        card = pilot.app.screen
        assert isinstance(card, AfterScreen)
        text = "\n".join("".join(piece for piece, _ in r) for r in card.rows(74, 60))
        assert card.heading == "rack1-a if PDU rack1-a is lost"
        assert "It is what is lost: 2580 W now, 0 W then" in text
        assert "Go dark: 1" in text
        assert "node03: one cord in the map" in text
        # The bar above it stays in sight.
        assert card.card_region(card.size).y >= 2
        await pilot.press("enter")
        await pilot.pause()
        assert isinstance(pilot.app.screen, PduScreen)
        assert pilot.app.screen.pdu == "rack1-a"


async def test_racks_stand_side_by_side_with_what_they_have_to_spare(app: PduApp) -> None:
    async with app.run_test(size=(120, 36)) as pilot:
        fleet = await up(pilot)
        await pilot.press("P")
        await pilot.pause()
        screen = pilot.app.screen
        assert isinstance(screen, PairsScreen)
        text = said(pilot, "list")
        assert "Row 3 / Rack 1" in text
        assert "lose A: B goes to 77 % of 32 A, assumed; 1 device goes dark" in text
        assert "lose B: A goes to 79 % of 32 A, assumed" in text
        assert "1 device has one cord: i" in text
        assert "not paired: no feed is set" in text
        assert "lose source A: " in text
        await pilot.press("i")
        await pilot.pause()
        assert isinstance(pilot.app.screen, AfterScreen)
        await pilot.press("escape", "right", "enter")
        await pilot.pause()
        assert isinstance(pilot.app.screen, PduScreen)
        assert pilot.app.screen.pdu == "rack1-b"
        assert fleet not in pilot.app.screen_stack


async def test_a_what_if_goes_along_to_the_racks_and_back(app: PduApp) -> None:
    async with app.run_test(size=(120, 36)) as pilot:
        fleet = await up(pilot)
        await pilot.press("w", "1", "P")
        await pilot.pause()
        screen = pilot.app.screen
        assert isinstance(screen, PairsScreen)
        assert "WHAT IF feed A is lost" in said(pilot, "over")
        assert "LOST" in said(pilot, "list")
        assert "rack1-b goes to 77 % of 32 A" in said(pilot, "list")
        assert "about 5.4 kW" in said(pilot, "bar"), "its watts are those of the what-if"
        # Ended there, it is ended here as well; back is one step.
        await pilot.press("escape")
        await pilot.pause()
        assert pilot.app.screen is screen
        assert "lose A:" in said(pilot, "list")
        await pilot.press("escape")
        await pilot.pause()
        assert pilot.app.screen is fleet
        assert fleet.is_live
        # By its door it lies on the PDU screen.
        app.action_door("pairs")
        await pilot.pause()
        assert isinstance(pilot.app.screen, PairsScreen)
        assert fleet not in pilot.app.screen_stack


async def test_a_what_if_of_the_racks_says_nothing_before_it_is_worked_out(
    app: PduApp, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with app.run_test(size=(120, 36)) as pilot:
        fleet = await up(pilot)
        await pilot.press("P")
        await pilot.pause()
        screen = pilot.app.screen
        assert isinstance(screen, PairsScreen)
        monkeypatch.setattr(fleet.what_if._work, "go_on", lambda: False)
        screen._picked_loss(Loss(kind="feed", name="A"))
        await pilot.pause()
        assert "working it out" in said(pilot, "over")
        assert "1 not known" in said(pilot, "bar")
        assert "fine" not in said(pilot, "bar")


async def test_the_racks_open_what_was_seen_when_they_change_places(
    app: PduApp, engine: FakeEngine, clock: ManualClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with app.run_test(size=(120, 36)) as pilot:
        await up(pilot)
        await pilot.press("P")
        await pilot.pause()
        screen = pilot.app.screen
        assert isinstance(screen, PairsScreen)
        pane, desk = screen.query_one(PairPane), screen.desk
        assert desk.pdu == desk.meant == "rack1-a"
        clock.advance(60)
        # Another block comes to the top by itself, under the cursor and the pointer.
        monkeypatch.setattr(desk, "_wanted", lambda: desk.items[::-1])
        screen.tick()
        assert (desk.pdu, desk.meant) == ("ats-1", "rack1-a")
        assert desk.item_meant is not None
        assert desk.item_meant.key == ("rack1-a", "rack1-b")
        picked: list[tuple[tuple[str, ...], bool]] = []
        with monkeypatch.context() as patch:
            patch.setattr(pane, "post_message", lambda m: picked.append((m.key, m.twice)))
            pane.on_click(cast("Click", SimpleNamespace(x=3, y=1, chain=1)))
            clock.advance(1.0)
            pane.on_click(cast("Click", SimpleNamespace(x=3, y=1, chain=2)))
            pane.on_click(cast("Click", SimpleNamespace(x=3, y=1, chain=1)))
        rack = ("rack1-a", "rack1-b")
        assert picked == [(rack, False), (rack, True), (("ats-1",), False)]
        assert desk.meant == "ats-1", "by now it has been seen"
        clock.advance(5.0)
        screen.tick()
        assert (desk.pdu, desk.meant) == ("rack1-a", "ats-1")
        await pilot.press("enter")
        await pilot.pause()
        assert app.console_screen.pdu == "ats-1"


def test_racks_are_filtered_and_found_by_their_state(
    engine: FakeEngine, clock: ManualClock, tmp_path: Path
) -> None:
    settings = Settings(state_dir=tmp_path, cords=CORDS)
    what_if = WhatIfDesk(engine, clock=clock, settings=lambda: settings)
    desk = PairsDesk(engine, what_if, clock=clock)
    desk.look()
    for typed, shown in (("rack1-a", 1), ("over", 0), ("fine", 1), ("ats", 1), ("row 3", 2)):
        desk.text = typed
        desk.anew()
        assert len(desk.items) == shown, typed
    # By row: a head above the racks, which the cursor is never on.
    desk.text, desk.by_row = "", True
    desk.anew()
    assert [item.is_head for item in desk.items] == [True, False, False]
    desk.choose(0)
    assert desk.pdu == "rack1-a"
    # Another configuration has other racks.
    settings = structs.replace(settings, cords=())
    assert what_if.check_room().cords.cords == ()
    # A PDU that is taken out of the configuration is in no rack from then on.
    del engine.views["rack1-b"]
    engine.pdus = tuple(engine.views)
    assert what_if.room.racks.racks == ()
    desk.look()
    assert [item.key for item in desk.items if not item.is_head] == [("rack1-a",), ("ats-1",)]


# drawing


def part(least: float | None, most: float | None, before: float | None = 4.0) -> PartAfter:
    return PartAfter(
        kind="bank", number=1, name="Bank C1", rating_a=16.0, before_a=before, least_a=least,
        most_a=most,
    )  # fmt: skip


@pytest.mark.parametrize(
    ("one", "bar", "figures"),
    [
        (part(8.0, 8.0), "####%%%%....|...", "25 >   50 %"),
        (part(4.0, 8.0), "####::::....|...", "25 > 25..50 %"),
        (part(8.0, None), "####%%%%::::::::", "25 > 50..? %"),
        (part(16.0, 16.0), "####%%%%%%%%%%%%", "25 >  100 %"),
        (part(0.0, 0.0), "%%%%........|...", "25 >    0 %"),
        (part(4.0, 4.0), "####........|...", "25 %"),
        (part(None, None, None), "????????????????", "? >    ? %"),
    ],
)
def test_a_bar_says_what_is_sure_and_what_is_not_without_a_colour(
    one: PartAfter, bar: str, figures: str
) -> None:
    assert "".join(text for text, _ in part_bar(one, 16, ASCII)) == bar
    assert "".join(text for text, _ in part_figures(one, ASCII, wide=False)).strip() == figures


def facts(pdu: str, feed: str) -> PduFacts:
    return PduFacts(reading=px_reading(pdu), feed=feed)


@pytest.mark.parametrize("glyphs", SETS.values(), ids=SETS)
def test_a_rack_is_whole_at_every_width(glyphs: GlyphSet) -> None:
    known = {"rack1-a": facts("rack1-a", "A"), "rack1-b": facts("rack1-b", "B")}
    members = [Member(pdu=name, location="Row 3 / Rack 1", feed=one.feed or "")
               for name, one in known.items()]  # fmt: skip
    room = Room(members, DeviceMap(CORDS))
    found = margins(room.racks.racks[0], known, room, ImpactRules())
    cells = [
        (Cell(row=FleetRow(pdu=name, feed=f, health="live", power_w=2580.0),
              after=found.margins[0].what_if.of(name)),)
        for name, f in (("rack1-a", "A"), ("rack1-b", "B"))
    ]  # fmt: skip
    block = Block(
        title="Row 3 / Rack 1", level=found.level, total="5.2 kW", sides=tuple(cells),
        said=tuple((one.level, one.text) for one in found.margins), more="1 device has one cord: i",
    )  # fmt: skip
    for width in (36, 40, 60, 79, 80, 100, 120, 160, 200):
        look = Look(inks=INKS, glyphs=glyphs, parts=4, here=True, pdu="rack1-b")
        for strip in block_lines(block, look, width):
            assert strip.cell_length == width
            assert not strip.text.rstrip().endswith(CUT)
            assert glyphs.ascii_only is False or strip.text.isascii()
        for card in rack_rows(found, glyphs, width - 6):
            assert pieces_width(card) <= width - 6


@pytest.mark.parametrize("width", [20, 40, 60, 80, 120, 200])
def test_the_bar_says_what_it_is_however_narrow_it_gets(width: int) -> None:
    told = ["3 devices go dark (1 critical)", "rack1-b 104 % of 16 A", "2 PDUs not known"]
    strip = whatif_bar("feed A", told, "esc", INKS, UNICODE, width)
    assert strip.cell_length == width
    assert strip.text.startswith(" WHAT IF feed A is")
    if width >= 80:
        assert "3 devices go dark" in strip.text
        assert strip.text.rstrip().endswith("esc ends it")
    if width >= 120:
        assert "2 PDUs not known" in strip.text


def test_much_work_is_done_in_pieces_and_rests(clock: ManualClock) -> None:
    done: list[int] = []

    def steps() -> Iterator[None]:
        for number in range(4):
            done.append(number)
            clock.advance(BUDGET_S * 0.6)
            yield

    work = Piecemeal(clock, steps)
    assert not work.go_on()
    assert (done, work.busy) == ([0, 1], True)
    assert not work.go_on()
    assert work.go_on()
    assert (done, work.busy) == ([0, 1, 2, 3], False)
    assert not work.go_on()  # it rests, nine times as long as it took
    clock.advance(9 * 2.4 * BUDGET_S)
    assert not work.go_on()
    assert done[4:] == [0, 1]
