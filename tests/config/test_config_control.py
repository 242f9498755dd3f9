"""`[control]`: rates, reasons, roles, windows, approval, the lock."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from pdutui.cli.build import secrets_of
from pdutui.settings import ApprovalSettings, LockSettings, RoleSettings, WindowSettings
from tests.config.helpers import PDUS, load, problems

WINDOW = PDUS + '[[control.window]]\nname = "w"\n'


def test_every_plain_key(tmp_path: Path) -> None:
    text = """
    [control]
    commands_per_minute = 10
    outlet_per_minute = 0
    reason = "required"
    ticket = "required"
    ticket_pattern = "(CHG|INC)[0-9]{6}"
    load_check_s = 0
    outside_window = "name"
    plans_dir = "shared/plans"
    """
    control = load(tmp_path, text).control
    assert (control.commands_per_minute, control.outlet_per_minute) == (10, 0)
    assert (control.reason, control.ticket) == ("required", "required")
    assert control.ticket_pattern == "(CHG|INC)[0-9]{6}"
    assert (control.load_check_s, control.outside_window) == (0.0, "name")
    assert control.plans_dir == tmp_path / "shared/plans"


def test_the_environment_comes_first(tmp_path: Path) -> None:
    control = load(
        tmp_path,
        '[control]\nreason = "optional"\n',
        PDUTUI_CONTROL_REASON="required",
        PDUTUI_CONTROL_OUTLET_PER_MINUTE="3",
        PDUTUI_CONTROL_TICKET_PATTERN="T[0-9]+",
    ).control
    assert (control.reason, control.outlet_per_minute) == ("required", 3)
    assert control.ticket_pattern == "T[0-9]+"
    settings = load(tmp_path, "", PDUTUI_CONTROL_WINDOW="x")
    assert "PDUTUI_CONTROL_WINDOW is not known" in settings.warnings[0]
    (said,) = problems(tmp_path, "", PDUTUI_CONTROL_TICKET_PATTERN="(")
    assert said.startswith("environment: PDUTUI_CONTROL_TICKET_PATTERN is no regular expression")


@pytest.mark.parametrize(
    ("text", "roles"),
    [
        ("", RoleSettings(default="admin")),
        ("[control.roles]\n", RoleSettings(default="viewer")),
        (
            '[control.roles]\ndefault = "operator"\nadmin = ["anna", "@wheel"]\nviewer = "noc"\n',
            RoleSettings(default="operator", admin=("anna", "@wheel"), viewer=("noc",)),
        ),
    ],
)
def test_roles(tmp_path: Path, text: str, roles: RoleSettings) -> None:
    assert load(tmp_path, text).control.roles == roles


def test_weekly_windows(tmp_path: Path) -> None:
    text = """
    [[control.window]]
    name = "nights"
    days = "mon-fri"
    from = "22:10"
    to = "5:00"
    pdus = ["rack1-*"]
    [[control.window]]
    name = "always"
    """
    assert load(tmp_path, PDUS + text).control.windows == (
        WindowSettings(
            name="nights",
            days=frozenset(range(5)),
            from_min=22 * 60 + 10,
            to_min=300,
            pdus=("rack1-*",),
        ),
        WindowSettings(name="always"),
    )


@pytest.mark.parametrize(
    ("begins", "ends", "first", "last"),
    [
        ("2026-11-28T22:00:00", "2026-11-29 04:00:00", "28T21:00", "29T03:00"),
        ("2026-11-28T22:00:00Z", "2026-11-28T23:30:00-02:00", "28T22:00", "29T01:30"),
    ],
)
def test_windows_that_are_once(
    tmp_path: Path, begins: str, ends: str, first: str, last: str
) -> None:
    text = f"{WINDOW}begins = {begins}\nends = {ends}\n"
    (window,) = load(tmp_path, text, TZ="Europe/Berlin").control.windows
    assert window.begins is not None
    assert window.ends is not None
    assert window.begins == datetime.fromisoformat(f"2026-11-{first}Z")
    assert window.ends == datetime.fromisoformat(f"2026-11-{last}Z")


def test_a_local_window_has_the_rules_of_its_zone(tmp_path: Path) -> None:
    text = f"{WINDOW}begins = 2026-10-24T22:00:00\nends = 2026-10-25T22:00:00\n"
    (window,) = load(tmp_path, text, TZ="Europe/Berlin").control.windows
    assert window.begins is not None
    assert window.ends is not None
    assert window.ends.astimezone(UTC) - window.begins.astimezone(UTC) == timedelta(hours=25)


def test_approval(tmp_path: Path) -> None:
    text = """
    [control.approval]
    needed = ["danger", "whole_pdu", "pdu:rack1-*"]
    expires_s = 60
    approvers = ["@power"]
    """
    assert load(tmp_path, PDUS + text).control.approval == ApprovalSettings(
        needed=("danger", "whole_pdu", "pdu:rack1-*"), expires_s=60.0, approvers=("@power",)
    )


def test_the_lock_and_its_code(tmp_path: Path) -> None:
    (tmp_path / "code").write_text("file-code\n")
    text = "[control.lock]\nat_start = true\nafter_s = 300\n"
    for way, code in (
        ('code = "4711"', "4711"),
        ('code_env = "LOCK"', "env-code"),
        ('code_file = "code"', "file-code"),
    ):
        settings = load(tmp_path, text + way, LOCK="env-code")
        lock = settings.control.lock
        assert lock == LockSettings(at_start=True, after_s=300.0, code=lock.code)
        assert lock.code is not None
        assert lock.code.reveal() == code
        assert lock.code in secrets_of(settings)
        assert code not in repr(settings)
        warned = any("the unlock code" in one for one in settings.warnings)
        assert warned == ("file" in way)  # the file of its own can be read by all


def test_a_code_in_a_file_that_others_may_read_is_warned_of(tmp_path: Path) -> None:
    from pdutui.config import load_settings

    file = tmp_path / "c.toml"
    file.write_text('[control.lock]\ncode = "4711"\n')
    file.chmod(0o644)
    (warning,) = load_settings(config=file, env={"PDUTUI_STATE_DIR": str(tmp_path)}).warnings
    assert "has the unlock code in it" in warning
    assert "4711" not in warning


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("[control]\nrole = 1", "[control] unknown key 'role': did you mean 'roles'?"),
        ("[control]\ncommands_per_minute = -1", "control.commands_per_minute must be a whole"),
        ("[control]\noutlet_per_minute = 1.5", "control.outlet_per_minute must be a whole number"),
        ('[control]\nreason = "require"', 'is "require": did you mean "required"?'),
        ('[control]\nticket = "no"', 'control.ticket must be "optional" or "required", is "no"'),
        ('[control]\nticket_pattern = "CHG["', "control.ticket_pattern is no regular expression: "),
        (f'[control]\nticket_pattern = "{"(" * 199}"', "control.ticket_pattern is no regular expr"),
        ('[control]\nticket_pattern = "a{99999999999999}"', "it is too deep"),
        (f'[control]\nticket_pattern = "{"x" * 201}"', "must have 200 characters at most"),
        ("[control]\nload_check_s = -1", "control.load_check_s must be a number from 0 to 3600"),
        ('[control]\noutside_window = "ask"', 'control.outside_window must be "refuse" or "name"'),
        ("[control]\nplans_dir = 3", "control.plans_dir must be text, is 3"),
        ("[control]\nroles = 3", "control.roles must be a table, is 3"),
        ("[control.roles]\nadmins = []", "[control.roles] unknown key 'admins': did you mean"),
        ('[control.roles]\ndefault = "none"', 'control.roles.default must be "viewer" or "oper'),
        ("[control.roles]\nadmin = [3]", "control.roles.admin must be a list of texts, as "),
        ('[control.roles]\nadmin = ["a", "a"]', 'control.roles.admin has "a" twice'),
        ('[control.roles]\nadmin = ["@"]', 'control.roles.admin must have users, "@groups" or'),
        ('[control.roles]\nadmin = ["*x"]', 'control.roles.admin must have users, "@groups" or'),
        ('[control.roles]\nadmin = ["rack*"]', 'control.roles.admin must have users, "@groups" or'),
        (
            '[control.roles]\nadmin = ["a"]\noperator = ["a"]',
            'control.roles.admin has "a", as operator has: leave it in one of them',
        ),
        ("[control]\nwindow = 3", "control.window must be tables of their own, [[control.window]]"),
        ("[[control.window]]", "[control.window 1] name is missing: "),
        (WINDOW + '[[control.window]]\nname = "W"', '[control.window 2] name "W" is that of wind'),
        (WINDOW + 'day = "mon"', "[control.window 1] unknown key 'day': did you mean 'days'?"),
        (WINDOW + 'days = "mn-fri"', '[control.window 1] days must be "mon-fri"'),
        (WINDOW + 'from = "24:00"', '[control.window 1] from must be before "24:00"'),
        (WINDOW + 'from = "9"', '[control.window 1] from must be a time from "00:00" to "24:00"'),
        (WINDOW + 'from = "09:00"\nto = "09:00"', '[control.window 1] to must differ from "from"'),
        (WINDOW + 'pdus = ["rack1-c"]', "rack1-c\" fits no PDU: did you mean 'rack1-b'?"),
        (WINDOW + "pdus = []", "[control.window 1] pdus is an empty array: leave it out for all"),
        (WINDOW + "begins = 2026-11-28T22:00:00", "[control.window 1] ends is missing: begins is"),
        (WINDOW + "ends = 2026-11-28T22:00:00", "[control.window 1] begins is missing: ends is"),
        (
            WINDOW + "begins = 2026-11-28T22:00:00\nends = 2026-11-28T22:00:00",
            "[control.window 1] ends must be after begins, is 2026-11-28 22:00:00",
        ),
        (
            WINDOW + 'begins = "2026-11-28"\nends = 2026-11-28',
            '[control.window 1] begins must be a date and time without quotes, as 2026-11-28T22:0',
        ),
        (
            WINDOW + 'days = "mon"\nbegins = 2026-11-28T22:00:00\nends = 2026-11-28T23:00:00',
            "[control.window 1] days is for every week, and begins and ends are for once",
        ),
        (
            WINDOW + "begins = 0001-01-01T00:00:00+09:00\nends = 2026-11-28T23:00:00Z",
            "[control.window 1] begins is out of range: 0001-01-01",
        ),
        ('[control.approval]\nneeded = ["dangers"]', "pdu:NAME or group:NAME: did you mean 'dan"),
        ('[control.approval]\nneeded = ["pdu:"]', 'control.approval.needed "pdu:" is none of all,'),
        ('[control.approval]\nneeded = "pdu:x"', "control.approval.needed \"x\" fits no PDU: none"),
        ('[control.approval]\nneeded = "group:x"', 'control.approval.needed there is no group "x"'),
        ("[control.approval]\nexpires_s = 0", "control.approval.expires_s must be a number from 1"),
        ("[control.lock]\nafter_s = -1", "control.lock.after_s must be a number from 0 to 86400"),
        ("[control.lock]\ncode = 4711", "control.lock.code must be text and not empty"),
        ('[control.lock]\ncode = "123"', "control.lock.code must have 4 to 128 characters"),
        ('[control.lock]\ncode_env = "NONE"', "control.lock.code_env: the environment has no NONE"),
        ('[control.lock]\ncode = "1234"\ncode_env = "X"', "code_env and code are both there"),
        ('[control.lock]\nkey = "1234"', "[control.lock] unknown key 'key'"),
    ],
)  # fmt: skip
def test_what_is_said_of_a_wrong_one(tmp_path: Path, text: str, said: str) -> None:
    found = problems(tmp_path, text)
    assert said in found[0], found
    assert len(found) <= 2


def test_everything_that_is_wrong_is_said_at_once(tmp_path: Path) -> None:
    text = """
    [control]
    reason = "x"
    ticket_pattern = "["
    [control.roles]
    default = "x"
    [[control.window]]
    days = "x"
    [control.approval]
    needed = ["x", "pdu:y"]
    [control.lock]
    after_s = "x"
    """
    assert len(problems(tmp_path, text)) == 8
