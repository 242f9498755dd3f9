"""Hand-made APC devices, as values by OID: what such a device answers, by PowerNet-MIB."""

from __future__ import annotations

from pdutui.backends.snmp.types import RawValue
from tests.support.snmp_devices import Values, system, under

APC = "1.3.6.1.4.1.318.1.1"
_Part = dict[str, RawValue | None]


def rpdu2(
    units: int = 1,
    outlets: int = 4,
    *,
    phases: int = 1,
    metered: bool = True,
    switched: bool = True,
) -> Values:
    """AP8xxx, alone or as a chain: every table one flat list. They answer .12 and .4 as well."""
    values: _Part = {
        ".26.1.0": units,
        ".26.9.1.0": units * outlets if switched else 0,
        ".26.9.3.0": units * outlets if metered else 0,
        ".26.4.4.1.4.1": 6,
        ".12.1.5.0": b"AP8641",
        ".12.1.6.0": b"5A0001",
        ".4.1.4.0": b"AP8641",
    }
    for m in range(1, units + 1):
        values |= {
            f".26.2.1.2.{m}": m,
            f".26.2.1.3.{m}": f"unit{m}".encode(),
            f".26.2.1.6.{m}": b"6.7.2",
            f".26.2.1.8.{m}": b"AP8641",
            f".26.2.1.9.{m}": f"5A000{m}".encode(),
            f".26.4.2.1.7.{m}": phases,
            f".26.4.2.1.9.{m}": 24,
            f".26.4.2.1.12.{m}": 24,
            f".26.4.3.1.1.{m}": m,
            f".26.4.3.1.2.{m}": m,
            f".26.4.3.1.4.{m}": 2,
            f".26.4.3.1.5.{m}": 100 * m + 21,
            f".26.4.3.1.9.{m}": 19516,
            f".26.4.3.1.12.{m}": 1,
            f".26.4.3.1.13.{m}": 1,
            f".26.4.3.1.14.{m}": 3,
            f".26.4.3.1.16.{m}": 100 * m + 31,
            f".26.4.3.1.17.{m}": 94,
        }
        for p in range(1, phases + 1):
            i = (m - 1) * phases + p
            values |= {
                f".26.6.1.1.6.{i}": 19,
                f".26.6.1.1.7.{i}": 24,
                f".26.6.3.1.1.{i}": i,
                f".26.6.3.1.2.{i}": m,
                f".26.6.3.1.3.{i}": p,
                f".26.6.3.1.4.{i}": 2,
                f".26.6.3.1.5.{i}": 60 + 10 * m + p,
                f".26.6.3.1.6.{i}": 200 + m,
                f".26.6.3.1.7.{i}": 40 + p,
                f".26.6.3.1.8.{i}": 42 + p,
                f".26.6.3.1.9.{i}": 95,
            }
        for b in (1, 2):
            i = (m - 1) * 2 + b
            values |= {
                f".26.8.1.1.6.{i}": 16,
                f".26.8.1.1.7.{i}": 20,
                f".26.8.2.1.5.{i}": 20,
                f".26.8.3.1.1.{i}": i,
                f".26.8.3.1.2.{i}": m,
                f".26.8.3.1.3.{i}": b,
                f".26.8.3.1.4.{i}": 2,
                f".26.8.3.1.5.{i}": 30 + b,
            }
        for n in range(1, outlets + 1):
            k = (m - 1) * outlets + n
            values |= _rpdu2_switched(k, m, n, outlets) if switched else {}
            values |= _rpdu2_metered(k, m, n, outlets) if metered else {}
    for n in range(1, outlets + 1):
        values |= _rpdu_outlet(n) | _spdu_outlet(n)
    values |= _probe(1, 2) | _probe(2, 4)
    descr = b"APC Web/SNMP Management Card (MB:v4.1.0 PF:v6.7.2 MN:AP8641 HR:02)"
    return system("1.3.6.1.4.1.318.1.3.4.6", descr) | under(APC, values)


