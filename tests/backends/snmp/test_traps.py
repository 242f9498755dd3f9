"""The listener: what it takes, what it refuses, what it drops, and that nothing hurts it."""

from __future__ import annotations

import asyncio
import os
import random
import socket
import subprocess
import sys
import time
import tracemalloc

import pytest

from pdutui.backends.snmp.ber import BadMessage
from pdutui.backends.snmp.trap_counts import STRANGERS_KEPT
from pdutui.backends.snmp.trap_message import MAX_DATAGRAM, decode_trap
from pdutui.backends.snmp.trap_rate import Throttle, TrapLimits
from pdutui.backends.snmp.trap_socket import inherited_socket, open_socket, plain_address, why_not
from pdutui.backends.snmp.traps import Community
from pdutui.domain.address import AddressError, parse_listen
from pdutui.domain.secret import Secret
from tests.support.clock import ManualClock
from tests.support.netsnmp import needs_netsnmp
from tests.support.traps import (
    OUTLET,
    OUTLET_OFF,
    Listening,
    Senders,
    netsnmp_trap,
    send,
    v1_trap,
    v2_trap,
)

CPS = "1.3.6.1.4.1.3808"
TRAP = (OUTLET_OFF, f"{OUTLET}.3", "i", "3")


# what a datagram says


def test_a_v2_trap_by_its_bytes() -> None:
    """SNMPv2-Trap, community public, coldStart; written by hand."""
    datagram = bytes.fromhex(
        "3038 020101 0406 7075626c6963 a72b 020101 020100 020100 3020"
        "300d 0608 2b06010201010300 4301 2a"
        "300f 060a 2b060106030101040100 0601 2b".replace(" ", "")
    )
    with pytest.raises(BadMessage):
        decode_trap(datagram[:-1])
    # The value of snmpTrapOID above is the OID 1.3.
    note = decode_trap(datagram).notification
    assert (note.version, note.inform, note.oid, note.uptime_s) == ("2c", False, "1.3", 0.42)
    assert note.community == Secret("public")
    assert note.variables == ()


def test_a_v1_trap_gets_the_oid_of_a_v2_one() -> None:
    note = decode_trap(v1_trap(CPS, 6, 103, (f"{OUTLET}.3", 3))).notification
    assert (note.version, note.oid, note.agent) == ("1", f"{CPS}.0.103", "10.9.8.7")
    assert note.variables[0].value == 3
    assert decode_trap(v1_trap(CPS, 0, 0)).notification.oid == "1.3.6.1.6.3.1.1.5.1"
    assert decode_trap(v1_trap(CPS, 4, 9)).notification.oid == "1.3.6.1.6.3.1.1.5.5"


@pytest.mark.parametrize(
    "datagram",
    [
        b"",
        b"\x30\x00",
        v2_trap() + b"\x00",
        v2_trap(tag=0xA0),
        v2_trap(tag=0xA2),
        v1_trap(CPS, 7, 0),
        v1_trap(CPS, -1, 0),
        v2_trap(OUTLET_OFF, *((f"{OUTLET}.{n}", n) for n in range(70))),
        v2_trap().replace(b"\x2b\x06\x01\x06\x03\x01\x01\x04\x01\x00", b"\x2b" + b"\x01" * 9),
    ],
)
def test_what_is_no_trap(datagram: bytes) -> None:
    with pytest.raises(BadMessage):
        decode_trap(datagram)


