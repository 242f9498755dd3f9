"""What stands on the plan screen as pure functions: places, list, the chosen plan, its steps."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from msgspec import Struct
from textual.strip import Strip

from pdutui.domain.commands import Actor
from pdutui.domain.impact import Impact
from pdutui.domain.plan import Plan, PlanView
from pdutui.engine.events import Logged, Severity
from pdutui.keys.keymap import DEFAULT, Keymap
from pdutui.screens.dialog import Row
from pdutui.screens.impact_rows import sentence_rows
from pdutui.screens.plan_rows import Steps, Views, detail_rows, progress_rows
from pdutui.screens.plan_words import (
    PLAN_CELLS,
    RUNNING,
    failure_words,
    is_own,
    next_words,
    over,
    pace_words,
    plan_sign,
    progress_words,
)
from pdutui.widgets.alarm_counts import NOTHING, Standing, badge
from pdutui.widgets.bar import Item, bar
from pdutui.widgets.frame import frame
from pdutui.widgets.glyphs import GlyphSet
from pdutui.widgets.inks import Inks
from pdutui.widgets.layout import Rect
from pdutui.widgets.line import Line, blank
from pdutui.widgets.rights import Rights, badges
from pdutui.widgets.scene import Notice
from pdutui.widgets.text import clean, cut, lead, pad, wrap

_INKS: dict[Severity, str] = {"info": "text", "warning": "warning", "critical": "critical"}
_DETAIL_ROWS = 4
"""At most so many rows tell what went wrong with steps."""
_IMPACT_ROWS = 6
"""At most so many rows tell what the rest of a plan would do."""


def how_to_plan(keymap: Keymap) -> str:
    """How a plan comes to be."""
    switches = keymap.either("outlet.on", "outlet.off", "outlet.reboot")
    return f"mark outlets with {keymap.said('mark.toggle')} and press {switches}"


class PlanScene(Struct, frozen=True, kw_only=True):
    """All that the panels of the plan screen may look at."""

    plans: Sequence[PlanView]
    chosen: int
    """Which of them; 0 for none."""
    actor: Actor
    now: datetime
    """In the zone of the screen."""
    inks: Inks
    glyphs: GlyphSet
    views: Views
    impact: Impact | None = None
    """What the rest of the chosen plan would do; None where nothing is left or it runs."""
    obstacles: int = 0
    """So many of its steps would be refused now."""
    first: int | None = None
    """The first step that is shown; None: follow the plan."""
    notice: Notice | None = None
    log: Logged | None = None
    problem: str = ""
    """Why plans cannot be read."""
    rights: Rights = Rights()
    """What whoever sits here may not do."""
    keymap: Keymap = DEFAULT
    """The keys as the user has them."""
    alarms: Standing = NOTHING
    """What stands of the alarms."""

    def clean(self, text: str) -> str:
        """Text from outside, fit for the screen."""
        return clean(text, self.glyphs.ascii_only)

    @property
    def view(self) -> PlanView | None:
        """The plan that is chosen."""
        return self.plans[self.chosen] if self.plans else None


def places(width: int, height: int, plans: int) -> dict[str, Rect]:
    """Where the panels are: bar, list, about, steps, said, hints."""
    out, room = frame(width, height)
    if room < 1:
        return out
    listed = min(max(1, plans) + 1, max(3, room // 3)) if room >= 8 else min(room, 2)
    out["list"] = Rect(0, 1, width, min(room, listed))
    room -= listed
    if room >= 1:
        out["steps"] = Rect(0, 1 + listed, width, room)
    return out


def top_line(scene: PlanScene, width: int) -> Strip:
    """How many plans there are, and what they do."""
    plans = scene.plans
    left = [Item(100, [(" Plans ", "badge-text")])]
    left += badge(scene.alarms, scene.glyphs, width)
    left += badges(scene.rights)
    for states, word, ink in (
        (RUNNING, "running", "on"),
        ({"paused"}, "paused", "warning"),
        ({"stopped"}, "stopped", "critical"),
        ({"needs_approval"}, "to be approved", "warning"),
        ({"ready"}, "ready", "strong"),
    ):
        count = sum(view.state in states for view in plans)
        if count:
            left.append(Item(60, [(str(count), ink), (f" {word}", "muted")]))
    left.append(Item(30, [(str(sum(map(over, plans))), "text"), (" over", "muted")]))
    user = scene.clean(scene.actor.user)
    right = [Item(20, [(cut(user, 24, scene.glyphs.ellipsis), "muted")])]
    right.append(Item(45, [(f"{scene.now:%H:%M:%S}", "text")]))
    return bar(scene.inks, left, right, width)


def title(scene: PlanScene, width: int, text: str, right: Row) -> Strip:
    """A panel's head: title, rule, and what is said at its right."""
    line = Line(scene.inks, width).add(scene.glyphs.rule, "rule")
    line.add(f" {cut(text, max(0, width - 4), scene.glyphs.ellipsis)} ", "title")
    room = sum(len(piece) for piece, _ in right) + 4
    tail: Row = [(" ", "text"), *right, (" ", "text"), (scene.glyphs.rule, "rule")]
    return line.right(tail if right and line.used + room <= width else [], scene.glyphs.rule,
                      "rule").strip()  # fmt: skip


