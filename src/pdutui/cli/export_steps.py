"""`--step` and `--stat` of an export."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, cast

from pdutui.cli.exits import CliError
from pdutui.domain.history import DAY_MS, SECOND_MS

if TYPE_CHECKING:
    from pdutui.cli.export_formats import Stat

AUTO = -1
"""As charts have it for the span."""
POLLS = 0
"""Every reading as it was."""

_UNIT_MS = {"s": 1000, "m": 60_000, "min": 60_000, "h": 3_600_000}
_STATS = ("min", "mean", "max", "last", "n")


def parse_step(text: str) -> int:
    """`poll`, `auto`, or a span up to a day, in ms. Raises CliError."""
    said = text.strip().lower()
    if said in ("poll", "auto"):
        return POLLS if said == "poll" else AUTO
    match = re.fullmatch(r"([0-9]{1,5}) ?(s|m|min|h)", said)
    step_ms = int(match[1]) * _UNIT_MS[match[2]] if match else 0
    if step_ms <= 0 or step_ms > DAY_MS:
        raise CliError(
            f"--step: {text!r} is no step: poll, auto, or a span up to 24h such as 1s, 10s, 1m, "
            "5m, 15m, 1h"
        )
    return step_ms


def step_name(step_ms: int) -> str:
    """`1s`, `90s`, `15m`, `1h`."""
    for unit in ("h", "m", "s"):
        count, rest = divmod(step_ms, _UNIT_MS[unit])
        if not rest:
            return f"{count}{unit}"
    return f"{step_ms / SECOND_MS:g}s"


def parse_stats(text: str) -> tuple[Stat, ...]:
    """`min,mean` as a tuple, each once. Raises CliError."""
    said = [part.strip().lower() for part in text.split(",") if part.strip()]
    for part in said:
        if part not in _STATS:
            raise CliError(f"--stat: {part!r} is none of {', '.join(_STATS)}")
    if not said:
        raise CliError(f"--stat: name some of {', '.join(_STATS)}")
    return cast("tuple[Stat, ...]", tuple(dict.fromkeys(said)))
