"""A reading as a table: nothing invented, nothing that drives the terminal."""

from __future__ import annotations

from datetime import UTC, datetime

from pdutui.cli.text import reading_text
from pdutui.domain.reading import (
    Ats,
    Bank,
    Inlet,
    Outlet,
    Phase,
    PollStats,
    Reading,
    Sensor,
    Source,
)

READING = Reading(
    pdu="rack1-a",
    time=datetime(2026, 11, 20, 14, 2, 11, 3000, tzinfo=UTC),
    vendor="CyberPower",
    model="PDU44001",
    name="ATS011",
    firmware="1.3.2",
    uptime_s=812345,
    inlets=(
        Inlet(number=1, name="I1", voltage_v=120.9, current_a=3.1, power_w=361, rating_a=20,
              state="normal"),
    ),
    banks=(
        Bank(number=1, name="Bank 1", current_a=1.8, rating_a=16, state="warning"),
        Bank(number=2, name="Bank 2", state="unknown"),
    ),
    outlets=(
        Outlet(number=1, name="db01", state="on", bank=1, switchable=True, power_w=104),
        Outlet(number=10, name="x\x1b[2Jy", state="off", bank=2, pending="reboot"),
        Outlet(number=11, name="", state="unknown", switchable=True, power_w=0),
    ),
    ats=Ats(
        active="A", preferred="B", redundancy="lost", phase_sync="out_of_sync",
        sources=(
            Source(id="A", name="Source A", voltage_v=120.9, frequency_hz=60, state="normal"),
            Source(id="B", name="Source B", state="under_voltage"),
        ),
    ),
    sensors=(Sensor(name="Env 1", kind="temperature", value=20.7, unit="degC", state="normal"),),
    poll=PollStats(duration_ms=11.84, errors=("lost a datagram",)),
)  # fmt: skip

EXPECTED = """\
rack1-a  CyberPower PDU44001  "ATS011"  firmware 1.3.2  up 9 d 9 h  2026-11-20 14:02:11 UTC  11.8 ms
total 361 W  3.10 A  16 % of the rating

  inlet  name      V     A    W  rating A  load %  state
      1  I1    120.9  3.10  361        20      16  normal

  bank  name       A  rating A  state
     1  Bank 1  1.80        16  warning
     2  Bank 2     -         -  unknown

  transfer switch: active A, preferred B, redundancy lost, out of sync
  source  name          V    Hz  state
  A *     Source A  120.9  60.0  normal
  B       Source B      -     -  under voltage

  outlet  state    name    bank    W  note
       1  on       db01       1  104  -
      10  off      x?[2Jy     2    -  pending reboot, not switchable
      11  unknown  -          -    0  -

  sensor  kind         value  unit  state
  Env 1   temperature   20.7  °C    normal
error: lost a datagram"""


def test_a_reading_as_a_table() -> None:
    assert reading_text(READING) == EXPECTED


def test_a_reading_that_says_nothing() -> None:
    text = reading_text(Reading(pdu="p", time=READING.time))
    assert text == ("p  unknown model  2026-11-20 14:02:11 UTC  0.0 ms\ntotal - W  - A")


CHAIN = Reading(
    pdu="row3",
    time=READING.time,
    inlets=(
        Inlet(number=1, name="I1", module=1, power_w=900, rating_a=16),
        Inlet(number=2001, name="I1", module=2, power_w=300, current_a=1.4, rating_a=16),
    ),
    phases=(
        Phase(number=1, name="L1", module=1, current_a=1.2, power_w=280, state="normal"),
        Phase(number=2, name="L2", module=1, current_a=2.6, power_w=620, state="warning"),
    ),
    banks=(
        Bank(number=1, name="Bank 1", module=1, current_a=3.8),
        Bank(number=2001, name="Bank 1", module=2, current_a=1.4),
    ),
    outlets=(
        Outlet(number=3, name="db01", state="on", module=1, label="1.3", bank=1, switchable=True),
        Outlet(
            number=2003, name="db02", state="on", module=2, label="2.3", bank=2001, switchable=True
        ),
    ),
)


def test_phases_and_the_units_of_a_chain() -> None:
    text = reading_text(CHAIN)
    assert (
        text.split("\n", 1)[1]
        == """\
total 1200 W  - A  16 % of the rating

  inlet  unit  name     A    W  rating A  load %  state
      1     1  I1       -  900        16       -  unknown
      1     2  I1    1.40  300        16       9  unknown

  phase  unit  name     A    W  state
      1     1  L1    1.20  280  normal
      2     1  L2    2.60  620  warning

  bank  unit  name       A  state
     1     1  Bank 1  3.80  unknown
     1     2  Bank 1  1.40  unknown

  outlet  place  state  name  bank
       3  1.3    on     db01     1
    2003  2.3    on     db02     1"""
    )


def test_limits_are_not_rounded() -> None:
    bank = Bank(number=1, name="Bank 1", rating_a=16.0, warning_a=12.8, critical_a=None)
    text = reading_text(Reading(pdu="a", time=READING.time, banks=(bank,)))
    heads, row = (line.split() for line in text.splitlines()[-2:])
    assert heads == ["bank", "name", "rating", "A", "warning", "A", "state"]
    assert row == ["1", "Bank", "1", "16", "12.8", "unknown"]
