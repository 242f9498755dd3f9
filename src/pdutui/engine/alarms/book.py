"""The alarms on the disk: `state.json`, which is replaced whole, and the journal beside it.

Every program of a state directory reads and changes them under one lock, so that an acknowledgement
by one is everybody's. All of it blocks, and is called in threads, or by commands that have nothing
else to do.
"""

from __future__ import annotations

import contextlib
import fcntl
import os
import stat
import tempfile
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime, timedelta
from pathlib import Path

import msgspec

from pdutui.domain.alarm import AlarmEntry, Silence
from pdutui.domain.alarm_watched import Watched
from pdutui.engine.alarms.journal import HistoryQuery, Journal, Line, Tail
from pdutui.settings import Settings

FORMAT = 1
STATE = "state.json"
LOCK = "lock"
MOST_BYTES = 64 * 1024 * 1024
LOCK_WAIT_S = 3.0
"""The longest wait for another program that reads or writes; real seconds."""
FORGOTTEN_AFTER = timedelta(days=30)
"""What is left of PDUs that nobody watches any more goes after so long."""
_OPEN = os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC


class BookTrouble(Exception):
    """The alarms cannot be read or written; the text names the file and says why."""


class NewerBook(BookTrouble):
    """They were written by a newer pdutui, and are left as they are."""


class Kept(msgspec.Struct, frozen=True, kw_only=True):
    """What stands in `state.json`."""

    format: int = FORMAT
    written: datetime | None = None
    """When, by the clock on the wall, UTC."""
    watched: tuple[Watched, ...] = ()
    silences: tuple[Silence, ...] = ()


class _Format(msgspec.Struct):
    format: int


Stamp = tuple[int, ...]
"""Tells whether something was written since."""


