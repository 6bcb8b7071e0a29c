"""A tiny real Llama with random weights, whole enough for peft, and the real tokenizer where it has been fetched."""

from __future__ import annotations

import json

import pytest

from assistant import at_once_benchmark, benchmarks, cli, encoder_training, training
from assistant.fetch import BaseMissing, find_base
from assistant.settings import Settings
from finetune.base_model import load_tokenizer
from finetune.dataset import Pair
from intents.prompts import chat_prompt


@pytest.fixture(scope="session")
def tokenizer():
    try:
        return load_tokenizer(find_base(Settings().cache))
    except BaseMissing:
        pytest.skip("no base model in the cache; run `aisle fetch`")


@pytest.fixture(scope="session")
def one_thread():
    """So small a model only waits for more of them."""
    import torch

    before = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(before)


@pytest.fixture
def tiny(tokenizer, one_thread):
    """Two layers, 32 wide, with the real vocabulary."""
    return tiny_llama(len(tokenizer))


def tiny_llama(words: int):
    import torch
    from transformers import LlamaConfig, LlamaForCausalLM

    torch.manual_seed(7)
    config = LlamaConfig(
        hidden_size=32,
        intermediate_size=64,
        num_hidden_layers=2,
        num_attention_heads=4,
        num_key_value_heads=2,
        vocab_size=words,
        tie_word_embeddings=True,
    )
    return LlamaForCausalLM(config)


def in_this_process(monkeypatch: pytest.MonkeyPatch) -> None:
    """From here on, what follows a training is done where the training was: another process takes seconds to start.
    That it has one is tested by test_own_intents.py and test_benchmarks.py."""
    for module in (at_once_benchmark, benchmarks, encoder_training, training):
        monkeypatch.setattr(module, "apart", lambda work, *given: work(*given))


@pytest.fixture(scope="session")
def pairs() -> list[Pair]:
    says = ["hi", "hello there", "where is my parcel?", "red shoes", "never mind", "thanks a lot", "yes", "no thanks"]
    return [Pair(chat_prompt("understand", f"says: {text}"), f'inform(item="{text}")', text) for text in says]


@pytest.fixture(scope="session")
def tiny_base(tmp_path_factory, tokenizer):
    """A folder as `aisle fetch --base` takes it."""
    folder = tmp_path_factory.mktemp("base")
    tiny_llama(len(tokenizer)).save_pretrained(folder)
    tokenizer.save_pretrained(folder)
    return folder


@pytest.fixture
def aisle(tiny_base, tmp_path, monkeypatch, capsys):
    """Call it as one types it in the shell, for the exit status, the last line on stdout as JSON, and stderr."""
    for name, value in {"BASE": tiny_base, "ENGINE": "transformers", "THREADS": "1"}.items():
        monkeypatch.setenv(f"AISLE_{name}", str(value))
    monkeypatch.chdir(tmp_path)

    def run(command: str):
        status = cli.main(command.split())
        said = capsys.readouterr()
        return status, json.loads(said.out.splitlines()[-1]) if said.out else None, said.err

    return run
