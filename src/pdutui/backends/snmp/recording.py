"""Recorded walks (`.snmprec`) served as they are, with outlets that can be switched."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path

import msgspec

from pdutui.backends.snmp import ber
from pdutui.backends.snmp.ber import INTEGER, Oid, decode_int, decode_oid, parse_oid
from pdutui.backends.snmp.mib import (
    NO_CREATION,
    NO_ERROR,
    NOT_WRITABLE,
    WRONG_TYPE,
    WRONG_VALUE,
    Mib,
)
from pdutui.backends.snmp.profile import Profile, Rows, builtin_names, load_builtin
from pdutui.domain.clock import Clock
from pdutui.domain.commands import OutletAction

RELAY_S = 0.4
"""Seconds from a command to the state that follows it."""
REBOOT_OFF_S = 5.0
"""Seconds off in a reboot where the recording does not say."""
_SYS_OBJECT_ID = (1, 3, 6, 1, 2, 1, 1, 2, 0)
_ACTIONS: tuple[OutletAction, ...] = ("on", "off", "reboot")
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


def _outlet_rows(recording: Recording, profile: Profile, rows: Rows) -> dict[Oid, int]:
    """Index of each outlet -> its number."""
    for walk in rows.walk:
        column = parse_oid(profile.absolute(walk))
        out: dict[Oid, int] = {}
        for index in _rows(recording, column):
            value = recording[column + index].number
            if (rows.keep and value not in rows.keep) or (rows.drop and value in rows.drop):
                continue
            if rows.number == "arc":
                out[index] = index[-1]
            elif rows.number == "value" and value is not None:
                out[index] = value
            else:
                out[index] = len(out) + 1
        if out:
            return out
    return {}


# -- serving ----------------------------------------------------------------------------------


class _Switch(msgspec.Struct):
    """What a command on one outlet moves."""

    number: int
    states: list[tuple[int, dict[str, bytes]]]
    """Places of the state columns (and of a command column that echoes): word -> value there."""
    pending: list[tuple[int, dict[str, bytes]]]
    reboot_off_s: float


class RecordingMib(Mib):
    """A recording as a MIB: every value as recorded, until an outlet is switched.

    Args:
        recording: from `load_recording`.
        clock: for the time that relays and reboots take.
        profile: says which columns switch outlets; None: nothing can be written.
        on_command: told of every command that was taken.
    """

    def __init__(
        self,
        recording: Recording,
        clock: Clock,
        profile: Profile | None,
        on_command: Callable[[int, OutletAction], None] | None = None,
    ) -> None:
        super().__init__(recording)
        self._clock = clock
        self._on_command = on_command
        self._values = [recording[oid].encoded for oid in self.oids]
        self._moves: dict[int, list[tuple[float, bytes]]] = {}
        self._switches: dict[Oid, _Switch] = {}
        self._actions: dict[int, OutletAction] = {}
        self._columns: list[Oid] = []
        if profile is not None:
            self._find_switches(recording, profile)

    @property
    def outlets(self) -> int:
        """How many outlets can be switched."""
        return len({switch.number for switch in self._switches.values()})

    def value(self, position: int) -> bytes:
        """As recorded, or as the last command that is through has left it."""
        moves = self._moves.get(position)
        if moves:
            now_s = self._clock.monotonic()
            while moves and moves[0][0] <= now_s:
                self._values[position] = moves.pop(0)[1]
        return self._values[position]

    def check_set(self, name: bytes, tag: int, content: bytes) -> int:
        """Only the outlet command takes a value, whether or not the walk shows its column."""
        oid = decode_oid(name)
        if oid not in self._switches:
            in_column = any(oid[: len(column)] == column for column in self._columns)
            return NO_CREATION if in_column else NOT_WRITABLE
        if tag != INTEGER:
            return WRONG_TYPE
        return NO_ERROR if decode_int(content) in self._actions else WRONG_VALUE

    def commit_set(self, name: bytes, content: bytes) -> None:
        """Move every state column of the outlet, a reboot there and back."""
        switch = self._switches[decode_oid(name)]
        action = self._actions[decode_int(content)]
        now_s = self._clock.monotonic()
        if action == "reboot":
            steps = [("off", RELAY_S), ("on", RELAY_S + switch.reboot_off_s)]
        else:
            steps = [(str(action), RELAY_S)]
        for position, words in switch.states:
            self.value(position)
            self._moves[position] = [(now_s + after_s, words[word]) for word, after_s in steps]
        for position, words in switch.pending:
            self._moves[position] = [
                (now_s, words["unspecified"]),
                (now_s + steps[-1][1], words["none"]),
            ]
        if self._on_command is not None:
            self._on_command(switch.number, action)

    def _find_switches(self, recording: Recording, profile: Profile) -> None:
        table = profile.outlet
        if table is None:
            return
        rows = _outlet_rows(recording, profile, table.rows)
        present = [
            commands for commands in profile.commands
            if any(_expand(profile, commands.oid, index) in recording for index in rows)
        ] or profile.commands[:1]  # fmt: skip
        for commands in profile.commands:
            self._columns.append(parse_oid(profile.absolute(commands.oid).split(".{")[0]))
        for commands in present:
            for action in _ACTIONS:
                integer = commands.actions.get(action)
                if isinstance(integer, int):
                    self._actions[integer] = action
        for index, number in rows.items():
            states = self._places(profile, "state", index, ("on", "off"))
            for commands in present:
                position = self._place(_expand(profile, commands.oid, index))
                if commands.echo and position is not None:
                    echo = {w: ber.encode_int(INTEGER, n) for w, n in commands.echo.items()}
                    states.append((position, echo))
            switch = _Switch(
                number=number,
                states=states,
                pending=self._places(profile, "pending", index, ("unspecified", "none")),
                reboot_off_s=_reboot_off_s(recording, profile, index),
            )
            for commands in present:
                self._switches[_expand(profile, commands.oid, index)] = switch

    def _places(
        self, profile: Profile, field: str, index: Oid, words: tuple[str, ...]
    ) -> list[tuple[int, dict[str, bytes]]]:
        """Where the columns of an outlet's field stand, and the bytes for each of the words."""
        assert profile.outlet is not None
        out = []
        for column in profile.outlet.fields.get(field, ()):
            position = self._place(_expand(profile, column.oid, index))
            if position is None or column.enum is None or self._values[position][0] != INTEGER:
                continue
            back: dict[str, bytes] = {}
            for raw, word in profile.enums[column.enum].items():
                back.setdefault(word, ber.encode_int(INTEGER, int(raw)))
            if all(word in back for word in words):
                out.append((position, back))
        return out

    def _place(self, oid: Oid) -> int | None:
        return self.position(ber.encode_oid(oid))


def _expand(profile: Profile, pattern: str, index: Oid) -> Oid:
    oid = profile.absolute(pattern)
    return parse_oid(oid.replace("{i}", ber.dotted(index)).replace("{n}", str(index[-1])))


def _reboot_off_s(recording: Recording, profile: Profile, index: Oid) -> float:
    assert profile.outlet is not None
    for column in profile.outlet.fields.get("reboot_off_s", ()):
        found = recording.get(_expand(profile, column.oid, index))
        if found is None or found.tag not in (INTEGER, ber.GAUGE32):
            continue
        seconds = decode_int(found.content)
        if seconds > 0 and seconds not in column.null:
            return seconds * column.scale
    return REBOOT_OFF_S
