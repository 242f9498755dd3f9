"""The web server around textual-serve's: a login before everything, one console a browser.

textual-serve by itself serves whoever reaches its port. Here every path but the login and its style
sheet needs a session, and a websocket also needs to come from a page of ours: without that, any
site a person visits could open one with their cookie.
"""

from __future__ import annotations

import asyncio
import json
import logging
import os
import signal
import ssl
import sys
from collections.abc import Awaitable, Callable, Mapping, Sequence
from contextlib import suppress
from importlib import resources
from urllib.parse import parse_qs, urlsplit

import jinja2
import msgspec
from aiohttp import WSCloseCode, WSMsgType, web
from textual_serve.server import Server

from pdutui.web.guard import Guard, same_origin
from pdutui.web.session import ConsoleSession

LOG = logging.getLogger("pdutui.web")
REQUESTS = logging.getLogger("pdutui.web.requests")
COOKIE = "pdutui-session"
"""With the port behind it, since browsers send cookies to every port of a host."""
_OPEN = ("/enter", "/page/page.css")
"""What needs no session."""
_LONGEST_MESSAGE = 65_536
_LONGEST_REASON = 123
ROOM_S = 5.0
"""So long a browser waits for consoles that are leaving, where there are as many as may be."""
Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


class Served(msgspec.Struct, frozen=True, kw_only=True):
    """What is served, and where."""

    host: str
    port: int
    """0: any that is free."""
    program: tuple[str, ...]
    """The console's program; the browser's address is put behind it."""
    arguments: tuple[str, ...] = ()
    """What it is told besides."""
    env: Mapping[str, str]
    """Its environment; the token is not in it."""
    public_url: str = ""
    """What browsers call it, behind a proxy; empty: as they say."""
    certificate: str | None = None
    key: str | None = None
    most: int = 8
    """So many consoles at a time: each of them asks the PDUs by itself."""


