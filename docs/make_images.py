"""Make the pictures of the documentation from the demo, the same on every machine.

    python docs/make_images.py [FOLDER]

Runs the console without a terminal, on the demo's models and a clock that it moves itself, through
fifteen minutes in a few seconds. Writes SVG, and PNG beside it where `rsvg-convert` and the fonts
Fira Code and DejaVu Sans Mono are installed.
"""

from __future__ import annotations

import asyncio
import logging
import os
import re
import shutil
import subprocess
import sys
import tempfile
import time
from html import escape, unescape
from pathlib import Path

from rich.cells import cell_len

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))
os.environ.update({"TZ": "UTC", "TERM": "xterm-256color", "COLORTERM": "truecolor"})
os.environ.pop("NO_COLOR", None)
time.tzset()

from tests.support.clock import ManualClock  # noqa: E402

from pdutui.app import PduApp  # noqa: E402
from pdutui.backends.mock.demo import demo_backends, demo_pdus  # noqa: E402
from pdutui.domain.commands import Actor  # noqa: E402
from pdutui.engine.engine import Engine  # noqa: E402
from pdutui.settings import Settings, UiSettings  # noqa: E402
from pdutui.store.history import HistoryStore  # noqa: E402

logging.disable(logging.CRITICAL)  # the demo's incidents are in the pictures

SEED = 1
MINUTES = 16
PICTURES: tuple[tuple[str, tuple[int, int], str, tuple[str, ...]], ...] = (
    ("pdu", (120, 36), "noc-dark", ("right_square_bracket", "right_square_bracket")),
    ("rack", (120, 36), "noc-dark", ()),
    ("dialog", (120, 36), "noc-dark", ("j", "j", "f")),
    ("light", (120, 36), "noc-light", ("right_square_bracket", "right_square_bracket")),
    ("history", (120, 36), "noc-dark", ("tab", "j", "j", "g", "plus", "plus", "N", "N")),
    ("wide", (200, 60), "noc-dark", ("right_square_bracket", "right_square_bracket")),
)
"""Name, size, theme, keys."""

_TEXT = re.compile(
    r'<text (?P<before>[^>]*?)x="(?P<x>[\d.]+)"(?P<mid>[^>]*?)textLength="(?P<length>[\d.]+)"'
    r"(?P<after>[^>]*?)>(?P<text>[^<]*)</text>"
)


async def picture(size: tuple[int, int], theme: str, keys: tuple[str, ...], state_dir: Path) -> str:
    """The screen as SVG after so many minutes of the demo."""
    clock = ManualClock()
    settings = Settings(pdus=demo_pdus(SEED), state_dir=state_dir, ui=UiSettings(theme=theme))
    path = state_dir / "history.db"
    store = await HistoryStore.open(path, clock=clock, retention_days=60) if "g" in keys else None
    engine = Engine(settings, demo_backends(clock, SEED), clock=clock, store=store)
    app = PduApp(engine, settings, clock=clock, actor=Actor(user="noc"), env={"TZ": "UTC"})
    async with app.run_test(size=size) as pilot:
        await pilot.pause()
        for _ in range(MINUTES * 60):
            await clock.run(1.0, settle=6)
        for key in keys:
            await pilot.press(key)
            # A chart is asked for and drawn in threads.
            await pilot.pause(0.5 if store is not None else 0)
        await pilot.pause(0.2)
        picture = app.export_screenshot(title="pdutui", simplify=True)
    if store is not None:
        await store.close()
    return picture


def placed(match: re.Match[str]) -> str:
    """One text element per cell: librsvg knows no textLength and folds runs of blanks."""
    text = unescape(match["text"])
    step = float(match["length"]) / (cell_len(text) or 1)
    x, out = float(match["x"]), []
    for char in text:
        if char not in " \xa0":
            out.append(
                f'<text {match["before"]}x="{x:.2f}"{match["mid"]}{match["after"]}>'
                f"{escape(char)}</text>"
            )
        x += step * cell_len(char)
    return "".join(out)


def write_png(svg: str, path: Path) -> None:
    """Draw it with librsvg and local fonts."""
    local = re.sub(r"@font-face\s*\{.*?\}", "", svg, flags=re.S)
    local = local.replace(
        "font-family: Fira Code, monospace",
        "font-family: 'Fira Code', 'DejaVu Sans Mono', monospace; font-variant-ligatures: none",
    )
    subprocess.run(
        ["rsvg-convert", "-o", str(path)], input=_TEXT.sub(placed, local), text=True, check=True
    )


def main() -> None:
    """Make them all, or fail with what the converter said."""
    folder = Path(sys.argv[1]) if len(sys.argv) > 1 else ROOT / "docs" / "images"
    folder.mkdir(parents=True, exist_ok=True)
    for name, size, theme, keys in PICTURES:
        with tempfile.TemporaryDirectory() as state:
            svg = asyncio.run(picture(size, theme, keys, Path(state)))
        if shutil.which("rsvg-convert"):
            write_png(svg, folder / f"{name}.png")
        else:
            (folder / f"{name}.svg").write_text(svg, "utf-8")
        print(folder / name)


if __name__ == "__main__":
    main()
