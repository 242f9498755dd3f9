"""The last question before an outlet is switched.

Cancel has the focus and Enter never confirms: only `y` does, and not in the first moments, so that
keys typed ahead, pasted or repeated by a held key switch nothing. What the dialog says is asked of
the gate again whenever something changes; when it is no longer possible, it says so.
"""

from __future__ import annotations

from collections.abc import Callable

from msgspec import Struct
from textual import on
from textual.app import ComposeResult
from textual.geometry import Region
from textual.widget import Widget
from textual.widgets import Input

from pdutui.domain.clock import Clock
from pdutui.domain.commands import WHOLE_PDU, Action
from pdutui.domain.impact import dangers, said_of
from pdutui.engine.events import EngineEvent
from pdutui.engine.subject import Subject as About
from pdutui.engine.subject import subject_of
from pdutui.engine.view import PduView
from pdutui.keys.dialogs import CONFIRM
from pdutui.screens.confirm_facts import Subject, outlet_facts, whole_facts
from pdutui.screens.confirm_since import Since
from pdutui.screens.confirm_words import MILD, WORDS, way_out
from pdutui.screens.dialog import Choice, Dialog, Row, answer_keys, paragraph
from pdutui.screens.haste import Haste
from pdutui.screens.impact_rows import Block, fitted, impact_blocks
from pdutui.screens.keyed import bindings
from pdutui.screens.port import VerdictPort
from pdutui.widgets.glyphs import GlyphSet
from pdutui.widgets.inks import Inks
from pdutui.widgets.text import clean

_FIELDS = {"name": 128, "reason": 200, "ticket": 64}
"""What may have to be typed, and the longest of each."""
_ENDLESS = 10_000
"""More rows than there ever are."""
_TIGHT = 13
"""Rows of a card below which what has to be typed is said in few words."""
_WIDE = 76
"""The width of a card that has an impact to show."""


class Confirmed(Struct, frozen=True):
    """Somebody said yes."""

    typed_name: str | None = None
    reason: str | None = None
    ticket: str | None = None
    as_plan: bool = False
    """To its being frozen as a plan for a second person, and to no more."""


