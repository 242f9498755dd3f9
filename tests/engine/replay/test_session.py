"""A replay as the console sees it: moments, health, events, and nothing of what came later."""

from __future__ import annotations

import asyncio
import logging
import socket
from datetime import UTC, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pdutui.backends.replay.backend import REFUSAL
from pdutui.domain.commands import Actor
from pdutui.domain.history import HistoryQuery
from pdutui.domain.reading import Reading
from pdutui.domain.secret import Secret
from pdutui.engine.events import EngineEvent, HealthChanged, ReadingArrived
from pdutui.engine.replay import stage
from pdutui.engine.replay.opening import ReplayError, replay_settings
from pdutui.engine.replay.player import FRAME_S, SPEEDS
from pdutui.engine.replay.session import ReplaySession
from pdutui.screens.port import EnginePort
from pdutui.settings import FloorSettings, OutletSettings, PduSettings, Settings
from pdutui.store.errors import StoreTrouble
from tests.engine.replay.conftest import Open
from tests.support.clock import ManualClock
from tests.support.past import MadeUpPast, at, mark, ms, polls, reading

ADA = Actor(user="ada")
POWER = "outlet.1.current_a"


def past(seconds: float = 600, **more: object) -> MadeUpPast:
    return MadeUpPast(polls("rack1", seconds, **more))  # type: ignore[arg-type]


async def run(real: ManualClock, seconds: float) -> None:
    await real.run(seconds, settle=80)


# what is shown


async def test_the_first_frame_is_the_moment(opened: Open) -> None:
    session = await opened(past(), 30)
    view = session.view("rack1")
    assert session.now == at(30)
    assert view.reading is not None
    assert view.reading.time == at(29.35)
    assert view.health == "live"
    assert view.age_s == pytest.approx(0.65)
    port: EnginePort = session  # it fits
    assert port.pdus == ("rack1",)
    assert port.trap_status is None
    assert port.store_status.ok


async def test_it_plays_at_the_pace_of_then(opened: Open, real: ManualClock) -> None:
    session = await opened(past(), 30, paused=False)
    await run(real, 10.1)
    assert (session.now - at(30)).total_seconds() == pytest.approx(10, abs=FRAME_S)
    view = session.view("rack1")
    assert view.reading is not None
    assert 0 <= (session.now - view.reading.time).total_seconds() < 1.0 + FRAME_S
    assert view.health == "live"


@pytest.mark.parametrize("speed", SPEEDS)
async def test_every_speed_shows_four_frames_a_second_and_never_a_live_pdu_as_late(
    opened: Open, real: ManualClock, speed: float
) -> None:
    made_up = past(1000)
    session = await opened(made_up, 10, paused=False, speed=speed)
    shown: list[tuple[datetime, str, float | None]] = []
    heard: list[EngineEvent] = []
    session.on_frame = lambda: shown.append(
        (session.now, session.view("rack1").health, session.view("rack1").age_s)
    )
    session.subscribe(heard.append)
    asked = len(made_up.moments_asked)
    await run(real, 5.0)
    frames = {now for now, _, _ in shown}
    assert 15 <= len(frames) <= 21
    assert (session.now - at(10)).total_seconds() == pytest.approx(5 * speed, rel=0.15)
    assert {health for _, health, _ in shown} == {"live"}
    assert all(age is not None and age < 1.3 for _, _, age in shown)
    assert not [e for e in heard if isinstance(e, HealthChanged)]
    assert len(made_up.moments_asked) - asked <= 2 * len(frames)


async def test_a_gap_makes_it_late_and_lost_as_it_was(opened: Open, real: ManualClock) -> None:
    session = await opened(past(gaps=[(40.0, 60.0)]), 38, paused=False)
    seen: list[tuple[float, str]] = []
    session.on_frame = lambda: seen.append(
        ((session.now - at(0)).total_seconds(), session.view("rack1").health)
    )
    await run(real, 25)
    first = {}
    for moment, health in seen:
        first.setdefault(health, moment)
    assert first["late"] == pytest.approx(39.35 + 2.0, abs=FRAME_S)
    assert first["lost"] == pytest.approx(39.35 + 2.6, abs=2 * FRAME_S)
    back = next(t for t, health in seen if health == "live" and t > 50)
    assert back == pytest.approx(60.35, abs=FRAME_S)


