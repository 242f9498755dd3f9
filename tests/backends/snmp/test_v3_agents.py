"""SNMPv3 against agents of others: every protocol is understood, every mistake told apart."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from typing import NamedTuple

import msgspec
import pytest

from pdutui.backends.base import BackendError, CommandRejected
from pdutui.backends.snmp import v3_reader
from pdutui.backends.snmp.types import SnmpValue
from pdutui.backends.snmp.usm_keys import AUTHS, KEY_SIZES
from pdutui.domain.v3 import V3User
from tests.backends.snmp.test_usm import user
from tests.support.snmp_client import client_for
from tests.support.snmpd import LOCATION, Snmpd, needs_snmpd
from tests.support.snmpsim import SnmpsimAgent

NAME = "1.3.6.1.2.1.1.5.0"
CONTEXT = "pdu"
OPS, PROVED = user(name="SHA256-AES128"), user(priv=None, name="SHA256-None")
BY_NET_SNMP = [priv for priv in KEY_SIZES if not priv.endswith("C")]
"""net-snmp on Debian knows the extensions of the Blumenthal draft only."""


def everybody(privs: list[str]) -> list[V3User]:
    """A user for each pair of protocols, and one without any."""
    pairs = [(auth, priv) for auth in AUTHS for priv in (None, *privs)]
    users = [user(auth, priv, name=f"{auth}-{priv}") for auth, priv in pairs]  # type: ignore[arg-type]
    return [*users, user(None, None, name="plain")]


class Foreign(NamedTuple):
    """An agent and who may ask it."""

    port: int
    users: list[V3User]
    context: str

    def there(self, who: V3User) -> V3User:
        """A user in the context that the agent wants."""
        return msgspec.structs.replace(who, context=who.context or self.context)


@pytest.fixture(scope="module")
def snmpsim(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Foreign]:
    folder = tmp_path_factory.mktemp("v3")
    lines = ["1.3.6.1.2.1.1.2.0|6|1.3.6.1.4.1.3808", f"{NAME}|4|name"]
    lines.append(f"{LOCATION}|4:writecache|value=here")
    (folder / f"{CONTEXT}.snmprec").write_text("\n".join(lines) + "\n")
    users = everybody(list(KEY_SIZES))
    with SnmpsimAgent(folder, users=users) as agent:
        yield Foreign(agent.port, users, CONTEXT)


@pytest.fixture(scope="module")
def snmpd() -> Iterator[Foreign]:
    users = everybody(list(BY_NET_SNMP))
    with Snmpd(users) as agent:
        yield Foreign(agent.port, users, "")


@pytest.fixture(params=["snmpsim", pytest.param("snmpd", marks=needs_snmpd)])
def foreign(request: pytest.FixtureRequest) -> Foreign:
    found: Foreign = request.getfixturevalue(request.param)
    return found


async def test_every_pair_of_protocols(foreign: Foreign) -> None:
    async def costs(who: V3User) -> list[int]:
        requests = []
        async with client_for(foreign.port, v3=foreign.there(who)) as client:
            for _ in range(3):
                assert NAME in (await client.get([NAME])).values
                requests.append(client.requests)
        return requests

    assert len(foreign.users) >= 31
    for who in foreign.users:
        assert await costs(who) == [2, 3, 4], who.user


async def test_walks_by_getbulk(foreign: Foreign) -> None:
    async with client_for(foreign.port, v3=foreign.there(OPS)) as client:
        rows = dict(await client.walk("1.3.6.1.2.1.1"))
        assert NAME in rows
        assert LOCATION in rows
        assert client.requests <= 4


async def test_a_write_user(foreign: Foreign) -> None:
    ops = foreign.there(OPS)
    sent: list[int] = []
    async with client_for(foreign.port, v3=foreign.there(PROVED), v3_write=ops) as client:
        await client.set(LOCATION, SnmpValue("string", "Räck 7"), lambda: sent.append(1))
        assert (await client.get([LOCATION])).values == {LOCATION: "Räck 7".encode()}
        with pytest.raises(CommandRejected):
            await client.set("1.3.6.1.2.1.1.2.0", SnmpValue("oid", "1.3.6"), lambda: None)
    assert sent == [1]


WRONG = {
    "user": (user(name="nobody"), {"snmpsim": "no user 'nobody'", "snmpd": "no user 'nobody'"}),
    "auth key": (
        user(name=OPS.user, auth_key="wrong phrase"),
        {"snmpsim": "usmStatsWrongDigests", "snmpd": "usmStatsWrongDigests"},
    ),
    "auth protocol": (
        user("SHA512", name=OPS.user),
        {"snmpsim": "its protocol is not SHA512", "snmpd": "its protocol is not SHA512"},
    ),
    "priv key": (
        user(name=OPS.user, priv_key="wrong phrase"),
        {"snmpsim": "usmStatsDecryptionErrors", "snmpd": "privacy pass phrase is wrong"},
    ),
    "priv protocol": (
        user(priv="DES", name=OPS.user),
        {"snmpsim": "its protocol is not DES", "snmpd": "its protocol is not DES"},
    ),
    "level too low": (
        user(priv=None, name=OPS.user),
        {"snmpsim": "not set up there for authNoPriv", "snmpd": "may not read there with authNo"},
    ),
    "level too high": (
        user(name=PROVED.user),
        {"snmpsim": "only without privacy", "snmpd": "not set up there for authPriv"},
    ),
    "context": (
        msgspec.structs.replace(OPS, context="nowhere"),
        {"snmpsim": "has no context 'nowhere'", "snmpd": "it has no context 'nowhere'"},
    ),
}


@pytest.mark.parametrize("agent", ["snmpsim", pytest.param("snmpd", marks=needs_snmpd)])
async def test_what_is_wrong_is_told_apart(agent: str, request: pytest.FixtureRequest) -> None:
    """All at once: most of it is waiting."""
    foreign: Foreign = request.getfixturevalue(agent)

    async def said(who: V3User) -> str:
        async with client_for(
            foreign.port, v3=foreign.there(who), timeout_s=0.6, retries=0
        ) as client:
            try:
                await client.get([NAME])
            except BackendError as error:
                return f"{type(error).__name__}: {error}"
        return "it was answered"

    found = await asyncio.gather(*(said(who) for who, _ in WRONG.values()))
    for (about, (_, words)), text in zip(WRONG.items(), found, strict=True):
        assert text.startswith("Refused: "), (about, text)
        assert words[agent] in text, (about, text)


@needs_snmpd
async def test_net_snmp_restarted_and_replaced(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(v3_reader, "_DISCOVERY_GAP_S", 0.0)
    with Snmpd([OPS]) as agent:
        async with client_for(agent.port, v3=OPS, timeout_s=1.0) as client:
            assert NAME in (await client.get([NAME])).values
            agent.stop()
            agent.start()  # boots once more
            assert NAME in (await client.get([NAME])).values
            assert client.requests == 4
            agent.stop()
            agent.set_up([OPS], engine_id="80001f88046e6577")
            agent.start()
            assert NAME in (await client.get([NAME])).values
            asked = client.requests
            await client.get([NAME])
            assert client.requests == asked + 1
