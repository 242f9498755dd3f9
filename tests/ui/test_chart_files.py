"""What the chart shows as files: whole, true, never in the place of another."""

from __future__ import annotations

import csv
import errno
import io
import json
import os
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path
from xml.etree import ElementTree

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from pdutui.domain.history import Gap, Mark
from pdutui.widgets.chart_files import csv_text, file_stem, json_text, write_new
from pdutui.widgets.chart_model import ChartModel
from pdutui.widgets.chart_svg import svg_text
from pdutui.widgets.themes import inks_of, load_themes, shipped_dir
from tests.support.charts import DAY, HOUR, NOON, window

THEMES = load_themes([shipped_dir()])[0]
SVG = "{http://www.w3.org/2000/svg}"


def named(model: ChartModel, name: str) -> ChartModel:
    lines = tuple(replace(line, info=replace(line.info, name=name)) for line in model.lines)
    marks = (Mark(ts_ms=NOON - 60_000, pdu="", kind="event", level="info", text=name),)
    return replace(model, lines=lines, marks=marks, pdu=name)


def picture(model: ChartModel, theme: str = "noc-dark", **more: bool) -> ElementTree.Element:
    return ElementTree.fromstring(svg_text(model, inks_of(THEMES[theme], **more)))


def paths(root: ElementTree.Element, **want: str) -> list[str]:
    return [
        path.get("d", "")
        for path in root.iter(f"{SVG}path")
        if all(path.get(key.replace("_", "-")) == value for key, value in want.items())
    ]


def test_csv_has_every_point_of_every_line_with_its_time() -> None:
    model = window(kinds="Ws", compare=True)
    rows = list(csv.DictReader(io.StringIO(csv_text(model))))
    assert len(rows) == sum(len(line.points.ts_ms) for line in model.lines)
    points = model.lines[0].points
    first = rows[0]
    ts = points.ts_ms[0] / 1000
    assert datetime.fromisoformat(first["time"]).timestamp() == ts
    assert datetime.fromisoformat(first["local"]).timestamp() == ts
    assert first["time"].endswith("Z")
    assert first["local"].endswith("+01:00")
    assert (first["series"], first["unit"], first["n"]) == ("outlet.3.power_w", "W", "60")
    assert float(first["max"]) == pytest.approx(points.maximum[0], abs=0.05)
    assert float(first["mean"]) == pytest.approx(points.mean[0], abs=0.0001)
    early = [row for row in rows if row["before_s"]]
    assert {row["before_s"] for row in early} == {"86400"}
    assert datetime.fromisoformat(early[0]["time"]).timestamp() * 1000 == model.from_ms - DAY
    words = [row for row in rows if row["series"] == "outlet.3.state"]
    assert {row["last"] for row in words} == {"on", "off"}
    assert {row["mean"] for row in words} == {""}