def test_a_mangled_trap_never_names_another_outlet_unless_it_is_whole() -> None:
    """5,000 mutations: nothing but BadMessage; cut or stretched ones are never taken."""
    dice = random.Random(1)
    seeds = [
        v2_trap(OUTLET_OFF, (f"{OUTLET}.3", 3), (f"{CPS}.2.2.3.0", "Outlet 3 turned off")),
        v1_trap(CPS, 6, 103, (f"{OUTLET}.3", 3)),
        v2_trap(OUTLET_OFF, (f"{OUTLET}.3", 3), tag=0xA6),
    ]
    taken = 0
    for turn in range(5000):
        data = bytearray(dice.choice(seeds))
        kind = turn % 3
        if kind == 0:
            del data[dice.randrange(len(data)) :]
        elif kind == 1:
            data += bytes(dice.randrange(256) for _ in range(dice.randrange(1, 9)))
        else:
            for _ in range(dice.randrange(1, 4)):
                data[dice.randrange(len(data))] = dice.randrange(256)
        try:
            note = decode_trap(bytes(data)).notification
        except BadMessage:
            continue
        assert kind == 2, "a datagram that is too short or too long"
        taken += 1
        assert len(note.variables) <= 2
    assert taken < 5000 / 3


# who is heard


async def test_a_trap_of_a_known_pdu_arrives() -> None:
    async with Listening() as heard:
        send(heard.port, v2_trap(OUTLET_OFF, (f"{OUTLET}.3", 3)))
        await heard.wait(1)
        arrival = heard.arrivals[0]
        assert (arrival.owners, arrival.address) == (("rack1-a",), "127.0.0.1")
        assert arrival.notification.oid == OUTLET_OFF
        assert heard.listener.counts.accepted == 1


async def test_strangers_and_wrong_communities_are_counted_and_not_heard() -> None:
    async with Listening(Senders({})) as heard:
        send(heard.port, v2_trap(), v2_trap())
        await heard.until(2)
        assert not heard.arrivals
        (stranger,) = heard.listener.counts.strangers
        assert (stranger.address, stranger.count, stranger.oid, stranger.why) == (
            "127.0.0.1", 2, OUTLET_OFF, "unknown sender",
        )  # fmt: skip
    async with Listening() as heard:
        send(heard.port, v2_trap(community="publi"), v2_trap(community="public2"))
        await heard.until(2)
        assert not heard.arrivals
        assert heard.listener.counts.strangers[0].why == "wrong community"


async def test_a_community_of_one_pdu_tells_two_at_an_address_apart() -> None:
    senders = Senders({"127.0.0.1": ("a", "b")})
    senders.taken = [Community(Secret("for-a"), "a"), Community(Secret("for-b"), "b"),
                     Community(Secret("any"), None)]  # fmt: skip
    async with Listening(senders) as heard:
        for community in ("for-a", "for-b", "any"):
            send(heard.port, v2_trap(community=community))
        await heard.wait(3)
        assert [a.owners for a in heard.arrivals] == [("a",), ("b",), ("a", "b")]


async def test_informs_are_answered_once_accepted_and_told_once() -> None:
    async with Listening() as heard:
        loop = asyncio.get_running_loop()
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sock:
            sock.setblocking(False)
            sock.connect(("127.0.0.1", heard.port))
            inform = v2_trap(OUTLET_OFF, (f"{OUTLET}.3", 3), tag=0xA6, number=99)
            for _ in range(3):
                sock.send(inform)
                answer = await asyncio.wait_for(loop.sock_recv(sock, 2000), 2)
                assert answer == inform.replace(b"\xa6", b"\xa2", 1)
            sock.send(v2_trap(OUTLET_OFF, (f"{OUTLET}.3", 3), tag=0xA6, number=100))
            await asyncio.wait_for(loop.sock_recv(sock, 2000), 2)
            sock.send(v2_trap(tag=0xA6, community="wrong"))
            await heard.until(5)
            with pytest.raises(BlockingIOError):
                sock.recv(2000)
    assert len(heard.arrivals) == 2
    assert (heard.listener.counts.answered, heard.listener.counts.duplicates) == (4, 2)


async def test_what_is_too_long_is_not_looked_at() -> None:
    async with Listening() as heard:
        send(heard.port, v2_trap(OUTLET_OFF, (f"{OUTLET}.3", "x" * MAX_DATAGRAM)))
        await heard.until(1)
        assert heard.listener.counts.malformed == 1
        assert not heard.arrivals


