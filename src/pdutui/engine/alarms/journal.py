"""The history of alarms on the disk: lines that are only added, in parts that are kept for a time.

All of it blocks, and is called in threads, or by commands that have nothing else to do.
"""

from __future__ import annotations

import contextlib
import os
import stat
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta
from io import FileIO
from pathlib import Path

import msgspec

from pdutui.domain.alarm import AlarmEntry, AlarmLevel

NAME = "journal.jsonl"
PART_BYTES = 4 * 1024 * 1024
PART_DAYS = 30
"""A part is closed when it is as long, or was begun so long ago."""
MOST_PARTS = 32
"""The oldest part goes when there are more: an alarm that flaps for a year fills no disk."""
_OPEN = os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC
_LONGEST_LINE = 64 * 1024
_BLOCK = 64 * 1024
"""Bytes that are read at once, from the end."""


class Line(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A line of the journal."""

    entry: AlarmEntry
    program: str = ""
    """Which run of which program wrote it."""
    again: bool = False
    """As in `AlarmChanged`."""


class HistoryQuery(msgspec.Struct, frozen=True, kw_only=True):
    """Which entries are wanted; every condition that is given holds."""

    limit: int = 500
    from_time: datetime | None = None
    to_time: datetime | None = None
    pdu: str | None = None
    level: AlarmLevel | None = None
    text: str = ""

    def fits(self, entry: AlarmEntry) -> bool:
        """Whether an entry is one of them."""
        alarm = entry.alarm
        if self.pdu is not None and alarm.pdu != self.pdu:
            return False
        if self.level is not None and alarm.level != self.level:
            return False
        if self.from_time is not None and entry.time < self.from_time:
            return False
        if self.to_time is not None and entry.time > self.to_time:
            return False
        if not self.text:
            return True
        said = (alarm.pdu, alarm.kind, alarm.part, alarm.rule, alarm.text, entry.by, entry.comment)
        return self.text.casefold() in " ".join((entry.change, *said)).casefold()


class Journal:
    """The journal of a directory.

    Args:
        directory: where it is.
        days: how long closed parts are kept.
    """

    def __init__(self, directory: Path, days: int) -> None:
        self._directory = directory
        self._days = days
        self.path = directory / NAME

    def append(self, lines: Sequence[Line], now: datetime) -> None:
        """Add lines, safe on the disk when this returns. Raises OSError; nothing is added then.

        The caller holds the lock of the directory.
        """
        self._close_part(now)
        data = b"".join(msgspec.json.encode(line) + b"\n" for line in lines)
        fd = os.open(self.path, os.O_RDWR | os.O_APPEND | os.O_CREAT | _OPEN, 0o600)
        try:
            status = os.fstat(fd)
            if not stat.S_ISREG(status.st_mode):
                raise OSError(f"{self.path} is not a plain file")
            size = status.st_size
            if size and os.pread(fd, 1, size - 1) != b"\n":
                data = b"\n" + data  # a line that a crash has torn stays a line of its own
            try:
                view = memoryview(data)
                while view:
                    view = view[os.write(fd, view) :]
                os.fsync(fd)
            except OSError:
                with contextlib.suppress(OSError):
                    os.ftruncate(fd, size)
                raise
        finally:
            os.close(fd)

    def _close_part(self, now: datetime) -> None:
        """Begin a new part where the old one is long or old enough, and drop what is too old."""
        try:
            size = self.path.stat().st_size
        except FileNotFoundError:
            return
        if size < PART_BYTES and not self._begun_before(now - timedelta(days=PART_DAYS)):
            return
        name = f"journal-{now.astimezone(UTC):%Y%m%dT%H%M%S}Z.jsonl"
        while (self._directory / name).exists():
            name = name.replace("Z.jsonl", "xZ.jsonl")
        self.path.rename(self._directory / name)
        oldest = f"journal-{now.astimezone(UTC) - timedelta(days=self._days):%Y%m%dT%H%M%S}Z.jsonl"
        parts = self._parts()
        for number, part in enumerate(parts):
            if number >= MOST_PARTS or part.name < oldest:
                part.unlink(missing_ok=True)

    def _begun_before(self, time: datetime) -> bool:
        with self.path.open("rb") as file:
            first = _line(file.readline(_LONGEST_LINE))
        return first is not None and first.entry.time < time

    def _parts(self) -> list[Path]:
        """The closed parts, newest first."""
        return sorted(self._directory.glob("journal-*.jsonl"), reverse=True)

    def read(self, query: HistoryQuery) -> list[AlarmEntry]:
        """The newest entries that fit, newest first. Raises OSError.

        Lines that cannot be read, such as one that a crash has torn, are passed over.
        """
        found: list[AlarmEntry] = []
        if query.limit <= 0:
            return found
        for line in self._newest_first():
            if query.fits(line.entry):
                found.append(line.entry)
                if len(found) >= query.limit:
                    break
        return found

    def _newest_first(self, most_parts: int | None = None) -> Iterator[Line]:
        for part in (self.path, *self._parts())[:most_parts]:
            with contextlib.suppress(FileNotFoundError), part.open("rb", buffering=0) as file:
                for raw in _backwards(file):
                    line = _line(raw)
                    if line is not None:
                        yield line

    def last_of_each(self) -> dict[str, AlarmEntry]:
        """The newest entry of every alarm in the newest two parts, by alarm. Raises OSError."""
        last: dict[str, AlarmEntry] = {}
        for line in self._newest_first(2):
            last.setdefault(line.entry.alarm.id, line.entry)
        return last


class Tail:
    """What is added to a journal from the first `read` on, whoever adds it. End it with `close`."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._fd: int | None = None
        self._at = 0
        self._begun = False

    def read(self) -> list[Line]:
        """What came since, oldest first; nothing the first time. Raises OSError.

        A part that was closed is read to its end before the next one is begun.
        """
        if not self._begun:
            self._open()
            self._at = 0 if self._fd is None else os.fstat(self._fd).st_size
            self._begun = True
            return []
        lines = self._rest()
        if self._moved():
            self.close()
            self._open()
            lines += self._rest()
        return lines

    def close(self) -> None:
        """Let go of the file. May be called twice."""
        if self._fd is not None:
            os.close(self._fd)
            self._fd = None
        self._at = 0

    def _open(self) -> None:
        with contextlib.suppress(FileNotFoundError):
            self._fd = os.open(self._path, os.O_RDONLY | _OPEN)

    def _moved(self) -> bool:
        if self._fd is None:
            return self._path.exists()
        try:
            there = self._path.stat()
        except FileNotFoundError:
            return False
        here = os.fstat(self._fd)
        if here.st_size < self._at:
            return True  # somebody has cut it off
        return (there.st_dev, there.st_ino) != (here.st_dev, here.st_ino)

    def _rest(self) -> list[Line]:
        if self._fd is None:
            return []
        parts: list[bytes] = []
        at = self._at
        while data := os.pread(self._fd, 1024 * 1024, at):
            parts.append(data)
            at += len(data)
        whole = b"".join(parts)
        end = whole.rfind(b"\n") + 1
        self._at += end
        return [line for raw in whole[:end].splitlines() if (line := _line(raw)) is not None]


def _backwards(file: FileIO) -> Iterator[bytes]:
    """The lines of a file, the last one first; of a part of 4 MB only what is asked for is read."""
    at, rest = file.seek(0, os.SEEK_END), b""
    while at > 0:
        begin = max(0, at - _BLOCK)
        first, *lines = (os.pread(file.fileno(), at - begin, begin) + rest).split(b"\n")
        yield from reversed(lines)
        at, rest = begin, first
    yield rest


def _line(raw: bytes) -> Line | None:
    try:
        return msgspec.json.decode(raw, type=Line)
    except (msgspec.DecodeError, UnicodeDecodeError):
        return None
