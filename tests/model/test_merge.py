"""Merging: base + scale * B @ A, in eight bits, in GGUF's own order of rows, whole or not at all."""

import gguf
import numpy as np
import pytest
from safetensors.torch import load_file

from finetune.base_model import load_base
from finetune.merge import MergeError, merge, merged_model, permute_rows, read_adapter
from tests.model.conftest import ALPHA, RANK, write_adapter

EIGHT_BITS = 0.5 / 127 + 2**-11  # of a block's largest weight: half a step, and the scale's half precision


@pytest.fixture(scope="module")
def merged(base, adapter, tmp_path_factory):
    return merge(base, adapter, tmp_path_factory.mktemp("merged") / "model.gguf")


def test_the_merged_weights_are_base_plus_scaled_b_times_a(loaded, adapter, merged):
    """transformers undoes GGUF's row order when it reads a file, so wrong rows of q or k would show here."""
    lora = load_file(adapter / "adapter_model.safetensors")
    found = load_base(merged)[0].state_dict()
    for name, weight in loaded[0].state_dict().items():
        module = f"base_model.model.{name.removesuffix('.weight')}"
        if f"{module}.lora_A.weight" in lora:
            weight = (
                weight
                + ALPHA / RANK * lora[f"{module}.lora_B.weight"].float() @ lora[f"{module}.lora_A.weight"].float()
            )
        error = (found[name] - weight).abs()
        if weight.ndim == 2:
            error = error.reshape(-1, 32) - EIGHT_BITS * weight.reshape(-1, 32).abs().amax(dim=1, keepdim=True)
        assert error.max() <= 1e-6, name


def test_the_adapter_moves_weights_by_more_than_eight_bits_blur(base, adapter):
    """Else the test above would pass without an adapter."""
    lora = read_adapter(adapter)["blk.3.attn_q.weight"]
    assert np.abs(lora.delta()).max() > 0.005


def test_metadata_and_tokenizer_travel_along(base, merged):
    before, after = gguf.GGUFReader(base), gguf.GGUFReader(merged)
    names = {name for name in before.fields if not name.startswith("GGUF.")} - {"general.file_type"}
    assert {name for name in after.fields if not name.startswith("GGUF.")} - {"general.file_type"} == names | {
        "aisle.sources"
    }
    for name in names:
        assert after.fields[name].contents() == before.fields[name].contents(), name
    assert {tensor.tensor_type.name for tensor in after.tensors} == {"Q8_0", "F32"}


def test_rank_stabilised_lora_scales_by_the_root_of_the_rank(tmp_path):
    plain, stable = tmp_path / "plain", tmp_path / "stable"
    plain.mkdir(), stable.mkdir()
    name = "blk.0.ffn_up.weight"
    assert read_adapter(write_adapter(plain))[name].scale == 8 / 4
    assert read_adapter(write_adapter(stable, use_rslora=True))[name].scale == 8 / 2


def test_rows_are_reordered_from_halves_to_pairs_within_each_head():
    rows = np.arange(8)[:, None]  # two heads of four rows
    assert permute_rows(rows, 2).ravel().tolist() == [0, 2, 1, 3, 4, 6, 5, 7]


def test_a_merge_is_made_once_for_one_adapter_and_anew_for_another(base, tmp_path):
    cache = tmp_path / "cache"
    first = merged_model(cache, base, None)
    made = first.stat().st_mtime_ns
    assert merged_model(cache, base, None).stat().st_mtime_ns == made
    assert merged_model(cache, base, write_adapter(tmp_path)) != first


@pytest.mark.parametrize(
    ("odd", "said"),
    [
        ({"bias": "all"}, "not LoRA alone: it has bias"),
        ({"modules_to_save": ["lm_head"]}, "not LoRA alone: it has modules_to_save"),
        ({"use_dora": True}, "has no .*lora_magnitude_vector"),
        ({"peft_type": "IA3"}, "IA3 adapter.*AISLE_ENGINE=transformers"),
    ],
)
def test_what_cannot_be_merged_is_refused(tmp_path, base, odd, said):
    with pytest.raises(MergeError, match=said):
        merge(base, write_adapter(tmp_path, **odd), tmp_path / "out.gguf")
    assert not (tmp_path / "out.gguf").exists()


def test_a_folder_without_an_adapter_says_how_to_get_one(tmp_path, base):
    with pytest.raises(MergeError, match="aisle train"):
        merge(base, tmp_path, tmp_path / "out.gguf")


def test_a_base_that_is_no_gguf_points_to_the_other_engine(tmp_path):
    with pytest.raises(MergeError, match="AISLE_ENGINE=transformers"):
        merge(tmp_path, None, tmp_path / "out.gguf")


def test_a_merge_that_fails_leaves_no_file(tmp_path, base, adapter, monkeypatch):
    def full(*_):
        raise OSError("No space left on device")

    monkeypatch.setattr(gguf.GGUFWriter, "write_tensors_to_file", full)  # the disk is the outside world
    with pytest.raises(OSError, match="No space left"):
        merge(base, adapter, tmp_path / "merged" / "out.gguf")
    assert list((tmp_path / "merged").iterdir()) == []
