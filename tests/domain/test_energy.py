"""Energy of quarters of an hour: counters, resets, replacements, lost time, measured power."""

from __future__ import annotations

from datetime import UTC, tzinfo
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pdutui.domain.energy_sum import Bands, Energy, added, figure, whole_pdu
from pdutui.domain.ledger import Ledger
from pdutui.domain.periods import Period, split

from .energy_polls import HOUR, MINUTE, START, Poll, Q, cover, ledger, meter, steady

BERLIN = ZoneInfo("Europe/Berlin")


def total(book: Ledger, from_ms: int, to_ms: int, zone: tzinfo = UTC) -> Energy:
    return figure(book, Period(from_ms, to_ms, ""), Bands(None, from_ms, to_ms, zone))


def wh(book: Ledger, from_ms: int, to_ms: int) -> float:
    energy = total(book, from_ms, to_ms)
    assert energy.uwh is not None
    return energy.uwh / 1e6


# -- by hand -------------------------------------------------------------------------------------


def test_a_counter_gives_the_difference_at_the_edges_of_each_hour() -> None:
    polls = steady(range(-60, 180), watts=120, counter=10_000)
    book = ledger(polls)
    last_before = [max(e or 0 for ts, e, _ in polls if ts < START + n * HOUR) for n in range(4)]
    for n in range(3):
        energy = total(book, START + n * HOUR, START + (n + 1) * HOUR)
        assert energy.kwh == (last_before[n + 1] - last_before[n]) / 1000
        assert energy.method == "counter"
        assert energy.known == 1.0 or n == 2  # the last reading is half a minute before its end
        assert not energy.spread


def test_without_a_counter_mean_power_counts_for_the_time_that_was_read() -> None:
    book = ledger(steady(range(-60, 121), watts=300, counter=None))
    energy = total(book, START, START + HOUR)
    assert energy.uwh == 300_000_000
    assert (energy.method, energy.coverage, energy.known) == ("power", 1.0, 1.0)
    assert energy.mean_w == pytest.approx(300)


def test_power_is_never_taken_beyond_the_time_that_was_read() -> None:
    polls = steady(range(-60, 20), watts=300, counter=None)
    polls += steady(range(40, 120), watts=300, counter=None)
    energy = total(ledger(polls), START, START + HOUR)
    lost_minutes = (
        20  # from the reading at 00:19:30, one minute of which it stands for, to 00:40:30
    )
    assert energy.uwh == pytest.approx(300e6 * (60 - lost_minutes) / 60, abs=2)
    assert energy.coverage == energy.known == pytest.approx(40 / 60, abs=1e-5)
    assert energy.mean_w == pytest.approx(300)
    assert energy.method == "power"


def test_energy_in_lost_time_is_spread_over_it_and_right_in_total() -> None:
    """100 W, nobody looks from 00:29:30 to 05:30:30."""
    polls = steady(range(-120, 30), watts=100) + steady(range(330, 480), watts=100)
    book = ledger(polls)
    hours = [total(book, START + n * HOUR, START + (n + 1) * HOUR) for n in range(7)]
    assert [h.kwh for h in hours] == pytest.approx([0.1] * 7, abs=0.001)
    assert [h.spread for h in hours] == [True] * 6 + [False]
    assert [h.method for h in hours] == ["counter"] * 7
    assert [round(h.coverage, 2) for h in hours] == [0.51, 0, 0, 0, 0, 0.49, 1]
    assert [h.known for h in hours] == [1.0] * 7
    first, last = polls[0][1], polls[-1][1]
    assert first is not None
    assert last is not None
    assert sum(book.uwh) == (last - first) * 10**6


def test_lost_time_within_one_quarter_is_not_spread() -> None:
    polls = steady(range(-60, 3), watts=100) + steady(range(9, 60), watts=100)
    energy = total(ledger(polls), START, START + Q)
    assert not energy.spread
    assert energy.kwh == 0.025
    assert energy.coverage == pytest.approx(1 - 6 / 15, abs=1e-5)
    assert energy.known == 1.0


