"""Where a device is, as people write it: `10.0.0.5`, `pdu1:1161`, `[::1]:161`."""

from __future__ import annotations

import re

_HOST = r"^[A-Za-z0-9_](?:[A-Za-z0-9_.-]{0,251}[A-Za-z0-9_.])?$"
_PORT = r"[0-9]{1,5}\Z"
_IPV6 = r"^[0-9A-Fa-f:.]+(?:%[A-Za-z0-9_.-]+)?$"


class AddressError(ValueError):
    """An address that cannot be meant; the text says why."""


def parse_address(text: str) -> tuple[str, int | None]:
    """Host and port of `host`, `host:port`, `[v6]`, `[v6]:port` or a bare IPv6 address.

    The port is None where none is given. Raises AddressError.
    """
    text = text.strip()
    if text.startswith("["):
        host, closed, rest = text[1:].partition("]")
        if not closed or not re.match(_IPV6, host) or (rest and not rest.startswith(":")):
            raise AddressError(f"{text!r} is no address: write [::1] or [::1]:161")
        return host, parse_port(rest[1:], text) if rest else None
    if text.count(":") > 1:
        if not re.match(_IPV6, text):
            raise AddressError(f"{text!r} is no address: write host, host:port or [::1]:161")
        return text, None
    host, colon, port = text.partition(":")
    if not host or not re.match(_HOST, host):
        raise AddressError(f"{text!r} is no host name and no address")
    return host, parse_port(port, text) if colon else None


def parse_port(text: str, whole: str) -> int:
    """A UDP port, 1 to 65535. Raises AddressError quoting `whole`."""
    if not (re.match(_PORT, text) and 1 <= int(text) <= 65535):
        raise AddressError(f"{whole!r}: the port must be a number from 1 to 65535")
    return int(text)


def format_address(host: str, port: int) -> str:
    """`10.0.0.5`, `10.0.0.5:1161`, `[::1]:1161`; the standard port 161 is left out."""
    if port == 161:
        return host
    return f"[{host}]:{port}" if ":" in host else f"{host}:{port}"


def parse_listen(text: str, standard_port: int) -> tuple[str, int]:
    """Where to listen: `0.0.0.0:1162`, `[::]:1162`, `:1162`, an address or a port alone.

    Without an address all of IPv4 is meant, without a port `standard_port`; port 0 is any that is
    free. Raises AddressError.
    """
    text = text.strip()
    if text.isascii() and text.isdigit():
        text = f":{text}"
    if text.startswith(":") and text.count(":") == 1:
        text = f"0.0.0.0{text}"
    host, _, port = text.rpartition(":")
    if port and not port.strip("0") and host and (host.endswith("]") or ":" not in host):
        return parse_address(host)[0], 0
    address, number = parse_address(text)
    return address, standard_port if number is None else number
