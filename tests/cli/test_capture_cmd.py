"""`pdutui capture`: from a device to a file that serves as that device."""

from __future__ import annotations

import contextlib
import io
import json
import os
import pty
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from pdutui.backends.snmp.recording import load_recording
from pdutui.cli.progress import ProgressLine
from tests.cli.conftest import Cli
from tests.support.program import PDUTUI, Simulator, environment, run


def figures(text: str) -> dict[str, Any]:
    reading = json.loads(text)
    for key in ("pdu", "time", "poll", "name", "serial", "uptime_s"):
        del reading[key]
    for group in ("inlets", "banks", "outlets", "sensors"):
        for part in reading[group]:
            part.pop("name")
    return reading  # type: ignore[no-any-return]


def test_a_redacted_capture_replays_as_the_device(
    cli: Cli, shared_snmp: Path, tmp_path: Path
) -> None:
    original = shared_snmp / "recordings" / "cyberpower_pdu44005.snmprec"
    file = tmp_path / "pdu.snmprec"
    with Simulator("--recording", str(original), home=tmp_path) as device:
        done = cli("capture", device.address, "-o", str(file), "--redact")
        assert done.code == 0, done.err
        live = cli("poll", device.address, "--json")
    assert "recognised as cyberpower-epdu" in done.out
    assert "replaced: " in done.out
    assert "look through the file" in done.out
    assert file.stat().st_mode & 0o777 == 0o600
    text = file.read_text().lower()
    for secret in ("ATS011", "Server Room"):
        assert secret.lower() not in text
        assert secret.encode().hex() not in text
    with Simulator("--recording", str(file), home=tmp_path) as replay:
        again = cli("poll", replay.address, "--json")
    assert figures(again.out) == figures(live.out)
    assert json.loads(again.out)["name"] == "name-1"
    assert list(tmp_path.glob(".*.tmp")) == []


@pytest.mark.parametrize("name", ["pipe", "link", "-"])
def test_it_puts_itself_in_the_place_of_no_device_or_pipe(
    cli: Cli, device: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    monkeypatch.chdir(tmp_path)
    os.mkfifo("pipe")
    Path("link").symlink_to("/dev/null")
    done = cli("capture", device, "-o", name, "--force")
    assert done.code == 2
    assert f"{name} is no file" in done.err
    assert not Path("-").exists()
    assert Path("pipe").is_fifo()
    assert Path("link").is_symlink()


def test_it_writes_over_nothing(cli: Cli, device: str, tmp_path: Path) -> None:
    file = tmp_path / "pdu.snmprec"
    file.write_text("precious")
    root = ("--root", "1.3.6.1.2.1.1")
    refused = cli("capture", device, "-o", str(file), *root)
    assert refused.code == 2
    assert "--force" in refused.err
    assert file.read_text() == "precious"
    forced = cli("capture", device, "-o", str(file), *root, "--force")
    assert (forced.code, forced.err) == (0, "")
    assert "--redact takes them out" not in forced.out, "part of a device is for oneself"
    assert len(load_recording(file)) > 3
    assert "no profile" not in forced.out


@pytest.mark.parametrize(
    ("argv", "says"),
    [
        (("--root", "system"), "no OID in figures"),
        (("--root", "1.3", "--all"), "exclude each other"),
        (("--keep", "1.3.6"), "goes with --redact"),
    ],
)
def test_what_cannot_be_meant(cli: Cli, tmp_path: Path, argv: tuple[str, ...], says: str) -> None:
    done = cli("capture", "10.0.0.5", "-o", str(tmp_path / "f"), *argv)
    assert done.code == 2
    assert says in done.err


def test_a_model_and_a_device_that_is_gone_leave_no_file(cli: Cli, tmp_path: Path) -> None:
    file = tmp_path / "f.snmprec"
    assert cli("capture", "bench", "-o", str(file)).code == 2
    gone = cli("capture", "dead", "-o", str(file))
    assert gone.code == 3
    assert "dead" in gone.err
    assert list(tmp_path.glob("*f.snmprec*")) == []


def test_the_wrong_community_is_said_to_be(cli: Cli, device: str, tmp_path: Path) -> None:
    done = cli("capture", device, "-o", str(tmp_path / "f"), "--community", "wr0ng", "--timeout",
               "0.3", "--retries", "0")  # fmt: skip
    assert done.code == 3
    assert "community" in done.err
    assert "wr0ng" not in done.err


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_an_interrupted_walk_keeps_what_it_has(tmp_path: Path, number: signal.Signals) -> None:
    file = tmp_path / "pdu.snmprec"
    master, slave = pty.openpty()
    with Simulator("--profile", "raritan-pdu2", "--delay", "10", home=tmp_path) as device:
        child = subprocess.Popen(
            [*PDUTUI, "capture", device.address, "-o", str(file), "--redact", "--no-bulk"],
            stdout=subprocess.PIPE, stderr=slave, text=True, env=environment(tmp_path),
        )  # fmt: skip
        os.close(slave)
        seen = b""
        while b" rows/s  1.3.6.1.4.1." not in seen:
            seen += os.read(master, 1000)
        child.send_signal(number)
        out, _ = child.communicate(timeout=10)
    with contextlib.suppress(OSError):
        seen += os.read(master, 10_000)
    os.close(master)
    assert child.returncode == 128 + number
    assert not file.exists()
    partial = tmp_path / "pdu.snmprec.partial"
    assert str(partial) in out
    assert partial.stat().st_mode & 0o777 == 0o600
    assert load_recording(partial)
    assert "R1-A" not in partial.read_text(), "what is kept is redacted, too"
    assert b"Traceback" not in seen


def test_over_snmpv3(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    v3 = ("--v3-user", "reader7", "--v3-auth", "SHA256", "--v3-auth-key-env", "AUTH",
          "--v3-priv", "AES", "--v3-priv-key-env", "PRIV")  # fmt: skip
    monkeypatch.setenv("AUTH", "authpass123")
    monkeypatch.setenv("PRIV", "privpass123")
    file, other = tmp_path / "v3.snmprec", tmp_path / "v2.snmprec"
    with Simulator("--profile", "cyberpower-epdu", "--quiet", *v3, home=tmp_path) as device:
        three = run("capture", device.address, "-o", str(file), *v3, home=tmp_path)
        two = run("capture", device.address, "-o", str(other), home=tmp_path)
    assert three.returncode == 0, three.stderr
    assert two.returncode == 0, two.stderr
    assert load_recording(file).keys() == load_recording(other).keys()
    kinds = [{oid: row.tag for oid, row in load_recording(f).items()} for f in (file, other)]
    assert kinds[0] == kinds[1]


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def test_the_progress_is_for_a_terminal(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stderr", terminal := Terminal())
    line = ProgressLine()
    line.show("half", now=True)
    line.show("too soon")
    line.clear()
    assert terminal.getvalue() == "\rhalf\r    \r"
    monkeypatch.setattr(sys, "stderr", pipe := io.StringIO())
    line = ProgressLine()
    line.show("half", now=True)
    line.clear()
    assert pipe.getvalue() == ""