def test_a_reset_counts_up_to_the_highest_before_and_from_the_lowest_after() -> None:
    before = steady(range(-60, 67), watts=600, counter=5_000)
    after = steady(range(67, 180), watts=600, counter=-670)  # 0 at 01:07
    book = ledger(before + after)
    assert [n.kind for n in book.notes] == ["reset"]
    assert book.notes[0].at_ms == START + HOUR
    top = before[-1][1]
    bottom = after[0][1]
    assert top is not None
    assert bottom is not None
    last = max(e or 0 for ts, e, _ in after if ts < START + 2 * HOUR)
    begin = max(e or 0 for ts, e, _ in before if ts < START + HOUR)
    assert wh(book, START + HOUR, START + 2 * HOUR) == (top - begin) + (last - bottom)
    assert total(book, START + HOUR, START + 2 * HOUR).method == "counter"


def test_a_reset_on_the_edge_of_an_hour() -> None:
    before = steady(range(-60, 60), watts=600, counter=5_000)
    after = steady(range(60, 180), watts=600, counter=-600)
    book = ledger(before + after)
    assert [n.kind for n in book.notes] == ["reset"]
    assert wh(book, START, START + HOUR) == 600
    assert 585 <= wh(book, START + HOUR, START + 2 * HOUR) <= 600


def test_a_reset_in_lost_time_leaves_that_time_unknown() -> None:
    before = steady(range(-60, 30), watts=100, counter=50_000)
    after = steady(range(150, 300), watts=100, counter=-200)  # 0 at 02:00
    book = ledger(before + after)
    energy = total(book, START, START + 3 * HOUR)
    assert energy.uwh is not None
    assert energy.uwh / 1e6 == pytest.approx(100, abs=4)  # 30 minutes before and after
    assert energy.known == pytest.approx(1 / 3, abs=0.005)
    assert total(book, START + HOUR, START + 2 * HOUR).uwh is None
    assert [n.kind for n in book.notes] == ["reset"]
    edge = total(book, START + 2 * HOUR + 30 * MINUTE, START + 2 * HOUR + 45 * MINUTE)
    assert edge.known == pytest.approx(14.5 / 15, abs=1e-5)  # half a minute of it is lost


def test_a_small_counter_that_is_reset_and_grows_past_where_it_was() -> None:
    """The last value is above the one before; what the power draws tells that it was reset."""
    before = steady(range(16), watts=400, counter=-80)  # 0 at 00:12, 23 at 00:15:30
    before = [(ts, max(0, e or 0), p) for ts, e, p in before]
    after = steady(range(16, 45), watts=400, counter=-400 * 16 / 60)
    book = ledger(before + after)
    assert [n.kind for n in book.notes] == ["reset"]
    assert wh(book, START + Q, START + 3 * Q) == pytest.approx(190, abs=4)


def test_energy_over_lost_time_keeps_its_last_digit() -> None:
    """7 Wh over 100 minutes do not divide into quarters of an hour."""
    polls = steady(range(-60, 10), watts=0, counter=500) + steady(
        range(110, 200), watts=0, counter=507
    )
    book = ledger(polls)
    assert sum(book.uwh) == 7_000_000
    assert all(u > 0 for u in book.uwh[4:12])


def test_a_counter_that_shows_nothing_for_a_moment_is_no_reset() -> None:
    polls = steady(range(-60, 120), watts=200, counter=80_000)
    glitch = 70
    ts, _, power = polls[60 + glitch]
    polls[60 + glitch] = (ts, 0, power)
    book = ledger(polls)
    assert wh(book, START, START + 2 * HOUR) == pytest.approx(400, abs=1)
    assert book.notes == []
    assert total(book, START, START + 2 * HOUR).method == "counter"


def test_a_counter_that_shows_nothing_as_the_last_of_a_quarter() -> None:
    """It looks like a reset and a jump back; the jump is not believed."""
    polls = steady(range(-60, 120), watts=200, counter=80_000)
    ts, _, power = polls[60 + 74]
    polls[60 + 74] = (ts, 0, power)
    book = ledger(polls)
    assert wh(book, START, START + 2 * HOUR) == pytest.approx(400, abs=8)
    assert [n.kind for n in book.notes] == ["reset", "jump"]
    assert total(book, START, START + 2 * HOUR).method == "mixed"


