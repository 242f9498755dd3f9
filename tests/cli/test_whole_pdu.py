"""The command line and what is about more than on and off: all outlets, delays, sources."""

from __future__ import annotations

from pathlib import Path

import pytest

from pdutui.cli.exits import DONE, REFUSED, USAGE
from tests.cli.conftest import Cli
from tests.cli.test_outlet import audit, outcomes
from tests.support.program import snmpget

BASE = "1.3.6.1.4.1.3808.1.1"
STATE = f"{BASE}.3.3.5.1.1.4."
PREFERRED = f"{BASE}.6.9.2.1.3.1"
ON, OFF = "1", "2"


@pytest.fixture
def rack(cli: Cli, device: str, tmp_path: Path) -> str:
    """The simulated PDU as a configured one, its outlet 4 protected."""
    (tmp_path / "config.toml").write_text(
        f'[[pdu]]\nname = "rack"\nhost = "{device}"\nwrite_community = "private"\nprotected = [4]\n'
    )
    return device


def states(device: str) -> set[str]:
    return {snmpget(device, f"{STATE}{n}") for n in (1, 4, 8)}


def test_all_outlets_want_the_name_of_the_pdu_and_no_other(cli: Cli, rack: str) -> None:
    for more in ((), ("--confirm-name", "nas01"), ("--confirm-name", "RACK")):
        done = cli("outlet", "rack", "all", "off", "--yes", *more)
        assert done.code == REFUSED
        assert "this is every outlet of rack" in done.err
        assert "--confirm-name 'rack'" in done.err
    assert states(rack) == {ON}
    assert outcomes(cli) == [(0, "requested"), (0, "refused")] * 3
    dry = cli("outlet", "rack", "all", "off", "--dry-run")
    assert dry.out.startswith("would: Turn OFF ALL 10 OUTLETS of rack: drops ")
    assert "protected among them: 4 nas01" in dry.out
    done = cli("outlet", "rack", "ALL", "off", "--yes", "--confirm-name", "rack")
    assert done.code == DONE, done.err
    assert done.out.startswith("rack all outlets: observed: all 10 outlets followed")
    assert states(rack) == {OFF}
    done = cli("outlet", "rack", "all", "on", "--yes", "--confirm-name", "rack")
    assert done.code == DONE, done.err
    assert states(rack) == {ON}
    assert {row["outlet_name"] for row in audit(cli)} == {"all outlets"}


def test_cancelling_all_does_not_pass_by_a_protected_outlet(cli: Cli, rack: str) -> None:
    done = cli("outlet", "rack", "all", "cancel", "--yes")
    assert done.code == REFUSED
    assert "a protected outlet is among them" in done.err


def test_there_is_no_identify_for_all(cli: Cli, rack: str) -> None:
    done = cli("outlet", "rack", "all", "identify", "--yes")
    assert (done.code, outcomes(cli)) == (USAGE, [])
    assert "no identify for all outlets at once" in done.err


def test_a_delayed_command_is_done_when_it_is_pending_and_can_be_taken_back(
    cli: Cli, rack: str
) -> None:
    done = cli("outlet", "rack", "5", "delayed-off", "--yes")
    assert done.code == DONE, done.err
    assert "observed: on; pending: the device will switch it off" in done.out
    assert cli("outlet", "rack", "5", "off", "--yes").code == REFUSED
    done = cli("outlet", "rack", "5", "cancel", "--yes")
    assert done.code == DONE, done.err
    assert "observed: nothing is pending any more; on" in done.out


def test_a_protected_outlet_is_not_switched_later_either(cli: Cli, rack: str) -> None:
    for action in ("delayed-off", "delayed-reboot", "delayed-on", "cancel"):
        done = cli("outlet", "rack", "4", action, "--yes")
        assert done.code == REFUSED, action
        assert "outlet 4 nas01 is protected" in done.err
    assert cli("outlet", "rack", "4", "identify", "--yes").code == DONE


def test_a_delay_for_a_device_that_has_its_own_is_refused(cli: Cli, rack: str) -> None:
    done = cli("outlet", "rack", "5", "off", "--delay", "5", "--yes")
    assert done.code == REFUSED
    assert "has a delay of its own and takes none from here" in done.err
    assert snmpget(rack, f"{STATE}5") == ON


@pytest.mark.parametrize("delay", ["-1", "1.5", "1_0", "٣", "", "100000", "5s", " 5", "+5"])
def test_a_delay_is_whole_seconds_in_plain_digits(cli: Cli, delay: str) -> None:
    done = cli("outlet", "bench", "1", "off", f"--delay={delay}", "--yes")
    assert done.code == USAGE, done
    assert "--delay" in done.err


def test_the_preferred_source(cli: Cli, rack: str) -> None:
    done = cli("source", "rack", "b", "--yes")
    assert done.code == DONE, done.err
    assert done.out.startswith("rack transfer switch: observed: source B preferred; ")
    assert snmpget(rack, PREFERRED) == "2"
    assert cli("source", "rack", "A", "--yes").code == DONE
    assert snmpget(rack, PREFERRED) == "1"


def test_a_pdu_without_a_transfer_switch_prefers_nothing(cli: Cli) -> None:
    done = cli("source", "bench", "A", "--yes")
    assert done.code == REFUSED
    assert "bench has no transfer switch" in done.err
    assert outcomes(cli) == [(0, "requested"), (0, "refused")]


def test_an_outlet_called_all_is_not_all_of_them(cli: Cli, rack: str, tmp_path: Path) -> None:
    config = tmp_path / "config.toml"
    config.write_text(config.read_text() + '[pdu.outlets.3]\nname = "All"\n')
    done = cli("outlet", "rack", "all", "off", "--yes", "--confirm-name", "rack")
    assert (done.code, outcomes(cli)) == (USAGE, [])
    assert "has an outlet named 'all'" in done.err
    assert states(rack) == {ON}
