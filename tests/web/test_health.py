"""Ready is only who can serve: the database there and of this version, the engine not stuck."""

from __future__ import annotations

import threading
from types import SimpleNamespace
from typing import Any

import pytest
from fastapi import FastAPI
from sqlalchemy import text
from starlette.testclient import TestClient

from assistant.engines.time_limit import TimeLimitedEngine
from assistant.health import checks_of
from assistant.store import Database
from assistant.web.health_routes import health_routes
from assistant.web.places import Limits, Places
from intents.engine import Completion, EngineError


class HangingEngine:
    name, model = "hanging", "none"

    def __init__(self) -> None:
        self.go_on = threading.Event()

    def generate(self, prompts: Any, **asked: Any) -> list[Completion]:
        self.go_on.wait(30)
        return []


def ready(database: Database, engine: Any) -> tuple[int, dict[str, Any]]:
    assistant: Any = SimpleNamespace(
        database=database, recogniser=SimpleNamespace(engine=engine), writer=SimpleNamespace(engine=engine)
    )
    app = FastAPI()
    app.include_router(health_routes(checks_of(assistant), Places(Limits(1, 1, 1))))
    with TestClient(app) as client:
        assert client.get("/health/live").json() == {"status": "ok"}
        answer = client.get("/health/ready")
    return answer.status_code, answer.json()


def test_ready_while_the_database_is_there_and_not_while_its_version_is_another(own_database: Database) -> None:
    engine = TimeLimitedEngine(HangingEngine(), 1)
    assert ready(own_database, engine) == (200, {"status": "ok"})
    with own_database.session() as session:
        session.execute(text("UPDATE alembic_version SET version_num = '0001'"))
    assert ready(own_database, engine) == (503, {"status": "not ready", "failed": ["database"]})


def test_a_database_that_has_gone_is_told_of_without_its_address() -> None:
    gone = Database("postgresql://aisle:hunter2@127.0.0.1:9/aisle")
    code, said = ready(gone, object())
    assert (code, said) == (503, {"status": "not ready", "failed": ["database"]})


def test_not_ready_while_the_engine_is_stuck_and_ready_when_it_is_back(own_sqlite: Database) -> None:
    hanging = HangingEngine()
    engine = TimeLimitedEngine(hanging, 0.02)
    with pytest.raises(EngineError):
        engine.generate(["x"])
    threading.Event().wait(0.05)
    assert ready(own_sqlite, engine) == (503, {"status": "not ready", "failed": ["engine"]})
    hanging.go_on.set()
    threading.Event().wait(0.05)
    assert ready(own_sqlite, engine)[0] == 200
