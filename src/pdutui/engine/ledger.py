"""Which wishes were made, what was looked at when they were, and which are spent."""

from __future__ import annotations

from collections import OrderedDict

from pdutui.engine.attempt import Asked
from pdutui.engine.policy import ALLOWED, Ruling

REMEMBERED = 4096


class Ledger:
    """Remembers the newest wishes by their ids, and as many that are spent."""

    def __init__(self) -> None:
        self._asked: OrderedDict[str, Asked] = OrderedDict()
        self._used: OrderedDict[str, None] = OrderedDict()
        self._void: OrderedDict[str, None] = OrderedDict()

    def put(self, intent_id: str, asked: Asked) -> None:
        """What whoever made a wish was looking at."""
        self._asked[intent_id] = asked
        while len(self._asked) > REMEMBERED:
            self._asked.popitem(last=False)

    def take(self, intent_id: str) -> Asked | None:
        """The same, once; None for a wish that was not made here."""
        return self._asked.pop(intent_id, None)

    def void(self) -> None:
        """Let no wish be carried out that was made so far: the rules are others now."""
        for intent_id in self._asked:
            self._void[intent_id] = None
        while len(self._void) > REMEMBERED:
            self._void.popitem(last=False)

    def use_up(self, intent_id: str) -> Ruling:
        """Note that a wish is spent; refused where it was already, or is void."""
        if intent_id in self._used:
            text = "this command was carried out or ended before"
            return Ruling(rule="repeated", reason=text)
        self._used[intent_id] = None
        while len(self._used) > REMEMBERED:
            self._used.popitem(last=False)
        if intent_id in self._void:
            text = "the configuration was read again while this was asked: ask again"
            return Ruling(rule="changed", reason=text)
        return ALLOWED