def plan_list(scene: PlanScene, width: int, height: int) -> list[tuple[Strip, int | None]]:
    """The plans, one a row, with their places; the chosen one is always among them."""
    room = height - 1
    count = len(scene.plans)
    first = max(0, min(scene.chosen - room // 2, count - room))
    shown = list(enumerate(scene.plans))[first : first + max(0, room)]
    up = scene.glyphs.up if first else " "
    down = scene.glyphs.down if first + len(shown) < count else " "
    more: Row = [(f"{up}{down}", "text")] if up + down != "  " else []
    out: list[tuple[Strip, int | None]] = [(title(scene, width, "Plans", more), None)]
    if not scene.plans:
        words = scene.problem or f"None yet: {how_to_plan(scene.keymap)}."
        ink = "warning" if scene.problem else "muted"
        line = Line(scene.inks, width).add(f"  {scene.clean(words)}", ink)
        return [*out, (line.strip(), None)][:height]
    return [*out, *((_listed(scene, at, view, width), at) for at, view in shown)][:height]


def _listed(scene: PlanScene, at: int, view: PlanView, width: int) -> Strip:
    here = at == scene.chosen
    line = Line(scene.inks, width, "cursor" if here else "base")
    sign = plan_sign(view, scene.glyphs)
    line.add(scene.glyphs.cursor if here else " ", "key").add(f" {view.plan.id} ", "strong")
    line.add(pad(f"{sign.glyph} {sign.word}", PLAN_CELLS), sign.ink).add(" ")
    line.add(lead(progress_words(view), 7), "value").add("  ")
    if width >= 100:
        line.extend(_meter(scene, view)).add("  ")
    author = cut(scene.clean(view.plan.author.user), 12, scene.glyphs.ellipsis)
    made = _made(scene, view.plan)
    tail = f" {pad(author, 12)} {made} "
    name = cut(scene.clean(view.plan.title), max(6, line.room - len(tail)), scene.glyphs.ellipsis)
    line.add(name, "text" if not over(view) else "muted")
    return line.right([(tail, "muted")] if line.room >= len(tail) else []).strip()


def _meter(scene: PlanScene, view: PlanView) -> Row:
    """How far it has come, as a bar."""
    cells, total = 12, max(1, len(view.plan.steps))
    full = cells * view.done // total
    ink = "fill-critical" if view.bad else "spark"
    glyphs = scene.glyphs
    return [(glyphs.bar_full * full, ink), (glyphs.bar_track * (cells - full), "rule")]


def _made(scene: PlanScene, plan: Plan) -> str:
    made = plan.created.astimezone(scene.now.tzinfo)
    return f"{made:%H:%M}".rjust(6) if made.date() == scene.now.date() else f"{made:%d %b}"


def step_list(scene: PlanScene, width: int, height: int) -> tuple[list[Strip], int]:
    """The chosen plan: what it is, its steps, what the rest of it would do.

    Returns:
        The rows, and how many steps they show.
    """
    view = scene.view
    if view is None or height < 1:
        return [], 0
    about = _about(scene, view, width)
    table = Steps(
        steps=view.plan.steps,
        views=scene.views,
        glyphs=scene.glyphs,
        progress=view.steps,
        zone=scene.now.tzinfo,
        over=over(view),
    )
    impact = [
        *_indented(detail_rows(table, width - 2, _DETAIL_ROWS, beside=width)),
        *_impact(scene, width),
    ]
    count = len(view.plan.steps)
    room = height - 1
    about = about[: max(0, room - min(count, 3))]
    impact = impact[
        : max(0, min(_IMPACT_ROWS + _DETAIL_ROWS, room - len(about) - min(count, 4) - 1))
    ]
    rows = max(0, room - len(about) - len(impact) - bool(impact) - bool(about))
    rows = min(rows, count)
    first = step_shown(scene, rows)
    up = scene.glyphs.up if first else " "
    down = scene.glyphs.down if first + rows < count else " "
    right: Row = [(next_words(view), "strong")] if next_words(view) else []
    right += [(f" {up}{down}", "text")] if up + down != "  " else []
    head = title(scene, width, f"Plan {view.plan.id}: {scene.clean(view.plan.title)}", right)
    steps = progress_rows(table, width, first, rows)
    gap: list[Row] = [[]]
    body = [*about, *(gap if about else []), *steps, *(gap if impact else []), *impact]
    lines = [Line(scene.inks, width).extend(row).strip() if row else blank(scene.inks, width)
             for row in body]  # fmt: skip
    return [head, *lines][:height], rows


def step_shown(scene: PlanScene, rows: int) -> int:
    """The first step that is shown: where one scrolled to, or around what is under way."""
    view = scene.view
    if view is None:
        return 0
    last = max(0, len(view.plan.steps) - rows)
    first = view.done - rows // 2 if scene.first is None else scene.first
    return max(0, min(first, last))


def _about(scene: PlanScene, view: PlanView, width: int) -> list[Row]:
    """Who made it, how it goes, why it stands, who approved it."""
    plan, tz = view.plan, scene.now.tzinfo
    sign = plan_sign(view, scene.glyphs)
    rows: list[Row] = []
    if view.detail:
        word, why = sign.word[:1].upper() + sign.word[1:], scene.clean(view.detail)
        told = why.casefold().startswith(word.casefold())
        why = f"{sign.glyph} {why[:1].upper()}{why[1:]}" if told else f"{sign.glyph} {word}: {why}"
        rows += [[(f" {line}", sign.ink)] for line in wrap(why, width - 2)]
    how = [pace_words(plan.pace, plan.pause_s), failure_words(plan.on_failure)]
    text = f"by {plan.author.user}, {plan.created.astimezone(tz):%d %b %H:%M:%S}"
    if len(plan.steps) > 1:
        text += f"; {how[0]}; {how[1]}"
    if plan.reason:
        text += f"; reason: {plan.reason}"
    if plan.ticket:
        text += f"; ticket: {plan.ticket}"
    rows += [[(f" {line}", "muted")] for line in wrap(scene.clean(text), width - 2)]
    if view.approval is not None:
        at = view.approval.time.astimezone(tz)
        rows.append([(f" approved by {scene.clean(view.approval.user)}, {at:%H:%M:%S}", "muted")])
    elif view.state == "needs_approval":
        until = f" until {plan.expires.astimezone(tz):%H:%M:%S}" if plan.expires else ""
        own = is_own(plan, scene.actor)
        key = scene.keymap.said("plans.approve")
        how_to = f"somebody else approves it here ({key}), or runs pdutui approve {plan.id}"
        text = f"To be approved{until}: {how_to if own else 'y looks at it and approves it'}."
        rows += [[(f" {line}", "warning")] for line in wrap(text, width - 2)]
    return rows


def _impact(scene: PlanScene, width: int) -> list[Row]:
    rows: list[Row] = []
    if scene.obstacles:
        them = "one step" if scene.obstacles == 1 else f"{scene.obstacles} steps"
        rows += sentence_rows("caution", f"{them} would be refused now", width - 2, scene.glyphs)
    if scene.impact is not None:
        for line in scene.impact.lines:
            rows += sentence_rows(line.level, line.text, width - 2, scene.glyphs)
    what = "What is left" if scene.view is not None and scene.view.done else "It"
    title: list[Row] = [[(f"{what} would do this now:", "muted")]] if rows else []
    return _indented([*title, *rows])


def _indented(rows: list[Row]) -> list[Row]:
    return [[(" ", "text"), *row] for row in rows]


def said_line(scene: PlanScene, width: int) -> Strip:
    """What the console has to say, else what happened last."""
    line = Line(scene.inks, width)
    if scene.notice is not None:
        severity: Severity = scene.notice.severity
        text = scene.notice.text
    elif scene.log is not None:
        severity = scene.log.severity
        time = scene.log.time.astimezone(scene.now.tzinfo)
        text = " ".join(filter(None, [f"{time:%H:%M:%S}", scene.log.pdu, scene.log.text]))
    else:
        return blank(scene.inks, width)
    mark = scene.glyphs.dot if severity == "info" else scene.glyphs.alert
    line.add(f" {mark} ", _INKS[severity])
    text = cut(scene.clean(text), line.room - 1, scene.glyphs.ellipsis)
    return line.add(text, _INKS[severity]).strip()
