"""Aisle, a shopping assistant of your own.

aisle up --port 7860        the server: makes the database and the demo shop when there are none
aisle chat                  a conversation in the terminal
aisle fetch                 the base model and the embeddings into the cache
aisle import shopify FILE   products from a Shopify product CSV; google FILE from a Google Merchant feed, TSV or XML
aisle import csv FILE --columns MAP.yml    products from any CSV, by a map from our fields to its columns
aisle import tau2 FILE      a retail database in tau2's JSON form
aisle user add kim --role agent    somebody for the desk (list, disable, enable, password)
aisle backup FILE           the whole database into one file, while the shop goes on; aisle restore FILE reads it back
aisle privacy export|erase CUSTOMER    everything about one person, written down or taken out; sweep by age
aisle train --out DIR       an adapter from the examples in this repository
aisle model list            the versions of the model (train, report, replay, promote, rollback)
aisle train --intents DIR   an adapter for a shop's own intents, from Rasa NLU YAML or CSV (text,intent)
aisle evaluate FILE         the recogniser on labelled messages
aisle tune                  when to ask back and to hand over, by what each costs the shop
aisle evaluate banking77 --data DIR    a public benchmark: train, choose on validation data, test (or clinc150)
aisle evaluate bitext --data DIR    the adapter in use on a sample of public sentences
aisle evaluate search --data FILE    product search on judged queries, beside LIKE, BM25 and vectors alone
aisle evaluate filters       search on drawn requests with known answers: is every stated condition met?
aisle evaluate at-once --data DIR    what new examples bring before a training, and what they break
aisle evaluate valuation     how many planted wrong labels the values of the examples find
aisle evaluate replies       replies over every response, beside the written ones: facts not from SQL, how varied
aisle evaluate masking       lines with personal data: how much of it is masked, how much that is harmless stays
aisle test                  the conversations of dialogues/conversations, played with the model on a fresh shop
aisle test --tasks --data DIR    tau2's tasks, played by a simulated customer
aisle bench --out DIR       how long a turn takes, engine beside engine and for 1 to 64 shoppers at once
aisle bench search --sizes 1000,10000    how search grows with the catalogue, beside bm25s and SQL LIKE
aisle bench desk            how quick the desk's queue is among 10,000 made-up conversations
aisle bench front --url URL    what the widget costs a running shop's front page, in Chromium
"""

from __future__ import annotations

import argparse
import logging
import sys
from collections.abc import Sequence
from dataclasses import fields
from pathlib import Path
from typing import TYPE_CHECKING, Any, get_args

from assistant.operations.command import add_operations
from assistant.versions.arguments import add_model
from finetune.settings import TrainSettings

if TYPE_CHECKING:
    from assistant.settings import Settings

