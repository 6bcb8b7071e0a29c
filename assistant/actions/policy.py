"""How the shop does things, in the shop's own words."""

from __future__ import annotations

from typing import Any

from rasa_sdk import Tracker
from rasa_sdk.events import EventType
from rasa_sdk.executor import CollectingDispatcher

from assistant.actions.base import POLICIES, ShopAction
from assistant.facts import from_elsewhere


class ActionAnswerPolicy(ShopAction):
    """Say the policy on a topic word for word, or that none is written down."""

    def name(self) -> str:
        return "action_answer_policy"

    async def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: dict[str, Any]) -> list[EventType]:
        topic = str(tracker.slots.get("topic") or "")
        text = self.shop.policies.get(topic)
        if text:
            dispatcher.utter_message(response="utter_policy", text=from_elsewhere(text, POLICIES.name, topic))
        else:
            dispatcher.utter_message(response="utter_policy_unknown")
        return []
