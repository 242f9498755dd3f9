"""Commands that ended well just now: the last step of the way is to be seen too.

One that is pending on the device now has not come to its end: its countdown is shown instead.
"""

from __future__ import annotations

from pdutui.domain.clock import Clock
from pdutui.domain.commands import WHOLE_PDU, Action
from pdutui.domain.reading import Reading
from pdutui.engine.events import CommandEnded, EngineEvent
from pdutui.engine.subject import is_preference

FRESH_S = 5.0
"""For so long."""


class Fresh:
    """Remembers them for a moment.

    Args:
        clock: For how long.
    """

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._seen: dict[tuple[str, int], tuple[Action, float]] = {}

    def hear(self, event: EngineEvent) -> None:
        """Something happened."""
        if isinstance(event, CommandEnded):
            intent = event.result.intent
            key = (intent.pdu, intent.outlet)
            self._seen.pop(key, None)
            if event.result.outcome == "observed" and not event.result.pending:
                self._seen[key] = (intent.action, self._clock.monotonic() + FRESH_S)

    def of(self, pdu: str, reading: Reading | None) -> dict[int, Action]:
        """By outlet: what was observed to be done just now."""
        now = self._clock.monotonic()
        self._seen = {key: told for key, told in self._seen.items() if now < told[1]}
        found = {n: told[0] for (name, n), told in self._seen.items() if name == pdu}
        whole = found.pop(WHOLE_PDU, None)
        if whole is not None and not is_preference(whole) and reading is not None:
            able = (outlet.number for outlet in reading.outlets if outlet.switchable)
            return {**dict.fromkeys(able, whole), **found}
        return found

    @property
    def any(self) -> bool:
        """Whether there is something that will have to go."""
        return bool(self._seen)
