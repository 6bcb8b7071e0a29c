"""Fitting the confidence and choosing the thresholds, on readings made up so that the right answer is known."""

import math

import numpy
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from finetune.calibrate import CannotCalibrate, Costs, calibrate, choose_thresholds, fit, operate, out_of_fold
from finetune.reliability import calibration_error, reliability_bins
from intents.confidence import Signals, Thresholds

COSTS = Costs()
cases = st.lists(st.tuples(st.sampled_from([n / 20 for n in range(21)]), st.booleans()), min_size=1, max_size=60)
prices = st.integers(0, 20).map(lambda n: n / 8)


def made_up(n: int, seed: int = 7) -> tuple[list[Signals], list[bool]]:
    """Readings of a model that is far too sure: their log odds are 2 (score + 1); the index agrees by chance alone."""
    chance = numpy.random.default_rng(seed)
    scores = chance.normal(1.0, 1.5, n)
    right = chance.random(n) < 1 / (1 + numpy.exp(-scores))
    logprobs = -numpy.log1p(numpy.exp(-2 * (scores + 1)))
    agrees = chance.random(n) < 0.5
    signals = [
        Signals(float(one), float(one) * 2, 8, None, None, bool(yes)) for one, yes in zip(logprobs, agrees, strict=True)
    ]
    return signals, right.tolist()


def test_a_model_that_is_too_sure_is_calibrated():
    signals, right = made_up(2000)
    found = calibrate(signals, right, COSTS)
    assert found.ece_before > 0.12 and found.ece < 0.03
    fresh, right = made_up(2000, seed=8)
    sure = [found.calibration.confidence(one) for one in fresh]
    assert calibration_error(reliability_bins(sure, right)) < 0.03


def test_a_signal_that_says_nothing_weighs_little():
    calibration = fit(*made_up(4000))
    assert abs(calibration.weights["index_agrees"]) < 0.2
    assert calibration.weights["log_tokens"] == pytest.approx(0)  # the same for every reading


def test_a_signal_that_not_every_reading_has_is_not_weighed():
    signals, right = made_up(60)
    some = [*signals[:-1], Signals(-1, -2, 3)]
    assert "index_agrees" in fit(signals, right).weights and "index_agrees" not in fit(some, right).weights


def test_readings_that_were_all_right_do_not_make_it_certain():
    signals, _ = made_up(100)
    assert all(0.9 < one < 1 for one in out_of_fold(signals, [True] * 100))


def test_a_confidence_by_the_other_folds_does_not_know_its_own_reading():
    signals, right = made_up(200)
    before, after = out_of_fold(signals, right), out_of_fold(signals, [not right[0], *right[1:]])
    assert before[0] == after[0] and before[1] != after[1]


def test_too_few_readings_are_refused():
    with pytest.raises(CannotCalibrate, match="12 validation readings"):
        calibrate(*made_up(12), COSTS)
    assert calibrate(*made_up(50), COSTS).readings == 50


def test_thresholds_come_near_those_that_the_costs_imply():
    chance = numpy.random.default_rng(3)
    sure = chance.random(200_000)
    right = chance.random(200_000) < sure
    found = choose_thresholds(sure, right, COSTS)
    # asking costs 0.25 + 0.6 (0.7 - 0.65 c) at a confidence of c: as much as a wrong answer's 1 - c at 0.541, and as
    # a hand-over's 0.6 at 0.179
    assert found.ask_back_below == pytest.approx(0.541, abs=0.03)
    assert found.hand_over_below == pytest.approx(0.179, abs=0.05)


def test_chosen_by_hand():
    sure = [0.1, 0.2, 0.4, 0.5, 0.8, 0.9]
    right = [False, False, False, True, True, True]
    assert choose_thresholds(sure, right, COSTS) == Thresholds(ask_back_below=0.5, hand_over_below=0.5)
    patient = Costs(ask_back=0.1)  # asking after a wrong reading costs 0.52 now, less than a hand-over
    found = choose_thresholds(sure, right, patient)
    assert found == Thresholds(ask_back_below=0.5, hand_over_below=0.0)
    worked = operate(sure, right, found, patient)
    assert (worked.answered, worked.asked_back, worked.handed_over, worked.wrong_of_answered) == (0.5, 0.5, 0, 0)
    assert (worked.cost, worked.cost_of_answering_all) == (pytest.approx(0.26), 0.5)


def test_what_is_always_right_is_always_answered():
    assert choose_thresholds([0.2, 0.9], [True, True], COSTS) == Thresholds(0.0, 0.0)


def test_what_is_always_wrong_is_never_answered():
    assert choose_thresholds([0.2, 0.9], [False, False], COSTS) == Thresholds(1.0, 1.0)


@given(cases, prices, prices, prices)
def test_no_other_thresholds_cost_less(some, wrong, ask_back, hand_over):
    sure, right = zip(*some, strict=True)
    costs = Costs(wrong, ask_back, hand_over)
    chosen = operate(sure, right, choose_thresholds(sure, right, costs), costs)
    levels = [n / 20 for n in range(21)]
    others = [
        operate(sure, right, Thresholds(high, low), costs) for high in levels[::4] for low in levels[::4] if low <= high
    ]
    assert all(chosen.cost <= other.cost + 1e-9 for other in others)
    assert chosen.cost <= chosen.cost_of_answering_all + 1e-9


@given(cases, prices, prices, prices, prices)
def test_the_dearer_a_wrong_answer_the_more_is_asked(some, ask_back, hand_over, one, other):
    sure, right = zip(*some, strict=True)
    mild, strict = (choose_thresholds(sure, right, Costs(wrong, ask_back, hand_over)) for wrong in sorted((one, other)))
    assert mild.ask_back_below <= strict.ask_back_below
    assert mild.hand_over_below <= strict.hand_over_below


@given(cases, prices, prices, prices, prices)
def test_the_dearer_a_hand_over_the_fewer_there_are(some, wrong, ask_back, one, other):
    sure, right = zip(*some, strict=True)
    cheap, dear = (choose_thresholds(sure, right, Costs(wrong, ask_back, price)) for price in sorted((one, other)))
    assert dear.hand_over_below <= cheap.hand_over_below


@given(cases, prices, prices, prices, prices)
def test_the_dearer_a_question_the_fewer_there_are(some, wrong, hand_over, one, other):
    sure, right = zip(*some, strict=True)
    cheap, dear = (choose_thresholds(sure, right, Costs(wrong, price, hand_over)) for price in sorted((one, other)))
    assert dear.ask_back_below <= cheap.ask_back_below
    assert dear.hand_over_below >= cheap.hand_over_below


@settings(max_examples=20)
@given(st.integers(1, 40).map(lambda n: n / 8))
def test_only_the_proportions_of_the_costs_matter(factor):
    signals, right = made_up(200)
    sure = out_of_fold(signals, right)
    scaled = Costs(COSTS.wrong * factor, COSTS.ask_back * factor, COSTS.hand_over * factor)
    assert choose_thresholds(sure, right, scaled) == choose_thresholds(sure, right, COSTS)


@pytest.mark.parametrize(
    "bad", [{"wrong": -1}, {"ask_back": math.inf}, {"settled_if_right": 1.2}, {"settled_if_wrong": 0.96}]
)
def test_costs_that_make_no_sense_are_refused(bad):
    with pytest.raises(ValueError):
        Costs(**bad)


def test_the_record_says_what_the_numbers_come_from():
    record = calibrate(*made_up(100), COSTS).record()
    assert record["readings"] == 100 and record["costs"]["ask_back"] == 0.25
    assert record["operation"]["answered"] + record["operation"]["asked_back"] <= 1.0001
