"""A program that the configuration names: where it is, and whether it may be trusted."""

from __future__ import annotations

import os
import shutil
import stat
from collections.abc import Mapping
from pathlib import Path

from pdutui.config_errors import show

_PATH = "/usr/local/bin:/usr/bin:/bin"
"""Where there is no `PATH`, as under some service managers."""


class ProgramError(ValueError):
    """A program that is not run; the text says why, for people, and names it."""


def find_program(word: str, env: Mapping[str, str]) -> Path:
    """The file that `word` means.

    Whoever may change the file can have anything done in the name of whoever runs it; so one that
    everybody may change is not run.

    Args:
        word: an absolute path, one that begins with `~/`, or a name that is looked for in `PATH`.
        env: the environment.

    Raises:
        ProgramError: it is not there, cannot be executed, or everybody may change it.
    """
    if "/" in word:
        path = Path(word)
        if word.startswith("~/"):
            try:
                path = path.expanduser()
            except RuntimeError:
                raise ProgramError(f"no home directory is known for {show(word)}") from None
    else:
        found = shutil.which(word, path=env.get("PATH") or _PATH)
        if found is None:
            raise ProgramError(f"{show(word)} is not found in PATH")
        path = Path(found)
    try:
        status = path.stat()
        folder = path.resolve().parent.stat()
    except (OSError, ValueError) as error:
        why = error.strerror if isinstance(error, OSError) else str(error)
        raise ProgramError(f"{show(str(path))} cannot be used: {why}") from error
    if not stat.S_ISREG(status.st_mode):
        raise ProgramError(f"{show(str(path))} is no program")
    if not os.access(path, os.X_OK):
        raise ProgramError(f"{show(str(path))} cannot be executed: chmod +x {path}")
    if status.st_mode & stat.S_IWOTH:
        raise ProgramError(
            f"everybody may write to {show(str(path))}, so it is not run: chmod o-w {path}"
        )
    if folder.st_mode & stat.S_IWOTH and not folder.st_mode & stat.S_ISVTX:
        folder_path = path.resolve().parent
        raise ProgramError(
            f"everybody may put another file in place of {show(str(path))}, so it is not run:"
            f" chmod o-w {folder_path}"
        )
    return path
