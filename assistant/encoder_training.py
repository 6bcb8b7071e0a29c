"""Teach the sentence encoder beside an adapter from the command line: `aisle encoder ADAPTER`.

The encoder is the example index's: it learns the examples as they are now, in minutes, and the adapter stays as it is.
How far the index is heeded is chosen anew afterwards, because it reads differently.
"""

from __future__ import annotations

import json
import random
from dataclasses import replace
from pathlib import Path

from assistant.fetch import find_embeddings
from assistant.settings import Settings
from assistant.training import apart, measure_trained, our_content, own_content
from finetune.card import read_manifest
from finetune.variation import vary
from intents.examples import Example
from intents.head import ENCODER
from intents.own_catalogue import check_adapter


def teach_encoder(
    settings: Settings, adapter: Path, intents: Path | None, test: Path | None, epochs: int | None
) -> None:
    """Write `adapter`/encoder, taught our examples or those of a shop's own `intents`, measure the adapter with it as
    after a training, and print the figures.

    Raises BadExamples, CatalogueMismatch where the adapter was taught other intents, and FetchError.
    """
    from finetune.encoder import EncoderSettings, teach

    content = own_content(intents, test) if intents else our_content(None, settings.examples)
    check_adapter(adapter, content.catalogue)
    pairs = [*content.train_pairs, *content.dev_pairs]
    examples = [pair.example for pair in pairs if pair.example]
    meant = {command.intent for example in examples for command in example.commands}
    names = [name for name in content.catalogue.intents if name in meant]
    chosen = EncoderSettings() if epochs is None else replace(EncoderSettings(), epochs=epochs)

    def other(example: Example, epoch: int) -> Example:
        return vary(example, random.Random(f"{chosen.seed}/{epoch}/{example.text}"), content.catalogue)

    record = teach(find_embeddings(settings.cache), examples, names, adapter / ENCODER, chosen, other)
    apart(measure_trained, settings.model_copy(update={"adapter": adapter}), adapter, test, intents)
    figures = {"taught": len(examples), "losses": record["losses"], **read_manifest(adapter)["evaluation"]}
    print(json.dumps({"encoder": str(adapter / ENCODER), **figures}))
