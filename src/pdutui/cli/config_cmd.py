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
    """Where the configuration is, whether it is right, and one to begin with."""


config.add_command(test_command)


@config.command()
def path() -> None:
    """Print where files are looked for: configuration, state, database."""
    from pdutui.cli.build import history_path
    from pdutui.config import ConfigError, load_settings
    from pdutui.config_env import config_path, state_dir

    file, _ = config_path(None, os.environ)
    state = state_dir(os.environ)
    there, history = "", "?"
    try:
        settings = load_settings(env=os.environ)
        history = str(history_path(settings))
        if settings.config_path is None:
            there = "   (not there)"
    except ConfigError:
        there = "   (has errors: pdutui config check)"
    click.echo(f"config   {file}{there}")
    click.echo(f"state    {state}")
    click.echo(f"history  {history}")


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
