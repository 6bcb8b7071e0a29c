"""The REST channel as its clients see it: Rasa's shapes, and a reason for everything that it refuses."""

from __future__ import annotations

import json
import logging
from concurrent.futures import ThreadPoolExecutor

import httpx
import pytest
from fastapi import FastAPI
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from scripted_assistant import ScriptedAssistant, serving, web_app
from starlette.testclient import TestClient

from assistant.visits import Visit
from assistant.web.door import BODY_LIMIT_BYTES
from assistant.web.other_sites import OtherSites

WEBHOOK = "/webhooks/rest/webhook"


def say(client: TestClient, message: object, sender: object = "mia", **more: object):
    return client.post(WEBHOOK, json={"sender": sender, "message": message, **more})


def test_a_message_is_answered_with_one_entry_per_bot_message(client: TestClient) -> None:
    assert say(client, "hello").json() == [{"recipient_id": "mia", "text": "You said: hello"}]


def test_cards_travel_in_custom_and_buttons_in_rasas_shape(client: TestClient) -> None:
    [entry] = say(client, "boots").json()
    assert [card["name"] for card in entry["custom"]["cards"]][:2] == ["Tarnbeck Ridgeline Mid", "Fellhook Drift Low"]
    assert entry["buttons"][0] == {"title": "Show more", "payload": "/show_more"}
    assert "image" not in entry  # four products: no one picture stands for them


def test_the_picture_of_a_single_product_is_also_the_entrys_image(client: TestClient) -> None:
    [entry] = say(client, "one boot").json()
    assert entry["image"] == "http://127.0.0.1/media/products/ridgeline.svg"


def test_streaming_gives_whole_messages_line_by_line(client: TestClient) -> None:
    answer = client.post(f"{WEBHOOK}?stream=true", json={"sender": "mia", "message": "hello"})
    assert answer.headers["content-type"].startswith("application/x-ndjson")
    lines = [json.loads(line) for line in answer.text.splitlines()]
    assert lines == [{"recipient_id": "mia", "text": "You said: hello"}]


def test_partial_streaming_gives_the_words_first_and_then_the_message(client: TestClient) -> None:
    answer = client.post(f"{WEBHOOK}?stream=partial", json={"sender": "mia", "message": "hello"})
    *partials, message = [json.loads(line) for line in answer.text.splitlines()]
    assert "".join(line["partial"] for line in partials).strip() == message["text"] == "You said: hello"


@pytest.mark.parametrize("place", [{"message_id": "m-1"}, {"metadata": {"message_id": "m-1", "page": "/boots"}}])
def test_the_clients_message_id_reaches_the_assistant(
    client: TestClient, assistant: ScriptedAssistant, place: dict[str, object]
) -> None:
    first, second = say(client, "hello", **place), say(client, "hello", **place)
    assert first.json() == second.json()
    assert assistant.said == [("mia", "hello", "m-1")]


@pytest.mark.parametrize("stream", ["false", "true"])
@pytest.mark.parametrize(
    ("metadata", "visit"),
    [
        ({}, Visit()),
        ({"consent": True}, Visit(consent=True)),
        ({"consent": False, "product": ""}, Visit(consent=False, product="")),
        ({"token": "a.b.c", "product": "ridgeline"}, Visit(token="a.b.c", product="ridgeline")),
    ],
)
def test_what_the_page_tells_reaches_the_assistant(
    client: TestClient, assistant: ScriptedAssistant, metadata: dict[str, object], visit: Visit, stream: str
) -> None:
    client.post(f"{WEBHOOK}?stream={stream}", json={"sender": "mia", "message": "hello", "metadata": metadata})
    assert assistant.visits == {"mia": visit}


@pytest.mark.parametrize("wrong", [{"token": "x" * 5000}, {"token": 7}, {"product": "a\x00b"}, {"product": "p" * 300}])
def test_a_token_or_product_that_cannot_be_one_is_refused(client: TestClient, wrong: dict[str, object]) -> None:
    answer = say(client, "hello", metadata=wrong)
    assert answer.status_code == 400 and "metadata" in answer.json()["reason"]


def test_what_rasas_clients_add_is_passed_over(client: TestClient) -> None:
    assert say(client, "hello", input_channel="rest", stream=False).status_code == 200


