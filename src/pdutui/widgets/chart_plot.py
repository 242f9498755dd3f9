"""The curves of the big chart, drawn by plotext; nothing of it but dots and marks is used.

plotext has one figure for the whole process, so it is locked; it takes a while to import, so that
happens at the first chart, off the event loop. Axes, colours and words are ours.
"""

from __future__ import annotations

import threading
from collections.abc import Sequence

from msgspec import Struct

BLANK = 0x2800
_LOCK = threading.Lock()
Run = list[tuple[float, float]]
"""Points that one line joins: (columns from the left, rows from the top), in cells."""


class Curve(Struct, frozen=True):
    """One line in one layer."""

    runs: Sequence[Run]
    marker: str = "braille"
    """`braille`, or the one character it is drawn with."""


def plot(layers: Sequence[Sequence[Curve]], width: int, height: int) -> list[list[str]]:
    """Draw layers of curves, each as rows of `width` characters, top row first.

    Curves of one layer share its cells and must not meet; those of different layers may.

    Args:
        layers: What to draw.
        width: Cells of a row.
        height: Rows of a layer.
    """
    if not layers or width < 1 or height < 1:
        return [[" " * width] * height for _ in layers]
    import plotext

    total = height * len(layers)
    with _LOCK:
        # One tall picture of all layers: building is what costs.
        plotext.terminal.limit(False, False)
        figure = plotext.figure
        figure.clear()
        figure.plot_size(width, total)
        figure.axes(False)
        figure.legend(False)
        figure.canvas("default")
        for name, size in (("x", width), ("y", total)):
            figure.ruler(name).lim(0, size).frequency(0).alignment(lim="edge")
        for place, layer in enumerate(layers):
            for curve in layer:
                x = [at for run in curve.runs for at, _ in run]
                y = [total - place * height - at for run in curve.runs for _, at in run]
                if not x:
                    continue
                signal = figure.signal(x, y, marker=plotext.marker(curve.marker))
                begin = 0
                for run in curve.runs:
                    for index in range(begin + 1, begin + len(run)):
                        signal.line(index)
                    begin += len(run)
                figure.draw(signal)
        text: str = figure.build().string(True)
        figure.clear.data()
    rows = [row.replace(chr(BLANK), " ") for row in text.split("\n")[:total]]
    rows += [" " * width] * (total - len(rows))
    return [rows[i * height : (i + 1) * height] for i in range(len(layers))]


def load() -> None:
    """Import plotext, in a thread, before the first chart is asked for."""
    import plotext

    assert plotext.figure is not None
