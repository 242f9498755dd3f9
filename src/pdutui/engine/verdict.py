"""What the gate answers before anything is done: may it be, and in which words to ask for it."""

from __future__ import annotations

import msgspec

from pdutui.domain.commands import Action
from pdutui.domain.impact import Impact
from pdutui.engine.fleet import Pdu
from pdutui.engine.labels import outlet_name
from pdutui.engine.policy import Rule, Ruling
from pdutui.engine.sentences import UNTIMED, sentence
from pdutui.engine.subject import is_pdu_action, subject_of


class Verdict(msgspec.Struct, frozen=True, kw_only=True):
    """What the gate would say to a command now."""

    allowed: bool
    reason: str = ""
    """Why not, for people; where a name has to be typed, why, and which."""
    outlet_name: str = ""
    """`db01`; `outlet 3` for one without a name; the PDU's for a command on all of it. It is what
    `needs_name` asks for."""
    sentence: str = ""
    """`Turn OFF outlet 3 db01 on rack1-a: drops 104 W`."""
    load_w: float | None = None
    needs_name: bool = False
    """A name must be typed: the outlet is protected, the whole PDU is meant, it is dangerous, or no
    maintenance window is open."""
    rule: Rule = "allowed"
    """Which rule spoke, as a stable word."""
    impact: Impact | None = None
    """What it will do to loads and devices; None where nothing is switched (identify, cancel) or
    nothing is known of the PDU."""
    needs_approval: bool = False
    """Policy wants a second person: it is frozen as a plan of one step instead of being done."""
    approval: str = ""
    """Why, for people."""
    needs_reason: bool = False
    needs_ticket: bool = False


def make_verdict(
    known: Pdu | None,
    pdu: str,
    outlet: int,
    action: Action,
    ruling: Ruling,
    delay_s: int | None = None,
    *,
    name_asked: str = "",
    impact: Impact | None = None,
    approval: str = "",
) -> Verdict:
    """Put a ruling in words.

    Args:
        known: the PDU called `pdu`, if there is one.
        pdu: configured name.
        outlet: its number; `WHOLE_PDU` for all of it.
        action: what is asked for.
        ruling: the first rule that spoke.
        delay_s: the delay asked for.
        name_asked: why a name has to be typed, and which; empty where none has.
        impact: what it will do.
        approval: why a second person has to agree; empty where none has.
    """
    reading = known.reading if known else None
    subject = subject_of(reading, pdu, outlet, action)
    whole = is_pdu_action(action)
    name_asked = name_asked if ruling.allowed else ""
    return Verdict(
        allowed=ruling.allowed,
        reason=name_asked or ruling.reason,
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
        needs_name=bool(name_asked),
        rule=ruling.rule,
        impact=impact,
        needs_approval=bool(approval),
        approval=approval,
    )
