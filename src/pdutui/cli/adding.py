"""Several options for a command at once, in the order in which its help lists them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

Command = TypeVar("Command", bound=Callable[..., Any])


def adding(*options: Callable[[Any], Any]) -> Callable[[Command], Command]:
    """A decorator that adds them all; the first one comes first in the help."""

    def add(command: Command) -> Command:
        decorated: Any = command
        for option in reversed(options):
            decorated = option(decorated)
        return decorated  # type: ignore[no-any-return]

    return add
