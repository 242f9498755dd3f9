from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pdutui.domain.periods import ms_of
from pdutui.domain.tariff import UWH_PER_KWH, Band, Tariff, money

BERLIN = ZoneInfo("Europe/Berlin")
EVERY_DAY = frozenset(range(7))


def band(name: str, begin: int, end: int, price: str, days: frozenset[int] = EVERY_DAY) -> Band:
    return Band(
        name=name, days=days, from_minute=begin * 60, to_minute=end * 60,
        price_per_kwh=Decimal(price),
    )  # fmt: skip


def tariff(*bands: Band) -> Tariff:
    return Tariff(currency="EUR", price_per_kwh=Decimal("0.30"), bands=bands)


def name_at(one: Tariff, text: str) -> str:
    local = datetime.fromisoformat(text).replace(tzinfo=BERLIN)
    return one.names()[one.band_of(ms_of(local), BERLIN)]


def test_a_band_over_midnight_belongs_to_the_day_on_which_it_begins() -> None:
    friday = tariff(band("night", 22, 6, "0.20", frozenset({4})))
    assert name_at(friday, "2026-11-20T22:00") == "night"  # a Friday
    assert name_at(friday, "2026-11-21T05:59") == "night"
    assert name_at(friday, "2026-11-21T06:00") == "base"
    assert name_at(friday, "2026-11-21T22:00") == "base"
    assert name_at(friday, "2026-11-20T05:00") == "base"
    sunday = tariff(band("night", 22, 6, "0.20", frozenset({6})))
    assert name_at(sunday, "2026-11-23T01:00") == "night"  # Monday morning


def test_the_first_band_that_fits_holds() -> None:
    one = tariff(band("peak", 8, 12, "0.50"), band("day", 6, 22, "0.40"))
    assert [name_at(one, f"2026-11-20T{h}:00") for h in ("07", "08", "12", "22")] == [
        "day", "peak", "day", "base",
    ]  # fmt: skip


def test_all_day_is_up_to_midnight() -> None:
    weekend = tariff(band("weekend", 0, 24, "0.20", frozenset({5, 6})))
    assert name_at(weekend, "2026-11-20T23:45") == "base"
    assert name_at(weekend, "2026-11-21T00:00") == "weekend"
    assert name_at(weekend, "2026-11-22T23:45") == "weekend"
    assert name_at(weekend, "2026-11-23T00:00") == "base"


def test_the_clock_on_the_wall_counts() -> None:
    """On the day of the change the night has an hour more in autumn, one less in spring."""
    one = tariff(band("night", 0, 6, "0.20"))
    for day, hours in (("2026-10-25", 7), ("2026-03-29", 5), ("2026-11-20", 6)):
        begin = ms_of(datetime.fromisoformat(day).replace(tzinfo=BERLIN)) // 900_000
        bands = one.by_quarter(begin, begin + 80, BERLIN)  # twenty hours
        assert bands.count(1) == hours * 4


@given(st.lists(st.integers(0, 10**15), min_size=2, max_size=2))
def test_money_is_exact(uwh: list[int]) -> None:
    one = tariff(band("night", 22, 6, "0.2275"))
    exact = uwh[0] * 3000 + uwh[1] * 2275
    assert one.cost(uwh) * UWH_PER_KWH * 10_000 == exact


@pytest.mark.parametrize(
    ("amount", "currency", "text"),
    [("1234.505", "EUR", "1234.50"), ("0.015", "EUR", "0.02"), ("0.3", "USD", "0.30"),
     ("1234.5", "JPY", "1234"), ("0", "EUR", "0.00")],
)  # fmt: skip
def test_money_is_rounded_when_it_is_printed(amount: str, currency: str, text: str) -> None:
    assert money(Decimal(amount), currency) == text
