"""The --v3-... options: which users they make of a target, and what is said of wrong ones."""

from __future__ import annotations

from pathlib import Path

import click
import pytest
from click.testing import CliRunner

from pdutui.cli.exits import CliError
from pdutui.cli.target import TargetOptions, resolve_targets, target_options
from pdutui.config_errors import ConfigError
from pdutui.domain.secret import Secret
from pdutui.domain.v3 import V3User
from pdutui.settings import PduSettings, Settings

HOME = Path("/nowhere")
READER = V3User(user="ops", auth="SHA1", auth_key=Secret("conf-auth-1"))
WRITER = V3User(user="admin", auth="SHA1", auth_key=Secret("conf-auth-2"))
CONFIGURED = Settings(
    state_dir=HOME,
    pdus=(
        PduSettings(name="old", host="10.0.0.1"),
        PduSettings(name="read", host="10.0.0.2", version="3", v3=READER),
        PduSettings(name="both", host="10.0.0.3", version="3", v3=READER, v3_write=WRITER),
        PduSettings(name="self", host="10.0.0.4", version="3", v3=READER, v3_write=READER),
        PduSettings(name="mock", backend="mock", write_community=Secret("any")),
    ),
)
KEYS = {
    "A": "given-auth",
    "P": "given-priv",
    "WA": "given-wauth",
    "WP": "given-wpriv",
    "SHORT": "hush-77",
}


def options(monkeypatch: pytest.MonkeyPatch, *argv: str, **env: str) -> TargetOptions:
    """What the command line makes of the arguments. Raises what a command would."""
    found: list[TargetOptions] = []

    @click.command()
    @target_options
    def command(target: TargetOptions) -> None:
        found.append(target)

    for name, text in (KEYS | env).items():
        monkeypatch.setenv(name, text)
    command.main(list(argv), standalone_mode=False)
    return found[0]


def resolved(monkeypatch: pytest.MonkeyPatch, name: str, *argv: str, **env: str) -> PduSettings:
    target = options(monkeypatch, *argv, **env)
    (pdu,) = resolve_targets((name,), CONFIGURED, target, env)
    return pdu


FULL = (
    "--v3-user", "me", "--v3-auth", "sha-256", "--v3-auth-key-env", "A",
    "--v3-priv", "aes", "--v3-priv-key-env", "P",
)  # fmt: skip
ME = V3User(
    user="me",
    auth="SHA256",
    auth_key=Secret("given-auth"),
    priv="AES128",
    priv_key=Secret("given-priv"),
)


def test_an_address_is_read_and_written_by_the_user(monkeypatch: pytest.MonkeyPatch) -> None:
    pdu = resolved(monkeypatch, "10.1.1.1", *FULL)
    assert pdu.version == "3"
    assert pdu.v3 == pdu.v3_write == ME


def test_an_address_with_a_writer_of_its_own(monkeypatch: pytest.MonkeyPatch) -> None:
    pdu = resolved(
        monkeypatch, "10.1.1.1", *FULL, "--v3-write-user", "boss", "--v3-write-auth", "SHA512",
        "--v3-write-auth-key-env", "WA", "--v3-write-priv-key-env", "WP",
    )  # fmt: skip
    assert pdu.v3 == ME
    assert pdu.v3_write == V3User(
        user="boss",
        auth="SHA512",
        auth_key=Secret("given-wauth"),
        priv="AES128",
        priv_key=Secret("given-wpriv"),
    )


