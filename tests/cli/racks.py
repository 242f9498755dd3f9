"""Two modelled feeds of one rack with devices, groups and sequences, and a rack behind SNMP."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from pdutui.cli.exits import DONE
from tests.cli.conftest import Cli

FEEDS = """
[poll]
interval_s = 0.5

[[pdu]]
name = "a"
backend = "mock"
model = "px3"
feed = "A"
protected = [2]
[pdu.outlets.1]
name = "db01-a"
device = "db01"
cord = "A"
group = "storage"
[pdu.outlets.2]
name = "core-switch"
[pdu.outlets.3]
name = "kvm"
group = ["storage", "shut"]

[[pdu]]
name = "b"
backend = "mock"
model = "px3"
feed = "B"
[pdu.outlets.1]
name = "db01-b"
device = "db01"
cord = "B"
group = "storage"

[[pdu]]
name = "shelf"
backend = "mock"
read_only = true

[[pdu]]
name = "dead"
host = "127.0.0.1"
port = 1
timeout_s = 0.3
retries = 0
write_community = "unused"

[group.web]
outlets = ["a:7", "b:8"]
[group.shut]
outlets = "shelf:1"
[group.kvm]
outlets = "a:3"
[group.gone]
outlets = ["a:7", "dead:1"]

[[sequence]]
name = "web-down"
text = "Before the move"
pause_s = 0
  [[sequence.step]]
  action = "off"
  group = "web"
  [[sequence.step]]
  action = "on"
  outlets = "a:9"
  pause_s = 60

[[sequence]]
name = "wrong"
  [[sequence.step]]
  action = "off"
  outlets = "a:nothing-of-that-name"
"""


def feeds(home: Path, *more: str) -> None:
    """Make them the configuration."""
    _write(home, "\n".join((FEEDS, *more)))


def rack(home: Path, device: str, *more: str, community: str = "private") -> None:
    """Make the simulated device the configuration, as `rack`."""
    text = f'[[pdu]]\nname = "rack"\nhost = "{device}"\nwrite_community = "{community}"\n'
    _write(home, "\n".join(("[poll]\ninterval_s = 0.5\n" + text, *more)))


def _write(home: Path, text: str) -> None:
    path = home / "config.toml"
    path.write_text(text)
    path.chmod(0o600)


def plans(cli: Cli, *options: str) -> list[dict[str, Any]]:
    """The plans that are kept."""
    done = cli("plan", "list", "--json", *options)
    assert done.code == DONE, done.err
    return [json.loads(line) for line in done.out.splitlines()]
