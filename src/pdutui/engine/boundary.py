"""The one place where any error at all is caught: around background work and listeners.

Everywhere else errors have names. Here a defect in one poller, one listener or one recorder must
not take the console down with it, so it is logged, told, and the work starts again after a
pause. What is written down is type, message and the lines of code of the traceback: never the
locals, and the log's formatter blanks out every secret it was given.
"""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING, Generic, ParamSpec, TypeVar

import msgspec

if TYPE_CHECKING:
    from pdutui.domain.clock import Clock

LOG = logging.getLogger("pdutui.boundary")

RESTART_FIRST_S = 1.0
RESTART_LAST_S = 60.0
STEADY_AFTER_S = 60.0
"""Work that ran for so long before it failed starts again with the first pause."""

P = ParamSpec("P")
T = TypeVar("T")


class Contained(msgspec.Struct, Generic[T], frozen=True):
    """The result of `contain`: a value, or the error that came instead."""

    value: T | None = None
    error: Exception | None = None


def describe(error: BaseException) -> str:
    """An unexpected error in a few words for people: its type and the first line of its text."""
    lines = str(error).splitlines()
    text = lines[0].strip() if lines else ""
    return f"{type(error).__name__}: {text}" if text else type(error).__name__


def guard(what: str, call: Callable[P, object], *args: P.args, **kwargs: P.kwargs) -> bool:
    """Call something that must not hurt its caller. Returns whether it came back unharmed."""
    try:
        call(*args, **kwargs)
    except Exception as error:
        LOG.error("%s failed: %s", what, describe(error), exc_info=error)
        return False
    return True


def captured(call: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> Contained[T]:
    """Call something in a thread; an error is handed over, to be raised where it is waited for."""
    try:
        return Contained(value=call(*args, **kwargs))
    except Exception as error:  # noqa: BLE001  it is raised again on the other side
        return Contained(error=error)


async def contain(what: str, work: Awaitable[T]) -> Contained[T]:
    """Await `work`; an unexpected error is logged and handed back instead of raised.

    Cancellation passes through.
    """
    try:
        return Contained(value=await work)
    except Exception as error:
        LOG.error("%s failed: %s", what, describe(error), exc_info=error)
        return Contained(error=error)


async def supervise(
    what: str,
    work: Callable[[], Awaitable[None]],
    *,
    clock: Clock,
    on_error: Callable[[str, Exception], None],
) -> None:
    """Run `work` until it returns; start it again, after 1, 2, 4 … 60 s, whenever it fails.

    Args:
        what: what it is, for people: `poller of rack1-a`.
        work: makes the awaitable; called once per attempt.
        clock: for the pauses.
        on_error: told of every failure, with `what` and the error.
    """
    pause = RESTART_FIRST_S
    while True:
        began = clock.monotonic()
        outcome = await contain(what, work())
        if outcome.error is None:
            return
        if clock.monotonic() - began >= STEADY_AFTER_S:
            pause = RESTART_FIRST_S
        guard(what, on_error, what, outcome.error)
        await clock.sleep(pause)
        pause = min(RESTART_LAST_S, pause * 2)
