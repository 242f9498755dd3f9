"""The bad line: what is lost, doubled, late and rubbish, by the dice of a seed."""

from __future__ import annotations

import asyncio

import pytest

from pdutui.backends.snmp import ber
from pdutui.backends.snmp.faults import Faults, Line

from ...support.clock import ManualClock

ANSWER = ber.tlv(ber.SEQUENCE, b"\x02\x01\x01\x04\x06public" + bytes(range(40)))
MANY = 4000


def line(**faults: float) -> Line:
    return Line(Faults(**faults), ManualClock())  # type: ignore[arg-type]


def carried(of: Line) -> list[list[tuple[float, bytes]]]:
    return [of.carry(ANSWER) for _ in range(MANY)]


def test_a_good_line() -> None:
    good = line()
    assert not any(good.loses_request() for _ in range(100))
    assert good.carry(ANSWER) == [(0.0, ANSWER)]


def test_loss_in_each_direction() -> None:
    bad = line(loss=0.2)
    lost_in = sum(bad.loses_request() for _ in range(MANY))
    lost_out = sum(not out for out in carried(bad))
    for lost in (lost_in, lost_out):
        assert lost / MANY == pytest.approx(0.2, abs=0.03)


def test_duplicates() -> None:
    twice = sum(len(out) == 2 for out in carried(line(duplicate=0.3)))
    assert twice / MANY == pytest.approx(0.3, abs=0.03)


def test_garbage_comes_before_or_instead_and_is_never_an_answer() -> None:
    seen = carried(line(garbage=0.4))
    rubbish = [data for out in seen for _, data in out if data != ANSWER]
    instead = [out for out in seen if all(data != ANSWER for _, data in out)]
    assert len(rubbish) / MANY == pytest.approx(0.4, abs=0.03)
    assert len(instead) / MANY == pytest.approx(0.2, abs=0.03)
    assert b"" in rubbish
    for data in rubbish:
        with pytest.raises(ber.BadMessage):
            ber.decode_message(data)
    before = [out for out in seen if len(out) == 2]
    assert all(out[1][1] == ANSWER for out in before)


def test_delay() -> None:
    assert line(delay_ms=250).carry(ANSWER) == [(0.25, ANSWER)]


def test_the_same_seed_makes_the_same_faults() -> None:
    faults = {"loss": 0.3, "duplicate": 0.3, "garbage": 0.3}
    assert carried(line(**faults, seed=5)) == carried(line(**faults, seed=5))
    assert carried(line(**faults, seed=5)) != carried(line(**faults, seed=6))


def test_silence_after_a_time() -> None:
    clock = ManualClock()
    dying = Line(Faults(silent_after_s=3.0), clock)
    clock.advance(2.9)
    assert not dying.loses_request()
    clock.advance(0.1)
    assert dying.loses_request()
    clock.advance(3600)
    assert dying.loses_request()


async def test_a_late_answer_on_a_real_socket() -> None:
    from pdutui.backends.mock.build import mock_pdu
    from pdutui.backends.snmp.profile_load import load_builtin
    from pdutui.backends.snmp.serve import ModelMib

    from ...support.agent import ServedMib
    from ...support.netsnmp import value

    clock = ManualClock()
    model = mock_pdu("pdu44001", start_s=clock.monotonic(), incidents=False)
    mib = ModelMib(load_builtin("cyberpower-epdu"), model, clock)
    loop = asyncio.get_running_loop()
    async with ServedMib(mib, faults=Faults(delay_ms=300, duplicate=1.0)) as agent:
        began = loop.time()
        assert await value(agent.port, "1.3.6.1.2.1.1.5.0") == '"ATS-R2"'
        assert loop.time() - began >= 0.3
