"""Three-phase PDUs, chains, switches without outlets, generic and unknown devices on the screen."""

from __future__ import annotations

from datetime import timedelta

import pytest
from msgspec.structs import replace
from textual.strip import Strip
from textual.widgets import Input

from pdutui.backends.mock.backend import MockBackend
from pdutui.backends.mock.build import mock_pdu
from pdutui.backends.mock.catalog import MODELS
from pdutui.domain.naming import in_chain
from pdutui.domain.reading import Outlet, Phase, Reading, Sensor
from pdutui.engine.events import Logged
from pdutui.screens.connect import ConnectScreen
from pdutui.screens.palette import PduCommands
from pdutui.widgets.bank_meter import load_panel, meters
from pdutui.widgets.event_line import events
from pdutui.widgets.glyphs import ASCII
from pdutui.widgets.layout import Rect, arrange, contents_of
from pdutui.widgets.scene import Scene
from pdutui.widgets.sensors import sensor_panel
from pdutui.widgets.source_panel import source_panel
from pdutui.widgets.status_line import status
from pdutui.widgets.trend import first_series, trend_panel
from pdutui.widgets.waiting import waiting
from tests.support.clock import ManualClock
from tests.support.fake_engine import FakeEngine, TrapState, TrapTally
from tests.support.families import (
    UNSUPPORTED,
    chain,
    families_engine,
    generic,
    three_phase,
    transfer_switch,
)
from tests.support.scenes import NOW, ats_reading, px_reading
from tests.ui.conftest import ACTOR, MakeApp
from tests.ui.test_console import cursor, settle, shown, text
from tests.ui.test_panels import aged, outlets, scene, words

SMALL = (80, 24)


@pytest.fixture
def engine(clock: ManualClock) -> FakeEngine:
    return families_engine(clock)


def steps(name: str, engine: FakeEngine) -> list[str]:
    """The keys that lead to a PDU."""
    return ["right_square_bracket"] * engine.pdus.index(name)


# three phases


def test_lines_come_between_inlet_and_banks_and_have_the_limit_of_their_cord() -> None:
    rows = meters(three_phase())
    assert [row.name for row in rows[:5]] == ["Inlet I1", "L1", "L2", "L3", "C1"]
    assert [row.key for row in rows[:3]] == ["inlet.1", "phase.1", "phase.2"]
    assert rows[2].limit_a == 16.0
    assert rows[2].share == pytest.approx(88.75)


def test_a_cord_without_a_current_tells_its_fullest_line() -> None:
    row = load_panel(scene(three_phase()), 80, 11, False)[1].text
    assert "fullest line L2" in row
    assert "89 %" in row
    line = status(scene(three_phase()), 120).text
    assert "L2 14.20 A   89 %   of 16 A" in line
    assert "– A" not in line


def test_a_line_that_says_nothing_could_be_the_fullest() -> None:
    reading = three_phase()
    phases = (*reading.phases[:2], replace(reading.phases[2], current_a=None))
    made = scene(replace(reading, phases=phases))
    assert "fullest" not in words(load_panel(made, 80, 11, False))
    assert "– A" in status(made, 120).text
    assert "%" not in status(made, 120).text


def test_figures_that_a_pdu_gives_nowhere_have_no_column() -> None:
    reading = transfer_switch()
    assert "W" not in load_panel(scene(reading), 118, 4, False)[1].text
    assert "1977 VA" in load_panel(scene(reading), 118, 4, False)[1].text
    banks = load_panel(scene(three_phase()), 118, 11, False)[5].text
    assert "– W" in banks, "a dash where others have a figure"


def test_the_load_says_that_it_scrolls() -> None:
    made = scene(three_phase())
    assert "1-7 of 10  ↓" in load_panel(made, 80, 8, False)[0].text
    assert "4-10 of 10 ↑" in load_panel(replace(made, meter=9), 80, 8, False)[0].text
    assert "of 10" not in load_panel(made, 80, 11, False)[0].text
    banks = three_phase().banks
    bad = replace(banks[5], state="tripped", current_a=0.0)
    tripped = scene(replace(three_phase(), banks=(*banks[:5], bad)))
    head = load_panel(tripped, 80, 8, False)[0].text
    assert "C6 TRIPPED · 1-7 of 10  ↓" in head, "no alarm is out of sight"
    assert "TRIPPED" not in load_panel(replace(tripped, meter=9), 80, 8, False)[0].text


