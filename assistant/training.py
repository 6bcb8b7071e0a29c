"""Train and evaluate from the command line: content in, an adapter with its manifest, curve and card out.

The content is this repository's, or any shop's own intents in a folder of Rasa NLU YAML or CSV (`--intents`). Beside
the adapter stands the catalogue that it was taught, and evaluation reads that one back.
"""

from __future__ import annotations

import json
import multiprocessing
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from assistant.actions import ACTIONS
from assistant.engines import open_engine
from assistant.fetch import find_base
from assistant.opening_examples import open_index, taught_by
from assistant.settings import Settings, forget_preloaded
from assistant.understanding import EXAMPLES, open_own_recogniser, open_recogniser
from dialogues.flows import load_flows
from dialogues.interpret import served_by
from dialogues.reply_examples import load_reply_examples
from dialogues.responses import load_responses
from finetune.calibrate import Costs
from finetune.card import draw_loss, read_manifest, write_card, write_manifest
from finetune.dataset import Pair, data_hash, make_pairs, split, varied
from finetune.evaluate import evaluate, write_report
from finetune.sampling import learnt
from finetune.settings import SHOWN_IN
from finetune.taught import write_taught
from finetune.tuning import tune, weigh_all
from intents.catalogue import Catalogue, load_catalogue
from intents.examples import Example, load_examples
from intents.jsonl import load_jsonl
from intents.own_catalogue import CATALOGUE_FILE, catalogue_of, check_adapter, load_own, read_own, save_catalogue
from intents.recogniser import Recogniser, Understanding
from intents.tuning import TUNING_FILE, write_tuning

VALIDATION = Path(__file__).parents[1] / "finetune" / "validation.jsonl"
OWN_DEV_SHARES = (0.1, 0.2, 0.4)  # of a shop's own examples; the next where one is so small that none is held out
FEW = 2000  # pairs; with fewer, small batches and more epochs give the optimiser some hundred steps all the same
FOR_FEW = {"epochs": 10, "batch_tokens": 500, "patience": 4}


@dataclass(frozen=True)
class Content:
    """What is taught and what it is measured on."""

    catalogue: Catalogue
    train_pairs: list[Pair]
    dev_pairs: list[Pair]
    data: str  # the data's hash
    vary: bool  # whether every epoch varies the examples
    held_out: list[Example]
    defaults: Mapping[str, Any]  # training settings, where the data ask for others


def train_adapter(
    settings: Settings, out: Path, chosen: Mapping[str, Any], test: Path | None, intents: Path | None
) -> None:
    """Train on the repository's content, or on the shop's own intents, and write the adapter to `out`; with `test`,
    evaluate it too.

    Raises BadExamples or BadReplies before anything is trained, and FetchError without a base.
    """
    content = own_content(intents, test) if intents else our_content(test, settings.examples)
    record = train_content(settings, out, content, {**content.defaults, **chosen})
    options = ({"intents": intents.name} if intents else {}) | dict(chosen)
    record["command"] = "aisle train " + " ".join(
        f"--{key.replace('_', '-')} {value}" for key, value in options.items() if key not in SHOWN_IN
    )
    write_manifest(out, record)
    apart(measure_trained, settings.model_copy(update={"adapter": out}), out, test, intents)
    figures = read_manifest(out)["evaluation"]
    print(json.dumps({"adapter": str(out), "dev_loss": record["dev_loss"], "seconds": record["seconds"], **figures}))


def measure_trained(settings: Settings, out: Path, test: Path | None, intents: Path | None) -> None:
    """What follows a training: merge, choose how the adapter is used, evaluate it, and write its card."""
    content = own_content(intents, test) if intents else our_content(test, settings.examples)
    record = read_manifest(out)
    if intents:
        known = [pair.example for pair in [*content.train_pairs, *content.dev_pairs] if pair.example]
        recogniser = open_own_recogniser(settings, content.catalogue, known)
    else:
        recogniser = tuned_recogniser(settings, Costs())
    figures = {}
    if test:
        report = evaluate(content.held_out, read_all(recogniser, content.held_out), None if intents else served())
        figures = report.figures()
        blind = replace(report, mistakes=())  # a test whose mistakes are read is none any more
        write_report(blind, out, f"Evaluation on {test.name}", recogniser.tuning.thresholds)
    write_manifest(out, {**record, "evaluation": figures})
    draw_loss(out, record)
    if not intents:
        write_card(out, record, test.name if test else "not evaluated", figures)


