"""Training on a tiny real model: only the adapter learns, only from completions, and the old adapter is safe."""

from __future__ import annotations

import json
import math
from copy import deepcopy
from dataclasses import replace

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from safetensors.torch import load_file
from torch.nn.functional import cross_entropy

from finetune import train as training
from finetune import trainer as training_loop
from finetune.batches import IGNORE, Encoded, collate, completion_loss, encode, make_batches
from finetune.dataset import Pair
from finetune.settings import BadSetting
from finetune.train import NothingToLearn, OutIsNoAdapter, TrainingDiverged, manifest, with_adapter
from finetune.trainer import MasterWeights, Trainer, TrainSettings
from intents.prompts import END
from tests.finetune.conftest import tiny_llama

SETTINGS = TrainSettings(epochs=2, rank=4, batch_tokens=120, seed=7)


@pytest.fixture
def base(monkeypatch, tiny, tokenizer):
    """`train` finds the tiny model where it would load the base."""
    monkeypatch.setattr(training, "load_base", lambda path, dtype: (tiny, tokenizer))
    return tiny


@pytest.fixture
def untouched_base(monkeypatch, tiny, tokenizer):
    """Every training finds the base as it was before: an earlier one left its adapter in `base`."""
    monkeypatch.setattr(training, "load_base", lambda path, dtype: (deepcopy(tiny), tokenizer))


@pytest.fixture
def old(tmp_path):
    """An adapter that is in use."""
    folder = tmp_path / "adapter"
    folder.mkdir()
    (folder / "adapter_config.json").write_text("{}", "utf-8")
    (folder / "adapter_model.safetensors").write_bytes(b"old")
    return folder


def train(pairs, out, settings=SETTINGS):
    return training.train(out.parent / "base", pairs[:6], pairs[6:], out, settings)


@pytest.mark.parametrize(
    ("capabilities", "dtype"),
    [
        ({"amx_bf16": True, "avx512_bf16": True}, "bfloat16"),
        ({"amx_bf16": False, "avx512_bf16": True}, "float32"),  # a product of bfloat16 there is slower than of float32
        ({"amx_bf16": False, "avx512_bf16": False}, "float32"),
    ],
)
def test_bfloat16_is_for_a_cpu_with_tiles(monkeypatch, capabilities, dtype):
    monkeypatch.setattr(torch.cuda, "is_available", lambda: False)
    monkeypatch.setattr(torch.cpu, "get_capabilities", lambda: capabilities)
    assert training.compute_dtype() == dtype


def test_after_three_steps_the_whole_adapter_has_moved_and_nothing_else(tiny, tokenizer, pairs):
    model = with_adapter(tiny, SETTINGS)
    before = {name: weight.detach().clone() for name, weight in model.named_parameters()}
    weights = MasterWeights(model, SETTINGS)
    batch = collate([encode(tokenizer, pair) for pair in pairs])
    for _ in range(3):
        completion_loss(model, batch).backward()
        weights.step()
    moved = {name for name, weight in model.named_parameters() if not torch.equal(weight, before[name])}
    assert moved == {name for name in before if "lora_" in name}
    assert len(moved) == 2 * 7 * 2  # A and B of seven linear layers in two blocks


def test_at_the_first_step_only_the_second_half_of_the_adapter_moves(tiny, tokenizer, pairs):
    model = with_adapter(tiny, replace(SETTINGS, weight_decay=0.0))
    before = {name: weight.detach().clone() for name, weight in model.named_parameters()}
    weights = MasterWeights(model, replace(SETTINGS, weight_decay=0.0))
    completion_loss(model, collate([encode(tokenizer, pairs[0])])).backward()
    weights.step()
    moved = {name for name, weight in model.named_parameters() if not torch.equal(weight, before[name])}
    assert moved == {name for name in before if "lora_B" in name}


def test_small_steps_add_up_in_half_precision(tiny):
    model = with_adapter(tiny.to(torch.bfloat16), SETTINGS)
    weights = MasterWeights(model, replace(SETTINGS, learning_rate=1e-4, weight_decay=0.0))
    weight = next(one for name, one in model.named_parameters() if "lora_A" in name)
    torch.nn.init.ones_(weight)
    weights.masters[[id(one) for one in weights.weights].index(id(weight))].fill_(1.0)
    for _ in range(60):
        weight.grad = torch.ones_like(weight)
        weights.step()
    assert weight.dtype == torch.bfloat16 and (weight < 0.996).all()