async def test_ipv6_and_ipv4_through_it() -> None:
    senders = Senders({"127.0.0.1": ("four",), "::1": ("six",)})
    senders.taken = [Community(Secret("public"), None)]
    try:
        bound = await open_socket("::1", 0)
        bound.close()
    except OSError:
        pytest.skip("no IPv6 here")
    async with Listening(senders, host="::") as heard:
        send(heard.port, v2_trap())
        with socket.socket(socket.AF_INET6, socket.SOCK_DGRAM) as sock:
            sock.sendto(v2_trap(), ("::1", heard.port))
        await heard.wait(2)
        assert {a.owners for a in heard.arrivals} == {("four",), ("six",)}


# floods


async def test_a_flood_does_not_hold_up_the_loop_and_leaves_nothing_behind() -> None:
    """10,000 datagrams: the loop is never away for 50 ms of work, and memory is what it was."""
    async with Listening(limits=TrapLimits(burst=20, rate=5)) as heard:
        inform = v2_trap(OUTLET_OFF, (f"{OUTLET}.3", 3))
        worst, done = 0.0, False

        async def watch() -> None:
            nonlocal worst
            while not done:
                began = time.thread_time()  # what others do on this machine is not the loop's
                await asyncio.sleep(0.001)
                worst = max(worst, time.thread_time() - began)

        def flood() -> None:
            with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sock:
                for n in range(10_000):
                    sock.sendto(inform, ("127.0.0.1", heard.port))
                    if n % 1000 == 0:
                        time.sleep(0.005)  # a loaded machine is to hear of it too

        watching = asyncio.create_task(watch())
        tracemalloc.start()
        before, _ = tracemalloc.get_traced_memory()
        await asyncio.to_thread(flood)
        await asyncio.sleep(0.05)
        after, _ = tracemalloc.get_traced_memory()
        tracemalloc.stop()
        done = True
        await watching
        counts = heard.listener.counts
        assert counts.received > 500
        assert counts.accepted <= 20 + 5 * 5
        assert counts.dropped == counts.received - counts.accepted
        assert heard.overruns == counts.dropped
        assert worst < 0.05, f"the loop was away for {1000 * worst:.0f} ms"
        assert after - before < 200_000


async def test_strangers_cannot_use_up_what_is_there_for_pdus() -> None:
    clock = ManualClock()
    throttle = Throttle(TrapLimits(burst=20, rate=5, all_burst=50, all_rate=10), 0.0)
    passed = sum(throttle.admits(f"10.0.{n % 256}.1", False, 0.0) for n in range(5000))
    assert passed == 20
    assert throttle.admits("10.0.0.5", True, 0.0)
    assert sum(throttle.admits("10.0.0.5", True, 0.0) for _ in range(100)) == 19
    assert throttle.admits("10.0.0.5", True, 0.21)
    assert not throttle.admits("10.0.0.5", True, 0.22)
    for n in range(5000):
        throttle.admits(f"k{n}", True, 100.0)
    assert len(throttle) <= TrapLimits().sources
    async with Listening(Senders({}), clock=clock) as heard:
        tally = heard.listener._tally
        for n in range(1000):
            tally.stranger(f"10.0.{n // 256}.{n % 256}", "1.3", "unknown sender", clock.now())
        assert len(heard.listener.counts.strangers) == STRANGERS_KEPT


async def test_mangled_datagrams_at_the_socket() -> None:
    dice = random.Random(2)
    seed = v2_trap(OUTLET_OFF, (f"{OUTLET}.3", 3))
    huge = TrapLimits(burst=10_000, rate=10_000, all_burst=10_000, all_rate=10_000)
    async with Listening(limits=huge) as heard:
        for turn in range(20):
            mangled = []
            for _ in range(50):
                data = bytearray(seed)
                for _ in range(dice.randrange(1, 5)):
                    data[dice.randrange(len(data))] = dice.randrange(256)
                mangled.append(bytes(data))
            send(heard.port, *mangled)
            await heard.until(50 * (turn + 1))
        send(heard.port, seed)
        await heard.until(1001)
        assert heard.arrivals[-1].notification.variables[0].value == 3
        counts = heard.listener.counts
        assert counts.malformed + counts.untrusted + counts.accepted == 1001


