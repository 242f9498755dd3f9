"""An export from beginning to end: what is asked for, read piece by piece, and written."""

from __future__ import annotations

import asyncio
import sys
import time
from collections.abc import AsyncIterator, Sequence
from datetime import datetime, tzinfo
from pathlib import Path
from typing import TYPE_CHECKING, Literal

import click
import msgspec

from pdutui.cli.amounts import bar, counted, size_text
from pdutui.cli.exits import BAD_NEWS, DONE
from pdutui.cli.export_formats import (
    Column,
    CsvFormat,
    Format,
    JsonFormat,
    LineFormat,
    Piece,
    Stat,
    columns_for,
    time_writer,
)
from pdutui.cli.export_pick import pick_series
from pdutui.cli.export_sink import Sink, open_sink
from pdutui.cli.export_steps import AUTO, POLLS, step_name
from pdutui.cli.history_errors import SAYS_MORE, store_trouble
from pdutui.cli.history_place import Place, pick_pdu
from pdutui.cli.progress import ProgressLine
from pdutui.cli.quiet import quiet_logging
from pdutui.domain.history import (
    DAY_MS,
    HOUR_MS,
    QUARTER_MS,
    SECOND_MS,
    RecordedPdu,
    step_for,
)

if TYPE_CHECKING:
    from pdutui.store.reader import Reader
    from pdutui.store.stream import Batch

FormatName = Literal["csv", "json", "line"]

_ROWS_AT_ONCE = 200
_MOST_MARKS = 1_000_000
"""Of a day."""


class Order(msgspec.Struct, frozen=True, kw_only=True):
    """What is to be exported, and where it goes."""

    place: Place
    target: str
    begin: datetime | None
    """None: the first reading."""
    end: datetime
    series: tuple[str, ...]
    step: int
    """In ms, or `AUTO`, or `POLLS`."""
    stats: tuple[Stat, ...]
    format: FormatName
    zone: tzinfo | None
    """Of the times that are written; None: UTC."""
    marks: bool
    output: Path | None
    force: bool


async def run_export(order: Order) -> int:
    """Do it; the exit code.

    Raises:
        CliError: It cannot be done; a file that was begun is gone.
        OSError: Standard output cannot be written.
    """
    from pdutui.store.reader import open_reader

    quiet_logging()
    with store_trouble(order.place.path):
        reader = await open_reader(order.place.path)
    try:
        with store_trouble(order.place.path):
            return await _export(order, reader)
    finally:
        await reader.close()


async def _export(order: Order, reader: Reader) -> int:
    known = {pdu.name: pdu for pdu in await reader.pdus()}
    pdu = known[pick_pdu(order.target, known, order.place)]
    begin_ms = pdu.oldest_ms if order.begin is None else _ms(order.begin)
    span = (begin_ms, max(_ms(order.end), begin_ms + 1))
    line = ProgressLine() if order.output is not None or not sys.stdout.isatty() else None
    began_s = time.monotonic()
    try:
        with open_sink(order.output, force=order.force) as sink:
            job = _Job(order, reader, pdu, span, sink, line)
            rows = await (job.marks() if order.marks else job.readings())
            await sink.flush()
    finally:
        if line is not None:
            line.clear()
    took_s = time.monotonic() - began_s
    what = counted(rows, "mark" if order.marks else "row")
    if order.output is not None:
        size = order.output.stat().st_size
        click.echo(f"{order.output}: {what}, {size_text(size)} ({took_s:.1f} s)")
    elif not rows:
        job.say(f"nothing from {job.time(span[0])} to {job.time(span[1])}")
    return job.end()


def _ms(moment: datetime) -> int:
    return round(moment.timestamp() * 1000)


