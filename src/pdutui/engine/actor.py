"""Who is at the keyboard, as roles go by and the audit names them."""

from __future__ import annotations

import grp
import ipaddress
import os
import pwd
from collections.abc import Mapping
from pathlib import Path

from pdutui.domain.commands import Actor, Origin

LOGIN_UID = Path("/proc/self/loginuid")
"""Whom the session was opened for; the kernel lets nobody change it who is not root."""
_UNSET = 0xFFFF_FFFF
_LONGEST_NAME = 64


def current_actor(
    env: Mapping[str, str], origin: Origin, login_uid: Path = LOGIN_UID, *, browser: str = ""
) -> Actor:
    """The OS user of this process, and the far end of its SSH session if it has one.

    The user is looked up by uid: `USER` and `LOGNAME` are anybody's to set. Somebody who came by
    sudo is named with it. Groups are those that the kernel gives this process and those that the
    system's database gives the user.

    `behind` says who else this is. `SUDO_USER` is in it though a variable can be set by hand: it
    gives no right, and one name more makes two people one, which only ever refuses.

    Args:
        env: the environment; `SSH_CONNECTION`, `SSH_CLIENT` and `SUDO_USER` are read.
        origin: console or cli.
        login_uid: the file that says whom the session was opened for.
        browser: the address of the browser that the console is drawn in; it is named, since the
            user alone does not say who sits there.
    """
    uid = os.getuid()
    login = _name_of(uid)
    sudo = _sudo_user(env, login)
    others = (sudo, _login_user(login_uid))
    user = f"{login} (sudo by {sudo})" if uid == 0 and sudo else login
    return Actor(
        user=f"{user} (browser at {browser})" if browser else user,
        ssh_origin=_ssh_origin(env),
        origin=origin,
        login=login,
        uid=uid,
        groups=_groups(uid),
        behind=tuple(dict.fromkeys(name for name in others if name and name != login)),
    )


def _name_of(uid: int) -> str:
    try:
        return pwd.getpwuid(uid).pw_name
    except KeyError:
        return f"uid {uid}"


def _sudo_user(env: Mapping[str, str], login: str) -> str:
    behind = env.get("SUDO_USER", "")
    return behind[:_LONGEST_NAME] if behind != login and behind.isprintable() else ""


def _login_user(login_uid: Path) -> str:
    """Whom the session was opened for; empty where the system does not say."""
    try:
        uid = int(login_uid.read_text("ascii"))
    except (OSError, ValueError):
        return ""
    return "" if uid == _UNSET or uid < 0 else _name_of(uid)


def _groups(uid: int) -> tuple[str, ...]:
    """The names of all groups; one without a name gives nothing that a list could hold."""
    numbers = {os.getgid(), *os.getgroups()}
    try:
        entry = pwd.getpwuid(uid)
        numbers.update(os.getgrouplist(entry.pw_name, entry.pw_gid))
    except (KeyError, OSError):
        pass
    names = set()
    for number in numbers:
        try:
            names.add(grp.getgrgid(number).gr_name)
        except KeyError:
            continue
    return tuple(sorted(names))


def _ssh_origin(env: Mapping[str, str]) -> str | None:
    """The client's address: the first word of either variable, if it is an address."""
    for variable in ("SSH_CONNECTION", "SSH_CLIENT"):
        words = env.get(variable, "").split()
        if not words:
            continue
        try:
            return str(ipaddress.ip_address(words[0]))
        except ValueError:
            continue
    return None
