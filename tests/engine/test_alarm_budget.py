"""Energy budgets: counted over periods, in between, and said to be unknown where they are."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import msgspec
import pytest

from pdutui.domain.alarm_budget import Live, Used, budget_text, judge_budget, use_of
from pdutui.domain.alarm_finding import Finding
from pdutui.domain.history import HOUR_MS, QUARTER_MS
from pdutui.domain.ledger import COUNTER, Ledger
from pdutui.domain.periods import ms_of, period_at
from pdutui.domain.reading import Inlet, Reading
from pdutui.engine.alarms.budget import BudgetWatch
from pdutui.engine.alarms.out import Surroundings
from pdutui.settings import AlarmSettings, BudgetSettings, PduSettings, Settings
from pdutui.store.history import HistoryStore
from pdutui.store.port import HistoryReader
from tests.support.clock import ManualClock
from tests.support.fake_history import FakeReader

BERLIN = ZoneInfo("Europe/Berlin")
NOON = datetime(2026, 11, 20, 11, 0, tzinfo=UTC)
"""Friday, 12 o'clock in Berlin."""


def reading(
    pdu: str = "a", *, kwh: float | None = None, watts: float | None = None, at: datetime = NOON,
    serial: str = "S1",
) -> Reading:  # fmt: skip
    inlet = Inlet(number=1, name="I1", energy_kwh=kwh, power_w=watts)
    return Reading(pdu=pdu, time=at, serial=serial, inlets=(inlet,))


# -- in between ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("before", "now", "ms", "wh"),
    [
        (reading(kwh=10), reading(kwh=10.05), 60_000, 50),
        (reading(kwh=10), reading(kwh=10.0, watts=6000), 60_000, 0),
        (reading(kwh=10), reading(kwh=4, watts=6000), 60_000, 100),  # it was set back
        (reading(kwh=10), reading(kwh=5000, watts=6000), 60_000, 100),  # or forward
        (reading(kwh=10), reading(kwh=10.01, watts=6000, serial="S2"), 60_000, 100),
        (reading(), reading(watts=6000), 60_000, 100),
        (None, reading(watts=6000), 60_000, 100),
        (reading(), reading(), 60_000, None),
        (reading(kwh=10), reading(kwh=11.5), 3_600_000, 1500),  # a counter bridges an hour
        (reading(), reading(watts=6000), 3_600_000, None),  # a power does not
        (reading(kwh=10), None, 60_000, None),
    ],
)
def test_what_came_since(
    before: Reading | None, now: Reading | None, ms: int, wh: float | None
) -> None:
    live = Live(before, 1_000)
    live.add(now, 1_000 + ms)
    assert live.used.uwh / 1e6 == pytest.approx(wh or 0)
    assert live.used.known_ms == (0 if wh is None else ms)


# -- judging -------------------------------------------------------------------------------------


def judged(*used: Used, kwh: float = 10, hours: float = 10) -> Finding:
    period = period_at("day", ms_of(NOON), BERLIN)
    by_pdu = {f"p{n}": one for n, one in enumerate(used)}
    now_ms = round(period.from_ms + hours * HOUR_MS)
    return judge_budget(use_of("room", "day", period, kwh, 80, by_pdu, now_ms))


def kwh(value: float, hours: float = 10) -> Used:
    return Used(uwh=round(value * 1e9), known_ms=round(hours * HOUR_MS))


def test_levels() -> None:
    assert (judged(kwh(7.9)).level, judged(kwh(7.9)).known) == (None, True)
    warning = judged(kwh(5), kwh(3))
    assert (warning.level, warning.holds, warning.limit) == ("warning", "warning", 8)
    assert warning.text == "Budget room: 8 of 10 kWh (80 %) today"
    assert judged(kwh(10)).level == "warning"
    critical = judged(kwh(10.1))
    assert (critical.level, critical.value, critical.limit) == ("critical", 10.1, 10)
    assert critical.rule == "room"


def test_what_is_not_known_is_never_called_good_and_too_much_is_too_much() -> None:
    half = kwh(3, hours=5)
    assert judged(half).known is False
    assert judged(kwh(1), Used()).known is False
    over = judged(kwh(11), Used())
    assert (over.level, over.known) == ("critical", True)
    assert over.text == "Budget room: at least 11 of 10 kWh (110 %) today"


# -- the watch -----------------------------------------------------------------------------------


class Past(FakeReader):
    """A PDU that draws the same all the time, as far back as is known."""

    def __init__(self, now: Callable[[], int], known_from_ms: int) -> None:
        super().__init__((), 0, now)
        self.watts = {"a": 1000.0, "b": 500.0}
        self.known_from_ms = known_from_ms
        self.asked: list[str] = []

    async def used(self, pdu: str, from_ms: int, to_ms: int) -> Ledger | None:
        await self._asked()
        self.asked.append(pdu)
        first, end = max(from_ms, self.known_from_ms) // QUARTER_MS, -(-to_ms // QUARTER_MS)
        n = end - first
        if n <= 0:
            return None
        spans = [min(QUARTER_MS, to_ms - q * QUARTER_MS) for q in range(first, end)]
        return Ledger(
            first=first, uwh=[round(self.watts[pdu] * ms / 3.6) for ms in spans],
            source=[COUNTER] * n, known_ms=spans, covered_ms=spans, spread=[False] * n,
            mean_w=[self.watts[pdu]] * n, peak_w=[None] * n,
        )  # fmt: skip


