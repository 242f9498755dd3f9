"""Make the pictures of the documentation from the demo, the same on every machine.

    python docs/make_images.py [--check] [NAME ...]

Runs the console without a terminal, on the demo's models and a clock that it moves itself, through
minutes in seconds. The pictures are PNG: `rsvg-convert`, the fonts Fira Code and DejaVu Sans Mono,
and Pillow (it is in `.[docs]`) make them. The text of the screen is in each of them; `--check`
writes nothing and ends with 1 where a screen says something else by now.
"""

from __future__ import annotations

import asyncio
import difflib
import io
import logging
import os
import re
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from html import escape, unescape
from pathlib import Path

from msgspec.structs import replace
from rich.cells import cell_len
from textual.app import App

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))
os.environ.update({"TZ": "UTC", "TERM": "xterm-256color", "COLORTERM": "truecolor"})
os.environ.pop("NO_COLOR", None)
time.tzset()

from tests.support.clock import ManualClock  # noqa: E402

from pdutui.app import PduApp  # noqa: E402
from pdutui.cli.build import Demo, build_backends, demo_settings  # noqa: E402
from pdutui.cli.kiosk import Kiosk  # noqa: E402
from pdutui.domain.commands import Actor  # noqa: E402
from pdutui.engine.engine import Engine  # noqa: E402
from pdutui.screens.pdu import PduScreen  # noqa: E402
from pdutui.screens.sheet_screen import SheetScreen  # noqa: E402
from pdutui.settings import KioskSettings, Settings, UiSettings  # noqa: E402
from pdutui.store.history import HistoryStore  # noqa: E402

logging.disable(logging.CRITICAL)  # the demo's incidents are in the pictures

FOLDER = ROOT / "docs" / "images"
COLORS = 96
"""Of a picture: the inks of a theme, and the shades between them at the edges of letters."""
TEXT = "Screen"
"""The key of the text in a picture."""


@dataclass(frozen=True)
class Picture:
    """One picture: what is shown, in which dress, and the keys that lead there."""

    name: str
    keys: tuple[str, ...] = ()
    size: tuple[int, int] = (120, 36)
    theme: str = "noc-dark"
    fleet: int | None = None
    minutes: float = 16
    kiosk: KioskSettings | None = None
    history: bool = False
    """Whether there is a database, which takes its time."""


NEXT = "right_square_bracket"
PICTURES = (
    Picture("pdu", (NEXT, NEXT)),
    Picture("light", (NEXT, NEXT), theme="noc-light"),
    Picture("dialog", ("j", "j", "f")),
    Picture("history", ("tab", "j", "j", "g", "plus", "plus", "N", "N"), history=True),
    Picture("fleet", ("0",), fleet=24, minutes=4),
    Picture("whatif", ("0", "P", "w", "enter"), fleet=24, minutes=4),
    Picture("alarms", ("A",), fleet=24, minutes=4),
    Picture(
        "wall",
        size=(150, 42),
        theme="high-contrast-dark",
        fleet=24,
        minutes=4,
        kiosk=KioskSettings(on=True, pages=("fleet",), jump=False),
    ),
)

_TEXT = re.compile(
    r'<text (?P<before>[^>]*?)x="(?P<x>[\d.]+)"(?P<mid>[^>]*?)textLength="(?P<length>[\d.]+)"'
    r"(?P<after>[^>]*?)>(?P<text>[^<]*)</text>"
)


async def drawn(picture: Picture, state_dir: Path) -> tuple[str, str]:
    """The screen as SVG, and as text."""
    clock = ManualClock()
    demo = Demo(fleet=picture.fleet)
    settings = demo_settings(
        Settings(state_dir=state_dir, ui=UiSettings(theme=picture.theme)), demo
    )
    if picture.kiosk is not None:
        settings = replace(Kiosk(on=True).on_top_of(settings), kiosk=picture.kiosk)
    store = None
    if picture.history:
        store = await HistoryStore.open(state_dir / "history.db", clock=clock, retention_days=60)
    engine = Engine(settings, build_backends(settings, clock, demo=demo), clock=clock, store=store)
    app = PduApp(engine, settings, clock=clock, actor=Actor(user="noc"), env={"TZ": "UTC"})
    async with app.run_test(size=picture.size) as pilot:
        await pilot.pause()
        for second in range(round(picture.minutes * 60)):
            await clock.run(1.0, settle=6)
            if second % 20 == 0:
                await pilot.pause(0.01)  # for what is judged in a thread
        await pilot.pause(0.3)
        for key in picture.keys:
            await pilot.press(key)
            # A chart is asked for and drawn in threads.
            await pilot.pause(0.5 if store is not None else 0.1)
            await clock.run(1.0, settle=6)
        await pilot.pause(0.3)
        # Screens draw once a second of this machine, which is another moment on each.
        top = app.live_screens()[-1]
        if isinstance(top, PduScreen | SheetScreen):
            top.tick()
        if app.wall is not None:
            app.wall.tick()
        await pilot.pause(0.3)
        svg, text = app.export_screenshot(title="pdutui", simplify=True), said(app)
    if store is not None:
        await store.close()
    return svg, text


def said(app: App[object]) -> str:
    """The text of the screen, line by line."""
    lines = app.screen._compositor.render_strips()
    return "\n".join(strip.text.rstrip() for strip in lines)


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


def write_png(svg: str, text: str, path: Path) -> None:
    """Draw it with librsvg and local fonts, in as few colours as it needs."""
    from PIL import Image
    from PIL.PngImagePlugin import PngInfo

    local = re.sub(r"@font-face\s*\{.*?\}", "", svg, flags=re.S)
    local = local.replace(
        "font-family: Fira Code, monospace",
        "font-family: 'Fira Code', 'DejaVu Sans Mono', monospace; font-variant-ligatures: none",
    )
    done = subprocess.run(
        ["rsvg-convert"], input=_TEXT.sub(placed, local).encode(), capture_output=True, check=True
    )
    image = Image.open(io.BytesIO(done.stdout)).convert("RGB")
    few = image.quantize(COLORS, method=Image.Quantize.MEDIANCUT, dither=Image.Dither.NONE)
    info = PngInfo()
    info.add_itxt(TEXT, text, zip=True)
    few.save(path, optimize=True, pnginfo=info)


def differs(picture: Picture, text: str) -> bool:
    """Whether the picture that is there says something else; says what."""
    from PIL import Image

    with Image.open(FOLDER / f"{picture.name}.png") as image:
        before = str(image.text.get(TEXT, ""))  # type: ignore[attr-defined]
    lines = list(difflib.unified_diff(before.splitlines(), text.splitlines(), lineterm="", n=0))
    if lines:
        print(f"{picture.name}:", *lines, sep="\n", file=sys.stderr)
    return bool(lines)


def main() -> int:
    """Make them, or look whether they would be others."""
    wanted = [word for word in sys.argv[1:] if not word.startswith("-")]
    check, bad = "--check" in sys.argv[1:], False
    FOLDER.mkdir(parents=True, exist_ok=True)
    for picture in PICTURES:
        if wanted and picture.name not in wanted:
            continue
        with tempfile.TemporaryDirectory() as state:
            svg, text = asyncio.run(drawn(picture, Path(state)))
        if check:
            bad = differs(picture, text) or bad
        else:
            write_png(svg, text, FOLDER / f"{picture.name}.png")
            print(f"{picture.name}.png {(FOLDER / f'{picture.name}.png').stat().st_size} bytes")
    return int(bad)


if __name__ == "__main__":
    sys.exit(main())
