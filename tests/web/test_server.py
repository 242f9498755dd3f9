"""The server over real sockets; in the console's place stands a program that says who it is."""

from __future__ import annotations

import asyncio
import json
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import aiohttp
import pytest

from pdutui.domain.clock import SystemClock
from pdutui.domain.secret import Secret
from pdutui.web import session as session_module
from pdutui.web.guard import TRIES, Guard
from pdutui.web.server import ConsoleServer, Served, console_env
from pdutui.web.session import fitting

TOKEN = "correct-horse-battery"
TOKEN_VARIABLE = "PDUTUI_SERVE_TOKEN"
CONSOLE = """
import os, sys, time
def send(kind, data): os.write(1, kind + len(data).to_bytes(4, "big") + data)
os.write(1, b"__GANGLION__\\n")
size = os.environ["COLUMNS"] + "x" + os.environ["ROWS"]
secret = os.environ.get("PDUTUI_SERVE_TOKEN", "no token")
send(b"D", " ".join([size, secret, *sys.argv[1:]]).encode())
if "deaf" in sys.argv: time.sleep(60)
if "wrong" in sys.argv: sys.exit("pdutui: config.toml:\\x1b[2J line 3 is wrong")
while True:
    head = sys.stdin.buffer.read(5)
    if len(head) < 5: break
    data = sys.stdin.buffer.read(int.from_bytes(head[1:], "big"))
    send(b"D", head[:1] + b" " + data)
    if b"quit" in data: break
os.write(1, b"M" + (16).to_bytes(4, "big") + b'{"type": "exit"}')
"""


@asynccontextmanager
async def serving(
    tmp_path: Path, *arguments: str, most: int = 2
) -> AsyncIterator[tuple[ConsoleServer, str]]:
    script = tmp_path / "console.py"
    script.write_text(CONSOLE)
    up: asyncio.Future[str] = asyncio.get_running_loop().create_future()
    served = Served(
        host="127.0.0.1", port=0, program=(sys.executable, str(script)),
        arguments=arguments, env=console_env([TOKEN_VARIABLE]), most=most,
    )  # fmt: skip
    server = ConsoleServer(served, Guard(Secret(TOKEN), SystemClock()), up.set_result)
    running = asyncio.create_task(server.run_until_stopped())
    try:
        yield server, await up
    finally:
        running.cancel()
        with pytest.raises(asyncio.CancelledError):
            await running
        assert not server._running


async def test_nothing_is_to_be_had_without_a_session(tmp_path: Path) -> None:
    async with serving(tmp_path) as (server, url), aiohttp.ClientSession() as browser:
        for path in ("", "static/js/textual.js", "ws", "page/page.js", "download/1", "../etc"):
            async with browser.get(url + path) as answer:
                assert answer.status == 401, path
                assert "websocket" not in await answer.text()
        async with browser.get(f"{url}page/page.css") as answer:
            assert answer.status == 200
        async with browser.get(url, cookies={server.cookie: TOKEN}) as answer:
            assert answer.status == 401
            assert "frame-ancestors 'none'" in answer.headers["Content-Security-Policy"]
            assert answer.headers["Cache-Control"] == "no-store"
        assert not server._running


@pytest.mark.parametrize("way", ["query", "form"])
async def test_the_token_lets_in(tmp_path: Path, way: str) -> None:
    jar = aiohttp.CookieJar(unsafe=True)
    async with serving(tmp_path) as (server, url), aiohttp.ClientSession(cookie_jar=jar) as browser:
        if way == "query":
            got = browser.get(f"{url}?token={TOKEN}", allow_redirects=False)
        else:
            got = browser.post(f"{url}enter", data={"token": TOKEN}, allow_redirects=False)
        async with got as answer:
            assert (answer.status, answer.headers["Location"]) == (303, "/")
            said = answer.headers["Set-Cookie"]
            assert "HttpOnly" in said
            assert "SameSite=Lax" in said
            assert TOKEN not in said
            assert said.startswith(f"{server.cookie}="), "another port's does not take its place"
        async with browser.get(url) as answer:
            page = await answer.text()
        assert "textual-terminal" in page
        assert f"{url.replace('http', 'ws')}ws" in page
        assert "http://fonts" not in page
        assert "https://" not in page


