"""Takes out of a recording what says whose device it is, and leaves what says which kind it is.

Two passes. The first learns what is secret: the columns that the profiles and the standard MIBs
know as names, serials and places, and patterns (MAC and IP addresses, e-mail addresses, URLs) in
any text. The second replaces: known secrets everywhere, also inside other texts and in hex; and,
since a column that nobody knows may hold anything, every other text that is not plainly harmless.
The same secret has the same stand-in everywhere.
"""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Iterable, Mapping

import msgspec

from pdutui.backends.snmp import ber
from pdutui.backends.snmp.ber import BadMessage, Oid
from pdutui.backends.snmp.redact_columns import DROPPED, Columns, Kind, builtin_columns
from pdutui.backends.snmp.redact_secrets import PLURALS, SecretKind, Secrets, is_somebodys
from pdutui.backends.snmp.redact_shapes import (
    is_default_name,
    is_harmless,
    is_placeholder,
    looks_like_serial,
)
from pdutui.backends.snmp.types import TypedRow

_MAC = re.compile(
    r"(?<![0-9a-f:.\- ])(?:[0-9a-f]{2}([:\- ]))(?:[0-9a-f]{2}\1){4}[0-9a-f]{2}(?![:\- ]?[0-9a-f])"
    r"|(?<![0-9a-f.])(?:[0-9a-f]{4}\.){2}[0-9a-f]{4}(?![0-9a-f.])",
    re.IGNORECASE,
)
_IPV4 = re.compile(r"(?<![\d.])(?:\d{1,3}\.){3}\d{1,3}(?![\d.])")
_IPV6 = re.compile(r"(?<![0-9a-f:.])[0-9a-f:]*:[0-9a-f:]*:[0-9a-f:.]*", re.IGNORECASE)
_EMAIL = re.compile(r"[\w.+-]+@[\w-]+(?:\.[\w-]+)+")
_URL = re.compile(r"\b[a-z][a-z0-9+.-]*://[^\s\"'<>,;]+", re.IGNORECASE)
_SERIAL_IN_TEXT = re.compile(
    r"\b(?:SN|S/N|serial(?: ?(?:no|number))?)\b[.:# =]{1,3}([A-Z0-9][A-Z0-9-]{4,})", re.IGNORECASE
)
_HOST_IN_TEXT = re.compile(r"^Linux (\S{3,}) \d")
_VERSION_AHEAD = re.compile(r"(?:\bv|ver|version|fw|firmware|rev|release)[.:= ]*\Z", re.IGNORECASE)
_LOWEST_IN_TEXT = 10
"""A dotted quad in a text that begins with less is a version, for all that is known."""
_OPAQUE_NUMBER = b"\x9f"
"""How net-snmp begins a float or a 64-bit number in an Opaque."""
_ORDER: dict[Kind | None, int] = {"serial": 0, "outlet": 1, "name": 2, "location": 3, "contact": 4}
"""What a text is that stands in columns of several kinds."""
_SHORTEST_OF_MAKER = 4
"""A shorter text of unknown meaning that is also in sysDescr is there by chance."""


class Told(msgspec.Struct, frozen=True, kw_only=True):
    """Secrets that whoever captured the device knows already: how it was reached."""

    hosts: tuple[str, ...] = ()
    """Names and addresses of the device."""
    communities: tuple[str, ...] = ()
    users: tuple[str, ...] = ()


class Redacted(msgspec.Struct, frozen=True, kw_only=True):
    """A recording that can be given away, once somebody has looked through it."""

    rows: dict[Oid, TypedRow]
    counts: dict[SecretKind, int]
    """Different secrets by kind."""
    dropped: int
    """Rows left out, since their OIDs were secret themselves."""

    def summary(self) -> str:
        """`2 serials, 12 outlet names`; for people."""
        parts = []
        for kind, count in self.counts.items():
            word = PLURALS[kind] if count != 1 else _singular(kind)
            parts.append(f"{count} {word}")
        if self.dropped:
            parts.append(f"{self.dropped} row{'s' if self.dropped != 1 else ''} left out")
        return ", ".join(parts) or "nothing"


def redact(
    rows: Mapping[Oid, TypedRow], *, told: Told | None = None, keep: Iterable[Oid] = ()
) -> Redacted:
    """The rows with stand-ins for whatever is or may be secret.

    Args:
        rows: the recording.
        told: what is known to be secret beforehand.
        keep: subtrees whose texts stay, apart from secrets that were found elsewhere.
    """
    keep = tuple(keep)
    columns = builtin_columns().with_kept(keep) if keep else builtin_columns()
    return _Redaction(rows, columns, told or Told()).run()


