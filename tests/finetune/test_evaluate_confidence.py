"""Calibration error and risk against coverage, by cases small enough to count."""

import numpy
import pytest
from hypothesis import given
from hypothesis import strategies as st

from finetune.reliability import area_under, calibration_error, reliability_bins, risk_at, risk_coverage

cases = st.lists(st.tuples(st.sampled_from([0.1, 0.5, 0.9, 1.0]), st.booleans()), min_size=1, max_size=80)


def test_a_calibrated_confidence_has_next_to_no_error():
    sure = [n / 10 for n in range(11) for _ in range(10)]
    right = [place < n for n in range(11) for place in range(10)]
    assert calibration_error(reliability_bins(sure, right)) == pytest.approx(0)
    chance = numpy.random.default_rng(5)
    many = chance.random(20_000)
    assert calibration_error(reliability_bins(many, chance.random(20_000) < many)) < 0.02


def test_a_confidence_that_is_sure_of_everything_is_off_by_its_mistakes():
    assert calibration_error(reliability_bins([1.0] * 8, [True] * 6 + [False] * 2)) == pytest.approx(0.25)


def test_bins_hold_as_many_readings_each_whatever_the_confidences():
    sure = [0.9 + n / 1000 for n in range(95)] + [0.1, 0.2, 0.3, 0.4, 0.5]
    assert [one.n for one in reliability_bins(sure, [True] * 100)] == [10] * 10


def test_no_readings_have_no_bins_no_error_and_no_curve():
    assert (reliability_bins([], []), risk_coverage([], [])) == ((), ())
    assert (calibration_error(()), area_under(()), risk_at((), 0.5)) == (0, 0, 0)


@given(cases)
def test_equal_confidences_share_a_bin_and_a_point_so_that_order_is_nothing(some):
    sure, right = zip(*some, strict=True)
    back, turned = sure[::-1], right[::-1]
    bins = reliability_bins(sure, right)
    assert [(one.n, round(one.right, 9)) for one in bins] == [
        (one.n, round(one.right, 9)) for one in reliability_bins(back, turned)
    ]
    assert len(bins) <= len(set(sure)) and sum(one.n for one in bins) == len(sure)
    curve = risk_coverage(sure, right)
    assert [one.confidence for one in curve] == sorted(set(sure), reverse=True)
    assert curve[-1].coverage == 1 and curve[-1].risk == pytest.approx(1 - sum(right) / len(right))


def test_risk_against_coverage_by_hand():
    curve = risk_coverage([0.9, 0.8, 0.8, 0.1], [True, True, False, False])
    assert [(one.confidence, one.coverage, round(one.risk, 4)) for one in curve] == [
        (0.9, 0.25, 0.0),
        (0.8, 0.75, 0.3333),
        (0.1, 1.0, 0.5),
    ]
    assert (risk_at(curve, 0.25), risk_at(curve, 0.3)) == (0, pytest.approx(1 / 3))
    assert area_under(curve) == pytest.approx(0.5 / 3 + 0.125)


def test_lengths_must_match():
    with pytest.raises(ValueError, match="1 confidences do not go with 2 readings"):
        reliability_bins([0.5], [True, False])
