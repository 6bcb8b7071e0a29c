"""peft's methods, each on the tiny model: it learns, it is cut and goes on, it loads, and it merges as peft merges."""

from __future__ import annotations

import copy
import json
import math
from dataclasses import replace

import gguf
import numpy as np
import pytest
import torch
from peft import PeftModel
from torch.nn.functional import cross_entropy

from finetune import train as training
from finetune import trainer as training_loop
from finetune.batches import IGNORE, collate, completion_loss, encode
from finetune.merge import NAMES, MergeError, merge, permute_rows
from finetune.methods import RankBudget, regularisation, with_adapter
from finetune.settings import METHODS, BadSetting, TrainSettings
from finetune.trainer import MasterWeights, Trainer
from tests.finetune.conftest import tiny_llama

SETTINGS = TrainSettings(epochs=3, rank=4, batch_tokens=60, learning_rate=0.02, virtual_tokens=4, seed=7)
EIGHT_BITS = 0.5 / 127 + 2**-11  # of a block's largest weight: half a step, and the scale's half precision
SMALLEST = 127 * 2**-25  # and where weights are so small that half precision has no more digits
MERGEABLE = [method for method in METHODS if method != "prefix"]
methods = pytest.mark.parametrize("method", METHODS)


@pytest.fixture
def train(monkeypatch, tokenizer, pairs, tmp_path, one_thread):
    """Train on all pairs with these settings; the adapter's folder and the log."""

    def run(name="new", **changes):
        monkeypatch.setattr(training, "load_base", lambda path, dtype: (tiny_llama(len(tokenizer)), tokenizer))
        out = tmp_path / name
        return out, training.train(tmp_path / "base", pairs, pairs, out, replace(SETTINGS, **changes))

    return run


@pytest.fixture
def batch(tokenizer, pairs):
    return collate([encode(tokenizer, pair) for pair in pairs])


@methods
def test_every_method_learns_and_its_adapter_loads(train, tokenizer, batch, method):
    out, log = train(method=method)
    untrained = completion_loss(with_adapter(tiny_llama(len(tokenizer)), SETTINGS), batch).item()
    assert log.epochs[-1][1] < log.epochs[0][1] < untrained
    loaded = PeftModel.from_pretrained(tiny_llama(len(tokenizer)), out).eval()
    assert completion_loss(loaded, batch).item() == pytest.approx(log.epochs[log.best_epoch - 1][1], abs=1e-4)


@methods
def test_every_method_goes_on_after_a_cut_to_the_same_adapter(train, monkeypatch, method):
    monkeypatch.setattr(training_loop, "CHECKPOINT_EVERY_S", 0.0)
    whole, log = train("whole", method=method)
    calls = iter(range(1_000))

    def cut(model, batch, real=completion_loss):
        if model.training and next(calls) == 6:  # of twelve: AdaLoRA has begun to take rank away
            raise KeyboardInterrupt
        return real(model, batch)

    monkeypatch.setattr(training_loop, "completion_loss", cut)
    with pytest.raises(KeyboardInterrupt):
        train("cut", method=method)
    monkeypatch.setattr(training_loop, "completion_loss", completion_loss)
    resumed, log_of_resumed = train("cut", method=method)
    assert log_of_resumed.steps == log.steps
    assert log_of_resumed.learning_rates == log.learning_rates and len(log.learning_rates) == len(log.steps)
    name = "adapter_model.safetensors"
    assert (resumed / name).read_bytes() == (whole / name).read_bytes()


@methods
def test_the_loss_is_that_of_pefts_own_forward(tiny, batch, method):
    model = with_adapter(tiny, replace(SETTINGS, method=method))
    for _, weight in model.named_parameters():
        if weight.requires_grad:
            torch.nn.init.normal_(weight, std=0.1)
    logits = model(input_ids=batch["input_ids"], attention_mask=batch["attention_mask"]).logits
    full = cross_entropy(logits[:, :-1].flatten(0, 1), batch["labels"][:, 1:].flatten(), ignore_index=IGNORE)
    assert completion_loss(model, batch).item() == pytest.approx(full.item(), abs=1e-5)


