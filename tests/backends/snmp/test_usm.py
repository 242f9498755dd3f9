"""The user-based security model: keys of the RFCs, messages there and back, and of a stranger."""

from __future__ import annotations

import random
import shutil
import socket
import subprocess
import sys

import pytest
from cryptography.exceptions import UnsupportedAlgorithm

from pdutui.backends.snmp import usm_cipher
from pdutui.backends.snmp.codec import BerError
from pdutui.backends.snmp.usm import UserKeys, UsmError, parse, seal, seal_plain, unseal, verify
from pdutui.backends.snmp.usm_cipher import check, decrypt, encrypt, salt
from pdutui.backends.snmp.usm_keys import AUTHS, KEY_SIZES, localized, pass_phrase_key, privacy_key
from pdutui.backends.snmp.usm_time import EngineClock, in_own_window
from pdutui.backends.snmp.v3_message import read_scoped, scoped_pdu
from pdutui.domain.secret import Secret
from pdutui.domain.v3 import AuthName, PrivName, V3User

ENGINE = bytes.fromhex("000000000000000000000002")
OTHER = bytes.fromhex("80001f8804") + b"other"
PDU = bytes.fromhex("a01a02040102030402010002010030 0c300a06062b060102010105 00".replace(" ", ""))
SCOPED = scoped_pdu(ENGINE, b"ctx", PDU)


def user(
    auth: AuthName | None = "SHA256",
    priv: PrivName | None = "AES128",
    auth_key: str = "maplesyrup",
    priv_key: str = "pancakes!",
    name: str = "ops",
) -> V3User:
    return V3User(
        user=name,
        auth=auth,
        auth_key=None if auth is None else Secret(auth_key),
        priv=priv,
        priv_key=None if priv is None else Secret(priv_key),
    )


def sealed(keys: UserKeys, **more: object) -> bytes:
    how = {"msg_id": 7, "engine_id": ENGINE, "boots": 3, "time": 1234, "reportable": True} | more
    return seal(SCOPED, keys=keys, **how)  # type: ignore[arg-type]


def reason(data: bytes, keys: UserKeys) -> str:
    with pytest.raises(UsmError) as error:
        unseal(parse(data), keys)
    return error.value.reason


@pytest.mark.parametrize(
    ("name", "key", "local"),
    [
        ("md5", "9faf3283884e92834ebc9847d8edd963", "526f5eed9fcce26f8964c2930787d82b"),
        (
            "sha1",
            "9fb5cc0381497b3793528939ff788d5d79145211",
            "6695febc9288e36282235fc7151f128497b38f3f",
        ),
    ],
)
def test_the_keys_of_rfc_3414(name: str, key: str, local: str) -> None:
    made = pass_phrase_key(name, b"maplesyrup")
    assert made.hex() == key
    assert localized(name, made, ENGINE).hex() == local


def test_the_extended_keys_of_the_reeder_draft() -> None:
    """Its examples are of 32 octets for MD5 and 40 for SHA; what fits of them is looked at."""
    md5 = privacy_key("md5", pass_phrase_key("md5", b"maplesyrup"), "AES256C", ENGINE)
    assert md5.hex() == "526f5eed9fcce26f8964c2930787d82b79eff44a90650ee0a3a40abfac5acc12"
    sha = privacy_key("sha1", pass_phrase_key("sha1", b"maplesyrup"), "AES256C", ENGINE)
    assert sha.hex() == "6695febc9288e36282235fc7151f128497b38f3f9b8b6d78936ba6e7d19dfd9c"


