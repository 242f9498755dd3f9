"""A configuration with modelled PDUs, the command line in-process, and one simulator for all."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import NamedTuple

import pytest

from pdutui.cli.main import main
from tests.support.program import Simulator

CONFIG = """
[poll]
interval_s = 0.5

[[pdu]]
name = "bench"
backend = "mock"
model = "px3"
protected = [2]
write_community = "unused"
[pdu.outlets.1]
name = "db-main"
[pdu.outlets.2]
name = "core-switch"

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
"""


class Done(NamedTuple):
    code: int
    out: str
    err: str


Cli = Callable[..., Done]


@pytest.fixture
def cli(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Cli:
    """`cli("poll", "bench")` → exit code, output, errors; its own config and state."""
    config = tmp_path / "config.toml"
    config.write_text(CONFIG)
    config.chmod(0o600)
    for name in ("PDUTUI_COMMUNITY", "PDUTUI_WRITE_COMMUNITY", "SSH_CONNECTION", "SSH_CLIENT"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("PDUTUI_CONFIG", str(config))
    monkeypatch.setenv("PDUTUI_STATE_DIR", str(tmp_path / "state"))

    def run(*argv: str) -> Done:
        capsys.readouterr()
        code = main(argv)
        seen = capsys.readouterr()
        assert "Traceback" not in seen.err
        return Done(code, seen.out, seen.err)

    return run


@pytest.fixture(scope="package")
def device(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of a simulated CyberPower PDU44001 in which nothing happens by itself."""
    home = tmp_path_factory.mktemp("simulator")
    with Simulator("--profile", "cyberpower-epdu", "--quiet", home=home) as simulator:
        yield simulator.address
