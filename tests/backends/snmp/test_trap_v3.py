"""SNMPv3 traps and informs, by net-snmp and by hand."""

from __future__ import annotations

import random
import stat
from pathlib import Path

import pytest

from pdutui.backends.snmp import usm
from pdutui.backends.snmp.trap_engine import FILE, OwnEngine, start_engine
from pdutui.backends.snmp.trap_rate import TrapLimits
from pdutui.backends.snmp.trap_v3 import Credential, Proved, Untrusted, V3Receiver
from pdutui.backends.snmp.usm import UserKeys
from pdutui.backends.snmp.v3_message import scoped_pdu
from pdutui.domain.secret import Secret
from pdutui.domain.v3 import Level, V3User
from tests.support.netsnmp import needs_netsnmp
from tests.support.traps import OUTLET, OUTLET_OFF, Listening, netsnmp_trap, v2_trap

DEVICE = bytes.fromhex("8000000001020304")
OPS = V3User(
    user="ops", auth="SHA256", auth_key=Secret("authpass123"),
    priv="AES128", priv_key=Secret("privpass123"),
)  # fmt: skip
TRAP = (OUTLET_OFF, f"{OUTLET}.3", "i", "3")


def login(*, auth: str = "authpass123", priv: str = "privpass123", user: str = "ops") -> list[str]:
    return ["-v3", "-l", "authPriv", "-u", user, "-a", "SHA-256", "-A", auth, "-x", "AES",
            "-X", priv, "-r", "0", "-t", "2"]  # fmt: skip


def users(*made: tuple[str, V3User]) -> list[Credential]:
    return [Credential(owner, UserKeys(user)) for owner, user in made]


@needs_netsnmp
async def test_a_trap_and_an_inform_of_net_snmp() -> None:
    async with Listening() as heard:
        heard.senders.users = users(("rack1-a", OPS))
        at = f"127.0.0.1:{heard.port}"
        engine = "0x" + DEVICE.hex()
        code, out = await netsnmp_trap("snmptrap", *login(), "-e", engine, at, "", *TRAP)
        assert code == 0, out
        await heard.wait(1)
        trap = heard.arrivals[0]
        assert (trap.engine_id, trap.level, trap.owners) == (DEVICE, "authPriv", ("rack1-a",))
        code, out = await netsnmp_trap("snmpinform", *login(), at, "", *TRAP)
        assert code == 0, out
        await heard.wait(2)
        inform = heard.arrivals[1]
        assert inform.notification.inform
        assert inform.engine_id is None
        assert inform.notification.variables[0].value == 3
        assert not heard.refused


@needs_netsnmp
@pytest.mark.parametrize(
    ("change", "why"),
    [
        ({"auth": "authpassXXX"}, "wrong SNMPv3 authentication key"),
        ({"priv": "privpassXXX"}, "wrong SNMPv3 privacy key"),
        ({"user": "other"}, "unknown SNMPv3 user"),
    ],
)
async def test_wrong_credentials_are_named_and_not_heard(change: dict[str, str], why: str) -> None:
    async with Listening() as heard:
        heard.senders.users = users(("rack1-a", OPS))
        at = f"127.0.0.1:{heard.port}"
        await netsnmp_trap("snmptrap", *login(**change), "-e", "0x" + DEVICE.hex(), at, "", *TRAP)
        await heard.until(1)
        assert not heard.arrivals
        assert heard.refused[0].why == why


def message(
    keys: UserKeys,
    *,
    engine_id: bytes = DEVICE,
    boots: int = 5,
    time: int = 1000,
    tag: int = 0xA7,
    level: Level | None = None,
) -> usm.V3Message:
    whole = v2_trap(OUTLET_OFF, (f"{OUTLET}.3", 3), tag=tag)
    pdu = whole[whole.index(bytes((tag,)), 10) :]
    sealed = usm.seal(
        scoped_pdu(DEVICE, b"", pdu), keys=keys, msg_id=9, engine_id=engine_id, boots=boots,
        time=time, reportable=tag == 0xA6, level=level,
    )  # fmt: skip
    return usm.parse(sealed)


def receiver() -> V3Receiver:
    return V3Receiver(OwnEngine(b"\x80\x00own-engine", 4, 0.0))


