"""Actions about the conversation itself."""

from __future__ import annotations

import re
from typing import Any

from rasa_sdk.events import EventType
from rasa_sdk.executor import CollectingDispatcher
from rasa_sdk.interfaces import Tracker

from assistant.actions.base import ShopAction
from assistant.actions.products import results_again
from assistant.facts import Card, from_elsewhere
from dialogues.messages import source

BACK = re.compile(
    r"\b(?:back|previous|return|(?:whole|full|entire|first|earlier|other) (?:list|results|ones)|all (?:the|those) "
    r"(?:results|ones)|results|list)\b",
    re.IGNORECASE,
)


class ActionAskBack(ShopAction):
    """Ask whether the best guess is what the shopper means."""

    def name(self) -> str:
        return "action_ask_back"

    async def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: dict[str, Any]) -> list[EventType]:
        means = str(tracker.get_slot("means"))
        buttons = [
            {"title": means[:1].upper() + means[1:], "payload": "/affirm"},
            {"title": "Something else", "payload": "/deny"},
        ]
        dispatcher.utter_message(response="utter_ask_which_meaning", buttons=buttons)
        return []


class ActionRepeat(ShopAction):
    """Say the last messages again, word for word; "back to the list" from one product shows the results again."""

    def name(self) -> str:
        return "action_repeat"

    async def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: dict[str, Any]) -> list[EventType]:
        if BACK.search(str(tracker.latest_message.get("text") or "")):
            with self.shop.database.reading() as session:
                if (events := results_again(session, dispatcher, tracker, self.shop.vectors)) is not None:
                    return events
        said = [event for event in tracker.events if event["event"] == "bot"]
        for event in said:
            data = event["data"]
            receipts = (data.get("receipts") or {}).get("cards") or [source("the last reply")] * len(data["cards"])
            cards = [Card(card, receipt) for card, receipt in zip(data["cards"], receipts, strict=True)]
            dispatcher.utter_message(
                response="utter_repeat",
                text=from_elsewhere(event["text"], "the last reply", data["response"]),
                buttons=data["buttons"],
                json_message={"cards": cards},
            )
        if not said:
            dispatcher.utter_message(response="utter_repeat_nothing")
        return []
