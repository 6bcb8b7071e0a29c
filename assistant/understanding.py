"""Open the recogniser whole: the model engine, the example index beside it, and what was tuned for the adapter."""

from __future__ import annotations

import hashlib
import logging
from pathlib import Path

from filelock import FileLock

from assistant.engines import open_engine
from assistant.engines.embeddings import Embedder, EmbeddingsError, shared_embedder
from assistant.fetch import FetchError, find_embeddings
from assistant.settings import Settings
from intents.catalogue import Catalogue
from intents.confidence import BadCalibration, Thresholds
from intents.engine import Engine, EngineError
from intents.example_index import BadIndex, ExampleIndex
from intents.examples import BadExamples, load_examples
from intents.fusion import Index
from intents.recogniser import Recogniser
from intents.tuning import TUNING_FILE, Tuning, read_tuning

log = logging.getLogger(__name__)

EXAMPLES = Path(__file__).parents[1] / "intents"
INDEX_VERSION = "1"  # of the way an index is fitted; another makes the cached ones be fitted anew


def open_recogniser(settings: Settings, catalogue: Catalogue, engine: Engine | None = None) -> Recogniser:
    """The recogniser of the shop's own content. Raises EngineError or BadCalibration."""
    engine = engine or open_engine(settings)
    index = open_index(settings, catalogue) if settings.index else None
    return Recogniser(engine, catalogue, index, adapter_tuning(settings, index))


def open_index(settings: Settings, catalogue: Catalogue) -> ExampleIndex | None:
    """The index of the examples as they are now: from the cache, else fitted in about a minute and kept there.

    None, and a line in the log, while the examples cannot be read: the adapter does without. Raises EngineError.
    """
    try:
        embedder = shared_embedder(find_embeddings(settings.cache), settings.threads)
    except (FetchError, EmbeddingsError) as error:
        raise EngineError(str(error)) from error
    path = settings.cache / "index" / f"{_digest(catalogue)}.npz"
    path.parent.mkdir(parents=True, exist_ok=True)
    if index := _saved_index(path, catalogue, embedder):
        return index
    with FileLock(path.with_suffix(".lock")):  # workers that start side by side fit it once
        return _saved_index(path, catalogue, embedder) or _fitted_index(path, catalogue, embedder)


def _saved_index(path: Path, catalogue: Catalogue, embedder: Embedder) -> ExampleIndex | None:
    if not path.is_file():
        return None
    try:
        return ExampleIndex.load(path, catalogue.intents, embedder.embed_wording)
    except BadIndex as error:
        log.warning("%s", error)
        return None


def _fitted_index(path: Path, catalogue: Catalogue, embedder: Embedder) -> ExampleIndex | None:
    log.info("Fitting the example index: once for these examples, about a minute on two cores.")
    try:
        index = ExampleIndex.fit(load_examples([EXAMPLES], catalogue), catalogue.intents, embedder.embed_wording)
    except (BadExamples, BadIndex) as error:
        log.error("Serving without the example index: %s", error)
        return None
    index.save(path)
    return index


def adapter_tuning(settings: Settings, index: Index | None) -> Tuning:
    """What was chosen for the adapter in use; thresholds in the settings come first.

    An adapter that was tuned with the index and is served without it gets the defaults.
    """
    tuning = read_tuning(settings.adapter / TUNING_FILE) if settings.adapter else Tuning()
    needs_index = tuning.calibration and any(name.startswith("index_") for name in tuning.calibration.weights)
    if needs_index and index is None:
        log.warning("The confidence was calibrated with the example index, which is off: it is not calibrated now.")
        tuning = Tuning()
    chosen = tuning.thresholds
    ask_back = chosen.ask_back_below if settings.ask_back_below is None else settings.ask_back_below
    hand_over = chosen.hand_over_below if settings.hand_over_below is None else settings.hand_over_below
    if hand_over > ask_back:
        raise BadCalibration(
            f"Handing over below {hand_over} and asking back below {ask_back}: the first must be the lower one. "
            "Set AISLE_HAND_OVER_BELOW and AISLE_ASK_BACK_BELOW together."
        )
    return Tuning(tuning.fusion, tuning.calibration, Thresholds(ask_back, hand_over))


def _digest(catalogue: Catalogue) -> str:
    """Of all that the index is made of."""
    content = hashlib.sha256(INDEX_VERSION.encode())
    for name in catalogue.intents:
        content.update(name.encode() + b"\0")
    for path in sorted(EXAMPLES.glob("*.yml")):
        content.update(path.name.encode() + b"\0" + path.read_bytes())
    return content.hexdigest()[:16]
