"""Comparing the state of a shop with what was expected."""

from __future__ import annotations

from assistant.testing.states import differences

STATE = {"orders": {"#W1": {"status": "pending", "items": [{"price": 1.10}], "payment_history": []}}}


def test_the_same_state_has_no_difference_and_float_noise_is_none():
    assert differences(STATE, STATE) == []
    assert differences({"price": 0.1 + 0.2}, {"price": 0.3}) == []


def test_every_other_difference_counts_and_is_named_by_its_path():
    after = {"orders": {"#W1": {"status": "cancelled", "items": [{"price": 1.11}], "payment_history": [1], "extra": 1}}}
    assert [str(one) for one in differences(STATE, after)] == [
        "orders.#W1.status is 'cancelled', not 'pending'",
        "orders.#W1.items.0.price is 1.11, not 1.1",
        "orders.#W1.payment_history is [1], not []",
        "orders.#W1.extra is 1, not nothing",
    ]


def test_in_part_only_what_is_expected_counts():
    assert differences({"orders": {"#W1": {"status": "pending"}}}, STATE, in_part=True) == []
    missing = differences({"orders": {"#W2": {}}}, STATE, in_part=True)
    assert [one.path for one in missing] == [("orders", "#W2")]
