"""What the gate answers before anything is done: may it be, and in which words to ask for it."""

from __future__ import annotations

import msgspec

from pdutui.domain.commands import Action
from pdutui.domain.impact import Impact
from pdutui.engine.fleet import Pdu
from pdutui.engine.labels import outlet_name
from pdutui.engine.policy import Rule, Ruling, wants_name
from pdutui.engine.sentences import UNTIMED, sentence
from pdutui.engine.subject import is_pdu_action, subject_of


class Verdict(msgspec.Struct, frozen=True, kw_only=True):
    """What the gate would say to a command now."""

    allowed: bool
    reason: str = ""
    """Why not, for people; for a protected outlet that is allowed, what is asked for."""
    outlet_name: str = ""
    """`db01`; `outlet 3` for one without a name; the PDU's for a command on all of it. It is what
    `needs_name` asks for."""
    sentence: str = ""
    """`Turn OFF outlet 3 db01 on rack1-a: drops 104 W`."""
    load_w: float | None = None
    needs_name: bool = False
    """The outlet is protected, or the whole PDU is meant: the name must be typed."""
    rule: Rule = "allowed"
    """Which rule spoke, as a stable word."""
    impact: Impact | None = None
    """What it will do to loads and devices; None where nothing is switched (identify, cancel) or
    nothing is known of the PDU."""
    needs_approval: bool = False
    """Policy wants a second person: it is frozen as a plan of one step instead of being done."""
    needs_reason: bool = False
    needs_ticket: bool = False


def make_verdict(
    known: Pdu | None,
    pdu: str,
    outlet: int,
    action: Action,
    ruling: Ruling,
    delay_s: int | None = None,
) -> Verdict:
    """Put a ruling in words. `known` is the PDU called `pdu`, if there is one."""
    reading = known.reading if known else None
    subject = subject_of(reading, pdu, outlet, action)
    whole = is_pdu_action(action)
    reason, name = ruling.reason, ""
    if ruling.allowed and known is not None:
        name = wants_name(known.settings, reading, outlet, action)
        reason = name or reason
    return Verdict(
        allowed=ruling.allowed,
        reason=reason,
        outlet_name=pdu if whole else outlet_name(outlet, subject.name),
        sentence=sentence(
            pdu,
            outlet,
            action,
            reading,
            timing=known.timing.get(outlet, UNTIMED) if known else UNTIMED,
            delay_s=delay_s,
            protected=known.settings.protected if known else (),
            transfers=known.backend.prefer_transfers if known else False,
        ),
        load_w=subject.load_w,
        needs_name=bool(name),
        rule=ruling.rule,
    )