def test_trends_follow_the_line_and_the_cord_shows_all_three(engine: FakeEngine) -> None:
    made = replace(
        scene(three_phase()), trend=lambda key, seconds: engine.trend("rack7-a", key, seconds)
    )
    cord = words(trend_panel(made, 118, 8, False))
    for title in ("L1 Current  3.17 A", "L2 Current  14.20 A", "L3 Current  4.62 A", "Power"):
        assert title in cord
    assert "Voltage" not in cord, "no empty chart for what there is not"
    line = words(trend_panel(replace(made, meter=2), 118, 8, False))
    assert "Trends · L2" in line
    assert "232.0 V" in line
    assert "L2  14.20 A" in words(trend_panel(made, 80, 8, False)), "whose it is goes last"
    assert first_series(three_phase()) == "inlet.1.power_w"


async def test_no_pane_that_is_not_shown_gets_the_keys(
    make_app: MakeApp, engine: FakeEngine
) -> None:
    app = make_app()
    async with app.run_test(size=SMALL) as pilot:
        await settle(pilot)
        screen = app.console_screen
        assert shown(app, "trends") == "", "at this size there is no room for them"
        seen = []
        for _ in range(3):
            await pilot.press("tab")
            await settle(pilot)
            seen.append(screen.pane)
        assert seen == ["meters", "outlets", "meters"]
        await pilot.press("j", "j")
        assert "▶L2" in shown(app, "meters")
        await pilot.resize_terminal(120, 36)
        await settle(pilot)
        assert "Trends · L2" in text(app)


# chains


@pytest.mark.parametrize(
    ("name", "says"),
    [("Bank 1", "Bank 2.1"), ("L1", "2.L1"), ("I1", "2.I1"), ("Section A", "Section 2.A"),
     ("Left", "2 Left"), ("Rack row left", "2 Rack row left"), ("", "2")],
)  # fmt: skip
def test_a_part_of_a_chain_has_its_unit(name: str, says: str) -> None:
    assert in_chain(2, name) == says
    assert in_chain(None, name) == name


def test_outlets_of_a_chain_stand_below_each_other() -> None:
    lines = [strip.text for strip in outlets(scene(chain()), 80, 25)[1:]]
    assert lines[0].startswith("▶ 1.1  ● on")
    assert lines[9].startswith(" 1.10  ● on")
    assert lines[12].startswith("  2.1  ● on")
    assert len({line.index("node") for line in lines if "node" in line}) == 1
    assert "B1.1" in lines[0]
    assert "B2.1" in lines[12]
    assert "Outlet 2.12" in lines[23], "one without a name is called by its place"
    assert not any("200" in line for line in lines)


def test_parts_of_a_chain_say_whose_they_are() -> None:
    said = words(load_panel(scene(chain()), 80, 5, False))
    for name in ("Inlet 1.I1", "Inlet 2.I1", "Bank 1.1", "Bank 2.1"):
        assert name in said


def test_a_label_that_is_too_long_is_cut_with_a_mark() -> None:
    reading = chain()
    long = replace(reading.outlets[0], label="Tower-Left-1")
    row = outlets(scene(replace(reading, outlets=(long,))), 80, 3)[1].text
    assert "Tower…" in row


async def test_words_about_an_outlet_of_a_chain_use_its_label(
    make_app: MakeApp, engine: FakeEngine
) -> None:
    app = make_app()
    async with app.run_test(size=SMALL) as pilot:
        await settle(pilot)
        await pilot.press(*steps("row2", engine))
        app.console_screen.select(2005)
        await pilot.press("space")
        await settle(pilot)
        assert "Outlet 2.5 is neither known to be on nor off" in text(app)
        entries = [c.text for c in PduCommands(app.console_screen).listed()]
        assert "Turn off outlet 2.5 node205 ... (f)" in entries
        assert "Select outlet 1.3 node103 (off)" in entries
        assert not any("2005" in entry for entry in entries)
        await pilot.press("n")
        await settle(pilot)
        assert "Name of outlet 2.5 on row2" in text(app)
        await pilot.press("escape", "c", "5")
        await settle(pilot)
        assert "Turn off after a delay" in text(app)
        assert "outlet 2.5 node205 on row2" in text(app), "what the delay is for"


