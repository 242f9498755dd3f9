from __future__ import annotations

import pytest

from pdutui.engine.plans.ids import ALPHABET, new_id, normal


def test_new_ids_can_be_read_out_and_differ() -> None:
    ids = {new_id() for _ in range(200)}
    assert len(ids) == 200
    assert all(len(one) == 6 and set(one) <= set(ALPHABET) for one in ids)
    assert not set("ILOU") & set(ALPHABET)


@pytest.mark.parametrize(
    ("said", "meant"),
    [
        ("k7q2mx", "K7Q2MX"),
        (" K7Q 2MX ", "K7Q2MX"),
        ("k7q-2mx", "K7Q2MX"),
        ("O0iIlL", "001111"),
        ("K7Q2M", None),
        ("K7Q2MU", None),
        ("../../", None),
        ("", None),
    ],
)
def test_what_somebody_means(said: str, meant: str | None) -> None:
    assert normal(said) == meant
