"""Months on a wall, shortened: 100,000 polls through the console, and whether anything grows.

    python benchmarks/soak.py                               # 100,000 polls, four months
    python benchmarks/soak.py --polls 4000 --seed 7         # a look in a minute
    python benchmarks/soak.py --only dialog --polls 30000   # one thing, over and over
    python benchmarks/soak.py --polls 20000 --kinds         # ... and what it is that grows

The whole program runs in a pseudo-terminal, driver and bytes included, since what is drawn is what
could be kept; `--headless` leaves the terminal away. Four modelled PDUs are asked every four
seconds, history, alarms, hook and plans included, by a clock that goes as fast as this machine can:
100,000 polls are 28 hours, and with the days that the machine is suspended in between four months.
Somebody walks through every screen and dialog all that time, 150 times (see `soak_acts.py`),
devices fall silent and lose sources, sizes, themes and the configuration change. With `--linger 8`
all of it is looked at for longer, and so less often. With `--kiosk` nobody is there: it is a wall
that turns its pages.

After each round all is closed, and what is left is counted, after a collection of garbage; what
that had to find stands under `garbage`. The memory is told apart: `used_mb` and `free_mb` of the C
library's heaps, of which SQLite has `sqlite_mb`; `arenas_mb` that Python has for small objects,
`file_mb` of libraries and files. `cached` is how many results are remembered by caches that have an
end, those of Textual and Rich for the most part; what they hold is not counted in `objects`.

Judged from a fifth of the run on, when everything has been seen in all its variants, and caches
that have an end have come to it: the line through the memory rises by `FLAT_MB` per 100,000 polls
at the most; tasks, threads, descriptors, widgets and screens are as many as they were. Ends with 1
where something of it does not hold, or where the console did not reach the end.
"""

from __future__ import annotations

import argparse
import contextlib
import json
import os
import pty
import select
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from pathlib import Path

from pty_run import Answers, set_size

FLAT_MB = 2.0
"""Growth of memory per 100,000 polls that is judged as none."""
FLAT_OBJECTS = 4000
"""The same of objects that the collector knows: one leaked widget a round would be more."""
WARM_UP = 0.2
STEADY = ("fds", "threads", "tasks", "nodes", "screens", "timers")
"""What has to be as it was."""
COLUMNS = ("polls", "hours", "rss_mb", "used_mb", "free_mb", "arenas_mb", "file_mb", "sqlite_mb",
           "cached", "objects", "garbage", "fds", "threads", "tasks", "nodes", "screens", "timers",
           "db_mb", "polls_per_s")  # fmt: skip