def test_a_key_file_and_a_context(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    (tmp_path / "key").write_text("filed-auth\n")
    pdu = resolved(
        monkeypatch, "10.1.1.1", "--v3-user", "me", "--v3-auth", "MD5",
        "--v3-auth-key-file", str(tmp_path / "key"), "--v3-context", "bench",
    )  # fmt: skip
    assert pdu.v3 == V3User(user="me", auth="MD5", auth_key=Secret("filed-auth"), context="bench")


def test_a_configured_pdu_gets_no_writer_that_nobody_named(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    pdu = resolved(monkeypatch, "old", *FULL)
    assert (pdu.version, pdu.v3, pdu.v3_write) == ("3", ME, None)
    assert resolved(monkeypatch, "both", *FULL).v3_write == WRITER
    assert resolved(monkeypatch, "self", *FULL).v3_write == READER


def test_options_without_a_user_change_the_configured_one(monkeypatch: pytest.MonkeyPatch) -> None:
    pdu = resolved(monkeypatch, "both", "--v3-auth", "MD5", "--v3-context", "x")
    assert pdu.v3 == V3User(user="ops", auth="MD5", auth_key=READER.auth_key, context="x")
    assert pdu.v3_write == V3User(user="admin", auth="SHA1", auth_key=WRITER.auth_key, context="x")
    both = resolved(monkeypatch, "self", "--v3-auth-key-env", "A")
    assert both.v3 == both.v3_write
    assert both.v3 == V3User(user="ops", auth="SHA1", auth_key=Secret("given-auth"))
    other = resolved(monkeypatch, "both", "--v3-write-auth-key-env", "WA")
    assert other.v3 == READER
    assert other.v3_write == V3User(user="admin", auth="SHA1", auth_key=Secret("given-wauth"))
    named = resolved(monkeypatch, "read", "--v3-write-user", "boss")
    assert named.v3_write == V3User(user="boss", auth="SHA1", auth_key=READER.auth_key)


def test_nothing_said_leaves_the_configured_users(monkeypatch: pytest.MonkeyPatch) -> None:
    pdu = resolved(monkeypatch, "both", "--snmp-version", "3")
    assert (pdu.v3, pdu.v3_write) == (READER, WRITER)
    old = resolved(monkeypatch, "both", "--snmp-version", "2c", "--community", "x")
    assert (old.version, old.v3, old.v3_write) == ("2c", None, None)
    mock = resolved(monkeypatch, "mock", "--v3-user", "me")
    assert (mock.version, mock.write_community) == ("2c", Secret("any"))


def test_keys_of_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    env = {
        "PDUTUI_V3_AUTH_KEY": "env-auth-key",
        "PDUTUI_V3_PRIV_KEY": "env-priv-key",
        "PDUTUI_V3_WRITE_AUTH_KEY": "env-wauth-key",
    }
    pdu = resolved(
        monkeypatch, "10.1.1.1", "--v3-user", "me", "--v3-auth", "SHA", "--v3-write-user", "boss",
        **env,
    )  # fmt: skip
    assert pdu.v3 == V3User(user="me", auth="SHA1", auth_key=Secret("env-auth-key"))
    assert pdu.v3_write == V3User(user="boss", auth="SHA1", auth_key=Secret("env-wauth-key"))
    given = resolved(monkeypatch, "10.1.1.1", *FULL, **env)
    assert given.v3 == ME
    assert resolved(monkeypatch, "10.1.1.1", "--v3-user", "me", **env).v3 == V3User(user="me")


@pytest.mark.parametrize(
    ("name", "argv", "said"),
    [
        ("h", ["--snmp-version", "3"], "h: --v3-user is missing"),
        ("h", ["--v3-auth", "MD5"], "h: --v3-user is missing"),
        ("old", ["--v3-context", "x"], "old: --v3-user is missing"),
        ("h", ["--v3-user", "me", "--v3-auth", "MD5"],
         "h: --v3-auth-key-env (or -file, or PDUTUI_V3_AUTH_KEY) is missing, the key for MD5"),
        ("h", ["--v3-user", "me", "--v3-auth-key-env", "A"],
         "h: --v3-auth-key-env (or -file, or PDUTUI_V3_AUTH_KEY) needs --v3-auth, too"),
        ("h", ["--v3-user", "me", "--v3-auth", "MD5", "--v3-auth-key-env", "SHORT"],
         "h: --v3-auth-key-env (or -file, or PDUTUI_V3_AUTH_KEY) must have at least 8 characters"),
        ("h", ["--v3-user", "me", "--v3-priv", "DES", "--v3-priv-key-env", "P"],
         "h: --v3-priv needs --v3-auth, too"),
        ("h", [*FULL, "--v3-write-auth", "MD5"], "h: --v3-write-auth goes with --v3-write-user"),
        ("h", [*FULL, "--v3-write-user", "me", "--v3-write-auth", "MD5"],
         "h: --v3-write-auth is that of --v3-user: both name one user"),
        ("read", ["--community", "x"], "read is asked in SNMPv3, which has no communities"),
        ("h", [*FULL, "--community", "x"], "communities do not mix"),
        ("h", [*FULL, "--snmp-version", "2c"], "--snmp-version 2c do not mix"),
        ("h", ["--v3-user", "me", "--v3-auth", "SHA265"], "did you mean SHA256?"),
        ("h", ["--v3-user", "me", "--v3-priv", "rot13"], "must be one of DES, AES128"),
        ("h", ["--v3-user", " "], "is empty"),
        ("h", ["--v3-user", "u" * 33], "h: --v3-user must have at most 32 bytes"),
        ("h", ["--v3-user", "me", "--v3-auth-key-env", "A", "--v3-auth-key-file", "F"],
         "--v3-auth-key-env and --v3-auth-key-file exclude each other"),
        ("h", ["--v3-user", "me", "--v3-auth-key-env", "NOT_SET"],
         "--v3-auth-key-env: the environment has no NOT_SET, or it is empty"),
        ("h", ["--v3-user", "me", "--v3-auth-key-file", "/no/such/key"],
         "--v3-auth-key-file: /no/such/key cannot be read: No such file"),
        ("h", ["--snmp-version", "4"], 'is neither "1" nor "2c" nor "3"'),
    ],
)  # fmt: skip
def test_wrong_options_are_usage_errors(
    monkeypatch: pytest.MonkeyPatch, name: str, argv: list[str], said: str
) -> None:
    with pytest.raises((CliError, ConfigError, click.UsageError)) as caught:
        resolved(monkeypatch, name, *argv)
    error = caught.value
    text = error.format_message() if isinstance(error, click.ClickException) else str(error)
    assert said in text
    assert "hush" not in text
    assert "given-" not in text
    if isinstance(error, CliError):
        assert error.code == 2


@pytest.mark.parametrize("option", ["--v3-auth-key", "--v3-priv-key", "--v3-write-auth-key"])
def test_no_option_takes_a_key_itself(option: str) -> None:
    """Not even by click's own habit of completing an option that is cut short."""

    @click.command()
    @target_options
    def command(target: TargetOptions) -> None:
        raise AssertionError("a key was taken")

    done = CliRunner().invoke(command, [option, "hush-hush-key"])
    assert done.exit_code == 2
    assert "No such option" in done.output
    assert "hush" not in done.output
