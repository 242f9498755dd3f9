"""Files that are whole or not there, and that are believed only if they are what they should be.

All of it blocks, and is called in threads. Names are looked up in a directory that is open, so that
nobody can move it away in between.
"""

from __future__ import annotations

import contextlib
import errno
import fcntl
import os
import secrets
import stat
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import msgspec

PRIVATE = 0o600
SHARED = 0o640
Owner = Callable[[str, os.stat_result], int]
"""Whose a file is: by its name and what the system says of it. Only tests say it otherwise."""


def real_owner(name: str, status: os.stat_result) -> int:
    """The system's own word."""
    return status.st_uid


def for_two(status: os.stat_result) -> bool:
    """Whether several users can write to a directory, and none can take away another's files."""
    mode = status.st_mode
    group = mode & 0o070 == 0o070
    return group and bool(mode & stat.S_ISVTX) and not mode & stat.S_IWOTH


class FileTrouble(Exception):
    """A file cannot be read, believed or written; the text names it and says why."""


class Seen(msgspec.Struct, frozen=True, kw_only=True):
    """A file that may be believed."""

    data: bytes
    uid: int
    """Its owner."""


class Place:
    """A directory that is open.

    Args:
        path: The directory, which must be there.
        owner: Whose a file is.
    """

    def __init__(self, path: Path, fd: int, owner: Owner) -> None:
        self.path = path
        self.fd = fd
        self.status = os.fstat(fd)
        self._owner = owner

    @property
    def shared(self) -> bool:
        """Whether its group may read it: its files are for the group then."""
        return bool(self.status.st_mode & stat.S_IRGRP)

    @property
    def for_two(self) -> bool:
        """Whether several users can write here, and none can take away another's files."""
        return for_two(self.status)

    @property
    def mode(self) -> int:
        """What new files get."""
        return SHARED if self.shared else PRIVATE

    def names(self) -> list[str]:
        """Of everything in it. Raises FileTrouble."""
        with self.telling(""):
            return os.listdir(self.fd)

    def stat(self, name: str) -> os.stat_result | None:
        """What the system says of a file, links not followed; None where there is none."""
        with self.telling(name):
            try:
                return os.stat(name, dir_fd=self.fd, follow_symlinks=False)
            except FileNotFoundError:
                return None

    def owner(self, name: str, status: os.stat_result) -> int:
        """Whose a file is."""
        return self._owner(name, status)

    def read(self, name: str, limit: int) -> Seen | None:
        """A file that is plain, alone, no longer than `limit` and nobody else's to write.

        None where there is none. Raises FileTrouble for one that is not as it should be.
        """
        with self.telling(name):
            flags = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC
            try:
                fd = os.open(name, flags, dir_fd=self.fd)
            except FileNotFoundError:
                return None
            except OSError as error:
                if error.errno == errno.ELOOP:
                    raise self.trouble(name, "is a link, not a file") from error
                raise
            try:
                status = os.fstat(fd)
                why = _unfit(status, limit)
                if why:
                    raise self.trouble(name, why)
                data = _read_all(fd, limit)
                if len(data) > limit:
                    raise self.trouble(name, f"is longer than {limit} bytes")
            finally:
                os.close(fd)
            return Seen(data=data, uid=self._owner(name, status))

    def reserve(self, name: str) -> bool:
        """Make an empty file; False where there is one already. Raises FileTrouble."""
        with self.telling(name):
            flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC
            try:
                fd = os.open(name, flags, 0o600, dir_fd=self.fd)
            except FileExistsError:
                return False
            try:
                self._dress(fd)
            finally:
                os.close(fd)
            return True

    def write_new(self, name: str, data: bytes) -> None:
        """Put a whole file there, safe on the disk. Raises FileTrouble, also if there is one.

        It is written under another name and renamed: a name that is there is there whole. Two
        programs never write one name at a time, as the plan's lock file was made first; and a file
        of another user cannot be renamed over in a directory with the sticky bit.
        """
        scratch = f".{name}.{secrets.token_hex(6)}"
        with self.telling(name):
            if self.stat(name) is not None:
                raise self.trouble(name, "is there already")
            flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC
            fd = os.open(scratch, flags, 0o600, dir_fd=self.fd)
            try:
                try:
                    _write_all(fd, data)
                    self._dress(fd)
                    os.fsync(fd)
                finally:
                    os.close(fd)
                os.rename(scratch, name, src_dir_fd=self.fd, dst_dir_fd=self.fd)
            except OSError:
                with contextlib.suppress(OSError):
                    os.unlink(scratch, dir_fd=self.fd)
                raise
            os.fsync(self.fd)

    def append(self, name: str, data: bytes) -> None:
        """Add whole lines to a file of one's own, safe on the disk. Raises FileTrouble.

        The file must be there. What a crash or a full disk has torn before gets its line end first.
        """
        with self.telling(name):
            flags = os.O_RDWR | os.O_APPEND | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC
            fd = os.open(name, flags, dir_fd=self.fd)
            try:
                status = os.fstat(fd)
                if not stat.S_ISREG(status.st_mode) or status.st_nlink != 1:
                    raise self.trouble(name, "is not a plain file")
                size = status.st_size
                if size and os.pread(fd, 1, size - 1) != b"\n":
                    data = b"\n" + data
                try:
                    _write_all(fd, data)
                    os.fsync(fd)
                except OSError:
                    with contextlib.suppress(OSError):
                        os.ftruncate(fd, size)
                    raise
            finally:
                os.close(fd)

    def remove(self, name: str) -> None:
        """Take a file away, if it is there. Raises FileTrouble."""
        with self.telling(name), contextlib.suppress(FileNotFoundError):
            os.unlink(name, dir_fd=self.fd)

    def trouble(self, name: str, why: str) -> FileTrouble:
        """The trouble with one of its files."""
        return FileTrouble(f"{self.path / name if name else self.path}: {why}")

    def _dress(self, fd: int) -> None:
        """Give a new file its mode, and the directory's group where that is for others."""
        if self.shared:
            # Without the set-group-ID bit of the directory it would be of our first group.
            with contextlib.suppress(PermissionError):
                os.fchown(fd, -1, self.status.st_gid)
        os.fchmod(fd, self.mode)

    @contextmanager
    def telling(self, name: str) -> Iterator[None]:
        """Inside it, what the system refuses is a FileTrouble with the file's name."""
        try:
            yield
        except OSError as error:
            raise self.trouble(name, error.strerror or str(error)) from error


