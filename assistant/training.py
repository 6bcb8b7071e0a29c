"""Train and evaluate from the command line: content in, an adapter with its manifest, curve and card out."""

from __future__ import annotations

import json
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from tqdm import tqdm

from assistant.engines import open_engine
from assistant.fetch import find_base
from assistant.settings import Settings
from dialogues.reply_examples import load_reply_examples
from dialogues.responses import load_responses
from finetune.card import draw_loss, write_card, write_manifest
from finetune.dataset import data_hash, make_pairs, split, varied
from finetune.evaluate import Report, as_json, evaluate, markdown
from intents.catalogue import Catalogue, load_catalogue
from intents.examples import Example, load_examples
from intents.jsonl import load_jsonl
from intents.recogniser import Recogniser

EXAMPLES = Path(__file__).parents[1] / "intents"
BATCH = 16  # messages read at once; more gains nothing on two cores


def train_adapter(settings: Settings, out: Path, chosen: Mapping[str, Any], test: Path | None) -> None:
    """Train on the repository's content and write the adapter to `out`; with `test`, evaluate it too.

    Raises BadExamples or BadReplies before anything is trained, and FetchError without a base.
    """
    from finetune.train import manifest, train
    from finetune.trainer import TrainSettings

    catalogue = load_catalogue()
    examples = load_examples([EXAMPLES], catalogue)
    held_out = load_any(test, catalogue) if test else []
    pairs = make_pairs(examples, load_reply_examples(load_responses()))
    train_pairs, dev_pairs = split(pairs)
    # a reply has many right wordings, so its loss says little; which epoch understands best decides
    dev_pairs = [pair for pair in dev_pairs if pair.task == "understand"]
    train_settings = replace(TrainSettings(), **chosen)
    out.parent.mkdir(parents=True, exist_ok=True)
    made_from = commit()  # now: half an hour later the repository may be elsewhere
    base = find_base(settings.cache, settings.base)
    log = train(base, train_pairs, dev_pairs, out, train_settings, varied(catalogue))
    record = {
        "command": "aisle train " + " ".join(f"--{name.replace('_', '-')} {value}" for name, value in chosen.items()),
        "commit": made_from,
        "data": data_hash(pairs),
        "pairs": len(train_pairs),
        "dev_pairs": len(dev_pairs),
        **manifest(train_settings, log),
    }
    figures = {}
    if test:
        report = measure(settings.model_copy(update={"adapter": out}), held_out, catalogue)
        figures = report.figures()
        write_report(report, out, test.name)
    write_manifest(out, {**record, "evaluation": figures})
    draw_loss(out, record)
    write_card(out, record, test.name if test else "not evaluated", figures)
    print(json.dumps({"adapter": str(out), "dev_loss": record["dev_loss"], "seconds": record["seconds"], **figures}))


def evaluate_file(settings: Settings, path: Path, out: Path | None) -> None:
    """Measure the adapter in use on labelled messages; print the figures, last one JSON line."""
    catalogue = load_catalogue()
    started = time.monotonic()
    report = measure(settings, load_any(path, catalogue), catalogue)
    if out:
        out.mkdir(parents=True, exist_ok=True)
        write_report(report, out, path.name)
    for name, value in report.figures().items():
        print(f"{name:28} {value}")
    print(json.dumps({**report.figures(), "commit": commit(), "seconds": round(time.monotonic() - started, 1)}))


def measure(settings: Settings, examples: Sequence[Example], catalogue: Catalogue) -> Report:
    """Read every message with the engine that the settings name."""
    recogniser = Recogniser(open_engine(settings), catalogue)
    readings = []
    batches = [examples[start : start + BATCH] for start in range(0, len(examples), BATCH)]
    for batch in tqdm(batches, desc="evaluating", unit="batch", file=sys.stderr):
        readings += recogniser.understand_all([(one.text, one.context) for one in batch])
    return evaluate(examples, readings)


def load_any(path: Path, catalogue: Catalogue) -> list[Example]:
    """Labelled messages from a .jsonl file, or from example YAML."""
    if path.suffix == ".jsonl":
        return load_jsonl(path, catalogue)
    return load_examples([path], catalogue)


def write_report(report: Report, out: Path, title: str) -> None:
    (out / "evaluation.json").write_text(json.dumps(as_json(report), indent=1) + "\n", "utf-8")
    (out / "evaluation.md").write_text(markdown(report, f"Evaluation on {title}"), "utf-8")


def commit() -> str:
    """The repository's commit, with + when files differ from it; "unknown" outside a repository."""
    described = subprocess.run(
        ["git", "describe", "--always", "--dirty=+"], capture_output=True, text=True, check=False, cwd=EXAMPLES
    )
    return described.stdout.strip() or "unknown"
