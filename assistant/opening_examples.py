"""Open the example index: what the adapter in use was taught, from the cache, and on top of it what was saved since.

`open_index` waits where it must be fitted first; `open_index_soon`, for a server, has it fitted beside.
"""

from __future__ import annotations

import hashlib
import json
import logging
import multiprocessing
import os
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path

from filelock import FileLock

from assistant.engines.embeddings import Embedder, EmbeddingsError, shared_embedder
from assistant.engines.taught_encoder import open_head
from assistant.fetch import FetchError, find_embeddings
from assistant.settings import Settings
from assistant.studio.examples_to_come import EncoderAlone, ExamplesToCome
from assistant.studio.library import Library, Stamp
from assistant.studio.live_examples import LiveExamples
from dialogues.reply_examples import load_reply_examples
from dialogues.responses import load_responses
from finetune.card import read_manifest
from finetune.dataset import data_hash, make_pairs
from finetune.sampling import scarce_intents
from finetune.taught import example_hash, read_taught, write_taught
from intents.catalogue import Catalogue, load_catalogue
from intents.engine import EngineError
from intents.example_index import BadIndex, ExampleIndex, examples_hash
from intents.examples import BadExamples, Example
from intents.fresh_examples import MOST_FRESH, FreshIndex
from intents.fresh_files import load_fresh, save_fresh
from intents.head import ENCODER, Head
from intents.vector_files import read_vectors, write_whole

log = logging.getLogger(__name__)

YIELDING = 10  # the niceness of what is done beside shoppers
INDEX_VERSION = "2"  # of the way an index is fitted; another makes the cached ones be fitted anew


def open_library(settings: Settings, catalogue: Catalogue) -> Library:
    """The example files, with what was parsed of them in the cache."""
    return Library(settings.examples, catalogue, settings.cache / "examples")


def open_index(settings: Settings, catalogue: Catalogue) -> LiveExamples | None:
    """The index of what the adapter was taught, with the examples saved since: from the cache, else fitted in some
    minutes and kept there.

    None, and a line in the log, while the examples cannot be read: the adapter does without. Raises EngineError.
    """
    embedder = open_embedder(settings)
    library = open_library(settings, catalogue)
    return _opened_before(settings, library, embedder) or _opened_anew(settings, catalogue, library, embedder)


def open_index_soon(settings: Settings, catalogue: Catalogue) -> LiveExamples | ExamplesToCome | None:
    """The same for a server, which waits for no fit where the adapter's encoder can give the opinion meanwhile."""
    embedder = open_embedder(settings)
    library = open_library(settings, catalogue)
    if found := _opened_before(settings, library, embedder):
        return found
    head = open_adapters_head(settings)
    layers = _layers(settings, catalogue, library) if head else None
    if head is None or layers is None or layers.path.is_file():
        return _opened_anew(settings, catalogue, library, embedder)
    opens = partial(_opened_anew, settings, catalogue, library, embedder)
    return ExamplesToCome(library, EncoderAlone(head, catalogue.intents), partial(fit_beside, settings), opens).start()


def fit_beside(settings: Settings) -> None:
    """Put the index into the cache in a process that yields the cores to whoever wants them. Raises EngineError."""
    process = multiprocessing.get_context("spawn").Process(target=_fit_yielding, args=(settings,), daemon=True)
    process.start()
    process.join()
    if process.exitcode:
        raise EngineError(f"The process that fits the example index ended with {process.exitcode}.")


def _fit_yielding(settings: Settings) -> None:
    """Under a lock of its own: who opens the index and cannot wait fits it too, rather than wait for one who yields."""
    with suppress(AttributeError):  # Windows has no such thing
        os.nice(YIELDING)
    catalogue = load_catalogue()
    layers = _layers(settings, catalogue, open_library(settings, catalogue))
    if layers is None:
        return
    layers.path.parent.mkdir(parents=True, exist_ok=True)
    with FileLock(layers.path.with_suffix(".beside.lock")):
        if not layers.path.is_file():
            _fitted_index(layers.path, catalogue, open_embedder(settings), layers.below)


