"""What the history screen asks a person: which series, which window, which file."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from pdutui.screens.history_panels import HistoryChart
from pdutui.screens.history_state import Slots

if TYPE_CHECKING:
    from pdutui.screens.history import HistoryScreen
    from pdutui.screens.history_window import Window


def choose_series(screen: HistoryScreen) -> None:
    """Which series to show."""
    from pdutui.screens.history_picker import SeriesPicker

    desk = screen.desk

    def answered(slots: Slots | None) -> None:
        if slots is not None:
            screen.change(desk.state.with_slots(slots))

    listed = desk.entries(screen.pdu)
    if desk.trouble and desk.picture is None:
        screen.notice(desk.instead()[0])
    elif listed:
        picker = SeriesPicker(desk.state, listed, screen.inks, screen.glyphs)
        screen.app.push_screen(picker, answered)
    else:
        screen.notice(f"There is nothing to choose from of {screen.pdu} yet")


def choose_file(screen: HistoryScreen) -> None:
    """What is shown, as a file; in the directory that the console was started in."""
    from pdutui.screens.file_dialog import working_folder
    from pdutui.screens.history_export import ExportScreen

    model = screen.query_one(HistoryChart).drawn_model if screen.model is not None else None
    if model is None:
        screen.notice("Nothing is shown that could be written")
        return

    def answered(path: Path | None) -> None:
        if path is not None:
            screen.notice(f"Written: {path}")

    dialog = ExportScreen(model, working_folder(), screen.inks, screen.glyphs)
    screen.app.push_screen(dialog, answered)


def choose_window(screen: HistoryScreen) -> None:
    """From when to when."""
    from pdutui.screens.history_window import WindowScreen

    desk = screen.desk
    state = desk.state

    def answered(window: Window | None) -> None:
        if window is None:
            return
        if window.to_ms is None:
            screen.change(desk.state.since(window.from_ms, desk.now_ms))
        else:
            screen.change(desk.state.between(window.from_ms, window.to_ms))
        if window.notes:
            screen.notice("; ".join(window.notes), "warning")

    begin = desk.now_ms - state.span_ms if state.live else state.window(desk.now_ms)[0]
    dialog = WindowScreen(
        begin, state.end_ms, desk.now, screen.zone, screen.inks, screen.glyphs
    )  # fmt: skip
    screen.app.push_screen(dialog, answered)
