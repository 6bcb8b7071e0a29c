"""A first start: the encoder reads alone until the index has been fitted beside, and whatever becomes of that."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest
from filelock import FileLock

from assistant import opening_examples
from assistant.fetch import find_embeddings
from assistant.opening_examples import fit_beside, open_index, open_index_soon, open_library
from assistant.settings import Settings
from assistant.studio.examples_to_come import EncoderAlone, ExamplesToCome
from assistant.studio.live_examples import LiveExamples
from assistant.web.studio_services import live_of
from finetune.taught import write_taught
from intents.catalogue import load_catalogue
from intents.context import Context
from intents.engine import EngineError
from intents.fresh_examples import FreshIndex
from intents.head import Head
from intents.recogniser import Recogniser
from tests.studio.files import by_words, write_examples

CATALOGUE = load_catalogue()
MESSAGE = [("hello there", Context())]
HEAD = Head(
    ("greet", "gone_since", "track_order"), np.zeros((3, 256), np.float32), np.array([1, 9, 0], np.float32), by_words
)


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    """An adapter that was taught the examples as they are, with an encoder."""
    folder, adapter = write_examples(tmp_path / "examples"), tmp_path / "adapter"
    settings = Settings(cache=tmp_path / "cache", examples=folder, adapter=adapter)
    write_taught(adapter, open_library(settings, CATALOGUE).examples(), "abc")
    (adapter / "manifest.json").write_text(json.dumps({"data": "abc"}))
    (adapter / "encoder").mkdir()
    return settings


@pytest.fixture
def embeddings(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(opening_examples, "find_embeddings", lambda cache: cache)
    monkeypatch.setattr(opening_examples, "shared_embedder", lambda *_: SimpleNamespace(embed_wording=by_words))
    monkeypatch.setattr(opening_examples, "open_head", lambda *_: HEAD)


@pytest.fixture
def gate(monkeypatch: pytest.MonkeyPatch) -> Iterator[threading.Event]:
    """The fit waits for it, and then takes place in this process."""
    opens = threading.Event()

    def fit(settings: Settings) -> None:
        assert opens.wait(20)
        open_index(settings, CATALOGUE)

    monkeypatch.setattr(opening_examples, "fit_beside", fit)
    yield opens
    opens.set()


def wait_until(there: Callable[[], object]) -> None:
    until = time.monotonic() + 20
    while not there():
        assert time.monotonic() < until
        time.sleep(0.01)


@pytest.mark.usefixtures("embeddings")
def test_a_first_start_waits_for_no_fit(settings: Settings, gate: threading.Event) -> None:
    index = open_index_soon(settings, CATALOGUE)
    assert isinstance(index, ExamplesToCome)
    recogniser = Recogniser(SimpleNamespace(model="none"), CATALOGUE, index)
    early = recogniser.index
    assert isinstance(early, EncoderAlone) and live_of(recogniser) is None
    assert list(early.intents) == ["greet", "track_order"], "what the catalogue has not is not proposed"
    assert early.scores(MESSAGE).argmax() == 0 and early.scores([]).shape == (0, 2)
    greet = settings.examples / "greet.yml"
    greet.write_text(greet.read_text().replace("    - good morning\n", "    - ahoy there\n"))
    gate.set()
    wait_until(lambda: index.live)
    live = live_of(recogniser)
    assert live is index.live and live is not None
    assert isinstance(recogniser.index, FreshIndex) and live.base.head is HEAD
    assert [one.text for one in live.fresh] == ["ahoy there"], "what was saved meanwhile counts from then on"
    assert live.library is index.library, "the studio goes on with the files that it has read"


@pytest.mark.usefixtures("embeddings")
def test_the_next_start_has_it(settings: Settings) -> None:
    open_index(settings, CATALOGUE)
    assert isinstance(open_index_soon(settings, CATALOGUE), LiveExamples)
    for note in (settings.cache / "index").glob("*.opened.json"):
        note.unlink()  # what the last start left of the files' dates
    assert isinstance(open_index_soon(settings, CATALOGUE), LiveExamples)


@pytest.mark.usefixtures("embeddings")
def test_without_an_encoder_the_start_waits_for_the_fit(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(opening_examples, "open_adapters_head", lambda settings: None)
    assert isinstance(open_index_soon(settings, CATALOGUE), LiveExamples)


@pytest.mark.usefixtures("embeddings")
def test_a_fit_that_fails_leaves_the_encoder_reading(
    settings: Settings, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def fit(settings: Settings) -> None:
        raise EngineError("The process that fits the example index ended with -9.")

    monkeypatch.setattr(opening_examples, "fit_beside", fit)
    index = open_index_soon(settings, CATALOGUE)
    assert isinstance(index, ExamplesToCome)
    wait_until(lambda: "could not be fitted" in caplog.text)
    assert index.live is None and isinstance(index(), EncoderAlone) and "ended with -9" in caplog.text


@pytest.mark.usefixtures("embeddings")
def test_examples_that_cannot_be_read_are_told_at_once(settings: Settings, caplog: pytest.LogCaptureFixture) -> None:
    (settings.examples / "greet.yml").write_text(
        'version: "3.1"\nnlu:\n- intent: greet\n  examples: |\n    - [hello(item)\n'
    )
    assert open_index_soon(settings, CATALOGUE) is None
    assert "Serving without the example index" in caplog.text


def test_the_process_beside_fits_what_a_start_then_finds(settings: Settings) -> None:
    """With the real embeddings: nothing of this process is known to it but the settings."""
    with pytest.raises(EngineError, match="ended with 1"):
        fit_beside(settings)
    weights = find_embeddings(Settings().cache)
    settings.cache.mkdir(exist_ok=True)
    (settings.cache / weights.name).symlink_to(weights)
    fit_beside(settings)
    (made,) = (path for path in (settings.cache / "index").glob("*.npz") if "." not in path.stem)
    made.unlink()
    with FileLock(made.with_suffix(".lock")):  # somebody who cannot wait fits it at the same time
        fit_beside(settings)
    stamp = made.stat().st_mtime_ns
    live = open_index(settings, CATALOGUE)
    assert live is not None and len(live.base.examples) == 8 and made.stat().st_mtime_ns == stamp
    assert live().scores(MESSAGE)[0].argmax() == live().intents.index("greet")
