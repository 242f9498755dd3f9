from __future__ import annotations

import os
import stat
import tomllib
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pdutui.engine.overrides import NAME_LIMIT, Overrides, OverridesError, clean_name


def test_a_name_is_kept_for_the_next_start_in_a_private_file(tmp_path: Path) -> None:
    state = tmp_path / "state"
    names = Overrides(state)
    names.load()
    assert names.names_of("rack1-a").get(3) is None
    assert names.rename("rack1-a", 3, "db01") == "db01"
    names.rename("rack 1.b", 10, 'quote " and \\ back')
    again = Overrides(state)
    again.load()
    assert again.problem == ""
    assert again.names_of("rack1-a").get(3) == "db01"
    assert again.names_of("rack 1.b").get(10) == 'quote " and \\ back'
    assert stat.S_IMODE((state / "names.toml").stat().st_mode) == 0o600
    assert stat.S_IMODE(state.stat().st_mode) == 0o700
    assert [path.name for path in state.iterdir()] == ["names.toml"]


@pytest.mark.parametrize("blank", [None, "", "  \t", "\x1b\x07"])
def test_nothing_printable_takes_the_name_away(tmp_path: Path, blank: str | None) -> None:
    names = Overrides(tmp_path)
    names.rename("a", 1, "x")
    assert names.rename("a", 1, blank) is None
    assert names.names_of("a").get(1) is None
    assert tomllib.loads((tmp_path / "names.toml").read_text()) == {}


@given(st.text(max_size=80))
def test_names_are_printable_and_short(text: str) -> None:
    name = clean_name(text)
    assert len(name) <= NAME_LIMIT
    assert name.isprintable()
    assert name == name.strip()
    assert clean_name(name) == name


@pytest.mark.parametrize(
    "content",
    [
        b"this is = = not toml",
        b"\xff\xfe\x00",
        b"a = 3",
        b"[a]\nx = 'y'",
        b"[a]\n1 = 2",
        b"[a]\n-1 = 'x'",
    ],
)
def test_a_broken_file_is_never_written_over(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "names.toml"
    path.write_bytes(content)
    names = Overrides(tmp_path)
    names.load()
    assert str(path) in names.problem
    assert names.names_of("a").get(1) is None
    with pytest.raises(OverridesError):
        names.rename("a", 1, "x")
    assert path.read_bytes() == content


def test_names_of_another_console_on_the_same_state_dir_survive(tmp_path: Path) -> None:
    one, two = Overrides(tmp_path), Overrides(tmp_path)
    one.load()
    two.load()
    one.rename("a", 1, "first")
    two.rename("a", 2, "second")
    assert two.names_of("a").get(1) == "first"


def test_a_write_that_fails_leaves_the_old_file_whole(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    names = Overrides(tmp_path)
    names.rename("a", 1, "old")

    def full(*args: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "replace", full)
    with pytest.raises(OverridesError, match="No space left"):
        names.rename("a", 1, "new")
    assert names.names_of("a").get(1) == "old"
    assert [path.name for path in tmp_path.iterdir()] == ["names.toml"]
    assert tomllib.loads((tmp_path / "names.toml").read_text()) == {"a": {"1": "old"}}
