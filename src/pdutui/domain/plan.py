"""Many outlets, one plan: what is to be done in which order, and how far it has come.

A `Plan` is frozen when it is made and never changes after that: its digest is what a second person
approves. How far it has come is in a `PlanView`, made anew each time.
"""

from __future__ import annotations

from datetime import datetime
from typing import Literal

import msgspec

from pdutui.domain.commands import Action, Actor
from pdutui.domain.impact import Impact

Pace = Literal["delay", "settle"]
"""What comes between two steps: a pause; or waiting until the load of the PDU has settled, and that
pause at the most."""
OnFailure = Literal["stop", "continue"]
StepStatus = Literal[
    "waiting", "running", "observed", "accepted", "skipped", "refused", "failed", "unconfirmed",
    "contradicted", "unknown",
]  # fmt: skip
"""`skipped`: it was in the wanted state already, nothing was sent. `unknown`: the program ended
while it was running; whether it was sent is in the audit."""
PlanState = Literal[
    "needs_approval", "ready", "running", "pausing", "paused", "done", "stopped", "aborted",
    "expired",
]  # fmt: skip
"""`needs_approval`: frozen, waiting for a second person. `ready`: may be started. `pausing`: the
step under way is followed to its end first. `stopped`: a step ended badly; may be resumed."""
OVER: frozenset[PlanState] = frozenset({"done", "aborted", "expired"})
LONGEST_PAUSE_S = 86_400
"""Between two steps: a plan that takes a day for one is none."""
GOOD_STEPS: frozenset[StepStatus] = frozenset({"observed", "accepted", "skipped"})


class PlanStep(msgspec.Struct, frozen=True, kw_only=True):
    """One command of a plan, as it was frozen."""

    pdu: str
    outlet: int
    """`WHOLE_PDU` for a `PduAction`; such a step is alone in its plan."""
    action: Action
    name: str = ""
    """The outlet's name as shown when the plan was made; another one later stops the step."""
    label: str = ""
    """`outlet 3 db01`."""
    before: str = "unknown"
    """Its state then."""
    device: tuple[str | None, ...] = ()
    """Profile, model and serial number of the PDU then."""
    address: str = ""
    """Where that was. Not every device says its serial number."""
    delay_s: int | None = None
    """For a delayed action, where the device takes a number of seconds."""
    pause_s: float | None = None
    """What comes after this step instead of the plan's own pause."""
    pace: Pace | None = None
    typed: bool = False
    """Its name was typed, or the plan's words were: it is protected, or dangerous."""
    danger: bool = False
    """It was dangerous by the preview that was agreed to. What has become so since is refused."""


class Plan(msgspec.Struct, frozen=True, kw_only=True):
    """What was agreed to."""

    id: str
    """Six characters that can be read out on the telephone (Crockford's base 32, capitals)."""
    title: str
    """`Turn off 4 outlets`, `storage-up`."""
    source: str
    """`console`, `outlet`, `group storage`, `sequence storage-up`, `put back K7Q2MX`."""
    author: Actor
    created: datetime
    steps: tuple[PlanStep, ...]
    pace: Pace = "delay"
    pause_s: float = 1.0
    on_failure: OnFailure = "stop"
    reason: str | None = None
    ticket: str | None = None
    needs_approval: bool = False
    expires: datetime | None = None
    """Where it needs approval: not to be approved or started after that."""
    put_back_of: str | None = None


class StepProgress(msgspec.Struct, frozen=True, kw_only=True):
    """How one step stands."""

    status: StepStatus = "waiting"
    detail: str = ""
    before: str = "unknown"
    """The outlet's state when the command was requested."""
    after: str = "unknown"
    intent_id: str | None = None
    began: datetime | None = None
    ended: datetime | None = None


class PlanApproval(msgspec.Struct, frozen=True, kw_only=True):
    """Somebody else's yes."""

    plan: str
    user: str
    time: datetime
    ssh_origin: str | None = None


class PlanView(msgspec.Struct, frozen=True, kw_only=True):
    """A plan and how it stands, at one moment."""

    plan: Plan
    state: PlanState
    steps: tuple[StepProgress, ...]
    detail: str = ""
    """Why it stands: `paused by alice`, `the program ended while it ran`, `step 3 failed`."""
    approval: PlanApproval | None = None
    next_in_s: float | None = None
    """Seconds to the next step, while it runs."""
    mine: bool = False
    """This program runs it, or may: another one has it otherwise."""

    @property
    def done(self) -> int:
        """Steps that have ended, well or not."""
        return sum(step.status not in ("waiting", "running") for step in self.steps)

    @property
    def bad(self) -> int:
        """Steps that have ended, and not well."""
        over = [step for step in self.steps if step.status not in ("waiting", "running")]
        return sum(step.status not in GOOD_STEPS for step in over)


class PlanWish(msgspec.Struct, frozen=True, kw_only=True):
    """One outlet that is to go into a plan."""

    pdu: str
    outlet: int
    """`WHOLE_PDU` for a `PduAction`, which a second person may have to agree to as well."""
    action: Action
    delay_s: int | None = None
    pause_s: float | None = None
    pace: Pace | None = None


class StepObstacle(msgspec.Struct, frozen=True, kw_only=True):
    """Why one wish cannot be part of a plan now."""

    pdu: str
    outlet: int
    label: str
    rule: str
    reason: str


class PlanDraft(msgspec.Struct, frozen=True, kw_only=True):
    """A plan that nobody has agreed to yet: what it would do, and what has to be typed for it.

    It is made anew from the wishes whenever something changes while the question stands.
    """

    plan: Plan
    sentence: str
    """`Turn OFF 4 outlets on 2 PDUs, one every 5 s: drops 812 W`."""
    impact: Impact
    obstacles: tuple[StepObstacle, ...] = ()
    """With any, it cannot be made."""
    words: tuple[str, ...] = ()
    """What has to be typed, every one of them: names of protected outlets, and for danger the
    plan's own words: its one outlet's name, or `4 outlets`."""
    problem: str = ""
    """Why it cannot be made though no single outlet is in the way: a reason is required."""
