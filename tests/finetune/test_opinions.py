"""Two opinions fused, and the choice of weight and threshold, on numbers small enough to count."""

import numpy
import pytest

from finetune.evaluate import OUT_OF_SCOPE
from finetune.opinions import WANTED_RECALL, Opinions, Reading, best, choose_threshold, choose_weight, fuse


def test_the_index_proposes_and_the_weight_decides():
    index = numpy.array([[0.1, 0.6, 0.3, 0.0], [0.0, 0.0, 0.0, 1.0]])
    assert best(index, 2).tolist() == [[1, 2], [3, 0]]
    model = numpy.log([[0.2, 0.7], [0.9, 0.05]])
    columns, sure = fuse(index, model, 0.0)
    assert columns.tolist() == [1, 3] and sure == pytest.approx([0.6, 1.0])
    columns, sure = fuse(index, model, 1.0)
    assert columns.tolist() == [2, 3] and sure == pytest.approx([0.7, 0.9])
    columns, sure = fuse(index, model, 0.5)
    assert columns.tolist() == [2, 3] and sure == pytest.approx([(0.3 * 0.7) ** 0.5, 0.9**0.5])


def test_what_is_less_sure_than_the_threshold_is_refused():
    meant = numpy.array(["a", "b", "b", OUT_OF_SCOPE, OUT_OF_SCOPE])
    read = numpy.array(["a", "a", "b", "a", OUT_OF_SCOPE])
    reading = Reading(meant, read, numpy.array([0.9, 0.8, 0.4, 0.3, 0.9]))
    plain, strict = reading.outcome(0.0), reading.outcome(0.5)
    assert (plain.accuracy, plain.out_of_scope_recall, plain.refused) == (pytest.approx(2 / 3), 0.5, 0.0)
    assert (strict.accuracy, strict.out_of_scope_recall, strict.refused) == (
        pytest.approx(1 / 3), 1.0, pytest.approx(1 / 3),
    )  # fmt: skip
    assert Reading(meant[:3], read[:3], reading.sure[:3]).outcome(0.0).out_of_scope_recall is None


def test_the_threshold_is_the_lowest_that_finds_enough():
    sure = numpy.linspace(0.01, 1, 100)
    beyond = Reading(numpy.full(100, OUT_OF_SCOPE), numpy.full(100, "a"), sure)
    threshold = choose_threshold(beyond)
    assert 0.85 < threshold < 0.8501 and (sure < threshold).mean() == WANTED_RECALL
    named = Reading(beyond.meant, numpy.full(100, OUT_OF_SCOPE), sure)
    assert choose_threshold(named) == 0.0
    assert choose_threshold(Reading(numpy.full(100, "a"), beyond.read, sure)) == 0.0


def test_the_weight_is_the_middle_of_those_that_read_most():
    index = numpy.array([[0.6, 0.4], [0.6, 0.4]])
    model = numpy.log([[0.8, 0.1], [0.3, 0.7]])
    opinions = Opinions(numpy.array(["a", "b"]), numpy.array(["a", "b"]), index, model)
    assert choose_weight(opinions, (0.0, 0.2, 0.5, 0.7, 0.9)) == 0.7
    assert opinions.fused(0.0).outcome(0.0).accuracy == 0.5 and opinions.fused(0.7).outcome(0.0).accuracy == 1.0


def test_a_weight_that_chance_may_have_put_first_is_not_taken_for_the_best():
    meant = numpy.array(["a"] * 98 + ["b"] * 2)  # nobody reads the last two right
    index = numpy.tile([0.9, 0.1], (100, 1))
    model = numpy.log(numpy.tile([0.9, 0.1], (100, 1)))
    index[0], model[0] = (0.2, 0.8), numpy.log([0.1, 0.9])  # of the index's best first: only the model reads it right
    opinions = Opinions(meant, numpy.array(["a", "b"]), index, model)
    assert [opinions.fused(weight).outcome(0.0).accuracy for weight in (0.2, 0.7)] == [0.97, 0.98]
    assert choose_weight(opinions, (0.0, 0.2, 0.4, 0.7, 0.9)) == 0.4
