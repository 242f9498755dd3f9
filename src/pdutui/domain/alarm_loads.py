"""Banks, phases and inlets: near their limit by the figures, by the device's word, tripped."""

from __future__ import annotations

from collections.abc import Collection, Iterator

import msgspec

from pdutui.domain.alarm import AlarmLevel
from pdutui.domain.alarm_finding import Finding, Key, clear, found, worse
from pdutui.domain.alarm_level import Limits, Standing, standing
from pdutui.domain.load import cord_rating_a
from pdutui.domain.naming import amps
from pdutui.domain.reading import Bank, Inlet, LoadState, Phase, Reading


class LoadRules(msgspec.Struct, frozen=True, kw_only=True):
    """The words are those of `AlarmSettings`."""

    warning_percent: float = 80.0
    critical_percent: float = 100.0
    hysteresis_percent: float = 3.0
    hold_s: float = 3.0


_FINE: frozenset[LoadState] = frozenset({"normal", "low", "unknown"})
_LEVELS: dict[LoadState, AlarmLevel] = {"warning": "warning", "critical": "critical"}


def load_label(part: Inlet | Phase | Bank, kind: str) -> str:
    """What people call it: `Bank 1`, `L1 of unit 2`."""
    label = part.name or f"{kind} {part.number}"
    return label if part.module is None else f"{label} of unit {part.module}"


def load_findings(
    reading: Reading, rules: LoadRules, tracked: Collection[Key]
) -> Iterator[Finding]:
    """What is wrong with loads, and what is well again of `tracked`.

    The device's own thresholds count where it has them, percent of the rating where not. What the
    device itself calls a warning or critical is one whatever the figures say. A cord whose lines
    are beyond their limits is not told beside them.
    """
    lines = {phase.module for phase in reading.phases if phase.current_a is not None}
    loud: set[tuple[int | None, AlarmLevel]] = set()
    for bank in reading.banks:
        if not tracked and _is_well(bank, bank.rating_a, bank.warning_a, bank.critical_a, rules):
            continue
        yield from _judge(bank, "bank", _bounds(bank, bank.rating_a, rules), rules, tracked)
    for phase in reading.phases:
        rating_a = phase.rating_a or cord_rating_a(reading, phase.module)
        if not tracked and _is_well(phase, rating_a, phase.warning_a, phase.critical_a, rules):
            continue
        for finding in _judge(phase, "phase", _bounds(phase, rating_a, rules), rules, tracked):
            if finding.level is not None and finding.kind == "overload":
                loud.add((phase.module, finding.level))
            yield finding
    for inlet in reading.inlets:
        if not tracked and _is_well(inlet, inlet.rating_a, None, None, rules):
            continue
        # The current of a cord with several lines is no figure that a rating could be held to.
        limits = None if inlet.module in lines else _limits(inlet.rating_a, None, None, rules)
        for finding in _judge(inlet, "inlet", limits, rules, tracked):
            told = (inlet.module, finding.level) in loud or (inlet.module, "critical") in loud
            if finding.kind != "overload" or not told:
                yield finding
            elif finding.key in tracked:
                yield clear("overload", finding.part)


def _is_well(
    part: Inlet | Phase | Bank,
    rating_a: float | None,
    warning_a: float | None,
    critical_a: float | None,
    rules: LoadRules,
) -> bool:
    """Whether a part is far from any limit, without much ado: nearly all are in every reading."""
    if part.state not in _FINE:
        return False
    if part.current_a is None:
        return True
    least_a = warning_a or critical_a
    if rating_a and not warning_a:
        percent_a = rating_a * rules.warning_percent / 100.0
        least_a = min(percent_a, critical_a) if critical_a else percent_a
    elif warning_a and critical_a:
        least_a = min(warning_a, critical_a)
    return not least_a or part.current_a < least_a * (1.0 - rules.hysteresis_percent / 100.0)


def _bounds(part: Bank | Phase, rating_a: float | None, rules: LoadRules) -> Limits | None:
    return _limits(rating_a, part.warning_a, part.critical_a, rules)


def _limits(
    rating_a: float | None, warning_a: float | None, critical_a: float | None, rules: LoadRules
) -> Limits | None:
    """A threshold of 0 is one that is switched off on the device."""
    if rating_a:
        warning_a = warning_a or rating_a * rules.warning_percent / 100.0
        critical_a = critical_a or rating_a * rules.critical_percent / 100.0
    if not warning_a and not critical_a:
        return None
    return Limits(
        high_warning=warning_a or None,
        high_critical=critical_a or None,
        band_percent=rules.hysteresis_percent,
    )


def _judge(
    part: Inlet | Phase | Bank,
    kind: str,
    limits: Limits | None,
    rules: LoadRules,
    tracked: Collection[Key],
) -> Iterator[Finding]:
    name, state = f"{kind}.{part.number}", part.state
    if state == "tripped":
        text = f"{load_label(part, kind)}: breaker tripped"
        yield found("breaker_tripped", "critical", text, part=name, series=f"{name}.current_a")
    elif tracked and state != "unknown" and ("breaker_tripped", name, "") in tracked:
        yield clear("breaker_tripped", name)
    by_figure = Standing()
    if limits is not None and part.current_a is not None:
        by_figure = standing(part.current_a, limits)
    elif state == "unknown":
        return
    said = _LEVELS.get(state)
    holds = worse(by_figure.holds, said)
    if holds is None:
        if tracked and ("overload", name, "") in tracked:
            yield clear("overload", name)
        return
    yield Finding(
        kind="overload",
        part=name,
        level=worse(by_figure.level, said),
        holds=holds,
        text=_text(part, kind, by_figure, rules),
        value=part.current_a,
        limit=by_figure.limit,
        unit="A",
        series=f"{name}.current_a",
        hold_s=rules.hold_s,
    )


def _limited(limit_a: float, rating_a: float, rules: LoadRules) -> str:
    """The limit where it is the device's own, and not what the percentages say."""
    by_rule = (rules.warning_percent, rules.critical_percent)
    if any(abs(limit_a - rating_a * percent / 100.0) < 0.05 for percent in by_rule):
        return ""
    return f", limit {amps(limit_a)}"


def _text(part: Inlet | Phase | Bank, kind: str, by_figure: Standing, rules: LoadRules) -> str:
    label = load_label(part, kind)
    said = _LEVELS.get(part.state)
    by_word = said is not None and worse(by_figure.level, said) != by_figure.level
    if by_word or part.current_a is None or by_figure.limit is None:
        drawn = "" if part.current_a is None else f" at {amps(part.current_a)}"
        return f"{label}: the device says {part.state}{drawn}"
    if part.rating_a:
        percent = 100.0 * part.current_a / part.rating_a
        limited = _limited(by_figure.limit, part.rating_a, rules)
        return f"{label} at {percent:.0f} % of {part.rating_a:g} A{limited}"
    return f"{label} at {amps(part.current_a)}, limit {amps(by_figure.limit)}"
