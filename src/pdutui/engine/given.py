"""Which commands went out to a PDU from this program.

Between a question and its answer somebody else here may have switched the same outlet: a rule, a
plan, another dialog. The answer is to another question then, even if the state is the same again.
"""

from __future__ import annotations

from pdutui.domain.commands import WHOLE_PDU, Intent
from pdutui.engine.rates import subject_number


class Given:
    """The commands that were sent, in order, and the last one by what it was about."""

    def __init__(self) -> None:
        self._sent = 0
        self._last: dict[int, tuple[int, Intent]] = {}

    def note(self, intent: Intent) -> None:
        """A command is on its way. One that only blinks a light counts for nothing."""
        if intent.action != "identify":
            self._sent += 1
            number = subject_number(intent.outlet, intent.action)
            self._last[number] = (self._sent, intent)

    @property
    def mark(self) -> int:
        """To be asked again with `since`."""
        return self._sent

    def since(self, mark: int, intent: Intent) -> Intent | None:
        """The last command on what an intent is about that was sent after a mark.

        One on all outlets is about each of them, and the other way round.
        """
        number = subject_number(intent.outlet, intent.action)
        found = [
            last for about, last in self._last.items() if last[0] > mark and _meet(about, number)
        ]
        return max(found, key=lambda last: last[0])[1] if found else None


def _meet(one: int, other: int) -> bool:
    """Whether two commands are about the same; the transfer switch is about no outlet."""
    return one == other or (min(one, other) == WHOLE_PDU)