def test_loss_is_that_of_the_full_logits(tiny, tokenizer, pairs):
    model = with_adapter(tiny, SETTINGS)
    for name, weight in model.named_parameters():
        if "lora_B" in name:
            torch.nn.init.normal_(weight, std=0.1)
    batch = collate([encode(tokenizer, pair) for pair in pairs])
    logits = model(input_ids=batch["input_ids"], attention_mask=batch["attention_mask"]).logits
    full = cross_entropy(logits[:, :-1].flatten(0, 1), batch["labels"][:, 1:].flatten(), ignore_index=IGNORE)
    assert completion_loss(model, batch).item() == pytest.approx(full.item(), abs=1e-5)


def test_padding_changes_no_loss(tiny, tokenizer, pairs):
    model = with_adapter(tiny, SETTINGS).eval()
    encoded = [encode(tokenizer, pair) for pair in pairs]
    together = completion_loss(model, collate(encoded)).item()
    one_by_one = sum(completion_loss(model, collate([one])).item() * one.learnt for one in encoded)
    assert together == pytest.approx(one_by_one / sum(one.learnt for one in encoded), abs=1e-4)


def test_an_example_is_prompt_completion_and_end(tokenizer):
    pair = Pair("<|im_start|>user\nsays: hi<|im_end|>\n", 'greet(name="Zoë")', "hi")
    encoded = encode(tokenizer, pair)
    assert tokenizer.decode(encoded.ids) == pair.prompt + pair.completion + END
    assert tokenizer.decode(encoded.ids[-encoded.learnt :]) == pair.completion + END
    assert encoded.ids[-1] == tokenizer.convert_tokens_to_ids(END)


def test_only_completions_have_labels():
    batch = collate([Encoded([5, 6, 7, 8], 2), Encoded([9, 10], 1)])
    assert batch["input_ids"].tolist() == [[5, 6, 7, 8], [9, 10, 0, 0]]
    assert batch["attention_mask"].tolist() == [[1, 1, 1, 1], [1, 1, 0, 0]]
    assert batch["labels"].tolist() == [[IGNORE, IGNORE, 7, 8], [IGNORE, 10, IGNORE, IGNORE]]
    assert {tensor.dtype for tensor in batch.values()} == {torch.int64}
    with pytest.raises(ValueError, match="empty batch"):
        collate([])


@given(st.lists(st.integers(1, 60), max_size=40), st.integers(1, 200))
def test_batches_lose_nothing_and_keep_to_their_size(lengths, batch_tokens):
    examples = [Encoded([number] * length, 1) for number, length in enumerate(lengths)]
    batches = make_batches(examples, batch_tokens)
    assert sorted(one.ids for batch in batches for one in batch) == sorted(one.ids for one in examples)
    for batch in batches:
        assert batch and (len(batch) == 1 or len(batch) * max(len(one.ids) for one in batch) <= batch_tokens)


def test_every_epoch_has_all_examples_in_an_order_of_its_own(tiny, tokenizer, pairs):
    encoded = [encode(tokenizer, pair) for pair in pairs]
    trainer = Trainer(with_adapter(tiny, SETTINGS), SETTINGS, [encoded, encoded], encoded)

    def order(epoch: int) -> list[list[int]]:
        return [one.ids for batch in trainer.epochs[epoch - 1] for one in batch]

    assert sorted(order(1)) == sorted(order(2)) == sorted(one.ids for one in encoded)
    assert order(1) == order(1) != order(2)


def test_the_learning_rate_warms_up_and_falls_to_nothing(tiny, tokenizer, pairs):
    encoded = [encode(tokenizer, pair) for pair in pairs]
    settings = replace(SETTINGS, epochs=40, warmup_share=0.1)
    trainer = Trainer(with_adapter(tiny, settings), settings, [encoded] * 40, encoded)
    warmup = int(trainer.steps * 0.1)
    shares = [trainer.learning_rate_share(step) for step in range(trainer.steps + 1)]
    assert shares[:warmup] == sorted(shares[:warmup]) and shares[0] > 0 and max(shares) == 1.0
    assert shares[warmup:] == sorted(shares[warmup:], reverse=True) and shares[-1] == pytest.approx(0)


