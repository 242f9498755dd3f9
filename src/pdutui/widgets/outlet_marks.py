"""What is said of an outlet beside its state: a command and how far it is, a result, a lock."""

from __future__ import annotations

from typing import TYPE_CHECKING

from msgspec import Struct

from pdutui.domain.commands import STAGES, WHOLE_PDU, Action, Outcome, Stage
from pdutui.engine.subject import is_preference
from pdutui.widgets.text import cut, width_of

if TYPE_CHECKING:
    from pdutui.domain.reading import Outlet
    from pdutui.engine.view import Due
    from pdutui.widgets.scene import Scene

MARK = 17
"""Cells of the mark column: a space and `reboot: accepted`."""
_STEPS = len(STAGES) + 1
"""Requested, confirmed, sent, accepted, observed."""
_SEEING: dict[Stage, str] = {"accepted": "accepted, reading back", "sent": "sent, waiting"}
"""What goes on at a stage, where there is room to say it."""


class Said(Struct, frozen=True):
    """Something to be said of an outlet."""

    texts: tuple[str, ...]
    """The same, the longest first; the last one is as short as it can be."""
    ink: str
    loud: bool = False
    """Worth more than the chart beside it, and than the figures where there is little room."""

    def within(self, cells: int) -> str:
        """The longest that fits; the shortest where none does."""
        return next((text for text in self.texts if width_of(text) <= cells), self.texts[-1])


NOTHING = Said(("",), "text")


def said_of(scene: Scene, outlet: Outlet, guard: str | None = None) -> Said:
    """What is said of an outlet beside its state; the most urgent only.

    Args:
        scene: What is shown.
        outlet: Which.
        guard: The cell of `guard_of`, where that is known already.
    """
    view, glyphs = scene.view, scene.glyphs
    number = outlet.number
    flight = view.in_flight.get(number)
    whole = view.in_flight.get(WHOLE_PDU)
    if flight is None and whole is not None and not is_preference(whole.intent.action):
        flight = whole if outlet.switchable else None
    if flight is not None:
        return _under_way(scene, flight.intent.action, flight.stage)
    result = view.results.get(number)
    if result is not None:
        return _ended_badly(scene, result.intent.action, result.outcome)
    seen = scene.observed.get(number)
    if seen is not None:
        words = f"{short_action(seen)}: observed"
        bar = glyphs.on * _STEPS
        return Said((f"{bar} {words}", f"{glyphs.done} {words}", words), scene.ink("on"), loud=True)
    doubt = view.doubts.get(number)
    if doubt is not None:
        return _doubtful(scene, doubt.text)
    due = view.due.get(number)
    if due is not None or outlet.pending is not None:
        word = _pending(outlet, due)
        return Said((f"{glyphs.arrow} {word}", word), scene.ink("warning"), loud=True)
    if number in view.info.closed:
        return Said(("not allowed",), "muted")
    if number in view.info.protected:
        return Said(("protected",), "muted")
    if (guard_of(scene, outlet) if guard is None else guard) != " ":
        return Said(("not switched",), "muted")
    return NOTHING


def guard_of(scene: Scene, outlet: Outlet) -> str:
    """One cell: closed to whoever sits here, protected, or not to be switched where others are."""
    if outlet.number in scene.view.info.closed:
        return scene.glyphs.closed
    if outlet.number in scene.view.info.protected:
        return scene.glyphs.protected
    others = scene.reading is not None and any(o.switchable for o in scene.reading.outlets)
    return scene.glyphs.fixed if others and not outlet.switchable else " "


def _under_way(scene: Scene, action: Action, stage: Stage) -> Said:
    """`●●●○○ off: sent, waiting`, `→ off: sent`."""
    glyphs, what = scene.glyphs, short_action(action)
    done = STAGES.index(stage) + 1
    bar = glyphs.on * done + glyphs.off * (_STEPS - done)
    long, short = f"{what}: {_SEEING.get(stage, stage)}", f"{what}: {stage}"
    texts = (f"{bar} {long}", f"{bar} {short}", f"{glyphs.arrow} {short}", short)
    return Said(texts, "warning", loud=True)


def _ended_badly(scene: Scene, action: Action, outcome: Outcome) -> Said:
    """`▲ off: UNCONFIRMED (a: seen)`, `UNCONFIRMED`."""
    alert, word = scene.glyphs.alert, outcome.upper()
    full = f"{alert} {short_action(action)}: {word}"
    ink = "warning" if outcome == "unconfirmed" else "critical"
    return Said((f"{full} (a: seen)", full, f"{alert} {word}", word), ink, loud=True)


def _doubtful(scene: Scene, text: str) -> Said:
    """`? on, but draws 0 W after 30 s (104 W expected)`, `? draws 0 W`."""
    glyphs, told = scene.glyphs, scene.clean(text)
    brief = told.partition(" (")[0].partition(" after ")[0]
    briefest = brief.rpartition(", but ")[2]
    texts = [f"{told} (a: seen)", told, told.partition(" (")[0], brief, briefest]
    texts = [f"{glyphs.unknown} {each}" for each in texts]
    return Said((*texts, briefest, cut(briefest, MARK - 1, glyphs.ellipsis)), "warning", loud=True)


def _pending(outlet: Outlet, due: Due | None) -> str:
    """`off in 42 s`, `off due`, `off pending`."""
    if due is None:
        return "pending" if outlet.pending == "unspecified" else f"{outlet.pending} pending"
    what = due.action.removeprefix("delayed_")
    if due.left_s is None:
        return f"{what} pending"
    return f"{what} in {countdown(due.left_s)}" if due.left_s > 0 else f"{what} due"


def countdown(left_s: float) -> str:
    """`42 s`, `3:05`, `1:02:09`: whole seconds, rounded up, so that 0 is never shown as waiting."""
    whole = int(left_s) + (left_s > int(left_s))
    if whole < 100:
        return f"{whole} s"
    minutes, seconds = divmod(whole, 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02d}:{seconds:02d}" if hours else f"{minutes}:{seconds:02d}"


def short_action(action: Action) -> str:
    """`off`, `later off`: as it stands beside an outlet."""
    return action.removeprefix("all_").replace("delayed_", "later ")
