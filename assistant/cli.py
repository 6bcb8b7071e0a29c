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
aisle encoder DIR           teach the example index of the adapter in DIR to tell the intents apart
aisle evaluate FILE         the recogniser on labelled messages
aisle tune                  when to ask back and to hand over, by what each costs the shop
aisle evaluate banking77 --data DIR    a public benchmark: train, choose on validation data, test (or clinc150)
aisle evaluate bitext --data DIR    the adapter in use on a sample of public sentences
aisle evaluate search --data FILE    product search on judged queries, beside LIKE, BM25 and vectors alone
aisle evaluate filters       search on drawn requests with known answers: is every stated condition met?
aisle evaluate at-once --data DIR    what new examples bring before a training (--train: and after), what they break
aisle evaluate valuation     how many planted wrong labels the values of the examples find
aisle evaluate replies       replies over every response, beside the written ones: facts not from SQL, how varied
aisle evaluate masking       lines with personal data: how much of it is masked, how much that is harmless stays
aisle test                  the conversations of dialogues/conversations, played with the model on a fresh shop
aisle test --tasks --data DIR    tau2's tasks, played by a simulated customer
aisle bench --out DIR       how long a turn takes, engine beside engine and for 1 to 64 shoppers at once
aisle bench search --sizes 1000,10000    how search grows with the catalogue, beside bm25s and SQL LIKE
aisle bench desk            how quick the desk's queue is among 10,000 made-up conversations
aisle bench front --url URL    what the widget costs a running shop's front page, in Chromium
aisle bench load --shoppers 1,50,200    a server under load over HTTP: answers, refusals, memory
"""

from __future__ import annotations

import argparse
import logging
import sys
from collections.abc import Sequence
from dataclasses import fields
from pathlib import Path
from typing import Any, get_args, get_type_hints

from assistant.measuring_commands import add_measuring
from assistant.operations.command import add_operations
from assistant.versions.arguments import add_model
from finetune.settings import TrainSettings

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
        said = sentence_of(error)
        if said is None:
            raise
        print(f"aisle: {said}", file=sys.stderr)
        return 1
    return 0


def sentence_of(error: Exception) -> str | None:
    """What whoever typed the command is told; None for a fault of the program, which its developers want whole.

    Our own errors, and a setting that does not hold, are sentences; a disk that is full or a folder that is not there
    is the machine's matter."""
    if type(error).__module__.partition(".")[0] in OUR_ROOMS or type(error).__name__ == "ValidationError":
        return str(error)
    if isinstance(error, OSError) and error.strerror:
        return f"{error.strerror}: {error.filename}" if error.filename else error.strerror
    return None


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
    kinds = get_type_hints(TrainSettings)
    for field in fields(TrainSettings):
        kind = (get_args(kinds[field.name]) or (kinds[field.name],))[0]  # of `int | None` the first
        default = "none" if field.default is None else field.default
        train.add_argument(f"--{field.name.replace('_', '-')}", type=kind, help=f"({default})")
    train.add_argument("--test", type=Path, help="labelled messages to evaluate the result on, never learnt")
    train.set_defaults(run=run_train)

    encoder = commands.add_parser("encoder", help="teach an adapter's example index to tell the intents apart")
    encoder.add_argument("adapter", type=Path, help="folder of the adapter")
    encoder.add_argument("--intents", type=Path, help="the folder or file of your own that the adapter was taught")
    encoder.add_argument("--test", type=Path, help="labelled messages to evaluate the result on, never learnt")
    encoder.add_argument("--epochs", type=int, help="(5)")
    encoder.set_defaults(run=run_encoder)

    add_measuring(commands)
    return parser


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
    from assistant.settings import settings_with

    serve(settings_with(host=options.host, port=options.port))


def run_chat(options: argparse.Namespace) -> None:
    import uuid

    from assistant.assembly import open_assistant
    from assistant.server import prepare
    from assistant.settings import settings_with
    from assistant.terminal import run_terminal
    from assistant.versions.opening import live_settings

    logging.getLogger().setLevel(logging.WARNING)
    settings = settings_with()
    prepare(settings)
    run_terminal(open_assistant(live_settings(settings)), options.conversation or f"terminal-{uuid.uuid4().hex[:12]}")


def run_fetch(options: argparse.Namespace) -> None:
    from assistant.fetch import fetch_base, fetch_embeddings
    from assistant.settings import settings_with

    settings = settings_with()
    print(fetch_base(settings.cache, options.base))
    print(fetch_embeddings(settings.cache))


def run_import(options: argparse.Namespace) -> None:
    from tqdm import tqdm

    from assistant.actions.base import reader
    from assistant.fetch import fetch_embeddings
    from assistant.importers.feed_import import import_feed
    from assistant.importers.tau2 import import_tau2
    from assistant.settings import settings_with
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
    from assistant.settings import settings_with
    from assistant.staff.command import change_staff

    stdin = getattr(options, "password_stdin", False)
    name, role = getattr(options, "name", ""), getattr(options, "role", "")
    change_staff(settings_with(), options.form, name, role, stdin)


def run_train(options: argparse.Namespace) -> None:
    from assistant.settings import settings_with
    from assistant.training import train_adapter

    given = {field.name: getattr(options, field.name) for field in fields(TrainSettings)}
    chosen = {name: value for name, value in given.items() if value is not None}
    train_adapter(settings_with(), options.out, chosen, options.test, options.intents)


def run_encoder(options: argparse.Namespace) -> None:
    from assistant.encoder_training import teach_encoder
    from assistant.settings import settings_with

    teach_encoder(settings_with(), options.adapter, options.intents, options.test, options.epochs)
