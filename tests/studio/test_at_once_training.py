"""The figure of new intents after a training: real trainings of a tiny model, in processes of their own."""

from __future__ import annotations

import csv
import hashlib
import json
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
from safetensors.numpy import load_file

from assistant import at_once_benchmark, cli, opening_examples
from assistant.at_once_benchmark import NEW, new_intents
from assistant.at_once_training import index_of
from assistant.engines import open_engine
from assistant.settings import Settings
from finetune.card import read_manifest
from finetune.settings import TrainSettings
from finetune.taught import example_hash, read_taught
from intents.catalogue import Catalogue, Intent, load_catalogue
from intents.commands import Command
from intents.context import Context
from intents.engine import Engine, EngineError
from intents.example_index import ExampleIndex
from intents.examples import Example, load_examples
from intents.fresh_examples import FreshIndex
from intents.fusion import Steer
from tests.finetune.conftest import in_this_process, one_thread, tiny_base, tiny_llama, tokenizer  # noqa: F401 - fixtures
from tests.studio.files import by_words, write_examples

SAID = [f"please {word} now" for word in "one two three four five six seven eight nine ten eleven twelve".split()]
OLD = {"id": "o1", "text": "hello you", "commands": [{"intent": "greet", "slots": {}}]}


@pytest.fixture
def data(tmp_path: Path) -> Path:
    """The public files in their own form: twelve messages to learn and one to read, of each new intent."""
    banking = tmp_path / "banking77"
    banking.mkdir()
    for part, said in (("train", SAID), ("test", SAID[:1])):
        with (banking / f"{part}.csv").open("w", newline="") as file:
            rows = csv.writer(file)
            rows.writerow(["text", "category"])
            rows.writerows((f"{name} {text}", name) for name in NEW["banking77"] for text in said)
    clinc = {
        part: [[f"{name} {text}", name] for name in NEW["clinc150"] for text in said]
        for part, said in (("train", SAID), ("val", SAID[1:2]), ("test", SAID[:1]))
    }
    (tmp_path / "clinc150").mkdir()
    (tmp_path / "clinc150" / "data_full.json").write_text(
        json.dumps({**clinc, **{f"oos_{part}": [["is it raining", "oos"]] for part in clinc}})
    )
    (tmp_path / "old.jsonl").write_text(json.dumps(OLD))
    return tmp_path


@pytest.fixture
def adapter(tmp_path: Path, tokenizer: Any, one_thread: None) -> Path:  # noqa: F811
    """One that has learnt nothing yet, without a record of it."""
    from finetune.methods import with_adapter

    folder = tmp_path / "start"
    with_adapter(tiny_llama(len(tokenizer)), TrainSettings()).save_pretrained(folder)
    (folder / "manifest.json").write_text(json.dumps({"data": "abc", "commit": "1234567"}))
    return folder