def test_an_old_trap_sent_again_is_refused() -> None:
    keys, made = UserKeys(OPS), users(("a", OPS))
    taker = receiver()
    assert isinstance(taker.receive(message(keys), made, 0.0), Proved)
    taker.receive(message(keys, time=1010), made, 10.0)
    with pytest.raises(Untrusted, match="an old message"):
        taker.receive(message(keys, time=1000), made, 200.0)
    with pytest.raises(Untrusted, match="an old message"):
        taker.receive(message(keys, boots=4, time=99999), made, 200.0)
    taker.receive(message(keys, boots=6, time=1), made, 200.0)


def test_a_lower_level_than_set_is_refused() -> None:
    keys, made = UserKeys(OPS), users(("a", OPS))
    for level in ("noAuthNoPriv", "authNoPriv"):
        with pytest.raises(Untrusted, match="wrong SNMPv3 security level"):
            receiver().receive(message(keys, level=level), made, 0.0)


def test_users_of_one_name_with_different_pass_phrases_tell_pdus_apart() -> None:
    other = V3User(user="ops", auth="SHA256", auth_key=Secret("otherpass12"),
                   priv="AES128", priv_key=Secret("otherpriv12"))  # fmt: skip
    made = users(("a", OPS), ("b", other))
    assert receiver().receive(message(UserKeys(other)), made, 0.0).owners == ("b",)
    assert receiver().receive(message(UserKeys(OPS)), made, 0.0).owners == ("a",)


def test_an_inform_needs_our_clock() -> None:
    keys, made = UserKeys(OPS), users(("a", OPS))
    taker = receiver()
    ours = taker.engine.engine_id
    with pytest.raises(Untrusted, match="engine") as caught:
        taker.receive(message(keys, tag=0xA6), made, 0.0)
    report = usm.parse(caught.value.answer or b"")
    assert (report.engine_id, report.boots, caught.value.routine) == (ours, 4, True)
    late = message(keys, engine_id=ours, boots=4, time=0, tag=0xA6)
    with pytest.raises(Untrusted, match="clock out of window") as caught:
        taker.receive(late, made, 500.0)
    report = usm.parse(caught.value.answer or b"")
    usm.verify(report, keys)
    assert report.time == 500
    right = message(keys, engine_id=ours, boots=4, time=480, tag=0xA6)
    proved = taker.receive(right, made, 500.0)
    assert proved.answer is not None
    answer = usm.unseal(usm.parse(proved.answer), keys)
    assert answer.pdu[0] == 0xA2


def test_our_engine_stays_and_counts_its_starts(tmp_path: Path) -> None:
    first, trouble = start_engine(tmp_path, 0.0)
    second, _ = start_engine(tmp_path, 0.0)
    assert trouble == ""
    assert first.engine_id == second.engine_id
    assert (first.boots, second.boots) == (1, 2)
    assert 5 <= len(first.engine_id) <= 32
    assert first.engine_id[0] & 0x80
    assert stat.S_IMODE((tmp_path / FILE).stat().st_mode) == 0o600
    assert [p.name for p in tmp_path.iterdir()] == [FILE]
    (tmp_path / FILE).write_text("{")
    third, _ = start_engine(tmp_path, 0.0)
    assert third.engine_id != first.engine_id
    lost, trouble = start_engine(tmp_path / "nowhere", 0.0)
    assert lost.boots == 1
    assert "cannot be written" in trouble


async def test_a_mangled_v3_trap_is_never_heard() -> None:
    """Signed and encrypted: not one of 2,000 damaged ones gets through, and none hurts."""
    dice = random.Random(3)
    limits = TrapLimits(burst=10_000, rate=1e6, all_burst=10_000, all_rate=1e6)
    async with Listening(limits=limits) as heard:
        heard.senders.users = users(("rack1-a", OPS))
        seed = message(UserKeys(OPS)).data
        for _ in range(2000):
            data = bytearray(seed)
            for _ in range(dice.randrange(1, 4)):
                place = dice.randrange(len(data))
                data[place] = (data[place] + dice.randrange(1, 256)) & 0xFF
            heard.listener.datagram_received(bytes(data), ("127.0.0.1", 5))
        assert [a for a in heard.arrivals if a.notification.variables[0].value != 3] == []
        assert heard.arrivals == []
        heard.listener.datagram_received(seed, ("127.0.0.1", 5))
        assert len(heard.arrivals) == 1
