"""Files that are written beside their place and put there when they are whole, or not at all."""

from __future__ import annotations

import contextlib
import os
import signal
import tempfile
from collections.abc import Iterator
from pathlib import Path
from types import FrameType

from pdutui.cli.exits import BAD_NEWS, INTERRUPTED, CliError

_SIGNALS = (signal.SIGTERM, signal.SIGHUP, signal.SIGINT)
_DATABASE = b"SQLite format 3\0"
_OF_A_DATABASE = ("-wal", "-shm", "-journal", ".lock", ".ballast")


@contextlib.contextmanager
def whole_file(
    path: Path, *, force: bool, mode: int | None = None, database: bool = False
) -> Iterator[Path]:
    """A new empty file beside `path`; it takes that place at the end, or goes on any error.

    Args:
        path: Where it is to be.
        force: Whether it may take the place of a file that is there.
        mode: Its permissions; None: what the umask leaves of 0666.
        database: Whether it may take the place of a database.

    Raises:
        CliError: It cannot be written, or something is in its place.
    """
    check_target(path, force=force, database=database)
    with cannot_write(path):
        number, name = tempfile.mkstemp(prefix=f".{path.name}.", suffix=".tmp", dir=path.parent)
        temporary = Path(name)
        try:
            os.fchmod(number, 0o666 & ~_umask() if mode is None else mode)
        finally:
            os.close(number)
    try:
        yield temporary
        with cannot_write(path):
            _sync(temporary)
            _put_in_place(temporary, path, force=force)
            _sync(path.parent)
    finally:
        for side in ("", "-wal", "-shm", "-journal"):
            Path(f"{temporary}{side}").unlink(missing_ok=True)


def check_target(path: Path, *, force: bool, database: bool = False) -> None:
    """See that a file may be put there.

    Args:
        path: Where.
        force: Whether it may take the place of a file that is there.
        database: Whether that may be a database.

    Raises:
        CliError: It must not.
    """
    with cannot_write(path):
        if path.is_dir():
            raise CliError(f"{path} is a directory: name a file")
        if path.exists():
            if not path.is_file():
                raise CliError(f"{path} is no file: name one")
            if not force:
                raise CliError(f"{path} is there already: --force writes over it")
            if not database and _is_database(path):
                raise CliError(f"{path} is a database: name another file")
        for end in _OF_A_DATABASE:
            whose = path.with_name(path.name.removesuffix(end) or path.name)
            if whose != path and _is_database(whose):
                raise CliError(f"{path} belongs to {whose}: name another file")
        if not path.parent.is_dir():
            raise CliError(f"{path.parent}: no such directory")


def _is_database(path: Path) -> bool:
    """Whether it is one of SQLite's. Raises OSError if it is there and cannot be looked at."""
    if not path.is_file():
        return False
    with path.open("rb") as file:
        return file.read(len(_DATABASE)) == _DATABASE


@contextlib.contextmanager
def cannot_write(path: Path) -> Iterator[None]:
    """Say what keeps `path` from being written as a CliError."""
    try:
        yield
    except OSError as error:
        reason = error.strerror or str(error)
        raise CliError(f"{path} cannot be written: {reason}", BAD_NEWS) from error


@contextlib.contextmanager
def ended_by_signals() -> Iterator[None]:
    """SIGTERM and SIGHUP end what goes on as Ctrl+C does, so that half a file is cleared away.

    The exit code is 128 + the signal.
    """
    came: list[int] = []

    def end(number: int, _: FrameType | None) -> None:
        came.append(number)
        raise KeyboardInterrupt

    before = {number: signal.signal(number, end) for number in _SIGNALS}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
        if came:  # whatever became of it inside SQLite, or on the way out
            raise SystemExit(INTERRUPTED if came[0] == signal.SIGINT else 128 + came[0])


def _umask() -> int:
    mask = os.umask(0o077)
    os.umask(mask)
    return mask


def _sync(path: Path) -> None:
    number = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
    try:
        os.fsync(number)
    finally:
        os.close(number)


def _put_in_place(temporary: Path, path: Path, *, force: bool) -> None:
    if force:
        os.replace(temporary, path)
        return
    try:
        os.link(temporary, path)
    except FileExistsError:
        raise CliError(f"{path} has come into being: --force writes over it") from None
    except OSError:  # a file system without hard links
        if path.exists():
            raise CliError(f"{path} has come into being: --force writes over it") from None
        os.replace(temporary, path)
