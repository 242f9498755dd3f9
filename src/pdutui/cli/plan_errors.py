"""Trouble with plans as what a command ends with."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from pdutui.cli.exits import BAD_NEWS, REFUSED, USAGE, CliError
from pdutui.cli.text import clean
from pdutui.engine.plans.port import PlanTrouble

NOT_KEPT = "state_dir"
"""The rule that speaks where a plan cannot be written down."""
_CODES = {"unknown_plan": USAGE, NOT_KEPT: BAD_NEWS, "damaged": BAD_NEWS}


def as_error(trouble: PlanTrouble) -> CliError:
    """The same as a CliError; what policy says no to ends with 4."""
    text = clean(str(trouble))
    if trouble.rule == "unknown_plan":
        text += ": 'pdutui plan list --all' says which there are"
    return CliError(text, _CODES.get(trouble.rule, REFUSED))


@contextmanager
def told() -> Iterator[None]:
    """Make CliErrors of PlanTrouble."""
    try:
        yield
    except PlanTrouble as trouble:
        raise as_error(trouble) from trouble