def test_only_what_is_shown_is_written() -> None:
    model = window(kinds="W", happened=False)
    later = replace(model, from_ms=NOON - HOUR, to_ms=NOON - HOUR // 2)
    rows = list(csv.DictReader(io.StringIO(csv_text(later))))
    assert len(rows) == 30
    assert rows[0]["time"] == "2026-11-20T10:00:00.000Z"
    shown = json.loads(json_text(replace(later, marks=model.marks)))
    assert len(shown["lines"][0]["points"]) == 30


@pytest.mark.parametrize("name", ["=cmd|' /C calc'!A0", "+1", "@x", "-1"])
def test_no_name_becomes_a_formula(name: str) -> None:
    rows = list(csv.reader(io.StringIO(csv_text(named(window(HOUR, kinds="W"), name)))))
    assert all(row[3] == f"'{name}" for row in rows[1:])


def test_json_is_one_object_with_all_that_is_shown() -> None:
    model = window(kinds="AWs")
    shown = json.loads(json_text(model))
    assert (shown["pdu"], shown["step_s"], shown["zone"]) == ("rack1-a", 60.0, "Europe/Berlin")
    assert shown["from"] == "2026-11-19T11:00:00.000Z"
    assert [line["series"] for line in shown["lines"]] == [line.info.key for line in model.lines]
    point = shown["lines"][1]["points"][0]
    assert set(point) == {"time", "local", "n", "min", "mean", "max", "last"}
    assert shown["gaps"] == [
        {"from": "2026-11-20T00:12:00.000Z", "to": "2026-11-20T01:24:00.000Z"}
    ]  # fmt: skip
    assert len(shown["marks"]) == len(model.marks)
    assert shown["marks"][0]["kind"] == "alarm"
    assert [level["value"] for level in shown["thresholds"]] == [5.0, 16.0]


def test_a_file_is_never_written_over(tmp_path: Path) -> None:
    names = [write_new(tmp_path / "deep", "chart", ".csv", f"{i}") for i in range(3)]
    assert [path.name for path in names] == ["chart.csv", "chart-2.csv", "chart-3.csv"]
    assert [path.read_text() for path in names] == ["0", "1", "2"]
    assert len(list((tmp_path / "deep").iterdir())) == 3, "nothing else is left"


def test_without_hard_links_a_file_is_not_written_over_either(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: object) -> None:
        raise OSError(errno.EPERM, "Operation not permitted")

    monkeypatch.setattr(os, "link", refuse)
    one, two = (write_new(tmp_path, "chart", ".svg", text) for text in "ab")
    assert (one.name, one.read_text()) == ("chart.svg", "a")
    assert (two.name, two.read_text()) == ("chart-2.svg", "b")


def test_a_file_that_cannot_be_written_leaves_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(_: int) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(OSError, match="No space"):
        write_new(tmp_path, "chart", ".csv", "text")
    assert list(tmp_path.iterdir()) == []


@given(st.text(max_size=200))
def test_a_file_name_is_harmless_whatever_the_pdu_is_called(name: str) -> None:
    stem = file_stem(replace(window(HOUR, kinds=""), pdu=name))
    assert stem.isascii()
    assert all(c.isalnum() or c in "._-" for c in stem)
    assert not stem.startswith(".")
    assert len(stem) < 120


def test_files_need_no_terminal() -> None:
    code = (
        "import sys, pdutui.widgets.chart_files; "
        "print([m for m in ('textual', 'rich', 'plotext', 'sqlite3') if m in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


@settings(max_examples=30, deadline=None)
@given(st.text(max_size=40))
def test_the_picture_is_xml_whatever_things_are_called(name: str) -> None:
    root = picture(named(window(HOUR, kinds="W"), name))
    assert root.tag == f"{SVG}svg"


def test_names_stand_in_the_picture_as_they_are() -> None:
    root = picture(named(window(HOUR, kinds="W"), "<b> & \"c\" 'd' 銀"))
    texts = [text.text for text in root.iter(f"{SVG}text")]
    assert "<b> & \"c\" 'd' 銀 power" in texts


@pytest.mark.parametrize("theme", ["noc-dark", "noc-light", "noc-16"])
def test_the_picture_has_lines_bands_marks_and_words(theme: str) -> None:
    model = window(kinds="WAst", cursor_ms=NOON - HOUR)
    root = picture(model, theme)
    texts = [text.text or "" for text in root.iter(f"{SVG}text")]
    for want in ("rack1-a", "400 W", "Bank 1 warning 5 A", "on", "off", "A", "B", "Fri 20 Nov"):
        assert want in texts
    tips = [tip.text or "" for tip in root.iter(f"{SVG}title")]
    assert any("Source A lost, load moved to source B" in tip for tip in tips)
    assert any(tip.startswith("no reading for 1 h 12 min") for tip in tips)
    for element in root.iter():
        color = element.get("fill", element.get("stroke", "#"))
        assert color.startswith("#") or color == "none"
    assert paths(root, fill_opacity="0.28"), "bands"


def test_a_line_of_the_picture_breaks_where_time_was_lost() -> None:
    lines = paths(picture(window(kinds="W")), stroke_width="1.6")
    assert len(lines) == 2
    model = window(kinds="W")
    held = replace(model.lines[0].points, hold_ms=DAY)
    whole = replace(model, lines=(replace(model.lines[0], points=held),))
    assert len(paths(picture(whole), stroke_width="1.6")) == 1


def test_a_spike_stands_in_the_picture_of_sixty_days() -> None:
    def highest(model: ChartModel) -> float:
        band = paths(picture(model), fill_opacity="0.28")[0]
        return min(float(at.split()[1]) for at in band.strip("MZ").split("L"))

    spiky = window(60 * DAY, kinds="W")
    points = spiky.lines[0].points
    flat = replace(points, maximum=[min(value, 130.0) for value in points.maximum])
    calm = replace(spiky, lines=(replace(spiky.lines[0], points=flat),))
    scale_end = 86 + 19 * 2
    assert highest(spiky) < scale_end + 380 * 0.25
    assert highest(calm) != highest(spiky)


def test_a_chart_of_nothing_is_a_picture_too() -> None:
    nothing = window(HOUR, kinds="", happened=False)
    root = picture(replace(nothing, oldest_ms=None, gaps=(Gap(0, 5),)))
    assert root.tag == f"{SVG}svg"
    alone = window(HOUR, kinds="W", happened=False)
    bare = replace(
        alone.lines[0].points, ts_ms=[], n=[], minimum=[], mean=[], maximum=[], last=[]
    )  # fmt: skip
    root = picture(replace(alone, lines=(replace(alone.lines[0], points=bare),), oldest_ms=None))
    assert "no history yet" in [text.text for text in root.iter(f"{SVG}text")]


def test_times_in_files_are_utc_beside_local() -> None:
    ms = window(HOUR, kinds="W").lines[0].points.ts_ms[0]
    row = next(csv.DictReader(io.StringIO(csv_text(window(HOUR, kinds="W")))))
    want = datetime.fromtimestamp(ms / 1000, UTC).isoformat(timespec="milliseconds")
    assert row["time"] == want.replace("+00:00", "Z")


def test_what_a_replay_knew_is_written_as_that() -> None:
    then = replace(window(), live=False, as_of_ms=NOON - 60_000)
    inks = inks_of(THEMES["noc-dark"])
    assert "REPLAY: as known at " in svg_text(then, inks)
    assert "REPLAY" not in svg_text(window(), inks)
    assert svg_text(then, inks.replayed()) == svg_text(then, inks), "in the theme's own colours"
    assert json.loads(json_text(then))["as_of"].endswith("Z")
    assert json.loads(json_text(window()))["as_of"] is None
    assert file_stem(then) == f"{file_stem(window())}_replay"
