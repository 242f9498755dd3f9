"""USM privacy: DES-CBC (RFC 3414, 8), AES-CFB (RFC 3826), by the package `cryptography`.

The package is imported by the first message that is encrypted or decrypted, not before.
"""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

from pdutui.domain.v3 import PrivName

if TYPE_CHECKING:
    from cryptography.hazmat.decrepit.ciphers.algorithms import TripleDES
    from cryptography.hazmat.decrepit.ciphers.modes import CFB
    from cryptography.hazmat.primitives.ciphers import Cipher
    from cryptography.hazmat.primitives.ciphers.algorithms import AES
    from cryptography.hazmat.primitives.ciphers.modes import CBC, ModeWithInitializationVector

SALT_SIZE = 8
"""Octets of msgPrivacyParameters, whatever the protocol."""
_BLOCK = 8
_MASK = (1 << 64) - 1


class CipherMissing(Exception):
    """This installation cannot do a privacy protocol; the text says why."""


class CipherFailed(Exception):
    """What came in cannot have been encrypted with the protocol."""


def salt(priv: PrivName, boots: int, counter: int) -> bytes:
    """The salt of one message: no two messages of a key may have the same.

    Args:
        priv: the protocol.
        boots: engineBoots of the message.
        counter: any number that grows by one with each message.
    """
    if priv == "DES":
        return boots.to_bytes(4, "big") + (counter & 0xFFFFFFFF).to_bytes(4, "big")
    return (counter & _MASK).to_bytes(8, "big")


def encrypt(priv: PrivName, key: bytes, boots: int, time: int, salt_: bytes, data: bytes) -> bytes:
    """The encrypted form of a scoped PDU. Raises CipherMissing."""
    if priv == "DES":
        data += bytes(-len(data) % _BLOCK)
    out: bytes = _cipher(priv, key, boots, time, salt_).encryptor().update(data)
    return out


def decrypt(priv: PrivName, key: bytes, boots: int, time: int, salt_: bytes, data: bytes) -> bytes:
    """What was encrypted, padding included. Nothing proves that the key was right.

    Raises:
        CipherMissing: this installation cannot do it.
        CipherFailed: the salt is no salt, or the data no whole number of blocks.
    """
    if len(salt_) != SALT_SIZE:
        raise CipherFailed("msgPrivacyParameters is no salt")
    if priv == "DES" and (not data or len(data) % _BLOCK):
        raise CipherFailed("no whole number of blocks")
    out: bytes = _cipher(priv, key, boots, time, salt_).decryptor().update(data)
    return out


def check(priv: PrivName) -> None:
    """Try a protocol out. Raises CipherMissing, with a text for people."""
    encrypt(priv, bytes(range(32 if priv[3:6] == "256" else 24 if priv[3:6] == "192" else 16)),
            0, 0, bytes(SALT_SIZE), bytes(_BLOCK))  # fmt: skip


def _cipher(
    priv: PrivName, key: bytes, boots: int, time: int, salt_: bytes
) -> Cipher[ModeWithInitializationVector]:
    try:
        if priv == "DES":
            return _des(key, salt_)
        cipher, aes, cfb = _aes_parts()
        return cipher(aes(key), cfb(boots.to_bytes(4, "big") + time.to_bytes(4, "big") + salt_))
    except ImportError as error:
        if error.name == "cryptography":
            raise CipherMissing(
                f"privacy {priv} needs the Python package cryptography, which is not installed"
            ) from None
        raise _cannot(priv) from None
    except _unsupported():
        raise _cannot(priv) from None


def _cannot(priv: PrivName) -> CipherMissing:
    return CipherMissing(
        f"the installed build of the Python package cryptography cannot do {priv}: "
        "use another privacy protocol, or a build that has it"
    )


def _unsupported() -> type[Exception]:
    from cryptography.exceptions import UnsupportedAlgorithm

    return UnsupportedAlgorithm


@cache
def _aes_parts() -> tuple[type[Cipher[CFB]], type[AES], type[CFB]]:
    """The classes, imported once: an import statement costs as much as the encryption."""
    from cryptography.hazmat.primitives.ciphers import Cipher
    from cryptography.hazmat.primitives.ciphers.algorithms import AES

    try:  # from 47 on; before it, the mode stood with the others
        from cryptography.hazmat.decrepit.ciphers.modes import CFB
    except ImportError:
        from cryptography.hazmat.primitives.ciphers.modes import CFB
    return Cipher, AES, CFB


@cache
def _des_parts() -> tuple[type[Cipher[CBC]], type[TripleDES], type[CBC]]:
    from cryptography.hazmat.decrepit.ciphers.algorithms import TripleDES
    from cryptography.hazmat.primitives.ciphers import Cipher
    from cryptography.hazmat.primitives.ciphers.modes import CBC

    return Cipher, TripleDES, CBC


def _des(key: bytes, salt_: bytes) -> Cipher[CBC]:
    """Single DES is TripleDES with one key thrice: encrypting, decrypting and encrypting again."""
    cipher, triple_des, cbc = _des_parts()
    vector = bytes(a ^ b for a, b in zip(key[8:16], salt_, strict=True))
    return cipher(triple_des(key[:8] * 3), cbc(vector))
