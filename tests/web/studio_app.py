"""The web application with its studio: the desk's people and conversations, and a recogniser by rule."""

from __future__ import annotations

import json
import math
import re
from html import unescape
from pathlib import Path
from typing import Any

from desk_app import PASSWORD, desk_app
from fastapi import FastAPI
from starlette.testclient import TestClient

from assistant.settings import Settings
from assistant.store import Database
from assistant.studio.library import Library
from assistant.studio.live_examples import LiveExamples
from assistant.web.studio import mount_studio
from assistant.web.studio_services import open_services
from finetune.taught import example_hash
from intents.catalogue import load_catalogue
from intents.context import Context
from intents.engine import Completion
from intents.example_index import ExampleIndex
from intents.recogniser import Recogniser
from tests.studio.files import by_words, write_examples

HERE = {"Origin": "http://127.0.0.1"}


class RuleEngine:
    """Reads a message with "where" in it as track_order, any other as a greeting, or as the intent it is told to."""

    name, model = "rule", "rule"

    def generate(self, prompts: Any, *, grammar: str = "", **options: Any) -> list[Completion]:
        told = re.match(r'root ::= "(\w+)\(', grammar)
        return [self.completion(prompt, told[1] if told else None) for prompt in prompts]

    def completion(self, prompt: str, intent: str | None) -> Completion:
        text = f"{intent or ('track_order' if 'where' in prompt.partition('says:')[2] else 'greet')}()"
        return Completion(text, (math.log(0.8),), True, (len(text),))


def studio_app(database: Database, examples: Path) -> FastAPI:
    """`examples` is a folder, which a few example files are written to."""
    app = desk_app(database)
    catalogue = load_catalogue()
    library = Library(write_examples(examples), catalogue)
    taught = library.examples()
    base = ExampleIndex.fit(taught, ("greet", "track_order", "return_items"), by_words)
    live = LiveExamples(library, base, {example_hash(one) for one in taught})
    recogniser = Recogniser(RuleEngine(), catalogue, live)
    settings = Settings(
        database_url=database.url.render_as_string(), cache=examples.parent / "cache", examples=examples
    )
    services = open_services(
        settings, database, "Harbour & Finch", lambda: recogniser, lambda tracker: Context(), lambda: None
    )
    mount_studio(app, services)
    return app


def sign_in(browser: TestClient, name: str) -> None:
    browser.cookies.clear()
    assert browser.post("/login", data={"name": name, "password": PASSWORD}, headers=HERE).status_code == 303


class Page:
    """The studio's events, sent as the page's own script sends them."""

    def __init__(self, browser: TestClient) -> None:
        self.browser = browser
        self.session = f"session{id(self)}"
        self.config = browser.get("/studio/config").json()

    def event(self, name: str, *values: Any, data: Any = None) -> str:
        """What comes back of the event whose function has this name, as text."""
        wanted = next(one for one in self.config["dependencies"] if one["api_name"] == name)
        filled = [*values, *[None] * (len(wanted["inputs"]) - len(values))]
        body = {"data": filled, "fn_index": wanted["id"], "session_hash": self.session, "event_data": data}
        joined = self.browser.post("/studio/gradio_api/queue/join", json=body, headers=HERE)
        assert joined.status_code == 200, joined.text
        told = self.browser.get("/studio/gradio_api/queue/data", params={"session_hash": self.session}).text
        lines = [json.loads(line.removeprefix("data: ")) for line in told.splitlines() if line.startswith("data: ")]
        ended = next(line for line in lines if line["msg"] == "process_completed")
        assert ended["success"], f"{name} has failed: {ended}"
        return unescape(json.dumps([ended, *(line for line in lines if line["msg"] == "log")]))
