"""The real MiniLM, taught: what it learns, that it is served as torch has it, and what is said of a damaged one."""

import json
import shutil

import numpy as np
import pytest

from assistant.engines.embeddings import EmbeddingsError
from assistant.engines.taught_encoder import open_head
from assistant.fetch import find_embeddings
from assistant.settings import Settings
from intents.commands import Command
from intents.context import CONFIRM, Context
from intents.example_index import BadIndex
from intents.examples import Example

INTENTS = ("affirm", "cancel_order", "greet")
ASKED = Context(bot="Shall I cancel it?", task="cancel_order", asked=CONFIRM)
SAID = {
    "affirm": ("ok", "fine", "do it", "go ahead", "yes cancel it", "please do", "cancel it then", "right"),
    "cancel_order": ("cancel it", "stop my order", "i changed my mind", "call it off", "do not send it", "yes cancel"),
    "greet": ("hello", "good morning", "hey", "fine day to you", "ok hello", "hi all", "right, hi", "morning"),
}


def example(text, intent):
    return Example(text, (Command(intent),), ASKED if intent == "affirm" else Context(), "a.yml:1")


EXAMPLES = [example(text, intent) for intent, texts in SAID.items() for text in texts]


@pytest.fixture(scope="module")
def folder():
    """Fetched before: without it these tests say `aisle fetch`."""
    return find_embeddings(Settings().cache)


@pytest.fixture(scope="module")
def taught(folder, tmp_path_factory):
    from finetune.encoder import EncoderSettings, teach

    out = tmp_path_factory.mktemp("taught") / "encoder"
    return out, teach(folder, EXAMPLES, INTENTS, out, EncoderSettings(epochs=8, batch=8))


def test_it_learns_the_examples_and_what_their_context_means(taught, folder):
    out, record = taught
    assert record["losses"][-1] < record["losses"][0] and record["examples"] == len(EXAMPLES)
    config = json.loads((out / "adapter_config.json").read_text("utf-8"))
    assert config["base_model_name_or_path"] == folder.name, "not where it lies on this machine"
    head = open_head(folder, out, threads=2)
    read = head.logprobs([(one.text, one.context) for one in EXAMPLES]).argmax(axis=1)
    assert [head.intents[place] for place in read] == [one.commands[0].intent for one in EXAMPLES]
    assert all(map(head.knows, EXAMPLES)) and not head.knows(example("hello", "affirm"))
    inside, outside = head.logprobs([("cancel", ASKED), ("cancel", Context())]).argmax(axis=1)
    assert (head.intents[inside], head.intents[outside]) == ("affirm", "cancel_order")


def test_it_is_served_as_torch_has_it(taught, folder):
    import torch
    from peft import PeftModel
    from transformers import AutoTokenizer, BertModel

    out, _ = taught
    plain = BertModel.from_pretrained(folder, add_pooling_layer=False)
    tokens = AutoTokenizer.from_pretrained(folder)(["yes [SEP] Shall I?"], return_tensors="pt")
    with torch.no_grad():
        before = plain(**tokens).last_hidden_state.sum(1)[0].numpy()
        after = PeftModel.from_pretrained(plain, out).eval()(**tokens).last_hidden_state.sum(1)[0].numpy()
    served = open_head(folder, out, threads=2).embed(["yes [SEP] Shall I?"])[0]
    assert served @ after / np.linalg.norm(after) > 0.998
    assert served @ before / np.linalg.norm(before) < 0.9, "it was taught something"


def test_the_same_seed_teaches_the_same(taught, folder, tmp_path):
    from finetune.encoder import EncoderSettings, teach

    out = tmp_path / "encoder"
    out.mkdir()
    (out / "left.txt").write_text("of an older one", "utf-8")
    record = teach(folder, EXAMPLES, INTENTS, out, EncoderSettings(epochs=8, batch=8))
    assert record["losses"] == pytest.approx(taught[1]["losses"], abs=1e-3)
    assert not (out / "left.txt").exists() and [path.name for path in tmp_path.iterdir()] == ["encoder"]


def test_an_example_of_an_unknown_intent_is_named_and_the_old_encoder_stays(folder, tmp_path):
    from finetune.encoder import teach

    (tmp_path / "encoder").mkdir()
    with pytest.raises(BadIndex, match=r"a\.yml:1: 'hello' means `wave`"):
        teach(folder, [example("hello", "wave")], INTENTS, tmp_path / "encoder")
    assert (tmp_path / "encoder").is_dir()


@pytest.mark.parametrize("name", ["adapter_model.safetensors", "adapter_config.json", "head.safetensors", "head.json"])
def test_a_damaged_folder_is_named_with_the_remedy(taught, folder, tmp_path, name):
    copy = tmp_path / "encoder"
    shutil.copytree(taught[0], copy)
    (copy / name).write_bytes(b"{}")
    with pytest.raises(EmbeddingsError, match=r"encoder: .*Delete that folder to do without it, or train it again"):
        open_head(folder, copy, threads=1)
    (copy / name).unlink()
    with pytest.raises(EmbeddingsError, match="Delete that folder"):
        open_head(folder, copy, threads=1)


def test_layers_of_another_model_are_refused(taught, folder, tmp_path):
    copy = tmp_path / "encoder"
    shutil.copytree(taught[0], copy)
    from safetensors.numpy import load_file, save_file

    layers = load_file(copy / "adapter_model.safetensors")
    save_file(
        {name.replace("layer.0", "layer.9"): one for name, one in layers.items()}, copy / "adapter_model.safetensors"
    )
    with pytest.raises(EmbeddingsError, match=r"layer\.9"):
        open_head(folder, copy, threads=1)
    assert json.loads((copy / "head.json").read_text("utf-8"))["intents"] == list(INTENTS)
