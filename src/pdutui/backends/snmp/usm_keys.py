"""USM keys: from a pass phrase to the key of one engine (RFC 3414 A.2, RFC 7860, key extensions).

Everything here is pure arithmetic over `hashlib`; nothing is remembered.
"""

from __future__ import annotations

import hashlib
from typing import NamedTuple

from pdutui.domain.v3 import AuthName, PrivName

_MEGABYTE = 1_048_576
"""Octets of repeated pass phrase that make a key."""


class Auth(NamedTuple):
    """An authentication protocol."""

    hash_name: str
    """As `hashlib` and `hmac` know it."""
    mac_size: int
    """Octets of the digest in a message."""


AUTHS: dict[AuthName, Auth] = {
    "MD5": Auth("md5", 12),
    "SHA1": Auth("sha1", 12),
    "SHA224": Auth("sha224", 16),
    "SHA256": Auth("sha256", 24),
    "SHA384": Auth("sha384", 32),
    "SHA512": Auth("sha512", 48),
}
"""RFC 3414 (MD5, SHA1: HMAC-96) and RFC 7860."""

KEY_SIZES: dict[PrivName, int] = {
    "DES": 16,  # 8 of key, 8 to make the initial vector from
    "AES128": 16,
    "AES192": 24,
    "AES256": 32,
    "AES192C": 24,
    "AES256C": 32,
}
"""Octets of localized key that a privacy protocol takes."""

_REEDER = frozenset({"AES192C", "AES256C"})


def pass_phrase_key(hash_name: str, phrase: bytes) -> bytes:
    """Ku: the digest of a megabyte of repeated pass phrase; 1 to 3 ms.

    Raises:
        ValueError: the pass phrase is empty, or this Python has no such hash (FIPS and MD5).
    """
    if not phrase:
        raise ValueError("an empty pass phrase makes no key")
    repeated = phrase * (_MEGABYTE // len(phrase) + 1)
    return hashlib.new(hash_name, memoryview(repeated)[:_MEGABYTE], usedforsecurity=True).digest()


def localized(hash_name: str, key: bytes, engine_id: bytes) -> bytes:
    """Kul: a key for one engine alone."""
    return hashlib.new(hash_name, key + engine_id + key).digest()


def privacy_key(hash_name: str, key: bytes, priv: PrivName, engine_id: bytes) -> bytes:
    """The localized privacy key, as long as the protocol wants it.

    Where a digest is too short, AES192 and AES256 append digests of what there is (Blumenthal
    draft), AES192C and AES256C take what there is for the next pass phrase (Reeder draft).

    Args:
        hash_name: of the authentication protocol.
        key: Ku of the privacy pass phrase.
        priv: the protocol.
        engine_id: whose key.
    """
    size = KEY_SIZES[priv]
    part = out = localized(hash_name, key, engine_id)
    while len(out) < size:
        if priv in _REEDER:
            part = localized(hash_name, pass_phrase_key(hash_name, part), engine_id)
            out += part
        else:
            out += hashlib.new(hash_name, out).digest()
    return out[:size]
