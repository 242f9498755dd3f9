"""What the big chart shows as a file: CSV, JSON, or a picture made elsewhere. No terminal needed.

A file is written beside its place and put there when it is whole. What is there already is never
written over: the new one gets a number.
"""

from __future__ import annotations

import contextlib
import csv
import io
import os
import re
import tempfile
from bisect import bisect_left
from datetime import UTC, datetime, tzinfo
from pathlib import Path

import msgspec

from pdutui.domain.series import UNITS_PER
from pdutui.widgets.chart_model import ChartLine, ChartModel
from pdutui.widgets.chart_time import local, zone_name

_HEAD = (
    "time", "local", "series", "name", "unit", "before_s", "n", "min", "mean", "max", "last",
)  # fmt: skip
_FORMULA = ("=", "+", "-", "@", "\t", "\r")
"""A spreadsheet would take a text that begins so for a formula."""
_MOST_NAMES = 1000
_LONGEST_STEM = 80


def csv_text(model: ChartModel) -> str:
    r"""A line per point, with a header: `time,local,series,name,unit,before_s,n,min,mean,max,last`.

    `time` is when it was, in UTC, and `local` the same with the offset of the chart's zone; where a
    step is longer than a second, it is when the step begins. `before_s` says of a comparison how
    much earlier it was than where the chart shows it. States are words. Lines end with `\n`.
    """
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(_HEAD)
    for line in model.lines:
        info = line.info
        name = f"'{info.name}" if info.name.startswith(_FORMULA) else info.name
        same = [info.key, name, info.unit, f"{line.shift_ms / 1000:g}" if line.shift_ms else ""]
        for place in _inside(model, line):
            ts, n, *values = _point(line, place)
            writer.writerow([_utc(ts), _local(ts, model.zone), *same, n, *values])
    return out.getvalue()


def json_text(model: ChartModel) -> str:
    """One object: window, lines with their points, gaps, marks and thresholds; times in UTC.

    Every point is `{"time", "local", "n", "min", "mean", "max", "last"}`; null is unknown, and what
    nothing is known of has no point. States are words. `as_of` is the moment of a replay, later
    than which nothing was looked at; else null.
    """
    lines = []
    for line in model.lines:
        points = []
        for place in _inside(model, line):
            ts, n, low, mean, high, last = _point(line, place)
            points.append(
                {
                    "time": _utc(ts), "local": _local(ts, model.zone), "n": n,
                    "min": low, "mean": mean, "max": high, "last": last,
                }
            )  # fmt: skip
        lines.append(
            {
                "series": line.info.key, "name": line.info.name, "unit": line.info.unit,
                "before_s": line.shift_ms / 1000, "points": points,
            }
        )  # fmt: skip
    shown = {
        "pdu": model.pdu,
        "from": _utc(model.from_ms),
        "to": _utc(model.to_ms),
        "step_s": model.step_ms / 1000,
        "zone": getattr(model.zone, "key", None) or _zone_name(model),
        "oldest": _utc(model.oldest_ms) if model.oldest_ms is not None else None,
        "newest": _utc(model.newest_ms) if model.newest_ms is not None else None,
        "as_of": _utc(model.as_of_ms) if model.as_of_ms is not None else None,
        "lines": lines,
        "gaps": [{"from": _utc(gap.from_ms), "to": _utc(gap.to_ms)} for gap in model.gaps],
        "marks": [
            {
                "time": _utc(mark.ts_ms), "local": _local(mark.ts_ms, model.zone),
                "kind": mark.kind, "level": mark.level, "text": mark.text,
            }
            for mark in model.marks
            if model.from_ms <= mark.ts_ms < model.to_ms
        ],
        "thresholds": [
            {"value": level.value, "unit": level.unit, "level": level.level, "text": level.text}
            for level in model.thresholds
        ],
    }  # fmt: skip
    return msgspec.json.format(msgspec.json.encode(shown), indent=1).decode() + "\n"


