"""TOML, environment and command line to `Settings`. Strict: what is not understood is an error.

Precedence: command line > environment (`PDUTUI_...`) > file > default.
"""

from __future__ import annotations

import functools
import tomllib
from collections.abc import Callable, Mapping
from pathlib import Path

from pdutui.backends.snmp.library import ProfileLibrary
from pdutui.backends.snmp.profile import ProfileError
from pdutui.config_alarms import FILE_KEYS as ALARM_FILE_KEYS
from pdutui.config_alarms import KEYS as ALARM_KEYS
from pdutui.config_alarms import read_alarms
from pdutui.config_control import FILE_KEYS as CONTROL_FILE_KEYS
from pdutui.config_control import KEYS as CONTROL_KEYS
from pdutui.config_control import read_control
from pdutui.config_cords import read_cords
from pdutui.config_energy import FILE_KEYS as ENERGY_FILE_KEYS
from pdutui.config_energy import read_energy
from pdutui.config_env import (
    config_path,
    section_env,
    state_dir,
    unknown_variables,
)
from pdutui.config_errors import ConfigError, Problems
from pdutui.config_groups import read_groups
from pdutui.config_impact import AUDIT_KEYS, IMPACT_KEYS, read_audit, read_impact
from pdutui.config_keys import read_keys
from pdutui.config_kiosk import FILE_KEYS as KIOSK_FILE_KEYS
from pdutui.config_kiosk import KEYS as KIOSK_KEYS
from pdutui.config_kiosk import read_kiosk
from pdutui.config_names import Known
from pdutui.config_pdu import PduReader
from pdutui.config_secret import SecretReader
from pdutui.config_sequences import read_sequences
from pdutui.config_table import Table
from pdutui.config_traps import FILE_KEYS as TRAPS_FILE_KEYS
from pdutui.config_traps import read_traps
from pdutui.settings import (
    HistorySettings,
    PduSettings,
    PollSettings,
    Settings,
    UiSettings,
)

__all__ = ["SECTIONS", "ConfigError", "load_settings"]

SECTIONS: dict[str, tuple[str, ...]] = {
    "poll": ("interval_s", "timeout_s", "retries"),
    "history": ("enabled", "path", "retention_days", "totals_days"),
    "control": CONTROL_KEYS,
    "ui": ("theme", "color", "glyphs", "mouse", "start", "group"),
    "kiosk": KIOSK_KEYS,
    "alarms": ALARM_KEYS,
    "traps": ("enabled", "listen", "community"),
    "energy": ("currency", "price_per_kwh"),
    "impact": IMPACT_KEYS,
    "audit": AUDIT_KEYS,
}
"""The sections of the file, and those of their keys that the environment may give too."""

SHORTEST_INTERVAL_S = 0.2
LONGEST_INTERVAL_S = 3600
_MOST_DAYS = 36_500
_LARGEST = 10_000_000
"""Bytes of the file; a thousand PDUs with all their outlets named are some two million."""
PROFILES = "profiles"
"""The folder of the user's profiles, beside the configuration."""


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

    def section(name: str, *more: str) -> Table:
        table = Table(
            top.raw(name),
            file=str(path),
            path=f"{name}.",
            problems=problems,
            env=section_env(env, name, SECTIONS[name]),
            given=(overrides or {}).get(name),
            keys=(name,),
        )
        table.check_keys((*SECTIONS[name], *more))
        return table

    poll = _poll(section("poll"))
    library = ProfileLibrary(path.parent / PROFILES)
    reader = PduReader(file=file, poll=poll, env=env, profiles=library.names, problems=problems)
    secrets = SecretReader(file, env, problems, reader.warnings)
    pdus = reader.read_all(top.raw("pdu"))
    groups = read_groups(top, pdus, outlets_first=_comes_first(data, "pdu", "group"))
    known = Known(
        pdus=tuple(pdu.name for pdu in pdus), groups=tuple(group.name for group in groups)
    )
    impact = read_impact(section("impact"), path.parent)
    warnings = reader.warnings
    cords = (
        read_cords(pdus, impact.map, label=str(path), problems=problems, warnings=warnings)
        if device_map
        else ()
    )
    settings = Settings(
        poll=poll,
        history=_history(section("history"), path.parent),
        control=read_control(
            section("control", *CONTROL_FILE_KEYS),
            base=path.parent,
            known=known,
            secrets=secrets,
            env=env,
        ),
        ui=_ui(section("ui")),
        kiosk=read_kiosk(section("kiosk", *KIOSK_FILE_KEYS), known),
        alarms=read_alarms(
            section("alarms", *ALARM_FILE_KEYS), known=known, env=env, warnings=warnings
        ),
        keys=read_keys(top.sub("keys"), top.raw("keys")),
        traps=read_traps(section("traps", *TRAPS_FILE_KEYS), secrets, there=top.has("traps")),
        energy=read_energy(section("energy", *ENERGY_FILE_KEYS)),
        impact=impact,
        audit=read_audit(section("audit")),
        groups=groups,
        sequences=read_sequences(top, pdus, groups),
        cords=cords,
        pdus=pdus,
        config_path=file,
        profile_dir=library.folder,
        state_dir=state_dir(env),
        warnings=(*reader.warnings, *library.problems(), *unknown_variables(env, SECTIONS)),
    )
    for place, pdu in enumerate(settings.pdus):
        at = functools.partial(problems.at, ("pdu", place), "profile")
        _usable(library, pdu, str(path), problems, at)
    problems.raise_if_any()
    return settings


def _comes_first(data: Mapping[str, object] | None, one: str, other: str) -> bool:
    """Whether the file has `one` before `other`."""
    keys = list(data or ())
    return one in keys and (other not in keys or keys.index(one) < keys.index(other))


def _usable(
    library: ProfileLibrary,
    pdu: PduSettings,
    file: str,
    problems: Problems,
    at: Callable[[], str],
) -> None:
    """See that the user's own profile that a PDU names can be used."""
    if library.file(pdu.profile) is None:
        return
    try:
        library.load(pdu.profile)
    except ProfileError as error:
        named = f"{file}{at()}: [pdu {pdu.name!r}] profile {pdu.profile!r}"
        problems.add(f"{named} cannot be used: {error}")


def _read_file(path: Path, named: bool) -> tuple[dict[str, object] | None, str]:
    """What the file says, and the text itself; None and nothing where there is none."""
    try:
        with path.open("rb") as file:
            data = file.read(_LARGEST + 1)
        if len(data) <= _LARGEST:
            text = data.decode("utf-8")
            return tomllib.loads(text), text
    except FileNotFoundError as error:
        if named:
            raise ConfigError([f"{path}: no such file"]) from error
        return None, ""
    except OSError as error:
        raise ConfigError([f"{path}: cannot be read: {error.strerror}"]) from error
    except UnicodeDecodeError as error:
        raise ConfigError([f"{path}: is not UTF-8 text (byte {error.start})"]) from error
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
