"""The conversations of dialogues/conversations, with the real model, each on a fresh shop."""

from __future__ import annotations

from pathlib import Path

import pytest

from assistant.settings import Settings
from assistant.testing.shops import Shops, with_model
from assistant.testing.tasks import Task, read_tasks
from assistant.testing.written import play_written
from dialogues.conversations import Conversation, load_conversations
from dialogues.responses import load_responses
from intents.catalogue import load_catalogue
from intents.engine import Engine

CONVERSATIONS = load_conversations(load_catalogue(), load_responses())


@pytest.fixture(scope="session")
def shops(tmp_path_factory: pytest.TempPathFactory, engine: Engine) -> Shops:
    settings = Settings()
    return Shops(settings, tmp_path_factory.mktemp("played"), None, with_model(settings, engine))


@pytest.fixture(scope="session")
def tau2_shops(tmp_path_factory: pytest.TempPathFactory, engine: Engine, shared_data: Path) -> Shops:
    settings = Settings()
    folder = tmp_path_factory.mktemp("played-tau2")
    return Shops(settings, folder, shared_data / "tau2_retail", with_model(settings, engine))


@pytest.fixture(scope="session")
def tasks(shared_data: Path) -> dict[str, Task]:
    return read_tasks(shared_data / "tau2_retail")


@pytest.mark.parametrize("conversation", CONVERSATIONS, ids=lambda one: one.name)
def test_conversation(conversation: Conversation, request: pytest.FixtureRequest) -> None:
    of_tau2 = conversation.shop == "tau2"  # skips with the fixture's one line where the data is absent
    fresh: Shops = request.getfixturevalue("tau2_shops" if of_tau2 else "shops")
    known: dict[str, Task] = request.getfixturevalue("tasks") if of_tau2 else {}
    played = play_written(conversation, fresh, known)
    assert not played.faults, "\n".join(played.faults)