def apart(work: Callable[..., None], *given: Any) -> None:
    """Do it in a process of its own: training leaves gigabytes behind, and an allocator preloaded for its sake
    (LD_PRELOAD) breaks OpenVINO. Exits as that process does where it fails.
    """
    forget_preloaded()
    process = multiprocessing.get_context("spawn").Process(target=work, args=given)
    process.start()
    process.join()
    if process.exitcode:
        sys.exit(process.exitcode)


def tuned_recogniser(settings: Settings, costs: Costs) -> Recogniser:
    """Choose on the validation messages how the adapter in use is used, and keep that beside it, whatever was there."""
    catalogue = load_catalogue()
    index = open_index(settings, catalogue) if settings.index else None
    recogniser = Recogniser(open_engine(settings), catalogue, index)
    examples = load_jsonl(VALIDATION, catalogue)
    found = tune(recogniser, examples, costs)
    if settings.adapter:
        write_tuning(settings.adapter / TUNING_FILE, found.tuning, {"messages": VALIDATION.name, **found.record})
        out = settings.adapter / VALIDATION.stem
        out.mkdir(exist_ok=True)
        report = evaluate(examples, found.readings, served())
        write_report(report, out, f"Validation on {VALIDATION.name}", found.tuning.thresholds)
    print(json.dumps(found.record))
    return recogniser.tuned(found.tuning)


def served() -> frozenset[str]:
    """The intents that the shop serves, by a flow or by what the dialogue manager does itself."""
    flows = load_flows({action().name() for action in ACTIONS}, load_responses().keys())
    return served_by(flows)


def our_content(test: Path | None, folder: Path = EXAMPLES) -> Content:
    """The examples, of the shipped folder or of a trainer's own, and the replies of this repository."""
    catalogue = load_catalogue()
    examples = load_examples([folder], catalogue)
    return with_replies(catalogue, examples, load_any(test, catalogue) if test else [])


def with_replies(catalogue: Catalogue, examples: Sequence[Example], held_out: list[Example]) -> Content:
    """These examples, some of them set apart by hash, and the replies of this repository."""
    pairs = make_pairs(examples, load_reply_examples(load_responses()))
    train_pairs, dev_pairs = split(pairs)
    # a reply has many right wordings, so its loss says little; which epoch understands best decides
    dev_pairs = [pair for pair in dev_pairs if pair.task == "understand"]
    return Content(catalogue, train_pairs, dev_pairs, data_hash(pairs), True, held_out, {})


def own_content(folder: Path, test: Path | None) -> Content:
    """A shop's own intents, without the task of wording replies; a test file in the folder is not learnt."""
    catalogue, examples = load_own([folder], leave_out=[test] if test else [])
    held_out = load_any(test, catalogue, own=True) if test else []
    pairs = make_pairs(examples, ())
    train_pairs, dev_pairs = split_own(pairs)
    defaults = FOR_FEW if len(pairs) < FEW else {}
    return Content(catalogue, train_pairs, dev_pairs, data_hash(pairs), True, held_out, defaults)


def split_own(pairs: Sequence[Pair]) -> tuple[list[Pair], list[Pair]]:
    """Training and development pairs by hash; an intent of which nothing was left to learn is not held out."""
    for share in OWN_DEV_SHARES:
        train_pairs, dev_pairs = split(pairs, share)
        learnt = {_intent(pair) for pair in train_pairs}
        train_pairs += [pair for pair in dev_pairs if _intent(pair) not in learnt]
        dev_pairs = [pair for pair in dev_pairs if _intent(pair) in learnt]
        if dev_pairs:
            break
    return train_pairs, dev_pairs


