"""The public benchmarks from the command line: train or load an adapter, read the test split, write the figures.

aisle evaluate banking77 --data DIR --out runs/banking77
"""

from __future__ import annotations

import json
import platform
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from assistant.engines import open_engine
from assistant.engines.embeddings import Embedder
from assistant.engines.taught_encoder import open_head
from assistant.fetch import find_base, find_embeddings
from assistant.settings import Settings
from assistant.training import Content, apart, commit, read_all, train_content
from assistant.understanding import open_recogniser
from finetune.benchmarks import BENCHMARKS, Benchmark, Means, load_benchmark, page, record, run_benchmark
from finetune.bitext import bitext_figures, load_bitext
from finetune.card import draw_loss, write_manifest
from finetune.dataset import data_hash
from finetune.taught import example_hash
from intents.catalogue import load_catalogue
from intents.example_index import ExampleIndex
from intents.examples import Example
from intents.head import ENCODER
from intents.own_catalogue import check_adapter
from intents.recogniser import Recogniser

BITEXT = "bitext"
ADAPTER = "adapter"  # folder of what is trained
REFITTED = "refitted"  # folder of the adapter and the encoder that know the validation messages too
REFIT = {"epochs": 2, "learning_rate": 5e-4}  # each of the new messages twice, beside as many of the old
SAMPLE, SAMPLE_SEED = 1000, 7  # of Bitext's sentences


class NoBenchmark(ValueError):
    """It is not known which benchmark is meant, or where its files are."""


def evaluate_public(
    settings: Settings,
    name: str,
    data: Path | None,
    out: Path,
    adapter: Path | None,
    limit: int | None,
    chosen: Mapping[str, Any],
    refit: bool = False,
) -> None:
    """Measure on a public benchmark, write its figures to `out` and print them as the last line.

    Raises NoBenchmark, BadExamples, BadBitext or CatalogueMismatch.
    """
    if name not in (*BENCHMARKS, BITEXT):
        raise NoBenchmark(
            f"{name} is no public benchmark; with --data, evaluate {' or '.join(BENCHMARKS)}, or {BITEXT}."
        )
    if data is None:
        raise NoBenchmark(f"{name} is read from its public files; say with --data in which folder they are.")
    if name == BITEXT:
        evaluate_bitext(settings.model_copy(update={"adapter": adapter or settings.adapter}), data, out, limit)
    else:
        evaluate_benchmark(settings, load_benchmark(name, data, limit), out, adapter, limit, chosen, refit)


def evaluate_benchmark(
    settings: Settings,
    benchmark: Benchmark,
    out: Path,
    adapter: Path | None,
    limit: int | None,
    chosen: Mapping[str, Any],
    refit: bool,
) -> None:
    """benchmark.json and benchmark.md; without an adapter one is trained into `out`/adapter.

    With `refit`, what reads the test split is taught the validation messages too."""
    seconds: dict[str, float] = {}
    about: dict[str, Any] = {"limit": limit, "seed": None, "seconds": seconds}
    if adapter:
        check_adapter(adapter, benchmark.catalogue)
    else:
        adapter = out / ADAPTER
        with timed(seconds, "training"):
            about["training"] = train(settings, benchmark, adapter, chosen)
        about["seed"] = about["training"]["seed"]
    if not (out / ENCODER).is_dir():
        with timed(seconds, "encoder"):
            apart(teach_encoder, settings, benchmark, out / ENCODER)
    if refit:
        with timed(seconds, "refitting"):
            about["refitted"] = teach_validation(settings, benchmark, adapter, out / REFITTED)
    apart(measure, settings, benchmark, adapter, out, about)
    print((out / "benchmark.md").read_text("utf-8"))
    print(json.dumps(json.loads((out / "benchmark.json").read_text("utf-8"))))


def measure(settings: Settings, benchmark: Benchmark, adapter: Path, out: Path, about: Mapping[str, Any]) -> None:
    """Read both splits and write the figures; `about` is what the record says beside them."""
    last = out / REFITTED if about.get("refitted") else None
    with timed(about["seconds"], "reading"):
        means = open_means(settings, benchmark, adapter, out / ENCODER)
        refitted = open_means(settings, benchmark, last / ADAPTER, last / ENCODER) if last else None
        systems = run_benchmark(benchmark, means, refitted)
    figures = record(benchmark, systems, **about, device=hardware(settings.threads), commit=commit())
    out.mkdir(parents=True, exist_ok=True)
    (out / "benchmark.json").write_text(json.dumps(figures, indent=1) + "\n", "utf-8")
    (out / "benchmark.md").write_text(page(figures), "utf-8")


