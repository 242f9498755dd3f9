"""What is secret in a recording, and what stands in for it: the same for the same, everywhere."""

from __future__ import annotations

import ipaddress
import itertools
import re
from collections.abc import Iterator
from typing import Literal

import msgspec

SecretKind = Literal[
    "serial", "name", "outlet", "location", "contact", "mac", "address", "email", "url", "user",
    "community", "text", "binary",
]  # fmt: skip

PLURALS: dict[SecretKind, str] = {
    "serial": "serials", "name": "names", "outlet": "outlet names", "location": "locations",
    "contact": "contacts", "mac": "MAC addresses", "address": "IP addresses",
    "email": "e-mail addresses", "url": "URLs", "user": "user names",
    "community": "communities", "text": "texts of unknown meaning",
    "binary": "binary values of unknown meaning",
}  # fmt: skip
_WHOLE_WORD_BELOW = 5
"""Shorter secrets, and those of letters only, are replaced within other texts as whole words."""
_SHORTEST_WITHIN = 3
_STAND_IN_NETS = ("192.0.2.0/24", "198.51.100.0/24", "203.0.113.0/24", "198.18.0.0/15")
"""Addresses that are nobody's (RFC 5737, 2544)."""
_STAND_IN_NET6 = int(ipaddress.IPv6Address("2001:db8::"))


class _Entry(msgspec.Struct):
    kind: SecretKind
    text: str
    """As it was met first."""
    stand_in: str
    within: bool
    """It is replaced inside other texts, too."""


class Secrets:
    """Everything that was found to be secret, with its stand-in.

    Texts are kept as latin-1, a character for an octet, without regard to case.
    """

    def __init__(self) -> None:
        self._texts: dict[str, _Entry] = {}
        self._macs: dict[bytes, bytes] = {}
        self._ips: dict[bytes, bytes] = {}
        self._counts: dict[SecretKind, int] = {}
        self._hosts = _stand_in_hosts()
        self._pattern: re.Pattern[str] | None = None
        self._forms: dict[str, str] = {}

    @property
    def counts(self) -> dict[SecretKind, int]:
        """How many different secrets there are of each kind."""
        return {kind: self._counts[kind] for kind in PLURALS if self._counts.get(kind)}

    def text(self, kind: SecretKind, text: str, *, within: bool = True) -> str:
        """The stand-in for a text, made when it is new. A text keeps its first kind."""
        key = text.strip().lower()
        entry = self._texts.get(key)
        if entry is None:
            number = self._count(kind)
            entry = _Entry(kind, text.strip(), _stand_in(kind, text.strip(), number), within)
            self._texts[key] = entry
            self._pattern = None
        elif within and not entry.within:
            entry.within = True
            self._pattern = None
        return entry.stand_in

    def known(self, text: str) -> str | None:
        """The stand-in for a whole text, if it is secret."""
        entry = self._texts.get(text.strip().lower())
        return None if entry is None else entry.stand_in

    def mac(self, mac: bytes) -> bytes:
        """The stand-in for a MAC address: 02:00:00 and a number. All zeros or ones stay."""
        if len(mac) != 6 or mac in (bytes(6), b"\xff" * 6):
            return mac
        if mac not in self._macs:
            self._macs[mac] = b"\x02\x00\x00" + self._count("mac").to_bytes(3, "big")
            self._pattern = None
        return self._macs[mac]

    def ip(self, address: bytes) -> bytes:
        """The stand-in for an IPv4 or IPv6 address; masks, loopback and the like stay."""
        if not is_somebodys(address):
            return address
        if address not in self._ips:
            number = self._count("address")
            if len(address) == 4:
                self._ips[address] = next(self._hosts)
            else:
                self._ips[address] = (_STAND_IN_NET6 + number).to_bytes(16, "big")
            self._pattern = None
        return self._ips[address]

    def number(self, number: int) -> int:
        """The stand-in for a serial that is an INTEGER: as many digits."""
        stand_in = self.text("serial", str(number))
        if stand_in.isdigit():
            return int(stand_in)
        count = int("".join(c for c in stand_in if c.isdigit()) or "1")
        return int(10 ** (len(str(abs(number))) - 1)) + count

    def substitute(self, text: str, *, strong_only: bool = False) -> str:
        """The text with every secret in it replaced, in hex and in all usual forms as well.

        Args:
            text: any text.
            strong_only: leave names alone: the text says which model it is.
        """
        if self._pattern is None:
            self._compile()
        assert self._pattern is not None
        if not self._forms:
            return text

        def replaced(found: re.Match[str]) -> str:
            key = found.group().lower()
            entry = self._texts.get(key)
            if strong_only and entry is not None and entry.kind in ("name", "outlet", "location"):
                return found.group()
            return self._forms[key]

        return self._pattern.sub(replaced, text)

    def is_form(self, text: str) -> bool:
        """Whether a text is nothing but a secret in one of its forms."""
        return text.strip().lower() in self._forms

    def runs(self) -> set[tuple[int, ...]]:
        """Secrets as the arcs that they are in the index of a table."""
        out = {tuple(mac) for mac in self._macs}
        out |= {tuple(ip) for ip in self._ips if len(ip) > 4 or max(ip[1:]) > 40}
        for text, entry in self._texts.items():
            if entry.within and len(text) >= 4:
                out.update(tuple(t.encode("latin-1", "ignore")) for t in (text, entry.text))
        return out

    def _count(self, kind: SecretKind) -> int:
        self._counts[kind] = self._counts.get(kind, 0) + 1
        return self._counts[kind]

    def _compile(self) -> None:
        self._forms = {}
        words: list[str] = []
        anywhere: list[str] = []
        for text, entry in self._texts.items():
            if not entry.within or len(text) < _SHORTEST_WITHIN:
                continue
            short = len(text) < _WHOLE_WORD_BELOW or text.isalpha()
            (words if short else anywhere).append(text)
            self._forms[text] = entry.stand_in
            if len(text) >= _WHOLE_WORD_BELOW:
                for case in {text, entry.text, entry.text.upper()}:
                    hexed = case.encode("latin-1", "ignore").hex()
                    anywhere.append(hexed)
                    self._forms[hexed] = entry.stand_in.encode("latin-1", "replace").hex()
        for mac, stand_in in self._macs.items():
            for form, other in zip(_mac_forms(mac), _mac_forms(stand_in), strict=True):
                self._forms[form] = other
                words.append(form)
        for ip, stand_in in self._ips.items():
            form = _ip_text(ip)
            self._forms[form] = _ip_text(stand_in)
            words.append(form)
        longest_first = sorted(
            [(text, True) for text in words] + [(text, False) for text in anywhere],
            key=lambda one: -len(one[0]),
        )
        alternatives = [
            rf"(?<![a-z0-9]){re.escape(text)}(?![a-z0-9])" if whole else re.escape(text)
            for text, whole in longest_first
        ]
        self._pattern = re.compile("|".join(alternatives) or r"(?!)", re.IGNORECASE)


