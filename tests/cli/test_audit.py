"""`pdutui audit`: all of it, or a word on what may be missing."""

from __future__ import annotations

import asyncio
import json
import subprocess
from pathlib import Path

import pytest

from pdutui.cli.exits import BAD_NEWS, DONE, USAGE
from pdutui.domain.clock import SystemClock
from pdutui.store.history import HistoryStore
from tests.cli.conftest import Cli
from tests.support.program import run


def switch(cli: Cli) -> None:
    assert cli("outlet", "bench", "3", "off", "--yes").code == DONE


def test_nothing_switched_yet(cli: Cli) -> None:
    done = cli("audit")
    assert done.code == DONE
    assert "nothing has been switched from here yet" in done.err
    assert cli("audit", "--json") == (DONE, "", "")


def test_a_console_that_writes_the_history_leaves_the_audit_whole(cli: Cli, tmp_path: Path) -> None:
    """Another writer of readings keeps neither the audit from being read nor from being written."""
    (tmp_path / "state").mkdir(mode=0o700)
    config = tmp_path / "config.toml"

    async def pdutui(*argv: str) -> subprocess.CompletedProcess[str]:
        return await asyncio.to_thread(run, *argv, home=tmp_path, PDUTUI_CONFIG=str(config))

    async def beside_a_console() -> None:
        path = tmp_path / "state" / "history.db"
        console = await HistoryStore.open(path, clock=SystemClock(), retention_days=1)
        try:
            done = await pdutui("outlet", "bench", "3", "off", "--yes")
            assert (done.returncode, done.stderr) == (DONE, "")
            done = await pdutui("audit", "--json")
        finally:
            await console.close()
        assert (done.returncode, done.stderr) == (DONE, "")
        outcomes = [json.loads(line)["outcome"] for line in done.stdout.splitlines()]
        assert outcomes == ["requested", "observed"]

    asyncio.run(beside_a_console())


def test_a_damaged_database_is_not_an_empty_audit(cli: Cli, tmp_path: Path) -> None:
    switch(cli)
    (tmp_path / "state" / "history.db").write_bytes(b"rubbish" * 5000)
    for _ in range(2):  # it is set aside by the first look at it, and still is missing afterwards
        done = cli("audit")
        assert done.code == BAD_NEWS
        assert "this may not be all" in done.err
        assert "history.db.damaged-" in done.err


def test_a_state_directory_that_cannot_be_looked_into(
    cli: Cli, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "file").write_text("")
    monkeypatch.setenv("PDUTUI_STATE_DIR", str(tmp_path / "file"))
    done = cli("audit")
    assert done.code == USAGE
    assert "history.db cannot be read: Not a directory" in done.err


def test_an_audit_that_could_not_be_kept_is_said_on_leaving(
    cli: Cli, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "file").write_text("")
    monkeypatch.setenv("PDUTUI_STATE_DIR", str(tmp_path / "file"))
    done = cli("outlet", "bench", "3", "off", "--yes")
    assert done.code == DONE
    assert "observed" in done.out
    assert "lines of the audit are on no disk: 2" in done.err


def test_an_audit_in_the_spill_file_is_said_and_shown(cli: Cli, tmp_path: Path) -> None:
    (tmp_path / "state" / "history.db").mkdir(parents=True)
    (tmp_path / "state").chmod(0o700)
    done = cli("outlet", "bench", "3", "off", "--yes")
    assert "the audit is in audit-spill.jsonl" in done.err
    done = cli("audit", "--json")
    assert done.code == BAD_NEWS
    assert "this may not be all" in done.err
    assert len(done.out.splitlines()) == 2
