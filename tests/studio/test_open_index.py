"""The index as the server starts: what the adapter was taught is from the cache, what was saved since lies on top."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest

from assistant import opening_examples
from assistant.opening_examples import open_index, open_library, taught_by
from assistant.settings import Settings
from assistant.studio.library import Library
from assistant.studio.live_examples import LiveExamples
from finetune.dataset import data_hash, make_pairs
from finetune.taught import example_hash, write_taught
from intents.catalogue import load_catalogue
from intents.context import Context
from intents.head import Head
from tests.studio.files import by_words, write_examples

CATALOGUE = load_catalogue()


@pytest.fixture
def embedded(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The texts that were embedded since the last look."""
    texts: list[str] = []

    def embed(some: Sequence[str]) -> np.ndarray:
        texts.extend(some)
        return by_words(some)

    monkeypatch.setattr(opening_examples, "find_embeddings", lambda cache: cache)
    monkeypatch.setattr(opening_examples, "shared_embedder", lambda *_: SimpleNamespace(embed_wording=embed))
    return texts


@pytest.fixture
def settings(tmp_path: Path, embedded: list[str]) -> Settings:
    """An adapter that was taught the examples as they are."""
    folder = write_examples(tmp_path / "examples")
    settings = Settings(cache=tmp_path / "cache", examples=folder, adapter=tmp_path / "adapter")
    write_taught(tmp_path / "adapter", open_library(settings, CATALOGUE).examples(), "abc")
    (tmp_path / "adapter" / "manifest.json").write_text(json.dumps({"data": "abc"}))
    return settings


def opened(settings: Settings) -> LiveExamples:
    index = open_index(settings, CATALOGUE)
    assert index is not None
    return index


def test_the_index_is_fitted_once_and_what_is_saved_later_lies_on_top(settings: Settings, embedded: list[str]) -> None:
    assert len(opened(settings).base.examples) == 8
    embedded.clear()
    greet = settings.examples / "greet.yml"
    greet.write_text(greet.read_text().replace("    - good morning\n", "    - ahoy there\n"))
    again = opened(settings)
    assert len(again.base.examples) == 8, "what was deleted is no reason to fit it anew"
    assert ([one.text for one in again.fresh], len(again().gone)) == (["ahoy there"], 1)
    assert set(embedded) <= {"ahoy there", "hello there"}, "one text to see that the embeddings are the same"


