"""The import of a device map: every list of NetBox, and what must not be guessed."""

from __future__ import annotations

from pathlib import Path

import pytest

from pdutui.config_errors import ConfigError
from pdutui.config_netbox import Imported, import_netbox
from pdutui.config_netbox_names import cord_of, is_no_outlet, is_power_port, outlet_of
from pdutui.config_netbox_table import Kind

PDUS = ("rack1-a", "rack1-b")
PORTS = "Name,Device,Maximum draw (W),Mark Connected,Cable,Link Peers\n"
OUTLETS = "Name,Device,Power Port,Feed Leg,Link Peers\n"
CABLES = "ID,Label,Termination A,Termination B,Device A,Device B,Site A,Site B,Status,Type\n"
LINES = "rack1-a\n    \n  \n  Outlet 3"
"""A cell of a release that leaves the lines of its web page."""


def read(
    folder: Path,
    text: str,
    *,
    kind: Kind | None = None,
    only_configured: bool = False,
    configured: tuple[str, ...] = PDUS,
    **renamed: str,
) -> Imported:
    file = folder / "netbox.csv"
    file.write_text(text, encoding="utf-8")
    return import_netbox(
        file,
        configured=configured,
        renamed=renamed,
        kind=kind,
        only_configured=only_configured,
    )


def plain(found: Imported) -> list[str]:
    return [f"{c.device} {c.cord or '-'} {c.pdu}:{c.outlet}" for c in found.cords]


@pytest.mark.parametrize(
    ("name", "number", "group", "explicit"),
    [
        ("Outlet 3", 3, "", True),
        ("outlet-03", 3, "", True),
        ("OUTLET_12", 12, "", True),
        ("Outlet3", 3, "", True),
        ("Power Outlet #7", 7, "", True),
        ("Outlet 3 (db01, cord B2)", 3, "", True),
        ("3", 3, "", False),
        ("A3", 3, "a", False),
        ("C13-3", 3, "c13", True),
        ("Outlet C19 2", 2, "c19", True),
        ("Outlet A3", 3, "a", True),
        ("Outlet A 3", 3, "a", True),
        ("Outlet 0", 0, "", True),
        ("C13", None, "", False),
        ("AA3", None, "", False),
        ("2.5", None, "", False),
        ("Bank 1 Outlet 3", None, "", False),
        ("Outlet 3A", None, "", False),
        ("Power 3", None, "", False),
        ("Outlet", None, "", False),
        ("Outlet 123456", 0, "", True),
        ("Gi1/0/3", None, "", False),
    ],
)
def test_numbers_out_of_names(name: str, number: int | None, group: str, explicit: bool) -> None:
    if number is None:
        with pytest.raises(ValueError, match=r"number|plainly"):
            outlet_of(name)
    else:
        assert outlet_of(name) == (number, group, explicit)


@pytest.mark.parametrize(
    ("name", "cord"),
    [
        ("PSU-A", "A"),
        ("Power Supply B", "B"),
        ("psu a", "A"),
        ("A", "A"),
        ("PS2", "PSU2"),
        ("PSU1 (left)", "PSU1"),
        ("Power Supply 0", "PSU0"),
        ("PEM 1", "PSU1"),
        ("Inlet", ""),
        ("PSU", ""),
        ("Slot 1 PSU 2", ""),
        ("PSU-E", ""),
    ],
)
def test_cords_out_of_names(name: str, cord: str) -> None:
    assert cord_of(name) == cord


