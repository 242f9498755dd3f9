"""A bad line and a bad card, on purpose and by the dice of a seed."""

from __future__ import annotations

from random import Random
from typing import Literal

import msgspec

from pdutui.domain.clock import Clock


class Faults(msgspec.Struct, frozen=True, kw_only=True):
    """What goes wrong. Probabilities are 0..1."""

    loss: float = 0.0
    """Chance that a datagram is lost, in each direction."""
    delay_ms: float = 0.0
    """How long an answer takes."""
    duplicate: float = 0.0
    """Chance that an answer comes twice."""
    garbage: float = 0.0
    """Chance that something that is no answer comes before the answer, or instead of it."""
    max_varbinds: int | None = None
    """A GET, GETNEXT or SET with more variables is not answered (as CyberPower cards do)."""
    too_big: Literal["silence", "error"] = "silence"
    """`error`: it is answered with tooBig."""
    no_bulk: bool = False
    """A GETBULK is not answered."""
    silent_after_s: float | None = None
    """So many seconds after the start nothing is answered any more."""
    seed: int = 1


class Line:
    """The line between an agent and its managers."""

    def __init__(self, faults: Faults, clock: Clock) -> None:
        self._faults = faults
        self._clock = clock
        self._start_s = clock.monotonic()
        self._loss = Random(f"{faults.seed}/loss")
        self._copies = Random(f"{faults.seed}/duplicate")
        self._garbage = Random(f"{faults.seed}/garbage")

    def loses_request(self) -> bool:
        """Whether the request that just came in never came in."""
        after = self._faults.silent_after_s
        if after is not None and self._clock.monotonic() - self._start_s >= after:
            return True
        return self._loss.random() < self._faults.loss

    def carry(self, answer: bytes) -> list[tuple[float, bytes]]:
        """What arrives at the other end: pairs of a delay in seconds and a datagram, in order."""
        faults = self._faults
        delay_s = faults.delay_ms / 1000.0
        out: list[tuple[float, bytes]] = []
        instead = False
        if self._garbage.random() < faults.garbage:
            instead = self._garbage.random() < 0.5
            out.append((delay_s, self._rubbish(answer)))
        if not instead and self._loss.random() >= faults.loss:
            out.append((delay_s, answer))
            if self._copies.random() < faults.duplicate:
                out.append((delay_s, answer))
        return out

    def _rubbish(self, answer: bytes) -> bytes:
        """Random bytes, a cut answer, or nothing at all: never something that could be valid."""
        rng = self._garbage
        kind = rng.randrange(3)
        if kind == 0:
            return rng.randbytes(rng.randrange(1, 80))
        return answer[: rng.randrange(1, len(answer))] if kind == 1 else b""
