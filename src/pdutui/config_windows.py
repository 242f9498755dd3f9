"""`[[control.window]]` of the configuration: when switching is planned."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime

from pdutui.config_errors import show
from pdutui.config_hours import days_of_week, hours
from pdutui.config_names import Known, check_pdus
from pdutui.config_table import Table
from pdutui.settings import WindowSettings

_WEEKLY = ("days", "from", "to")
_ONCE = ("begins", "ends")
_MOST = 200
_LONGEST_NAME = 60


def read_windows(
    control: Table, known: Known, env: Mapping[str, str]
) -> tuple[WindowSettings, ...]:
    """Every window, in the order of the file.

    Args:
        control: the section they stand in.
        known: the PDUs that they may be for.
        env: the environment, which may name the zone of local times.
    """
    tables = control.subs("window", header="control.window", most=_MOST)
    windows = tuple(_window(one, number, known, env) for number, one in enumerate(tables, 1))
    seen: dict[str, int] = {}
    for number, (table, window) in enumerate(zip(tables, windows, strict=True), 1):
        first = seen.setdefault(window.name.casefold(), number)
        if first != number:
            table.fail("name", f"{show(window.name)} is that of window {first} already")
    return windows


def _window(table: Table, number: int, known: Known, env: Mapping[str, str]) -> WindowSettings:
    table.check_keys(("name", *_WEEKLY, *_ONCE, "pdus"))
    name = table.text("name")
    if name is None and not table.has("name"):
        table.fail("name", "is missing: what it is called when it is open, or not")
    if name is not None and len(name) > _LONGEST_NAME:
        table.fail("name", f"must have {_LONGEST_NAME} characters at most")
    pdus = table.texts("pdus") or ()
    if table.has("pdus") and table.raw("pdus") == []:
        table.fail("pdus", "is an empty array: leave it out for all PDUs")
    for pattern in pdus:
        check_pdus(table, "pdus", pattern, known.pdus)
    name = name or f"window {number}"
    if any(table.has(key) for key in _ONCE):
        begins, ends = _once(table, env)
        return WindowSettings(name=name, begins=begins, ends=ends, pdus=pdus)
    begin, end = hours(table)
    return WindowSettings(
        name=name, days=days_of_week(table, "days"), from_min=begin, to_min=end, pdus=pdus
    )


def _once(table: Table, env: Mapping[str, str]) -> tuple[datetime | None, datetime | None]:
    """When a window that is once begins and ends."""
    for key in filter(table.has, _WEEKLY):
        table.fail(key, "is for every week, and begins and ends are for once: leave one out")
    begins, ends = (_moment(table, key, env) for key in _ONCE)
    if begins is not None and ends is not None and ends <= begins:
        table.fail("ends", f"must be after begins, is {show(table.raw('ends'))}")
    return begins, ends


def _moment(table: Table, key: str, env: Mapping[str, str]) -> datetime | None:
    """A date and time; one without an offset is local."""
    if not table.has(key):
        other = "ends" if key == "begins" else "begins"
        table.fail(key, f"is missing: {other} is there")
        return None
    value = table.raw(key)
    if not isinstance(value, datetime):
        what = "must be a date and time without quotes, as 2026-11-28T22:00:00"
        table.fail(key, f"{what}, is {show(value)}")
        return None
    from pdutui.domain.zone import local_zone  # few have such windows, and it takes a while to load

    try:
        moment = value if value.tzinfo is not None else value.replace(tzinfo=local_zone(env))
        moment.astimezone(UTC)
    except OverflowError:  # an offset takes it out of the years that there are
        table.fail(key, f"is out of range: {show(value)}")
        return None
    return moment