def test_what_was_taught_of_few_examples_lies_on_top_unless_it_is_too_much(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    lines = "".join(f"    - stop number {number}\n" for number in range(30))
    stop = settings.examples / "stop.yml"
    stop.write_text(f'version: "3.1"\nnlu:\n- intent: stop\n  examples: |\n{lines}')
    assert settings.adapter is not None
    write_taught(settings.adapter, open_library(settings, CATALOGUE).examples(), "abc")
    live = opened(settings)
    assert (len(live.base.examples), len(live.fresh), live.base.intents) == (30, 8, ("stop",))
    assert not any(map(live.is_fresh, live.fresh)), "they are trained"
    stop.write_text(stop.read_text() + "    - ahoy there\n")
    monkeypatch.setattr(opening_examples, "MOST_FRESH", 5)
    live = opened(settings)
    assert (len(live.base.examples), [one.text for one in live.fresh]) == (38, ["ahoy there"])


@pytest.fixture
def read_files(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The example files that were parsed since the last look."""
    names: list[str] = []
    read = Library._read

    def read_and_tell(library: Library, name: str) -> object:
        names.append(name)
        return read(library, name)

    monkeypatch.setattr(Library, "_read", read_and_tell)
    return names


def test_a_start_reads_no_example_file_that_has_not_changed(
    settings: Settings, embedded: list[str], read_files: list[str]
) -> None:
    greet = settings.examples / "greet.yml"
    greet.write_text(greet.read_text() + "    - ahoy there\n")
    first = opened(settings)
    assert "greet.yml" in read_files
    read_files.clear()
    embedded.clear()
    again = opened(settings)
    assert not read_files
    assert again.fresh == first.fresh and [one.text for one in again.fresh] == ["ahoy there"]
    messages = [("ahoy there", Context()), ("never mind", Context("Which one?", "track_order", "order_id", ("a mug",)))]
    assert np.allclose(again().scores(messages), first().scores(messages), atol=1e-6)
    assert again().steer(messages)[1] == first().steer(messages)[1]
    greet.write_text(greet.read_text() + "    - ahoy you all\n")
    again.refresh()
    assert [one.text for one in again.fresh] == ["ahoy there", "ahoy you all"] and "greet.yml" in read_files
    read_files.clear()
    assert opened(settings).fresh == again.fresh and not read_files, "nor after a change that a server has seen"
    greet.write_text(greet.read_text().replace("    - ahoy there\n", ""))
    again.refresh()
    (kept,) = (settings.cache / "index").glob("*.on_top.npz")
    with np.load(kept) as saved:
        said = str(saved["about"])
    assert "ahoy you all" in said and "ahoy there" not in said, "what was taken out stays nowhere"


@pytest.mark.parametrize("pattern", ["*.opened.json", "*.on_top.npz", "*.fresh.npz"])
@pytest.mark.parametrize("content", [b"", b"[]", None])
def test_what_was_kept_of_a_start_may_be_damaged_or_gone(
    settings: Settings, read_files: list[str], pattern: str, content: bytes | None
) -> None:
    greet = settings.examples / "greet.yml"
    greet.write_text(greet.read_text() + "    - ahoy there\n")
    first = opened(settings)
    (kept,) = (settings.cache / "index").glob(pattern)
    kept.unlink()
    if content is not None:
        kept.write_bytes(content)
    again = opened(settings)
    assert again.fresh == first.fresh
    read_files.clear()
    assert opened(settings).fresh == first.fresh and not read_files, "and then it is whole again"


def test_an_adapter_that_was_taught_more_is_not_opened_as_before(settings: Settings) -> None:
    greet = settings.examples / "greet.yml"
    greet.write_text(greet.read_text() + "    - ahoy there\n")
    assert len(opened(settings).fresh) == 1
    assert settings.adapter is not None
    write_taught(settings.adapter, open_library(settings, CATALOGUE).examples(), "abc")
    assert len(opened(settings).fresh) == 0
    greet.write_text(greet.read_text().replace("- ahoy there", "- [ahoy there"))
    assert open_index(settings, CATALOGUE) is None, "what cannot be read is said at a start too"


def test_files_that_cannot_be_read_leave_the_server_without_an_index(settings: Settings) -> None:
    (settings.examples / "bad.yml").write_text("nlu:\n- intent: nonsense\n  examples: |\n    - hi\n")
    assert open_index(settings, CATALOGUE) is None


def test_an_adapter_without_a_record_was_taught_the_data_that_its_manifest_names(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(opening_examples, "load_reply_examples", lambda responses: ())
    examples = open_library(settings, CATALOGUE).examples()
    assert settings.adapter is not None
    (settings.adapter / "taught.npz").unlink()
    assert taught_by(settings, examples) is None
    (settings.adapter / "manifest.json").write_text(json.dumps({"data": data_hash(make_pairs(examples, ()))}))
    hashes = {example_hash(one) for one in examples}
    assert taught_by(settings, examples) == hashes
    assert taught_by(settings, examples[1:]) == hashes, "and that is remembered when the files change"


def test_an_encoder_beside_the_adapter_gives_its_opinion_and_a_damaged_one_is_done_without(
    settings: Settings, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    assert opened(settings).base.head is None
    assert settings.adapter is not None
    (settings.adapter / "encoder").mkdir()
    assert opened(settings).base.head is None and "Serving without the adapter's encoder: Cannot load" in caplog.text
    bias = np.array([5, 0], np.float32)
    sure = Head(("greet", "track_order"), np.zeros((2, 256), np.float32), bias, by_words)
    monkeypatch.setattr(opening_examples, "open_head", lambda *_: sure)
    live = opened(settings)
    assert live.base.head is sure
    message = [("good morning", Context())]
    without = LiveExamples(live.library, replace(live.base, head=None), None)
    assert live().scores(message).max() > without().scores(message).max()
