"""The last 15 minutes of every drawn series, one slot a second, in memory.

Values are kept as the scaled integers of `domain.series`, 4 bytes each: 900 of them for each of a
hundred series are 360 kB a PDU, and that does not grow. A series of which the device has never
given a value, as the voltage of each outlet, has none. A second without a reading is a gap.
"""

from __future__ import annotations

import functools
import math
from array import array
from collections.abc import Mapping, Sequence
from operator import attrgetter
from typing import TYPE_CHECKING

import msgspec

from pdutui.domain.series import UNITS_PER, parse_series, sensor_ids
from pdutui.engine.floor import is_noise

if TYPE_CHECKING:
    from pdutui.domain.reading import Reading
    from pdutui.settings import FloorSettings

LENGTH_S = 900
_GAP = -(2**31)
_MOST = 2**31 - 1

_FIELDS = {
    "inlet": ("voltage_v", "current_a", "power_w", "frequency_hz"),
    "phase": ("voltage_v", "current_a", "power_w"),
    "bank": ("voltage_v", "current_a", "power_w"),
    "outlet": ("voltage_v", "current_a", "power_w"),
    "source": ("voltage_v", "frequency_hz"),
    "sensor": ("value",),
}
"""What is drawn as a line. Counters and states have no place in a trend."""

_PLAN = tuple(
    (entity, tuple((attrgetter(field), UNITS_PER[field]) for field in fields))
    for entity, fields in _FIELDS.items()
)
"""What to take from each part of a reading, and what to multiply it with."""

Shape = tuple[tuple[int | str, ...], ...]
"""The ids of the parts of a reading, in the order of `_FIELDS`."""


class Row(msgspec.Struct, frozen=True):
    """The drawn series of one reading: keys, and a scaled integer for each, or the gap."""

    keys: tuple[str, ...]
    values: list[int]

    def known(self) -> dict[str, int]:
        """The values that the device gave, by key."""
        pairs = zip(self.keys, self.values, strict=True)
        return {key: value for key, value in pairs if value != _GAP}


@functools.lru_cache(maxsize=256)
def _keys(shape: Shape) -> tuple[str, ...]:
    """The keys of a shape; the same tuple for the same shape, so that it is known again."""
    return tuple(
        f"{entity}.{ident}.{field}"
        for (entity, fields), idents in zip(_FIELDS.items(), shape, strict=True)
        for field in fields
        for ident in idents
    )


def trend_row(reading: Reading) -> Row:
    """The drawn series of a reading."""
    sources = () if reading.ats is None else reading.ats.sources
    groups: tuple[Sequence[msgspec.Struct], ...] = (
        reading.inlets, reading.phases, reading.banks, reading.outlets, sources, reading.sensors,
    )  # fmt: skip
    shape: Shape = (
        tuple([part.number for part in reading.inlets]),
        tuple([part.number for part in reading.phases]),
        tuple([part.number for part in reading.banks]),
        tuple([part.number for part in reading.outlets]),
        tuple([part.id for part in sources]),
        sensor_ids(reading.sensors),
    )
    values: list[int] = []
    for (_, fields), parts in zip(_PLAN, groups, strict=True):
        for get, units_per in fields if parts else ():
            # Unknown, or no number, or no figure of this world, is a gap.
            values += [
                round(value * units_per)
                if (value := get(part)) is not None and -_MOST < value * units_per < _MOST
                else _GAP
                for part in parts
            ]
    return Row(_keys(shape), values)