class _Redaction:
    def __init__(self, rows: Mapping[Oid, TypedRow], columns: Columns, told: Told) -> None:
        self._rows = {
            oid: rows[oid] for oid in sorted(rows)
            if not any(oid[: len(root)] == root for root in DROPPED)
        }  # fmt: skip
        self._dropped = len(rows) - len(self._rows)
        self._kinds = {oid: columns.kind(oid) for oid in self._rows}
        self._secrets = Secrets()
        self._told = told
        self._model = self._texts_of("model")
        self._descr = self._model + self._texts_of("keep", (1, 3, 6, 1, 2, 1, 1, 1))

    def run(self) -> Redacted:
        self._learn_told()
        surest_first = sorted(self._rows, key=lambda oid: _ORDER.get(self._kinds[oid], len(_ORDER)))
        for oid in surest_first:
            self._learn(self._rows[oid], self._kinds[oid])
        for serial in self._unknown_serials():
            self._secrets.text("serial", serial)
        runs = self._secrets.runs()
        sizes = sorted({len(run) for run in runs})
        out = {}
        for oid, row in self._rows.items():
            if _holds(oid, runs, sizes):
                self._dropped += 1
            else:
                content = self._replaced(row, self._kinds[oid], runs, sizes)
                out[oid] = row._replace(content=content)
        return Redacted(rows=out, counts=self._secrets.counts, dropped=self._dropped)

    def _texts_of(self, kind: Kind, below: Oid = ()) -> str:
        """The words in all texts of a kind, each between blanks."""
        texts = (
            _text(row) for oid, row in self._rows.items()
            if self._kinds[oid] == kind and oid[: len(below)] == below
        )  # fmt: skip
        return "".join(f" {text.lower()} " for text in texts if text)

    # -- learning -----------------------------------------------------------------------------

    def _learn_told(self) -> None:
        for community in self._told.communities:
            if community not in ("public", "private") and not self._is_model(community):
                self._secrets.text("community", community)
        for user in self._told.users:
            self._secrets.text("user", user)
        for host in self._told.hosts:
            try:
                self._secrets.ip(ipaddress.ip_address(host.partition("%")[0]).packed)
            except ValueError:
                self._secrets.text("name", host)
                self._name("name", host.partition(".")[0])

    def _learn(self, row: TypedRow, kind: Kind | None) -> None:
        if row.tag == ber.IP_ADDRESS:
            self._secrets.ip(row.content)
        elif row.tag == ber.INTEGER and kind == "serial":
            number = int.from_bytes(row.content, "big", signed=True)
            if number > 999:
                self._secrets.number(number)
        if row.tag != ber.STRING:
            return
        if kind == "mac":
            self._secrets.mac(row.content)
            return
        text = _text(row)
        if text is None:
            return
        if kind == "serial" and not is_placeholder(text):
            self._secrets.text("serial", text)
        elif kind in ("location", "contact") and not is_placeholder(text):
            self._secrets.text(kind, text, within=not self._is_model(text))
        elif kind in ("name", "outlet"):
            self._name(kind, text)
        if kind != "model":
            self._learn_patterns(text)

    def _unknown_serials(self) -> list[str]:
        """Serials in columns that nobody knows, as long as they hold nothing that is known."""
        texts = (_text(row) for oid, row in self._rows.items() if self._kinds[oid] is None)
        return [
            text
            for text in texts
            if text
            and looks_like_serial(text)
            and not is_harmless(text)
            and not _has_word(self._descr, text)
            and self._secrets.substitute(text) == text
        ]

    def _name(self, kind: SecretKind, text: str) -> None:
        if not is_default_name(text) and not self._is_model(text):
            self._secrets.text(kind, text)

    def _learn_patterns(self, text: str) -> None:
        for found in _MAC.finditer(text):
            self._secrets.mac(bytes.fromhex(re.sub(r"[^0-9A-Fa-f]", "", found.group())))
        for found in _URL.finditer(text):
            self._secrets.text("url", found.group())
        for found in _EMAIL.finditer(text):
            self._secrets.text("email", found.group())
        for found in _SERIAL_IN_TEXT.finditer(text):
            if any(c.isdigit() for c in found.group(1)):
                self._secrets.text("serial", found.group(1))
        for found in _HOST_IN_TEXT.finditer(text):
            if not is_placeholder(found.group(1)):
                self._secrets.text("name", found.group(1))
        for found in _IPV4.finditer(text):
            octets = [int(octet) for octet in found.group().split(".")]
            version = _VERSION_AHEAD.search(text[: found.start()])
            if octets[0] >= _LOWEST_IN_TEXT and max(octets) < 256 and not version:
                self._secrets.ip(bytes(octets))
        for found in _IPV6.finditer(text):
            try:
                self._secrets.ip(ipaddress.IPv6Address(found.group()).packed)
            except ValueError:
                continue

    def _is_model(self, text: str) -> bool:
        """Whether a name is what the model is called, or one of the maker's words."""
        return _has_word(self._model, text) or (text.isalpha() and _has_word(self._descr, text))

    # -- replacing ----------------------------------------------------------------------------

    def _replaced(
        self, row: TypedRow, kind: Kind | None, runs: set[tuple[int, ...]], sizes: list[int]
    ) -> bytes:
        content = row.content
        if row.tag == ber.IP_ADDRESS:
            return self._secrets.ip(content)
        if row.tag == ber.INTEGER and kind == "serial":
            number = int.from_bytes(content, "big", signed=True)
            return ber.int_content(self._secrets.number(number)) if number > 999 else content
        if row.tag == ber.OID:
            try:
                holds = _holds(ber.decode_oid(content), runs, sizes)
            except BadMessage:
                return content
            return b"\x00" if holds else content
        if row.tag == ber.OPAQUE:
            return content if content.startswith(_OPAQUE_NUMBER) else bytes(len(content))
        if row.tag != ber.STRING or not content:
            return content
        if kind == "mac":
            return self._secrets.mac(content)
        body = content.rstrip(b"\x00")
        text = _text(row)
        if text is None:
            return content if kind in ("keep", "model") else self._binary(content)
        return self._text(text, kind).encode("latin-1") + content[len(body) :]

    def _text(self, text: str, kind: Kind | None) -> str:
        if kind == "model":
            return self._secrets.substitute(text, strong_only=True)
        if kind == "keep":
            return self._secrets.substitute(text)
        known = self._secrets.known(text)
        if known is not None:
            return known
        rest = self._secrets.substitute(text)
        if kind is not None or self._secrets.is_form(text) or is_harmless(rest):
            return rest
        if len(text) >= _SHORTEST_OF_MAKER and _has_word(self._descr, text):
            return rest
        return self._secrets.text("text", text, within=False)

    def _binary(self, content: bytes) -> bytes:
        """Octets that are no text: flags and dates stay, what may be an address does not."""
        if len(content) == 6:
            return self._secrets.mac(content)
        if len(content) in (4, 16) and content.count(0) < len(content) // 2:
            return self._secrets.ip(content) if is_somebodys(content) else content
        if len(content) <= 4 or _is_date(content) or len(set(content)) == 1:
            return content
        key = content.decode("latin-1")
        stand_in = self._secrets.text("binary", key, within=False)
        return int(stand_in.rpartition("-")[2]).to_bytes(len(content), "big")


