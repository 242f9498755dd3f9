"""The last question before an outlet is switched.

Cancel has the focus and Enter never confirms: only `y` does, and not in the first moments, so that
keys typed ahead, pasted or repeated by a held key switch nothing. What the dialog says is asked of
the gate again whenever something changes; when it is no longer possible, it says so.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import ClassVar

from msgspec import Struct
from textual import on
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.geometry import Region
from textual.widget import Widget
from textual.widgets import Input

from pdutui.domain.clock import Clock
from pdutui.domain.commands import WHOLE_PDU, Action
from pdutui.domain.load import total_load
from pdutui.domain.reading import Outlet
from pdutui.engine.subject import is_preference, subject_of
from pdutui.engine.view import PduView
from pdutui.screens.dialog import Choice, Dialog, Row, fact, paragraph, trimmed
from pdutui.screens.haste import Haste
from pdutui.screens.port import VerdictPort
from pdutui.widgets.figures import age, amps, watts
from pdutui.widgets.glyphs import GlyphSet
from pdutui.widgets.inks import Inks
from pdutui.widgets.text import clean

_WORDS: dict[Action, str] = {
    "on": "Turn ON", "off": "Turn OFF", "reboot": "REBOOT", "delayed_on": "Turn ON later",
    "delayed_off": "Turn OFF later", "delayed_reboot": "REBOOT later", "cancel": "Cancel command",
    "identify": "Identify", "all_on": "Turn ALL ON", "all_off": "Turn ALL OFF",
    "all_reboot": "REBOOT ALL", "all_delayed_on": "Turn ALL ON later",
    "all_delayed_off": "Turn ALL OFF later", "all_delayed_reboot": "REBOOT ALL later",
    "all_cancel": "Cancel all commands", "prefer_a": "Prefer source A",
    "prefer_b": "Prefer source B", "prefer_none": "Prefer no source",
}  # fmt: skip
_MILD: frozenset[Action] = frozenset({"on", "delayed_on", "cancel", "identify", "all_cancel"})
"""What takes power from nothing."""


class Confirmed(Struct, frozen=True):
    """Somebody said yes."""

    typed_name: str | None = None


class ConfirmScreen(Dialog[Confirmed | None]):
    """Dismissed with `Confirmed`, or None for no.

    Args:
        outlet: The outlet's number; `WHOLE_PDU` for all of them and for the transfer switch.
        action: What is to be done with it.
        check: Asks the gate anew.
        view: The PDU as it stands now.
        clock: For the guard.
        inks: The colours.
        glyphs: What is drawn with.
    """

    AUTO_FOCUS = "#cancel"
    BINDINGS: ClassVar[list[BindingType]] = [
        ("y", "confirm", "Yes"),
        ("n,escape", "cancel", "No"),
    ]

    def __init__(
        self,
        outlet: int,
        action: Action,
        *,
        check: Callable[[], VerdictPort],
        view: Callable[[], PduView],
        clock: Clock,
        inks: Inks,
        glyphs: GlyphSet,
    ) -> None:
        super().__init__(inks, glyphs, "title" if action in _MILD else "warning")
        self._number, self._action = outlet, action
        self._check, self._view = check, view
        self._verdict = check()
        self._named = self._verdict.needs_name
        self._state = self._subject_state()
        self._haste = Haste(clock)

    @property
    def verdict(self) -> VerdictPort:
        """What the gate said last."""
        return self._verdict

    def controls(self) -> ComposeResult:
        """The name where it is wanted, and Cancel."""
        if self._named:
            field = Input(id="name", max_length=128)
            field.cursor_blink = False
            yield field
        yield Choice("Cancel", self.inks, id="cancel")

    def on_screen_resume(self) -> None:
        """It is on top, for the first time or again."""
        self._haste.again()

    def on_key(self) -> None:
        """A key that is nothing here: what comes right behind it is not meant either."""
        self._haste.key()

    def on_mount(self) -> None:
        """A name that must be typed has the focus; nothing can be confirmed from there."""
        self._haste.again()
        if self._named:
            self.query_one("#name", Input).focus()
        self.set_interval(1.0, self.refresh_verdict)
        super().on_mount()

    def refresh_verdict(self) -> None:
        """Something may have changed: ask again and say what is true now."""
        self._verdict = self._check()
        state = self._subject_state()
        if state != self._state:
            self._state = state
            self._haste.again()
        self.update()

    @property
    def heading(self) -> str:
        """`Turn OFF?`."""
        return f"{_WORDS[self._action]}?"

    def rows(self, width: int, height: int) -> list[Row]:
        """Sentence, facts, the name field's row, the row of the choices."""
        verdict, view = self._verdict, self._view()
        if not verdict.allowed:
            head = paragraph(
                f"No longer possible: {self._clean(verdict.reason)}", width, "critical"
            )
        elif verdict.needs_name and not self._named:
            why = f"{self._why()} now, so a name must be typed: close this and ask anew."
            head = paragraph(why, width, "critical")
        else:
            head = paragraph(self._clean(verdict.sentence), width, "strong")
        facts = self._facts(view)
        foot: list[Row] = []
        if self._named:
            wanted = self._clean(verdict.outlet_name)
            about = "Protected" if self._number != WHOLE_PDU else self._why()
            name = "its name" if self._number != WHOLE_PDU else "the name"
            foot += paragraph(f"{about}: type {name} ({wanted}), then Enter, then y.", width)
            foot += [[("name: ", "muted")], []]
        if self._haste.told:
            foot += paragraph("That y came too fast to be meant: press it again.", width, "warning")
        cancel: Row = [("[ Cancel ]   ", "text")]
        if self._ready():
            cancel += [("y", "key"), (f" {_WORDS[self._action]}", "strong"), ("   ", "text")]
        cancel += [("n", "key"), (" no", "muted")]
        return trimmed(head, facts, [*foot, cancel], height)

    def control_region(self, child: Widget, card: Region) -> Region | None:
        """The name field stands two rows above the choices."""
        if isinstance(child, Input):
            row = card.bottom - 3 - self.first_row - (1 if self._haste.told else 0)
            return Region(card.x + 9, row, max(1, card.width - 12), 1)
        return super().control_region(child, card)

    def _why(self) -> str:
        """Why a name is wanted, as the gate says it."""
        why = self._clean(self._verdict.reason).partition(": type ")[0]
        return why[:1].upper() + why[1:]

    def _facts(self, view: PduView) -> list[Row]:
        if self._number == WHOLE_PDU:
            return self._whole_facts(view)
        outlet = self._outlet()
        dot = f" {self.glyphs.dot} "
        name = self._clean(outlet.name) if outlet else self._clean(self._verdict.outlet_name)
        place = (outlet.label if outlet else None) or str(self._number)
        facts = [
            fact("Outlet", f"{place}{dot}{name}" if name else place, "strong"),
            fact("PDU", self._where(view)),
        ]
        if outlet is not None:
            na = self.glyphs.dash
            load = [f"{watts(outlet.power_w)} W"] if outlet.power_w is not None else []
            load += [f"{amps(outlet.current_a)} A"] if outlet.current_a is not None else []
            facts.append(fact("Load now", "  ".join(load) or f"{na} (not metered)"))
            facts.append(fact("State", f"{outlet.state}, {age(view.age_s) or '?'} ago"))
        return facts

    def _where(self, view: PduView) -> str:
        where = [view.info.name]
        if view.info.feed:
            where.append(f"feed {view.info.feed}")
        if view.info.location:
            where.append(view.info.location)
        return f" {self.glyphs.dot} ".join(self._clean(part) for part in where)

    def _whole_facts(self, view: PduView) -> list[Row]:
        reading, na = view.reading, self.glyphs.dash
        facts = [fact("PDU", self._where(view), "strong")]
        if reading is None:
            return facts
        load = total_load(reading)
        shown = [f"{watts(load.power_w)} W"] if load.power_w is not None else []
        shown += [f"{amps(load.current_a)} A"] if load.current_a is not None else []
        facts.append(fact("Load now", "  ".join(shown) or na))
        if is_preference(self._action) and reading.ats is not None:
            ats = reading.ats
            facts.append(
                fact("Now", f"{ats.active or na} carries, {ats.preferred or na} preferred")
            )
            for source in ats.sources:
                volts = f"{source.voltage_v:.0f} V" if source.voltage_v is not None else na
                state = source.state.replace("_", " ")
                facts.append(fact(f"Source {source.id}", f"{volts}  {state}"))
        else:
            facts.append(fact("Outlets", self._subject_state()))
        return [*facts, fact("Seen", f"{age(view.age_s) or '?'} ago")]

    def _outlet(self) -> Outlet | None:
        reading = self._view().reading
        return reading.outlet(self._number) if reading else None

    def _subject_state(self) -> str:
        view = self._view()
        return subject_of(view.reading, view.info.name, self._number, self._action).state

    def _typed(self) -> str:
        field = self.query("#name")
        return field.first(Input).value.strip() if field else ""

    def _ready(self) -> bool:
        """Whether `y` would be taken."""
        if not self._verdict.allowed:
            return False
        if not self._verdict.needs_name:
            return True
        # Compared as it is shown: what a device puts into a name may be impossible to type.
        return self._typed() == self._clean(self._verdict.outlet_name)

    def _clean(self, text: str) -> str:
        return clean(text, self.glyphs.ascii_only)

    @on(Input.Changed)
    def _typing(self) -> None:
        self.update()

    @on(Input.Submitted)
    def _entered(self) -> None:
        """Enter leaves the field; it confirms nothing."""
        self.query_one("#cancel", Choice).focus()

    @on(Choice.Pressed)
    def _pressed(self) -> None:
        self.dismiss(None)

    def action_cancel(self) -> None:
        """No."""
        self.dismiss(None)

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
        named = self._verdict.needs_name
        self.dismiss(Confirmed(typed_name=self._verdict.outlet_name if named else None))
