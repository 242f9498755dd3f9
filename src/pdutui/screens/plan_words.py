"""Plans in words and signs: states, steps, what comes between, what is to be seen of them."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from msgspec import Struct

from pdutui.domain.commands import WHOLE_PDU, Action, Actor
from pdutui.domain.plan import OVER, OnFailure, Pace, Plan, PlanState, PlanStep, PlanView
from pdutui.domain.plan import StepStatus as Status
from pdutui.engine.labels import seconds
from pdutui.widgets.glyphs import GlyphSet
from pdutui.widgets.scene import PlanNews

_STEPS: dict[Status, tuple[str, str, str]] = {
    "waiting": ("dot", "waiting", "muted"),
    "running": ("arrow", "running", "key"),
    "observed": ("done", "observed", "on"),
    "accepted": ("done", "accepted", "on"),
    "skipped": ("dash", "skipped", "muted"),
    "refused": ("fixed", "REFUSED", "warning"),
    "failed": ("fixed", "FAILED", "critical"),
    "unconfirmed": ("alert", "UNCONFIRMED", "warning"),
    "contradicted": ("alert", "CONTRADICTED", "critical"),
    "unknown": ("unknown", "UNKNOWN", "warning"),
}
"""Which glyph, which word, which ink."""
_PLANS: dict[PlanState, tuple[str, str, str]] = {
    "needs_approval": ("alert", "needs approval", "warning"),
    "ready": ("dot", "ready", "strong"),
    "running": ("arrow", "running", "on"),
    "pausing": ("arrow", "pausing", "warning"),
    "paused": ("alert", "PAUSED", "warning"),
    "stopped": ("alert", "STOPPED", "critical"),
    "done": ("done", "done", "fine"),
    "aborted": ("fixed", "aborted", "muted"),
    "expired": ("fixed", "expired", "muted"),
}
STEP_CELLS = 2 + max(len(word) for _, word, _ in _STEPS.values())
PLAN_CELLS = 2 + max(len(word) for _, word, _ in _PLANS.values())
RESUMABLE: frozenset[PlanState] = frozenset({"ready", "paused", "stopped"})
RUNNING: frozenset[PlanState] = frozenset({"running", "pausing"})
PAUSES_S = (0.0, 0.5, 1.0, 2.0, 3.0, 5.0, 10.0, 15.0, 20.0, 30.0, 45.0, 60.0, 90.0, 120.0,
            180.0, 300.0, 600.0)  # fmt: skip
"""The pauses that a key goes through."""
SETTLE_S = 30.0
"""How long a load may take to settle, unless more was chosen."""
_VERBS: dict[Action, str] = {
    "on": "Turn ON", "off": "Turn OFF", "reboot": "REBOOT", "delayed_on": "Turn ON later",
    "delayed_off": "Turn OFF later", "delayed_reboot": "REBOOT later",
    "cancel": "Cancel the commands of", "identify": "Identify",
}  # fmt: skip


class Sign(Struct, frozen=True):
    """A state as it is drawn: never by colour alone."""

    glyph: str
    word: str
    ink: str


def step_sign(status: Status, glyphs: GlyphSet, *, over: bool = False) -> Sign:
    """How a step's state is drawn; of a plan that is over, what has not begun is not waiting."""
    if over and status == "waiting":
        return Sign(glyphs.dash, "not done", "muted")
    glyph, word, ink = _STEPS[status]
    return Sign(getattr(glyphs, glyph), word, ink)


def plan_sign(view: PlanView, glyphs: GlyphSet) -> Sign:
    """How a plan's state is drawn; one that is done and did not go well is said to be."""
    glyph, word, ink = _PLANS[view.state]
    if view.state == "done" and view.bad:
        return Sign(glyphs.alert, f"done, {view.bad} bad", "critical")
    return Sign(getattr(glyphs, glyph), word, ink)


def outlets_words(steps: Sequence[PlanStep]) -> str:
    """`4 outlets on 2 PDUs`, `1 outlet on rack1-a`, `all of rack1-a`."""
    pdus = list(dict.fromkeys(step.pdu for step in steps))
    if len(steps) == 1 and steps[0].outlet == WHOLE_PDU:
        return f"all of {pdus[0]}"
    count = len({(step.pdu, step.outlet) for step in steps})
    where = pdus[0] if len(pdus) == 1 else f"{len(pdus)} PDUs"
    return f"{count} outlet{'s' * (count != 1)} on {where}"


