"""Why a key of the PDU screen would do nothing here and now, for the help and for the palette."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pdutui.domain.commands import WHOLE_PDU, OutletAction
from pdutui.domain.reading import Outlet
from pdutui.keys.keymap import Keymap
from pdutui.screens.port import EnginePort
from pdutui.widgets.outlet_grid import place_of

if TYPE_CHECKING:
    from pdutui.screens.pdu import PduScreen

_SWITCHES: dict[str, OutletAction] = {
    "outlet.on": "on", "outlet.off": "off", "outlet.reboot": "reboot",
}  # fmt: skip
_MARKS = ("mark.toggle", "mark.range", "mark.all")


def pdu_reasons(screen: PduScreen, engine: EnginePort | None) -> dict[str, str]:
    """Ids of what does not work on the PDU screen, and why not.

    Args:
        screen: As it stands: its PDU, its outlet under the cursor, the pane that has the keys.
        engine: Asked for what the gate says; None before it is there.
    """
    if engine is None:
        starting = "pdutui is starting"
        return {key.id: starting for key in screen.TABLE if key.where != "anywhere"}
    view, why = screen.scene.view, dict[str, str]()
    outlet, locked = screen.scene.outlet(), engine.gate.locked
    unlock = f"the console is {locked}: {screen.keymap.said('lock')} unlocks it"
    if locked:
        why |= dict.fromkeys(("outlet.acknowledge", "outlet.rename", "menu"), unlock)
    elif outlet is not None or view.reading is None:
        told = {*view.results, *view.doubts} & {outlet.number if outlet else None, WHOLE_PDU}
        if not told:
            why["outlet.acknowledge"] = "no command ended badly here, and nothing is in doubt"
    if not locked and not (view.info.actions or view.info.pdu_actions):
        why["menu"] = view.info.read_only_reason or view.detail or "nothing can be switched here"
    if view.info.read_only:
        why["menu"] = view.info.read_only_reason or f"{screen.pdu} is read-only"
    why |= _of_outlets(
        screen, engine, outlet, f": {screen.keymap.said('lock')} unlocks it" if locked else ""
    )
    if len(engine.pdus) < 2:
        why |= dict.fromkeys(("pdu.previous", "pdu.next"), "there is no other PDU")
    if len(screen.shown_panes()) < 2:
        why |= dict.fromkeys(("pane.next", "pane.previous"), "there is no other pane at this size")
    if engine.reread is None:
        why["reload"] = "there is no configuration file"
    return why


def _of_outlets(
    screen: PduScreen, engine: EnginePort, outlet: Outlet | None, unlock: str
) -> dict[str, str]:
    """Of what is done to outlets: the first reason that there is."""
    view, keymap = screen.scene.view, screen.keymap
    on_outlets = [key.id for key in screen.TABLE if key.where in ("outlets", "switch")]
    if screen.pane != "outlets" and view.reading is not None and view.reading.outlets:
        there = f"only in the outlets pane: {keymap.said('pane.next')} goes there"
        return dict.fromkeys(on_outlets, there)
    if outlet is None:
        none = dict.fromkeys([*on_outlets, "jump"], screen.no_outlet)
        if screen.filter:  # the way out of it
            del none["clear"], none["filter"]
        return none
    why = _switching(screen, engine, outlet, unlock)
    pending = outlet.pending is not None
    if not pending:
        why["outlet.cancel"] = f"nothing is pending on outlet {place_of(outlet)}"
    elif reason := _refused(engine, screen.pdu, outlet, "cancel"):
        why["outlet.cancel"] = reason
    if view.info.role == "viewer":
        why["outlet.rename"] = "viewers only look"
    many = screen.many()
    if reason := screen.unmarkable(outlet):
        why |= dict.fromkeys(_MARKS[:2], f"outlet {place_of(outlet)} is not marked: {reason}")
    if view.info.read_only:
        why["mark.all"] = view.info.read_only_reason or f"{screen.pdu} is read-only"
    if not (many.marked or many.ranging or many.filtered):
        why["clear"] = "nothing is marked, and nothing is hidden by a filter"
    return why


def _switching(
    screen: PduScreen, engine: EnginePort, outlet: Outlet, unlock: str
) -> dict[str, str]:
    """What the gate says of the outlet under the cursor; of marked ones the plan says it."""
    if screen.many().marked:
        use = _either(screen.keymap)
        return {"outlet.toggle": f"outlets are marked: {use}, which say what becomes of all"}
    why: dict[str, str] = {}
    for ident, action in _SWITCHES.items():
        if reason := _refused(engine, screen.pdu, outlet, action):
            why[ident] = f"{reason}{unlock}"
    if outlet.state == "unknown":
        why["outlet.toggle"] = (
            f"outlet {place_of(outlet)} is neither known to be on nor off: {_either(screen.keymap)}"
        )
    elif reason := why.get("outlet.off" if outlet.state == "on" else "outlet.on", ""):
        why["outlet.toggle"] = reason
    return why


def _either(keymap: Keymap) -> str:
    return f"use {keymap.either('outlet.on', 'outlet.off', 'outlet.reboot')}"


def _refused(engine: EnginePort, pdu: str, outlet: Outlet, action: OutletAction) -> str:
    verdict = engine.gate.check(pdu, outlet.number, action)
    return "" if verdict.allowed else verdict.reason
