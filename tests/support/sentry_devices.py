"""Hand-made Server Technology CDUs and PDUs, as values by OID."""

from __future__ import annotations

from tests.support.snmp_devices import Values, system, under

SENTRY3 = "1.3.6.1.4.1.1718.3"
SENTRY4 = "1.3.6.1.4.1.1718.4"

CONTROLLED = b"\xf8\x00"
"""outletCapabilities: on sense, load sense, power control, shutdown, default on."""
METERED_ONLY = b"\xc0\x80"
"""On and load sense, and power sense in the second octet: no power control."""


def sentry3(
    towers: int = 2, infeeds: int = 2, outlets: int = 3, three_phase: bool = False
) -> Values:
    """A switched CDU with linked towers; a three-phase one has a neutral among its infeeds."""
    values: Values = {
        ".1.1.0": b"Sentry Switched CDU Version 7.1f",
        ".1.2.0": b"8025492",
        ".1.4.0": towers,
        ".1.6.0": 279,
        ".1.14.0": 15,
    }
    for t in range(1, towers + 1):
        letter = "ABCD"[t - 1]
        values |= {
            f".2.1.1.3.{t}": f"Tower{letter}".encode(),
            f".2.1.1.4.{t}": 0,
            f".2.1.1.5.{t}": infeeds,
            f".2.1.1.6.{t}": f"ADFC000171{t}".encode(),
            f".2.1.1.7.{t}": b"CW-24V2C458C1",
            f".2.1.1.8.{t}": b"\x50" if three_phase else b"\x40",
            f".2.1.1.15.{t}": 50,
        }
        for i in range(1, infeeds + 1):
            values |= _infeed(f"{t}.{i}", letter + "ABCD"[i - 1], neutral=three_phase and i == 4)
            for o in range(1, outlets + 1):
                values |= _outlet3(f"{t}.{i}.{o}", f"{letter}{'ABCD'[i - 1]}{o}")
    values |= {
        ".2.4.1.5.1": b"Floor",
        ".2.4.1.6.1": 0,
        ".2.5.1.3.1.1": b"Temp_Humid_Sensor_A1",
        ".2.5.1.4.1.1": 0,
        ".2.5.1.5.1.1": 0,
        ".2.5.1.6.1.1": 680,
        ".2.5.1.9.1.1": 0,
        ".2.5.1.10.1.1": 52,
        ".2.5.1.13.1.1": 1,
        ".2.5.1.3.1.2": b"Temp_Humid_Sensor_A2",
        ".2.5.1.4.1.2": 1,
        ".2.5.1.5.1.2": 1,
        ".2.5.1.6.1.2": -1,
        ".2.5.1.9.1.2": 1,
        ".2.5.1.10.1.2": -1,
        ".2.5.1.13.1.2": 1,
        ".2.6.1.3.1.1": b"Door",
        ".2.6.1.4.1.1": 1,
    }
    return system(SENTRY3, b"Sentry Switched CDU") | under(SENTRY3, values)


def _infeed(index: str, letters: str, *, neutral: bool) -> Values:
    return {
        f".2.2.1.2.{index}": letters.encode(),
        f".2.2.1.3.{index}": f"Tower{letters[0]}_Infeed{letters[1]}".encode(),
        f".2.2.1.5.{index}": 1,
        f".2.2.1.6.{index}": 0,
        f".2.2.1.7.{index}": 309,
        f".2.2.1.8.{index}": 24,
        f".2.2.1.10.{index}": 30,
        f".2.2.1.11.{index}": -1 if neutral else 2070,
        f".2.2.1.12.{index}": -1 if neutral else 612,
        f".2.2.1.16.{index}": -1 if neutral else 1204,
        f".2.7.1.2.{index}.1": f"{letters}1".encode(),
        f".2.7.1.5.{index}.1": 1,
        f".2.7.1.6.{index}.1": 0,
        f".2.7.1.7.{index}.1": 210,
        f".2.7.1.8.{index}.1": 16,
        f".2.7.1.9.{index}.1": 20,
    }


def _outlet3(index: str, label: str) -> Values:
    return {
        f".2.3.1.2.{index}": label.encode(),
        f".2.3.1.3.{index}": f"srv-{label}".encode(),
        f".2.3.1.4.{index}": CONTROLLED,
        f".2.3.1.5.{index}": 1,
        f".2.3.1.7.{index}": 81,
        f".2.3.1.10.{index}": 5,
        f".2.3.1.11.{index}": 0,
        f".2.3.1.13.{index}": 2071,
        f".2.3.1.14.{index}": 160,
        f".2.3.1.16.{index}": 97,
        f".2.3.1.18.{index}": 52811,
    }


