"""The question before several outlets are switched: every one of them, what it does, how fast.

As with one outlet, Cancel has the focus and only `y` agrees. The plan is drafted anew each second
and with each reading; what is in the way of one outlet is in the way of all of them until that
outlet is taken out.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Literal

from msgspec import Struct
from msgspec.structs import replace
from textual import on
from textual.app import ComposeResult
from textual.geometry import Region
from textual.widget import Widget
from textual.widgets import Input

from pdutui.domain.clock import Clock
from pdutui.domain.plan import OnFailure, Pace, PlanDraft, PlanWish
from pdutui.keys.dialogs import PLAN_QUESTION
from pdutui.screens.dialog import Choice, Row, answer_keys, paragraph
from pdutui.screens.keyed import bindings
from pdutui.screens.plan_card import PlanCard
from pdutui.screens.plan_rows import Views
from pdutui.screens.plan_words import (
    SETTLE_S,
    failure_words,
    heading,
    next_pause,
    pace_words,
)
from pdutui.widgets.glyphs import GlyphSet
from pdutui.widgets.inks import Inks

Order = Literal["listed", "reversed", "marked"]
_ORDERS: dict[Order, str] = {
    "listed": "PDU by PDU",
    "reversed": "the last outlet first",
    "marked": "in the order of the marks",
}
_FIELDS = {"word": 128, "reason": 200, "ticket": 64}
"""What may be typed, and the longest of each."""
_LABELS = {"word": "type: ", "reason": "reason: ", "ticket": "ticket: "}


class Wishes(Struct, frozen=True, kw_only=True):
    """What somebody wants done, and how."""

    wishes: tuple[PlanWish, ...]
    """In the order in which they were marked, or are to be done."""
    title: str = ""
    source: str = "console"
    pace: Pace = "delay"
    pause_s: float = 1.0
    on_failure: OnFailure = "stop"
    reason: str | None = None
    ticket: str | None = None
    put_back_of: str | None = None
    orders: tuple[Order, ...] = ("listed", "reversed", "marked")
    """Which orders can be chosen, the first one to begin with; empty: as they stand."""


class Agreed(Struct, frozen=True):
    """Somebody said yes."""

    draft: PlanDraft
    typed: tuple[str, ...] = ()


class PlanQuestion(PlanCard[Agreed]):
    """Dismissed with `Agreed`, or None for no.

    Args:
        wanted: What is to be done, and how, to begin with.
        draft: Makes a plan of it. Raises PlanTrouble.
        ordered: Puts wishes into the order of the PDUs and their outlets.
        required: What policy wants typed: `reason`, `ticket`.
        unmarked: Is told which outlets were taken out.
        views: The PDUs as they stand.
        clock: For the guard.
        inks: The colours.
        glyphs: What is drawn with.
    """

    FROZEN = False
    TABLE = PLAN_QUESTION
    BINDINGS = bindings(PLAN_QUESTION)

    def __init__(
        self,
        wanted: Wishes,
        *,
        draft: Callable[[Wishes], PlanDraft],
        ordered: Callable[[Sequence[PlanWish]], tuple[PlanWish, ...]],
        required: Sequence[str],
        unmarked: Callable[[Sequence[tuple[str, int]]], None],
        views: Views,
        clock: Clock,
        inks: Inks,
        glyphs: GlyphSet,
    ) -> None:
        self.wanted, self._ordered = wanted, ordered
        self._order: Order | None = wanted.orders[0] if wanted.orders else None
        self._unmarked = unmarked
        self._delay_s = wanted.pause_s
        """The pause while it is not waited for the load."""
        self._typed: list[str] = []
        """The words that were typed, as they are to be sent."""
        self._wrong = ""
        super().__init__(
            lambda: draft(self._now()), views=views, clock=clock, inks=inks, glyphs=glyphs
        )
        self._fields = [name for name in _FIELDS if name in required]
        if self.draft.words:
            self._fields.insert(0, "word")
        self._from_end: dict[str, int] = {}

    def _now(self) -> Wishes:
        """What is wanted, in the order that was chosen."""
        wishes = self.wanted.wishes
        if self._order in ("listed", "reversed"):
            wishes = self._ordered(wishes)
        if self._order == "reversed":
            wishes = tuple(reversed(wishes))
        return replace(self.wanted, wishes=wishes)

    # life

    def controls(self) -> ComposeResult:
        """What has to be typed, and Cancel."""
        for name in self._fields:
            yield _field(name, self._said(name))
        yield Choice("Cancel", self.inks, id="cancel")

    def on_mount(self) -> None:
        """What must be typed has the focus; nothing can be agreed to from there."""
        super().on_mount()
        if self._fields:
            self.query_one(f"#{self._fields[0]}", Input).focus()

    def look_again(self) -> None:
        """Judge it anew; words that it takes by now get their field."""
        super().look_again()
        if self._left_words():
            self._add_fields(["word"])

    # what it says

    @property
    def heading(self) -> str:
        """`Turn OFF 4 outlets on 2 PDUs?`."""
        danger = "DANGER: " if self.draft.impact.danger else ""
        return f"{danger}{self.clean(heading(self.draft.plan))}?"

    def obstacle_head(self, count: int) -> str:
        """Nothing is done until they are taken out."""
        them = "one outlet" if count == 1 else f"{count} outlets"
        takes = f"{self.keymap.said('plan.unmark')} takes"
        typing = isinstance(self.focused, Input)
        key = f"{self.keymap.said('field.next')}, then {takes}" if typing else takes
        return f"Not possible for {them}; {key} {'it' if count == 1 else 'them'} out:"

    def head(self, width: int) -> list[Row]:
        """The sentence; or why it cannot be any more."""
        if self.trouble:
            return paragraph(f"Not possible: {self.clean(self.trouble)}", width, "critical")
        return paragraph(self.clean(self.draft.sentence), width, "strong")

    def foot(self, width: int, tight: bool) -> list[Row]:
        """Pace, fields and choices."""
        gap: list[Row] = [] if tight else [[]]
        how, asked = self._how(width), [*self._asked_for(width), *self.hasty(width)]
        rows = [*how, *(gap if how else []), *asked, *(gap if asked else []), self._choices()]
        marks = {_LABELS[name]: name for name in self._fields}
        self._from_end = {
            marks[row[0][0]]: len(rows) - 1 - place
            for place, row in enumerate(rows)
            if row and row[0][0] in marks
        }
        return rows

    def _how(self, width: int) -> list[Row]:
        wanted = self.wanted
        count = len(wanted.wishes)
        if count < 2:
            return []
        pace = pace_words(wanted.pace, wanted.pause_s)
        words = ["with the pauses of its steps" if self._own_pauses else pace]
        words.append(failure_words(wanted.on_failure))
        if self._order is not None:
            words.append(_ORDERS[self._order])
        text = "; ".join(words)
        keys: Row = []
        key, pauses = self.keymap.shown, self.keymap.pair("plan.longer", "plan.shorter")
        settle = (key("plan.settle"), "no settling" if wanted.pace == "settle" else "settle")
        for name, does in (
            *([] if self._own_pauses else [(pauses, "pause"), settle]),
            (key("plan.on_failure"), "go on" if wanted.on_failure == "stop" else "stop"),
            *([(key("plan.order"), "order")] if self._order is not None else []),
        ):
            keys += [(name, "key"), (f" {does}   ", "muted")] if name else []
        if isinstance(self.focused, Input):
            out = f" leaves the field, for pace, order and {key('dialog.yes')}"
            keys = [(key("field.next"), "key"), (out, "muted")]
        return [*paragraph(text[:1].upper() + text[1:] + ".", width), keys]

    @property
    def _own_pauses(self) -> bool:
        """Whether the steps bring their own pauses, so that one for all would say nothing."""
        return any(w.pause_s is not None or w.pace is not None for w in self.wanted.wishes)

    def _asked_for(self, width: int) -> list[Row]:
        rows: list[Row] = []
        yes = self.keymap.shown("dialog.yes")
        if self.draft.plan.needs_approval:
            text = (
                f"A second person has to agree: {yes} only freezes this as a plan, and nothing is "
            )
            rows += paragraph(f"{text}switched before they have.", width, "warning")
        left = self._left_words()
        if left and "word" in self._fields:
            count = len(self.draft.words)
            nth = f" ({count - len(left) + 1} of {count})" if count > 1 else ""
            text = f'{self._wrong}Type "{self.clean(left[0])}"{nth}, then Enter.'
            rows += paragraph(text, width, "warning" if self._wrong else "text")
            rows.append([(_LABELS["word"], "muted")])
        elif self.draft.words and not left:
            rows += paragraph("What had to be typed is typed.", width, "muted")
        rows += [[(_LABELS[name], "muted")] for name in self._fields if name != "word"]
        if self.draft.problem and not self.draft.obstacles:
            text = self.clean(self.draft.problem)
            rows += paragraph(f"{text[:1].upper()}{text[1:]}.".replace("..", "."), width, "warning")
        return rows

    def _choices(self) -> Row:
        row: Row = [("[ Cancel ]   ", "text")]
        plan, typing = self.draft.plan, isinstance(self.focused, Input)
        does = "Freeze as a plan" if plan.needs_approval else heading(plan).partition(" on ")[0]
        does = self.clean(does.partition(": ")[2] or does)
        row += answer_keys(
            does if self.ready and not self.trouble else "", typing=typing, keymap=self.keymap
        )
        if typing:
            return row
        if self.draft.obstacles and not self.stuck_by:
            row += self._hint("plan.unmark", "take out")
        if "reason" not in self._fields:
            row += self._hint("dialog.explain", "reason")
        return row

    def _hint(self, ident: str, does: str) -> Row:
        key = self.keymap.shown(ident)
        return [(f"   {key}", "key"), (f" {does}", "muted")] if key else []

    def control_region(self, child: Widget, card: Region) -> Region | None:
        """Each field stands in its row, behind its name."""
        if not isinstance(child, Input):
            return super().control_region(child, card)
        from_end = self._from_end.get(child.id or "")
        if from_end is None:
            return None
        row = card.bottom - 1 - self.first_row - from_end
        indent = 3 + len(_LABELS[child.id or "word"])
        return Region(card.x + indent, row, max(1, card.width - indent - 3), 1)

    def on_descendant_focus(self) -> None:
        """Other keys work now."""
        self.update()

    # what is typed

    def _add_fields(self, names: Sequence[str]) -> None:
        new = [name for name in names if name not in self._fields]
        if new:
            self._fields = [name for name in _FIELDS if name in self._fields or name in new]
            self.mount(*(_field(name, self._said(name)) for name in new), before="#cancel")
            self.update()

    def _said(self, name: str) -> str:
        return {"reason": self.wanted.reason, "ticket": self.wanted.ticket}.get(name) or ""

    def _left_words(self) -> list[str]:
        return [word for word in self.draft.words if word not in self._typed]

    @property
    def ready(self) -> bool:
        """Nothing is in the way, and all that has to be typed is."""
        draft = self.draft
        return not (draft.obstacles or draft.problem or self._left_words())

    @on(Input.Changed)
    def _typing(self, event: Input.Changed) -> None:
        name, text = event.input.id or "", event.value.strip() or None
        if name == "word":
            self._wrong = ""
            self.update()
            return
        self.wanted = replace(self.wanted, **{name: text})
        self.look_if_due()

    @on(Input.Submitted)
    def _entered(self, event: Input.Submitted) -> None:
        """Enter leaves the field, for the next one that is empty; it agrees to nothing."""
        name = event.input.id or ""
        if name == "word":
            left = self._left_words()
            # Compared as it is shown: what a device puts into a name may be impossible to type.
            if left and event.value.strip() != self.clean(left[0]):
                self._wrong = "That is another word. "
                self.update()
                return
            self._typed += left[:1]
            event.input.value = ""
            if left[1:]:
                self.update()
                return
        self.update()
        after = self._fields[self._fields.index(name) + 1 :]
        empty = [one for one in after if not self.query_one(f"#{one}", Input).value.strip()]
        self.query_one(f"#{empty[0]}" if empty else "#cancel").focus()

    def action_explain(self) -> None:
        """Give a reason and a ticket though none is asked for."""
        self._add_fields(["reason", "ticket"])
        self.call_after_refresh(self.query_one("#reason", Input).focus)

    # how it is done

    def _want(self, wanted: Wishes) -> None:
        self.wanted = wanted
        self.look_again()

    def action_pause(self, by: int) -> None:
        """A longer or shorter pause."""
        if self._own_pauses:
            return
        self._want(replace(self.wanted, pause_s=next_pause(self.wanted.pause_s, by)))

    def action_settle(self) -> None:
        """Wait until the load has settled, or a fixed time."""
        wanted = self.wanted
        if self._own_pauses:
            return
        if wanted.pace == "settle":
            self._want(replace(wanted, pace="delay", pause_s=self._delay_s))
        else:
            self._delay_s = wanted.pause_s
            self._want(replace(wanted, pace="settle", pause_s=max(SETTLE_S, wanted.pause_s)))

    def action_on_failure(self) -> None:
        """Stop at the first failure, or go on."""
        other: OnFailure = "continue" if self.wanted.on_failure == "stop" else "stop"
        self._want(replace(self.wanted, on_failure=other))

    def action_order(self) -> None:
        """Another order."""
        orders = self.wanted.orders
        if self._order is not None:
            self._order = orders[(orders.index(self._order) + 1) % len(orders)]
            self.look_again()

    def action_unmark(self) -> None:
        """Take out what is in the way."""
        gone = {(one.pdu, one.outlet) for one in self.draft.obstacles}
        if not gone or self.stuck_by:
            return
        self._unmarked(sorted(gone))
        left = tuple(w for w in self.wanted.wishes if (w.pdu, w.outlet) not in gone)
        if left:
            self._want(replace(self.wanted, wishes=left))
        else:
            self.dismiss(None)

    def agreed(self) -> Agreed:
        """The plan as it stands, and what was typed for it."""
        return Agreed(self.draft, tuple(self._typed))


def _field(name: str, value: str) -> Input:
    field = Input(value, id=name, max_length=_FIELDS[name], select_on_focus=False)
    field.cursor_blink = False
    return field