@pytest.mark.parametrize("auth", list(AUTHS))
@pytest.mark.parametrize("priv", list(KEY_SIZES))
def test_the_keys_are_those_of_pysnmp(auth: AuthName, priv: PrivName) -> None:
    from pysnmp.proto.rfc1902 import OctetString
    from pysnmp.proto.secmod.rfc3414.service import (
        aes,
        aes192,
        aes256,
        des,
        hmacmd5,
        hmacsha,
        hmacsha2,
    )

    classes = {
        "DES": des.Des,
        "AES128": aes.Aes,
        "AES192": aes192.AesBlumenthal192,
        "AES256": aes256.AesBlumenthal256,
        "AES192C": aes192.Aes192,
        "AES256C": aes256.Aes256,
    }
    oids = {
        "MD5": hmacmd5.HmacMd5.SERVICE_ID,
        "SHA1": hmacsha.HmacSha.SERVICE_ID,
        "SHA224": hmacsha2.HmacSha2.SHA224_SERVICE_ID,
        "SHA256": hmacsha2.HmacSha2.SHA256_SERVICE_ID,
        "SHA384": hmacsha2.HmacSha2.SAH384_SERVICE_ID,
        "SHA512": hmacsha2.HmacSha2.SHA512_SERVICE_ID,
    }
    service = classes[priv]()
    phrase, engine = OctetString(b"pancakes!"), OctetString(ENGINE)
    theirs = service.localize_key(oids[auth], service.hash_passphrase(oids[auth], phrase), engine)
    name = AUTHS[auth].hash_name
    ours = privacy_key(name, pass_phrase_key(name, b"pancakes!"), priv, ENGINE)
    assert ours == bytes(theirs)[: len(ours)]
    assert len(ours) == KEY_SIZES[priv]


@pytest.mark.parametrize("priv", list(KEY_SIZES))
def test_a_cipher_undoes_itself_and_only_with_its_own_inputs(priv: PrivName) -> None:
    key = bytes(range(KEY_SIZES[priv]))
    salt_ = salt(priv, 9, 77)
    hidden = encrypt(priv, key, 9, 1000, salt_, SCOPED)
    assert SCOPED not in hidden
    plain = decrypt(priv, key, 9, 1000, salt_, hidden)
    assert plain[: len(SCOPED)] == SCOPED
    assert len(plain) - len(SCOPED) < 8
    assert decrypt(priv, key[::-1], 9, 1000, salt_, hidden)[: len(SCOPED)] != SCOPED
    check(priv)


def test_des_is_single_des() -> None:
    """The first example of FIPS 81: what three times the same key gives must be that."""
    key = bytes.fromhex("0123456789abcdef") + bytes.fromhex("1234567890abcdef")
    out = encrypt("DES", key, 0, 0, bytes(8), b"Now is the time for all ")
    assert out.hex() == "e5c7cdde872bf27c43e934008c389c0f683788499a7c05f6"


@pytest.mark.parametrize("auth", list(AUTHS))
@pytest.mark.parametrize("priv", [None, *KEY_SIZES])
def test_there_and_back(auth: AuthName, priv: PrivName | None) -> None:
    data = sealed(UserKeys(user(auth, priv)))
    assert (SCOPED in data) == (priv is None)
    message = parse(data)
    assert (message.msg_id, message.boots, message.time) == (7, 3, 1234)
    assert (message.engine_id, message.user, message.reportable) == (ENGINE, b"ops", True)
    assert len(message.digest) == AUTHS[auth].mac_size
    assert message.level == ("authNoPriv" if priv is None else "authPriv")
    assert unseal(message, UserKeys(user(auth, priv))) == (ENGINE, b"ctx", PDU)


def test_without_authentication() -> None:
    keys = UserKeys(user(None, None))
    message = parse(sealed(keys))
    assert message.level == "noAuthNoPriv"
    assert unseal(message, keys).pdu == PDU
    with pytest.raises(UsmError) as error:
        verify(message, UserKeys(user()))
    assert error.value.reason == "level"
    assert parse(seal_plain(SCOPED, msg_id=1, reportable=True)).engine_id == b""


def test_a_lower_level_on_purpose() -> None:
    keys = UserKeys(user())
    assert parse(sealed(keys, level="authNoPriv")).level == "authNoPriv"
    assert parse(sealed(keys, level="noAuthNoPriv")).digest == b""
    with pytest.raises(UsmError) as error:
        sealed(UserKeys(user(priv=None)), level="authPriv")
    assert error.value.reason == "level"