PUBLIC_BENCHMARKS = ("banking77", "clinc150")  # trained on; bitext is read with the adapter in use
JUDGED = Path("tests/search/relevance.jsonl")
REQUESTS, REPLIES, LINES = 300, 500, 500  # drawn by evaluate filters, replies and masking
SIZES = [1_000, 10_000, 100_000]
SHOPPERS = [1, 4, 16, 64]
ENGINES = ["openvino", "transformers", "transformers-bfloat16"]
OUR_ROOMS = ("intents", "dialogues", "finetune", "assistant")


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command. Exit status 0 is done, 1 failed, 2 wrong usage."""
    options = build_parser().parse_args(arguments)
    logging.basicConfig(level=logging.INFO, format="%(levelname)s %(name)s: %(message)s", stream=sys.stderr)
    logging.getLogger("alembic.runtime.plugins").setLevel(logging.WARNING)  # it names each of its parts when it loads
    try:
        options.run(options)
    except KeyboardInterrupt:
        print("Stopped.", file=sys.stderr)
        return 1
    except Exception as error:
        if not is_for_people(error):
            raise
        print(f"aisle: {error}", file=sys.stderr)
        return 1
    return 0


def is_for_people(error: Exception) -> bool:
    """Our own errors, and a setting that does not hold, are sentences for whoever typed the command."""
    return type(error).__module__.partition(".")[0] in OUR_ROOMS or type(error).__name__ == "ValidationError"


def build_parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="aisle", description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    commands = parser.add_subparsers(required=True, metavar="command")

    up = commands.add_parser("up", help="serve the assistant")
    up.add_argument("--host", help="address to listen on (setting: AISLE_HOST)")
    up.add_argument("--port", type=int, help="port to listen on (setting: AISLE_PORT)")
    up.set_defaults(run=run_up)

    chat = commands.add_parser("chat", help="talk in the terminal")
    chat.add_argument("--conversation", help="go on with this conversation instead of a new one")
    chat.set_defaults(run=run_chat)

    fetch = commands.add_parser("fetch", help="get the base model and the embeddings")
    fetch.add_argument("--base", help="a folder, a .gguf file or a hub name to use as the base model instead")
    fetch.set_defaults(run=run_fetch)

    _add_import(commands)
    _add_user(commands)
    add_operations(commands)
    add_model(commands)

    train = commands.add_parser("train", help="train an adapter on the examples")
    train.add_argument("--out", type=Path, default=Path("runs/adapter"), help="folder for the adapter (runs/adapter)")
    train.add_argument(
        "--intents", type=Path, help="a folder or file of Rasa NLU YAML or CSV (text,intent) of your own"
    )
    for field in fields(TrainSettings):
        kind = {"int": int, "float": float}.get(str(field.type), str)
        default = "none" if field.default is None else field.default
        train.add_argument(f"--{field.name.replace('_', '-')}", type=kind, help=f"({default})")
    train.add_argument("--test", type=Path, help="labelled messages to evaluate the result on, never learnt")
    train.set_defaults(run=run_train)

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
    evaluate.add_argument("--epochs", type=int, help="of training for a benchmark")
    evaluate.add_argument(
        "--n", type=int, help="how many: filters' requests (300), replies' turns, masking's lines (500)"
    )
    evaluate.add_argument("--seed", type=int, default=7, help="of what filters, replies and masking draw (7)")
    evaluate.add_argument("--out", type=Path, help="folder for the figures as JSON and Markdown")
    evaluate.set_defaults(run=run_evaluate)

    tune = commands.add_parser("tune", help="choose on the validation messages when to ask back and when to hand over")
    tune.add_argument("--adapter", type=Path, help="the adapter to tune (setting: AISLE_ADAPTER)")
    tune.add_argument("--wrong", type=float, metavar="COST", help="of a wrong answer, where a right one costs 0 (1)")
    tune.add_argument("--ask-back", type=float, metavar="COST", help="of asking the shopper back (0.25)")
    tune.add_argument("--hand-over", type=float, metavar="COST", help="of handing over to a person (0.6)")
    tune.set_defaults(run=run_tune)

    test = commands.add_parser("test", help="play conversations on a fresh shop and say what differs")
    test.add_argument("what", nargs="*", help="files, folders or names of conversations; ids of tasks (all)")
    test.add_argument("--tasks", action="store_true", help="play tau2's tasks by a simulated customer instead")
    test.add_argument("--as-meant", action="store_true", help="without the model, understood as they are meant")
    test.add_argument("--data", type=Path, help="the folder with tau2's retail db.json and its tasks")
    test.add_argument("--out", type=Path, help="folder for the results as JSON and Markdown")
    test.add_argument("--watch", type=Path, help="folder for a page of each conversation with its events and SQL")
    test.set_defaults(run=run_test)

    bench = commands.add_parser("bench", help="time turns, engine beside engine, or searches, size by size")
    bench.add_argument("what", nargs="?", choices=("turns", "search", "desk", "front"), default="turns", help="(turns)")
    bench.add_argument("--shoppers", type=_numbers, default=SHOPPERS, metavar="N,N", help="turns: at once (1,4,16,64)")
    bench.add_argument(
        "--engines", type=_engines, default=ENGINES, metavar="NAME,NAME",
        help=f"turns: the one that serves, then others to compare ({','.join(ENGINES)})",
    )  # fmt: skip
    bench.add_argument("--repeat", type=_number, metavar="N", default=1, help="turns: so many times as many (1)")
    bench.add_argument("--sizes", type=_numbers, default=SIZES, metavar="N,N", help="search: (1000,10000,100000)")
    bench.add_argument("--database-url", help="search: keep the catalogue there, and find it there again (temporary)")
    bench.add_argument("--conversations", type=int, default=10_000, metavar="N", help="desk: how many (10000)")
    bench.add_argument("--url", default="http://127.0.0.1:7860", help="front: of a running shop (%(default)s)")
    bench.add_argument("--loads", type=_number, default=9, metavar="N", help="front: of the page, each way (9)")
    bench.add_argument("--out", type=Path, help="folder for the figures and a plot; of all but turns, a JSON file")
    bench.set_defaults(run=run_bench)
    return parser


def _numbers(said: str) -> list[int]:
    """One number or several, each at least 1. Raises ValueError."""
    return [_number(one) for one in said.split(",")]


def _number(said: str) -> int:
    if int(said) < 1:
        raise ValueError(said)
    return int(said)


def _engines(said: str) -> list[str]:
    """Raises ValueError."""
    from assistant.settings import EngineName

    names = said.split(",")
    if set(names) - set(get_args(EngineName)):
        raise ValueError(said)
    return names


def _add_import(commands: Any) -> None:
    parser = commands.add_parser("import", help="import a shop's data")
    forms = parser.add_subparsers(required=True, metavar="form", dest="form")
    feeds = {
        "shopify": "a product CSV of Shopify",
        "google": "a Google Merchant feed, TSV or XML",
        "csv": "a CSV with columns of its own",
    }
    for form, said in feeds.items():
        feed = forms.add_parser(form, help=said)
        feed.add_argument("--report", type=Path, help="where rows with problems are listed (FILE.report.csv)")
        feed.add_argument(
            "--full", action="store_true", help="take off sale what the file does not list (kept for sale)"
        )
        feed.add_argument("--currency", help="of prices that name none, as an ISO code (USD)")
        if form == "csv":
            feed.add_argument("--columns", type=Path, help="YAML: our field -> the file's column (docs/import.md)")
    forms.add_parser("tau2", help="a retail database in tau2's JSON form")
    for form in forms.choices.values():
        form.add_argument("file", type=Path)
        form.set_defaults(run=run_import)


def _add_user(commands: Any) -> None:
    user = commands.add_parser("user", help="the people who may open the desk and the studio")
    forms = user.add_subparsers(required=True, dest="form", metavar="form")
    helps = {
        "add": "somebody new; the password is asked for",
        "list": "everybody",
        "disable": "shut somebody out, at once",
        "enable": "let somebody in again",
        "password": "a new password; signs them out everywhere",
    }
    for form, text in helps.items():
        parser = forms.add_parser(form, help=text)
        if form != "list":
            parser.add_argument("name", help="what they sign in with")
        if form == "add":
            parser.add_argument("--role", required=True, help="agent, trainer or admin")
        if form in ("add", "password"):
            parser.add_argument("--password-stdin", action="store_true", help="read the password from standard input")
        parser.set_defaults(run=run_user)


def run_up(options: argparse.Namespace) -> None:
    from assistant.server import serve

    serve(settings_with(host=options.host, port=options.port))


def run_chat(options: argparse.Namespace) -> None:
    import uuid

    from assistant.assembly import open_assistant
    from assistant.server import prepare
    from assistant.terminal import run_terminal
    from assistant.versions.live import live_settings

    logging.getLogger().setLevel(logging.WARNING)
    settings = settings_with()
    prepare(settings)
    run_terminal(open_assistant(live_settings(settings)), options.conversation or f"terminal-{uuid.uuid4().hex[:12]}")


def run_fetch(options: argparse.Namespace) -> None:
    from assistant.fetch import fetch_base, fetch_embeddings

    settings = settings_with()
    print(fetch_base(settings.cache, options.base))
    print(fetch_embeddings(settings.cache))


def run_import(options: argparse.Namespace) -> None:
    from tqdm import tqdm

    from assistant.actions.base import reader
    from assistant.fetch import fetch_embeddings
    from assistant.importers.feed_import import import_feed
    from assistant.importers.tau2 import import_tau2
    from assistant.store import Database, refresh_vectors

    settings = settings_with()
    database = Database(settings.database_url)
    database.upgrade()
    if options.form == "tau2":
        print(import_tau2(database, options.file))
    else:
        columns = options.columns if options.form == "csv" else None
        currency = options.currency or "USD"
        print(import_feed(database, options.file, options.form, options.report, currency, columns, options.full))
    if settings.index:
        fetch_embeddings(settings.cache)
        with tqdm(desc="reading what products are about", unit=" products", file=sys.stderr) as bar:
            refresh_vectors(database, reader(settings), bar.update)


def run_user(options: argparse.Namespace) -> None:
    from assistant.staff.command import change_staff

    stdin = getattr(options, "password_stdin", False)
    name, role = getattr(options, "name", ""), getattr(options, "role", "")
    change_staff(settings_with(), options.form, name, role, stdin)


def run_train(options: argparse.Namespace) -> None:
    from assistant.training import train_adapter

    given = {field.name: getattr(options, field.name) for field in fields(TrainSettings)}
    chosen = {name: value for name, value in given.items() if value is not None}
    train_adapter(settings_with(), options.out, chosen, options.test, options.intents)


def run_evaluate(options: argparse.Namespace) -> None:
    if options.file == "search":
        from assistant.search_benchmark import evaluate_search

        out = options.out or Path("runs/search")
        evaluate_search(settings_with(adapter=options.adapter), options.data or JUDGED, out)
        return
    if options.file == "filters":
        from assistant.filters_benchmark import evaluate_filters

        out = options.out or Path("runs/filters")
        evaluate_filters(settings_with(), out, options.n or REQUESTS, options.seed, options.data)
        return
    if options.file == "masking":
        from assistant.masking_benchmark import evaluate_masking

        evaluate_masking(options.out or Path("runs/masking"), options.n or LINES, options.seed)
        return
    if options.file == "replies":
        from assistant.replies_benchmark import evaluate_replies

        adapter = settings_with(adapter=options.adapter)
        evaluate_replies(adapter, options.out or Path("runs/replies"), options.n or REPLIES, options.seed)
        return
    if options.file == "at-once":
        from assistant.at_once_benchmark import evaluate_at_once

        out, data = options.out or Path("runs/at_once"), options.data or Path("data")
        evaluate_at_once(settings_with(adapter=options.adapter), data, out, options.test, options.limit)
        return
    if options.file == "valuation":
        from assistant.valuation_benchmark import evaluate_valuation

        evaluate_valuation(settings_with(), options.out or Path("runs/valuation"), options.seed, options.limit)
        return
    if options.data or options.file in (*PUBLIC_BENCHMARKS, "bitext"):
        from assistant.benchmarks import evaluate_public

        chosen = {"epochs": options.epochs} if options.epochs else {}
        out = options.out or Path("runs") / options.file
        evaluate_public(settings_with(), options.file, options.data, out, options.adapter, options.limit, chosen)
        return
    from assistant.training import evaluate_file

    evaluate_file(settings_with(adapter=options.adapter), Path(options.file), options.out, options.intents)


def run_tune(options: argparse.Namespace) -> None:
    from assistant.training import tuned_recogniser
    from finetune.calibrate import Costs

    given = {"wrong": options.wrong, "ask_back": options.ask_back, "hand_over": options.hand_over}
    costs = Costs(**{name: cost for name, cost in given.items() if cost is not None})
    tuned_recogniser(settings_with(adapter=options.adapter), costs)


def run_test(options: argparse.Namespace) -> None:
    from assistant.testing.command import play_conversations, play_tasks

    asked = (settings_with(), options.what, options.data, options.out)
    if options.tasks:
        play_tasks(*asked, as_they_mean=options.as_meant)
    else:
        play_conversations(*asked, as_they_mean=options.as_meant, watch=options.watch)


def run_bench(options: argparse.Namespace) -> None:
    if options.what == "search":
        from assistant.scale_benchmark import bench_search

        bench_search(settings_with(), options.sizes, options.database_url, options.out)
        return
    if options.what == "desk":
        from assistant.desk_benchmark import bench_desk

        bench_desk(settings_with(), options.conversations, options.database_url, options.out)
        return
    if options.what == "front":
        from assistant.front_benchmark import bench_front

        bench_front(options.url, options.loads, options.out)
        return
    from assistant.bench import bench

    bench(settings_with(), options.engines, options.shoppers, options.repeat, options.out)


def settings_with(**changes: Any) -> Settings:
    """The settings of the environment, with what the command line says laid over them."""
    from assistant.settings import Settings

    return Settings(**{name: value for name, value in changes.items() if value is not None})
