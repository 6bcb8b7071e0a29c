"""A copy of the conversation by mail, over a real SMTP server on this machine."""

from __future__ import annotations

from collections.abc import Iterator
from types import SimpleNamespace
from typing import Any

import pytest
from fastapi import FastAPI
from mail_server import MailServer, receiving
from pydantic import ValidationError
from scripted_assistant import ScriptedAssistant
from starlette.testclient import TestClient

from assistant.mail import Mailer, Undeliverable
from assistant.settings import Settings
from assistant.store import Customer, Database
from assistant.web.app import tell_failure
from assistant.web.mail_routes import MOST_TO_ONE, Quota, mail_routes
from assistant.web.shell import header_html

TALK = "web-" + "a" * 32
CARD = "4111 1111 1111 1111"


@pytest.fixture(scope="module")
def running() -> Iterator[MailServer]:
    with receiving() as server:
        yield server


@pytest.fixture
def post(running: MailServer) -> MailServer:
    running.inbox.mails.clear()
    return running


@pytest.fixture
def shop(post: MailServer, own_sqlite: Database) -> tuple[TestClient, ScriptedAssistant, dict[str, Any]]:
    """The route over a conversation whose slots the test sets."""
    with own_sqlite.session() as session:
        session.add(Customer(id="mia_12", email="mia@example.com", first_name="Mia", last_name="Lindqvist"))
    slots: dict[str, Any] = {}
    assistant: Any = ScriptedAssistant()
    assistant.database = own_sqlite
    assistant.tracker = lambda sender: SimpleNamespace(slots=slots if sender == TALK else {})
    app = FastAPI()
    app.add_exception_handler(409, tell_failure)
    app.include_router(mail_routes(assistant, "Harbour & Finch", post.mailer()))
    return TestClient(app), assistant, slots


Shop = tuple[TestClient, ScriptedAssistant, dict[str, Any]]


def test_a_copy_goes_to_the_address_of_the_customer_who_was_identified(shop: Shop, post: MailServer) -> None:
    client, assistant, slots = shop
    slots["customer_id"] = "mia_12"
    assistant.handle(TALK, f"my card is {CARD} <b>")
    asked = client.post("/chat/mail", json={"conversation": TALK}).json()
    assert asked == {"to": "m…@example.com"} and post.inbox.mails == [], "nothing goes out unasked"
    assert client.post("/chat/mail", json={"conversation": TALK, **asked}).json() == {"sent": "m…@example.com"}
    (mail,) = post.inbox.mails
    assert (mail["From"], mail["To"]) == ("shop@example.com", "mia@example.com")
    assert mail["Subject"] == "Harbour & Finch: your conversation" and mail["Auto-Submitted"] == "auto-generated"
    assert mail.get_content_type() == "text/plain"
    text = mail.get_content()
    assert "You: my card is [card] <b>" in text and CARD not in text and "Hello and welcome" in text


def test_a_stranger_is_asked_who_they_are_and_an_address_of_choice_is_not_taken(shop: Shop, post: MailServer) -> None:
    client, _, slots = shop
    stranger = client.post("/chat/mail", json={"conversation": TALK})
    assert stranger.status_code == 409 and "who you are" in stranger.text
    slots["customer_id"] = "mia_12"
    for to in ("eve@evil.example", "mia@example.com", "e…@example.com"):
        assert client.post("/chat/mail", json={"conversation": TALK, "to": to}).status_code == 409
    other = client.post("/chat/mail", json={"conversation": "web-" + "b" * 32, "to": "m…@example.com"})
    assert other.status_code == 409 and post.inbox.mails == []


def test_a_fourth_copy_within_the_hour_is_refused(shop: Shop, post: MailServer) -> None:
    client, _, slots = shop
    slots["customer_id"] = "mia_12"
    wanted = {"conversation": TALK, "to": "m…@example.com"}
    codes = [client.post("/chat/mail", json=wanted).status_code for _ in range(MOST_TO_ONE + 1)]
    assert codes == [200] * MOST_TO_ONE + [429] and len(post.inbox.mails) == MOST_TO_ONE


def test_the_quota_is_by_address_and_by_the_hour() -> None:
    moment = [0.0]
    quota = Quota(lambda: moment[0])
    assert [quota.take("mia") for _ in range(4)] == [True, True, True, False]
    assert quota.take("noah")
    moment[0] = 3600.0
    assert quota.take("mia")


@pytest.mark.parametrize(
    "to", ["mia@elsewhere.example", "", "mia", "mia@example.com\nBcc: eve@example.com", "a@b@example.com"]
)
def test_what_cannot_be_delivered_is_said_without_the_address(post: MailServer, to: str) -> None:
    with pytest.raises(Undeliverable) as refused:
        post.mailer().send(to, "Hello", "Hello.")
    assert "mia" not in str(refused.value).lower() and post.inbox.mails == []


def test_a_line_break_in_the_shops_name_adds_no_header(post: MailServer) -> None:
    with pytest.raises(Undeliverable):
        post.mailer().send("mia@example.com", "Hello\nBcc: eve@example.com", "Hello.")


def test_a_password_is_not_sent_without_tls(post: MailServer) -> None:
    with pytest.raises(Undeliverable, match="no TLS"):
        post.mailer("smtp://shop:secret@127.0.0.1:{port}").send("mia@example.com", "Hello", "Hello.")


def test_a_server_that_is_away_is_named(post: MailServer) -> None:
    with pytest.raises(Undeliverable, match=r"127\.0\.0\.1:9"):
        post.mailer("smtp://127.0.0.1:9").send("mia@example.com", "Hello", "Hello.")


def test_without_a_mail_server_no_copy_is_offered() -> None:
    assert Mailer.of(Settings()) is None
    assert "by mail" not in header_html("Shop") and "by mail" in header_html("Shop", by_mail=True)


@pytest.mark.parametrize("url", ["http://mail.example", "smtp://", "smtp://mail.example:99999", "mail.example"])
def test_a_mail_server_that_is_none_is_refused_at_the_start(url: str) -> None:
    with pytest.raises(ValidationError, match="smtp://user:password"):
        Settings(smtp_url=url, smtp_sender="shop@example.com")  # type: ignore[arg-type]


def test_a_mail_server_needs_a_sender_and_its_password_is_not_shown() -> None:
    with pytest.raises(ValidationError, match="AISLE_SMTP_SENDER"):
        Settings(smtp_url="smtp://mail.example")  # type: ignore[arg-type]
    settings = Settings(smtp_url="smtp://shop:hush@mail.example", smtp_sender="shop@example.com")  # type: ignore[arg-type]
    assert "hush" not in settings.describe() and "hush" not in repr(Mailer.of(settings))