def test_adalora_keeps_its_vectors_orthogonal_as_peft_does(tiny, batch):
    model = with_adapter(tiny, replace(SETTINGS, method="adalora"))
    everything = batch | {"labels": batch["input_ids"]}
    with_term = model(**everything).loss
    without = model.base_model.model(**everything).loss
    assert (with_term - without).item() == pytest.approx(regularisation(model).item(), rel=1e-4)
    assert regularisation(with_adapter(tiny_llama(tiny.config.vocab_size), SETTINGS)) == 0.0


def test_adalora_takes_rank_away_as_pefts_own_loop_does(tiny, batch):
    """peft ranks the model's weights, we their float32 masters; in float32 these are the same."""
    settings, steps = replace(SETTINGS, method="adalora", weight_decay=0.0), 10
    ours = with_adapter(tiny, settings)
    theirs = copy.deepcopy(ours)
    weights, adamw = MasterWeights(ours, settings), torch.optim.AdamW(theirs.parameters(), 0.02, weight_decay=0.0)
    budget = RankBudget(ours, dict(zip(weights.names, weights.masters, strict=True)), steps)
    RankBudget(theirs, {}, steps)  # the same schedule
    for step in range(1, steps + 1):
        for model in (ours, theirs):
            (completion_loss(model, batch) + regularisation(model)).backward()
        weights.step()
        budget.allocate(step)
        weights.copy_back()
        torch.nn.utils.clip_grad_norm_(theirs.parameters(), 1.0)
        adamw.step()
        theirs.base_model.update_and_allocate(step)
        adamw.zero_grad()
        expected = theirs.state_dict()
        assert all(torch.allclose(weight, expected[name], atol=1e-6) for name, weight in ours.state_dict().items())
        assert ours.active_peft_config.rank_pattern == theirs.active_peft_config.rank_pattern
    left = [sum(kept) for kept in ours.active_peft_config.rank_pattern.values()]
    assert sum(left) == settings.rank * len(left) and len(set(left)) > 1  # what one layer lost another kept


def test_adalora_spares_its_rank_at_first_and_keeps_it_at_last(tiny, tokenizer, pairs):
    encoded = [encode(tokenizer, pair) for pair in pairs]
    settings = replace(SETTINGS, method="adalora", epochs=10)
    trainer = Trainer(with_adapter(tiny, settings), settings, [encoded] * 10, encoded)
    config = trainer.model.active_peft_config
    assert (trainer.steps, config.total_step, config.tinit, config.tfinal) == (50, 50, 5, 15)
    assert (config.init_r, config.target_r) == (6, 4)


@pytest.mark.parametrize("steps", [2, 3, 7])
def test_adalora_has_a_schedule_for_trainings_of_any_length(tiny, batch, steps):
    settings = replace(SETTINGS, method="adalora")
    model = with_adapter(tiny, settings)
    weights = MasterWeights(model, settings)
    budget = RankBudget(model, dict(zip(weights.names, weights.masters, strict=True)), steps)
    for step in range(1, steps + 1):
        completion_loss(model, batch).backward()
        weights.step()
        budget.allocate(step)
    kept = model.active_peft_config.rank_pattern.values()
    assert sum(map(sum, kept)) <= settings.rank * len(kept)


def test_adalora_takes_nothing_away_in_a_single_step(train):
    out, log = train(method="adalora", epochs=1, batch_tokens=10_000)
    assert len(log.steps) == 1
    assert json.loads((out / "adapter_config.json").read_text("utf-8"))["rank_pattern"] is None


@pytest.mark.parametrize("method", MERGEABLE)
def test_the_merged_file_has_the_weights_that_peft_merges(train, tokenizer, tmp_path, method):
    out, _ = train(method=method)
    base = write_gguf(tiny_llama(len(tokenizer)), tmp_path / "base.gguf")
    expected = PeftModel.from_pretrained(tiny_llama(len(tokenizer)), out).merge_and_unload().state_dict()
    untouched = tiny_llama(len(tokenizer)).state_dict()
    found = read_gguf(merge(base, out, tmp_path / "merged.gguf"))
    moved = 0.0
    for name, weight in gguf_weights(expected, tiny_llama(len(tokenizer)).config).items():
        error = np.abs(found[name] - weight)
        if weight.ndim == 2:
            error = error.reshape(-1, 32) - EIGHT_BITS * np.abs(weight.reshape(-1, 32)).max(axis=1, keepdims=True)
        assert error.max() <= SMALLEST, name
    for name, weight in expected.items():
        moved = max(moved, (weight - untouched[name]).abs().max().item())
    assert moved > 0.01  # far more than eight bits blur


