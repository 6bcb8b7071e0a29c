"""`aisle evaluate`, `tune`, `test` and `bench`: what measures. Parsers, and what they run."""

from __future__ import annotations

import argparse
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any, get_args

if TYPE_CHECKING:
    from assistant.settings import Settings

PUBLIC_BENCHMARKS = ("banking77", "clinc150")  # trained on; bitext is read with the adapter in use
JUDGED = Path("tests/search/relevance.jsonl")
REQUESTS, REPLIES, LINES = 300, 500, 500  # drawn by evaluate filters, replies and masking
SIZES = [1_000, 10_000, 100_000]
BENCHES = ("turns", "search", "desk", "front", "load")
FRONT_URL = "http://127.0.0.1:7860"  # where `aisle up` listens
SHOPPERS = [1, 4, 16, 64]
ENGINES = ["openvino", "transformers", "transformers-plain", "transformers-bfloat16"]


def add_measuring(commands: Any) -> None:
    """The parsers. What they need is imported when they run."""
    _add_evaluate(commands)
    _add_tune(commands)
    _add_test(commands)
    _add_bench(commands)


def _add_evaluate(commands: Any) -> None:
    evaluate = commands.add_parser("evaluate", help="measure the recogniser on labelled messages")
    evaluate.add_argument(
        "file",
        help="a .jsonl or .csv file, example YAML, or banking77, clinc150, bitext, search, filters, replies, masking, "
        "at-once or valuation",
    )
    evaluate.add_argument("--adapter", type=Path, help="the adapter to measure (setting: AISLE_ADAPTER)")
    evaluate.add_argument("--intents", type=Path, help="your own examples, which the adapter must have been taught")
    evaluate.add_argument("--data", type=Path, help="where a benchmark's files are")
    evaluate.add_argument(
        "--limit", type=int, metavar="N", help="at most N messages of each intent; of bitext, N in all"
    )
    evaluate.add_argument("--test", type=Path, help="at-once: the old messages (finetune/validation.jsonl)")
    evaluate.add_argument(
        "--train", action="store_true", help="at-once: measure again after a short training on the new examples"
    )
    evaluate.add_argument("--epochs", type=int, help="of training for a benchmark; of at-once's (1)")
    evaluate.add_argument("--start", help="banking77, clinc150: adapter to go on from, of the same intents (none)")
    evaluate.add_argument("--learning-rate", type=float, help="banking77, clinc150: of the training (0.001)")
    evaluate.add_argument(
        "--refit", action="store_true",
        help="banking77, clinc150: once validation has chosen, teach its messages too, then read the test split",
    )  # fmt: skip
    evaluate.add_argument("--sample", type=int, metavar="N", help="at-once: examples in an epoch of training (2000)")
    evaluate.add_argument(
        "--n", type=int, help="how many: filters' requests (300), replies' turns, masking's lines (500)"
    )
    evaluate.add_argument("--seed", type=int, default=7, help="of what filters, replies and masking draw (7)")
    evaluate.add_argument("--out", type=Path, help="folder for the figures as JSON and Markdown")
    evaluate.set_defaults(run=run_evaluate)


def _add_tune(commands: Any) -> None:
    tune = commands.add_parser("tune", help="choose on the validation messages when to ask back and when to hand over")
    tune.add_argument("--adapter", type=Path, help="the adapter to tune (setting: AISLE_ADAPTER)")
    tune.add_argument("--wrong", type=float, metavar="COST", help="of a wrong answer, where a right one costs 0 (1)")
    tune.add_argument("--ask-back", type=float, metavar="COST", help="of asking the shopper back (0.25)")
    tune.add_argument("--hand-over", type=float, metavar="COST", help="of handing over to a person (0.6)")
    tune.set_defaults(run=run_tune)


def _add_test(commands: Any) -> None:
    test = commands.add_parser("test", help="play conversations on a fresh shop and say what differs")
    test.add_argument("what", nargs="*", help="files, folders or names of conversations; ids of tasks (all)")
    test.add_argument("--tasks", action="store_true", help="play tau2's tasks by a simulated customer instead")
    test.add_argument("--as-meant", action="store_true", help="without the model, understood as they are meant")
    test.add_argument("--data", type=Path, help="the folder with tau2's retail db.json and its tasks")
    test.add_argument("--out", type=Path, help="folder for the results as JSON and Markdown")
    test.add_argument("--watch", type=Path, help="folder for a page of each conversation with its events and SQL")
    test.set_defaults(run=run_test)


def _add_bench(commands: Any) -> None:
    bench = commands.add_parser("bench", help="time turns, engine beside engine, or searches, size by size")
    bench.add_argument("what", nargs="?", choices=BENCHES, default="turns", help="(turns)")
    bench.add_argument(
        "--shoppers", type=_numbers, default=SHOPPERS, metavar="N,N", help="turns, load: at once (1,4,16,64)"
    )
    bench.add_argument(
        "--engines", type=_engines, default=ENGINES, metavar="NAME,NAME",
        help=f"turns: the one that serves, then others to compare ({','.join(ENGINES)})",
    )  # fmt: skip
    bench.add_argument("--repeat", type=_number, metavar="N", default=1, help="turns: so many times as many (1)")
    bench.add_argument("--sizes", type=_numbers, default=SIZES, metavar="N,N", help="search: (1000,10000,100000)")
    bench.add_argument("--database-url", help="search: keep the catalogue there, and find it there again (temporary)")
    bench.add_argument("--conversations", type=int, default=10_000, metavar="N", help="desk: how many (10000)")
    bench.add_argument("--url", help=f"front, load: of a running shop ({FRONT_URL}; load: one of its own)")
    bench.add_argument("--seconds", type=_number, default=60, metavar="N", help="load: of each number of shoppers (60)")
    bench.add_argument("--soak-minutes", type=_number, metavar="N", help="load: in place of --seconds")
    bench.add_argument("--pause-s", type=float, default=0.0, metavar="S", help="load: between two messages (0)")
    bench.add_argument("--loads", type=_number, default=9, metavar="N", help="front: of the page, each way (9)")
    bench.add_argument("--out", type=Path, help="folder for the figures and a plot; of all but turns, a JSON file")
    bench.set_defaults(run=run_bench)


