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
