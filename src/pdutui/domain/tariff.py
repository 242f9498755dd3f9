"""What energy costs: a price per kWh, and other prices at some hours of the week."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import tzinfo
from decimal import Decimal

import msgspec

from pdutui.domain.history import QUARTER_MS
from pdutui.domain.periods import moment_of

UWH_PER_KWH = 10**9
"""Energy is added up in whole millionths of a watt-hour, so that sums are exact."""

DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
DAY_MINUTES = 1440
QUARTER_MINUTES = 15

_WITHOUT_CENTS = frozenset({"CLP", "ISK", "JPY", "KRW", "PYG", "UGX", "VND", "XAF", "XOF"})


class Band(msgspec.Struct, frozen=True, kw_only=True):
    """Hours of the week with a price of their own."""

    name: str
    days: frozenset[int]
    """0 is Monday. The day on which the band begins, where it goes over midnight."""
    from_minute: int
    """Of the local day; a multiple of 15."""
    to_minute: int
    """Up to 1440; less than `from_minute`: over midnight."""
    price_per_kwh: Decimal

    def holds(self, weekday: int, minute: int) -> bool:
        """Whether a minute of a local day lies in it."""
        if self.from_minute < self.to_minute:
            return weekday in self.days and self.from_minute <= minute < self.to_minute
        if minute >= self.from_minute:
            return weekday in self.days
        return minute < self.to_minute and (weekday - 1) % 7 in self.days


class Tariff(msgspec.Struct, frozen=True, kw_only=True):
    """A currency and its prices. Of bands that overlap the first one holds."""

    currency: str
    price_per_kwh: Decimal
    """Where no band holds."""
    bands: tuple[Band, ...] = ()

    def prices(self) -> tuple[Decimal, ...]:
        """The price outside the bands and that of each band; what `band_of` counts through."""
        return (self.price_per_kwh, *(band.price_per_kwh for band in self.bands))

    def names(self) -> tuple[str, ...]:
        """What the prices are called, in the order of `prices`."""
        return ("base", *(band.name for band in self.bands))

    def band_of(self, ms: int, zone: tzinfo) -> int:
        """The place in `prices` of the price at a moment."""
        if not self.bands:
            return 0
        local = moment_of(ms, zone)
        minute = local.hour * 60 + local.minute
        for place, band in enumerate(self.bands, 1):
            if band.holds(local.weekday(), minute):
                return place
        return 0

    def by_quarter(self, first: int, end: int, zone: tzinfo) -> list[int]:
        """`band_of` for quarters of an hour, counted since 1970, up to and without `end`."""
        if not self.bands:
            return [0] * max(0, end - first)
        return [self.band_of(quarter * QUARTER_MS, zone) for quarter in range(first, end)]

    def cost(self, uwh_by_band: Sequence[int]) -> Decimal:
        """Exact, in `currency`; from energy by the places of `prices`."""
        parts = zip(uwh_by_band, self.prices(), strict=True)
        return sum((Decimal(uwh) * price for uwh, price in parts), Decimal(0)) / UWH_PER_KWH


class Billing(msgspec.Struct, frozen=True, kw_only=True):
    """Whose days and weeks energy is counted by, and what it costs."""

    zone: tzinfo
    tariff: Tariff | None = None
    """None: it is not known."""


def money(amount: Decimal, currency: str) -> str:
    """An amount rounded to cents for people, without its currency: `1234.50`."""
    cents = Decimal(1) if currency in _WITHOUT_CENTS else Decimal("0.01")
    return f"{amount.quantize(cents):f}"
