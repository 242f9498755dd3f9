"""What somebody wants to see, as the command line says it; it is read again by a reload."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

import msgspec

from pdutui.cli.exits import CliError
from pdutui.cli.target import TargetOptions, note_on_stderr, resolve_targets
from pdutui.config_errors import ConfigError
from pdutui.settings import Settings


class Wanted(msgspec.Struct, frozen=True, kw_only=True):
    """The command line of a console, but for what only its start needs."""

    overrides: Mapping[str, Mapping[str, object]]
    """What it says in place of the configuration: section, key, value."""
    config: Path | None = None
    hosts: tuple[str, ...] = ()
    target: TargetOptions = TargetOptions()
    doubt: Callable[[Sequence[str], Settings], None] = lambda hosts, settings: None
    """Looks whether the hosts are meant at all; raises CliError."""
    shaped: Callable[[Settings], Settings] = lambda settings: settings
    """What is put over everything, whatever the file says: that it is a demo, or for a browser."""

    def read(self, *, say: Callable[[str], None] = note_on_stderr) -> Settings:
        """The settings, with the PDUs that are wanted.

        Args:
            say: takes a word on what was made of a host.

        Raises:
            ConfigError: the configuration has errors.
            CliError: a host cannot be meant.
        """
        from pdutui.config import load_settings

        settings = load_settings(config=self.config, overrides=self.overrides, env=os.environ)
        if self.hosts:
            self.doubt(self.hosts, settings)
            pdus = resolve_targets(self.hosts, settings, self.target, os.environ, say=say)
        else:
            pdus = tuple(self.target.on_top_of(pdu) for pdu in settings.pdus)
        return self.shaped(msgspec.structs.replace(settings, pdus=pdus))

    def read_again(self, before: Settings) -> Settings:
        """The settings as the same file says them by now. Raises ConfigError for anything wrong."""
        again = msgspec.structs.replace(self, config=before.config_path)
        try:
            return again.read(say=lambda _: None)
        except CliError as error:
            raise ConfigError(str(error).splitlines()) from error
