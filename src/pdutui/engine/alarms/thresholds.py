"""`[[alarms.threshold]]` against a reading: which figures of which parts, and where they stand."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from fnmatch import fnmatchcase
from operator import attrgetter

import msgspec

from pdutui.domain.alarm_finding import Finding, Key, clear
from pdutui.domain.alarm_level import Limits, standing
from pdutui.domain.alarm_loads import load_label
from pdutui.domain.alarm_measure import UNITS, ThresholdOf
from pdutui.domain.alarm_power import sensor_parts
from pdutui.domain.load import bank_limit_a, cord_rating_a, percent_of, phase_limit_a, total_load
from pdutui.domain.naming import outlet_label, outlet_place
from pdutui.domain.reading import Bank, Inlet, Outlet, Phase, Reading, Sensor, Source
from pdutui.domain.series import sensor_ids
from pdutui.settings import AlarmSettings, ThresholdSettings

_DIGITS = {"W": 0, "VA": 0, "s": 0, "%": 0, "A": 2, "V": 1, "Hz": 2}


class Rule(msgspec.Struct, frozen=True, kw_only=True):
    """A threshold as it is judged."""

    settings: ThresholdSettings
    limits: Limits
    hold_s: float


class _Place(msgspec.Struct, frozen=True, kw_only=True):
    """A part of a PDU that a rule is about."""

    index: int
    part: str
    label: str
    series: str


def rules_of(pdu: str, settings: AlarmSettings) -> tuple[Rule, ...]:
    """The thresholds that are for a PDU."""
    return tuple(
        Rule(
            settings=one,
            limits=Limits(
                high_warning=one.high_warning,
                high_critical=one.high_critical,
                low_warning=one.low_warning,
                low_critical=one.low_critical,
                band=one.hysteresis,
                band_percent=settings.hysteresis_percent,
            ),
            hold_s=settings.hold_s if one.hold_s is None else one.hold_s,
        )
        for one in settings.thresholds
        if fits(pdu, one.pdus)
    )


def fits(name: str, patterns: Iterable[str]) -> bool:
    """Whether a name is one of those, or fits a pattern; no patterns: all fit."""
    patterns = tuple(patterns)
    return not patterns or any(name == one or fnmatchcase(name, one) for one in patterns)


class Thresholds:
    """The rules of one PDU that are judged by its readings; ages are judged by `age_findings`.

    Which parts a rule is about is worked out once for the parts that there are.
    """

    def __init__(self, rules: Iterable[Rule]) -> None:
        self._rules = tuple(rule for rule in rules if rule.settings.measure != "age_s")
        self._kinds = tuple(dict.fromkeys(rule.settings.of for rule in self._rules))
        self._shape: tuple[object, ...] | None = None
        self._places: tuple[tuple[_Place, ...], ...] = ()

    def look(self, reading: Reading, tracked: Collection[Key]) -> Iterator[Finding]:
        """Where figures stand; those that are well only where they are `tracked`."""
        if not self._rules:
            return
        shape = tuple(_shape(reading, of) for of in self._kinds)
        if shape != self._shape:
            self._shape = shape
            self._places = tuple(_places(reading, rule.settings) for rule in self._rules)
        for rule, places in zip(self._rules, self._places, strict=True):
            parts = _parts(reading, rule.settings.of)
            value_of = _value_of(rule.settings)
            for place in places:
                part = parts[place.index]
                value = value_of(reading, part)
                if value is not None:
                    yield from _judged(rule, place, value, _unit(rule, part), tracked)


def age_findings(
    rules: Iterable[Rule], age_s: float | None, tracked: Collection[Key]
) -> Iterator[Finding]:
    """The rules on the age of a PDU's reading."""
    place = _Place(index=0, part="", label="the reading", series="")
    for rule in rules:
        if rule.settings.measure == "age_s" and age_s is not None:
            yield from _judged(rule, place, age_s, "s", tracked)


def _judged(
    rule: Rule, place: _Place, value: float, unit: str, tracked: Collection[Key]
) -> Iterator[Finding]:
    name = rule.settings.name
    where = standing(value, rule.limits)
    if where.holds is None:
        if tracked and ("threshold", place.part, name) in tracked:
            yield clear("threshold", place.part, name)
        return
    what = _WORDS.get(rule.settings.measure, "")
    word = "above" if where.high else "below"
    limit = where.limit if where.limit is not None else 0.0
    old = " old" if rule.settings.measure == "age_s" else ""
    text = f"{place.label}{what} {_figure(value, unit)}{old}, {word} {_figure(limit, unit)}"
    yield Finding(
        kind="threshold", part=place.part, rule=name, level=where.level, holds=where.holds,
        text=f"{text} ({name})", value=value, limit=where.limit, unit=unit, series=place.series,
        hold_s=rule.hold_s,
    )  # fmt: skip