def test_ports_that_are_plainly_one_thing() -> None:
    assert all(map(is_power_port, ("PSU1", "Power Supply A", "PS-2", "Inlet", "power")))
    assert not any(map(is_power_port, ("eth0", "Outlet 3", "3", "xe-0/0/1")))
    assert all(map(is_no_outlet, ("eth0", "Console", "Network 1", "Inlet", "Mgmt", "RS-232")))
    assert not any(map(is_no_outlet, ("Outlet 3", "3", "A3", "AA3")))


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        (PORTS + "PSU1,db01,750,False,#1,rack1-a > Outlet 3\n", "ports"),
        (PORTS.replace(",", ";") + "PSU1;db01;750;False;#1;rack1-a > Outlet 3\n", "ports"),
        (PORTS.replace(",", "|") + "PSU1|db01|750|False|#1|rack1-a > Outlet 3\n", "ports"),
        (
            "Name,Device,Maximum Draw,Cable,Link Peer,Connection\n"
            f'PSU1,db01,750,#1,"{LINES}","{LINES}"\n',
            "ports",
        ),
        (
            "\ufeffDevice,Name,Allocated draw,Cable Peer,Connection\r\n"
            "db01,PSU1,,,rack1-a > Outlet 3 (db01)\r\n",
            "ports",
        ),
        (OUTLETS + "Outlet 3,rack1-a,Inlet,A,db01 > PSU1\n", "outlets"),
        ("PDU,Outlet,Device,Power Port\nrack1-a,Outlet 3,db01,PSU1\n", "connections"),
        (
            f'Device,Power Port,Connection,Reachable\ndb01,PSU1,"{LINES}",True\n',
            "connections",
        ),
        (CABLES + "1,,PSU1,Outlet 3,db01,rack1-a,S,S,Connected,Power\n", "cables"),
        (CABLES + "1,,Outlet 3 (x),PSU1,rack1-a,db01,,,Connected,\n", "cables"),
        (
            "ID,Side A,Termination A,Side B,Termination B,Status,Type\n"
            "1,rack1-a,3,db01,PSU1,Connected,Power\n",
            "cables",
        ),
        (
            "side_a_device,side_a_type,side_a_name,side_b_device,side_b_type,side_b_name,status\n"
            "db01,dcim.powerport,PSU1,rack1-a,dcim.poweroutlet,3,connected\n",
            "cables",
        ),
        (
            "a_terminations,b_terminations,device_a,device_b,type\n"
            "PSU1,Outlet 3,db01,rack1-a,power\n",
            "cables",
        ),
    ],
)  # fmt: skip
def test_every_list_says_the_same(tmp_path: Path, text: str, kind: Kind) -> None:
    found = read(tmp_path, text)
    assert (found.kind, found.left_out) == (kind, ())
    assert plain(found) == ["db01 PSU1 rack1-a:3"]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "is empty"),
        ("a,b\n1,2\n", "is no list of power ports, power outlets, power connections or cables"),
        ("Name,Label,Type\nPSU1,,\n", "is no list of power ports"),
        ("Name,Device,Type,Link Peers\nx,y,,\n", "say it with --kind ports or --kind outlets"),
        ("Name,Device,Maximum draw\nx,y,\n", "no column that says what is connected (Link Peers"),
        ("ID,Termination A,Termination B,Status\n1,a,b,\n", "has no columns Device A and Device B"),
    ],
)
def test_what_is_no_such_list(tmp_path: Path, text: str, said: str) -> None:
    with pytest.raises(ConfigError) as caught:
        read(tmp_path, text)
    assert said in str(caught.value)


