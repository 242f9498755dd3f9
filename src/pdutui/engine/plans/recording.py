"""What the audit says of plans: each step's commands are the gate's to tell, the rest is here."""

from __future__ import annotations

import uuid
from typing import Literal

from pdutui.domain.commands import WHOLE_PDU, Actor, AuditRecord
from pdutui.domain.plan import Plan, PlanStep
from pdutui.domain.roles import role_of
from pdutui.engine.labels import outlet_name
from pdutui.engine.plans.house import House

PlanOutcome = Literal[
    "made", "approved", "started", "resumed", "paused", "stopped", "aborted", "done"
]


async def record_plan(
    house: House, plan: Plan, actor: Actor, outcome: PlanOutcome, detail: str = ""
) -> None:
    """Put on record what became of a plan, and by whom."""
    pdus = {step.pdu for step in plan.steps}
    count = len(plan.steps)
    what = f"{plan.title} ({count} {'step' if count == 1 else 'steps'})"
    await house.audit(
        AuditRecord(
            time=house.clock.now(),
            intent_id=uuid.uuid4().hex,
            user=actor.user,
            ssh_origin=actor.ssh_origin,
            origin=actor.origin,
            pdu=pdus.pop() if len(pdus) == 1 else "",
            outlet=WHOLE_PDU,
            outlet_name="",
            action="plan",
            state_from="",
            state_to=None,
            outcome=outcome,
            detail=f"{what}: {detail}" if detail else what,
            reason=plan.reason,
            ticket=plan.ticket,
            role=role_of(actor, house.settings.control.roles),
            plan=plan.id,
        )
    )


async def record_skipped(
    house: House, plan: Plan, step: PlanStep, actor: Actor, state: str, detail: str
) -> None:
    """Put on record that a step needed nothing, as its outlet was as wanted."""
    await house.audit(
        AuditRecord(
            time=house.clock.now(),
            intent_id=uuid.uuid4().hex,
            user=actor.user,
            ssh_origin=actor.ssh_origin,
            origin=actor.origin,
            pdu=step.pdu,
            outlet=step.outlet,
            outlet_name=outlet_name(step.outlet, step.name),
            action=step.action,
            state_from=state,
            state_to=state,
            outcome="skipped",
            detail=detail,
            reason=plan.reason,
            ticket=plan.ticket,
            role=role_of(actor, house.settings.control.roles),
            plan=plan.id,
        )
    )
