"""Whether an outlet may be switched, as a pure function of what is configured and known.

The order is the order in which a person would want to hear the reasons: what is forbidden
altogether, what does not exist, what the device cannot do, what is not known well enough now.
"""

from __future__ import annotations

from collections.abc import Container, Mapping
from typing import TYPE_CHECKING, Literal

import msgspec

from pdutui.domain.commands import WHOLE_PDU, Action, OutletAction, PduAction
from pdutui.domain.health import Health, is_stale
from pdutui.engine.labels import number_ranges, outlet_label, outlet_name, seconds
from pdutui.engine.subject import is_preference, outlet_part, source_of

if TYPE_CHECKING:
    from pdutui.domain.reading import Outlet, Reading
    from pdutui.engine.view import InFlight
    from pdutui.settings import ControlSettings, PduSettings

Rule = Literal[
    "allowed",
    "control_disabled",
    "read_only",
    "unknown_pdu",
    "pdu_read_only",
    "no_write_path",
    "unknown_outlet",
    "not_switchable",
    "no_such_action",
    "no_transfer_switch",
    "needs_delay",
    "not_live",
    "state_unknown",
    "pending",
    "in_flight",
    "settling",
    "protected",
    "not_confirmed",
    "changed",
    "repeated",
    "ending",
    "cancelled",
    "role",
    "not_allowed",
    "locked",
    "outside_window",
    "rate_limit",
    "needs_reason",
    "needs_ticket",
    "needs_approval",
    "dangerous",
]
"""Which rule spoke; stable words for programs, next to the reason for people."""


class Ruling(msgspec.Struct, frozen=True, kw_only=True):
    """What a rule said."""

    rule: Rule = "allowed"
    reason: str = ""

    @property
    def allowed(self) -> bool:
        """Whether nothing spoke against it."""
        return self.rule == "allowed"


ALLOWED = Ruling()


class Situation(msgspec.Struct, frozen=True, kw_only=True):
    """What is known of one PDU at the moment of judging."""

    pdu: PduSettings
    actions: frozenset[OutletAction]
    """What its backend can do to an outlet."""
    pdu_actions: frozenset[PduAction] = frozenset()
    """What it can do to the whole."""
    takes_delay: bool = False
    """Whether delayed actions take a number of seconds, and need one."""
    reading: Reading | None
    """As it is shown: with the names people know."""
    health: Health
    detail: str
    age_s: float | None
    in_flight: Mapping[int, InFlight]
    settling: Container[int] = ()
    """Outlets that were switched from here since the poll began that the reading is of."""


def forbidden(control: ControlSettings) -> Ruling:
    """The rules that hold for the whole program."""
    if not control.enabled:
        return Ruling(rule="control_disabled", reason="control is disabled in the configuration")
    if control.read_only:
        return Ruling(rule="read_only", reason="the program runs read-only")
    return ALLOWED


def unknown_pdu(name: str, known: tuple[str, ...]) -> Ruling:
    """The ruling on a PDU that is not configured."""
    there = ", ".join(known) or "none"
    return Ruling(rule="unknown_pdu", reason=f"no PDU is called {name}; there are: {there}")


def closed(situation: Situation) -> Ruling:
    """Whether this PDU cannot be switched at all from here."""
    pdu = situation.pdu
    if pdu.read_only:
        return Ruling(rule="pdu_read_only", reason=f"{pdu.name} is read-only in the configuration")
    if situation.actions or situation.pdu_actions:
        return ALLOWED
    if pdu.backend == "snmp" and not _may_write(pdu):
        what = "write user" if pdu.version == "3" else "write community"
        return Ruling(rule="no_write_path", reason=f"no {what} configured for {pdu.name}")
    if situation.reading is not None:
        return Ruling(rule="no_write_path", reason=f"{pdu.name} offers no switching of outlets")
    return ALLOWED


def _may_write(pdu: PduSettings) -> bool:
    return (pdu.v3_write if pdu.version == "3" else pdu.write_community) is not None


def judge(situation: Situation, number: int, action: Action, delay_s: int | None = None) -> Ruling:
    """The first rule that speaks against a command on a known PDU, or ALLOWED.

    Protection and confirmation are not judged here: they are answered by a person.
    """
    shut = closed(situation)
    if not shut.allowed:
        return shut
    if situation.reading is None:
        return _stale(situation)
    if number == WHOLE_PDU:
        return _whole(situation, situation.reading, action, delay_s)
    outlet = situation.reading.outlet(number)
    if outlet is None:
        return _no_outlet(situation.pdu.name, number, situation.reading)
    label = outlet_label(number, outlet.name, outlet.label)
    if not outlet.switchable:
        return Ruling(rule="not_switchable", reason=f"{label} cannot be switched")
    if action not in situation.actions:
        return _no_such(situation, action, "for outlets")
    timed = _delay(situation, action, delay_s)
    if not timed.allowed:
        return timed
    if is_stale(situation.health):
        return _stale(situation)
    return _busy(situation, outlet, label, outlet_part(action))