def test_somebody_may_say_what_it_is_a_list_of(tmp_path: Path) -> None:
    text = "Name,Device,Connection\n3,rack1-a,db01 > PSU1\n"
    assert plain(read(tmp_path, text, kind="outlets")) == ["db01 PSU1 rack1-a:3"]


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        (PORTS + "PSU1,db01,,False,#1,rack1-a > AA3\n", '"AA3" is not plainly the name'),
        (PORTS + "PSU1,db01,,False,#1,rack1-a > Outlet 0\n", "are counted from 0"),
        (PORTS + "PSU1,db01,,False,#1,UPS > Feed A\n", 'UPS: "Feed A" has no number at its end'),
        (PORTS + "PSU1,db01,,True,,\n", "is marked connected, and to what is not said"),
        (PORTS + "PSU1,db01,,False,#1,\n", "has a cable, and where it leads to is not said"),
        (PORTS + "PSU1,db01,,False,#1,Outlet 3\n", "link peers cannot be read: DEVICE > NAME"),
        (PORTS + "PSU1,,,False,#1,rack1-a > Outlet 3\n", "its device or its name is missing"),
        (
            PORTS + 'PSU1,db01,,False,#1,"rack1-a > Outlet 3, rack1-b > Outlet 3"\n',
            "db01 PSU1: is in several outlets at once",
        ),
        (
            "PDU,Outlet,Device,Power Port\nrack1-a,,db01,PSU1\n",
            "its PDU or its outlet is missing",
        ),
        (OUTLETS + "AA3,rack1-a,,,db01 > PSU1\n", '"AA3" is not plainly the name of an outlet'),
        (CABLES + "1,,PSU1,Outlet 3,db01,rack1-a,,,Planned,Power\n", "the cable is planned"),
        (CABLES + "1,,PSU1,,db01,rack1-a,,,Connected,Power\n", "one of its ends is missing"),
        (CABLES + "1,,Gi1/0/3,3,sw1,rack1-a,,,Connected,\n", "it may be no power cable"),
        (CABLES + "1,,PSU1,AA3,db01,rack1-a,,,Connected,Power\n", '"AA3" is not plainly the name'),
        (CABLES + "1,,1,2,rack1-b,rack1-a,,,Connected,Power\n", "either end may be the outlet"),
        (CABLES + "1,,PSU1,Out,db01,ups,,,Connected,Power\n", "neither end is plainly an outlet"),
    ],
)
def test_what_cannot_be_understood_is_left_out(tmp_path: Path, text: str, reason: str) -> None:
    found = read(tmp_path, text)
    assert found.cords == ()
    (one,) = found.left_out
    assert one.line == 2
    assert reason in one.reason


@pytest.mark.parametrize(
    ("text", "counts"),
    [
        (PORTS + "PSU1,db01,,False,,\nPSU1,db02,,False,,\u2014\n", (2, 0, 0)),
        (PORTS + "Inlet,rack1-a,,False,#1,Panel 1 > Feed A\n", (0, 1, 0)),
        (PORTS + "Inlet,rack1-a,,False,#1,Panel 1 > 3\n", (0, 1, 0)),
        (PORTS + "Inlet,rack1-a,,True,,\n", (0, 1, 0)),
        (OUTLETS + "AA3,rack1-a,,,\n", (1, 0, 0)),
        (CABLES + "1,,Gi1/0/3,eth0,sw1,rack1-a,,,Connected,CAT6\n", (0, 0, 1)),
        (CABLES + "1,,Gi1/0/3,eth0,sw1,rack1-a,,,Connected,\n", (0, 0, 1)),
        (CABLES + "1,,Gi1/0/3,xe0,sw1,sw2,,,Connected,\n", (0, 0, 1)),
        (
            "side_a_device,side_a_type,side_a_name,side_b_device,side_b_type,side_b_name\n"
            ",dcim.powerfeed,Feed 1,rack1-a,dcim.powerport,Inlet\n",
            (0, 0, 1),
        ),
    ],
)
def test_what_is_no_cord_is_counted(
    tmp_path: Path, text: str, counts: tuple[int, int, int]
) -> None:
    found = read(tmp_path, text)
    assert (found.cords, found.left_out) == ((), ())
    assert (found.unconnected, found.inlets, found.others) == counts


def test_outlets_that_are_counted_by_letter_have_no_number(tmp_path: Path) -> None:
    """`A3` alone is 3; beside `B3` nobody knows how the device counts."""
    one = PORTS + "PSU1,db01,,False,#1,rack1-a > A3\nPSU2,db01,,False,#2,rack1-b > C13-7\n"
    assert plain(read(tmp_path, one)) == ["db01 PSU1 rack1-a:3", "db01 PSU2 rack1-b:7"]
    found = read(tmp_path, one + "PSU1,db02,,False,#3,rack1-a > B4\n")
    assert plain(found) == ["db01 PSU2 rack1-b:7"]
    assert [n.line for n in found.left_out] == [2, 4]
    assert "counted by letter or socket (A and B)" in found.left_out[0].reason
    text = OUTLETS + "C13-3,rack1-a,,,db01 > PSU1\nC19-1,rack1-a,,,\n"
    assert plain(read(tmp_path, text)) == []  # one without a cord shows it as well


