"""Datagrams changed at random, the same for the same seed: knows elements inside of elements.

Some changes break the form (flipped bits, cuts, lies about lengths); others keep it whole and
change what is said (elements doubled, left out, moved, given odd values): every length around them
is made right again.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from random import Random

_INTEGERS = (
    b"", b"\x00", b"\x7f", b"\x80", b"\xff", b"\x00\xff", b"\x7f\xff\xff\xff", b"\x80\x00\x00\x00",
    b"\xff\xff\xff\xff", b"\x00\xff\xff\xff\xff", b"\x01\x00\x00\x00\x00", b"\x7f" * 8,
    b"\xff" * 8, b"\x00" + b"\xff" * 8, b"\x01" + b"\x00" * 8, b"\x7f" * 9, b"\x00" * 9,
    b"\x01" * 10, b"\x00" * 300,
)  # fmt: skip
_OTHERS = (
    b"", b"\x00", b"\x80", b"\xff", b"\x2b", b"\x2b\x80", b"\x2b\x80\x01", b"\x2b" + b"\x8f" * 700,
    b"\x2b" + b"\x01" * 200, b"\x1b[2J\x07", b"\xc3", b"A" * 300, b"\xf0\x9f\x92\xa1" * 90,
    b"\x2b\x90\x80\x80\x80\x00", b"\x88\x80\x80\x80\x00", b"\x7f",
)  # fmt: skip
_LENGTHS = (
    b"\x00", b"\x01", b"\x7f", b"\x80", b"\xff", b"\x81\x00", b"\x81\xff", b"\x82\x00\x01",
    b"\x82\xff\xff", b"\x83\x01\x00\x00", b"\x84\x00\x00\x00\x02", b"\x84\x7f\xff\xff\xff",
    b"\x84\xff\xff\xff\xff", b"\x85\x00\x00\x00\x00\x01", b"\x88" + b"\xff" * 8,
)  # fmt: skip
_TAGS = (
    0x00, 0x01, 0x02, 0x04, 0x05, 0x06, 0x0A, 0x13, 0x1F, 0x24, 0x30, 0x31, 0x40, 0x41, 0x42, 0x43,
    0x44, 0x46, 0x47, 0x80, 0x81, 0x82, 0xA0, 0xA2, 0xA4, 0xA6, 0xA7, 0xA8, 0xFF,
)  # fmt: skip


@dataclass
class Node:
    """An element: octets, or elements."""

    tag: int
    contents: bytes = b""
    parts: list[Node] = field(default_factory=list)
    length: bytes | None = None
    """Instead of the right one."""
    wide: int = 0
    """Octets of a length in long form."""

    def octets(self) -> bytes:
        inside = b"".join(part.octets() for part in self.parts) if self.parts else self.contents
        size = len(inside)
        if self.length is not None:
            return bytes((self.tag,)) + self.length + inside
        width = max(self.wide, 0 if size < 0x80 else (size.bit_length() + 7) // 8)
        if not width:
            return bytes((self.tag, size)) + inside
        return bytes((self.tag, 0x80 | width)) + size.to_bytes(width, "big") + inside

    def walk(self) -> list[Node]:
        return [self, *(node for part in self.parts for node in part.walk())]


def tree(data: bytes) -> Node:
    """A whole message as a tree; octet strings that hold elements (v3) are opened, too."""
    tag, size, at = data[0], data[1], 2
    if size & 0x80:
        at += size & 0x7F
        size = int.from_bytes(data[2:at], "big")
    if at + size > len(data):
        raise ValueError("cut off")
    node = Node(tag, data[at : at + size])
    if tag == 0x30 or 0xA0 <= tag <= 0xAF or (tag == 0x04 and node.contents[:1] == b"\x30"):
        parts, rest = [], node.contents
        try:
            while rest:
                parts.append(tree(rest))
                rest = rest[len(parts[-1].octets()) :]
        except (IndexError, ValueError):
            if tag != 0x04:
                raise
        else:
            node.parts = parts
    return node


class Mutator:
    """Makes mutants of datagrams."""

    def __init__(self, seed: int) -> None:
        self.dice = Random(seed)

    def mutant(self, data: bytes) -> bytes:
        """The datagram with one to three changes."""
        out = data
        for _ in range(self.dice.choice((1, 1, 1, 2, 3))):
            change = self.dice.choice((self._blind, self._blind, self._shaped, self._shaped,
                                       self._shaped))  # fmt: skip
            out = change(out) or b"\x30"
        return out[:65_507]

    def _blind(self, data: bytes) -> bytes:
        dice, out = self.dice, bytearray(data)
        at, kind = dice.randrange(len(out)), dice.randrange(6)
        if kind == 0:
            for _ in range(dice.choice((1, 1, 2, 8))):
                out[dice.randrange(len(out))] ^= 1 << dice.randrange(8)
        elif kind == 1:
            out[at] = dice.choice((0x00, 0x01, 0x7F, 0x80, 0x81, 0x84, 0xFF, dice.randrange(256)))
        elif kind == 2:
            del out[at:]
        elif kind == 3:
            out += dice.randbytes(dice.choice((1, 2, 7, 100, 3000)))
        elif kind == 4:
            del out[at : at + dice.randrange(1, 6)]
        else:
            out[at:at] = dice.randbytes(dice.randrange(1, 6))
        return bytes(out)

    def _shaped(self, data: bytes) -> bytes:
        try:
            root = tree(data)
        except (IndexError, ValueError):
            return self._blind(data)
        dice = self.dice
        holders = [node for node in root.walk() if node.parts]
        if not holders:
            return self._blind(data)
        holder = dice.choice(holders)
        at = dice.randrange(len(holder.parts))
        node = holder.parts[at]
        leaf = dice.choice([one for one in root.walk() if not one.parts])
        kind = dice.randrange(12)
        if kind == 0:
            node.length = dice.choice(_LENGTHS)
        elif kind == 1:
            size = len(node.octets())
            node.length = bytes((max(0, min(0x7F, size - 2 + dice.choice((-2, -1, 1, 2)))),))
        elif kind == 2:
            holder.parts[at:at] = [node] * dice.choice((1, 1, 2, 50))
        elif kind == 3:
            del holder.parts[at]
        elif kind == 4:
            dice.shuffle(holder.parts)
        elif kind == 5:
            other = dice.choice(holders)
            other.parts.insert(dice.randrange(len(other.parts) + 1), tree(node.octets()))
        elif kind in (6, 7):
            leaf.contents = dice.choice(_INTEGERS if leaf.tag != 0x06 else _OTHERS)
        elif kind == 8:
            leaf.contents = dice.choice((*_OTHERS, dice.randbytes(dice.choice((1, 4, 2000)))))
        elif kind == 9:
            dice.choice((leaf, node)).tag = dice.choice(_TAGS)
        elif kind == 10:
            deep = node
            for _ in range(dice.choice((1, 2, 30, 100))):
                deep = Node(0x30, parts=[deep])
            holder.parts[at] = deep
        else:
            node.wide = dice.randrange(1, 5)
        return root.octets()
