"""A plan that a second person has to agree to: say so, and wait for it where that makes sense."""

from __future__ import annotations

from datetime import datetime

import click
import msgspec

from pdutui.cli.amounts import span_text
from pdutui.cli.ask import can_ask
from pdutui.cli.plan_errors import told
from pdutui.cli.plan_watch import say
from pdutui.cli.session import Session
from pdutui.cli.text import clean, iso
from pdutui.domain.plan import PlanView

_LOOK_EVERY_S = 1.0


async def approved(
    session: Session, view: PlanView, *, wait: bool, as_json: bool
) -> PlanView | None:
    """Wait for the approval of a frozen plan; None if it is not waited for, or does not come.

    With a terminal or `wait` it is waited for until the plan expires; Ctrl+C leaves it frozen.
    """
    plan = view.plan.id
    until = expiry_text(view, session.clock.now())
    say(f"plan {plan} needs a second person{until}, who says: pdutui approve {plan}")
    if not (wait or can_ask()):
        say(f"once that is done: pdutui plan resume {plan}")
        if as_json:
            expires = view.plan.expires
            frozen = {
                "plan": plan, "state": view.state, "expires": iso(expires) if expires else None,
            }  # fmt: skip
            click.echo(msgspec.json.encode(frozen))
        return None
    say(f"waiting for that; Ctrl+C leaves it to 'pdutui plan resume {plan}'")
    while view.state == "needs_approval":
        await session.clock.sleep(_LOOK_EVERY_S)
        with told():
            await session.plans.look()
            view = session.plans.get(plan)
    if view.state == "ready":
        by = clean(view.approval.user) if view.approval is not None else "somebody"
        say(f"plan {plan} is approved by {by}")
        return view
    why = f": {clean(view.detail)}" if view.detail else ""
    say(f"plan {plan} is {view.state.replace('_', ' ')}{why}")
    return None


def expiry_text(view: PlanView, now: datetime) -> str:
    """` until 2026-11-20 14:02:11Z (15 min)`; empty for one that does not expire."""
    if view.plan.expires is None:
        return ""
    left = span_text(max(0.0, (view.plan.expires - now).total_seconds()))
    return f" until {view.plan.expires:%Y-%m-%d %H:%M:%SZ} ({left})"
