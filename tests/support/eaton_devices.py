"""Hand-made Eaton ePDUs, as values by OID."""

from __future__ import annotations

from tests.support.snmp_devices import Values, system, under

EATON = "1.3.6.1.4.1.534.6.6.7"


def epdu(units: int = 1, outlets: int = 4, phases: int = 1) -> Values:
    """ePDUs of one chain, each with an input of 230 V, a breaker, a user's group and probes."""
    values: Values = {}
    for u in range(units):
        values |= _unit(u) | _input(u, phases) | _groups(u) | _probes(u)
        for n in range(1, outlets + 1):
            values |= _outlet(f"{u}.{n}", n)
    return system(EATON, b"ePDU MA 0U IN: C20 16A 1P OUT: 4xC13") | under(EATON, values)


def _unit(u: int) -> Values:
    return {
        f".1.2.1.2.{u}": b"ePDU MA",
        f".1.2.1.3.{u}": b"EMA107-10",
        f".1.2.1.4.{u}": f"H619P0000{u}".encode(),
        f".1.2.1.5.{u}": b"05.01.0002",
        f".1.2.1.6.{u}": b"rack 4 left",
        f".1.2.1.9.{u}": 0,
        f".1.3.1.2.{u}": -1,
        f".1.3.1.3.{u}": -1,
    }


def _input(u: int, phases: int) -> Values:
    values: Values = {
        f".3.1.1.2.{u}.1": 1 if phases == 1 else 4,
        f".3.1.1.3.{u}.1": 500,
        f".3.1.1.10.{u}.1": b"Feed B",
        f".3.5.1.3.{u}.1": 480 * phases,
        f".3.5.1.4.{u}.1": 456 * phases,
        f".3.5.1.5.{u}.1": 1234567,
        f".3.5.1.7.{u}.1": 950,
    }
    for k in range(1, phases + 1):
        values |= {
            f".3.2.1.3.{u}.1.{k}": 230100 + k,
            f".3.3.1.3.{u}.1.{k}": 16000,
            f".3.3.1.4.{u}.1.{k}": 2090 + k,
            f".3.3.1.5.{u}.1.{k}": 0,
            f".3.3.1.8.{u}.1.{k}": 12800,
            f".3.3.1.9.{u}.1.{k}": 16000,
            f".3.3.1.12.{u}.1.{k}": f"L{k}".encode(),
            f".3.4.1.2.{u}.1.{k}": k,
            f".3.4.1.3.{u}.1.{k}": 482,
            f".3.4.1.4.{u}.1.{k}": 458,
            f".3.4.1.5.{u}.1.{k}": 410000,
            f".3.4.1.7.{u}.1.{k}": -951,
        }
    return values


def _groups(u: int) -> Values:
    values: Values = {}
    for g, kind in ((1, 1), (2, 4), (3, 5)):
        values |= {
            f".5.1.1.2.{u}.{g}": b"B%d" % g,
            f".5.1.1.3.{u}.{g}": b"Section %d" % g,
            f".5.1.1.4.{u}.{g}": kind,
            f".5.1.1.5.{u}.{g}": 1 if kind == 1 else 0,
            f".5.3.1.3.{u}.{g}": 230000,
            f".5.4.1.2.{u}.{g}": 16000,
            f".5.4.1.3.{u}.{g}": 1045,
            f".5.4.1.4.{u}.{g}": 0,
            f".5.4.1.7.{u}.{g}": 12800,
            f".5.4.1.8.{u}.{g}": -1,
            f".5.5.1.2.{u}.{g}": 240,
            f".5.5.1.3.{u}.{g}": 228,
            f".5.5.1.4.{u}.{g}": 61000,
            f".5.5.1.6.{u}.{g}": -1,
        }
    return values


def _outlet(index: str, n: int) -> Values:
    return {
        f".6.1.1.3.{index}": b"db01" if n == 3 else b"Outlet A%d" % n,
        f".6.1.1.6.{index}": b"A%d" % n,
        f".6.2.1.2.{index}.1": 1,
        f".6.2.1.3.{index}.1": f"{EATON}.5.1.1.2.1",
        f".6.4.1.3.{index}": 790,
        f".6.5.1.3.{index}": 80,
        f".6.5.1.4.{index}": 785621,
        f".6.5.1.6.{index}": -842,
        f".6.6.1.2.{index}": 1,
        f".6.6.1.3.{index}": -1,
        f".6.6.1.4.{index}": -1,
        f".6.6.1.5.{index}": -1,
        f".6.6.1.8.{index}": 10,
        f".6.6.1.9.{index}": 1,
    }


def _probes(u: int) -> Values:
    return {
        f".7.1.1.2.{u}.1": b"Inlet air",
        f".7.1.1.3.{u}.1": 1,
        f".7.1.1.4.{u}.1": 234,
        f".7.1.1.5.{u}.1": 3,
        f".7.1.1.3.{u}.2": 0,
        f".7.1.1.4.{u}.2": 0,
        f".7.1.1.5.{u}.2": 0,
        f".7.2.1.2.{u}.1": b"Inlet air",
        f".7.2.1.3.{u}.1": 1,
        f".7.2.1.4.{u}.1": 411,
        f".7.2.1.5.{u}.1": 0,
        f".7.3.1.2.{u}.1": b"Door",
        f".7.3.1.4.{u}.1": 0,
    }
