"""How a command or a step of a plan ended, as a line of text or a JSON object."""

from __future__ import annotations

from typing import Any

import click
import msgspec

from pdutui.cli.text import clean, iso
from pdutui.domain.commands import CommandResult
from pdutui.domain.plan import GOOD_STEPS, Plan, PlanStep, StepProgress
from pdutui.engine.subject import is_outlet_action

GOOD = ("observed", "accepted")
"""Outcomes that are as good as they can be."""


def print_result(result: CommandResult, *, as_json: bool) -> None:
    """One result: on standard output where it is good or JSON, else on standard error."""
    if as_json:
        click.echo(result_json(result))
        return
    intent = result.intent
    name = clean(result.outlet_name)
    what = clean(result.label) or f"outlet {intent.outlet} {name}"
    if not is_outlet_action(intent.action):
        what = name
    line = f"{intent.pdu} {what}: {result.outcome}: {clean(result.detail)}"
    click.echo(line, err=result.outcome not in GOOD)


def result_json(result: CommandResult) -> bytes:
    """The result as one JSON object, its times as in a reading."""
    plain = msgspec.to_builtins(result)
    plain["ended"] = iso(result.ended)
    plain["stages"] = [[stage, iso(time)] for stage, time in result.stages]
    return msgspec.json.encode(plain)


def print_step(plan: Plan, step: PlanStep, how: StepProgress, *, as_json: bool) -> None:
    """A step that ended without a command of its own: skipped, refused before it began."""
    if as_json:
        click.echo(msgspec.json.encode(_step_plain(plan, step, how)))
        return
    detail = f": {clean(how.detail)}" if how.detail else ""
    line = f"{clean(step.pdu)} {clean(step.label)}: {how.status}{detail}"
    click.echo(line, err=how.status not in GOOD_STEPS)


def _step_plain(plan: Plan, step: PlanStep, how: StepProgress) -> dict[str, Any]:
    """With the keys of a `CommandResult`; `outcome` may also be `skipped` or `unknown`."""
    return {
        "intent": {
            "id": how.intent_id,
            "pdu": step.pdu,
            "outlet": step.outlet,
            "action": step.action,
            "actor": msgspec.to_builtins(plan.author),
            "delay_s": step.delay_s,
            "reason": plan.reason,
            "ticket": plan.ticket,
            "plan": plan.id,
        },
        "outcome": how.status,
        "detail": how.detail,
        "outlet_name": step.name,
        "label": step.label,
        "before": how.before,
        "after": how.after,
        "pending": False,
        "load_w": None,
        "rule": "",
        "stages": [],
        "ended": iso(how.ended) if how.ended is not None else None,
    }
