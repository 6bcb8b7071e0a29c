"""A short epoch learns everything new and rehearses some of the rest."""

import json
import random

import pytest

from assistant.cli import build_parser
from finetune import train as training
from finetune.dataset import Pair, example_pair
from finetune.sampling import draw, draw_dev, learnt
from finetune.settings import BadSetting, TrainSettings
from finetune.taught import example_hash
from intents.commands import parse_commands
from intents.examples import Example
from tests.finetune.conftest import tiny_llama

EXAMPLES = [Example(f"message {number}", parse_commands("greet()")) for number in range(20)]
PAIRS = [*map(example_pair, EXAMPLES), Pair("reply prompt", "Hello.", "Hello.", "reply")]
TAUGHT = {example_hash(one) for one in EXAMPLES[3:]}


def test_without_a_size_an_epoch_learns_everything():
    assert draw(PAIRS, None, TAUGHT, random.Random(7)) == PAIRS
    assert draw(PAIRS, 99, TAUGHT, random.Random(7)) == PAIRS


def test_what_is_new_is_learnt_in_every_epoch_and_the_rest_changes():
    first, second = (draw(PAIRS, 8, TAUGHT, random.Random(seed)) for seed in (1, 2))
    assert first[:3] == second[:3] == PAIRS[:3] and len(first) == len(second) == 8
    assert first[3:] != second[3:] and len(set(map(id, first))) == 8


def test_many_new_examples_still_come_with_as_many_known_ones():
    drawn = draw(PAIRS, 4, {example_hash(one) for one in EXAMPLES[7:]}, random.Random(7))
    assert drawn[:7] == PAIRS[:7] and len(drawn) == 14


def test_new_examples_of_a_scarce_intent_are_learnt_often_in_an_epoch_each_time_varied():
    few = [
        example_pair(Example(f"how many calories has dish {number}", parse_commands("bye()"))) for number in range(5)
    ]
    drawn = draw([*PAIRS, *few], 8, TAUGHT, random.Random(7))
    assert [drawn.count(one) for one in few] == [8] * 5, "40 times in all"
    assert [drawn.count(one) for one in PAIRS[:3]] == [1] * 3, "of an intent with 20 examples"
    chances: list[float] = []

    def vary(pair: Pair, chance: random.Random) -> Pair:
        chances.append(chance.random())
        return pair

    learnt_of = training.epoch_pairs([*PAIRS, *few], 1, TrainSettings(sample=8), vary, TAUGHT)
    assert len(set(chances)) == len(chances) == len(learnt_of) == 3 + 8 + 40


def test_known_examples_of_a_scarce_intent_are_only_rehearsed():
    few = [example_pair(Example(f"bye {number}", parse_commands("bye()"))) for number in range(5)]
    drawn = draw([*PAIRS, *few], 8, TAUGHT | {example_hash(pair.example) for pair in few}, random.Random(7))
    assert len(drawn) == len(set(map(id, drawn))) == 8


def test_where_nobody_knows_what_was_taught_the_sample_is_drawn_from_all():
    assert len(draw(PAIRS, 5, None, random.Random(7))) == 5
    assert len(draw_dev(PAIRS, 8, random.Random(7))) == 2 and draw_dev(PAIRS, None, random.Random(7)) == PAIRS


def test_an_adapter_knows_what_was_drawn_and_what_it_knew_before():
    settings = TrainSettings(epochs=2, sample=5)
    assert learnt(PAIRS, settings, TAUGHT) == PAIRS
    drawn = learnt(PAIRS, settings, None)
    assert 5 <= len(drawn) <= 10 and drawn == [pair for pair in PAIRS if pair in drawn]
    assert learnt(PAIRS, TrainSettings(), None) == PAIRS


def test_a_sample_of_nothing_is_refused():
    with pytest.raises(BadSetting, match="sample is 0"):
        TrainSettings(sample=0)


def test_a_training_tells_how_it_goes_on(tokenizer, pairs, tmp_path, monkeypatch, one_thread):
    monkeypatch.setattr(training, "load_base", lambda path, dtype: (tiny_llama(len(tokenizer)), tokenizer))
    settings = TrainSettings(epochs=2, rank=4, batch_tokens=60, sample=4, progress=str(tmp_path / "progress.jsonl"))
    log = training.train(tmp_path / "base", pairs, pairs, tmp_path / "new", settings)
    told = [json.loads(line) for line in (tmp_path / "progress.jsonl").read_text("utf-8").splitlines()]
    losses = [one["loss"] for one in told if "loss" in one]
    assert losses == pytest.approx([loss for _, loss in log.steps], abs=1e-4)
    assert [one["step"] for one in told if "loss" in one] == list(range(1, len(losses) + 1))
    assert len([one for one in told if "development_loss" in one]) == 2
    assert told[-1]["seconds_left"] == 0 and told[-1]["tokens_per_s"] > 0 and told[-1]["epoch"] == 2
    settings = training.manifest(settings, log)["settings"]
    assert settings["sample"] == 4 and "progress" not in settings
    assert "sample" not in TrainSettings().that_matter(), "a checkpoint from before there were samples goes on"


def test_every_setting_of_a_training_is_read_from_the_command_line_as_what_it_is():
    given = {"sample": 700, "epochs": 2, "dropout": 0.1, "start": "runs/adapter", "tensorboard": "runs/curves"}
    words = [word for name, value in given.items() for word in (f"--{name}", str(value))]
    options = build_parser().parse_args(["train", *words])
    assert {name: getattr(options, name) for name in given} == given
