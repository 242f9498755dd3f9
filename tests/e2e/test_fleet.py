"""A fleet of all families on a bad line, for some seconds: the short form of the soak."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

FLEET = Path(__file__).parents[2] / "benchmarks" / "fleet.py"


def test_every_poll_of_a_fleet_on_a_bad_line_is_accounted_for() -> None:
    command = [sys.executable, str(FLEET), "--pdus", "20", "--loss", "0.025", "--store"]
    command += ["--seconds", "4", "--interval", "0.4", "--least", "0.5", "--anywhere"]
    command += ["--stall", "150"]  # other tests have the machine at the same time
    ran = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
    assert ran.returncode == 0, ran.stdout + ran.stderr
    assert ran.stdout.endswith("all of it holds\n")
    assert "20 PDUs of all families" in ran.stdout
