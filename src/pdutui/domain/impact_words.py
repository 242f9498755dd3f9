"""How a preview is said: short lists and clipped names."""

from __future__ import annotations

from collections.abc import Sequence

MOST_LISTED = 4


def clip(text: str, most: int) -> str:
    """A text of so many characters at most."""
    return text if len(text) <= most else f"{text[: most - 1]}…"


def listed(names: Sequence[str], most: int = MOST_LISTED) -> str:
    """`a`, `a and b`, `a, b, c and 5 more`."""
    if len(names) <= 1:
        return names[0] if names else ""
    if len(names) <= most:
        return f"{', '.join(names[:-1])} and {names[-1]}"
    shown = most - 1
    return f"{', '.join(names[:shown])} and {len(names) - shown} more"