class Trends:
    """The rings of one PDU. Slots are seconds since `start_s`, on the PDU's own polling grid.

    A reading goes into the slot of the tick it was due at, not of the moment it came in: polls
    that jitter around a full second leave neither gaps nor doubles.
    """

    def __init__(self, *, start_s: float, interval_s: float) -> None:
        self._start_s = start_s
        self._interval_s = interval_s
        self._rings: dict[str, array[int]] = {}
        self._keys: tuple[str, ...] = ()
        self._in_order: list[array[int] | None] = []
        """The rings of `_keys`; None where no value has come yet."""
        self._last: int | None = None
        """The slot of the newest reading."""

    def pace(self, interval_s: float) -> None:
        """Polls come at another interval from now on: a longer silence is still no gap."""
        self._interval_s = interval_s

    def slot(self, at_s: float) -> int:
        """The slot of a moment; moments before the start have negative slots."""
        return math.floor(at_s - self._start_s + 1e-6)

    def add(self, due_s: float, row: Row) -> None:
        """Take in the values of one reading."""
        slot, last = self.slot(due_s), self._last
        if last is not None and slot < last:
            return
        if row.keys is not self._keys:
            self._keys = row.keys
            self._in_order = [self._rings.get(key) for key in row.keys]
        if len(self._rings) > len(self._in_order) - self._in_order.count(None):
            self._blank(slot)  # series that this reading has not
        if last is not None and slot - last > 1:
            self._bridge(last, slot, row)
        place = slot % LENGTH_S
        for number, (ring, value) in enumerate(zip(self._in_order, row.values, strict=True)):
            if ring is None:
                if value == _GAP:
                    continue
                ring = self._in_order[number] = self._ring(row.keys[number])
            ring[place] = value
        self._last = slot

    def _ring(self, key: str) -> array[int]:
        ring = self._rings.get(key)
        if ring is None:
            ring = self._rings[key] = array("i", [_GAP]) * LENGTH_S
        return ring

    def _blank(self, slot: int) -> None:
        for ring in self._rings.values():
            ring[slot % LENGTH_S] = _GAP

    def _bridge(self, last: int, slot: int, row: Row) -> None:
        """Fill the slots between two readings with gaps.

        Where no poll was due in between, with the earlier value: it stood until the later one.
        """
        for passed in range(max(last + 1, slot - LENGTH_S + 1), slot):
            self._blank(passed)
        if slot - last > math.ceil(self._interval_s - 1e-6) or slot - last >= LENGTH_S:
            return
        for ring, value in zip(self._in_order, row.values, strict=True):
            if ring is None or value == _GAP:
                continue
            for passed in range(last + 1, slot):
                ring[passed % LENGTH_S] = ring[last % LENGTH_S]

    def prefill(
        self, now_s: float, history: Mapping[str, Sequence[float | None]], floor: FloorSettings
    ) -> None:
        """Put stored values, 1 Hz and oldest first up to now, where there is none yet.

        The store holds what the device said; the floor of the display is applied here.
        """
        newest = self.slot(now_s)
        if self._last is None:
            self._last = newest
        self._keys = ()  # rings are looked up anew: there may be more of them
        given = {key: line for key, line in history.items() if line.count(None) < len(line)}
        for key, values in floored(given, floor).items():
            ring = self._ring(key)
            scale = parse_series(key).units_per
            for back, value in enumerate(reversed(values)):
                slot = newest - back
                if slot <= self._last - LENGTH_S:
                    break
                if value is None or slot > self._last or ring[slot % LENGTH_S] != _GAP:
                    continue
                scaled = round(value * scale)
                if abs(scaled) <= _MOST:
                    ring[slot % LENGTH_S] = scaled

    def window(self, key: str, seconds: int, now_s: float, *, fresh: bool) -> list[float | None]:
        """The last `seconds` values, oldest first; None for gaps and before there was anything.

        Args:
            key: such as `outlet.3.power_w`; a key without values gives gaps only.
            seconds: how many; beyond 900 the oldest are gaps.
            now_s: the moment.
            fresh: whether the last reading still counts as live. Then the window ends with it;
                otherwise it ends now, and the silence shows as a growing gap.
        """
        ring = self._rings.get(key)
        if ring is None or self._last is None or seconds <= 0:
            return [None] * max(0, seconds)
        scale = UNITS_PER[key.rpartition(".")[2]]
        end = self._last if fresh else max(self._last, self.slot(now_s))
        first, past = end - seconds + 1, self._last + 1
        begin = min(max(first, past - LENGTH_S), past)
        if begin == past:
            return [None] * seconds
        start, stop = begin % LENGTH_S, past % LENGTH_S
        known = ring[start:stop] if start < stop else ring[start:] + ring[:stop]
        values = [None if value == _GAP else value / scale for value in known]
        return [None] * (begin - first) + values + [None] * (end + 1 - past)


def floored(
    history: Mapping[str, Sequence[float | None]], floor: FloorSettings
) -> dict[str, Sequence[float | None]]:
    """Stored rows with idle noise as 0, judged second by second like a reading."""
    out = dict(history)
    if floor.current_a <= 0 and floor.power_w <= 0:
        return out
    for key in history:
        prefix, _, field = key.rpartition(".")
        if field not in ("current_a", "power_w") or prefix.partition(".")[0] == "sensor":
            continue
        currents = history.get(f"{prefix}.current_a", ())
        powers = history.get(f"{prefix}.power_w", ())
        length = max(len(currents), len(powers))
        pairs = zip(_padded(currents, length), _padded(powers, length), strict=True)
        noise = [is_noise(a, w, floor) for a, w in pairs]
        values = _padded(history[key], length)
        out[key] = [0.0 if quiet and value is not None else value
                    for value, quiet in zip(values, noise, strict=True)]  # fmt: skip
    return out


def _padded(values: Sequence[float | None], length: int) -> list[float | None]:
    return [None] * (length - len(values)) + list(values)
