"""Plans as text and as JSON."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

import msgspec

from pdutui.cli.amounts import span_text
from pdutui.cli.text import UNKNOWN, clean, iso, table
from pdutui.domain.plan import Plan, PlanView
from pdutui.engine.plans.settle import longest_s

_MOMENT = "%Y-%m-%d %H:%M:%SZ"


def view_json(view: PlanView) -> bytes:
    """A plan and how it stands as one JSON object, its times as in a reading."""
    return msgspec.json.encode(view_plain(view))


def view_plain(view: PlanView) -> dict[str, Any]:
    """The same as plain values; `done` and `bad` count steps."""
    plain: dict[str, Any] = _with_iso(msgspec.to_builtins(view, builtin_types=(datetime,)))
    return plain | {"done": view.done, "bad": view.bad}


def _with_iso(value: Any) -> Any:
    if isinstance(value, datetime):
        return iso(value)
    if isinstance(value, dict):
        return {key: _with_iso(one) for key, one in value.items()}
    if isinstance(value, list | tuple):
        return [_with_iso(one) for one in value]
    return value


def list_text(views: Sequence[PlanView]) -> list[str]:
    """A table of plans, one a line."""
    heads = ("plan", "state", "steps", "what", "author", "made", "ticket", "why")
    rows = [
        (
            view.plan.id,
            view.state.replace("_", " "),
            f"{view.done}/{len(view.steps)}",
            clean(view.plan.title),
            clean(view.plan.author.user),
            view.plan.created.strftime(_MOMENT),
            clean(view.plan.ticket or "") or UNKNOWN,
            clean(view.detail) or UNKNOWN,
        )
        for view in views
    ]
    return table(heads, rows, words=frozenset(heads))


def show_text(view: PlanView, now: datetime) -> list[str]:
    """All of a plan: who made it and why, how it stands, and every step."""
    return [*head_text(view, now), "", *steps_text(view)]


def head_text(view: PlanView, now: datetime) -> list[str]:
    """What stands over the steps."""
    plan = view.plan
    why = f": {clean(view.detail)}" if view.detail else ""
    facts = [
        ("state", view.state.replace("_", " ") + why),
        (
            "made",
            f"{plan.created:{_MOMENT}} by {clean(plan.author.user)}, from {clean(plan.source)}",
        ),
        ("reason", clean(plan.reason or "")),
        ("ticket", clean(plan.ticket or "")),
        ("order", pace_text(plan) if len(plan.steps) > 1 else ""),
        ("puts back", plan.put_back_of or ""),
        ("approval", _approval(view, now)),
    ]
    lines = [f"plan {plan.id}: {clean(plan.title)}"]
    return lines + [f"  {name:<9}  {text}" for name, text in facts if text]


def pace_text(plan: Plan) -> str:
    """`one every 5 s; stops at the first failure`."""
    if plan.pace == "settle":
        most = span_text(longest_s(plan.pause_s))
        text = f"each once the load has settled, after {most} at the latest"
    else:
        text = f"{span_text(plan.pause_s)} after each" if plan.pause_s else "no pause"
    return f"{text}; {'stops at' if plan.on_failure == 'stop' else 'goes on after'} a failure"


def _approval(view: PlanView, now: datetime) -> str:
    plan = view.plan
    if view.approval is not None:
        return f"by {clean(view.approval.user)}, {view.approval.time:{_MOMENT}}"
    if not plan.needs_approval:
        return ""
    if plan.expires is None:
        return "needed"
    left = (plan.expires - now).total_seconds()
    expiry = f"{span_text(left)} left" if left > 0 else "expired"
    return f"needed by {plan.expires:{_MOMENT}} ({expiry})"


def steps_text(view: PlanView) -> list[str]:
    """A table of the steps and how they ended."""
    heads = ("step", "PDU", "outlet", "action", "was", "then", "status", "pause", "detail")
    rows = []
    for number, (step, how) in enumerate(zip(view.plan.steps, view.steps, strict=True), 1):
        pause = UNKNOWN if step.pause_s is None else span_text(step.pause_s)
        rows.append(
            (
                str(number),
                clean(step.pdu),
                clean(step.label),
                step.action.replace("_", " "),
                step.before,
                UNKNOWN if how.after == "unknown" else how.after,
                how.status,
                pause if step.pace != "settle" else f"settled, {pause}",
                clean(how.detail) or UNKNOWN,
            )
        )
    return table(heads, rows, words=frozenset(heads) - {"step"})
