"""Little PDUs for the tests of the preview."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import msgspec

from pdutui.domain.devicemap import DeviceMap, MappedCord
from pdutui.domain.impact import Change, Impact, LoadImpact
from pdutui.domain.impact_rules import ImpactRules, KnownLoad, PduFacts, assess
from pdutui.domain.reading import Bank, Inlet, Outlet, Reading

AT = datetime(2026, 11, 20, 14, 0, tzinfo=UTC)
RULES = ImpactRules(limit_percent=80.0, inrush_factor=1.5)


def outlet(number: int, current_a: float | None = 1.0, **more: Any) -> Outlet:
    """An outlet at 230 V that draws so much; 0.0 amperes is an outlet that is off."""
    values: dict[str, Any] = {
        "number": number,
        "name": f"out{number}",
        "state": "on" if current_a != 0.0 else "off",
        "bank": 1,
        "switchable": True,
        "current_a": current_a,
        "power_w": None if current_a is None else 230.0 * current_a,
    }
    return Outlet(**(values | more))


def pdu(
    name: str,
    *outlets: Outlet,
    bank_a: float | None = 4.0,
    bank_rating_a: float | None = 16.0,
    inlet_a: float | None = 8.0,
    inlet_rating_a: float | None = 32.0,
    volts: float | None = 230.0,
    last: dict[int, KnownLoad] | None = None,
    bank: dict[str, Any] | None = None,
    reading: dict[str, Any] | None = None,
    **facts: Any,
) -> tuple[str, PduFacts]:
    """A PDU with one bank of 16 A, called C1, behind one inlet of 32 A."""
    made = Reading(
        pdu=name,
        time=AT,
        inlets=(
            Inlet(
                number=1, name="I1", voltage_v=volts, current_a=inlet_a, rating_a=inlet_rating_a
            ),
        ),
        banks=(
            Bank(
                number=1, name="C1", voltage_v=volts, current_a=bank_a, rating_a=bank_rating_a
            ),
        ),
        outlets=outlets,
    )  # fmt: skip
    if bank is not None:
        made = msgspec.structs.replace(
            made, banks=(msgspec.structs.replace(made.banks[0], **bank),)
        )
    if reading is not None:
        made = msgspec.structs.replace(made, **reading)
    return name, PduFacts(reading=made, last_loads=last or {}, **facts)


def cords(*lines: str) -> DeviceMap:
    """`db01 a 3 A`: device, PDU, outlet, cord; with `!` behind it, critical."""
    out = []
    for line in lines:
        device, where, number, *rest = line.split()
        out.append(
            MappedCord(
                device=device,
                pdu=where,
                outlet=int(number),
                cord=rest[0] if rest and rest[0] != "!" else "",
                critical="!" in rest,
            )
        )
    return DeviceMap(tuple(out))


def change(text: str) -> Change:
    """`a 3 off`."""
    where, number, action = text.split()
    return Change(pdu=where, outlet=int(number), action=action)  # type: ignore[arg-type]


def preview(
    changes: str, fleet: list[tuple[str, PduFacts]], by: DeviceMap, rules: ImpactRules = RULES
) -> Impact:
    """What changes do that are written `a 3 off; b 3 off`."""
    wishes = [change(text.strip()) for text in changes.split(";")]
    return assess(wishes, dict(fleet), by, rules)


def load(impact: Impact, where: str, kind: str = "bank") -> LoadImpact:
    """The bank or the inlet of a PDU."""
    return next(one for one in impact.loads if (one.pdu, one.kind) == (where, kind))


def texts(impact: Impact) -> list[str]:
    """What people read."""
    return [line.text for line in impact.lines]
