from __future__ import annotations

from decimal import Decimal
from pathlib import Path

import pytest

from pdutui.config import load_settings
from pdutui.config_errors import ConfigError
from pdutui.settings import EnergySettings
from tests.config.helpers import plain

BAND = """
[energy]
price_per_kwh = 0.30
[[energy.band]]
"""


def load(tmp_path: Path, text: str, **env: str) -> EnergySettings:
    file = tmp_path / "config.toml"
    file.write_text(text)
    return load_settings(config=file, env={"PDUTUI_STATE_DIR": str(tmp_path), **env}).energy


def problems(tmp_path: Path, text: str, **env: str) -> tuple[str, ...]:
    with pytest.raises(ConfigError) as caught:
        load(tmp_path, text, **env)
    return tuple(plain(p, tmp_path / "config.toml") for p in caught.value.problems)


def test_without_a_price_there_is_no_tariff(tmp_path: Path) -> None:
    assert load(tmp_path, "").tariff is None
    assert load(tmp_path, '[energy]\ncurrency = "CHF"\n').tariff is None


def test_a_whole_tariff(tmp_path: Path) -> None:
    text = """
    [energy]
    currency = "CHF"
    price_per_kwh = 0.2875
    [[energy.band]]
    name = "night"
    days = ["mon-thu", "sun"]
    from = "22:00"
    to = "6:15"
    price_per_kwh = 0.1
    [[energy.band]]
    days = "fri-mon"
    price_per_kwh = 0
    """
    tariff = load(tmp_path, text).tariff
    assert tariff is not None
    assert (tariff.currency, tariff.price_per_kwh) == ("CHF", Decimal("0.2875"))
    night, second = tariff.bands
    assert (night.name, night.days) == ("night", {0, 1, 2, 3, 6})
    assert (night.from_minute, night.to_minute) == (22 * 60, 6 * 60 + 15)
    assert night.price_per_kwh == Decimal("0.1")
    assert (second.name, second.days) == ("band 2", {4, 5, 6, 0})
    assert (second.from_minute, second.to_minute) == (0, 24 * 60)


def test_the_environment_gives_the_price(tmp_path: Path) -> None:
    tariff = load(
        tmp_path, "", PDUTUI_ENERGY_PRICE_PER_KWH="0.41", PDUTUI_ENERGY_CURRENCY="SEK"
    ).tariff
    assert tariff is not None
    assert (tariff.currency, tariff.price_per_kwh) == ("SEK", Decimal("0.41"))


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("[energy]\nprice = 1\n", "[energy] unknown key 'price'"),
        ("[energy]\nprice_per_kwh = -1\n", "energy.price_per_kwh must be a number from 0"),
        ('[energy]\nprice_per_kwh = "a"\n', "energy.price_per_kwh must be a number"),
        ("[energy]\nprice_per_kwh = nan\n", "energy.price_per_kwh must be a number"),
        ('[energy]\ncurrency = "0123456789"\n', "energy.currency must have 8 characters at most"),
        ("[energy]\nband = 1\n", "energy.band must be tables of their own, [[energy.band]]"),
        ("[[energy.band]]\nprice_per_kwh = 1\n", "energy.price_per_kwh is missing"),
        (BAND, "[energy.band 1] price_per_kwh is missing"),
        (BAND + "price_per_kwh = 1\nday = 1\n", "[energy.band 1] unknown key 'day': did you mean"),
        (BAND + 'price_per_kwh = 1\nfrom = "06:10"\n', "[energy.band 1] from must be on a quarter"),
        (BAND + "price_per_kwh = 1\nfrom = 6\n", "[energy.band 1] from must be a time from"),
        (BAND + 'price_per_kwh = 1\nto = "24:15"\n', "[energy.band 1] to must be a time from"),
        (BAND + 'price_per_kwh = 1\nto = "12:60"\n', "[energy.band 1] to must be a time from"),
        (
            BAND + 'price_per_kwh = 1\nfrom = "06:00"\nto = "06:00"\n',
            "[energy.band 1] to must diff",
        ),
        (BAND + 'price_per_kwh = 1\nfrom = "24:00"\n', "[energy.band 1] from must be before"),
        (BAND + 'price_per_kwh = 1\ndays = "weekend"\n', "[energy.band 1] days must be"),
        (BAND + 'price_per_kwh = 1\ndays = "mon-"\n', "[energy.band 1] days must be"),
        (BAND + "price_per_kwh = 1\ndays = []\n", "[energy.band 1] days must be"),
        (BAND + 'price_per_kwh = 1\ndays = "mno"\n', 'did you mean "mon"?'),
        (BAND + "price_per_kwh = true\n", "[energy.band 1] price_per_kwh must be a number"),
    ],
)
def test_what_is_wrong_is_named(tmp_path: Path, text: str, says: str) -> None:
    (problem,) = problems(tmp_path, text)
    assert says in problem


def test_a_variable_that_is_wrong_is_named(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="environment: PDUTUI_ENERGY_PRICE_PER_KWH must be"):
        load(tmp_path, "", PDUTUI_ENERGY_PRICE_PER_KWH="cheap")
