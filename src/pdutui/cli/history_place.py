"""Which database a `pdutui history` command is about, and which PDU in it."""

from __future__ import annotations

import functools
import os
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any, TypeVar

import click
import msgspec

from pdutui.cli.exits import USAGE, CliError
from pdutui.cli.target import config_option
from pdutui.cli.text import clean
from pdutui.config_env import expanded
from pdutui.config_errors import suggestion
from pdutui.settings import Settings

_Command = TypeVar("_Command", bound=Callable[..., Any])


class Place(msgspec.Struct, frozen=True, kw_only=True):
    """A database file, and the settings that go with it."""

    path: Path
    settings: Settings
    option: str
    """`--db FILE`, `--demo` or empty: what to put into a command line to mean this file again."""


def place_options(command: _Command) -> _Command:
    """Add `--db`, `--demo`, `--config`; the command gets one `Place`, keyword `place`."""

    @functools.wraps(command)
    def with_place(
        *args: Any, db: Path | None, demo: bool, config_file: Path | None, **rest: Any
    ) -> Any:
        return command(*args, place=_place(db, demo, config_file), **rest)

    decorated: Any = config_option(with_place)
    decorated = click.option("--demo", is_flag=True, help="The history of 'pdutui --demo'.")(
        decorated
    )
    decorated = click.option(
        "--db",
        metavar="FILE",
        type=click.Path(path_type=Path, readable=False),
        help="Another database, such as a backup (default: that of the configuration).",
    )(decorated)
    return decorated  # type: ignore[no-any-return]


def _place(db: Path | None, demo: bool, config_file: Path | None) -> Place:
    from pdutui.cli.build import demo_settings, history_path
    from pdutui.config import load_settings

    if db is not None and demo:
        raise click.UsageError("--db and --demo exclude each other.")
    settings = load_settings(config=config_file, env=os.environ)
    if db is not None:
        path = Path(os.path.abspath(expanded(db, "--db")))
        return Place(path=path, settings=settings, option=f"--db {db}")
    if demo:
        return Place(path=history_path(demo_settings(settings)), settings=settings, option="--demo")
    return Place(path=history_path(settings), settings=settings, option="")


def is_there(place: Place) -> bool:
    """Whether the file is there and may be looked into.

    Raises CliError if it is there but is no file, is empty, cannot be read, or is a newer
    pdutui's; also if it was named and is not there.
    """
    from pdutui.store.peek import refuse_future

    path = place.path
    try:
        if path.exists() and not (path.is_file() or path.is_dir()):
            raise CliError(f"{path} is no file")
        with path.open("rb") as file:
            if not file.read(1):
                raise CliError(f"{path} is empty: no pdutui has written to it")
    except FileNotFoundError:
        if place.option.startswith("--db"):
            raise CliError(f"{path}: no such file") from None
        return False
    except OSError as error:
        raise CliError(f"{path} cannot be read: {error.strerror}") from error
    future = refuse_future(path)
    if future:
        raise CliError(future)
    return True


def require(place: Place) -> None:
    """See that the file is there. Raises CliError."""
    if not is_there(place):
        raise CliError(f"nothing was recorded yet: {place.path} is not there")


def pick_pdu(name: str, known: Iterable[str], place: Place) -> str:
    """The PDU that is meant, configured or not, as long as it was recorded.

    Raises CliError naming what is near, or saying that nothing was recorded of it.
    """
    names = list(known)
    if name in names:
        return name
    if not names:
        raise CliError(f"{place.path} has no readings of any PDU yet", USAGE)
    if name in {pdu.name for pdu in place.settings.pdus}:
        there = ", ".join(map(clean, sorted(names)))
        raise CliError(f"{name} is configured, but nothing was recorded of it (there: {there})")
    raise CliError(f"there is no PDU {name!r} in {place.path}{clean(suggestion(name, names))}")
