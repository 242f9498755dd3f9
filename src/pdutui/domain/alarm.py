"""Alarms as data: what is wrong, since when, who has seen it, what is kept quiet.

An alarm is one condition of one part of one PDU. It is *active* while the condition holds, *over*
when it has ended; one that nobody has acknowledged stays in sight although it is over, where its
settings say so. Something that happens in a moment (a transfer, an outlet that somebody else
switched) is *momentary*: it is over as soon as it is raised, and stays until it is acknowledged.
"""

from __future__ import annotations

from datetime import datetime
from typing import Literal, get_args

import msgspec

AlarmLevel = Literal["warning", "critical"]
AlarmKind = Literal[
    "source_lost", "redundancy_lost", "transfer", "overload", "breaker_tripped", "pdu_lost",
    "pdu_stale", "outlet_changed", "outlet_no_load", "load_step", "sensor", "clock_off",
    "threshold", "energy_budget",
]  # fmt: skip
"""What kind of thing is wrong. All but the last two need no configuration."""
KINDS: tuple[AlarmKind, ...] = get_args(AlarmKind)
KIND_WORDS: dict[AlarmKind, str] = {
    "source_lost": "source lost",
    "redundancy_lost": "redundancy lost",
    "transfer": "transfer",
    "overload": "near overload",
    "breaker_tripped": "breaker tripped",
    "pdu_lost": "PDU lost",
    "pdu_stale": "PDU stale",
    "outlet_changed": "outlet changed by somebody else",
    "outlet_no_load": "outlet on at 0 W",
    "load_step": "load step",
    "sensor": "sensor",
    "clock_off": "clock off",
    "threshold": "threshold",
    "energy_budget": "energy budget",
}
"""What people call them."""
MOMENTARY: frozenset[AlarmKind] = frozenset({"transfer", "outlet_changed", "load_step"})
"""They are over as soon as they are raised."""
AlarmChange = Literal[
    "raised", "escalated", "eased", "over", "acknowledged", "silenced", "unsilenced", "expired"
]
"""What became of an alarm. `escalated`: from warning to critical; `eased`: back to warning;
`expired`: it was over for so long that it left the list, though nobody had acknowledged it."""


class Acknowledgement(msgspec.Struct, frozen=True, kw_only=True):
    """Somebody has seen an alarm."""

    by: str
    """The user, as in the audit."""
    time: datetime
    comment: str = ""


class Silence(msgspec.Struct, frozen=True, kw_only=True):
    """Alarms that are kept quiet for a time: no bell, no banner, no hook. They stay in the list."""

    id: str
    pdu: str
    """A name or a pattern (`rack1-*`)."""
    kind: AlarmKind | None = None
    """None: all kinds."""
    part: str = ""
    """As in `Alarm.part`; empty: all parts."""
    until: datetime
    by: str
    comment: str = ""


class Alarm(msgspec.Struct, frozen=True, kw_only=True):
    """One alarm as it stands."""

    id: str
    """The same for the same condition over restarts: PDU, kind, part and rule."""
    pdu: str
    """Empty for what concerns no PDU of its own (our own clock)."""
    kind: AlarmKind
    part: str = ""
    """`outlet.3`, `bank.1`, `inlet.1`, `phase.2`, `source.A`, `sensor.Env 1.temperature`, as series
    keys begin; empty for the whole PDU."""
    rule: str = ""
    """The name of the configured threshold or budget; empty for the built-in ones."""
    level: AlarmLevel
    """The worst since it was raised stays while it is not over; `eased` brings it down."""
    text: str
    """For people, without the PDU: `Bank 1 at 83 % of 16 A`. Cleaned for the screen by whoever
    draws it."""
    value: float | None = None
    """The figure that raised it, in `unit`."""
    limit: float | None = None
    unit: str = ""
    series: str = ""
    """Key of the series that shows it on the chart (`bank.1.current_a`); empty for none."""
    since: datetime
    """When it was raised, timezone-aware."""
    changed: datetime
    """When anything about it changed last."""
    over: datetime | None = None
    """When the condition ended; None while it holds."""
    known: bool = True
    """False: the PDU is lost or stale, so nobody can tell whether it still holds."""
    times: int = 1
    """How often it has come back since it came into the list."""
    ack: Acknowledgement | None = None
    silenced_until: datetime | None = None

    @property
    def loud(self) -> bool:
        """Whether it asks for attention: neither acknowledged nor silenced."""
        return self.ack is None and self.silenced_until is None


class AlarmEntry(msgspec.Struct, frozen=True, kw_only=True):
    """A line of the alarm history: the alarm as it stood when something became of it."""

    time: datetime
    change: AlarmChange
    alarm: Alarm
    by: str = ""
    """Who did it, where a person did."""
    comment: str = ""


def worst_first(alarm: Alarm) -> tuple[int, int, int, float]:
    """A sort key: loud before quiet, active before over, critical before warning, newest first."""
    return (
        0 if alarm.loud else 1,
        0 if alarm.over is None else 1,
        0 if alarm.level == "critical" else 1,
        -alarm.since.timestamp(),
    )
