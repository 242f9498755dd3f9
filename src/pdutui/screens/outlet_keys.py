"""What is done to the outlet under the cursor: each key asks the app, and does nothing itself."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal, cast

from pdutui.domain.commands import WHOLE_PDU, OutletAction
from pdutui.screens import wishes
from pdutui.screens.marking import MarkingScreen
from pdutui.widgets.outlet_grid import place_of

if TYPE_CHECKING:
    from pdutui.app import PduApp
    from pdutui.screens.port import EnginePort


class OutletKeys(MarkingScreen):
    """A screen of outlets that can be asked to be switched, named, looked up, acknowledged."""

    _engine: EnginePort | None

    def action_switch(self, action: Literal["on", "off", "reboot", "toggle"]) -> None:
        """Ask for the outlet under the cursor to be switched. Only from the outlets pane."""
        if self._view.reading is not None and not self._view.reading.outlets:
            self.notice(self.no_outlet, "warning")
            return
        if self.pane != "outlets":
            self.notice(f"Outlets are switched from the outlets pane: {self._there}")
            return
        if self.switch_marked(action):
            return
        outlet = self._cursors.part(self._view)
        if outlet is None:
            self.notice(self.no_outlet, "warning")
            return
        wanted = self._cursors.claim(self._view, outlet.number)
        if wanted != outlet.number:
            self._cursors.put(self.pdu, outlet.number)
            there = f"the cursor is on outlet {place_of(outlet)} now"
            gone = "fits the filter no more" if self.filter else "is gone"
            self.notice(f"Outlet {wanted} {gone}; {there}", "warning")
        elif action != "toggle":
            self.post_message(wishes.Wanted(self.pdu, outlet.number, action))
        elif outlet.state == "unknown":
            place, use = place_of(outlet), self.keymap.either("outlet.on", "outlet.off")
            self.notice(f"Outlet {place} is neither known to be on nor off: use {use}", "warning")
        else:
            turn: OutletAction = "off" if outlet.state == "on" else "on"
            self.post_message(wishes.Wanted(self.pdu, outlet.number, turn))

    def action_menu(self) -> None:
        """All that the device can do, to this outlet and to the whole."""
        self.post_message(wishes.MenuWanted(self.pdu, self._cursors.outlet(self._view)))

    def action_history(self) -> None:
        """The past of the outlet under the cursor, or of the inlet or bank that is looked at."""
        subject = self._cursors.subject(self._view, outlets=self.pane == "outlets")
        self.post_message(wishes.HistoryWanted(self.pdu, subject))

    def action_audit(self) -> None:
        """Who switched what, on all PDUs."""
        if self._engine is None:
            return
        from pdutui.screens.audit_door import open_audit

        open_audit(cast("PduApp", self.app), self._engine, self.pdu)

    def action_rename(self) -> None:
        """Name the outlet under the cursor."""
        outlet = self._cursors.part(self._view)
        if self.pane == "outlets" and outlet is not None:
            self.post_message(wishes.RenameWanted(self.pdu, outlet))

    def action_call_off(self) -> None:
        """Ask for what is pending on the outlet under the cursor to be cancelled."""
        outlet = self._cursors.part(self._view)
        if self.pane != "outlets" or outlet is None:
            return
        if outlet.pending is None:
            self.notice(f"Nothing is pending on outlet {place_of(outlet)}")
        else:
            self.post_message(wishes.Wanted(self.pdu, outlet.number, "cancel"))

    def action_acknowledge(self) -> None:
        """Take note of the result or the doubt on the outlet under the cursor."""
        engine, view = self._engine, self._view
        if engine is None:
            return
        told = {*view.results, *view.doubts} & {self._cursors.outlet(view), WHOLE_PDU}
        if told and engine.gate.locked:
            self.notice(f"Not acknowledged: the console is {engine.gate.locked}", "warning")
            return
        for number in told:
            engine.acknowledge(self.pdu, number)
        self.update()