def _text(row: TypedRow) -> str | None:
    """An octet string as text, a character for an octet; None where it is none."""
    if row.tag != ber.STRING:
        return None
    body = row.content.rstrip(b"\x00")
    try:
        readable = body.decode("utf-8")
    except UnicodeDecodeError:
        readable = body.decode("latin-1")
        if sum(c.isascii() and c.isalnum() for c in readable) * 2 < len(readable):
            return None
    spaced = readable.replace("\n", " ").replace("\r", " ").replace("\t", " ")
    return body.decode("latin-1") if spaced.isprintable() and body else None


def _has_word(texts: str, word: str) -> bool:
    """Whether a text stands in others as a word, without regard to case."""
    word = word.strip().lower()
    return len(word) > 1 and bool(re.search(rf"(?<![a-z0-9]){re.escape(word)}(?![a-z0-9])", texts))


def _is_date(content: bytes) -> bool:
    """DateAndTime of SNMPv2-TC."""
    return (
        len(content) in (8, 11)
        and int.from_bytes(content[:2], "big") < 2200
        and content[2] <= 12
        and content[3] <= 31
        and content[4] <= 23
        and max(content[5], content[6]) <= 60
        and content[7] <= 9
    )


def _holds(oid: Oid, runs: set[tuple[int, ...]], sizes: list[int]) -> bool:
    """Whether a secret stands in the index, octet by octet, or any text that could be one."""
    letters = 0
    for arc in oid[7:]:
        letters = letters + 1 if 0x41 <= arc <= 0x5A or 0x61 <= arc <= 0x7A else 0
        if letters >= _LETTERS:
            return True
    if oid[:7] == (1, 3, 6, 1, 2, 1, 1):
        return False
    return any(
        oid[at : at + size] in runs
        for at in range(7, len(oid))
        for size in sizes
        if at + size <= len(oid)
    )


_LETTERS = 4
"""So many arcs in a row that are letters are a text."""


def _singular(kind: SecretKind) -> str:
    plural = PLURALS[kind]
    if kind == "community":
        return "community"
    head, space, rest = plural.partition(" of ")
    for ending, single in (("addresses", "address"), ("s", "")):
        if head.endswith(ending):
            return head.removesuffix(ending) + single + space + rest
    return plural