def test_a_training_leaves_an_adapter_that_loads_and_learnt(base, tokenizer, pairs, tmp_path):
    from peft import PeftModel

    settings = replace(SETTINGS, epochs=3, learning_rate=0.02)
    log = training.train(tmp_path / "base", pairs, pairs, tmp_path / "new", settings)
    assert log.epochs[-1][1] < log.epochs[0][1] and log.tokens > 0
    assert [path.name for path in tmp_path.iterdir()] == ["new"]
    assert json.loads((tmp_path / "new" / "adapter_config.json").read_text("utf-8"))["r"] == 4
    PeftModel.from_pretrained(tiny_llama(len(tokenizer)), tmp_path / "new")
    record = manifest(settings, log)
    assert record["dev_loss"] == min(loss for _, loss in log.epochs) and record["steps"] == len(log.steps)
    assert json.loads(json.dumps(record)) == record


def test_a_new_adapter_takes_the_place_of_the_old(base, pairs, old):
    train(pairs, old)
    assert (old / "adapter_model.safetensors").read_bytes() != b"old"


@pytest.mark.parametrize("error", [KeyboardInterrupt, RuntimeError])
def test_an_interrupted_training_leaves_the_old_adapter_in_use(base, pairs, old, monkeypatch, error):
    steps = iter([None, None])

    def interrupted(model, batch, real=completion_loss):
        if next(steps, error) is error:
            raise error
        return real(model, batch)

    monkeypatch.setattr(training_loop, "completion_loss", interrupted)
    with pytest.raises(error):
        train(pairs, old)
    assert (old / "adapter_model.safetensors").read_bytes() == b"old"


def test_a_training_that_was_cut_goes_on_to_the_same_adapter(tokenizer, pairs, tmp_path, monkeypatch):
    monkeypatch.setattr(training_loop, "CHECKPOINT_EVERY_S", 0.0)

    def run(name: str, cut_after: int | None = None):
        monkeypatch.setattr(training, "load_base", lambda path, dtype: (tiny_llama(len(tokenizer)), tokenizer))
        calls = iter(range(1_000))

        def counted(model, batch):
            if cut_after is not None and model.training and next(calls) == cut_after:
                raise KeyboardInterrupt
            return completion_loss(model, batch)

        monkeypatch.setattr(training_loop, "completion_loss", counted)
        return train(pairs, tmp_path / name, replace(SETTINGS, epochs=3))

    whole = run("whole")
    for cut in (1, 2):
        with pytest.raises(KeyboardInterrupt):
            run("cut", cut_after=cut)
    resumed = run("cut")
    assert [loss for _, loss in resumed.steps] == pytest.approx([loss for _, loss in whole.steps], abs=1e-5)
    assert [loss for _, loss in resumed.epochs] == pytest.approx([loss for _, loss in whole.epochs], abs=1e-5)
    weights = [load_file(tmp_path / name / "adapter_model.safetensors") for name in ("whole", "cut")]
    assert all(torch.allclose(weights[0][key], weights[1][key], atol=1e-5) for key in weights[0])
    assert not (tmp_path / "cut" / training_loop.CHECKPOINT).exists()


def test_the_checkpoint_of_another_run_is_not_taken_up(base, pairs, tmp_path, monkeypatch):
    monkeypatch.setattr(training_loop, "CHECKPOINT_EVERY_S", 0.0)
    steps = iter([None, None])

    def interrupted(model, batch, real=completion_loss):
        if next(steps, "over") == "over":
            raise KeyboardInterrupt
        return real(model, batch)

    monkeypatch.setattr(training_loop, "completion_loss", interrupted)
    with pytest.raises(KeyboardInterrupt):
        train(pairs, tmp_path / "new")
    monkeypatch.setattr(training_loop, "completion_loss", completion_loss)
    log = train(pairs, tmp_path / "new", replace(SETTINGS, seed=8))
    assert len(log.steps) == log.steps[-1][0] and log.steps[0][0] == 1 and len(log.epochs) == 2


def test_each_epoch_may_say_the_same_in_another_way(base, pairs, tmp_path):
    seen = []

    def vary(pair, chance):
        seen.append((pair.prompt, chance.random()))
        return pair

    training.train(tmp_path / "base", pairs[:6], pairs[6:], tmp_path / "new", SETTINGS, vary)
    assert len(seen) == len(set(seen)) == 12


def test_batches_may_add_up_to_one_step(base, pairs, tmp_path):
    one = train(pairs, tmp_path / "one", replace(SETTINGS, batch_tokens=30))
    two = train(pairs, tmp_path / "two", replace(SETTINGS, batch_tokens=30, accumulate=2))
    assert len(two.steps) * 2 == len(one.steps)
    assert two.tokens == one.tokens


