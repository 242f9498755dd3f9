"""Kept frames as one picture: `python -m tests.support.contact_sheet OUT.svg FILE...`.

For looking at the matrix of screens by eye: no app is started, the files are drawn as they are.
"""

from __future__ import annotations

import argparse
from pathlib import Path

from tests.support.frames import Frame, sheet_svg


def main() -> None:
    parser = argparse.ArgumentParser(description="Draw kept frames as one SVG.")
    parser.add_argument("out", type=Path)
    parser.add_argument("files", type=Path, nargs="+")
    parser.add_argument("--columns", type=int, default=2)
    given = parser.parse_args()
    frames = [(f"{f.parent.name} {f.stem}", Frame.load(f.read_text())) for f in given.files]
    given.out.write_text(sheet_svg(frames, given.columns))


if __name__ == "__main__":
    main()