def is_somebodys(address: bytes) -> bool:
    """Whether an IPv4 or IPv6 address belongs to a host: no mask, no loopback, no multicast."""
    if len(address) == 4:
        return 0 < address[0] < 224 and address[0] != 127
    if len(address) != 16:
        return False
    v6 = ipaddress.IPv6Address(address)
    return not (v6.is_unspecified or v6.is_loopback or v6.is_multicast)


def _stand_in_hosts() -> Iterator[bytes]:
    nets = (ipaddress.IPv4Network(net).hosts() for net in _STAND_IN_NETS)
    for host in itertools.chain.from_iterable(nets):
        yield host.packed
    while True:
        yield ipaddress.IPv4Address("198.19.255.254").packed


def _stand_in(kind: SecretKind, text: str, number: int) -> str:
    if kind == "serial":
        digits = len(text) - 2
        return f"RA{number:0{digits}d}" if digits > 0 else f"R{number}"
    if kind == "outlet":
        return f"Outlet name {number}"
    if kind == "email":
        return f"user{number}@example.com"
    if kind == "url":
        return f"http://example.com/{number}"
    return f"{kind}-{number}"


def _mac_forms(mac: bytes) -> tuple[str, ...]:
    plain = mac.hex()
    quads = ".".join(plain[at : at + 4] for at in (0, 4, 8))
    return plain, mac.hex(":"), mac.hex("-"), mac.hex(" "), quads


def _ip_text(address: bytes) -> str:
    return str(ipaddress.ip_address(address))
