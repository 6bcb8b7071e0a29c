"""Measure the recogniser on Bitext's customer-support sentences, whose intents are mapped to the catalogue's.

The set (CDLA-Sharing 1.0) is read from its own file; `bitext.yml` is the mapping. Nothing is ever learnt from it.
"""

from __future__ import annotations

import csv
import random
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ruamel.yaml import YAML

MAPPING = Path(__file__).with_name("bitext.yml")
COLUMNS = {"utterance", "intent"}
MOST_PAIRS = 20  # of confusions shown


class BadBitext(ValueError):
    """The file is not Bitext's, or has an intent that the mapping has not."""


@dataclass(frozen=True)
class Sentence:
    text: str
    intent: str  # Bitext's
    meant: tuple[str, ...]  # ours that are right, the likeliest first


def load_bitext(path: Path, size: int, seed: int) -> list[Sentence]:
    """A seeded sample of the file's sentences. Raises BadBitext."""
    mapping: Mapping[str, Sequence[str]] = YAML(typ="safe").load(MAPPING.read_text("utf-8"))
    try:
        with path.open(encoding="utf-8", newline="") as file:
            rows = list(csv.DictReader(file))
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise BadBitext(f"Cannot read {path}: {error}") from error
    if not rows or not set(rows[0]) >= COLUMNS:
        raise BadBitext(f"{path} has no columns {', '.join(sorted(COLUMNS))}; give Bitext's train.csv.")
    unknown = sorted({row["intent"] for row in rows} - set(mapping))
    if unknown:
        raise BadBitext(f"{path} has intents that {MAPPING.name} does not map: {', '.join(unknown)}")
    sample = random.Random(seed).sample(rows, min(size, len(rows)))
    return [Sentence(row["utterance"], row["intent"], tuple(mapping[row["intent"]])) for row in sample]


def bitext_figures(sentences: Sequence[Sentence], read: Sequence[str]) -> dict[str, Any]:
    """Shares 0..1 of the first intents read: accuracy, the same by Bitext's intent, and what was taken for what."""
    pairs = list(zip(sentences, read, strict=True))
    confused = Counter((one.intent, found) for one, found in pairs if found not in one.meant)
    return {
        "n": len(pairs),
        "accuracy": _share(pairs, lambda one, found: found in one.meant),
        "accuracy_strict": _share(pairs, lambda one, found: found == one.meant[0]),
        "refused": _share(pairs, lambda _, found: found == "out_of_scope"),
        "by_intent": {
            name: _share([pair for pair in pairs if pair[0].intent == name], lambda one, found: found in one.meant)
            for name in sorted({one.intent for one in sentences})
        },
        "confused": [[meant, found, count] for (meant, found), count in confused.most_common(MOST_PAIRS)],
    }


def _share(pairs: Sequence[tuple[Sentence, str]], right: Callable[[Sentence, str], bool]) -> float:
    return round(sum(right(*pair) for pair in pairs) / len(pairs), 4) if pairs else 0.0
