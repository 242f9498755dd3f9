"""A device map out of NetBox: who hangs on which outlet, from what its lists export as CSV.

Nothing is guessed. A line whose outlet has no plain number, a device or PDU whose name is there
twice, outlets that are counted by letter or socket: all of that is left out, with the reason.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

import msgspec

from pdutui.config_errors import ConfigError, show
from pdutui.config_map import LONGEST_CORD
from pdutui.config_names import alike
from pdutui.config_netbox_names import cord_of, is_no_outlet, is_power_port, outlet_of, plain_name
from pdutui.config_netbox_numbers import Numbers
from pdutui.config_netbox_table import End, Head, Kind, Link, links, recognise
from pdutui.config_rows import read_rows
from pdutui.domain.devicemap import MappedCord

_LARGEST = 100_000_000
_SEPARATORS = ",;\t|"
_LONGEST_NAME = 200


class LeftOut(NamedTuple):
    """A line that is not in the map, and why."""

    line: int
    reason: str
    """`db01 PSU1: "AA3" is not plainly the name of an outlet`."""
    device: str = ""
    pdu: str = ""


class Imported(msgspec.Struct, frozen=True, kw_only=True):
    """What a file of NetBox gives."""

    kind: Kind
    lines: int
    cords: tuple[MappedCord, ...] = ()
    left_out: tuple[LeftOut, ...] = ()
    unconnected: int = 0
    inlets: int = 0
    """Ports by which PDUs themselves are fed."""
    others: int = 0
    """Cables that are no power cables, or have no configured PDU at either end."""
    elsewhere: int = 0
    """Cords of devices that hang on no configured PDU, where those were not wanted."""


class _Plug(NamedTuple):
    """A power port in an outlet."""

    line: int
    port: End
    outlet: End

    def left_out(self, reason: str) -> LeftOut:
        text = f"{self.port.device} {self.port.name}: {reason}"
        return LeftOut(self.line, text, self.port.device, self.outlet.device)


def import_netbox(
    path: Path,
    *,
    configured: Collection[str],
    renamed: Mapping[str, str],
    kind: Kind | None = None,
    only_configured: bool = False,
) -> Imported:
    """The cords that a file of NetBox says.

    Args:
        path: a CSV export of power ports, power outlets, power connections or cables.
        configured: the names of the configured PDUs.
        renamed: NetBox's name of a PDU -> its configured name, where they differ.
        kind: what it is a list of; None: that is told by its columns.
        only_configured: leave out devices that hang on no configured PDU.

    Raises:
        ConfigError: the file cannot be read, is no such list, or the names do not go together.
    """
    first, *body = read_rows(
        path, expected="NetBox's headings", largest=_LARGEST, separators=_SEPARATORS
    )
    head = recognise(path, first, kind)
    found = _Reading(head, configured, renamed, list(links(head, body)))
    _check_renamed(path, renamed, found.pdus())
    cords, left_out = found.cords()
    elsewhere = 0
    if only_configured:
        near = {c.device.casefold() for c in cords if c.pdu in configured}
        kept = tuple(cord for cord in cords if cord.device.casefold() in near)
        elsewhere, cords = len(cords) - len(kept), kept
        left_out = tuple(
            one
            for one in left_out
            if one.device.casefold() in near or renamed.get(one.pdu, one.pdu) in configured
        )
    return Imported(
        kind=head.kind,
        lines=len(body),
        cords=cords,
        left_out=left_out,
        unconnected=found.unconnected,
        inlets=found.inlets,
        others=found.others,
        elsewhere=elsewhere,
    )


class _Reading:
    """The lines of one file on their way to cords."""

    def __init__(
        self,
        head: Head,
        configured: Collection[str],
        renamed: Mapping[str, str],
        lines: Sequence[Link],
    ) -> None:
        self._renamed = renamed
        self._numbers = Numbers()
        self._left_out: list[LeftOut] = []
        self._plugs: list[_Plug] = []
        self.unconnected = self.inlets = self.others = 0
        targets = set(renamed.values())
        self._known = {name for name in configured if name not in targets} | set(renamed)
        """PDUs by NetBox's names: the configured ones, and those that the file shows to be some."""
        if head.kind == "outlets":
            self._known |= {link.here.device for link in lines}
        else:
            ends = [e for n in lines for e in (*n.there, *((n.here,) * (head.kind == "cables")))]
            self._known |= {end.device for end in ends if end.device and _is_explicit(end.name)}
        for link in lines:
            if head.kind == "cables":
                self._cable(link)
            else:
                self._component(link, outlets=head.kind == "outlets")
        self._same_names(head.kind, lines)

    def pdus(self) -> tuple[str, ...]:
        """The PDUs of the file, by NetBox's names."""
        return tuple(dict.fromkeys(plug.outlet.device for plug in self._plugs))

    def cords(self) -> tuple[tuple[MappedCord, ...], tuple[LeftOut, ...]]:
        """What is plain, and what is not; both in the order of the file."""
        cords: list[MappedCord] = []
        left_out = list(self._left_out)
        taken: set[tuple[str, str, int]] = set()
        for plug in self._plugs:
            try:
                number = self._numbers.number(plug.outlet.device, plug.outlet.name)
            except ValueError as error:
                left_out.append(plug.left_out(f"{plug.outlet.device}: {error}"))
                continue
            pdu = self._renamed.get(plug.outlet.device, plug.outlet.device)
            device, cord = plug.port.device, cord_of(plug.port.name)
            if (device.casefold(), pdu, number) in taken:
                left_out.append(plug.left_out("is in that outlet with another cord already"))
                continue
            taken.add((device.casefold(), pdu, number))
            cords.append(
                MappedCord(device=device, pdu=pdu, outlet=number, cord=cord[:LONGEST_CORD])
            )
        return tuple(cords), tuple(sorted(left_out))

    def _component(self, link: Link, *, outlets: bool) -> None:
        """A power port with the outlet it is in, or an outlet with what is in it."""
        if outlets and link.here.name:
            self._numbers.add(link.here.device, link.here.name)
        if link.wrong:
            pdu = link.here.device if outlets else ""
            device = "" if outlets else link.here.device
            if not outlets and device in self._known:
                self.inlets += 1  # how a PDU itself is fed is not asked
                return
            text = f"{link.here.device} {link.here.name}".strip() or "it"
            self._left_out.append(LeftOut(link.line, f"{text}: {link.wrong}", device, pdu))
        elif not link.there:
            self.unconnected += 1
        elif outlets:
            for port in link.there:
                self._add(_Plug(link.line, port, link.here))
        elif len(link.there) > 1:
            plug = _Plug(link.line, link.here, link.there[0])
            self._left_out.append(plug.left_out("is in several outlets at once"))
        else:
            self._port(_Plug(link.line, link.here, link.there[0]))

    def _port(self, plug: _Plug) -> None:
        """A power port and what it is in: an outlet, or the power feed of a PDU."""
        is_pdu, at_pdu = plug.port.device in self._known, plug.outlet.device in self._known
        if is_pdu and not at_pdu:
            self.inlets += 1
            return
        try:
            outlet_of(plug.outlet.name)
        except ValueError as error:
            self._left_out.append(plug.left_out(f"{plug.outlet.device}: {error}"))
            return
        self._add(plug)

    def _cable(self, link: Link) -> None:
        """A cable, if one of its ends is an outlet."""
        ends = (link.here, *link.there)
        near = any(end.device in self._known for end in ends)
        if link.power is False or (link.power is None and not near):
            self.others += 1
            return
        named = [f"{end.device} {end.name}".strip() for end in ends]
        text = " - ".join(name for name in named if name) or "it"
        pdu = next((end.device for end in ends if end.device in self._known), "")
        device = next((end.device for end in ends if end.device != pdu), "")
        if link.wrong:
            self._left_out.append(LeftOut(link.line, f"{text}: {link.wrong}", device, pdu))
            return
        try:
            plug = self._oriented(link)
        except ValueError as error:
            self._left_out.append(LeftOut(link.line, f"{text}: {error}", device, pdu))
            return
        if plug is None:
            self.others += 1
        else:
            self._add(plug)

    def _oriented(self, link: Link) -> _Plug | None:
        """Which end is the outlet; None where neither is one.

        Raises ValueError where it cannot be told.
        """
        a, b = link.here, link.there[0]
        pairs = ((a, b), (b, a))
        if a.kind or b.kind:
            for port, outlet in pairs:
                if outlet.kind == "outlet" and port.kind == "port":
                    return _Plug(link.line, port, outlet)
            return None
        may = [(p, o) for p, o in pairs if p.device and self._may_be_outlet(o)]
        if len(may) == 2:
            may = [(p, o) for p, o in may if is_power_port(p.name) and not is_power_port(o.name)]
            if len(may) != 1:
                raise ValueError("either end may be the outlet")
        if may:
            port, outlet = may[0]
            if link.power or _is_explicit(outlet.name) or is_power_port(port.name):
                return _Plug(link.line, port, outlet)
            raise ValueError("its type is not said, and it may be no power cable")
        ends = [end for end in (a, b) if end.device in self._known]
        if ends and all(is_no_outlet(end.name) for end in ends):
            return None
        for end in ends:
            outlet_of(end.name)
        raise ValueError("neither end is plainly an outlet of a PDU")

    def _may_be_outlet(self, end: End) -> bool:
        if _is_explicit(end.name):
            return bool(end.device)
        return end.device in self._known and _is_numbered(end.name)

    def _add(self, plug: _Plug) -> None:
        names = (plug.port.device, plug.outlet.device)
        for name in names:
            if not name.isprintable() or not 1 <= len(name) <= _LONGEST_NAME:
                self._left_out.append(plug.left_out(f"{show(name)} is no name for a device"))
                return
        self._numbers.add(plug.outlet.device, plug.outlet.name)
        self._plugs.append(plug)

    def _same_names(self, kind: Kind, lines: Sequence[Link]) -> None:
        """Leave out devices and PDUs of which there seem to be two of one name.

        Their cords would be taken for those of one device, which then seemed to have two.
        """
        ports = [(p.line, p.port) for p in self._plugs]
        outlets = [(p.line, p.outlet) for p in self._plugs]
        if kind in ("ports", "connections"):
            ports = [(link.line, link.here) for link in lines]
            outlets = []  # several cords in one outlet are a splitter
        elif kind == "outlets":
            outlets = [(link.line, link.here) for link in lines]
        devices, pdus = _twice(ports), _twice(outlets)
        kept = []
        for plug in self._plugs:
            device, pdu = (
                devices.get(plug.port.device.casefold()),
                pdus.get(plug.outlet.device.casefold()),
            )
            if device:
                self._left_out.append(plug.left_out(device))
            elif pdu:
                self._left_out.append(plug.left_out(pdu))
            else:
                kept.append(plug)
        self._plugs = kept


