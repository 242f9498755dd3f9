"""The keys of the plan screen as data: bindings, hints and help all come from this table."""

from __future__ import annotations

from textual.binding import Binding, BindingType

from pdutui.domain.plan import PlanView, StepProgress
from pdutui.screens.dialog import Row
from pdutui.screens.keys import Key
from pdutui.screens.plan_words import RESUMABLE, RUNNING, over
from pdutui.widgets.glyphs import GlyphSet
from pdutui.widgets.key_hints import Hint

KEYS: tuple[Key, ...] = (
    Key("plans.up", "up,k", "choose(-1)", "up k", "", "the plan above"),
    Key("plans.down", "down,j", "choose(1)", "down j", "", "the plan below"),
    Key("plans.first", "home", "choose(-9999)", "home", "", "the first plan"),
    Key("plans.last", "end", "choose(9999)", "end", "", "the last plan"),
    Key("plans.steps_up", "pageup,K", "scroll(-1)", "page up K", "", "steps above"),
    Key("plans.steps_down", "pagedown,J", "scroll(1)", "page down J", "", "steps below"),
    Key("plans.run", "enter,space", "run", "enter", "", "run it, or go on with it; asks first"),
    Key("plans.pause", "P", "pause", "P", "", "pause: the step under way is followed to its end"),
    Key("plans.abort", "A", "abort", "A", "", "abort: what is left is never done; asks first"),
    Key("plans.put_back", "b", "put_back", "b", "",
        "put back: a plan that undoes what this one changed"),
    Key("plans.approve", "y", "approve", "y", "", "approve the plan of somebody else; asks first"),
    Key("plans.palette", "colon,ctrl+p", "app.command_palette", ":", "", "all commands"),
    Key("plans.help", "question_mark", "app.help", "?", "", "this help"),
    Key("plans.repaint", "ctrl+l", "app.repaint", "ctrl+l", "", "paint the screen anew"),
    Key("plans.back", "escape,p,q", "back", "esc", "", "back to the PDU; also p and q"),
)  # fmt: skip


def bindings() -> list[BindingType]:
    """The table for Textual."""
    return [Binding(key.keys, key.action, key.helps, show=False, id=key.id) for key in KEYS]


def hints(view: PlanView | None, *, plans: int, own: bool, scrolls: bool) -> list[Hint]:
    """What the hint line offers: only what works here and now.

    Args:
        view: The plan that is chosen, if there is one.
        plans: How many plans there are.
        own: Whether it is that of whoever sits here.
        scrolls: Whether there are more steps than rows.
    """
    out = [Hint("j k", "plan", 3)] if plans > 1 else []
    out += [Hint("J K", "steps", 4)] if scrolls else []
    if view is not None:
        if view.state in RESUMABLE and own:
            out.append(Hint("enter", "run" if view.state == "ready" else "go on", 8))
        if view.state in RUNNING and own:
            out.append(Hint("P", "pause", 9))
        if not over(view) and own:
            out.append(Hint("A", "abort", 7))
        if view.state == "needs_approval" and not own:
            out.append(Hint("y", "approve", 9))
        if view.state not in RUNNING and any(may_have_changed(s) for s in view.steps):
            out.append(Hint("b", "put back", 6))
    return [*out, Hint("?", "help", 7), Hint("esc", "back", 9)]


def may_have_changed(step: StepProgress) -> bool:
    """Whether a step has switched its outlet, or may have: then there is something to put back."""
    if step.status == "skipped":  # it may have been in doubt before
        return step.before != step.after
    return step.status in ("observed", "unconfirmed", "contradicted", "unknown", "failed")


def help_rows(glyphs: GlyphSet) -> list[Row]:
    """The help of the plan screen, with what its signs mean."""
    rows: list[Row] = [[("Keys", "title")]]
    rows += [[(f"  {key.shown:<13}", "key"), (key.helps, "text")] for key in KEYS]
    rows += [[], [("Steps", "title")]]
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
