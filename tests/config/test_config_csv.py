"""Bulk set-up: tables as spreadsheets write them, and what is said of bad ones."""

from __future__ import annotations

from pathlib import Path

import pytest

from pdutui.config_csv import read_csv
from pdutui.config_errors import ConfigError
from pdutui.config_write import PduEntry

PROFILES = ("cyberpower-epdu", "raritan-pdu2")


def read(folder: Path, data: str | bytes, **env: str) -> list[PduEntry]:
    path = folder / "pdus.csv"
    path.write_bytes(data.encode() if isinstance(data, str) else data)
    return [one.entry for one in read_csv(path, profiles=PROFILES, env=env)]


def problems(folder: Path, data: str | bytes, **env: str) -> list[str]:
    with pytest.raises(ConfigError) as caught:
        read(folder, data, **env)
    return [line.removeprefix(f"{folder / 'pdus.csv'}") for line in caught.value.problems]


WHOLE = [
    PduEntry(name="rack1-a", host="10.0.0.5", profile="raritan-pdu2", community_env="RO", feed="A",
             location="Row 3, Rack 1"),
    PduEntry(name="rack1-b", host="::1", port=1161),
]  # fmt: skip


@pytest.mark.parametrize("separator", [",", ";", "\t"])
@pytest.mark.parametrize("mark", [b"", b"\xef\xbb\xbf"])
@pytest.mark.parametrize("end", ["\n", "\r\n"])
def test_a_table_is_read_however_it_was_saved(
    tmp_path: Path, separator: str, mark: bytes, end: str
) -> None:
    lines = [
        ["name", "host", "profile", "community_env", "feed", "location"],
        ["rack1-a", "10.0.0.5", "raritan-pdu2", "RO", "A", '"Row 3, Rack 1"'],
        ["", "", "", "", "", ""],
        ["rack1-b", " [::1]:1161 ", "", "", "", ""],
    ]
    text = end.join(separator.join(line) for line in lines) + end
    assert read(tmp_path, mark + text.encode(), RO="x") == WHOLE


def test_columns_may_stand_in_any_order_and_be_left_out(tmp_path: Path) -> None:
    assert read(tmp_path, "HOST,Name,,\n10.0.0.5,a,,\npdu2:1161,b\n") == [
        PduEntry(name="a", host="10.0.0.5"),
        PduEntry(name="b", host="pdu2", port=1161),
    ]


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("", ": is empty"),
        ("name,host\n", ": has no line below"),
        ("a,10.0.0.5\nb,10.0.0.6\n", ", line 1: is no header"),
        ("name,profile\na,auto\n", ", line 1: column 'host' is missing"),
        ("name,host,comunity_env\na,10.0.0.5,X\n", "not known: did you mean 'community_env'?"),
        ("name,host,colour\na,10.0.0.5,red\n", 'column 3: "colour" is not known (there: name'),
        ("name,host,name\na,10.0.0.5,b\n", "column 3: 'name' is there twice"),
        ("name,host\n,10.0.0.5\n", ", line 2, column name: is empty"),
        ("name,host\na,\n", ", line 2, column host: is empty"),
        ("name,host\na,b c\n", ", line 2, column host: 'b c' is no host name"),
        ("name,host\na,pdu:0\n", ", line 2, column host: 'pdu:0': the port"),
        ("name,host,profile\na,p,raritan\n", 'profile: "raritan" is not known: did you mean'),
        ("name,host,community_env\na,p,my secret\n", "column community_env: must be the name of"),
        ("name,host,community_env\na,p,UNSET\n", "community_env: the environment has no UNSET"),
        ("name,host\na,p,q\n", ", line 2: has 3 values under 2 columns"),
        ("name,host\na,p\nb,q\na,r\n", ', line 4, column name: "a" is in line 2 already'),
        ("name,host\na,p\nb,P\n", ', line 3, column host: "p" is in line 2 already'),
        ('name,host\n"a,p\n', ", line 2"),
        ('name,host,location\na,p,"x\ny"\nb,,\n', ", line 4, column host: is empty"),
    ],
)  # fmt: skip
def test_every_error_says_where_and_what(tmp_path: Path, text: str, says: str) -> None:
    lines = problems(tmp_path, text)
    assert any(says in line for line in lines), lines


def test_all_of_it_is_said_at_once_and_no_secret(tmp_path: Path) -> None:
    lines = problems(tmp_path, "name,host,community_env\n,p,swordfish 7\na,b c,\n")
    assert len(lines) == 3
    assert "swordfish" not in "".join(lines)


@pytest.mark.parametrize(
    ("data", "says"),
    [
        ("name,host\na,p\n".encode("utf-16"), "UTF-16"),
        (b"name,host\na,p\nB\xfcro,q\n", "line 3: is not UTF-8"),
        (b"name,host\n\x00,p\n", "no text file"),
    ],
)
def test_files_that_are_no_text(tmp_path: Path, data: bytes, says: str) -> None:
    (line,) = problems(tmp_path, data)
    assert says in line


def test_a_file_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="cannot be read"):
        read_csv(tmp_path / "no.csv", profiles=PROFILES, env=None)


def test_without_probing_a_variable_need_not_be_set(tmp_path: Path) -> None:
    path = tmp_path / "p.csv"
    path.write_text("name,host,community_env\na,p,UNSET\n")
    (one,) = read_csv(path, profiles=PROFILES, env=None)
    assert (one.line, one.entry.community_env) == (2, "UNSET")
