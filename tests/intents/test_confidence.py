"""The confidence as the server applies it: signals to a chance."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from intents.confidence import (
    FEATURES,
    BadCalibration,
    Calibration,
    Signals,
    Thresholds,
    read_signals,
)

HALF, TENTH = math.log(0.5), math.log(0.1)
WEIGHTS = {"mean_log_odds": 0.5, "index_agrees": 1.5}
logprobs = st.floats(-50, 0)


def test_signals_of_a_reading_with_what_the_index_says():
    index = {"greet": 0.7, "thank": 0.2}
    assert read_signals((TENTH, HALF, 0.0), "thank", TENTH + HALF, index) == Signals(
        pytest.approx((TENTH + HALF) / 3), TENTH, 3, pytest.approx(TENTH + HALF), 0.2, False
    )
    assert read_signals((HALF,), "greet", index=index).index_agrees is True


def test_an_intent_that_the_index_does_not_know_has_no_chance_in_it():
    signals = read_signals((HALF,), "goodbye", index={"greet": 1.0})
    assert (signals.index_probability, signals.index_agrees) == (0.0, False)


def test_signals_not_taken_are_left_out():
    assert list(read_signals((HALF,), "greet").features()) == list(FEATURES[:3])
    assert tuple(read_signals((HALF,), "greet", HALF, {"greet": 1.0}).features()) == FEATURES


def test_a_reading_of_no_tokens_has_no_signals():
    with pytest.raises(ValueError, match="no tokens"):
        read_signals((), "greet")


@given(st.lists(logprobs, min_size=1), st.floats(0, 1), st.booleans())
def test_features_are_finite_whatever_the_model_was_sure_of(given_logprobs, index_probability, agrees):
    mean = sum(given_logprobs) / len(given_logprobs)
    signals = Signals(mean, min(given_logprobs), len(given_logprobs), mean, index_probability, agrees)
    assert all(map(math.isfinite, signals.features().values()))
    assert 0 <= Calibration(-800, {"min_log_odds": 100}).confidence(signals) <= 1


def test_a_log_odds_of_even_chances_is_nothing():
    assert Calibration(0, {"mean_log_odds": 3}).confidence(read_signals((HALF,), "greet")) == pytest.approx(0.5)


@given(logprobs, logprobs)
def test_a_surer_model_is_trusted_no_less(one, other):
    calibration = Calibration(-1, {"mean_log_odds": 0.7})
    low, high = (calibration.confidence(Signals(value, -1, 4)) for value in sorted((one, other)))
    assert low <= high


def test_a_missing_signal_is_named():
    with pytest.raises(BadCalibration, match="index_agrees"):
        Calibration(0, WEIGHTS).confidence(read_signals((HALF,), "greet"))


@pytest.mark.parametrize(("ask_back", "hand_over"), [(0.2, 0.3), (1.5, 0.1), (0.5, -0.1), (math.nan, 0.1)])
def test_thresholds_in_the_wrong_order_are_refused(ask_back, hand_over):
    with pytest.raises(BadCalibration):
        Thresholds(ask_back, hand_over)


@pytest.mark.parametrize("weights", [{"mood": 1.0}, {"log_tokens": math.inf}])
def test_a_calibration_of_other_features_is_refused(weights):
    with pytest.raises(BadCalibration):
        Calibration(0, weights)
