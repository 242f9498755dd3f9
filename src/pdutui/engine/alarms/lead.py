"""Which of the programs of a directory judges which PDU: the one that was there first.

Each program holds a file of its own, locked for as long as it runs, with the PDUs it watches in it.
Files are numbered, and a PDU is judged, written down and told outside by the lowest one that has
it. So two consoles on one configuration do not run the hook twice; and one that was opened on a
single device keeps nobody from judging the rest.

A lock is let go of however a program ends. One that hangs keeps it, so it has to move its file's
time as well: one that has not for `STALLED_S` leads nobody.

All of it blocks, and is called in threads.
"""

from __future__ import annotations

import contextlib
import fcntl
import os
import re
import stat
from collections.abc import Iterable
from pathlib import Path

import msgspec

from pdutui.engine.alarms.book import Book, BookTrouble

STALLED_S = 15.0
"""A program that does not say for so long that it is there does not lead."""
_NAME = re.compile(r"lead-(\d{1,9})\.json")
_MOST_BYTES = 1024 * 1024
_OPEN = os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC


class _Claim(msgspec.Struct, frozen=True, kw_only=True):
    """What stands in a program's file."""

    pid: int
    pdus: tuple[str, ...]


class _Seen(msgspec.Struct):
    """How a program's file was found last."""

    mark: tuple[int, int]
    """Inode and time."""
    since_s: float


class Lead:
    """The place of this program among those of a directory.

    Args:
        book: of that directory.
        pdus: those that this program watches.
    """

    def __init__(self, book: Book, pdus: Iterable[str]) -> None:
        self._book = book
        self._pdus = tuple(pdus)
        self._fd: int | None = None
        self._number = 0
        self._beat_s: float | None = None
        self._seen: dict[int, _Seen] = {}
        self.taken: frozenset[str] = frozenset()
        """PDUs that an earlier program judges. Empty in it: that judges what is no PDU's, too."""
        self.alive_s: dict[str, float] = {}
        """When the program that judges, or judged, a PDU was last seen to be there, monotonic."""

    @property
    def held(self) -> bool:
        """Whether this program has a place."""
        return self._fd is not None

    def watch(self, pdus: Iterable[str], now_s: float) -> None:
        """Other PDUs from now on. Raises BookTrouble."""
        self._pdus = tuple(pdus)
        if self._fd is not None:
            self.let_go()
            self.look(now_s)

    def look(self, now_s: float) -> frozenset[str]:
        """Say that this program is there, and see which PDUs are judged by earlier ones.

        Args:
            now_s: monotonic seconds; to be called about once a second.

        Raises:
            BookTrouble: the directory cannot be read or written.
        """
        if self._beat_s is not None and now_s - self._beat_s > STALLED_S:
            self.let_go()  # others have gone on without it: they were there first now
        if self._fd is None:
            self._take()
        self._beat_s = now_s
        self._beat()
        self.taken = self._of_earlier(now_s)
        return self.taken

    def let_go(self) -> None:
        """Give the place up. May be called twice."""
        if self._fd is not None:
            with contextlib.suppress(OSError):
                self._path(self._number).unlink(missing_ok=True)
            os.close(self._fd)
            self._fd = None
        self._beat_s = None

    def _path(self, number: int) -> Path:
        return self._book.directory / f"lead-{number}.json"

    def _take(self) -> None:
        """The place behind all that are taken; what ended programs have left is cleared away."""
        with self._book.locked(make=True):
            try:
                last = -1
                for number in self._numbers():
                    if self._is_held(number):
                        last = max(last, number)
                    else:
                        self._path(number).unlink(missing_ok=True)
                self._number = last + 1
                path = self._path(self._number)
                fd = os.open(path, os.O_RDWR | os.O_CREAT | os.O_EXCL | _OPEN, 0o600)
                try:
                    fcntl.flock(fd, fcntl.LOCK_EX | fcntl.LOCK_NB)
                    claim = _Claim(pid=os.getpid(), pdus=("", *self._pdus))
                    os.write(fd, msgspec.json.encode(claim))
                except OSError:
                    os.close(fd)
                    raise
                self._fd = fd
                self._seen.clear()
            except OSError as error:
                where = self._book.directory
                raise BookTrouble(f"{where}: {error.strerror or error}") from error

    def _beat(self) -> None:
        assert self._fd is not None
        try:
            os.utime(self._fd)
        except OSError as error:
            raise BookTrouble(f"{self._path(self._number)}: {error.strerror or error}") from error

    def _numbers(self) -> list[int]:
        """Of all files there are."""
        names = os.listdir(self._book.directory)
        return sorted(int(found[1]) for name in names if (found := _NAME.fullmatch(name)))

    def _is_held(self, number: int) -> bool:
        fd = self._open(number)
        if fd is None:
            return False
        try:
            return _locked(fd)
        finally:
            os.close(fd)

    def _open(self, number: int) -> int | None:
        try:
            fd = os.open(self._path(number), os.O_RDONLY | _OPEN)
        except OSError:
            return None
        if not stat.S_ISREG(os.fstat(fd).st_mode):
            os.close(fd)
            return None
        return fd

    def _of_earlier(self, now_s: float) -> frozenset[str]:
        found: set[str] = set()
        try:
            earlier = [number for number in self._numbers() if number < self._number]
        except OSError as error:
            where = self._book.directory
            raise BookTrouble(f"{where}: {error.strerror or error}") from error
        for number in earlier:
            fd = self._open(number)
            if fd is None:
                continue
            try:
                if self._goes_on(number, fd, now_s) and _locked(fd):
                    claimed, since_s = _claimed(fd), self._seen[number].since_s
                    found.update(claimed)
                    self.alive_s.update(dict.fromkeys(claimed, since_s))
            finally:
                os.close(fd)
        return frozenset(found)

    def _goes_on(self, number: int, fd: int, now_s: float) -> bool:
        """Whether that program has moved its file lately, by this one's own clock."""
        status = os.fstat(fd)
        mark = status.st_ino, status.st_mtime_ns
        seen = self._seen.get(number)
        if seen is None or seen.mark != mark:
            self._seen[number] = _Seen(mark=mark, since_s=now_s)
            return True
        return now_s - seen.since_s < STALLED_S


def is_led(directory: Path) -> bool:
    """Whether any program judges the alarms of a directory now, as far as that can be told."""
    lead = Lead(Book(directory), ())
    try:
        return any(lead._is_held(number) for number in lead._numbers())
    except OSError:
        return False


def judged_now(directory: Path, now_s: float) -> frozenset[str]:
    """The PDUs whose alarms some program judges now; empty where nobody does.

    Args:
        directory: of the alarms.
        now_s: unix seconds.
    """
    lead = Lead(Book(directory), ())
    found: set[str] = set()
    try:
        numbers = lead._numbers()
    except OSError:
        return frozenset()
    for number in numbers:
        fd = lead._open(number)
        if fd is None:
            continue
        try:
            if now_s - os.fstat(fd).st_mtime < STALLED_S and _locked(fd):
                found.update(_claimed(fd))
        finally:
            os.close(fd)
    return frozenset(found)


def _locked(fd: int) -> bool:
    """Whether somebody holds the lock of a file: it is asked by sharing it for a moment."""
    try:
        fcntl.flock(fd, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    except OSError:
        return False
    fcntl.flock(fd, fcntl.LOCK_UN)
    return False


def _claimed(fd: int) -> tuple[str, ...]:
    try:
        return msgspec.json.decode(os.pread(fd, _MOST_BYTES, 0), type=_Claim).pdus
    except (OSError, msgspec.DecodeError, UnicodeDecodeError):
        return ()
