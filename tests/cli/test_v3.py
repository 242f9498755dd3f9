"""poll and outlet over SNMPv3 against the simulator, and that no pass phrase shows anywhere."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from pdutui.cli.exits import DONE, REFUSED, UNREACHABLE
from tests.cli.conftest import Cli, Done
from tests.support.program import Simulator, run, snmpget

STATE = "1.3.6.1.4.1.3808.1.1.3.3.5.1.1.4."
PHRASES = {
    "auth": "hush auth phrase",
    "priv": "hush priv phrase",
    "wauth": "hush write auth",
    "wpriv": "hush write priv",
    "wrong": "hush another one",
}
READS = ("--v3-user", "ops", "--v3-auth", "SHA256", "--v3-priv", "AES")
WRITES = ("--v3-write-user", "boss", "--v3-write-auth", "SHA512", "--v3-write-priv", "AES256")


@pytest.fixture(scope="module")
def keys(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a file for each phrase."""
    folder = tmp_path_factory.mktemp("keys")
    for name, phrase in PHRASES.items():
        (folder / name).write_text(phrase + "\n")
        (folder / name).chmod(0o600)
    return folder


def reader(keys: Path, auth: str = "auth", priv: str = "priv") -> tuple[str, ...]:
    return (
        *READS, "--v3-auth-key-file", str(keys / auth), "--v3-priv-key-file", str(keys / priv),
    )  # fmt: skip


def writer(keys: Path) -> tuple[str, ...]:
    return (
        *WRITES, "--v3-write-auth-key-file", str(keys / "wauth"),
        "--v3-write-priv-key-file", str(keys / "wpriv"),
    )  # fmt: skip


