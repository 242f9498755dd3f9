"""Energy per quarter of an hour from what was stored of counters and power.

A device's counter is believed: what it grew by is what was used, also over time in which nobody
looked. It is not believed where it was set back, where another device took its place, or where it
grew by more than could have flowed; there the measured power is integrated over the time that has
readings, and over nothing else. All of it in whole millionths of a watt-hour (`uwh`), so that hours
add up to days and days to the difference of the counter, exactly.
"""

from __future__ import annotations

import msgspec

from pdutui.domain.energy_time import Cover, Lost
from pdutui.domain.history import HOUR_MS, QUARTER_MS
from pdutui.domain.ledger import COUNTER, POWER, Ledger, Meter, Note, NoteKind
from pdutui.domain.series import UNITS_PER
from pdutui.domain.tariff import UWH_PER_KWH

UWH_PER_STEP = UWH_PER_KWH // UNITS_PER["energy_kwh"]
"""Of the stored integers of a counter."""
_POWER_DIVISOR = 36 * UNITS_PER["power_w"] // 10
"""Stored power x ms / this = µWh."""
_WH = UNITS_PER["energy_kwh"] / 1000
"""Stored integers of a counter in a watt-hour."""
_WH_PER_W = _WH * QUARTER_MS / HOUR_MS
"""The same in a quarter of an hour of one watt."""

TOLERANCE = 3.0
"""A counter may grow by so many times what the highest measured power would have drawn."""
SLACK_W = 25.0
"""On top of that: what power meters do not see."""
STILL_STEPS = 3
"""A counter that stands still is broken if so many of its steps should have passed."""
STILL_QUARTERS = 12
"""And it was read in so many quarters of an hour: some are renewed once an hour only."""
DEFAULT_CEILING_W = 100_000.0
"""No rack PDU draws more."""


def account(
    meter: Meter, cover: Cover, *, part: str = "", ceiling_w: float = DEFAULT_CEILING_W
) -> Ledger:
    """The energy of a part, quarter by quarter.

    Args:
        meter: What is stored of it.
        cover: When its PDU was looked at; has all quarters of the meter.
        part: Its name, for notes.
        ceiling_w: More than this it cannot draw.
    """
    return _Account(meter, cover, part, ceiling_w).made()


class _Value(msgspec.Struct, frozen=True, gc=False):
    """What a counter showed in one quarter of an hour."""

    row: int
    q: int
    low: int
    high: int
    last: int


