"""What stands of the alarms, and the badge of every top line that counts them."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from msgspec import Struct

from pdutui.domain.alarm import Alarm, worst_first
from pdutui.widgets.bar import Item

if TYPE_CHECKING:
    from pdutui.widgets.glyphs import GlyphSet

SHORT_BELOW = 100
"""Narrower than this, the badge counts the worst level alone."""


class Standing(Struct, frozen=True):
    """What stands of the alarms."""

    banner: Alarm | None = None
    """The newest of the critical ones that ask for attention, one that holds before those that are
    over; None for none."""
    more: int = 0
    """How many more critical ones do."""
    critical: int = 0
    """Those that ask for attention, over or not."""
    warning: int = 0
    quiet: int = 0
    """Acknowledged or silenced."""
    unjudged: str = ""
    """Why nothing is judged, for people; empty where it is."""
    off: bool = False
    """They are switched off."""


NOTHING = Standing()


def standing(alarms: Iterable[Alarm]) -> Standing:
    """What stands of some alarms."""
    critical: list[Alarm] = []
    warning = quiet = 0
    for alarm in alarms:
        if not alarm.loud:
            quiet += 1
        elif alarm.level == "critical":
            critical.append(alarm)
        else:
            warning += 1
    return Standing(
        banner=min(critical, key=worst_first, default=None),
        more=max(0, len(critical) - 1),
        critical=len(critical),
        warning=warning,
        quiet=quiet,
    )


def badge(standing: Standing, glyphs: GlyphSet, width: int) -> list[Item]:
    """`▲ 2 critical 1 warning` for a top line; nothing where nothing is wrong.

    `alarms off` where nobody looks. `▲ 2 critical over` where all of these have ended and nobody
    has acknowledged them: in the colour of the banner that says so.

    Args:
        standing: What stands.
        glyphs: What is drawn with.
        width: The cells of the line.
    """
    over = standing.banner is not None and standing.banner.over is not None
    levels = ((standing.critical, f"critical{' over' * over}"), (standing.warning, "warning"))
    parts = [f"{count} {level}" for count, level in levels if count]
    if not parts and standing.off:
        return [Item(60, [("alarms off", "warning")])]
    if not parts:
        words = f"{standing.quiet} quiet alarm{'s' * (standing.quiet > 1)}"
        return [Item(31, [(words, "muted")])] if standing.quiet else []
    # `3 critical over 7 warning` would be read as a fraction.
    text = (", " if over else " ").join(parts if width >= SHORT_BELOW else parts[:1])
    ink = "badge-critical" if standing.critical and not over else "badge-warning"
    return [Item(91, [(f" {glyphs.alert} {text} ", ink)])]