def test_a_shooting_value_is_not_energy() -> None:
    polls = steady(range(-60, 120), watts=200, counter=80_000)
    ts, _, power = polls[60 + 70]
    polls[60 + 70] = (ts, 4_294_967, power)
    book = ledger(polls)
    assert wh(book, START, START + 2 * HOUR) == pytest.approx(400, abs=1)


def test_another_device_is_no_energy() -> None:
    before = steady(range(-60, 67), watts=200, counter=1_000)
    after = steady(range(67, 180), watts=200, counter=900_000)
    book = ledger(before + after, replaced=[after[0][0]])
    energy = total(book, START, START + 3 * HOUR - 15 * MINUTE)
    assert energy.uwh is not None
    assert energy.uwh / 1e6 == pytest.approx(550, abs=2)
    assert energy.method == "mixed"
    assert [(n.kind, n.at_ms, n.part) for n in book.notes] == [
        ("replaced", START + HOUR, "outlet.1")
    ]


def test_another_device_with_a_counter_a_little_further_on() -> None:
    """No jump would tell: the serial number has to."""
    before = steady(range(-60, 67), watts=200, counter=1_000)
    after = steady(range(67, 180), watts=200, counter=1_040)
    jumped, told = ledger(before + after), ledger(before + after, replaced=[after[0][0]])
    assert wh(jumped, START, START + 2 * HOUR) == pytest.approx(440, abs=1)
    assert wh(told, START, START + 2 * HOUR) == pytest.approx(400, abs=1)


def test_a_replacement_in_lost_time_leaves_that_time_unknown() -> None:
    before = steady(range(-60, 30), watts=200, counter=1_000)
    after = steady(range(150, 300), watts=200, counter=1_100)
    book = ledger(before + after, replaced=[after[0][0]])
    energy = total(book, START, START + 3 * HOUR)
    assert energy.uwh is not None
    assert energy.uwh / 1e6 == pytest.approx(200, abs=8)
    assert energy.known == pytest.approx(1 / 3, abs=0.005)


def test_a_jump_without_power_to_tell_is_held_against_the_rating() -> None:
    polls = [(ts, e, None) for ts, e, _ in steady(range(-60, 60), watts=200, counter=1_000)]
    polls += [(ts, e, None) for ts, e, _ in steady(range(60, 120), watts=200, counter=90_000)]
    book = ledger(polls, ceiling_w=16 * 230.0)
    energy = total(book, START, START + 2 * HOUR - 15 * MINUTE)
    assert energy.uwh is not None
    assert energy.uwh / 1e6 == pytest.approx(300, abs=5)
    assert energy.known == pytest.approx(6 / 7, abs=0.01)  # one quarter of seven is not known
    assert [n.kind for n in book.notes] == ["jump"]


@pytest.mark.parametrize("step", [100, 1000])
def test_coarse_counters_are_exact_in_total(step: int) -> None:
    """1 kWh steps at 150 W: most hours have none, some have one, and nothing is lost."""
    polls = steady(range(-60, 48 * 60), watts=150, counter=7_000, step=step)
    book = ledger(polls)
    assert book.notes == []
    first, last = polls[0][1], polls[-1][1]
    assert first is not None
    assert last is not None
    assert sum(book.uwh) == (last - first) * 10**6
    energy = total(book, START, START + 48 * HOUR)
    assert energy.method == "counter"
    assert energy.uwh is not None
    assert energy.uwh % (step * 10**6) == 0