async def test_how_a_command_on_a_chain_ended_uses_its_label(
    make_app: MakeApp, engine: FakeEngine, clock: ManualClock
) -> None:
    app = make_app()
    engine.gate.outcome = "failed"
    async with app.run_test(size=(120, 36)) as pilot:
        await settle(pilot)
        await pilot.press(*steps("row2", engine))
        app.console_screen.select(2007)
        await pilot.press("f")
        await settle(pilot)
        clock.advance(1)
        await pilot.press("y")
        await settle(pilot)
        assert "Outlet 2.7 node207: off failed" in text(app)


def test_names_have_the_room_that_figures_do_not_need_and_marks_take_it_back() -> None:
    name = "SW-DC01-WEST-01-PSU1"
    rows = tuple(Outlet(number=n, name=name, state="on", switchable=True) for n in range(1, 17))
    reading = replace(px_reading(), outlets=(*rows[:-1], replace(rows[-1], pending="reboot")))
    lines = [strip.text for strip in outlets(scene(reading), 80, 9)[1:]]
    assert lines[0].count(name) == 2
    assert "reboot pending" in lines[7]
    assert "SW-DC01-WES" in lines[7][40:]
    assert "~" not in lines[7]


# a transfer switch without outlets


async def test_a_switch_without_outlets_has_no_outlets_panel(
    make_app: MakeApp, engine: FakeEngine
) -> None:
    app = make_app()
    async with app.run_test(size=SMALL) as pilot:
        await settle(pilot)
        screen = app.console_screen
        assert screen.pane == "outlets"
        await pilot.press(*steps("ats-7", engine))
        await settle(pilot)
        said = text(app)
        assert "Outlets" not in said
        assert "A carries 8.50 A" in said
        assert "1977 VA" in said
        assert screen.pane == "meters", "the keys are where there is something"
        assert "c prefer source" in shown(app, "hints")
        assert "o on" not in shown(app, "hints")
        await pilot.press("j")
        assert "▶Bank 1" in shown(app, "meters")
        await pilot.press("f")
        await settle(pilot)
        assert "ats-7 has no outlets" in text(app)
        assert engine.gate.switched == []
        await pilot.press("tab")
        await settle(pilot)
        assert screen.pane == "trends"
        await pilot.press("c")
        await settle(pilot)
        assert "Prefer source B" in text(app)
        assert "Turn" not in text(app)


async def test_a_source_that_was_not_preferred_can_be_acknowledged(
    make_app: MakeApp, engine: FakeEngine, clock: ManualClock
) -> None:
    app = make_app()
    engine.gate.outcome = "unconfirmed"
    async with app.run_test(size=(120, 36)) as pilot:
        await settle(pilot)
        await pilot.press(*steps("ats-7", engine))
        intent = engine.gate.new_intent("ats-7", 0, "prefer_b", ACTOR)
        engine.progress(intent, "sent")
        await settle(pilot)
        assert "prefer b sent" in shown(app, "status")
        engine.end(intent, "unconfirmed")
        await settle(pilot)
        assert "prefer b UNCONFIRMED" in shown(app, "status")
        assert "a acknowledge" in shown(app, "hints")
        await pilot.press("a")
        await settle(pilot)
        assert "UNCONFIRMED" not in shown(app, "status")
        assert "acknowledge" not in shown(app, "hints")


async def test_back_at_a_pdu_with_outlets_the_keys_are_theirs_again(
    make_app: MakeApp, engine: FakeEngine
) -> None:
    app = make_app()
    async with app.run_test(size=SMALL) as pilot:
        await settle(pilot)
        screen = app.console_screen
        await pilot.press(*steps("ats-7", engine))
        await settle(pilot)
        assert screen.pane == "meters"
        await pilot.press("left_square_bracket")
        await settle(pilot)
        assert (screen.pdu, screen.pane, cursor(app)) == ("row2", "outlets", 1)
        await pilot.press("tab")
        await settle(pilot)
        await pilot.press("right_square_bracket", "left_square_bracket")
        await settle(pilot)
        assert screen.pane == "meters", "where the person went, the keys stay"


def test_a_switch_that_does_not_measure_watts_carries_amperes() -> None:
    assert "A carries 8.50 A" in words(source_panel(scene(transfer_switch()), 60, 5))


