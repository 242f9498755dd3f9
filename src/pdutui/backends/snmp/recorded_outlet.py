"""One outlet of a recorded walk: the columns that show it, and how a command moves them."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping

import msgspec

from pdutui.backends.snmp import ber
from pdutui.backends.snmp.ber import GAUGE32, INTEGER, decode_int
from pdutui.backends.snmp.profile import Column
from pdutui.backends.snmp.recording import Recorded

RELAY_S = 0.4
"""Seconds from a command to the state that follows it."""
REBOOT_OFF_S = 5.0
"""Seconds off in a reboot where the recording does not say."""
DELAY_S = 3.0
"""Seconds that a delayed command waits where the recording does not say."""

Moves = list[tuple[float, bytes]]
Step = tuple[float, str | None, str | None]
"""Seconds from now, the state from then on (None: as it is), what is then under way."""


class RecordedColumn(msgspec.Struct):
    """A column of integers, and the words of each field that is read from it."""

    position: int
    enums: dict[str, dict[int, str]]

    def raw_of(self, word: str) -> int | None:
        """The first integer for a word, whatever the field."""
        found = (raw for enum in self.enums.values() for raw, said in enum.items() if said == word)
        return next(found, None)

    def raw(self, state: str, doing: str | None, now: int) -> int:
        """The integer that says both as well as the column can; other fields stay as they are.

        A column that has no word for a state, or for a command that is under way, does not move.
        """
        wanted: dict[str, str | None] = {
            field: enum.get(now)
            for field, enum in self.enums.items()
            if field not in ("state", "pending")
        }
        if "state" in self.enums:
            wanted["state"] = state
        if "pending" in self.enums:
            wanted["pending"] = _pending_word(self.enums["pending"], state, doing)

        def fit(raw: int) -> int:
            return sum(_same(self.enums[field].get(raw), word) for field, word in wanted.items())

        raws = dict.fromkeys([now, *(raw for enum in self.enums.values() for raw in enum)])
        best = max(raws, key=fit)
        told = self.enums.get("state")
        return now if told is not None and told.get(best) != state else best


def _same(said: str | None, wanted: str | None) -> bool:
    return (said in (None, "none")) if wanted is None else said == wanted


def _pending_word(enum: Mapping[int, str], state: str, doing: str | None) -> str | None:
    """What a column says of a command under way, in the words it has."""
    if doing is None:
        return None
    words = set(enum.values())
    if doing == "reboot" and doing not in words:
        doing = "off" if state == "on" else "on"
    if doing in words:
        return doing
    return "unspecified" if "unspecified" in words else None


SETTINGS = ("reboot_off_s", "on_delay_s", "off_delay_s", "reboot_delay_s")
"""Fields that say how long the device waits."""


class RecordedOutlet:
    """An outlet. It knows of no load: only its state and what is pending move."""

    def __init__(self) -> None:
        self.columns: list[RecordedColumn] = []
        self._seconds = {
            "reboot_off_s": REBOOT_OFF_S, "on_delay_s": DELAY_S, "off_delay_s": DELAY_S,
        }  # fmt: skip
        self._told: set[str] = set()
        self._waits_until_s = float("-inf")
        self._ends_s = float("-inf")
        self._doing: str | None = None

    def add(self, position: int, field: str, enum: Mapping[int, str]) -> None:
        """A field is read from an integer there."""
        column = next((c for c in self.columns if c.position == position), None)
        if column is None:
            column = RecordedColumn(position, {})
            self.columns.append(column)
        column.enums.setdefault(field, dict(enum))

    def learn(self, field: str, found: Recorded | None, column: Column) -> None:
        """The recording may say how long the device waits; the first place that does counts."""
        if found is None or found.tag not in (INTEGER, GAUGE32) or field in self._told:
            return
        number = decode_int(found.content)
        if number not in column.null and (number > 0 or field != "reboot_off_s"):
            self._told.add(field)
            self._seconds[field] = number * column.scale

    def doing(self, now_s: float) -> str | None:
        """What is under way: on, off or reboot."""
        return self._doing if now_s < self._ends_s else None

    def seconds_left(self, now_s: float) -> int | None:
        """Whole seconds until a delayed command begins; None: none is waiting."""
        left_s = self._waits_until_s - now_s
        return math.ceil(left_s) if left_s > 0 else None

    def switch(
        self, action: str, delay_s: float | None, now_s: float, number_at: Callable[[int], int]
    ) -> Iterator[tuple[int, Moves]]:
        """How the columns move with a command: position, and when it has which value.

        Args:
            action: an `OutletAction`.
            delay_s: what was asked for; None: what the recording says.
            now_s: the time.
            number_at: the integer that stands at a position now.
        """
        steps = self._steps(action, delay_s, now_s)
        if steps is None:
            return
        before = next(
            (c.enums["state"].get(number_at(c.position)) for c in self.columns
             if "state" in c.enums), None,
        )  # fmt: skip
        for column in self.columns:
            state, raw = before or "unknown", number_at(column.position)
            moves: Moves = []
            for after_s, new, doing in steps:
                state = new or state
                raw = column.raw(state, doing, raw)
                moves.append((now_s + after_s, ber.encode_int(INTEGER, raw)))
            yield column.position, moves

    def _steps(self, action: str, delay_s: float | None, now_s: float) -> list[Step] | None:
        """What happens when; None: nothing."""
        if action == "identify" or (action == "cancel" and now_s >= self._waits_until_s):
            return None
        if action == "cancel":
            self._waits_until_s = self._ends_s = float("-inf")
            return [(0.0, None, None)]
        wait_s = 0.0
        doing = action.removeprefix("delayed_")
        if action != doing:
            own_s = self._seconds["on_delay_s" if doing == "on" else "off_delay_s"]
            if doing == "reboot":
                own_s = self._seconds.get("reboot_delay_s", own_s)
            wait_s = own_s if delay_s is None else delay_s
        if wait_s < 0:
            return [(0.0, None, None)]
        relay_s = wait_s + RELAY_S
        steps: list[Step] = [(0.0, None, doing)]
        if doing == "reboot":
            back_s = relay_s + self._seconds["reboot_off_s"]
            steps += [(relay_s, "off", doing), (back_s, "on", None)]
        else:
            steps.append((relay_s, doing, None))
        self._doing = doing
        self._waits_until_s = now_s + wait_s
        self._ends_s = now_s + steps[-1][0]
        return steps