def test_a_body_is_read_whatever_its_content_type(client: TestClient) -> None:
    assert client.post(WEBHOOK, content=b'{"sender": "mia", "message": "hello"}').status_code == 200


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        (b"", "Invalid JSON"),
        (b"{", "Invalid JSON"),
        (b"\xff\xfe\x00\x01", "Invalid JSON"),
        (b"[" * 30_000, "Invalid JSON"),
        (b"[]", "The request body"),
        (b'"hello"', "The request body"),
        (b'{"message": "hello"}', "sender: Field required"),
        (b'{"sender": "", "message": "hello"}', "sender"),
        (b'{"sender": "  ", "message": "hello"}', "blank"),
        (b'{"sender": null, "message": "hello"}', "sender"),
        (b'{"sender": 7, "message": "hello"}', "sender"),
        (b'{"sender": "a\\u0000b", "message": "hello"}', "printable"),
        (b'{"sender": "a\\nb", "message": "hello"}', "printable"),
        (b'{"sender": "' + b"x" * 256 + b'", "message": "hello"}', "255"),
        (b'{"sender": "mia"}', "message: Field required"),
        (b'{"sender": "mia", "message": null}', "message"),
        (b'{"sender": "mia", "message": 12}', "message"),
        (b'{"sender": "mia", "message": ["hello"]}', "message"),
        (b'{"sender": "mia", "message": "\\ud83d"}', "JSON"),
        (b'{"sender": "mia", "message": "hi", "message_id": ""}', "message_id"),
        (b'{"sender": "mia", "message": "hi", "metadata": "m-1"}', "metadata"),
    ],
)
def test_a_malformed_request_is_refused_with_the_reason(client: TestClient, body: bytes, reason: str) -> None:
    answer = client.post(WEBHOOK, content=body)
    assert answer.status_code == answer.json()["code"] == 400
    assert answer.json()["status"] == "failure"
    assert reason in answer.json()["reason"]


@pytest.mark.parametrize(
    "message",
    [
        "",
        " \n ",
        "a" * 10_000,
        "a\x00b\x01\x7f",
        "🙂🙃👩‍👩‍👧",
        "<script>alert(1)</script>",
        "'; DROP TABLE orders; --",
        "{{7*7}}",
    ],
)
def test_odd_messages_are_the_assistants_to_answer(
    client: TestClient, assistant: ScriptedAssistant, message: str
) -> None:
    assert say(client, message).status_code == 200
    assert assistant.said[-1][1] == message


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    body=st.one_of(
        st.binary(max_size=200),
        st.recursive(
            st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
            lambda inner: (
                st.lists(inner, max_size=3)
                | st.dictionaries(
                    st.sampled_from(["sender", "message", "metadata", "text", "context"]), inner, max_size=4
                )
            ),
        ).map(lambda value: json.dumps(value).encode()),
    ),
    path=st.sampled_from([WEBHOOK, f"{WEBHOOK}?stream=true", "/model/parse"]),
)
def test_no_body_brings_the_server_down(client: TestClient, body: bytes, path: str) -> None:
    assert client.post(path, content=body).status_code < 500


def test_a_body_over_the_limit_is_refused(client: TestClient) -> None:
    answer = say(client, "x" * BODY_LIMIT_BYTES)
    assert (answer.status_code, answer.json()["code"]) == (413, 413)


