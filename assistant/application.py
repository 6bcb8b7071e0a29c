"""The whole application over a shop and a model: chat, storefront, desk and studio in one web application."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime

from fastapi import FastAPI
from sqlalchemy import func, select

from assistant.actions.base import open_shop, reader
from assistant.assembly import assemble, load_content, load_voice
from assistant.operations.retention import Housekeeper
from assistant.review.correcting import Corrector
from assistant.review.facts import backfill
from assistant.settings import Settings
from assistant.shop.builder import build_demo_shop
from assistant.shop.pictures import product_svg
from assistant.store import Database, Product, refresh_vectors
from assistant.storefront.pages import storefront
from assistant.turns import Assistant
from assistant.versions.candidate import CandidateModel
from assistant.versions.live import LiveModel
from assistant.versions.opening import Opened, registry_of
from assistant.web.app import create_app
from assistant.web.staff import mount_staff
from assistant.web.studio import mount_studio
from assistant.web.studio_services import open_services
from intents.recogniser import Recogniser

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Application:
    app: FastAPI
    assistant: Assistant
    follower: LiveModel  # not started


def open_application(settings: Settings, model: Callable[[], tuple[Opened, Recogniser]]) -> Application:
    """`model` waits for what is live and its recogniser. Raises DatabaseNotReady, and what `model` raises."""
    shop = open_shop(settings)
    shop.database.check()
    content = load_content(shop)
    opened, recogniser = model()
    assistant = assemble(opened.settings, shop, opened.engine, recogniser, content)
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
    return Application(app, assistant, LiveModel(settings, registry_of(settings), assistant, opened.version))


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


def prepare_shop(settings: Settings) -> None:
    """Make or migrate the database, build the demo shop in an empty one. Raises DatabaseNotReady."""
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
