"""Hand-made devices, as values by OID, for tests of the SNMP profiles."""

from __future__ import annotations

from pdutui.backends.snmp.backend import SnmpBackend
from pdutui.backends.snmp.types import RawValue, SnmpTarget, SnmpVersion
from pdutui.domain.secret import Secret
from tests.support.clock import ManualClock
from tests.support.recorded import RecordedClient

CPS = "1.3.6.1.4.1.3808.1.1"
PX = "1.3.6.1.4.1.13742.6"
SYSTEM = "1.3.6.1.2.1.1"

Values = dict[str, RawValue | None]


def under(base: str, values: dict[str, RawValue | None]) -> Values:
    return {base + oid: value for oid, value in values.items()}


def system(object_id: str, descr: bytes, uptime: int = 100_000_000) -> Values:
    return {f"{SYSTEM}.1.0": descr, f"{SYSTEM}.2.0": object_id, f"{SYSTEM}.3.0": uptime}


def pdu44001(outlets: int = 10, banks: int = 2, phases: int = 1) -> Values:
    """A CyberPower ATS PDU with source volts in tenths, 120 V, bank loads 1.8 A and 0.9 A."""
    rows: Values = {}
    for row in range(1, phases + banks + 1):
        bank = max(0, row - phases)
        amps = 27 if bank == 0 else 18 if bank == 1 else 9
        rows |= {
            f".3.2.3.1.1.1.{row}": row,
            f".3.2.3.1.1.2.{row}": amps,
            f".3.2.3.1.1.3.{row}": 1,
            f".3.2.3.1.1.4.{row}": row if bank == 0 else 1,
            f".3.2.3.1.1.5.{row}": bank,
            f".3.2.3.1.1.6.{row}": 1209,
            f".3.2.3.1.1.7.{row}": amps * 12,
            f".3.2.3.1.1.8.{row}": amps * 13 if bank == 0 else None,
            f".3.2.3.1.1.9.{row}": 97 if bank == 0 else None,
            f".3.2.3.1.1.10.{row}": 10423 if bank == 0 else None,
        }
    for bank in range(1, banks + 1):
        rows |= {f".3.2.4.1.1.3.{bank}": 12, f".3.2.4.1.1.4.{bank}": 16}
    for n in range(1, outlets + 1):
        rows |= {
            f".3.3.3.1.1.4.{n}": 1,
            f".3.3.4.1.1.6.{n}": 5,
            f".3.3.5.1.1.2.{n}": f"Outlet{n}".encode(),
            f".3.3.5.1.1.4.{n}": 1,
            f".3.3.5.1.1.5.{n}": 2,
            f".3.3.5.1.1.6.{n}": 1 if n <= outlets // 2 else 2,
            f".3.3.5.1.1.7.{n}": 0,
            f".3.3.5.1.1.8.{n}": 0,
            f".3.3.5.1.1.13.{n}": 0,
        }
    scalars: Values = {
        ".3.1.1.0": b"ATS011",
        ".3.1.3.0": b"1.3.2",
        ".3.1.5.0": b"PDU44001",
        ".3.1.6.0": b"NKX0001",
        ".3.1.7.0": 20,
        ".3.2.1.2.0": phases,
        ".3.2.1.3.0": 16,
        ".3.3.1.5.0": 0,
        ".3.5.7.0": 1209,
        ".3.5.8.0": 600,
        ".6.6.2.1.0": 0,
        ".6.9.2.1.3.1": 1,
        ".6.9.2.1.5.1": 2,
        ".6.9.2.1.6.1": 120,
        ".6.9.4.1.3.1": 1,
        ".6.9.4.1.5.1": 1209,
        ".6.9.4.1.6.1": 1214,
        ".6.9.4.1.7.1": 600,
        ".6.9.4.1.8.1": 600,
        ".6.9.4.1.9.1": 1,
        ".6.9.4.1.10.1": 1,
        ".6.9.4.1.11.1": 1,
        ".6.9.4.1.12.1": 1,
        ".6.9.4.1.13.1": 1,
        ".6.9.4.1.16.1": 2,
        ".8.1.2.1.3.1": b"Rack top",
        ".8.2.2.0": 1,
        ".8.2.3.1.3.1": 2070,
        ".8.3.2.1.3.1": 4536,
        ".8.4.2.1.4.1": b"Door",
        ".8.4.2.1.5.1": 1,
    }
    return system(f"{CPS}.6", b"CPS Power Distributed Unit") | under(CPS, scalars | rows)


