"""Many outlets on the PDU screen: marks, ranges and the filter, as keys and a line to type in."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import TYPE_CHECKING, ClassVar, Literal

from textual.events import Key

from pdutui.domain.devicemap import DeviceMap
from pdutui.engine.events import EngineEvent, ReadingArrived, Severity
from pdutui.screens import wishes
from pdutui.screens.cursors import Cursors
from pdutui.screens.keys import Many
from pdutui.screens.live import LiveScreen
from pdutui.screens.marks import Marks, counted
from pdutui.screens.outlet_filter import fitting
from pdutui.widgets.layout import Rect
from pdutui.widgets.outlet_grid import place_of
from pdutui.widgets.scene import Marked, Pane, PlanNews

if TYPE_CHECKING:
    from textual.widgets import Input

    from pdutui.domain.commands import OutletAction
    from pdutui.domain.reading import Outlet
    from pdutui.engine.view import PduInfo, PduView
    from pdutui.screens.filter_input import FilterInput

FIELD = "filter"
"""The id of the line in which a filter is typed."""
_BEFORE = 3
"""Cells before it, with the `/`."""
_FIELD_CELLS = 30


class MarkingScreen(LiveScreen):
    """A screen of outlets of which several can be marked, and some be hidden by a filter.

    What it does to marks it tells; what is to be switched it asks the app for, and nothing else
    can come of a key.
    """

    is_past: ClassVar[bool] = False
    """It shows a moment of the past: nothing can be switched."""
    _view: PduView

    def __init__(self) -> None:
        super().__init__()
        self.marks = Marks()
        self.device_map = DeviceMap()
        """What is plugged in, for the filter."""
        self.plan_news: Callable[[], PlanNews] = PlanNews
        """What is to be seen of plans."""
        self.filter = ""
        """What outlets have to fit to be shown; empty: all are."""
        self._field: FilterInput | None = None
        """The line in which a filter is typed, once it was needed."""
        self._typed_in: FilterInput | None = None
        """The same while it is open."""
        self._cursors = Cursors(self.shown)

    @property
    def pane(self) -> Pane:
        """Where the keys go."""
        raise NotImplementedError

    @property
    def pdu(self) -> str:
        """The name of the PDU on the screen."""
        return self._view.info.name

    def notice(self, text: str, severity: Severity = "info") -> None:
        """Say something for a while."""
        raise NotImplementedError

    def update(self) -> None:
        """Draw everything anew."""
        raise NotImplementedError

    def give_keys(self) -> None:
        """Give the keys to the outlets."""
        raise NotImplementedError

    # what is shown

    def shown(self, view: PduView) -> tuple[Outlet, ...]:
        """The outlets of a PDU that fit the filter."""
        outlets = view.reading.outlets if view.reading is not None else ()
        if not self.filter.strip():
            return outlets

        def devices(number: int) -> list[str]:
            return [cord.device for cord in self.device_map.at(view.info.name, number)]

        return fitting(outlets, self.filter, devices)

    def range_shown(self) -> tuple[Outlet, ...]:
        """The outlets in the range that is being drawn."""
        view = self._view
        return self.marks.span(view.reading, self.shown(view), self._cursors.outlet(view))

    @property
    def no_outlet(self) -> str:
        """Why there is no outlet under the cursor."""
        if self._view.reading is None:
            return f"{self.pdu} has not given a reading yet"
        if not self._view.reading.outlets:
            return f"{self.pdu} has no outlets"
        return f"No outlet of {self.pdu} fits the filter: {self.keymap.said('clear')} shows all"

    @property
    def _there(self) -> str:
        return f"{self.keymap.said('pane.next')} goes there"

    @property
    def _switches(self) -> str:
        return self.keymap.either("outlet.on", "outlet.off", "outlet.reboot")

    def marked(self) -> Marked:
        """The marks as they are drawn."""
        ranged = frozenset(o.number for o in self.range_shown() if o.switchable)
        return Marked(self.marks.of(self.pdu), ranged, counted(self.marks, self.pdu))

    def many(self) -> Many:
        """What is going on, for the hints."""
        ranged = {o.number for o in self.range_shown() if o.switchable}
        return Many(
            marked=len(self.marks) + len(ranged - self.marks.of(self.pdu)),
            ranging=self.marks.anchor is not None,
            filtered=bool(self.filter),
            typing=self._typed_in is not None,
            plan=bool(self.plan_news().badge),
        )

    def news(self, event: EngineEvent) -> None:
        """Something happened: outlets that are not what they were lose their marks."""
        if isinstance(event, ReadingArrived) and (len(self.marks) or self.marks.anchor):
            why = self.marks.check(event.reading)
            if why:
                more = f", and {len(why) - 1} more" if len(why) > 1 else ""
                self.notice(f"Unmarked: {why[0]}{more}", "warning")

    # marks

    def unmarkable(self, outlet: Outlet, info: PduInfo | None = None) -> str:
        """Why an outlet, of the PDU on the screen or of another, cannot be marked; or nothing."""
        info = info or self._view.info
        if info.read_only:
            return info.read_only_reason or f"{info.name} is read-only"
        if not outlet.switchable:
            return "it cannot be switched"
        return info.closed.get(outlet.number, "")

    def _here(self) -> Outlet | None:
        """The outlet under the cursor, if outlets have the keys; says why not."""
        outlet = self._cursors.part(self._view)
        if outlet is None:
            self.notice(self.no_outlet, "warning")
        elif self.pane != "outlets":
            self.notice(f"Outlets are marked in the outlets pane: {self._there}")
            return None
        return outlet

    def action_mark(self) -> None:
        """Mark or unmark the outlet under the cursor, and go on; or take the range in."""
        outlet, reading = self._here(), self._view.reading
        if outlet is None or reading is None or self._take_range():
            return
        why = self.unmarkable(outlet)
        if why:
            self.notice(f"Outlet {place_of(outlet)} is not marked: {why}", "warning")
            return
        self._cursors.put(self.pdu, outlet.number)
        self.marks.toggle(reading, outlet)
        self._cursors.step(self._view, 1)
        self.update()

    def action_range(self) -> None:
        """Begin a range here, or take it in."""
        outlet, reading = self._here(), self._view.reading
        if outlet is None or reading is None or self._take_range():
            return
        self._cursors.put(self.pdu, outlet.number)
        self.marks.begin(reading, outlet)
        marks, drops = self.keymap.said("mark.range"), self.keymap.said("clear")
        self.notice(f"A range begins here: move, then {marks} marks it; {drops} drops it")

    def _take_range(self) -> bool:
        """Mark what the range holds. Returns whether there was one."""
        if self.marks.anchor is None:
            return False
        reading, ranged = self._view.reading, self.range_shown()
        self.marks.anchor = None
        if reading is None or not ranged:
            self.notice("The range is dropped: where it began is not shown", "warning")
            return True
        self._mark_all(ranged)
        return True

    def _mark_all(self, outlets: tuple[Outlet, ...]) -> None:
        reading = self._view.reading
        if reading is None:
            return
        able = [outlet for outlet in outlets if not self.unmarkable(outlet)]
        self.marks.add(reading, able)
        left = len(outlets) - len(able)
        if left:
            why = next(filter(None, map(self.unmarkable, outlets)))
            them = "1 outlet is" if left == 1 else f"{left} outlets are"
            self.notice(f"{them} not marked: {why}", "warning")
        self.update()

    def action_mark_all(self, state: str = "") -> None:
        """Mark all outlets that are shown, or those of them in a state."""
        if self.pane != "outlets":
            self.notice(f"Outlets are marked in the outlets pane: {self._there}")
            return
        shown = self.shown(self._view)
        self.marks.anchor = None
        self._mark_all(tuple(o for o in shown if not state or o.state == state))

    def mark_others(
        self, what: str, members: Sequence[tuple[str, int]], views: Callable[[str], PduView | None]
    ) -> None:
        """Mark the outlets of a group, wherever they are; says how many are not.

        Args:
            what: The name of the group.
            members: PDUs and numbers.
            views: The PDUs as they stand.
        """
        before, left = len(self.marks), list[str]()
        for pdu, number in members:
            view = views(pdu)
            reading = view.reading if view is not None else None
            outlet = reading.outlet(number) if reading is not None else None
            if view is None or reading is None or outlet is None:
                left.append(f"{pdu} outlet {number} is not there")
            elif why := self.unmarkable(outlet, view.info):
                left.append(f"{pdu} outlet {place_of(outlet)}: {why}")
            else:
                self.marks.add(reading, [outlet])
        added = len(self.marks) - before
        text = f"Group {what}: {added} marked"
        if left:
            more = f", and {len(left) - 1} more" if len(left) > 1 else ""
            self.notice(f"{text}, not {left[0]}{more}", "warning")
        else:
            self.notice(f"{text}; {self._switches} asks for all of them")

    def unmark(self, gone: Iterable[tuple[str, int]]) -> None:
        """Take marks away: of these PDUs and outlets."""
        self.marks.drop(gone)
        self.update()

    def clear_marks(self) -> None:
        """No marks on any PDU."""
        self.marks.clear()
        self.update()

    def action_clear(self) -> None:
        """One thing after the other: what is typed, the range, the filter, the marks."""
        if self._typed_in is not None or (self.filter and self.marks.anchor is None):
            self.set_filter("")
            self._close_field()
        elif self.marks.anchor is not None:
            self.marks.anchor = None
            self.update()
        elif len(self.marks):
            self.clear_marks()
            self.notice("No outlet is marked any more")

    def switch_marked(self, action: Literal["on", "off", "reboot", "toggle"]) -> bool:
        """Ask for what is marked to be switched. Returns whether anything is."""
        self._take_range()
        if not len(self.marks):
            return False
        turn: OutletAction | None = None if action == "toggle" else action
        if turn is None:
            count = counted(self.marks, self.pdu)
            self.notice(f"{count}: use {self._switches}, which say what becomes of all", "warning")
        else:
            self.post_message(wishes.PlanWanted(turn))
        return True

    def action_plans(self) -> None:
        """Show the plans; there are none in the past."""
        if not self.is_past:
            self.post_message(wishes.PlansWanted())

    # the filter

    def set_filter(self, text: str) -> None:
        """Other outlets are shown; the cursor stays, or goes to the next one that is."""
        self.filter = text
        outlet = self._cursors.outlet(self._view)
        if outlet is not None:
            self._cursors.put(self.pdu, outlet)
        self.update()

    def with_field(self, places: dict[str, Rect], width: int, height: int) -> dict[str, Rect]:
        """The places of the panels, and that of the line for a filter: on the hints."""
        bottom = places.get("hints", Rect(0, height - 1, width, 1))
        cells = min(_FIELD_CELLS, bottom.width - _BEFORE - 1)
        if cells > 0 and self._typed_in is not None:
            places[FIELD] = Rect(bottom.x + _BEFORE, bottom.y, cells, 1)
        return places

    @property
    def kept_for_field(self) -> int:
        """Cells of the hint line that are not the hints'."""
        return _BEFORE + _FIELD_CELLS + 2 if self._typed_in is not None else 0

    def action_filter(self) -> None:
        """Open the line in which a filter is typed."""
        if self._typed_in is not None:
            return
        if not (self._view.reading and self._view.reading.outlets):
            self.notice(f"{self.pdu} has no outlets to look through", "warning")
            return
        field = self._field
        if field is None:
            from pdutui.screens.filter_input import FilterInput  # not before the first frame

            field = self._field = FilterInput(id=FIELD)
            self.mount(field)
        self._typed_in = field
        self._type(self.filter)
        field.refresh(layout=True)
        field.focus()
        self.update()

    def _type(self, text: str) -> None:
        if self._typed_in is not None:
            self._typed_in.have(text)

    def on_key(self, event: Key) -> None:
        """Keys that were typed behind the `/` before its line was there are meant for it.

        They have to be taken here, where they come by in their order: a binding is looked up later,
        and the `o` of a pasted `/off` would ask for an outlet to be switched on.
        """
        field = self._typed_in
        if field is None:
            bound = self._bindings.key_to_bindings.get(event.key, ())
            if any(binding.action == "filter" for binding in bound):
                event.stop()
                self.action_filter()
        elif event.key in ("enter", "escape"):
            event.stop()
            if event.key == "escape":
                self.set_filter("")
            self._close_field()
        elif event.is_printable and event.character:
            event.stop()
            self._type(field.value + event.character)
            self.set_filter(field.value)

    def on_input_changed(self, event: Input.Changed) -> None:
        """Shown as it is typed."""
        if event.input is self._typed_in:
            self.set_filter(event.value)

    def on_input_blurred(self, event: Input.Blurred) -> None:
        """The keys went elsewhere: kept as well."""
        if event.input is self._typed_in and self.app.screen is self:
            self._close_field()

    def _close_field(self) -> None:
        field, self._typed_in = self._typed_in, None
        if field is not None:
            field.refresh(layout=True)
            self.give_keys()
            self.update()