class Room:
    """Two PDUs, their readings, their past and the watch."""

    def __init__(self, *budgets: BudgetSettings, known_from: datetime | None = None) -> None:
        self.clock = ManualClock(start=NOON)
        self.past: HistoryReader | None
        self.past = self.fake = Past(
            lambda: ms_of(self.clock.now()), ms_of(known_from or NOON - timedelta(days=60))
        )
        self.notes: list[str] = []
        self.readings: dict[str, Reading] = {}
        settings = Settings(
            pdus=tuple(PduSettings(name=name, host=name) for name in ("a", "b")),
            alarms=AlarmSettings(budgets=budgets),
            state_dir=Path("/nowhere"),
        )
        self.watch = BudgetWatch(
            Surroundings(
                settings=settings, clock=self.clock, zone=BERLIN,
                note=lambda _pdu, _severity, text: self.notes.append(text),
                history=self._history, readings=lambda: self.readings,
            )
        )  # fmt: skip

    async def _history(self) -> HistoryReader | None:
        return self.past

    async def look(self) -> Sequence[tuple[str, Finding]]:
        task = asyncio.create_task(self.watch.look())  # type: ignore[arg-type, var-annotated]
        while not task.done():
            await self.clock.run(0.05)
        found: Sequence[tuple[str, Finding]] = task.result()
        return found


DAY = BudgetSettings(name="day", kwh=20, pdus=("a",))
WEEK = BudgetSettings(name="week", kwh=200, per="week")


async def test_days_and_weeks_are_local_and_the_history_is_asked_every_quarter_hour() -> None:
    room = Room(DAY, WEEK)
    (a, day), (nobody, week) = await room.look()
    assert (a, nobody) == ("a", "")
    assert day.value == pytest.approx(12, abs=0.02)
    assert week.value == pytest.approx(1.5 * (4 * 24 + 12), abs=0.02)
    assert [use.name for use in room.watch.uses] == ["day", "week"]
    assert room.fake.asked == ["a", "b"]
    room.readings["a"] = reading(kwh=100.0)
    await room.look()
    room.clock.advance(300)
    room.readings["a"] = reading(kwh=100.5)
    (_, day), _ = await room.look()
    assert room.fake.asked == ["a", "b"], "what came since is counted by the readings"
    assert day.value == pytest.approx(12.5, abs=0.03)
    room.clock.advance(600)
    (_, day), _ = await room.look()
    assert room.fake.asked == ["a", "b"] * 2
    assert day.value == pytest.approx(12.25, abs=0.03)


async def test_a_new_day_begins_at_nothing() -> None:
    room = Room(DAY)
    room.clock.advance(12 * 3600 - 60)
    ((_, day),) = await room.look()
    assert (day.level, day.value) == ("critical", pytest.approx(24, abs=0.03))
    room.clock.advance(120)
    ((_, day),) = await room.look()
    assert (day.level, day.known) == (None, True)
    assert day.value == pytest.approx(0.017, abs=0.02)


async def test_a_past_that_is_too_short_is_said_once() -> None:
    room = Room(WEEK, known_from=NOON - timedelta(days=1))
    for _ in range(2):
        ((_, week),) = await room.look()
        assert (week.known, week.level) == (False, None)
        assert "at least 36 of 200 kWh" in budget_text(room.watch.uses[0])
    assert room.notes == [
        "budget week: of 2 PDUs too little is known of the week (22 % of the time so far) to say "
        "that it is kept"
    ]
    assert room.watch.problem == ""


async def test_without_a_history_it_is_unknown_and_said() -> None:
    room = Room(DAY)
    room.past = None
    ((_, day),) = await room.look()
    assert day.known is False
    assert "there is no history to be read" in room.watch.problem
    room.past = room.fake
    room.fake.trouble = "the disk is broken"
    ((_, day),) = await room.look()
    assert (day.known, room.watch.problem.endswith("the disk is broken")) == (False, True)
    room.fake.trouble = ""
    ((_, day),) = await room.look()
    assert (day.known, room.watch.problem) == (True, "")


async def test_a_budget_of_nobody_says_nothing() -> None:
    room = Room(msgspec.structs.replace(DAY, pdus=("later-*",)))
    assert await room.look() == []


async def test_from_a_real_store(tmp_path: Path) -> None:
    room = Room(msgspec.structs.replace(DAY, kwh=1.0))
    store = await HistoryStore.open(tmp_path / "h.db", clock=room.clock, retention_days=1)
    begin = NOON - timedelta(hours=12)
    for minute in range(12 * 60 + 1):
        at = begin + timedelta(minutes=minute)
        store.append(reading(kwh=round(50 + minute / 600, 3), watts=100.0, at=at))
    await store.flush()
    room.past = await store.reader()
    ((_, day),) = await room.look()
    assert (day.level, day.known) == ("critical", True)
    assert day.value == pytest.approx(1.2, abs=0.01)
    await store.close()
