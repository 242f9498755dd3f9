"""Profile files: shorthand, and errors that say where and what."""

from __future__ import annotations

import pytest

from pdutui.backends.snmp.profile import ProfileError
from pdutui.backends.snmp.profile_load import builtin_names, load_builtin, parse_profile

HEAD = """
format = 1
name = "x"
title = "X"
vendor = "X"
base = "1.3.6.1.4.1.1"
[recognise]
sys_object_id = ["1.3.6.1.4.1.1"]
any = [".1.0"]
"""


def test_the_families_that_ship() -> None:
    assert {"cyberpower-epdu", "raritan-pdu2"} <= set(builtin_names())
    for name in builtin_names():
        profile = load_builtin(name)
        assert profile.name == name
        assert profile.sys_descr
        assert profile.sys_object_id.startswith(profile.recognise.sys_object_id[0])


def test_shorthand_is_the_same_as_the_full_form() -> None:
    short = parse_profile(HEAD + '[identity]\nmodel = ".2.0"\n', "x.toml")
    full = parse_profile(HEAD + '[[identity.model]]\noid = ".2.0"\n', "x.toml")
    mixed = parse_profile(HEAD + '[identity]\nmodel = [".2.0"]\n', "x.toml")
    assert short == full == mixed
    assert short.absolute(".2.0") == "1.3.6.1.4.1.1.2.0"
    assert short.absolute("1.3.6.1.2.1.1.1.0") == "1.3.6.1.2.1.1.1.0"


INLET = '[inlet.rows]\nwalk = [".3"]\n[inlet.fields]\n'


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("[identity]\nmodel = 'x.y'\n", "identity.model: 'x.y' is not an OID"),
        ("[identity]\ncolour = '.2.0'\n", "identity: no field 'colour'"),
        (INLET + "amps = '.4.{i}'\n", "inlet: no field 'amps' (there: apparent_power_va"),
        (INLET + "current_a = { oid = '.4.{x}' }\n", "is not an OID"),
        (INLET + "current_a = { oid = '.4.{i}', digits = 'z' }\n", "'z' is not an OID"),
        (INLET + "current_a = { oid = '.4.{i}', scael = 0.1 }\n", "unknown field `scael`"),
        (INLET + "state = { oid = '.4.{i}', enum = 'load' }\n", "no enum 'load'"),
        (INLET + "state = '.4.{i}'\n", "inlet.state: needs an enum"),
        (
            INLET + "state = { oid = '.4.{i}', enum = 'load' }\n[enums.load]\n1 = 'fine'\n",
            "enums.load: state cannot be 'fine' (can be: critical",
        ),
        ("[enums.load]\none = 'normal'\n", "'one' is not an integer"),
        ("[ats]\nexists = '.1'\n[ats.sources.C]\n", "a source is A or B"),
        (
            "[outlet.rows]\nwalk = ['.1', '.2']\n"
            "[commands]\noid = '.3.{i}'\nbranch = 2\nactions = { on = 1 }\n",
            "commands: branch 2, but outlet.rows.walk has 2 columns, counted from 0",
        ),
        ("[outlet.rows]\nwalk = ['.1']\nwhere = { oid = 'x' }\n", "outlet.rows: 'x' is not an OID"),
        ("[outlet.rows]\nwalk = ['.1.{i}']\n", "outlet.rows: '.1.{i}' is not an OID"),
        ("[outlet.rows]\nwalk = ['.1']\nmodule = 'arc'\n", "'arc' is not an OID"),
        ("[outlet.rows]\nwalk = ['.1']\nnumber = 'column'\n", "needs a number_column"),
        ("[[fallback.bank]]\n[fallback.bank.rows]\nwalk = ['z']\n", "fallback.bank.rows: 'z'"),
        (
            "[commands]\noid = '.3.{i}'\nactions = { 'switch off' = 1 }\n",
            "commands.actions: no action 'switch off' (there: cancel, delayed_off",
        ),
        (
            "[commands]\noid = '.3.{i}'\nactions = { off = { oid = '.4.{i}' } }\n",
            "commands.actions.off: has either a value or seconds = true",
        ),
        (
            "[commands]\noid = '.3.{i}'\nactions = { off = { oid = '.{x}', value = 1 } }\n",
            "commands: '.{x}' is not an OID",
        ),
        (
            "[all_commands]\noid = '.3.0'\nactions = { all_off = 1 }\n",
            "all_commands.actions: no action 'all_off' (there: cancel, delayed_off",
        ),
        ("[ats]\nexists = '.1'\n[ats.lost]\noid = 'x'\n", "ats.lost: 'x' is not an OID"),
        (INLET + "current_a = { oid = '.4.{i}', scale = 0 }\n", "a scale cannot be 0"),
        (INLET + "name = { oid = '.4.{i}', pattern = '(' }\n", "is no regular expression"),
        (INLET + "name = { oid = '.4.{i}', pattern = 'x' }\n", "has no group"),
        ("colour = 1\n", "unknown field"),
        ("[[", "x.toml:"),
    ],
)
def test_errors_name_the_file_and_the_place(text: str, says: str) -> None:
    with pytest.raises(ProfileError) as caught:
        parse_profile(HEAD + text, "x.toml")
    assert str(caught.value).startswith("x.toml: ")
    assert says in str(caught.value)


def test_a_format_from_the_future() -> None:
    with pytest.raises(ProfileError, match="format"):
        parse_profile(HEAD.replace("format = 1", "format = 2"), "x.toml")
