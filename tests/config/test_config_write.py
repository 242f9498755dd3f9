"""Appending to the configuration: all of it or nothing, and nothing that was there is touched."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from pdutui import config_write
from pdutui.config import load_settings
from pdutui.config_errors import ConfigError
from pdutui.config_write import PduEntry, append_pdu, append_pdus, entry_toml

OLD = """# my racks
[poll]
interval_s = 2   # slow cards

[[pdu]]
name = "rack1-a"   # left
host = "10.0.0.5"
"""
ENTRY = PduEntry(
    name="rack1-b", host="10.0.0.6", community_env="PDU_RO", profile="raritan-pdu2", feed="B",
    location='Row 3 / "Rack" 1',
)  # fmt: skip


@pytest.fixture
def env(tmp_path: Path) -> dict[str, str]:
    return {"PDUTUI_STATE_DIR": str(tmp_path / "state")}


def test_what_was_there_stays_as_it_is(tmp_path: Path, env: dict[str, str]) -> None:
    path = tmp_path / "config.toml"
    path.write_text(OLD)
    path.chmod(0o640)
    append_pdus(path, (ENTRY, PduEntry(name="c", host="::1", port=1161, version="1")), env)
    text = path.read_text()
    assert text.startswith(OLD)
    assert path.stat().st_mode & 0o777 == 0o640
    settings = load_settings(config=path, env={**env, "PDU_RO": "geheim"})
    first, second, third = settings.pdus
    assert (first.name, settings.poll.interval_s) == ("rack1-a", 2.0)
    assert (second.name, second.host, second.profile) == ("rack1-b", "10.0.0.6", "raritan-pdu2")
    assert (second.feed, second.location) == ("B", 'Row 3 / "Rack" 1')
    assert second.community.reveal() == "geheim"
    assert (third.host, third.port, third.version) == ("::1", 1161, "1")
    assert sorted(p.name for p in tmp_path.iterdir()) == ["config.toml"], "nothing else is left"


def test_a_file_is_made_where_there_is_none(tmp_path: Path, env: dict[str, str]) -> None:
    path = tmp_path / "deep" / "config.toml"
    append_pdu(path, ENTRY, env)
    assert path.read_text() == entry_toml(ENTRY)
    assert path.stat().st_mode & 0o777 == 0o600


def test_v3_entries_are_read_back_as_they_were_meant(tmp_path: Path, env: dict[str, str]) -> None:
    path = tmp_path / "config.toml"
    entry = PduEntry(
        name="v3", host="10.0.0.7", version="3", user="noc", auth="SHA256", auth_key_env="AUTH",
        priv="AES128", priv_key_env="PRIV", write_user="switcher",
    )  # fmt: skip
    append_pdu(path, entry, env)
    (pdu,) = load_settings(
        config=path, env={**env, "AUTH": "authpass123", "PRIV": "privpass123"}
    ).pdus
    assert pdu.v3 is not None
    assert (pdu.v3.user, pdu.v3.level) == ("noc", "authPriv")
    assert pdu.v3_write is not None
    assert pdu.v3_write.user == "switcher"


@pytest.mark.parametrize(
    ("old", "entry", "says"),
    [
        (OLD, PduEntry(name="rack1-a", host="10.0.0.9"), "'rack1-a' already"),
        (OLD + "[ui]\nthem = 1\n", ENTRY, "them"),
        ("not toml", ENTRY, "not TOML"),
        ('pdu = [{name = "x", host = "10.0.0.1"}]\n', ENTRY, "not TOML"),
        (OLD, PduEntry(name="z", host="no good"), "nothing was added"),
        (OLD, PduEntry(name="z", host="10.0.0.9", profile="nope"), "nothing was added"),
        (OLD, PduEntry(name="z", host="10.0.0.9", version="3"), "nothing was added"),
    ],
)
def test_what_would_not_be_right_is_not_written(
    tmp_path: Path, env: dict[str, str], old: str, entry: PduEntry, says: str
) -> None:
    path = tmp_path / "config.toml"
    path.write_text(old)
    path.chmod(0o600)
    with pytest.raises(ConfigError) as caught:
        append_pdu(path, entry, env)
    assert says in str(caught.value)
    assert str(path) in str(caught.value)
    assert ".tmp" not in str(caught.value), "the real file is named"
    assert path.read_text() == old
    assert [p.name for p in tmp_path.iterdir()] == ["config.toml"]


def test_two_entries_of_one_name_are_refused(tmp_path: Path, env: dict[str, str]) -> None:
    with pytest.raises(ConfigError, match="name of two entries"):
        append_pdus(tmp_path / "c.toml", (ENTRY, ENTRY), env)
    assert not (tmp_path / "c.toml").exists()


def test_a_change_by_somebody_else_meanwhile_is_not_lost(
    tmp_path: Path, env: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "config.toml"
    path.write_text(OLD)
    check = config_write._check

    def meanwhile(*args: object) -> None:
        check(*args)  # type: ignore[arg-type]
        path.write_text(OLD + "# theirs\n")

    monkeypatch.setattr(config_write, "_check", meanwhile)
    with pytest.raises(ConfigError, match="by somebody else"):
        append_pdu(path, ENTRY, env)
    assert path.read_text() == OLD + "# theirs\n"


def test_a_link_to_the_file_stays_one(tmp_path: Path, env: dict[str, str]) -> None:
    real = tmp_path / "dotfiles.toml"
    real.write_text(OLD.removesuffix("\n").replace("\n", "\r\n"))
    link = tmp_path / "config.toml"
    link.symlink_to(real)
    append_pdu(link, ENTRY, env)
    assert link.is_symlink()
    assert os.path.realpath(link) == str(real)
    text = real.read_bytes()
    assert b"\r\n\r\n[[pdu]]\r\nname" in text
    assert b"\n" not in text.replace(b"\r\n", b""), "lines end as they did"
    assert len(load_settings(config=link, env={**env, "PDU_RO": "x"}).pdus) == 2


def test_a_place_that_cannot_be_written_is_named(tmp_path: Path, env: dict[str, str]) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(ConfigError, match="cannot be"):
        append_pdu(tmp_path / "file" / "config.toml", ENTRY, env)