def train_content(
    settings: Settings,
    out: Path,
    content: Content,
    chosen: Mapping[str, Any],
    taught: frozenset[int] | None = None,
) -> dict[str, Any]:
    """Train, write the adapter and its catalogue to `out`, and give the manifest. `taught`: the hashes of what the
    adapter to start from knows; without them, what is written down of it.
    """
    from finetune.processes import join_processes
    from finetune.settings import TrainSettings
    from finetune.train import manifest, train

    train_settings = replace(TrainSettings(), **chosen)
    out.parent.mkdir(parents=True, exist_ok=True)
    made_from = commit()  # now: half an hour later the repository may be elsewhere
    base = find_base(settings.cache, settings.base)
    vary = varied(content.catalogue) if content.vary else None
    pairs = [*content.train_pairs, *content.dev_pairs]
    examples = [pair.example for pair in pairs if pair.example]
    started = settings.model_copy(update={"adapter": train_settings.start and Path(train_settings.start)})
    taught = taught_by(started, examples) if taught is None else taught
    log = train(base, content.train_pairs, content.dev_pairs, out, train_settings, vary, taught)
    if not join_processes().first:
        sys.exit()  # of several processes that trained together, the first does what remains
    save_catalogue(content.catalogue, out / CATALOGUE_FILE)
    known = [*learnt(content.train_pairs, train_settings, taught), *content.dev_pairs]  # development pairs are no news
    write_taught(out, [pair.example for pair in known if pair.example], content.data)
    return {
        "commit": made_from,
        "data": content.data,
        "pairs": len(content.train_pairs),
        "dev_pairs": len(content.dev_pairs),
        **manifest(train_settings, log),
    }


def evaluate_file(settings: Settings, path: Path, out: Path | None, intents: Path | None) -> None:
    """Measure the adapter in use on labelled messages; print the figures, last one JSON line.

    With the shop's own `intents`, the adapter must have been taught these, and an index of them gives its opinion too.
    Raises BadExamples or CatalogueMismatch.
    """
    known: list[Example] = []
    if intents:
        own, known = load_own([intents], leave_out=[path])
        check_adapter(settings.adapter, own)
    catalogue = catalogue_of(settings.adapter)
    examples = load_any(path, catalogue, own=intents is not None)
    started = time.monotonic()
    ours = catalogue == load_catalogue()
    if ours:
        recogniser = open_recogniser(settings, catalogue)
    elif known:
        recogniser = open_own_recogniser(settings, catalogue, known)
    else:
        recogniser = Recogniser(open_engine(settings), catalogue)
    report = evaluate(examples, read_all(recogniser, examples), served() if ours else None)
    if out:
        out.mkdir(parents=True, exist_ok=True)
        write_report(report, out, f"Evaluation on {path.name}", recogniser.tuning.thresholds)
    for name, value in report.figures().items():
        print(f"{name:28} {value}")
    print(json.dumps({**report.figures(), "commit": commit(), "seconds": round(time.monotonic() - started, 1)}))


def read_all(recogniser: Recogniser, examples: Sequence[Example]) -> list[Understanding]:
    """Read every message, in batches. Raises EngineError."""
    return [recogniser.decide(doubt) for doubt in weigh_all(recogniser, examples)]


def load_any(path: Path, catalogue: Catalogue, own: bool = False) -> list[Example]:
    """Labelled messages from .jsonl, CSV or YAML: our form of example YAML, or with `own` Rasa's plain one."""
    if path.suffix == ".jsonl":
        return load_jsonl(path, catalogue)
    if own or path.suffix == ".csv":
        return read_own([path], catalogue)
    return load_examples([path], catalogue)


def _intent(pair: Pair) -> str:
    return pair.completion.partition("(")[0]


def commit() -> str:
    """The repository's commit, with + when files differ from it; "unknown" outside a repository."""
    described = subprocess.run(
        ["git", "describe", "--always", "--dirty=+"], capture_output=True, text=True, check=False, cwd=EXAMPLES
    )
    return described.stdout.strip() or "unknown"
