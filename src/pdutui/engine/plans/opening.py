"""The desk of an engine."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from pdutui.domain.clock import Clock
from pdutui.engine.events import EngineEvent, Severity
from pdutui.engine.plans.book import Book
from pdutui.engine.plans.desk import PlanDesk
from pdutui.engine.plans.house import House
from pdutui.engine.recorder import Recorder

if TYPE_CHECKING:
    from pdutui.engine.engine import Engine


def open_desk(
    engine: Engine,
    clock: Clock,
    recorder: Recorder,
    emit: Callable[[EngineEvent], None],
    note: Callable[[str, Severity, str], None],
) -> PlanDesk:
    """A desk over the configured directory. The gate asks it who approved what from now on."""
    house = House(
        settings_now=lambda: engine.settings, in_force_since=lambda: engine.in_force_since,
        gate=engine.gate, clock=clock, view=engine.view, preview=engine.preview,
        audit=recorder.audit, trail=engine.audit_trail, emit=emit, note=note,
    )  # fmt: skip
    settings = engine.settings
    desk = PlanDesk(house, Book(settings.control.plans_dir or settings.state_dir / "plans"))
    engine.gate.informed_by(approvals=desk)
    return desk