def test_what_is_wrong_is_told_apart() -> None:
    data = sealed(UserKeys(user()))
    assert reason(data, UserKeys(user(auth_key="maplesyrop"))) == "digest"
    assert reason(data, UserKeys(user(auth="SHA224"))) == "digest"
    assert reason(data, UserKeys(user(auth="SHA1"))) == "digest"
    assert reason(data, UserKeys(user(priv_key="pancakes?"))) == "decryption"
    assert reason(data, UserKeys(user(priv="DES"))) == "decryption"
    assert reason(data, UserKeys(user(priv="AES256"))) == "decryption"
    assert reason(data, UserKeys(user(priv=None))) == "level"
    assert reason(data, UserKeys(user(None, None))) == "level"
    assert reason(data[:-1], UserKeys(user())) == "garbled"


def test_two_users_of_one_name_do_not_mix() -> None:
    one, two = UserKeys(user()), UserKeys(user(auth_key="something else"))
    first, second = sealed(one), sealed(two)
    assert unseal(parse(first), one).pdu == unseal(parse(second), two).pdu == PDU
    assert reason(first, two) == reason(second, one) == "digest"


def test_keys_are_of_one_engine_and_few_engines_are_kept() -> None:
    keys = UserKeys(user(), engines=2)
    for n in range(5):
        engine = OTHER + bytes((n,))
        assert unseal(parse(sealed(keys, engine_id=engine)), UserKeys(user())).pdu == PDU
    assert len(keys._known) == 2
    swapped = sealed(keys).replace(ENGINE, ENGINE[:-1] + b"\x03")
    assert reason(swapped, keys) == "digest"


def test_no_two_messages_have_one_salt() -> None:
    for priv in ("AES128", "DES"):
        keys = UserKeys(user(priv=priv))
        salts = {parse(sealed(keys)).salt for _ in range(200)}
        assert len(salts) == 200


def test_secrets_do_not_show() -> None:
    keys = UserKeys(user(auth_key="s3cret-one", priv_key="s3cret-two"))
    sealed(keys)
    shown = repr(keys) + repr(keys.on(ENGINE)) + repr(keys.user)
    assert "s3cret" not in shown
    assert keys.on(ENGINE).auth.hex() not in shown


def test_what_follows_the_message_does_not_count() -> None:
    keys = UserKeys(user())
    assert unseal(parse(sealed(keys) + b"rubbish"), keys).pdu == PDU


@pytest.mark.parametrize("priv", ["DES", "AES128", None])
def test_no_mutated_message_passes(priv: PrivName | None) -> None:
    """Every octet counts: whatever is changed, cut or added inside is refused, by one error."""
    keys, rng = UserKeys(user(priv=priv)), random.Random(5)
    good, reasons = sealed(keys), set()
    for n in range(1500):
        data = bytearray(good)
        kind = n % 4
        if kind == 0:
            data = data[: rng.randrange(len(data))]
        elif kind == 1:
            at = rng.randrange(len(data))
            data[at:at] = rng.randbytes(rng.randrange(1, 4))
        else:
            for _ in range(kind - 1):
                at = rng.randrange(len(data))
                data[at] ^= 1 << rng.randrange(8)
        if bytes(data) == good:
            continue
        try:
            message = parse(bytes(data))
            if message.data != good:
                scoped = unseal(message, keys)
                assert message.level == "noAuthNoPriv"  # a flag was flipped: nothing is proved
                assert scoped is not None
        except UsmError as error:
            reasons.add(error.reason)
    assert reasons == {"garbled", "digest"}
    for _ in range(500):
        with pytest.raises(UsmError):
            parse(rng.randbytes(rng.randrange(120)))


def test_padding_may_follow_a_scoped_pdu_and_nothing_may_be_missing() -> None:
    assert read_scoped(SCOPED + bytes(7)).pdu == PDU
    for size in range(len(SCOPED)):
        with pytest.raises(BerError):
            read_scoped(SCOPED[:size])


def test_an_authoritative_engine_and_its_window() -> None:
    assert in_own_window(3, 1000, 3, 1150)
    assert in_own_window(3, 1000, 3, 850)
    assert not in_own_window(3, 1000, 3, 1151)
    assert not in_own_window(3, 1000, 2, 1000)
    assert not in_own_window(2**31 - 1, 1000, 2**31 - 1, 1000)