@pytest.fixture(scope="module")
def device(keys: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of a simulated PDU with a user who reads, and one who writes."""
    home = tmp_path_factory.mktemp("simulator")
    with Simulator("--quiet", *reader(keys), *writer(keys), home=home) as simulator:
        yield simulator.address


def no_phrase_in(*texts: str) -> None:
    for text in texts:
        assert "hush" not in text


def test_poll(cli: Cli, device: str, keys: Path) -> None:
    done = cli("poll", device, *reader(keys), "--json")
    assert done.code == DONE, done.err
    reading = json.loads(done.out)
    assert len(reading["outlets"]) == 10
    assert reading["model"] == "PDU44001"
    plain = json.loads(cli("poll", device, "--json").out)
    assert [o["state"] for o in reading["outlets"]] == [o["state"] for o in plain["outlets"]]
    no_phrase_in(done.out, done.err)


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"--v3-user": "nobody"}, "no user 'nobody'"),
        ({"--v3-auth-key-file": "wrong"}, "authentication pass phrase is wrong"),
        ({"--v3-auth": "SHA1"}, "its protocol is not SHA1"),
        ({"--v3-priv-key-file": "wrong"}, "privacy pass phrase is wrong"),
        ({"--v3-priv": "DES"}, "its protocol is not DES"),
        ({"--v3-context": "rack"}, "no context 'rack'"),
    ],
    ids=lambda each: next(iter(each.items()))[0] if isinstance(each, dict) else None,
)
def test_what_is_wrong_is_said_and_ends_with_3(
    cli: Cli, device: str, keys: Path, change: dict[str, str], said: str
) -> None:
    argv = list(reader(keys))
    for option, text in change.items():
        value = str(keys / text) if option.endswith("-file") else text
        if option in argv:
            argv[argv.index(option) + 1] = value
        else:
            argv += [option, value]
    done = cli("poll", device, *argv, "--timeout", "1", "--retries", "0", "--json")
    assert done.code == UNREACHABLE
    assert done.out == ""
    assert said in done.err
    assert done.err.startswith(f"pdutui: {device}: ")
    no_phrase_in(done.err)


def switched(cli: Cli, device: str, number: int, *argv: str) -> Done:
    return cli("outlet", device, str(number), "off", "--yes", *argv)


def test_the_write_user_switches(cli: Cli, device: str, keys: Path) -> None:
    done = switched(cli, device, 2, *reader(keys), *writer(keys))
    assert done.code == DONE, done.err
    assert "observed: off after" in done.out
    assert snmpget(device, STATE + "2") == "2"


def test_a_user_who_only_reads_switches_nothing(cli: Cli, device: str, keys: Path) -> None:
    done = switched(cli, device, 3, *reader(keys))
    assert done.code not in (DONE, REFUSED)
    assert "noAccess" in done.out + done.err
    assert snmpget(device, STATE + "3") == "1"


def test_a_configured_pdu_without_a_write_user_is_read_only(
    cli: Cli, device: str, keys: Path, tmp_path: Path
) -> None:
    config = tmp_path / "v3.toml"
    config.write_text(
        f'[[pdu]]\nname = "rack"\nhost = "{device}"\nversion = "3"\nuser = "ops"\n'
        f'auth = "SHA256"\nauth_key_file = "{keys}/auth"\n'
        f'priv = "AES"\npriv_key_file = "{keys}/priv"\n'
    )
    done = cli("poll", "rack", "--config", str(config), "--json")
    assert (done.code, done.err) == (DONE, "")
    refused = cli("outlet", "rack", "3", "off", "--yes", "--config", str(config))
    assert refused.code == REFUSED
    assert "no write user configured for rack" in refused.err
    assert snmpget(device, STATE + "3") == "1"


def test_two_pdus_with_one_user_name_and_two_pass_phrases(
    cli: Cli, device: str, keys: Path, tmp_path: Path
) -> None:
    other = ("--v3-auth-key-file", str(keys / "wauth"), "--v3-priv-key-file", str(keys / "wpriv"))
    config = tmp_path / "v3.toml"
    with Simulator("--quiet", *READS, *other, home=tmp_path) as second:
        config.write_text(
            "".join(
                f'[[pdu]]\nname = "{name}"\nhost = "{host}"\nversion = "3"\nuser = "ops"\n'
                f'auth = "SHA256"\nauth_key_file = "{keys}/{auth}"\n'
                f'priv = "AES"\npriv_key_file = "{keys}/{priv}"\n'
                for name, host, auth, priv in (
                    ("one", device, "auth", "priv"),
                    ("two", second.address, "wauth", "wpriv"),
                )
            )
        )
        done = cli("poll", "one", "two", "--json", "--count", "2", "--interval", "0.2",
                   "--config", str(config))  # fmt: skip
    assert (done.code, done.err) == (DONE, "")
    names = [json.loads(line)["pdu"] for line in done.out.splitlines()]
    assert sorted(names) == ["one", "one", "two", "two"]


@pytest.mark.parametrize("auth", ["auth", "wrong"])
def test_no_pass_phrase_shows_anywhere(device: str, keys: Path, tmp_path: Path, auth: str) -> None:
    """Not in the output, the audit, the log or the database, in success and in failure."""
    env = {
        "PDUTUI_DEBUG": "1",
        "PDUTUI_V3_AUTH_KEY": PHRASES[auth],
        "PDUTUI_V3_PRIV_KEY": PHRASES["priv"],
        "PDUTUI_V3_WRITE_AUTH_KEY": PHRASES["wauth"],
        "PDUTUI_V3_WRITE_PRIV_KEY": PHRASES["wpriv"],
    }
    quick = ("--timeout", "1", "--retries", "0", *READS, *WRITES)
    polled = run("poll", device, "--json", *quick, home=tmp_path, **env)
    put = run("outlet", device, "5", "off", "--yes", "--json", *quick, home=tmp_path, **env)
    right = auth == "auth"
    assert (polled.returncode, put.returncode) == ((0, 0) if right else (3, 3)), put.stderr
    kept = [p.read_bytes() for p in tmp_path.rglob("*") if p.is_file()]
    assert kept, "the audit at least is there"
    no_phrase_in(polled.stdout, polled.stderr, put.stdout, put.stderr)
    assert not [content for content in kept if b"hush" in content]