def heading(plan: Plan) -> str:
    """`Turn OFF 4 outlets on 2 PDUs`, `Put back K7Q2MX: 4 outlets on 2 PDUs`."""
    actions = {step.action for step in plan.steps}
    verb = _VERBS.get(next(iter(actions)), "Switch") if len(actions) == 1 else "Switch"
    words = f"{verb} {outlets_words(plan.steps)}"
    if plan.put_back_of is not None:
        return f"Put back {plan.put_back_of}: {words[:1].lower()}{words[1:]}"
    return words


def then_word(step: PlanStep) -> str:
    """What a step does: `off`, `reboot`, `off in 30 s`, `off later`."""
    action = step.action.removeprefix("all_")
    if not action.startswith("delayed_"):
        return action.replace("_", " ")
    word = action.removeprefix("delayed_")
    return f"{word} later" if step.delay_s is None else f"{word} in {step.delay_s} s"


def pace_words(pace: Pace, pause_s: float) -> str:
    """What comes between two steps."""
    if pace == "settle":
        return f"each when the load has settled, {seconds(pause_s)} at most"
    return f"one every {seconds(pause_s)}" if pause_s > 0 else "one right after the other"


def failure_words(on_failure: OnFailure) -> str:
    """What becomes of the rest when a step ends badly."""
    return "stops at the first failure" if on_failure == "stop" else "goes on after a failure"


def next_pause(pause_s: float, by: int) -> float:
    """The next longer or shorter pause, in seconds."""
    if by > 0:
        return next((one for one in PAUSES_S if one > pause_s), pause_s)
    return next((one for one in reversed(PAUSES_S) if one < pause_s), 0.0)


def is_own(plan: Plan, actor: Actor) -> bool:
    """Whether somebody made a plan, under whatever name."""
    return bool(plan.author.names & actor.names)


def left_of(view: PlanView) -> tuple[PlanStep, ...]:
    """The steps that are done when it goes on."""
    return tuple(step for at, step in enumerate(view.plan.steps) if is_left(view, at))


def is_left(view: PlanView, at: int) -> bool:
    """Whether a step is done when the plan goes on.

    Those that have not begun; the refused one at which it stopped, for which nothing was sent; and
    one that was under way when the program ended, where the outlet's state says what is to be done:
    what may have been a reboot is never repeated.
    """
    step, how = view.plan.steps[at], view.steps[at]
    if how.status == "unknown":
        return how.ended is None and step.action in ("on", "off", "cancel", "identify")
    if how.status == "refused":
        later = view.steps[at + 1 :]
        return view.state == "stopped" and all(one.status == "waiting" for one in later)
    return how.status == "waiting"


def again_words(view: PlanView, at: int) -> str:
    """What becomes of a step that ended badly, or in doubt, when the plan goes on."""
    if not is_left(view, at):
        return "it is not repeated"
    if view.steps[at].status == "refused":
        return "it is tried again"
    return f"it is done unless the outlet is {then_word(view.plan.steps[at])} by then"


def progress_words(view: PlanView) -> str:
    """`3/12`."""
    return f"{view.done}/{len(view.plan.steps)}"


def next_words(view: PlanView) -> str:
    """`next in 4 s`; empty where none comes."""
    if view.state not in RUNNING or view.next_in_s is None:
        return ""
    return f"next in {max(0.0, view.next_in_s):.0f} s"


def plan_news(views: Sequence[PlanView], actor: Actor) -> PlanNews:
    """What is to be seen of plans on every screen.

    What runs comes first, then what stands and is to go on, then what waits for somebody.
    """
    own = [view for view in views if view.mine or is_own(view.plan, actor)]
    for states, word, severity in (
        (RUNNING, "", "info"),
        ({"stopped"}, "STOPPED ", "critical"),
        ({"paused"}, "PAUSED ", "warning"),
    ):
        found = _in(own if states != RUNNING else views, states)
        if found:
            one = found[0]
            more = f" +{len(found) - 1}" if len(found) > 1 else ""
            badge = f"plan {one.plan.id} {word}{progress_words(one)}{more}"
            return PlanNews(badge, next_words(one), severity)  # type: ignore[arg-type]
    waiting = _in(views, {"needs_approval"})
    others = [view for view in waiting if not is_own(view.plan, actor)]
    if others:
        count = len(others)
        return PlanNews(f"{count} plan{'s' * (count > 1)} to approve", "", "warning")
    if waiting:
        return PlanNews(f"plan {waiting[0].plan.id} waits for approval", "", "warning")
    return PlanNews()


def _in(views: Sequence[PlanView], states: Collection[str]) -> list[PlanView]:
    return [view for view in views if view.state in states]


def over(view: PlanView) -> bool:
    """Whether nothing more can come of it."""
    return view.state in OVER
