"""A capture's file: written whole or not at all, for its owner's eyes only."""

from __future__ import annotations

import contextlib
import os
import tempfile
from collections.abc import Mapping
from pathlib import Path

from pdutui.backends.snmp.ber import Oid
from pdutui.backends.snmp.snmprec import format_record
from pdutui.backends.snmp.types import TypedRow

MODE = 0o600
"""A recording holds names, serials and communities of somebody's network."""


class CaptureFileError(ValueError):
    """A file that cannot be written, or must not be; the text names it."""


def check_writable(path: Path, *, force: bool) -> None:
    """Find out before the walk whether the file can be written after it.

    Raises CaptureFileError.
    """
    if path.is_dir():
        raise CaptureFileError(f"{path} is a directory: name a file")
    if path.name == "-" or (path.exists() and not path.is_file()):
        # A device or a pipe would be replaced by the recording, not written to.
        raise CaptureFileError(f"{path} is no file: name one, such as pdu.snmprec")
    if path.exists() and not force:
        raise CaptureFileError(f"{path} is there already: --force writes over it")
    try:
        _temporary(path).unlink()
    except OSError as error:
        raise CaptureFileError(f"{path} cannot be written: {error.strerror or error}") from error


def write_recording(path: Path, rows: Mapping[Oid, TypedRow], *, force: bool) -> None:
    """Write the rows in the order of their OIDs, and put the file in its place when it is whole.

    Raises:
        CaptureFileError: it cannot be written, or has come into being meanwhile.
        NotRecordable: a row has no form in a recording.
    """
    text = "".join(f"{format_record(rows[oid])}\n" for oid in sorted(rows))
    try:
        temporary = _temporary(path)
        try:
            with temporary.open("w", encoding="ascii", newline="\n") as file:
                file.write(text)
                file.flush()
                os.fsync(file.fileno())
            _put_in_place(temporary, path, force=force)
        finally:
            temporary.unlink(missing_ok=True)
    except OSError as error:
        raise CaptureFileError(f"{path} cannot be written: {error.strerror or error}") from error


def _temporary(path: Path) -> Path:
    """A new empty file of mode 0600 beside `path`."""
    number, name = tempfile.mkstemp(prefix=f".{path.name}.", suffix=".tmp", dir=path.parent)
    os.close(number)
    return Path(name)


def _put_in_place(temporary: Path, path: Path, *, force: bool) -> None:
    if force:
        os.replace(temporary, path)
        return
    try:
        os.link(temporary, path)
    except FileExistsError:
        raise CaptureFileError(f"{path} has come into being: --force writes over it") from None
    except OSError:  # a file system without hard links
        if path.exists():
            raise CaptureFileError(f"{path} has come into being: --force writes over it") from None
        with contextlib.suppress(FileNotFoundError):
            os.replace(temporary, path)
