"""Secrets of the configuration: in the file, in a variable, in a file of their own."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from pathlib import Path

from pdutui.config_env import (
    Place,
    community_from_env,
    expanded,
    open_to_others,
    secret_from_env,
    secret_from_file,
)
from pdutui.config_errors import ConfigError, Problems
from pdutui.config_table import Table
from pdutui.domain.secret import Secret


class SecretReader:
    """Reads the secrets of one file; no error and no warning of it holds one.

    Args:
        file: the file they stand in, which relative paths start from; None without one.
        env: the environment.
        problems: where errors go.
        warnings: where warnings go; each is there once.
    """

    def __init__(
        self,
        file: Path | None,
        env: Mapping[str, str],
        problems: Problems,
        warnings: list[str],
    ) -> None:
        self._file = file
        self._env = env
        self._problems = problems
        self._warnings = warnings

    def read(self, table: Table, key: str, *, variable: str | None, what: str) -> Secret | None:
        """What stands under `key`, `key_env` or `key_file`; the environment's own comes first.

        Args:
            table: the PDU.
            key: e.g. `community`.
            variable: the environment's own variable; None: it has no say.
            what: "a community", "a key".
        """
        ways = [k for k in (key, f"{key}_env", f"{key}_file") if table.has(k)]
        if len(ways) > 1:
            table.fail(ways[1], f"and {ways[0]} are both there: leave one of them out")
            return None
        literal = table.secret_text(key)
        if literal is not None:
            self.warn_of_literal(what)
        try:
            text = (variable and community_from_env(self._env, variable)) or literal
        except ConfigError as error:
            self._problems.add(str(error))
            return None
        overruled = variable is not None and self._env.get(variable)
        for way in ways:
            named = table.text(way) if way != key else None
            if named is None or overruled:
                continue
            try:
                if way.endswith("_env"):
                    text = secret_from_env(self._env, named, partial(table.place, way))
                else:
                    text = self._from_file(named, partial(table.place, way), what)
            except ConfigError as error:
                self._problems.add(str(error))
        return Secret(text) if text else None

    def warn_of_literal(self, what: str) -> None:
        """Warn, if others may read the file, that there is a secret in it."""
        if self._file is not None and open_to_others(self._file):
            self._warn(
                f"{self._file} has {what} in it and other users may read it: "
                f"chmod 600 {self._file}, or use the keys that end in _env or _file"
            )

    def _from_file(self, named: str, place: Place, what: str) -> str:
        base = self._file.parent if self._file is not None else Path()
        path = base / expanded(named, place)
        text = secret_from_file(path, place)
        if open_to_others(path):
            self._warn(f"{path} has {what} in it and other users may read it: chmod 600 {path}")
        return text

    def _warn(self, text: str) -> None:
        if text not in self._warnings:
            self._warnings.append(text)
