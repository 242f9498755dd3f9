"""Which outlets a command line means: `engine.selector`, its errors those of the command line."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from pdutui.cli.exits import CliError
from pdutui.domain.reading import Reading
from pdutui.engine import selector as pure


@contextmanager
def said() -> Iterator[None]:
    """Inside it, what cannot be found out is a CliError."""
    try:
        yield
    except pure.SelectorError as error:
        raise CliError(str(error)) from error


def numbers_of(selector: str) -> tuple[int, ...] | None:
    """As `engine.selector.numbers_of`. Raises CliError."""
    with said():
        return pure.numbers_of(selector)


def is_all(selector: str, reading: Reading | None) -> bool:
    """As `engine.selector.is_all`. Raises CliError."""
    with said():
        return pure.is_all(selector, reading)


def select(selector: str, reading: Reading) -> tuple[int, ...]:
    """As `engine.selector.select`. Raises CliError."""
    with said():
        return pure.select(selector, reading)
