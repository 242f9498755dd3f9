"""The steps of a plan as rows: what each does to which outlet, and how the outlet stands now."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import tzinfo

from msgspec import Struct

from pdutui.domain.commands import WHOLE_PDU
from pdutui.domain.health import is_stale
from pdutui.domain.impact import Impact, OutletImpact
from pdutui.domain.plan import GOOD_STEPS, PlanStep, PlanView, StepObstacle, StepProgress
from pdutui.domain.reading import Outlet
from pdutui.engine.plans.again import later_ones
from pdutui.engine.view import PduView
from pdutui.screens.dialog import Row
from pdutui.screens.plan_words import STEP_CELLS, again_words, step_sign, then_word
from pdutui.widgets.figures import watts
from pdutui.widgets.glyphs import GlyphSet
from pdutui.widgets.text import clean, cut, fit, lead, pad, width_of, wrap

Views = Callable[[str], PduView | None]
"""A PDU by its name, as it stands now; None for one that is not configured any more."""
_NOW = 9
_THEN = 8


class Steps(Struct, frozen=True):
    """What a table of steps looks at."""

    steps: Sequence[PlanStep]
    views: Views
    glyphs: GlyphSet
    impact: Impact | None = None
    """For the loads; None: those of now."""
    obstacles: Sequence[StepObstacle] = ()
    progress: Sequence[StepProgress] = ()
    """As many as steps; none for a plan that nobody has agreed to."""
    frozen: bool = False
    """What the outlets were is part of it: say where they are something else now."""
    zone: tzinfo | None = None
    over: bool = False
    """Nothing more comes of it: what has not begun never will."""

    def clean(self, text: str) -> str:
        """Text from outside, fit for the screen."""
        return clean(text, self.glyphs.ascii_only)


def step_table(table: Steps, width: int, first: int, rows: int) -> list[Row]:
    """A heading and some steps, in at most `rows` rows.

    Args:
        table: The steps.
        width: Cells of a row.
        first: The first step that is shown.
        rows: How many rows there may be, with the heading.
    """
    pdus = max((width_of(table.clean(s.pdu)) for s in table.steps), default=3)
    number = len(str(len(table.steps)))
    pdu = max(3, min(pdus, 16, width // 5))
    longest = max((width_of(_name(table, s)) for s in table.steps), default=6)
    name = max(6, min(max(longest, 12), width - number - pdu - _NOW - _THEN - 19))
    shown = table.steps[first : first + max(0, rows - 1)]
    up = table.glyphs.up if first else " "
    down = table.glyphs.down if first + len(shown) < len(table.steps) else " "
    head = f"{' ' * number}   {'PDU'.ljust(pdu)}  {'outlet'.ljust(name)} "
    head += f"{'now'.ljust(_NOW)}   {'then'.ljust(_THEN)} {'W'.rjust(6)}"
    out: list[Row] = [[(cut(head, width - 3, ""), "muted"), (f" {up}{down}", "text")]]
    out = out[: max(0, rows)]
    loads = {(one.pdu, one.outlet): one for one in table.impact.outlets} if table.impact else {}
    stuck = {(one.pdu, one.outlet) for one in table.obstacles}
    later = later_ones(table.steps)
    for place, step in enumerate(shown, first + 1):
        key = (step.pdu, step.outlet)
        sign = table.glyphs.fixed if key in stuck else table.glyphs.protected * step.typed or " "
        label = fit(_name(table, step), name, table.glyphs.ellipsis)
        now, ink = _now(table, step)
        if place - 1 in later:  # as the step before it leaves it
            now, ink = f"{_glyph(table, step.before)} {step.before}", "muted"
        same = step.action in ("on", "off") and now == f"{_glyph(table, step.action)} {step.action}"
        then = "as it is" if same else then_word(step)
        out.append(
            [
                (lead(str(place), number), "muted"),
                (f" {sign} ", "critical" if key in stuck else "warning"),
                (fit(table.clean(step.pdu), pdu, table.glyphs.ellipsis), "text"),
                ("  ", "text"),
                (f"{label} ", "text"),
                (pad(now, _NOW), ink),
                (f" {table.glyphs.arrow} ", "muted"),
                (pad(then, _THEN), "muted" if same else "strong"),
                (" ", "text"),
                (lead(_load(table, step, loads), 6), "value"),
            ]
        )
    return out


def _name(table: Steps, step: PlanStep) -> str:
    """`3 db01`, `2.5 db01`: the label without its first word, which the heading says."""
    return table.clean(step.label.removeprefix("outlet ") or str(step.outlet))


def _outlet(table: Steps, step: PlanStep) -> Outlet | None:
    view = table.views(step.pdu)
    if view is None or view.reading is None or step.outlet == WHOLE_PDU:
        return None
    return view.reading.outlet(step.outlet)


def _now(table: Steps, step: PlanStep) -> tuple[str, str]:
    """The state of now, as glyph and word; where it is not to be trusted, that instead."""
    glyphs, view, outlet = table.glyphs, table.views(step.pdu), _outlet(table, step)
    if view is None:
        return f"{glyphs.unknown} no PDU", "warning"
    if is_stale(view.health):
        word = view.health.upper() if view.health in ("late", "lost", "refused") else "no data"
        return f"{glyphs.alert} {word}", "warning"
    if step.outlet == WHOLE_PDU:
        return f"{glyphs.dot} all", "text"
    if outlet is None:
        return f"{glyphs.unknown} gone", "critical"
    glyph = _glyph(table, outlet.state)
    if table.frozen and outlet.state != step.before:
        return f"{glyphs.alert} {outlet.state}", "warning"
    return f"{glyph} {outlet.state}", outlet.state


def _glyph(table: Steps, state: str) -> str:
    return {"on": table.glyphs.on, "off": table.glyphs.off}.get(state, table.glyphs.unknown)


def _load(table: Steps, step: PlanStep, loads: Mapping[tuple[str, int], OutletImpact]) -> str:
    """What it carries, or is expected to carry; `~` before what it carried when it was last on."""
    known = loads.get((step.pdu, step.outlet))
    if known is not None:
        if known.power_w is None:
            return "?"
        return f"{'~' * (known.basis == 'last_known')}{watts(known.power_w)}"
    outlet = _outlet(table, step)
    return watts(outlet.power_w, table.glyphs.dash) if outlet is not None else table.glyphs.dash


def progress_rows(table: Steps, width: int, first: int, rows: int) -> list[Row]:
    """Steps as they stand: state, outlet, what it was and became, when, and why.

    Args:
        table: The steps with their progress.
        width: Cells of a row.
        first: The first step that is shown.
        rows: How many there may be.
    """
    cells = _cells(table, width)
    out: list[Row] = []
    pairs = list(zip(table.steps, table.progress, strict=True))
    for place, (step, at) in enumerate(pairs[first : first + rows], first + 1):
        sign = step_sign(at.status, table.glyphs, over=table.over)
        row: Row = [
            (" ", "text"),
            (lead(str(place), cells.number), "muted"),
            (" ", "text"),
            (pad(f"{sign.glyph} {sign.word}", STEP_CELLS), sign.ink),
            (" ", "text"),
            (fit(table.clean(step.pdu), cells.pdu, table.glyphs.ellipsis), "text"),
            (" ", "text"),
            (fit(_name(table, step), cells.name, table.glyphs.ellipsis), "text"),
            (" ", "text"),
            *_course(table, step, at, cells.then),
            ("  ", "text"),
            (_when(table, at), "muted"),
        ]
        detail = table.clean(at.detail)
        if detail and width_of(detail) <= cells.detail:
            row.append((f"  {detail}", "muted" if sign.ink in ("on", "muted") else "text"))
        out.append(row)
    return out


_TIME = len("14:02:11")


class _Cells(Struct, frozen=True):
    """Widths of what stands in a row of progress."""

    number: int
    pdu: int
    name: int
    then: int
    detail: int
    """What is left for the detail."""


def _cells(table: Steps, width: int) -> _Cells:
    number = len(str(len(table.steps)))
    pdus = max((width_of(table.clean(s.pdu)) for s in table.steps), default=3)
    names = max((width_of(_name(table, s)) for s in table.steps), default=6)
    then = max((width_of(then_word(s)) for s in table.steps), default=3)
    pdu = max(3, min(pdus, 12, width // 8))
    name = max(8, min(names, 24, width // 4))
    used = number + STEP_CELLS + pdu + name + 6 + then + _TIME + 6
    return _Cells(number, pdu, name, then, width - used - 4)


def detail_rows(
    table: Steps, width: int, most: int, *, beside: int = 0, view: PlanView | None = None
) -> list[Row]:
    """What went wrong with steps, in full, the last of them first, in at most so many rows.

    Args:
        table: The steps with their progress.
        width: Cells of a row.
        most: How many rows there may be.
        beside: The width of the rows of the steps, which tell of themselves what fits into them.
        view: The plan, where it is to be said what becomes of such steps when it goes on.
    """
    told = _cells(table, beside).detail if beside else 0
    rows: list[Row] = []
    for place, (step, at) in reversed(
        list(enumerate(zip(table.steps, table.progress, strict=True)))
    ):
        if not at.detail or at.status in ("waiting", "running", *GOOD_STEPS):
            continue
        if width_of(table.clean(at.detail)) <= told:
            continue
        sign = step_sign(at.status, table.glyphs)
        head = f"{sign.glyph} step {place + 1}: "
        again = f"; {again_words(view, place)}" if view is not None else ""
        text = table.clean(f"{step.label} on {step.pdu}: {at.detail}{again}")
        lines = wrap(text, max(1, width - width_of(head)))
        rows += [[(head, sign.ink), (lines[0], "text")]]
        rows += [[(" " * width_of(head), "text"), (line, "text")] for line in lines[1:]]
    return rows[: max(0, most)]


def _course(table: Steps, step: PlanStep, at: StepProgress, cells: int) -> list[tuple[str, str]]:
    """`on → off`: what it was before, and what is asked for."""
    before = at.before if at.status not in ("waiting", "skipped") else step.before
    word = {"unknown": "?"}.get(before, before)
    if step.outlet == WHOLE_PDU:
        word = "all"
    return [
        (lead(word, 3), "muted"),
        (f" {table.glyphs.arrow} ", "muted"),
        (pad(then_word(step), cells), "strong" if at.status == "running" else "text"),
    ]


def _when(table: Steps, at: StepProgress) -> str:
    """When it began; how long it took its detail says."""
    return " " * _TIME if at.began is None else f"{at.began.astimezone(table.zone):%H:%M:%S}"
