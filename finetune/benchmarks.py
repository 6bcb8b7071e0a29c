"""The public benchmarks of intent recognition: BANKING77 and CLINC150, as published, read by what shops run.

`load_benchmark` reads the public files; `run_benchmark` compares the model alone, the example index alone and both
fused on the test split. Weights and thresholds are chosen on validation data only: CLINC150 has a split for it, of
BANKING77's training data a part is held out by hash. What reads, indexes and scores is passed in: for the test split
it may be taught the validation messages too (`with_validation`), as a shop teaches all it has once it has chosen.
BANKING77: Casanueva et al. 2020, https://arxiv.org/abs/2003.04807. CLINC150: Larson et al. 2019,
https://arxiv.org/abs/1909.02027.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy

from finetune.dataset import Pair, make_pairs, split
from finetune.evaluate import OUT_OF_SCOPE
from finetune.opinions import CANDIDATES, WEIGHTS, Opinions, Outcome, Reading, best, choose_threshold, choose_weight
from intents.catalogue import Catalogue
from intents.commands import Command, format_commands
from intents.csv_files import Labelled, read_csv
from intents.example_index import ExampleIndex
from intents.examples import BadExamples, Example, Problem
from intents.head import Head, Message
from intents.own_catalogue import labelled_examples, own_catalogue
from intents.prompts import understand_prompt
from intents.recogniser import Understanding

BENCHMARKS = ("banking77", "clinc150")
PUBLISHED = {
    "banking77": (("USE+ConveRT (Casanueva et al. 2020)", 0.934, None), ("BERT-size encoders since", 0.94, None)),
    "clinc150": (("BERT (Larson et al. 2019)", 0.969, 0.52),),
}


@dataclass(frozen=True)
class Benchmark:
    name: str
    catalogue: Catalogue
    train: list[Example]
    validation: list[Example]
    test: list[Example]

    def pairs_to_learn(self) -> tuple[list[Pair], list[Pair]]:
        """Training and development pairs."""
        return make_pairs(self.train, ()), make_pairs(self.validation, ())

    def with_validation(self) -> Benchmark:
        """With the validation messages among those to learn. They still stand by themselves, to follow a training by:
        nothing may be chosen on them any more."""
        return replace(self, train=[*self.train, *self.validation])


Read = Callable[[Sequence[Example]], list[Understanding]]
Fit = Callable[[Sequence[Example]], ExampleIndex]
Score = Callable[[Sequence[str], Sequence[Sequence[str]]], numpy.ndarray]


@dataclass(frozen=True)
class Means:
    """What reads messages: an index of examples, the model alone, and the model's scores of what the index proposes."""

    fit: Fit
    read: Read
    score: Score


@dataclass(frozen=True)
class System:
    """One way to read, its weight and threshold as validation data chose them."""

    name: str
    weight: float | None  # of the model, where both are fused
    threshold: float
    validation: Outcome
    test: Outcome


def load_benchmark(name: str, data: Path, limit: int | None = None) -> Benchmark:
    """The public files in `data`, or in its folder of that name; with `limit`, so many messages of an intent a split.

    Raises BadExamples.
    """
    folder = data / name if (data / name).is_dir() else data
    if name == "banking77":
        splits = {split: _rows(folder / f"{split}.csv") for split in ("train", "test")}
    else:
        splits = _clinc(folder / "data_full.json")
    splits = {split: _first(rows, limit) for split, rows in splits.items()}
    catalogue = own_catalogue(splits["train"])
    problems: list[Problem] = []
    made = {split: labelled_examples(rows, catalogue, problems) for split, rows in splits.items()}
    if problems:
        raise BadExamples(problems)
    if "val" not in made:
        made["train"], made["val"] = hold_out(made["train"])
    return Benchmark(name, catalogue, made["train"], made["val"], made["test"])


def hold_out(examples: Sequence[Example]) -> tuple[list[Example], list[Example]]:
    """Training and validation examples, by a hash of the message, as our own examples are split."""
    train, dev = split(make_pairs(examples, ()))
    return [pair.example for pair in train if pair.example], [pair.example for pair in dev if pair.example]


def run_benchmark(benchmark: Benchmark, means: Means, last: Means | None = None) -> list[System]:
    """The model alone, the index alone, and both fused: chosen on validation data, measured once on the test split.

    The test split is read by an index of the validation messages too: once the choices are made, they are examples.
    Model and encoder were taught the training messages only, but for the `last` ones, which read the test split where
    they are given: those may know the validation messages too."""
    splits = (benchmark.validation, benchmark.test)
    readers = (means, last or means)
    indexes = (means.fit(benchmark.train), readers[1].fit(benchmark.with_validation().train))
    alone = [_read_alone(examples, reader.read) for examples, reader in zip(splits, readers, strict=True)]
    opinions = [
        _opinions(examples, index, reader.score)
        for examples, index, reader in zip(splits, indexes, readers, strict=True)
    ]
    systems = [_system("model alone", None, *alone)]
    if indexes[0].head:
        pairs = list(zip(splits, indexes, strict=True))
        systems.append(
            _system("examples alone", 0.0, *(_likeliest(one, replace(index, head=None)) for one, index in pairs))
        )
        systems.append(
            _system("encoder alone", None, *(_of_encoder(one, index.head) for one, index in pairs if index.head))
        )
    for name, weights in (("index alone", (0.0,)), ("model on the index's best", (1.0,)), ("fused", WEIGHTS)):
        weight = choose_weight(opinions[0], weights)
        systems.append(_system(name, weight, *(one.fused(weight) for one in opinions)))
    return systems


