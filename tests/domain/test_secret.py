"""A secret does not show itself anywhere by accident."""

from __future__ import annotations

import pickle

import pytest

from pdutui.domain.secret import Secret


def test_no_way_of_printing_shows_it() -> None:
    secret = Secret("hunter2")
    for shown in (repr(secret), str(secret), f"{secret}", f"{[secret]}", f"{secret!s:>20}"):
        assert "hunter2" not in shown
    assert secret.reveal() == "hunter2"


def test_it_compares_by_value_and_is_not_pickled() -> None:
    assert Secret("a") == Secret("a")
    assert Secret("a") != Secret("b")
    assert Secret("a") != "a"
    with pytest.raises(TypeError):
        pickle.dumps(Secret("a"))