async def test_the_lost_keep_their_last_figures_and_their_age(opened: Open) -> None:
    session = await opened(past(gaps=[(40.0, 300.0)]), 100)
    view = session.view("rack1")
    assert view.health == "lost"
    assert view.detail == "no reading was kept of this time"
    assert view.reading is not None
    assert view.reading.time == at(39.35)
    assert view.age_s == pytest.approx(60.65)


async def test_the_words_of_then_are_shown_where_they_were_kept(opened: Open) -> None:
    made_up = MadeUpPast(
        polls("rack1", 600, gaps=[(40.0, 300.0)]),
        [mark(43, "rack1", "refused: wrong community", kind="health", level="critical")],
    )
    session = await opened(made_up, 100)
    assert session.view("rack1").health == "refused"
    assert session.view("rack1").detail == "wrong community"


async def test_a_pdu_that_came_later_has_no_figures_yet(opened: Open) -> None:
    late = [each for each in polls("rack2", 600) if each.time > at(300)]
    session = await opened(MadeUpPast([*polls("rack1", 600), *late]), 100)
    assert session.view("rack2").reading is None
    assert session.view("rack2").health == "lost"
    await session.player.seek(at(400))
    assert session.view("rack2").health == "live"


async def test_another_interval_is_found_out(opened: Open, real: ManualClock) -> None:
    session = await opened(past(3000, interval_s=30.0), 1000, paused=False, speed=10)
    healths: set[str] = set()
    session.on_frame = lambda: healths.add(session.view("rack1").health)
    await run(real, 20)
    assert healths == {"live"}


async def test_another_interval_from_another_run_on(opened: Open, real: ManualClock) -> None:
    """Polls came every second; then pdutui was started anew and asked every 20 s."""
    fast = polls("rack1", 300)
    slow = [each for each in polls("rack1", 900, interval_s=20.0) if each.time > at(310)]
    made_up = MadeUpPast(
        [*fast, *slow],
        [
            mark(299.9, "rack1", "stopped: pdutui ended", kind="health"),
            mark(305, "rack1", "connecting: pdutui started", kind="health"),
            mark(320.35, "rack1", "live", kind="health"),
        ],
    )
    session = await opened(made_up, 290, paused=False, speed=10)
    seen: list[tuple[float, str]] = []
    session.on_frame = lambda: seen.append(
        ((session.now - at(0)).total_seconds(), session.view("rack1").health)
    )
    await run(real, 30)
    assert {health for moment, health in seen if moment < 301} == {"live"}
    assert "lost" in {health for moment, health in seen if 302 < moment < 320}
    assert {health for moment, health in seen if moment > 325} == {"live"}
    assert session.trend("rack1", POWER, 100).count(None) == 0


async def test_the_log_reaches_back_as_far_as_it_takes(opened: Open) -> None:
    made_up = MadeUpPast(
        [reading("rack1", 0), *(reading("rack1", 5e6 + n) for n in range(60))],
        [
            *(mark(n, "rack1", f"old {n}") for n in range(3)),
            mark(4.9e6, "rack9", "another PDU's"),
            mark(4.99e6, "", "of none"),
            mark(5e6 + 10, "rack1", "new"),
        ],
    )
    session = await opened(made_up, 5e6 + 30, pdus=("rack1",))
    said = [line.text for line in session.recent_log(9)]
    assert said == ["old 0", "old 1", "old 2", "of none", "new"]
    for moment in (5e6 + 10, 2.0, 1.0):
        assert await session.player.previous_event() is not None
        assert session.now == at(moment)