def _rpdu2_switched(k: int, m: int, n: int, outlets: int) -> _Part:
    return {
        f".26.9.2.1.1.5.{k}": 10 + n,
        f".26.9.2.1.1.6.{k}": -1,
        f".26.9.2.1.1.7.{k}": 5,
        f".26.9.2.2.1.6.{k}": 1 if n <= outlets // 2 else 2,
        f".26.9.2.3.1.1.{k}": k,
        f".26.9.2.3.1.2.{k}": m,
        f".26.9.2.3.1.3.{k}": f"u{m}o{n}".encode(),
        f".26.9.2.3.1.4.{k}": n,
        f".26.9.2.3.1.5.{k}": 2,
        f".26.9.2.3.1.6.{k}": 2,
        f".26.9.2.4.1.5.{k}": 1,
    }


def _rpdu2_metered(k: int, m: int, n: int, outlets: int) -> _Part:
    return {
        f".26.9.4.2.1.7.{k}": 1 if n <= outlets // 2 else 2,
        f".26.9.4.3.1.2.{k}": m,
        f".26.9.4.3.1.3.{k}": f"u{m}o{n}".encode(),
        f".26.9.4.3.1.4.{k}": n,
        f".26.9.4.3.1.6.{k}": 10 * m + n,
        f".26.9.4.3.1.7.{k}": 100 * m + n,
        f".26.9.4.3.1.11.{k}": 3046,
    }


def _probe(s: int, kind: int) -> _Part:
    there = kind == 2
    return {
        f".26.10.2.2.1.3.{s}": b"",
        f".26.10.2.2.1.5.{s}": kind,
        f".26.10.2.2.1.6.{s}": 2 if there else 1,
        f".26.10.2.2.1.8.{s}": 231 if there else -1,
        f".26.10.2.2.1.9.{s}": 4 if there else 1,
        f".26.10.2.2.1.10.{s}": 41 if there else -1,
        f".26.10.2.2.1.11.{s}": 4 if there else 1,
    }


def _rpdu_outlet(n: int) -> _Part:
    return {
        f".12.3.3.1.1.4.{n}": 1,
        f".12.3.4.1.1.4.{n}": 30,
        f".12.3.4.1.1.5.{n}": 0,
        f".12.3.4.1.1.6.{n}": 7,
        f".12.3.5.1.1.2.{n}": f"Outlet {n}".encode(),
        f".12.3.5.1.1.4.{n}": 1,
        f".12.3.5.1.1.5.{n}": 2,
        f".12.3.5.1.1.6.{n}": 1,
        f".12.3.5.1.1.7.{n}": 0,
    }


def _spdu_outlet(n: int) -> _Part:
    return {
        f".4.4.2.1.1.{n}": n,
        f".4.4.2.1.2.{n}": 2,
        f".4.4.2.1.3.{n}": 1,
        f".4.4.2.1.4.{n}": f"Server {n}".encode(),
        f".4.5.2.1.2.{n}": 15,
        f".4.5.2.1.4.{n}": 0,
        f".4.5.2.1.5.{n}": 10,
    }