class ConsoleServer(Server):
    """Serves consoles to browsers that have shown the token.

    Args:
        served: What and where.
        guard: Who may in.
        listening: Called with the address once it listens.
    """

    def __init__(self, served: Served, guard: Guard, listening: Callable[[str], None]) -> None:
        super().__init__(
            "pdutui", host=served.host, port=served.port, public_url=served.public_url or None
        )
        self._served, self._guard, self._listening = served, guard, listening
        self._base = urlsplit(served.public_url).path.rstrip("/")
        self._running: set[ConsoleSession] = set()
        self._leaving: set[ConsoleSession] = set()
        self._left = asyncio.Event()
        loader = jinja2.FunctionLoader(_page)
        self._pages = jinja2.Environment(loader=loader, autoescape=True)

    # the server

    async def run_until_stopped(self) -> None:
        """Serve until SIGINT, SIGTERM, or the terminal has gone.

        Raises OSError where it cannot listen.
        """
        REQUESTS.addFilter(_in_a_line)
        app = await self._make_app()
        runner = web.AppRunner(app, access_log=None, shutdown_timeout=2.0, logger=REQUESTS)
        await runner.setup()
        try:
            site = web.TCPSite(
                runner, self._served.host, self._served.port, ssl_context=self._tls()
            )
            await site.start()
            self.port = runner.addresses[0][1]
            self._listening(self.address)
            stopped = asyncio.Event()
            loop = asyncio.get_running_loop()
            for number in (signal.SIGINT, signal.SIGTERM):
                loop.add_signal_handler(number, stopped.set)
            # From a terminal it means that this has gone; a service is told to read again.
            hung_up = stopped.set if sys.stdin.isatty() else self.read_again
            loop.add_signal_handler(signal.SIGHUP, hung_up)
            await stopped.wait()
        finally:
            await asyncio.gather(*(session.stop() for session in tuple(self._running)))
            await runner.cleanup()

    def read_again(self) -> None:
        """Have every console read the configuration again."""
        for session in self._running:
            session.read_again()

    @property
    def cookie(self) -> str:
        """What the session is called in a browser."""
        return f"{COOKIE}-{self.port}"

    @property
    def address(self) -> str:
        """What a browser is to be pointed to."""
        if self._served.public_url:
            return self._served.public_url.rstrip("/") + "/"
        host = self._served.host
        shown = f"[{host}]" if ":" in host else host
        scheme = "https" if self._served.certificate else "http"
        return f"{scheme}://{shown}:{self.port}/"

    def _tls(self) -> ssl.SSLContext | None:
        if self._served.certificate is None:
            return None
        context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
        try:
            context.load_cert_chain(self._served.certificate, self._served.key)
        except ssl.SSLError as error:
            files = " and ".join(filter(None, (self._served.certificate, self._served.key)))
            text = f"{files}: no certificate with its key in PEM ({error.reason or error})"
            raise ValueError(text) from error
        return context

    async def _make_app(self) -> web.Application:
        app = web.Application(middlewares=[self._guarded], client_max_size=16_384)
        app.add_routes(
            [
                web.get("/", self.index),
                web.post("/enter", self.entered),
                web.get("/page/{name:page[.](?:css|js)}", _part),
                web.get("/ws", self.handle_websocket),
                web.static("/static", self.statics_path),
            ]
        )
        return app

    # who may in

    @web.middleware
    async def _guarded(self, request: web.Request, handler: Handler) -> web.StreamResponse:
        if request.path in _OPEN or self._guard.knows(request.cookies.get(self.cookie, "")):
            response = await self._answer(request, handler)
        elif request.path == "/" and "token" in request.query:
            response = self._enter(request, request.query["token"])
        elif request.path == "/":
            response = self._login("Its token, please: whoever started it has it.", 401)
        else:
            response = web.Response(status=401, text="pdutui: no session\n")
        if not response.prepared:
            _harden(response, request)
        return response

    @staticmethod
    async def _answer(request: web.Request, handler: Handler) -> web.StreamResponse:
        try:
            return await handler(request)
        except web.HTTPException as error:
            return web.Response(status=error.status, text=f"pdutui: {error.reason}\n")
        except ConnectionError:
            return web.Response(status=400)  # it has gone while it asked

    async def entered(self, request: web.Request) -> web.StreamResponse:
        """Somebody typed a token."""
        form = parse_qs((await request.read()).decode("utf-8", "replace"))
        return self._enter(request, form.get("token", [""])[0])

    def _enter(self, request: web.Request, token: str) -> web.Response:
        address = peer(request)
        session = self._guard.enter(token.strip(), address)
        if session is None:
            LOG.warning("a wrong token from %s", address)
            if self._guard.waits(address):
                return self._login("Too many wrong tokens from here: wait a minute.", 429)
            return self._login("That is not its token.", 401)
        response = web.Response(status=303, headers={"Location": f"{self._base}/"})
        secure, path = self.address.startswith("https:"), f"{self._base}/"
        response.set_cookie(
            self.cookie, session, httponly=True, samesite="Lax", secure=secure, path=path
        )
        return response

    def _login(self, said: str, status: int) -> web.Response:
        text = self._pages.get_template("login.html").render(
            base=self._base, title="pdutui", said=said
        )
        return web.Response(status=status, text=text, content_type="text/html")

    # the console

    async def index(self, request: web.Request) -> web.StreamResponse:
        """The page that a console is drawn on."""
        scheme = "wss" if self.address.startswith("https:") else "ws"
        size = request.query.get("fontsize", "")
        text = self._pages.get_template("index.html").render(
            base=self._base,
            title="pdutui",
            websocket=f"{scheme}://{request.host}{self._base}/ws",
            font_size=min(48, max(6, int(size))) if size.isdecimal() and len(size) < 4 else 16,
        )
        return web.Response(text=text, content_type="text/html")

    async def handle_websocket(self, request: web.Request) -> web.WebSocketResponse:
        """A browser's console, from its connection to its end."""
        if not same_origin(request.headers.get("Origin"), request.host):
            raise web.HTTPForbidden(reason="this page is not one of pdutui's")
        socket = web.WebSocketResponse(heartbeat=15, max_msg_size=_LONGEST_MESSAGE)
        await socket.prepare(request)

        async def close(why: str) -> None:
            await socket.close(message=_short(why))

        if not await self._has_room():
            many = f"{self._served.most} consoles are open already: close one, or wait for one."
            await socket.close(code=WSCloseCode.TRY_AGAIN_LATER, message=_short(many))
            return socket
        session = ConsoleSession(
            [*self._served.program, "--served", peer(request), *self._served.arguments],
            self._served.env,
            write_bytes=socket.send_bytes,
            write_str=socket.send_str,
            close=close,
            downloads=self.download_manager,
        )
        self._running.add(session)
        try:
            await session.start(_number(request, "width", 80), _number(request, "height", 24))
            await self._process_messages(socket, session)
        except OSError as error:
            LOG.warning("a console cannot be started, or its connection ended: %s", error)
        finally:
            self._leaving.add(session)
            try:
                await asyncio.shield(session.stop())
            finally:
                self._running.discard(session)
                self._leaving.discard(session)
                self._left.set()
        return socket

    async def _has_room(self) -> bool:
        """Whether one more may be; a page that is loaded again waits for its last one to leave."""
        with suppress(TimeoutError):
            async with asyncio.timeout(ROOM_S):
                while len(self._running) >= self._served.most and self._leaving:
                    self._left.clear()
                    await self._left.wait()
        return len(self._running) < self._served.most

    async def _process_messages(
        self,
        websocket: web.WebSocketResponse,
        app_service: ConsoleSession,  # type: ignore[override]
    ) -> None:
        """What the browser says; what is none of its messages is left out."""
        async for message in websocket:
            if message.type != WSMsgType.TEXT:
                continue
            try:
                words = json.loads(message.data)
            except (ValueError, RecursionError):
                continue
            match words:
                case ["stdin", str(data)]:
                    await app_service.send_bytes(data.encode("utf-8", "replace"))
                case ["resize", {"width": int(width), "height": int(height)}]:
                    await app_service.set_terminal_size(width, height)
                case ["ping", data]:
                    await websocket.send_json(["pong", data])
                case ["focus", *_]:
                    await app_service.focus()
                case ["blur", *_]:
                    await app_service.blur()


