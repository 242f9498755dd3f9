"""How far a plan has come, as lines of a file: one is added for everything that happens to it.

A line is on the disk before what it announces is done: a step of which no line says that it begins
has sent nothing. Lines are numbered, so that one that is lost in the middle is found out; the last
may be torn by a crash or a full disk, and is then as if it had never been written.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Literal

import msgspec

from pdutui.domain.plan import Plan, StepProgress, StepStatus

What = Literal[
    "made", "started", "begins", "ends", "again", "paused", "stopped", "aborted", "done"
]  # fmt: skip
"""`again`: a step that ended without anything being sent is to be done after all."""
Standing = Literal["fresh", "running", "paused", "stopped", "aborted", "done"]


class Line(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One thing that happened."""

    n: int
    """From 1, without a gap."""
    plan: str
    time: datetime
    what: What
    by: str = ""
    """Who did it; empty for the program."""
    detail: str = ""
    digest: str = ""
    """With `made`: of the plan's file."""
    step: int | None = None
    """With `begins`, `ends` and `again`: which, from 0."""
    status: StepStatus | None = None
    before: str = "unknown"
    after: str = "unknown"
    intent: str | None = None


class ProgressDamaged(Exception):
    """The lines do not fit together, or not to the plan; the text says how."""


class Progress(msgspec.Struct, frozen=True, kw_only=True):
    """What the lines amount to."""

    standing: Standing
    """`running` says that it was started and no line says that it stands."""
    steps: tuple[StepProgress, ...]
    detail: str = ""
    since: datetime
    """When the last line was written."""
    started: datetime | None = None
    """When it was started for the first time."""
    worked: datetime | None = None
    """When a step began or ended last, or it was started for the first time."""
    current: int | None = None
    """The step that has begun and not ended."""
    stopped_at: int | None = None
    """The step at which it stopped, while it is stopped."""


def parse(data: bytes) -> tuple[Line, ...]:
    """The lines of a file; what was torn is left out, as it was written again or was the last.

    A line that could not be put on the disk for certain is written again under its number: the
    later one counts. Raises ProgressDamaged where one is missing.
    """
    lines: list[Line] = []
    for raw in data.split(b"\n"):
        if not raw.strip():
            continue
        try:
            line = msgspec.json.decode(raw, type=Line)
        except (msgspec.DecodeError, UnicodeDecodeError):
            continue
        if lines and line.n == len(lines):
            lines[-1] = line
            continue
        if line.n != len(lines) + 1:
            raise ProgressDamaged(f"line {len(lines) + 1} of it is missing")
        lines.append(line)
    return tuple(lines)


def fold(plan: Plan, digest: str, lines: Iterable[Line]) -> Progress:
    """How the plan stands by its lines. Raises ProgressDamaged."""
    steps = [StepProgress() for _ in plan.steps]
    standing: Standing = "fresh"
    detail, since = "", plan.created
    started: datetime | None = None
    worked: datetime | None = None
    current: int | None = None
    stopped_at: int | None = None
    first = True
    for line in lines:
        if line.plan != plan.id:
            raise ProgressDamaged(f"line {line.n} is of plan {line.plan}")
        if first and (line.what != "made" or line.digest != digest):
            raise ProgressDamaged("it does not belong to this plan: the plan was changed")
        first, since = False, line.time
        if line.what == "begins" or line.what == "ends" or line.what == "again":
            at = line.step
            if at is None or not 0 <= at < len(steps):
                raise ProgressDamaged(f"line {line.n} is of step {at}, which it has not got")
            steps[at] = _step(steps[at], line)
            worked = line.time
            if line.what == "begins":
                current = at
            elif current == at:
                current = None
            continue
        if line.what == "started":
            started = started or line.time
            worked = worked or line.time
            standing, detail, stopped_at = "running", "", None
        elif line.what != "made":
            standing, detail = line.what, line.detail
            stopped_at = line.step if line.what == "stopped" else None
    if first:
        raise ProgressDamaged("its first line is missing")
    return Progress(
        standing=standing, steps=tuple(steps), detail=detail, since=since, started=started,
        worked=worked, current=current, stopped_at=stopped_at,
    )  # fmt: skip


def _step(step: StepProgress, line: Line) -> StepProgress:
    if line.what == "begins":
        return StepProgress(status="running", before=line.before, began=line.time)
    if line.what == "again" or line.status in (None, "waiting"):
        return StepProgress(detail=line.detail)
    assert line.status is not None
    return StepProgress(
        status=line.status, detail=line.detail, before=line.before, after=line.after,
        intent_id=line.intent, began=step.began, ended=line.time,
    )  # fmt: skip
