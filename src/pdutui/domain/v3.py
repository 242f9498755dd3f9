"""An SNMPv3 user as data (RFC 3414): who asks, how it is proved and how it is hidden."""

from __future__ import annotations

from typing import Literal

import msgspec

from pdutui.domain.secret import Secret

AuthName = Literal["MD5", "SHA1", "SHA224", "SHA256", "SHA384", "SHA512"]
PrivName = Literal["DES", "AES128", "AES192", "AES256", "AES192C", "AES256C"]
"""AES192 and AES256 extend the key as the Blumenthal draft has it (net-snmp, Raritan); the names
that end in C as the Reeder draft has it (Cisco and others)."""
Level = Literal["noAuthNoPriv", "authNoPriv", "authPriv"]


class V3User(msgspec.Struct, frozen=True, kw_only=True):
    """The credentials of one user on one device. They are never shared between PDUs."""

    user: str
    auth: AuthName | None = None
    auth_key: Secret | None = None
    """The pass phrase, at least 8 characters; set if and only if `auth` is."""
    priv: PrivName | None = None
    """Only with `auth`."""
    priv_key: Secret | None = None
    """The pass phrase, at least 8 characters; set if and only if `priv` is."""
    context: str = ""
    """contextName; real PDUs want the empty one."""

    @property
    def level(self) -> Level:
        """The security level that these credentials give."""
        if self.auth is None:
            return "noAuthNoPriv"
        return "authNoPriv" if self.priv is None else "authPriv"