async def test_names_and_floors_are_those_of_the_configuration(opened: Open) -> None:
    configured = PduSettings(
        name="rack1",
        feed="A",
        location="Row 3",
        protected=frozenset({1}),
        floor=FloorSettings(current_a=1.0, power_w=100.0),
        outlets={2: OutletSettings(name="web07")},
    )
    session = await opened(past(), 30, configured=(configured,))
    view = session.view("rack1")
    assert (view.info.feed, view.info.location) == ("A", "Row 3")
    assert view.reading is not None
    assert [o.name for o in view.reading.outlets] == ["san", "web07"]
    assert view.reading.outlets[1].power_w == 0.0
    assert session.trend("rack1", "outlet.2.power_w", 3) == [0.0, 0.0, 0.0]


async def test_what_is_missing_of_that_time_is_known(opened: Open) -> None:
    made_up = past()
    made_up.complete = False
    session = await opened(made_up, 30)
    assert session.incomplete("rack1")


# time


async def test_pausing_holds_the_moment(opened: Open, real: ManualClock) -> None:
    session = await opened(past(), 30, paused=False)
    await run(real, 3)
    session.player.pause()
    held = session.now
    await run(real, 300)
    assert session.now == held
    assert session.view("rack1").health == "live"
    assert session.player.play()
    await run(real, 1)
    assert 0.5 <= (session.now - held).total_seconds() <= 1.0
    assert session.view("rack1").health == "live"


async def test_seeking_goes_back_and_on(opened: Open, real: ManualClock) -> None:
    session = await opened(past(), 300)
    await session.player.seek(at(20))
    assert session.now == at(20)
    view = session.view("rack1")
    assert view.reading is not None
    assert view.reading.time == at(19.35)
    await session.player.seek(at(500))
    assert session.view("rack1").age_s == pytest.approx(0.65)
    assert not session.player.playing
    session.player.play()
    await session.player.seek(at(100))
    await run(real, 2.1)
    assert (session.now - at(100)).total_seconds() == pytest.approx(2, abs=FRAME_S)


async def test_steps(opened: Open) -> None:
    session = await opened(past(gaps=[(40.0, 60.0)]), 30, paused=False)
    await session.player.step_poll("rack1", 1)
    assert not session.player.playing
    assert session.now == at(30.35)
    assert session.view("rack1").age_s == pytest.approx(0.0, abs=1e-6)
    await session.player.step_poll("rack1", 1)
    assert session.now == at(31.35)
    await session.player.step_poll("rack1", -1)
    await session.player.step_poll("rack1", -1)
    assert session.now == at(29.35)
    await session.player.step(1)
    assert session.now == at(30.35)
    await session.player.step(-20)
    assert session.now == at(10.35)
    await session.player.seek(at(39.35))
    await session.player.step_poll("rack1", 1)
    assert session.now == at(60.35), "over a gap to the next poll there was"
    await session.player.step(-3600)
    assert session.now == at(0.35), "not before the first reading"
    await session.player.step(36000)
    assert session.now == at(599.35), "not beyond the last"
    assert session.player.ended


async def test_it_stops_at_the_end_and_never_becomes_live(opened: Open, real: ManualClock) -> None:
    made_up = past(100)
    session = await opened(made_up, 95, paused=False)
    made_up.readings["rack1"].extend(reading("rack1", 100.35 + n) for n in range(100))
    await run(real, 60)
    assert session.now == at(99.35), "what was kept since the replay began is not played"
    assert session.player.ended
    assert not session.player.playing
    assert not session.player.play()
    await session.player.seek(at(150))  # but whoever asks for it gets it
    assert session.now == at(150)
    assert session.player.play()


