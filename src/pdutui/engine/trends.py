"""The last 15 minutes of every drawn series, one slot a second, in memory.

Values are kept as the scaled integers of `domain.series`, 4 bytes each: 900 of them for each of a
hundred series are 360 kB a PDU, and that does not grow. A second without a reading is a gap.
"""

from __future__ import annotations

import math
from array import array
from collections.abc import Mapping, Sequence

import msgspec

from pdutui.domain.reading import Reading
from pdutui.domain.series import UNITS_PER, parse_series
from pdutui.engine.floor import is_noise
from pdutui.settings import FloorSettings

LENGTH_S = 900
FIELDS = ("voltage_v", "current_a", "power_w", "frequency_hz", "value")
"""What is drawn as a line. Counters and states have no place in a trend."""

_GAP = -(2**31)
_MOST = 2**31 - 1


def trend_values(reading: Reading) -> dict[str, int | None]:
    """The drawn series of a reading by key, as scaled integers; None where the device is silent."""
    out: dict[str, int | None] = {}

    def put(prefix: str, part: msgspec.Struct) -> None:
        for field in FIELDS:
            value: float | None = getattr(part, field, _GAP)
            if value is None:
                out[f"{prefix}.{field}"] = None
            elif value != _GAP:
                scaled = round(value * UNITS_PER[field]) if math.isfinite(value) else _GAP
                out[f"{prefix}.{field}"] = scaled if abs(scaled) <= _MOST else None

    for inlet in reading.inlets:
        put(f"inlet.{inlet.number}", inlet)
    for bank in reading.banks:
        put(f"bank.{bank.number}", bank)
    for outlet in reading.outlets:
        put(f"outlet.{outlet.number}", outlet)
    if reading.ats is not None:
        for source in reading.ats.sources:
            put(f"source.{source.id}", source)
    for place, sensor in enumerate(reading.sensors, 1):
        put(f"sensor.{place}", sensor)
    return out


class Trends:
    """The rings of one PDU. Slots are seconds since `start_s`, on the PDU's own polling grid.

    A reading goes into the slot of the tick it was due at, not of the moment it came in: polls
    that jitter around a full second leave neither gaps nor doubles.
    """

    def __init__(self, *, start_s: float, interval_s: float) -> None:
        self._start_s = start_s
        self._interval_s = interval_s
        self._rings: dict[str, array[int]] = {}
        self._last: int | None = None
        """The slot of the newest reading."""

    def slot(self, at_s: float) -> int:
        """The slot of a moment; moments before the start have negative slots."""
        return math.floor(at_s - self._start_s + 1e-6)

    def add(self, due_s: float, values: Mapping[str, int | None]) -> None:
        """Take in the values of one reading."""
        slot = self.slot(due_s)
        if self._last is not None and slot < self._last:
            return
        self._clear_up_to(slot)
        for key, value in values.items():
            ring = self._rings.get(key)
            if ring is None:
                ring = self._rings[key] = array("i", [_GAP]) * LENGTH_S
            if value is not None:
                self._hold(ring, slot, value)
        self._last = slot
        for key, ring in self._rings.items():
            if values.get(key) is None:
                ring[slot % LENGTH_S] = _GAP

    def _hold(self, ring: array[int], slot: int, value: int) -> None:
        """Put a value; at polling slower than 1 Hz the one before stands until this one."""
        ring[slot % LENGTH_S] = value
        step = min(math.ceil(self._interval_s - 1e-6), LENGTH_S - 1)
        if self._last is None or not 1 < slot - self._last <= step:
            return
        before = ring[self._last % LENGTH_S]
        for passed in range(self._last + 1, slot):
            ring[passed % LENGTH_S] = before

    def _clear_up_to(self, slot: int) -> None:
        """Make the slots between the last reading and this one gaps."""
        if self._last is None:
            return
        for passed in range(max(self._last + 1, slot - LENGTH_S + 1), slot):
            for ring in self._rings.values():
                ring[passed % LENGTH_S] = _GAP

    def prefill(
        self, now_s: float, history: Mapping[str, Sequence[float | None]], floor: FloorSettings
    ) -> None:
        """Put stored values, 1 Hz and oldest first up to now, where there is none yet.

        The store holds what the device said; the floor of the display is applied here.
        """
        newest = self.slot(now_s)
        if self._last is None:
            self._last = newest
        for key, values in _floored(history, floor).items():
            if key not in self._rings:
                self._rings[key] = array("i", [_GAP]) * LENGTH_S
            ring = self._rings[key]
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
        oldest = self._last - LENGTH_S
        out: list[float | None] = []
        for slot in range(end - seconds + 1, end + 1):
            value = ring[slot % LENGTH_S] if oldest < slot <= self._last else _GAP
            out.append(None if value == _GAP else value / scale)
        return out


def _floored(
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
