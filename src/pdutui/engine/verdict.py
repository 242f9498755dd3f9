"""What the gate answers before anything is done: may it be, and in which words to ask for it."""

from __future__ import annotations

import msgspec

from pdutui.domain.commands import OutletAction
from pdutui.engine.fleet import Pdu
from pdutui.engine.labels import outlet_label, outlet_name, sentence
from pdutui.engine.policy import Rule, Ruling


class Verdict(msgspec.Struct, frozen=True, kw_only=True):
    """What the gate would say to a command now."""

    allowed: bool
    reason: str = ""
    """Why not, for people; for a protected outlet that is allowed, what is asked for."""
    outlet_name: str = ""
    """`db01`; `outlet 3` for one without a name. It is what `needs_name` asks for."""
    sentence: str = ""
    """`Turn OFF outlet 3 db01 on rack1-a: drops 104 W`."""
    load_w: float | None = None
    needs_name: bool = False
    """The outlet is protected: its name must be typed."""
    rule: Rule = "allowed"
    """Which rule spoke, as a stable word."""


def make_verdict(
    known: Pdu | None, pdu: str, outlet: int, action: OutletAction, ruling: Ruling
) -> Verdict:
    """Put a ruling in words. `known` is the PDU called `pdu`, if there is one."""
    reading = known.reading if known else None
    part = reading.outlet(outlet) if reading else None
    given = part.name if part else ""
    needs_name = ruling.allowed and known is not None and outlet in known.settings.protected
    reason = ruling.reason
    if needs_name:
        reason = f"{outlet_label(outlet, given)} is protected: type its name"
    off_s = known.reboot_off_s.get(outlet) if known else None
    return Verdict(
        allowed=ruling.allowed,
        reason=reason,
        outlet_name=outlet_name(outlet, given),
        sentence=sentence(pdu, outlet, part, action, reading, off_s),
        load_w=part.power_w if part else None,
        needs_name=needs_name,
        rule=ruling.rule,
    )
