"""`pdutui profile`: the device families there are, and how one of them reads a device."""

from __future__ import annotations

import asyncio
import os
from pathlib import Path
from typing import TYPE_CHECKING

import click
import msgspec

from pdutui.cli.exits import BAD_NEWS, DONE, UNREACHABLE, USAGE, CliError
from pdutui.cli.quiet import quiet_logging
from pdutui.cli.target import TargetOptions, config_option, resolve_targets, target_options

if TYPE_CHECKING:
    from pdutui.backends.snmp.explain import Line
    from pdutui.backends.snmp.library import ProfileLibrary
    from pdutui.backends.snmp.profile import Profile
    from pdutui.settings import PduSettings, Settings


@click.group()
def profile() -> None:
    """Device families: those that ship with pdutui, and your own beside the configuration."""


def _library(config_file: Path | None) -> tuple[Settings, ProfileLibrary]:
    from pdutui.backends.snmp.library import ProfileLibrary
    from pdutui.config import load_settings

    settings = load_settings(config=config_file, env=os.environ)
    return settings, ProfileLibrary(settings.profile_dir)


@profile.command("list")
@config_option
@click.option("--json", "as_json", is_flag=True, help="One JSON object per profile.")
def list_(config_file: Path | None, as_json: bool) -> int:
    """List all profiles, and where they come from. Ends with 1 if a file cannot be used."""
    from pdutui.backends.snmp.profile import ProfileError
    from pdutui.cli.text import clean, table

    _, library = _library(config_file)
    rows, code = [], DONE
    for name in library.names:
        file = library.file(name)
        where = "built in" if file is None else str(file)
        try:
            found, base = library.load(name), library.extended(name)
        except ProfileError as error:
            click.echo(f"pdutui: {error}", err=True)
            code = BAD_NEWS
            continue
        what = f"{where}, extends {base}" if base else where
        if as_json:
            plain = {"name": name, "vendor": found.vendor, "title": found.title, "from": where,
                     "extends": base}  # fmt: skip
            click.echo(msgspec.json.encode(plain))
        rows.append((name, clean(found.vendor), clean(found.title), what))
    if not as_json:
        heads = ("name", "vendor", "devices", "from")
        click.echo("\n".join(table(heads, rows, words=frozenset(heads))))
        if library.folder is not None:
            click.echo(f"\nYour own go into {library.folder}")
    return code


@profile.command()
@click.argument("name")
@config_option
def show(name: str, config_file: Path | None) -> None:
    """Print a profile as it is written: something to begin your own with."""
    from pdutui.backends.snmp.profile import ProfileError

    _, library = _library(config_file)
    try:
        click.echo(library.text(name), nl=False)
    except ProfileError as error:
        raise CliError(str(error)) from error


@profile.command()
@click.argument("files", nargs=-1, type=click.Path(path_type=Path))
@config_option
def check(files: tuple[Path, ...], config_file: Path | None) -> int:
    """Check profile files; without FILES, all of your own beside the configuration."""
    from pdutui.backends.snmp.profile import ProfileError

    _, library = _library(config_file)
    own = [path for name in library.names if (path := library.file(name)) is not None]
    code = DONE
    for path in files or own:
        try:
            found = library.read(path)
        except ProfileError as error:
            click.echo(f"pdutui: {error}", err=True)
            code = USAGE
        else:
            click.echo(f"{path}: right, {_counts(found)}")
    if not files and not own:
        click.echo(f"there are no profiles of your own in {library.folder}")
    return code


def _counts(found: Profile) -> str:
    parts = [
        f"{len(table.fields)} fields for {name}s"
        for name, table in (
            ("inlet", found.inlet), ("phase", found.phase), ("bank", found.bank),
            ("outlet", found.outlet),
        )
        if table is not None
    ]  # fmt: skip
    parts += [f"{len(found.sensor)} tables of sensors"] if found.sensor else []
    return ", ".join(parts) or "no tables"


@profile.command()
@click.argument("target_text", metavar="TARGET")
@click.option("--file", "file", type=click.Path(path_type=Path), help="Try this profile file.")
@click.option("--all", "everything", is_flag=True, help="Every row, not only the first of a table.")
@click.option("--json", "as_json", is_flag=True, help="One JSON object per field.")
@target_options
@config_option
def test(
    target_text: str,
    file: Path | None,
    everything: bool,
    as_json: bool,
    config_file: Path | None,
    target: TargetOptions,
) -> int:
    """Read a device once, and say for every field which object it came from.

    TARGET is a configured PDU or HOST[:PORT]; the profile is the one configured, the one named
    with --profile or --file, or whatever fits. Nothing is written to the device.
    """
    quiet_logging()
    settings, library = _library(config_file)
    (pdu,) = resolve_targets((target_text,), settings, target, os.environ)
    if pdu.backend == "mock":
        raise CliError(f'{pdu.name} is a model (backend = "mock"): there is no device to read')
    found = _named(library, pdu, file)
    name, lines = asyncio.run(_read(pdu, found, library))
    if as_json:
        for line in lines:
            click.echo(msgspec.json.encode(line))
        return DONE
    click.echo(f"{pdu.name}: profile {name}\n")
    click.echo("\n".join(_table(lines if everything else _first_rows(lines))))
    silent = sum(not line.value for line in lines)
    click.echo(f"\n{len(lines)} fields, {silent} of them without a value")
    return DONE


def _named(library: ProfileLibrary, pdu: PduSettings, file: Path | None) -> Profile | None:
    from pdutui.backends.snmp.profile import ProfileError

    try:
        if file is not None:
            return library.read(file)
        return None if pdu.profile == "auto" else library.load(pdu.profile)
    except ProfileError as error:
        raise CliError(str(error)) from error


async def _read(
    pdu: PduSettings, found: Profile | None, library: ProfileLibrary
) -> tuple[str, list[Line]]:
    from pdutui.backends.base import BackendError, Refused, Unreachable
    from pdutui.backends.snmp.client import SnmpClient
    from pdutui.backends.snmp.explain import explain
    from pdutui.backends.snmp.recognise import GENTLE, recognise
    from pdutui.cli.build import snmp_target
    from pdutui.domain.clock import SystemClock

    limits = found.request if found is not None else GENTLE
    client = SnmpClient(snmp_target(pdu), limits, clock=SystemClock())
    try:
        if found is None:
            found = await recognise(client, library, host=pdu.name, one_by_one=pdu.version == "1")
            client.limits = found.request
        return found.name, await explain(client, found, one_by_one=pdu.version == "1")
    except BackendError as error:
        lost = isinstance(error, Unreachable | Refused)
        raise CliError(f"{pdu.name}: {error}", UNREACHABLE if lost else BAD_NEWS) from error
    finally:
        await client.aclose()


def _first_rows(lines: list[Line]) -> list[Line]:
    """Of each kind of part only the first row."""
    first: dict[str, str] = {}
    return [x for x in lines if first.setdefault(x.part.split(" ")[0], x.part) == x.part]


def _table(lines: list[Line]) -> list[str]:
    from pdutui.cli.text import UNKNOWN, clean, table

    heads = ("part", "field", "object", "raw", "value", "note")
    rows = [
        (x.part, x.field, x.oid, clean(x.raw) or UNKNOWN, clean(x.value) or UNKNOWN, x.note)
        for x in lines
    ]
    return table(heads, rows, words=frozenset(heads))