def test_the_clock_of_another_engine() -> None:
    clock = EngineClock(3, 1000, 50.0)
    assert clock.time(60.9) == 1010
    assert clock.acceptable(3, 900, 60.0)
    assert not clock.acceptable(3, 859, 60.0)
    assert clock.acceptable(4, 0, 60.0)
    assert not clock.acceptable(2, 5000, 60.0)
    clock.note(3, 999, 60.0)  # older than what is known: nothing is learned
    assert clock.time(60.0) == 1010
    clock.note(3, 1020, 60.0)
    assert clock.time(61.0) == 1021
    clock.note(4, 5, 62.0)
    assert (clock.boots, clock.time(62.0)) == (4, 5)
    assert EngineClock(1, 2**31 - 5, 0.0).time(100.0) == 2**31 - 1


@pytest.mark.skipif(shutil.which("snmptrap") is None, reason="net-snmp's tools are not installed")
@pytest.mark.parametrize("priv", [None, "DES", "AES", "AES-192", "AES-256"])
@pytest.mark.parametrize("auth", ["MD5", "SHA", "SHA-224", "SHA-256", "SHA-384", "SHA-512"])
def test_a_message_that_net_snmp_made(auth: str, priv: str | None) -> None:
    name = {"AES": "AES128"}.get(priv or "", (priv or "").replace("-", "")) or None
    ours = user(  # type: ignore[arg-type]
        "SHA1" if auth == "SHA" else auth.replace("-", ""), name
    )
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sock:
        sock.bind(("127.0.0.1", 0))
        sock.settimeout(2.0)
        level = "authNoPriv" if priv is None else "authPriv"
        command = ["snmptrap", "-v3", "-e", "0x" + OTHER.hex(), "-u", "ops", "-l", level]
        command += ["-a", auth, "-A", "maplesyrup"]
        command += [] if priv is None else ["-x", priv, "-X", "pancakes!"]
        command += [f"127.0.0.1:{sock.getsockname()[1]}", "42", "1.3.6.1.6.3.1.1.5.1"]
        done = subprocess.run(command, capture_output=True, text=True, timeout=10)
        if done.returncode:
            pytest.skip(f"this net-snmp cannot do {auth} and {priv}: {done.stderr.strip()[:60]}")
        message = parse(sock.recv(4096))
    scoped = unseal(message, UserKeys(ours))
    assert scoped.pdu[0] == 0xA7  # SNMPv2-Trap
    assert (message.engine_id, message.reportable) == (OTHER, False)


def test_a_cipher_that_is_not_there_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    usm_cipher._des_parts.cache_clear()
    monkeypatch.setitem(sys.modules, "cryptography.hazmat.decrepit.ciphers.algorithms", None)
    with pytest.raises(UsmError, match="cannot do DES") as error:
        sealed(UserKeys(user(priv="DES")))
    assert error.value.reason == "unsupported"
    sealed(UserKeys(user(priv="AES128")))
    missing = ModuleNotFoundError("no cryptography", name="cryptography")
    monkeypatch.setattr(usm_cipher, "_des", lambda *_: (_ for _ in ()).throw(missing))
    with pytest.raises(UsmError, match="which is not installed"):
        sealed(UserKeys(user(priv="DES")))


def test_a_cipher_that_the_library_refuses_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object) -> object:
        raise UnsupportedAlgorithm("disabled by policy")

    monkeypatch.setattr(usm_cipher, "_des", refuse)
    with pytest.raises(UsmError, match="cannot do DES"):
        sealed(UserKeys(user(priv="DES")))


def test_cryptography_is_loaded_for_privacy_only() -> None:
    program = (
        "import sys\n"
        "from pdutui.backends.snmp.usm import UserKeys, seal\n"
        "from pdutui.domain.v3 import V3User\n"
        "from pdutui.domain.secret import Secret\n"
        "keys = UserKeys(V3User(user='u', auth='SHA256', auth_key=Secret('12345678')))\n"
        "seal(b'0', keys=keys, msg_id=1, engine_id=b'12345', boots=1, time=1, reportable=True)\n"
        "sys.exit(any(name.startswith('cryptography') for name in sys.modules))\n"
    )
    assert subprocess.run([sys.executable, "-c", program], timeout=30).returncode == 0
