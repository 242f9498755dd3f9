"""Where everything is that the configuration decides about: files and directories by name."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Literal

import msgspec

from pdutui.cli.build import history_path
from pdutui.config import PROFILES, ConfigError, load_settings
from pdutui.config_env import config_path, state_dir
from pdutui.engine.alarms.book import directory_of
from pdutui.engine.logs import FILE_NAME

ConfigState = Literal["there", "missing", "errors"]
STATE_WORDS: dict[ConfigState, str] = {
    "there": "",
    "missing": "(not there)",
    "errors": "(has errors: pdutui config check)",
}
THEMES = "themes"


class Paths(msgspec.Struct, frozen=True, kw_only=True):
    """By the names under which they are printed. None: only a configuration without errors says."""

    config: str
    config_state: ConfigState
    state: str
    history: str | None
    audit: str | None
    """The database that the audit is kept in: that of the history."""
    log: str
    alarms: str | None
    plans: str | None
    profiles: str
    """Beside the configuration: the user's own."""
    themes: str


def find_paths(given: Path | None, env: Mapping[str, str]) -> Paths:
    """All of them, whether they are there or not.

    Args:
        given: the configuration file named on the command line.
        env: the environment.

    Raises:
        ConfigError: no home directory is known.
    """
    file, _ = config_path(given, env)
    state = state_dir(env)
    kept: dict[str, str | None] = dict.fromkeys(("history", "audit", "alarms", "plans"))
    try:
        settings = load_settings(config=given, env=env)
    except ConfigError:
        there: ConfigState = "errors" if file.exists() else "missing"
    else:
        there = "there" if settings.config_path is not None else "missing"
        history = str(history_path(settings))
        plans = settings.control.plans_dir or settings.state_dir / "plans"
        kept = {
            "history": history,
            "audit": history,
            "alarms": str(directory_of(settings)),
            "plans": str(plans),
        }
    return Paths(
        config=str(file),
        config_state=there,
        state=str(state),
        log=str(state / FILE_NAME),
        profiles=str(file.parent / PROFILES),
        themes=str(file.parent / THEMES),
        **kept,
    )


def path_lines(paths: Paths) -> list[str]:
    """A line for each, for people."""
    lines = []
    for name in paths.__struct_fields__:
        if name == "config_state":
            continue
        value = getattr(paths, name)
        note = STATE_WORDS[paths.config_state] if name == "config" else ""
        lines.append(f"{name:<8}  {value or '?'}   {note}".rstrip())
    return lines
