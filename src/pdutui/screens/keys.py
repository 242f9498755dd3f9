"""The keys of the PDU screen as data: bindings, hints and help all come from this table."""

from __future__ import annotations

from typing import Literal

from msgspec import Struct
from textual.binding import Binding, BindingType

from pdutui.domain.commands import WHOLE_PDU
from pdutui.engine.subject import is_preference
from pdutui.widgets.key_hints import Hint
from pdutui.widgets.layout import Contents
from pdutui.widgets.scene import Pane, Scene

Where = Literal["anywhere", "outlets", "meters", "trends", "switch"]
"""Which pane a key works in; `switch`: on outlets that may be switched at all."""


class Key(Struct, frozen=True):
    """One thing that can be done from the keyboard."""

    id: str
    """Its name for rebinding."""
    keys: str
    """Textual's names of the keys, with commas."""
    action: str
    shown: str
    """The key as people call it."""
    does: str
    """In the hint line; empty: not hinted."""
    helps: str
    """In the help."""
    where: Where = "anywhere"


KEYS: tuple[Key, ...] = (
    Key("move.up", "up,k", "move(0,-1)", "up k", "", "up"),
    Key("move.down", "down,j", "move(0,1)", "down j", "", "down"),
    Key("move.left", "left,h", "move(-1,0)", "left h", "", "left; in Trends: shorter time"),
    Key("move.right", "right,l", "move(1,0)", "right l", "", "right; in Trends: longer time"),
    Key("move.first", "home", "edge(-1)", "home", "", "first outlet", "outlets"),
    Key("move.last", "end", "edge(1)", "end", "", "last outlet", "outlets"),
    Key("outlet.on", "o", "switch('on')", "o", "on", "turn the outlet on; asks first", "switch"),
    Key("outlet.off", "f", "switch('off')", "f", "off", "turn the outlet off; asks first",
        "switch"),
    Key("outlet.reboot", "r", "switch('reboot')", "r", "reboot", "off and on again; asks first",
        "switch"),
    Key("outlet.toggle", "space", "switch('toggle')", "space", "toggle",
        "on if off, off if on; asks first", "switch"),
    Key("menu", "c", "menu", "c", "more",
        "more: delays, cancel, identify, all outlets, source"),
    Key("mark.toggle", "v", "mark", "v", "mark", "mark the outlet or unmark it, and go on",
        "switch"),
    Key("mark.range", "V", "range", "V", "", "begin a range; V or v again marks it", "switch"),
    Key("mark.all", "ctrl+a", "mark_all", "ctrl+a", "", "mark all outlets that are shown",
        "switch"),
    Key("filter", "slash", "filter", "/", "filter",
        "show what fits: a name, device, number, on, off, >100w", "outlets"),
    Key("clear", "escape", "clear", "esc", "",
        "drop the range, then the filter, then all marks", "outlets"),
    Key("outlet.cancel", "x", "call_off", "x", "cancel it",
        "cancel what is pending on the outlet; asks first", "switch"),
    Key("outlet.acknowledge", "a", "acknowledge", "a", "acknowledge",
        "take note of a command that ended badly, or of a doubt", "outlets"),
    Key("outlet.rename", "n", "rename", "n", "name", "give the outlet a name here", "outlets"),
    Key("plans", "p", "plans", "p", "plans", "plans: several outlets, one after the other"),
    Key("history", "g", "history", "g", "history",
        "history: charts of this, and what happened when"),
    Key("audit", "u", "audit", "u", "audit", "audit: who switched what, and how it ended"),
    Key("pdu.previous", "left_square_bracket", "pdu(-1)", "[", "", "previous PDU"),
    Key("pdu.next", "right_square_bracket", "pdu(1)", "]", "", "next PDU"),
    Key("pane.next", "tab", "pane(1)", "tab", "pane", "next pane"),
    Key("pane.previous", "shift+tab", "pane(-1)", "shift+tab", "", "previous pane"),
    Key("palette", "colon,ctrl+p", "app.command_palette", ":", "commands",
        "all commands, PDUs, outlets, themes; also ctrl+p"),
    Key("lock", "L", "app.lock", "L", "", "lock the console: nothing is switched; or unlock it"),
    Key("connect", "t", "app.connect", "t", "", "try a connection to a device"),
    Key("help", "question_mark", "app.help", "?", "help", "this help"),
    Key("repaint", "ctrl+l", "app.repaint", "ctrl+l", "", "paint the screen anew"),
    Key("quit", "q,ctrl+q", "app.quit", "q", "quit", "quit; asks while a command is under way"),
)  # fmt: skip


def bindings() -> list[BindingType]:
    """The table for Textual."""
    return [Binding(key.keys, key.action, key.helps, show=False, id=key.id) for key in KEYS]


_RANKS = {
    "help": 8,
    "quit": 7,
    "outlet.toggle": 3,
    "palette": 4,
    "menu": 4,
    "history": 5,
    "pane.next": 6,
    "outlet.rename": 1,
    "mark.toggle": 2,
    "filter": 2,
    "plans": 2,
    "audit": 1,
}
"""What gives way first in the hint line."""


