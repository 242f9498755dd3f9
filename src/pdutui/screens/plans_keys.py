"""What the hint line of the plan screen offers, and what its help says of signs."""

from __future__ import annotations

from pdutui.domain.plan import PlanView, StepProgress
from pdutui.keys.keymap import DEFAULT, Keymap
from pdutui.screens.dialog import Row
from pdutui.screens.keys import bound
from pdutui.screens.plan_words import RESUMABLE, RUNNING, over
from pdutui.widgets.glyphs import GlyphSet
from pdutui.widgets.key_hints import Hint


def hints(
    view: PlanView | None, *, plans: int, own: bool, scrolls: bool, keymap: Keymap = DEFAULT
) -> list[Hint]:
    """What the hint line offers: only what works here and now.

    Args:
        view: The plan that is chosen, if there is one.
        plans: How many plans there are.
        own: Whether it is that of whoever sits here.
        scrolls: Whether there are more steps than rows.
        keymap: The keys as the user has them.
    """
    key = keymap.shown
    out = [Hint(keymap.pair("move.down", "move.up"), "plan", 3)] if plans > 1 else []
    out += [Hint(keymap.pair("page.down", "page.up"), "steps", 4)] if scrolls else []
    if view is not None:
        if view.state in RESUMABLE and own:
            out.append(Hint(key("plans.run"), "run" if view.state == "ready" else "go on", 8))
        if view.state in RUNNING and own:
            out.append(Hint(key("plans.pause"), "pause", 9))
        if not over(view) and own:
            out.append(Hint(key("plans.abort"), "abort", 7))
        if view.state == "needs_approval" and not own:
            out.append(Hint(key("plans.approve"), "approve", 9))
        if view.state not in RUNNING and any(may_have_changed(s) for s in view.steps):
            out.append(Hint(key("plans.put_back"), "put back", 6))
    return bound([*out, Hint(key("help"), "help", 7), Hint(key("back"), "back", 9)])


def why_not(view: PlanView | None, *, plans: int, own: bool) -> dict[str, str]:
    """Ids of what does not work on the chosen plan, and why not.

    Args:
        view: The plan that is chosen, if there is one.
        plans: How many plans there are.
        own: Whether it is that of whoever sits here.
    """
    ids = ("plans.run", "plans.pause", "plans.abort", "plans.put_back", "plans.approve")
    if view is None:
        return dict.fromkeys(ids, "there is no plan yet")
    state, why = view.state.replace("_", " "), dict[str, str]()
    mine = "" if own else f"it is for {view.plan.author.user} to say"
    if mine or view.state not in RESUMABLE:
        why["plans.run"] = mine or f"the plan is {state}"
    if mine or view.state not in RUNNING:
        why["plans.pause"] = mine or f"the plan is {state}: nothing of it runs"
    if mine or over(view):
        why["plans.abort"] = mine or f"the plan is {state}"
    if view.state in RUNNING:
        why["plans.put_back"] = "the plan runs: pause or abort it first"
    elif not any(may_have_changed(step) for step in view.steps):
        why["plans.put_back"] = "no step of it has changed anything"
    if view.state != "needs_approval":
        why["plans.approve"] = f"the plan is {state}: it waits for nobody"
    elif own:
        why["plans.approve"] = "nobody approves a plan of their own"
    if plans < 2:
        why |= dict.fromkeys(("move.up", "move.down", "move.first", "move.last", "move.bottom"),
                             "there is no other plan")  # fmt: skip
    return why


def may_have_changed(step: StepProgress) -> bool:
    """Whether a step has switched its outlet, or may have: then there is something to put back."""
    if step.status == "skipped":  # it may have been in doubt before
        return step.before != step.after
    return step.status in ("observed", "unconfirmed", "contradicted", "unknown", "failed")


def help_rows(glyphs: GlyphSet) -> list[Row]:
    """What the signs of the plan screen mean, for its help."""
    rows: list[Row] = [[("Steps", "title")]]
    signs = [
        (f"{glyphs.dot} waiting", "not begun"),
        (f"{glyphs.arrow} running", "its command is under way"),
        (f"{glyphs.done} observed", "done: the device was read back and shows it"),
        (f"{glyphs.done} accepted", "taken by the device; there is nothing to read back"),
        (f"{glyphs.dash} skipped", "was so already; nothing was sent"),
        (f"{glyphs.fixed} REFUSED", "not sent: it says why"),
        (f"{glyphs.fixed} FAILED", "the device refused, or nothing could be sent"),
        (f"{glyphs.alert} UNCONFIRMED", "accepted, but the state did not follow in time"),
        (f"{glyphs.alert} CONTRADICTED", "the state moved the other way"),
        (f"{glyphs.unknown} UNKNOWN", "pdutui ended while it was under way: see the audit"),
    ]
    rows += [[(f"  {sign:<16}", "value"), (text, "text")] for sign, text in signs]
    return [
        *rows, [], [("Plans", "title")],
        *([("  ", "text"), (text, "text")] for text in (
            "A plan that ran when pdutui ended comes back PAUSED. It never goes on by",
            "itself. STOPPED: a step ended badly; look, then go on or abort.",
        )),
    ]  # fmt: skip
