"""The configuration: what a good one gives, and what is said of a bad one."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import pytest

from pdutui.backends.mock.catalog import MODELS
from pdutui.config import ConfigError, load_settings
from pdutui.config_env import config_path, state_dir
from pdutui.domain.secret import Secret
from pdutui.settings import FloorSettings, OutletSettings, PduSettings, Settings
from tests.config.helpers import plain

ROOT = Path(__file__).parents[2]


@pytest.fixture
def env(tmp_path: Path) -> dict[str, str]:
    return {"PDUTUI_STATE_DIR": str(tmp_path / "state")}


def write(folder: Path, text: str) -> Path:
    path = folder / "config.toml"
    path.write_text(text, encoding="utf-8")
    path.chmod(0o600)
    return path


def load(folder: Path, text: str, env: dict[str, str]) -> Settings:
    return load_settings(config=write(folder, text), env=env)


def problems(folder: Path, text: str, env: dict[str, str]) -> list[str]:
    with pytest.raises(ConfigError) as caught:
        load(folder, text, env)
    return [plain(line, folder / "config.toml") for line in caught.value.problems]


PDU = '[[pdu]]\nname = "rack1-a"\nhost = "10.0.0.5"\n'


def test_every_key_of_a_pdu_is_read(tmp_path: Path, env: dict[str, str]) -> None:
    (tmp_path / "write.community").write_text("file-secret\nnot this\n")
    (tmp_path / "write.community").chmod(0o600)
    text = """
        [poll]
        timeout_s = 3
        [[pdu]]
        name = "rack1-a"
        host = "10.0.0.5:1161"
        version = "1"
        community_env = "PDU_RO"
        write_community_file = "write.community"
        profile = "raritan-pdu2"
        retries = 4
        feed = "A"
        location = "Row 3 / Rack 1"
        read_only = true
        floor = { current_a = 0.2, power_w = 1 }
        protected = [1, 2]
        [pdu.outlets.3]
        name = "db01"
        device = "db-cluster"
        critical = true
    """
    settings = load(tmp_path, text, {**env, "PDU_RO": "env-secret"})
    assert settings.pdus == (
        PduSettings(
            name="rack1-a",
            host="10.0.0.5",
            port=1161,
            version="1",
            community=Secret("env-secret"),
            write_community=Secret("file-secret"),
            profile="raritan-pdu2",
            timeout_s=3.0,
            retries=4,
            feed="A",
            location="Row 3 / Rack 1",
            read_only=True,
            floor=FloorSettings(current_a=0.2, power_w=1.0),
            protected=frozenset({1, 2}),
            outlets={3: OutletSettings(name="db01", device="db-cluster", critical=True)},
        ),
    )
    assert settings.warnings == ()
    assert "env-secret" not in repr(settings)
    assert "file-secret" not in repr(settings)


def test_without_a_file_the_defaults_hold(tmp_path: Path, env: dict[str, str]) -> None:
    env["PDUTUI_CONFIG"] = ""
    settings = load_settings(env=env, config=write(tmp_path, ""))
    assert settings == Settings(
        config_path=tmp_path / "config.toml",
        state_dir=tmp_path / "state",
        profile_dir=tmp_path / "profiles",
    )


def test_a_pdu_without_write_community_stays_without(tmp_path: Path, env: dict[str, str]) -> None:
    (pdu,) = load(tmp_path, PDU, env).pdus
    assert pdu.write_community is None
    assert pdu.community.reveal() == "public"


@pytest.mark.parametrize(
    ("host", "expected"),
    [
        ("10.0.0.5", ("10.0.0.5", 161)),
        ("10.0.0.5:1161", ("10.0.0.5", 1161)),
        ("pdu1.lan", ("pdu1.lan", 161)),
        ("::1", ("::1", 161)),
        ("[::1]", ("::1", 161)),
        ("[fe80::1%eth0]:162", ("fe80::1%eth0", 162)),
    ],
)
def test_hosts(tmp_path: Path, env: dict[str, str], host: str, expected: tuple[str, int]) -> None:
    (pdu,) = load(tmp_path, f'[[pdu]]\nname = "p"\nhost = "{host}"', env).pdus
    assert (pdu.host, pdu.port) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (
            PDU + 'comunity = "x"',
            "[pdu 'rack1-a'] unknown key 'comunity': did you mean 'community'?",
        ),
        ("[pol]\ninterval_s = 1", "unknown key 'pol': did you mean 'poll'?"),
        ("[[pdus]]", "unknown key 'pdus': did you mean 'pdu'?"),
        ("[poll]\ninterval = 1", "[poll] unknown key 'interval': did you mean 'interval_s'?"),
        ('[poll]\ninterval_s = "fast"', 'poll.interval_s must be a number, is "fast"'),
        ("[poll]\ninterval_s = true", "poll.interval_s must be a number, is true"),
        ("[poll]\ninterval_s = 0.1", "poll.interval_s must be a number from 0.2 to 3600, is 0.1"),
        ("[poll]\ninterval_s = nan", "poll.interval_s must be a number from 0.2 to 3600, is nan"),
        ("[poll]\ninterval_s = inf", "poll.interval_s must be a number from 0.2 to 3600, is inf"),
        ("[poll]\ntimeout_s = 0", "poll.timeout_s must be a number above 0 and at most 60, is 0"),
        ("[poll]\nretries = 1.5", "poll.retries must be a whole number, is 1.5"),
        ("poll = 3", "poll must be a table, is 3"),
        (
            "[history]\nretention_days = 0",
            "history.retention_days must be a whole number from 1 to 36500, is 0",
        ),
        (
            "[history]\ntotals_days = 36501",
            "history.totals_days must be a whole number from 1 to 36500, is 36501",
        ),
        (
            "[history]\ntotals_days = 59",
            "history.totals_days must be at least retention_days (60), is 59",
        ),
        ('[control]\nread_only = "yes"', 'control.read_only must be true or false, is "yes"'),
        ('[control]\nconfirm = "never"', 'control.confirm must be "always", is "never"'),
        (
            '[ui]\ncolor = "truecolour"',
            'ui.color must be "auto" or "truecolor" or "256" or "16" or "none", is "truecolour"'
            ': did you mean "truecolor"?',
        ),
        ("[ui]\ntheme = 3", "ui.theme must be text, is 3"),
        ("[pdu]", "pdu must be a list of tables: write [[pdu]], not [pdu]"),
        ('[[pdu]]\nhost = "h"', "[pdu 1] name is missing"),
        ('[[pdu]]\nname = "p"', "[pdu 'p'] host is missing"),
        (
            PDU + PDU,
            "[pdu 'rack1-a'] name is used twice (PDU 1 and PDU 2 of the file)",
        ),
        (
            PDU + "port = 70000",
            "[pdu 'rack1-a'] port must be a whole number from 1 to 65535, is 70000",
        ),
        (
            '[[pdu]]\nname = "p"\nhost = "h:99999"',
            "[pdu 'p'] host is wrong: 'h:99999': the port must be a number from 1 to 65535",
        ),
        (
            '[[pdu]]\nname = "p"\nhost = "h:162"\nport = 161',
            "[pdu 'p'] port says 161, and host says 162: leave one of them out",
        ),
        (
            '[[pdu]]\nname = "p"\nhost = "two words"',
            "[pdu 'p'] host is wrong: 'two words' is no host name and no address",
        ),
        (
            PDU + 'profile = "cyberpower-epd"',
            "[pdu 'rack1-a'] profile \"cyberpower-epd\" is not known: did you mean "
            "'cyberpower-epdu'?",
        ),
        (
            PDU + "protected = [0]",
            "[pdu 'rack1-a'] protected must be a list of outlet numbers from 1, e.g. [1, 2], has 0",
        ),
        (
            PDU + "protected = 3",
            "[pdu 'rack1-a'] protected must be a list of outlet numbers from 1, e.g. [1, 2], is 3",
        ),
        (
            PDU + '[pdu.outlets.0]\nname = "x"',
            "[pdu 'rack1-a'] outlets.0 is no outlet: outlets are numbers from 1",
        ),
        (
            PDU + '[pdu.outlets.3]\nnam = "x"',
            "[pdu 'rack1-a'] outlets.3 unknown key 'nam': did you mean 'name'?",
        ),
        (
            PDU + "floor = { amps = 1 }",
            "[pdu 'rack1-a'] floor unknown key 'amps' (there: current_a, power_w)",
        ),
        (
            PDU + 'community = "a"\ncommunity_env = "B"',
            "[pdu 'rack1-a'] community_env and community are both there: leave one of them out",
        ),
        (
            PDU + 'community_env = "NOT_SET"',
            "[pdu 'rack1-a'] community_env: the environment has no NOT_SET, or it is empty",
        ),
        (
            PDU + 'name2 = "a\\u001bb"',
            "[pdu 'rack1-a'] unknown key 'name2': did you mean 'name'?",
        ),
        (
            '[[pdu]]\nname = "a\\u001b[2Jb"\nhost = "h"',
            "[pdu 'a\\x1b[2Jb'] name must be text that is not blank and has no control codes, "
            'is "a?[2Jb"',
        ),
    ],
)  # fmt: skip
def test_what_is_said_of_a_bad_file(
    tmp_path: Path, env: dict[str, str], text: str, expected: str
) -> None:
    assert expected in problems(tmp_path, text, env)


def test_a_syntax_error_names_its_line(tmp_path: Path, env: dict[str, str]) -> None:
    (said,) = problems(tmp_path, "[poll]\ninterval_s = \n", env)
    assert said.startswith("is not TOML: ")
    assert "line 2" in said


def test_all_problems_are_said_at_once_and_no_community_with_them(
    tmp_path: Path, env: dict[str, str]
) -> None:
    text = (
        '[poll]\ninterval_s = "fast"\n[ui]\nmouse = 1\n'
        + PDU
        + 'community = "hush-hush"\nwrite_community = ["hush-hush"]\nfeeds = "A"\n'
    )
    said = problems(tmp_path, text, env)
    assert len(said) == 4
    assert "hush" not in "\n".join(said)


def test_a_file_that_was_named_must_be_there(tmp_path: Path, env: dict[str, str]) -> None:
    with pytest.raises(ConfigError, match=r"nowhere\.toml: no such file"):
        load_settings(config=tmp_path / "nowhere.toml", env=env)
    with pytest.raises(ConfigError, match=r"from-env\.toml: no such file"):
        load_settings(env={**env, "PDUTUI_CONFIG": str(tmp_path / "from-env.toml")})


def test_a_home_that_is_none_has_no_configuration(
    env: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XDG_CONFIG_HOME", "/dev/null")
    assert load_settings(env=env).config_path is None


def test_a_folder_and_a_binary_are_no_configuration(tmp_path: Path, env: dict[str, str]) -> None:
    with pytest.raises(ConfigError, match="cannot be read: Is a directory"):
        load_settings(config=tmp_path, env=env)
    binary = tmp_path / "x.toml"
    binary.write_bytes(b"# one\r\na = '\xff'")
    with pytest.raises(ConfigError, match=r"x\.toml, line 2: is not UTF-8 text"):
        load_settings(config=binary, env=env)


def test_editors_may_begin_with_a_mark_and_end_lines_in_their_way(
    tmp_path: Path, env: dict[str, str]
) -> None:
    file = tmp_path / "x.toml"
    file.write_bytes(b"\xef\xbb\xbf[[pdu]]\r\nname = 'a'\r\nhost = 'h'\r\nx = 1\r\n")
    with pytest.raises(ConfigError, match=r"line 4: .*'x'"):
        load_settings(config=file, env=env)
    file.write_bytes(file.read_bytes().replace(b"x = 1\r\n", b""))
    assert [pdu.name for pdu in load_settings(config=file, env=env).pdus] == ["a"]


def test_command_line_before_environment_before_file_before_default(
    tmp_path: Path, env: dict[str, str]
) -> None:
    path = write(tmp_path, '[ui]\ntheme = "file"\n[poll]\ninterval_s = 5\n')
    assert load_settings(config=path, env=env).ui.theme == "file"
    env["PDUTUI_THEME"] = "short"
    assert load_settings(config=path, env=env).ui.theme == "short"
    env["PDUTUI_UI_THEME"] = "long"
    assert load_settings(config=path, env=env).ui.theme == "long"
    given = load_settings(config=path, env=env, overrides={"ui": {"theme": "given"}})
    assert given.ui.theme == "given"
    assert given.poll.interval_s == 5
    assert given.poll.retries == 1
    env["PDUTUI_POLL_INTERVAL_S"] = "2.5"
    assert load_settings(config=path, env=env).poll.interval_s == 2.5


@pytest.mark.parametrize(("word", "read_only"), [("1", True), ("Yes", True), ("off", False)])
def test_booleans_in_the_environment(
    tmp_path: Path, env: dict[str, str], word: str, read_only: bool
) -> None:
    env["PDUTUI_READ_ONLY"] = word
    assert load(tmp_path, "", env).control.read_only is read_only


@pytest.mark.parametrize(
    ("name", "text", "expected"),
    [
        ("PDUTUI_POLL_INTERVAL_S", "fast", 'must be a number, is "fast"'),
        ("PDUTUI_POLL_RETRIES", "-1", "must be a whole number from 0 to 10, is -1"),
        ("PDUTUI_READ_ONLY", "perhaps", 'must be true or false, is "perhaps"'),
        ("PDUTUI_UI_GLYPHS", "asci", "did you mean \"ascii\"?"),
    ],
)  # fmt: skip
def test_an_error_in_the_environment_names_the_variable(
    tmp_path: Path, env: dict[str, str], name: str, text: str, expected: str
) -> None:
    (said,) = problems(tmp_path, "", {**env, name: text})
    assert said.startswith(f"environment: {name} ")
    assert expected in said


def test_a_variable_that_does_nothing_is_a_warning(tmp_path: Path, env: dict[str, str]) -> None:
    settings = load(tmp_path, "", {**env, "PDUTUI_POLL_INTERVALS": "2", "PDUTUI_OTHER": "x"})
    (warning,) = settings.warnings
    assert "PDUTUI_POLL_INTERVALS" in warning
    assert "PDUTUI_POLL_INTERVAL_S?" in warning


def test_communities_of_the_environment_come_before_the_file(
    tmp_path: Path, env: dict[str, str]
) -> None:
    env |= {"PDUTUI_COMMUNITY": "ro", "PDUTUI_WRITE_COMMUNITY": "rw"}
    for said in ('community_env = "NOT_SET"', 'community = "file"\nwrite_community = "file"'):
        (pdu,) = load(tmp_path, PDU + said, env).pdus
        assert pdu.community.reveal() == "ro"
        assert pdu.write_community == Secret("rw")


@pytest.mark.parametrize(
    ("mode", "text", "warned"),
    [
        (0o644, 'community = "hush"', True),
        (0o640, 'write_community = "hush"', True),
        (0o600, 'community = "hush"', False),
        (0o644, "", False),
    ],
)
def test_a_community_in_a_file_that_others_may_read_is_a_warning(
    tmp_path: Path, env: dict[str, str], mode: int, text: str, warned: bool
) -> None:
    path = write(tmp_path, PDU + text)
    path.chmod(mode)
    warnings = load_settings(config=path, env=env).warnings
    assert bool(warnings) is warned
    assert "hush" not in "".join(warnings)


def test_a_community_file_that_others_may_read_is_a_warning(
    tmp_path: Path, env: dict[str, str]
) -> None:
    (tmp_path / "ro").write_text("hush")
    (tmp_path / "ro").chmod(0o644)
    (warning,) = load(tmp_path, PDU + 'community_file = "ro"', env).warnings
    assert str(tmp_path / "ro") in warning


@pytest.mark.parametrize("content", [None, "", "\nsecond line"])
def test_a_community_file_that_has_none(
    tmp_path: Path, env: dict[str, str], content: str | None
) -> None:
    if content is not None:
        (tmp_path / "ro").write_text(content)
    (said,) = problems(tmp_path, PDU + 'community_file = "ro"', env)
    assert said.startswith("[pdu 'rack1-a'] community_file: ")
    assert str(tmp_path / "ro") in said


def test_totals_are_kept_no_shorter_than_readings(tmp_path: Path, env: dict[str, str]) -> None:
    def kept(text: str) -> tuple[int, int]:
        history = load(tmp_path, f"[history]\n{text}", env).history
        return history.retention_days, history.totals_days

    assert kept("") == (60, 1826)
    assert kept("retention_days = 3000") == (3000, 3000)
    assert kept("retention_days = 30\ntotals_days = 30") == (30, 30)


def test_history_path_is_relative_to_the_file(tmp_path: Path, env: dict[str, str]) -> None:
    settings = load(tmp_path, '[history]\npath = "data/h.db"', env)
    assert settings.history.path == tmp_path / "data/h.db"


def test_the_example_is_valid_and_says_the_defaults(env: dict[str, str]) -> None:
    settings = load_settings(config=ROOT / "config.example.toml", env=env)
    plain = Settings(state_dir=settings.state_dir)
    assert settings.poll == plain.poll
    assert settings.history == plain.history
    assert settings.control == plain.control
    assert settings.ui == plain.ui
    assert settings.impact == plain.impact
    assert settings.audit == plain.audit
    assert settings.alarms == plain.alarms
    assert [pdu.name for pdu in settings.pdus] == ["rack1-a", "practice"]
    assert settings.warnings == ()


def test_the_example_holds_when_its_comments_are_taken_off(
    tmp_path: Path, env: dict[str, str]
) -> None:
    """Commented keys are advice too; those that exclude each other are tried one by one."""
    lines = (ROOT / "config.example.toml").read_text().splitlines()
    commented = [n for n, line in enumerate(lines) if line.startswith("# ") and " = " in line]
    assert len(commented) >= 6
    for secret in ("rack1-a.community", "rack1-a.write"):
        (tmp_path / secret).write_text("x")
        (tmp_path / secret).chmod(0o600)
    (tmp_path / "cords.csv").write_text("device,pdu,outlet\n")
    env |= {"PDU_READ": "r", "PDU_WRITE": "w"}
    for number in commented:
        text = [line[2:] if n == number else line for n, line in enumerate(lines)]
        load(tmp_path, "\n".join(text), env)


def test_the_snmpv3_part_of_the_example_holds(tmp_path: Path, env: dict[str, str]) -> None:
    lines = (ROOT / "config.example.toml").read_text().splitlines()
    bare = "\n".join(line[1:] for line in lines if line[:1] == "#" and line[1:2] not in ("", " "))
    keys = ("PDU_AUTH", "PDU_PRIV", "PDU_WRITE_AUTH", "PDU_WRITE_PRIV")
    (pdu,) = load(tmp_path, bare, env | dict.fromkeys(keys, "long enough")).pdus
    assert pdu.v3 is not None
    assert pdu.v3.level == "authPriv"
    assert pdu.v3_write is not None
    assert pdu.v3_write.user == "netops-rw"


def test_the_example_holds_with_everything_in_it(tmp_path: Path, env: dict[str, str]) -> None:
    lines = (ROOT / "config.example.toml").read_text().splitlines()
    text = "\n".join(line[1:] if line[:1] == "#" and line[1:2] != " " else line for line in lines)
    keys = ("PDU_AUTH", "PDU_PRIV", "PDU_WRITE_AUTH", "PDU_WRITE_PRIV")
    settings = load(tmp_path, text, env | dict.fromkeys(keys, "long enough"))
    assert [pdu.name for pdu in settings.pdus] == ["rack1-a", "rack1-b", "practice"]
    assert settings.control.roles.default == "viewer"
    assert [window.name for window in settings.control.windows] == ["weeknights", "move of rack 1"]
    assert settings.control.approval.needed == ("danger", "whole_pdu")
    assert [group.name for group in settings.groups] == ["storage"]
    assert [len(sequence.steps) for sequence in settings.sequences] == [2]
    assert settings.energy.tariff is not None
    assert [one.name for one in settings.alarms.thresholds] == ["hot aisle"]
    assert [one.name for one in settings.alarms.budgets] == ["rack 1"]
    assert settings.alarms.hook is not None
    assert settings.warnings == () or "hook" in settings.warnings[0]


def test_the_environment_is_only_what_is_handed_in(tmp_path: Path, env: dict[str, str]) -> None:
    os.environ["PDUTUI_UI_THEME"] = "from-the-process"
    try:
        assert load(tmp_path, "", env).ui.theme == "noc-dark"
    finally:
        del os.environ["PDUTUI_UI_THEME"]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (f"[poll]\ninterval_s = {'9' * 5000}\n", "a number in it is too long"),
        (f"[poll]\ninterval_s = {'9' * 400}\n", "poll.interval_s must be a number from 0.2 to"),
        (f"a = {'[' * 5000}\n", "nested too deeply"),
        (f'[[pdu]]\nname = "a"\nhost = "h"\n[pdu.outlets.{"9" * 5000}]\n', "is no outlet"),
        ('[history]\npath = "~no-such-user/x"\n', "history.path: no home directory is known"),
        (
            '[[pdu]]\nname = "a"\nhost = "h"\ncommunity_file = "~no-such-user/x"\n',
            "community_file: no home directory is known for ~no-such-user/x",
        ),
    ],
)
def test_what_is_beyond_all_measure(
    tmp_path: Path, env: dict[str, str], text: str, said: str
) -> None:
    with pytest.raises(ConfigError) as caught:
        load(tmp_path, text, env)
    assert said in str(caught.value)
    assert len(str(caught.value)) < 500


@pytest.mark.parametrize("path", [state_dir, lambda env: config_path(None, env)[0]])
def test_without_a_home_no_folder_called_tilde_is_made(
    monkeypatch: pytest.MonkeyPatch, path: Callable[[dict[str, str]], Path]
) -> None:
    monkeypatch.delenv("HOME", raising=False)
    monkeypatch.delenv("XDG_STATE_HOME", raising=False)
    monkeypatch.delenv("XDG_CONFIG_HOME", raising=False)
    monkeypatch.setattr("os.path.expanduser", lambda path: path)
    with pytest.raises(ConfigError, match="set HOME, or PDUTUI_CONFIG and PDUTUI_STATE_DIR"):
        path({})


def test_any_model_can_stand_in_for_a_device(tmp_path: Path, env: dict[str, str]) -> None:
    text = "".join(f'[[pdu]]\nname = "{m}"\nbackend = "mock"\nmodel = "{m}"\n' for m in MODELS)
    assert [pdu.model for pdu in load(tmp_path, text, env).pdus] == list(MODELS)
    wrong = '[[pdu]]\nname = "a"\nbackend = "mock"\nmodel = "px3tss"\n'
    assert 'did you mean "px3ts"' in problems(tmp_path, wrong, env)[0]
