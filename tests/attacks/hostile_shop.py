"""The whole web application over a database in which every name, note and message is an attack."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from desk_app import PASSWORD, ROLES, bot, drafted, said, two_numbers
from fastapi import FastAPI
from starlette.testclient import TestClient

from assistant.actions.base import open_shop
from assistant.application import pictures
from assistant.assembly import assemble, load_voice
from assistant.conversations import append_turn
from assistant.review import work
from assistant.review.correcting import Corrector
from assistant.settings import Settings
from assistant.staff import people
from assistant.staff.access import Staff
from assistant.store import Address, Customer, Database, Order, Product, StaffUser, Variant, reindex
from assistant.storefront.pages import storefront
from assistant.studio.library import Library
from assistant.studio.live_examples import LiveExamples
from assistant.turns import Assistant
from assistant.web.app import create_app
from assistant.web.staff import mount_staff
from assistant.web.studio import mount_studio
from assistant.web.studio_services import open_services
from finetune.taught import example_hash
from intents.context import Context
from intents.engine import Completion
from intents.example_index import ExampleIndex
from intents.recogniser import Recogniser
from tests.studio.files import by_words, write_examples

HERE = {"Origin": "http://127.0.0.1"}
SCRIPT = (
    '<script>window.__hit="{0}"</script><img src=x onerror=\'window.__hit="{0}"\'>"\'><svg onload=window.__hit="{0}">'
)
TOKEN_SECRET = "a token secret that must stay out of every answer"
SMTP_SECRET = "the-password-of-the-mail-server"


def payload(place: str) -> str:
    """Markup that, if it ever ran, would say from where: in text, in an attribute, in a template."""
    return SCRIPT.format(place) + "${1+1}{{7*7}}"


@dataclass
class StandInEngine:
    """Reads every message as `reads`; what it words, no checker lets through."""

    reads: str = "greet()"
    name: str = "stand-in"
    model: str = "stand-in"
    asked: list[str] = field(default_factory=list)

    def generate(
        self, prompts: Sequence[str], *, on_text: Callable[[str], None] | None = None, **options: Any
    ) -> list[Completion]:
        self.asked += prompts
        understands = "understand" in prompts[0]
        return [Completion(self.reads if understands else "7", (-0.01, -0.01), True, (3, 7)) for _ in prompts]


@dataclass(frozen=True)
class Hostile:
    app: FastAPI
    database: Database
    assistant: Assistant
    engine: StandInEngine
    folder: Path
    settings: Settings


def hostile_app(database: Database, folder: Path) -> Hostile:
    fill(database)
    settings = Settings(
        database_url=database.url.render_as_string(hide_password=False),
        cache=folder / "cache",
        examples=folder / "examples",
        versions=folder / "models",
        adapter=None,
        index=False,
        token_secret=TOKEN_SECRET,
        smtp_url=f"smtp://shop:{SMTP_SECRET}@127.0.0.1:1",
        smtp_sender="shop@shop.example",
        most_turns_of_address=None,
    )
    engine, voice = StandInEngine(), load_voice()
    assistant = assemble(settings, open_shop(settings), engine)
    front = storefront(database, None, assistant.tokens, voice, settings.remember_views)
    app = create_app(assistant, pictures(database), settings, voice.shop, front)
    catalogue = assistant.interpreter.catalogue
    corrector = Corrector(catalogue, lambda tracker: Context(), folder / "regressions")
    mount_staff(app, database, voice, 12, corrector, two_numbers, drafted)
    library = Library(write_examples(folder / "examples"), catalogue)
    taught = library.examples()
    index = ExampleIndex.fit(taught, ("greet", "track_order", "return_items"), by_words)
    recogniser = Recogniser(engine, catalogue, LiveExamples(library, index, {example_hash(one) for one in taught}))
    services = open_services(
        settings, database, voice.shop, lambda: recogniser, lambda tracker: Context(), lambda: None
    )
    mount_studio(app, services)
    return Hostile(app, database, assistant, engine, folder, settings)


def fill(database: Database) -> None:
    """People of each role, one customer with one order, and a payload in every text that somebody may write."""
    with database.session() as session:
        for name, role in ROLES.items():
            people.add(session, name, role, PASSWORD)
        evil = payload("product")
        session.add(
            Product(
                id="evil",
                name=f"Mug {evil}",
                brand=payload("brand"),
                category=payload("category"),
                department=payload("department"),
                description=payload("description"),
                tags=[payload("tag")],
                attributes={payload("attribute"): payload("value")},
                rating=4.5,
                rating_count=3,
                variants=[Variant(id="evil-1", options={"color": payload("option")}, price_cents=1200, stock=3)],
            )
        )
        session.add(
            Customer(
                id="mia_12",
                email="mia@example.com",
                first_name=payload("first name"),
                last_name="Lindqvist",
                addresses=[
                    Address(
                        address1=payload("street"),
                        city="Philadelphia",
                        state="PA",
                        zip="19122",
                        country="US",
                        is_default=True,
                    )
                ],
            )
        )
        session.add(Customer(id="noor", email="noor@example.com", first_name="Noor", last_name="Siddiqui"))
        session.flush()
        session.add(Order(id="#W1000001", customer_id="mia_12", status="pending", shipping_address={}))
        reindex(session)
    talk(database)


def talk(database: Database) -> None:
    """A conversation whose words, slots and facts are payloads, with a note and a label."""
    first = said(payload("message"), "greet()", 0.41)
    events = [first, bot(payload("reply"), "utter_greet", facts={"name": payload("fact")})]
    with database.session() as session:
        append_turn(session, payload("sender")[:255], 0, 1, events, None)
        append_turn(session, "victim", 0, 1, events, None)
    with database.session() as session:
        ada = session.query(StaffUser).filter_by(name="ada").one()
        staff = Staff(ada.id, ada.name, ada.role)
        work.add_note(session, staff, "victim", payload("note"))
        work.turn_label(session, staff, "victim", "<b onclick=x>")


def sign_in(browser: TestClient, name: str, password: str = PASSWORD) -> Any:
    browser.cookies.clear()
    return browser.post("/login", data={"name": name, "password": password}, headers=HERE)


@dataclass
class Page:
    """The events of a Gradio page, sent as its own script sends them."""

    browser: TestClient
    path: str
    session: str = "hostile"

    def event(self, name: str, *values: Any, data: Any = None) -> str:
        """All that comes back, as text: the outputs, and what is shown as a warning."""
        return json.dumps(self._told(name, values, data), ensure_ascii=False).replace('\\"', '"')

    def html_of(self, name: str, *values: Any, data: Any = None) -> list[str]:
        """The outputs that are HTML; what goes into a box to write in is left out."""
        [ended] = [one for one in self._told(name, values, data) if one["msg"] == "process_completed"]
        return [one for one in ended["output"]["data"] if isinstance(one, str) and ' class="' in one]

    def _told(self, name: str, values: tuple[Any, ...], data: Any) -> list[Any]:
        config = self.browser.get(f"{self.path}/config").json()
        wanted = next(one for one in config["dependencies"] if one["api_name"] == name)
        filled = [*values, *[None] * (len(wanted["inputs"]) - len(values))]
        body = {"data": filled, "fn_index": wanted["id"], "session_hash": self.session, "event_data": data}
        joined = self.browser.post(f"{self.path}/gradio_api/queue/join", json=body, headers=HERE)
        assert joined.status_code == 200, joined.text
        told = self.browser.get(f"{self.path}/gradio_api/queue/data", params={"session_hash": self.session}).text
        lines = [json.loads(line.removeprefix("data: ")) for line in told.splitlines() if line.startswith("data: ")]
        return [line for line in lines if line["msg"] in ("process_completed", "log")]
