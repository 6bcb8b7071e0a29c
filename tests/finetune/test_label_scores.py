"""Candidate readings weighed against each other by the model's log-probabilities."""

import pytest
import torch

from finetune import label_scores
from finetune.batches import collate, completion_loss, encode
from finetune.dataset import Pair
from finetune.label_scores import LabelScorer
from finetune.train import TrainSettings, with_adapter
from intents.context import Context
from intents.prompts import understand_prompt

LABELS = ["greet()", "card_arrival()", 'inform(item="a long red desk")']


@pytest.fixture
def adapted(tiny, tokenizer, tmp_path, monkeypatch):
    """A tiny model with an adapter that does something, and the folder where that adapter is."""
    model = with_adapter(tiny, TrainSettings(rank=4)).eval()
    for name, weight in model.named_parameters():
        if "lora_B" in name:
            torch.nn.init.normal_(weight, std=0.1)
    model.save_pretrained(tmp_path / "adapter", save_embedding_layers=False)
    fresh = model.unload()
    monkeypatch.setattr(label_scores, "load_base", lambda path, dtype: (fresh, tokenizer))
    return tmp_path / "adapter"


def test_scores_are_the_log_probabilities_that_training_lowers(adapted, tokenizer, tmp_path):
    prompts = [
        understand_prompt(text, Context()) for text in ("hi", "where on earth is my card?", "a red desk, please")
    ]
    scorer = LabelScorer(tmp_path, adapted)
    scores = scorer.scores(prompts, [LABELS, LABELS[::-1], LABELS])
    scores[1] = scores[1, ::-1]
    for row, prompt in enumerate(prompts):
        for column, label in enumerate(LABELS):
            pair = encode(tokenizer, Pair(prompt, label, ""))
            loss = completion_loss(scorer.model, collate([pair])).item()
            assert scores[row, column] == pytest.approx(-loss * pair.learnt, abs=1e-3)


def test_no_messages_have_no_scores(adapted, tmp_path):
    assert LabelScorer(tmp_path, adapted).scores([], []).shape == (0, 0)
