"""Teach the sentence encoder beside an adapter from the command line: `aisle encoder ADAPTER`.

The encoder is the example index's: it learns the examples as they are now, in minutes, and the adapter stays as it is.
How far the index is heeded is chosen anew afterwards, because it reads differently.
"""

from __future__ import annotations

import json
import random
from dataclasses import replace
from pathlib import Path

from assistant.engines.taught_encoder import ENCODER
from assistant.fetch import find_embeddings
from assistant.settings import Settings
from assistant.training import apart, our_content, own_content, tuned_recogniser
from finetune.calibrate import Costs
from finetune.variation import vary
from intents.examples import Example
from intents.own_catalogue import check_adapter


def teach_encoder(settings: Settings, adapter: Path, intents: Path | None, epochs: int | None) -> None:
    """Write `adapter`/encoder, taught our examples or those of a shop's own `intents`, and print its record.

    Raises BadExamples, CatalogueMismatch where the adapter was taught other intents, and FetchError.
    """
    from finetune.encoder import EncoderSettings, teach

    content = own_content(intents, None) if intents else our_content(None, settings.examples)
    check_adapter(adapter, content.catalogue)
    pairs = [*content.train_pairs, *content.dev_pairs]
    examples = [pair.example for pair in pairs if pair.example]
    meant = {command.intent for example in examples for command in example.commands}
    names = [name for name in content.catalogue.intents if name in meant]
    chosen = EncoderSettings() if epochs is None else replace(EncoderSettings(), epochs=epochs)

    def other(example: Example, epoch: int) -> Example:
        return vary(example, random.Random(f"{chosen.seed}/{epoch}/{example.text}"), content.catalogue)

    record = teach(find_embeddings(settings.cache), examples, names, adapter / ENCODER, chosen, other)
    if not intents:
        apart(tune_again, settings.model_copy(update={"adapter": adapter}))
    print(json.dumps({"encoder": str(adapter / ENCODER), "examples": len(examples), "losses": record["losses"]}))


def tune_again(settings: Settings) -> None:
    """How the adapter in use is used, with the index as it reads now."""
    tuned_recogniser(settings, Costs())
