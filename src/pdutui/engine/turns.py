"""Consoles and command lines of one state directory take turns at a device, and tell what they did.

A lock within a program keeps its own commands apart. This is the same between programs: a file per
device, locked while a command is carried out, with the last commands in it. Whoever put a question
before one of them ended is told so instead of switching on top of it.

A file that cannot be locked, read or written stops nobody: an emergency is no time for a full disk.
It is said once.
"""

from __future__ import annotations

import fcntl
import hashlib
import os
import stat
import uuid
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path

import msgspec

from pdutui.domain.address import format_address
from pdutui.domain.clock import Clock
from pdutui.domain.commands import Intent
from pdutui.engine.rates import subject_number
from pdutui.settings import PduSettings

POLL_S = 0.1
"""How often a file that another program holds is tried again."""
KEPT = timedelta(hours=1)
"""No question stands open for so long."""
_MOST_BYTES = 256 * 1024
_MOST_ENTRIES = 200


class TurnNotFree(Exception):
    """Another program had the device all the time."""


class Turn(msgspec.Struct, frozen=True, kw_only=True):
    """One command of a program, as it stands in the file."""

    program: str
    intent: str
    user: str
    outlet: int
    """As `rates.subject_number` counts them: 0 for all, -1 for the transfer switch."""
    action: str
    began: datetime
    ended: datetime | None = None
    """None: under way, or its program was killed."""

    @property
    def last(self) -> datetime:
        """When it was last known to be about."""
        return self.ended or self.began


class HeldTurn:
    """A device that is this program's for the time being. Without a file it keeps nobody out."""

    def __init__(self, program: str, file: int | None, told: Callable[[str], None]) -> None:
        self._program = program
        self._file = file
        self._told = told
        self._turns = self._read() if file is not None else []

    def since(self, asked: datetime, intent: Intent) -> Turn | None:
        """The last command of another program on what the intent is about, after a moment."""
        number = subject_number(intent.outlet, intent.action)
        found = [
            turn
            for turn in self._turns
            if turn.program != self._program
            and turn.last > asked
            and (turn.outlet == number or min(turn.outlet, number) == 0)
        ]
        return max(found, key=lambda turn: turn.last, default=None)

    def begin(self, intent: Intent, now: datetime) -> None:
        """Write down that a command goes out: if this program is killed, it is known all the same.

        One that only blinks a light is nobody's business.
        """
        if intent.action == "identify":
            return
        turn = Turn(
            program=self._program,
            intent=intent.id,
            user=intent.actor.user.encode("utf-8", "backslashreplace").decode(),
            outlet=subject_number(intent.outlet, intent.action),
            action=intent.action,
            began=now,
        )
        self._turns = [one for one in self._turns if now - one.last < KEPT][-_MOST_ENTRIES + 1 :]
        self._turns.append(turn)
        self._write()

    def end(self, intent: Intent, now: datetime) -> None:
        """It is over. Nothing is written for a command that never went out."""
        if any(turn.intent == intent.id for turn in self._turns):
            self._turns = [
                msgspec.structs.replace(turn, ended=now) if turn.intent == intent.id else turn
                for turn in self._turns
            ]
            self._write()

    def release(self) -> None:
        """Let others have it."""
        if self._file is not None:
            os.close(self._file)
            self._file = None

    def _read(self) -> list[Turn]:
        assert self._file is not None
        try:
            data = os.pread(self._file, _MOST_BYTES, 0)
            return msgspec.json.decode(data, type=list[Turn]) if data else []
        except (OSError, msgspec.DecodeError, UnicodeDecodeError) as error:
            self._told(f"cannot be read: {error}")
            return []

    def _write(self) -> None:
        if self._file is None:
            return
        data = msgspec.json.encode(self._turns)
        try:
            os.pwrite(self._file, data, 0)
            os.ftruncate(self._file, len(data))
        except OSError as error:
            self._told(f"cannot be written: {error.strerror or error}")


class Turns:
    """The files of a state directory."""

    def __init__(self, state_dir: Path, *, clock: Clock, note: Callable[[str], None]) -> None:
        """`note` is told, once, when programs cannot take turns."""
        self._dir = state_dir / "turns"
        self._clock = clock
        self._note = note
        self._noted = False
        self._program = uuid.uuid4().hex

    async def take(self, pdu: PduSettings, limit_s: float) -> HeldTurn:
        """Wait for a device to be free of other programs. Release what is returned.

        A model is in this process alone: nobody else can command it, and there is no file.

        Raises:
            TurnNotFree: another program had it all the time.
        """
        file = self._open(pdu) if pdu.backend == "snmp" else None
        if file is None:
            return HeldTurn(self._program, None, self._told)
        try:
            locked = await self._lock(file, limit_s)
        except BaseException:
            os.close(file)
            raise
        if not locked:
            os.close(file)
            return HeldTurn(self._program, None, self._told)
        return HeldTurn(self._program, file, self._told)

    async def _lock(self, file: int, limit_s: float) -> bool:
        """Whether it could be locked. Raises TurnNotFree if somebody else goes on holding it."""
        until_s = self._clock.monotonic() + limit_s
        while True:
            try:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                if self._clock.monotonic() >= until_s:
                    raise TurnNotFree(f"another program has it for {limit_s:.0f} s") from None
                await self._clock.sleep(POLL_S)
            except OSError as error:
                self._told(f"cannot be locked: {error.strerror or error}")
                return False
            else:
                return True

    def _open(self, pdu: PduSettings) -> int | None:
        flags = os.O_RDWR | os.O_CREAT | os.O_CLOEXEC | os.O_NOFOLLOW | os.O_NONBLOCK
        try:
            self._dir.mkdir(mode=0o700, parents=True, exist_ok=True)
            file = os.open(self._dir / device_file(pdu), flags, 0o600)
        except OSError as error:
            self._told(f"cannot be opened: {error.strerror or error}")
            return None
        if not stat.S_ISREG(os.fstat(file).st_mode):
            os.close(file)
            self._told("is no file")
            return None
        return file

    def _told(self, what: str) -> None:
        if not self._noted:
            self._noted = True
            self._note(
                f"consoles of this state directory cannot take turns: a file in {self._dir} {what}"
            )


def device_file(pdu: PduSettings) -> str:
    """The file's name: two names for one address are one device."""
    address = format_address(pdu.host.casefold(), pdu.port)
    return hashlib.sha256(address.encode("utf-8", "surrogatepass")).hexdigest()[:32] + ".json"
