"""The store's files: where they are, who may read them, and moving them out of the way."""

from __future__ import annotations

import errno
import fcntl
import os
from datetime import datetime
from pathlib import Path

from pdutui.store.errors import FileMoved

_SIDE_FILES = ("-wal", "-shm")


def real_path(path: Path) -> Path:
    """Without links: the log must be found beside it, and a damaged file be renamed where it is."""
    return Path(os.path.realpath(path.expanduser()))


def make_private_dir(path: Path) -> None:
    """Create a directory and its missing parents with mode 0700. One that is there is left alone.

    Raises:
        OSError: It cannot be made, or something that is no directory is in the way.
    """
    if path.is_dir():
        return
    missing = [path]
    while not missing[-1].parent.exists() and missing[-1].parent != missing[-1]:
        missing.append(missing[-1].parent)
    for directory in reversed(missing):
        try:
            directory.mkdir(mode=0o700)
        except FileExistsError:
            if not directory.is_dir():
                raise NotADirectoryError(
                    errno.ENOTDIR, os.strerror(errno.ENOTDIR), str(directory)
                ) from None


def free_bytes(directory: Path) -> int:
    """What an ordinary user may still write there; 0 when that cannot be told."""
    try:
        info = os.statvfs(directory)
    except OSError:
        return 0
    return info.f_bavail * info.f_frsize


def create_private(path: Path) -> None:
    """Make the file, empty and with mode 0600, unless it is there. Its side files inherit that.

    Raises:
        OSError: It cannot be made.
    """
    try:
        os.close(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600))
    except FileExistsError:
        info = path.stat()
        if info.st_mode & 0o077 and info.st_uid == os.geteuid():
            path.chmod(0o600)


def require_writable(path: Path) -> None:
    """Raise PermissionError unless the file may be read and written.

    SQLite opens a file that may only be read without a word, and fails much later.
    """
    if not os.access(path, os.R_OK | os.W_OK):
        raise PermissionError(errno.EACCES, os.strerror(errno.EACCES), str(path))


Identity = tuple[int, int]


def identity(path: Path) -> Identity:
    """Device and inode: which file a path leads to.

    The number of a file that is open is not given to another one, so it tells reliably whether
    the open file still is the one at the path.

    Raises:
        FileMoved: There is none.
        OSError: It cannot be told.
    """
    try:
        info = path.stat()
    except FileNotFoundError:
        raise FileMoved from None
    return info.st_dev, info.st_ino


def set_aside(path: Path, now: datetime) -> Path:
    """Rename a damaged database, its -wal and -shm with it, and give the new name.

    The pair keeps matching names, so that `sqlite3 FILE .dump` still sees the log.

    Raises:
        OSError: It cannot be renamed.
    """
    stamp = now.strftime("%Y%m%dT%H%M%SZ")
    target = path.with_name(f"{path.name}.damaged-{stamp}")
    count = 1
    while target.exists():
        count += 1
        target = path.with_name(f"{path.name}.damaged-{stamp}-{count}")
    path.rename(target)
    for suffix in _SIDE_FILES:
        side = Path(f"{path}{suffix}")
        if side.exists():
            side.rename(f"{target}{suffix}")
    return target


class WriterLock:
    """Which of several programs writes the history: an advisory lock on a file beside it.

    SQLite's own locks keep the file whole; this one keeps two consoles from storing every
    reading twice. It holds the writer's pid for people, and goes with the process however it
    ends.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self._fd: int | None = None
        self.holder: int | None = None
        """Pid of the other writer, when there is one and it can be told."""
        self.refused = False
        """Another program had it once; stays so until whoever minds says that he has seen it."""

    @property
    def held(self) -> bool:
        """Whether it is ours."""
        return self._fd is not None

    def acquire(self) -> bool:
        """Take it if it is free. A file system without locks counts as free.

        Raises:
            OSError: The lock file cannot be made.
        """
        if self.held:
            return True
        fd = os.open(self.path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        try:
            fcntl.flock(fd, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            self.refused = True
            text = os.pread(fd, 32, 0).decode("ascii", "replace").strip()
            self.holder = int(text) if text.isdecimal() else None
            os.close(fd)
            return False
        except OSError as error:
            if error.errno not in (errno.ENOLCK, errno.ENOTSUP, errno.ENOSYS):
                os.close(fd)
                raise
        self._fd = fd
        self.holder = None
        try:
            os.ftruncate(fd, 0)
            os.pwrite(fd, f"{os.getpid()}\n".encode(), 0)
        except OSError:
            pass  # the pid is for people; a full disk does not take the lock away
        return True

    def release(self) -> None:
        """Give it up. The file stays: removing it would race with the next holder."""
        if self._fd is not None:
            os.close(self._fd)
            self._fd = None


def who_writes(path: Path) -> tuple[bool, int | None]:
    """Whether some program holds a lock file just now, and its pid where that can be told.

    It is only looked at: nobody is kept from taking it for longer than a moment.
    """
    try:
        fd = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
    except OSError:
        return False, None
    try:
        fcntl.flock(fd, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        text = os.pread(fd, 32, 0).decode("ascii", "replace").strip()
        return True, int(text) if text.isdecimal() else None
    except OSError:
        return False, None  # a file system without locks
    finally:
        os.close(fd)
    return False, None


class Ballast:
    """A file of nothing that is given up when the disk is full, to make room for the audit."""

    def __init__(self, path: Path, size: int) -> None:
        self.path = path
        self.size = size

    def restore(self) -> None:
        """Take the room if it is missing and there is plenty; failing to is no trouble."""
        if self.size <= 0 or free_bytes(self.path.parent) < 10 * self.size:
            return
        try:
            fd = os.open(self.path, os.O_WRONLY | os.O_CREAT | os.O_CLOEXEC, 0o600)
            try:
                if os.fstat(fd).st_size < self.size:
                    self._fill(fd)
            finally:
                os.close(fd)
        except OSError:
            self.release()

    def _fill(self, fd: int) -> None:
        if hasattr(os, "posix_fallocate"):
            os.posix_fallocate(fd, 0, self.size)
            return
        block = bytes(1024 * 1024)
        for start in range(0, self.size, len(block)):
            os.pwrite(fd, block[: self.size - start], start)

    def release(self) -> bool:
        """Remove it. Whether there was one."""
        try:
            self.path.unlink()
        except OSError:
            return False
        return True
