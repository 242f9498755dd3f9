"""Recorded walks (`.snmprec`): read strictly, and recognised as a device of a family."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import msgspec

from pdutui.backends.snmp import ber
from pdutui.backends.snmp.ber import INTEGER, Oid, decode_int, decode_oid, parse_oid
from pdutui.backends.snmp.profile import Profile
from pdutui.backends.snmp.profile_load import builtin_names, load_builtin

_SYS_OBJECT_ID = (1, 3, 6, 1, 2, 1, 1, 2, 0)
_UNSIGNED = {
    ber.COUNTER32: 2**32,
    ber.GAUGE32: 2**32,
    ber.TIMETICKS: 2**32,
    ber.COUNTER64: 2**64,
}


class RecordingError(ValueError):
    """A recording that cannot be served; the text names file and line."""


class Recorded(msgspec.Struct, frozen=True):
    """One value of a recording."""

    tag: int
    content: bytes

    @property
    def number(self) -> int | None:
        """The value, if it is an INTEGER."""
        return decode_int(self.content) if self.tag == INTEGER else None

    @property
    def encoded(self) -> bytes:
        """As it goes on the wire."""
        return ber.tlv(self.tag, self.content)


Recording = Mapping[Oid, Recorded]


def load_recording(path: Path) -> dict[Oid, Recorded]:
    """A recording from a file of `OID|type|value` lines, type a BER tag, `x` for a value in hex.

    Raises:
        RecordingError: the file cannot be read, or a line is not what it should be.
    """
    try:
        lines = path.read_bytes().split(b"\n")
    except OSError as error:
        raise RecordingError(f"{path}: {error.strerror or error}") from error
    out: dict[Oid, Recorded] = {}
    for number, line in enumerate(lines, 1):
        text = line.rstrip(b"\r").decode("latin-1")
        if not text.strip() or text.startswith("#"):
            continue
        try:
            oid, value = _parse_line(text)
        except ValueError as error:
            raise RecordingError(f"{path}, line {number}: {error}") from error
        if oid in out:
            raise RecordingError(f"{path}, line {number}: {ber.dotted(oid)} is there twice")
        out[oid] = value
    if not out:
        raise RecordingError(f"{path}: no record in it")
    return out


def _parse_line(text: str) -> tuple[Oid, Recorded]:
    parts = text.split("|", 2)
    if len(parts) != 3:
        raise ValueError("a record is OID|type|value")
    try:
        oid = parse_oid(parts[0])
        ber.encode_oid(oid)
    except ValueError as error:
        raise ValueError(f"{parts[0]!r} is not an OID") from error
    kind, value = parts[1], parts[2]
    if ":" in kind:
        raise ValueError(f"type {kind!r}: variation modules are not supported")
    digits = kind.rstrip("x")
    if not digits.isdigit() or len(kind) - len(digits) > 1:
        raise ValueError(f"type {kind!r} is not a BER tag (2, 4, 4x, 5, 6, 64 ... 70)")
    data = value.encode("latin-1")
    if kind.endswith("x"):
        try:
            data = bytes.fromhex(value)
        except ValueError as error:
            raise ValueError(f"{value!r} is not hexadecimal") from error
    return oid, Recorded(int(digits), _content(int(digits), data, hexed=kind.endswith("x")))


def _content(tag: int, data: bytes, *, hexed: bool) -> bytes:
    if tag in (ber.STRING, ber.OPAQUE):
        return data
    if tag == ber.NULL:
        return b""
    if tag == ber.IP_ADDRESS:
        octets = data if hexed else bytes(int(part) for part in data.split(b"."))
        if len(octets) != 4:
            raise ValueError(f"{data!r} is not an IP address")
        return octets
    text = data.decode("latin-1").strip()
    if tag == ber.OID:
        return ber.encode_oid(parse_oid(text))
    if tag != INTEGER and tag not in _UNSIGNED:
        raise ValueError(f"type {tag} is not known (2, 4, 5, 6, 64, 65, 66, 67, 68, 70 are)")
    try:
        number = int(data.hex(), 16) if hexed else int(text)
    except ValueError as error:
        raise ValueError(f"{text!r} is not a whole number") from error
    low, high = (-(2**31), 2**32) if tag == INTEGER else (0, _UNSIGNED[tag])
    if not low <= number < high:
        raise ValueError(f"{number} does not fit its type")
    return ber.int_content(number)


# -- which device it is -----------------------------------------------------------------------


def recognise_recording(recording: Recording) -> Profile | None:
    """The profile of the recorded device; None if it is none that is known."""
    identity = recording.get(_SYS_OBJECT_ID)
    object_id = ber.dotted(decode_oid(identity.content)) if identity else ""
    profiles = [load_builtin(name) for name in builtin_names()]
    profiles.sort(key=lambda profile: (profile.last_resort, not _expects(profile, object_id)))
    for profile in profiles:
        known = profile.recognise
        if any(_answers(recording, profile, oid) for oid in known.any) and not any(
            _answers(recording, profile, oid) for oid in known.none
        ):
            return profile
    return None


def _expects(profile: Profile, object_id: str) -> bool:
    return any(f"{object_id}.".startswith(f"{x}.") for x in profile.recognise.sys_object_id)


def _answers(recording: Recording, profile: Profile, oid: str) -> bool:
    root, rows, values = oid.partition(".*")
    if rows:
        column = parse_oid(profile.absolute(root))
        wanted = {int(value) for value in values.removeprefix("=").split(",") if value}
        there = [recording[column + index] for index in _rows(recording, column)]
        return any(not wanted or value.number in wanted for value in there)
    found = recording.get(parse_oid(profile.absolute(oid)))
    return found is not None and found.tag != ber.NULL


def _rows(recording: Recording, column: Oid) -> list[Oid]:
    size = len(column)
    return sorted(oid[size:] for oid in recording if oid[:size] == column and len(oid) > size)
