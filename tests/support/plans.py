"""Plans made by hand, in all their states, on the demo's stand-in engine."""

from __future__ import annotations

from datetime import timedelta

from msgspec.structs import replace

from pdutui.domain.commands import Action, Actor
from pdutui.domain.impact import Impact, ImpactLine
from pdutui.domain.plan import Plan, PlanState, PlanView, PlanWish, StepProgress
from tests.support.fake_engine import FakeEngine

ADA = Actor(user="ada", origin="console")
BOB = Actor(user="bob", uid=1001, ssh_origin="10.1.2.3")
LINES = (
    ImpactLine(level="danger", text="db01 loses its last feed: its cord B (rack1-b outlet 3) "
                                    "draws 0 W"),
    ImpactLine(level="caution", text="Bank 2 of rack1-b: 9.1 A to 13.2 A of 16 A (83 %, over the "
                                     "80 % limit)"),
    ImpactLine(level="unknown", text="what is plugged into outlet 4 db02 of ats-1 is not mapped"),
)  # fmt: skip
DANGER = Impact(level="danger", lines=LINES)
CAUTION = Impact(level="caution", lines=LINES[1:])


def plan_of(
    engine: FakeEngine,
    where: dict[str, range],
    action: Action = "off",
    actor: Actor = ADA,
    **fields: object,
) -> Plan:
    """A plan of one action on some outlets; `fields` are those of the plan."""
    wishes = [
        PlanWish(pdu=pdu, outlet=n, action=action)
        for pdu, numbers in where.items()
        for n in numbers
    ]
    return replace(engine.plans.draft(wishes, actor).plan, **fields)


def step(engine: FakeEngine, status: str, detail: str = "", ago_s: float = 60.0) -> StepProgress:
    """A step that began some seconds ago and took 1.2 of them."""
    began = engine.clock.now() - timedelta(seconds=ago_s)
    after = "off" if status == "observed" else "on"
    return StepProgress(
        status=status,  # type: ignore[arg-type]
        detail=detail,
        before="on",
        after=after,
        began=began,
        ended=None if status in ("running", "unknown") else began + timedelta(seconds=1.2),
    )


def put(
    engine: FakeEngine, plan: Plan, state: PlanState, *steps: StepProgress, **fields: object
) -> PlanView:
    """Keep it as it stands; steps that are not given wait."""
    left = [StepProgress() for _ in plan.steps[len(steps) :]]
    view = PlanView(plan=plan, state=state, steps=(*steps, *left), **fields)  # type: ignore[arg-type]
    return engine.plans.put(view)


def all_kinds(engine: FakeEngine) -> None:
    """One that runs, one to approve, one that stopped, one that stands, one that is done."""
    now = engine.clock.now()

    def ago(minutes: float) -> object:
        return now - timedelta(minutes=minutes)

    put(
        engine,
        plan_of(engine, {"rack1-a": range(1, 8), "rack1-b": range(1, 6)}, pause_s=5.0,
                title="Turn off 12 outlets", created=ago(2), reason="move of rack 1",
                ticket="CHG0012345"),
        "running",
        *(step(engine, "observed", "off after 1.2 s", 60 - 8 * n) for n in range(3)),
        step(engine, "skipped", "was off already; nothing was sent", 36),
        step(engine, "running", "sent", 1),
        next_in_s=4.2, mine=True,
    )  # fmt: skip
    put(
        engine,
        plan_of(engine, {"ats-1": range(1, 2)}, "reboot", BOB, title="Reboot core-sw-1",
                created=ago(1), needs_approval=True, expires=now + timedelta(minutes=13),
                reason="it hangs", ticket="INC-77"),
        "needs_approval",
    )  # fmt: skip
    put(
        engine,
        plan_of(engine, {"ats-1": range(3, 6)}, title="storage-down", created=ago(61),
                source="sequence storage-down"),
        "stopped",
        step(engine, "unconfirmed", "accepted, but outlet 3 db01 was not seen off within 10 s"),
        detail="step 1 ended unconfirmed", mine=True,
    )  # fmt: skip
    put(
        engine,
        plan_of(engine, {"ats-1": range(1, 5)}, title="Turn off 4 outlets", created=ago(90)),
        "paused",
        step(engine, "observed", "off after 0.9 s"),
        step(engine, "unknown", "the program ended while it ran"),
        detail="the program ended while it ran", mine=True,
    )  # fmt: skip
    done = plan_of(engine, {"ats-1": range(1, 4)}, title="Turn off 3 outlets", created=ago(1500))
    put(engine, done, "done", *(step(engine, "observed", "off after 1 s", 90000) for _ in range(3)))
    engine.plans.impact = CAUTION
