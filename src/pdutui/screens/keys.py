"""What the hint line of the PDU screen offers."""

from __future__ import annotations

from typing import TYPE_CHECKING

from msgspec import Struct

from pdutui.domain.commands import WHOLE_PDU
from pdutui.engine.subject import is_preference
from pdutui.keys.keymap import DEFAULT, Keymap
from pdutui.keys.model import Key, Where
from pdutui.keys.pdu import KEYS
from pdutui.widgets.key_hints import Hint

if TYPE_CHECKING:
    from pdutui.widgets.layout import Contents
    from pdutui.widgets.scene import Pane, Scene

__all__ = ["KEYS", "Key", "Many", "Where", "hints", "hints_of"]

_RANKS = {
    "help": 8,
    "fleet": 4,
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
    keymap: Keymap = DEFAULT,
) -> list[Hint]:
    """What the hint line offers: only what works here and now.

    Args:
        pane: Where the keys go.
        panes: How many panes there are at this size.
        rows: How many rows the load panel has.
        outlet: Whether there is an outlet under the cursor, and it may be named.
        switchable: Whether anything can be switched on this PDU.
        commands: Whether this PDU can be told anything at all from here.
        only_source: Whether all it can be told is which source to prefer.
        result: Whether there is a result to acknowledge here: of the outlet under the cursor, of
            the whole PDU.
        pdus: How many PDUs there are.
        pending: Whether something can be cancelled on the outlet under the cursor.
        locked: Whether the console is locked: no key is offered that would only be refused.
        many: What is going on with many outlets.
        keymap: The keys as the user has them.
    """
    if many.typing:
        return field_hints(keymap)
    out = _many_hints(many, pane, keymap)
    if pane == "trends":
        out.append(Hint(keymap.pair("move.left", "move.right"), "time span", 6))
    if pane in ("trends", "meters") and rows > 1:
        out.append(Hint(keymap.pair("move.down", "move.up"), "inlet or bank", 6))
    if locked:
        out.append(Hint(keymap.shown("lock"), "unlock", 9))
    elif result:
        out.append(Hint(keymap.shown("outlet.acknowledge"), "acknowledge", 9))
    if pending and pane == "outlets" and switchable:
        out.append(Hint(keymap.shown("outlet.cancel"), "cancel it", 9))
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
            out.append(Hint(keymap.pair("pdu.previous", "pdu.next"), "PDU", 3))
        if key.id == "outlet.rename" and not outlet:
            continue
        if key.id == "pane.next" and panes < 2:
            continue
        does = "prefer source" if key.id == "menu" and only_source else key.does
        rank = _RANKS.get(key.id, 5)
        if many.marked and key.id in _OF_MARKED:
            does, rank = f"{does} {many.marked}", 8
        rank = 8 if key.id == "plans" and many.plan else rank
        out.append(Hint(keymap.shown(key), does, rank))
    return bound(out)


def field_hints(keymap: Keymap) -> list[Hint]:
    """What the hint line offers while a filter is typed: what leads out of its line."""
    moves = [keymap.typing("move.up"), keymap.typing("move.down")]
    ends = [Hint("Enter", "keep", 9), Hint("esc", "clear", 9)]
    return [*ends, *([Hint(" ".join(moves), "move", 5)] if all(moves) else [])]


def bound(hints: list[Hint]) -> list[Hint]:
    """The hints that have a key; what the user has taken all keys from is not offered."""
    return [hint for hint in hints if hint.key]


_ELSEWHERE = ("outlet.acknowledge", "outlet.cancel")
"""Hinted only while there is something to do it to, and first."""
_NOT_LOCKED = ("menu", "outlet.rename")
_OF_MARKED = ("outlet.on", "outlet.off", "outlet.reboot")


def _many_hints(many: Many, pane: Pane, keymap: Keymap) -> list[Hint]:
    """What `esc` would clear, and how a range ends."""
    if pane == "outlets" and many.ranging:
        marks, drops = keymap.shown("mark.range"), keymap.shown("clear")
        return [Hint(marks, "mark range", 9), Hint(drops, "drop it", 9)]
    if many.filtered:
        return [Hint(keymap.shown("clear"), "show all", 8)]
    return [Hint(keymap.shown("clear"), "unmark", 7)] if many.marked else []


def hints_of(
    scene: Scene,
    pane: Pane,
    panes: int,
    contents: Contents,
    many: Many = NOT_MANY,
    keymap: Keymap = DEFAULT,
) -> list[Hint]:
    """What the hint line offers for what is on the screen.

    Args:
        scene: What is shown.
        pane: Where the keys go.
        panes: How many panes can have them.
        contents: What there is to show.
        many: What is going on with many outlets.
        keymap: The keys as the user has them.
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
        outlet=outlet is not None and info.role != "viewer",
        switchable=(switchable and not scene.stale and not info.read_only) or bool(many.marked),
        commands=bool(info.actions or info.pdu_actions) and not info.read_only,
        result=WHOLE_PDU in results or here in results or here in doubts,
        pending=outlet is not None and outlet.pending is not None and "cancel" in info.actions,
        locked=bool(scene.locked),
        pdus=scene.place[1],
        many=many,
        keymap=keymap,
    )
