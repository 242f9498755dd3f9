"""`pdutui map`: import, show, check."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.cli.conftest import Cli

CONFIG = """
[[pdu]]
name = "rack1-a"
host = "192.0.2.1"
feed = "A"
[pdu.outlets.8]
device = "fw01"
critical = true
[[pdu]]
name = "rack1-b"
host = "192.0.2.2"
feed = "B"
[impact]
map = "cords.csv"
"""
NETBOX = """Name,Device,Maximum draw (W),Cable,Link Peers
PSU1,db01,750,#1,rack1-a > Outlet 3
PSU2,db01,750,#2,PDU-B > Outlet 3
"""
UNCLEAR = "PSU1,web01,750,#3,rack1-a > AA4\n"


@pytest.fixture
def folder(tmp_path: Path, cli: Cli, monkeypatch: pytest.MonkeyPatch) -> Path:
    (tmp_path / "config.toml").write_text(CONFIG)
    (tmp_path / "ports.csv").write_text(NETBOX)
    monkeypatch.chdir(tmp_path)
    return tmp_path


def cords(folder: Path, *lines: str) -> None:
    (folder / "cords.csv").write_text("\n".join(("device,pdu,outlet,cord,critical", *lines)))


def test_an_import_is_the_map_that_is_shown(cli: Cli, folder: Path) -> None:
    """The file that [impact] map names is made by it, so it need not be there."""
    done = cli("map", "import", "ports.csv", "--pdu-name", "PDU-B=rack1-b", "-o", "cords.csv")
    assert (done.code, done.out) == (0, "")
    assert done.err == "ports.csv: 2 lines, 2 cords of 1 device\n"
    done = cli("map", "show", "--json")
    assert done.code == 0
    db01, fw01 = map(json.loads, done.out.splitlines())
    assert db01 == {
        "device": "db01",
        "critical": False,
        "single_corded": False,
        "cords": [
            {"pdu": "rack1-a", "outlet": 3, "cord": "PSU1", "feed": "A", "configured": True},
            {"pdu": "rack1-b", "outlet": 3, "cord": "PSU2", "feed": "B", "configured": True},
        ],
    }
    assert (fw01["device"], fw01["critical"], fw01["single_corded"]) == ("fw01", True, True)
    assert cli("map", "show").out.splitlines() == [
        "  device  cord  PDU      outlet  feed  note",
        "  db01    PSU1  rack1-a       3  A     -",
        "          PSU2  rack1-b       3  B",
        "  fw01    -     rack1-a       8  A     critical, one cord",
        "",
        "2 devices, 3 cords; 1 with one cord",
    ]


def test_what_is_left_out_is_said_and_ends_with_1(cli: Cli, folder: Path) -> None:
    (folder / "ports.csv").write_text(NETBOX + UNCLEAR)
    done = cli("map", "import", "ports.csv")
    assert done.code == 1
    assert done.out == (
        "device,pdu,outlet,cord,critical\ndb01,rack1-a,3,PSU1,\ndb01,PDU-B,3,PSU2,\n"
    )
    first, note, last = done.err.splitlines()
    assert first.startswith('ports.csv, line 4: left out: web01 PSU1: rack1-a: "AA4" is not plai')
    assert note == "note: PDU 'PDU-B' (1 cord) is not configured"
    assert last == "ports.csv: 3 lines, 2 cords of 1 device, 1 left out"


def test_a_file_that_is_there_is_not_written_over(cli: Cli, folder: Path) -> None:
    cords(folder, "mine,rack1-a,1")
    before = (folder / "cords.csv").read_text()
    done = cli("map", "import", "ports.csv", "-o", "cords.csv")
    assert (done.code, (folder / "cords.csv").read_text()) == (2, before)
    assert "is there already: --force writes over it" in done.err
    assert cli("map", "import", "ports.csv", "-o", "cords.csv", "--force").code == 0
    assert "db01" in (folder / "cords.csv").read_text()


def test_nothing_is_written_where_nothing_is_plain(cli: Cli, folder: Path) -> None:
    (folder / "ports.csv").write_text(NETBOX.splitlines()[0] + "\n" + UNCLEAR)
    done = cli("map", "import", "ports.csv", "-o", "cords.csv")
    assert (done.code, (folder / "cords.csv").exists()) == (1, False)
    assert "0 cords of 0 devices, 1 left out; nothing to write" in done.err


@pytest.mark.parametrize(
    ("argv", "said"),
    [
        (("no.csv",), "no.csv: cannot be read: No such file"),
        (("config.toml",), "config.toml, line 2: is no list of power ports"),
        (("ports.csv", "--pdu-name", "PDU-B"), "--pdu-name 'PDU-B' must be NETBOX=CONFIGURED"),
        (("ports.csv", "--pdu-name", "PDU-B=rack1-c"), "no PDU 'rack1-c' is configured: did you"),
        (("ports.csv", "--pdu-name", "PDU-C=rack1-b"), 'ports.csv: has no PDU "PDU-C"'),
        (
            ("ports.csv", "--pdu-name", "PDU-B=rack1-b", "--pdu-name", "PDU-B=rack1-a"),
            "--pdu-name gives 'PDU-B' two names",
        ),
    ],
)
def test_what_cannot_be_imported(cli: Cli, folder: Path, argv: tuple[str, ...], said: str) -> None:
    done = cli("map", "import", *argv)
    assert (done.code, done.out) == (2, "")
    assert said in done.err


def test_show_picks_by_device_and_by_pdu(cli: Cli, folder: Path) -> None:
    cords(folder, "db01,rack1-a,3,A", "DB01,rack1-b,3,B", "web01,rack1-b,4,,yes", "far,other,2.5")

    def names(*argv: str) -> list[str]:
        return [
            json.loads(line)["device"] for line in cli("map", "show", "--json", *argv).out.split()
        ]

    assert names() == ["db01", "far", "fw01", "web01"]
    assert names("--device", "DB01") == ["db01"]
    assert names("--pdu", "rack1-a") == ["db01", "fw01"]
    assert names("--device", "db01", "--pdu", "rack1-b") == ["db01"]
    done = cli("map", "show", "--device", "db1")
    assert (done.code, "no device 'db1' is mapped: did you mean 'db01'?" in done.err) == (1, True)
    done = cli("map", "show", "--pdu", "rack1-c")
    assert (done.code, "no PDU 'rack1-c' is configured or mapped" in done.err) == (2, True)
    done = cli("map", "show", "--device", "far")
    assert "  far     other     2.5  not configured  one cord" in done.out
    assert 'cords.csv, line 5: PDU "other" is not configured' in done.err


@pytest.mark.parametrize(
    ("lines", "kinds", "text"),
    [
        (("db01,rack1-a,3,A", "db01,rack1-b,3,B"), [], "2 devices, 3 cords: 1 wrong"),
        (("db01,rack1-a,3",), [("single_cord", False)], "note   db01 has one cord: rack1-a outlet"),
        (
            ("db01,rack1-a,3,A", "db01,rack1-a,4,B"),
            [("one_pdu", True)],
            "wrong  db01 has both cords on one PDU: A: rack1-a outlet 3 (feed A), B: ",
        ),
        (
            ("db01,rack1-b,3,A", "db01,rack2-b,3,B"),
            [("one_feed", True)],
            "wrong  db01 has both cords on one feed: A: rack1-b outlet 3 (feed B), B: rack2-b",
        ),
        (
            ("db01,rack1-a,3,A", "db01,rack1-b,3,a"),
            [("same_cord", True)],
            "wrong  db01 has two cords of one name",
        ),
        (
            ("db01,rack1-a,3", "db01,rack1-b,3", "web01,rack1-a,3", "web01,rack1-b,4"),
            [("outlet_twice", True)],
            "wrong  rack1-a outlet 3 has db01 and web01",
        ),
        (
            ("db01,rack1-a,3", "db01,far,3"),
            [("unknown_pdu", True)],
            "wrong  far is not configured: how 1 cord on it stand is not known",
        ),
    ],
)  # fmt: skip
def test_check_finds_what_is_wrong(
    cli: Cli, folder: Path, lines: tuple[str, ...], kinds: list[tuple[str, bool]], text: str
) -> None:
    more = '[[pdu]]\nname = "rack2-b"\nhost = "192.0.2.3"\nfeed = "b"\n'
    (folder / "config.toml").write_text(CONFIG + more)
    cords(folder, *lines)
    done = cli("map", "check", "--json")
    found = [(one["kind"], one["bad"]) for one in map(json.loads, done.out.splitlines())]
    assert sorted(found) == sorted([("critical_single_cord", True), *kinds])
    assert [bad for _, bad in found] == sorted((bad for _, bad in found), reverse=True)
    assert done.code == 1
    assert text in cli("map", "check").out


def test_a_map_that_is_right_and_none_at_all(cli: Cli, folder: Path) -> None:
    cords(folder, "fw01,rack1-b,8,B")
    done = cli("map", "check")
    assert (done.code, done.out) == (0, "1 device, 2 cords: nothing is wrong\n")
    (folder / "config.toml").write_text("")
    done = cli("map", "show")
    assert (done.code, "nothing is mapped" in done.err) == (1, True)
    assert cli("map", "check").code == 0


def test_config_check_counts_and_doubts(cli: Cli, folder: Path) -> None:
    cords(folder, "db01,rack1-a,3")
    more = """
    [control.roles]
    default = "viewer"
    operator = ["no-such-user-here", "@no-such-group-here", "*"]
    [[control.window]]
    name = "over"
    begins = 2020-01-01T10:00:00Z
    ends = 2020-01-01T12:00:00Z
    [control.approval]
    needed = "all"
    [group.g]
    outlets = "rack1-a:1-4"
    [[sequence]]
    name = "s"
    [[sequence.step]]
    action = "on"
    group = "g"
    """
    (folder / "config.toml").write_text(CONFIG + more)
    done = cli("config", "check")
    assert done.code == 0
    assert done.out == (
        f"{folder / 'config.toml'}: right, 2 PDUs, 1 group, 1 sequence, 1 window,"
        " 2 cords of 2 devices, roles for 3 (everybody else is viewer)\n"
    )
    for said in (
        "control.roles.operator has 'no-such-user-here', and this machine knows no user of that",
        "control.roles.operator has '@no-such-group-here', and this machine knows no group of",
        "control.roles has no admin",
        "window 'over' ended 2020-01-01",
        "control.approval needs a second person, and plans are kept in the state directory",
    ):
        assert said in done.err
    (folder / "config.toml").write_text(CONFIG + "[control.roles]\n")
    assert "a viewer, who switches nothing" in cli("config", "check").err


def test_config_check_looks_at_the_directory_of_plans(cli: Cli, folder: Path) -> None:
    def said(path: Path, *, two: bool = True) -> str:
        needed = '[control.approval]\nneeded = "all"\n' if two else ""
        text = f'[control]\nplans_dir = "{path}"\n{needed}'
        (folder / "config.toml").write_text(text)
        done = cli("config", "check")
        assert done.code == 0
        return done.err

    place = folder / "plans"
    assert f"sudo install -d -m 3770 -g GROUP {place}" in said(place)
    assert said(place, two=False) == ""
    place.mkdir(mode=0o700)
    assert "cannot prove who approved a plan" in said(place)
    assert said(place, two=False) == ""
    place.chmod(0o3770)
    assert said(place) == ""
    assert "is no directory" in said(folder / "config.toml", two=False)
