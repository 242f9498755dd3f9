"""Whether an outlet may be switched, as a pure function of what is configured and known.

The order is the order in which a person would want to hear the reasons: what is forbidden
altogether, what does not exist, what the device cannot do, what is not known well enough now.
"""

from __future__ import annotations

from collections.abc import Container, Mapping
from typing import Literal

import msgspec

from pdutui.domain.commands import OutletAction
from pdutui.domain.health import Health, is_stale
from pdutui.domain.reading import Outlet, Reading
from pdutui.engine.labels import number_ranges, outlet_label, outlet_name, seconds
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
    """What its backend can do."""
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
    if pdu.backend == "snmp" and pdu.write_community is None and not situation.actions:
        return Ruling(rule="no_write_path", reason=f"no write community configured for {pdu.name}")
    if not situation.actions and situation.reading is not None:
        return Ruling(rule="no_write_path", reason=f"{pdu.name} offers no switching of outlets")
    return ALLOWED


def judge(situation: Situation, number: int, action: OutletAction) -> Ruling:
    """The first rule that speaks against switching an outlet of a known PDU, or ALLOWED.

    Protection and confirmation are not judged here: they are answered by a person.
    """
    shut = closed(situation)
    if not shut.allowed:
        return shut
    reading = situation.reading
    if reading is None:
        return _stale(situation)
    outlet = reading.outlet(number)
    if outlet is None:
        return _no_outlet(situation.pdu.name, number, reading)
    label = outlet_label(number, outlet.name)
    if not outlet.switchable:
        return Ruling(rule="not_switchable", reason=f"{label} cannot be switched")
    if action not in situation.actions:
        return Ruling(
            rule="no_such_action", reason=f"{situation.pdu.name} offers no {action} for outlets"
        )
    if is_stale(situation.health):
        return _stale(situation)
    return _busy(situation, outlet, label)


def _busy(situation: Situation, outlet: Outlet, label: str) -> Ruling:
    """The rules on the state of the outlet itself."""
    if outlet.state == "unknown":
        return Ruling(rule="state_unknown", reason=f"the state of {label} is not known")
    if outlet.pending is not None:
        what = "a command" if outlet.pending == "unspecified" else f"a command ({outlet.pending})"
        return Ruling(rule="pending", reason=f"{label} still has {what} pending on the device")
    under_way = situation.in_flight.get(outlet.number)
    if under_way is not None:
        action = under_way.intent.action
        return Ruling(rule="in_flight", reason=f"a command ({action}) for {label} is under way")
    if outlet.number in situation.settling:
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