def test_a_prefix_cannot_be_merged_and_the_error_names_the_engine_that_runs_it(train, tokenizer, tmp_path):
    out, _ = train(method="prefix", epochs=1)
    base = write_gguf(tiny_llama(len(tokenizer)), tmp_path / "base.gguf")
    with pytest.raises(MergeError, match=r"PREFIX_TUNING adapter.*AISLE_ENGINE=transformers"):
        merge(base, out, tmp_path / "merged.gguf")


def test_only_the_chosen_layers_are_adapted(tiny):
    model = with_adapter(tiny, replace(SETTINGS, target_modules="q_proj, mlp.up_proj"))
    adapted = {name.split(".lora_")[0].rpartition(".")[2] for name, _ in model.named_parameters() if ".lora_" in name}
    assert adapted == {"q_proj", "up_proj"}


def test_a_layer_that_is_not_there_is_named_with_those_that_are(tiny):
    with pytest.raises(BadSetting, match=r"names query, lm_head; .* are down_proj, gate_proj, k_proj"):
        with_adapter(tiny, replace(SETTINGS, target_modules="q_proj,query,lm_head"))


def test_settings_that_cannot_be_are_refused():
    with pytest.raises(BadSetting, match=r"no method 'qlora'\. Choose one of lora, dora"):
        TrainSettings(method="qlora")
    with pytest.raises(BadSetting, match="q_proj,v_proj"):
        TrainSettings(target_modules=" , ")
    for share in (0, 1.5, math.nan):
        with pytest.raises(BadSetting, match=r"blend is .*; it is the new weights' share: more than 0, at most 1"):
            TrainSettings(start="runs/adapter", blend=share)
    with pytest.raises(BadSetting, match="say with start which one"):
        TrainSettings(blend=0.5)


def gguf_weights(state, config) -> dict[str, np.ndarray]:
    """A Llama's weights by GGUF's names, in its order of rows."""
    weights = {"token_embd.weight": state["model.embed_tokens.weight"].numpy()}
    heads = {"attn_q": config.num_attention_heads, "attn_k": config.num_key_value_heads}
    for layer in range(config.num_hidden_layers):
        for module, short in NAMES.items():
            weight = state[f"model.layers.{layer}.{module}.weight"].numpy()
            weights[f"blk.{layer}.{short}.weight"] = permute_rows(weight, heads[short]) if short in heads else weight
    return weights


def write_gguf(model, path):
    writer = gguf.GGUFWriter(path, arch="llama")
    writer.add_head_count(model.config.num_attention_heads)
    writer.add_head_count_kv(model.config.num_key_value_heads)
    for name, weight in gguf_weights(model.state_dict(), model.config).items():
        writer.add_tensor(name, np.ascontiguousarray(weight))
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()
    return path


def read_gguf(path) -> dict[str, np.ndarray]:
    return {one.name: gguf.dequantize(one.data, one.tensor_type) for one in gguf.GGUFReader(path).tensors}
    for name in ("epochs", "rank", "alpha", "virtual_tokens", "learning_rate", "batch_tokens", "accumulate"):
        with pytest.raises(BadSetting, match=rf"^{name} is 0; it must be more than 0"):
            TrainSettings(**{name: 0})
    for rate in (-1e-3, math.nan, math.inf):
        with pytest.raises(BadSetting, match="learning_rate is "):
            TrainSettings(learning_rate=rate)
    for name, share in (("dropout", 1.0), ("warmup_share", -0.1)):
        with pytest.raises(BadSetting, match=rf"^{name} is .* at least 0, below 1"):
            TrainSettings(**{name: share})
