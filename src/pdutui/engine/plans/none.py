"""A desk that keeps no plans: of a replay, in which nothing is switched."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NoReturn

from pdutui.domain.commands import Actor
from pdutui.domain.plan import OnFailure, Pace, PlanDraft, PlanView, PlanWish
from pdutui.engine.plans.port import PlanTrouble


class NoPlans:
    """Holds nothing and refuses everything.

    Args:
        reason: why, for people.
        rule: the same as a stable word.
    """

    def __init__(self, reason: str, rule: str = "read_only") -> None:
        self._reason = reason
        self._rule = rule

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
        """Raises PlanTrouble, as every question here that is not what there is."""
        self._refuse()

    async def keep(
        self, draft: PlanDraft, *, confirmed: bool, typed: Sequence[str] = ()
    ) -> PlanView:
        """Raises PlanTrouble."""
        self._refuse()

    async def refuse(self, draft: PlanDraft, reason: str) -> None:
        """Raises PlanTrouble: there is no draft of its making."""
        self._refuse()

    async def start(self, plan: str, actor: Actor) -> PlanView:
        """Raises PlanTrouble."""
        self._refuse()

    async def pause(self, plan: str, actor: Actor) -> PlanView:
        """Raises PlanTrouble."""
        self._refuse()

    async def abort(self, plan: str, actor: Actor) -> PlanView:
        """Raises PlanTrouble."""
        self._refuse()

    def put_back(self, plan: str, actor: Actor) -> PlanDraft:
        """Raises PlanTrouble."""
        self._refuse()

    async def approve(self, plan: str, actor: Actor) -> PlanView:
        """Raises PlanTrouble."""
        self._refuse()

    async def wait(self, plan: str) -> PlanView:
        """Raises PlanTrouble."""
        self._refuse()

    def plans(self) -> tuple[PlanView, ...]:
        """None."""
        return ()

    def get(self, plan: str) -> PlanView:
        """Raises PlanTrouble: there is none of any id."""
        self._refuse()

    @property
    def troubles(self) -> tuple[str, ...]:
        """None."""
        return ()

    async def look(self) -> None:
        """There is nothing to see."""

    def _refuse(self) -> NoReturn:
        raise PlanTrouble(self._rule, self._reason)
