"""The order of a fleet's rows: the worst first, or by a figure, and what fits a filter."""

from __future__ import annotations

import functools
import re
from collections.abc import Callable, Iterable
from typing import Any, Literal

import msgspec

from pdutui.domain.fleet import FleetRow
from pdutui.domain.health import Health, is_stale

Order = Literal["worst", "name", "power", "percent", "location"]
ORDERS: tuple[Order, ...] = ("worst", "percent", "power", "name", "location")
"""In the order in which a key goes through them."""
ORDER_WORDS: dict[Order, str] = {
    "worst": "worst first",
    "name": "by name",
    "power": "by W",
    "percent": "by %",
    "location": "by location",
}
CRITICAL, DOWN, WARNING, STALE, WELL = range(5)
"""Standings, the worst first. `DOWN`: lost, refused or unsupported."""
Standing = int
STEP_PERCENT = 5
"""In the order of the worst, loads count in such steps: what trembles does not change places."""
DOWN_HEALTHS: frozenset[Health] = frozenset({"lost", "refused", "unsupported"})
"""It is not to be reached, or not to be read."""
_DIGITS = re.compile(r"(\d+)")


class Limits(msgspec.Struct, frozen=True):
    """From how full a PDU is in trouble where nobody else says so, in per cent."""

    warning: float = 80.0
    critical: float = 100.0


USUAL = Limits()


def fullness(row: FleetRow) -> float | None:
    """How full the fullest inlet, line or bank of a PDU is, in per cent."""
    bank = row.worst.percent if row.worst is not None else None
    if bank is None or (row.percent is not None and row.percent >= bank):
        return row.percent
    return bank


def load_standing(row: FleetRow, limits: Limits = USUAL) -> Standing:
    """What the loads alone say, by the device's word and by how full they are."""
    full = fullness(row)
    state = row.worst.state if row.worst is not None else "unknown"
    if state in ("tripped", "critical") or (full is not None and full >= limits.critical):
        return CRITICAL
    if state == "warning" or (full is not None and full >= limits.warning):
        return WARNING
    return WELL


def standing(row: FleetRow, limits: Limits = USUAL) -> Standing:
    """How badly a PDU is doing.

    Alarms count first: a critical one, or a PDU that is gone, then a warning, then stale figures.
    Where no alarm is in the list, its figures say it themselves: so the first seconds are right in
    which an alarm is not raised yet, and so is a fleet whose alarms are off. What somebody has
    taken note of (acknowledged, silenced) is no trouble any more. What a what-if cannot tell counts
    as stale.
    """
    if row.critical or row.dark:
        return CRITICAL
    if row.health in DOWN_HEALTHS:
        return DOWN
    found = WARNING if row.warning else STALE if is_stale(row.health) or row.unsure else WELL
    if row.estimated or (row.health == "live" and not (row.warning or row.quiet)):
        found = min(found, load_standing(row, limits), _source_standing(row))
    return found


def _source_standing(row: FleetRow) -> Standing:
    if not row.has_ats:
        return WELL
    return CRITICAL if row.active == "none" else WARNING if row.redundancy == "lost" else WELL


@functools.lru_cache(maxsize=4096)
def natural(text: str) -> tuple[Any, ...]:
    """A sort key by which `rack2` comes before `rack10`, capitals not counted."""
    parts = _DIGITS.split(text.casefold())
    return tuple((int(p), "") if i % 2 else (-1, p) for i, p in enumerate(parts)), text


def sorted_rows(
    rows: Iterable[FleetRow], order: Order = "worst", limits: Limits = USUAL
) -> list[FleetRow]:
    """Rows in an order; the same rows always come out the same.

    `worst`: by `standing`, then by how full the fullest inlet, line or bank is (in steps of
    `STEP_PERCENT`), then by name. `power` and `percent`: the highest first, what is not known
    last. `location`: by location, then by feed.
    """
    return sorted(rows, key=_key(order, limits))


def _key(order: Order, limits: Limits) -> Callable[[FleetRow], tuple[Any, ...]]:
    def worst(row: FleetRow) -> tuple[Any, ...]:
        full = fullness(row)
        steps = -1 if full is None else int(full // STEP_PERCENT)
        return standing(row, limits), -steps, natural(row.pdu)

    def power(row: FleetRow) -> tuple[Any, ...]:
        value = row.power_w if row.power_w is not None else row.apparent_power_va
        return value is None, -(value or 0.0), natural(row.pdu)

    def percent(row: FleetRow) -> tuple[Any, ...]:
        full = fullness(row)
        return full is None, -(full or 0.0), natural(row.pdu)

    def location(row: FleetRow) -> tuple[Any, ...]:
        return not row.location, natural(row.location), natural(row.feed), natural(row.pdu)

    def name(row: FleetRow) -> tuple[Any, ...]:
        return natural(row.pdu)

    return {
        "worst": worst, "name": name, "power": power, "percent": percent, "location": location,
    }[order]  # fmt: skip
