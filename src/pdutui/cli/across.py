"""Outlets of several PDUs from the command line: read all of them, then one plan for all."""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

import msgspec

from pdutui.cli.exits import BAD_NEWS, UNREACHABLE, CliError
from pdutui.cli.how import How
from pdutui.cli.plan_run import Drafting, PlanRun
from pdutui.cli.session import Session
from pdutui.cli.target import TargetOptions, resolve_targets
from pdutui.cli.text import clean
from pdutui.domain.clock import Clock
from pdutui.domain.plan import PlanWish
from pdutui.domain.reading import Reading
from pdutui.settings import PduSettings, Settings

if TYPE_CHECKING:
    from collections.abc import Mapping

Resolving = Callable[["Mapping[str, Reading | None]"], tuple[PlanWish, ...]]
"""What is wished for, once the PDUs have been read; without a reading, numbers stand for
themselves. May raise CliError."""


def pdus_named(
    names: Sequence[str], settings: Settings, target: TargetOptions | None = None
) -> tuple[PduSettings, ...]:
    """The settings of PDUs that a group, a sequence or a plan names.

    Raises CliError for a name that is neither configured nor an address.
    """
    return resolve_targets(names, settings, target or TargetOptions(), os.environ)


def session_of(
    pdus: Sequence[PduSettings], settings: Settings, *, clock: Clock, how: How
) -> Session:
    """A session for switching, or for a look only where nothing is to be recorded."""
    return Session(pdus, settings, clock=clock, audited=not how.dry_run)


class Across:
    """One plan over the PDUs of a session."""

    def __init__(self, session: Session, how: How) -> None:
        self._session = session
        self._how = how

    async def run(
        self, resolving: Resolving, drafting: Callable[[tuple[PlanWish, ...]], Drafting]
    ) -> int:
        """Read, draft, ask, carry out; returns the exit code.

        If one PDU cannot be read nothing is switched, and the attempt is on record.
        """
        readings, missing = await read_all(self._session)
        if missing and not self._how.dry_run:
            await self._audit_unreached(resolving(readings), missing)
        if missing:
            raise missing_error(missing)
        wishes = resolving(readings)
        await self._session.foresee((wish.pdu, wish.outlet, wish.action) for wish in wishes)
        run = PlanRun(self._session, self._how, drafting(wishes), heading=True)
        code = await run.run()
        return BAD_NEWS if code is None else code

    async def _audit_unreached(
        self, wishes: Sequence[PlanWish], missing: Mapping[str, CliError]
    ) -> None:
        """An attempt on a PDU that cannot be reached is an attempt too: it goes on record."""
        gate, how = self._session.gate, self._how
        for wish in wishes:
            if wish.pdu in missing:
                intent = gate.new_intent(
                    wish.pdu, wish.outlet, wish.action, self._session.actor, how.reason,
                    wish.delay_s,
                )  # fmt: skip
                intent = gate.explain(intent, how.reason, how.ticket)
                await gate.switch(intent, confirmed=False)


async def read_all(session: Session) -> tuple[dict[str, Reading | None], dict[str, CliError]]:
    """The first readings of all PDUs that are meant, and those that there is none of."""
    found = await session.readings()
    missing = {name: one for name, one in found.items() if isinstance(one, CliError)}
    there = {name: None if isinstance(one, CliError) else one for name, one in found.items()}
    return there, missing


def missing_error(missing: Mapping[str, CliError]) -> CliError:
    """All that cannot be reached, in one error; 3 where one of them is out of reach."""
    codes = {error.code for error in missing.values()}
    text = "\n".join(clean(str(error)) for error in missing.values())
    return CliError(text, UNREACHABLE if UNREACHABLE in codes else max(codes))


def only_look(how: How | None = None) -> How:
    """The way of somebody who only wants to be told."""
    plain = How(yes=False, dry_run=True, names=(), reason=None, as_json=False)
    return plain if how is None else msgspec.structs.replace(how, dry_run=True)
