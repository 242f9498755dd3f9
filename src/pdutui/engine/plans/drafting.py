"""From wishes to a plan: every one judged by the gate, all of them previewed as one."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta

import msgspec

from pdutui.domain.commands import WHOLE_PDU, Action, Actor
from pdutui.domain.impact import Change, Impact
from pdutui.domain.naming import printable
from pdutui.domain.plan import (
    LONGEST_PAUSE_S,
    OnFailure,
    Pace,
    Plan,
    PlanDraft,
    PlanStep,
    PlanWish,
    StepObstacle,
)
from pdutui.engine.plans.again import Spot, cannot_follow, left_by
from pdutui.engine.plans.danger import outlook
from pdutui.engine.plans.house import House
from pdutui.engine.plans.ids import new_id
from pdutui.engine.plans.record import MOST_STEPS, is_pause
from pdutui.engine.plans.subjects import Seen, seen_of, step_differs
from pdutui.engine.plans.wording import sentence_of, title_of, words_of
from pdutui.engine.policy import Rule, Ruling
from pdutui.engine.policy_reason import HARMLESS, explained
from pdutui.engine.subject import is_pdu_action
from pdutui.engine.verdict import Verdict

MOMENTARY: frozenset[Rule] = frozenset({"rate_limit", "in_flight", "settling"})
"""Rules that speak against this moment only. They are no obstacle for a plan of several steps: the
one that runs it waits for them."""
LONGEST_TITLE = 80


class Terms(msgspec.Struct, frozen=True, kw_only=True):
    """What a plan has beside its steps."""

    actor: Actor
    title: str = ""
    source: str = "console"
    pace: Pace = "delay"
    pause_s: float = 1.0
    on_failure: OnFailure = "stop"
    reason: str | None = None
    ticket: str | None = None
    put_back_of: str | None = None

    @classmethod
    def of(cls, plan: Plan) -> Terms:
        """Those of a plan."""
        return cls(
            actor=plan.author, title=plan.title, source=plan.source, pace=plan.pace,
            pause_s=plan.pause_s, on_failure=plan.on_failure, reason=plan.reason,
            ticket=plan.ticket, put_back_of=plan.put_back_of,
        )  # fmt: skip


class _Judged(msgspec.Struct, frozen=True, kw_only=True):
    """One wish, and what is known of it."""

    wish: PlanWish
    verdict: Verdict
    asked: Seen
    protected: bool
    """Its own name has to be typed, whatever else has."""
    after: Action | None = None
    """What an earlier step does to the same outlet."""


def wishes_of(plan: Plan) -> tuple[PlanWish, ...]:
    """The wishes that a plan came from."""
    return tuple(
        PlanWish(
            pdu=step.pdu, outlet=step.outlet, action=step.action, delay_s=step.delay_s,
            pause_s=step.pause_s, pace=step.pace,
        )
        for step in plan.steps
    )  # fmt: skip


def make_draft(house: House, wishes: Sequence[PlanWish], terms: Terms) -> PlanDraft:
    """A plan as it would be now. Changes nothing."""
    judged = _judge_all(house, wishes[: MOST_STEPS + 1], terms.actor)
    changes = [Change(pdu=w.pdu, outlet=w.outlet, action=w.action) for w in wishes[:MOST_STEPS]]
    look = outlook(changes, house.foresee)
    names = [one.verdict.outlet_name for one in judged]
    guarded = [one.protected for one in judged]
    spots = look.dangerous
    own = bool(spots) or any(_otherwise(one) for one in judged)
    steps = tuple(_step(one, (one.wish.pdu, one.wish.outlet) in spots, own) for one in judged)
    approval = _approval(house, judged, dangerous=look.impact.danger)
    now, settings = house.clock.now(), house.settings.control.approval
    plan = Plan(
        id=new_id(),
        title=printable(terms.title.strip())[:LONGEST_TITLE] or _title(steps),
        source=printable(terms.source),
        author=terms.actor,
        created=now,
        steps=steps,
        pace=terms.pace,
        pause_s=terms.pause_s,
        on_failure=terms.on_failure,
        reason=(terms.reason or "").strip() or None,
        ticket=(terms.ticket or "").strip() or None,
        needs_approval=approval,
        expires=now + timedelta(seconds=settings.expires_s) if approval else None,
        put_back_of=terms.put_back_of,
    )
    return PlanDraft(
        plan=plan,
        sentence=_sentence(judged, steps, look.impact, terms),
        impact=look.impact,
        obstacles=_obstacles(judged),
        words=words_of(steps, names, guarded, own=own) if steps else (),
        problem=problem_of(house, plan).reason,
    )


def problem_of(house: House, plan: Plan) -> Ruling:
    """Why a plan cannot be though no single outlet is in the way."""
    if not plan.steps:
        return Ruling(rule="unknown_outlet", reason="no outlet is in it")
    since = house.in_force_since()
    if since is not None and plan.created < since:
        text = "the configuration was read again while it was asked: ask again"
        return Ruling(rule="changed", reason=text)
    if len(plan.steps) > MOST_STEPS:
        text = f"it has more than {MOST_STEPS} steps: make several plans of it"
        return Ruling(rule="rate_limit", reason=text)
    pauses = [plan.pause_s, *(step.pause_s for step in plan.steps if step.pause_s is not None)]
    if not all(is_pause(pause) for pause in pauses):
        text = f"a pause is 0 to {LONGEST_PAUSE_S:.0f} seconds"
        return Ruling(rule="needs_delay", reason=text)
    for action in dict.fromkeys(step.action for step in plan.steps):
        ruling = explained(house.settings.control, action, plan.reason, plan.ticket)
        if not ruling.allowed:
            return ruling
    return Ruling()


def _judge_all(house: House, wishes: Sequence[PlanWish], actor: Actor) -> list[_Judged]:
    last: dict[Spot, Action] = {}
    judged = []
    for wish in wishes:
        spot = wish.pdu, wish.outlet
        judged.append(_judge(house, wish, actor, last.get(spot)))
        last[spot] = wish.action
    return judged


def _judge(house: House, wish: PlanWish, actor: Actor, after: Action | None) -> _Judged:
    # As a step of a plan: that may itself be what needs approval.
    verdict = house.gate.check(
        wish.pdu, wish.outlet, wish.action, wish.delay_s, actor=actor, plan="draft"
    )
    view, settings = house.seen(wish.pdu), house.pdus.get(wish.pdu)
    shielded = settings is not None and wish.outlet in settings.protected
    asked = seen_of(view, wish.outlet, wish.action)
    if after is not None:
        asked = msgspec.structs.replace(asked, state=left_by(after))
    return _Judged(
        wish=wish,
        verdict=verdict,
        asked=asked,
        protected=shielded and wish.action != "identify",
        after=after,
    )


def _otherwise(one: _Judged) -> bool:
    """Whether a name has to be typed for another reason than that it is protected or dangerous."""
    dangerous = one.verdict.impact is not None and one.verdict.impact.danger
    return one.verdict.needs_name and not one.protected and not dangerous


def _approval(house: House, judged: Sequence[_Judged], *, dangerous: bool) -> bool:
    if any(one.verdict.needs_approval for one in judged):
        return True
    switching = any(one.wish.action not in HARMLESS for one in judged)
    return switching and dangerous and "danger" in house.settings.control.approval.needed


def _step(one: _Judged, danger: bool, own: bool) -> PlanStep:
    wish, asked = one.wish, one.asked
    return PlanStep(
        pdu=wish.pdu,
        outlet=wish.outlet,
        action=wish.action,
        name=asked.name,
        label=asked.label or one.verdict.outlet_name,
        before=asked.state,
        device=asked.device,
        address=asked.address,
        delay_s=wish.delay_s,
        pause_s=wish.pause_s,
        pace=wish.pace,
        typed=one.protected or danger or (own and one.verdict.needs_name),
        danger=danger,
    )


def _title(steps: Sequence[PlanStep]) -> str:
    return title_of(steps)[:LONGEST_TITLE] if steps else "Nothing"


def _sentence(
    judged: Sequence[_Judged], steps: Sequence[PlanStep], impact: Impact, terms: Terms
) -> str:
    if not steps:
        return "Nothing"
    if len(steps) == 1:
        return judged[0].verdict.sentence
    loads = [one.verdict.load_w for one in judged]
    return sentence_of(steps, impact, pace=terms.pace, pause_s=terms.pause_s, loads=loads)


def _obstacles(judged: Sequence[_Judged]) -> tuple[StepObstacle, ...]:
    found: list[StepObstacle] = []
    several = len(judged) > 1
    for one in judged:
        ruling = _obstacle(one, several=several)
        if ruling is not None:
            found.append(
                StepObstacle(
                    pdu=one.wish.pdu,
                    outlet=one.wish.outlet,
                    label=one.asked.label or one.verdict.outlet_name,
                    rule=ruling[0],
                    reason=ruling[1],
                )
            )
    return tuple(found)


def _obstacle(one: _Judged, *, several: bool) -> tuple[str, str] | None:
    wish, label = one.wish, one.asked.label or one.verdict.outlet_name
    if is_pdu_action(wish.action) != (wish.outlet == WHOLE_PDU):
        return "no_such_action", f"{wish.action.replace('_', ' ')} is not for {label}"
    if several and wish.outlet == WHOLE_PDU:
        return "not_a_plan", f"{label} of {wish.pdu}: a command on all of a PDU goes by itself"
    if one.after is not None and (why := cannot_follow(one.after, wish.action)):
        return "duplicate", f"{label} on {wish.pdu} is in it twice: {why}"
    verdict = one.verdict
    if verdict.allowed or (several and verdict.rule in MOMENTARY):
        return None
    return verdict.rule, verdict.reason


def differs(agreed: PlanDraft, fresh: PlanDraft) -> str:
    """What has changed since somebody agreed; empty for nothing that counts."""
    for was, now in zip(agreed.plan.steps, fresh.plan.steps, strict=True):
        why = step_differs(was, now)
        if why:
            return why
    new = [word for word in fresh.words if word not in agreed.words]
    if new or (fresh.impact.danger and not agreed.impact.danger):
        lines = [line.text for line in fresh.impact.lines if line.level == "danger"]
        return lines[0] if lines else f"{new[0]!r} has to be typed now"
    dangerous = [now for was, now in zip(agreed.plan.steps, fresh.plan.steps, strict=True)
                 if now.danger and not was.danger]  # fmt: skip
    if dangerous:
        return f"{dangerous[0].label} has become dangerous"
    if fresh.plan.needs_approval and not agreed.plan.needs_approval:
        return "it needs the approval of a second person now"
    return ""
