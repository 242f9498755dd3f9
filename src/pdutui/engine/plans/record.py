"""What the files of a plan hold, and whether it may be believed."""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from typing import Any, get_args

import msgspec

from pdutui.domain.commands import WHOLE_PDU, OutletAction
from pdutui.domain.plan import LONGEST_PAUSE_S, Plan, PlanApproval, PlanStep
from pdutui.engine.plans.progress import Line, Progress

FORMAT = 1
MOST_STEPS = 1000
PLAN_LIMIT = 2_000_000
"""Bytes; a step takes about 250."""
PROGRESS_LIMIT = 8_000_000
SMALL_LIMIT = 64_000
APPROVAL = re.compile(r"\.approval-(\d{1,10})\.json\Z")
SKEW = timedelta(minutes=1)
"""So much a clock may have been set back between a plan and its approval."""

NameOf = Callable[[int], str]
"""The name of an OS user, by uid."""


class PlanFile(msgspec.Struct, frozen=True, kw_only=True):
    """`<ID>.plan.json`."""

    format: int
    plan: Plan


class ApprovalFile(msgspec.Struct, frozen=True, kw_only=True):
    """`<ID>.approval-<uid>.json`. That it is theirs is said by its owner alone."""

    format: int
    digest: str
    """SHA-256 of the plan's file, hexadecimal: of what was agreed to."""
    names: tuple[str, ...] = ()
    """Every name that the approver is known by."""
    approval: PlanApproval


class AskFile(msgspec.Struct, frozen=True, kw_only=True):
    """`<ID>.ask.json`: another program of the author's wants the one that runs it to stop."""

    plan: str
    what: str
    """`pause` or `abort`."""
    by: str
    time: datetime


class Approved(msgspec.Struct, frozen=True, kw_only=True):
    """An approval that its file's owner vouches for."""

    uid: int
    names: frozenset[str]
    approval: PlanApproval


class Loaded(msgspec.Struct, frozen=True, kw_only=True):
    """A plan as its files have it."""

    plan: Plan
    digest: str
    uid: int
    """Whose its file is: the author, whatever the plan says."""
    lines: tuple[Line, ...]
    progress: Progress
    approvals: tuple[Approved, ...] = ()
    held: bool = False
    """Some other program has its lock: it runs there."""
    stamp: tuple[object, ...] = ()
    """Changes when one of its files does."""


class Unfit(Exception):
    """What a file holds is not to be believed; the text says why."""


def encode(value: Any) -> bytes:
    """JSON with a line end. Text that UTF-8 cannot hold, as an OS user's name may, is escaped."""
    try:
        return msgspec.json.encode(value) + b"\n"
    except UnicodeEncodeError:
        return msgspec.json.encode(_escaped(msgspec.to_builtins(value))) + b"\n"


def _escaped(value: Any) -> Any:
    if isinstance(value, str):
        return value.encode("utf-8", "backslashreplace").decode("utf-8")
    if isinstance(value, dict):
        return {key: _escaped(one) for key, one in value.items()}
    return [_escaped(one) for one in value] if isinstance(value, list | tuple) else value


def read_plan(data: bytes, plan_id: str, uid: int, name_of: NameOf) -> Plan:
    """The plan of a file. Raises Unfit.

    Args:
        data: what is in it.
        plan_id: by its name.
        uid: its owner.
        name_of: names of users.
    """
    try:
        found = msgspec.json.decode(data, type=PlanFile)
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise Unfit(f"is not a plan: {error}") from error
    if found.format != FORMAT:
        raise Unfit(f"is of format {found.format}, which this version does not know")
    plan = found.plan
    if plan.id != plan_id:
        raise Unfit(f"holds plan {plan.id}")
    why = _unsound(plan)
    if why:
        raise Unfit(f"is not a plan: {why}")
    author, known = plan.author, name_of(uid)
    same = author.login_name == known and _shown_as(author.user, known)
    if author.uid not in (None, uid) or not same:
        raise Unfit(f"says it is by {author.user}, and belongs to {known}")
    return plan


def _shown_as(user: str, login: str) -> bool:
    """Whether a name for people is that of a user: `root`, `root (sudo by alice)`."""
    return user == login or user.startswith(f"{login} (")


def _unsound(plan: Plan) -> str:
    """What about a plan cannot be; empty when nothing is."""
    if not 1 <= len(plan.steps) <= MOST_STEPS:
        return f"it has {len(plan.steps)} steps"
    if plan.needs_approval and plan.expires is None:
        return "it needs approval and never expires"
    for moment in (plan.created, plan.expires):
        if moment is not None and moment.tzinfo is None:
            return "a time of it has no zone"
    pauses = [plan.pause_s, *(step.pause_s for step in plan.steps if step.pause_s is not None)]
    if not all(is_pause(pause) for pause in pauses):
        return "a pause of it is none"
    wrong = [n for n, step in enumerate(plan.steps, 1) if not _whole_fits(step, len(plan.steps))]
    return f"step {wrong[0]} is none" if wrong else ""


def _whole_fits(step: PlanStep, count: int) -> bool:
    one = step.action in get_args(OutletAction)
    return step.outlet != WHOLE_PDU if one else step.outlet == WHOLE_PDU and count == 1


def is_pause(pause_s: float) -> bool:
    """Whether it can be a pause, in seconds: up to a day."""
    return math.isfinite(pause_s) and 0 <= pause_s <= LONGEST_PAUSE_S


def read_approval(
    data: bytes, *, plan: Plan, digest: str, author: int, uid: int, named: int, name_of: NameOf
) -> Approved:
    """The approval of a file. Raises Unfit.

    Args:
        data: what is in it.
        plan: the plan that it is of.
        digest: of that plan's file, now.
        author: the uid of the plan's author.
        uid: the owner of the approval's file, who is the one that approved.
        named: the uid in its name.
        name_of: names of users.
    """
    try:
        found = msgspec.json.decode(data, type=ApprovalFile)
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise Unfit(f"is not an approval: {error}") from error
    if found.format != FORMAT or found.approval.plan != plan.id:
        raise Unfit("is not an approval of this plan")
    if uid != named:
        raise Unfit(f"is named for uid {named}, and belongs to {name_of(uid)}")
    if found.digest != digest:
        raise Unfit("is of another plan: what was agreed to is not what is there")
    if uid == author:
        raise Unfit("is by the author of the plan")
    login, time = name_of(uid), found.approval.time
    names = frozenset({login, *found.names})
    if names & plan.author.names:
        raise Unfit(f"is by {login}, who is the author of the plan under another name")
    if time.tzinfo is None or time < plan.created - SKEW:
        raise Unfit("is older than the plan")
    if plan.expires is not None and time > plan.expires:
        raise Unfit("was made after the plan had expired")
    user = found.approval.user if _shown_as(found.approval.user, login) else login
    approval = msgspec.structs.replace(found.approval, user=user)
    return Approved(uid=uid, names=names, approval=approval)


def first_of(approvals: Sequence[Approved]) -> Approved | None:
    """The first approval; None without one."""
    return min(approvals, key=lambda one: one.approval.time, default=None)
