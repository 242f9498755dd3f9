"""Which series are meant: keys, parts, names and fields as people write them."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from fnmatch import fnmatchcase

from pdutui.cli.exits import CliError
from pdutui.config_errors import nearest
from pdutui.domain.history import SeriesInfo


def pick_series(
    wanted: Sequence[str], there: Sequence[SeriesInfo], pdu: str
) -> tuple[SeriesInfo, ...]:
    """The series that are meant, in the order of `there`; all of them if nothing is wanted.

    Each of `wanted` is a key (`outlet.3.power_w`), a part (`outlet.3`, `outlet 3`, `outlet`), the
    name of a part (`db01`), a field (`power_w`, `outlet.power_w`), any of them with `*` and `?`,
    or several with commas between them.

    Raises:
        CliError: Something fits nothing.
    """
    if not wanted:
        return tuple(there)
    chosen: set[str] = set()
    for text in wanted:
        chosen |= _whole_or_split(text, there, pdu)
    return tuple(info for info in there if info.key in chosen)


def own_name(info: SeriesInfo) -> str:
    """What a part is called besides its kind and number: `db01`; empty if nothing."""
    entity, ident, _ = info.key.split(".")
    plain = f"{entity} {ident}"
    if info.name.lower() == plain.lower():
        return ""
    if info.name.lower().startswith(f"{plain.lower()} "):
        return info.name[len(plain) + 1 :].strip()
    return info.name


def _whole_or_split(text: str, there: Sequence[SeriesInfo], pdu: str) -> set[str]:
    found = _fitting(text, there)
    if found:
        return found
    parts = [part for part in text.split(",") if part.strip()]
    if len(parts) < 2:
        raise CliError(_nothing_fits(text, there, pdu))
    out: set[str] = set()
    for part in parts:
        found = _fitting(part, there)
        if not found:
            raise CliError(_nothing_fits(part, there, pdu))
        out |= found
    return out


def _fitting(text: str, there: Iterable[SeriesInfo]) -> set[str]:
    said = " ".join(text.split()).lower()
    dotted = said.replace(" ", ".")
    glob = re.search(r"[*?\[]", said) is not None
    out = set()
    for info in there:
        names = {info.name.lower(), own_name(info).lower()} - {""}
        ways = _ways(info.key)
        fits = said in names or dotted in ways
        if not fits and glob:
            fits = any(fnmatchcase(way, dotted) for way in ways)
            fits = fits or any(fnmatchcase(name, said) for name in names)
        if fits:
            out.add(info.key)
    return out


def _ways(key: str) -> tuple[str, ...]:
    entity, ident, field = key.lower().split(".")
    return key.lower(), f"{entity}.{ident}", entity, field, f"{entity}.{field}"


def _nothing_fits(text: str, there: Sequence[SeriesInfo], pdu: str) -> str:
    known: list[str] = []
    for info in there:
        known += [*_ways(info.key), info.name.lower(), own_name(info).lower()]
    known = [name for name in dict.fromkeys(known) if name]
    near = nearest(" ".join(text.split()).lower(), known)
    if near is not None:
        return f"--series: {pdu} has no {text.strip()!r}: did you mean {near!r}?"
    kinds = ", ".join(dict.fromkeys(info.key.split(".")[0] for info in there))
    return (
        f"--series: {pdu} has no {text.strip()!r} (a series is like {there[0].key}; there: {kinds})"
        if there
        else f"--series: {pdu} has no series"
    )
