"""What is imported late can be imported at all, and nothing of it is loaded for the first frame."""

from __future__ import annotations

import importlib
import os
import pkgutil
import subprocess
import sys

import pdutui

LATER = (
    "pdutui.engine.gate",
    "pdutui.engine.plans.desk",
    "pdutui.engine.alarms.desk",
    "pdutui.engine.impact",
    "pdutui.store.history",
    "pdutui.backends.snmp",
    "pdutui.cli.reload",
    "pdutui.domain.tariff",
    "pdutui.domain.plan",
    "pdutui.screens.dialog",
    "pdutui.screens.desk",
    "pdutui.screens.fleet",
    "pdutui.screens.alarms",
    "pdutui.screens.history",
    "pdutui.screens.plan_desk",
    "zoneinfo",
    "tomli_w",
    "pysnmp",
    "plotext",
    "sqlite3",
)
MOST = 175
"""Modules of our own up to the first frame: some 160, and a few to grow."""

_START = """
import sys
import pdutui.cli.run, pdutui.app, pdutui.widgets.driver, pdutui.cli.console
from pdutui.cli.build import Demo, build_backends, demo_settings
from pdutui.config import load_settings
from pdutui.domain.clock import SystemClock
settings = demo_settings(load_settings(env={}), Demo())
build_backends(settings, SystemClock(), demo=Demo())
print(*sys.modules)
"""


def test_every_module_can_be_imported() -> None:
    found = [each.name for each in pkgutil.walk_packages(pdutui.__path__, "pdutui.")]
    assert len(found) > 500
    for name in found:
        if name != "pdutui.__main__":  # runs the program
            importlib.import_module(name)


def test_the_first_frame_loads_nothing_that_it_does_not_need(tmp_path: object) -> None:
    env = {**os.environ, "PDUTUI_CONFIG": "", "XDG_CONFIG_HOME": str(tmp_path)}
    run = subprocess.run(
        [sys.executable, "-c", _START], capture_output=True, text=True, check=True, env=env
    )
    loaded = set(run.stdout.split())
    assert not loaded.intersection(LATER)
    assert len([name for name in loaded if name.startswith("pdutui")]) <= MOST
