"""Other settings for a running engine: what differs, what of it holds at once, and what stays.

A reload is all or nothing. What is in the way is found before anything is touched; then all that
changes changes in one step of the event loop, so that no command is ever judged by half of the
old rules and half of the new. PDUs that nobody changed do not notice: their polls, trends and
watches go on.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterable, Mapping
from typing import TYPE_CHECKING

import msgspec

from pdutui.settings import PduSettings, Settings

if TYPE_CHECKING:
    from pdutui.backends.base import Backend
    from pdutui.engine.fleet import Pdu
    from pdutui.engine.plans.desk import PlanDesk

Reread = Callable[[], Awaitable[Settings | None]]
"""Reads the configuration again. Gives what is in force by it; None where the old one stays."""
Build = Callable[[PduSettings], "Backend"]
"""Makes the backend of a PDU; nothing is sent yet."""

_PLACE = ("backend", "host", "port", "model", "seed")
"""What tells one device from another."""
_WAY = ("version", "community", "write_community", "v3", "v3_write", "profile", "timeout_s",
        "retries")  # fmt: skip
"""How the same device is asked."""
_LATER: dict[str, tuple[str, ...]] = {
    "history": ("enabled", "path", "retention_days", "totals_days"),
    "energy": ("tariff",),
    "audit": ("syslog", "facility"),
    "ui": ("color", "glyphs", "mouse", "start", "group"),
}
"""What only a start puts in force, by section."""
_NAMES = {"energy.tariff": "energy"}
_SHOWN = 4


class NotNow(Exception):
    """A reload that cannot be now; the text is for people, and says what to do."""


class Changes(msgspec.Struct, frozen=True, kw_only=True):
    """How the PDUs of two settings differ, by name."""

    added: tuple[str, ...] = ()
    removed: tuple[str, ...] = ()
    moved: tuple[str, ...] = ()
    """They are other devices now, or elsewhere: nothing that is known of them holds."""
    rewired: tuple[str, ...] = ()
    """The same devices, asked in another way: with other credentials, by another profile."""
    retold: tuple[str, ...] = ()
    """Only what is said of them is another: names, feeds, who may."""
    ordered: bool = False
    """They come in another order."""

    @property
    def touched(self) -> frozenset[str]:
        """Those on which nothing may be under way."""
        return frozenset((*self.removed, *self.moved, *self.rewired))

    @property
    def words(self) -> str:
        """`2 PDUs added (rack3-a, rack3-b), 1 changed (rack1-a)`; empty where nothing differs."""
        changed = (*self.moved, *self.rewired, *self.retold)
        parts: list[str] = []
        for names, what in ((self.added, "added"), (self.removed, "gone"), (changed, "changed")):
            if names:
                shown = ", ".join(names[:_SHOWN]) + (", ..." if len(names) > _SHOWN else "")
                unit = "" if parts else " PDU" if len(names) == 1 else " PDUs"
                parts.append(f"{len(names)}{unit} {what} ({shown})")
        return ", ".join(parts)


class Taken(msgspec.Struct, frozen=True, kw_only=True):
    """What a reload has done."""

    changes: Changes
    later: tuple[str, ...] = ()
    """Keys that hold from the next start on: `history.path`."""
    same: bool = False
    """The file says what it said before."""

    @property
    def words(self) -> str:
        """In a line, for people."""
        if self.same:
            return "configuration read again: it says what it said before"
        parts = [self.changes.words or "in force"]
        if self.later:
            parts.append(f"takes effect at the next start: {', '.join(self.later)}")
        return f"configuration read again: {'; '.join(parts)}"


def compare(old: Settings, new: Settings) -> Changes:
    """How their PDUs differ."""
    before = {pdu.name: pdu for pdu in old.pdus}
    after = {pdu.name: pdu for pdu in new.pdus}
    both = [name for name in after if name in before]
    moved = tuple(n for n in both if _differ(_PLACE, before[n], after[n]) or _context(before, n)
                  != _context(after, n))  # fmt: skip
    rewired = tuple(n for n in both if n not in moved and _differ(_WAY, before[n], after[n]))
    return Changes(
        added=tuple(name for name in after if name not in before),
        removed=tuple(name for name in before if name not in after),
        moved=moved,
        rewired=rewired,
        retold=tuple(n for n in both if n not in (*moved, *rewired) and before[n] != after[n]),
        ordered=[n for n in before if n in after] != both,
    )


def _differ(fields: Iterable[str], one: PduSettings, other: PduSettings) -> bool:
    return any(getattr(one, field) != getattr(other, field) for field in fields)


def _context(pdus: Mapping[str, PduSettings], name: str) -> str:
    """The SNMPv3 context: behind one address it is what tells devices apart."""
    user = pdus[name].v3
    return "" if user is None else user.context


def later(old: Settings, new: Settings) -> tuple[str, ...]:
    """The keys whose new values hold from the next start on."""
    keys = [
        f"{section}.{key}"
        for section, fields in _LATER.items()
        for key in fields
        if getattr(getattr(old, section), key) != getattr(getattr(new, section), key)
    ]
    if old.control.plans_dir != new.control.plans_dir:
        keys.append("control.plans_dir")
    if old.state_dir != new.state_dir:
        keys.append("the state directory")
    return tuple(_NAMES.get(key, key) for key in keys)


def policy_differs(old: Settings, new: Settings) -> bool:
    """Whether anything by which commands are judged is another."""
    return old is not new and any(
        getattr(old, field) != getattr(new, field)
        for field in ("control", "impact", "groups", "sequences", "cords", "pdus")
    )


def in_the_way(
    new: Settings, changes: Changes, fleet: Mapping[str, Pdu], plans: PlanDesk | None
) -> str:
    """Why this reload cannot be now, and what to do; empty where nothing is in its way."""
    if not new.pdus:
        return "it names no PDU: the old one stays in force"
    for view in plans.plans() if plans is not None else ():
        if view.state in ("running", "pausing") and view.mine:
            return f"plan {view.plan.id} is running: pause it or let it end, then read again"
    for name in sorted(changes.touched):
        flight = next(iter(fleet[name].in_flight.values()), None)
        if flight is not None:
            doing = flight.intent.action.replace("_", " ")
            return f"a command ({doing}) is under way on {name}: let it end, then read again"
    return ""
