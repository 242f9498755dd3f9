"""The spill file: where audit records are safe while the database refuses them."""

from __future__ import annotations

import fcntl
import os
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path

import msgspec

from pdutui.store.audit import AuditEntry

SPILL_NAME = "audit-spill.jsonl"


class SpillFile:
    """`audit-spill.jsonl`: where audit records are safe while the database refuses them.

    Every append is synced to the disk. Several programs may share it, so each use is under a
    lock on the file itself. All methods block.
    """

    def __init__(self, path: Path) -> None:
        self.path = path

    @contextmanager
    def _locked(self, flags: int) -> Iterator[int]:
        fd = os.open(self.path, flags | os.O_CLOEXEC, 0o600)
        try:
            fcntl.flock(fd, fcntl.LOCK_EX)
            yield fd
        finally:
            os.close(fd)

    def append(self, entries: Iterable[AuditEntry]) -> None:
        """Add records and sync.

        Raises:
            OSError: They are not all on the disk.
        """
        data = b"".join(msgspec.json.encode(e) + b"\n" for e in entries)
        with self._locked(os.O_RDWR | os.O_CREAT | os.O_APPEND) as fd:
            size = os.fstat(fd).st_size
            if size and os.pread(fd, 1, size - 1) != b"\n":
                data = b"\n" + data  # the line before was cut off by a crash or a full disk
            view = memoryview(data)
            while view:
                view = view[os.write(fd, view) :]
            os.fsync(fd)
        directory = os.open(self.path.parent, os.O_RDONLY)
        try:
            os.fsync(directory)
        finally:
            os.close(directory)

    def read(self) -> list[AuditEntry]:
        """What is in it, oldest first; nothing when there is no such file."""
        try:
            return _parse(self.path.read_bytes())[0]
        except OSError:
            return []

    def waiting(self) -> bool:
        """Whether there is anything in it."""
        try:
            return self.path.stat().st_size > 0
        except OSError:
            return False

    @contextmanager
    def emptied(self) -> Iterator[list[AuditEntry]]:
        """`with spill.emptied() as entries:` store them; if that ends well the file is emptied.

        A line that cannot be read goes to `audit-spill.damaged.jsonl` instead of nowhere.
        """
        with self._locked(os.O_RDWR) as fd:
            entries, unreadable = _parse(os.pread(fd, os.fstat(fd).st_size, 0))
            yield entries
            if unreadable:
                self._keep_unreadable(unreadable)
            os.ftruncate(fd, 0)

    def _keep_unreadable(self, lines: list[bytes]) -> None:
        beside = self.path.with_name(f"{self.path.stem}.damaged{self.path.suffix}")
        fd = os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_APPEND | os.O_CLOEXEC, 0o600)
        try:
            os.write(fd, b"\n".join(lines) + b"\n")
        finally:
            os.close(fd)


def _parse(data: bytes) -> tuple[list[AuditEntry], list[bytes]]:
    entries: list[AuditEntry] = []
    unreadable: list[bytes] = []
    for line in data.split(b"\n"):
        if not line.strip():
            continue
        try:
            entries.append(msgspec.json.decode(line, type=AuditEntry))
        except (msgspec.DecodeError, UnicodeDecodeError):
            unreadable.append(line)
    return entries, unreadable
