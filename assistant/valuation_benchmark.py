"""How well the values of examples find wrong labels: 5 % of the shop's own are given another intent at random.

aisle evaluate valuation

Which labels are wrong is then known; the figure is how many of them are among the tenth that is most suspect. Beside
it stand its parts, the value itself, how few of the nearest examples mean the same, and what chance finds.
"""

from __future__ import annotations

import json
import random
import sys
import time
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
from tqdm import tqdm

from assistant.opening_examples import open_index
from assistant.settings import Settings
from assistant.studio.valuation import MOST, K, Valued, meanings_of, value_examples
from assistant.training import commit
from intents.catalogue import load_catalogue
from intents.commands import Command
from intents.example_index import ExampleIndex, embedded, likeness_of, rows_of
from intents.examples import Example

PLANTED = 0.05
WORST = 0.1


class NoIndex(RuntimeError):
    """The example index is off or cannot be read."""


def evaluate_valuation(settings: Settings, out: Path, seed: int, limit: int | None) -> None:
    """A table on stdout and one JSON line; both in `out` as well. `limit` takes so many examples, drawn by the seed.

    Raises EngineError or NoIndex.
    """
    started = time.monotonic()
    live = open_index(settings, load_catalogue())
    if live is None:
        raise NoIndex("The values need the example index: set AISLE_INDEX=true, and mend the examples.")
    examples = live.library.examples()
    chance = random.Random(seed)
    if limit and limit < len(examples):
        examples = chance.sample(examples, limit)
    spoilt, wrong = plant(examples, chance)
    valued = judged(live.base, spoilt)
    ways = {
        "KNN-Shapley, as the studio shows it": valued.values,
        "the same, for each message that it is near": valued.to_each,
        f"how many of the {K} nearest agree": valued.agreement,
        "the last two together, as the studio ranks": -valued.suspects,
    }
    found = {name: share_found(values, wrong) for name, values in ways.items()}
    table = "\n".join(
        [
            f"{len(wrong)} of {len(examples)} labels were made wrong; so many of them are in the worst {WORST:.0%}:",
            "| by | found |\n|---|---|",
            *(f"| {name} | {share:.1%} |" for name, share in {**found, "chance": WORST}.items()),
        ]
    )
    figures = {
        "bench": "valuation", "examples": len(examples), "planted": len(wrong), "k": K, "nearest": MOST, "seed": seed,
        "found": found, "commit": commit(), "seconds": round(time.monotonic() - started, 1),
    }  # fmt: skip
    out.mkdir(parents=True, exist_ok=True)
    (out / "valuation.md").write_text(table + "\n", "utf-8")
    (out / "valuation.json").write_text(json.dumps(figures, indent=1) + "\n", "utf-8")
    print(table)
    print(json.dumps(figures))


def plant(examples: Sequence[Example], chance: random.Random) -> tuple[list[Example], list[int]]:
    """The examples with some labels wrong, and which. The others keep theirs."""
    intents = sorted({command.intent for one in examples for command in one.commands})
    wrong = sorted(chance.sample(range(len(examples)), round(PLANTED * len(examples))))
    spoilt = list(examples)
    for place in wrong:
        meant = {command.intent for command in examples[place].commands}
        other = chance.choice([name for name in intents if name not in meant])
        spoilt[place] = replace(examples[place], commands=(Command(other),))
    return spoilt, wrong


def judged(base: ExampleIndex, examples: Sequence[Example]) -> Valued:
    messages = [(one.text, one.context) for one in examples]
    rows = rows_of(messages, embedded(messages, base.embed, base.vectors), base.centre, base.names)
    intents = sorted({command.intent for one in examples for command in one.commands})
    places = np.arange(len(examples))
    with tqdm(total=len(examples), desc="valuing", unit=" examples", file=sys.stderr) as bar:
        return value_examples(
            lambda part: likeness_of(rows.some(places[part]), rows),
            meanings_of(examples, intents),
            told=lambda done: bar.update(done - bar.n),
        )


def share_found(values: np.ndarray, wrong: Sequence[int]) -> float:
    """How many of the wrong ones are among the worst; ties in an order that nobody chose."""
    order = np.lexsort((np.random.default_rng(0).random(len(values)), values))
    worst = set(order[: round(WORST * len(values))].tolist())
    return round(len(worst & set(wrong)) / len(wrong), 4)
