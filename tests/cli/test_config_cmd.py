"""`pdutui config`: paths, schema, template, check."""

from __future__ import annotations

import json
import tomllib
from pathlib import Path

import pytest

from pdutui.cli.exits import DONE, USAGE
from tests.cli.conftest import Cli
from tests.support.json_schema import errors

NAMES = (
    "config", "state", "history", "audit", "log", "alarms", "plans", "profiles", "themes",
)  # fmt: skip


def test_paths_are_named_for_people_and_for_programs(cli: Cli, tmp_path: Path) -> None:
    (tmp_path / "config.toml").write_text(
        '[history]\npath = "/srv/h.db"\n[control]\nplans_dir = "shared"\n'
    )
    lines = cli("config", "path").out.splitlines()
    assert tuple(line.split()[0] for line in lines) == NAMES
    found = json.loads(cli("config", "path", "--json").out)
    assert set(found) == {*NAMES, "config_state"}
    assert found["config"] == str(tmp_path / "config.toml")
    assert (found["config_state"], found["history"]) == ("there", "/srv/h.db")
    assert found["audit"] == found["history"]
    assert found["plans"] == str(tmp_path / "shared")
    assert found["log"] == str(tmp_path / "state" / "pdutui.log")
    assert found["alarms"] == str(tmp_path / "state" / "alarms")
    assert found["profiles"] == str(tmp_path / "profiles")
    assert found["themes"] == str(tmp_path / "themes")
    for name in NAMES:
        assert any(line.split()[:2] == [name, found[name]] for line in lines)


@pytest.mark.parametrize(("text", "state"), [("[poll", "errors"), (None, "missing")])
def test_what_nobody_can_know_is_null(
    cli: Cli, tmp_path: Path, text: str | None, state: str
) -> None:
    file = tmp_path / "config.toml"
    file.unlink(missing_ok=True)
    if text is not None:
        file.write_text(text)
    done = cli("config", "path", "--json")
    found = json.loads(done.out)
    assert (done.code, found["config_state"]) == (DONE, state)
    assert [n for n in NAMES if found[n] is None] == ["history", "audit", "alarms", "plans"]
    words = {"errors": "config check", "missing": "not there"}[state]
    assert words in cli("config", "path").out.splitlines()[0]


def test_the_schema_takes_the_template_and_says_where_it_is_not_followed(cli: Cli) -> None:
    schema = json.loads(cli("config", "schema").out)
    assert schema["$schema"] == "https://json-schema.org/draft/2020-12/schema"
    template = tomllib.loads(cli("config", "template").out)
    assert errors(template, schema) == []
    template["poll"]["intervall_s"] = 1
    assert errors(template, schema) == ["$.poll.intervall_s: must not be there"]


def test_check_names_file_line_and_what_would_be_right(cli: Cli, tmp_path: Path) -> None:
    file = tmp_path / "config.toml"
    file.write_text('[ui]\n\ntheme = "x"\nglyphs = "asci"\n')
    done = cli("config", "check")
    assert done.code == USAGE
    assert done.err == (
        f'pdutui: {file}, line 4: ui.glyphs must be "auto" or "unicode" or "console" or "ascii", '
        'is "asci": did you mean "ascii"?\n'
    )
    file.write_text("[ui]\ntheme = \n")
    assert "line 2" in cli("config", "check").err
