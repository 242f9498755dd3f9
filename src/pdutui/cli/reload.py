"""Reading the configuration of a running console again: by key, and by SIGHUP."""

from __future__ import annotations

import asyncio
import functools
import logging
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from pdutui.backends.snmp.profile import ProfileError
from pdutui.cli.build import Shared, build_backend, secrets_of
from pdutui.config_errors import ConfigError
from pdutui.engine.events import SettingsChanged, Severity
from pdutui.engine.logs import FILE_NAME, LogFile
from pdutui.engine.reload import NotNow

if TYPE_CHECKING:
    from pdutui.domain.clock import Clock
    from pdutui.engine.engine import Engine
    from pdutui.settings import Settings

LOG = logging.getLogger("pdutui.config")


class Reloader:
    """Reads the configuration again, and has the engine take it, whole or not at all.

    Args:
        engine: what runs by it.
        read: reads it as it was read at the start; given what is in force.
        clock: for backends.
        log: is told the new secrets, before anything can be written that has them.
    """

    def __init__(
        self, engine: Engine, read: Callable[[Settings], Settings], *, clock: Clock, log: LogFile
    ) -> None:
        self._engine = engine
        self._read = read
        self._clock = clock
        self._log = log
        self._turn = asyncio.Lock()
        self._waiting = False

    async def __call__(self) -> Settings | None:
        """The new settings, which are in force; None where the old ones stay.

        Listeners of the engine are told what came of it. A second wish while one is carried out
        is carried out after it, further ones with it.
        """
        if self._waiting:
            return None
        self._waiting = self._turn.locked()
        async with self._turn:
            self._waiting = False
            return await self._reload()

    async def _reload(self) -> Settings | None:
        before = self._engine.settings
        try:
            settings = await asyncio.to_thread(self._read, before)
            self._log.hide(secrets_of(settings))
            shared = Shared(settings.profile_dir)
            build = functools.partial(build_backend, clock=self._clock, shared=shared)
            taken = await self._engine.take(settings, build)
        except ConfigError as error:
            self._kept(error.problems)
        except ProfileError as error:
            self._kept([str(error)])
        except NotNow as error:
            self._kept([str(error)])
        else:
            for warning in settings.warnings:
                if warning not in before.warnings:
                    LOG.warning("%s", warning)
            self._tell("info", taken.words, taken=True)
            return settings
        return None

    def _kept(self, problems: Sequence[str]) -> None:
        """The old settings stay: say the first reason, and have all of them in the log."""
        for problem in problems:
            LOG.warning("%s", problem)
        many = f" ({len(problems)} problems, all in {FILE_NAME})" if problems[1:] else ""
        file = self._engine.settings.config_path
        first = problems[0]
        if file is not None and first.startswith(str(file)):
            first = file.name + first.removeprefix(str(file))
        self._tell("warning", f"configuration not taken{many}: {first}", taken=False)

    def _tell(self, severity: Severity, text: str, *, taken: bool) -> None:
        self._engine.say(severity, text)
        self._engine.tell(SettingsChanged(text=text, taken=taken))
