"""What each outlet of a PDU carried when it was last seen on and drawing."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pdutui.domain.impact_facts import KnownLoad
    from pdutui.domain.reading import Outlet, Reading

Seen = tuple[float | None, float | None, float]
"""Watts, amperes, and when, in seconds of the monotonic clock."""


class LastLoads:
    """Remembers loads across the moment at which an outlet goes off, or stops drawing.

    A poll may catch an outlet in the middle of that, with a figure that is on its way down; so the
    higher of the last two figures is kept.
    """

    def __init__(self) -> None:
        self._last: tuple[Reading, float] | None = None
        self._before: tuple[Reading, float] | None = None
        self._kept: dict[int, Seen] = {}

    def clear(self) -> None:
        """Another device answers: nothing that was known holds for it."""
        self._last = self._before = None
        self._kept.clear()

    def saw(self, reading: Reading, at_s: float) -> None:
        """Take in a reading."""
        before, last = self._before, self._last
        self._before, self._last = last, (reading, at_s)
        if last is None:
            return
        was, was_s = last
        if len(was.outlets) != len(reading.outlets):
            return
        for old, new in zip(was.outlets, reading.outlets, strict=True):
            if old.number == new.number and _draws(old) and not _draws(new):
                self._keep(old, was_s, before)

    def _keep(self, old: Outlet, at_s: float, before: tuple[Reading, float] | None) -> None:
        older = None if before is None else before[0].outlet(old.number)
        if older is not None and _draws(older) and _more(older, old):
            old = older
        self._kept[old.number] = old.power_w, old.current_a, at_s

    def recall(
        self, number: int, power_w: float | None, current_a: float | None, at_s: float
    ) -> None:
        """Take in what the history knows, where nothing newer is known."""
        self._kept.setdefault(number, (power_w, current_a, at_s))

    def carried(self, number: int) -> bool:
        """Whether an outlet that does not draw now is known to have carried something."""
        power_w, current_a, _ = self._kept.get(number, (None, None, 0.0))
        return bool(power_w or current_a)

    def missing(self) -> list[int]:
        """Outlets that do not draw now, and of which no load is known."""
        if self._last is None:
            return []
        outlets = self._last[0].outlets
        return [o.number for o in outlets if not _draws(o) and o.number not in self._kept]

    def known(self, now_s: float) -> dict[int, KnownLoad]:
        """By outlet: what it carried, and how long ago that was."""
        from pdutui.domain.impact_facts import KnownLoad

        return {
            number: KnownLoad(power_w=power, current_a=current, age_s=max(0.0, now_s - at_s))
            for number, (power, current, at_s) in self._kept.items()
        }


def _draws(outlet: Outlet) -> bool:
    return outlet.state != "off" and bool(outlet.power_w or outlet.current_a)


def _more(one: Outlet, other: Outlet) -> bool:
    if one.current_a is not None and other.current_a is not None:
        return one.current_a > other.current_a
    return (one.power_w or 0.0) > (other.power_w or 0.0)