@contextmanager
def opened(path: Path, *, make: bool, owner: Owner = real_owner) -> Iterator[Place | None]:
    """The directory, made with mode 0700 if it is not there and `make` says so, else None.

    Raises FileTrouble where it cannot be made or opened.
    """
    try:
        if make:
            path.mkdir(mode=0o700, parents=True, exist_ok=True)
        fd = os.open(path, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    except OSError as error:
        if isinstance(error, FileNotFoundError) and not make:
            yield None
            return
        raise FileTrouble(f"{path}: {error.strerror or error}") from error
    try:
        yield Place(path, fd, owner)
    finally:
        os.close(fd)


class Held:
    """A lock that this program holds until it lets go or ends, however it ends."""

    def __init__(self, fd: int) -> None:
        self._fd: int | None = fd

    def let_go(self) -> None:
        """Give it up. May be called twice."""
        if self._fd is not None:
            os.close(self._fd)
            self._fd = None


def hold(place: Place, name: str) -> Held | None:
    """Take the lock of a file; None where another program has it. Raises FileTrouble."""
    with place.telling(name):
        flags = os.O_RDWR | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC
        fd = os.open(name, flags, dir_fd=place.fd)
        try:
            if not stat.S_ISREG(os.fstat(fd).st_mode):
                raise place.trouble(name, "is not a plain file")
            fcntl.flock(fd, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            os.close(fd)
            return None
        except (OSError, FileTrouble):
            os.close(fd)
            raise
        return Held(fd)


def is_held(place: Place, name: str) -> bool:
    """Whether some program has the lock of a file; False where that cannot be known.

    It asks by sharing the lock for a moment: whoever wants it whole just then has to try again.
    A pipe in its place, which anybody may put into a shared directory, must not be waited for.
    """
    flags = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC
    try:
        fd = os.open(name, flags, dir_fd=place.fd)
    except OSError:
        return False
    try:
        fcntl.flock(fd, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    except OSError:
        return False
    finally:
        os.close(fd)
    return False


def _unfit(status: os.stat_result, limit: int) -> str:
    """Why a file is not to be believed; empty for one that may be."""
    if not stat.S_ISREG(status.st_mode):
        return "is not a plain file"
    if status.st_nlink != 1:
        return f"has {status.st_nlink} names: it should have one"
    if status.st_mode & 0o022:
        return "can be written by others than its owner (chmod go-w would close it)"
    if status.st_size > limit:
        return f"is longer than {limit} bytes"
    return ""


def _read_all(fd: int, limit: int) -> bytes:
    parts, left = [], limit + 1
    while left > 0 and (part := os.read(fd, left)):
        parts.append(part)
        left -= len(part)
    return b"".join(parts)


def _write_all(fd: int, data: bytes) -> None:
    view = memoryview(data)
    while view:
        view = view[os.write(fd, view) :]
