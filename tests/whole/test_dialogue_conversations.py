"""The conversations of dialogues/conversations, each on a fresh shop.

All of them are played as they mean, which shows what the dialogue and the shop make of rightly understood words; some
are played with the real model as well. `aisle test` plays every one with it, which takes minutes.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from assistant.settings import Settings
from assistant.testing.meant import as_meant
from assistant.testing.shops import Shops, with_model
from assistant.testing.tasks import Task, read_tasks
from assistant.testing.written import play_written
from dialogues.conversations import Conversation, load_conversations
from dialogues.responses import load_responses
from intents.catalogue import load_catalogue
from intents.engine import Engine
from tests.read_shop import reader_with_memory

CONVERSATIONS = load_conversations(load_catalogue(), load_responses())
WITH_MODEL = [one for one in CONVERSATIONS if Path(one.where.rsplit(":", 1)[0]).name == "orders.yml"]


@pytest.fixture(scope="session")
def meant(tmp_path_factory: pytest.TempPathFactory) -> Shops:
    settings = Settings()
    return Shops(settings, tmp_path_factory.mktemp("meant"), None, as_meant(settings), reader_with_memory())


@pytest.fixture(scope="session")
def meant_tau2(tmp_path_factory: pytest.TempPathFactory, shared_data: Path) -> Shops:
    settings = Settings()
    folder, data = tmp_path_factory.mktemp("meant-tau2"), shared_data / "tau2_retail"
    return Shops(settings, folder, data, as_meant(settings), reader_with_memory())


@pytest.fixture(scope="session")
def understood(tmp_path_factory: pytest.TempPathFactory, engine: Engine) -> Shops:
    settings = Settings()
    folder = tmp_path_factory.mktemp("understood")
    return Shops(settings, folder, None, with_model(settings, engine), reader_with_memory())


@pytest.fixture(scope="session")
def tasks(shared_data: Path) -> dict[str, Task]:
    return read_tasks(shared_data / "tau2_retail")


@pytest.mark.parametrize("conversation", CONVERSATIONS, ids=lambda one: one.name)
def test_conversation_as_it_means(conversation: Conversation, request: pytest.FixtureRequest) -> None:
    of_tau2 = conversation.shop == "tau2"  # skips with the fixture's one line where the data is absent
    shops: Shops = request.getfixturevalue("meant_tau2" if of_tau2 else "meant")
    known: dict[str, Task] = request.getfixturevalue("tasks") if of_tau2 else {}
    played = play_written(conversation, shops, known)
    assert not played.faults, "\n".join(played.faults)


@pytest.mark.parametrize("conversation", WITH_MODEL, ids=lambda one: one.name)
def test_conversation_with_the_model(conversation: Conversation, understood: Shops) -> None:
    played = play_written(conversation, understood, {})
    assert not played.faults, "\n".join(played.faults)
