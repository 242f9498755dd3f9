"""Text from outside made fit for cells: cleaned of what could drive a terminal, cut to a width.

Names come from devices and config files, so they may hold anything: escape sequences, bidi
overrides, zero-width joiners, half an emoji. What passes `clean` moves no cursor, changes no
colour and has a width that every terminal agrees on.
"""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache

from rich.cells import cell_len, get_character_cell_size

_REPLACEMENT = "?"
_DROPPED = frozenset({"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp", "Me"})
"""Controls, formats (bidi, joiners, variation tags), surrogates, private, unassigned, breaks."""
_FIGURE = r"[(<>+-]*\d+(?:[.,]\d+)*"
_UNIT = r"(?:k?Wh?|m?A|V|VA|Hz|%|ms|s|min|h|d|°[CF])[^\w\s]*"
NARROW = frozenset(
    chr(code)
    for first, end in (
        (0x20, 0x7F), (0xA1, 0xAD), (0xAE, 0x100), (0x2010, 0x2028), (0x2190, 0x21FF),
        (0x2500, 0x25FD), (0x2800, 0x2900),
    )
    for code in range(first, end)
)  # fmt: skip
"""What most of a screen is made of: printable, and one cell wide on any terminal."""


@lru_cache(maxsize=2048)
def clean(text: str, ascii_only: bool = False) -> str:
    """Text as it may stand on the screen.

    Controls and format characters become `?`, white space of any kind one plain space, accents are
    composed into their letters, loose combining marks dropped. With `ascii_only` every other
    non-ASCII character becomes `?` as well.
    """
    out: list[str] = []
    for char in unicodedata.normalize("NFC", text):
        if char.isascii() and char.isprintable():
            out.append(char)
            continue
        category = unicodedata.category(char)
        if category == "Zs" or char in "\t\n\r":
            if not out or out[-1] != " ":
                out.append(" ")
        elif category in _DROPPED:
            out.append(_REPLACEMENT)
        elif category == "Mn" or get_character_cell_size(char) == 0:
            continue
        elif ascii_only:
            base = unicodedata.normalize("NFKD", char)[0]
            out.append(base if base.isascii() and base.isprintable() else _REPLACEMENT)
        else:
            out.append(char)
    return "".join(out).strip()


def width_of(text: str) -> int:
    """Width in cells."""
    # Rich keeps the widths of texts, and a sparkline is another text every second.
    return len(text) if text.isascii() or NARROW.issuperset(text) else cell_len(text)


def fit(text: str, width: int, ellipsis: str = "…") -> str:
    """Text in exactly `width` cells: padded on the right, or cut with an ellipsis that shows it."""
    return pad(cut(text, width, ellipsis), width)


def cut(text: str, width: int, ellipsis: str = "…") -> str:
    """Text in at most `width` cells; what is cut off is marked."""
    if width <= 0:
        return ""
    if width_of(text) <= width:
        return text
    room = width - width_of(ellipsis)
    if room <= 0:
        ellipsis, room = "", width
    kept: list[str] = []
    used = 0
    for char in text:
        size = get_character_cell_size(char)
        if used + size > room:
            break
        kept.append(char)
        used += size
    return "".join(kept) + ellipsis


def pad(text: str, width: int) -> str:
    """Spaces on the right up to `width` cells; longer text is left alone."""
    return text + " " * max(0, width - width_of(text))


def lead(text: str, width: int) -> str:
    """Spaces on the left up to `width` cells; longer text is left alone."""
    return " " * max(0, width - width_of(text)) + text


def wrap(text: str, width: int) -> list[str]:
    """Lines of at most `width` cells, broken at spaces, in words only where a word is too long.

    A figure and its unit stay together wherever a line has room for both.
    """
    lines: list[str] = []
    line = ""
    for word in _words(text, width):
        while width_of(word) > width > 0:
            if line:
                lines.append(line)
                line = ""
            head = cut(word, width, "")
            if not head:
                return lines
            lines.append(head)
            word = word[len(head) :]
        joined = f"{line} {word}".strip()
        if width_of(joined) > width and line:
            lines.append(line)
            joined = word
        line = joined
    if line:
        lines.append(line)
    return lines


def _words(text: str, width: int) -> list[str]:
    """What may not be broken at a space: words, and `674 W`."""
    words: list[str] = []
    for word in text.split():
        last = words[-1] if words else ""
        if (
            re.fullmatch(_UNIT, word)
            and re.fullmatch(_FIGURE, last)
            and len(last) + len(word) < width
        ):
            words[-1] = f"{last} {word}"
        else:
            words.append(word)
    return words
