"""What a PDU would send traps about: the difference between two of its readings."""

from __future__ import annotations

from collections.abc import Iterator

import msgspec

from pdutui.backends.snmp.trap_rules import TrapKind
from pdutui.domain.reading import Ats, Bank, Outlet, OutletState, Reading, Source

Value = int | str
_NUMBERS = {"A": 1, "B": 2, "none": 3}


class Happening(msgspec.Struct, frozen=True, kw_only=True):
    """Something that a device tells about."""

    kind: TrapKind
    words: dict[str, Value]
    """What the variables of the trap may speak of."""


def happenings(last: Reading, now: Reading) -> Iterator[Happening]:
    """What has happened from one reading to the next, in the order that a device would tell it."""
    common = _common(now)
    if last.ats is not None and now.ats is not None:
        for happening in _switch(last.ats, now.ats):
            yield _with(happening, common)
    banks = {bank.number: bank for bank in last.banks}
    for place, bank in enumerate(now.banks, 1):
        before = banks.get(bank.number)
        if before is not None and bank.state != before.state:
            for happening in _bank(before, bank, place, now):
                yield _with(happening, common)
    states = {outlet.number: outlet.state for outlet in last.outlets}
    for outlet in now.outlets:
        before_state = states.get(outlet.number, outlet.state)
        if outlet.state != before_state:
            found = switched(outlet, outlet.state)
            if found is not None:
                yield _with(found, common)


def switched(outlet: Outlet, state: OutletState) -> Happening | None:
    """An outlet that has switched; None for a state that is not known."""
    if state == "unknown":
        return None
    module = outlet.module or 1
    number = outlet.number - 1000 * module if module > 1 else outlet.number
    words: dict[str, Value] = {
        "outlet": number,
        "number": number,
        "module": module,
        "outlet_name": outlet.name or f"Outlet{number}",
    }
    return Happening(kind="outlet_on" if state == "on" else "outlet_off", words=words)


def _common(now: Reading) -> dict[str, Value]:
    return {
        "serial": now.serial or "",
        "device": now.name or "",
        "epoch": int(now.time.timestamp()),
        "module": 1,
        "address": "",
        "active_number": _NUMBERS.get(now.ats.active or "", 3) if now.ats else 3,
    }


def _with(happening: Happening, common: dict[str, Value]) -> Happening:
    return Happening(kind=happening.kind, words={**common, **happening.words})


def _source(ident: str, volts: float | None = None) -> dict[str, Value]:
    number = _NUMBERS[ident]
    return {
        "source": ident,
        "source_number": number,
        "source_index": number - 1,
        "inlet": number,
        "volts": round(volts or 0),
    }


def _gone(source: Source) -> bool:
    return source.state == "lost" or source.voltage_v == 0


def _switch(last: Ats, now: Ats) -> Iterator[Happening]:
    before = {source.id: source for source in last.sources}
    for source in now.sources:
        was, gone = _gone(before.get(source.id, source)), _gone(source)
        if gone != was:
            kind: TrapKind = "source_lost" if gone else "source_ok"
            yield Happening(kind=kind, words=_source(source.id, source.voltage_v))
    if now.active != last.active and now.active in ("A", "B"):
        yield Happening(kind="transfer", words=_source(now.active))
    if now.redundancy != last.redundancy and now.redundancy is not None:
        lost = [s.id for s in now.sources if s.state != "normal"]
        other = "B" if now.active == "A" else "A"
        words = _source(lost[0] if lost else other)
        kind = "redundancy_lost" if now.redundancy == "lost" else "redundancy_ok"
        yield Happening(kind=kind, words=words)


def _bank(before: Bank, bank: Bank, place: int, now: Reading) -> Iterator[Happening]:
    module = bank.module or 1
    number = bank.number - 1000 * module if module > 1 else bank.number
    words: dict[str, Value] = {
        "bank": number,
        "number": number,
        "module": module,
        "row": place + max(1, len(now.phases)),
        "bank_row": number + 1,
        "bank_tenths": round(10 * (bank.current_a or 0)),
        "milliamps": round(1000 * (bank.current_a or 0)),
    }
    if bank.state == "tripped":
        yield Happening(kind="breaker_trip", words=words)
    elif bank.state == "critical":
        yield Happening(kind="overload", words=words)
    elif before.state == "critical":
        yield Happening(kind="overload_clear", words=words)