def _twice(ends: Sequence[tuple[int, End]]) -> dict[str, str]:
    """Devices that have a component twice, or are at two sites: name in small letters -> why."""
    found: dict[str, str] = {}
    seen: dict[tuple[str, str], int] = {}
    sites: dict[str, str] = {}
    for line, end in ends:
        device = end.device.casefold()
        first = seen.setdefault((device, plain_name(end.name).casefold()), line)
        site = sites.setdefault(device, end.site) if end.site else ""
        if first != line:
            why = (
                f"its {end.name} is in line {first} and in line {line}: are there two of that name?"
            )
            found.setdefault(device, f"{end.device}: {why}")
        elif site != end.site:
            why = f"is at {show(site)} and at {show(end.site)}: there are two of that name"
            found.setdefault(device, f"{end.device} {why}")
    return found


def _is_explicit(name: str) -> bool:
    try:
        return outlet_of(name).explicit
    except ValueError:
        return False


def _is_numbered(name: str) -> bool:
    try:
        return outlet_of(name).number > 0
    except ValueError:
        return False


def _check_renamed(path: Path, renamed: Mapping[str, str], there: Sequence[str]) -> None:
    """Raises ConfigError where a name is not in the file, or two PDUs would become one."""
    problems = []
    for name in renamed:
        if name not in there:
            near = alike(name, there)
            hint = f": did you mean {near!r}?" if near else ""
            problems.append(f"{path}: has no PDU {show(name)}{hint}")
    by_target: dict[str, list[str]] = {}
    for name in there:
        by_target.setdefault(renamed.get(name, name), []).append(name)
    for target, names in by_target.items():
        if len(names) > 1:
            both = " and ".join(show(name) for name in names)
            problems.append(f"{path}: {both} would both be {show(target)}")
    if problems:
        raise ConfigError(problems)
