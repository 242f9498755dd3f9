"""SNMPv3 users in the configuration: what good ones give, and what is said of bad ones."""

from __future__ import annotations

from pathlib import Path

import pytest

from pdutui.config import ConfigError, load_settings
from pdutui.config_v3 import auth_name, priv_name
from pdutui.domain.secret import Secret
from pdutui.domain.v3 import V3User
from pdutui.settings import PduSettings, Settings
from tests.config.helpers import plain

PDU = '[[pdu]]\nname = "rack1-a"\nhost = "10.0.0.5"\n'
V3 = PDU + 'version = "3"\nuser = "ops"\n'
AUTH = V3 + 'auth = "SHA256"\nauth_key = "hush-auth-key"\n'
FULL = AUTH + 'priv = "AES"\npriv_key = "hush-priv-key"\n'

READER = V3User(
    user="ops",
    auth="SHA256",
    auth_key=Secret("hush-auth-key"),
    priv="AES128",
    priv_key=Secret("hush-priv-key"),
)


@pytest.fixture
def env(tmp_path: Path) -> dict[str, str]:
    return {"PDUTUI_STATE_DIR": str(tmp_path / "state")}


def load(folder: Path, text: str, env: dict[str, str], mode: int = 0o600) -> Settings:
    path = folder / "config.toml"
    path.write_text(text, encoding="utf-8")
    path.chmod(mode)
    return load_settings(config=path, env=env)


def pdu(folder: Path, text: str, env: dict[str, str]) -> PduSettings:
    (one,) = load(folder, text, env).pdus
    return one


def problems(folder: Path, text: str, env: dict[str, str]) -> list[str]:
    with pytest.raises(ConfigError) as caught:
        load(folder, text, env)
    found = [plain(line, folder / "config.toml") for line in caught.value.problems]
    assert all(line.startswith("[pdu 'rack1-a'] ") for line in found)
    assert "hush" not in str(caught.value)
    return [line.removeprefix("[pdu 'rack1-a'] ") for line in found]


def test_a_reader_with_everything(tmp_path: Path, env: dict[str, str]) -> None:
    one = pdu(tmp_path, FULL + 'context = "bench"\n', env)
    assert one.version == "3"
    assert one.v3 == V3User(
        user="ops",
        auth="SHA256",
        auth_key=Secret("hush-auth-key"),
        priv="AES128",
        priv_key=Secret("hush-priv-key"),
        context="bench",
    )
    assert one.v3_write is None
    assert "hush" not in repr(one)


@pytest.mark.parametrize(
    ("text", "level"),
    [(V3, "noAuthNoPriv"), (AUTH, "authNoPriv"), (FULL, "authPriv")],
)
def test_levels(tmp_path: Path, env: dict[str, str], text: str, level: str) -> None:
    reader = pdu(tmp_path, text, env).v3
    assert reader is not None
    assert reader.level == level


def test_keys_from_variables_and_files(tmp_path: Path, env: dict[str, str]) -> None:
    (tmp_path / "priv.key").write_text("hush-priv-key\nnot this\n")
    (tmp_path / "priv.key").chmod(0o600)
    text = V3 + (
        'auth = "SHA256"\nauth_key_env = "OPS_AUTH"\npriv = "AES"\npriv_key_file = "priv.key"\n'
    )
    assert pdu(tmp_path, text, env | {"OPS_AUTH": "hush-auth-key"}).v3 == READER


def test_a_writer_of_its_own(tmp_path: Path, env: dict[str, str]) -> None:
    text = FULL + (
        'write_user = "admin"\nwrite_auth = "SHA512"\nwrite_auth_key = "hush-write-auth"\n'
        'write_priv = "AES256"\nwrite_priv_key = "hush-write-priv"\n'
    )
    one = pdu(tmp_path, text, env)
    assert one.v3 == READER
    assert one.v3_write == V3User(
        user="admin",
        auth="SHA512",
        auth_key=Secret("hush-write-auth"),
        priv="AES256",
        priv_key=Secret("hush-write-priv"),
    )


