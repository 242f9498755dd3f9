"""Which steps of a plan are dangerous, by the preview of all of it.

The preview takes all changes as one. A plan has moments in between that are worse than its end:
"off A, on B" darkens what hangs on both for a moment, "on B, off A" does not; a bank may be over
its limit until a later step relieves it. So a plan is looked at after each of its steps as well.
"""

from __future__ import annotations

from collections.abc import Sequence

import msgspec

from pdutui.domain.impact import LEVELS, Change, Impact, ImpactLine, Level, Preview, worst
from pdutui.engine.plans.again import Spot

MOST_MOMENTS = 128
"""After so many steps the moments in between are looked at; it costs too much after more. What is
dangerous there is refused when its turn comes, as nobody agreed to it."""


class Outlook(msgspec.Struct, frozen=True, kw_only=True):
    """What a plan will do."""

    impact: Impact
    """As a whole; with what is worse in between as lines of their own."""
    dangerous: frozenset[Spot]
    """PDU and outlet of the steps that are dangerous."""


def outlook(changes: Sequence[Change], preview: Preview) -> Outlook:
    """What changes will do, one after the other."""
    whole = preview(changes)
    spots = set(_spots(whole, changes))
    lines: list[ImpactLine] = []
    for count in range(1, min(len(changes), MOST_MOMENTS + 1)):
        so_far = preview(changes[:count])
        spots |= _spots(so_far, changes[:count])
        if LEVELS.index(so_far.level) > LEVELS.index(worst(whole.level, *_levels(lines))):
            lines += _in_between(so_far, count, len(changes))
    if lines:
        whole = msgspec.structs.replace(
            whole,
            level=worst(whole.level, *_levels(lines)),
            lines=tuple(sorted((*lines, *whole.lines), key=lambda line: -LEVELS.index(line.level))),
        )
    return Outlook(impact=whole, dangerous=frozenset(spots))


def _levels(lines: list[ImpactLine]) -> list[Level]:
    return [line.level for line in lines]


def _in_between(impact: Impact, count: int, steps: int) -> list[ImpactLine]:
    worse = [line for line in impact.lines if line.level == impact.level]
    return [
        ImpactLine(level=line.level, text=f"after step {count} of {steps}: {line.text}")
        for line in worse
    ]


def _spots(impact: Impact, changes: Sequence[Change]) -> set[Spot]:
    """The outlets that are at fault for a danger; all of them where a load is."""
    if not impact.danger:
        return set()
    every = {(change.pdu, change.outlet) for change in changes}
    if any(load.level == "danger" for load in impact.loads):
        return every
    found = {
        (cord.pdu, cord.outlet)
        for device in impact.devices
        if device.level == "danger"
        for cord in device.cords
    }
    return every & found or every