@dataclass(frozen=True)
class Layers:
    """Which examples the index is fitted to, and which lie on top of it."""

    path: Path  # of the index in the cache
    below: Sequence[Example]
    taught: frozenset[int] | None  # hashes of what the adapter was taught; None: all that there is


def _layers(settings: Settings, catalogue: Catalogue, library: Library) -> Layers | None:
    """None, and a line in the log, while the files cannot be read."""
    examples = library.examples()
    if library.problems():
        log.error("Serving without the example index: %s", BadExamples(list(library.problems())))
        return None
    taught = taught_by(settings, examples)
    known = [one for one in examples if taught is None or example_hash(one) in taught]
    old = settled(known)
    if len(examples) - len(old) > MOST_FRESH:  # too many to lie on top: first those that are trained already go below
        old = known
    if len(examples) - len(old) > MOST_FRESH:
        old, taught = examples, None
    on_top = {example_hash(one) for one in known} - {example_hash(one) for one in old}
    return Layers(_index_path(settings, catalogue, old, taught and taught - on_top), old, taught)


def _opened_anew(settings: Settings, catalogue: Catalogue, library: Library, embedder: Embedder) -> LiveExamples | None:
    """From the files, each example of them looked at."""
    layers = _layers(settings, catalogue, library)
    base = layers and _open_base(layers.path, catalogue, embedder, layers.below)
    if not layers or not base:
        return None
    path, taught = layers.path, layers.taught
    keep = None if taught is None else partial(_keep_opened, settings, library, taught, path)
    return LiveExamples(library, replace(base, head=open_adapters_head(settings)), taught, _vectors_of(path), keep=keep)


def _opened_before(settings: Settings, library: Library, embedder: Embedder) -> LiveExamples | None:
    """As the last start left it, where neither a file nor what the adapter was taught has changed since: 20,000
    examples need not be read then."""
    taught = recorded(settings)
    if taught is None:
        return None
    stamp = library.stamp()
    key = _key_of(library, stamp, taught)
    try:
        said = json.loads(_note(settings, taught).read_text("utf-8"))
        path = settings.cache / "index" / said["index"] if said["key"] == key else None
    except (OSError, ValueError, KeyError, TypeError):
        return None
    base = path and _saved_index(path, embedder)
    if not path or not base:
        return None
    base = replace(base, head=open_adapters_head(settings))
    index = load_fresh(_on_top_of(path), key, base, read_vectors(_vectors_of(path), base.embed))
    keep = partial(_keep_opened, settings, library, taught, path)
    return LiveExamples(library, base, taught, _vectors_of(path), (stamp, index), keep) if index else None


def _keep_opened(
    settings: Settings, library: Library, taught: frozenset[int], path: Path, stamp: Stamp, index: FreshIndex
) -> None:
    """For `_opened_before`, in place of what was kept: an example that was taken out stays nowhere."""
    key = _key_of(library, stamp, taught)
    try:
        save_fresh(_on_top_of(path), key, index)
        note = _note(settings, taught)
        write_whole(note, lambda file: file.write(json.dumps({"key": key, "index": path.name}).encode()))
    except OSError as error:
        log.warning("The opened examples cannot be kept for the next start: %s", error)


def _key_of(library: Library, stamp: Stamp, taught: frozenset[int]) -> str:
    """Of all that an opened index is made of."""
    parts = [INDEX_VERSION, str(MOST_FRESH), repr(library.catalogue), repr(stamp), _digest(taught)]
    return hashlib.sha256(chr(0).join(parts).encode()).hexdigest()


def _digest(taught: frozenset[int]) -> str:
    return hashlib.sha256(repr(sorted(taught)).encode()).hexdigest()


def _note(settings: Settings, taught: frozenset[int]) -> Path:
    return settings.cache / "index" / f"{_digest(taught)[:16]}.opened.json"


def _vectors_of(index: Path) -> Path:
    """Those of what lies on top of it."""
    return index.with_suffix(".fresh.npz")


def _on_top_of(index: Path) -> Path:
    return index.with_suffix(".on_top.npz")