def train(
    settings: Settings,
    benchmark: Benchmark,
    out: Path,
    chosen: Mapping[str, Any],
    taught: frozenset[int] | None = None,
) -> dict[str, Any]:
    """Train on the public training split as on our own examples; gives the settings. `taught`: as in train_content."""
    train_pairs, dev_pairs = benchmark.pairs_to_learn()
    data = data_hash([*train_pairs, *dev_pairs])
    content = Content(benchmark.catalogue, train_pairs, dev_pairs, data, False, [], {})
    made = train_content(settings, out, content, chosen, taught)
    write_manifest(out, made)
    draw_loss(out, made)
    return dict(made["settings"]) | {"tokens_per_second": made["tokens_per_second"]}


def teach_encoder(settings: Settings, benchmark: Benchmark, out: Path) -> None:
    """The index's encoder, taught the public training split."""
    from finetune.encoder import teach

    out.parent.mkdir(parents=True, exist_ok=True)
    teach(find_embeddings(settings.cache), benchmark.train, list(benchmark.catalogue.intents), out)


def teach_validation(settings: Settings, benchmark: Benchmark, adapter: Path, out: Path) -> dict[str, Any]:
    """Write to `out` the adapter gone on to the validation messages, and an encoder taught all; gives the settings."""
    all_of_it = benchmark.with_validation()
    taught = frozenset(map(example_hash, benchmark.train))
    chosen = {**REFIT, "start": str(adapter), "sample": 2 * len(benchmark.validation)}
    told = train(settings, all_of_it, out / ADAPTER, chosen, taught)
    if not (out / ENCODER).is_dir():
        apart(teach_encoder, settings, all_of_it, out / ENCODER)
    return told


def open_means(settings: Settings, benchmark: Benchmark, adapter: Path, encoder: Path) -> Means:
    """The model scores in transformers, and reads alone with the engine of the settings."""
    from finetune.label_scores import LabelScorer

    base = find_embeddings(settings.cache)
    embedder = Embedder(base, settings.threads)
    head = open_head(base, encoder, settings.threads)

    def fit(examples: Sequence[Example]) -> ExampleIndex:
        return ExampleIndex.fit(examples, benchmark.catalogue.intents, embedder.embed_wording, head=head)

    engine = open_engine(settings.model_copy(update={"adapter": adapter}))
    recogniser = Recogniser(engine, benchmark.catalogue)
    scorer = LabelScorer(find_base(settings.cache, settings.base), adapter)
    return Means(fit, lambda examples: read_all(recogniser, examples), scorer.scores)


@contextmanager
def timed(seconds: dict[str, float], what: str) -> Iterator[None]:
    started = time.monotonic()
    yield
    seconds[what] = round(time.monotonic() - started, 1)


def hardware(threads: int) -> str:
    """What a figure's time belongs to."""
    import torch

    cpu = platform.processor() or platform.machine()
    info = Path("/proc/cpuinfo")
    if info.is_file():
        names = [
            line.partition(":")[2].strip() for line in info.read_text("utf-8").splitlines() if "model name" in line
        ]
        cpu = names[0] if names else cpu
    device = f"{threads} cores of {cpu}"
    return f"{device} and {torch.cuda.get_device_name()}" if torch.cuda.is_available() else f"{device}, no GPU"


def evaluate_bitext(settings: Settings, data: Path, out: Path, limit: int | None) -> None:
    """The adapter in use on a sample of Bitext's sentences, by the mapping in finetune/bitext.yml."""
    folder = data / BITEXT if (data / BITEXT).is_dir() else data
    sentences = load_bitext(folder / "train.csv", limit or SAMPLE, SAMPLE_SEED)
    recogniser = open_recogniser(settings, load_catalogue())
    examples = [Example(one.text, ()) for one in sentences]
    read = [understood.commands[0].intent for understood in read_all(recogniser, examples)]
    figures = {**bitext_figures(sentences, read), "model": recogniser.engine.model, "commit": commit()}
    out.mkdir(parents=True, exist_ok=True)
    (out / "bitext.json").write_text(json.dumps(figures, indent=1) + "\n", "utf-8")
    print(json.dumps(figures))
