"""What names in NetBox say: the number of an outlet, the cord of a power port.

NetBox has names, no numbers: whoever entered a PDU called its outlets what they liked. A number is
taken out of a name only where nothing else can be meant.
"""

from __future__ import annotations

import re
from typing import NamedTuple

from pdutui.config_errors import show
from pdutui.domain.outlet_numbers import HIGHEST_OUTLET

_LABEL = re.compile(r"\s+\([^()]*\)\Z")
"""NetBox puts a component's label behind its name: `Outlet 3 (db01)`."""
_NUMBERED = re.compile(r"(.*?)([0-9]+)\Z", re.ASCII | re.DOTALL)
_BETWEEN = re.compile(r"[\s_\-#:]+")
_WORDS = frozenset({"outlet", "out", "output", "socket", "receptacle", "steckdose", "prise"})
_WITH_WORDS = frozenset({"power", "ac"})
"""Only beside one of those words: `Power Outlet 3` is one, `Power 3` may be an inlet."""
_SOCKET = re.compile(r"c(?:13|15|19|21|39)\Z")
_LETTER = re.compile(r"[a-z]\Z")
_CORD_LETTER = re.compile(
    r"(?:(?:psu|ps|pem|pwr|ac|feed|inlet|input|cord|power(?: supply| port| input| cord)?)\s?)?"
    r"([a-d])\Z"
)
_CORD_NUMBER = re.compile(r"(?:psu|ps|pem|pwr|power(?: supply)?)\s?0*([0-9]{1,2})\Z", re.ASCII)
_POWER_PORT = re.compile(
    r"(?:psu|ps|pem|pwr|ac|power(?: supply| port| input| cord)?|inlet|input|infeed|cord)"
    r"\s?(?:[0-9]{1,2}|[a-d])?\Z",
    re.ASCII,
)
_NO_OUTLET = re.compile(
    r"(?:eth|ethernet|net|network|lan|mgmt|management|nic|console|serial|com|usb|sensor|rs ?232|"
    r"expansion|daisy|link|uplink|inlet|input|infeed|mains|line|cord|"
    r"power(?: supply| port| input| in| cord)?|psu?|pwr)"
    r"(?:\s?(?:[0-9]+|[a-d]))?\Z",
    re.ASCII,
)


class OutletName(NamedTuple):
    """What the name of an outlet says."""

    number: int
    group: str
    """What the outlets are counted by besides: `a` of `A3`, `c13` of `C13-3`; else empty."""
    explicit: bool
    """It says that it is an outlet: `Outlet 3`, `C13-3`; not `3` or `A3`."""


def plain_name(name: str) -> str:
    """A component's name without the label that NetBox puts behind it."""
    return _LABEL.sub("", name.strip())


def outlet_of(name: str) -> OutletName:
    """The number in the name of an outlet: `Outlet 3`, `outlet-03`, `3`, `A3`, `C13-3`.

    Raises ValueError where no number can be meant, or more than one; the text says why.
    """
    base = plain_name(name)
    found = _NUMBERED.match(base)
    if found is None:
        raise ValueError(f"{show(name)} has no number at its end")
    words = [word for word in _BETWEEN.split(found[1].casefold()) if word]
    if _SOCKET.match(base.casefold()):
        raise ValueError(f"{show(name)} is a kind of socket, and no number")
    group = [word for word in words if _SOCKET.match(word) or _LETTER.match(word)]
    said = [word for word in words if word in _WORDS]
    rest = [w for w in words if w not in group and w not in said and w not in _WITH_WORDS]
    if any(any(c.isdigit() for c in word) for word in rest):
        raise ValueError(f"{show(name)} has several numbers: which is the outlet's?")
    if rest or (len(said) + len(group) < len(words) and not said):
        raise ValueError(f"{show(name)} is not plainly the name of an outlet")
    digits = found[2].lstrip("0")
    number = int(digits) if digits and len(digits) <= 5 else 0
    if number > HIGHEST_OUTLET:
        raise ValueError(f"{show(name)}: no PDU has so many outlets")
    sockets = any(_SOCKET.match(word) for word in group)
    return OutletName(number, " ".join(group), bool(said) or sockets)


def cord_of(port: str) -> str:
    """The cord that a power port is: `A` of `PSU-A`, `PSU1` of `Power Supply 1`; else empty."""
    base = _spaced(port)
    if found := _CORD_LETTER.match(base):
        return found[1].upper()
    if found := _CORD_NUMBER.match(base):
        return f"PSU{found[1]}"
    return ""


def is_power_port(name: str) -> bool:
    """Whether a port's name is one of those that take power in."""
    return _POWER_PORT.match(_spaced(name)) is not None


def is_no_outlet(name: str) -> bool:
    """Whether a port of a PDU is plainly none of its outlets: its network, its inlet."""
    return _NO_OUTLET.match(_spaced(name)) is not None


def _spaced(name: str) -> str:
    return " ".join(word for word in _BETWEEN.split(plain_name(name).casefold()) if word)
