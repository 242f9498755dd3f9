"""Which of NetBox's tables a CSV file is, and what each of its lines connects.

NetBox exports what its lists show ("Current View") or all columns ("All Data"), under the headings
of the list. Releases call the same column differently; translated headings are not known.
"""

from __future__ import annotations

import html
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Literal, NamedTuple

from pdutui.config_errors import ConfigError
from pdutui.config_rows import Row

Kind = Literal["ports", "outlets", "connections", "cables"]
KINDS: tuple[Kind, ...] = ("ports", "outlets", "connections", "cables")

_PEERS = ("link peers", "link peer", "cable peer", "connection", "connected endpoints",
          "connected endpoint", "connections")  # fmt: skip
"""The far end, nearest first. `connection` may lead through more than one cable."""
_OF_PORTS = ("maximum draw", "maximum draw (w)", "allocated draw", "allocated draw (w)")
_OF_OUTLETS = ("power port", "feed leg")
_NOTHING = frozenset({"", "-", "\u2013", "\u2014", "&mdash;", "none", "not connected"})
_ALL_DATA = "in NetBox take Export > All Data, with the language set to English"


class End(NamedTuple):
    """One end of a cable: a component of a device."""

    device: str
    name: str
    kind: Literal["port", "outlet", "other", ""] = ""
    """What the table says it is; empty where it does not."""
    site: str = ""


class Link(NamedTuple):
    """What a line connects."""

    line: int
    here: End
    """The component that the line is about; side A of a cable."""
    there: tuple[End, ...]
    """What it is connected to: none, one, or several where a cable divides."""
    wrong: str = ""
    """Why the line cannot be read; empty where it can."""
    power: bool | None = None
    """Whether it is said to be a power cable; None: it is not said."""


class Head(NamedTuple):
    """What the header says."""

    kind: Kind
    columns: Mapping[str, int]
    """Heading in small letters, single blanks -> where it stands."""


def recognise(path: Path, head: Row, kind: Kind | None) -> Head:
    """The table that a header is of; `kind` where somebody said it.

    Raises ConfigError: it is none that is known, or what is needed is missing.
    """
    columns: dict[str, int] = {}
    for place, cell in enumerate(head.cells):
        columns.setdefault(" ".join(cell.casefold().replace("_", " ").split()), place)
    kind = kind or _kind(columns)
    if kind is None:
        raise ConfigError([f"{path}, line {head.line}: {_unknown(columns)}"])
    missing = _missing(kind, columns)
    if missing:
        raise ConfigError([f"{path}, line {head.line}: {missing}: {_ALL_DATA}"])
    return Head(kind, columns)


def links(head: Head, rows: Sequence[Row]) -> Iterator[Link]:
    """What each line connects."""
    read = {"ports": _component, "outlets": _component, "connections": _connection,
            "cables": _cable}[head.kind]  # fmt: skip
    for row in rows:
        cells = {n: row.cells[p] for n, p in head.columns.items() if p < len(row.cells)}
        yield read(head.kind, row.line, cells)


def far_ends(cell: str) -> tuple[End, ...] | None:
    """What `Link Peers` and `Connection` say: `rack1-a > Outlet 3`; None where it is unreadable.

    Older releases leave the lines of a web page: the device, and below it the component.
    """
    text = cell.strip()
    if text.casefold() in _NOTHING:
        return ()
    if "\n" in text:
        lines = [html.unescape(line.strip()) for line in text.splitlines()]
        lines = [line for line in lines if line not in ("", ">")]
        if len(lines) % 2:
            return None
        return tuple(End(a, b) for a, b in zip(lines[::2], lines[1::2], strict=True))
    for parts in (text.split(", "), [text]):
        pairs = [part.split(" > ") for part in parts]
        if all(len(pair) == 2 and pair[0].strip() and pair[1].strip() for pair in pairs):
            return tuple(End(a.strip(), b.strip()) for a, b in pairs)
    return None


def _kind(columns: Mapping[str, int]) -> Kind | None:
    has = columns.__contains__
    if has("side a device") or (has("termination a") and has("termination b")):
        return "cables"
    if has("a terminations") and has("b terminations"):
        return "cables"
    if not has("device"):
        return None
    if has("power port") and not has("name"):
        return "connections"
    if not has("name"):
        return None
    ports, outlets = any(map(has, _OF_PORTS)), any(map(has, _OF_OUTLETS))
    return "ports" if ports and not outlets else "outlets" if outlets and not ports else None


def _unknown(columns: Mapping[str, int]) -> str:
    if "name" in columns and "device" in columns:
        return (
            "is a list of power ports or of power outlets, and has no column that tells which"
            " (Maximum Draw, or Power Port): say it with --kind ports or --kind outlets"
        )
    return (
        "is no list of power ports, power outlets, power connections or cables of NetBox:"
        f" {_ALL_DATA}"
    )


