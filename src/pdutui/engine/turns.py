"""Consoles and command lines of one state directory take turns at a device, and tell what they did.

A lock within a program keeps its own commands apart. This is the same between programs: a file per
device, locked while a command is carried out, with the last commands in it. Whoever put a question
before one of them ended is told so instead of switching on top of it.

What came first is told by the machine's monotonic clock, which all its programs share, and by the
wall clock only across a restart of the machine: that one may be set in between.

A file that cannot be locked, read or written stops nobody: an emergency is no time for a full disk.
It is said once.
"""

from __future__ import annotations

import fcntl
import os
import stat
import uuid
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from datetime import datetime, timedelta
from pathlib import Path

import msgspec

from pdutui.domain.address import format_address
from pdutui.domain.clock import Clock
from pdutui.domain.commands import Intent
from pdutui.engine.rates import subject_number
from pdutui.engine.watch import DELAYED_EFFECT_S, LATE_EFFECT_S
from pdutui.settings import PduSettings

POLL_S = 0.1
"""How often a file that another program holds is tried again."""
KEPT = timedelta(hours=1)
"""No question stands open for so long."""
_MOST_BYTES = 256 * 1024
_MOST_ENTRIES = 200
_SKEW = timedelta(minutes=2)
"""What is further ahead than this by the wall clock, of another boot, is from before it was set."""
BOOT_ID = Path("/proc/sys/kernel/random/boot_id")
"""Another one with every start of the machine; monotonic times of two cannot be compared."""


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
    boot: str = ""
    """Which start of the machine the monotonic times are of; empty: nobody knows."""
    began_s: float = 0.0
    ended_s: float | None = None

    @property
    def last(self) -> datetime:
        """When it was last known to be about."""
        return self.ended or self.began

    @property
    def last_s(self) -> float:
        """The same in monotonic seconds of its boot."""
        return self.began_s if self.ended_s is None else self.ended_s


class Heard(msgspec.Struct, frozen=True, kw_only=True):
    """A command that another program sent."""

    outlet: int
    """As `rates.subject_number` counts them."""
    at_s: float
    """When it went out, monotonic."""


class HeldTurn:
    """A device that is this program's for the time being. Without a file it keeps nobody out."""

    def __init__(
        self, program: str, file: int | None, told: Callable[[str], None], clock: Clock, boot: str
    ) -> None:
        self._program = program
        self._file = file
        self._told = told
        self._clock = clock
        self._boot = boot
        self._turns = self._read() if file is not None else []

    def since(self, asked: datetime, asked_s: float, intent: Intent) -> Turn | None:
        """The last command of another program on what the intent is about, after a moment.

        Args:
            asked: the moment by the wall clock.
            asked_s: the same, monotonic.
            intent: says what it is about.
        """
        number = subject_number(intent.outlet, intent.action)
        found = [
            turn
            for turn in self._of_others()
            if self._is_after(turn, asked, asked_s)
            and (turn.outlet == number or min(turn.outlet, number) == 0)
        ]
        return found[-1] if found else None

    def heard(self) -> list[Heard]:
        """What other programs have sent lately, as far as the file has it; no lights, no cancels.

        What is of another boot is left out: a machine does not start again within a minute.
        """
        return [
            Heard(outlet=turn.outlet, at_s=turn.began_s)
            for turn in self._of_others()
            if self._same_boot(turn) and turn.action not in ("cancel", "all_cancel")
        ]

    def _of_others(self) -> list[Turn]:
        return [turn for turn in self._turns if turn.program != self._program]

    def _same_boot(self, turn: Turn) -> bool:
        return bool(self._boot) and turn.boot == self._boot

    def _is_after(self, turn: Turn, asked: datetime, asked_s: float) -> bool:
        if self._same_boot(turn):
            return turn.last_s > asked_s
        return asked < turn.last <= self._clock.now() + _SKEW

    def _is_recent(self, turn: Turn) -> bool:
        if self._same_boot(turn):
            return self._clock.monotonic() - turn.last_s < KEPT.total_seconds()
        return abs(self._clock.now() - turn.last) < KEPT

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
            boot=self._boot,
            began_s=self._clock.monotonic(),
        )
        self._turns = [one for one in self._turns if self._is_recent(one)][-_MOST_ENTRIES + 1 :]
        self._turns.append(turn)
        self._write()

    def end(self, intent: Intent, now: datetime) -> None:
        """It is over. Nothing is written for a command that never went out."""
        if any(turn.intent == intent.id for turn in self._turns):
            now_s = self._clock.monotonic()
            self._turns = [
                msgspec.structs.replace(turn, ended=now, ended_s=now_s)
                if turn.intent == intent.id
                else turn
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

    def __init__(
        self,
        state_dir: Path,
        *,
        clock: Clock,
        note: Callable[[str], None],
        boot_id: Path = BOOT_ID,
    ) -> None:
        """`note` is told, once, when programs cannot take turns."""
        self._dir = state_dir / "turns"
        self._boot = _boot(boot_id)
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
            return self._held(None)
        with ExitStack() as unless_held:
            unless_held.callback(os.close, file)
            if not await self._lock(file, limit_s):
                return self._held(None)
            unless_held.pop_all()
        return self._held(file)

    def _held(self, file: int | None) -> HeldTurn:
        return HeldTurn(self._program, file, self._told, self._clock, self._boot)

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


def commanded_outlets(state_dir: Path, pdu: PduSettings, clock: Clock) -> frozenset[int]:
    """Outlets that programs of this state directory have commanded lately, 0 for all of them.

    Delayed commands count for as long as a device may take. Empty where that cannot be told.
    """
    return frozenset(turn.outlet for turn in _lately(state_dir, pdu, clock))


def commanded_lately(state_dir: Path, pdu: PduSettings, clock: Clock) -> frozenset[str]:
    """What those commands were: their actions."""
    return frozenset(turn.action for turn in _lately(state_dir, pdu, clock))


def _lately(state_dir: Path, pdu: PduSettings, clock: Clock) -> Iterator[Turn]:
    path = state_dir / "turns" / device_file(pdu)
    try:
        with path.open("rb") as file:
            turns = msgspec.json.decode(file.read(_MOST_BYTES), type=list[Turn])
    except (OSError, msgspec.DecodeError, UnicodeDecodeError):
        return
    boot, now, now_s = _boot(BOOT_ID), clock.now(), clock.monotonic()
    for turn in turns:
        same = bool(boot) and turn.boot == boot
        age_s = now_s - turn.last_s if same else (now - turn.last).total_seconds()
        if age_s < (DELAYED_EFFECT_S if "delayed" in turn.action else LATE_EFFECT_S):
            yield turn


def device_file(pdu: PduSettings) -> str:
    """The file's name: two names for one address are one device."""
    address = format_address(pdu.host.casefold(), pdu.port)
    import hashlib  # with OpenSSL: not before the first frame

    return hashlib.sha256(address.encode("utf-8", "surrogatepass")).hexdigest()[:32] + ".json"


def _boot(path: Path) -> str:
    try:
        return path.read_text("ascii").strip()[:64]
    except (OSError, ValueError):
        return ""
