"""Ids of plans: six characters that can be read out on the telephone."""

from __future__ import annotations

import secrets

ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
"""Crockford's base 32: no I, L, O and U."""
LENGTH = 6
_MEANT = str.maketrans({"O": "0", "I": "1", "L": "1", "-": None, " ": None})


def new_id() -> str:
    """A new one; whether it is taken has to be looked up."""
    return "".join(secrets.choice(ALPHABET) for _ in range(LENGTH))


def normal(text: str) -> str | None:
    """The id that somebody means: small letters, `O` for `0`, `I` and `L` for `1` will do.

    None for what is no id.
    """
    meant = text.strip().upper().translate(_MEANT)
    return meant if len(meant) == LENGTH and all(c in ALPHABET for c in meant) else None