class Many(Struct, frozen=True):
    """What is going on with many outlets."""

    marked: int = 0
    """So many are marked, on all PDUs."""
    ranging: bool = False
    """A range is being drawn."""
    filtered: bool = False
    typing: bool = False
    """A filter is being typed: its line has the keys."""
    plan: bool = False
    """A plan runs, stands or waits."""


NOT_MANY = Many()


def hints(
    pane: Pane,
    *,
    panes: int,
    rows: int,
    outlet: bool,
    switchable: bool,
    commands: bool,
    only_source: bool,
    result: bool,
    pdus: int,
    pending: bool = False,
    locked: bool = False,
    many: Many = NOT_MANY,
) -> list[Hint]:
    """What the hint line offers: only what works here and now.

    Args:
        pane: Where the keys go.
        panes: How many panes there are at this size.
        rows: How many rows the load panel has.
        outlet: Whether there is an outlet under the cursor.
        switchable: Whether anything can be switched on this PDU.
        commands: Whether this PDU can be told anything at all from here.
        only_source: Whether all it can be told is which source to prefer.
        result: Whether there is a result to acknowledge here: of the outlet under the cursor, of
            the whole PDU.
        pdus: How many PDUs there are.
        pending: Whether something can be cancelled on the outlet under the cursor.
        locked: Whether the console is locked: no key is offered that would only be refused.
        many: What is going on with many outlets.
    """
    if many.typing:
        return [Hint("Enter", "keep", 9), Hint("esc", "clear", 9), Hint("up down", "move", 5)]
    out = _many_hints(many, pane)
    if pane == "trends":
        out.append(Hint("h l", "time span", 6))
    if pane in ("trends", "meters") and rows > 1:
        out.append(Hint("j k", "inlet or bank", 6))
    if locked:
        out.append(Hint("L", "unlock", 9))
    elif result:
        out.append(Hint("a", "acknowledge", 9))
    if pending and pane == "outlets" and switchable:
        out.append(Hint("x", "cancel it", 9))
    for key in KEYS:
        here = key.where in ("anywhere", pane) or (
            key.where == "switch" and pane == "outlets" and switchable
        )
        if not key.does or not here or key.id in _ELSEWHERE:
            continue
        if locked and (key.where == "switch" or key.id in _NOT_LOCKED):
            continue
        if key.id == "menu" and not commands:
            continue
        if many.marked and key.id == "outlet.toggle":
            continue
        if key.id == "pane.next" and pdus > 1:
            out.append(Hint("[ ]", "PDU", 3))
        if key.id == "outlet.rename" and not outlet:
            continue
        if key.id == "pane.next" and panes < 2:
            continue
        does = "prefer source" if key.id == "menu" and only_source else key.does
        rank = _RANKS.get(key.id, 5)
        if many.marked and key.id in _OF_MARKED:
            does, rank = f"{does} {many.marked}", 8
        out.append(Hint(key.shown, does, 8 if key.id == "plans" and many.plan else rank))
    return out


_ELSEWHERE = ("outlet.acknowledge", "outlet.cancel")
"""Hinted only while there is something to do it to, and first."""
_NOT_LOCKED = ("menu", "outlet.rename")
_OF_MARKED = ("outlet.on", "outlet.off", "outlet.reboot")


def _many_hints(many: Many, pane: Pane) -> list[Hint]:
    """What `esc` would clear, and how a range ends."""
    if pane == "outlets" and many.ranging:
        return [Hint("V", "mark range", 9), Hint("esc", "drop it", 9)]
    if many.filtered:
        return [Hint("esc", "show all", 8)]
    return [Hint("esc", "unmark", 7)] if many.marked else []


def hints_of(
    scene: Scene, pane: Pane, panes: int, contents: Contents, many: Many = NOT_MANY
) -> list[Hint]:
    """What the hint line offers for what is on the screen.

    Args:
        scene: What is shown.
        pane: Where the keys go.
        panes: How many panes can have them.
        contents: What there is to show.
        many: What is going on with many outlets.
    """
    outlet, info, results = scene.outlet(), scene.view.info, scene.view.results
    switchable = outlet is not None and outlet.switchable
    doubts = scene.view.doubts
    here = outlet.number if pane == "outlets" and outlet is not None else None
    return hints(
        pane,
        panes=panes,
        rows=contents.meters,
        only_source=bool(info.pdu_actions)
        and not contents.outlets
        and all(is_preference(each) for each in info.pdu_actions),
        outlet=outlet is not None,
        switchable=(switchable and not scene.stale and not info.read_only) or bool(many.marked),
        commands=bool(info.actions or info.pdu_actions) and not info.read_only,
        result=WHOLE_PDU in results or here in results or here in doubts,
        pending=outlet is not None and outlet.pending is not None and "cancel" in info.actions,
        locked=bool(scene.locked),
        pdus=scene.place[1],
        many=many,
    )
