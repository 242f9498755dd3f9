"""Kinds of values on the command line, stricter than click's own."""

from __future__ import annotations

import math
import re
from typing import Any, TypeVar

import click

from pdutui.config_env import is_utf8

_Said = TypeVar("_Said", str, str | None, tuple[str, ...])


class Number(click.FloatRange):
    """A number within a range. `nan` is within every range that click knows, and is none here."""

    def convert(
        self, value: Any, param: click.Parameter | None, ctx: click.Context | None
    ) -> float:
        """The number. Fails for what is not finite."""
        number = float(super().convert(value, param, ctx))
        if not math.isfinite(number):
            self.fail(f"{value!r} is not a finite number.", param, ctx)
        return number


class Digits(click.IntRange):
    """A whole number within a range, in plain digits: click also takes `1_0` and other scripts'."""

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> int:
        """The number. Fails for anything but digits."""
        if isinstance(value, str) and not (value.isascii() and value.isdecimal()):
            self.fail(f"{value!r} is no whole number in plain digits.", param, ctx)
        return int(super().convert(value, param, ctx))


class Duration(click.FloatRange):
    """A span of time: `90s`, `15m`, `2h`, `1d12h`, or plain seconds; it becomes seconds."""

    name = "time"

    def convert(
        self, value: Any, param: click.Parameter | None, ctx: click.Context | None
    ) -> float:
        """The seconds. Fails for what is no span of time, or outside of the range."""
        said = str(value).strip().lower()
        parts = re.findall(_SPAN, said, re.ASCII)
        if not re.fullmatch(_SPANS, said, re.ASCII) or not parts:
            self.fail(f"{value!r} is no span of time: 90s, 15m, 2h, 1d12h.", param, ctx)
        seconds = sum(float(number) * _SECONDS[unit or "s"] for number, unit in parts)
        least, most = self.min or 0.0, self.max or math.inf
        if not least <= seconds <= most:
            self.fail(f"{value!r} is not from {least:g} s to {most / 86400:g} days.", param, ctx)
        return seconds


_SPAN = r"([0-9]{1,9}(?:\.[0-9]{1,6})?) ?(w|d|h|min|m|s|)"
_SPANS = r"[0-9]{1,9}|(?:[0-9]{1,9}(?:\.[0-9]{1,6})? ?(?:w|d|h|min|m|s) ?)+"
_SECONDS = {"w": 604_800, "d": 86_400, "h": 3_600, "min": 60, "m": 60, "s": 1}


def utf8(ctx: click.Context, param: click.Parameter, value: _Said) -> _Said:
    """A callback: refuse bytes that are not UTF-8, which could be neither sent nor written down.

    The error does not show them: they may be a community.
    """
    for text in value if isinstance(value, tuple) else (value,):
        if text is not None and not is_utf8(text):
            raise click.BadParameter("is not UTF-8 text.")
    return value