def test_a_body_that_grows_past_the_limit_in_chunks_is_refused(client: TestClient) -> None:
    chunks = (b" " * 4096 for _ in range(BODY_LIMIT_BYTES // 4096 + 2))
    assert client.post(WEBHOOK, content=chunks).status_code == 413


@pytest.mark.parametrize("stream", ["false", "true"])
def test_a_busy_conversation_is_a_conflict_to_try_again(client: TestClient, stream: str) -> None:
    answer = client.post(f"{WEBHOOK}?stream={stream}", json={"sender": "mia", "message": "busy"})
    assert (answer.status_code, answer.headers["retry-after"]) == (409, "1")
    assert "earlier message" in answer.json()["reason"]


@pytest.mark.parametrize(
    ("path", "body"),
    [
        (WEBHOOK, {"sender": "mia", "message": "explode"}),
        (f"{WEBHOOK}?stream=true", {"sender": "mia", "message": "explode"}),
        ("/model/parse", {"text": "explode"}),
    ],
)
def test_an_unexpected_error_has_an_id_in_the_answer_and_in_the_log(
    client: TestClient, caplog: pytest.LogCaptureFixture, path: str, body: dict[str, str]
) -> None:
    with caplog.at_level(logging.ERROR):
        answer = client.post(path, json=body)
    assert answer.status_code == answer.json()["code"] == 500
    error_id = answer.json()["reason"].rstrip(".").split()[-1]
    assert error_id in caplog.text
    assert "secret detail" in caplog.text
    assert "secret detail" not in answer.text


@pytest.mark.parametrize(
    ("method", "path", "code"), [("GET", "/nowhere", 404), ("GET", WEBHOOK, 405), ("DELETE", "/model/parse", 405)]
)
def test_a_wrong_path_or_method_is_told_in_json(client: TestClient, method: str, path: str, code: int) -> None:
    answer = client.request(method, path)
    assert (answer.status_code, answer.json()["status"], answer.json()["code"]) == (code, "failure", code)


def test_parse_gives_rasas_fields_and_all_commands(client: TestClient) -> None:
    text = "Waterproof boots up to 120, and can I return them?"
    answer = client.post("/model/parse", json={"text": text, "message_id": "m-7"}).json()
    assert (answer["text"], answer["message_id"]) == (text, "m-7")
    assert answer["intent"] == {"name": "search_products", "confidence": 0.93}
    assert [ranked["name"] for ranked in answer["intent_ranking"]] == ["search_products", "ask_policy"]
    assert answer["commands"] == [
        {"intent": "search_products", "slots": {"query": "boots", "feature": "waterproof", "max_price": 120}},
        {"intent": "ask_policy", "slots": {"topic": "returns"}},
    ]
    places = {e["entity"]: text[e["start"] : e["end"]] for e in answer["entities"] if "start" in e}
    assert places == {"query": "boots", "feature": "Waterproof", "max_price": "120"}  # "returns" was not said so


def test_parse_takes_the_context_of_the_conversation(client: TestClient) -> None:
    context = {"bot": "Which one?", "task": "product_details", "asked": "item", "shown": ["Fellhook Drift Low"]}
    assert client.post("/model/parse", json={"text": "the first", "context": context}).status_code == 200
    refused = client.post("/model/parse", json={"text": "the first", "context": {"shown": "Drift"}})
    assert (refused.status_code, "context.shown" in refused.json()["reason"]) == (400, True)


def test_parse_of_a_blank_text_finds_no_intent(client: TestClient) -> None:
    answer = client.post("/model/parse", json={"text": " "}).json()
    assert (answer["intent"], answer["commands"]) == ({"name": None, "confidence": 0.0}, [])


def test_parse_of_a_text_too_long_says_the_limit(client: TestClient) -> None:
    answer = client.post("/model/parse", json={"text": "a" * 10_000})
    assert (answer.status_code, "2000" in answer.json()["reason"]) == (400, True)


def test_parse_without_its_engine_says_so(client: TestClient) -> None:
    answer = client.post("/model/parse", json={"text": "engine gone"})
    assert (answer.status_code, answer.headers["retry-after"]) == (503, "5")
    assert "engine" in answer.json()["reason"]


def test_health_version_and_status(client: TestClient) -> None:
    assert client.get("/health").json() == client.get("/webhooks/rest/").json() == {"status": "ok"}
    assert set(client.get("/version").json()) == {"version", "minimum_compatible_version"}
    assert client.get("/status").json()["database"] == "postgresql://aisle:***@db/shop"


def test_a_products_picture_is_served_and_cannot_run_scripts(client: TestClient) -> None:
    picture = client.get("/media/products/ridgeline.svg")
    assert picture.headers["content-type"].startswith("image/svg+xml")
    assert "sandbox" in picture.headers["content-security-policy"]
    assert client.get("/media/products/nothing.svg").status_code == 404


def test_many_shoppers_are_answered_at_the_same_time() -> None:

    def ask(number: int) -> str:
        body = {"sender": f"shopper-{number}", "message": f"hello {number}"}
        return httpx.post(f"{address}{WEBHOOK}?stream=true", json=body, timeout=20).json()["text"]

    with serving(web_app(ScriptedAssistant())) as address, ThreadPoolExecutor(20) as pool:
        assert list(pool.map(ask, range(40))) == [f"You said: hello {number}" for number in range(40)]


def test_metrics_are_served_in_the_form_of_prometheus(client):
    response = client.get("/metrics")
    assert response.status_code == 200 and response.headers["content-type"].startswith("text/plain")
    assert (
        "# TYPE aisle_turns_total counter" in response.text and "# TYPE aisle_stage_seconds histogram" in response.text
    )


@pytest.mark.parametrize(
    ("origin", "path", "leave"),
    [
        ("https://shop.example", "/webhooks/rest/webhook", "https://shop.example"),
        ("https://evil.example", "/webhooks/rest/webhook", None),
        ("https://shop.example", "/model/parse", None),
        ("https://shop.example", "/chat/copy", None),
    ],
)
def test_only_named_sites_may_call_and_only_the_rest_channel(origin: str, path: str, leave: str | None) -> None:
    client = TestClient(OtherSites(FastAPI(), ["https://shop.example"]))
    asking = {
        "Origin": origin,
        "Access-Control-Request-Method": "POST",
        "Access-Control-Request-Headers": "content-type",
    }
    for answer in (client.options(path, headers=asking), client.post(path, headers={"Origin": origin})):
        assert answer.headers.get("access-control-allow-origin") == leave
        assert "access-control-allow-credentials" not in answer.headers
