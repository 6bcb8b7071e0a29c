"""A save is understood at once, by the server that made it and by any other over the same files."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from assistant.studio import live_examples
from assistant.studio.library import Library
from assistant.studio.live_examples import LiveExamples
from finetune.taught import example_hash, read_taught, write_taught
from intents.catalogue import Catalogue, load_catalogue
from intents.context import Context
from intents.example_index import ExampleIndex
from intents.vector_files import read_vectors
from tests.studio.files import GREET, by_words, write_examples

NONE = Context()


@pytest.fixture(scope="module")
def catalogue() -> Catalogue:
    return load_catalogue()


@pytest.fixture
def library(tmp_path: Path, catalogue: Catalogue) -> Library:
    return Library(write_examples(tmp_path / "examples"), catalogue)


@pytest.fixture
def live(library: Library) -> LiveExamples:
    examples = library.examples()
    base = ExampleIndex.fit(examples, ("greet", "track_order", "return_items"), by_words)
    return LiveExamples(library, base, {example_hash(one) for one in examples})


def best(live: LiveExamples, text: str) -> str:
    index = live()
    return index.intents[int(index.scores([(text, NONE)])[0].argmax())]


def write(library: Library, old: str, new: str) -> None:
    path = library.folder / "greet.yml"
    path.write_text(path.read_text().replace(old, new))


def test_what_was_taught_is_not_fresh(live: LiveExamples) -> None:
    assert live.fresh == ()
    assert best(live, "has my parcel left") == "track_order"


def test_a_save_counts_after_a_refresh(live: LiveExamples, library: Library) -> None:
    write(library, "    - good morning\n", "    - good morning\n    - ahoy ye there\n")
    live.refresh()
    assert [one.text for one in live.fresh] == ["ahoy ye there"]
    assert best(live, "ahoy ye") == "greet"
    assert live.is_fresh(live.fresh[0]) and not live.is_fresh(library.examples()[0])


def test_what_was_taught_but_is_not_in_the_index_lies_on_top_and_is_marked_as_trained(library: Library) -> None:
    examples = library.examples()
    some = [one for one in examples if one.commands[0].intent != "track_order"]
    live = LiveExamples(
        library, ExampleIndex.fit(some, ("greet", "return_items"), by_words), set(map(example_hash, examples))
    )
    assert {one.commands[0].intent for one in live.fresh} == {"track_order"}
    assert not any(map(live.is_fresh, live.fresh)) and best(live, "has my parcel left") == "track_order"


def test_a_save_of_another_process_is_seen_by_itself(
    live: LiveExamples, library: Library, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(live_examples, "LOOKS_EVERY_S", 0.0)
    monkeypatch.setattr(live_examples.threading.Thread, "start", lambda thread: thread.run())
    write(library, "    - good morning\n", "    - good morning\n    - ahoy ye there\n")
    live()
    assert best(live, "ahoy ye") == "greet"


def test_what_was_deleted_or_relabelled_counts_no_longer(live: LiveExamples, library: Library) -> None:
    assert best(live, "good morning") == "greet"
    write(library, "    - good morning\n", "")
    write(library, "left yet\n", "left yet\n    - good morning\n")
    live.refresh()
    assert best(live, "good morning") == "track_order"
    write(library, "    - good morning\n", "")
    live.refresh()
    assert live.fresh == ()


def test_a_file_that_cannot_be_read_leaves_the_examples_as_they_were(live: LiveExamples, library: Library) -> None:
    write(library, "- intent: greet", "- intent: grete")
    live.refresh()
    assert best(live, "good morning") == "greet"
    assert library.problems()
    (library.folder / "greet.yml").write_text(GREET)
    live.refresh()
    assert library.problems() == ()


def test_what_an_adapter_was_taught_is_kept_beside_it(library: Library, tmp_path: Path) -> None:
    examples = library.examples()
    write_taught(tmp_path / "adapter", examples[1:], "abc")
    assert read_taught(tmp_path / "adapter", "abc") == {example_hash(one) for one in examples[1:]}
    assert read_taught(tmp_path / "adapter", "of another training") is None
    assert read_taught(tmp_path, "abc") is None


@pytest.fixture
def opened(library: Library, tmp_path: Path) -> Callable[[list[str]], LiveExamples]:
    """Call it for what a start of the server opens; the list gets every text that is embedded."""
    examples = library.examples()
    base = ExampleIndex.fit(examples, ("greet", "track_order", "return_items"), by_words)

    def opens(asked: list[str]) -> LiveExamples:
        def embed(texts: Sequence[str]) -> np.ndarray:
            asked.extend(texts)
            return by_words(texts)

        taught = {example_hash(one) for one in examples}
        return LiveExamples(library, replace(base, embed=embed), taught, tmp_path / "fresh.npz")

    return opens


def test_what_lies_on_top_is_embedded_once(
    opened: Callable[[list[str]], LiveExamples], library: Library, tmp_path: Path
) -> None:
    first: list[str] = []
    live = opened(first)
    write(library, "    - good morning\n", "    - good morning\n    - ahoy ye there\n")
    live.refresh()
    write(library, "    - good morning\n", "    - good morning\n    - avast\n")
    live.refresh()
    assert sorted(first) == ["ahoy ye there", "avast"], "a second save embeds only what it brought"
    later: list[str] = []
    again = opened(later)
    assert later == ["avast"], "only to see that the embedding is the same"
    assert [one.text for one in again.fresh] == ["avast", "ahoy ye there"]
    assert best(again, "ahoy ye") == "greet"
    assert np.array_equal(again().votes, live().votes)
    write(library, "    - avast\n", "")
    again.refresh()
    assert list(read_vectors(tmp_path / "fresh.npz", by_words)) == ["ahoy ye there"], "a text taken out stays nowhere"


def test_a_full_disk_keeps_nothing_and_hinders_nothing(
    opened: Callable[[list[str]], LiveExamples], library: Library, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    live = opened([])
    (tmp_path / "fresh.npz").mkdir()  # no file can take its place
    write(library, "    - good morning\n", "    - good morning\n    - ahoy ye there\n")
    live.refresh()
    assert best(live, "ahoy ye") == "greet"
    assert "cannot be kept" in caplog.text
