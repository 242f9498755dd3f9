"""Who may agree to a plan of somebody else's, and whether somebody has."""

from __future__ import annotations

import grp
import os
import pwd
from collections.abc import Callable
from datetime import timedelta

from pdutui.domain.commands import Actor
from pdutui.domain.plan import Plan
from pdutui.domain.roles import named, role_of
from pdutui.engine.plans.drafting import MOMENTARY, Terms, make_draft, wishes_of
from pdutui.engine.plans.house import House
from pdutui.engine.plans.port import PlanTrouble
from pdutui.engine.plans.record import SKEW, Approved, Loaded
from pdutui.engine.plans.subjects import step_differs
from pdutui.engine.policy_who import may

GroupsOf = Callable[[int], tuple[str, ...]]
"""The names of the OS groups of a user, by uid."""


def real_groups(uid: int) -> tuple[str, ...]:
    """As the system's database has them; none for a user that it does not have."""
    try:
        entry = pwd.getpwuid(uid)
        numbers = os.getgrouplist(entry.pw_name, entry.pw_gid)
    except (KeyError, OSError):
        return ()
    names = []
    for number in numbers:
        try:
            names.append(grp.getgrgid(number).gr_name)
        except KeyError:
            continue
    return tuple(sorted(names))


def same_person(loaded: Loaded, actor: Actor, uid: int) -> bool:
    """Whether somebody is the author of a plan, by uid or by any of their names."""
    author = loaded.plan.author
    return uid == loaded.uid or author.uid == uid or bool(actor.names & author.names)


def may_approve(house: House, plan: Plan, approver: Actor) -> str:
    """Why somebody may not approve of a plan, by role and lists; empty where they may."""
    control = house.settings.control
    if role_of(approver, control.roles) == "viewer":
        return f"{approver.login_name} is a viewer, and viewers approve nothing"
    listed = control.approval.approvers
    if listed:
        return "" if named(approver, listed) else f"{approver.login_name} is not an approver"
    for step in plan.steps:
        pdu, view = house.pdus.get(step.pdu), house.seen(step.pdu)
        if pdu is None:
            return f"no PDU is called {step.pdu} in this configuration"
        reading = view.reading if view is not None else None
        ruling = may(approver, control.roles, pdu, reading, step.outlet, step.action)
        if not ruling.allowed:
            return ruling.reason
    return ""


def judge_anew(house: House, plan: Plan, actor: Actor) -> None:
    """See whether a plan still could be made as it is, by this person. Raises PlanTrouble.

    Rules that only concern this moment do not count, as it is not done at this moment.
    """
    terms = Terms.of(plan)
    draft = make_draft(house, wishes_of(plan), terms)
    by = _obstacles_for(house, plan, actor)
    for rule, reason in (*((o.rule, o.reason) for o in draft.obstacles), *by):
        if rule not in MOMENTARY:
            raise PlanTrouble(rule, reason)
    if draft.problem:
        raise PlanTrouble("changed", draft.problem)
    for was, now in zip(plan.steps, draft.plan.steps, strict=True):
        why = step_differs(was, now)
        if not why and now.danger and not was.danger:
            lines = [line.text for line in draft.impact.lines if line.level == "danger"]
            why = lines[0] if lines else f"{now.label} has become dangerous"
        if why:
            raise PlanTrouble("changed", f"it is not what was agreed to any more: {why}")


def must_expire_in_time(house: House, plan: Plan) -> None:
    """See that a plan gives itself no more time than policy does here. Raises PlanTrouble."""
    most = timedelta(seconds=house.settings.control.approval.expires_s)
    if plan.expires is None or plan.expires > house.clock.now() + most + SKEW:
        text = f"it says that it expires {plan.expires}, which is later than policy allows"
        raise PlanTrouble("damaged", text)


def _obstacles_for(house: House, plan: Plan, actor: Actor) -> list[tuple[str, str]]:
    """What stands against each step if this person did it."""
    if house.settings.control.approval.approvers:
        return []
    verdicts = [
        house.gate.check(s.pdu, s.outlet, s.action, s.delay_s, actor=actor, plan=plan.id)
        for s in plan.steps
    ]
    return [(one.rule, one.reason) for one in verdicts if not one.allowed]


def approver_of(
    house: House, loaded: Loaded, *, name_of: Callable[[int], str], groups_of: GroupsOf
) -> Approved | None:
    """The approval that counts by this configuration; None without one.

    Who approved is who owns the file. What their roles are is asked of the system, here and now.
    """
    for one in sorted(loaded.approvals, key=lambda one: one.approval.time):
        login = name_of(one.uid)
        person = Actor(
            user=one.approval.user, login=login, uid=one.uid, groups=groups_of(one.uid),
            behind=tuple(sorted(one.names - {login})),
        )  # fmt: skip
        if same_person(loaded, person, one.uid):
            continue
        if not may_approve(house, loaded.plan, person):
            return one
    return None
