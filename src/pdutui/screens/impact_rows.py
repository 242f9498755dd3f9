"""What a switch will do, as rows of a dialog: sentences with their level, loads as bars.

Where there is no room for all of it, what matters least goes first, and it is said how much went.
A danger is never left out: a dialog that has no room even for that says how many there are.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import groupby

from msgspec import Struct

from pdutui.domain.impact import LEVELS, Impact, ImpactLine, Level, LoadImpact
from pdutui.screens.dialog import LABEL, Row
from pdutui.widgets.figures import percent, rating
from pdutui.widgets.glyphs import GlyphSet
from pdutui.widgets.line import Piece, pieces_width
from pdutui.widgets.text import clean, fit, lead, width_of, wrap

"""They show what there was no room for; the second also while one types in a field."""
DANGER, CAUTION, UNKNOWN, PLACE, LOADS, NOW, FINE, SAID = 100, 50, 40, 35, 30, 25, 20, 10
"""Ranks of blocks: what has the lowest gives way first. `SAID`: the sentence says it already."""
_NAME = 18
"""The longest name of a load beside its bar."""
_LINE_RANK: dict[Level, int] = {
    "danger": DANGER, "caution": CAUTION, "unknown": UNKNOWN, "clear": FINE,
}  # fmt: skip


class Block(Struct, frozen=True):
    """Some rows that stand or go together."""

    part: int
    """Blocks of one part stand together, parts in their order."""
    rank: int
    rows: list[Row]
    counted: bool = True
    """Whether it is worth a `+1 more` where it went."""


def level_label(level: Level, glyphs: GlyphSet) -> Piece:
    """`▲ DANGER`, `▲ caution`, `? unknown`, else a dot: text and ink, within LABEL."""
    word, ink = {
        "danger": (f"{glyphs.alert} DANGER", "critical"),
        "caution": (f"{glyphs.alert} caution", "warning"),
        "unknown": (f"{glyphs.unknown} unknown", "unknown"),
        "clear": (glyphs.dot, "muted"),
    }[level]
    return word, ink


def sentence_rows(level: Level, text: str, width: int, glyphs: GlyphSet) -> list[Row]:
    """A sentence behind its level, broken into rows that hang."""
    word, ink = level_label(level, glyphs)
    indent = width_of(word) + 1 if level == "clear" else LABEL
    lines = wrap(clean(text, glyphs.ascii_only), max(1, width - indent)) or [""]
    written = "strong" if level == "danger" else "text"
    rows: list[Row] = [
        [(word, ink), (" " * (indent - width_of(word)), "text"), (lines[0], written)]
    ]
    rows += [[(" " * indent, "text"), (line, written)] for line in lines[1:]]
    return rows


def impact_blocks(
    impact: Impact,
    width: int,
    glyphs: GlyphSet,
    *,
    pdu: str = "",
    part: int = 0,
    brief: bool = True,
) -> list[Block]:
    """All of an impact: sentences, the worst first, then the loads as bars.

    Args:
        impact: What will happen.
        width: Cells of a row.
        glyphs: What is drawn with.
        pdu: The PDU that the dialog is about, whose name need not be said again.
        part: The part of the sentences; the bars are the part after it.
        brief: Leave out sentences that the bars, or the facts of one outlet or source, say already.
    """
    lines = sorted(impact.lines, key=lambda line: -LEVELS.index(line.level))
    if brief:
        lines = [line for line in lines if not _said(line, impact)]
    blocks = [
        Block(part, _LINE_RANK[line.level], sentence_rows(line.level, line.text, width, glyphs))
        for line in lines
    ]
    loads = sorted(impact.loads, key=lambda load: -LEVELS.index(load.level))
    bars = load_rows(loads, width, glyphs, pdu=pdu)
    return blocks + [
        Block(part + 1, LOADS if load.level == "clear" else UNKNOWN, [row], counted=False)
        for load, row in zip(loads, bars, strict=True)
    ]


def _said(line: ImpactLine, impact: Impact) -> bool:
    """Whether a sentence that is no warning says what stands in the dialog anyway."""
    if line.level in ("clear", "unknown") and any(line.text == one.text for one in impact.loads):
        return True
    if line.level != "clear" or len(impact.outlets) > 1:
        return False
    if not impact.outlets:
        return True  # it is about the sources, whose figures are facts of the dialog
    label = impact.outlets[0].label[:20].casefold()
    return bool(label) and line.text.casefold().startswith(label)


def load_rows(
    loads: Sequence[LoadImpact], width: int, glyphs: GlyphSet, *, pdu: str = ""
) -> list[Row]:
    """A bar for each bank and inlet, before and after, against its rating."""
    names = [_load_name(load, pdu, glyphs) for load in loads]
    room = min(_NAME, max((width_of(name) for name in names), default=0))
    room = max(LABEL - 1, room) if width >= 40 else min(room, 10)
    rows: list[Row] = []
    for load, named in zip(loads, names, strict=True):
        name = fit(named, room, glyphs.ellipsis)
        figures = _figures(load, glyphs)
        if room + 1 + pieces_width(figures) > width:
            figures = _figures(load, glyphs, brief=True)
        ink = "muted" if load.shifted and load.level == "clear" else "text"
        row: Row = [(name, ink), (" ", "text")]
        cells = width - room - 2 - pieces_width(figures)
        if cells >= 6:
            row += [*_bar(load, min(cells, 40), glyphs), (" ", "text")]
        rows.append([*row, *figures])
    return rows


def _load_name(load: LoadImpact, pdu: str, glyphs: GlyphSet) -> str:
    """`Bank 1`; `rack1-b Bank 1` where it is on another PDU."""
    owner = clean(load.pdu, glyphs.ascii_only)
    name = clean(load.name, glyphs.ascii_only).removesuffix(f" of {owner}")
    return name if load.pdu == pdu else f"{owner} {name}"


def _figures(load: LoadImpact, glyphs: GlyphSet, *, brief: bool = False) -> list[Piece]:
    """`13.1 → 12.2 A / 16   82 → 76 %`; `13.1 → 12.2 A  76 %` where it has to be brief."""
    strong = {"danger": "critical", "caution": "warning"}.get(load.level, "value")
    out: list[Piece] = [
        (lead(_amps(load.before_a), 4), "muted"),
        (f" {glyphs.arrow} ", "muted"),
        (lead(_amps(load.after_a), 4), "value" if load.after_a is not None else "unknown"),
        (" A", "muted"),
    ]
    if not brief:
        out += [(f" / {rating(load.rating_a)}".ljust(5) if load.rating_a else "     ", "muted")]
    if load.rating_a:
        if not brief:
            out += [
                (lead(percent(load.before_percent, "?"), 4), "muted"),
                (f" {glyphs.arrow}", "muted"),
            ]
        out += [
            (" ", "muted"),
            (lead(percent(load.after_percent, "?"), 3),
             strong if load.after_percent is not None else "unknown"),
            (" %", "muted"),
        ]  # fmt: skip
    return out


def _amps(value: float | None) -> str:
    """Two decimals where there is room for them in four cells."""
    if value is None:
        return "?"
    return f"{value:.2f}" if abs(value) < 9.995 else f"{value:.1f}"


def _bar(load: LoadImpact, cells: int, glyphs: GlyphSet) -> list[Piece]:
    """What stays solid, what comes or goes dashed, with a mark at the limit."""
    if not load.rating_a:
        return [(fit("no rating", cells, glyphs.ellipsis), "muted")]
    if load.before_a is None:
        return [(glyphs.bar_track * cells, "rule")]
    after = load.before_a if load.after_a is None else load.after_a

    def at(amperes: float) -> int:
        share = amperes / (load.rating_a or 1.0)
        return max(0, min(cells, round(cells * share)))

    low, high = sorted((at(load.before_a), at(after)))
    if low == high and load.before_a != after and high < cells:
        high += 1
    filled = {"danger": "fill-critical", "caution": "fill-warning"}
    fill, moved = filled.get(load.level, "spark"), filled.get(load.level, "key")
    if after < load.before_a:
        moved = "muted"
    bar = [(glyphs.bar_full, fill)] * low + [(glyphs.bar_change, moved)] * (high - low)
    bar += [(glyphs.bar_track, "rule")] * (cells - len(bar))
    if load.limit_a and load.limit_a <= load.rating_a:
        bar[min(cells - 1, at(load.limit_a))] = (glyphs.bar_warning, "limit-warning")
    runs = groupby(bar, key=lambda cell: cell[1])
    return [("".join(char for char, _ in run), ink) for ink, run in runs]


def fitted(
    head: list[Row],
    blocks: Sequence[Block],
    foot: list[Row],
    height: int,
    *,
    more: str = "i",
) -> list[Row]:
    """Head, blocks and foot in at most `height` rows; `more`: the key that shows all.

    What is worth little goes first, then the blank lines, then the other blocks, the lowest rank
    first; the head and dangers stay. The foot is always there and always last: controls lie on it.
    """
    for every, edges, least in (
        (True, True, 0),
        (True, True, LOADS),
        (False, True, LOADS),
        (False, False, DANGER),
    ):
        kept = list(blocks)
        while True:
            gone = sum(block.counted for block in blocks) - sum(block.counted for block in kept)
            rest = [_more(gone, 0, more)] if gone else []
            rows = _joined(head, kept, rest, foot, edges=edges, every=every)
            if len(rows) <= height:
                return rows
            weak = [block for block in kept if block.rank < least]
            if not weak:
                break
            kept.remove(min(reversed(weak), key=lambda block: block.rank))
    return _only_dangers(head, kept, blocks, foot, height, more)


def _joined(
    head: list[Row],
    blocks: Sequence[Block],
    rest: list[Row],
    foot: list[Row],
    *,
    edges: bool,
    every: bool,
) -> list[Row]:
    rows: list[Row] = [*head]
    for place, (_, part) in enumerate(groupby(blocks, key=lambda block: block.part)):
        rows += [[]] if every or (edges and place == 0) else []
        rows += [row for block in part for row in block.rows]
    return [*rows, *rest, *([[]] if edges else []), *foot]


def _more(gone: int, dangers: int, key: str) -> Row:
    """`+3 more: i`."""
    words = f"+{gone} more, " + f"{dangers} of them DANGER: " if dangers else f"+{gone} more: "
    indent = "" if dangers else " " * LABEL
    return [(indent, "text"), (words, "critical" if dangers else "muted"), (key, "key")]


def _only_dangers(
    head: list[Row],
    dangers: list[Block],
    blocks: Sequence[Block],
    foot: list[Row],
    height: int,
    more: str,
) -> list[Row]:
    """Nothing is left but dangers, too many of them: as many as fit, and how many there are.

    Where not even one fits, how the first of them begins.
    """
    room = height - len(head) - len(foot) - 1
    shown: list[Row] = []
    count = 0
    for block in dangers:
        if len(shown) + len(block.rows) > room:
            break
        shown += block.rows
        count += 1
    hidden = len(dangers) - count
    gone = sum(block.counted for block in blocks) - count
    if dangers and not count and room > 0:
        shown = dangers[0].rows[:room]
    if room >= 0 and gone:
        shown.append(_more(gone, hidden, more))
    spare = max(1, height - len(shown) - len(foot))
    return [*head[:spare], *shown, *foot][-max(1, height) :]
