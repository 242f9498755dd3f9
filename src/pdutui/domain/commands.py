"""Switching as data: what somebody wants, how far it came, what is written down of it."""

from __future__ import annotations

from datetime import datetime
from typing import Literal

import msgspec

OutletAction = Literal[
    "on", "off", "reboot", "delayed_on", "delayed_off", "delayed_reboot", "cancel", "identify"
]
"""What can be asked of one outlet. `cancel` takes back a delayed command, `identify` blinks."""
PduAction = Literal[
    "all_on", "all_off", "all_reboot", "all_delayed_on", "all_delayed_off", "all_delayed_reboot",
    "all_cancel", "prefer_a", "prefer_b", "prefer_none",
]  # fmt: skip
"""What can be asked of a whole PDU: all its outlets by one command of the device's own, or which
source its transfer switch prefers."""
Action = OutletAction | PduAction
WHOLE_PDU = 0
"""Stands for the outlet's number where the whole PDU is meant; no outlet has it."""
VERBS: dict[OutletAction, str] = {
    "on": "Turn ON",
    "off": "Turn OFF",
    "reboot": "Reboot",
    "delayed_on": "Turn ON",
    "delayed_off": "Turn OFF",
    "delayed_reboot": "Reboot",
    "cancel": "Cancel the pending command of",
    "identify": "Identify",
}
"""How a sentence about it begins."""
Stage = Literal["requested", "confirmed", "sent", "accepted"]
Outcome = Literal["observed", "refused", "failed", "unconfirmed", "contradicted", "accepted"]
"""`accepted`: taken by the device, and there is nothing to read back (`identify`)."""
Origin = Literal["console", "cli", "rule", "network"]
"""Where a wish comes from: the console, a command line, a rule of our own, the network."""

STAGES: tuple[Stage, ...] = ("requested", "confirmed", "sent", "accepted")


class Actor(msgspec.Struct, frozen=True, kw_only=True):
    """Who asks: the OS user, and the far end of the SSH session if there is one."""

    user: str
    """For people and the audit: `root (sudo by alice)`."""
    ssh_origin: str | None = None
    origin: Origin = "console"
    login: str = ""
    """The OS user's name alone, by uid; empty: as `user`."""
    uid: int | None = None
    groups: tuple[str, ...] = ()
    """Names of the OS groups."""
    behind: tuple[str, ...] = ()
    """Who else this is, as far as the system tells: the user behind sudo, the login user."""

    @property
    def login_name(self) -> str:
        """What roles and allow lists go by."""
        return self.login or self.user

    @property
    def names(self) -> frozenset[str]:
        """Every name this person is known by: two of them are one person if they share one."""
        return frozenset({self.login_name, *self.behind})


class Intent(msgspec.Struct, frozen=True, kw_only=True):
    """One wish to switch one outlet, or a whole PDU, before any policy has seen it."""

    id: str
    pdu: str
    outlet: int
    """`WHOLE_PDU` for a `PduAction`."""
    action: Action
    actor: Actor
    delay_s: int | None = None
    """For a delayed action, where the device takes a number; None: the device's own delay."""
    reason: str | None = None
    ticket: str | None = None
    """The change or incident it belongs to."""
    plan: str | None = None
    """The id of the plan that it is a step of."""


class CommandResult(msgspec.Struct, frozen=True, kw_only=True):
    """How an intent ended, in a word and in a sentence for people."""

    intent: Intent
    outcome: Outcome
    detail: str
    outlet_name: str
    label: str = ""
    """What it was about, as on the screen: `outlet 2.5 db01`, `all 24 outlets`."""
    before: str
    """Outlet state when it was requested: on, off, unknown."""
    after: str
    """Outlet state as last read back."""
    pending: bool = False
    """It is `observed` as a pending command that the device will carry out later."""
    load_w: float | None = None
    """The outlet's power when it was requested."""
    rule: str = ""
    """Which rule refused it, as a stable word (`read_only`, `changed`); empty where none did."""
    stages: tuple[tuple[Stage, datetime], ...] = ()
    """Which stages were passed, and when (UTC)."""
    ended: datetime


class AuditRecord(msgspec.Struct, frozen=True, kw_only=True):
    """One line of the append-only audit: an attempt as it began, or as it ended."""

    time: datetime
    intent_id: str
    user: str
    ssh_origin: str | None
    origin: str
    pdu: str
    outlet: int
    outlet_name: str
    action: str
    state_from: str
    state_to: str | None
    """State read back; None on the line that says it began."""
    outcome: str
    """`requested` on the line that says it began, else the outcome."""
    detail: str
    reason: str | None = None
    ticket: str | None = None
    role: str | None = None
    """Of the user, at the time."""
    plan: str | None = None
    approved_by: str | None = None
