"""Which walks are gone: the same ones every time, or what the environment says."""

from __future__ import annotations

import os
from collections.abc import Sequence
from random import SystemRandom

NEW = int(os.environ.get("PDUTUI_WALKS", "0"))
"""So many that nobody has gone before."""
ONE = os.environ.get("PDUTUI_WALK_SEED")
"""That one, and no other."""
CHOSEN = bool(NEW or ONE)


def seeds(usual: int) -> Sequence[int]:
    """What the dice of each walk begin with."""
    if ONE:
        return [int(ONE)]
    return [SystemRandom().getrandbits(32) for _ in range(NEW)] if NEW else range(usual)
