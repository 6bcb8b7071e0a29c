"""Tuning on validation messages: the index is heeded as far as it helps, and no further."""

import math
import random
from dataclasses import replace

import numpy as np
import pytest

from finetune.calibrate import CannotCalibrate, Costs
from finetune.tuning import tune
from intents.catalogue import load_catalogue
from intents.commands import Command
from intents.context import Context
from intents.engine import Completion
from intents.examples import Example
from intents.recogniser import Recogniser

INTENTS = ("greet", "thank", "goodbye")


class Engine:
    """Writes what the message says after "model", or the intent that the grammar begins with."""

    name, model = "scripted", "script"

    def generate(self, prompts, *, grammar=None, max_tokens=64, temperature=0.0, on_text=None):
        forced = grammar.split("i_")[1].split(" ")[0]
        return [self.write(prompt, None if grammar.startswith("root ::= command") else forced) for prompt in prompts]

    def write(self, prompt: str, forced: str | None) -> Completion:
        intent, chance = prompt.split("model ")[1].split(" ")[:2]
        if forced and forced != intent:
            intent, chance = forced, str(1 - float(chance))
        return Completion(f"{intent}()", (math.log(float(chance)), -0.01), True, (len(intent) + 1, len(intent) + 2))


class Index:
    """Thinks what the message says after "index"."""

    intents = INTENTS

    def scores(self, messages):
        rows = []
        for text, _ in messages:
            intent, chance = text.split("index ")[1].split(" ")[:2]
            rows.append([float(chance) if name == intent else (1 - float(chance)) / 2 for name in INTENTS])
        return np.array(rows)


def messages(model_right: float, index_right: float, count: int = 120) -> list[Example]:
    """Each is right as often as said, and is surer where it is right."""
    chance = random.Random(4)
    made = []
    for number in range(count):
        meant = INTENTS[number % 3]
        said = {}
        for who, right in (("model", model_right), ("index", index_right)):
            is_right = chance.random() < right
            other = chance.choice([name for name in INTENTS if name != meant])
            sure = chance.uniform(0.8, 0.99) if is_right else chance.uniform(0.5, 0.8)
            said[who] = f"{who} {meant if is_right else other} {sure:.3f}"
        made.append(Example(f"{number} {said['model']} {said['index']} .", (Command(meant),), Context()))
    return made


@pytest.fixture
def recogniser():
    return Recogniser(Engine(), load_catalogue(), Index())


def test_an_index_that_knows_better_is_heeded(recogniser):
    found = tune(recogniser, messages(0.7, 0.9), Costs())
    tuning, record = found.tuning, found.record
    assert tuning.fusion.weight > 0
    right = {name: figures["intents_exact"] for name, figures in record["ablation"].items()}
    assert right["fused"] >= max(right["model alone"], right["index alone"]) and right["fused"] > right["model alone"]


def test_an_index_that_is_mostly_wrong_is_not_heeded(recogniser):
    record = tune(recogniser, messages(0.95, 0.3), Costs()).record
    assert record["ablation"]["fused"]["intents_exact"] >= record["ablation"]["model alone"]["intents_exact"]
    assert record["ablation"]["index alone"]["intents_exact"] < 0.6


def test_the_tuned_confidence_tells_right_from_wrong(recogniser):
    examples = messages(0.6, 0.6, 300)
    found = tune(recogniser, examples, Costs())
    readings = recogniser.tuned(found.tuning).understand_all([(one.text, one.context) for one in examples])
    assert [without_others(one) for one in readings] == [without_others(one) for one in found.readings]
    sure = {True: [], False: []}
    for one, read in zip(examples, readings, strict=True):
        sure[one.commands == read.commands].append(read.confidence)
    assert np.mean(sure[True]) > np.mean(sure[False]) + 0.15


def without_others(read):
    """What else it might have been depends on what the model was asked again, which while tuning is more."""
    return replace(read, runners_up=())


def test_a_model_without_an_index_is_tuned_too():
    found = tune(Recogniser(Engine(), load_catalogue()), messages(0.8, 0.8), Costs())
    tuning, record = found.tuning, found.record
    assert record["ablation"]["fused"] == record["ablation"]["model alone"]
    assert "index_agrees" not in tuning.calibration.weights


def test_too_few_messages_are_refused(recogniser):
    with pytest.raises(CannotCalibrate):
        tune(recogniser, messages(0.8, 0.8, 20), Costs())
