"""A MIB of a few objects, to try an agent's messages on."""

from __future__ import annotations

from pdutui.backends.snmp import ber
from pdutui.backends.snmp.mib import NOT_WRITABLE, WRONG_TYPE, Mib

NAME = "1.3.6.1.2.1.1.5.0"
SWITCH = "1.3.6.1.4.1.99.1.0"
"""The one that may be written."""


class LittleMib(Mib):
    """Two short names, an integer that may be written, and forty long ones."""

    def __init__(self) -> None:
        self.values: dict[ber.Oid, bytes] = {
            ber.parse_oid("1.3.6.1.2.1.1.1.0"): ber.tlv(ber.STRING, b"a little agent"),
            ber.parse_oid(NAME): ber.tlv(ber.STRING, b"little"),
            ber.parse_oid(SWITCH): ber.encode_int(ber.INTEGER, 1),
            **{(1, 3, 6, 1, 4, 1, 99, 2, n): ber.tlv(ber.STRING, b"x" * 100) for n in range(1, 41)},
        }
        super().__init__(self.values)

    def value(self, position: int) -> bytes:
        """As it was last written."""
        return self.values[self.oids[position]]

    def check_set(self, name: bytes, tag: int, content: bytes) -> int:
        """Only the switch."""
        if ber.decode_oid(name) != ber.parse_oid(SWITCH):
            return NOT_WRITABLE
        return 0 if tag == ber.INTEGER else WRONG_TYPE

    def commit_set(self, name: bytes, content: bytes) -> None:
        """Write it."""
        self.values[ber.decode_oid(name)] = ber.tlv(ber.INTEGER, content)

    @property
    def switch(self) -> int:
        """What the switch is at."""
        return ber.decode_int(self.values[ber.parse_oid(SWITCH)][2:])
