"""Bring the server up: weights, database, demo shop, engine, web application; say how long each took."""

from __future__ import annotations

import ctypes
import errno
import gc
import logging
import socket
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from datetime import UTC, datetime

from sqlalchemy import func, select

from assistant.actions.base import open_shop, reader
from assistant.assembly import assemble, load_voice
from assistant.fetch import BaseMissing, fetch_base, fetch_embeddings, find_base
from assistant.logs import set_up_logging
from assistant.operations.retention import Housekeeper
from assistant.review.correcting import Corrector
from assistant.review.facts import backfill
from assistant.settings import SHIPPED_EXAMPLES, Settings
from assistant.shop.builder import build_demo_shop
from assistant.shop.pictures import product_svg
from assistant.store import Database, Product, refresh_vectors
from assistant.storefront.pages import storefront
from assistant.studio.library import begin_folder
from assistant.versions.candidate import CandidateModel
from assistant.versions.live import LiveModel, open_live, registry_of
from assistant.web.app import create_app
from assistant.web.staff import mount_staff
from assistant.web.stopping import run_until_stopped
from assistant.web.studio import mount_studio
from assistant.web.studio_services import open_services

log = logging.getLogger(__name__)


class PortTaken(RuntimeError):
    """Another program listens on the port."""


def serve(settings: Settings) -> None:
    """Serve until stopped. Raises PortTaken, FetchError, DatabaseNotReady or EngineError before the first request."""
    set_up_logging(settings.log_form)
    log.info("settings:\n%s", settings.describe())
    check_port(settings.host, settings.port)
    fetch_weights(settings)
    begin_folder(settings.examples, SHIPPED_EXAMPLES)
    with ThreadPoolExecutor(1, "engine") as beside, timed("model and rooms"):
        opening = beside.submit(open_live, settings)  # its seconds are the processor's, the shop's mostly ours
        prepare_shop(settings)
        shop = open_shop(settings)
        shop.database.check()
        opened = opening.result()
        assistant = assemble(opened.settings, shop, opened.engine)
        follower = LiveModel(settings, registry_of(settings), assistant, opened.version)
    with timed("web application"):
        voice = load_voice()
        front = storefront(shop.database, shop.vectors, assistant.tokens, voice, settings.remember_views)
        app = create_app(assistant, pictures(shop.database), settings, voice.shop, front)
        interpreter = assistant.interpreter
        corrector = Corrector(interpreter.catalogue, interpreter.context, settings.regressions)
        hours = settings.staff_session_h
        mount_staff(app, assistant.database, voice, hours, corrector, reader(settings), assistant.draft)
        live = (lambda: assistant.recogniser, interpreter.context)  # whichever it is when asked
        candidate = CandidateModel(settings, interpreter.catalogue)
        mount_studio(app, open_services(settings, shop.database, voice.shop, *live, candidate))
    settle()
    if settings.engine != "openai":  # a model server of its own has what it has
        follower.start()
    log.info("Aisle is at http://%s:%d", settings.host, settings.port)
    with housekeeping(assistant.database, settings):
        run_until_stopped(app, app.state.places, settings.host, settings.port)


@contextmanager
def housekeeping(database: Database, settings: Settings) -> Iterator[None]:
    """Old conversations are erased meanwhile, if the settings say when one is old."""
    days = settings.retention_days
    housekeeper = Housekeeper(database, days, registry_of(settings)) if days is not None else None
    if housekeeper:
        housekeeper.start()
    try:
        yield
    finally:
        if housekeeper:
            housekeeper.close()


def prepare(settings: Settings) -> None:
    """All that has to be there before an assistant can be opened."""
    fetch_weights(settings)
    begin_folder(settings.examples, SHIPPED_EXAMPLES)
    prepare_shop(settings)


def fetch_weights(settings: Settings) -> None:
    """Those that are missing. Raises FetchError."""
    with timed("weights"):
        if settings.engine != "openai":
            _fetch_missing_base(settings)
        if settings.index:
            fetch_embeddings(settings.cache)


def prepare_shop(settings: Settings) -> None:
    """Make or migrate the database, build the demo shop in an empty one. Raises DatabaseNotReady."""
    with timed("database and shop"):
        database = Database(settings.database_url)
        database.upgrade()
        with database.reading() as session:
            is_empty = session.scalar(select(func.count()).select_from(Product)) == 0
        if is_empty:
            log.info("%s", build_demo_shop(database, datetime.now(UTC).date()))
        if made := backfill(database):
            log.info("made the desk's facts of %d conversations", made)
        if settings.index and (read := refresh_vectors(database, reader(settings))):
            log.info("read what %d products are about", read)
        database.close()


def settle() -> None:
    """What is loaded by now stays: leave it out of each later garbage collection, which took up to 0.1 s of a turn.

    What the loading needed and left goes back to the system: some 100 MiB, which glibc would keep for itself."""
    gc.collect()
    gc.freeze()
    with suppress(AttributeError, OSError):  # another C library
        ctypes.CDLL("libc.so.6").malloc_trim(0)


def _fetch_missing_base(settings: Settings) -> None:
    try:
        find_base(settings.cache, settings.base)
    except BaseMissing:
        fetch_base(settings.cache)


def check_port(host: str, port: int) -> None:
    """Raise PortTaken now rather than after the model is loaded."""
    with socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError as error:
            if error.errno != errno.EADDRINUSE:
                raise PortTaken(f"Cannot listen on {host}:{port}: {error.strerror}. Choose another --host.") from error
            raise PortTaken(
                f"Port {port} is in use. Stop what uses it, or choose another: aisle up --port N."
            ) from error


def pictures(database: Database) -> Callable[[str], str | None]:
    """Draws a product's picture by id; None for an unknown id."""

    def draw(product_id: str) -> str | None:
        with database.reading() as session:
            product = session.get(Product, product_id)
            if product is None:
                return None
            color = next((one.options["color"] for one in product.variants if "color" in one.options), None)
            return product_svg(
                product.name, product.brand or "", product.category or "", product.department or "", color
            )

    return draw


@contextmanager
def timed(what: str) -> Iterator[None]:
    started = time.perf_counter()
    yield
    log.info("%s: %.1f s", what, time.perf_counter() - started)