# sockets


@pytest.mark.parametrize(
    ("text", "meant"),
    [
        ("0.0.0.0:162", ("0.0.0.0", 162)), (":1162", ("0.0.0.0", 1162)),
        ("1163", ("0.0.0.0", 1163)),
        ("10.0.0.5", ("10.0.0.5", 1162)), ("[::]:1162", ("::", 1162)), ("::1", ("::1", 1162)),
        ("127.0.0.1:0", ("127.0.0.1", 0)), ("[::1]:0", ("::1", 0)),
    ],
)  # fmt: skip
def test_where_to_listen(text: str, meant: tuple[str, int]) -> None:
    assert parse_listen(text, 1162) == meant


@pytest.mark.parametrize("text", ["", ":", "1.2.3.4:x", "1.2.3.4:70000", "a b:1"])
def test_where_nobody_can_listen(text: str) -> None:
    with pytest.raises(AddressError):
        parse_listen(text, 1162)


def test_addresses_in_one_form() -> None:
    assert plain_address("::ffff:10.0.0.5") == "10.0.0.5"
    assert plain_address("fe80::1%eth0") == "fe80::1"
    assert plain_address("2001:DB8:0:0::1") == "2001:db8::1"
    assert plain_address("pdu1.lan") == "pdu1.lan"


def test_a_port_below_1024_is_explained() -> None:
    text = why_not(PermissionError(13, "Permission denied"), "0.0.0.0", 162)
    assert "0.0.0.0:162" in text
    assert "socket unit" in text


def test_a_socket_of_systemd_is_taken_up() -> None:
    """In a process of its own: the descriptor must be 3."""
    code = (
        "import os, socket\n"
        "from pdutui.backends.snmp.trap_socket import inherited_socket\n"
        "env = {'LISTEN_PID': str(os.getpid()), 'LISTEN_FDS': '1', 'X': '1'}\n"
        "found = inherited_socket(env)\n"
        "print(found.getsockname()[1], env)\n"
        "print(inherited_socket({'LISTEN_PID': '1', 'LISTEN_FDS': '1'}))\n"
    )
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sock:
        sock.bind(("127.0.0.1", 0))
        port = sock.getsockname()[1]
        saved = os.dup(3) if _is_open(3) else None
        os.dup2(sock.fileno(), 3)
        try:
            done = subprocess.run(
                [sys.executable, "-c", code], pass_fds=(3,), capture_output=True, text=True
            )
        finally:
            if saved is None:
                os.close(3)
            else:
                os.dup2(saved, 3)
                os.close(saved)
    assert done.stdout == f"{port} {{'X': '1'}}\nNone\n", done.stderr
    assert inherited_socket({}) is None


def _is_open(fd: int) -> bool:
    try:
        os.fstat(fd)
    except OSError:
        return False
    return True


# net-snmp


@needs_netsnmp
@pytest.mark.parametrize(
    ("tool", "args"),
    [
        ("snmptrap", ("-v2c", "-c", "traps", "AT", "", *TRAP)),
        ("snmptrap", ("-v1", "-c", "public", "AT", CPS, "10.9.8.7", "6", "103", "", *TRAP[1:])),
        ("snmpinform", ("-v2c", "-c", "public", "-r", "0", "-t", "2", "AT", "", *TRAP)),
    ],
)
async def test_traps_of_net_snmp(tool: str, args: tuple[str, ...]) -> None:
    async with Listening() as heard:
        at = f"127.0.0.1:{heard.port}"
        code, out = await netsnmp_trap(tool, *(at if a == "AT" else a for a in args))
        assert code == 0, out
        await heard.wait(1)
        note = heard.arrivals[0].notification
        assert (note.oid, note.variables[0].oid, note.variables[0].value) == (
            OUTLET_OFF, f"{OUTLET}.3", 3,
        )  # fmt: skip
        assert note.inform == (tool == "snmpinform")
