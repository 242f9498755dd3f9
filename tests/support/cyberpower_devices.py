"""Hand-made CyberPower devices: a daisy chain of ePDU2 units, a transfer switch with an RMCARD."""

from __future__ import annotations

from pdutui.backends.snmp.types import RawValue
from tests.support.snmp_devices import CPS, Values, system, under


def chain(units: dict[int, int], *, phases: int = 1, metered: bool = True) -> Values:
    """ePDU2 units by module number -> outlets, one bank each, as the host's flat tables have them.

    Outlet n of module m draws 0.1 x (10 m + n) A; the host's own ePDU branch is there too.
    """
    rows: dict[str, RawValue | None] = {
        ".6.1.0": 1 if len(units) == 1 else 2,
        ".6.2.1.0": len(units),
        ".6.6.1.1.0": sum(units.values()),
        ".6.6.2.1.0": sum(units.values()) if metered else 0,
        ".6.3.5.1.4.1": 8,
    }
    flat, line = 0, 0
    for place, (module, outlets) in enumerate(units.items(), 1):
        rows |= {
            f".6.2.2.1.3.{place}": f"unit{module}".encode(),
            f".6.2.2.1.7.{place}": b"1.4.0",
            f".6.2.2.1.9.{place}": b"PDU81001",
            f".6.2.2.1.10.{place}": f"SER{module}".encode(),
            f".6.3.3.1.4.{place}": 15,
            f".6.3.3.1.8.{place}": phases,
            f".6.3.4.1.2.{place}": module,
            f".6.3.4.1.4.{place}": 1,
            f".6.3.4.1.5.{place}": 30,
            f".6.3.4.1.9.{place}": 1000 * module,
            f".6.3.4.1.15.{place}": 372,
            f".6.3.4.1.16.{place}": 97,
            f".6.3.4.1.18.{place}": 360 + module,
            f".6.5.4.1.2.{place}": module,
            f".6.5.4.1.3.{place}": 1,
            f".6.5.4.1.4.{place}": 1,
            f".6.5.4.1.5.{place}": 10 * module,
            f".6.5.2.1.6.{place}": 12,
            f".6.5.2.1.7.{place}": 15,
        }
        for phase in range(1, phases + 1):
            line += 1
            rows |= {
                f".6.4.4.1.2.{line}": module,
                f".6.4.4.1.3.{line}": phase,
                f".6.4.4.1.4.{line}": 1,
                f".6.4.4.1.5.{line}": 30 + phase,
                f".6.4.4.1.6.{line}": 1200,
                f".6.4.4.1.7.{line}": 360,
                f".6.4.4.1.8.{line}": 372,
                f".6.4.4.1.9.{line}": 97,
            }
        for outlet in range(1, outlets + 1):
            flat += 1
            rows |= {
                f".6.6.1.2.1.5.{flat}": 3,
                f".6.6.1.2.1.6.{flat}": -1,
                f".6.6.1.2.1.7.{flat}": 10,
                f".6.6.1.3.1.6.{flat}": 1,
                f".6.6.1.4.1.2.{flat}": module,
                f".6.6.1.4.1.3.{flat}": outlet,
                f".6.6.1.4.1.4.{flat}": f"m{module}o{outlet}".encode(),
                f".6.6.1.4.1.5.{flat}": 1,
                f".6.6.1.4.1.6.{flat}": 2,
                f".6.6.1.5.1.5.{flat}": 1,
                f".6.6.2.4.1.2.{flat}": module,
                f".6.6.2.4.1.3.{flat}": outlet,
                f".6.6.2.4.1.6.{flat}": 10 * module + outlet,
                f".6.6.2.4.1.7.{flat}": 100 * module + outlet,
            }
    host: dict[str, RawValue | None] = {
        ".3.1.5.0": b"PDU81001",
        ".3.1.6.0": b"SER1",
        ".3.2.1.2.0": 1,
        ".3.2.3.1.1.2.1": 11,
        ".3.2.3.1.1.4.1": 1,
        ".3.2.3.1.1.5.1": 0,
        ".3.3.1.1.0": 1,
    }
    for outlet in range(1, next(iter(units.values())) + 1):
        host |= {
            f".3.3.5.1.1.2.{outlet}": b"by ePDU",
            f".3.3.5.1.1.4.{outlet}": 1,
            f".3.3.5.1.1.5.{outlet}": 2,
            f".3.3.3.1.1.4.{outlet}": 1,
        }
    return system(f"{CPS}.6", b"CPS Power Distributed Unit") | under(CPS, host | rows)


def rmcard(outlets: int = 4) -> Values:
    """A transfer switch PDU with an RMCARD205: 120 V, two banks, everything in the ats branch."""
    values: dict[str, RawValue | None] = {
        ".5.1.1.0": b"ATS-R7",
        ".5.1.2.0": b"PDU15SW10ATNET",
        ".5.1.4.0": b"1.1.5",
        ".5.1.5.0": b"TAQ0001",
        ".5.1.7.0": 120,
        ".5.1.8.0": 15,
        ".5.2.1.1.0": 2,
        ".5.2.1.2.0": 1,
        ".5.2.1.3.0": 2,
        ".5.2.1.4.0": 1,
        ".5.2.1.5.0": 1,
        ".5.2.1.10.1.3.1": 1,
        ".5.2.1.10.1.4.1": 1,
        ".5.2.1.10.1.3.2": 1,
        ".5.2.1.10.1.4.2": 2,
        ".5.3.1.0": 1,
        ".5.3.2.0": 120,
        ".5.3.3.0": 2,
        ".5.4.1.0": 1,
        ".5.6.1.6.0": 1,
    }
    for source, (volts, hertz) in {1: (1213, 600), 2: (1198, 599)}.items():
        values |= {
            f".5.2.2.2.1.2.{source}": b"Feed " + (b"A" if source == 1 else b"B"),
            f".5.2.2.2.1.5.{source}": volts,
            f".5.2.2.2.1.6.{source}": hertz,
            f".5.2.2.2.1.7.{source}": 1,
            f".5.2.2.2.1.8.{source}": 1,
        }
    for row, (tenths, watts) in {1: (42, 488), 2: (30, 350), 3: (12, 138)}.items():
        values |= {
            f".5.5.2.4.1.3.{row}": tenths,
            f".5.5.2.4.1.4.{row}": 1,
            f".5.5.2.4.1.5.{row}": watts,
            f".5.5.2.4.1.6.{row}": 10 * watts,
            f".5.5.3.4.1.3.{row}": 9,
            f".5.5.3.4.1.4.{row}": 12,
        }
    for n in range(1, outlets + 1):
        values |= {
            f".5.6.3.1.2.{n}": f"Outlet{n}".encode(),
            f".5.6.3.1.3.{n}": 1,
            f".5.6.3.1.4.{n}": 2,
            f".5.6.3.1.6.{n}": 1 if n <= outlets // 2 else 2,
            f".5.6.5.1.3.{n}": 2,
            f".5.6.7.1.3.{n}": 4,
            f".5.6.7.1.4.{n}": 6,
            f".5.6.7.1.5.{n}": 5,
        }
    return system(f"{CPS}.5", b"UPS SNMP Card") | under(CPS, values)
