"""`pdutui serve`: the console in a browser, for those who must."""

from __future__ import annotations

import asyncio
import os
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import click
import msgspec

from pdutui.cli.exits import CliError
from pdutui.cli.kinds import utf8
from pdutui.config_env import community_from_env, open_to_others, secret_from_file
from pdutui.domain.address import AddressError, parse_listen
from pdutui.domain.roles import RoleSettings
from pdutui.domain.secret import Secret
from pdutui.settings import Settings

PORT = 8080
TOKEN = "PDUTUI_SERVE_TOKEN"
_NEEDED = ("aiohttp", "jinja2", "textual_serve")


@click.command(context_settings={"ignore_unknown_options": True})
@click.option(
    "--listen",
    metavar="HOST:PORT",
    default=f"127.0.0.1:{PORT}",
    show_default=True,
    callback=utf8,
    help="Where; anything but this machine's own address needs --cert, or a proxy that has one.",
)
@click.option(
    "--token-file",
    metavar="FILE",
    type=click.Path(path_type=Path, dir_okay=False),
    help=f"Its first line is what a browser has to show (else {TOKEN}; else one is made up).",
)
@click.option("--allow-control", is_flag=True, help="Outlets may be switched from the browser.")
@click.option(
    "--sessions",
    metavar="N",
    type=click.IntRange(1, 64),
    default=8,
    show_default=True,
    help="So many consoles at a time; each asks the PDUs by itself.",
)
@click.option(
    "--public-url", metavar="URL", callback=utf8, help="What a proxy before it is called."
)
@click.option(
    "--cert", metavar="FILE", type=click.Path(path_type=Path, exists=True, dir_okay=False),
    help="TLS certificate, PEM.",
)  # fmt: skip
@click.option(
    "--key", metavar="FILE", type=click.Path(path_type=Path, exists=True, dir_okay=False),
    help="Its key, PEM.",
)  # fmt: skip
@click.option("--insecure", is_flag=True, help="Listen to others without TLS all the same.")
@click.argument("console", metavar="[HOST ...] [CONSOLE OPTIONS]", nargs=-1, type=str)
def serve(
    listen: str,
    token_file: Path | None,
    allow_control: bool,
    sessions: int,
    public_url: str | None,
    cert: Path | None,
    key: Path | None,
    insecure: bool,
    console: tuple[str, ...],
) -> int:
    """Serve the console to browsers, read-only unless --allow-control.

    Everything else on the command line goes to the console: --demo, --config FILE, HOST, --theme
    (see 'pdutui run --help'). Each browser gets a console of its own, for the user that this runs
    as.
    """
    missing = [name for name in _NEEDED if find_spec(name) is None]
    if missing:
        raise CliError(
            f"the console in a browser needs {', '.join(missing)}: "
            "install the extra 'serve' (docs/browser.md)"
        )
    from pdutui.web.guard import is_loopback

    try:
        host, port = parse_listen(listen, PORT)
    except AddressError as error:
        raise click.UsageError(f"--listen: {error}") from error
    if key is not None and cert is None:
        raise click.UsageError("--key goes with --cert.")
    url = _url(public_url) if public_url else ""
    encrypted = cert is not None or url.lower().startswith("https:")
    if not is_loopback(host) and not encrypted and not insecure:
        raise CliError(
            f"{listen} can be reached by others, and the token would cross the network in the "
            "clear: give --cert and --key, put a proxy with TLS before 127.0.0.1, or say --insecure"
        )
    arguments = _console_arguments(console, allow_control)
    token, made_up = _token(token_file)
    return _serve(
        host, port, token, arguments, url=url, cert=cert, key=key, most=sessions, show=made_up
    )


def for_browser(settings: Settings, address: str) -> Settings:
    """The settings of a console that is drawn in a browser.

    Who sits there is not known: without control they are a viewer, whatever the configuration
    makes of the user that the server runs as, so that nothing is acknowledged or approved either.
    """
    control = settings.control
    if control.read_only:
        viewers = RoleSettings(default="viewer")
        control = msgspec.structs.replace(control, roles=viewers)
    ui = msgspec.structs.replace(settings.ui, served=address[:64])
    return msgspec.structs.replace(settings, control=control, ui=ui)


def _serve(
    host: str,
    port: int,
    token: Secret,
    arguments: tuple[str, ...],
    *,
    url: str,
    cert: Path | None,
    key: Path | None,
    most: int,
    show: bool,
) -> int:
    from pdutui.domain.clock import SystemClock
    from pdutui.web.guard import Guard
    from pdutui.web.server import ConsoleServer, Served, console_command, console_env

    served = Served(
        host=host,
        port=port,
        program=console_command(),
        arguments=arguments,
        env=console_env([TOKEN]),
        public_url=url,
        certificate=str(cert) if cert is not None else None,
        key=str(key) if key is not None else None,
        most=most,
    )

    def say(text: str) -> None:
        click.echo(f"pdutui: {text}", err=True)

    def listening(address: str) -> None:
        say(f"listening on {address}")
        if show:
            say(f"open {address}?token={token.reveal()}")

    server = ConsoleServer(served, Guard(token, SystemClock()), listening)
    try:
        asyncio.run(server.run_until_stopped())
    except (OSError, ValueError) as error:
        said = getattr(error, "strerror", None) or str(error)
        raise CliError(f"cannot serve on {host}:{port}: {said}") from error
    return 0


def _console_arguments(console: tuple[str, ...], allow_control: bool) -> tuple[str, ...]:
    """What the consoles are started with; a mistake in it is said now and not in each browser."""
    from pdutui.cli.run import run

    if any(word.partition("=")[0] == "--served" for word in console):
        raise click.UsageError("No such option: --served")
    with run.make_context("pdutui serve", list(console)) as context:
        _check(context.params)
    # In front: behind a `--` of theirs it would be the name of a device.
    return console if allow_control else ("--read-only", *console)


def _check(params: dict[str, Any]) -> None:
    """Read the configuration as the consoles will. Raises CliError, ConfigError."""
    if params["demo"]:
        return
    from pdutui.cli.run import how_to_go_on
    from pdutui.config import load_settings

    settings = load_settings(config=params["config_file"], env=os.environ)
    if not settings.pdus and not params["hosts"]:
        raise CliError(how_to_go_on(settings))


def _url(text: str) -> str:
    from urllib.parse import urlsplit

    parts = urlsplit(text)
    if parts.scheme not in ("http", "https") or not parts.netloc or parts.query or parts.fragment:
        raise click.UsageError(f"--public-url: {text!r} is no address like https://noc.lan/power")
    return text


def _token(file: Path | None) -> tuple[Secret, bool]:
    """The token, and whether it was made up here and has to be shown."""
    from pdutui.web.guard import SHORTEST_TOKEN

    if file is not None:
        text, where = secret_from_file(file, "--token-file").strip(), str(file)
        if open_to_others(file):
            click.echo(f"pdutui: warning: {file} may be read by others: chmod 600", err=True)
    else:
        text, where = community_from_env(os.environ, TOKEN).strip(), TOKEN
    if text and len(text) < SHORTEST_TOKEN:
        raise CliError(f"the token in {where} is too short: {SHORTEST_TOKEN} characters at least")
    if text:
        return Secret(text), False
    if file is not None:
        raise CliError(f"--token-file {file}: its first line is empty")
    import secrets

    return Secret(secrets.token_urlsafe(24)), True
