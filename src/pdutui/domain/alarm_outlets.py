"""Outlets that are on and draw nothing although something should be there."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator

from pdutui.domain.alarm_finding import Finding, Key, clear, found
from pdutui.domain.naming import outlet_label
from pdutui.domain.reading import Outlet, Reading

NOTHING_W = 1.0
NOTHING_A = 0.02
"""Below these an outlet draws nothing."""


def draws_nothing(outlet: Outlet) -> bool | None:
    """Whether an outlet draws nothing, by its power where that is metered; None: not metered."""
    if outlet.power_w is not None:
        return outlet.power_w < NOTHING_W
    return None if outlet.current_a is None else outlet.current_a < NOTHING_A


def no_load_findings(
    reading: Reading,
    after_s: float,
    expected: Callable[[int], bool],
    critical: Collection[int],
    tracked: Collection[Key],
) -> Iterator[Finding]:
    """Outlets that are on at 0 W.

    Args:
        reading: with the metering floor applied.
        after_s: so long an outlet has to draw nothing.
        expected: whether something should draw at an outlet; asked only of those that do not.
        critical: outlets whose going dark is critical.
        tracked: the conditions that are followed already.
    """
    for outlet in reading.outlets:
        # The two that are read in every poll, first: most outlets end here.
        drawn = outlet.power_w
        if drawn is not None and drawn >= NOTHING_W and not tracked:
            continue
        if outlet.state == "unknown":
            continue
        nothing = draws_nothing(outlet) if outlet.state == "on" else False
        if nothing is None:
            continue
        number = outlet.number
        key: Key = ("outlet_no_load", f"outlet.{number}", "")
        if nothing and (key in tracked or expected(number)):
            measure = "power_w" if outlet.power_w is not None else "current_a"
            yield found(
                "outlet_no_load",
                "critical" if number in critical else "warning",
                f"{outlet_label(number, outlet.name, outlet.label)} is on, but draws nothing",
                part=key[1],
                series=f"{key[1]}.{measure}",
                hold_s=after_s,
            )
        elif key in tracked:
            yield clear("outlet_no_load", key[1])
