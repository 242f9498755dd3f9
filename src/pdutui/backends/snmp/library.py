"""The profiles there are: those that ship with pdutui, and the user's own beside the config.

A user's file is a whole profile, or it `extends` another one: then it says only what is more or
different. Tables are merged key by key, lists of tables (`sensor`, `extra`, `trap`) get longer,
anything else is replaced. What a file is called is what its profile is called.
"""

from __future__ import annotations

import asyncio
import tomllib
from collections.abc import Mapping
from difflib import get_close_matches
from pathlib import Path

from pdutui.backends.snmp.profile import Profile, ProfileError
from pdutui.backends.snmp.profile_load import builtin_names, builtin_text, load_builtin, profile_of

SUFFIX = ".toml"
_ADDED = frozenset({"sensor", "extra", "trap"})
"""Lists that an extension adds to; any other list takes the place of the one before."""
_DEEPEST = 8
LARGEST = 1_000_000
"""Bytes of a profile file; a real one has some ten thousand."""


class ProfileLibrary:
    """Profiles by name. Files are read when they are asked for, and once."""

    def __init__(self, folder: Path | None = None) -> None:
        """A library with the user's profiles from `folder`, which need not exist."""
        self.folder = folder
        self._own = _own_files(folder)
        self._loaded: dict[str, Profile] = {}
        self._usable: list[Profile] | None = None
        self._reading = asyncio.Lock()

    @property
    def names(self) -> tuple[str, ...]:
        """All names, sorted."""
        return tuple(sorted({*builtin_names(), *self._own}))

    def file(self, name: str) -> Path | None:
        """The user's file of that name; None for a profile that ships with pdutui."""
        return self._own.get(name)

    def load(self, name: str, *, traps: bool = False) -> Profile:
        """The profile of that name. Raises ProfileError, which names the known ones.

        Args:
            name: its name; `auto` is none.
            traps: whether its rules for traps are wanted, which take longer to read.
        """
        path = self._own.get(name)
        if path is None:
            if name not in builtin_names():
                near = get_close_matches(name, self.names, n=1)
                hint = f": did you mean {near[0]!r}?" if near else ""
                known = ", ".join(("auto", *self.names))
                raise ProfileError(f"no profile {name!r} (known: {known}){hint}")
            return load_builtin(name, traps=traps)
        if name not in self._loaded:
            self._loaded[name] = self.read(path)
        return self._loaded[name]

    def read(self, path: Path) -> Profile:
        """The profile in a file, wherever it is. Raises ProfileError."""
        data = self._data(path, ())
        data.setdefault("name", path.stem)
        if data["name"] != path.stem:
            raise ProfileError(
                f"{path}: name is {data['name']!r} and the file is called {path.stem!r}:"
                " they must be the same"
            )
        return profile_of(data, str(path))

    def text(self, name: str) -> str:
        """The TOML of a profile as it is written. Raises ProfileError."""
        path = self._own.get(name)
        if path is not None:
            return _text(path)
        self.load(name)
        return builtin_text(name)

    def extended(self, name: str) -> str | None:
        """What the user's profile of that name extends, if anything. Raises ProfileError."""
        path = self._own.get(name)
        base = _toml(_text(path), str(path)).get("extends") if path is not None else None
        return base if isinstance(base, str) else None

    def all(self) -> tuple[list[Profile], list[ProfileError]]:
        """Every profile that can be used, and what is wrong with the others.

        The user's own come first: where two fit a device equally well, the user's is meant.
        """
        good: list[Profile] = []
        bad: list[ProfileError] = []
        for name in (*sorted(self._own), *(n for n in builtin_names() if n not in self._own)):
            try:
                good.append(self.load(name))
            except ProfileError as error:
                bad.append(error)
        return good, bad

    async def usable(self) -> list[Profile]:
        """The first half of `all`, without holding up the event loop.

        The files are read in a thread, and once, however many devices are waiting for them.
        """
        async with self._reading:
            if self._usable is None:
                good, _ = await asyncio.to_thread(self.all)
                self._usable = good
            return self._usable

    def problems(self) -> tuple[str, ...]:
        """What is wrong with the user's files, one line each."""
        found = []
        for name in sorted(self._own):
            try:
                self.load(name)
            except ProfileError as error:
                found.append(str(error))
        return tuple(found)

    def _data(self, path: Path, seen: tuple[str, ...]) -> dict[str, object]:
        data = _toml(_text(path), str(path))
        base = data.pop("extends", None)
        if base is None:
            return data
        if not isinstance(base, str):
            raise ProfileError(f"{path}: extends must be the name of a profile")
        own = self._own.get(base)
        if own is not None and own != path:  # a file of a built-in's name extends the built-in
            if base in seen or len(seen) > _DEEPEST:
                raise ProfileError(f"{path}: extends goes round in a circle: {' > '.join(seen)}")
            under = self._data(own, (*seen, base))
        elif base in builtin_names():
            under = _toml(builtin_text(base), f"{base}{SUFFIX}")
        else:
            raise ProfileError(
                f"{path}: extends {base!r}, which is no profile (known: {', '.join(self.names)})"
            )
        under.pop("name", None)
        _merge(under, data)
        return under


def _merge(under: dict[str, object], over: Mapping[str, object]) -> None:
    for key, value in over.items():
        before = under.get(key)
        if isinstance(before, dict) and isinstance(value, dict):
            _merge(before, value)
        elif key in _ADDED and isinstance(before, list) and isinstance(value, list):
            # Of several rules for a trap the first that fits counts: the extension's.
            under[key] = [*value, *before] if key == "trap" else [*before, *value]
        else:
            under[key] = value


def _own_files(folder: Path | None) -> dict[str, Path]:
    if folder is None:
        return {}
    try:
        found = [p for p in folder.iterdir() if p.suffix == SUFFIX and not p.name.startswith(".")]
    except OSError:
        return {}
    return {path.stem: path for path in sorted(found)}


def _text(path: Path) -> str:
    try:
        with path.open("rb") as file:
            data = file.read(LARGEST + 1)
        if len(data) > LARGEST:
            raise ProfileError(f"{path}: is larger than any profile")
        return data.decode("utf-8-sig").replace("\r\n", "\n")
    except OSError as error:
        raise ProfileError(f"{path}: cannot be read: {error.strerror}") from error
    except UnicodeDecodeError as error:
        raise ProfileError(f"{path}: is not UTF-8 text (byte {error.start})") from error


def _toml(text: str, source: str) -> dict[str, object]:
    try:
        return tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise ProfileError(f"{source}: is not TOML: {error}") from error
    except (ValueError, RecursionError) as error:
        raise ProfileError(f"{source}: cannot be read as TOML: {error}") from error
