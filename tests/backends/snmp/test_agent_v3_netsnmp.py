"""net-snmp as the manager of the agent's SNMPv3 engine: every pair of protocols that it has."""

from __future__ import annotations

import asyncio
import functools
import itertools
import subprocess

import pytest

from pdutui.backends.snmp.agent_v3 import V3Access, V3Engine, engine_id_of
from pdutui.domain.clock import SystemClock
from pdutui.domain.secret import Secret
from pdutui.domain.v3 import AuthName, PrivName, V3User

from ...support.agent import ServedMib
from ...support.little_mib import NAME, SWITCH, LittleMib
from ...support.netsnmp import needs_netsnmp
from ...support.netsnmp import netsnmp_v3 as ask

AUTH: dict[str, AuthName] = {
    "MD5": "MD5", "SHA": "SHA1", "SHA-224": "SHA224", "SHA-256": "SHA256", "SHA-384": "SHA384",
    "SHA-512": "SHA512",
}  # fmt: skip
PRIV: dict[str, PrivName] = {
    "DES": "DES", "AES": "AES128", "AES-192": "AES192", "AES-256": "AES256",
}  # fmt: skip
AUTH_KEY, PRIV_KEY = "auth-pass-phrase", "priv-pass-phrase"


def user(auth: str | None, priv: str | None) -> V3User:
    """The user of a pair of protocols, by net-snmp's names for them."""
    return V3User(
        user=f"{auth}/{priv}",
        auth=AUTH[auth] if auth else None,
        auth_key=Secret(AUTH_KEY) if auth else None,
        priv=PRIV[priv] if priv else None,
        priv_key=Secret(PRIV_KEY) if priv else None,
    )


def credentials(auth: str | None, priv: str | None) -> list[str]:
    level = "noAuthNoPriv" if auth is None else "authNoPriv" if priv is None else "authPriv"
    said = ["-u", f"{auth}/{priv}", "-l", level]
    said += ["-a", auth, "-A", AUTH_KEY] if auth else []
    return said + (["-x", priv, "-X", PRIV_KEY] if priv else [])


@functools.cache
def known_here() -> str:
    """The protocols that this build of net-snmp lists."""
    done = subprocess.run(["snmpget", "-h"], capture_output=True, text=True, timeout=10)
    return done.stdout + done.stderr


def engine(*users: V3User, context: str = "") -> V3Engine:
    return V3Engine(
        SystemClock(),
        engine_id=engine_id_of("test"),
        users=[V3Access(one, may_write=True) for one in users],
        context=context,
    )


@needs_netsnmp
@pytest.mark.parametrize(("auth", "priv"), itertools.product(AUTH, PRIV))
async def test_every_pair_of_protocols_reads_and_writes(auth: str, priv: str) -> None:
    for name in (auth, priv):
        if name not in known_here():
            pytest.skip(f"this net-snmp has no {name}")
    mib = LittleMib()
    login = credentials(auth, priv)
    async with ServedMib(mib, v3=engine(user(auth, priv))) as served:
        (got, read), (put, _) = await asyncio.gather(
            ask("snmpget", served.port, login, NAME),
            ask("snmpset", served.port, login, SWITCH, "i", "3"),
        )
    assert (got, "little" in read) == (0, True), read
    assert (put, mib.switch) == (0, 3)


@needs_netsnmp
@pytest.mark.parametrize("auth", [None, *AUTH])
async def test_every_user_without_privacy_walks(auth: str | None) -> None:
    if auth is not None and auth not in known_here():
        pytest.skip(f"this net-snmp has no {auth}")
    mib = LittleMib()
    async with ServedMib(mib, v3=engine(user(auth, None))) as served:
        code, out = await ask("snmpbulkwalk", served.port, credentials(auth, None), ".1")
    assert code == 0, out
    lines = [line for line in out.splitlines() if "No more variables" not in line]
    assert len(lines) == len(mib)


@needs_netsnmp
@pytest.mark.parametrize(
    ("change", "said"),
    [
        (["-u", "nobody"], "Unknown user name"),
        (["-A", "another-phrase"], "Authentication failure"),
        (["-a", "MD5"], "Authentication failure"),
        (["-X", "another-phrase"], "Decryption error"),
        (["-x", "DES"], "Decryption error"),
        (["-n", "rack"], "Bad context specified"),
        (["-l", "authNoPriv"], "authorizationError"),
        (["-l", "noAuthNoPriv"], "authorizationError"),
    ],
)
async def test_net_snmp_can_tell_what_is_wrong(change: list[str], said: str) -> None:
    login = credentials("SHA-256", "AES") + change
    async with ServedMib(LittleMib(), v3=engine(user("SHA-256", "AES"))) as served:
        code, out = await ask("snmpget", served.port, login, NAME)
    assert code != 0
    assert said.lower() in out.lower()
    assert "little" not in out


@needs_netsnmp
async def test_a_user_without_privacy_is_not_asked_with_it() -> None:
    login = ["-u", "SHA-256/None", *credentials("SHA-256", "AES")[2:]]
    async with ServedMib(LittleMib(), v3=engine(user("SHA-256", None))) as served:
        _, out = await ask("snmpget", served.port, login, NAME)
    assert "Unsupported security level" in out


@needs_netsnmp
async def test_a_context_of_its_own() -> None:
    login = [*credentials("SHA", "AES"), "-n", "rack"]
    async with ServedMib(LittleMib(), v3=engine(user("SHA", "AES"), context="rack")) as served:
        code, out = await ask("snmpget", served.port, login, NAME)
    assert (code, "little" in out) == (0, True)
