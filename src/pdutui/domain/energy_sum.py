"""Energy figures of periods: sums of quarters of an hour, of one part or of several."""

from __future__ import annotations

import math
from collections.abc import Sequence
from datetime import tzinfo
from typing import Literal

import msgspec

from pdutui.domain.history import QUARTER_MS
from pdutui.domain.ledger import COUNTER, POWER, Ledger
from pdutui.domain.periods import Period
from pdutui.domain.tariff import UWH_PER_KWH, Tariff

Method = Literal["counter", "power", "mixed"]
_METHODS: dict[int, Method] = {COUNTER: "counter", POWER: "power", COUNTER | POWER: "mixed"}


class Energy(msgspec.Struct, frozen=True, kw_only=True):
    """The energy of one part, or of a sum of parts, in one period."""

    uwh: int | None
    """Millionths of a watt-hour; None: nothing is known."""
    method: Method | None
    """From counters, from measured power, or from both."""
    coverage: float
    """0..1, the share of the period that has readings."""
    known: float
    """0..1, the share of the period whose energy is in `uwh`: that with readings, and time without
    over which a counter went on. The rest is missing in the sum."""
    spread: bool
    """Some of it is a counter's difference over lost time, spread evenly."""
    by_band: tuple[int, ...]
    """`uwh` by the places of `Tariff.prices`."""
    mean_w: float | None
    """Measured, over the time that was read; where nothing measures it, by the energy."""
    peak_w: float | None
    peak_ms: int | None
    """The quarter of an hour with the peak."""
    peak_of: Literal["reading", "quarter"] | None
    """What `peak_w` is: the highest reading, or, of a sum of parts, the highest mean of a quarter
    of an hour."""

    @property
    def kwh(self) -> float | None:
        """The energy; None: nothing is known."""
        return None if self.uwh is None else self.uwh / UWH_PER_KWH


