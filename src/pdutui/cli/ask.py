"""Questions on a terminal that leave the event loop running, so that readings stay fresh."""

from __future__ import annotations

import asyncio
import contextlib
import os
import sys
import termios

import click


def can_ask() -> bool:
    """Whether there is a person at a terminal to ask."""
    return sys.stdin.isatty() and sys.stderr.isatty()


async def ask(question: str) -> str:
    """Put a question on standard error and return the line that is typed; "" at end of input.

    Only where `can_ask`. Anything typed before the question is thrown away.
    """
    # What was typed before the question cannot be an answer to it.
    termios.tcflush(sys.stdin.fileno(), termios.TCIFLUSH)
    click.echo(question, err=True, nl=False)
    loop = asyncio.get_running_loop()
    typed: asyncio.Future[bytes] = loop.create_future()
    descriptor = sys.stdin.fileno()

    def readable() -> None:
        try:
            line = os.read(descriptor, 4096)
        except OSError:
            line = b""
        if not typed.done():
            typed.set_result(line)

    loop.add_reader(descriptor, readable)
    try:
        line = await typed
    finally:
        loop.remove_reader(descriptor)
    if not line.endswith(b"\n"):
        with contextlib.suppress(OSError):  # the terminal has gone
            click.echo(err=True)
    return line.decode(errors="replace").strip()


async def agree(question: str) -> bool:
    """Ask, and take only `y` or `yes` for a yes."""
    return (await ask(f"{question} [y/N] ")).lower() in ("y", "yes")