def open_embedder(settings: Settings) -> Embedder:
    try:
        return shared_embedder(find_embeddings(settings.cache), settings.threads)
    except (FetchError, EmbeddingsError) as error:
        raise EngineError(str(error)) from error


def open_adapters_head(settings: Settings) -> Head | None:
    """What the encoder beside the adapter in use thinks; None, and a line in the log, where it cannot be read."""
    folder = settings.adapter and settings.adapter / ENCODER
    if not folder or not folder.is_dir():
        return None
    try:
        return open_head(find_embeddings(settings.cache), folder, settings.threads)
    except (FetchError, EmbeddingsError) as error:
        log.error("Serving without the adapter's encoder: %s", error)
        return None


def settled(taught: Sequence[Example]) -> Sequence[Example]:
    """What an adapter was taught, without the intents of which that was a few examples: it hardly knows them yet, so
    they stay on top of the index and steer (docs/studio.md). All of it where most of it is such intents."""
    scarce = scarce_intents(taught)
    rest = [one for one in taught if one.commands[0].intent not in scarce]
    return rest if len(rest) > len(taught) / 2 else taught


def taught_by(settings: Settings, examples: Sequence[Example]) -> frozenset[int] | None:
    """The hashes of what the adapter in use was taught; None where nothing says so.

    An adapter without a record, whose manifest names the very data that stand in the files now, was taught all of them;
    that is kept in the cache, for when they have changed.
    """
    taught = recorded(settings)
    if taught is None and settings.adapter and (settings.adapter / "manifest.json").is_file():
        data = str(read_manifest(settings.adapter).get("data"))
        if data_hash(make_pairs(examples, load_reply_examples(load_responses()))) == data:
            kept = settings.cache / "taught" / data[:16]
            write_taught(kept, examples, data)
            taught = read_taught(kept, data)
    return taught


def recorded(settings: Settings) -> frozenset[int] | None:
    """The same by its record alone, without a look at the examples."""
    if settings.adapter is None or not (settings.adapter / "manifest.json").is_file():
        return None
    data = str(read_manifest(settings.adapter).get("data"))
    return read_taught(settings.adapter, data) or read_taught(settings.cache / "taught" / data[:16], data)


def _index_path(
    settings: Settings, catalogue: Catalogue, examples: Sequence[Example], fitted: frozenset[int] | None
) -> Path:
    """Where the index of these examples is kept: of what was taught it stays the same, whatever was deleted since."""
    made_of = repr(sorted(fitted)) if fitted else examples_hash(examples)
    parts = [INDEX_VERSION, *catalogue.intents, made_of]
    return settings.cache / "index" / f"{hashlib.sha256(chr(0).join(parts).encode()).hexdigest()[:16]}.npz"


def _open_base(
    path: Path, catalogue: Catalogue, embedder: Embedder, examples: Sequence[Example]
) -> ExampleIndex | None:
    path.parent.mkdir(parents=True, exist_ok=True)
    if index := _saved_index(path, embedder):
        return index
    with FileLock(path.with_suffix(".lock")):  # workers that start side by side fit it once
        return _saved_index(path, embedder) or _fitted_index(path, catalogue, embedder, examples)


def _saved_index(path: Path, embedder: Embedder) -> ExampleIndex | None:
    if not path.is_file():
        return None
    try:
        return ExampleIndex.load(path, None, embedder.embed_wording)
    except BadIndex as error:
        log.warning("%s", error)
        return None


def _fitted_index(
    path: Path, catalogue: Catalogue, embedder: Embedder, examples: Sequence[Example]
) -> ExampleIndex | None:
    log.info("Fitting the example index: once for these examples, some minutes on two cores.")
    meant = {command.intent for one in examples for command in one.commands}
    intents = [name for name in catalogue.intents if name in meant]  # others wait for their first example
    try:
        index = ExampleIndex.fit(examples, intents, embedder.embed_wording)
    except BadIndex as error:
        log.error("Serving without the example index: %s", error)
        return None
    index.save(path)
    return _saved_index(path, embedder)  # as after a start: what was only needed to fit it is given back
