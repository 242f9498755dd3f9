"""What somebody wants to see, as the command line says it; it is read again by a reload."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

import msgspec

from pdutui.cli.exits import CliError
from pdutui.cli.target import TargetOptions, is_configured, note_on_stderr, resolve_targets
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
    configured: set[str] = msgspec.field(default_factory=set)
    """The PDUs of the configuration that the hosts meant. What was one of these must never become
    a mere address: it would be asked, and could be switched, as the factory left it."""
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
        settings, configured = self._read(self.config, say)
        self.configured.update(configured)
        return settings

    def read_again(self, before: Settings) -> Settings:
        """The settings as the same file says them by now. Raises ConfigError for anything wrong."""
        try:
            settings, configured = self._read(before.config_path, lambda _: None)
        except CliError as error:
            raise ConfigError(str(error).splitlines()) from error
        lost = sorted(self.configured - configured)
        if lost:
            text = "is not configured any more, and the command line asks for it"
            raise ConfigError([f"{before.config_path}: {name} {text}" for name in lost])
        return settings

    def _read(
        self, config: Path | None, say: Callable[[str], None]
    ) -> tuple[Settings, frozenset[str]]:
        """The settings, and which of the hosts are PDUs of the configuration."""
        from pdutui.config import load_settings

        settings = load_settings(config=config, overrides=self.overrides, env=os.environ)
        if not self.hosts:
            pdus = tuple(self.target.on_top_of(pdu) for pdu in settings.pdus)
            return self.shaped(msgspec.structs.replace(settings, pdus=pdus)), frozenset()
        self.doubt(self.hosts, settings)
        pdus = resolve_targets(self.hosts, settings, self.target, os.environ, say=say)
        configured = frozenset(pdu.name for pdu in pdus if is_configured(pdu, settings))
        return self.shaped(msgspec.structs.replace(settings, pdus=pdus)), configured
