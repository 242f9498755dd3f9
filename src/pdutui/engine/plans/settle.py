"""Whether the load has settled after a step, so that the next inrush does not meet this one.

Settled means: over three polls after the step, neither the outlet's own load nor that of its PDU
has moved by more than 5 % or 10 W, whichever is more. The outlet is looked at beside the PDU, as
one server that starts is lost in the total of a full rack; the 10 W are there because small loads
are never still to a percent. What is not metered does not count, and where nothing is, the whole
pause is waited.
"""

from __future__ import annotations

from datetime import datetime

from pdutui.domain.load import total_load
from pdutui.domain.reading import Reading

LONGEST_S = 30.0
"""What waiting for the load takes at the most where the pause that is set is shorter."""
POLLS = 3
_SHARE = 0.05
_LEAST_W = 10.0
_LEAST_A = 0.1


def longest_s(pause_s: float) -> float:
    """How long a step waits for the load at the most."""
    return max(pause_s, LONGEST_S)


class Settling:
    """Looks at polls as they come in after a step.

    Args:
        outlet: the one that was switched.
        since: the time of the last reading before; only later ones count.
    """

    def __init__(self, outlet: int, since: datetime | None) -> None:
        self._outlet = outlet
        self._last = since
        self._seen: list[tuple[float | None, ...]] = []

    def look(self, reading: Reading | None) -> bool:
        """Take in the newest reading, and say whether the load has settled."""
        if reading is not None and reading.time != self._last:
            self._last = reading.time
            self._seen = [*self._seen, _loads(reading, self._outlet)][-POLLS:]
        if len(self._seen) < POLLS:
            return False
        watts, amperes = self._steady(0, 1, _LEAST_W), self._steady(2, 3, _LEAST_A)
        if watts is not None:
            return watts
        return bool(amperes)

    def _steady(self, total: int, own: int, least: float) -> bool | None:
        """Whether the figures of the PDU and of the outlet stand still; None without any."""
        found: list[bool] = []
        for place in (total, own):
            values = [loads[place] for loads in self._seen]
            known = [value for value in values if value is not None]
            if len(known) == len(values):
                found.append(max(known) - min(known) <= max(least, _SHARE * max(known)))
        return all(found) if found else None


def _loads(reading: Reading, outlet: int) -> tuple[float | None, ...]:
    load, part = total_load(reading), reading.outlet(outlet)
    return (
        load.power_w, part.power_w if part else None,
        load.current_a, part.current_a if part else None,
    )  # fmt: skip
