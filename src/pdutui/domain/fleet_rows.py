"""Making the row of a PDU: what its reading says, once a reading, and how it is, every second."""

from __future__ import annotations

from collections.abc import Iterable

import msgspec

from pdutui.domain.alarm import Alarm
from pdutui.domain.fleet import FleetLoad, FleetRow
from pdutui.domain.health import Health
from pdutui.domain.load import (
    bank_limit_a,
    cord_rating_a,
    fullest_phase,
    percent_of,
    phase_limit_a,
    total_load,
)
from pdutui.domain.naming import in_chain, inlet_name
from pdutui.domain.reading import (
    ActiveSource,
    Inlet,
    LoadState,
    Reading,
    Redundancy,
)

_BAD: dict[LoadState, int] = {"tripped": 3, "critical": 2, "warning": 1}
"""A breaker that has tripped carries nothing, and is the worst of all."""


class Facts(msgspec.Struct, frozen=True, kw_only=True):
    """What a row takes from a reading: the costly part, made once for each."""

    power_w: float | None = None
    apparent_power_va: float | None = None
    current_a: float | None = None
    rating_a: float | None = None
    percent: float | None = None
    worst: FleetLoad | None = None
    has_ats: bool = False
    active: ActiveSource | None = None
    preferred: ActiveSource | None = None
    redundancy: Redundancy | None = None
    outlets_on: int = 0
    outlets_off: int = 0
    outlets_unknown: int = 0
    trend: tuple[str, ...] = ()
    """Keys of the series that make its trend, to be added up: watts, else amperes."""


NOTHING = Facts()
"""Of a PDU without a reading."""


class AlarmCounts(msgspec.Struct, frozen=True):
    """How many alarms of a PDU are in the list."""

    critical: int = 0
    warning: int = 0
    quiet: int = 0
    """Acknowledged or silenced, of either level."""


NO_ALARMS = AlarmCounts()


def count_alarms(alarms: Iterable[Alarm]) -> dict[str, AlarmCounts]:
    """By PDU; those without alarms are left out."""
    counts: dict[str, list[int]] = {}
    for alarm in alarms:
        place = 2 if not alarm.loud else 0 if alarm.level == "critical" else 1
        counts.setdefault(alarm.pdu, [0, 0, 0])[place] += 1
    return {pdu: AlarmCounts(*count) for pdu, count in counts.items()}


def facts_of(reading: Reading) -> Facts:
    """What a reading says in a line.

    Totals are those of the inlets. A three-phase cord that has no current of its own has that of
    its fullest line. What the device does not say stays None.
    """
    total = total_load(reading)
    current = total.current_a
    if current is None and len(reading.inlets) == 1:
        line = fullest_phase(reading, reading.inlets[0].module)
        current = line.current_a if line is not None else None
    states = [outlet.state for outlet in reading.outlets]
    on, off = states.count("on"), states.count("off")
    cords = _cords(reading)
    ats = reading.ats
    return Facts(
        power_w=total.power_w,
        apparent_power_va=_apparent(reading) if total.power_w is None else None,
        current_a=current,
        rating_a=next((c.rating_a for c in cords if c.percent == total.percent is not None), None),
        percent=total.percent,
        worst=max([*cords, *_banks(reading)], key=_badness, default=None),
        has_ats=ats is not None,
        active=ats.active if ats is not None else None,
        preferred=ats.preferred if ats is not None else None,
        redundancy=ats.redundancy if ats is not None else None,
        outlets_on=on,
        outlets_off=off,
        outlets_unknown=len(states) - on - off,
        trend=_trend(reading),
    )


def row_of(
    facts: Facts,
    *,
    pdu: str,
    location: str = "",
    feed: str = "",
    health: Health,
    age_s: float | None = None,
    detail: str = "",
    alarms: AlarmCounts = NO_ALARMS,
) -> FleetRow:
    """The row of a PDU as it stands.

    Args:
        facts: What its last reading said.
        pdu: Its name.
        location: As configured.
        feed: As configured.
        health: How far the facts can be trusted now.
        age_s: How old they are.
        detail: Why it is not live.
        alarms: What is wrong with it.
    """
    return FleetRow(
        pdu=pdu,
        location=location,
        feed=feed,
        health=health,
        age_s=age_s,
        detail=detail,
        power_w=facts.power_w,
        apparent_power_va=facts.apparent_power_va,
        current_a=facts.current_a,
        rating_a=facts.rating_a,
        percent=facts.percent,
        worst=facts.worst,
        has_ats=facts.has_ats,
        active=facts.active,
        preferred=facts.preferred,
        redundancy=facts.redundancy,
        outlets_on=facts.outlets_on,
        outlets_off=facts.outlets_off,
        outlets_unknown=facts.outlets_unknown,
        critical=alarms.critical,
        warning=alarms.warning,
        quiet=alarms.quiet,
    )


def _apparent(reading: Reading) -> float | None:
    known = [i.apparent_power_va for i in reading.inlets]
    given = [va for va in known if va is not None]
    return sum(given) if known and len(given) == len(known) else None


def _cords(reading: Reading) -> list[FleetLoad]:
    """Inlets and their lines."""
    out = [
        _load(in_chain(i.module, inlet_name(i.name)), i.current_a, i.rating_a, i.state)
        for i in reading.inlets
    ]
    for phase in reading.phases:
        limit_a = phase_limit_a(phase) or cord_rating_a(reading, phase.module)
        name = in_chain(phase.module, phase.name)
        out.append(_load(name, phase.current_a, limit_a, phase.state))
    return out


def _banks(reading: Reading) -> list[FleetLoad]:
    return [
        _load(in_chain(b.module, b.name), b.current_a, bank_limit_a(b), b.state)
        for b in reading.banks
    ]


def _load(
    name: str, current_a: float | None, rating_a: float | None, state: LoadState
) -> FleetLoad:
    return FleetLoad(
        name=name,
        current_a=current_a,
        rating_a=rating_a,
        percent=percent_of(current_a, rating_a),
        state=state,
    )


def _badness(load: FleetLoad) -> tuple[int, float]:
    """The device's word first, then how full it is; one of which nothing is known comes last."""
    return _BAD.get(load.state, 0), -1.0 if load.percent is None else load.percent


def _trend(reading: Reading) -> tuple[str, ...]:
    """The series of the total; a device of which not all inlets give one figure has none."""

    def of_inlets(field: str) -> tuple[str, ...]:
        return tuple(f"inlet.{i.number}.{field}" for i in reading.inlets)

    def known(inlet: Inlet, field: str) -> bool:
        return getattr(inlet, field) is not None

    for field in ("power_w", "current_a"):
        if reading.inlets and all(known(i, field) for i in reading.inlets):
            return of_inlets(field)
    if len(reading.inlets) == 1:
        line = fullest_phase(reading, reading.inlets[0].module)
        return (f"phase.{line.number}.current_a",) if line is not None else ()
    return ()
