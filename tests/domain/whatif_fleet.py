"""Little rooms for the tests of what-ifs."""

from __future__ import annotations

from pdutui.domain.devicemap import DeviceMap
from pdutui.domain.fleet import Loss
from pdutui.domain.impact_rules import PduFacts
from pdutui.domain.racks import Member
from pdutui.domain.room import Room
from pdutui.domain.whatif import PartAfter, WhatIf
from pdutui.domain.whatif_run import lose_all
from tests.domain.impact_fleet import RULES, cords

NO_MAP = cords()
Fleet = list[tuple[str, PduFacts]]


def room(fleet: Fleet, by: DeviceMap, apart: tuple[str, ...] = ()) -> Room:
    """All in one rack, those that stand apart in none."""
    members = (
        Member(pdu=name, location="" if name in apart else "rack 1", feed=facts.feed or "")
        for name, facts in fleet
    )
    return Room(members, by)


def lose(text: str, fleet: Fleet, by: DeviceMap = NO_MAP, apart: tuple[str, ...] = ()) -> WhatIf:
    """`feed A`, `pdu a`, `source ats A` is lost."""
    kind, name, *source = text.split()
    loss = Loss(kind=kind, name=name, source=source[0] if source else None)  # type: ignore[arg-type]
    return lose_all(loss, dict(fleet), room(fleet, by, apart), RULES)


def part(found: WhatIf, pdu: str, kind: str = "inlet", number: int = 1) -> PartAfter:
    """A part of a PDU."""
    after = found.of(pdu)
    assert after is not None
    return next(one for one in after.parts if (one.kind, one.number) == (kind, number))


def fate(found: WhatIf, pdu: str) -> str:
    """What becomes of a PDU."""
    after = found.of(pdu)
    assert after is not None
    return after.fate


def fates(found: WhatIf) -> dict[str, str]:
    """Device to fate."""
    return {one.device: one.fate for one in found.devices}


def texts(found: WhatIf) -> list[str]:
    """What people read."""
    return [f"{line.level}: {line.text}" for line in found.lines]