class _Account:
    """The counter of one part, followed from quarter to quarter."""

    def __init__(self, meter: Meter, cover: Cover, part: str, ceiling_w: float) -> None:
        self._meter = meter
        self._cover = cover
        self._part = part
        self._ceiling_w = ceiling_w
        self._first = meter.at[0]
        n = meter.at[-1] - self._first + 1
        self._uwh = [0] * n
        self._source = [0] * n
        self._spread = [False] * n
        self._untold: set[int] = set()
        """Rows whose counter tells nothing: their power has to."""
        self._open: list[Lost] = []
        """Lost time that no counter bridges."""
        self._notes: list[Note] = []
        self._step = _step(meter)

    def made(self) -> Ledger:
        self._follow()
        if self._stands_still():
            self._notes = [Note(self._first * QUARTER_MS, "still", self._part)]
            self._source = [0] * len(self._source)
            self._spread = [False] * len(self._spread)
            self._open.clear()
        self._integrate()
        known, covered = self._times()
        mean_w, peak_w = self._power()
        return Ledger(
            first=self._first, uwh=self._uwh, source=self._source, known_ms=known,
            covered_ms=covered, spread=self._spread, mean_w=mean_w, peak_w=peak_w,
            notes=self._notes,
        )  # fmt: skip

    # -- the counter -------------------------------------------------------------------------

    def _follow(self) -> None:
        m, cover, first = self._meter, self._cover, self._first
        gaps, uwh, source = cover.gaps_into, self._uwh, self._source
        changes, slack = cover.has_changes, 2 * self._step
        per_w = TOLERANCE / UNITS_PER["power_w"]
        before: int | None = None
        before_q = grew_q = first
        most: int | None = None
        """The highest power since the counter last grew."""
        rows = zip(m.at, m.energy_min, m.energy_max, m.energy_last, m.power_max, strict=True)
        for row, (q, low, high, last, power) in enumerate(rows):
            if power is not None and (most is None or power > most):
                most = power
            if last is None or low is None or high is None:
                continue
            watts = self._ceiling_w
            if most is not None and (measured := per_w * most + SLACK_W) < watts:
                watts = measured
            limit = watts * (q - grew_q + 1) * _WH_PER_W + slack
            replaced = changes and cover.replaced_within(q - 1 if before is None else before_q, q)
            if before is None:
                self._begin(_Value(row, q, low, high, last), limit, replaced)
                grown = last - low
            else:
                grown = last - before
                plain = q == before_q + 1 and q not in gaps and not replaced
                if plain and low >= before and high == last and grown <= limit:
                    uwh[q - first] += grown * UWH_PER_STEP
                    source[q - first] |= COUNTER
                else:
                    value = _Value(row, q, low, high, last)
                    self._step_over(before_q, before, value, limit, replaced=replaced)
            if grown:
                grew_q, most = q, power
            before, before_q = last, q

    def _begin(self, new: _Value, limit: float, replaced: bool) -> None:
        """The first value of all: from then on, if it is not later than the other readings."""
        m = self._meter
        whole = new.high == new.last and m.energy_n[new.row] >= m.power_n[new.row]
        if whole and not replaced and new.last - new.low <= limit:
            self._put(new.q, new.last - new.low)
        else:
            self._untold.add(new.row)

    def _step_over(
        self, before_q: int, before: int, new: _Value, limit: float, *, replaced: bool
    ) -> None:
        """From one value to the next where something is unusual: lost time, a reset, a glitch."""
        gap = self._bridge(before_q, new.q)
        if replaced:
            self._distrust("replaced", new, gap)
            return
        inside, reset = self._inside(before, new, limit)
        across: int | None = 0
        if gap is not None:  # what the counter shows first after the gap belongs to the gap
            if reset:
                across = None if new.high < before else new.high - before
                inside = new.last - new.low
            else:
                across = max(new.low, before) - before
                inside = max(0, new.last - max(new.low, before))
            hours = (gap.to_ms - gap.from_ms) / HOUR_MS
            most = self._ceiling_w * hours * _WH + 2 * self._step
            if across is not None and across > most:
                inside = across  # so that it is distrusted
        if inside > limit:
            self._distrust("jump", new, gap)
            return
        if reset:
            self._notes.append(Note(new.q * QUARTER_MS, "reset", self._part))
        self._put(new.q, inside)
        if gap is not None:
            if across is None:
                self._open.append(gap)
            else:
                self._put_across(gap, across)

    def _inside(self, before: int, new: _Value, limit: float) -> tuple[int, bool]:
        """By how much the counter grew since `before`, and whether it was set back meanwhile."""
        plain = new.last - before
        # The highest value was before the reset, unless it is the last one: then nobody saw how far
        # the counter came before it.
        top = new.high - before if before < new.high != new.last else 0
        with_reset = top + new.last - new.low
        if plain < 0:
            return with_reset, True
        if (new.low >= before and new.high == new.last) or with_reset > limit:
            return plain, False
        if plain > limit:
            return with_reset, True
        # It dipped or shot up and is now above where it was: a glitch, or a reset of a counter
        # that was small. What the power would have drawn is nearer to one of them.
        expected = self._power_uwh(new.row)
        if expected is None:
            return plain, False
        wanted = expected / UWH_PER_STEP
        reset = abs(with_reset - wanted) < abs(plain - wanted)
        return (with_reset, True) if reset else (plain, False)

    def _bridge(self, before_q: int, q: int) -> Lost | None:
        """The time between two rows that follow each other in the counter and are no neighbours.

        Quarters without a value in which the PDU did answer, or was not to be asked, are bridged
        like lost time, which then is none.
        """
        gap = self._cover.gaps_into.get(q)
        if gap is not None and gap.from_ms // QUARTER_MS == before_q:
            return gap
        if q == before_q + 1 and gap is None:
            return None
        begin = (before_q + 1) * QUARTER_MS
        end = (q + 1) * QUARTER_MS if gap is None else gap.to_ms
        between = self._cover.covered_ms[before_q + 1 - self._cover.first : q - self._cover.first]
        lost = gap is not None or any(ms < QUARTER_MS for ms in between)
        return Lost(begin, end, begin if lost else end)

    def _distrust(self, why: NoteKind, new: _Value, gap: Lost | None) -> None:
        self._notes.append(Note(new.q * QUARTER_MS, why, self._part))
        self._untold.add(new.row)
        if gap is not None:
            self._open.append(gap)

    def _put(self, q: int, grown: int) -> None:
        place = q - self._first
        self._uwh[place] += grown * UWH_PER_STEP
        self._source[place] |= COUNTER

    def _put_across(self, gap: Lost, grown: int) -> None:
        """Spread what the counter grew by evenly; rounded so that the sum stays what it is."""
        total, length = grown * UWH_PER_STEP, gap.to_ms - gap.from_ms
        done = 0
        for q in range(gap.from_ms // QUARTER_MS, -(-gap.to_ms // QUARTER_MS)):
            upto = min(gap.to_ms, (q + 1) * QUARTER_MS) - gap.from_ms
            share = total * upto // length
            place = q - self._first
            self._uwh[place] += share - done
            self._source[place] |= COUNTER
            self._spread[place] |= gap.is_lost
            done = share

    def _stands_still(self) -> bool:
        """Whether the counter never grew though what was measured says that it should have."""
        if any(self._uwh) or self._notes or COUNTER not in self._source:
            return False
        if len(self._meter.at) < STILL_QUARTERS:
            return False
        drawn = sum(self._power_uwh(row) or 0 for row in range(len(self._meter.at)))
        return drawn > STILL_STEPS * self._step * UWH_PER_STEP

    # -- the power ---------------------------------------------------------------------------

    def _power_uwh(self, row: int) -> int | None:
        """Mean power over the time that has readings of it."""
        m = self._meter
        total, n = m.power_sum[row], m.power_n[row]
        if total is None or not n:
            return None
        ms = self._read_ms(m.at[row], n)
        return (total * ms + _POWER_DIVISOR * n // 2) // (_POWER_DIVISOR * n)

    def _read_ms(self, q: int, n: int) -> int:
        """The time of a quarter that has readings, where `n` of its polls gave a value."""
        polls = self._cover.polls.get(q, n)
        covered = self._cover.covered_ms[q - self._cover.first]
        return covered if n >= polls else covered * n // polls

    def _integrate(self) -> None:
        """Measured power wherever no counter told the energy."""
        if 0 not in self._source and not self._untold:
            return
        before_q = self._first
        for row, q in enumerate(self._meter.at):
            place = q - self._first
            uwh = None
            if row in self._untold or not self._source[place]:
                uwh = self._power_uwh(row)
            if uwh is not None:
                self._uwh[place] += uwh
                self._source[place] |= POWER
                self._integrate_slow(row, before_q + 1)
            before_q = q

    def _integrate_slow(self, row: int, first: int) -> None:
        """Polls further apart than a quarter of an hour: a reading stands for the time before."""
        m, cover = self._meter, self._cover
        total, n = m.power_sum[row], m.power_n[row]
        for q in range(first, m.at[row]):
            ms = cover.covered_ms[q - cover.first]
            place = q - self._first
            if total is None or not ms or q in cover.polls or self._source[place]:
                continue
            self._uwh[place] += total * ms // (_POWER_DIVISOR * n)
            self._source[place] |= POWER

    def _power(self) -> tuple[list[float | None], list[float | None]]:
        """Mean and highest power of each quarter, W."""
        m, units, n = self._meter, UNITS_PER["power_w"], len(self._uwh)
        mean_w: list[float | None] = [None] * n
        peak_w: list[float | None] = [None] * n
        for q, count, total, most in zip(m.at, m.power_n, m.power_sum, m.power_max, strict=True):
            if total is not None and most is not None:
                mean_w[q - self._first] = total / count / units
                peak_w[q - self._first] = most / units
        return mean_w, peak_w

    # -- the time ----------------------------------------------------------------------------

    def _times(self) -> tuple[list[int], list[int]]:
        """Of each quarter, how much of it is known, and how much has readings."""
        m, cover = self._meter, self._cover
        shift = self._first - cover.first
        n = len(self._source)
        covered = [0] * n
        polls, whole = cover.polls, cover.covered_ms
        for q, e, p in zip(m.at, m.energy_n, m.power_n, strict=True):
            most = e if e > p else p
            asked, ms = polls.get(q, most), whole[q - cover.first]
            covered[q - self._first] = ms if most >= asked else ms * most // asked
        if len(m.at) < n:
            rows = set(m.at)
            for place, source in enumerate(self._source):
                q = self._first + place
                if source and q not in rows and q not in cover.polls:
                    covered[place] = cover.covered_ms[place + shift]
        recorded = cover.recorded_ms[shift : shift + n]
        known = [
            whole if source & COUNTER else read if source else 0
            for source, whole, read in zip(self._source, recorded, covered, strict=True)
        ]
        for gap in self._open:
            for q in range(gap.from_ms // QUARTER_MS, -(-gap.to_ms // QUARTER_MS)):
                place = q - self._first
                if self._source[place] & COUNTER:
                    end = min(gap.to_ms, (q + 1) * QUARTER_MS)
                    lost = max(0, end - max(gap.lost_from_ms, q * QUARTER_MS))
                    known[place] = max(0, known[place] - lost)
        return known, covered


def _step(meter: Meter) -> int:
    """The steps in which a counter seems to count: 1, 10, 100 or 1000 stored integers."""
    values = [v for v in meter.energy_last if v is not None]
    for step in (1000, 100, 10):
        if not any(v % step for v in values):
            return step
    return 1
