"""`[alarms]`: limits, thresholds, budgets, the hook."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest

from pdutui.cli.config_check import contents, doubts
from pdutui.domain.alarm_measure import MEASURES
from pdutui.domain.commands import Actor
from pdutui.settings import (
    AlarmHookSettings,
    AlarmSettings,
    BudgetSettings,
    ThresholdSettings,
)
from tests.config.helpers import PDUS, load, problems

THRESHOLD = PDUS + '[[alarms.threshold]]\nname = "t"\n'
BUDGET = PDUS + '[[alarms.budget]]\nname = "b"\n'


def program(folder: Path, mode: int = 0o755) -> Path:
    file = folder / "page"
    file.write_text("#!/bin/sh\n")
    file.chmod(mode)
    return file


def test_defaults_and_every_plain_key(tmp_path: Path) -> None:
    assert load(tmp_path, "").alarms == AlarmSettings()
    text = """
    [alarms]
    enabled = false
    off = ["outlet_no_load", "clock_off"]
    warning_percent = 70
    critical_percent = 90
    hysteresis_percent = 5
    hold_s = 0
    clear_s = 30
    stale_after_s = 20
    no_load_after_s = 120
    load_step_percent = 0
    clock_off_s = 0
    again_after_s = 60
    keep = "all"
    expire_h = 0.5
    history_days = 30
    bell = "all"
    bell_every_s = 0
    syslog = "udp://log.lan"
    facility = "local3"
    """
    assert load(tmp_path, text).alarms == AlarmSettings(
        enabled=False, off=("outlet_no_load", "clock_off"), warning_percent=70,
        critical_percent=90, hysteresis_percent=5, hold_s=0, clear_s=30, stale_after_s=20,
        no_load_after_s=120, load_step_percent=0, clock_off_s=0, again_after_s=60, keep="all",
        expire_h=0.5, history_days=30, bell="all", bell_every_s=0, syslog="udp://log.lan",
        facility="local3",
    )  # fmt: skip


def test_the_environment_has_the_plain_keys(tmp_path: Path) -> None:
    settings = load(
        tmp_path,
        "[alarms]\nhold_s = 5\n",
        PDUTUI_ALARMS_HOLD_S="7",
        PDUTUI_ALARMS_BELL="off",
        PDUTUI_ALARMS_ENABLED="no",
        PDUTUI_ALARMS_HOOK="/bin/true",
    )
    alarms = settings.alarms
    assert (alarms.hold_s, alarms.bell, alarms.enabled) == (7.0, "off", False)
    assert alarms.hook is None
    assert settings.warnings[0].startswith("environment: PDUTUI_ALARMS_HOOK is not known")
    (said,) = problems(tmp_path, "", PDUTUI_ALARMS_HOLD_S="soon")
    assert said.startswith("environment: PDUTUI_ALARMS_HOLD_S must be a number")


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("hold = 3", "[alarms] unknown key 'hold': did you mean 'hold_s'?"),
        ('off = ["breaker"]', "is no kind of alarm: did you mean 'breaker_tripped'?"),
        ("hold_s = -1", "alarms.hold_s must be a number from 0 to 3600, is -1"),
        ("warning_percent = 100", "must be below critical_percent (100), is 100"),
        ('bell = "al"', 'alarms.bell must be "off" or "critical" or "all", is "al"'),
        ('syslog = "log.lan"', "alarms.syslog must be udp://host[:port]"),
        ('facility = "locla0"', "did you mean 'local0'?"),
        ("threshold = 3", "alarms.threshold must be tables of their own, [[alarms.threshold]]"),
        ('hook = "page"', 'alarms.hook must be a table, is "page"'),
    ],
)
def test_wrong_plain_keys(tmp_path: Path, text: str, said: str) -> None:
    found = problems(tmp_path, f"[alarms]\n{text}\n")
    assert said in found[0], found


# -- thresholds ----------------------------------------------------------------------------------


def test_thresholds(tmp_path: Path) -> None:
    text = """
    [[alarms.threshold]]
    name = "bank load"
    of = "bank"
    measure = "percent"
    pdus = ["rack1-*", "later-*"]
    parts = [1, "L*"]
    high_warning = 70
    high_critical = 85
    hysteresis = 2.5
    hold_s = 60
    [[alarms.threshold]]
    name = "frost"
    of = "sensor"
    low_warning = 0
    low_critical = -5
    """
    assert load(tmp_path, PDUS + text).alarms.thresholds == (
        ThresholdSettings(
            name="bank load", of="bank", measure="percent", pdus=("rack1-*", "later-*"),
            parts=("1", "L*"), high_warning=70, high_critical=85, hysteresis=2.5, hold_s=60,
        ),
        ThresholdSettings(name="frost", of="sensor", measure="value", low_warning=0,
                          low_critical=-5),
    )  # fmt: skip


@pytest.mark.parametrize(("of", "measures"), MEASURES.items())
def test_every_measure_of_every_part(tmp_path: Path, of: str, measures: tuple[str, ...]) -> None:
    for measure in measures:
        text = f'{THRESHOLD}of = "{of}"\nmeasure = "{measure}"\nhigh_warning = 1\n'
        assert load(tmp_path, text).alarms.thresholds[0].measure == measure


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ('measure = "power_w"\nhigh_warning = 1', "of is missing: outlet, bank, inlet, phase"),
        ('of = "banks"\nmeasure = "power_w"\nhigh_warning = 1', 'did you mean "bank"?'),
        (
            'of = "outlet"\nmeasure = "percent"\nhigh_warning = 80',
            "measure of an outlet must be current_a, power_w, voltage_v or power_factor, is"
            ' "percent"',
        ),
        (
            'of = "bank"\nmeasure = "power"\nhigh_warning = 80',
            "is \"power\": did you mean 'power_w'?",
        ),
        ('of = "bank"\nhigh_warning = 80', "measure is missing: current_a, power_w, "),
        (
            'of = "bank"\nmeasure = "power_w"',
            "high_warning is missing: at least one of high_warning, high_critical, low_warning,"
            " low_critical is needed",
        ),
        (
            'of = "bank"\nmeasure = "power_w"\nhigh_warning = 90\nhigh_critical = 80',
            "high_critical must be above high_warning (90), is 80",
        ),
        (
            'of = "source"\nmeasure = "voltage_v"\nlow_warning = 210\nlow_critical = 220',
            "low_warning must be above low_critical (220), is 210",
        ),
        (
            'of = "source"\nmeasure = "voltage_v"\nlow_warning = 250\nhigh_warning = 240',
            "high_warning must be above low_warning (250), is 240",
        ),
        (
            'of = "bank"\nmeasure = "power_w"\nhigh_warning = -1',
            "high_warning must be a number from 0 to 1e+09, is -1",
        ),
        (
            'of = "bank"\nmeasure = "power_factor"\nlow_warning = 80',
            "low_warning must be a number from 0 to 1, is 80",
        ),
        (
            'of = "pdu"\nmeasure = "age_s"\nlow_warning = 3',
            "low_warning means nothing for age_s",
        ),
        (
            'of = "bank"\nmeasure = "power_w"\nhigh_warning = 5\nhysteresis = -1',
            "hysteresis must be a number from 0 to 1e+09, is -1",
        ),
        (
            'of = "bank"\nmeasure = "power_w"\nhigh_warning = 5\nhysteresis = 5',
            "hysteresis must be below 5, else the alarm could never be over, is 5",
        ),
        (
            'of = "sensor"\nlow_warning = 18\nhigh_warning = 20\nhysteresis = 3',
            "hysteresis must be below 2, else the alarm could never be over, is 3",
        ),
        (
            'of = "bank"\nmeasure = "power_w"\nhigh_warning = 5\npdus = ["rack1-c"]',
            "fits no PDU: did you mean 'rack1-",
        ),
        (
            'of = "pdu"\nmeasure = "power_w"\nhigh_warning = 5\nparts = [1]',
            "parts is for parts of PDUs",
        ),
        (
            'of = "bank"\nmeasure = "power_w"\nhigh_warning = 5\nparts = [1, "1"]',
            'parts has "1" twice',
        ),
        (
            'of = "source"\nmeasure = "voltage_v"\nhigh_warning = 5\nparts = [1]',
            'parts must be "A" or "B" of a source, has 1',
        ),
        (
            'of = "bank"\nmeasure = "power_w"\nhigh_warn = 5',
            "unknown key 'high_warn': did you mean 'high_warning'?",
        ),
        (
            'of = "bank"\nmeasure = "power_w"\nhigh_warning = 5\n[[alarms.threshold]]\nname = "T"\n'
            'of = "bank"\nmeasure = "power_w"\nhigh_warning = 5',
            "[alarms.threshold 'T'] name \"T\" is that of threshold 1 already",
        ),
    ],
)
def test_wrong_thresholds(tmp_path: Path, text: str, said: str) -> None:
    found = problems(tmp_path, f"{THRESHOLD}{text}\n")
    assert any(said in line for line in found), found
    assert all(line.startswith("[alarms.threshold") for line in found), found


def test_a_threshold_without_a_name(tmp_path: Path) -> None:
    text = '[[alarms.threshold]]\nof = "bank"\nmeasure = "power_w"\nhigh_warning = 5\n'
    (said,) = problems(tmp_path, text)
    assert said == "[alarms.threshold 1] name is missing: alarms are called by it"


# -- budgets -------------------------------------------------------------------------------------


def test_budgets(tmp_path: Path) -> None:
    text = 'kwh = 12.5\nper = "week"\npdus = "rack1-a"\nwarning_percent = 90\n'
    assert load(tmp_path, BUDGET + text).alarms.budgets == (
        BudgetSettings(name="b", kwh=12.5, per="week", pdus=("rack1-a",), warning_percent=90),
    )


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "kwh is missing: how much energy may be used"),
        ("kwh = 0", "kwh must be a number above 0"),
        ('kwh = 1\nper = "year"', 'per must be "day" or "week" or "month", is "year"'),
        ("kwh = 1\npdus = []", "pdus is an empty array"),
        ("kwh = 1\nwarning_percent = 101", "warning_percent must be a number above 0 and at most"),
        ("kwh = 1\nlimit = 3", "unknown key 'limit'"),
    ],
)
def test_wrong_budgets(tmp_path: Path, text: str, said: str) -> None:
    found = problems(tmp_path, f"{BUDGET}{text}\n")
    assert said in found[0], found


# -- the hook ------------------------------------------------------------------------------------


def test_a_hook(tmp_path: Path) -> None:
    file = program(tmp_path)
    text = f"""
    [alarms.hook]
    command = ["{file}", "--to", "noc team"]
    level = "critical"
    on = ["raised", "acknowledged"]
    timeout_s = 5
    """
    settings = load(tmp_path, text)
    assert settings.alarms.hook == AlarmHookSettings(
        argv=(str(file), "--to", "noc team"),
        level="critical",
        on=("raised", "acknowledged"),
        timeout_s=5,
    )
    assert settings.warnings == ()
    by_name = '[alarms.hook]\ncommand = ["page"]\n'
    assert load(tmp_path, by_name, PATH=str(tmp_path)).warnings == ()


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "alarms.hook.command is missing"),
        ('command = "page --now"', "must be a list of words"),
        ("command = []", "must be a list of words"),
        ('command = ["page", 3]', "must be a list of words"),
        ('command = ["bin/page"]', 'begins with "bin/page"'),
        ('command = ["true"]\non = ["raise"]', "did you mean 'raised'?"),
        ('command = ["true"]\ntimeout_s = 0', "timeout_s must be a number from 0.1 to 300"),
        ('command = ["true"]\nshell = true', "[alarms.hook] unknown key 'shell'"),
    ],
)
def test_wrong_hooks(tmp_path: Path, text: str, said: str) -> None:
    found = problems(tmp_path, f"[alarms.hook]\n{text}\n", PATH="/usr/bin:/bin")
    assert said in found[0], found


def test_a_program_that_cannot_be_run_is_a_warning(tmp_path: Path) -> None:
    """The console starts all the same: a rack is watched, whatever became of a script."""

    def warned(command: str) -> str:
        text = f'[alarms.hook]\ncommand = ["{command}"]\n'
        settings = load(tmp_path, text, PATH=str(tmp_path))
        assert settings.alarms.hook is not None
        (said,) = settings.warnings
        return said

    assert "is not found in PATH; no alarm reaches it" in warned("pager")
    assert "No such file" in warned(str(tmp_path / "pager"))
    assert "is no program" in warned(str(tmp_path))
    assert "cannot be executed: chmod +x" in warned(str(program(tmp_path, 0o600)))
    assert "everybody may write to" in warned(str(program(tmp_path, 0o757)))
    program(tmp_path)
    tmp_path.chmod(0o777)
    assert "everybody may put another file in place" in warned(str(tmp_path / "page"))


# -- what is probably not meant ------------------------------------------------------------------


def test_rules_that_judge_nothing_are_doubted(tmp_path: Path) -> None:
    text = f"""{PDUS}
    [alarms]
    off = ["threshold"]
    [[alarms.threshold]]
    name = "t"
    of = "bank"
    measure = "power_w"
    high_warning = 1
    pdus = ["later-*", "rack1-*"]
    [[alarms.budget]]
    name = "b"
    kwh = 1
    [history]
    enabled = false
    """
    settings = load(tmp_path, text)
    actor = Actor(user="anna", ssh_origin=None, origin="cli")
    assert [one for one in doubts(settings, actor, datetime.now(UTC)) if "alarms" in one] == [
        "[alarms.threshold 't'] pdus has 'later-*', which fits no PDU now",
        "alarms.off has 'threshold': no [[alarms.threshold]] is judged",
        "no [[alarms.budget]] can be judged: history.enabled is false",
    ]
    assert "1 threshold, 1 energy budget" in contents(settings)
