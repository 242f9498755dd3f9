"""No secret of a configuration is missed where the log blanks them out."""

from __future__ import annotations

from pathlib import Path

from pdutui.cli.build import secrets_of, snmp_target
from pdutui.domain.secret import Secret
from pdutui.domain.v3 import V3User
from pdutui.settings import PduSettings, Settings, TrapSettings


def user(name: str) -> V3User:
    return V3User(
        user=name, auth="SHA256", auth_key=Secret(f"{name}-auth"), priv="AES128",
        priv_key=Secret(f"{name}-priv"),
    )  # fmt: skip


PDUS = (
    PduSettings(name="a", host="a", community=Secret("read"), write_community=Secret("write")),
    PduSettings(name="b", host="b", version="3", v3=user("ops"), v3_write=user("admin")),
)


def test_communities_and_pass_phrases_are_all_there() -> None:
    settings = Settings(
        state_dir=Path(), pdus=PDUS, traps=TrapSettings(communities=(Secret("trap"),))
    )
    assert {secret.reveal() for secret in secrets_of(settings)} >= {
        "read", "write", "trap", "ops-auth", "ops-priv", "admin-auth", "admin-priv"
    }  # fmt: skip


def test_a_target_has_the_users_of_its_pdu() -> None:
    target = snmp_target(PDUS[1])
    assert (target.version, target.v3, target.v3_write) == ("3", user("ops"), user("admin"))
    assert target.may_write
    assert "ops-auth" not in repr(target)
