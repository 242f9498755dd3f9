"""The matrix: each screen at three sizes on four kinds of terminals, every cell of it.

After a change that is meant to be seen: `pytest tests/ui/test_matrix.py --snapshot-update`, then
draw what changed (`python -m tests.support.contact_sheet out.svg FILE...`) and look at it.
"""

from __future__ import annotations

import asyncio
import difflib
import sys
from pathlib import Path

import pytest
from rich.cells import cell_len
from textual.app import App
from textual.pilot import Pilot
from textual.widgets import Input

from pdutui.app import PduApp
from tests.support.frames import SIXTEEN, Frame, Run, frame_of
from tests.ui.matrix_scenes import DRESSES, SCENES, SIZES, Dress, Scene, Set
from tests.ui.test_audit_screen import RECORDS, fill

KEPT = Path(__file__).parent / "__snapshots__" / "matrix"
COLORS = {*SIXTEEN, "default"}
pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="POSIX terminals")


async def reach(pilot: Pilot[object], scene: Scene) -> None:
    """Open the screen."""
    app = pilot.app
    if isinstance(app, PduApp):
        await until(pilot, lambda: app._engine is not None)
        if not app.console_screen.is_past:
            # What begins a little after the first frame begins now.
            assert app._engine is not None
            app.alarms_of(app._engine)
            if not app.settings.kiosk.on:
                await app.plans(app._engine).begin()
    for key in scene.keys:
        await pilot.press(key)
        await pilot.pause()


async def until(pilot: Pilot[object], so: object) -> None:
    for _ in range(400):
        if so():  # type: ignore[operator]
            return
        await pilot.pause()
        await asyncio.sleep(0.002)
    raise AssertionError(f"{pilot.app.screen} does not come to rest")


async def at_rest(pilot: Pilot[object], scene: Scene) -> Frame:
    """The frame after which nothing more changes."""
    app: App[object] = pilot.app
    await pilot.pause()
    await until(pilot, lambda: scene.whole(app))
    for field in app.screen.query(Input):
        field.cursor_blink = False
    before = None
    for _ in range(50):
        if isinstance(app, PduApp) and app.wall is not None:
            app.wall.tick()  # else once a second
        await pilot.pause()
        now = frame_of(app)
        if now == before:
            return now
        before = now
    raise AssertionError(f"{scene.name} never comes to rest")


def faults(frame: Frame, size: tuple[int, int], dress: Dress) -> list[str]:
    """What must not be on any screen, whatever it shows."""
    found = []
    widths = {sum(cell_len(run.text) for run in row) for row in frame.rows}
    if widths != {size[0]} or len(frame.rows) != size[1]:
        found.append(f"rows are {widths} cells, {len(frame.rows)} of them: not {size}")
    if any("blink" in style for style in frame.styles):
        found.append("something blinks")
    colors = {word for style in frame.styles for word in (style.split()[-3], style.split()[-1])}
    if dress.name == "no-color" and colors != {"default"}:
        found.append(f"colours under NO_COLOR: {sorted(colors)}")
    if dress.name == "sixteen" and not colors <= COLORS:
        found.append(f"more than sixteen colours: {sorted(colors - COLORS)}")
    if dress.name == "ascii" and not frame.text.isascii():
        strange = sorted({char for char in frame.text if not char.isascii()})
        found.append(f"not ASCII: {''.join(strange)}")
    return found


def difference(kept: str, made: str, name: str) -> str:
    lines = difflib.unified_diff(
        kept.splitlines(), made.splitlines(), f"{name} as kept", "as it is now", n=0, lineterm=""
    )
    return "\n".join(list(lines)[:40])


@pytest.fixture(scope="module")
def audit(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A database with records in it."""
    path = tmp_path_factory.mktemp("audit") / "history.db"
    fill(path, RECORDS)
    return path


@pytest.mark.parametrize("scene", SCENES, ids=lambda scene: scene.name)
async def test_every_cell(
    scene: Scene,
    audit: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    request: pytest.FixtureRequest,
) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    update = request.config.getoption("update_snapshots", default=False)
    wrong: list[str] = []
    for dress in DRESSES:
        app = scene.make(Set(tmp_path, dress, audit))
        async with app.run_test(size=SIZES[0]) as pilot:
            await reach(pilot, scene)
            for size in SIZES:
                if app.size != size:
                    await pilot.resize_terminal(*size)
                frame = await at_rest(pilot, scene)
                name = f"{size[0]}x{size[1]}-{dress.name}"
                wrong += [f"{name}: {fault}" for fault in faults(frame, size, dress)]
                file, made = KEPT / scene.name / f"{name}.txt", frame.dump()
                if update:
                    file.parent.mkdir(parents=True, exist_ok=True)
                    file.write_text(made)
                elif not file.exists():
                    wrong.append(f"{name} was never looked at: --snapshot-update makes it")
                elif (kept := file.read_text()) != made:
                    wrong.append(difference(kept, made, name))
    assert not wrong, "\n".join(wrong)


def test_what_is_kept_is_of_a_screen_that_there_is() -> None:
    there = {
        Path(scene.name, f"{width}x{height}-{dress.name}.txt")
        for scene in SCENES
        for dress in DRESSES
        for width, height in SIZES
    }
    assert {file.relative_to(KEPT) for file in KEPT.rglob("*.txt")} == there


def test_a_letter_and_the_look_of_a_cell_are_seen_to_differ() -> None:
    kept = (KEPT / "pdu" / "80x24-truecolour.txt").read_text()
    frame = Frame.load(kept)
    assert frame.dump() == kept
    row = frame.rows[3]
    at = next(place for place, run in enumerate(row) if len(run.text.strip()) > 2)
    run = row[at]
    other_letter = Run(run.text[:-1] + "#", run.style)
    other_look = Run(run.text, f"underline {run.style}")
    for other in (other_letter, other_look):
        rows = (*frame.rows[:3], (*row[:at], other, *row[at + 1 :]), *frame.rows[4:])
        made = Frame(rows).dump()
        assert made != kept
        assert difference(kept, made, "pdu")


def test_what_must_be_nowhere_is_found() -> None:
    plain = "default on default"
    good = Frame(((Run("ab", plain),), (Run("cd", plain),)))
    no_color, ascii_only = DRESSES[2], DRESSES[3]
    assert faults(good, (2, 2), no_color) == []
    assert faults(good, (3, 2), no_color), "rows of another width"
    for run, dress in (
        (Run("cd", f"blink {plain}"), no_color),
        (Run("cd", "red on default"), no_color),
        (Run("cd", "#ff0000 on default"), DRESSES[1]),
        (Run("c•", plain), ascii_only),
    ):
        assert len(faults(Frame((good.rows[0], (run,))), (2, 2), dress)) == 1, run
