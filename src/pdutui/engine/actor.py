"""Who is at the keyboard, as the audit names them."""

from __future__ import annotations

import ipaddress
import os
import pwd
from collections.abc import Mapping

from pdutui.domain.commands import Actor, Origin


def current_actor(env: Mapping[str, str], origin: Origin) -> Actor:
    """The OS user of this process, and the far end of its SSH session if it has one.

    The user is looked up by uid: `USER` and `LOGNAME` are anybody's to set. Somebody who came by
    sudo is named with it.

    Args:
        env: the environment; `SSH_CONNECTION`, `SSH_CLIENT` and `SUDO_USER` are read.
        origin: console or cli.
    """
    return Actor(user=_user(env), ssh_origin=_ssh_origin(env), origin=origin)


def _user(env: Mapping[str, str]) -> str:
    uid = os.getuid()
    try:
        name = pwd.getpwuid(uid).pw_name
    except KeyError:
        name = f"uid {uid}"
    behind = env.get("SUDO_USER", "")
    if uid == 0 and behind and behind != name and behind.isprintable():
        return f"{name} (sudo by {behind[:64]})"
    return name


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