def file_stem(model: ChartModel) -> str:
    """A name that says what is in the file: `rack1-a_outlet.3.power_w_20261120-0200_20261120-0300`.

    Local time; only letters, digits and `._-`, whatever the PDU is called. What a replay knew is
    called so too.
    """
    begin, end = (
        local(ms, model.zone).strftime("%Y%m%d-%H%M") for ms in (model.from_ms, model.to_ms)
    )
    keys = list(dict.fromkeys(line.info.key for line in model.lines))
    what = keys[0] if len(keys) == 1 else f"{len(keys)}-series"
    plain = re.sub(r"[^A-Za-z0-9._-]+", "-", f"{model.pdu}_{what}").strip(".-_") or "chart"
    return f"{plain[:_LONGEST_STEM]}_{begin}_{end}" + "_replay" * (model.as_of_ms is not None)


def write_new(directory: Path, stem: str, suffix: str, text: str) -> Path:
    """Write a file that was not there before; returns where it is.

    Args:
        directory: Where to; made if it is not there.
        stem: The name without its ending; where it is taken, `-2`, `-3` … follow it.
        suffix: `.csv`, `.json`, `.svg`.
        text: What is written, as UTF-8.

    Raises:
        OSError: It cannot be written, or a thousand names are taken; nothing is left behind.
    """
    directory.mkdir(parents=True, exist_ok=True)
    number, name = tempfile.mkstemp(prefix=f".{stem[:40]}.", suffix=".tmp", dir=directory)
    scratch = Path(name)
    try:
        with open(number, "wb") as file:
            file.write(text.encode("utf-8", "replace"))
            file.flush()
            os.fsync(file.fileno())
        for count in range(1, _MOST_NAMES + 1):
            path = directory / f"{stem}{f'-{count}' if count > 1 else ''}{suffix}"
            with contextlib.suppress(FileExistsError):
                _put(scratch, path)
                return path
        raise FileExistsError(f"{stem}{suffix} and {_MOST_NAMES - 1} more are there already")
    finally:
        scratch.unlink(missing_ok=True)


def _put(scratch: Path, path: Path) -> None:
    """Give a whole file its name. Raises FileExistsError where the name is taken."""
    try:
        os.link(scratch, path)
    except FileExistsError:
        raise
    except OSError:  # a file system without hard links: the name is taken first, then filled
        os.close(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600))
        try:
            os.replace(scratch, path)
        except OSError:
            path.unlink(missing_ok=True)
            raise


def _inside(model: ChartModel, line: ChartLine) -> range:
    """The places of the points whose step begins in the window."""
    times = line.points.ts_ms
    return range(
        bisect_left(times, model.from_ms - line.shift_ms),
        bisect_left(times, model.to_ms - line.shift_ms),
    )


def _point(
    line: ChartLine, place: int
) -> tuple[
    int, int, float | str | None, float | str | None, float | str | None, float | str | None
]:  # fmt: skip
    """Time, count, and the four values: rounded to what is stored, words for codes."""
    points = line.points
    low, mean, high, last = (
        points.minimum[place], points.mean[place], points.maximum[place], points.last[place],
    )  # fmt: skip
    ts, n = points.ts_ms[place], points.n[place]
    words = line.info.words
    if words:
        # Lowest and highest of words are where they stand in a list, and their mean is nothing.
        text = words.get(round(last), f"{last:g}")
        return ts, n, _word(words, low), None, _word(words, high), text
    digits = len(str(UNITS_PER.get(line.info.key.rpartition(".")[2], 1000))) - 1
    return ts, n, round(low, digits), round(mean, digits + 3), round(high, digits), round(
        last, digits
    )  # fmt: skip


def _word(words: dict[int, str], code: float) -> str:
    return words.get(round(code), f"{code:g}")


def _zone_name(model: ChartModel) -> str:
    """A zone that has no name of its own by the short one it has at the end of the window."""
    return zone_name(local(model.to_ms, model.zone))


def _utc(ms: int) -> str:
    moment = datetime.fromtimestamp(ms / 1000, UTC)
    return moment.isoformat(timespec="milliseconds").removesuffix("+00:00") + "Z"


def _local(ms: int, zone: tzinfo) -> str:
    return local(ms, zone).isoformat(timespec="milliseconds")
