"""`[alarms]` of the configuration: what is judged to be wrong, and who is told."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal

from pdutui.config_alarms_hook import read_hook
from pdutui.config_alarms_rules import read_budgets, read_thresholds
from pdutui.config_errors import nearest, show
from pdutui.config_names import Known
from pdutui.config_syslog import read_facility, read_target
from pdutui.config_table import Table
from pdutui.domain.alarm import KINDS, AlarmKind
from pdutui.settings import AlarmSettings

_KEEPS: tuple[Literal["none"], Literal["critical"], Literal["all"]] = ("none", "critical", "all")
_BELLS: tuple[Literal["off"], Literal["critical"], Literal["all"]] = ("off", "critical", "all")
_DAY_S = 86_400
_LONGEST_HOLD_S = 3600
_LONGEST_EXPIRY_H = 8784
"""A leap year."""
_MOST_DAYS = 3660


def read_alarms(
    table: Table, *, known: Known, env: Mapping[str, str], warnings: list[str]
) -> AlarmSettings:
    """The settings of the section.

    Args:
        table: the section.
        known: the PDUs that there are.
        env: the environment, whose `PATH` a hook's program is looked for in.
        warnings: where warnings go: a program that cannot be run here is none of the file's errors.
    """
    warning, critical = _percents(table)
    return AlarmSettings(
        enabled=table.boolean("enabled", True),
        off=_off(table),
        warning_percent=warning,
        critical_percent=critical,
        hysteresis_percent=table.number("hysteresis_percent", 3.0, at_least=0, at_most=50),
        hold_s=table.number("hold_s", 3.0, at_least=0, at_most=_LONGEST_HOLD_S),
        clear_s=table.number("clear_s", 10.0, at_least=0, at_most=_LONGEST_HOLD_S),
        stale_after_s=table.number("stale_after_s", 10.0, at_least=1, at_most=_DAY_S),
        no_load_after_s=table.number("no_load_after_s", 60.0, at_least=0, at_most=_DAY_S),
        load_step_percent=table.number("load_step_percent", 30.0, at_least=0, at_most=1000),
        clock_off_s=table.number("clock_off_s", 5.0, at_least=0, at_most=_DAY_S),
        again_after_s=table.number("again_after_s", 300.0, at_least=0, at_most=_DAY_S),
        keep=table.choice("keep", "critical", _KEEPS),
        expire_h=table.number("expire_h", 24.0, above=0, at_most=_LONGEST_EXPIRY_H),
        history_days=table.integer("history_days", 400, at_least=1, at_most=_MOST_DAYS),
        bell=table.choice("bell", "critical", _BELLS),
        bell_every_s=table.number("bell_every_s", 30.0, at_least=0, at_most=_DAY_S),
        syslog=read_target(table),
        facility=read_facility(table, "local0"),
        hook=read_hook(table, env, warnings),
        thresholds=read_thresholds(table, known),
        budgets=read_budgets(table, known),
    )


def _percents(table: Table) -> tuple[float, float]:
    """How full is near overload, and how full is too full."""
    warning = table.number("warning_percent", 80.0, above=0, at_most=200)
    critical = table.number("critical_percent", 100.0, above=0, at_most=200)
    if warning >= critical:
        text = f"must be below critical_percent ({critical:g}), is {warning:g}"
        table.fail_value("warning_percent", text)
    return warning, critical


def _off(table: Table) -> tuple[AlarmKind, ...]:
    """Kinds that are not judged."""
    found: list[AlarmKind] = []
    for word in table.texts("off") or ():
        kind = next((kind for kind in KINDS if kind == word), None)
        if kind is not None:
            found.append(kind)
            continue
        near = nearest(word, KINDS)
        hint = f": did you mean {near!r}?" if near else f" (there: {', '.join(KINDS)})"
        table.fail("off", f"{show(word)} is no kind of alarm{hint}")
    return tuple(found)