Sample = dict[str, float]


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description="100,000 polls through the console.")
    parser.add_argument("--polls", type=int, default=100_000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--linger", type=int, default=1, help="how long everything is looked at")
    parser.add_argument(
        "--only", default="", help="one of the acts of soak_acts.py, again and again"
    )
    parser.add_argument("--kiosk", action="store_true", help="a wall: nobody touches it")
    parser.add_argument("--headless", action="store_true", help="without a terminal")
    parser.add_argument("--kinds", action="store_true", help="say what kinds of objects grew")
    parser.add_argument("--trace", action="store_true", help="... and who made them (slow)")
    parser.add_argument("--inside", type=int, help=argparse.SUPPRESS)
    return parser.parse_args()


def main() -> None:
    options = arguments()
    if options.inside is not None:
        from soak_inside import inside

        inside(options)
        return
    samples: list[Sample] = []
    print(" ".join(f"{name:>11}" for name in COLUMNS), flush=True)
    for line in told(sys.argv[1:], headless=options.headless):
        if not line.startswith("{"):
            print(line, flush=True)
            continue
        sample = json.loads(line)
        samples.append(sample)
        print(" ".join(f"{sample[name]:11.6g}" for name in COLUMNS), flush=True)
    wrong = list(judge(samples, options.polls))
    for line in wrong:
        print(f"BAD: {line}")
    sys.exit(1 if wrong else 0)


def told(words: Sequence[str], *, headless: bool) -> Iterator[str]:
    """Run the console and give what it tells, line by line, until it ends."""
    with tempfile.TemporaryDirectory() as home:
        reading, writing = os.pipe()
        env = {**os.environ, "TERM": "xterm-256color", "COLORTERM": "truecolor", "HOME": home}
        env |= {"LANG": "C.UTF-8", "LC_ALL": "C.UTF-8", "TZ": "UTC"}
        for name in ("NO_COLOR", "COLUMNS", "LINES"):
            env.pop(name, None)
        master, slave = pty.openpty()
        set_size(slave, 120, 36)
        errors = Path(home, "stderr")
        with errors.open("wb") as stderr:
            child = subprocess.Popen(
                [sys.executable, __file__, *words, "--inside", str(writing)],
                stdin=slave, stdout=slave, stderr=stderr, pass_fds=(writing,), env=env,
                start_new_session=True, cwd=home,
            )  # fmt: skip
        os.close(slave)
        os.close(writing)
        try:
            yield from lines(reading, master)
            code = child.wait(timeout=60)
            if code:
                yield f"BAD: the console ended with {code}"
                yield errors.read_text(errors="replace")[-4000:]
        finally:
            with contextlib.suppress(ProcessLookupError):
                child.kill()
            child.wait()
            os.close(reading)
            os.close(master)


def lines(reading: int, master: int) -> Iterator[str]:
    """Whole lines from the pipe; meanwhile the terminal takes all that is drawn."""
    answers, kept, watched = Answers(master), b"", [reading, master]
    while reading in watched:
        for fd in select.select(watched, [], [])[0]:
            try:
                data = os.read(fd, 1 << 20)
            except OSError:  # the other end of the terminal is closed
                data = b""
            if not data:
                watched.remove(fd)
            elif fd == master:
                answers.give(data)
            else:
                kept += data
                *whole, kept = kept.split(b"\n")
                yield from (line.decode() for line in whole)


def judge(samples: Sequence[Sample], polls: int) -> Iterator[str]:
    """What does not hold, in words; says the growth in any case."""
    if not samples or samples[-1]["polls"] < polls:
        yield f"it came to {samples[-1]['polls'] if samples else 0:.0f} polls of {polls}"
    steady = [sample for sample in samples if sample["polls"] >= WARM_UP * polls]
    if len(steady) < 4:
        print("too short to judge what grows")
        return
    for name, unit, flat in (("rss_mb", "MB", FLAT_MB), ("objects", "objects", FLAT_OBJECTS)):
        rise = slope(steady, name) * 100_000
        span = (steady[-1]["polls"] - steady[0]["polls"]) / 100_000
        print(f"{name}: {rise:+.2f} {unit} per 100,000 polls, over {span:.2f} of them")
        if rise > flat:
            yield f"{name} grows by {rise:.2f} {unit} per 100,000 polls ({flat:g} are none)"
    third = max(1, len(steady) // 3)
    for name in STEADY:
        first = max(sample[name] for sample in steady[:third])
        last = min(sample[name] for sample in steady[-third:])
        if last > first:
            yield f"{name}: {first:.0f} at first, {last:.0f} in the end"


def slope(samples: Sequence[Sample], name: str) -> float:
    """The slope of the line through it, per poll, by least squares."""
    xs, ys = [s["polls"] for s in samples], [s[name] for s in samples]
    x_mean, y_mean = sum(xs) / len(xs), sum(ys) / len(ys)
    spread = sum((x - x_mean) ** 2 for x in xs)
    return sum((x - x_mean) * (y - y_mean) for x, y in zip(xs, ys, strict=True)) / spread


if __name__ == "__main__":
    began = time.monotonic()
    try:
        main()
    finally:
        if "--inside" not in sys.argv:
            print(f"{time.monotonic() - began:.0f} s")
