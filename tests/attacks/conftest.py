"""One application for all attacks: the real assistant over a shop full of hostile names, with desk and studio.

Only the model is a stand-in, which reads what it is told to. Every attack is a test that fails without its defence.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from starlette.testclient import TestClient

sys.path.insert(0, str(Path(__file__).parents[1] / "web"))  # the desk's people and the studio's files are there

from hostile_shop import Hostile, hostile_app

from assistant.store import Database


@pytest.fixture(scope="session")
def hostile(
    new_database: Callable[[str], Database], tmp_path_factory: pytest.TempPathFactory
) -> Iterator[tuple[Hostile, TestClient]]:
    built = hostile_app(new_database("sqlite"), tmp_path_factory.mktemp("hostile"))
    with TestClient(
        built.app, base_url="http://127.0.0.1", follow_redirects=False, raise_server_exceptions=False
    ) as client:
        yield built, client


@pytest.fixture
def shop(hostile: tuple[Hostile, TestClient]) -> Hostile:
    return hostile[0]


@pytest.fixture
def browser(hostile: tuple[Hostile, TestClient]) -> TestClient:
    """Nobody is signed in."""
    hostile[1].cookies.clear()
    return hostile[1]
