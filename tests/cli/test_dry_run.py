"""What `--dry-run` says a switch will do, and what it has read for that."""

from __future__ import annotations

import asyncio
import json
import socket
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from pdutui.cli import session as session_module
from pdutui.cli.exits import DONE, REFUSED
from pdutui.cli.session import Session
from pdutui.config import load_settings
from pdutui.domain.clock import SystemClock
from pdutui.store.history import HistoryStore
from tests.cli.conftest import Cli
from tests.cli.racks import feeds
from tests.store.helpers import reading

IDLE = 23
"""An outlet of the model that is on, and draws nothing."""


@pytest.fixture
def racks(cli: Cli, tmp_path: Path) -> Cli:
    feeds(tmp_path)
    return cli


def test_the_lines_say_how_bad_it_is_and_nothing_is_kept(racks: Cli, tmp_path: Path) -> None:
    done = racks("group", "storage", "off", "--dry-run")
    assert (done.code, done.err) == (DONE, "")
    head, *lines = done.out.splitlines()
    assert head.startswith("plan: Turn OFF 3 outlets on 2 PDUs, one every 1 s: drops ")
    assert [line.partition(" on ")[0] for line in lines[:3]] == [
        "would: Turn OFF outlet 1 db01-a",
        "would: Turn OFF outlet 3 kvm",
        "would: Turn OFF outlet 1 db01-b",
    ]
    assert lines[3].startswith("  DANGER: db01 LOSES ITS LAST FEED")
    assert "  unknown: What outlet 3 of a feeds is not known" in lines
    assert any(line.startswith("  Bank C1 of a: ") for line in lines)
    assert lines[-1] == "  needs --confirm-name '3 outlets'"
    assert not (tmp_path / "state").exists()


def test_a_cord_whose_twin_is_dead_is_called_out_before_it_is_switched_off(
    cli: Cli, tmp_path: Path
) -> None:
    """The outlet of the other cord is on, and nothing comes out of it."""
    feeds(
        tmp_path,
        '[[pdu]]\nname = "c"\nbackend = "mock"\nmodel = "px3"\n[pdu.outlets.1]\n'
        'name = "backup-a"\ndevice = "backup"\ncord = "A"\n[pdu.outlets.IDLE]\n'
        'name = "backup-b"\ndevice = "backup"\ncord = "B"\n'.replace("IDLE", str(IDLE)),
    )
    done = cli("outlet", "c", "1", "off", "--dry-run")
    assert (done.code, done.err) == (DONE, "")
    said = f"  DANGER: backup LOSES ITS LAST FEED: cord B (c outlet {IDLE}) is on, but draws 0 W"
    assert said in done.out.splitlines()
    assert "needs --confirm-name" in done.out
    other = cli("outlet", "c", str(IDLE), "off", "--dry-run")
    assert "DANGER" not in other.out


def test_a_protected_outlet_and_a_refusal_are_said_where_they_are(racks: Cli) -> None:
    done = racks("outlet", "a", "2,4", "off", "--dry-run")
    assert done.code == DONE
    first, second = done.out.splitlines()[:2]
    assert first.endswith(
        "(outlet 2 core-switch is protected: type its name; needs --confirm-name)"
    )
    assert second.startswith("would: Turn OFF outlet 4 ")
    done = racks("group", "shut", "off", "--dry-run")
    assert done.code == REFUSED
    (refused,) = [line for line in done.out.splitlines() if line.startswith("would be refused: sh")]
    assert refused.startswith("would be refused: shelf is read-only")
    assert refused.endswith(" (shelf outlet 1 core-sw1)"), "which of them, where it is not said"


def test_json_has_the_impact_of_each_and_of_all_together(racks: Cli) -> None:
    done = racks("outlet", "a", "1", "off", "--dry-run", "--json")
    one = json.loads(done.out)
    assert (one["pdu"], one["outlet"], one["action"], one["allowed"]) == ("a", 1, "off", True)
    assert one["sentence"].startswith("Turn OFF outlet 1 db01-a on a: drops ")
    (device,) = one["impact"]["devices"]
    assert (device["device"], device["fate"]) == ("db01", "keeps_feed")
    done = racks("group", "storage", "off", "--dry-run", "--json")
    *each, whole = [json.loads(line) for line in done.out.splitlines()]
    assert [line["impact"]["level"] for line in each] == ["clear", "unknown", "clear"]
    assert all("summary" not in line for line in each)
    assert (whole["summary"], whole["steps"], whole["words"]) == (True, 3, ["3 outlets"])
    assert whole["impact"]["level"] == "danger"
    assert whole["allowed"] is True


SILENT = """
[[pdu]]
name = "silent"
host = "127.0.0.1:{port}"
timeout_s = 20
[pdu.outlets.5]
device = "lonely"
"""
LONELY = """
[pdu.outlets.4]
device = "lonely"
"""


def test_a_partner_that_is_silent_is_unknown_and_holds_up_nothing(
    cli: Cli, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(session_module, "_PARTNERS_WITHIN_S", 0.5)
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as nobody:
        nobody.bind(("127.0.0.1", 0))
        feeds(tmp_path, SILENT.format(port=nobody.getsockname()[1]))
        config = tmp_path / "config.toml"
        config.write_text(config.read_text().replace("[pdu.outlets.3]", LONELY + "[pdu.outlets.3]"))
        began_s = time.monotonic()
        done = cli("outlet", "a", "4", "off", "--dry-run")
        took_s = time.monotonic() - began_s
        assert "DANGER: lonely MAY LOSE ITS LAST FEED" in done.out
        assert "silent" in done.out
        assert "needs --confirm-name" in done.out
        assert 0.4 < took_s < 10
        began_s = time.monotonic()
        assert cli("outlet", "a", "7", "off", "--dry-run").code == DONE
        assert time.monotonic() - began_s < took_s - 0.2, "nothing of silent hangs on outlet 7"


def test_pdus_are_read_beside_the_target_only_by_the_map(racks: Cli, tmp_path: Path) -> None:
    settings = load_settings(
        config=tmp_path / "config.toml", env={"PDUTUI_STATE_DIR": str(tmp_path)}
    )
    by_name = {pdu.name: pdu for pdu in settings.pdus}

    def read_for(name: str, *, partners: bool = True) -> list[str]:
        session = Session(
            (by_name[name],), settings, clock=SystemClock(), audited=False, partners=partners
        )
        return [pdu.name for pdu in session.settings.pdus]

    assert read_for("a") == ["a", "b"]
    assert read_for("b") == ["b", "a"]
    assert read_for("shelf") == ["shelf"]
    assert read_for("a", partners=False) == ["a"]


def test_what_an_outlet_adds_is_known_from_the_history(racks: Cli, tmp_path: Path) -> None:
    before = racks("outlet", "a", "11", "on", "--dry-run")
    assert "unknown: What outlet 11 will add is not known" in before.out

    async def fill() -> None:
        store = await HistoryStore.open(
            tmp_path / "state" / "history.db", clock=SystemClock(), retention_days=1
        )
        start = datetime.now(UTC) - timedelta(minutes=10)
        for second in range(3):
            store.append(reading(second, pdu="a", outlets=11, start=start))
        await store.close()

    asyncio.run(fill())
    done = racks("outlet", "a", "11", "on", "--dry-run")
    assert done.code == DONE
    assert "will add is not known" not in done.out
    assert "Outlet 11 " in done.out
    assert "as when last on, 1" in done.out
