"""What `pdutui config check` says beyond errors: what is there, and what is probably not meant."""

from __future__ import annotations

import grp
import os
import pwd
import stat
from collections.abc import Iterator, Sequence
from datetime import datetime
from fnmatch import fnmatchcase
from functools import cache

from pdutui.cli.amounts import counted
from pdutui.cli.text import clean
from pdutui.domain.commands import Actor
from pdutui.domain.roles import ROLES, RoleSettings, role_of
from pdutui.engine.plans.files import for_two
from pdutui.settings import ControlSettings, Settings


def contents(settings: Settings) -> str:
    """What a configuration has: `2 PDUs, 1 group, 4 cords of 2 devices, roles for 3`."""
    control = settings.control
    parts = [counted(len(settings.pdus), "PDU")]
    for number, what in (
        (len(settings.groups), "group"),
        (len(settings.sequences), "sequence"),
        (len(control.windows), "window"),
        (len(settings.alarms.thresholds), "threshold"),
        (len(settings.alarms.budgets), "energy budget"),
    ):
        if number:
            parts.append(counted(number, what))
    if settings.cords:
        devices = {cord.device.casefold() for cord in settings.cords}
        cords = counted(len(settings.cords), "cord")
        parts.append(f"{cords} of {counted(len(devices), 'device')}")
    if control.roles != RoleSettings():
        named = sum(len(_listed(control.roles, role)) for role in ROLES)
        parts.append(f"roles for {named} (everybody else is {control.roles.default})")
    return ", ".join(parts)


def doubts(settings: Settings, actor: Actor, now: datetime) -> Iterator[str]:
    """What may not be meant, a line each.

    Args:
        settings: the configuration.
        actor: who asks: it is said if they could switch nothing.
        now: with a zone.
    """
    for place, listed in _lists(settings):
        for one in listed:
            wrong = _unknown(one)
            if wrong:
                yield f"{place} has {clean(one)!r}, and {wrong}"
    control = settings.control
    if control.roles != RoleSettings():
        if control.roles.default != "admin" and not control.roles.admin:
            yield (
                "control.roles has no admin: nobody commands whole PDUs, or switches outside of"
                " windows where outside_window is refuse"
            )
        if role_of(actor, control.roles) == "viewer":
            you = clean(actor.login_name)
            yield f"control.roles makes you ({you}) a viewer, who switches nothing"
    for window in control.windows:
        if window.ends is not None and window.ends <= now:
            ended = window.ends.astimezone(now.tzinfo)
            yield f"window {clean(window.name)!r} ended {ended:%Y-%m-%d %H:%M}: it is never open"
    yield from _of_plans(control)
    yield from _of_alarms(settings)


def _of_alarms(settings: Settings) -> Iterator[str]:
    """Rules that judge nothing as things stand, and ways out that nothing goes."""
    alarms, names = settings.alarms, [pdu.name for pdu in settings.pdus]
    rules: list[tuple[str, str, tuple[str, ...]]] = [
        *(("threshold", one.name, one.pdus) for one in alarms.thresholds),
        *(("budget", one.name, one.pdus) for one in alarms.budgets),
    ]
    for what, name, patterns in rules:
        place = f"[alarms.{what} {clean(name)!r}] pdus"
        for pattern in patterns:
            if not any(fnmatchcase(pdu, pattern) for pdu in names):
                yield f"{place} has {clean(pattern)!r}, which fits no PDU now"
    if alarms.thresholds and "threshold" in alarms.off:
        yield "alarms.off has 'threshold': no [[alarms.threshold]] is judged"
    if alarms.budgets and "energy_budget" in alarms.off:
        yield "alarms.off has 'energy_budget': no [[alarms.budget]] is judged"
    elif alarms.budgets and not settings.history.enabled:
        yield "no [[alarms.budget]] can be judged: history.enabled is false"
    if not alarms.enabled and (rules or alarms.hook is not None or alarms.syslog is not None):
        yield "alarms.enabled is false: nothing is judged, and nobody is told"


def _of_plans(control: ControlSettings) -> Iterator[str]:
    """What keeps plans from being kept, or a second person from approving them."""
    path, two = control.plans_dir, bool(control.approval.needed)
    if path is None:
        if two:
            yield (
                "control.approval needs a second person, and plans are kept in the state directory,"
                " which nobody else may enter: set control.plans_dir (docs/control.md)"
            )
        return
    right = f"sudo install -d -m 3770 -g GROUP {path}"
    try:
        status = path.stat()
    except FileNotFoundError:
        if two:
            yield f"control.plans_dir {path} is not there; for two persons it must be: {right}"
        return
    except OSError as error:
        yield f"control.plans_dir {path} cannot be used: {error.strerror}"
        return
    if not stat.S_ISDIR(status.st_mode):
        yield f"control.plans_dir {path} is no directory"
    elif not os.access(path, os.R_OK | os.W_OK | os.X_OK):
        yield f"control.plans_dir {path} is not yours to write to: no plan can be kept by you"
    elif two and not for_two(status):
        yield (
            f"control.plans_dir {path} cannot prove who approved a plan: its group has to be able"
            f" to write there, others not, and it needs the sticky bit: {right}"
        )


def _lists(settings: Settings) -> Iterator[tuple[str, Sequence[str]]]:
    """Every list of users and groups, and how it is called."""
    for role in ROLES:
        yield f"control.roles.{role}", _listed(settings.control.roles, role)
    yield "control.approval.approvers", settings.control.approval.approvers
    for pdu in settings.pdus:
        yield f"[pdu {pdu.name!r}] allow", pdu.allow or ()
        for number, outlet in pdu.outlets.items():
            yield f"[pdu {pdu.name!r}] outlets.{number}.allow", outlet.allow or ()


def _listed(roles: RoleSettings, role: str) -> tuple[str, ...]:
    return {"viewer": roles.viewer, "operator": roles.operator, "admin": roles.admin}[role]


@cache
def _unknown(one: str) -> str:
    """What is wrong with a user or `@group`; empty where this machine knows it."""
    if one == "*":
        return ""
    try:
        if one.startswith("@"):
            grp.getgrnam(one[1:])
        else:
            pwd.getpwnam(one)
    except (KeyError, ValueError):
        return f"this machine knows no {'group' if one.startswith('@') else 'user'} of that name"
    return ""