def _missing(kind: Kind, columns: Mapping[str, int]) -> str:
    """What a table lacks; empty if it has all that is needed."""
    has = columns.__contains__
    if kind == "cables":
        if _sides(columns) is None:
            return "has no columns Device A and Device B: whose terminations are they?"
        return ""
    needed = ["device", "power port" if kind == "connections" else "name"]
    for name in needed:
        if not has(name):
            return f"column {name.title()!r} is missing"
    if kind == "connections" and has("pdu") and has("outlet"):
        return ""
    if not any(map(has, _PEERS)):
        return "has no column that says what is connected (Link Peers, or Connection)"
    return ""


def _component(kind: Kind, line: int, cells: Mapping[str, str]) -> Link:
    """A line of the lists of power ports and power outlets."""
    own: Literal["port", "outlet"] = "port" if kind == "ports" else "outlet"
    here = End(cells.get("device", ""), cells.get("name", ""), own)
    return _with_peers(line, here, cells)


def _connection(kind: Kind, line: int, cells: Mapping[str, str]) -> Link:
    """A line of the list of power connections."""
    here = End(cells.get("device", ""), cells.get("power port", ""), "port")
    if "pdu" not in cells or "outlet" not in cells:
        return _with_peers(line, here, cells)
    pdu, outlet = cells["pdu"], cells["outlet"]
    if pdu.casefold() in _NOTHING and outlet.casefold() in _NOTHING:
        return Link(line, here, ())
    wrong = "" if pdu and outlet else "its PDU or its outlet is missing"
    return Link(line, here, (End(pdu, outlet),), wrong)


def _with_peers(line: int, here: End, cells: Mapping[str, str]) -> Link:
    if not here.device or not here.name:
        return Link(line, here, (), "its device or its name is missing")
    for column in _PEERS:
        ends = far_ends(cells.get(column, ""))
        if ends is None:
            return Link(line, here, (), f"{column} cannot be read: DEVICE > NAME was expected")
        if ends:
            return Link(line, here, ends)
    if cells.get("mark connected", "").casefold() in ("true", "yes"):
        return Link(line, here, (), "is marked connected, and to what is not said")
    if cells.get("cable", "").casefold() not in _NOTHING:
        return Link(line, here, (), "has a cable, and where it leads to is not said")
    return Link(line, here, ())


def _sides(columns: Mapping[str, object]) -> tuple[tuple[str, str], tuple[str, str]] | None:
    """The headings of device and component, for either side of a cable."""
    for device, name in (
        ("side {} device", "side {} name"),
        ("device {}", "termination {}"),
        ("termination {} device", "termination {}"),
        ("side {}", "termination {}"),
        ("side {} device", "{} terminations"),
        ("device {}", "{} terminations"),
    ):
        sides = tuple((device.format(side), name.format(side)) for side in "ab")
        if all(one in columns for side in sides for one in side):
            return sides[0], sides[1]
    return None


def _cable(kind: Kind, line: int, cells: Mapping[str, str]) -> Link:
    """A line of the list of cables."""
    sides = _sides(cells)
    if sides is None:  # a line that is shorter than the header
        return Link(line, End("", ""), (), "has no value in some of its columns")
    ends = []
    for letter, (device, name) in zip("ab", sides, strict=True):
        site = cells.get(f"site {letter}", "") or cells.get(f"side {letter} site", "")
        what = _termination(cells, letter)
        ends.append(End(_said(cells[device]), _said(cells[name]), what, _said(site)))
    here, there = ends
    word = cells.get("type", "").casefold()
    power = None if word in _NOTHING else word == "power"
    if {here.kind, there.kind} & {"port", "outlet"}:
        power = True
    elif "other" in (here.kind, there.kind):
        power = False
    status = cells.get("status", "")
    wrong = ""
    if status and status.casefold() != "connected":
        wrong = f"the cable is {status.lower()}"
    elif not (here.name and there.name):
        wrong = "one of its ends is missing"
    return Link(line, here, (there,), wrong, power)


def _said(cell: str) -> str:
    return "" if cell.casefold() in _NOTHING else cell


def _termination(cells: Mapping[str, str], letter: str) -> Literal["port", "outlet", "other", ""]:
    """What an end is said to be; an inlet of a PDU at a power feed is a port too."""
    word = cells.get(f"side {letter} type", "") or cells.get(f"termination {letter} type", "")
    word = word.casefold().rpartition(".")[2].replace(" ", "").replace("_", "")
    if not word:
        return ""
    return "port" if word == "powerport" else "outlet" if word == "poweroutlet" else "other"
