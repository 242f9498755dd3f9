from __future__ import annotations

import grp
import os
import pwd
from pathlib import Path

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


def as_user(monkeypatch: pytest.MonkeyPatch, uid: int) -> None:
    monkeypatch.setattr(os, "getuid", lambda: uid)


def test_roles_go_by_the_login_alone_and_by_the_groups_of_the_system(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    as_user(monkeypatch, 0)
    groups = {0: "root", 27: "sudo", 1200: "power"}
    monkeypatch.setattr(os, "getgid", lambda: 0)
    monkeypatch.setattr(os, "getgroups", lambda: [27, 4711])
    monkeypatch.setattr(os, "getgrouplist", lambda name, gid: [0, 1200])

    def named(number: int) -> grp.struct_group:
        if number not in groups:
            raise KeyError(number)
        return grp.struct_group((groups[number], "x", number, []))

    monkeypatch.setattr(grp, "getgrgid", named)
    actor = current_actor({"SUDO_USER": "alice"}, "cli", tmp_path / "none")
    assert (actor.login, actor.login_name, actor.uid) == ("root", "root", 0)
    assert actor.groups == ("power", "root", "sudo"), "4711 has no name that a list could hold"


@pytest.mark.parametrize(
    ("sudo", "login_uid", "behind"),
    [
        ("alice", None, ("alice",)),
        ("alice", "0", ("alice",)),
        ("", "4000000001", ("uid 4000000001",)),
        ("alice", "4000000001\n", ("alice", "uid 4000000001")),
        ("", "4294967295", ()),
        ("", "-1", ()),
        ("", "nonsense", ()),
        ("root", None, ()),
    ],
)
def test_who_else_somebody_is(
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
    sudo: str,
    login_uid: str | None,
    behind: tuple[str, ...],
) -> None:
    as_user(monkeypatch, 0)
    file = tmp_path / "loginuid"
    if login_uid is not None:
        file.write_text(login_uid)
    actor = current_actor({"SUDO_USER": sudo}, "console", file)
    assert actor.behind == behind
    assert actor.names == {"root", *behind}


def test_a_user_without_an_entry_has_the_groups_of_the_process(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    as_user(monkeypatch, 4_000_000_000)
    actor = current_actor({"SUDO_USER": "alice"}, "console", tmp_path / "none")
    assert (actor.login, actor.uid, actor.user) == (
        "uid 4000000000", 4_000_000_000, "uid 4000000000",
    )  # fmt: skip
    assert actor.behind == ("alice",), "it gives no right, and makes two people one"
