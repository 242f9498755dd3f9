"""The page about keys, and the command that lists them."""

from __future__ import annotations

from pathlib import Path

import msgspec
from click.testing import CliRunner

from pdutui.cli.keys import keys
from pdutui.keys.rebind import NEEDED
from pdutui.keys.registry import by_id
from pdutui.keys.table import ActionRow, markdown

PAGE = Path(__file__).parents[2] / "docs" / "keys.md"


def test_the_page_is_up_to_date() -> None:
    said = PAGE.read_text(encoding="utf-8")
    assert said.endswith(markdown()), "python docs/make_keys.py"
    for ident in NEEDED:
        assert f"`{ident}`" in said


def test_keys_are_listed_as_the_configuration_has_them(tmp_path: Path) -> None:
    file = tmp_path / "config.toml"
    file.write_text('[keys]\n"outlet.off" = ["F", "f9"]\n"lock" = []\n', encoding="utf-8")
    run = CliRunner().invoke(keys, ["--json", "--config", str(file)], standalone_mode=False)
    assert run.return_value == 0
    rows = [msgspec.json.decode(line, type=ActionRow) for line in run.stdout.splitlines()]
    assert {row.id for row in rows} == set(by_id())
    named = {row.id: row for row in rows}
    assert named["outlet.off"].keys == ["F", "F9"]
    assert named["outlet.off"].default == ["f"]
    assert named["outlet.off"].changed
    assert named["lock"].keys == []
    assert named["jump"].fixed
    run = CliRunner().invoke(keys, ["--config", str(file)], standalone_mode=False)
    assert "* outlet.off" in run.stdout
    assert "* lock                -  " in run.stdout.replace("  " * 12, "  ")
