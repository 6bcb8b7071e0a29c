"""MiniLM as it is served: the same vectors as torch gives, one by one or together, and no torch to give them."""

import json
import shutil
import subprocess
import sys

import numpy as np
import pytest

from assistant.engines.embeddings import Embedder, EmbeddingsError
from assistant.fetch import find_embeddings
from assistant.settings import Settings

TEXTS = [
    "where is my parcel?",
    "hey, got any wireless headphones under 100 bucks?",
    "YES",
    "naïve café ☕ 😀 ordered W2378156",
    "it came broken and I would like my money back please " * 40,  # longer than the model reads
    "",
]


@pytest.fixture(scope="module")
def folder():
    """Fetched before: without it these tests say `aisle fetch`."""
    return find_embeddings(Settings().cache)


@pytest.fixture(scope="module")
def embedder(folder):
    return Embedder(folder, threads=2)


@pytest.fixture(scope="module")
def reference(folder):
    """For each text the mean of each layer's states, of length 1, by transformers and torch: float32 (7, 384)."""
    import torch
    from transformers import AutoModel, AutoTokenizer

    model, tokenizer = AutoModel.from_pretrained(folder).eval(), AutoTokenizer.from_pretrained(folder)
    found = []
    with torch.no_grad():
        for text in TEXTS:
            tokens = tokenizer(text, return_tensors="pt", truncation=True, max_length=256)
            states = model(**tokens, output_hidden_states=True).hidden_states
            means = np.array([layer[0].mean(0).numpy() for layer in states])
            found.append(means / np.linalg.norm(means, axis=1, keepdims=True))
    return found


def test_the_vectors_are_those_of_torch(embedder, reference):
    vectors = embedder.embed(TEXTS)
    assert (vectors.shape, vectors.dtype) == ((len(TEXTS), 384), np.float32)
    assert np.linalg.norm(vectors, axis=1) == pytest.approx(1, abs=1e-3)
    for text, vector, layers in zip(TEXTS, vectors, reference, strict=True):
        assert vector @ layers[-1] > 0.999, text


def test_the_wording_is_the_first_layers_beside_the_last(embedder, reference):
    vectors = embedder.embed_wording(TEXTS)
    assert (vectors.shape, vectors.dtype) == ((len(TEXTS), 1536), np.float32)
    assert np.linalg.norm(vectors, axis=1) == pytest.approx(1, abs=1e-3)
    for text, vector, layers in zip(TEXTS, vectors, reference, strict=True):
        assert vector @ layers[[0, 2, 4, 6]].ravel() / 2 > 0.999, text


def test_a_text_has_one_vector_whatever_stands_beside_it(embedder):
    many = [f"{text} {number}" for number in range(10) for text in TEXTS]
    together = embedder.embed(many)
    alone = np.concatenate([embedder.embed([text]) for text in many])
    assert np.sum(together * alone, axis=1).min() > 0.999
    assert embedder.embed([]).shape == (0, 384)


def test_what_means_the_same_is_near(embedder):
    parcel, package, shoes = embedder.embed(["where is my parcel?", "my package, where is it", "red shoes in size 8"])
    assert parcel @ package > parcel @ shoes + 0.3


def test_embedding_needs_no_torch(folder):
    code = (
        "import sys; from pathlib import Path; from assistant.engines.embeddings import Embedder;"
        "Embedder(Path(sys.argv[1]), 1).embed(['hello']); print([name for name in sys.modules if name == 'torch'])"
    )
    done = subprocess.run([sys.executable, "-c", code, str(folder)], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


@pytest.fixture
def copied(folder, tmp_path):
    """The fetched folder, to be damaged."""
    for name in ("config.json", "tokenizer.json", "model.safetensors"):
        shutil.copy(folder / name, tmp_path / name)
    return tmp_path


@pytest.mark.parametrize("name", ["config.json", "tokenizer.json", "model.safetensors"])
def test_a_damaged_folder_is_named_with_the_remedy(copied, name):
    (copied / name).write_bytes((copied / name).read_bytes()[:300])
    with pytest.raises(EmbeddingsError, match="run `aisle fetch` again") as caught:
        Embedder(copied, threads=1)
    assert str(copied) in str(caught.value)
    (copied / name).unlink()
    with pytest.raises(EmbeddingsError, match="run `aisle fetch` again"):
        Embedder(copied, threads=1)


def test_another_model_is_not_taken_for_it(copied):
    config = json.loads((copied / "config.json").read_text("utf-8"))
    (copied / "config.json").write_text(json.dumps(config | {"hidden_size": 768}), "utf-8")
    with pytest.raises(EmbeddingsError, match="'hidden_size': 768"):
        Embedder(copied, threads=1)
