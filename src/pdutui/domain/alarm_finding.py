"""What one look at a condition has found: beyond its limit, inside again, or not to be known."""

from __future__ import annotations

import base64
import hashlib

import msgspec

from pdutui.domain.alarm import AlarmKind, AlarmLevel

Key = tuple[AlarmKind, str, str]
"""Kind, part, rule: what tells the conditions of one PDU apart."""


class Finding(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """One look at one condition."""

    kind: AlarmKind
    part: str = ""
    """As in `Alarm.part`."""
    rule: str = ""
    level: AlarmLevel | None = None
    """So bad that it raises; None: not beyond any limit."""
    holds: AlarmLevel | None = None
    """So bad that it keeps up what was raised: `level` or worse. Inside the limit, but within the
    hysteresis, it is worse than `level`; None as well: it is clear."""
    known: bool = True
    """False: nobody can tell now; nothing is raised by it and nothing ends."""
    text: str = ""
    value: float | None = None
    limit: float | None = None
    unit: str = ""
    series: str = ""
    hold_s: float = 0.0
    """So long it has to be at `level` before that is raised."""

    @property
    def key(self) -> Key:
        """What it is about."""
        return self.kind, self.part, self.rule


def clear(kind: AlarmKind, part: str = "", rule: str = "") -> Finding:
    """Known to be well."""
    return Finding(kind=kind, part=part, rule=rule)


def found(
    kind: AlarmKind,
    level: AlarmLevel,
    text: str,
    *,
    part: str = "",
    rule: str = "",
    series: str = "",
    hold_s: float = 0.0,
) -> Finding:
    """A state that is wrong by itself: no figure, no hysteresis."""
    return Finding(
        kind=kind, part=part, rule=rule, level=level, holds=level, text=text, series=series,
        hold_s=hold_s,
    )  # fmt: skip


def alarm_id(pdu: str, key: Key) -> str:
    """Eight letters and digits, the same for the same condition: short enough to be typed."""
    plain = "\0".join((pdu, *key)).encode("utf-8", "surrogatepass")
    digest = hashlib.blake2b(plain, digest_size=5).digest()
    return base64.b32encode(digest).decode("ascii").lower()


def worse(one: AlarmLevel | None, other: AlarmLevel | None) -> AlarmLevel | None:
    """The worse of two levels."""
    return "critical" if "critical" in (one, other) else (one or other)
