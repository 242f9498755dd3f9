from __future__ import annotations

import subprocess
import sys

_START = """
import sys
from pdutui.cli.main import cli
cli.get_command(None, "run")
print("asyncio" in sys.modules, "ssl" in sys.modules, "_ssl" in sys.modules)
import asyncio, ssl
async def listen():
    async with await asyncio.start_server(lambda r, w: None, "127.0.0.1", 0) as server:
        return len(server.sockets)
print(ssl.create_default_context() is not None, asyncio.run(listen()))
"""


def test_the_console_starts_without_openssl_and_leaves_it_to_those_who_ask() -> None:
    run = subprocess.run([sys.executable, "-c", _START], capture_output=True, text=True, check=True)
    assert run.stdout.split("\n") == ["True False False", "True 1", ""]
