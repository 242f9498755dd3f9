"""The device map: the table of cords, and what the outlets of the configuration say."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from pdutui.config import load_settings
from pdutui.config_errors import ConfigError
from pdutui.config_map import map_text, read_map
from pdutui.domain.devicemap import MappedCord
from tests.config.helpers import PDUS, load, problems

HEAD = "device,pdu,outlet,cord,critical\n"
CONFIG = (
    PDUS.replace(
        '[[pdu]]\nname = "rack1-b"',
        '[pdu.outlets.3]\ndevice = "db01"\n{}\n[[pdu]]\nname = "rack1-b"',
    )
    + '[impact]\nmap = "cords.csv"\n'
)


def cord(
    device: str, pdu: str, outlet: int, name: str = "", *, critical: bool = False
) -> MappedCord:
    return MappedCord(device=device, pdu=pdu, outlet=outlet, cord=name, critical=critical)


def cords(folder: Path, more: str, table: str) -> tuple[MappedCord, ...]:
    (folder / "cords.csv").write_text(HEAD + table)
    return load(folder, CONFIG.format(more)).cords


def wrong(folder: Path, table: str) -> list[str]:
    file = folder / "cords.csv"
    file.write_text(table)
    with pytest.raises(ConfigError) as caught:
        read_map(file)
    return [line.removeprefix(f"{file}") for line in caught.value.problems]


@pytest.mark.parametrize(
    "data",
    [
        b"device,pdu,outlet,cord,critical\ndb01,rack1-a,3,A,yes\ndb01,rack1-b,2.5,B,\n",
        b"\xef\xbb\xbfCord;Outlet;PDU;Device;Critical\r\nA;3;rack1-a;db01;1\r\n"
        b"\r\nB;2005;rack1-b;db01;no\r\n",
    ],
)
def test_columns_separators_and_marks_as_they_come(tmp_path: Path, data: bytes) -> None:
    file = tmp_path / "cords.csv"
    file.write_bytes(data)
    found = tuple(line.cord for line in read_map(file))
    assert found == (
        cord("db01", "rack1-a", 3, "A", critical=True),
        cord("db01", "rack1-b", 2005, "B"),
    )
    file.write_text(map_text(found))
    assert tuple(line.cord for line in read_map(file)) == found


@pytest.mark.parametrize(
    ("table", "said"),
    [
        ("", ": is empty; its first line must be device,pdu,outlet,cord,critical"),
        ("db01,rack1-a,3\n", ", line 1: is no header: the first line must be device,pdu,outlet"),
        ("device,pdu\n", ", line 1: column 'outlet' is missing"),
        ("device,pdu,outlet,cords\n", ", line 1, column 4: \"cords\" is not known: did you mean"),
        (HEAD + "db01,rack1-a,x\n", ", line 2, column outlet: must be a number from 1 to 1"),
        (HEAD + "db01,rack1-a,0\n", ", line 2, column outlet: must be a number from 1 to 1"),
        (HEAD + "db01,rack1-a,1.5\n", "first unit of a chain have plain numbers, 5"),
        (HEAD + "db01,rack1-a,2.0\n", '2.5 for outlet 5 of unit 2 of a chain, is "2.0"'),
        (HEAD + "db01,,3\n", ", line 2, column pdu: is empty"),
        (HEAD + "db01,rack1-a\n", ", line 2, column outlet: is missing"),
        (HEAD + "db01,rack1-a,3,A,maybe\n", ", line 2, column critical: must be yes, no or empty"),
        (HEAD + f"db01,rack1-a,3,{'A' * 17}\n", ", line 2, column cord: has more than 16 characte"),
        (HEAD + "db01,rack1-a,3,A,,x\n", ", line 2: has 6 values under 5 columns"),
        (HEAD + '"db\x1b01",rack1-a,3\n', ", line 2, column device: has control codes in it"),
        (HEAD + '"db01\n', ", line 2: unexpected end of data"),
        (
            HEAD + "db01,rack1-a,3\n\nDB01,rack1-a,03\n",
            ", line 4: DB01 in outlet 3 of rack1-a is in line 2 already",
        ),
    ],
)  # fmt: skip
def test_what_is_said_of_a_wrong_table(tmp_path: Path, table: str, said: str) -> None:
    (found,) = wrong(tmp_path, table)
    assert said in found


def test_all_that_is_wrong_with_a_table_is_said_with_the_rest(tmp_path: Path) -> None:
    (tmp_path / "cords.csv").write_text(HEAD + "a,rack1-a,x\nb,rack1-a,y\n")
    found = problems(tmp_path, CONFIG.format("") + "limit_percent = 0")
    assert len(found) == 3
    (tmp_path / "cords.csv").unlink()
    (said,) = problems(tmp_path, CONFIG.format(""))
    file = tmp_path / "cords.csv"
    assert said == f"impact.map: {file}: cannot be read: No such file or directory"
    file.symlink_to("/dev/zero")
    (said,) = problems(tmp_path, CONFIG.format(""))
    assert said == f"impact.map: {file}: is longer than 10 MB: no such table"


def test_who_makes_the_table_does_without_it(tmp_path: Path) -> None:
    file = tmp_path / "config.toml"
    file.write_text(CONFIG.format('cord = "A"'))
    env = {"PDUTUI_STATE_DIR": str(tmp_path)}
    assert load_settings(config=file, env=env, device_map=False).cords == ()


@pytest.mark.parametrize(
    ("more", "table", "expected"),
    [
        ("", "", [cord("db01", "rack1-a", 3)]),
        (
            'cord = "A"',
            "db01,rack1-b,3,B,\n",
            [cord("db01", "rack1-a", 3, "A"), cord("db01", "rack1-b", 3, "B")],
        ),
        ("", "DB01,rack1-a,3,A,yes\n", [cord("db01", "rack1-a", 3, "A", critical=True)]),
        (
            'cord = "A"\ncritical = true',
            "db01,rack1-a,3,a,no\n",
            [cord("db01", "rack1-a", 3, "A", critical=True)],
        ),
        (
            "",
            "db01,rack1-a,3,A,\nweb01,rack1-a,3,B,\n",
            [cord("db01", "rack1-a", 3, "A"), cord("web01", "rack1-a", 3, "B")],
        ),
        (
            '[pdu.outlets.4]\ncord = "B"\ncritical = true',
            "web01,rack1-a,4,,\n",
            [cord("db01", "rack1-a", 3), cord("web01", "rack1-a", 4, "B", critical=True)],
        ),
        (  # what is critical is, named or not
            "[pdu.outlets.4]\ncritical = true",
            "",
            [cord("db01", "rack1-a", 3), cord("rack1-a:4", "rack1-a", 4, critical=True)],
        ),
    ],
)
def test_both_make_one_map(
    tmp_path: Path, more: str, table: str, expected: list[MappedCord]
) -> None:
    assert cords(tmp_path, more, table) == tuple(expected)


@pytest.mark.parametrize(
    ("more", "table", "said"),
    [
        (
            "",
            "web01,rack1-a,3,,\n",
            "cords.csv, line 2: outlet 3 of rack1-a has \"web01\", and {}: [pdu 'rack1-a']"
            ' outlets.3.device says "db01": one of them is wrong',
        ),
        (
            'cord = "A"',
            "db01,rack1-a,3,B,\n",
            'cords.csv, line 2: cord is "B", and {}: [pdu \'rack1-a\'] outlets.3.cord says "A"',
        ),
        (
            '[pdu.outlets.4]\ncord = "B"',
            "",
            "[pdu 'rack1-a'] outlets.4.cord is there without a device: name it with device",
        ),
        (
            '[pdu.outlets.4]\ncord = "B"',
            "web01,rack1-a,4,A,\n",
            "[pdu 'rack1-a'] outlets.4.cord is \"B\", and",
        ),
    ],
)
def test_contradictions_name_both_places(tmp_path: Path, more: str, table: str, said: str) -> None:
    (tmp_path / "cords.csv").write_text(HEAD + table)
    (found,) = problems(tmp_path, CONFIG.format(more))
    assert said.format(tmp_path / "config.toml") in re.sub(r"(config.toml), line \d+", r"\1", found)
    named = re.search(r"config.toml, line (\d+): \S+ \S+ outlets.3.(\w+) ", found)
    assert named is None or CONFIG.format(more).splitlines()[int(named[1]) - 1].startswith(named[2])


def test_a_pdu_that_is_not_configured_is_warned_of_once(tmp_path: Path) -> None:
    table = "x,rack1-c,1,,\ny,rack1-c,2,,\n" + "".join(f"x,far{n},1,,\n" for n in range(20, 30))
    (tmp_path / "cords.csv").write_text(HEAD + table)
    settings = load(tmp_path, CONFIG.format(""))
    assert len(settings.cords) == 13
    first, *more = settings.warnings
    assert first.endswith("line 2: PDU \"rack1-c\" is not configured: did you mean 'rack1-b'?")
    assert len(more) == 8
    assert more[-1].endswith("cords.csv: 3 more of its PDUs are not configured")
