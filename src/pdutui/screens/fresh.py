"""Commands that ended well just now: the last step of the way is to be seen too.

One that is pending on the device now has not come to its end: its countdown is shown instead.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from pdutui.domain.commands import WHOLE_PDU, Action
from pdutui.engine.events import CommandEnded, EngineEvent
from pdutui.engine.subject import is_preference

if TYPE_CHECKING:
    from pdutui.domain.clock import Clock
    from pdutui.domain.reading import Reading

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
        self._shown: set[tuple[str, int]] = set()
        """Those that a reading has shown since: it may lag behind what the command read back."""

    def hear(self, event: EngineEvent) -> None:
        """Something happened."""
        if isinstance(event, CommandEnded):
            intent = event.result.intent
            key = (intent.pdu, intent.outlet)
            self._seen.pop(key, None)
            self._shown.discard(key)
            if event.result.outcome == "observed" and not event.result.pending:
                self._seen[key] = (intent.action, self._clock.monotonic() + FRESH_S)

    def of(self, pdu: str, reading: Reading | None) -> dict[int, Action]:
        """By outlet: what was observed to be done just now."""
        now = self._clock.monotonic()
        self._seen = {key: told for key, told in self._seen.items() if now < told[1]}
        if reading is not None:
            self._undone(reading)
        found = {n: told[0] for (name, n), told in self._seen.items() if name == pdu}
        whole = found.pop(WHOLE_PDU, None)
        if whole is not None and not is_preference(whole) and reading is not None:
            able = (outlet.number for outlet in reading.outlets if outlet.switchable)
            return {**dict.fromkeys(able, whole), **found}
        return found

    def _undone(self, reading: Reading) -> None:
        """Forget what was to be seen, and is not any more: it changed back, or somebody did it."""
        for (pdu, number), (action, _) in list(self._seen.items()):
            outlet = reading.outlet(number) if pdu == reading.pdu else None
            if outlet is None or action not in ("on", "off"):
                continue
            if outlet.state == action:
                self._shown.add((pdu, number))
            elif (pdu, number) in self._shown:
                del self._seen[pdu, number]

    @property
    def any(self) -> bool:
        """Whether there is something that will have to go."""
        return bool(self._seen)
