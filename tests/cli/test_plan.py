"""`pdutui plan`: a plan stands, goes on, ends and is put back, whichever program ran it."""

from __future__ import annotations

import json
import re
import signal
import subprocess
import time
from pathlib import Path

import pytest

from pdutui.cli.exits import BAD_NEWS, DONE, REFUSED, USAGE
from tests.cli.conftest import Cli
from tests.cli.racks import plans, rack
from tests.cli.test_outlet import OFF, ON, STATE
from tests.support.program import PDUTUI, environment, snmpget


def states(device: str, *outlets: int) -> list[str]:
    return [snmpget(device, f"{STATE}{n}") for n in outlets]


def kept(cli: Cli, *options: str) -> str:
    """The id of the one plan."""
    (plan,) = plans(cli, *options)
    found: str = plan["plan"]["id"]
    return found


def test_a_failure_stops_it_the_rest_can_be_done_and_all_be_put_back(
    cli: Cli, device: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    rack(tmp_path, device, community="wrong-one")
    monkeypatch.setenv("PDUTUI_CONTROL_VERIFY_TIMEOUT_S", "1")
    hasty = ("--timeout", "0.3", "--retries", "0")
    done = cli("outlet", "rack", "4-6", "off", "--yes", "--pause", "0", *hasty)
    assert done.code == BAD_NEWS
    assert "stopped there; not tried: outlet 5, 6" in done.err
    plan = kept(cli)
    assert f"pdutui plan resume {plan} goes on" in done.err
    monkeypatch.delenv("PDUTUI_CONTROL_VERIFY_TIMEOUT_S")
    rack(tmp_path, device)

    shown = cli("plan", "show", plan.lower()).out
    assert f"plan {plan}: Turn off 3 outlets" in shown
    assert re.search(r"state +stopped: step 1 \(outlet 4 nas01\)", shown)
    assert re.search(r"2 +rack +outlet 5 pbx01 +off +on +- +waiting", shown)
    asked = cli("plan", "resume", plan)
    assert asked.code == REFUSED
    assert "Turn OFF outlet 5 pbx01 on rack" in asked.err
    assert "Turn OFF outlet 4 nas01" not in asked.err, "what may have been sent is not sent again"
    assert "not confirmed" in asked.err
    assert states(device, 4, 5, 6) == [ON, ON, ON]

    done = cli("plan", "resume", plan, "--yes")
    assert done.code == BAD_NEWS, "one of its steps ended badly"
    assert [line.partition(":")[0] for line in done.out.splitlines()] == [
        "rack outlet 5 pbx01", "rack outlet 6 mon01",
    ]  # fmt: skip
    assert states(device, 4, 5, 6) == [ON, OFF, OFF]
    assert cli("plan", "resume", plan, "--yes").code == REFUSED
    done = cli("plan", "put-back", plan, "--yes")
    assert done.code == DONE, done.err
    assert [line.split()[2] for line in done.out.splitlines()] == ["6", "5"], "last change first"
    assert states(device, 4, 5, 6) == [ON, ON, ON]
    back = next(p for p in plans(cli, "--all") if p["plan"]["put_back_of"])
    assert back["plan"]["put_back_of"] == plan


@pytest.mark.parametrize("way", ["pause", "SIGINT"])
def test_a_running_plan_is_paused_after_the_step_under_way(
    cli: Cli, device: str, tmp_path: Path, way: str
) -> None:
    rack(tmp_path, device)
    child = subprocess.Popen(
        [*PDUTUI, "outlet", "rack", "7-8", "off", "--yes", "--pause", "30"],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env=environment(tmp_path, PDUTUI_CONFIG=str(tmp_path / "config.toml")),
    )
    assert child.stdout is not None
    assert "rack outlet 7" in child.stdout.readline()
    plan = kept(cli)
    if way == "pause":
        done = cli("plan", "pause", plan)
        assert done.code == DONE, done.err
        assert f"plan {plan} is paused (paused by " in done.out
        assert "not done: outlet 8" in done.out
    else:
        time.sleep(0.2)
        child.send_signal(signal.SIGINT)
    out, err = child.communicate(timeout=20)
    assert (child.returncode, out) == (BAD_NEWS if way == "pause" else 130, "")
    assert "not tried: outlet 8" in err
    assert f"pdutui plan resume {plan} goes on" in err
    assert states(device, 7, 8) == [OFF, ON]
    assert plans(cli)[0]["state"] == "paused"

    back = cli("plan", "put-back", plan, "--yes")
    assert back.code == DONE, back.err
    assert states(device, 7, 8) == [ON, ON]
    done = cli("plan", "abort", plan, "--json")
    assert (done.code, json.loads(done.out)["state"]) == (DONE, "aborted")
    assert cli("plan", "resume", plan, "--yes").code == REFUSED
    assert cli("plan", "abort", plan).code == REFUSED


@pytest.mark.parametrize("command", ["show", "resume", "pause", "abort", "put-back"])
def test_a_plan_that_is_not_there(cli: Cli, command: str) -> None:
    done = cli("plan", command, "K7Q2MX")
    assert done.code == USAGE
    assert "there is no plan K7Q2MX" in done.err


def test_where_no_plan_can_be_kept_outlets_are_switched_one_by_one(
    cli: Cli, tmp_path: Path
) -> None:
    (tmp_path / "state").mkdir(mode=0o700)
    (tmp_path / "state" / "plans").write_text("in the way")
    done = cli("outlet", "bench", "3-4", "off", "--yes")
    assert done.code == DONE, done.err
    assert "the plan cannot be kept: " in done.err
    assert str(tmp_path / "state" / "plans") in done.err
    assert [line.split()[2] for line in done.out.splitlines()] == ["3", "4"]
    assert all("observed" in line for line in done.out.splitlines())