def test_a_training_that_diverges_leaves_the_old_adapter_in_use(base, pairs, old, monkeypatch):
    monkeypatch.setattr(Trainer, "dev_loss", lambda self: math.nan)
    with pytest.raises(TrainingDiverged, match="learning rate"):
        train(pairs, old)
    assert (old / "adapter_model.safetensors").read_bytes() == b"old"


def test_a_folder_of_something_else_is_never_replaced(base, pairs, tmp_path):
    (tmp_path / "thesis").mkdir()
    (tmp_path / "thesis" / "chapter.txt").write_text("years of work", "utf-8")
    with pytest.raises(OutIsNoAdapter, match="thesis"):
        train(pairs, tmp_path / "thesis")
    assert (tmp_path / "thesis" / "chapter.txt").exists()
    (tmp_path / "empty").mkdir()
    train(pairs, tmp_path / "empty", replace(SETTINGS, epochs=1))
    assert (tmp_path / "empty" / "adapter_config.json").exists()


def test_nothing_to_learn_is_said_before_a_model_is_loaded(pairs, tmp_path):
    with pytest.raises(NothingToLearn, match="0 training and 8 development pairs"):
        training.train(tmp_path, [], pairs, tmp_path / "out", SETTINGS)


def test_training_stops_when_the_development_loss_no_longer_falls(base, pairs, tmp_path, monkeypatch):
    losses = iter([1.0, 0.5, 0.6, 0.7, 0.1])
    monkeypatch.setattr(Trainer, "dev_loss", lambda self: next(losses))
    log = train(pairs, tmp_path / "new", replace(SETTINGS, epochs=5, patience=2))
    assert (log.best_epoch, [loss for _, loss in log.epochs]) == (2, [1.0, 0.5, 0.6, 0.7])


def test_a_training_goes_on_from_an_adapter(untouched_base, pairs, tmp_path):
    first, second = tmp_path / "first", tmp_path / "second"
    log = train(pairs, first)
    settings = replace(SETTINGS, start=str(first), learning_rate=1e-9, epochs=1)
    went_on = train(pairs, second, settings)
    assert went_on.epochs[0][1] == pytest.approx(min(loss for _, loss in log.epochs), abs=1e-3)
    before, after = (load_file(folder / "adapter_model.safetensors") for folder in (first, second))
    assert all(torch.allclose(before[name], after[name], atol=1e-4) for name in before)
    assert manifest(settings, went_on)["start"]["weights"]


def test_what_is_kept_may_be_a_blend_of_the_start_and_what_was_learnt(untouched_base, pairs, tmp_path):
    train(pairs, tmp_path / "first")
    settings = replace(SETTINGS, start=str(tmp_path / "first"), epochs=1)
    train(pairs, tmp_path / "learnt", settings)
    log = train(pairs, tmp_path / "blend", replace(settings, blend=0.25))
    start, learnt, kept = (
        load_file(tmp_path / one / "adapter_model.safetensors") for one in ("first", "learnt", "blend")
    )
    assert any((learnt[name] - start[name]).abs().max() > 1e-3 for name in start)
    for name, weight in kept.items():
        assert torch.allclose(weight, 0.75 * start[name] + 0.25 * learnt[name], atol=1e-6), name
    assert manifest(replace(settings, blend=0.25), log)["settings"]["blend"] == 0.25
    assert "blend" not in settings.that_matter(), "a checkpoint from before there were blends goes on"


@pytest.mark.parametrize(
    "change", [{"rank": 8}, {"alpha": 16}, {"method": "dora"}, {"target_modules": "q_proj,v_proj"}]
)
def test_an_adapter_of_another_shape_is_no_start(untouched_base, pairs, tmp_path, change):
    train(pairs, tmp_path / "first")
    with pytest.raises(BadSetting, match="Make them the same"):
        train(pairs, tmp_path / "second", replace(SETTINGS, start=str(tmp_path / "first"), **change))


def test_a_start_must_be_an_adapter_and_not_the_place_of_the_new_one(base, old, pairs, tmp_path):
    with pytest.raises(BadSetting, match="holds no adapter"):
        train(pairs, tmp_path / "new", replace(SETTINGS, start=str(tmp_path)))
    with pytest.raises(BadSetting, match="another --out"):
        train(pairs, old, replace(SETTINGS, start=str(old)))