async def test_events_are_gone_to(opened: Open, real: ManualClock) -> None:
    made_up = MadeUpPast(
        [*polls("rack1", 600), *polls("rack2", 600)],
        [
            mark(50, "rack1", "outlet 1 san is off"),
            mark(60, "rack9", "of no PDU here"),
            mark(120.5, "rack2", "source A lost", kind="transfer", level="critical"),
        ],
    )
    session = await opened(made_up, 30, pdus=("rack1", "rack2"))
    player = session.player
    first = await player.next_event()
    assert first is not None
    assert session.now == at(50)
    assert [line.text for line in session.recent_log(5)] == ["outlet 1 san is off"]
    second = await player.next_event()
    assert second is not None
    assert second.text == "source A lost"
    assert session.now == at(120.5)
    assert await player.next_event() is None
    assert session.now == at(120.5), "without a next one it stays"
    assert await player.previous_event() == first
    assert await player.previous_event() is None
    player.play()
    await run(real, 1)
    assert await player.previous_event() is None, "what has just passed is not gone back to"


async def test_speeds_go_up_and_down_and_end(opened: Open) -> None:
    session = await opened(past(), 30)
    player = session.player
    seen = []
    for _ in range(7):
        seen.append(player.speed)
        player.change_speed(1)
    assert tuple(seen[:6]) == SPEEDS
    assert seen[6] == 60
    for _ in range(9):
        player.change_speed(-1)
    assert player.speed == 1
    with pytest.raises(ValueError, match="time does not pass"):
        player.set_speed(0)


# what cannot be replayed


@pytest.mark.parametrize(
    ("moment", "where"), [(-10.0, "before the first"), (700.0, "after the last")]
)
async def test_outside_of_what_was_kept(opened: Open, moment: float, where: str) -> None:
    with pytest.raises(ReplayError) as caught:
        await opened(past(), moment)
    said = str(caught.value)
    assert where in said
    assert "2026-11-20 02:00:00 UTC to 2026-11-20 02:09:59 UTC" in said
    session = await opened(past(), 30)
    with pytest.raises(ReplayError, match=where):
        await session.player.seek(at(moment))
    assert session.now == at(30)


async def test_the_second_of_the_first_and_of_the_last_reading_will_do(opened: Open) -> None:
    """They are told without fractions, so that is how they are typed."""
    assert (await opened(past(), 0.0)).now == at(0.35)
    assert (await opened(past(), 599.9)).now == at(599.35)
    with pytest.raises(ReplayError):
        await opened(past(), 600.0)
    with pytest.raises(ReplayError):
        await opened(past(), -0.001)


async def test_times_are_told_in_the_zone(real: ManualClock, tmp_path: Path) -> None:
    with pytest.raises(ReplayError, match="03:00:00 CET to 2026-11-20 03:09:59 CET"):
        await ReplaySession.open(
            past(), Settings(state_dir=tmp_path), at=at(-5), clock=real,
            zone=ZoneInfo("Europe/Berlin"),
        )  # fmt: skip


async def test_nothing_was_kept(opened: Open) -> None:
    with pytest.raises(ReplayError, match="no reading of any PDU was kept"):
        await opened(MadeUpPast([]), 0)
    with pytest.raises(ReplayError, match=r"no reading of rak1 was kept: did you mean 'rack1'\?"):
        await opened(past(), 30, pdus=("rak1",))
    with pytest.raises(ReplayError, match="there are readings of rack1"):
        await opened(past(), 30, pdus=("somewhere-else",))


async def test_pdus_that_are_configured_come_first_and_others_are_there_too(opened: Open) -> None:
    made_up = MadeUpPast([r for n in ("a", "b", "c") for r in polls(n, 60)])
    configured = (PduSettings(name="c"), PduSettings(name="never-seen"))
    session = await opened(made_up, 30, configured=configured)
    assert session.pdus == ("c", "a", "b")
    session = await opened(made_up, 30, configured=configured, pdus=("b",))
    assert session.pdus == ("b",)


