"""Lengths of time as people write them: `10m`, `1h30m`, `2d`."""

from __future__ import annotations

import re

EXAMPLES = "10m, 1h30m, 8h, 2d"
"""For help and errors."""
_UNITS = {"w": 604_800, "d": 86_400, "h": 3_600, "m": 60, "min": 60, "s": 1}
_PIECE = re.compile(r"([0-9]{1,7}) ?(w|d|h|min|m|s) ?")


def parse_span(text: str) -> float:
    """Seconds.

    Args:
        text: As in `EXAMPLES`; units are w, d, h, m (or min) and s.

    Raises:
        ValueError: it is no length of time; the text says what is one.
    """
    said = "".join(text.split()).lower()
    pieces = list(_PIECE.finditer(said))
    if not said or "".join(match[0] for match in pieces) != said:
        raise ValueError(f"{text.strip()!r} is no length of time (one is like {EXAMPLES})")
    return float(sum(int(match[1]) * _UNITS[match[2]] for match in pieces))
