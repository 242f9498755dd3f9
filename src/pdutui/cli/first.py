"""What comes first where nothing is configured: ways to begin, and then the console."""

from __future__ import annotations

import os
from collections.abc import Callable

import msgspec

from pdutui.cli.build import Demo, demo_settings
from pdutui.cli.exits import CliError
from pdutui.cli.wanted import Wanted
from pdutui.config_env import config_path
from pdutui.domain.clock import SystemClock
from pdutui.settings import Settings

Console = Callable[[Settings, Wanted, Demo | None], int]
"""Opens the console; returns the exit code."""


def first_steps(settings: Settings, wanted: Wanted, demo: Demo, console: Console) -> int:
    """Ask how to begin, and go on with that in this process; returns the exit code.

    Args:
        settings: what is configured: no PDU.
        wanted: the command line.
        demo: the demo that is offered.
        console: what follows.
    """
    from pdutui.cli.config_cmd import example_config
    from pdutui.screens.first_steps import FirstSteps
    from pdutui.screens.welcome_app import WelcomeApp

    file = settings.config_path or config_path(wanted.config, os.environ)[0]
    steps = FirstSteps(
        settings, file=file, clock=SystemClock(), template=example_config, env=os.environ
    )
    code = WelcomeApp(steps).run_to_the_end(mouse=settings.ui.mouse)
    if code or steps.choice == "quit":
        return code
    if steps.choice == "demo":
        return console(demo_settings(settings, demo), wanted, demo)
    if steps.choice == "device" and steps.device is not None:
        shown = msgspec.structs.replace(settings, pdus=(steps.device,), config_path=None)
        return console(shown, wanted, None)
    there = msgspec.structs.replace(wanted, config=file)
    settings = there.read()
    if not settings.pdus:
        raise CliError(f"{file} names no PDU")
    return console(settings, there, None)
