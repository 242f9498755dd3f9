"""`pdutui config`: where the configuration is, whether it is right, and one to begin with."""

from __future__ import annotations

import os
from importlib import resources
from pathlib import Path

import click

from pdutui.cli.connection import test_command
from pdutui.cli.exits import CliError
from pdutui.cli.target import config_option


@click.group()
def config() -> None:
    """Where the configuration is, whether it is right, what may be in it, one to begin with."""


config.add_command(test_command)


@config.command()
@click.option("--json", "as_json", is_flag=True, help="One JSON object.")
@config_option
def path(config_file: Path | None, as_json: bool) -> None:
    """Print where everything is: configuration, state, history, log, alarms, plans, profiles, ...

    What only a configuration without errors could say is a question mark, null in JSON.
    """
    import msgspec

    from pdutui.cli.config_paths import find_paths, path_lines

    paths = find_paths(config_file, os.environ)
    if as_json:
        click.echo(msgspec.json.encode(paths).decode())
        return
    for line in path_lines(paths):
        click.echo(line)


@config.command()
@config_option
def check(config_file: Path | None) -> None:
    """Read the configuration, and say everything that is wrong with it.

    What is right and probably not meant is said as a warning: a user or a group that this machine
    does not know, a window that is over, a role that keeps you from switching.
    """
    from datetime import UTC, datetime

    from pdutui.cli.config_check import contents, doubts
    from pdutui.config import load_settings
    from pdutui.domain.zone import local_zone
    from pdutui.engine.actor import current_actor

    settings = load_settings(config=config_file, env=os.environ)
    now = datetime.now(UTC).astimezone(local_zone(os.environ))
    actor = current_actor(os.environ, "cli")
    for warning in (*settings.warnings, *doubts(settings, actor, now)):
        click.echo(f"warning: {warning}", err=True)
    if settings.config_path is None:
        click.echo("no configuration file: the defaults hold (pdutui config path says where)")
        return
    click.echo(f"{settings.config_path}: right, {contents(settings)}")


@config.command()
def schema() -> None:
    """Print the JSON Schema of the configuration, for editors (taplo and others) and other tools.

    It knows keys, types, ranges and words. That names exist, and that files can be read, only
    'pdutui config check' knows.
    """
    import json

    from pdutui.config_schema import config_schema

    click.echo(json.dumps(config_schema(), indent=2, ensure_ascii=False))


@config.command()
def template() -> None:
    """Print a commented configuration to begin with."""
    click.echo(example_config(), nl=False)


def example_config() -> str:
    """The text of config.example.toml, as shipped in the wheel or as it stands in a checkout."""
    shipped = resources.files("pdutui") / "config.example.toml"
    if shipped.is_file():
        return shipped.read_text("utf-8")
    checkout = Path(__file__).parents[3] / "config.example.toml"
    if checkout.is_file():
        return checkout.read_text("utf-8")
    raise CliError("config.example.toml is missing from this installation", 1)