def test_a_counter_that_is_renewed_every_four_hours_is_believed() -> None:
    polls = [
        (ts, None if e is None else e // 2000 * 2000 + 3, p)
        for ts, e, p in steady(range(-60, 10 * 60), watts=500, counter=7_003)
    ]
    book = ledger(polls)
    assert book.notes == []
    assert wh(book, START, START + 8 * HOUR) == 4000


def test_a_counter_that_stands_still_while_power_flows_is_not_believed() -> None:
    polls = [(ts, 0, p) for ts, _, p in steady(range(48 * 60), watts=250)]
    book = ledger(polls)
    energy = total(book, START, START + 48 * HOUR)
    assert energy.method == "power"
    assert energy.kwh == pytest.approx(12, rel=0.001)
    assert [n.kind for n in book.notes] == ["still"]


def test_a_counter_of_a_part_that_is_off_is_believed() -> None:
    polls = [(ts, 4_711, 0) for ts, _, _ in steady(range(48 * 60), watts=0)]
    energy = total(ledger(polls), START, START + 47 * HOUR)
    assert (energy.kwh, energy.method) == (0.0, "counter")


def test_half_of_the_polls_without_power_is_half_covered() -> None:
    polls = [
        (ts, None, p if n % 2 else None)
        for n, (ts, _, p) in enumerate(steady(range(-60, 120), watts=100, counter=None))
    ]
    energy = total(ledger(polls), START, START + HOUR)
    assert 0.4 < energy.coverage < 0.6
    assert energy.uwh == pytest.approx(100e6 * energy.coverage, rel=0.001)


@pytest.mark.parametrize("counter", [None, 1000.0])
def test_polls_half_an_hour_apart_lose_no_time(counter: float | None) -> None:
    polls = [p for n, p in enumerate(steady(range(-120, 600), watts=100, counter=counter))
             if n % 30 == 10]  # fmt: skip
    energy = total(ledger(polls, 30 * MINUTE), START, START + 9 * HOUR)
    assert energy.coverage == energy.known == 1.0
    assert not energy.spread
    assert energy.uwh == pytest.approx(900e6, rel=0.02)


def test_nothing_is_known_of_what_was_never_read() -> None:
    book = ledger(steady(range(60), watts=100))
    energy = total(book, START + 5 * HOUR, START + 6 * HOUR)
    assert (energy.kwh, energy.method, energy.coverage, energy.known) == (None, None, 0.0, 0.0)


def test_the_peak_is_the_highest_reading_and_says_when() -> None:
    polls = steady(range(120), watts=100)
    ts, e, _ = polls[70]
    polls[70] = (ts, e, 9999)
    energy = total(ledger(polls), START, START + 2 * HOUR)
    assert (energy.peak_w, energy.peak_ms, energy.peak_of) == (999.9, START + HOUR, "reading")


def test_the_peak_of_a_sum_is_the_highest_mean_of_a_quarter() -> None:
    """Two parts that peak at different moments: the sum of their peaks never flowed."""
    books = []
    for spike in (3, 10):
        polls = steady(range(120), watts=100)
        ts, e, _ = polls[spike]
        polls[spike] = (ts, e, 7000)
        books.append(ledger(polls))
    both = added(books)
    assert both is not None
    energy = total(both, START, START + 2 * HOUR)
    assert energy.peak_of == "quarter"
    assert energy.peak_w == pytest.approx(2 * (14 * 100 + 700) / 15)
    assert energy.peak_ms == START


def test_a_pdu_is_its_inlets_and_never_them_and_their_views() -> None:
    one = ledger(steady(range(-60, 120), watts=100))
    two = ledger(steady(range(-60, 120), watts=50))
    both, basis = whole_pdu([one, two], [one, one, one])
    assert basis == "inlets"
    assert both is not None
    assert wh(both, START, START + HOUR) == 150
    alone, basis = whole_pdu([one, None], [two, two, two])
    assert basis == "outlets"
    assert alone is not None
    assert wh(alone, START, START + HOUR) == 150
    assert whole_pdu([None], [one, None]) == (None, None)
    assert whole_pdu([], []) == (None, None)


def test_a_sum_with_a_part_that_is_not_read_says_so() -> None:
    one = ledger(steady(range(-60, 120), watts=100))
    late = ledger(steady(range(30, 120), watts=100))
    both = added([one, late])
    assert both is not None
    energy = total(both, START, START + HOUR)
    assert energy.coverage == pytest.approx(0.75, abs=0.01)
    assert energy.uwh == pytest.approx(150e6, abs=2e6)


# -- for any past --------------------------------------------------------------------------------


@st.composite
def pasts(draw: st.DrawFn) -> tuple[list[Poll], int]:
    """Polls of a meter that draws now this, now that, with lost time; and the interval."""
    interval = draw(st.sampled_from([10_000, MINUTE, 5 * MINUTE]))
    step = draw(st.sampled_from([1, 100, 1000]))
    counter = draw(st.integers(0, 10**8)) * 1000.0
    at = START + draw(st.integers(-6 * HOUR, 6 * HOUR))
    polls: list[Poll] = []
    for _ in range(draw(st.integers(1, 6))):
        watts = draw(st.integers(0, 3000))
        for _ in range(draw(st.integers(2, 4 * HOUR // interval))):
            polls.append((at, int(counter / 1000 // step * step), watts * 10))
            counter += watts * interval / HOUR * 1000
            at += interval
        lost = draw(st.sampled_from([0, 0, 3, 400]))
        gone = lost * interval
        counter += draw(st.integers(0, 2000)) * gone / HOUR * 1000
        at += gone
    return polls, interval


def spans(polls: list[Poll]) -> tuple[int, int]:
    return polls[0][0] // Q * Q, -(-(polls[-1][0] + 1) // Q) * Q


@given(pasts())
@settings(max_examples=60, deadline=None)
def test_all_that_a_counter_grew_by_is_there_once(past: tuple[list[Poll], int]) -> None:
    polls, interval = past
    book = ledger(polls, interval)
    first, last = polls[0][1], polls[-1][1]
    assert first is not None
    assert last is not None
    assert sum(book.uwh) == (last - first) * 10**6
    assert book.notes == []
    assert all(one >= 0 for one in book.uwh)
    assert all(0 <= c <= k <= Q for c, k in zip(book.covered_ms, book.known_ms, strict=True))


@given(pasts(), st.sampled_from(["Europe/Berlin", "Asia/Kathmandu", "Australia/Lord_Howe", "UTC"]))
@settings(max_examples=40, deadline=None)
def test_hours_add_up_to_days_to_weeks_to_months(past: tuple[list[Poll], int], name: str) -> None:
    polls, interval = past
    book, zone = ledger(polls, interval), ZoneInfo(name)
    begin, end = spans(polls)
    bands = Bands(None, begin, end, zone)
    sums = {
        unit: sum(figure(book, p, bands).uwh or 0 for p in split(unit, begin, end, zone))
        for unit in ("hour", "day", "week", "month")
    }
    assert set(sums.values()) == {sum(book.uwh)}


@given(pasts(), st.data())
@settings(max_examples=40, deadline=None)
def test_resets_lose_no_more_than_a_poll(past: tuple[list[Poll], int], data: st.DataObject) -> None:
    """What flowed between the last poll before a reset and the first one after is not counted."""
    polls, interval = past
    place = data.draw(st.integers(1, len(polls) - 1))
    at, back = polls[place][0], polls[place][1]
    assert back is not None
    reset = [(ts, e if ts < at or e is None else e - back, p) for ts, e, p in polls]
    before, after = reset[place - 1][1], reset[place][1]
    assert before is not None
    lost = at - polls[place - 1][0] > 2 * interval
    if after is None or before <= after or lost or at // Q == polls[0][0] // Q:
        return  # nothing to be seen, or a matter of other tests
    book = ledger(reset, interval)
    grown = [b[1] - a[1] for a, b in pairwise(reset) if a[1] is not None and b[1] is not None]
    true = sum(g for g in grown if g >= 0)
    counted = sum(book.uwh) / 10**6
    limit = max(p or 0 for _, _, p in polls) / 10 * 0.25 + before
    assert counted <= true + 1e-6 or any(n.kind == "jump" for n in book.notes)
    assert counted >= true - limit


@given(pasts())
@settings(max_examples=40, deadline=None)
def test_power_alone_is_the_integral_over_covered_time(past: tuple[list[Poll], int]) -> None:
    polls, interval = past
    bare = [(ts, None, p) for ts, _, p in polls]
    book = ledger(bare, interval)
    begin, end = spans(bare)
    energy = total(book, begin, end)
    if energy.uwh is None:
        return
    assert energy.method == "power"
    assert energy.known == energy.coverage
    rows = meter(bare)
    expected = 0.0
    for q, n, power in zip(rows.at, rows.power_n, rows.power_sum, strict=True):
        expected += (power or 0) / n / 10 * book.covered_ms[q - book.first] / 3.6
    # The first interval of lost time stands for the poll before, and may reach into a quarter
    # without one.
    most = max(p or 0 for _, _, p in bare) / 10
    edges = sum(book.covered_ms[q - book.first] for q in range(book.first, book.end)
                if q not in rows.at)  # fmt: skip
    assert edges <= interval * len(cover(bare, interval).lost)
    assert abs(energy.uwh - expected) <= len(rows.at) + edges * most / 3.6