class _Job:
    """One export under way."""

    def __init__(
        self,
        order: Order,
        reader: Reader,
        pdu: RecordedPdu,
        span: tuple[int, int],
        sink: Sink,
        line: ProgressLine | None,
    ) -> None:
        self._order = order
        self._reader = reader
        self._pdu = pdu
        self._from_ms, self._to_ms = span
        self._sink = sink
        self._line = line
        self._rows = 0
        self._coarser: dict[int, int] = {}
        """Steps that were used because nothing finer is kept -> until when, ms."""
        self.time = time_writer(order.zone)

    async def readings(self) -> int:
        """Write the readings; how many rows."""
        order, step_ms = self._order, self._order.step
        if step_ms == AUTO:
            step_ms = step_for(self._to_ms - self._from_ms)
            step_ms = POLLS if step_ms == SECOND_MS else step_ms
        series = pick_series(order.series, await self._reader.series(self._pdu.name), order.target)
        stats: tuple[Stat, ...] = ("value",) if step_ms == POLLS else order.stats
        columns = columns_for(series, stats)
        form = self._format(columns)
        keys = [info.key for info in series]
        await self._sink.put(form.head())
        self._show(self._from_ms)
        first_ms = self._to_ms
        async for batch in self._batches(keys, step_ms):
            if batch.ts_ms:
                first_ms = min(first_ms, batch.ts_ms[0])
                if batch.step_ms != step_ms:
                    self._coarser[batch.step_ms] = batch.to_ms
            await self._put(form, _piece(columns, batch))
            self._show(batch.to_ms)
        if step_ms == POLLS and order.begin is not None:
            await self._say_what_is_left_out(keys, first_ms)
        for used_ms, until_ms in sorted(self._coarser.items()):
            self.say(
                f"before {self.time(until_ms)} nothing finer than {step_name(used_ms)} is kept"
            )
        return self._rows

    async def _batches(self, keys: Sequence[str], step_ms: int) -> AsyncIterator[Batch]:
        """The pieces; one that is coarser because of a part of it is read again in hours."""
        pdu, step = self._pdu.name, step_ms or None
        async for batch in self._reader.stream(pdu, keys, self._from_ms, self._to_ms, step):
            length = -(-HOUR_MS // step_ms) * step_ms if step_ms else HOUR_MS
            if batch.step_ms == step_ms or batch.to_ms - batch.from_ms <= length:
                yield batch
                continue
            begin = batch.from_ms
            while begin < batch.to_ms:
                end = min(batch.to_ms, (begin // length + 1) * length)
                async for part in self._reader.stream(pdu, keys, begin, end, step):
                    yield part
                begin = end

    def _format(self, columns: Sequence[Column]) -> Format:
        match self._order.format:
            case "csv":
                return CsvFormat(columns, zone=self._order.zone)
            case "json":
                return JsonFormat(columns, pdu=self._pdu.name, zone=self._order.zone)
            case "line":
                return LineFormat(columns, pdu=self._pdu.name)

    async def _put(self, form: Format, piece: Piece) -> None:
        self._rows += len(piece.ts_ms)
        for count, text in enumerate(form.rows(piece)):
            await self._sink.put(text)
            if count % _ROWS_AT_ONCE == 0:
                await asyncio.sleep(0)  # a signal may have come

    async def marks(self) -> int:
        """Write what happened, a day at a time; how many marks."""
        encode = msgspec.json.Encoder().encode
        for begin in range(self._from_ms, self._to_ms, DAY_MS):
            end = min(begin + DAY_MS, self._to_ms)
            self._show(begin)
            for mark in await self._reader.marks(self._pdu.name, begin, end, limit=_MOST_MARKS):
                plain = {
                    "time": self.time(mark.ts_ms), "pdu": mark.pdu, "kind": mark.kind,
                    "level": mark.level, "text": mark.text,
                }  # fmt: skip
                await self._sink.put(encode(plain).decode() + "\n")
                self._rows += 1
        return self._rows

    def _show(self, at_ms: int) -> None:
        if self._line is not None:
            done = bar(at_ms - self._from_ms, self._to_ms - self._from_ms)
            self._line.show(f"{done}  {counted(self._rows, 'row')}")

    async def _say_what_is_left_out(self, keys: Sequence[str], first_ms: int) -> None:
        """Of readings that were asked for and are not kept any more there may be totals."""
        begin, end = self._from_ms, first_ms // HOUR_MS * HOUR_MS
        until_ms = 0
        if begin < end:
            async for batch in self._reader.stream(self._pdu.name, keys, begin, end, QUARTER_MS):
                until_ms = batch.ts_ms[-1] + QUARTER_MS if batch.ts_ms else until_ms
        if until_ms:
            self.say(
                f"readings before {self.time(until_ms)} are not kept any more; --step 15m or a "
                "coarser one has what there is of them"
            )

    def say(self, text: str) -> None:
        """Tell people."""
        if self._line is not None:
            self._line.clear()
        click.echo(f"pdutui: note: {text}", err=True)

    def end(self) -> int:
        """Say what could not be read; the exit code."""
        damage = self._reader.damage
        if not damage:
            return DONE
        first = self.time(damage[0].hour * HOUR_MS)
        parts = ", ".join(sorted({one.part for one in damage}))
        click.echo(
            f"pdutui: this is not all: {counted(len(damage), 'hour')} of {parts} cannot be read, "
            f"the first of {first}. {SAYS_MORE}",
            err=True,
        )
        return BAD_NEWS


def _piece(columns: Sequence[Column], batch: Batch) -> Piece:
    values = [
        batch.column(column.info.key, "last" if column.stat == "value" else column.stat)
        for column in columns
    ]
    return Piece(batch.ts_ms, values, batch.step_ms)
