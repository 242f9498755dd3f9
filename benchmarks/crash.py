"""Kills the history with -9 at random moments under load, and checks the file each time.

    python benchmarks/crash.py [--kills 50] [--seed N] [--longest 1.5] [--dir DIR]

Two PDUs, a reading each per ten seconds of a time that passes an hour a second; audit, events,
health, sealing, rollups and retention at work. After each kill SQLite's integrity check must find
nothing and everything that was said to be safe must be there; the next start must say nothing to
the user. At the end every value, rollup, gap and frame is compared with a plain recomputation.
"""

from __future__ import annotations

import argparse
import random
import sys
import tempfile
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from tests.store.crashing import check, kill_often


def main() -> None:
    parser = argparse.ArgumentParser(description="Kills the history and checks it.")
    parser.add_argument("--kills", type=int, default=50)
    parser.add_argument("--seed", type=int, default=random.randrange(10**6))
    parser.add_argument("--longest", type=float, default=1.5, help="seconds of life at most")
    parser.add_argument("--dir", type=Path)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(dir=options.dir) as directory:
        path = Path(directory) / "history.db"
        print(f"seed {options.seed}, {options.kills} kills")
        began = time.monotonic()
        early = 0
        for count, run in enumerate(
            kill_often(path, options.kills, options.seed, options.longest), 1
        ):
            early += not run.rows
            if count % 10 == 0:
                print(f"  {count} kills, {time.monotonic() - began:.0f} s")
        seen = check(path, [], [])
        print(
            f"whole after each of {options.kills} kills ({early} of them before the first commit), "
            f"nothing lost that was safe, no word at any start"
        )
        print(
            f"{seen.rows} readings, {seen.sealed_hours} sealed hours, {seen.raw_rows} raw rows, "
            f"{seen.gaps} gaps, {seen.frames} frames, {seen.audit} audit records in "
            f"{seen.bytes / 1e6:.1f} MB: values, rollups, gaps and frames as recomputed"
        )


if __name__ == "__main__":
    main()
