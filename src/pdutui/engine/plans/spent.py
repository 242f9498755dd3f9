"""Whether a step that a second person agreed to was carried out before.

Their yes is for one time. What was done stands in the progress of the plan, which is a file of its
author's, who could take lines out of it. So the audit is asked as well: that is a chain, in which
nothing can be changed or left out unseen, and of which a syslog may have a copy.
"""

from __future__ import annotations

from pdutui.domain.audit import AuditQuery
from pdutui.domain.commands import Intent
from pdutui.domain.plan import Plan
from pdutui.engine.plans.house import House
from pdutui.engine.plans.record import MOST_STEPS, SKEW

_DONE = frozenset({"observed", "accepted", "contradicted"})
_REPEATED = frozenset({"on", "off", "cancel", "identify"})
"""What a plan sends again when nobody saw what became of it."""


async def carried_out(house: House, plan: Plan, at: int, intent: Intent) -> str:
    """Why a step must not be sent: the audit has it already. Empty where it has not.

    An audit that cannot be read speaks against nothing, as an emergency is no time for a full disk.

    Args:
        house: the engine.
        plan: what was approved.
        at: which of its steps.
        intent: on its way to the gate for that step.
    """
    trail = await house.trail()
    if trail is None:
        return ""
    from pdutui.store.errors import StoreTrouble  # SQLite; there is a store, so it is loaded

    query = AuditQuery(plan=plan.id, since=plan.created - SKEW, limit=4 * MOST_STEPS)
    try:
        stored = await trail.rows(query)
    except StoreTrouble:
        return ""
    subject = (intent.pdu, intent.outlet, intent.action)
    ends = _DONE if intent.action in _REPEATED else _DONE | {"unconfirmed"}
    done = [
        one.record
        for one in stored
        if (one.record.pdu, one.record.outlet, one.record.action) == subject
        and one.record.outcome in ends
    ]
    before = [s for s in plan.steps[:at] if (s.pdu, s.outlet, s.action) == subject]
    if len(done) <= len(before):
        return ""
    last = done[0]
    return (
        f"by the audit it was carried out already, {last.time:%Y-%m-%d %H:%M:%S}Z by {last.user}:"
        " what was approved is done once"
    )
