"""An ordered set of objects, as an agent serves it."""

from __future__ import annotations

from abc import ABC, abstractmethod
from bisect import bisect_right
from collections.abc import Iterable

from pdutui.backends.snmp.ber import Oid, decode_oid, encode_oid

# error-status of RFC 3416; v1 knows the first six only
NO_ERROR, TOO_BIG, NO_SUCH_NAME, BAD_VALUE, READ_ONLY, GEN_ERR = 0, 1, 2, 3, 4, 5
NO_ACCESS, WRONG_TYPE, WRONG_LENGTH, WRONG_ENCODING, WRONG_VALUE, NO_CREATION = 6, 7, 8, 9, 10, 11
INCONSISTENT_VALUE, NOT_WRITABLE = 12, 17


class Mib(ABC):
    """Objects in the order of their names. Names are fixed; values are made when asked for.

    Names come as bytes, the content of an OBJECT IDENTIFIER on the wire, so that the hot path never
    takes one apart.
    """

    def __init__(self, oids: Iterable[Oid], objects: Iterable[Oid] = ()) -> None:
        self.oids: list[Oid] = sorted(set(oids))
        self.names: list[bytes] = [encode_oid(oid) for oid in self.oids]
        self._position = {name: at for at, name in enumerate(self.names)}
        self._objects = frozenset(objects)

    def __len__(self) -> int:
        return len(self.oids)

    def position(self, name: bytes) -> int | None:
        """Where the object of exactly this name stands."""
        return self._position.get(name)

    def after(self, name: bytes) -> int:
        """Where the first object behind this name stands; `len` where there is none.

        Raises:
            BadMessage: the name is not an object identifier.
        """
        exact = self._position.get(name)
        return exact + 1 if exact is not None else bisect_right(self.oids, decode_oid(name))

    def knows_object(self, name: bytes) -> bool:
        """Whether the object type is there, be it with other instances only.

        Where the object types are not known (a recording), a name beside which another stands is
        taken for an instance of the same object.
        """
        oid = decode_oid(name)
        if self._objects:
            return any(oid[:size] in self._objects for size in range(2, len(oid) + 1))
        parent = oid[:-1]
        at = bisect_right(self.oids, parent)
        return at < len(self.oids) and self.oids[at][: len(parent)] == parent

    def idle(self) -> None:  # noqa: B027 - most have nothing to do
        """Called now and then when nobody asks."""

    @abstractmethod
    def value(self, position: int) -> bytes:
        """The value there, tag and all, as of now."""

    @abstractmethod
    def check_set(self, name: bytes, tag: int, content: bytes) -> int:
        """What RFC 3416 says of writing this; NO_ERROR if it could be done. Changes nothing."""

    @abstractmethod
    def commit_set(self, name: bytes, content: bytes) -> None:
        """Do what `check_set` had nothing against."""