PX_DIGITS = {1: 3, 4: 0, 5: 0, 6: 0, 7: 2, 8: 0, 14: 0, 15: 0, 23: 1}


def px3(outlets: int = 4, ocps: int = 2) -> Values:
    """A Raritan PX3 with a switching state column, thresholds in force and an external probe."""
    values: Values = {
        ".3.2.1.1.3.1": b"PX3-5493U",
        ".3.2.1.1.4.1": b"1JX0001",
        ".3.2.2.1.13.1": b"rack1-a",
        ".3.2.2.1.37.1": 10,
        ".3.2.3.1.6.1.1.1": b"4.2.0",
        ".3.3.3.1.2.1.1": b"I1",
        ".3.3.3.1.7.1.1": b"32A",
    }
    for sensor, raw in {1: 7467, 4: 229, 5: 1665, 6: 1751, 7: 98, 8: 74057676, 23: 500}.items():
        values |= _sensor((".3.3.4", ".5.2.3"), f"1.1.{sensor}", sensor, 4, raw)
    for c in range(1, ocps + 1):
        values |= {
            f".3.4.3.1.2.1.{c}": f"C{c}".encode(),
            f".3.4.3.1.3.1.{c}": b"",
            f".3.4.3.1.5.1.{c}": b"16A",
            f".3.4.4.1.23.1.{c}.1": 12800,
            f".3.4.4.1.24.1.{c}.1": 10400,
            f".3.4.4.1.25.1.{c}.1": b"\x30",
        }
        values |= _sensor((".3.4.4", ".5.3.3"), f"1.{c}.1", 1, 4, 485)
        values |= _sensor((".3.4.4", ".5.3.3"), f"1.{c}.15", 15, 1, 0)
    for n in range(1, outlets + 1):
        values |= {
            f".3.5.3.1.2.1.{n}": str(n).encode(),
            f".3.5.3.1.3.1.{n}": b"db01" if n == 3 else b"",
            f".3.5.3.1.28.1.{n}": 1,
            f".3.5.3.1.33.1.{n}": f"{PX}.3.4.3.1.2.1.{1 if n <= outlets // 2 else 2}",
            f".4.1.2.1.3.1.{n}": 7,
        }
        for sensor, raw in {1: 633, 4: 228, 5: 143, 7: 99, 8: 5812658}.items():
            values |= _sensor((".3.5.4", ".5.4.3"), f"1.{n}.{sensor}", sensor, 4, raw)
        values |= _sensor((".3.5.4", ".5.4.3"), f"1.{n}.14", 14, 7, 0)
    values |= {
        ".3.6.3.1.2.1.1": 10,
        ".3.6.3.1.4.1.1": b"Inlet air",
        ".3.6.3.1.16.1.1": 7,
        ".3.6.3.1.17.1.1": 1,
        ".5.5.3.1.3.1.1": 4,
        ".5.5.3.1.4.1.1": -31,
        ".3.6.3.1.2.1.2": 43,
        ".3.6.3.1.4.1.2": b"Front door",
        ".3.6.3.1.16.1.2": -1,
        ".3.6.3.1.17.1.2": 0,
        ".5.5.3.1.3.1.2": 0,
        ".5.5.3.1.4.1.2": 0,
    }
    return system(PX, b"Raritan PDU, MD:PX3-5493U HW:0x10 FW:4.2.0") | under(PX, values)


def _sensor(
    branches: tuple[str, str], index: str, sensor: int, state: int, raw: int
) -> dict[str, RawValue | None]:
    config, measured = branches
    return {
        f"{config}.1.7.{index}": PX_DIGITS[sensor],
        f"{measured}.1.3.{index}": state,
        f"{measured}.1.4.{index}": raw,
    }


class Rig:
    """A backend over a hand-made device, with a clock that the test moves."""

    def __init__(
        self,
        values: Values,
        *,
        profile: str = "auto",
        version: SnmpVersion = "2c",
        write: bool = True,
    ) -> None:
        self.clock = ManualClock()
        self.device = RecordedClient(values)
        self.target = SnmpTarget(
            host="device",
            version=version,
            write_community=Secret("private") if write else None,
        )
        self.backend = SnmpBackend(
            "pdu", self.target, profile, clock=self.clock, connect=self.device.connect
        )

    def set(self, base: str, changes: dict[str, RawValue | None]) -> None:
        self.device.values.update(under(base, changes))

    def drop(self, *oids: str) -> None:
        for oid in oids:
            del self.device.values[oid]
