"""Hand-made Vertiv PDUs, and devices that only speak standard MIBs, as values by OID."""

from __future__ import annotations

from tests.support.snmp_devices import Values, system, under

IMD = "1.3.6.1.4.1.21239.5.2"
SENSOR = "1.3.6.1.2.1.99.1.1.1"
ENTITY = "1.3.6.1.2.1.47.1.1.1.1"
UPS = "1.3.6.1.2.1.33.1"


def imd(outlets: int = 3, phases: int = 1, *, delta: bool = False) -> Values:
    """A Vertiv PDU, switched and metered by outlet, with a temperature and humidity probe."""
    values: Values = {
        ".1.2.0": b"5.6.1",
        ".1.3.0": b"rack 7",
        ".1.7.0": 0,
        ".1.8.0": b"MN03EDR1-15P3B8-6PS15D0H10-S",
        ".1.10.0": b"ZY18120520",
        ".3.1.1.3.1": b"Geist Upgradable rPDU",
        ".3.1.1.4.1": b"IMD PDU",
        ".3.1.1.6.1": 1 if delta else 0,
        ".3.1.1.9.1": 1017,
        ".3.1.1.10.1": 1067,
        ".3.1.1.11.1": 95,
        ".3.1.1.12.1": 8483906,
        ".9.1.3.1": b"Front",
        ".9.1.4.1": 1,
        ".9.1.5.1": 752,
        ".9.1.6.1": 41,
    }
    for p in range(1, phases + 1):
        values |= {
            f".3.2.1.2.{p}": b"Phase %d" % p,
            f".3.2.1.3.{p}": b"Phase %c" % (64 + p),
            f".3.2.1.4.{p}": 2350 + p,
            f".3.2.1.8.{p}": 187,
            f".3.2.1.12.{p}": 436,
            f".3.2.1.13.{p}": 439,
            f".3.2.1.14.{p}": 99,
            f".3.2.1.15.{p}": 2262146,
            f".3.4.1.3.{p}": b"Line %c" % (64 + p),
            f".3.4.1.4.{p}": 324,
        }
    for b in (1, 2):
        values |= {f".3.3.1.3.{b}": b"Circuit %d" % b, f".3.3.1.4.{b}": 181}
    for o in range(1, outlets + 1):
        values |= {
            f".3.5.1.2.{o}": b"Outlet %d" % o,
            f".3.5.1.3.{o}": b"db01" if o == 3 else b"Outlet %d" % o,
            f".3.5.1.4.{o}": 1,
            f".3.5.1.6.{o}": 8,
            f".3.5.1.8.{o}": 5,
            f".3.5.1.9.{o}": 7,
            f".3.5.1.10.{o}": 9,
            f".3.5.1.11.{o}": 12,
            f".3.6.1.3.{o}": b"Outlet %d" % o,
            f".3.6.1.4.{o}": 2351,
            f".3.6.1.8.{o}": 62,
            f".3.6.1.12.{o}": 145,
            f".3.6.1.14.{o}": 99,
            f".3.6.1.15.{o}": 52811,
        }
    return system("1.3.6.1.4.1.21239.42.1.53", b"Geist Upgradable rPDU") | under(IMD, values)


def _sensor(row: int, name: bytes, kind: int, prefix: int, digits: int, value: int) -> Values:
    return {
        f"{ENTITY}.7.{row}": name,
        f"{SENSOR}.1.{row}": kind,
        f"{SENSOR}.2.{row}": prefix,
        f"{SENSOR}.3.{row}": digits,
        f"{SENSOR}.4.{row}": value,
        f"{SENSOR}.5.{row}": 1,
    }


def sensors() -> Values:
    """A power device of no known family with sensors in ENTITY-SENSOR-MIB."""
    return (
        system("1.3.6.1.4.1.99999.1", b"Rack Monitor 3000")
        | _sensor(1001, b"Input voltage", 3, 9, 1, 2304)
        | _sensor(1002, b"Input current", 5, 8, 0, 4120)
        | _sensor(1003, b"Input power", 6, 10, 3, 946)
        | _sensor(1004, b"Frequency", 7, 8, 0, 50012)
        | _sensor(1005, b"Inlet air", 8, 9, 1, 235)
        | _sensor(1006, b"Humidity", 9, 9, 0, 41)
        | _sensor(1007, b"Fan", 10, 9, 0, 4200)
        | _sensor(1008, b"Door", 12, 9, 0, 1)
        | {f"{ENTITY}.11.1": b"RM0001", f"{ENTITY}.13.1": b"RM-3000"}
    )


def switch() -> Values:
    """A network switch: temperatures, fans, and optics with bias current and light in watts."""
    return (
        system("1.3.6.1.4.1.9.1.2494", b"Cisco IOS Software, Catalyst L3 Switch Software")
        | _sensor(1001, b"Te1/1/1 Module Temperature", 8, 9, 1, 312)
        | _sensor(1002, b"Te1/1/1 Supply Voltage", 4, 9, 2, 329)
        | _sensor(1003, b"Te1/1/1 Bias Current", 5, 8, 1, 62)
        | _sensor(1004, b"Te1/1/1 Transmit Power", 6, 8, 1, 5)
        | _sensor(1005, b"Fan 1", 10, 9, 0, 5400)
    )


def ups(lines: int = 1) -> Values:
    """A device with UPS-MIB: input and output lines, on line, battery full."""
    values: Values = {
        ".1.1.0": b"Maker",
        ".1.2.0": b"Power 3000",
        ".1.3.0": b"1.2",
        ".1.4.0": b"3.4",
        ".1.5.0": b"room 2",
        ".2.1.0": 2,
        ".2.4.0": 100,
        ".3.2.0": lines,
        ".4.1.0": 3,
        ".4.3.0": lines,
    }
    for n in range(1, lines + 1):
        values |= {
            f".3.3.1.2.{n}": 500,
            f".3.3.1.3.{n}": 229 + n,
            f".3.3.1.4.{n}": 41,
            f".3.3.1.5.{n}": 940,
            f".4.4.1.2.{n}": 230,
            f".4.4.1.3.{n}": 38,
            f".4.4.1.4.{n}": 870,
            f".4.4.1.5.{n}": 29,
        }
    return system("1.3.6.1.4.1.99999.2", b"UPS card") | under(UPS, values)