def test_two_outlets_with_one_number(tmp_path: Path) -> None:
    text = OUTLETS + "Outlet 3,rack1-a,,,db01 > PSU1\n3,rack1-a,,,db02 > PSU1\n4,rack1-a,,,d > A\n"
    found = read(tmp_path, text)
    assert plain(found) == ["d A rack1-a:4"]
    assert 'rack1-a: "3" and "Outlet 3" have the same number' in found.left_out[0].reason


@pytest.mark.parametrize(
    "text",
    [
        PORTS + "PSU1,sw1,,False,#1,rack1-a > Outlet 1\nPSU1,sw1,,False,#2,rack1-b > Outlet 1\n",
        PORTS + "PSU1,sw1,,False,#1,rack1-a > Outlet 1\nPSU1,SW1,,False,,\n",
        OUTLETS + "1,rack1-a,,,sw1 > PSU1\n1,rack1-b,,,sw1 > PSU1\n",
        CABLES + "1,,PSU1,1,sw1,rack1-a,X,X,Connected,Power\n"
        "2,,PSU2,1,sw1,rack1-b,Y,Y,Connected,Power\n",
        OUTLETS + "1,rack1-a,,,sw1 > PSU1\n1,rack1-a,,,sw2 > PSU1\n",
    ],
)
def test_two_devices_of_one_name_are_not_taken_for_one_with_two_cords(
    tmp_path: Path, text: str
) -> None:
    """That would be the lie that kills: a device that seems to keep its other feed."""
    found = read(tmp_path, text)
    assert found.cords == ()
    assert found.left_out
    assert all("two of that name" in one.reason for one in found.left_out)


def test_a_splitter_is_no_contradiction(tmp_path: Path) -> None:
    text = OUTLETS + '3,rack1-a,,,"db01 > PSU1, db02 > PSU1"\n'
    assert plain(read(tmp_path, text)) == ["db01 PSU1 rack1-a:3", "db02 PSU1 rack1-a:3"]


def test_pdus_by_other_names(tmp_path: Path) -> None:
    text = PORTS + "A,db01,,False,#1,PDU-1 > 3\nB,db01,,False,#1,PDU-2 > 3\n"
    assert plain(read(tmp_path, text, **{"PDU-1": "rack1-a"})) == [
        "db01 A rack1-a:3",
        "db01 B PDU-2:3",
    ]
    for renamed, said in (
        ({"PDU1": "rack1-a"}, "has no PDU \"PDU1\": did you mean 'PDU-1'?"),
        ({"PDU-1": "x", "PDU-2": "x"}, 'would both be "x"'),
        ({"PDU-1": "PDU-2"}, 'would both be "PDU-2"'),
    ):
        with pytest.raises(ConfigError) as caught:
            read(tmp_path, text, **renamed)
        assert said in str(caught.value)


def test_only_devices_of_configured_pdus(tmp_path: Path) -> None:
    text = (
        PORTS
        + "A,db01,,False,#1,rack1-a > 3\nB,db01,,False,#1,far > 3\nA,db02,,False,#1,far > 4\n"
        + "A,db03,,False,#1,far > AA1\nC,db01,,False,#1,far > AA2\n"
    )
    assert len(read(tmp_path, text).cords) == 3
    found = read(tmp_path, text, only_configured=True)
    assert plain(found) == ["db01 A rack1-a:3", "db01 B far:3"]
    assert (found.elsewhere, [n.line for n in found.left_out]) == (1, [6])


def test_a_pdu_that_hangs_on_a_pdu_is_a_device(tmp_path: Path) -> None:
    text = PORTS + "Inlet,rack1-b,,False,#1,rack1-a > Outlet 8\n"
    assert plain(read(tmp_path, text)) == ["rack1-b - rack1-a:8"]
    text = CABLES + "1,,Outlet 8,Inlet 1,rack1-a,rack1-b,,,Connected,\n"
    assert plain(read(tmp_path, text)) == ["rack1-b - rack1-a:8"]
