"""What a switch will do as rows: nothing grave is ever left out, figures and bars say the same."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from pdutui.domain.impact import Impact, ImpactLine, Level
from pdutui.screens.dialog import Row
from pdutui.screens.impact_rows import DANGER, Block, fitted, impact_blocks, load_rows
from pdutui.widgets.glyphs import ASCII, UNICODE
from pdutui.widgets.line import pieces_width
from tests.support.impacts import CLEAR, MANY, UNMAPPED, impact, load

HEAD: list[Row] = [[("the sentence", "strong")]]
FOOT: list[Row] = [[("[ Cancel ]", "text")]]


def words(rows: list[Row]) -> list[str]:
    return ["".join(text for text, _ in row) for row in rows]


def of(made: Impact, width: int = 70, height: int = 60) -> list[str]:
    return words(fitted(HEAD, impact_blocks(made, width, UNICODE, pdu="ats-1"), FOOT, height))


def test_the_worst_comes_first_with_glyph_and_word() -> None:
    said = [row for row in of(MANY) if row]
    levels = [row.split()[1] for row in said[1:6]]
    assert levels == ["DANGER", "DANGER", "DANGER", "caution", "unknown"]
    assert said[1].startswith("▲ DANGER  db01 LOSES ITS LAST FEED")


def test_bars_stand_for_sentences_that_only_repeat_them() -> None:
    text = "\n".join(of(CLEAR))
    assert "db01 keeps running on cord B" in text
    assert "Outlet 3 db01 drops" not in text, "the sentence of the question says it"
    assert "Bank 1 of ats-1: " not in text
    assert "1.80 → 0.94 A / 16  11 →   6 %" in text
    assert "rack1-a Bank C1" in text, "of another PDU: named"
    everything = words(
        [r for b in impact_blocks(CLEAR, 70, UNICODE, pdu="ats-1", brief=False) for r in b.rows]
    )
    assert any("Bank 1 of ats-1: " in row for row in everything)


def test_what_is_not_known_is_a_question_mark_and_no_figure() -> None:
    [row] = [row for row in of(UNMAPPED) if "Bank 2" in row]
    assert "13.1 →    ? A / 16" in row
    assert "82 →   ? %" in row


def test_a_load_over_its_limit_says_so_in_words_and_in_its_bar() -> None:
    over = impact(loads=(load("Bank 1", 12.4, 13.3, level="caution"),))
    said = of(over)
    assert any(row.startswith("▲ caution Bank 1 of ats-1") for row in said)
    [bar] = load_rows(over.loads, 70, ASCII, pdu="ats-1")
    inks = {ink for _, ink in bar}
    assert {"fill-warning", "warning", "limit-warning"} <= inks
    assert pieces_width(bar) <= 70


def test_a_bar_shows_what_goes_and_what_comes() -> None:
    less, more = load_rows(
        (load("Bank 1", 8.0, 4.0), load("Bank 2", 4.0, 8.0)), 70, ASCII, pdu="ats-1"
    )
    for bar in (less, more):
        text = "".join(t for t, _ in bar)
        assert text.count("#") == text.count("%") - 1, "as long as what stays; one % is the unit"
    assert ("%", "muted") in [(t[:1], ink) for t, ink in less]
    assert ("%", "key") in [(t[:1], ink) for t, ink in more]


def test_no_rating_no_bar_and_no_share() -> None:
    bare = load("Bank 1", 3.0, 2.0)
    bare = type(bare)(pdu="ats-1", kind="bank", number=1, name="Bank 1", before_a=3.0, after_a=2.0)
    text = "".join(t for t, _ in load_rows((bare,), 70, UNICODE, pdu="ats-1")[0])
    assert "no rating" in text
    assert "%" not in text


LEVELS: tuple[Level, ...] = ("danger", "caution", "unknown", "clear")


@given(st.lists(st.sampled_from(LEVELS), max_size=14), st.integers(3, 40), st.integers(30, 90))
@settings(deadline=None, max_examples=150)
def test_no_danger_is_left_out_without_a_word(levels: list[Level], height: int, width: int) -> None:
    lines = tuple(
        ImpactLine(level=level, text=f"line {n} of what will happen to something that is named")
        for n, level in enumerate(levels)
    )
    made = Impact(level="clear", lines=lines)
    blocks = impact_blocks(made, width, UNICODE, brief=False)
    rows = words(fitted(HEAD, blocks, FOOT, height))
    assert len(rows) <= height
    assert rows[0] == "the sentence"
    assert rows[-1] == "[ Cancel ]"
    whole = {
        n
        for n in range(len(levels))
        if any(
            f"line {n} " in words(block.rows)[0] and set(words(block.rows)) <= set(rows)
            for block in blocks
        )
    }
    told = len(whole)
    hidden = len(levels) - told
    more = [row for row in rows if "more" in row and row.rstrip().endswith("i")]
    assert bool(more) == bool(hidden), "what is not shown is counted"
    if hidden:
        assert f"+{hidden} more" in more[0]
    dangers = [n for n, level in enumerate(levels) if level == "danger"]
    unseen = [n for n in dangers if n not in whole]
    if unseen:
        assert f"{len(unseen)} of them DANGER" in more[0]
        others = [n for n, level in enumerate(levels) if level != "danger"]
        assert not any(any(f"line {n} " in row for row in rows) for n in others)
        seen = any(row.startswith("▲ DANGER") for row in rows)
        assert seen or height < 4, "how the first of them begins is seen"


def test_what_is_least_goes_first() -> None:
    blocks = impact_blocks(MANY, 70, UNICODE, pdu="ats-1")
    assert sum(block.rank == DANGER for block in blocks) == 3
    short = "\n".join(words(fitted(HEAD, blocks, FOOT, 9)))
    assert short.count("DANGER") == 3
    assert "caution" in short
    assert "keep running" not in short
    assert "+1 more: i" in short or "+2 more: i" in short


def test_blocks_that_nobody_counts_go_without_a_word() -> None:
    blocks = [Block(0, 10, [[("fact", "text")]], counted=False) for _ in range(5)]
    assert words(fitted(HEAD, blocks, FOOT, 4)) == ["the sentence", "", "fact", "[ Cancel ]"] or (
        "more" not in "".join(words(fitted(HEAD, blocks, FOOT, 4)))
    )


def test_where_it_is_narrow_the_share_afterwards_is_what_stays() -> None:
    [bar] = load_rows([load("Bank 1", 12.4, 13.3, level="caution")], 32, ASCII, pdu="ats-1")
    assert words([bar]) == ["Bank 1 12.4 > 13.3 A  83 %"]