class Bands:
    """Which price holds in which quarter of an hour of a span."""

    def __init__(self, tariff: Tariff | None, from_ms: int, to_ms: int, zone: tzinfo) -> None:
        self._tariff = tariff
        self._first = from_ms // QUARTER_MS
        end = -(-to_ms // QUARTER_MS)
        many = tariff is not None and tariff.bands
        self._bands = tariff.by_quarter(self._first, end, zone) if tariff and many else []

    def sums(self, uwh: Sequence[int], first: int) -> tuple[int, ...]:
        """Energy by the places of `Tariff.prices`; of consecutive quarters within the span."""
        if not self._bands or self._tariff is None:
            return (sum(uwh),)
        out = [0] * len(self._tariff.prices())
        for band, one in zip(self._bands[first - self._first :], uwh, strict=False):
            out[band] += one
        return tuple(out)


def figure(ledger: Ledger | None, period: Period, bands: Bands) -> Energy:
    """The energy of a period, whose edges are rounded to quarters of an hour."""
    from_q, to_q = period.from_ms // QUARTER_MS, -(-period.to_ms // QUARTER_MS)
    if ledger is None:
        return _nothing()
    a = max(0, from_q - ledger.first)
    b = max(a, min(len(ledger.uwh), to_q - ledger.first))
    known_ms, methods = sum(ledger.known_ms[a:b]), set(ledger.source[a:b])
    whole = ledger.parts * max(1, to_q - from_q) * QUARTER_MS
    coverage = _share(sum(ledger.covered_ms[a:b]), whole)
    source = (COUNTER if methods & {COUNTER, COUNTER | POWER} else 0) | (
        POWER if methods & {POWER, COUNTER | POWER} else 0
    )
    if not source or not known_ms:
        return msgspec.structs.replace(_nothing(), coverage=coverage)
    uwh = ledger.uwh[a:b]
    total = sum(uwh)
    peak_w, place, of = _peak(ledger, a, b)
    return Energy(
        uwh=total,
        method=_METHODS[source],
        coverage=coverage,
        known=_share(known_ms, whole),
        spread=any(ledger.spread[a:b]),
        by_band=bands.sums(uwh, ledger.first + a),
        mean_w=_mean(ledger, a, b) or total * 3.6 / (known_ms / ledger.parts),
        peak_w=peak_w,
        peak_ms=None if peak_w is None else (ledger.first + place) * QUARTER_MS,
        peak_of=of,
    )


def _nothing() -> Energy:
    return Energy(
        uwh=None, method=None, coverage=0.0, known=0.0, spread=False, by_band=(), mean_w=None,
        peak_w=None, peak_ms=None, peak_of=None,
    )  # fmt: skip


def _share(part: int, whole: int) -> float:
    """Rounded down: only what is whole is 1."""
    return 1.0 if part >= whole else math.floor(part / whole * 1e6) / 1e6


def _mean(ledger: Ledger, a: int, b: int) -> float | None:
    """The measured power of some quarters, each for as long as it was read."""
    weight = total = 0.0
    for watts, ms in zip(ledger.mean_w[a:b], ledger.covered_ms[a:b], strict=True):
        if watts is not None:
            weight += ms
            total += watts * ms
    return total / weight if weight else None


def _peak(
    ledger: Ledger, a: int, b: int
) -> tuple[float | None, int, Literal["reading", "quarter"] | None]:
    """The highest power of some quarters and in which of them it was first."""
    kinds: tuple[tuple[Literal["reading", "quarter"], list[float | None]], ...] = (
        ("reading", ledger.peak_w[a:b]),
        ("quarter", ledger.mean_w[a:b]),
    )
    for of, column in kinds:
        values = [w for w in column if w is not None]
        if values:
            most = max(values)
            return most, a + column.index(most), of
    return None, a, None


def added(ledgers: Sequence[Ledger], *, missing: int = 0) -> Ledger | None:
    """The sum of several parts; None without any.

    Args:
        ledgers: What is known of them.
        missing: How many more there are of which nothing is known; they lower the coverage.
    """
    if not ledgers:
        return None
    if len(ledgers) == 1 and not missing:
        return ledgers[0]
    first, end = min(g.first for g in ledgers), max(g.end for g in ledgers)
    n = end - first
    out = Ledger(
        first=first, uwh=[0] * n, source=[0] * n, known_ms=[0] * n, covered_ms=[0] * n,
        spread=[False] * n, mean_w=[None if missing else 0.0] * n, peak_w=[None] * n,
        parts=sum(g.parts for g in ledgers) + missing,
    )  # fmt: skip
    for ledger in ledgers:
        shift = ledger.first - first
        for place in range(len(ledger.uwh)):
            at = place + shift
            out.uwh[at] += ledger.uwh[place]
            out.source[at] |= ledger.source[place]
            out.known_ms[at] += ledger.known_ms[place]
            out.covered_ms[at] += ledger.covered_ms[place]
            out.spread[at] |= ledger.spread[place]
            one, sofar = ledger.mean_w[place], out.mean_w[at]
            out.mean_w[at] = None if one is None or sofar is None else one + sofar
        for at in (*range(shift), *range(shift + len(ledger.uwh), n)):
            out.mean_w[at] = None
    return out


Basis = Literal["inlets", "outlets"]


def whole_pdu(
    inlets: Sequence[Ledger | None], outlets: Sequence[Ledger | None]
) -> tuple[Ledger | None, Basis | None]:
    """The energy of a whole PDU: its inlets, and only where they tell nothing its outlets.

    Banks and phases are other views of the same energy and are never added up with it.

    Args:
        inlets: One for each inlet; None for one that neither counts nor measures.
        outlets: Likewise; they are added up only if every one of them is known.

    Returns:
        The sum and what it was made of; None where neither will do.
    """
    choices: tuple[tuple[Basis, Sequence[Ledger | None]], ...] = (
        ("inlets", inlets), ("outlets", outlets),
    )  # fmt: skip
    for basis, parts in choices:
        known = [part for part in parts if part is not None]
        if known and len(known) == len(parts):
            return added(known), basis
    return None, None
