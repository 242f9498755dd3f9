"""A preview that cannot stop anybody: one that fails says that it does not know."""

from __future__ import annotations

from collections.abc import Sequence

from pdutui.domain.impact import Change, Impact, ImpactLine, Preview
from pdutui.engine.boundary import guard

_NOT_WORKED_OUT = Impact(
    level="unknown",
    lines=(ImpactLine(level="unknown", text="what it does could not be worked out: see the log"),),
)


def foresee(preview: Preview, changes: Sequence[Change]) -> Impact:
    """What changes would do; `unknown`, and why in the log, where the preview fails."""
    found: list[Impact] = []
    guard("preview", lambda: found.append(preview(changes)))
    return found[0] if found else _NOT_WORKED_OUT