class ConfirmScreen(Dialog[Confirmed | None]):
    """Dismissed with `Confirmed`, or None for no.

    Args:
        outlet: The outlet's number; `WHOLE_PDU` for all of them and for the transfer switch.
        action: What is to be done with it.
        check: Asks the gate anew.
        view: The PDU as it stands now.
        wrong_ticket: What is wrong with a ticket; empty when nothing is.
        clock: For the guard.
        inks: The colours.
        glyphs: What is drawn with.
    """

    AUTO_FOCUS = "#cancel"
    TABLE = CONFIRM
    BINDINGS = bindings(CONFIRM)

    def __init__(
        self,
        outlet: int,
        action: Action,
        *,
        check: Callable[[], VerdictPort],
        view: Callable[[], PduView],
        wrong_ticket: Callable[[str], str],
        clock: Clock,
        inks: Inks,
        glyphs: GlyphSet,
    ) -> None:
        super().__init__(inks, glyphs)
        self._number, self._action = outlet, action
        self._check, self._view, self._wrong_ticket = check, view, wrong_ticket
        self._verdict = check()
        self._named = self._verdict.needs_name
        self._dangers = dangers(self._verdict.impact)
        self._fields = self._wanted_fields()
        self._from_end: dict[str, int] = {}
        """How far from the last row each field stands."""
        self._since = Since(self._subject(), action)
        self._haste = Haste(clock)
        self.frame = self._frame()
        if self._verdict.impact is not None:
            self.WIDTH = _WIDE

    @property
    def verdict(self) -> VerdictPort:
        """What the gate said last."""
        return self._verdict

    # life

    def controls(self) -> ComposeResult:
        """What has to be typed, and Cancel."""
        for name in self._fields:
            yield _field(name)
        yield Choice(way_out(self._action), self.inks, id="cancel")

    def on_mount(self) -> None:
        """What must be typed has the focus; nothing can be confirmed from there."""
        self._haste.again()
        if self._fields:
            self.query_one(f"#{self._fields[0]}", Input).focus()
        self.set_interval(1.0, self.refresh_verdict)
        super().on_mount()

    def on_screen_resume(self) -> None:
        """It is on top, for the first time or again."""
        self._haste.again()

    def on_key(self) -> None:
        """A key that is nothing here: what comes right behind it is not meant either."""
        self._haste.key()

    def news(self, event: EngineEvent) -> None:
        """Something happened: ask again."""
        self.refresh_verdict()

    def refresh_verdict(self) -> None:
        """Something may have changed: ask again and say what is true now."""
        self._verdict = self._check()
        self.frame = self._frame()
        if self._since.look(self._subject()):
            self._haste.again()
        self._add_fields(self._wanted_fields())
        self.update()

    # what it says

    @property
    def heading(self) -> str:
        """`Turn OFF?`, `DANGER: Turn OFF?`."""
        return f"{'DANGER: ' if self._dangerous else ''}{WORDS[self._action]}?"

    def rows(self, width: int, height: int) -> list[Row]:
        """Sentence, impact, facts, the rows of the fields, the row of the choices."""
        foot = [*self._asked_for(width, tight=height < _TIGHT), self._choices()]
        marks = {f"{name}: ": name for name in self._fields}
        self._from_end = {
            marks[row[0][0]]: len(foot) - 1 - place
            for place, row in enumerate(foot)
            if row and row[0][0] in marks
        }
        typing = isinstance(self.focused, Input)
        more = self.keymap.typing("dialog.all") if typing else self.keymap.shown("dialog.all")
        return fitted(self._head(width), self._blocks(width), foot, height, more=more)

    def _head(self, width: int) -> list[Row]:
        verdict = self._verdict
        if not verdict.allowed:
            return paragraph(
                f"No longer possible: {self._clean(verdict.reason)}", width, "critical"
            )
        if verdict.needs_name and not self._named:
            why = f"{self._why()} now, so a name must be typed: close this and ask anew."
            return paragraph(why, width, "critical")
        if self._since.moved:
            why = f"{self._clean(self._since.moved)}: close this and ask anew."
            return paragraph(why, width, "critical")
        if self._is_new_danger():
            why = f"{self._clean(said_of(verdict.impact))}: close this and ask anew."
            return paragraph(why, width, "critical")
        return paragraph(self._clean(verdict.sentence), width, "strong")

    def _blocks(self, width: int, *, brief: bool = True) -> list[Block]:
        verdict, view = self._verdict, self._view()
        reading = view.reading
        subject = Subject(
            view=view,
            action=self._action,
            outlet=reading.outlet(self._number) if reading else None,
            name=verdict.outlet_name,
            number=self._number,
            impact=verdict.impact,
            glyphs=self.glyphs,
            width=width,
        )
        whole = self._number == WHOLE_PDU
        facts = whole_facts(subject, self._since.state) if whole else outlet_facts(subject)
        if verdict.impact is None:
            return facts
        impact, pdu = verdict.impact, view.info.name
        return [*impact_blocks(impact, width, self.glyphs, pdu=pdu, brief=brief), *facts]

    def _asked_for(self, width: int, *, tight: bool) -> list[Row]:
        """What has to be typed and why, with a row for each field; empty where nothing has."""
        verdict, rows = self._verdict, list[Row]()
        yes = self.keymap.shown("dialog.yes")
        if verdict.needs_approval:
            text = (
                f"A second person has to agree: {yes} only freezes this as a plan, and nothing is "
            )
            rows += paragraph(f"{text}switched before they have.", width, "warning")
        wants: list[str] = []
        if self._named:
            what = "its name" if self._number != WHOLE_PDU else "the name"
            name = self._clean(verdict.outlet_name)
            wants.append(f"type {name}" if tight else f"type {what} ({name})")
        needed = [("reason", verdict.needs_reason), ("ticket", verdict.needs_ticket)]
        wanted = [f"a {what}" for what, is_needed in needed if is_needed]
        if wanted:
            wants.append(f"give {' and '.join(wanted)}")
        if wants:
            about = f"{self._about_name()}: " if self._named and not tight else ""
            text = f"{about}{', '.join(wants)}, {'' if tight else 'then '}Enter, then {yes}."
            rows += paragraph(text if about else text[:1].upper() + text[1:], width)
        wrong = self._wrong_ticket(self._typed("ticket"))
        if wrong and not self.query_one("#ticket").has_focus:
            rows += paragraph(self._clean(wrong), width, "warning")
        rows += [[(f"{name}: ", "muted")] for name in self._fields]
        rows += [[]] if rows and not tight else []
        if self._haste.told:
            rows += paragraph(
                f"That {yes} came too fast to be meant: press it again.", width, "warning"
            )
        return rows

    def _choices(self) -> Row:
        does = "Freeze as a plan" if self._verdict.needs_approval else WORDS[self._action]
        typing = isinstance(self.focused, Input)
        row: Row = [(f"[ {way_out(self._action)} ]   ", "text")]
        row += answer_keys(does if self._ready() else "", typing=typing, keymap=self.keymap)
        if "reason" not in self._fields and self._verdict.allowed and not typing:
            key = self.keymap.shown("dialog.explain")
            row += [(f"   {key}", "key"), (" reason", "muted")] if key else []
        return row

    def control_region(self, child: Widget, card: Region) -> Region | None:
        """Each field stands in its row, behind its name."""
        if not isinstance(child, Input):
            return super().control_region(child, card)
        from_end = self._from_end.get(child.id or "")
        if from_end is None:
            return None
        row, indent = card.bottom - 1 - self.first_row - from_end, 5 + len(child.id or "")
        return Region(card.x + indent, row, max(1, card.width - indent - 3), 1)

    @property
    def _dangerous(self) -> bool:
        return self._verdict.impact is not None and self._verdict.impact.danger

    def _is_new_danger(self) -> bool:
        """Whether something came to be in danger since the question was put: nobody was asked."""
        return not dangers(self._verdict.impact) <= self._dangers

    def _frame(self) -> str:
        if self._dangerous:
            return "critical"
        return "title" if self._action in MILD else "warning"

    def _about_name(self) -> str:
        """Why a name has to be typed, in a word where one says it."""
        if self._dangerous:
            return "Danger"
        guarded = self._number in self._view().info.protected
        return "Protected" if guarded and self._number != WHOLE_PDU else self._why()

    def _why(self) -> str:
        """Why a name is wanted, as the gate says it."""
        why = self._clean(self._verdict.reason).partition(": type ")[0]
        return why[:1].upper() + why[1:]

    def _subject(self) -> About:
        view = self._view()
        return subject_of(view.reading, view.info.name, self._number, self._action)

    def _clean(self, text: str) -> str:
        return clean(text, self.glyphs.ascii_only)

    # what is typed

    def _wanted_fields(self) -> list[str]:
        verdict = self._verdict
        wanted = {"name": self._named, "reason": verdict.needs_reason,
                  "ticket": verdict.needs_ticket}  # fmt: skip
        return [name for name in _FIELDS if wanted[name]]

    def _add_fields(self, names: list[str]) -> None:
        """Put fields on the card that are not there yet; none is ever taken away."""
        new = [name for name in names if name not in self._fields]
        if not new:
            return
        self._fields = [name for name in _FIELDS if name in self._fields or name in new]
        self.mount(*(_field(name) for name in new), before="#cancel")
        self.update()

    def _typed(self, name: str) -> str:
        field = self.query(f"#{name}")
        return field.first(Input).value.strip() if field else ""

    def _ready(self) -> bool:
        """Whether `y` would be taken."""
        open_still = self._verdict.allowed and not self._since.moved and not self._is_new_danger()
        return open_still and not self._missing()

    def _missing(self) -> list[str]:
        """The fields that are not as they have to be."""
        verdict = self._verdict
        # Compared as it is shown: what a device puts into a name may be impossible to type.
        named = self._typed("name") == self._clean(verdict.outlet_name)
        ticket = self._typed("ticket")
        checks = {
            "name": verdict.needs_name and not named,
            "reason": verdict.needs_reason and not self._typed("reason"),
            "ticket": (verdict.needs_ticket and not ticket) or bool(self._wrong_ticket(ticket)),
        }
        return [name for name, missing in checks.items() if missing]

    @on(Input.Changed)
    def _typing(self) -> None:
        self.update()

    @on(Input.Submitted)
    def _entered(self, event: Input.Submitted) -> None:
        """Enter leaves the field, for the next one that is wanted; it confirms nothing."""
        after = self._fields[self._fields.index(event.input.id or "") + 1 :]
        left = [name for name in after if name in self._missing() or not self._typed(name)]
        self.query_one(f"#{left[0]}" if left else "#cancel").focus()

    def on_descendant_focus(self) -> None:
        """Other keys work now."""
        self.update()

    def on_descendant_blur(self) -> None:
        """A field was left: now it is said what is wrong with it."""
        self.update()

    def action_explain(self) -> None:
        """Give a reason and a ticket though none is asked for."""
        self._add_fields(["reason", "ticket"])
        self.call_after_refresh(self.query_one("#reason", Input).focus)

    # the answer

    @on(Choice.Pressed)
    def _pressed(self) -> None:
        self.dismiss(None)

    def action_cancel(self) -> None:
        """No."""
        self.dismiss(None)

    def action_all(self) -> None:
        """Show what there was no room for."""
        from pdutui.screens.impact_all import AllScreen

        def text(width: int) -> list[Row]:
            blocks = self._blocks(width, brief=False)
            return fitted(self._head(width), blocks, [], _ENDLESS)

        self.app.push_screen(AllScreen(self.heading, text, self.inks, self.glyphs, self.frame))

    def action_confirm(self) -> None:
        """Yes, if it is still possible and the key can have been meant."""
        self.refresh_verdict()
        early = self._haste.key()
        if not self._ready():
            return
        if early:
            self._haste.told = True
            self.update()
            return
        verdict = self._verdict
        self.dismiss(
            Confirmed(
                typed_name=verdict.outlet_name if verdict.needs_name else None,
                reason=self._typed("reason") or None,
                ticket=self._typed("ticket") or None,
                as_plan=verdict.needs_approval,
            )
        )


def _field(name: str) -> Input:
    field = Input(id=name, max_length=_FIELDS[name])
    field.cursor_blink = False
    return field