def rpdu(outlets: int = 4, *, phases: int = 1, banks: int = 2) -> Values:
    """AP79xx of the first generation: .12 and .4, no .26. Watts made of a voltage setting."""
    values: _Part = {
        ".12.1.1.0": b"RackPDU",
        ".12.1.3.0": b"v3.7.3",
        ".12.1.5.0": b"AP7932",
        ".12.1.6.0": b"ZA0001",
        ".12.1.7.0": 24,
        ".12.1.9.0": phases,
        ".12.1.15.0": 120,
        ".12.1.16.0": 312,
        ".12.1.17.0": 1000,
        ".12.1.18.0": 336,
        ".12.2.1.1.0": 0 if banks else 30,
        ".12.2.1.2.0": phases,
        ".12.2.1.3.0": 20 if banks else 0,
        ".12.2.1.4.0": banks,
        ".12.3.1.1.0": 1,
        ".12.3.1.5.0": 0,
        ".12.4.1.1.0": 1,
        ".12.4.1.2.0": 3,
        ".4.1.4.0": b"AP7932",
        ".4.2.1.0": 6,
    }
    for row in range(1, phases + banks + 1):
        bank = max(0, row - phases)
        values |= {
            f".12.2.3.1.1.1.{row}": row,
            f".12.2.3.1.1.2.{row}": 28 if bank == 0 else 14,
            f".12.2.3.1.1.3.{row}": 1,
            f".12.2.3.1.1.4.{row}": 0 if bank else row,
            f".12.2.3.1.1.5.{row}": bank,
        }
    for p in range(1, phases + 1):
        values |= {f".12.2.2.1.1.3.{p}": 19, f".12.2.2.1.1.4.{p}": 24}
    for b in range(1, banks + 1):
        values |= {f".12.2.4.1.1.3.{b}": 16, f".12.2.4.1.1.4.{b}": 20}
    for n in range(1, outlets + 1):
        values |= _rpdu_outlet(n) | _spdu_outlet(n)
    descr = b"APC Web/SNMP Management Card (MB:v3.9.2 PF:v3.7.3 MN:AP7932 HR:B2)"
    return system("1.3.6.1.4.1.318.1.3.4.5", descr) | under(APC, values)


def masterswitch(outlets: int = 8) -> Values:
    """AP9606 and the like: sPDU only."""
    values: _Part = {
        ".4.1.2.0": b"v2.2.5",
        ".4.1.4.0": b"AP9606",
        ".4.1.5.0": b"WA0001",
        ".4.2.1.0": 6,
        ".4.3.3.0": b"MasterSwitch",
    }
    for n in range(1, outlets + 1):
        values |= _spdu_outlet(n)
    descr = b"APC Web/SNMP Management Card (MB:v3.2.0 PF:v3.0.9.a MN: AP9606 HR: G9)"
    return system("1.3.6.1.4.1.318.1.3.4.2", descr) | under(APC, values)


def ats() -> Values:
    """AP77xx with two banks, A carrying 8.8 A."""
    values: _Part = {
        ".8.1.2.0": b"3.0.5",
        ".8.1.5.0": b"AP7724",
        ".8.1.6.0": b"5A1516T15268",
        ".8.1.7.0": 230,
        ".8.1.9.0": 32,
        ".8.4.1.0": b"ats-04",
        ".8.4.2.0": 1,
        ".8.4.4.0": 1,
        ".8.5.1.1.0": 2,
        ".8.5.1.2.0": 1,
        ".8.5.1.3.0": 2,
        ".8.5.1.4.0": 2,
        ".8.5.1.5.0": 2,
        ".8.5.1.6.0": 2,
        ".8.5.1.7.0": 2,
        ".8.5.1.8.0": 2,
        ".8.5.1.9.0": -1,
        ".8.5.1.10.0": 2,
        ".8.5.1.12.0": 2,
        ".8.5.1.13.0": 2,
        ".8.5.1.14.0": 1,
        ".8.5.1.15.0": 2,
        ".8.5.4.2.1.4.1": 50,
    }
    for source, volts in ((1, 216), (2, 215)):
        values |= {
            f".8.5.3.2.1.4.{source}": 50,
            f".8.5.3.2.1.6.{source}": b"Source " + b"AB"[source - 1 : source],
            f".8.5.3.3.1.3.{source}.1.1": volts,
        }
    for bank, amps in ((1, 88), (2, 45), (3, 43)):
        values |= {
            f".8.4.14.1.4.{bank}": 28 if bank == 1 else 12,
            f".8.4.14.1.5.{bank}": 32 if bank == 1 else 16,
            f".8.5.4.5.1.3.{bank}": bank,
            f".8.5.4.5.1.4.{bank}": amps,
            f".8.5.4.5.1.5.{bank}": 1,
            f".8.5.4.5.1.6.{bank}": 215,
            f".8.5.4.5.1.9.{bank}": amps * 21,
        }
    descr = b"APC Web/SNMP Management Card (MB:v4.1.0 MN:AP7724 HR:R01)"
    return system("1.3.6.1.4.1.318.1.3.11", descr) | under(APC, values)
