"""The web application with its studio: the desk's people and conversations, and a recogniser by rule."""

from __future__ import annotations

import json
import math
from html import unescape
from pathlib import Path
from typing import Any

from desk_app import PASSWORD, desk_app
from fastapi import FastAPI
from starlette.testclient import TestClient

from assistant.settings import Settings
from assistant.staff.signing_in import Door
from assistant.store import Database
from assistant.web.studio import mount_studio
from assistant.web.studio_services import Services, no_candidate
from intents.catalogue import load_catalogue
from intents.engine import Completion
from intents.recogniser import Recogniser

HERE = {"Origin": "http://127.0.0.1"}


class RuleEngine:
    """Reads a message with "where" in it as track_order, any other as a greeting."""

    name, model = "rule", "rule"

    def generate(self, prompts: Any, **options: Any) -> list[Completion]:
        return [self.completion(prompt) for prompt in prompts]

    def completion(self, prompt: str) -> Completion:
        text = "track_order()" if "where" in prompt.partition("says:")[2] else "greet()"
        return Completion(text, (math.log(0.8),), True, (len(text),))


def studio_app(database: Database, examples: Path) -> FastAPI:
    app = desk_app(database)
    recogniser = Recogniser(RuleEngine(), load_catalogue())
    settings = Settings(database_url=database.url.render_as_string(), cache=examples.parent / "cache")
    services = Services(settings, database, Door(database, 12), "Harbour & Finch", lambda: recogniser, no_candidate)
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
        return unescape(json.dumps([ended, *(line for line in lines if line["msg"] == "log")]))
