"""How often may be switched within a minute."""

from __future__ import annotations

import pytest

from pdutui.domain.commands import Action
from pdutui.engine.rates import Rates


def sent(rates: Rates, *when: tuple[int, Action, float]) -> Rates:
    for outlet, action, at_s in when:
        assert rates.refusal(outlet, action, at_s) == (0.0, "")
        rates.count(outlet, action, at_s)
    return rates


def test_an_outlet_is_free_again_a_minute_after_the_first_of_its_commands() -> None:
    rates = sent(Rates(60, 3), (3, "off", 100.0), (3, "on", 110.0), (3, "off", 120.0))
    wait_s, why = rates.refusal(3, "on", 130.5)
    assert wait_s == 29.5
    assert why == "the outlet was commanded 3 times within a minute: free in 30 s"
    assert rates.refusal(3, "on", 159.9)[0] > 0
    assert rates.refusal(3, "on", 160.0)[0] == 0
    assert rates.refusal(4, "on", 130.5)[0] == 0


def test_the_window_slides() -> None:
    rates = sent(Rates(0, 2), (3, "off", 0.0), (3, "on", 59.0), (3, "off", 60.0))
    assert rates.refusal(3, "on", 61.0)[0] == 58.0


def test_a_pdu_counts_its_outlets_together() -> None:
    rates = sent(Rates(3, 0), (1, "off", 0.0), (2, "off", 1.0), (3, "off", 2.0))
    wait_s, why = rates.refusal(4, "off", 10.0)
    assert (wait_s, why) == (50.0, "3 commands were sent to the PDU within a minute: free in 50 s")


def test_a_command_on_all_outlets_was_one_on_each() -> None:
    rates = sent(Rates(0, 2), (0, "all_off", 0.0), (3, "on", 1.0))
    assert rates.refusal(3, "off", 2.0)[0] == 58.0
    assert rates.refusal(4, "off", 2.0)[0] == 0
    assert rates.refusal(0, "all_on", 2.0)[0] == 0


def test_the_transfer_switch_is_no_outlet() -> None:
    rates = sent(Rates(0, 1), (0, "prefer_b", 0.0))
    assert rates.refusal(0, "prefer_a", 1.0)[0] == 59.0
    assert rates.refusal(0, "all_off", 1.0)[0] == 0
    assert rates.refusal(3, "off", 1.0)[0] == 0


@pytest.mark.parametrize(("outlet", "action"), [(3, "cancel"), (0, "all_cancel")])
def test_taking_back_is_never_held_up_and_costs_nothing(outlet: int, action: Action) -> None:
    rates = sent(Rates(2, 2), *((outlet, action, float(n)) for n in range(9)))
    sent(rates, (3, "off", 9.0), (3, "on", 10.0))
    assert rates.refusal(outlet, action, 11.0)[0] == 0
    assert rates.refusal(3, "off", 11.0)[0] > 0


def test_no_limit() -> None:
    rates = Rates(0, 0)
    sent(rates, *((3, "off", 0.0) for _ in range(500)))


def test_what_was_commanded_is_named_and_counted_in_words() -> None:
    one = sent(Rates(0, 1), (3, "off", 0.0), (0, "all_off", 0.0), (0, "prefer_b", 0.0))
    assert one.refusal(3, "on", 1.0)[1].startswith("the outlet was commanded twice within a minute")
    assert one.refusal(0, "all_on", 1.0)[1].startswith("all of it was commanded once within")
    assert one.refusal(0, "prefer_a", 1.0)[1].startswith("its transfer switch was commanded once")
    every = sent(Rates(1, 0), (3, "off", 0.0))
    assert every.refusal(4, "on", 1.0)[1].startswith("1 command was sent to the PDU within")
