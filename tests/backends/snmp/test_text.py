"""Text from devices."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pdutui.backends.snmp.text import MAX_TEXT, clean_text


@pytest.mark.parametrize(
    ("raw", "text"),
    [
        (b"db01", "db01"),
        (b"  db01  \0", "db01"),
        ("Küche".encode(), "Küche"),
        ("Küche".encode("latin-1"), "Küche"),
        (b"\x1b[31mred\x1b[0m", "[31mred[0m"),
        (b"\x1b]0;title\x07x", "]0;titlex"),
        (b"\x9b31mred", "31mred"),  # C1: CSI in Latin-1
        ("\u009b31mred".encode(), "31mred"),
        (b"two\r\nlines\tand  tabs", "two lines and tabs"),
        ("a\u202eb\u200bc".encode(), "abc"),  # right-to-left override, zero-width space
        (b"\x7f\x08", ""),
        (b"", ""),
        (b"...cut...", "...cut..."),
        (b"x" * 1000, "x" * MAX_TEXT),
        ("ä".encode() * 30_000, "ä" * MAX_TEXT),
        ("x€".encode() * 30_000, ("x€" * MAX_TEXT)[:MAX_TEXT]),  # cut inside of a character
        ("plain", "plain"),
        (5, None),
        (None, None),
    ],
)
def test_clean_text(raw: int | str | bytes | None, text: str | None) -> None:
    assert clean_text(raw) == text


@given(st.binary(max_size=400))
def test_nothing_that_moves_a_cursor_comes_through(raw: bytes) -> None:
    text = clean_text(raw)
    assert text is not None
    assert len(text) <= MAX_TEXT
    assert text == text.strip()
    assert not any(unicodedata.category(c) in ("Cc", "Cf", "Zl", "Zp", "Cs") for c in text)
