"""Open the recogniser whole: the model engine, the example index beside it, and what was tuned for the adapter."""

from __future__ import annotations

import logging
from collections.abc import Sequence

from assistant.engines import open_engine
from assistant.opening_examples import open_adapters_head, open_embedder, open_index
from assistant.settings import SHIPPED_EXAMPLES, Settings
from assistant.studio.examples_to_come import ExamplesToCome
from assistant.studio.live_examples import LiveExamples
from intents.catalogue import Catalogue
from intents.confidence import BadCalibration, Thresholds
from intents.engine import Engine
from intents.example_index import ExampleIndex
from intents.examples import Example
from intents.recogniser import Recogniser
from intents.tuning import TUNING_FILE, Tuning, read_tuning

log = logging.getLogger(__name__)

EXAMPLES = SHIPPED_EXAMPLES


def open_recogniser(settings: Settings, catalogue: Catalogue, engine: Engine | None = None) -> Recogniser:
    """The recogniser of the shop's own content, whose index follows the example files. Raises EngineError or
    BadCalibration.
    """
    engine = engine or open_engine(settings)
    return recogniser_of(settings, catalogue, engine, open_index(settings, catalogue) if settings.index else None)


def open_own_recogniser(settings: Settings, catalogue: Catalogue, examples: Sequence[Example]) -> Recogniser:
    """The recogniser of a shop's own intents, with an index of these `examples`; there is no tuning for it. Raises
    EngineError, and BadIndex where an intent has no example.
    """
    engine = open_engine(settings)
    if not settings.index:
        return Recogniser(engine, catalogue)
    embed = open_embedder(settings).embed_wording
    index = ExampleIndex.fit(examples, catalogue.intents, embed, head=open_adapters_head(settings))
    return Recogniser(engine, catalogue, index)


def recogniser_of(
    settings: Settings, catalogue: Catalogue, engine: Engine, index: LiveExamples | ExamplesToCome | None
) -> Recogniser:
    """The same of what is open already. Raises BadCalibration."""
    return Recogniser(engine, catalogue, index, adapter_tuning(settings, index is not None))


def adapter_tuning(settings: Settings, has_index: bool) -> Tuning:
    """What was chosen for the adapter in use; thresholds in the settings come first.

    An adapter that was tuned with the index and is served without it gets the defaults.
    """
    tuning = read_tuning(settings.adapter / TUNING_FILE) if settings.adapter else Tuning()
    needs_index = tuning.calibration and any(name.startswith("index_") for name in tuning.calibration.weights)
    if needs_index and not has_index:
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
