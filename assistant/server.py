"""Bring the server up: weights, model, then all else; say how long each took.

Gradio and what else a web application needs take seconds to import, and so does the model to open; it opens in a thread
of its own meanwhile. So this module imports only what a model needs, and application.py when that has begun.
"""

from __future__ import annotations

import ctypes
import errno
import gc
import logging
import socket
import time
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager, suppress

from assistant.engines import open_engine
from assistant.engines.time_limit import TimeLimitedEngine
from assistant.fetch import BaseMissing, fetch_base, fetch_embeddings, find_base
from assistant.logs import set_up_logging
from assistant.opening_examples import open_index_soon
from assistant.settings import SHIPPED_EXAMPLES, Settings
from assistant.studio.examples_to_come import ExamplesToCome
from assistant.studio.library import begin_folder
from assistant.studio.live_examples import LiveExamples
from assistant.understanding import recogniser_of
from assistant.versions.opening import Opened, open_live
from intents.catalogue import Catalogue, load_catalogue
from intents.engine import Engine
from intents.recogniser import Recogniser

log = logging.getLogger(__name__)

Examples = LiveExamples | ExamplesToCome | None
USUALLY = gc.get_threshold()  # how often Python looks for what is needed no more
SELDOM = 50_000, 20, 1_000  # most of what a start makes stays, and looking for the rest took a tenth of its time


class PortTaken(RuntimeError):
    """Another program listens on the port."""


def serve(settings: Settings) -> None:
    """Serve until stopped. Raises PortTaken, FetchError, DatabaseNotReady or EngineError before the first request."""
    gc.set_threshold(*SELDOM)  # until settle
    set_up_logging(settings.log_form)
    log.info("settings:\n%s", settings.describe())
    check_port(settings.host, settings.port)
    fetch_weights(settings)
    begin_folder(settings.examples, SHIPPED_EXAMPLES)
    with ThreadPoolExecutor(1, "model") as beside:
        opening = beside.submit(open_model, settings)
        from assistant.application import housekeeping, open_application, prepare_shop
        from assistant.web.stopping import run_until_stopped

        with timed("database and shop"):
            prepare_shop(settings)
        with timed("web application, and what was left of the model"):
            application = open_application(settings, opening.result)
    settle()
    if settings.engine != "openai":  # a model server of its own has what it has
        application.follower.start()
    log.info("Aisle is at http://%s:%d", settings.host, settings.port)
    with housekeeping(application.assistant.database, settings):
        run_until_stopped(application.app, application.app.state.places, settings.host, settings.port)


def open_model(settings: Settings) -> tuple[Opened, Recogniser]:
    """What is live, and the recogniser over it. Raises EngineError and BadCalibration.

    The examples are read while the engine opens: that works outside Python most of the time."""
    catalogue = load_catalogue()
    reading: list[Future[Examples]] = []  # of a live version that cannot be opened, then of another
    with ThreadPoolExecutor(1, "examples") as beside:

        def opens(chosen: Settings) -> Engine:
            reading.append(beside.submit(_open_examples, chosen, catalogue))
            with timed("model"):
                return open_engine(chosen)

        opened = open_live(settings, opens)
        limited = TimeLimitedEngine(opened.engine, settings.understand_limit_s)
        return opened, recogniser_of(opened.settings, catalogue, limited, reading[-1].result())


def _open_examples(settings: Settings, catalogue: Catalogue) -> Examples:
    with timed("examples"):
        return open_index_soon(settings, catalogue) if settings.index else None


def prepare(settings: Settings) -> None:
    """All that has to be there before an assistant can be opened."""
    from assistant.application import prepare_shop

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


def settle() -> None:
    """What is loaded by now stays: leave it out of each later garbage collection, which took up to 0.1 s of a turn.

    What the loading needed and left goes back to the system: some 100 MiB, which glibc would keep for itself."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(*USUALLY)
    with suppress(AttributeError, OSError):  # another C library
        ctypes.CDLL("libc.so.6").malloc_trim(0)


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


def _fetch_missing_base(settings: Settings) -> None:
    try:
        find_base(settings.cache, settings.base)
    except BaseMissing:
        fetch_base(settings.cache)


@contextmanager
def timed(what: str) -> Iterator[None]:
    started = time.perf_counter()
    yield
    log.info("%s: %.1f s", what, time.perf_counter() - started)
