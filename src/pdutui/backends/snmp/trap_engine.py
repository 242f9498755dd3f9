"""Our own SNMPv3 engine: what informs are addressed to. Its id stays, its boots count starts."""

from __future__ import annotations

import contextlib
import os
import secrets
import tempfile
from pathlib import Path

import msgspec

from pdutui.backends.snmp.v3_message import MAX_INT

FILE = "trap-engine.json"
_PREFIX = bytes.fromhex("80007ed905")
"""RFC 3411: an enterprise's own form, under the number that RFC 5612 sets aside for examples."""


class _Stored(msgspec.Struct, frozen=True):
    engine_id: str
    boots: int


class OwnEngine:
    """The engine of this run.

    Args:
        engine_id: 5 to 32 octets.
        boots: how many times it has been started.
        started_s: monotonic time of this start.
    """

    __slots__ = ("boots", "engine_id", "started_s")

    def __init__(self, engine_id: bytes, boots: int, started_s: float) -> None:
        self.engine_id, self.boots, self.started_s = engine_id, boots, started_s

    def time(self, now_s: float) -> int:
        """engineTime, in seconds."""
        return min(max(0, int(now_s - self.started_s)), MAX_INT)


def start_engine(state_dir: Path | None, now_s: float) -> tuple[OwnEngine, str]:
    """The engine, counted up by one start, and what went wrong with its file, if anything did.

    Without a state directory, or one that cannot be written, it is good for this run.
    """
    if state_dir is None:
        return OwnEngine(_new_id(), 1, now_s), ""
    path = state_dir / FILE
    known = _read(path)
    if known is None or known.boots >= MAX_INT - 1:
        known = _Stored(_new_id().hex(), 0)
    engine = OwnEngine(bytes.fromhex(known.engine_id), known.boots + 1, now_s)
    try:
        _write(path, _Stored(known.engine_id, engine.boots))
    except OSError as error:
        return engine, f"{path} cannot be written: {error.strerror or error}"
    return engine, ""


def _new_id() -> bytes:
    return _PREFIX + secrets.token_bytes(8)


def _read(path: Path) -> _Stored | None:
    """What the file says; None without one, or where it makes no sense."""
    try:
        stored = msgspec.json.decode(path.read_bytes(), type=_Stored)
        engine_id = bytes.fromhex(stored.engine_id)
    except (OSError, ValueError):
        return None
    return stored if 5 <= len(engine_id) <= 32 and 0 <= stored.boots <= MAX_INT else None


def _write(path: Path, stored: _Stored) -> None:
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(msgspec.json.encode(stored))
        os.replace(name, path)
    except OSError:
        with contextlib.suppress(OSError):
            os.unlink(name)
        raise
