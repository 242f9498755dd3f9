"""`[traps]` of the configuration."""

from __future__ import annotations

from pathlib import Path

import pytest

from pdutui.config import ConfigError, load_settings
from pdutui.domain.secret import Secret
from pdutui.settings import TrapSettings


def load(folder: Path, text: str, **env: str) -> TrapSettings:
    path = folder / "config.toml"
    path.write_text(text)
    path.chmod(0o600)
    env["PDUTUI_STATE_DIR"] = str(folder)
    return load_settings(config=path, env=env).traps


def test_off_without_the_section_and_on_with_it(tmp_path: Path) -> None:
    assert load(tmp_path, "") == TrapSettings()
    assert not TrapSettings().enabled
    assert load(tmp_path, "[traps]\n") == TrapSettings(enabled=True, host="0.0.0.0", port=1162)
    assert not load(tmp_path, "[traps]\nenabled = false\n").enabled
    assert load(tmp_path, "", PDUTUI_TRAPS_ENABLED="1").enabled


def test_every_key(tmp_path: Path) -> None:
    found = load(tmp_path, '[traps]\nlisten = "[::1]:162"\ncommunity = ["a", "b"]\n')
    assert (found.host, found.port) == ("::1", 162)
    assert found.communities == (Secret("a"), Secret("b"))
    found = load(tmp_path, '[traps]\ncommunity_env = "TRAP"\n', TRAP="secret")
    assert found.communities == (Secret("secret"),)
    assert load(tmp_path, '[traps]\ncommunity = "c"\n').communities == (Secret("c"),)
    found = load(tmp_path, '[traps]\nlisten = "2000"\n', PDUTUI_TRAPS_LISTEN="127.0.0.1:3000")
    assert (found.host, found.port) == ("127.0.0.1", 3000)


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ('listen = "nowhere:99999"', "traps.listen is wrong:"),
        ("community = [1]", "traps.community must be text"),
        ("community = []\ncommunity_env = 'X'", "community_env and community are both there"),
        ('comunity = "x"', "[traps] unknown key 'comunity': did you mean 'community'?"),
        ("enabled = 3", "traps.enabled must be true or false"),
        ('community_env = "NONE"', "traps.community_env: the environment has no NONE"),
    ],
)
def test_what_is_wrong_is_named(tmp_path: Path, text: str, says: str) -> None:
    with pytest.raises(ConfigError) as caught:
        load(tmp_path, f"[traps]\n{text}\n")
    assert says in str(caught.value)


def test_a_community_in_a_file_that_others_may_read(tmp_path: Path) -> None:
    path = tmp_path / "config.toml"
    path.write_text('[traps]\ncommunity = ["hidden"]\n')
    path.chmod(0o644)
    settings = load_settings(config=path, env={"PDUTUI_STATE_DIR": str(tmp_path)})
    assert any("other users may read it" in warning for warning in settings.warnings)
    assert not any("hidden" in warning for warning in settings.warnings)
