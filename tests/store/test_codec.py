from __future__ import annotations

import shutil
import sqlite3
import subprocess
import zlib
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pdutui.store.codec import DamagedChunk, pack, unpack

VALUE = st.none() | st.integers(-50, 50) | st.integers(-(2**63) + 1, 2**63 - 1)


@st.composite
def tables(draw: st.DrawFn) -> dict[str, list[int | None]]:
    names = draw(st.lists(st.text("abc_.", min_size=1, max_size=6), unique=True, max_size=4))
    count = draw(st.integers(0, 40))
    return {name: draw(st.lists(VALUE, min_size=count, max_size=count)) for name in names}


@given(tables())
def test_what_is_packed_comes_back(columns: dict[str, list[int | None]]) -> None:
    z, size = pack(columns)
    assert unpack(z) == columns
    assert list(unpack(z)) == list(columns), "in order"
    assert len(zlib.decompress(z)) == size != len(z)
    some = list(columns)[::2]
    assert unpack(z, some) == {name: columns[name] for name in some}


def test_differences_are_to_the_last_value_there_was() -> None:
    z, _ = pack({"power_w": [1040, 1040, 1037, None, 1038]})
    assert zlib.decompress(z).strip() == b'{"power_w":[1040,0,-3,null,1]}'


def test_sums_beyond_64_bits() -> None:
    columns = {"power_w.sum": [-(2**63) * 3600, None, 2**63 * 3600]}
    assert unpack(pack(columns)[0]) == columns


def test_a_column_that_is_not_there_is_not_there() -> None:
    assert unpack(pack({"a": [1]})[0], ["a", "b"]) == {"a": [1]}


@pytest.mark.parametrize("only", [None, ["power_w"]])
@pytest.mark.parametrize(
    "text", [b"", b"{", b"[1]", b'{"power_w":["x"]}', b'{"power_w":1}', b'{"power_w":[1.5]}']
)
def test_what_is_no_table_is_damage(text: bytes, only: list[str] | None) -> None:
    with pytest.raises(DamagedChunk):
        unpack(zlib.compress(text), only)


def test_columns_of_two_lengths_are_damage() -> None:
    with pytest.raises(DamagedChunk, match="length"):
        unpack(zlib.compress(b'{"a":[1],"b":[1,2]}'))


def test_every_flipped_bit_is_found() -> None:
    columns: dict[str, list[int | None]] = {"power_w": [n * n % 97 for n in range(60)]}
    z, _ = pack(columns)
    for place in range(len(z) * 8):
        broken = bytearray(z)
        broken[place // 8] ^= 1 << place % 8
        try:
            found = unpack(bytes(broken))
        except DamagedChunk:
            continue
        assert found == columns, "a bit of the header that says nothing"
    for end in range(len(z)):
        with pytest.raises(DamagedChunk):
            unpack(z[:end])


@pytest.mark.skipif(shutil.which("sqlite3") is None, reason="no sqlite3 shell")
def test_the_shell_reads_it(tmp_path: Path) -> None:
    file = tmp_path / "x.db"
    values = [1040, 1040, None, 1037, 1038]
    with sqlite3.connect(file) as conn:
        conn.execute("CREATE TABLE chunk (z BLOB, sz INTEGER)")
        conn.execute("INSERT INTO chunk VALUES (?, ?)", pack({"power_w": values}))
    conn.close()
    sql = (
        "SELECT key, iif(value IS NULL, 'null', sum(value) OVER (ORDER BY key)) FROM chunk,"
        " json_each(CAST(sqlar_uncompress(z, sz) AS TEXT), '$.power_w')"
    )
    shell = subprocess.run(
        ["sqlite3", str(file), sql], check=True, capture_output=True, text=True, timeout=20
    )
    expected = [f"{n}|{'null' if v is None else v}" for n, v in enumerate(values)]
    assert shell.stdout.split() == expected
