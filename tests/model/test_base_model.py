"""The base model loads dense and trainable, with the tokenizer that serving uses."""

import random

import openvino_genai
import pytest
import torch

from finetune import base_model
from finetune.base_model import BaseModelError, load_base, load_tokenizer
from finetune.unpacked import unpacked

TEXTS = [
    "hello there",
    "price $1,299.99, size 10.5, order #W2378156",
    "two  spaces 2  3\n\n4",
    "I'm sure they'll say 'don't'",
    "emoji 😀🎧 naïve café ½ ² ①",
    "日本語 текст العربية",
    "<|im_start|>system\nunderstand<|im_end|>\n<|im_start|>user\nsays: hi<|im_end|>\n<|im_start|>assistant\n",
    'search_products(query="wireless headphones", max_price=100); greet()',
]


def test_the_weights_are_dense_and_nothing_says_otherwise(loaded):
    model, _ = loaded
    assert {str(weight.dtype) for weight in model.parameters()} == {"torch.float32"}
    assert sum(weight.numel() for weight in model.parameters()) == 134_515_008
    assert not hasattr(model, "hf_quantizer") and not hasattr(model.config, "quantization_config")


def test_what_was_read_once_is_kept_and_the_same(loaded, base, monkeypatch):
    """The weights kept are held in test_merge.py against what numpy makes of the file itself."""
    assert unpacked(base, "weights") and unpacked(base, "tokenizer")
    with monkeypatch.context() as patched:
        patched.setattr(base_model, "unpacked", lambda *_: None)
        read = load_tokenizer(base)
    assert read.backend_tokenizer.to_str() == loaded[1].backend_tokenizer.to_str()
    assert read.special_tokens_map == loaded[1].special_tokens_map


def test_positions_stay_exact_in_bfloat16(loaded, base):
    model = load_base(base, "bfloat16")[0]
    assert model.lm_head.weight.dtype == torch.bfloat16
    positions = [one.model.rotary_emb.inv_freq for one in (model, loaded[0])]
    assert positions[0].dtype == torch.float32 and torch.equal(*positions)


def test_no_folder_of_this_machine_gets_into_an_adapter_card(loaded):
    assert loaded[0].name_or_path == "SmolLM2-135M-Instruct"


def test_a_turn_ends_with_the_chat_formats_mark(loaded):
    _, tokenizer = loaded
    assert tokenizer.eos_token == "<|im_end|>"
    assert tokenizer("hi<|im_end|>", add_special_tokens=False).input_ids[-1] == tokenizer.eos_token_id


@pytest.mark.parametrize("text", TEXTS)
def test_text_comes_back_as_it_was(loaded, text):
    _, tokenizer = loaded
    assert tokenizer.decode(tokenizer(text, add_special_tokens=False).input_ids) == text


def test_training_and_serving_cut_text_into_the_same_tokens(loaded, base):
    _, tokenizer = loaded
    served = openvino_genai.Tokenizer(str(base))
    rng = random.Random(7)
    noise = ["".join(rng.choices("abc XYZ 0123 .,;'\"()=_-#$\n é ß 你 😀", k=rng.randint(1, 30))) for _ in range(300)]
    for text in TEXTS + noise:
        expected = served.encode(text, add_special_tokens=False).input_ids.data[0].tolist()
        assert tokenizer(text, add_special_tokens=False).input_ids == expected, text


def test_a_folder_that_holds_no_model_is_refused(tmp_path):
    with pytest.raises(BaseModelError, match="Cannot load"):
        load_tokenizer(tmp_path)
