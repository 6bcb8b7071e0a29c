"""A scripted assistant for the tests of the HTTP shapes, the page and the terminal; what it says is fixed in advance.

The real assistant is played in the end-to-end tests. Here only the way in and out is under test: what a
client may send, what it gets back, and what the page does with a card, a button or a turn that breaks."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from fastapi import FastAPI
from pydantic import SecretStr
from serving import serving as serving  # its tests find it beside the application

from assistant.cart_panel import CartPanel, PanelLine
from assistant.feedback import NoSuchConversation, NoSuchReply
from assistant.locks import ConversationBusy
from assistant.metrics import Metrics
from assistant.pieces import Piece
from assistant.visits import NOTHING_TOLD, Visit
from assistant.web.app import create_app
from dialogues.messages import BotMessage, Button
from intents.commands import Command
from intents.context import Context
from intents.engine import EngineError
from intents.recogniser import Understanding

SHOP = "Harbour & Finch"
PICTURE = (
    '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 220 160"><rect width="220" height="160" fill="#dfe9e4"/>'
    '<path d="M70 50v50q0 14 14 14h72q10 0 8-12-2-10-14-12-26-6-34-40z" fill="#4d7f78"/></svg>'
)


@dataclass(frozen=True)
class ShopSettings:
    """The part of the settings that the web application reads."""

    max_message_chars: int = 2000
    embed_origins: tuple[str, ...] = ()
    rest_origins: tuple[str, ...] = ()
    remember_views: str = "with_consent"
    smtp_url: SecretStr | None = None
    smtp_sender: str | None = None
    most_turns: int = 96
    most_turns_of_conversation: int = 3
    most_turns_of_address: int | None = 16


def product_card(name: str = "Tarnbeck Ridgeline Mid", **changes: Any) -> dict[str, Any]:
    return {
        "kind": "product",
        "id": "ridgeline",
        "name": name,
        "brand": "Tarnbeck",
        "category": "hiking boots",
        "price": "$109.00",
        "rating": 4.6,
        "ratings": 312,
        "in_stock": True,
        "image": "/media/products/ridgeline.svg",
        "options": {"color": ["slate", "plum"], "size": ["5", "6", "7", "8", "9"]},
        **changes,
    }


KEYBOARD = product_card(
    "Mechanical Keyboard",
    brand=None,
    category="Keyboards",
    price="from $109.00",
    options={"switch": ["clicky", "linear"], "backlight": ["RGB", "white"]},
    variants=[
        {"options": "clicky, RGB", "price": "$109.00", "in_stock": True},
        {"options": "clicky, white", "price": "$112.50", "in_stock": False},
    ],
)
ORDER_CARD = {
    "kind": "order",
    "id": "#W2378156",
    "status": "delivered",
    "placed": "November 3, 2026",
    "total": "$182.40",
    "eta": None,
    "items": [
        {"name": "Linen cushion", "options": "blue, full size", "quantity": 2, "price": "$24.00"},
        {"name": "Lodestar desk lamp", "options": "", "quantity": 1, "price": "$134.40"},
    ],
}
BOOTS = (
    product_card(),
    product_card("Fellhook Drift Low", price="$84.50", rating=4.2, ratings=1208, options={"color": ["moss"]}),
    product_card("Tarnbeck Screeline GTX Women's Trail Boot", price="$118.00", in_stock=False, rating=3.9),
    product_card("Moorgate Otter", price="$96.00", image=None, rating=None),
)
BOOT = "Tarnbeck Ridgeline Mid (slate, size 8)"
CART = CartPanel(
    (
        PanelLine(
            BOOT, "Tarnbeck Ridgeline Mid", "slate, size 8", 2, "$218.00", "/media/products/ridgeline.svg", True, 4
        ),
    ),
    2,
    "$218.00",
)
COMPARISON = {
    "kind": "table",
    "title": "Comparison",
    "columns": ["Tarnbeck Ridgeline Mid", "Fellhook Drift Low", "Moorgate Otter"],
    "rows": [
        {"name": "price", "values": ["$109.00", "$84.50", "$96.00"]},
        {"name": "waterproof", "values": ["yes, sealed membrane", "no", "yes, coated lining"]},
    ],
    "in_stock": [True, True, False],
}
REPLIES = {
    "boots": BotMessage(
        "I found 12 waterproof hiking boots under $120. These four come closest to what you described.",
        "utter_products_found",
        {"count": "12"},
        cards=BOOTS,
        buttons=(
            Button("Show more", "/show_more"),
            Button("Cheaper ones", '/refine_search{"price_direction": "cheaper"}'),
        ),
    ),
    "one boot": BotMessage("Here it is.", "utter_one_product_found", {}, cards=BOOTS[:1]),
    "keyboard": BotMessage("One keyboard has clicky switches.", "utter_one_product_found", {}, cards=(KEYBOARD,)),
    "order": BotMessage("Your order #W2378156 was delivered.", "utter_order_status", {}, cards=(ORDER_CARD,)),
    "compare": BotMessage("Here is what differs.", "utter_comparison", {}, cards=(COMPARISON,)),
    "cart": BotMessage("It is in your cart.", "utter_added_to_cart", {}),
    "orders": BotMessage(
        "These are your orders.",
        "utter_orders",
        {},
        cards=tuple(
            {**ORDER_CARD, "id": f"#W{number}", "status": status}
            for number, status in enumerate(("pending", "shipped", "cancelled", "return requested"), start=1)
        ),
    ),
    "sure": BotMessage(
        "Shall I cancel order #W1?", "utter_confirm", {}, buttons=(Button("Yes", "/affirm"), Button("No", "/deny"))
    ),
    "html": BotMessage(
        '<img src=x onerror="window.hacked=1"> <b>bold</b> ${1+1} {{value}}',
        "utter_x",
        {},
        cards=(product_card("<script>window.hacked=1</script>", image="//evil.example/x.png", brand='"><img src=x>'),),
    ),
}


class ScriptedAssistant:
    """The turn interface with a script instead of a mind. It remembers message ids, as the real one does."""

    def __init__(self) -> None:
        self.lock = threading.Lock()
        self.metrics = Metrics()
        self.forget()

    def forget(self) -> None:
        """Begin anew, so that the tests of a session can share one application."""
        self.visits: dict[str, Visit] = {}  # of each sender's last message
        self.said: list[tuple[str, str, str | None]] = []
        self.histories: dict[str, list[tuple[str, Any]]] = {}
        self.answers: dict[tuple[str, str], list[BotMessage]] = {}
        self.carts: dict[str, CartPanel] = {}
        self.rated: dict[str, dict[int, Any]] = {}
        self.private: dict[str, bool] = {}  # as the shopper asked
        self.pause_s = 0.0
        self.failures_to_come = 0

    def greeting(self) -> BotMessage:
        return BotMessage(
            f"Hello and welcome to {SHOP}! I can help you find something, or look up an order.",
            "utter_greet",
            {"shop": SHOP},
            buttons=(Button("Find hiking boots", "boots"), Button("Where is my order?", "order")),
        )

    def handle(
        self,
        sender: str,
        text: str,
        message_id: str | None = None,
        on_piece: Callable[[Piece], None] | None = None,
        visit: Visit = NOTHING_TOLD,
    ) -> list[BotMessage]:
        self.visits[sender] = visit
        if text == "busy":
            raise ConversationBusy("An earlier message is still being answered.")
        if text == "explode" or self.failures_to_come:
            self.failures_to_come = max(0, self.failures_to_come - 1)
            raise RuntimeError("a secret detail of the machine room")
        with self.lock:
            repeated = message_id is not None and (sender, message_id) in self.answers
            if not repeated:
                self.said.append((sender, text, message_id))
                messages = [REPLIES.get(text, BotMessage(f"You said: {text}", "utter_echo", {}))]
                self.answers[sender, message_id or f"{len(self.said)}"] = messages
                if text == "cart" or text.startswith("/remove_from_cart"):
                    self.carts[sender] = CART if text == "cart" else CartPanel()
                history = self.histories.setdefault(sender, [])
                history += [("user", visit.title or text), *(("bot", message) for message in messages)]
            else:
                messages = self.answers[sender, message_id or ""]
        for message in messages if on_piece else ():
            assert on_piece
            for word in message.text.split(" "):
                time.sleep(self.pause_s)
                on_piece(Piece("text", word + " "))
            on_piece(Piece("message", message=message))
        return messages

    def history(self, sender: str) -> list[tuple[str, Any]]:
        return list(self.histories.get(sender, []))

    def cart(self, sender: str) -> CartPanel:
        return self.carts.get(sender, CartPanel())

    def thumbs(self, sender: str) -> dict[int, Any]:
        return {turn: thumb for turn, thumb in self.rated.get(sender, {}).items() if thumb}

    def rate(self, sender: str, turn: int, thumb: Any) -> None:
        if turn > sum(who == "user" for who, _ in self.histories.get(sender, [])):
            raise NoSuchReply
        self.rated.setdefault(sender, {})[turn] = thumb

    def keep_private(self, sender: str, private: bool) -> None:
        if sender not in self.histories:
            raise NoSuchConversation
        self.private[sender] = private

    def staff_messages(self, sender: str, after: int) -> list[tuple[int, BotMessage]]:
        return []

    def understand(self, text: str, context: Context) -> Understanding:
        if text == "explode":
            raise RuntimeError("a secret detail of the machine room")
        if text == "engine gone":
            raise EngineError("The engine's process ended.")
        commands = (
            Command("search_products", (("query", "boots"), ("feature", "waterproof"), ("max_price", 120))),
            Command("ask_policy", (("topic", "returns"),)),
        )
        return Understanding(text, commands, confidence=0.93, model="scripted")

    def status(self) -> dict[str, str]:
        return {"engine": "scripted", "model": "none", "database": "postgresql://aisle:***@db/shop"}


def web_app(assistant: ScriptedAssistant) -> FastAPI:
    return create_app(assistant, lambda product: PICTURE if product == "ridgeline" else None, ShopSettings(), SHOP)  # type: ignore[arg-type]
