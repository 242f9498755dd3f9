"""Lines of keys: against the text itself, and for whatever TOML there is."""

from __future__ import annotations

import re
import string
import tomllib
from pathlib import Path
from typing import Any

import pytest
import tomli_w
from hypothesis import given, settings
from hypothesis import strategies as st

from pdutui.config import ConfigError, load_settings
from pdutui.config_lines import Keys, key_lines

TEXT = """\
# a comment with [brackets] and = signs
[poll]
interval_s = 1.0   # [not.a.table]
"odd key" = "x # no comment"
a.b.'c d' = 'y'

[[pdu]]
name = "one"
text = \"\"\"
[[pdu]]
name = "not this"
\"\"\"
list = [
  "a", # ]
  { x = 1, y = [2,
     3] },
]
[pdu.outlets.3]
name = "db01"
when = 2026-11-28 22:00:00
[[pdu]]
name = "two"
  [pdu.floor]
  power_w = 1
[control]
[[control.window]]
name = "w"
"""


def test_lines_of_a_file_with_everything_in_it() -> None:
    tomllib.loads(TEXT)
    lines = key_lines(TEXT)
    wanted: dict[Keys, int] = {
        ("poll",): 2, ("poll", "interval_s"): 3, ("poll", "odd key"): 4,
        ("poll", "a", "b", "c d"): 5, ("pdu", 0): 7, ("pdu", 0, "name"): 8, ("pdu", 0, "text"): 9,
        ("pdu", 0, "list"): 13, ("pdu", 0, "list", 0): 14, ("pdu", 0, "list", 1, "y", 1): 16,
        ("pdu", 0, "outlets", "3"): 18, ("pdu", 0, "outlets", "3", "name"): 19,
        ("pdu", 0, "outlets", "3", "when"): 20, ("pdu", 1): 21, ("pdu", 1, "name"): 22,
        ("pdu", 1, "floor", "power_w"): 24, ("control",): 25, ("control", "window", 0, "name"): 27,
    }  # fmt: skip
    assert {path: lines.get(path) for path in wanted} == wanted
    assert key_lines(TEXT.replace("\n", "\r\n")) == lines


def test_the_example_is_understood_to_its_end() -> None:
    text = (Path(__file__).parents[2] / "config.example.toml").read_text("utf-8")
    lines = key_lines(text)
    for path in _paths(tomllib.loads(text)):
        assert path in lines, path
        last = path[-1]
        if isinstance(last, str):
            assert last in text.splitlines()[lines[path] - 1]


def test_what_is_no_toml_gives_what_can_be_found_and_never_fails() -> None:
    for text in (
        "a = 1\n[b\nc = 2",
        "a = [1, 2",
        'a = {x = "',
        "= 3",
        "a = [" * 5000,
        "\x00",
        "[[a]",
    ):
        assert key_lines(text).get(("a",)) in (None, 1)


BAD = """\
[poll]
timeout_s = 2.0

interval_s = "fast"
[control.approval]
needed = ["everything"]
[[control.window]]
name = "w"
from = "25:00"
[[pdu]]
name = "rack1-a"
host = "10.0.0.5"
community_env = "NOT_SET"
floor = { amps = 1 }
[[pdu]]
name = "rack1-b"
profile = "nonesuch"
[pdu.outlets.3]
critical = "yes"
[pdu.outlets.0]
[group."1-4"]
outlets = "rack1-b:1"
[energy]
[[energy.band]]
"""


def test_errors_name_the_line_of_the_key_or_of_the_table_that_lacks_it(tmp_path: Path) -> None:
    file = tmp_path / "config.toml"
    file.write_text(BAD)
    with pytest.raises(ConfigError) as caught:
        load_settings(config=file, env={"PDUTUI_STATE_DIR": str(tmp_path)})
    found = [
        re.match(rf"{re.escape(str(file))}, line (\d+): (.*)", p) for p in caught.value.problems
    ]
    lines = {(int(m[1]), m[2]) for m in found if m}
    assert len(lines) == len(caught.value.problems)
    starts = {
        (4, "poll.interval_s"), (6, "control.approval.needed"), (9, "[control.window 1] from"),
        (13, "[pdu 'rack1-a'] community_env"), (14, "[pdu 'rack1-a'] floor unknown key 'amps'"),
        (15, "[pdu 'rack1-b'] host is missing"), (17, "[pdu 'rack1-b'] profile"),
        (19, "[pdu 'rack1-b'] outlets.3.critical"), (20, "[pdu 'rack1-b'] outlets.0"),
        (21, 'group "1-4"'), (23, "energy.price_per_kwh is missing"),
        (24, "[energy.band 1] price_per_kwh is missing"),
    }  # fmt: skip
    for line, start in starts:
        assert any(at == line and said.startswith(start) for at, said in lines), (start, lines)


def test_nobody_looks_for_lines_where_nothing_is_wrong(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("pdutui.config_lines.key_lines", None)
    file = tmp_path / "config.toml"
    (tmp_path / "c").write_text("hush\n")
    file.write_text(
        '[[pdu]]\nname = "p"\nhost = "h"\ncommunity_env = "C"\nwrite_community_file = "~/../c"\n'
        '[history]\npath = "~/x.db"\n'.replace("~/../c", str(tmp_path / "c"))
    )
    load_settings(config=file, env={"PDUTUI_STATE_DIR": str(tmp_path), "C": "x"})


_KEYS = st.text(string.ascii_letters + string.digits + "-_ .#'\"=[]é", min_size=1, max_size=6)
_VALUES: Any = st.recursive(
    st.integers(-9, 9) | st.booleans() | st.text(string.printable, max_size=9)
    | st.floats(allow_nan=False, allow_infinity=False),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(_KEYS, inner, max_size=3),
    max_leaves=8,
)  # fmt: skip


@settings(max_examples=60, deadline=None)
@given(st.dictionaries(_KEYS, _VALUES, max_size=4), st.booleans())
def test_every_key_of_any_file_is_found_in_a_line_that_names_it(
    data: dict[str, Any], multiline: bool
) -> None:
    text = tomli_w.dumps(data, multiline_strings=multiline)
    lines = key_lines(text)
    rows = text.split("\n")
    for path in _paths(tomllib.loads(text)):
        assert path in lines, (path, text)
        last = path[-1]
        if isinstance(last, str) and last.isalnum() and last.isascii():
            assert last in rows[lines[path] - 1]


def _paths(value: object, path: Keys = ()) -> list[Keys]:
    found: list[Keys] = [path] if path else []
    if isinstance(value, dict):
        for key, one in value.items():
            found += _paths(one, (*path, key))
    elif isinstance(value, list):
        for number, one in enumerate(value):
            found += _paths(one, (*path, number))
    return found
