"""Which damaged databases are to be saved from, and how far that has got: a file beside each."""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path

import msgspec

from pdutui.store.damaged import TOP, remove_copy

_SUFFIX = ".saving"
_COPY_SUFFIX = ".copy"


class Saving(msgspec.Struct):
    """How far it has got with one file."""

    file: str
    """Its name."""
    end_ms: int
    """Nothing in it can be later, but for a clock that was wrong."""
    at: str = ""
    """The step under way."""
    upto: int = TOP
    """Where that goes on."""
    saved: float = 0.0
    lost: float = 0.0
    """Pieces."""


def begin(damaged: Path, end_ms: int) -> None:
    """Note that a file is to be saved; others that were not done begin again, in the new file.

    Raises:
        OSError: It cannot be noted.
    """
    for other in pending(damaged.parent):
        keep(damaged.parent, Saving(other.file, other.end_ms))
    keep(damaged.parent, Saving(damaged.name, end_ms))


def keep(directory: Path, saving: Saving) -> None:
    """Write down how far it has got. Raises OSError."""
    path = directory / f"{saving.file}{_SUFFIX}"
    beside = path.with_name(f"{path.name}.new")
    beside.write_bytes(msgspec.json.encode(saving))
    beside.chmod(0o600)
    beside.replace(path)


def pending(directory: Path) -> list[Saving]:
    """What is not done, newest file first."""
    found = []
    for path in sorted(directory.glob(f"*.damaged-*{_SUFFIX}"), reverse=True):
        with suppress(OSError, msgspec.MsgspecError):
            found.append(msgspec.json.decode(path.read_bytes(), type=Saving))
    return found


def end(directory: Path, saving: Saving) -> None:
    """It is done. Raises OSError."""
    remove_copy(copy_of(directory / saving.file))
    (directory / f"{saving.file}{_SUFFIX}").unlink(missing_ok=True)


def copy_of(damaged: Path) -> Path:
    """Where a copy is put that can be read when the file itself cannot."""
    return damaged.with_name(f"{damaged.name}{_COPY_SUFFIX}")
