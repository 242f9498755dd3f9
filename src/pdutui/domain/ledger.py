"""Meters and ledgers: what is stored of a part by quarters of an hour, and its energy by them."""

from __future__ import annotations

from typing import Literal

import msgspec

COUNTER = 1
POWER = 2
"""Where energy is known from; both in one place are 3."""

NoteKind = Literal["reset", "replaced", "jump", "still"]


class Meter(msgspec.Struct, kw_only=True):
    """What is stored of one part: a row per quarter of an hour that has a reading, oldest first.

    Integers are scaled as stored. Columns of one length, at least one row.
    """

    at: list[int]
    """Quarters of an hour since 1970."""
    energy_n: list[int]
    energy_min: list[int | None]
    energy_max: list[int | None]
    energy_last: list[int | None]
    power_n: list[int]
    power_sum: list[int | None]
    power_max: list[int | None]
    state_n: list[int]
    """How often it said its state."""


class Note(msgspec.Struct, frozen=True, order=True):
    """Something about a counter that people should know."""

    at_ms: int
    """The quarter of an hour in which it was seen."""
    kind: NoteKind
    """`reset`: it was set back. `replaced`: another device answered. `jump`: it changed by more
    than could have flowed. `still`: it stood still while power flowed."""
    part: str = ""
    """`outlet.3`."""


class Ledger(msgspec.Struct, kw_only=True):
    """The energy of one part, or of a sum of parts, in consecutive quarters of an hour."""

    first: int
    """The first quarter, since 1970."""
    uwh: list[int]
    source: list[int]
    """`COUNTER`, `POWER`, both, or 0 where nothing is known."""
    known_ms: list[int]
    """The time whose energy is known: read, or bridged by a counter."""
    covered_ms: list[int]
    """The time that has readings."""
    spread: list[bool]
    """Whether some of it was spread over lost time."""
    mean_w: list[float | None]
    peak_w: list[float | None]
    """The highest single reading; of a sum of parts, which peak at different moments, None."""
    parts: int = 1
    notes: list[Note] = []

    @property
    def end(self) -> int:
        """The quarter after the last one."""
        return self.first + len(self.uwh)
