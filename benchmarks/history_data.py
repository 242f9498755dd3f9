"""Sixty days of one PDU for `history.py`: 58 values a second that look like a rack's.

Ten metered outlets (current, power, energy, state), two banks (voltage, current, power, apparent
power, state), two sources (voltage, frequency, state) and the transfer switch (active source,
redundancy). Resolutions are those of a good meter: 10 mA, 1 W, 1 Wh, 0.1 V, 10 mHz. Loads wander,
step and jitter by one or two per cent; polls come once a second with some milliseconds of jitter.
One day is made value by value and told sixty times, with counters that go on: every hour is packed
for itself, so repetition saves nothing.
"""

from __future__ import annotations

import random
from collections.abc import Iterator
from itertools import accumulate

HOUR_MS = 3_600_000
OUTLETS = 10
BANKS = 2
VALUES_PER_S = 4 * OUTLETS + 5 * BANKS + 3 * 2 + 2

Columns = dict[str, list[int]]
"""Series key -> a scaled integer for every poll of the hour."""


def day(seed: int) -> list[Columns]:
    """Twenty-four hours; energies in them count from 0 at midnight."""
    dice = random.Random(seed)
    levels = [dice.uniform(40, 380) for _ in range(OUTLETS)]
    energy = [0.0] * OUTLETS
    return [_hour(dice, levels, energy) for _ in range(24)]


def _hour(dice: random.Random, levels: list[float], energy: list[float]) -> Columns:
    out: Columns = {}
    volts = _wander(dice, 2300, 6, 0.4)
    powers: list[list[int]] = []
    for place in range(OUTLETS):
        name = f"outlet.{place + 1}"
        if dice.random() < 0.3:  # a job begins or ends
            levels[place] = dice.uniform(40, 380)
        level, power = levels[place], []
        for _ in range(3600):
            level += dice.gauss(0, 0.2) + (levels[place] - level) * 0.01
            power.append(round(level + dice.gauss(0, level * 0.01)))
        powers.append(power)
        out[f"{name}.power_w"] = [10 * watts for watts in power]
        out[f"{name}.current_a"] = [
            10 * round(100 * watts / (volt / 10 * 0.96))
            for watts, volt in zip(power, volts, strict=True)
        ]
        total = list(accumulate((watts / 3600 for watts in power), initial=energy[place]))
        energy[place] = total[-1]
        out[f"{name}.energy_kwh"] = [round(wh) for wh in total[1:]]
        out[f"{name}.state"] = [1] * 3600
    for bank in range(BANKS):
        name, share = f"bank.{bank + 1}", powers[bank::BANKS]
        watts_of = [sum(each) for each in zip(*share, strict=True)]
        out[f"{name}.voltage_v"] = [10 * volt for volt in volts]
        out[f"{name}.power_w"] = [10 * watts for watts in watts_of]
        out[f"{name}.apparent_power_va"] = [10 * round(watts / 0.96) for watts in watts_of]
        out[f"{name}.current_a"] = [
            100 * round(10 * watts / (volt / 10 * 0.96))
            for watts, volt in zip(watts_of, volts, strict=True)
        ]
        out[f"{name}.state"] = [0] * 3600
    for source in "AB":
        out[f"source.{source}.voltage_v"] = [10 * v for v in _wander(dice, 2300, 6, 0.4)]
        out[f"source.{source}.frequency_hz"] = _wander(dice, 5000, 3, 0.3)
        out[f"source.{source}.state"] = [0] * 3600
    out["ats.0.active"] = [1] * 3600
    out["ats.0.redundancy"] = [1] * 3600
    assert len(out) == VALUES_PER_S
    return out


def _wander(dice: random.Random, middle: int, reach: float, step: float) -> list[int]:
    at, out = 0.0, []
    for _ in range(3600):
        at = max(-reach, min(reach, at + dice.gauss(0, step)))
        out.append(round(middle + at))
    return out


def hours(first: int, days: int, seed: int = 7) -> Iterator[tuple[int, list[int], Columns]]:
    """Hour since 1970, times of its polls in unix ms, and the columns, hour by hour."""
    told = day(seed)
    dice = random.Random(seed + 1)
    used = [told[-1][f"outlet.{n + 1}.energy_kwh"][-1] for n in range(OUTLETS)]
    for number in range(days * 24):
        base, before = told[number % 24], number // 24
        begin = (first + number) * HOUR_MS
        times = [begin + 1000 * s + 300 + round(dice.gauss(0, 4)) for s in range(3600)]
        columns = dict(base)
        for place in range(OUTLETS):
            key, offset = f"outlet.{place + 1}.energy_kwh", 1_000_000 + before * used[place]
            columns[key] = [offset + wh for wh in base[key]]
        yield first + number, times, columns
