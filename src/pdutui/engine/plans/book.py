"""Plans as files in a directory: made, read, added to, approved, taken away.

    K7Q2MX.plan.json            what was agreed to; never changes
    K7Q2MX.progress.jsonl       what has become of it, a line at a time
    K7Q2MX.approval-1001.json   made by whoever approved it: the owner of the file is the proof
    K7Q2MX.ask.json             another program of the author's wants it to pause
    K7Q2MX.lock                 held by the program that runs it

All of it blocks, and is called in threads. Everything raises FileTrouble, with the file and why.
"""

from __future__ import annotations

import hashlib
import os
import pwd
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime, timedelta
from pathlib import Path

import msgspec

from pdutui.domain.plan import OVER, Plan, PlanApproval
from pdutui.engine.plans.files import FileTrouble, Held, Owner, Place, hold, is_held, opened
from pdutui.engine.plans.files import real_owner as real_owner
from pdutui.engine.plans.ids import normal
from pdutui.engine.plans.progress import Line, ProgressDamaged, fold, parse
from pdutui.engine.plans.record import (
    APPROVAL,
    FORMAT,
    PLAN_LIMIT,
    PROGRESS_LIMIT,
    SMALL_LIMIT,
    ApprovalFile,
    Approved,
    AskFile,
    Loaded,
    PlanFile,
    Unfit,
    encode,
    read_approval,
    read_plan,
)

MOST_PLANS = 500
"""So many are read, the newest."""
KEPT = timedelta(days=30)
"""How long a plan stays after it is over."""
_STRAY_S = 86_400.0
"""Files without a plan are left alone for so long: somebody may be making one."""
_PLAN, _PROGRESS, _LOCK, _ASK = ".plan.json", ".progress.jsonl", ".lock", ".ask.json"


def real_name(uid: int) -> str:
    """The OS user's name; `uid 1001` for one that the system has no name for."""
    try:
        name = pwd.getpwuid(uid).pw_name
        return name.encode("utf-8", "backslashreplace").decode("utf-8")
    except KeyError:
        return f"uid {uid}"


class Taken(Exception):
    """There is a plan of that id."""


class NotForTwo(Exception):
    """The directory cannot prove who approved; the text says what would be right."""


class Shelf(msgspec.Struct, frozen=True, kw_only=True):
    """All that is in the directory."""

    plans: Mapping[str, Loaded] = {}
    damaged: Mapping[str, str] = {}
    """By id: what is wrong with a plan that cannot be used."""
    notes: tuple[str, ...] = ()
    """What else is wrong: an approval that is none."""


