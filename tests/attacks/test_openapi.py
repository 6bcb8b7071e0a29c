"""The HTTP API under schemathesis: whatever fits its description, and whatever does not, is answered below 500."""

from __future__ import annotations

from contextlib import suppress
from typing import Any

import pytest
from hostile_shop import Hostile
from hypothesis import HealthCheck, given, settings
from hypothesis.errors import Unsatisfiable
from pydantic import BaseModel
from starlette.testclient import TestClient

from assistant.web.channels import ParseRequest, UserMessage
from assistant.web.mail_routes import MailWanted
from assistant.web.page_routes import CopyWanted, Privacy, Rating

schemathesis = pytest.importorskip("schemathesis", reason="schemathesis is not installed: pip install -e '.[dev]'")
generation = pytest.importorskip("schemathesis.generation.modes")

BODIES: dict[str, type[BaseModel]] = {
    "/webhooks/rest/webhook": UserMessage,
    "/model/parse": ParseRequest,
    "/chat/thumb": Rating,
    "/chat/private": Privacy,
    "/chat/copy": CopyWanted,
    "/chat/mail": MailWanted,
}
LEAKS = ("Traceback", 'File "', ".py", "sqlalchemy", "site-packages", "OperationalError")
FEW = settings(max_examples=6, deadline=None, suppress_health_check=list(HealthCheck), database=None)


def description(shop: Hostile) -> dict[str, Any]:
    """The application's OpenAPI. Routes that read their bodies themselves get the model that reads them."""
    found: dict[str, Any] = shop.app.openapi()
    for path, model in BODIES.items():
        schema = model.model_json_schema(ref_template="#/components/schemas/{model}")
        found.setdefault("components", {}).setdefault("schemas", {}).update(schema.pop("$defs", {}))
        body = {"required": True, "content": {"application/json": {"schema": schema}}}
        found["paths"][path]["post"]["requestBody"] = body
    return found


def test_every_route_that_is_described_bears_what_fits_and_what_does_not(
    hostile: tuple[Hostile, TestClient], browser: TestClient
) -> None:
    shop, _ = hostile
    schema = schemathesis.openapi.from_dict(description(shop))
    operations = [result.ok() for result in schema.get_all_operations()]
    assert {"/webhooks/rest/messages", "/media/products/{product_id}.svg", *BODIES} <= {one.path for one in operations}
    for operation in operations:
        bears(operation, generation.GenerationMode.POSITIVE, browser)
        with suppress(Unsatisfiable):  # nothing that is sent to it could be wrong
            bears(operation, generation.GenerationMode.NEGATIVE, browser)


def bears(operation: Any, mode: Any, browser: TestClient) -> None:
    @FEW
    @given(operation.as_strategy(generation_mode=mode))
    def run(case: Any) -> None:
        asked = case.as_transport_kwargs(base_url="http://127.0.0.1")
        kept = {name: asked[name] for name in ("params", "json", "headers") if asked.get(name) is not None}
        if asked.get("data") is not None:
            kept["content"] = asked["data"] if isinstance(asked["data"], bytes | str) else str(asked["data"])
        try:
            answer = browser.request(asked["method"], asked["url"], **kept)
        except (UnicodeError, ValueError):
            return  # no client could send it
        assert answer.status_code < 500 or answer.status_code == 503, (asked, answer.text)
        assert not any(leak in answer.text for leak in LEAKS if "/widget" not in operation.path), answer.text[:400]

    run()