def test_a_writer_without_keys_has_those_of_the_reader(tmp_path: Path, env: dict[str, str]) -> None:
    writer = pdu(tmp_path, FULL + 'write_user = "admin"\n', env).v3_write
    assert writer is not None
    assert writer.user == "admin"
    assert (writer.auth, writer.auth_key) == (READER.auth, READER.auth_key)
    assert (writer.priv, writer.priv_key) == (READER.priv, READER.priv_key)


def test_a_writer_with_keys_has_the_protocols_of_the_reader(
    tmp_path: Path, env: dict[str, str]
) -> None:
    text = FULL + (
        'write_user = "admin"\nwrite_auth_key = "hush-write-auth"\n'
        'write_priv_key = "hush-write-priv"\n'
    )
    writer = pdu(tmp_path, text, env).v3_write
    assert writer is not None
    assert (writer.auth, writer.priv) == ("SHA256", "AES128")
    assert writer.auth_key == Secret("hush-write-auth")
    assert writer.priv_key == Secret("hush-write-priv")


def test_a_writer_with_a_key_for_authentication_needs_one_for_privacy(
    tmp_path: Path, env: dict[str, str]
) -> None:
    """Half of somebody else's keys is a guess that locks accounts."""
    text = FULL + 'write_user = "admin"\nwrite_auth_key = "hush-write-auth"\n'
    (said,) = problems(tmp_path, text, env)
    assert said.startswith("write_priv_key is missing, the key for AES128 (write_priv_key, ")


def test_the_reader_may_write_under_the_same_name(tmp_path: Path, env: dict[str, str]) -> None:
    one = pdu(tmp_path, FULL + 'write_user = "ops"\n', env)
    assert one.v3_write == one.v3 == READER


