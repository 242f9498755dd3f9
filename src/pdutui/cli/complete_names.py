"""Names that a command line may be completed with: from the configuration and the state directory.

The configuration is read as it is, unchecked: with a mistake in one place the names in all others
are still right, and checking it would take longer than somebody waits for a key.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import cached_property
from pathlib import Path
from typing import Any

from pdutui.config_env import config_path, state_dir
from pdutui.config_errors import ConfigError

Name = tuple[str, str]
"""A name, and what it is the name of."""

_PACKAGE = Path(__file__).resolve().parents[1]
_LARGEST = 4_000_000
"""Bytes of a file that is read for this; a configuration of 500 PDUs has a twentieth."""


class Names:
    """The names that are there.

    Args:
        given: the configuration file of the command line.
        env: the environment.
    """

    def __init__(self, given: Path | None, env: Mapping[str, str]) -> None:
        self._given = given
        self._env = env

    def of(self, which: str, pdu: str = "") -> Iterator[Name]:
        """The names of one sort, each once, in the order of the file.

        Args:
            which: `pdus`, `outlets`, `groups`, `sequences`, `plans`, `alarms`, `silences`, `feeds`,
                `themes`, `profiles`, `kinds`, `pages`.
            pdu: the PDU whose outlets are meant.
        """
        found: Iterator[Name] = getattr(self, f"_{which}")(pdu)
        seen = set()
        for name, text in found:
            if name and name not in seen:
                seen.add(name)
                yield name, text

    @cached_property
    def _config(self) -> dict[str, Any]:
        import tomllib

        try:
            return tomllib.loads(_text(config_path(self._given, self._env)[0]))
        except (OSError, ValueError, ConfigError):
            return {}

    @cached_property
    def _state(self) -> Path | None:
        try:
            return state_dir(self._env)
        except ConfigError:
            return None

    def _beside(self) -> Path | None:
        try:
            return config_path(self._given, self._env)[0].parent
        except ConfigError:
            return None

    def _tables(self, key: str) -> Iterator[dict[str, Any]]:
        """The tables of a list of tables."""
        return _tables(self._config.get(key))

    def _pdus(self, _: str) -> Iterator[Name]:
        for pdu in self._tables("pdu"):
            place = (pdu.get("host"), pdu.get("location"))
            yield _word(pdu.get("name")), ", ".join(filter(None, map(_word, place)))

    def _outlets(self, name: str) -> Iterator[Name]:
        yield "all", "every outlet"
        for pdu in self._tables("pdu"):
            if pdu.get("name") != name or not isinstance(pdu.get("outlets"), dict):
                continue
            outlets = [(n, one) for n, one in pdu["outlets"].items() if isinstance(one, dict)]
            for number, one in outlets:
                yield number, _word(one.get("name")) or _word(one.get("device"))
            for number, one in outlets:
                yield _word(one.get("name")), f"outlet {number}"

    def _groups(self, _: str) -> Iterator[Name]:
        groups = self._config.get("group")
        for name in groups if isinstance(groups, dict) else ():
            yield name, "group"
        for pdu in self._tables("pdu"):
            outlets = pdu.get("outlets")
            for one in outlets.values() if isinstance(outlets, dict) else ():
                of = one.get("group") if isinstance(one, dict) else None
                for name in of if isinstance(of, list) else [of]:
                    yield _word(name), "group"

    def _sequences(self, _: str) -> Iterator[Name]:
        for one in self._tables("sequence"):
            yield _word(one.get("name")), _word(one.get("text"))

    def _feeds(self, _: str) -> Iterator[Name]:
        for pdu in self._tables("pdu"):
            yield _word(pdu.get("feed")), "feed"

    def _plans(self, _: str) -> Iterator[Name]:
        control = self._config.get("control")
        said = control.get("plans_dir") if isinstance(control, dict) else None
        beside = self._beside()
        if isinstance(said, str) and beside is not None:
            folder = beside / Path(said).expanduser()
        elif self._state is not None:
            folder = self._state / "plans"
        else:
            return
        files = [(path.stat().st_mtime, path) for path in folder.glob("*.plan.json")]
        for _when, path in sorted(files, reverse=True):
            yield path.name.partition(".")[0], "plan"

    def _alarms(self, _: str) -> Iterator[Name]:
        yield "all", "all that stand"
        for watched in self._book("watched"):
            alarm = watched.get("alarm")
            if isinstance(alarm, dict) and watched.get("listed"):
                text = f"{_word(alarm.get('pdu'))}: {_word(alarm.get('text'))}"
                yield _word(alarm.get("id")), text

    def _silences(self, _: str) -> Iterator[Name]:
        yield "all", "every silence"
        for one in self._book("silences"):
            yield _word(one.get("id")), _word(one.get("pdu"))

    def _book(self, key: str) -> Iterator[dict[str, Any]]:
        """What is kept of alarms."""
        import json

        if self._state is None:
            return iter(())
        try:
            kept = json.loads(_text(self._state / "alarms" / "state.json"))
        except (OSError, ValueError):
            return iter(())
        return _tables(kept.get(key) if isinstance(kept, dict) else None)

    def _kinds(self, _: str) -> Iterator[Name]:
        from pdutui.domain.alarm import KIND_WORDS

        for kind, words in KIND_WORDS.items():
            yield kind.replace("_", "-"), words

    def _pages(self, _: str) -> Iterator[Name]:
        from pdutui.config_kiosk import PAGES

        for page in PAGES:
            yield page, "page"
        for pdu in self._tables("pdu"):
            yield f"pdu:{_word(pdu.get('name'))}", "page"

    def _themes(self, _: str) -> Iterator[Name]:
        inside = _PACKAGE / "themes"
        shipped = inside if inside.is_dir() else _PACKAGE.parents[1] / "themes"
        yield from self._files(shipped, "themes")

    def _profiles(self, _: str) -> Iterator[Name]:
        yield "auto", "found out by asking"
        yield from self._files(_PACKAGE / "backends" / "snmp" / "profiles", "profiles")

    def _files(self, shipped: Path, own: str) -> Iterator[Name]:
        """The names of TOML files: ours, and those of the user beside the configuration."""
        beside = self._beside()
        for folder, text in ((shipped, ""), (None if beside is None else beside / own, "yours")):
            if folder is not None:
                for path in sorted(folder.glob("*.toml")):
                    yield path.stem, text


def _text(path: Path) -> str:
    """The text of a file that is a plain one and not larger than such files are.

    Raises OSError and ValueError.
    """
    if not path.is_file():
        raise OSError
    with path.open("rb") as file:
        return file.read(_LARGEST).decode("utf-8-sig")


def _tables(value: object) -> Iterator[dict[str, Any]]:
    for one in value if isinstance(value, list) else ():
        if isinstance(one, dict):
            yield one


def _word(value: object) -> str:
    return value if isinstance(value, str) else ""