def _no_such(situation: Situation, action: Action, where: str) -> Ruling:
    name, spoken = situation.pdu.name, action.removeprefix("all_").replace("_", " ")
    text = f"{name} offers no {spoken} {where}"
    if is_preference(action):
        source = source_of(action)
        what = "no source" if source is None else f"source {source}"
        text = f"{name} cannot be told to prefer {what}"
    return Ruling(rule="no_such_action", reason=text)


def _delay(situation: Situation, action: Action, delay_s: int | None) -> Ruling:
    """Whether a delay is given where one is needed, and only there."""
    delayed = "delayed_" in action
    if delayed and situation.takes_delay and delay_s is None:
        text = f"{situation.pdu.name} wants to be told the delay in seconds"
        return Ruling(rule="needs_delay", reason=text)
    if delay_s is not None and not (delayed and situation.takes_delay):
        text = (
            f"{situation.pdu.name} has a delay of its own and takes none from here"
            if delayed
            else f"{action.replace('_', ' ')} takes no delay"
        )
        return Ruling(rule="needs_delay", reason=text)
    return ALLOWED


def _whole(situation: Situation, reading: Reading, action: Action, delay_s: int | None) -> Ruling:
    """The rules for all outlets at once and for the transfer switch."""
    if is_preference(action) and reading.ats is None:
        text = f"{situation.pdu.name} has no transfer switch"
        return Ruling(rule="no_transfer_switch", reason=text)
    able = [outlet for outlet in reading.outlets if outlet.switchable]
    if not able and not is_preference(action):
        text = f"{situation.pdu.name} has no outlet that can be switched"
        return Ruling(rule="not_switchable", reason=text)
    if action not in situation.pdu_actions:
        return _no_such(situation, action, "for all outlets at once: switch them by their numbers")
    timed = _delay(situation, action, delay_s)
    if not timed.allowed:
        return timed
    if is_stale(situation.health):
        return _stale(situation)
    if situation.in_flight:
        under_way = next(iter(situation.in_flight.values())).intent.action.replace("_", " ")
        text = f"a command ({under_way}) on {situation.pdu.name} is under way"
        return Ruling(rule="in_flight", reason=text)
    if is_preference(action):
        known = reading.ats is not None and reading.ats.preferred is not None
        text = f"which source {situation.pdu.name} prefers is not known"
        return ALLOWED if known else Ruling(rule="state_unknown", reason=text)
    for outlet in able:
        label = outlet_label(outlet.number, outlet.name, outlet.label)
        ruling = _busy(situation, outlet, label, outlet_part(action))
        if not ruling.allowed:
            return ruling
    return ALLOWED


def _busy(situation: Situation, outlet: Outlet, label: str, action: OutletAction) -> Ruling:
    """The rules on the state of an outlet itself."""
    under_way = situation.in_flight.get(outlet.number) or situation.in_flight.get(WHOLE_PDU)
    if under_way is not None:
        doing = under_way.intent.action.replace("_", " ")
        whole = under_way.intent.outlet == WHOLE_PDU
        about = f"on {situation.pdu.name}" if whole else f"for {label}"
        return Ruling(rule="in_flight", reason=f"a command ({doing}) {about} is under way")
    if action == "identify":
        return ALLOWED
    if outlet.state == "unknown":
        return Ruling(rule="state_unknown", reason=f"the state of {label} is not known")
    if outlet.pending is not None and action != "cancel":
        what = "a command" if outlet.pending == "unspecified" else f"a command ({outlet.pending})"
        return Ruling(rule="pending", reason=f"{label} still has {what} pending on the device")
    if outlet.number in situation.settling and action != "cancel":
        return Ruling(
            rule="settling", reason=f"{label} was switched just now and has not been polled since"
        )
    return ALLOWED


def typed_right(number: int, name: str, typed: str | None) -> bool:
    """Whether somebody typed the name of a protected outlet: `db01`, `3 db01` or `3-db01`."""
    if typed is None:
        return False
    given = outlet_name(number, name)
    return typed.strip() in (given, f"{number} {given}", f"{number}-{given}")


def _no_outlet(pdu: str, number: int, reading: Reading) -> Ruling:
    there = [outlet.number for outlet in reading.outlets]
    text = f"it has {number_ranges(there)}" if there else "it has none"
    return Ruling(rule="unknown_outlet", reason=f"{pdu} has no outlet {number}; {text}")


def _stale(situation: Situation) -> Ruling:
    name, why = situation.pdu.name, situation.detail
    if situation.health == "refused":
        text = f"{name} refuses us: {why}"
    elif situation.health == "unsupported":
        text = f"{name} is no PDU that is known: {why}"
    elif situation.age_s is not None:
        text = f"{name} is {situation.health}: its figures are {seconds(situation.age_s)} old"
    elif situation.health == "lost":
        text = f"{name} is lost: {why}" if why else f"{name} is lost"
    else:
        text = f"{name} has not given a reading yet"
    return Ruling(rule="not_live", reason=text)
