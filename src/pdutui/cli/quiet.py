"""Logging of headless commands: nothing of it belongs among their output."""

from __future__ import annotations

import logging
import os


def quiet_logging() -> None:
    """Keep log lines off standard error; with `PDUTUI_DEBUG` put all of them there."""
    if os.environ.get("PDUTUI_DEBUG"):
        logging.basicConfig(level=logging.DEBUG)
    elif not logging.getLogger().handlers:
        logging.getLogger().addHandler(logging.NullHandler())
