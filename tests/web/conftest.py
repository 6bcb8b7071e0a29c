"""One scripted assistant behind one application for all tests of the web; each test finds it without a past."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from scripted_assistant import ScriptedAssistant, web_app
from starlette.testclient import TestClient


@pytest.fixture(scope="session")
def shared() -> Iterator[tuple[ScriptedAssistant, TestClient]]:
    assistant = ScriptedAssistant()
    with TestClient(web_app(assistant), base_url="http://127.0.0.1") as client:
        yield assistant, client


@pytest.fixture
def assistant(shared: tuple[ScriptedAssistant, TestClient]) -> ScriptedAssistant:
    shared[0].forget()
    return shared[0]


@pytest.fixture
def client(assistant: ScriptedAssistant, shared: tuple[ScriptedAssistant, TestClient]) -> TestClient:
    return shared[1]
