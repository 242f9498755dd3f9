"""What the welcome screen may do to the world, and what it was told to do next. No Textual here."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Literal

from pdutui.config_errors import ConfigError
from pdutui.domain.clock import Clock
from pdutui.settings import PduSettings, Settings

Choice = Literal["demo", "configured", "device", "quit"]
"""What is to follow: the demo, what is configured by now, one device as it was tried, nothing."""


class FirstSteps:
    """A configuration without a PDU, or none, and the way out of it.

    Args:
        settings: what is configured so far.
        file: the configuration file, there or not.
        clock: for time-outs and the pace of a search.
        template: the text of a configuration to begin with.
        env: the environment.
    """

    def __init__(
        self,
        settings: Settings,
        *,
        file: Path,
        clock: Clock,
        template: Callable[[], str],
        env: Mapping[str, str],
    ) -> None:
        self.settings, self.file, self.clock, self.env = settings, file, clock, env
        self._template = template
        self.choice: Choice = "quit"
        self.device: PduSettings | None = None
        """What is to be shown, where `choice` is `device`."""
        self.written = False
        """There are PDUs in the file by now."""

    @property
    def there(self) -> bool:
        """Whether the file is there, or something else in its place."""
        return os.path.lexists(self.file)

    def write_template(self) -> None:
        """Write the template where nothing is. Raises ConfigError; what is there is not touched."""
        text = self._template()
        if self.there:
            raise ConfigError([f"{self.file} is there already: it is not overwritten"])
        try:
            self.file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            # Whoever was faster wins: what has come in between is not touched either.
            number = os.open(self.file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
            try:
                with os.fdopen(number, "w", encoding="utf-8") as out:
                    out.write(text)
            except OSError:
                self.file.unlink(missing_ok=True)  # half of it would be there already next time
                raise
        except OSError as error:
            why = error.strerror or error
            raise ConfigError([f"{self.file}: cannot be written: {why}"]) from error
        self.written = True