def _figure(value: float, unit: str) -> str:
    digits = _DIGITS.get(unit)
    plain = f"{value:g}" if digits is None else f"{value:.{digits}f}"
    if digits and "." in plain:
        plain = plain.rstrip("0").rstrip(".")
    return f"{plain} {unit}".rstrip()


_WORDS = {
    "power_factor": " power factor",
    "age_s": " is",
}

Part = Inlet | Phase | Bank | Outlet | Source | Sensor | Reading


def _parts(reading: Reading, of: ThresholdOf) -> Sequence[Part]:
    if of == "outlet":
        return reading.outlets
    if of == "bank":
        return reading.banks
    if of == "inlet":
        return reading.inlets
    if of == "phase":
        return reading.phases
    if of == "source":
        return () if reading.ats is None else reading.ats.sources
    return reading.sensors if of == "sensor" else (reading,)


def _shape(reading: Reading, of: ThresholdOf) -> tuple[object, ...]:
    """What decides which parts a rule is about: it is worked out again when that changes."""
    if of == "sensor":
        return tuple([(one.name, one.kind, one.unit) for one in reading.sensors])
    if of == "source":
        return tuple([one.id for one in _sources(reading)])
    if of == "outlet":
        return tuple([(one.number, one.name, one.label) for one in reading.outlets])
    if of == "bank":
        return tuple([(one.number, one.name) for one in reading.banks])
    if of == "inlet":
        return tuple([(one.number, one.name) for one in reading.inlets])
    return tuple([(one.number, one.name) for one in reading.phases]) if of == "phase" else ()


def _loads(reading: Reading, of: ThresholdOf) -> tuple[Inlet | Phase | Bank, ...]:
    if of == "bank":
        return reading.banks
    return reading.inlets if of == "inlet" else reading.phases


def _sources(reading: Reading) -> tuple[Source, ...]:
    return () if reading.ats is None else reading.ats.sources


def _places(reading: Reading, settings: ThresholdSettings) -> tuple[_Place, ...]:
    of, wanted = settings.of, settings.parts
    if of == "pdu":
        return (_Place(index=0, part="", label="the PDU", series=""),)
    field = {"percent": "current_a"}.get(settings.measure, settings.measure)
    rows: list[tuple[str, str, str, tuple[str, ...]]] = []
    if of == "sensor":
        idents = sensor_ids(reading.sensors)
        sensors = zip(reading.sensors, sensor_parts(reading.sensors), idents, strict=True)
        for sensor, part, ident in sensors:
            names = (sensor.name, sensor.kind, f"{sensor.name}.{sensor.kind}", part[7:])
            rows.append((part, f"{sensor.name} {sensor.kind}", f"sensor.{ident}", names))
    elif of == "source":
        for source in _sources(reading):
            part = f"source.{source.id}"
            rows.append((part, f"source {source.id}", part, (source.id, source.name)))
    elif of == "outlet":
        for outlet in reading.outlets:
            number, label = outlet.number, outlet.label or ""
            part = f"outlet.{number}"
            called = (str(number), outlet_place(number), outlet.name, label)
            rows.append((part, outlet_label(number, outlet.name, outlet.label), part, called))
    else:
        for one in _loads(reading, of):
            part = f"{of}.{one.number}"
            rows.append((part, load_label(one, of), part, (str(one.number), one.name)))
    return tuple(
        _Place(index=index, part=part, label=label, series=f"{series}.{field}")
        for index, (part, label, series, names) in enumerate(rows)
        if not wanted or any(name and fits(name, wanted) for name in names)
    )


def _unit(rule: Rule, part: Part) -> str:
    if isinstance(part, Sensor):
        return {"degC": "°C", "percent": "%"}.get(part.unit or "", part.unit or "")
    return UNITS.get(rule.settings.measure, "")


def _value_of(settings: ThresholdSettings) -> Callable[[Reading, Part], float | None]:
    """What gives the figure of a part."""
    measure = settings.measure
    if measure == "percent":
        return _percent
    if settings.of == "pdu":
        return lambda reading, _: _total(reading, measure)
    get: Callable[[Part], float | None] = attrgetter(measure)
    return lambda _, part: get(part)


def _percent(reading: Reading, part: Part) -> float | None:
    if isinstance(part, Reading):
        return total_load(part).percent
    if isinstance(part, Phase):
        rating_a = phase_limit_a(part) or cord_rating_a(reading, part.module)
        return percent_of(part.current_a, rating_a)
    if isinstance(part, Bank):
        return percent_of(part.current_a, bank_limit_a(part))
    return percent_of(part.current_a, part.rating_a) if isinstance(part, Inlet) else None


def _total(reading: Reading, measure: str) -> float | None:
    """The sum over the inlets; None where one of them is unknown."""
    values = [getattr(inlet, measure) for inlet in reading.inlets]
    return None if not values or None in values else float(sum(values))
