"""The whole assistant: the real model with the shipped adapter, over the demo shop."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import pytest

from assistant.actions.base import Shop, open_shop
from assistant.assembly import assemble
from assistant.engines import open_engine
from assistant.importers.tau2 import import_tau2
from assistant.settings import Settings
from assistant.shop.builder import build_demo_shop
from assistant.store import refresh_vectors
from assistant.turns import Assistant
from dialogues.messages import BotMessage
from intents.engine import Engine
from tests.read_shop import reader_with_memory


@dataclass
class Chat:
    """One shopper's conversation."""

    assistant: Assistant
    sender: str

    def says(self, text: str) -> list[BotMessage]:
        return self.assistant.handle(self.sender, text)

    def responses(self, text: str) -> list[str]:
        return [message.response for message in self.says(text)]


@pytest.fixture(scope="session")
def engine() -> Engine:
    """The serving engine, one for all tests: loading it takes seconds."""
    return open_engine(Settings())


@pytest.fixture(scope="session")
def demo_shop(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Shop]:
    shop = open_shop(Settings(database_url=f"sqlite:///{tmp_path_factory.mktemp('demo')}/shop.db"))
    shop.database.upgrade()
    build_demo_shop(shop.database, datetime.now(UTC).date())
    refresh_vectors(shop.database, reader_with_memory())
    yield shop
    shop.database.close()


@pytest.fixture(scope="session")
def tau2_shop(tmp_path_factory: pytest.TempPathFactory, shared_data: Path) -> Iterator[Shop]:
    shop = open_shop(Settings(database_url=f"sqlite:///{tmp_path_factory.mktemp('tau2')}/shop.db"))
    shop.database.upgrade()
    import_tau2(shop.database, shared_data / "tau2_retail" / "db.json")
    yield shop
    shop.database.close()


@pytest.fixture(scope="session")
def assistant(demo_shop: Shop, engine: Engine) -> Assistant:
    return assemble(Settings(), demo_shop, engine)


@pytest.fixture(scope="session")
def tau2_assistant(tau2_shop: Shop, engine: Engine) -> Assistant:
    return assemble(Settings(), tau2_shop, engine)


@pytest.fixture
def chat(assistant: Assistant) -> Chat:
    return Chat(assistant, uuid.uuid4().hex)


@pytest.fixture
def new_chat() -> Callable[[Assistant], Chat]:
    return lambda assistant: Chat(assistant, uuid.uuid4().hex)
