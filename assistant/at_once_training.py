"""What comes after the first day: the new intents' examples are trained, by the studio's short training.

`train_on` goes on from the adapter in use, with the new examples beside the shop's own: each epoch has all that the
adapter was not taught, and a rehearsal of the rest. It wants a process of its own, because torch and OpenVINO in one
have crashed. `index_of` is the example index as a server opens it afterwards: what was trained is no news any more.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from assistant.opening_examples import settled, taught_by
from assistant.settings import Settings
from assistant.training import train_content, with_replies
from finetune.card import write_manifest
from finetune.taught import example_hash
from intents.catalogue import Catalogue
from intents.example_index import ExampleIndex
from intents.examples import Example, load_examples
from intents.fresh_examples import FreshIndex


def train_on(
    settings: Settings, out: Path, catalogue: Catalogue, given: Sequence[Example], chosen: Mapping[str, Any]
) -> None:
    """An adapter in `out` that was taught `given` too; of `catalogue` are both. `chosen` are training settings."""
    own = load_examples([settings.examples], catalogue)
    taught = taught_by(settings, own)
    if taught is None:  # nothing says so, and the index too takes all that is there for taught
        taught = frozenset(example_hash(one) for one in own)
    start = {"start": str(settings.adapter)} if settings.adapter else {}
    content = with_replies(catalogue, [*own, *given], [])
    write_manifest(out, train_content(settings, out, content, {**start, **chosen}, taught))


def index_of(taught: Sequence[Example], catalogue: Catalogue, earlier: ExampleIndex) -> FreshIndex:
    """The index fitted anew to what was taught, with the intents of a few examples on top; a minute or two for 20,000.
    What the `earlier` one has embedded is not embedded again. Raises BadIndex.
    """
    old = settled(taught)
    meant = {command.intent for one in old for command in one.commands}
    base = ExampleIndex.fit(
        old, [name for name in catalogue.intents if name in meant], earlier.embed, earlier, earlier.head
    )
    there = set(map(id, old))
    return FreshIndex.fit(base, [one for one in taught if id(one) not in there], catalogue.intents)
