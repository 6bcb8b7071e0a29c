"""What every action has: the shop it works on.

In process, `register` gives all actions the server's own shop. Served alone by `python -m rasa_sdk --actions
assistant.actions`, an action is made without arguments and opens the shop that the settings name at its first run.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
from rasa_sdk import Action, Tracker
from rasa_sdk.events import EventType
from rasa_sdk.executor import CollectingDispatcher
from ruamel.yaml import YAML

from assistant.fetch import find_embeddings
from assistant.search.vectors import ProductVectors
from assistant.settings import Settings
from assistant.store import Database
from assistant.store.product_vectors import Embed

CONTENT = Path(__file__).parents[2] / "dialogues"
POLICIES = CONTENT / "policies.yml"
ACCOUNT_HELP = CONTENT / "account_help.yml"


@dataclass(frozen=True)
class Shop:
    """What actions look things up in."""

    database: Database
    policies: Mapping[str, str]  # topic: text
    identity_attempts: int  # wrong answers to "who are you" before a person takes over
    account_help: Mapping[str, str] = field(default_factory=dict)  # topic: text
    vectors: ProductVectors | None = None  # to find products by what they are about; None: by their words alone


class ShopAction(Action, ABC):
    """An action of this shop. Subclasses give `name` and `run`."""

    def __init__(self, shop: Shop | None = None) -> None:
        self._shop = shop

    @abstractmethod
    def name(self) -> str: ...

    @abstractmethod
    async def run(
        self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: dict[str, Any]
    ) -> list[EventType]: ...

    @property
    def shop(self) -> Shop:
        return self._shop or _shop_of_settings()


def open_shop(settings: Settings) -> Shop:
    """The shop that the settings name; the database is not touched yet."""
    database = Database(settings.database_url)
    vectors = ProductVectors(reader(settings)) if settings.index else None
    return Shop(database, _texts(POLICIES), settings.identity_attempts, _texts(ACCOUNT_HELP), vectors)


def reader(settings: Settings) -> Embed:
    """Reads what texts are about; the first call loads the model, and may raise BaseMissing or EmbeddingsError."""

    def embed(texts: Sequence[str]) -> np.ndarray:
        from assistant.engines.embeddings import shared_embedder

        return shared_embedder(find_embeddings(settings.cache), settings.threads).embed(texts)

    return embed


def _texts(path: Path) -> dict[str, str]:
    """The text of each topic of a file that trainers edit."""
    topics = YAML(typ="safe").load(path.read_text("utf-8"))
    return {topic: entry["text"] for topic, entry in topics.items() if isinstance(entry, dict)}


@cache
def _shop_of_settings() -> Shop:
    return open_shop(Settings())


def latest_intent(tracker: Tracker) -> str:
    """What the shopper's message was read as, its first intent; "" where nothing says so."""
    read = tracker.latest_message.get("parse_data") or tracker.latest_message
    return str((read.get("intent") or {}).get("name") or "")
