"""`pdutui profile`, and a profile of one's own from its file to the reading."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from tests.cli.conftest import Cli

OWN = """
extends = "cyberpower-epdu"
title = "CyberPower with a door and a fan"

[[extra]]
name = "Fan"
kind = "fan"
unit = "rpm"
oid = "1.3.6.1.2.1.1.7.0"
scale = 10

[[extra]]
name = "Door"
kind = "contact"
oid = "1.3.6.1.2.1.1.7.0"
states = { 72 = "open", 2 = "closed" }

[[extra]]
name = "Nobody"
oid = "1.3.6.1.4.1.9999.1.0"
"""


@pytest.fixture
def config(tmp_path: Path, cli: Cli) -> Path:
    (tmp_path / "profiles").mkdir()
    (tmp_path / "profiles" / "my-cyber.toml").write_text(OWN)
    return tmp_path / "config.toml"


def test_the_list_names_what_ships_and_what_is_ones_own(cli: Cli, config: Path) -> None:
    done = cli("profile", "list")
    assert done.code == 0, done.err
    assert "cyberpower-epdu" in done.out
    assert "built in" in done.out
    assert f"{config.parent / 'profiles' / 'my-cyber.toml'}, extends cyberpower-epdu" in done.out


def test_show_prints_a_profile_that_can_be_begun_with(
    cli: Cli, config: Path, tmp_path: Path
) -> None:
    done = cli("profile", "show", "apc-ats")
    mine = tmp_path / "apc-ats.toml"
    mine.write_text(done.out)
    assert cli("profile", "check", str(mine)).code == 0


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ('extends = "apc-rpdu3"', "extends 'apc-rpdu3', which is no profile (known: apc-"),
        ('extends = "apc-ats"\ntitel = "x"', "`titel`: did you mean 'title'?"),
        (
            'extends = "apc-ats"\n[[extra]]\nname = "F"\noid = "1.3.6"\nkindd = "fan"',
            "`kindd` - at `$.extra[0]`: did you mean 'kind'?",
        ),
        (
            'extends = "apc-ats"\n[inlet.fields]\nname = { oid = ".1", scle = 2 }',
            "did you mean 'scale'?",
        ),
        ('extends = "apc-ats"\n[outlet]\nx = 1', "bad.toml: Object contains unknown field `x`"),
        ('extends = "apc-ats"\n[[extra]]\nname = "F"\noid = "1.3.x"', "'1.3.x' is not an OID"),
        ('extends = "apc-ats"\nname = "other"', "the file is called 'bad'"),
        ("extends = 3", "extends must be the name of a profile"),
        ("format = ", "is not TOML"),
        ("", "missing required field"),
    ],
)
def test_what_is_wrong_with_a_file_is_said_by_name(
    cli: Cli, config: Path, text: str, said: str
) -> None:
    (config.parent / "profiles" / "bad.toml").write_text(text)
    done = cli("profile", "check")
    assert done.code == 2
    assert said in done.err
    assert "bad.toml" in done.err
    assert "my-cyber.toml: right" in done.out
    warned = cli("config", "check")
    assert (warned.code, "bad.toml" in warned.err) == (0, True)


def test_a_pdu_with_a_broken_profile_is_a_config_error(cli: Cli, config: Path) -> None:
    (config.parent / "profiles" / "bad.toml").write_text("format = 2")
    config.write_text('[[pdu]]\nname = "a"\nhost = "192.0.2.1"\nprofile = "bad"\n')
    done = cli("config", "check")
    assert done.code == 2
    assert "[pdu 'a'] profile 'bad' cannot be used" in done.err


def test_single_objects_are_sensors_of_the_reading(cli: Cli, config: Path, device: str) -> None:
    assert config.parent.is_dir()
    done = cli("poll", device, "--profile", "my-cyber", "--json", "--count", "1")
    assert done.code == 0, done.err
    reading = json.loads(done.out)
    assert reading["profile"] == "my-cyber"
    sensors = {s["name"]: s for s in reading["sensors"]}
    assert (sensors["Fan"]["value"], sensors["Fan"]["unit"]) == (720, "rpm")
    assert (sensors["Door"]["state"], sensors["Door"]["value"]) == ("open", None)
    assert (sensors["Nobody"]["value"], sensors["Nobody"]["state"]) == (None, "unknown")
    auto = cli("poll", device, "--json", "--count", "1")
    assert json.loads(auto.out)["profile"] == "my-cyber"
    tried = cli("profile", "test", device, "--json")
    lines = [json.loads(line) for line in tried.out.splitlines()]
    fan = next(x for x in lines if x["oid"] == "1.3.6.1.2.1.1.7.0" and x["field"] == "value")
    assert (fan["raw"], fan["value"]) == ("72", "720.0")
    table = cli("profile", "test", device)
    assert "profile my-cyber" in table.out
    assert "not answered" in table.out


def examples() -> dict[str, str]:
    """The files of the guide, by name."""
    guide = Path(__file__).parents[2] / "docs" / "profiles.md"
    found = re.findall(r"^`profiles/([\w-]+\.toml)`:\n+```toml\n(.*?)^```", guide.read_text(),
                       re.MULTILINE | re.DOTALL)  # fmt: skip
    return dict(found)


def test_the_files_of_the_guide_are_right(cli: Cli, config: Path) -> None:
    files = examples()
    assert set(files) == {"rack4.toml", "acme.toml"}
    for name, text in files.items():
        (config.parent / "profiles" / name).write_text(text)
    done = cli("profile", "check")
    assert (done.code, done.err) == (0, "")
    assert done.out.count(": right") == 3


def test_a_file_of_a_built_ins_name_extends_it_and_can_be_extended(cli: Cli, config: Path) -> None:
    folder = config.parent / "profiles"
    (folder / "cyberpower-epdu.toml").write_text('extends = "cyberpower-epdu"\ntitle = "Ours"\n')
    done = cli("profile", "check")
    assert (done.code, done.err) == (0, "")
    (folder / "a.toml").write_text('extends = "b"\n')
    (folder / "b.toml").write_text('extends = "a"\n')
    done = cli("profile", "check")
    assert done.code == 2
    assert "goes round in a circle" in done.err


def test_a_model_is_no_device_to_read(cli: Cli) -> None:
    done = cli("profile", "test", "bench")
    assert done.code == 2
    assert "bench is a model" in done.err


def test_a_near_name_is_offered(cli: Cli) -> None:
    done = cli("profile", "show", "apc-atz")
    assert done.code == 2
    assert "did you mean 'apc-ats'?" in done.err


def test_files_without_end_are_not_read_for_ever(cli: Cli) -> None:
    for argv in (
        ("profile", "check", "/dev/zero"),
        ("poll", "dead", "--config", "/dev/zero"),
        ("poll", "10.0.0.5", "--community-file", "/dev/zero"),
        ("poll", "10.0.0.5", "--v3-user", "u", "--v3-auth", "MD5", "--v3-auth-key-file",
         "/dev/zero"),
    ):  # fmt: skip
        done = cli(*argv)
        assert done.code == 2
        assert "/dev/zero" in done.err
