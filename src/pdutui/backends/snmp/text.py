"""Text from a device, fit for a terminal."""

from __future__ import annotations

import unicodedata
from codecs import utf_8_decode as _utf8_decode
from functools import lru_cache

from pdutui.backends.snmp.types import RawValue

MAX_TEXT = 255
"""DisplayString's own limit; a longer text is cut."""

_DROPPED = frozenset({"Cc", "Cf", "Cs", "Zl", "Zp"})
"""Unicode categories that may move the cursor, turn the writing or hide."""


_LONGEST = 4 * MAX_TEXT
"""Octets of that many characters. More is not looked at: it would only take time and memory."""


@lru_cache(maxsize=4096)
def _clean_bytes(raw: bytes) -> str:
    try:
        # What is cut off in the middle of a character is no error.
        text = _utf8_decode(raw, "strict", len(raw) < _LONGEST)[0]
    except UnicodeDecodeError:
        text = raw.decode("latin-1")
    return _clean(text)


def _clean(text: str) -> str:
    spaced = "".join(
        " " if c in "\t\n\r" else "" if unicodedata.category(c) in _DROPPED else c for c in text
    )
    return " ".join(spaced.split())[:MAX_TEXT].rstrip()


def clean_text(raw: RawValue | None) -> str | None:
    """An octet string as text: UTF-8, else Latin-1; no control characters, single spaces.

    Nothing that comes out can carry an escape sequence or more than one line. None for anything
    that is no text.
    """
    if isinstance(raw, bytes):
        return _clean_bytes(raw[:_LONGEST])
    return _clean(raw) if isinstance(raw, str) else None
