"""Where a simulated MIB is put down, OID by OID."""

from __future__ import annotations

from collections.abc import Callable

from pdutui.backends.snmp.ber import Oid, parse_oid
from pdutui.backends.snmp.inverse import Names, expand
from pdutui.backends.snmp.orders import Writable
from pdutui.backends.snmp.profile import Profile
from pdutui.backends.snmp.types import SnmpValue
from pdutui.domain.reading import Reading

Served = Callable[[Reading], SnmpValue]
"""What an object answers, as of a reading."""


class MibPlan:
    """Objects and what can be written to them, as yet without an order.

    Args:
        profile: the family; its base stands before OIDs that begin with a dot.
        names: what expressions outside of tables may speak of.
        without: OIDs below which nothing is served.
    """

    def __init__(self, profile: Profile, names: Names, without: tuple[str, ...]) -> None:
        self.names = names
        self.served: dict[str, Served] = {}
        """OID -> its value as of a reading."""
        self.objects: set[Oid] = set()
        """Object types: OIDs without their instance."""
        self.writables: dict[str, Writable] = {}
        """OID -> what can be written there."""
        self.echoes: dict[str, int] = {}
        """OIDs that answer with what was last written there, and with this before."""
        self.command_columns: set[Oid] = set()
        """Object types that take commands."""
        self._profile = profile
        self._object_of: dict[str, Oid] = {}
        self._without = tuple(f"{profile.absolute(oid)}." for oid in without)

    def oid(self, pattern: str, names: Names | None = None) -> str:
        """A pattern with its expressions worked out."""
        return str(expand(self._profile.absolute(pattern), self.names if names is None else names))

    def may_serve(self, oid: str) -> bool:
        """Whether the model answers in that branch at all."""
        return not (self._without and oid.startswith(self._without))

    def put(self, pattern: str, served: Served, names: Names | None = None) -> None:
        """Serve an object, unless something is there already."""
        oid = self.oid(pattern, names)
        if self.may_serve(oid):
            self.objects.add(self._object(pattern))
            self.served.setdefault(oid, served)

    def over(self, pattern: str, oid: str, served: Served) -> None:
        """Serve an object, whatever is there."""
        self.objects.add(self._object(pattern))
        self.served[oid] = served

    def constant(self, pattern: str, value: SnmpValue, names: Names | None = None) -> None:
        """Serve an object that always answers the same."""
        self.put(pattern, lambda _: value, names)

    def number(self, pattern: str, value: int, names: Names | None = None) -> None:
        """Serve an INTEGER that is always the same."""
        self.constant(pattern, SnmpValue("integer", value), names)

    def writable(self, pattern: str, what: Writable, names: Names | None = None) -> None:
        """Let an object take commands."""
        oid = self.oid(pattern, names)
        if self.may_serve(oid):
            self.writables[oid] = what
            self.command_columns.add(self._object(pattern))

    def _object(self, pattern: str) -> Oid:
        """The object type of an OID pattern: what stands before the instance."""
        known = self._object_of.get(pattern)
        if known is None:
            before, braces, _ = self._profile.absolute(pattern).partition(".{")
            known = parse_oid(before) if braces else parse_oid(before)[:-1]
            self._object_of[pattern] = known
        return known