class Book:
    """The alarms of a directory.

    Args:
        directory: made with mode 0700 when something is written.
        history_days: how long the journal is kept.
    """

    def __init__(self, directory: Path, history_days: int = 400) -> None:
        self.directory = directory
        self.journal = Journal(directory, history_days)
        self.mishap = ""
        """What was found damaged and set aside; empty if nothing was."""
        self._path = directory / STATE

    def stamp(self) -> Stamp:
        """Changes with everything that is written. Raises BookTrouble."""
        found: list[int] = []
        for path in (self._path, self.journal.path):
            with self._telling(path):
                try:
                    status = path.stat()
                except FileNotFoundError:
                    found += (0, 0, 0)
                else:
                    found += (status.st_ino, status.st_mtime_ns, status.st_size)
        return tuple(found)

    def follow(self, tail: Tail) -> tuple[Kept, list[Line], Stamp]:
        """What is kept, what the journal has got since the last time, and the stamp of both.

        Raises BookTrouble as `read`.
        """
        with self.locked(make=True), self._telling(self.journal.path):
            lines = tail.read()
            return self._read(), lines, self.stamp()

    def read(self) -> Kept:
        """What is kept; nothing where there is no file.

        A file that cannot be read as what it should be is set aside, and what the journal knows is
        taken in its place.

        Raises:
            NewerBook: it is of a newer pdutui.
            BookTrouble: it cannot be read at all.
        """
        if not self.directory.is_dir():
            return Kept()
        with self.locked(make=False):
            return self._read()

    def change(
        self,
        work: Callable[[Kept], tuple[Kept, Sequence[Line]]],
        now: datetime,
    ) -> Kept:
        """Change what is kept, in one step for all programs; safe on the disk when it returns.

        Args:
            work: makes of what is there what is to be, and lines for the journal. What it raises
                passes through, and nothing is written.
            now: the time that is written down.

        Raises:
            BookTrouble: it could not be read or written.
        """
        with self.locked(make=True):
            kept = self._read()
            new, lines = work(kept)
            same = new.watched == kept.watched and new.silences == kept.silences
            if not same:
                new = msgspec.structs.replace(new, format=FORMAT, written=now)
            # What fails for want of room, fails before a line says that it was done.
            with contextlib.nullcontext() if same else self._written(new):
                if lines:
                    with self._telling(self.journal.path):
                        self.journal.append(lines, now)
            return kept if same else new

    def history(self, query: HistoryQuery) -> list[AlarmEntry]:
        """What became of alarms, newest first. Raises BookTrouble."""
        if not self.directory.is_dir():
            return []
        with self._telling(self.journal.path):
            return self.journal.read(query)

    @contextmanager
    def locked(self, *, make: bool) -> Iterator[None]:
        """Inside it no other program reads or writes. Raises BookTrouble, also when it stays busy.

        Args:
            make: make the directory if it is not there.
        """
        path = self.directory / LOCK
        with self._telling(path):
            if make:
                self.directory.mkdir(mode=0o700, parents=True, exist_ok=True)
            fd = os.open(path, os.O_RDWR | os.O_CREAT | _OPEN, 0o600)
            try:
                if not stat.S_ISREG(os.fstat(fd).st_mode):
                    raise OSError("is not a plain file")
                until_s = time.monotonic() + LOCK_WAIT_S
                while True:
                    try:
                        fcntl.flock(fd, fcntl.LOCK_EX | fcntl.LOCK_NB)
                        break
                    except BlockingIOError:
                        if time.monotonic() >= until_s:
                            raise BookTrouble(f"{path}: another program holds it") from None
                        time.sleep(0.02)
                yield
            finally:
                os.close(fd)

    def _read(self) -> Kept:
        data = self._bytes()
        if data is None:
            return Kept()
        try:
            format_ = msgspec.json.decode(data, type=_Format).format
            if format_ > FORMAT:
                raise NewerBook(
                    f"{self._path} was written by a newer pdutui (format {format_}, this one knows"
                    f" {FORMAT}): it is left as it is"
                )
            return msgspec.json.decode(data, type=Kept)
        except (msgspec.DecodeError, UnicodeDecodeError) as error:
            return self._set_aside(str(error))

    def _bytes(self) -> bytes | None:
        with self._telling(self._path):
            try:
                fd = os.open(self._path, os.O_RDONLY | _OPEN)
            except FileNotFoundError:
                return None
            with os.fdopen(fd, "rb") as file:
                status = os.fstat(fd)
                if not stat.S_ISREG(status.st_mode):
                    raise OSError("is not a plain file")
                if status.st_size > MOST_BYTES:
                    raise OSError(f"is longer than {MOST_BYTES} bytes")
                return file.read()

    def _set_aside(self, why: str) -> Kept:
        """Keep the damaged file for whoever wants to look, and go by the journal."""
        with self._telling(self._path):
            number = 1
            while (aside := self._path.with_name(f"{STATE}.damaged-{number}")).exists():
                number += 1
            self._path.rename(aside)
            kept = rebuilt(self.journal.last_of_each().values())
        self.mishap = (
            f"{self._path} was damaged ({why}) and is now {aside.name}; "
            f"{len(kept.watched)} alarms were taken from the journal, silences are lost"
        )
        return kept

    @contextmanager
    def _written(self, kept: Kept) -> Iterator[None]:
        """It is written beside the file before what is done inside, and put in its place after."""
        scratch = self._prepare(kept)
        try:
            yield
            with self._telling(self._path):
                os.replace(scratch, self._path)
        finally:
            with contextlib.suppress(OSError):  # gone where it was put in its place
                os.unlink(scratch)

    def _prepare(self, kept: Kept) -> str:
        with self._telling(self._path):
            fd, scratch = tempfile.mkstemp(prefix=".state-", dir=self.directory)
            try:
                with os.fdopen(fd, "wb") as file:
                    file.write(msgspec.json.encode(kept))
                    file.flush()
                    os.fsync(file.fileno())
            except OSError:
                with contextlib.suppress(OSError):
                    os.unlink(scratch)
                raise
            return scratch

    @contextmanager
    def _telling(self, path: Path) -> Iterator[None]:
        try:
            yield
        except OSError as error:
            raise BookTrouble(f"{path}: {error.strerror or error}") from error


def rebuilt(last: Iterable[AlarmEntry]) -> Kept:
    """What the list was, by the last entry of each alarm."""
    found: list[Watched] = []
    for entry in last:
        alarm = entry.alarm
        if entry.change == "expired" or (alarm.over is not None and alarm.ack is not None):
            continue
        if entry.change == "over" and alarm.level == "warning":
            continue
        told_s = alarm.since.timestamp()
        found.append(
            Watched(
                pdu=alarm.pdu,
                kind=alarm.kind,
                part=alarm.part,
                rule=alarm.rule,
                alarm=msgspec.structs.replace(alarm, silenced_until=None),
                listed=True,
                worst=alarm.level,
                over_s=None if alarm.over is None else alarm.over.timestamp(),
                told_s=told_s,
                told_critical_s=told_s if alarm.level == "critical" else None,
                loud_since=alarm.since,
            )
        )
    return Kept(watched=tuple(found))


def without_the_forgotten(kept: Kept, watched_pdus: frozenset[str], now: datetime) -> Kept:
    """The same without what has not changed for a month, of PDUs that are not watched here."""
    left = tuple(
        one
        for one in kept.watched
        if one.pdu in watched_pdus
        or (one.alarm is not None and now - one.alarm.changed < FORGOTTEN_AFTER)
    )
    return kept if len(left) == len(kept.watched) else msgspec.structs.replace(kept, watched=left)


def directory_of(settings: Settings) -> Path:
    """Where the alarms of these settings are kept."""
    return settings.alarms.directory or settings.state_dir / "alarms"
