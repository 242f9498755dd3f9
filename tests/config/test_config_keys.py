"""`[keys]` of the configuration."""

from __future__ import annotations

from pathlib import Path

from tests.config.helpers import load, problems


def test_keys_are_read_in_all_spellings(tmp_path: Path) -> None:
    text = '[keys]\n"outlet.off" = "F"\nmove.down = ["down", "ctrl+n"]\nfind = []\n'
    assert load(tmp_path, text).keys == {
        "outlet.off": ("F",), "move.down": ("down", "ctrl+n"), "find": (),
    }  # fmt: skip
    assert load(tmp_path, '[keys.outlet]\noff = "page up"\n[keys.page]\nup = "f5"\n').keys == {
        "outlet.off": ("pageup",), "page.up": ("f5",),
    }  # fmt: skip
    assert load(tmp_path, "").keys == {}


def test_what_cannot_be_names_file_entry_and_what_would_be_right(tmp_path: Path) -> None:
    text = (
        '[keys]\n"outlet.of" = "z"\nlock = 3\nquit = []\n"dialog.yes" = "enter"\n'
        '"outlet.on" = "/"\nhelp = "nonsense"\n'
    )
    said = "\n".join(problems(tmp_path, text))
    for part in (
        "keys.\"outlet.of\" is no action: did you mean 'outlet.off'?",
        "keys.lock must be a key or a list of keys",
        "keys.quit must have a key",
        'keys."dialog.yes" must not be on Enter',
        "keys.\"outlet.on\" is on /, and so is 'filter'",
        "keys.help has a key that cannot be: 'nonsense' is no key",
    ):
        assert part in said
    assert "must be a table" in problems(tmp_path, 'keys = "F"\n')[0]