def sentry4(units: int = 2, cords: int = 1, lines: int = 1, outlets: int = 3) -> Values:
    """A PRO2 with linked units; each cord has as many phases as lines, and two branches."""
    values: Values = {
        ".1.1.1.1.0": b"Sentry Switched PDU",
        ".1.1.1.3.0": b"Version 8.0n",
        ".1.1.1.5.0": b"4711",
        ".1.8.1.11.0": 20,
        ".1.9.1.10.0": 1,
    }
    for u in range(1, units + 1):
        values |= {
            f".1.2.2.1.4.{u}": f"AEEV000000{u}".encode(),
            f".1.2.2.1.5.{u}": b"C2S42CE-YCMFAM00",
        }
        for c in range(1, cords + 1):
            letters = "ABCDEF"[u - 1] + "ABCD"[c - 1]
            values |= _cord(f"{u}.{c}", letters) | _outlets4(f"{u}.{c}", letters, outlets)
            for n in range(1, lines + 1):
                values |= _line(f"{u}.{c}.{n}", f"{letters}:L{n}")
    values |= {
        ".1.9.2.1.3.1.1": b"Temp_Sensor_A1",
        ".1.9.3.1.1.1.1": 752,
        ".1.9.3.1.2.1.1": 16,
        ".1.9.2.1.3.1.2": b"Temp_Sensor_A2",
        ".1.9.3.1.1.1.2": -410,
        ".1.9.3.1.2.1.2": 7,
        ".1.10.2.1.3.1.1": b"Humid_Sensor_A1",
        ".1.10.3.1.1.1.1": 37,
        ".1.10.3.1.2.1.1": 0,
    }
    return system(SENTRY4, b"Sentry Switched PDU") | under(SENTRY4, values)


def _cord(index: str, letters: str) -> Values:
    values: Values = {
        f".1.3.2.1.3.{index}": f"Cord_{letters}".encode(),
        f".1.3.2.1.10.{index}": 30,
        f".1.3.3.1.1.{index}": 1,
        f".1.3.3.1.2.{index}": 0,
        f".1.3.3.1.3.{index}": 806,
        f".1.3.3.1.4.{index}": 0,
        f".1.3.3.1.5.{index}": 856,
        f".1.3.3.1.6.{index}": 0,
        f".1.3.3.1.8.{index}": 95,
        f".1.3.3.1.10.{index}": 34720,
        f".1.3.3.1.11.{index}": 600,
    }
    for b in (1, 2):
        values |= {
            f".1.6.2.1.4.{index}.{b}": f"{letters}:BR{b}".encode(),
            f".1.6.3.1.1.{index}.{b}": 0,
            f".1.7.2.1.4.{index}.{b}": f"{letters}:BR{b}".encode(),
            f".1.7.2.1.6.{index}.{b}": 20,
            f".1.7.3.1.2.{index}.{b}": 0,
            f".1.7.3.1.3.{index}.{b}": 201,
            f".1.7.3.1.4.{index}.{b}": 0,
            f".1.7.4.1.4.{index}.{b}": 140,
            f".1.7.4.1.5.{index}.{b}": 160,
        }
    return values


def _line(index: str, label: str) -> Values:
    return {
        f".1.4.2.1.4.{index}": label.encode(),
        f".1.4.2.1.6.{index}": 30,
        f".1.4.3.1.2.{index}": 0,
        f".1.4.3.1.3.{index}": 403,
        f".1.4.3.1.4.{index}": 0,
        f".1.4.4.1.4.{index}": 210,
        f".1.4.4.1.5.{index}": 240,
        f".1.5.3.1.3.{index}": 2117,
        f".1.5.3.1.8.{index}": 806,
        f".1.5.3.1.10.{index}": -1,
    }


def _outlets4(cord: str, letters: str, count: int) -> Values:
    values: Values = {}
    for n in range(1, count + 1):
        index = f"{cord}.{n}"
        values |= {
            f".1.8.2.1.2.{index}": f"{letters}{n}".encode(),
            f".1.8.2.1.3.{index}": f"srv-{letters}{n}".encode(),
            f".1.8.2.1.5.{index}": b"\x80",
            f".1.8.3.1.1.{index}": 1,
            f".1.8.3.1.3.{index}": 81,
            f".1.8.3.1.6.{index}": 2117,
            f".1.8.3.1.7.{index}": 160,
            f".1.8.3.1.10.{index}": 97,
            f".1.8.3.1.14.{index}": 52811,
            f".1.8.5.1.1.{index}": 11,
            f".1.8.5.1.2.{index}": 0,
        }
    return values
