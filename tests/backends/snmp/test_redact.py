"""Redaction: nothing of the owner is left, everything of the model is, and the figures hold."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from pdutui.backends.snmp import ber
from pdutui.backends.snmp.backend import SnmpBackend
from pdutui.backends.snmp.ber import Oid, dotted, parse_oid
from pdutui.backends.snmp.recording import load_recording
from pdutui.backends.snmp.redact import Redacted, Told, redact
from pdutui.backends.snmp.redact_shapes import is_default_name, is_harmless, looks_like_serial
from pdutui.backends.snmp.snmprec import format_record
from pdutui.backends.snmp.types import SnmpTarget, TypedRow
from pdutui.domain.reading import Reading
from tests.support.clock import ManualClock
from tests.support.recorded import RecordedClient, parse_snmprec

OWN = "1.3.6.1.4.1.99999.1"
"""A branch that no profile knows."""
CPS = "1.3.6.1.4.1.3808.1.1"
Rows = dict[Oid, TypedRow]


def rows(values: dict[str, bytes | int | str]) -> Rows:
    """bytes: OCTET STRING; int: INTEGER; str: IpAddress."""
    out: Rows = {}
    for oid, value in values.items():
        if isinstance(value, bytes):
            row = TypedRow(oid, ber.STRING, value)
        elif isinstance(value, int):
            row = TypedRow(oid, ber.INTEGER, ber.int_content(value))
        else:
            row = TypedRow(oid, ber.IP_ADDRESS, bytes(map(int, value.split("."))))
        out[parse_oid(oid)] = row
    return out


def text_of(redacted: Redacted) -> str:
    return "\n".join(format_record(redacted.rows[oid]) for oid in sorted(redacted.rows))


def one(redacted: Redacted, oid: str) -> bytes:
    return redacted.rows[parse_oid(oid)].content


def assert_gone(redacted: Redacted, *secrets: bytes) -> None:
    text = text_of(redacted).lower()
    plain = b"\n".join(row.content.lower() for row in redacted.rows.values())
    for secret in secrets:
        assert secret.lower() not in plain, secret
        assert secret.hex() not in text, secret
        assert secret.lower().decode("latin-1") not in text, secret


# -- one secret, everywhere ---------------------------------------------------------------------


def test_the_same_secret_has_the_same_stand_in_everywhere() -> None:
    serial, name = b"5A1516T15268", b"rack7-pdu-left"
    redacted = redact(
        rows(
            {
                "1.3.6.1.2.1.1.1.0": b"Acme PDU (SN: 5A1516T15268, MAC 00:c0:b7:aa:bb:cc)",
                "1.3.6.1.2.1.1.5.0": name,
                f"{CPS}.3.1.1.0": name,
                f"{CPS}.3.1.5.0": b"PDU44001",
                f"{CPS}.3.1.6.0": serial,
                "1.3.6.1.2.1.2.2.1.6.1": bytes.fromhex("00c0b7aabbcc"),
                f"{OWN}.1.0": b"unit 5a1516t15268 of RACK7-PDU-LEFT",
                f"{OWN}.2.0": serial.hex().encode(),
                f"{OWN}.3.0": b"00C0B7AABBCC",
                f"{OWN}.4.0": b"00-C0-B7-AA-BB-CC",
                f"{OWN}.5.0": serial + b"\x00\x00",
            }
        )
    )
    assert_gone(redacted, serial, name, bytes.fromhex("00c0b7aabbcc"), b"00:c0:b7", b"00-c0-b7")
    stand_in = one(redacted, f"{CPS}.3.1.6.0")
    assert re.fullmatch(rb"RA\d{10}", stand_in), "as long as the serial was"
    assert one(redacted, f"{OWN}.2.0") == stand_in.hex().encode()
    assert one(redacted, f"{OWN}.5.0") == stand_in + b"\x00\x00"
    assert one(redacted, "1.3.6.1.2.1.1.5.0") == one(redacted, f"{CPS}.3.1.1.0") == b"name-1"
    mac = one(redacted, "1.3.6.1.2.1.2.2.1.6.1")
    assert mac == bytes.fromhex("020000000001")
    descr = one(redacted, "1.3.6.1.2.1.1.1.0")
    assert descr == b"Acme PDU (SN: " + stand_in + b", MAC 02:00:00:00:00:01)"
    assert one(redacted, f"{OWN}.3.0") == b"020000000001"
    assert one(redacted, f"{CPS}.3.1.5.0") == b"PDU44001"


def test_addresses_in_every_form() -> None:
    redacted = redact(
        rows(
            {
                f"{OWN}.1.0": "10.20.30.40",
                f"{OWN}.2.0": "255.255.255.0",
                f"{OWN}.3.0": "0.0.0.0",
                f"{OWN}.4.0": b"traps go to 10.20.30.40 and 192.168.7.9:162",
                f"{OWN}.5.0": bytes((192, 168, 7, 9)),
                f"{OWN}.6.0": bytes.fromhex("fe80000000000000020c29fffe112233"),
                f"{OWN}.7.0": b"http://10.20.30.40/setup",
                f"{OWN}.8.0": b"jane.doe@corp.example.org",
                f"{OWN}.9.0": b"2001:db8:77::5",
                f"{OWN}.10.1.192.168.7.9": 1,
                f"{OWN}.10.1.1": 1,
                "1.3.6.1.2.1.4.20.1.1.10.20.30.40": "10.20.30.40",
                "1.3.6.1.2.1.4.1.0": 2,
            }
        ),
        told=Told(hosts=("10.20.30.40", "pdu-left.corp.example.org")),
    )
    assert_gone(
        redacted, b"10.20.30.40", b"192.168.7.9", bytes((192, 168, 7, 9)), b"jane", b"corp",
        bytes.fromhex("020c29fffe112233"), b"2001:db8:77",
    )  # fmt: skip
    first = one(redacted, f"{OWN}.1.0")
    assert first[:3] == bytes((192, 0, 2))
    assert one(redacted, f"{OWN}.2.0") == bytes((255, 255, 255, 0))
    assert one(redacted, f"{OWN}.3.0") == bytes(4)
    assert one(redacted, f"{OWN}.8.0") == b"user1@example.com"
    kept = {dotted(oid) for oid in redacted.rows}
    assert f"{OWN}.10.1.1" in kept
    assert f"{OWN}.10.1.192.168.7.9" not in kept
    assert redacted.dropped == 2
    assert "1.3.6.1.2.1.4.1.0" in kept


def test_a_secret_in_the_index_of_a_table_goes_with_its_row() -> None:
    user = ".".join(str(c) for c in b"operator7")
    name = ".".join(str(c) for c in b"rk1-x")
    redacted = redact(
        rows(
            {
                "1.3.6.1.2.1.1.5.0": b"rk1-x",
                f"{OWN}.1.9.{user}": 1,
                f"{OWN}.2.{name}": 1,
                f"{OWN}.3.1.2.3.4": 1,
            }
        )
    )
    assert [dotted(oid) for oid in redacted.rows] == ["1.3.6.1.2.1.1.5.0", f"{OWN}.3.1.2.3.4"]


def test_who_asked_is_secret_too() -> None:
    redacted = redact(
        rows({f"{OWN}.1.0": b"t0psecret", f"{OWN}.2.0": b"user=netadm7;", f"{OWN}.3.0": b"public"}),
        told=Told(communities=("t0psecret", "public"), users=("netadm7",)),
    )
    assert_gone(redacted, b"t0psecret", b"netadm7")
    assert one(redacted, f"{OWN}.3.0") == b"public", "what the factory sets is known to all"


def test_outlet_names_by_distinct_value_and_those_of_the_factory_stay() -> None:
    names = {1: b"db01", 2: b"web", 3: b"db01", 4: b"Outlet 4", 5: b"", 6: "Büro".encode()}
    redacted = redact(rows({f"{CPS}.3.3.5.1.1.2.{n}": name for n, name in names.items()}))
    got = [one(redacted, f"{CPS}.3.3.5.1.1.2.{n}") for n in names]
    assert got == [b"Outlet name 1", b"Outlet name 2", b"Outlet name 1", b"Outlet 4", b"",
                   b"Outlet name 3"]  # fmt: skip
    assert redacted.summary() == "3 outlet names"


def test_a_text_of_unknown_meaning_goes_unless_it_is_harmless_or_kept() -> None:
    device = rows(
        {
            "1.3.6.1.2.1.1.1.0": b"Acme PowerStrip PS-2000",
            f"{OWN}.1.0": b"PS-2000",
            f"{OWN}.2.0": b"4.2.0.5-50274",
            f"{OWN}.3.0": b"05/24/2023 10:08:33",
            f"{OWN}.4.0": b"Temperature sensor 2 normal",
            f"{OWN}.5.0": b"behind the coffee machine",
            f"{OWN}.6.0": b"swordfish",
            f"{OWN}.7.0": b"XY12345678",
        }
    )
    redacted = redact(device)
    for leaf in (1, 2, 3, 4):
        oid = parse_oid(f"{OWN}.{leaf}.0")
        assert redacted.rows[oid].content == device[oid].content
    assert one(redacted, f"{OWN}.5.0") == b"text-1"
    assert one(redacted, f"{OWN}.6.0") == b"text-2"
    assert one(redacted, f"{OWN}.7.0") == b"RA00000001"
    kept = redact(device, keep=(parse_oid(f"{OWN}.5"),))
    assert one(kept, f"{OWN}.5.0") == b"behind the coffee machine"


def test_a_name_that_is_the_models_does_not_hide_the_model() -> None:
    redacted = redact(
        rows(
            {
                "1.3.6.1.2.1.1.1.0": b"CPS Power Distributed Unit",
                "1.3.6.1.2.1.1.5.0": b"PDU44001",
                "1.3.6.1.2.1.1.6.0": b"Power",
                f"{CPS}.3.1.5.0": b"PDU44001",
                f"{CPS}.3.1.3.0": b"10.1.2.3",
                f"{CPS}.3.3.5.1.1.2.1": b"U4400",
            }
        )
    )
    assert one(redacted, f"{CPS}.3.1.5.0") == b"PDU44001"
    assert one(redacted, "1.3.6.1.2.1.1.1.0") == b"CPS Power Distributed Unit"
    assert one(redacted, "1.3.6.1.2.1.1.6.0") == b"location-1"
    assert one(redacted, f"{CPS}.3.1.3.0") == b"10.1.2.3", "firmware, and no address"


def test_octets_that_are_no_text() -> None:
    redacted = redact(
        rows(
            {
                f"{OWN}.1.0": b"\x80",
                f"{OWN}.2.0": bytes.fromhex("07e70b150e021100"),  # DateAndTime
                f"{OWN}.3.0": bytes.fromhex("800000f003000c15415d7c"),  # an engine id with a MAC
                f"{OWN}.4.0": bytes(16),
            }
        )
    )
    assert one(redacted, f"{OWN}.1.0") == b"\x80"
    assert one(redacted, f"{OWN}.2.0") == bytes.fromhex("07e70b150e021100")
    assert_gone(redacted, bytes.fromhex("000c15415d7c"))
    assert len(one(redacted, f"{OWN}.3.0")) == 11
    assert one(redacted, f"{OWN}.4.0") == bytes(16)


@pytest.mark.parametrize("text", ["Outlet 3", "OUTLET12", "C1", "Source A", "ENV_Contact#1-2", ""])
def test_names_of_the_factory(text: str) -> None:
    assert is_default_name(text)


@pytest.mark.parametrize(
    "text", ["db01", "Server 1", "Outlet rack 7", "R03 Inlet", "B03 Inlet", "Outlet 1234"]
)
def test_names_that_somebody_gave(text: str) -> None:
    assert not is_default_name(text)


@pytest.mark.parametrize(
    "text",
    ["12.5 A", "200-240V", "v6.7.2", "Mar 20 2019", "09/03/2024 11:20:41", "9F 04 02 00",
     "IEC 60320 C13", "noTempSensorInstalled", "Switched Rack PDU", "1, 2, 3", "11:37:48"],
)  # fmt: skip
def test_texts_that_say_nothing_of_the_owner(text: str) -> None:
    assert is_harmless(text)


@pytest.mark.parametrize(
    "text",
    [
        "Rack 3",
        "it",
        "db",
        "coffee",
        "Server Room",
        "AMS-02",
        "1234567",
        "John",
        "00 C0 B7 AA BB CCx",
    ],
)
def test_texts_that_may(text: str) -> None:
    assert not is_harmless(text)


def test_what_is_taken_for_a_serial() -> None:
    assert looks_like_serial("5A1916E00388")
    assert looks_like_serial("12345678")
    assert not looks_like_serial("swordfish")


# -- whole devices -------------------------------------------------------------------------------

SECRETS = {
    "cyberpower_pdu44005": (b"ATS011", b"Server Room", bytes.fromhex("000c15415d7c")),
    "raritan_px3": (b"DEVICE 8", b"R03 ", b"1JX1800000", bytes.fromhex("000d5d20e4c4")),
    "raritan_px2_sensors": (b"AEI8801437", b"PRC8400141", bytes.fromhex("000d5d143098")),
    "apc_ap8641": (b"John Doe", b"dc01", b"SRV-OPS", b"ESX", b"3F3452A52295", b"5A1916E00388",
                   bytes.fromhex("2829862f042c"), b"DISK", b"NY-CSI"),
    "apc_ap8932": (b"4F503A169043", b"3F503A169043", b"5A1904E01715", b"dc01", b"WEST"),
    "apc_ats_ap7724": (b"5A1516T15268", b"m-ups-04"),
    "eaton_ema114": (b"H619P44058", b"SP Lab", b"lab-rack", b"OPENGEAR",
                     bytes.fromhex("002085cdb8ad")),
}  # fmt: skip


@pytest.mark.parametrize("name", SECRETS)
async def test_a_redacted_device_tells_no_secret_and_reads_the_same(
    shared_snmp: Path, name: str
) -> None:
    path = shared_snmp / "recordings" / f"{name}.snmprec"
    device = {
        oid: TypedRow(dotted(oid), value.tag, value.content)
        for oid, value in load_recording(path).items()
    }
    redacted = redact(device)
    assert_gone(redacted, *SECRETS[name])
    lines = [format_record(device[oid]) for oid in sorted(device)]
    before = await read("\n".join(lines))
    after = await read(text_of(redacted))
    assert figures(after) == figures(before)
    assert (after.model, after.firmware, after.profile) == (
        before.model,
        before.firmware,
        before.profile,
    )
    assert after.serial is None or after.serial.startswith("RA") or before.serial == after.serial
    for old, new in zip(before.outlets, after.outlets, strict=True):
        assert bool(old.name) == bool(new.name)


async def read(text: str) -> Reading:
    client = RecordedClient(parse_snmprec(text))
    backend = SnmpBackend(
        "pdu", SnmpTarget(host="device"), clock=ManualClock(), connect=client.connect
    )
    return await backend.poll()


def figures(reading: Reading) -> object:
    """Everything that is no name."""

    def without_names(part: object) -> dict[str, object]:
        fields = part.__struct_fields__  # type: ignore[attr-defined]
        return {f: getattr(part, f) for f in fields if f not in ("name", "device")}

    parts = (reading.inlets, reading.phases, reading.banks, reading.outlets, reading.sensors)
    return [[without_names(part) for part in group] for group in parts], reading.ats