# generic and unknown devices


@pytest.mark.parametrize("width", [80, 120, 200])
def test_a_generic_device_is_said_to_be_one(width: int, engine: FakeEngine) -> None:
    view = engine.view("gen-1")
    line = status(replace(scene(generic()), view=view), width).text
    assert "READ-ONLY" in line
    assert "standard MIBs only" in line
    assert "– W" not in line, "nothing says that it has a load"


def test_sensors_have_charts_where_there_is_no_load(engine: FakeEngine) -> None:
    made = replace(scene(generic()), trend=lambda key, seconds: engine.trend("gen-1", key, seconds))
    said = words(trend_panel(made, 120, 24, False))
    for title in ("Input voltage  230.4 V", "Input current  4.12 A", "Input power  946 W",
                  "Inlet air  23.5 °C"):  # fmt: skip
        assert title in said
    assert "4.12 A" in words(trend_panel(made, 80, 10, False)), "the name is cut, no figure is"
    assert first_series(generic()) == "sensor.voltage_input_voltage.value"


@pytest.mark.parametrize("size", [(80, 6), (120, 5), (40, 16)])
def test_many_sensors_stand_in_columns(size: tuple[int, int]) -> None:
    names = [f"Relative Humidity {n}" for n in range(1, 11)]
    sensors = tuple(
        Sensor(name=name, kind="humidity", value=15.0 + n, unit="percent",
               state="warning" if n == 4 else "normal")
        for n, name in enumerate(names)
    )  # fmt: skip
    lines = sensor_panel(scene(replace(ats_reading(), sensors=sensors)), *size)
    said = words(lines)
    assert all(name in said for name in names)
    assert "19.0 % WARNING" in said
    assert len({line.text.index("%") for line in lines[1:]}) == 1
    assert len(lines) <= size[1]


def test_where_not_one_sensor_fits_they_are_counted() -> None:
    sensors = tuple(
        Sensor(name="Absolute Humidity of the hot aisle", kind="humidity", value=2.9, unit="g/m3",
               state=state)
        for state in ("warning", "normal", "alarm")
    )  # fmt: skip
    made = scene(replace(ats_reading(), sensors=sensors))
    assert "3 sensors  2 in alarm" in sensor_panel(made, 36, 1)[0].text


async def test_an_unknown_device_is_named_and_what_to_do_can_be_read(
    make_app: MakeApp, engine: FakeEngine
) -> None:
    app = make_app()
    async with app.run_test(size=SMALL) as pilot:
        await settle(pilot)
        await pilot.press(*steps("sw-17", engine))
        await settle(pilot)
        said = text(app)
        assert "UNSUPPORTED" in said
        assert "Outlets" not in said
        assert "~" not in said, "nothing is cut"
        flat = " ".join(said.split())
        for part in ("sysDescr 'Cisco IOS Software, C2960X", "Cisco Systems, Inc.'",
                     "sysObjectID 1.3.6.1.4.1.9.1.1208", "sentry4, vertiv-imd)"):  # fmt: skip
            assert part in flat
        assert "  pdutui capture 10.0.0.9 -o pdu.snmprec --redact  " in said, "in one row, to copy"
        assert "o on" not in shown(app, "hints")
        assert app.console_screen.pane == "outlets"


@pytest.mark.parametrize(("width", "height"), [(80, 12), (40, 10), (60, 7), (40, 6)])
def test_what_to_do_stays_when_room_is_scarce(width: int, height: int) -> None:
    made = aged("unsupported", None)
    view = replace(made.view, reading=None, detail=UNSUPPORTED)
    lines = waiting(replace(made, view=view), width, height, False)
    assert len(lines) <= height
    flat = " ".join(words(lines).split())
    assert "Unsupported: 192.0.2.1" in flat
    assert "pdutui capture 10.0.0.9 -o pdu.snmprec --redact" in flat


# traps, events, the connection test


def test_traps_that_cannot_be_heard_or_trusted_are_told() -> None:
    deaf = replace(scene(), traps_problem="port 1162 is in use")
    assert "▲ TRAPS" in status(deaf, 80).text
    assert "port 1162 is in use" in status(deaf, 200).text
    strange = replace(scene(), strange_traps=3)
    assert "3 traps not trusted" in status(strange, 160).text
    assert "1 trap not trusted" in status(replace(strange, strange_traps=1), 160).text
    assert "trap" not in status(scene(), 160).text


