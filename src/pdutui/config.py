"""TOML, environment and command line to `Settings`. Strict: what is not understood is an error.

Precedence: command line > environment (`PDUTUI_...`) > file > default.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from pathlib import Path

from pdutui.config_env import (
    config_path,
    section_env,
    state_dir,
    unknown_variables,
)
from pdutui.config_errors import ConfigError, Problems
from pdutui.config_parts import PROFILES, Parts
from pdutui.config_read import read_bytes
from pdutui.config_sections import FILE_KEYS, SECTIONS
from pdutui.config_table import Table
from pdutui.settings import HistorySettings, PollSettings, Settings, UiSettings

__all__ = ["PROFILES", "SECTIONS", "ConfigError", "load_settings"]


SHORTEST_INTERVAL_S = 0.2
LONGEST_INTERVAL_S = 3600
_MOST_DAYS = 36_500
_LARGEST = 10_000_000
"""Bytes of the file; a thousand PDUs with all their outlets named are some two million."""


def load_settings(
    *,
    config: Path | None = None,
    overrides: Mapping[str, Mapping[str, object]] | None = None,
    env: Mapping[str, str],
    device_map: bool = True,
) -> Settings:
    """The settings of this run.

    Args:
        config: the file named on the command line; None: `PDUTUI_CONFIG`, else the platform's
            place, where a missing file is no error.
        overrides: section -> key -> value from the command line.
        env: the environment.
        device_map: whether the file of `[impact] map` is read; what makes it does without.

    Raises:
        ConfigError: with a line for every problem.
    """
    path, named = config_path(config, env)
    data, text = _read_file(path, named)
    file = path if data is not None else None
    problems = Problems(text)
    top = Table(data, file=str(path), path="", problems=problems)
    top.check_keys((*SECTIONS, "keys", "pdu", "group", "sequence"))

    def section(name: str) -> Table:
        table = Table(
            top.raw(name),
            file=str(path),
            path=f"{name}.",
            problems=problems,
            env=section_env(env, name, SECTIONS[name]),
            given=(overrides or {}).get(name),
            keys=(name,),
        )
        table.check_keys((*SECTIONS[name], *FILE_KEYS.get(name, ())))
        return table

    poll = _poll(section("poll"))
    parts = Parts(
        top, section, problems, path=path, file=file, env=env, poll=poll, device_map=device_map,
        outlets_first=_comes_first(data, "pdu", "group"),
    )  # fmt: skip
    settings = Settings(
        poll=poll,
        history=_history(section("history"), path.parent),
        control=parts.control(),
        ui=_ui(section("ui")),
        kiosk=parts.kiosk(),
        alarms=parts.alarms(),
        keys=parts.keys(),
        traps=parts.traps(),
        energy=parts.energy(),
        impact=parts.impact,
        audit=parts.audit(),
        groups=parts.groups,
        sequences=parts.sequences(),
        cords=parts.cords,
        pdus=parts.pdus,
        config_path=file,
        profile_dir=path.parent / PROFILES,
        state_dir=state_dir(env),
        warnings=(*parts.warnings, *parts.profile_problems(), *unknown_variables(env, SECTIONS)),
    )
    parts.check_profiles()
    problems.raise_if_any()
    return settings


def _comes_first(data: Mapping[str, object] | None, one: str, other: str) -> bool:
    """Whether the file has `one` before `other`."""
    keys = list(data or ())
    return one in keys and (other not in keys or keys.index(one) < keys.index(other))


def _read_file(path: Path, named: bool) -> tuple[dict[str, object] | None, str]:
    """What the file says, and the text itself; None and nothing where there is none."""
    try:
        data = read_bytes(path, _LARGEST + 1)
        if len(data) <= _LARGEST:
            text = data.decode("utf-8-sig")  # some editors begin with a mark
            return tomllib.loads(text), text
    except (FileNotFoundError, NotADirectoryError) as error:  # a home that is /dev/null
        if named:
            raise ConfigError([f"{path}: no such file"]) from error
        return None, ""
    except OSError as error:
        raise ConfigError([f"{path}: cannot be read: {error.strerror}"]) from error
    except UnicodeDecodeError as error:
        line = error.object.count(b"\n", 0, error.start) + 1
        raise ConfigError([f"{path}, line {line}: is not UTF-8 text"]) from error
    except tomllib.TOMLDecodeError as error:
        raise ConfigError([f"{path}: is not TOML: {error}"]) from error
    except ValueError as error:  # what Python says of a number of thousands of digits
        raise ConfigError([f"{path}: a number in it is too long"]) from error
    except RecursionError as error:
        raise ConfigError([f"{path}: its arrays or tables are nested too deeply"]) from error
    raise ConfigError([f"{path}: is larger than any configuration"])


def _poll(table: Table) -> PollSettings:
    return PollSettings(
        interval_s=table.number(
            "interval_s", 1.0, at_least=SHORTEST_INTERVAL_S, at_most=LONGEST_INTERVAL_S
        ),
        timeout_s=table.number("timeout_s", 2.0, above=0, at_most=60),
        retries=table.integer("retries", 1, at_least=0, at_most=10),
    )


def _history(table: Table, base: Path) -> HistorySettings:
    path = table.path("path")
    days = table.integer("retention_days", 60, at_least=1, at_most=_MOST_DAYS)
    totals = table.integer("totals_days", max(1826, days), at_least=1, at_most=_MOST_DAYS)
    if totals < days:
        table.fail_value("totals_days", f"must be at least retention_days ({days}), is {totals}")
    return HistorySettings(
        enabled=table.boolean("enabled", True),
        path=base / path if path is not None else None,
        retention_days=days,
        totals_days=totals,
    )


def _ui(table: Table) -> UiSettings:
    return UiSettings(
        theme=table.text("theme") or "noc-dark",
        color=table.choice("color", "auto", ("auto", "truecolor", "256", "16", "none")),
        glyphs=table.choice("glyphs", "auto", ("auto", "unicode", "console", "ascii")),
        mouse=table.boolean("mouse", True),
        start=table.choice("start", "pdu", ("pdu", "fleet")),
        group=table.choice("group", "none", ("none", "location", "rack", "feed")),
    )
