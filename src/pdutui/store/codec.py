"""The blobs of sealed history: zlib over JSON lists of differences; `schema_sealed` has the rest.

About as small as a binary format would be, as differences of steady values are one digit each, and
readable with nothing but the `sqlite3` shell.
"""

from __future__ import annotations

import functools
import json
import zlib
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from itertools import accumulate, islice
from operator import sub

import msgspec

_LEVEL = 6

_lists = msgspec.json.Decoder(dict[str, list[int | None]])


class DamagedChunk(Exception):
    """A blob that is not what was written: its values are lost, those beside it are not."""


def pack(columns: Mapping[str, Sequence[int | None]]) -> tuple[bytes, int]:
    """Columns of one length as a blob, and how long it is uncompressed (what `sz` is for)."""
    text = _encoded({name: _differences(values) for name, values in columns.items()})
    z = zlib.compress(text, _LEVEL)
    while len(z) == len(text):  # then the shell's sqlar_uncompress would take z for the text
        text += b" "
        z = zlib.compress(text, _LEVEL)
    return z, len(text)


def unpack(z: bytes, only: Collection[str] | None = None) -> dict[str, list[int | None]]:
    """The inverse of `pack`, in the order of `only`, or as it was packed.

    Args:
        z: What `pack` gave.
        only: The columns that are wanted; one that is not in the blob is not in the result.

    Raises:
        DamagedChunk: It is broken.
    """
    try:
        text = zlib.decompress(z)
        if only is None:
            lists = _lists.decode(text)
        else:
            found = _decoder(tuple(only)).decode(text)
            lists = {k: v for k, v in zip(only, found, strict=True) if v is not None}
    except (zlib.error, msgspec.MsgspecError) as error:
        raise DamagedChunk(str(error)) from error
    if len({len(values) for values in lists.values()}) > 1:
        raise DamagedChunk("columns of different lengths")
    holes = b"null" in text
    return {name: _values(deltas, holes and None in deltas) for name, deltas in lists.items()}


def unpack_rows(z: bytes, first: int, end: int) -> tuple[int, dict[str, list[int | None]]]:
    """Some rows of a blob, in a third less time than all of them.

    Args:
        z: What `pack` gave.
        first: Where they begin.
        end: Where they end, as in a slice.

    Returns:
        How many rows there are in all, and the columns of those that were asked for.

    Raises:
        DamagedChunk: It is broken.
    """
    try:
        text = zlib.decompress(z)
        lists = _lists.decode(text)
    except (zlib.error, msgspec.MsgspecError) as error:
        raise DamagedChunk(str(error)) from error
    lengths = {len(values) for values in lists.values()}
    if len(lengths) > 1:
        raise DamagedChunk("columns of different lengths")
    holes = b"null" in text
    out: dict[str, list[int | None]] = {}
    for name, deltas in lists.items():
        before = sum(filter(None, deltas[:first]))
        wanted = [*deltas[first:end]]
        place = next((i for i, delta in enumerate(wanted) if delta is not None), None)
        if before and place is not None:
            wanted[place] = before + (wanted[place] or 0)
        out[name] = _values(wanted, holes)
    return max(lengths, default=0), out


def verify(z: bytes) -> dict[str, int]:
    """How many values each column of a blob has, after making sure that it is what was written.

    Raises:
        DamagedChunk: It is broken.
    """
    try:
        lists = _lists.decode(zlib.decompress(z))
    except (zlib.error, msgspec.MsgspecError) as error:
        raise DamagedChunk(str(error)) from error
    found = {name: len(values) for name, values in lists.items()}
    if len(set(found.values())) > 1:
        raise DamagedChunk("columns of different lengths")
    return found


class _Picked:
    """Decodes the columns that are wanted and passes over the others."""

    def __init__(self, names: tuple[str, ...]) -> None:
        kept = list[int | None] | None
        fields = [
            (f"c{place}", kept, msgspec.field(name=name, default=None))
            for place, name in enumerate(names)
        ]
        self._decoder = msgspec.json.Decoder(msgspec.defstruct("Picked", fields, gc=False))

    def decode(self, text: bytes) -> tuple[list[int | None] | None, ...]:
        """A column for each name, None for those that are not there."""
        return msgspec.structs.astuple(self._decoder.decode(text))


@functools.lru_cache(maxsize=256)
def _decoder(names: tuple[str, ...]) -> _Picked:
    return _Picked(names)


def _encoded(columns: Mapping[str, Sequence[int | None]]) -> bytes:
    try:
        return msgspec.json.encode(columns)
    except OverflowError:  # from one end of 64 bits to the other, or sums of such
        return json.dumps(columns, separators=(",", ":")).encode()


def _differences(values: Sequence[int | None]) -> list[int | None]:
    try:
        return [*values[:1], *map(sub, islice(values, 1, None), values)]
    except TypeError:
        pass  # there is a None among them
    out: list[int | None] = []
    last = 0
    for value in values:
        if value is None:
            out.append(None)
        else:
            out.append(value - last)
            last = value
    return out


def _values(deltas: list[int | None], holes: bool) -> list[int | None]:
    if not holes:
        return list(accumulate(deltas))
    sums = accumulate(delta for delta in deltas if delta is not None)
    return list(_with_holes(deltas, sums))


def _with_holes(deltas: Iterable[int | None], sums: Iterator[int]) -> Iterator[int | None]:
    for delta in deltas:
        yield None if delta is None else next(sums)
