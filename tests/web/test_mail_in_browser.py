"""The copy by mail, asked for on the chat page in a real browser."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

from browser import PHONE, launched, opening
from mail_server import receiving
from pydantic import SecretStr
from scripted_assistant import PICTURE, SHOP, ScriptedAssistant, ShopSettings
from serving import serving

from assistant.store import Customer, Database
from assistant.web.app import create_app


def test_a_shopper_is_told_where_the_copy_would_go_and_agrees(own_sqlite: Database) -> None:
    with own_sqlite.session() as session:
        session.add(Customer(id="mia_12", email="mia@example.com", first_name="Mia", last_name="Lindqvist"))
    slots: dict[str, Any] = {}
    assistant: Any = ScriptedAssistant()
    assistant.database, assistant.tracker = own_sqlite, lambda sender: SimpleNamespace(slots=slots)
    with receiving() as post, launched() as chromium, opening(chromium) as open_page:
        url = SecretStr(f"smtp://127.0.0.1:{post.port}")
        settings: Any = ShopSettings(smtp_url=url, smtp_sender="shop@example.com")
        with serving(create_app(assistant, lambda _: PICTURE, settings, SHOP)) as address:
            shopper = open_page(PHONE)
            shopper.opens(address)
            shopper.says("hello")
            notice = shopper.page.locator(".notice")
            shopper.picks("Send me a copy by mail")
            notice.get_by_text("Please tell the assistant who you are first").wait_for()
            assert not notice.get_by_role("button", name="Send it").is_visible()
            slots["customer_id"] = "mia_12"
            shopper.picks("Send me a copy by mail")
            notice.get_by_text("Send a copy of this chat to m\u2026@example.com?").wait_for()
            assert post.inbox.mails == []
            notice.get_by_role("button", name="Send it").click()
            notice.get_by_text("A copy is on its way to m\u2026@example.com.").wait_for()
            assert not notice.get_by_role("button", name="Send it").is_visible()
    assert "You: hello" in post.inbox.mails[0].get_content()