def peer(request: web.Request) -> str:
    """The address of the browser, or of the proxy before it."""
    return request.remote or "?"


def console_command() -> tuple[str, ...]:
    """The program that a browser's console is."""
    return (sys.executable, "-m", "pdutui", "run")


def console_env(without: Sequence[str]) -> dict[str, str]:
    """The environment of the consoles: ours, without what is the server's alone."""
    gone = {*without, "SSH_CONNECTION", "SSH_CLIENT", "NO_COLOR", "TEXTUAL_DRIVER", "LINES"}
    return {name: value for name, value in os.environ.items() if name not in gone}


def _in_a_line(record: logging.LogRecord) -> bool:
    """That a request went wrong, and how; not what it said, which may be a token."""
    error = record.exc_info and record.exc_info[1]
    if error:
        said = f"{record.getMessage()}: {type(error).__name__}"
        record.msg, record.args, record.exc_info = said, (), None
    return True


def _short(why: str) -> bytes:
    """As much as the end of a websocket may say."""
    return why.encode("utf-8", "replace")[:_LONGEST_REASON].decode("utf-8", "ignore").encode()


def _number(request: web.Request, name: str, default: int) -> int:
    text = request.query.get(name, "")
    return int(text) if text.isdecimal() and len(text) < 6 else default


def _page(name: str) -> str:
    return (resources.files("pdutui.web") / name).read_text("utf-8")


async def _part(request: web.Request) -> web.Response:
    name = request.match_info["name"]
    kind = "text/css" if name.endswith(".css") else "text/javascript"
    return web.Response(text=_page(name), content_type=kind)


def _harden(response: web.StreamResponse, request: web.Request) -> None:
    """What browsers are told to keep to: nothing from elsewhere, in nobody's frame, no traces."""
    sockets = f"ws://{request.host} wss://{request.host}"
    response.headers.update(
        {
            "Content-Security-Policy": "default-src 'none'; script-src 'self'; font-src 'self' "
            "data:; style-src 'self' 'unsafe-inline'; img-src 'self' data: blob:; "
            f"connect-src 'self' {sockets}; form-action 'self'; frame-ancestors 'none'; "
            "base-uri 'none'",
            "Referrer-Policy": "no-referrer",
            "X-Content-Type-Options": "nosniff",
            "X-Frame-Options": "DENY",
        }
    )
    if not request.path.startswith("/static/"):
        response.headers["Cache-Control"] = "no-store"
