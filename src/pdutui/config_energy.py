"""`[energy]` of the configuration: the currency, the price, and the hours with another price."""

from __future__ import annotations

from decimal import Decimal

from pdutui.config_hours import days_of_week, hours
from pdutui.config_table import Table
from pdutui.domain.tariff import QUARTER_MINUTES, Band, Tariff
from pdutui.settings import EnergySettings

_BAND_KEYS = ("name", "days", "from", "to", "price_per_kwh")
_MOST_BANDS = 48
_HIGHEST_PRICE = 1_000_000
_LONGEST_CURRENCY = 8
_LONGEST_NAME = 24


def read_energy(table: Table) -> EnergySettings:
    """The settings of the section."""
    currency = table.text("currency") or "EUR"
    if len(currency) > _LONGEST_CURRENCY:
        table.fail_value("currency", f"must have {_LONGEST_CURRENCY} characters at most")
    price = _price(table)
    tables = table.subs("band", header="energy.band", most=_MOST_BANDS)
    bands = [_band(one, place) for place, one in enumerate(tables, 1)]
    if price is None:
        if bands and not table.has("price_per_kwh"):
            table.fail("price_per_kwh", "is missing: it holds at the hours that no band has")
        return EnergySettings()
    return EnergySettings(tariff=Tariff(currency=currency, price_per_kwh=price, bands=tuple(bands)))


def _price(table: Table) -> Decimal | None:
    """What the key says, digit by digit as it was written; None where it says nothing."""
    value = table.number("price_per_kwh", -1.0, at_least=0, at_most=_HIGHEST_PRICE)
    return None if value < 0 else Decimal(repr(value))


def _band(table: Table, place: int) -> Band:
    table.check_keys(_BAND_KEYS)
    name = table.text("name") or f"band {place}"
    if len(name) > _LONGEST_NAME:
        table.fail("name", f"must have {_LONGEST_NAME} characters at most")
    price = _price(table)
    if price is None and not table.has("price_per_kwh"):
        table.fail("price_per_kwh", "is missing: the price of these hours")
    begin, end = hours(table, step=QUARTER_MINUTES)
    return Band(
        name=name,
        days=days_of_week(table, "days"),
        from_minute=begin,
        to_minute=end,
        price_per_kwh=price or Decimal(0),
    )