def record(benchmark: Benchmark, systems: Sequence[System], **about: Any) -> dict[str, Any]:
    """Everything for the JSON file; the headline is the fused reading's."""
    fused = systems[-1]
    return {
        "bench": benchmark.name,
        "split": "test",
        "n": len(benchmark.test),
        **_shares(fused.test),
        "train": len(benchmark.train),
        "validation": len(benchmark.validation),
        "intents": len(benchmark.catalogue.intents),
        "candidates": CANDIDATES,
        "systems": {
            one.name: {
                "weight": one.weight,
                "threshold": round(one.threshold, 4),
                "validation": _shares(one.validation),
                "test": _shares(one.test),
            }
            for one in systems
        },
        "published": [list(one) for one in PUBLISHED[benchmark.name]],
        **about,
    }


def page(record: dict[str, Any]) -> str:
    """The record as Markdown: our systems, the published ones, time and hardware."""
    rows = [
        f"| {name} | {_cell(one['weight'])} | {one['threshold']} | {_percent(one['validation']['accuracy'])} | "
        f"{_percent(one['test']['accuracy'])} | {_percent(one['test']['out_of_scope_recall'])} |"
        for name, one in record["systems"].items()
    ]
    rows += [
        f"| *{who}* | | | | {_percent(right)} | {_percent(recall)} |" for who, right, recall in record["published"]
    ]
    seconds = ", ".join(f"{what} {took:.0f} s" for what, took in record["seconds"].items())
    limit = f", at most {record['limit']} messages of an intent in each" if record["limit"] else ""
    refitted = (
        " The test split was read by model and encoder that were taught the validation messages too, after that."
        * bool(record.get("refitted"))
    )
    return (
        f"# {record['bench']}\n\n{record['train']} training, {record['validation']} validation and {record['n']} test "
        f"messages in {record['intents']} intents{limit}. Validation chose the weights and thresholds.{refitted}\n\n"
        "| system | weight of the model | threshold | validation accuracy | test accuracy | out-of-scope recall |\n"
        "|---|---|---|---|---|---|\n" + "\n".join(rows) + "\n\nAccuracy is that of the messages in scope.\n\n"
        f"{seconds}; {record['device']}; commit {record['commit']}.\n"
    )


def _read_alone(examples: Sequence[Example], read: Read) -> Reading:
    readings = read(examples)
    intents = numpy.array([one.commands[0].intent for one in readings])
    return Reading(_meant(examples), intents, numpy.array([one.confidence for one in readings]))


def _likeliest(examples: Sequence[Example], index: ExampleIndex) -> Reading:
    return _reading(examples, index.intents, index.scores(_messages(examples)))


def _of_encoder(examples: Sequence[Example], head: Head) -> Reading:
    return _reading(examples, head.intents, numpy.exp(head.logprobs(_messages(examples))))


def _reading(examples: Sequence[Example], intents: Sequence[str], chances: numpy.ndarray) -> Reading:
    return Reading(_meant(examples), numpy.array(intents)[chances.argmax(1)], chances.max(1))


def _opinions(examples: Sequence[Example], index: ExampleIndex, score: Score) -> Opinions:
    scores = numpy.asarray(index.scores(_messages(examples)))
    commands = [format_commands([Command(intent)]) for intent in index.intents]
    candidates = [[commands[column] for column in row] for row in best(scores)]
    prompts = [understand_prompt(one.text, one.context) for one in examples]
    return Opinions(_meant(examples), numpy.array(index.intents), scores, score(prompts, candidates))


def _system(name: str, weight: float | None, validation: Reading, test: Reading) -> System:
    threshold = choose_threshold(validation)
    return System(name, weight, threshold, validation.outcome(threshold), test.outcome(threshold))


def _messages(examples: Sequence[Example]) -> list[Message]:
    return [(one.text, one.context) for one in examples]


def _meant(examples: Sequence[Example]) -> numpy.ndarray:
    return numpy.array([one.commands[0].intent for one in examples])


def _rows(path: Path) -> list[Labelled]:
    problems: list[Problem] = []
    rows = read_csv(path, problems)
    if problems:
        raise BadExamples(problems)
    return rows


def _clinc(path: Path) -> dict[str, list[Labelled]]:
    """CLINC150's splits, each with its out-of-scope messages as an intent."""
    try:
        data = json.loads(path.read_text("utf-8"))
        rows = {split: data[split] + data[f"oos_{split}"] for split in ("train", "val", "test")}
        return {
            split: [
                Labelled(text, OUT_OF_SCOPE if label == "oos" else label, f"{path}:{split}[{number}]")
                for number, (text, label) in enumerate(messages)
            ]
            for split, messages in rows.items()
        }
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise BadExamples([Problem(str(path), f"is not CLINC150's data_full.json: {error!r}")]) from error


def _first(rows: Sequence[Labelled], limit: int | None) -> list[Labelled]:
    """At most `limit` rows of each intent."""
    taken: Counter[str] = Counter()
    found = []
    for row in rows:
        taken[row.label] += 1
        if limit is None or taken[row.label] <= limit:
            found.append(row)
    return found


def _shares(outcome: Outcome) -> dict[str, float | None]:
    return {name: None if share is None else round(share, 4) for name, share in vars(outcome).items()}


def _percent(share: float | None) -> str:
    return "" if share is None else f"{share:.1%}"


def _cell(value: object) -> str:
    return "" if value is None else str(value)
