"""The run of `outlet` and `source`, from the command line to the exit code."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from pdutui.cli.ending import run_to_the_end
from pdutui.cli.how import Pacing
from pdutui.cli.quiet import quiet_logging
from pdutui.cli.target import TargetOptions, resolve_targets
from pdutui.domain.clock import SystemClock
from pdutui.domain.commands import WHOLE_PDU, Action, PduAction
from pdutui.domain.plan import PlanWish

if TYPE_CHECKING:
    from pdutui.cli.session import Session
    from pdutui.cli.switching import Request
    from pdutui.domain.reading import Reading
    from pdutui.settings import Settings


def load_and_warn(config_file: Path | None) -> Settings:
    """The settings; what is odd about them is said on standard error."""
    from pdutui.config import load_settings

    quiet_logging()
    settings = load_settings(config=config_file, env=os.environ)
    for warning in settings.warnings:
        click.echo(f"pdutui: warning: {warning}", err=True)
    return settings


def carry_out(
    target_text: str,
    action: Action,
    *,
    selector: str,
    delay_s: int | None,
    config_file: Path | None,
    target: TargetOptions,
    how: dict[str, Any],
    pacing: Pacing | None = None,
) -> int:
    """Find the PDU, ask, switch, say how it ended; returns the exit code.

    Args:
        target_text: a configured name, or an address.
        action: what to do.
        selector: which outlets; empty for the transfer switch.
        delay_s: of a delayed action, where the device takes one.
        config_file: the configuration named on the command line.
        target: the target options.
        how: what the options of `how_options` said.
        pacing: what those of `pacing_options` said.
    """
    from pdutui.cli.session import Session
    from pdutui.cli.switching import Request, Switching

    settings = load_and_warn(config_file)
    (pdu,) = resolve_targets((target_text,), settings, target, os.environ)
    request = Request(selector=selector, action=action, delay_s=delay_s, **how)
    partners = selector != ""

    async def work() -> int:
        audited = not request.dry_run
        async with Session(
            (pdu,), settings, clock=SystemClock(), audited=audited, partners=partners
        ) as session:
            beyond = _Beyond(session, request, pacing or Pacing())
            return await Switching(session, request, beyond).run()

    return run_to_the_end(work())


class _Beyond:
    """Groups, other cords and plans for one `pdutui outlet`."""

    def __init__(self, session: Session, request: Request, pacing: Pacing) -> None:
        self._session = session
        self._request = request
        self._pacing = pacing

    async def numbers(self, selector: str, reading: Reading) -> tuple[int, ...]:
        """The outlets that are meant, once what a preview needs has been read."""
        from pdutui.cli.which import outlets_meant

        session = self._session
        numbers = outlets_meant(selector, reading, session.settings)
        await session.foresee((session.pdu, n, self._request.action) for n in numbers)
        return numbers

    async def whole(self, action: PduAction) -> None:
        """Have read what a preview of a command on all outlets needs."""
        await self._session.foresee([(self._session.pdu, WHOLE_PDU, action)])

    async def plan(self, numbers: tuple[int, ...], action: Action) -> int | None:
        """Carry it out as a plan; None where that cannot be kept."""
        from pdutui.cli.plan_run import PlanRun, drafting

        session, request = self._session, self._request
        wishes = tuple(
            PlanWish(pdu=session.pdu, outlet=number, action=action, delay_s=request.delay_s)
            for number in numbers
        )
        drafts = drafting(session, wishes, source="outlet", pacing=self._pacing)
        return await PlanRun(session, request, drafts, heading=self._pacing.said).run()
