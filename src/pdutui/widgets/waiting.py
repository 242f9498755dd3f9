"""What stands in the panels' place while there is no reading: what is going on, and what to do."""

from __future__ import annotations

from typing import TYPE_CHECKING

from textual.strip import Strip

from pdutui.widgets.line import Line, blank
from pdutui.widgets.panel import head
from pdutui.widgets.text import cut, wrap

if TYPE_CHECKING:
    from pdutui.widgets.scene import Scene

_WORDS = {
    "connecting": "Connecting to",
    "refused": "Refused by",
    "unsupported": "Unsupported:",
}

_Paragraph = list[tuple[str, str]]
"""Rows: text and ink."""


def waiting(scene: Scene, width: int, height: int, focused: bool) -> list[Strip]:
    """Who is asked and what is wrong, each clause of it a paragraph, commands to type in a row."""
    view = scene.view
    room = max(10, width - 4)
    lines = [head(scene, width, "Device", [], focused=focused)] if height >= 3 else []
    ink = "text" if view.health == "connecting" else "critical"
    text = f"{_WORDS.get(view.health, 'No answer from')} {scene.clean(view.info.address)}"
    if scene.replay is not None:
        text = f"{scene.clean(view.info.name)} was {view.health} then"
    title = [Line(scene.inks, width).add("  ").add(part, ink).strip() for part in wrap(text, room)]
    paragraphs = _paragraphs(scene.clean(view.detail), room)
    left = height - len(lines) - len(title)
    airy = left > sum(map(len, paragraphs)) + len(paragraphs)
    _shorten(paragraphs, left, room, scene.glyphs.ellipsis)
    used = sum(map(len, paragraphs)) + airy * len(paragraphs)
    lines += [blank(scene.inks, width)] * max(0, (left - used) // 3)
    lines += title
    for paragraph in paragraphs:
        lines += [blank(scene.inks, width)] * airy
        for words, ink in paragraph:
            lines.append(Line(scene.inks, width).add("  ").add(words, ink).strip())
    return lines[:height]


def _paragraphs(detail: str, width: int) -> list[_Paragraph]:
    """The clauses between semicolons; what stands in backticks is to be typed: a row of its own."""
    out: list[_Paragraph] = []
    for clause in filter(None, detail.split("; ")):
        rows: _Paragraph = []
        for place, part in enumerate(clause.split("`")):
            typed = place % 2 == 1
            words = part.strip(" ,") if place else part
            for row in wrap(words, width - 2 * typed):
                rows.append(("  " * typed + row, "key" if typed else "text"))
        out.append(rows)
    return out


def _shorten(paragraphs: list[_Paragraph], room: int, width: int, ellipsis: str) -> None:
    """Take rows off the longest paragraph, with a mark there; then the last ones go whole.

    What is to be typed stays as long as anything else can go.
    """
    while sum(map(len, paragraphs)) > room:
        plain = [rows for rows in paragraphs if all(ink != "key" for _, ink in rows)]
        if not plain:
            return
        longest = max(plain, key=len)
        if len(longest) == 1:
            paragraphs.remove(plain[-1])
            continue
        longest.pop()
        text, ink = longest[-1]
        longest[-1] = (cut(text, width - 1, "") + ellipsis, ink)
