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
from importlib import resources
from urllib.parse import urlsplit

import jinja2
import msgspec
from aiohttp import WSMsgType, web
from textual_serve.server import Server

from pdutui.web.guard import Guard, same_origin
from pdutui.web.session import ConsoleSession

LOG = logging.getLogger("pdutui.web")
COOKIE = "pdutui-session"
_OPEN = ("/enter", "/page/page.css")
"""What needs no session."""
_LONGEST_MESSAGE = 65_536
Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


class Served(msgspec.Struct, frozen=True, kw_only=True):
    """What is served, and where."""

    host: str
    port: int
    """0: any that is free."""
    program: tuple[str, ...]
    """The console's program and arguments; the browser's address is put behind them."""
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
        self._starting = 0
        loader = jinja2.FunctionLoader(_page)
        self._pages = jinja2.Environment(loader=loader, autoescape=True)

    # the server

    async def run_until_stopped(self) -> None:
        """Serve until SIGINT or SIGTERM. Raises OSError where it cannot listen."""
        runner = web.AppRunner(await self._make_app(), access_log=None, shutdown_timeout=2.0)
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
            await stopped.wait()
        finally:
            await asyncio.gather(*(session.stop() for session in tuple(self._running)))
            await runner.cleanup()

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
        context.load_cert_chain(self._served.certificate, self._served.key)
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
        if request.path in _OPEN or self._guard.knows(request.cookies.get(COOKIE, "")):
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

    async def entered(self, request: web.Request) -> web.StreamResponse:
        """Somebody typed a token."""
        form = await request.post()
        token = form.get("token", "")
        return self._enter(request, token if isinstance(token, str) else "")

    def _enter(self, request: web.Request, token: str) -> web.Response:
        address = peer(request)
        session = self._guard.enter(token.strip(), address)
        if session is None:
            LOG.warning("a wrong token from %s", address)
            if self._guard.waits(address):
                return self._login("Too many wrong tokens from here: wait a minute.", 429)
            return self._login("That is not its token.", 401)
        response = web.Response(status=303, headers={"Location": f"{self._base}/"})
        secure = self.address.startswith("https:")
        response.set_cookie(
            COOKIE, session, httponly=True, samesite="Lax", secure=secure, path=f"{self._base}/"
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
        if len(self._running) + self._starting >= self._served.most:
            raise web.HTTPServiceUnavailable(
                reason=f"{self._served.most} consoles are open already"
            )
        socket = web.WebSocketResponse(heartbeat=15, max_msg_size=_LONGEST_MESSAGE)
        self._starting += 1
        try:
            await socket.prepare(request)
            session = ConsoleSession(
                [*self._served.program, "--served", peer(request)],
                self._served.env,
                write_bytes=socket.send_bytes,
                write_str=socket.send_str,
                close=socket.close,
                downloads=self.download_manager,
            )
            self._running.add(session)
        finally:
            self._starting -= 1
        try:
            await session.start(_number(request, "width", 80), _number(request, "height", 24))
            await self._process_messages(socket, session)
        except (ConnectionError, OSError) as error:
            LOG.info("a console's connection ended: %s", error)
        finally:
            try:
                await asyncio.shield(session.stop())
            finally:
                self._running.discard(session)
        return socket

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
            except ValueError:
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


def console_command(arguments: Sequence[str]) -> tuple[str, ...]:
    """The program that a browser's console is."""
    return (sys.executable, "-m", "pdutui", "run", *arguments)


def console_env(without: Sequence[str]) -> dict[str, str]:
    """The environment of the consoles: ours, without what is the server's alone."""
    gone = {*without, "SSH_CONNECTION", "SSH_CLIENT", "NO_COLOR", "TEXTUAL_DRIVER", "LINES"}
    return {name: value for name, value in os.environ.items() if name not in gone}


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