class Book:
    """The directory of plans.

    Args:
        path: where; it is made when the first plan is.
        uid: ours.
        owner: whose a file is.
        name_of: names of users.
    """

    def __init__(
        self,
        path: Path,
        *,
        uid: int | None = None,
        owner: Owner = real_owner,
        name_of: Callable[[int], str] = real_name,
    ) -> None:
        self.path = path
        self.uid = os.geteuid() if uid is None else uid
        self.name_of = name_of
        self._owner = owner

    # -- reading -----------------------------------------------------------------------------

    def load(self, before: Mapping[str, Loaded]) -> Shelf:
        """Everything there is. What has not changed since `before` is not read again."""
        with opened(self.path, make=False, owner=self._owner) as place:
            if place is None:
                return Shelf()
            files = _by_plan(place.names())
            ids = self._newest(place, files)
            plans: dict[str, Loaded] = {}
            damaged: dict[str, str] = {}
            notes: list[str] = []
            if len(ids) > MOST_PLANS:
                notes.append(f"{self.path}: only the newest {MOST_PLANS} plans are looked at")
            for plan_id in ids[:MOST_PLANS]:
                try:
                    plans[plan_id] = self._load(
                        place, plan_id, files[plan_id], before.get(plan_id), notes
                    )
                except FileTrouble as trouble:
                    damaged[plan_id] = str(trouble)
            return Shelf(plans=plans, damaged=damaged, notes=tuple(notes))

    def read(self, plan_id: str) -> Loaded | None:
        """One plan, read anew; None where there is none."""
        with opened(self.path, make=False, owner=self._owner) as place:
            if place is None:
                return None
            names = _by_plan(place.names()).get(plan_id, ())
            if plan_id + _PLAN not in names:
                return None
            return self._load(place, plan_id, names, None, [])

    def _newest(self, place: Place, files: Mapping[str, tuple[str, ...]]) -> list[str]:
        there: list[tuple[int, str]] = []
        for plan_id, names in files.items():
            if plan_id + _PLAN in names and (status := place.stat(plan_id + _PLAN)) is not None:
                there.append((-status.st_mtime_ns, plan_id))
        return [plan_id for _, plan_id in sorted(there)]

    def _load(
        self,
        place: Place,
        plan_id: str,
        names: tuple[str, ...],
        before: Loaded | None,
        notes: list[str],
    ) -> Loaded:
        stamp = _stamp(place, names)
        if before is not None and before.stamp == stamp:
            return self._with_lock(place, before)
        name = plan_id + _PLAN
        seen = place.read(name, PLAN_LIMIT)
        if seen is None:
            raise place.trouble(name, "is gone")
        try:
            plan = read_plan(seen.data, plan_id, seen.uid, self.name_of)
        except Unfit as unfit:
            raise place.trouble(name, str(unfit)) from unfit
        digest = hashlib.sha256(seen.data).hexdigest()
        lines = self._lines(place, plan_id, seen.uid)
        try:
            progress = fold(plan, digest, lines)
        except ProgressDamaged as damaged:
            raise place.trouble(plan_id + _PROGRESS, str(damaged)) from damaged
        approvals = []
        for one in names:
            if (match := APPROVAL.search(one)) is None:
                continue
            try:
                approvals.append(self._approval(place, one, plan, digest, seen.uid, int(match[1])))
            except FileTrouble as trouble:
                notes.append(str(trouble))
        loaded = Loaded(
            plan=plan, digest=digest, uid=seen.uid, lines=lines, progress=progress,
            approvals=tuple(approvals), stamp=stamp,
        )  # fmt: skip
        return self._with_lock(place, loaded)

    def _lines(self, place: Place, plan_id: str, uid: int) -> tuple[Line, ...]:
        name = plan_id + _PROGRESS
        seen = place.read(name, PROGRESS_LIMIT)
        if seen is None:
            raise place.trouble(name, "is not there: what was done cannot be known")
        if seen.uid != uid:
            raise place.trouble(name, f"belongs to {self.name_of(seen.uid)}, not to the author")
        try:
            return parse(seen.data)
        except ProgressDamaged as damaged:
            raise place.trouble(name, str(damaged)) from damaged

    def _approval(
        self, place: Place, name: str, plan: Plan, digest: str, author: int, named: int
    ) -> Approved:
        seen = place.read(name, SMALL_LIMIT)
        if seen is None:
            raise place.trouble(name, "is gone")
        try:
            return read_approval(
                seen.data, plan=plan, digest=digest, author=author, uid=seen.uid, named=named,
                name_of=self.name_of,
            )  # fmt: skip
        except Unfit as unfit:
            raise place.trouble(name, str(unfit)) from unfit

    def _with_lock(self, place: Place, loaded: Loaded) -> Loaded:
        held = loaded.progress.standing == "running" and is_held(place, loaded.plan.id + _LOCK)
        return msgspec.structs.replace(loaded, held=held) if held != loaded.held else loaded

    # -- writing -----------------------------------------------------------------------------

    def create(self, plan: Plan) -> Loaded:
        """Put a new plan there. Raises Taken, and NotForTwo where it needs approval."""
        with opened(self.path, make=True, owner=self._owner) as place:
            assert place is not None
            if plan.needs_approval and not place.for_two:
                raise NotForTwo(self._what_is_right(place))
            data = encode(PlanFile(format=FORMAT, plan=plan))
            if len(data) > PLAN_LIMIT:
                raise place.trouble(plan.id + _PLAN, f"would be longer than {PLAN_LIMIT} bytes")
            digest = hashlib.sha256(data).hexdigest()
            if not place.reserve(plan.id + _LOCK):
                raise Taken(plan.id)
            made = Line(
                n=1, plan=plan.id, time=plan.created, what="made", by=plan.author.user,
                digest=digest,
            )  # fmt: skip
            try:
                place.write_new(plan.id + _PROGRESS, encode(made))
                place.write_new(plan.id + _PLAN, data)
            except FileTrouble:
                self._drop(place, plan.id)
                raise
            loaded = self._load(place, plan.id, _by_plan(place.names())[plan.id], None, [])
            if loaded.uid != self.uid or loaded.digest != digest:
                self._drop(place, plan.id)
                raise place.trouble(plan.id + _PLAN, "does not read as it was written")
            return loaded

    def _what_is_right(self, place: Place) -> str:
        return (
            f"{self.path} is private, so nobody else can approve a plan in it: set [control]"
            " plans_dir to a directory that both users' group can write to, with the sticky bit"
            " (chgrp GROUP DIR; chmod 3770 DIR)"
            if not place.shared
            else f"{self.path} cannot prove who approved a plan: its group has to be able to write"
            " there, others not, and it needs the sticky bit (chmod 3770 DIR)"
        )

    def append(self, line: Line) -> None:
        """Add a line to the progress of a plan of ours, safe on the disk."""
        with self._there() as place:
            place.append(line.plan + _PROGRESS, encode(line))

    def approve(self, loaded: Loaded, approval: PlanApproval, names: frozenset[str]) -> None:
        """Make the file that says that we approve of a plan."""
        name = f"{loaded.plan.id}.approval-{self.uid}.json"
        file = ApprovalFile(
            format=FORMAT, digest=loaded.digest, names=tuple(sorted(names)), approval=approval
        )
        with self._there() as place:
            if not place.for_two:
                raise NotForTwo(self._what_is_right(place))
            place.write_new(name, encode(file))

    def hold(self, plan_id: str) -> Held | None:
        """Take the lock of a plan of ours; None where another program has it."""
        with self._there() as place:
            return hold(place, plan_id + _LOCK)

    def ask(self, ask: AskFile) -> None:
        """Ask the program that runs a plan of ours to stop."""
        with self._there() as place:
            place.remove(ask.plan + _ASK)
            place.write_new(ask.plan + _ASK, encode(ask))

    def asked(self, plan_id: str) -> AskFile | None:
        """What another program of ours asks of the one that runs a plan; it is taken away."""
        name = plan_id + _ASK
        with self._there() as place:
            if place.stat(name) is None:
                return None
            seen = place.read(name, SMALL_LIMIT)
            if seen is None or seen.uid != self.uid:
                return None
            place.remove(name)
            try:
                found = msgspec.json.decode(seen.data, type=AskFile)
            except (msgspec.DecodeError, UnicodeDecodeError):
                return None
            return found if found.plan == plan_id else None

    @contextmanager
    def _there(self) -> Iterator[Place]:
        with opened(self.path, make=False, owner=self._owner) as place:
            if place is None:
                raise FileTrouble(f"{self.path}: is not there any more")
            yield place

    # -- taking away -------------------------------------------------------------------------

    def prune(self, now: datetime, states: Mapping[str, tuple[str, datetime]]) -> tuple[str, ...]:
        """Take away plans of ours that have been over for long, and what is left of others.

        Args:
            now: the wall time.
            states: by id: the state of every plan there is, and since when.

        Returns:
            The ids of the plans that are gone.
        """
        gone: list[str] = []
        with opened(self.path, make=False, owner=self._owner) as place:
            if place is None:
                return ()
            files = _by_plan(place.names())
            for plan_id, names in files.items():
                status = place.stat(plan_id + _PLAN)
                if status is None:
                    self._drop_stray(place, names, now.timestamp())
                    continue
                state, since = states.get(plan_id, ("", now))
                ours = place.owner(plan_id + _PLAN, status) == self.uid
                if ours and state in OVER and now - since > KEPT:
                    self._drop(place, plan_id)
                    gone.append(plan_id)
        return tuple(gone)

    def _drop(self, place: Place, plan_id: str) -> None:
        """The plan first: what is left of the others is nothing without it."""
        for name in (_PLAN, _PROGRESS, _ASK, _LOCK):
            place.remove(plan_id + name)

    def _drop_stray(self, place: Place, names: tuple[str, ...], now_s: float) -> None:
        for name in names:
            status = place.stat(name)
            old = status is not None and now_s - status.st_mtime > _STRAY_S
            if status is not None and old and place.owner(name, status) == self.uid:
                place.remove(name)


def _by_plan(names: list[str]) -> dict[str, tuple[str, ...]]:
    """The files of each plan, by its id; what was left half written belongs to it too."""
    found: dict[str, list[str]] = {}
    for name in names:
        plan_id = name.removeprefix(".").partition(".")[0]
        if normal(plan_id) == plan_id:
            found.setdefault(plan_id, []).append(name)
    return {plan_id: tuple(sorted(own)) for plan_id, own in found.items()}


def _stamp(place: Place, names: tuple[str, ...]) -> tuple[object, ...]:
    stamps: list[object] = []
    for name in names:
        if name.startswith(".") or name.endswith((_LOCK, _ASK)):
            continue
        status = place.stat(name)
        if status is not None:
            stamps.append((
                name, status.st_ino, status.st_size, status.st_mtime_ns, status.st_ctime_ns,
                status.st_mode, status.st_nlink,
            ))  # fmt: skip
    return tuple(stamps)
