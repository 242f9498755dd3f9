from __future__ import annotations

import os
import pwd

import pytest

from pdutui.engine.actor import current_actor

ME = pwd.getpwuid(os.getuid()).pw_name


@pytest.mark.parametrize(
    ("env", "origin"),
    [
        ({}, None),
        ({"SSH_CONNECTION": "192.0.2.7 50022 10.0.0.1 22"}, "192.0.2.7"),
        ({"SSH_CONNECTION": "2001:db8::7 50022 2001:db8::1 22"}, "2001:db8::7"),
        ({"SSH_CLIENT": "192.0.2.8 50022 22"}, "192.0.2.8"),
        ({"SSH_CONNECTION": "", "SSH_CLIENT": "192.0.2.8 1 22"}, "192.0.2.8"),
        ({"SSH_CONNECTION": "\x1b[2J 1 2 3"}, None),
    ],
)
def test_ssh_origin(env: dict[str, str], origin: str | None) -> None:
    actor = current_actor(env, "cli")
    assert (actor.ssh_origin, actor.origin, actor.user) == (origin, "cli", ME)


def test_the_environment_cannot_lie_about_the_user() -> None:
    actor = current_actor({"USER": "mallory", "LOGNAME": "mallory"}, "console")
    assert actor.user == ME


def test_somebody_behind_sudo_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "getuid", lambda: 0)
    assert current_actor({"SUDO_USER": "alice"}, "console").user == "root (sudo by alice)"
    assert current_actor({"SUDO_USER": "a\x1b"}, "console").user == "root"
    monkeypatch.setattr(os, "getuid", lambda: 4_000_000_000)
    assert current_actor({"SUDO_USER": "alice"}, "console").user == "uid 4000000000"