async def test_a_file_that_cannot_be_read_is_told_and_gets_well(
    opened: Open, real: ManualClock
) -> None:
    made_up = past()
    session = await opened(made_up, 30, paused=False)
    made_up.trouble = StoreTrouble("io", "cannot read history.db (I/O error)")
    await run(real, 6)
    view = session.view("rack1")
    assert (view.health, view.detail) == ("lost", "cannot read history.db (I/O error)")
    assert await session.player.next_event() is None
    assert not session.store_status.ok
    assert "I/O error" in session.store_status.detail
    made_up.trouble = None
    await run(real, 2)
    assert session.view("rack1").health == "live"
    await session.player.seek(at(20))
    assert session.store_status.ok
    made_up.trouble = StoreTrouble("io", "cannot read history.db (I/O error)")
    with pytest.raises(ReplayError, match="cannot read"):
        await opened(made_up, 30)


async def test_a_disk_that_does_not_answer_is_told(
    opened: Open, real: ManualClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    made_up = past()
    session = await opened(made_up, 30)
    monkeypatch.setattr(stage, "SETTLE_LIMIT_S", 0.02)
    answered, whole = asyncio.Event(), made_up.moment

    async def slow(pdu: str, at_ms: int, *, within_ms: int) -> object:
        await answered.wait()
        return await whole(pdu, at_ms, within_ms=within_ms)

    made_up.moment = slow  # type: ignore[method-assign,assignment]
    await session.player.step(1)
    assert not session.store_status.ok
    assert "the disk takes long" in session.store_status.detail
    answered.set()
    await session.player.step(1)
    assert session.store_status.ok
    assert session.view("rack1").health == "live"
    assert session.now == at(32)


async def test_going_about_leaves_nothing_behind(opened: Open) -> None:
    session = await opened(past(), 300)
    before = len(asyncio.all_tasks())
    for n in range(50):
        await session.player.seek(at(300 - 5 * n))
        await session.player.step_poll("rack1", -1)
    assert len(asyncio.all_tasks()) == before


# nothing is switched, nobody is asked, nothing is written


async def test_no_command_passes(opened: Open, tmp_path: Path, caplog: object) -> None:
    session = await opened(past(), 30)
    info = session.view("rack1").info
    assert info.read_only
    assert info.read_only_reason == REFUSAL
    assert not info.actions
    assert not info.pdu_actions
    for number, action in ((1, "off"), (1, "reboot"), (0, "all_off"), (0, "prefer_a")):
        verdict = session.gate.check("rack1", number, action)  # type: ignore[arg-type]
        assert not verdict.allowed
        assert verdict.reason == REFUSAL
        intent = session.gate.new_intent("rack1", number, action, ADA)  # type: ignore[arg-type]
        result = await session.gate.switch(intent, confirmed=True, typed_name="san")
        assert (result.outcome, result.detail) == ("refused", REFUSAL)
        assert (await session.gate.refuse(intent, "cancelled")).outcome == "refused"
    session.rename_outlet("rack1", 1, "other")
    session.acknowledge("rack1", 1)
    assert list(tmp_path.iterdir()) == []


async def test_the_engine_inside_would_refuse_too(opened: Open) -> None:
    """Two more doors behind the first one."""
    session = await opened(past(), 30)
    inner = session.player._stage
    assert inner is not None
    gate = inner._engine.gate
    intent = gate.new_intent("rack1", 1, "off", ADA)
    result = await gate.switch(intent, confirmed=True)
    assert result.outcome == "refused"
    assert not gate.check("rack1", 1, "off").allowed


def test_no_secret_and_no_address_gets_into_a_replay(tmp_path: Path) -> None:
    configured = PduSettings(
        name="rack1", host="10.0.0.5", community=Secret("very"), write_community=Secret("secret")
    )
    made = replay_settings(
        Settings(state_dir=tmp_path, pdus=(configured,)), ("rack1", "gone"), 1.0
    )  # fmt: skip
    assert [pdu.name for pdu in made.pdus] == ["rack1", "gone"]
    for pdu in made.pdus:
        assert pdu.host == ""
        assert pdu.community.reveal() == ""
        assert pdu.write_community is None
        assert pdu.v3 is None
        assert pdu.v3_write is None
        assert pdu.read_only
    assert not made.history.enabled
    assert not made.traps.enabled
    assert made.control.read_only
    assert not made.control.enabled


async def test_no_socket_is_opened_and_nothing_is_logged_as_if_it_happened_now(
    opened: Open,
    real: ManualClock,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    def refuse(*args: object, **kwargs: object) -> None:
        raise AssertionError("a replay opened a socket")

    monkeypatch.setattr(socket, "socket", refuse)
    caplog.set_level(logging.INFO, logger="pdutui")
    configured = PduSettings(name="rack1", host="127.0.0.1", write_community=Secret("private"))
    session = await opened(
        past(gaps=[(40.0, 60.0)]), 35, paused=False, speed=10, configured=(configured,)
    )
    await run(real, 5)
    intent = session.gate.new_intent("rack1", 1, "off", ADA)
    await session.gate.switch(intent, confirmed=True)
    assert [r.getMessage() for r in caplog.records] == []


# the future


async def test_the_log_is_that_of_then(opened: Open, real: ManualClock) -> None:
    made_up = MadeUpPast(
        polls("rack1", 600),
        [mark(n, "rack1", f"event {n}", level="warning") for n in range(10, 600, 10)],
    )
    session = await opened(made_up, 35, paused=False)
    assert [line.text for line in session.recent_log(2)] == ["event 20", "event 30"]
    await run(real, 6)
    lines = session.recent_log(1)
    assert [line.text for line in lines] == ["event 40"]
    assert lines[0].time == at(40)
    assert lines[0].severity == "warning"
    assert session.recent_log(0) == []


async def test_trends_are_those_of_then_at_any_speed(opened: Open, real: ManualClock) -> None:
    session = await opened(past(2000), 1000.0, paused=False, speed=60)
    for _ in range(8):
        await run(real, 2.0)
        if session.player.ended:
            break
        second = (session.now - at(0)).total_seconds()
        row = session.trend("rack1", POWER, 900)
        newest = row[-1]
        assert newest is not None
        assert newest * 1000 == pytest.approx(second, abs=1.01)
        assert row == pytest.approx([newest - n / 1000 for n in range(899, -1, -1)])


async def test_a_trend_has_gaps_where_nothing_was_kept(opened: Open) -> None:
    session = await opened(past(gaps=[(40.0, 60.0)]), 70)
    row = session.trend("rack1", POWER, 60)
    known = [value is not None for value in row]
    assert sum(known) == 60 - 20 + 1, "a value stands for a second and a half, as in live trends"
    session2 = await opened(past(gaps=[(40.0, 60.0)]), 50)
    assert session2.trend("rack1", POWER, 9) == [None] * 9, "silence shows as a growing gap"
    assert session2.trend("rack1", POWER, 0) == []
    assert session2.trend("rack1", "outlet.99.power_w", 3) == [None] * 3


async def test_trends_of_another_pdu_are_read_when_they_are_looked_at(
    opened: Open, real: ManualClock
) -> None:
    session = await opened(MadeUpPast([*polls("rack1", 600), *polls("rack2", 600)]), 100)
    told: list[None] = []
    session.on_frame = lambda: told.append(None)
    assert session.trend("rack2", POWER, 2) == [None, None]
    await run(real, 0)
    assert told, "the screen is told to look again"
    assert session.trend("rack2", POWER, 2) == pytest.approx([0.098, 0.099], abs=0.002)


async def test_the_chart_of_a_moment_knows_nothing_later(opened: Open) -> None:
    made_up = MadeUpPast(polls("rack1", 600, gaps=[(200.0, 400.0)]), [mark(500, "rack1", "later")])
    session = await opened(made_up, 100)
    reader = await session.history()
    assert reader is not None
    kept = await reader.pdus()
    assert kept[0].newest_ms == ms(at(100))
    query = HistoryQuery(pdu="rack1", keys=(POWER,), from_ms=ms(at(0)), to_ms=ms(at(600)))
    window = await reader.window(query)
    assert window.query == query
    assert window.newest_ms == ms(at(100))
    assert max(window.points[POWER].ts_ms) == ms(at(99.35))
    assert not window.gaps
    assert await reader.marks("", 0, ms(at(600))) == []
    assert await reader.next_mark(("rack1",), 0) is None
    later = await reader.moment("rack1", ms(at(300)), within_ms=400_000)
    assert later is not None
    assert later.reading.time == at(99.35)
    assert await reader.moment("rack1", ms(at(300)), within_ms=100_000) is None
    coarse = await reader.window(
        HistoryQuery(
            pdu="rack1", keys=(POWER,), from_ms=ms(at(0)), to_ms=ms(at(600)), step_ms=60_000
        )
    )
    assert coarse.points[POWER].ts_ms == [ms(at(0))], "half a minute is not told"


@settings(max_examples=25, deadline=None)
@given(data=st.data())
async def test_no_value_of_the_future_is_ever_visible(data: st.DataObject) -> None:
    """Whatever is played, however fast, from wherever to wherever."""
    gaps = data.draw(
        st.lists(
            st.tuples(st.floats(0, 250), st.floats(0.5, 100)).map(lambda g: (g[0], g[0] + g[1])),
            max_size=3,
        )
    )
    marks = [
        mark(s, "rack1", f"event at {s}")
        for s in data.draw(st.lists(st.floats(0, 300), max_size=9))
    ]
    kept = polls("rack1", 300, gaps=gaps)
    if len(kept) < 2:
        return
    first, last = (each.time for each in (kept[0], kept[-1]))
    span_s = (last - first).total_seconds()
    real = ManualClock()
    session = await ReplaySession.open(
        MadeUpPast(kept, marks), Settings(state_dir=Path("/nonexistent")),
        at=first + timedelta(seconds=span_s * data.draw(st.floats(0, 1))), clock=real, zone=UTC,
        speed=data.draw(st.sampled_from(SPEEDS)),
    )  # fmt: skip

    def look() -> None:
        now = session.now
        view = session.view("rack1")
        assert first <= now <= last
        assert view.reading is None or view.reading.time <= now
        seconds_now = (now - at(0)).total_seconds()
        row = session.trend("rack1", POWER, 900)
        assert all(v is None or v * 1000 <= seconds_now + 0.001 for v in row)
        assert all(line.time <= now for line in session.recent_log(100))

    problems: list[BaseException] = []

    def guarded() -> None:
        try:
            look()
        except AssertionError as error:
            problems.append(error)

    session.on_frame = guarded
    await session.start()
    try:
        for _ in range(data.draw(st.integers(1, 5))):
            action = data.draw(st.sampled_from(["run", "seek", "step", "next", "previous", "poll"]))
            if action == "run":
                session.player.play()
                await run(real, data.draw(st.floats(0, 3)))
            elif action == "seek":
                where = first + timedelta(seconds=span_s * data.draw(st.floats(0, 1)))
                await session.player.seek(where)
            elif action == "step":
                await session.player.step(data.draw(st.floats(-100, 100)))
            elif action == "poll":
                await session.player.step_poll("rack1", data.draw(st.sampled_from([-1, 1])))
            elif action == "next":
                await session.player.next_event()
            else:
                await session.player.previous_event()
            look()
    finally:
        await session.stop()
    assert not problems


async def test_events_tell_of_readings(opened: Open, real: ManualClock) -> None:
    session = await opened(past(), 30, paused=False)
    heard: list[Reading] = []

    def hear(event: EngineEvent) -> None:
        if isinstance(event, ReadingArrived):
            heard.append(event.reading)

    forget = session.subscribe(hear)
    await run(real, 5)
    assert [r.time for r in heard] == [at(30.35 + n) for n in range(len(heard))]
    assert 4 <= len(heard) <= 5
    forget()
    forget()
    await run(real, 2)
    assert 4 <= len(heard) <= 5