def _numbers(said: str) -> list[int]:
    """One number or several, each at least 1. Raises ValueError."""
    return [_number(one) for one in said.split(",")]


def _number(said: str) -> int:
    if int(said) < 1:
        raise ValueError(said)
    return int(said)


def _engines(said: str) -> list[str]:
    """Raises ValueError."""
    from assistant.bench.plain import PLAIN
    from assistant.settings import EngineName

    names = said.split(",")
    if set(names) - {*get_args(EngineName), PLAIN}:
        raise ValueError(said)
    return names


def run_evaluate(options: argparse.Namespace) -> None:
    from assistant.settings import settings_with

    named = EVALUATED.get(options.file)
    if named:
        out = options.out or Path("runs") / options.file.replace("-", "_")
        named(settings_with(adapter=options.adapter), options, out)
        return
    if options.data or options.file in (*PUBLIC_BENCHMARKS, "bitext"):
        from assistant.benchmarks import evaluate_public

        chosen = _given(options, "epochs", "start", "learning_rate")
        out = options.out or Path("runs") / options.file
        evaluate_public(
            settings_with(), options.file, options.data, out, options.adapter, options.limit, chosen, options.refit
        )
        return
    from assistant.training import evaluate_file

    evaluate_file(settings_with(adapter=options.adapter), Path(options.file), options.out, options.intents)


def _given(options: argparse.Namespace, *names: str) -> dict[str, Any]:
    """The options that were given."""
    return {name: getattr(options, name) for name in names if getattr(options, name) is not None}


def _evaluate_search(settings: Settings, options: argparse.Namespace, out: Path) -> None:
    from assistant.search_benchmark import evaluate_search

    evaluate_search(settings, options.data or JUDGED, out)


def _evaluate_filters(settings: Settings, options: argparse.Namespace, out: Path) -> None:
    from assistant.filters_benchmark import evaluate_filters

    evaluate_filters(settings, out, options.n or REQUESTS, options.seed, options.data)


def _evaluate_masking(settings: Settings, options: argparse.Namespace, out: Path) -> None:
    from assistant.masking_benchmark import evaluate_masking

    evaluate_masking(out, options.n or LINES, options.seed)


def _evaluate_replies(settings: Settings, options: argparse.Namespace, out: Path) -> None:
    from assistant.replies_benchmark import evaluate_replies

    evaluate_replies(settings, out, options.n or REPLIES, options.seed)


def _evaluate_at_once(settings: Settings, options: argparse.Namespace, out: Path) -> None:
    from assistant.at_once_benchmark import evaluate_at_once
    from finetune.settings import SHORT

    training = {**SHORT, **_given(options, "epochs", "sample")} if options.train else None
    evaluate_at_once(settings, options.data or Path("data"), out, options.test, options.limit, training)


def _evaluate_valuation(settings: Settings, options: argparse.Namespace, out: Path) -> None:
    from assistant.valuation_benchmark import evaluate_valuation

    evaluate_valuation(settings, out, options.seed, options.limit)


EVALUATED: dict[str, Callable[[Settings, argparse.Namespace, Path], None]] = {
    "search": _evaluate_search,
    "filters": _evaluate_filters,
    "masking": _evaluate_masking,
    "replies": _evaluate_replies,
    "at-once": _evaluate_at_once,
    "valuation": _evaluate_valuation,
}


def run_tune(options: argparse.Namespace) -> None:
    from assistant.settings import settings_with
    from assistant.training import tuned_recogniser
    from finetune.calibrate import Costs

    given = {"wrong": options.wrong, "ask_back": options.ask_back, "hand_over": options.hand_over}
    costs = Costs(**{name: cost for name, cost in given.items() if cost is not None})
    tuned_recogniser(settings_with(adapter=options.adapter), costs)


def run_test(options: argparse.Namespace) -> None:
    from assistant.settings import settings_with
    from assistant.testing.command import play_conversations, play_tasks

    asked = (settings_with(), options.what, options.data, options.out)
    if options.tasks:
        play_tasks(*asked, as_they_mean=options.as_meant)
    else:
        play_conversations(*asked, as_they_mean=options.as_meant, watch=options.watch)


def run_bench(options: argparse.Namespace) -> None:
    from assistant.settings import settings_with
    from assistant.stopping import tidy_when_stopped

    tidy_when_stopped()  # some start a server of their own
    settings = settings_with()
    if options.what == "search":
        from assistant.scale_benchmark import bench_search

        bench_search(settings, options.sizes, options.database_url, options.out)
    elif options.what == "desk":
        from assistant.desk_benchmark import bench_desk

        bench_desk(settings, options.conversations, options.database_url, options.out)
    elif options.what == "front":
        from assistant.front_benchmark import bench_front

        bench_front(options.url or FRONT_URL, options.loads, options.out)
    elif options.what == "load":
        from assistant.bench.load import bench_load

        seconds = 60 * options.soak_minutes if options.soak_minutes else options.seconds
        bench_load(settings, options.shoppers, seconds, options.pause_s, options.url, options.out)
    else:
        from assistant.bench import bench

        bench(settings, options.engines, options.shoppers, options.repeat, options.out)