def test_variables_come_before_the_file_and_only_where_they_are_of_use(
    tmp_path: Path, env: dict[str, str]
) -> None:
    env |= {
        "PDUTUI_V3_AUTH_KEY": "hush-env-auth",
        "PDUTUI_V3_PRIV_KEY": "hush-env-priv",
        "PDUTUI_V3_WRITE_AUTH_KEY": "hush-env-wauth",
        "PDUTUI_V3_WRITE_PRIV_KEY": "hush-env-wpriv",
    }
    both = pdu(tmp_path, FULL + 'write_user = "admin"\n', env)
    assert both.v3 is not None
    assert both.v3_write is not None
    assert both.v3.auth_key == Secret("hush-env-auth")
    assert both.v3.priv_key == Secret("hush-env-priv")
    assert both.v3_write.auth_key == Secret("hush-env-wauth")
    assert both.v3_write.priv_key == Secret("hush-env-wpriv")
    no_priv = pdu(tmp_path, V3 + 'auth = "MD5"\nwrite_user = "ops"\n', env)
    assert no_priv.v3 == V3User(user="ops", auth="MD5", auth_key=Secret("hush-env-auth"))
    assert no_priv.v3_write == no_priv.v3
    assert pdu(tmp_path, V3, env).v3 == V3User(user="ops")
    assert pdu(tmp_path, PDU, env).v3 is None


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (PDU + 'version = "3"', "user is missing"),
        (V3 + 'auth = "SHA1"', "auth_key is missing, the key for SHA1 "
         "(auth_key, auth_key_env or auth_key_file)"),
        (V3 + 'auth_key = "hush-auth-key"', "auth_key needs auth, too"),
        (V3 + 'auth = "SHA"\nauth_key = "hush-77"', "auth_key must have at least 8 characters"),
        (AUTH + 'priv = "AES"\npriv_key = "hush-77"', "priv_key must have at least 8 characters"),
        (AUTH + 'priv = "DES"', "priv_key is missing, the key for DES "
         "(priv_key, priv_key_env or priv_key_file)"),
        (AUTH + 'priv_key = "hush-priv-key"', "priv_key needs priv, too"),
        (V3 + 'priv = "AES"\npriv_key = "hush-priv-key"',
         "priv needs auth, too: SNMPv3 encrypts only what it authenticates"),
        (V3 + 'auth = "SHA265"', "auth must be one of MD5, SHA1, SHA224, SHA256, SHA384, SHA512, "
         'is "SHA265": did you mean SHA256?'),
        (V3 + 'priv = "AES129"', "priv must be one of DES, AES128, AES192, AES256, AES192C, "
         'AES256C, is "AES129": did you mean AES192?'),
        (V3 + "auth = 256", "auth must be text, is 256"),
        (FULL + 'auth_key_env = "X"',
         "auth_key_env and auth_key are both there: leave one of them out"),
        (V3 + 'auth = "SHA"\nauth_key_env = "NOT_SET"',
         "auth_key_env: the environment has no NOT_SET, or it is empty"),
        (V3 + 'auth = "SHA"\nauth_key = ["hush"]', "auth_key must be text and not empty"),
        (FULL + 'write_auth = "SHA"', "write_auth goes with write_user"),
        (FULL + 'write_priv_key = "hush-write"', "write_priv_key goes with write_user"),
        (FULL + 'write_user = "ops"\nwrite_auth_key = "hush-write"',
         "write_auth_key is that of user: both name one user"),
        (V3 + 'write_user = "admin"\nwrite_priv = "AES"\nwrite_priv_key = "hush-write"',
         "write_priv needs write_auth, too: SNMPv3 encrypts only what it authenticates"),
        (PDU + f'version = "3"\nuser = "{"u" * 33}"', "user must have at most 32 bytes"),
        (FULL + 'community = "hush"',
         'community does not go with version "3", which has users: leave it out'),
        (FULL + 'write_community_env = "X"',
         'write_community_env does not go with version "3", which has users: leave it out'),
        (PDU + 'user = "ops"', 'user goes with version = "3" alone, and it is not said'),
        (PDU + 'version = "2c"\nauth_key = "hush-auth-key"',
         'auth_key goes with version = "3" alone, and it is "2c"'),
        (PDU + 'version = "1"\nwrite_user = "ops"',
         'write_user goes with version = "3" alone, and it is "1"'),
        (PDU + 'version = 3\nuser = "ops"', 'version must be "2c" or "1" or "3", is 3'),
        (V3 + 'auth_kye = "hush-auth-key"', "unknown key 'auth_kye': did you mean 'auth_key'?"),
    ],
)  # fmt: skip
def test_what_is_said_of_bad_users(
    tmp_path: Path, env: dict[str, str], text: str, expected: str
) -> None:
    assert problems(tmp_path, text, env) == [expected]


def test_a_variable_that_is_none_is_a_warning(tmp_path: Path, env: dict[str, str]) -> None:
    (warning,) = load(tmp_path, V3, env | {"PDUTUI_V3_AUTHKEY": "hush-hush"}).warnings
    assert warning.startswith("environment: PDUTUI_V3_AUTHKEY is not known")
    assert "did you mean PDUTUI_V3_AUTH_KEY?" in warning
    assert "hush" not in warning


@pytest.mark.parametrize("word", ["SHA", "sha", "sha1", "SHA-1", "Sha_1"])
def test_names_of_sha1(word: str) -> None:
    assert auth_name(word) == "SHA1"


@pytest.mark.parametrize(
    ("word", "name"),
    [("aes", "AES128"), ("AES-128", "AES128"), ("aes256c", "AES256C"), ("AES-192-C", "AES192C")],
)
def test_names_of_aes(word: str, name: str) -> None:
    assert priv_name(word) == name


def test_a_key_in_a_file_that_others_may_read_is_a_warning(
    tmp_path: Path, env: dict[str, str]
) -> None:
    (warning,) = load(tmp_path, FULL, env, mode=0o644).warnings
    assert "config.toml has a key in it and other users may read it: chmod 600" in warning
    (tmp_path / "auth.key").write_text("hush-auth-key")
    (tmp_path / "auth.key").chmod(0o644)
    text = V3 + 'auth = "SHA"\nauth_key_file = "auth.key"\n'
    (warning,) = load(tmp_path, text, env).warnings
    assert f"{tmp_path / 'auth.key'} has a key in it" in warning
    assert "hush" not in warning