async def test_the_engine_is_asked_how_traps_go(make_app: MakeApp, engine: FakeEngine) -> None:
    app = make_app()
    engine.trap_status = TrapState(counts=TrapTally(untrusted=2))
    async with app.run_test(size=(160, 40)) as pilot:
        await settle(pilot)
        assert "2 traps not trusted" in shown(app, "status")


def test_a_long_event_has_the_rows_that_are_free() -> None:
    long = "source A lost on the device " * 5 + "END"
    log = [
        Logged(time=NOW - timedelta(seconds=n), pdu="ats-7", severity="critical", text=text)
        for n, text in ((9, "first"), (5, long))
    ]
    roomy = words(events(replace(scene(), log=log), 80, 6))
    assert "END" in roomy
    assert "first" in roomy
    tight = words(events(replace(scene(), log=log), 80, 3))
    assert "first" in tight, "an older one is not pushed off"
    assert "…" in tight
    assert "nothing yet" in words(events(scene(), 80, 3))


async def test_the_connection_test_says_what_enter_does_before_it_is_pressed(
    make_app: MakeApp,
) -> None:
    app = make_app(glyphs="ascii")
    async with app.run_test(size=SMALL) as pilot:
        await settle(pilot)
        await pilot.press("t")
        await settle(pilot)
        assert isinstance(app.screen, ConnectScreen)
        assert "Enter tries it. Nothing is written" in text(app)
        app.screen.query_one("#community", Input).value = "hidden"
        await settle(pilot)
        assert "******" in text(app)
        assert "hidden" not in text(app)
        assert text(app).isascii(), "no mark that the terminal has not"


@pytest.mark.parametrize("made", [three_phase, chain, transfer_switch, generic, px_reading])
@pytest.mark.parametrize("width", [20, 40, 60, 80, 120, 200])
def test_every_panel_is_as_wide_as_it_should_be(made: object, width: int) -> None:
    assert callable(made)
    reading: Reading = made()
    for glyphs in (None, ASCII):
        it = scene(reading) if glyphs is None else scene(reading, glyphs=glyphs)
        for height in (1, 2, 5, 9):
            lines = [*load_panel(it, width, height, True), *sensor_panel(it, width, height),
                     *trend_panel(it, width, height, False), status(it, width),
                     *source_panel(it, width, height)]  # fmt: skip
            assert all(line.cell_length == width for line in lines)
            if glyphs is ASCII:
                assert words(lines).isascii()


def test_phases_without_a_rating_anywhere_compare_by_current() -> None:
    reading = three_phase()
    bare = tuple(Phase(number=p.number, name=p.name, current_a=p.current_a) for p in reading.phases)
    inlets = (replace(reading.inlets[0], rating_a=None),)
    made = scene(replace(reading, phases=bare, inlets=inlets))
    assert "L2 14.20 A" in status(made, 120).text
    assert "%" not in status(made, 120).text


SIZES = ((40, 12), (60, 20), (80, 24), (100, 30), (120, 36), (160, 45), (200, 60), (60, 80))


@pytest.mark.parametrize("model", MODELS)
async def test_nothing_of_any_model_is_clipped_at_any_usual_size(model: str) -> None:
    clock = ManualClock()
    pdu = mock_pdu(model, start_s=clock.monotonic(), seed=1)
    made = scene(await MockBackend("rack12-a", pdu, clock=clock).poll())
    reading = made.reading
    assert reading is not None
    for width, height in SIZES:
        places = arrange(width, height, contents_of(reading))
        drawn = [line for name, at in places.items() for line in panel(made, name, at)]
        cut = [line.text for line in drawn if "~" in line.text or "…" in line.text]
        assert cut == [], f"{width}x{height}"


def panel(made: Scene, name: str, at: Rect) -> list[Strip]:
    """The lines of a panel; none of those whose words are not the device's."""
    width, height = at.width, at.height
    if name == "status":
        return [status(made, width)]
    if name == "outlets":
        return outlets(made, width, height)
    if name in ("meters", "trends"):
        return (load_panel if name == "meters" else trend_panel)(made, width, height, False)
    if name in ("sources", "sensors"):
        return (source_panel if name == "sources" else sensor_panel)(made, width, height)
    return []
