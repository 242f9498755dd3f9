"""Which wishes were made, what was looked at when they were, and which are spent."""

from __future__ import annotations

from collections import OrderedDict

from pdutui.engine.attempt import Asked

REMEMBERED = 4096


class Ledger:
    """Remembers the newest wishes by their ids, and as many that are spent."""

    def __init__(self) -> None:
        self._asked: OrderedDict[str, Asked] = OrderedDict()
        self._used: OrderedDict[str, None] = OrderedDict()

    def put(self, intent_id: str, asked: Asked) -> None:
        """What whoever made a wish was looking at."""
        self._asked[intent_id] = asked
        while len(self._asked) > REMEMBERED:
            self._asked.popitem(last=False)

    def take(self, intent_id: str) -> Asked | None:
        """The same, once; None for a wish that was not made here."""
        return self._asked.pop(intent_id, None)

    def use_up(self, intent_id: str) -> bool:
        """Note that a wish is spent. False when it was already."""
        if intent_id in self._used:
            return False
        self._used[intent_id] = None
        while len(self._used) > REMEMBERED:
            self._used.popitem(last=False)
        return True