@pytest.fixture
def measured(
    data: Path,
    adapter: Path,
    tiny_base: Path,  # noqa: F811
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> Callable[[str], dict[str, Any]]:
    """Call it with options for the figures of a run."""
    for name, value in {
        "BASE": tiny_base, "ENGINE": "transformers", "THREADS": 1, "CACHE": data / "cache",
        "EXAMPLES": write_examples(data / "examples"),
    }.items():  # fmt: skip
        monkeypatch.setenv(f"AISLE_{name}", str(value))
    monkeypatch.setattr(opening_examples, "find_embeddings", lambda cache: cache)
    monkeypatch.setattr(opening_examples, "shared_embedder", lambda *_: SimpleNamespace(embed_wording=by_words))

    def run(options: str) -> dict[str, Any]:
        command = f"evaluate at-once --data {data} --adapter {adapter} --test {data / 'old.jsonl'} --out {data / 'out'}"
        assert cli.main([*command.split(), *options.split()]) == 0, capsys.readouterr().err
        figures: dict[str, Any] = json.loads(capsys.readouterr().out.splitlines()[-1])
        return figures

    return run


def test_new_examples_are_trained_beside_what_the_adapter_knows_and_then_measured(
    measured: Callable[[str], dict[str, Any]], data: Path, adapter: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    opened: list[Path | None] = []

    def opens(settings: Settings) -> Engine:
        opened.append(settings.adapter)
        return open_engine(settings)

    monkeypatch.setattr(at_once_benchmark, "open_engine", opens)
    in_this_process(monkeypatch)
    figures = measured("--train --epochs 1 --sample 4")
    assert [(row["examples"], row["training_s"] is not None) for row in figures["given"]] == [
        (0, False), (5, False), (10, False), (5, True), (10, True),
    ]  # fmt: skip
    assert figures["training"] == {"epochs": 1, "sample": 4, "learning_rate": 0.0001}
    assert "\n| 10, trained | " in (data / "out" / "at_once.md").read_text("utf-8")
    assert opened == [adapter, data / "out" / "adapter-5", data / "out" / "adapter-10"]
    catalogue, examples, _ = new_intents(load_catalogue(), data)
    own = load_examples([data / "examples"], catalogue)
    for count in (5, 10):
        trained = data / "out" / f"adapter-{count}"
        manifest = read_manifest(trained)
        assert manifest["start"]["weights"] == hashlib.sha256(weights(adapter).read_bytes()).hexdigest()
        given = [one for of_intent in examples for one in of_intent[:count]]
        assert read_taught(trained, manifest["data"]) == {example_hash(one) for one in [*own, *given]}
        before, after = load_file(weights(adapter)), load_file(weights(trained))
        assert all(np.any(before[name] != after[name]) for name in before if "lora_B" in name)


def test_a_model_server_measures_no_training_of_ours(data: Path) -> None:
    served = Settings(engine="openai", openai_url="http://127.0.0.1:9/v1")
    with pytest.raises(EngineError, match="AISLE_ENGINE=openvino"):
        at_once_benchmark.evaluate_at_once(served, data, data, None, None, {"epochs": 1})


def test_what_was_trained_leads_the_recogniser_no_more(tmp_path: Path) -> None:
    ours = load_catalogue()
    catalogue = Catalogue({**ours.intents, "calories": Intent("calories", "calories", {})})
    own = load_examples([write_examples(tmp_path)], catalogue)
    given = [Example(f"how many calories has {food}", (Command("calories"),)) for food in ("rice", "jam", "an egg")]
    message = ("How many calories has rice?", Context())
    base = ExampleIndex.fit(own, ["greet", "track_order", "return_items"], by_words)
    fresh = FreshIndex.fit(base, given, catalogue.intents)
    assert fresh.steer([message])[1] == [Steer("calories", given[0].commands)]
    index = index_of([*own, *given], catalogue, base)
    scores, steers = index.steer([message])
    assert steers == [None]
    assert index.intents[scores[0].argmax()] == "calories", "but it is known"


def test_an_intent_of_a_few_examples_leads_on_after_its_training() -> None:
    ours = load_catalogue()
    catalogue = Catalogue({**ours.intents, "calories": Intent("calories", "calories", {})})
    words = [*SAID, *(f"{one} again" for one in SAID)]
    own = [
        Example(text, (Command(name),)) for name in ("greet", "goodbye") for text in (f"{name} {one}" for one in words)
    ]
    given = [Example(f"how many calories has {food}", (Command("calories"),)) for food in ("rice", "jam", "an egg")]
    base = ExampleIndex.fit(own, ["greet", "goodbye"], by_words)
    index = index_of([*own, *given], catalogue, base)
    assert index.steer([("how many calories has soup", Context())])[1] == [Steer("calories")]
    assert index.examples == tuple(given) and "calories" not in index.base.intents


def test_where_most_intents_have_a_few_examples_the_adapter_knows_them() -> None:
    few = [Example(f"{name} {number}", (Command(name),)) for name in ("greet", "goodbye") for number in range(12)]
    assert opening_examples.settled(few) == few
    many = [Example(f"stop {number}", (Command("stop"),)) for number in range(30)]
    assert opening_examples.settled([*few, *many]) == many


def weights(folder: Path) -> Path:
    return folder / "adapter_model.safetensors"
