"""The environment's part of the configuration: `PDUTUI_...` variables and where files live."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from pathlib import Path
from typing import Literal

from platformdirs import PlatformDirs

from pdutui.config_errors import ConfigError, nearest
from pdutui.config_v3 import KEY_VARIABLES

SHORT_NAMES: dict[str, tuple[str, str]] = {
    "PDUTUI_THEME": ("ui", "theme"),
    "PDUTUI_COLOR": ("ui", "color"),
    "PDUTUI_GLYPHS": ("ui", "glyphs"),
    "PDUTUI_MOUSE": ("ui", "mouse"),
    "PDUTUI_READ_ONLY": ("control", "read_only"),
}
"""Variables with a name of their own. Any other key of a section is `PDUTUI_<SECTION>_<KEY>`; the
long name wins where both are set."""

CONFIG = "PDUTUI_CONFIG"
STATE_DIR = "PDUTUI_STATE_DIR"
COMMUNITY = "PDUTUI_COMMUNITY"
WRITE_COMMUNITY = "PDUTUI_WRITE_COMMUNITY"
FACTORY_COMMUNITY = "public"
FACTORY_WRITE_COMMUNITY = "private"
"""What these devices leave the factory with; used for targets that no configuration names."""

_LONGEST_SECRET = 4096
"""Characters; a line without end, as of a device, would be read for ever."""

Place = str | Callable[[], str]
"""Where something was said; one that takes a while to find out is asked for only in an error."""

_DIRS = PlatformDirs("pdutui", appauthor=False)


def section_env(
    env: Mapping[str, str], section: str, keys: Collection[str]
) -> dict[str, tuple[str, str]]:
    """What the environment says of a section: key -> (variable, text). Empty text says nothing."""
    found: dict[str, tuple[str, str]] = {}
    for name, (short_section, key) in SHORT_NAMES.items():
        if short_section == section and env.get(name):
            found[key] = (name, env[name])
    for key in keys:
        name = f"PDUTUI_{section}_{key}".upper()
        if env.get(name):
            found[key] = (name, env[name])
    return found


def unknown_variables(
    env: Mapping[str, str], sections: Mapping[str, Collection[str]]
) -> tuple[str, ...]:
    """A warning for every variable that looks like a section's or an SNMPv3 key, and is none."""
    known = {f"PDUTUI_{s}_{k}".upper() for s, keys in sections.items() for k in keys}
    known |= set(KEY_VARIABLES.values())
    prefixes = ("PDUTUI_V3_", *(f"PDUTUI_{s}_".upper() for s in sections))
    out = []
    for name in sorted(env):
        if name.startswith(prefixes) and name not in known:
            near = nearest(name.lower(), [k.lower() for k in known])
            hint = f": did you mean {near.upper()}?" if near else ""
            out.append(f"environment: {name} is not known and does nothing{hint}")
    return tuple(out)


def default_config_path() -> Path:
    """`config.toml` where the platform keeps a user's configuration."""
    return _platform_path("user_config_path") / "config.toml"


def config_path(given: Path | None, env: Mapping[str, str]) -> tuple[Path, bool]:
    """The file to read, and whether somebody named it (then it has to be there)."""
    if given is not None:
        return given, True
    if env.get(CONFIG):
        return expanded(env[CONFIG], CONFIG), True
    return default_config_path(), False


def state_dir(env: Mapping[str, str]) -> Path:
    """Where the database, the overrides and the log live.

    Raises ConfigError where there is no home directory to put them in.
    """
    if env.get(STATE_DIR):
        return expanded(env[STATE_DIR], STATE_DIR).absolute()
    return _platform_path("user_state_path")


def _platform_path(which: Literal["user_config_path", "user_state_path"]) -> Path:
    """A place in the home directory. Raises ConfigError where there is no home.

    Some releases of platformdirs then raise, others leave the `~`, and a directory of that name
    would be made wherever we stand.
    """
    try:
        path: Path = getattr(_DIRS, which)
    except RuntimeError:
        path = Path("~")
    if path.parts[:1] == ("~",):
        raise ConfigError([f"no home directory is known: set HOME, or {CONFIG} and {STATE_DIR}"])
    return path


def expanded(path: str | Path, place: Place) -> Path:
    """The path with `~` put in full; `place` is where it was named. Raises ConfigError."""
    try:
        return Path(path).expanduser()
    except RuntimeError as error:
        raise ConfigError([f"{_said(place)}: no home directory is known for {path}"]) from error


def _is_default(path: Path) -> bool:
    try:
        return path == state_dir({})
    except ConfigError:
        return False


def ensure_state_dir(path: Path) -> str:
    """Make the state directory with mode 0700; returns what went wrong, empty if nothing did.

    A directory that is there already is closed to others only if it is our own default one: a
    directory that somebody named may be shared on purpose, and is only reported.
    """
    try:
        if not path.is_dir():
            path.mkdir(mode=0o700, parents=True, exist_ok=True)
        if path.stat().st_mode & 0o077:
            if not _is_default(path):
                return f"{path} can be entered by other users (chmod 700 would close it)"
            path.chmod(0o700)
    except OSError as error:
        return f"{path} cannot be used: {error.strerror or error}"
    return ""


def secret_from_env(env: Mapping[str, str], name: str, place: Place) -> str:
    """The variable `name`, which `place` asks for. Raises ConfigError if it is not set."""
    text = community_from_env(env, name)
    if not text:
        raise ConfigError([f"{_said(place)}: the environment has no {name}, or it is empty"])
    return text


def community_from_env(env: Mapping[str, str], name: str) -> str:
    """The variable `name`, empty if it is not set. Raises ConfigError for what is not UTF-8."""
    text = env.get(name, "")
    if not is_utf8(text):
        raise ConfigError([f"environment: {name} is not UTF-8 text"])
    return text


def secret_from_file(path: Path, place: Place) -> str:
    """The first line of a file, which `place` asks for. Raises ConfigError."""
    try:
        with path.open(encoding="utf-8") as file:
            line = file.readline(_LONGEST_SECRET + 2).strip("\r\n")
    except (OSError, UnicodeDecodeError) as error:
        why = error.strerror if isinstance(error, OSError) else "not UTF-8"
        raise ConfigError([f"{_said(place)}: {path} cannot be read: {why}"]) from error
    if not line:
        raise ConfigError([f"{_said(place)}: the first line of {path} is empty"])
    if len(line) > _LONGEST_SECRET:
        text = f"the first line of {path} is longer than {_LONGEST_SECRET} characters"
        raise ConfigError([f"{_said(place)}: {text}"])
    return line


def _said(place: Place) -> str:
    return place if isinstance(place, str) else place()


def is_utf8(text: str) -> bool:
    """Whether an argument or a variable came in as UTF-8; Python makes surrogates of the rest."""
    return not any("\ud800" <= c <= "\udfff" for c in text)


def open_to_others(path: Path) -> bool:
    """Whether the group or others may read the file."""
    try:
        return bool(path.stat().st_mode & 0o044)
    except OSError:
        return False
