"""`[energy]` of the configuration: the currency, the price, and the hours with another price."""

from __future__ import annotations

import re
from decimal import Decimal

from pdutui.config_errors import Problems, nearest, show
from pdutui.config_table import Table
from pdutui.domain.tariff import DAY_MINUTES, DAYS, QUARTER_MINUTES, Band, Tariff
from pdutui.settings import EnergySettings

FILE_KEYS = ("band",)
"""Keys that the file may have besides those that the environment knows too."""
_BAND_KEYS = ("name", "days", "from", "to", "price_per_kwh")
_MOST_BANDS = 48
_HIGHEST_PRICE = 1_000_000
_LONGEST_CURRENCY = 8
_LONGEST_NAME = 24
_RIGHT_DAYS = '"mon-fri", "sat" or a list such as ["mon-thu", "sun"]'


def read_energy(table: Table, *, file: str, problems: Problems) -> EnergySettings:
    """The settings of the section.

    Args:
        table: the section.
        file: the name of the file for errors.
        problems: where errors go.
    """
    currency = table.text("currency") or "EUR"
    if len(currency) > _LONGEST_CURRENCY:
        table.fail_value("currency", f"must have {_LONGEST_CURRENCY} characters at most")
    price = _price(table)
    bands = _bands(table, file, problems)
    if price is None:
        if bands and not table.has("price_per_kwh"):
            table.fail("price_per_kwh", "is missing: it holds at the hours that no band has")
        return EnergySettings()
    return EnergySettings(tariff=Tariff(currency=currency, price_per_kwh=price, bands=tuple(bands)))


def _price(table: Table) -> Decimal | None:
    """What the key says, digit by digit as it was written; None where it says nothing."""
    value = table.number("price_per_kwh", -1.0, at_least=0, at_most=_HIGHEST_PRICE)
    return None if value < 0 else Decimal(repr(value))


def _bands(table: Table, file: str, problems: Problems) -> list[Band]:
    raw = table.raw("band")
    if raw is None:
        return []
    if not isinstance(raw, list):
        table.fail("band", f"must be tables of their own, [[energy.band]], is {show(raw)}")
        return []
    if len(raw) > _MOST_BANDS:
        table.fail("band", f"is there {len(raw)} times; {_MOST_BANDS} are the most")
        return []
    return [_band(one, place, file, problems) for place, one in enumerate(raw, 1)]


def _band(raw: object, place: int, file: str, problems: Problems) -> Band:
    table = Table(raw, file=file, path=f"[energy.band {place}] ", problems=problems)
    table.check_keys(_BAND_KEYS)
    name = table.text("name") or f"band {place}"
    if len(name) > _LONGEST_NAME:
        table.fail("name", f"must have {_LONGEST_NAME} characters at most")
    price = _price(table)
    if price is None and not table.has("price_per_kwh"):
        table.fail("price_per_kwh", "is missing: the price of these hours")
    begin, end = _time(table, "from", 0), _time(table, "to", DAY_MINUTES)
    if begin == DAY_MINUTES:
        table.fail("from", 'must be before "24:00": a day begins at "00:00"')
    elif begin == end:
        table.fail("to", 'must differ from "from"; all day is from "00:00" to "24:00"')
    return Band(
        name=name,
        days=_days(table),
        from_minute=begin,
        to_minute=end,
        price_per_kwh=price or Decimal(0),
    )


def _time(table: Table, key: str, default: int) -> int:
    """`06:15` as minutes of the day."""
    value = table.raw(key)
    if value is None:
        return default
    found = re.fullmatch(r"(\d\d?):(\d\d)", value, re.ASCII) if isinstance(value, str) else None
    minutes = int(found[1]) * 60 + int(found[2]) if found else DAY_MINUTES + 1
    if found is None or minutes > DAY_MINUTES or int(found[2]) > 59:
        table.fail(key, f'must be a time from "00:00" to "24:00", is {show(value)}')
        return default
    if minutes % QUARTER_MINUTES:
        table.fail(key, f"must be on a quarter of an hour, is {show(value)}")
        return default
    return minutes


def _days(table: Table) -> frozenset[int]:
    """`mon-fri`, `sat`, or a list of such."""
    value = table.raw("days")
    if value is None:
        return frozenset(range(7))
    words = value if isinstance(value, list) else [value]
    found: set[int] = set()
    for word in words:
        days = _range_of_days(word)
        if days is None:
            near = nearest(word, DAYS) if isinstance(word, str) else None
            hint = f': did you mean "{near}"?' if near else ""
            table.fail("days", f"must be {_RIGHT_DAYS}, is {show(word)}{hint}")
        else:
            found |= days
    if not words:
        table.fail("days", f"must be {_RIGHT_DAYS}, is an empty array")
    return frozenset(found)


def _range_of_days(word: object) -> set[int] | None:
    """`fri-mon` goes over the end of the week."""
    first, dash, last = word.strip().lower().partition("-") if isinstance(word, str) else ("",) * 3
    first, last = first.strip(), last.strip()
    if first not in DAYS or (dash and last not in DAYS):
        return None
    begin, end = DAYS.index(first), DAYS.index(last or first)
    return {day % 7 for day in range(begin, end + 1 + (7 if end < begin else 0))}
