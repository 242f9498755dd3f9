"""What policy forbids, written anew from docs/control.md. Nothing of the product's policy is used.

It is one-sided: what it forbids must not reach the device. It need not know all that is forbidden.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from pdutui.domain.commands import Actor
from pdutui.domain.devicemap import MappedCord
from pdutui.domain.roles import RoleSettings
from pdutui.settings import (
    ApprovalSettings,
    ControlSettings,
    HistorySettings,
    LockSettings,
    OutletSettings,
    PduSettings,
    Settings,
    WindowSettings,
)
from tests.engine.property.rack import OUTLETS, PDU, UIDS, Arrival, Console, Rack, Shown, Wire

HARMLESS = ("cancel", "all_cancel", "identify")
TWINS = {1: 2, 2: 1}
"""The two cords of the device db."""
CRITICAL = 3
"""Has one cord, and is called critical."""
INTERVAL_S = 1.0


@dataclass(frozen=True)
class Rules:
    """One policy, as somebody might write it down."""

    enabled: bool = True
    read_only: bool = False
    pdu_read_only: bool = False
    admins: tuple[str, ...] | None = None
    """None: there is no table of roles."""
    operators: tuple[str, ...] = ()
    viewers: tuple[str, ...] = ()
    default: str = "viewer"
    allow: tuple[str, ...] | None = None
    allow_4: tuple[str, ...] | None = None
    """The list of outlet 4."""
    protected: frozenset[int] = frozenset()
    windows: tuple[tuple[float, float], ...] = ()
    """Minutes after midnight, every day: from, to. The program begins at 14:02:11."""
    outside: str = "refuse"
    per_pdu: int = 0
    per_outlet: int = 0
    reason: bool = False
    ticket: bool = False
    pattern: bool = False
    """A ticket is CHG- and a number."""
    approval: tuple[str, ...] = ()
    locked: bool = False
    expires_s: float = 600.0

    def settings(self, state_dir: Any) -> Settings:
        """The same as the product has it."""
        roles = RoleSettings()
        if self.admins is not None:
            roles = RoleSettings(
                admin=self.admins, operator=self.operators, viewer=self.viewers,
                default=self.default,  # type: ignore[arg-type]
            )  # fmt: skip
        control = ControlSettings(
            enabled=self.enabled, read_only=self.read_only, roles=roles,
            windows=tuple(
                WindowSettings(name="night", from_min=int(begin), to_min=int(end), pdus=("rack*",))
                for begin, end in self.windows
            ),
            outside_window=self.outside,  # type: ignore[arg-type]
            commands_per_minute=self.per_pdu, outlet_per_minute=self.per_outlet,
            reason="required" if self.reason else "optional",
            ticket="required" if self.ticket else "optional",
            ticket_pattern=r"CHG-\d+" if self.pattern else None,
            approval=ApprovalSettings(needed=self.approval, expires_s=self.expires_s),
            lock=LockSettings(at_start=self.locked), plans_dir=state_dir / "plans",
        )  # fmt: skip
        pdu = PduSettings(
            name=PDU, backend="snmp", host="192.0.2.10", read_only=self.pdu_read_only,
            protected=self.protected, allow=self.allow,
            outlets={4: OutletSettings(allow=self.allow_4)},
        )  # fmt: skip
        cords = (
            MappedCord(device="db", pdu=PDU, outlet=1, cord="A"),
            MappedCord(device="db", pdu=PDU, outlet=2, cord="B"),
            MappedCord(device="fw", pdu=PDU, outlet=CRITICAL, critical=True),
        )
        return Settings(
            control=control, pdus=(pdu,), cords=cords, state_dir=state_dir,
            history=HistorySettings(enabled=False),
        )  # fmt: skip


def listed(actor: Actor, names: tuple[str, ...]) -> bool:
    return actor.login in names or any(f"@{group}" in names for group in actor.groups)


def role(rules: Rules, actor: Actor) -> str:
    if rules.admins is None:
        return "admin"
    if actor.login in rules.viewers:
        return "viewer"
    for name, names in (("admin", rules.admins), ("operator", rules.operators)):
        if listed(actor, names):
            return name
    return "viewer" if listed(actor, rules.viewers) else rules.default


def window_open(rules: Rules, now: datetime) -> bool:
    """Whether one is open; the zone is UTC."""
    if not rules.windows:
        return True
    midnight = now.replace(hour=0, minute=0, second=0, microsecond=0)
    for begin, end in rules.windows:
        length = (end - begin) % 1440 or 1440
        for day in (-1, 0):
            opens = midnight + timedelta(days=day, minutes=begin)
            if opens <= now < opens + timedelta(minutes=length):
                return True
    return False


def meets(one: int, other: int) -> bool:
    return one == other or 0 in (one, other)


def about(outlet: int) -> tuple[int, ...]:
    return (outlet,) if outlet else OUTLETS


class Oracle:
    """Judges every command at the moment at which it leaves."""

    rack: Rack
    """What it looks at; set once that is there."""

    def __init__(self, rules: Rules) -> None:
        self.rules = rules
        self.wrong: list[str] = []
        self.approved: dict[str, Actor] = {}
        """By plan: who said yes."""
        self.plans: dict[str, Actor] = {}
        """By plan: whose it is."""

    def sent(self, arrival: Arrival, forbidden: list[str]) -> None:
        """A command has left."""
        console = self.rack.consoles[arrival.console]
        for why in forbidden:
            self.wrong.append(f"{arrival.action} {arrival.outlet} at {arrival.at_s}: {why}")
        console.rated.append((self.rack.clock.monotonic(), arrival.outlet, arrival.action))
        if arrival.wish is not None and arrival.wish.plan:
            console.plans_begun.add(arrival.wish.plan)

    def forbids(self, arrival: Arrival, wire: Wire) -> list[str]:
        """Every reason why this command must not go out now."""
        rack, console = self.rack, self.rack.consoles[arrival.console]
        rules, wish, action = self.rules, arrival.wish, arrival.action
        if wish is None:
            return ["nobody asked for it"]
        actor, outlet, whole = wish.actor, arrival.outlet, arrival.outlet == 0
        who = role(rules, actor)
        checks = {
            "control is off": not rules.enabled,
            "read-only": rules.read_only or rules.pdu_read_only,
            "a viewer": who == "viewer",
            "the whole PDU is for admins": whole and who != "admin",
            "not on the list": not self._allowed(actor, outlet),
            "locked": console.locked and not self._through_the_lock(console, wish, action),
            "no window": action not in HARMLESS
            and not window_open(rules, rack.clock.now())
            and who != "admin"
            and rules.outside != "name",
            "too fast": self._too_fast(rack, console, outlet, action),
            "no reason": rules.reason and action not in HARMLESS and not wish.reason,
            "no ticket": rules.ticket and action not in HARMLESS and not wish.ticket,
            "a wrong ticket": rules.pattern
            and bool(wish.ticket)
            and not str(wish.ticket).startswith("CHG-"),
            "not another's": outlet not in (0, *OUTLETS),
            "stale": wire.polled_s is None
            or rack.clock.monotonic() - wire.polled_s >= 2 * INTERVAL_S,
            "pending": action not in ("cancel", "identify")
            and any(rack.device.pending(n) for n in about(outlet)),
            "not confirmed": not wish.confirmed,
            "not what was asked for": wish.intent is not None
            and (wish.action, wish.outlet) != (action, outlet),
            "nobody approved": self._unapproved(arrival),
        }
        found = [why for why, so in checks.items() if so]
        return found + self._changed(rack, console, arrival) + self._unnamed(wire, arrival)

    def _allowed(self, actor: Actor, outlet: int) -> bool:
        rules = self.rules
        for number in about(outlet):
            own = rules.allow_4 if number == 4 else None
            names = rules.allow if own is None else own
            if names is not None and not listed(actor, names):
                return False
        return True

    @staticmethod
    def _through_the_lock(console: Console, wish: Any, action: str) -> bool:
        way_out = wish.actor.origin in ("rule", "network") and action in ("cancel", "all_cancel")
        return way_out or wish.plan in console.plans_begun

    def _too_fast(self, rack: Rack, console: Console, outlet: int, action: str) -> bool:
        if action in ("cancel", "all_cancel"):
            return False
        now_s = rack.clock.monotonic()
        lately = [
            (number, what)
            for at_s, number, what in console.rated
            if now_s - at_s < 60.0 - 1e-6 and what not in ("cancel", "all_cancel")
        ]
        rules = self.rules
        own = [n for n, _ in lately if n == outlet or n == 0]
        too_many = rules.per_pdu and len(lately) >= rules.per_pdu
        return bool(too_many or (rules.per_outlet and len(own) >= rules.per_outlet))

    def _unapproved(self, arrival: Arrival) -> bool:
        wish, action = arrival.wish, arrival.action
        assert wish is not None
        if action in HARMLESS or not self._needs_approval(arrival):
            return False
        approver = self.approved.get(wish.plan or "")
        return approver is None or approver.uid == wish.actor.uid

    def _needs_approval(self, arrival: Arrival) -> bool:
        rules, outlets = self.rules, about(arrival.outlet)
        fits = {
            "all": True,
            "protected": any(n in rules.protected for n in outlets),
            "critical": CRITICAL in outlets,
            "whole_pdu": arrival.outlet == 0,
            "plans": arrival.wish is not None and arrival.wish.plan is not None,
            f"pdu:{PDU}": True,
            "pdu:rack2*": False,
        }
        return any(fits[word] for word in rules.approval)

    def _changed(self, rack: Rack, console: Console, arrival: Arrival) -> list[str]:
        """Whether it is not what the question was about any more."""
        wish = arrival.wish
        assert wish is not None
        device, was, found = rack.device, wish.shown, []
        if was is None or wish.intent is None:
            return []  # a plan compares with what was frozen: see the test of plans
        if was.serial != device.serial:
            found.append("another device")
        for number in about(arrival.outlet):
            now = console.labels.get(number) or device.names[number]
            if arrival.outlet and was.names[number] != now:
                found.append("another name")
            if arrival.action != "identify" and was.states[number] != device.state(number):
                found.append("another state")
        since = [a for a in device.arrivals[wish.seen_commands :] if a.taken]
        for other in since:
            if other.action != "identify" and meets(other.outlet, arrival.outlet):
                found.append(f"somebody else was faster ({other.action})")
        return found

    def _unnamed(self, wire: Wire, arrival: Arrival) -> list[str]:
        """Whether a name had to be typed and was not."""
        wish, rules, action = arrival.wish, self.rules, arrival.action
        assert wish is not None
        if wish.intent is None or wish.shown is None:
            return []  # a plan has its own words
        whole = arrival.outlet == 0
        shielded = any(n in rules.protected for n in about(arrival.outlet))
        wanted = {
            "protected": shielded and action != "identify",
            "the whole PDU": whole and action != "all_cancel",
            "outside of the windows": action not in HARMLESS
            and not window_open(rules, self.rack.clock.now()),
            "dangerous": self._dangerous(wire, arrival),
        }
        reasons = [why for why, so in wanted.items() if so]
        if not reasons or is_name(wish.typed, arrival.outlet, wish.shown):
            return []
        return [f"no name typed, and it is {', '.join(reasons)}"]

    @staticmethod
    def _dangerous(wire: Wire, arrival: Arrival) -> bool:
        """By what the last poll has shown of the other cord: nobody can know better."""
        outlet, twin = arrival.outlet, TWINS.get(arrival.outlet)
        if arrival.action not in ("off", "reboot", "delayed_off", "delayed_reboot"):
            return False
        assert wire.shown is not None
        states = {o.number: o.state for o in wire.shown.outlets}
        if outlet and states[outlet] != "on":
            return False
        return outlet == CRITICAL or (twin is not None and states[twin] == "off")


def is_name(typed: str | None, outlet: int, shown: Shown) -> bool:
    """Whether somebody typed the right name."""
    if typed is None:
        return False
    if not outlet:
        return typed.strip() == PDU
    name = shown.names[outlet] or f"outlet {outlet}"
    return typed.strip() in (name, f"{outlet} {name}", f"{outlet}-{name}")


def approver_may(rules: Rules, actor: Actor) -> bool:
    return role(rules, actor) != "viewer" and actor.uid in UIDS.values()