async def test_what_makes_no_sense_is_told_in_a_line(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    async with serving(tmp_path) as (server, _):
        reader, writer = await asyncio.open_connection("127.0.0.1", server.port)
        writer.write(b"GET / HTTP/1.1\r\nHost: x\r\nA: " + b"b" * 9999 + b"\r\n\r\n")
        assert b" 400 " in await reader.readline()
        writer.close()
    assert caplog.messages == ["Error handling request from 127.0.0.1: LineTooLong"]
    assert "Traceback" not in caplog.text


async def test_a_form_that_is_none_is_a_wrong_token(tmp_path: Path) -> None:
    async with serving(tmp_path) as (_, url), aiohttp.ClientSession() as browser:
        for kind, data in (
            ("multipart/form-data", b"abc"),
            ("application/x-www-form-urlencoded; charset=nope", b"token=a"),
            ("application/x-www-form-urlencoded", b"token=\xff\xfe"),
        ):
            posted = browser.post(f"{url}enter", data=data, headers={"Content-Type": kind})
            async with posted as answer:
                assert answer.status == 401, kind
        async with browser.post(f"{url}enter", data=b"x" * 20_000) as answer:
            assert answer.status == 413


async def test_guessing_is_told_to_wait(tmp_path: Path) -> None:
    async with serving(tmp_path) as (_, url), aiohttp.ClientSession() as browser:
        for _ in range(TRIES):
            async with browser.post(f"{url}enter", data={"token": "guess"}) as answer:
                last = answer.status, await answer.text()
        assert last[0] == 429
        async with browser.post(f"{url}enter", data={"token": TOKEN}) as answer:
            assert answer.status == 429
            assert "wait a minute" in await answer.text()


async def test_a_console_a_browser_with_its_address_and_without_the_token(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(TOKEN_VARIABLE, TOKEN)
    jar = aiohttp.CookieJar(unsafe=True)
    async with serving(tmp_path) as (server, url), aiohttp.ClientSession(cookie_jar=jar) as browser:
        await (await browser.get(f"{url}?token={TOKEN}")).read()
        origin = url.rstrip("/")
        for wrong in ("http://evil.example", None):
            with pytest.raises(aiohttp.WSServerHandshakeError, match="403"):
                await browser.ws_connect(f"{url}ws", origin=wrong)
        async with browser.ws_connect(f"{url}ws?width=120&height=40", origin=origin) as socket:
            assert await socket.receive_bytes() == b"120x40 no token --served 127.0.0.1"
            for bad in ("no json", "[]", '["stdin", 3]', '["resize", {"width": "x"}]', "[" * 9999):
                await socket.send_str(bad)
            await socket.send_json(["resize", {"width": 9999, "height": 1}])
            assert b'"width": 500, "height": 5' in await socket.receive_bytes()
            await socket.send_json(["stdin", "f"])
            assert await socket.receive_bytes() == b"D f"
            second = await browser.ws_connect(f"{url}ws", origin=origin)
            await second.receive_bytes()
            third = await browser.ws_connect(f"{url}ws", origin=origin)
            full = await third.receive()
            assert (full.data, full.extra) == (
                aiohttp.WSCloseCode.TRY_AGAIN_LATER,
                "2 consoles are open already: close one, or wait for one.",
            )
            process = next(iter(server._running))._process
            assert len(server._running) == 2
        async with asyncio.timeout(5):
            while len(server._running) > 1:
                await asyncio.sleep(0.01)
        await second.send_json(["stdin", "quit"])
        assert await second.receive_bytes() == b"D quit"
        ended = await second.receive()
        assert (ended.type, ended.extra) == (aiohttp.WSMsgType.CLOSE, "")
        assert process is not None


@asynccontextmanager
async def opened(url: str) -> AsyncIterator[aiohttp.ClientWebSocketResponse]:
    jar = aiohttp.CookieJar(unsafe=True)
    async with aiohttp.ClientSession(cookie_jar=jar) as browser:
        await (await browser.get(f"{url}?token={TOKEN}")).read()
        async with browser.ws_connect(f"{url}ws", origin=url.rstrip("/")) as socket:
            await socket.receive_bytes()
            yield socket


async def test_a_page_that_is_loaded_again_has_the_room_of_its_last_console(tmp_path: Path) -> None:
    async with serving(tmp_path, most=1) as (_, url):
        async with opened(url):
            pass
        async with opened(url) as socket:
            await socket.send_json(["stdin", "f"])
            assert await socket.receive_bytes() == b"D f"


async def test_a_console_that_does_not_begin_says_why(tmp_path: Path) -> None:
    async with serving(tmp_path, "wrong") as (_, url), opened(url) as socket:
        ended = await socket.receive()
        assert ended.extra == "pdutui: config.toml:?[2J line 3 is wrong"


@pytest.mark.parametrize("by", ["keys", "stop"])
async def test_a_console_that_hangs_is_ended(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, by: str
) -> None:
    for name in ("DEAF_S", "QUIT_S", "KILL_S"):
        monkeypatch.setattr(session_module, name, 0.2)
    async with (
        asyncio.timeout(5),
        serving(tmp_path, "deaf") as (server, url),
        opened(url) as socket,
    ):
        flood = json.dumps(["stdin", "j" * 60_000])
        for _ in range(4):
            await socket.send_str(flood)
        if by == "keys":
            ended = await socket.receive()
            assert ended.extra == "The console hung, and was ended."
        else:
            await asyncio.sleep(0.05)  # its pipe is full by now
    assert not server._running


def test_sizes_that_no_console_has() -> None:
    assert fitting(120, 36) == (120, 36)
    assert fitting(0, 0) == (20, 5)
    assert fitting(10**6, 10**6) == (500, 200)
