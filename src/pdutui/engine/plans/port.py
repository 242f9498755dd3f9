"""What screens and commands need of the plans; `PlanDesk` is the one that is."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from pdutui.domain.commands import Actor
    from pdutui.domain.plan import OnFailure, Pace, PlanDraft, PlanView, PlanWish


class PlanTrouble(Exception):
    """A plan cannot be read, kept, approved or started. The text is for people.

    `rule` is a stable word: `unknown_plan`, `expired`, `own_plan`, `not_author`, `not_approver`,
    `changed`, `running_elsewhere`, `over`, `state_dir`, `damaged`, `not_a_plan`, `nothing_to_do`,
    `duplicate`, or a rule of the gate's.
    """

    def __init__(self, rule: str, message: str) -> None:
        super().__init__(message)
        self.rule = rule


class PlansPort(Protocol):
    """Makes, keeps and runs plans. All of it in the event loop; files are written in threads."""

    def draft(
        self,
        wishes: Sequence[PlanWish],
        actor: Actor,
        *,
        title: str = "",
        source: str = "console",
        pace: Pace = "delay",
        pause_s: float = 1.0,
        on_failure: OnFailure = "stop",
        reason: str | None = None,
        ticket: str | None = None,
        put_back_of: str | None = None,
    ) -> PlanDraft:
        """A plan as it would be, with its impact as a whole. Changes nothing, asks nobody.

        It gets a new id with every call. Outlets may be on any PDUs that are configured.
        """
        ...

    async def keep(
        self, draft: PlanDraft, *, confirmed: bool, typed: Sequence[str] = ()
    ) -> PlanView:
        """Freeze a plan that somebody agreed to, on the disk. It is drafted and judged anew first.

        Args:
            draft: what was agreed to.
            confirmed: whether a person, or `--yes`, agreed.
            typed: what was typed; must hold all of the draft's `words`.

        Returns:
            It, `ready` or `needs_approval`; nothing runs yet.

        Raises:
            PlanTrouble: it may not be made, was not agreed to, changed meanwhile, or cannot be
                written. But for the last, every one of its commands is on record as refused then;
                `refuse` need not be called, and does nothing more if it is.
        """
        ...

    async def refuse(self, draft: PlanDraft, reason: str) -> None:
        """Nobody agreed: every one of its commands goes on record as refused."""
        ...

    async def start(self, plan: str, actor: Actor) -> PlanView:
        """Run it, or go on with it, in a task of its own.

        Raises PlanTrouble where it may not be: not approved, expired, over, run by another program.
        """
        ...

    async def pause(self, plan: str, actor: Actor) -> PlanView:
        """Stop before the next step; the one under way is followed to its end."""
        ...

    async def abort(self, plan: str, actor: Actor) -> PlanView:
        """End it; the step under way is followed to its end, what is left is never done."""
        ...

    def put_back(self, plan: str, actor: Actor) -> PlanDraft:
        """A plan that returns what this one changed to what it was, last change first.

        Only steps that were observed to change something count; reboots cannot be put back.
        Raises PlanTrouble where there is nothing to put back.
        """
        ...

    async def approve(self, plan: str, actor: Actor) -> PlanView:
        """Agree to somebody else's plan, which is judged anew against fresh state first.

        Raises PlanTrouble: own plan, not an approver, expired, an obstacle by now.
        """
        ...

    async def wait(self, plan: str) -> PlanView:
        """Until it is over or stands still."""
        ...

    def plans(self) -> tuple[PlanView, ...]:
        """All that are kept: those that run or wait first, then the newest.

        Other people's too, where they can be read.
        """
        ...

    def get(self, plan: str) -> PlanView:
        """One of them, by id, capitals or not, `0` for `O`. Raises PlanTrouble."""
        ...

    @property
    def troubles(self) -> tuple[str, ...]:
        """What is wrong with the directory and with files in it, for people: damaged plans."""
        ...

    async def look(self) -> None:
        """See what other programs and people have written to the directory since."""
        ...
