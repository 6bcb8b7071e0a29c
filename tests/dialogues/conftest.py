"""The shipped content, read once, and a conversation that is led without any model."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any

import pytest

from dialogues.draft import CLAIMS
from dialogues.flows import SHIPPED, load_accepts, load_flows
from dialogues.interpret import Interpreter
from dialogues.manager import Listen, Manager, RunAction
from dialogues.messages import BotMessage, Say
from dialogues.reply_examples import load_reply_examples
from dialogues.responses import load_responses
from dialogues.tracker import Tracker, action_event, fold, slot_event
from intents.catalogue import load_catalogue
from intents.commands import parse_commands
from intents.confidence import Thresholds

Act = Callable[[Mapping[str, Any]], tuple[list[str], dict[str, Any]]]  # slots -> what is said, slots to set
MIA = "mia@example.com"
THRESHOLDS = Thresholds(ask_back_below=0.5, hand_over_below=0.1)


def identify(slots: Mapping[str, Any]) -> tuple[list[str], dict[str, Any]]:
    claims = {name: None for name in CLAIMS if slots.get(name)}
    if slots.get("customer_id"):
        return ["utter_identified"] if claims else [], claims
    if slots.get("email") == MIA:
        return ["utter_identified"], {"customer_id": "c1", "email": None}
    return ["utter_identity_unknown" if slots.get("email") else "utter_ask_identity"], {"email": None}


def find_order(slots: Mapping[str, Any]) -> tuple[list[str], dict[str, Any]]:
    on_screen = {place: one["id"] for place, one in enumerate(slots.get("shown") or (), 1) if one["kind"] == "order"}
    if slots.get("position") in on_screen:
        return [], {"order": on_screen[slots["position"]]}
    if slots.get("order_id") in ("W1", "W2"):
        return [], {"order": slots["order_id"]}
    return ["utter_order_not_found" if slots.get("order_id") else "utter_ask_order_id"], {"order_id": None}


def list_orders(slots: Mapping[str, Any]) -> tuple[list[str], dict[str, Any]]:
    return ["utter_orders"], {"shown": [{"kind": "order", "id": one, "name": one} for one in ("W1", "W2")]}


def search(slots: Mapping[str, Any]) -> tuple[list[str], dict[str, Any]]:
    shown = [{"kind": "product", "id": one, "name": f"{one} {slots.get('query')}"} for one in ("Oak", "Elm")]
    return ["utter_products_found"], {"search": {"query": slots.get("query")}, "shown": shown}


ACTIONS: dict[str, Act] = {  # the shop in a few lines: the real actions have tests of their own
    "action_identify": identify,
    "action_find_order": find_order,
    "action_find_orders_asked": find_order,
    "action_order_status": lambda slots: ([f"status of {slots['order']}"], {}),
    "action_order_details": lambda slots: ([f"details of {slots.get('order')}"], {}),
    "action_list_orders": list_orders,
    "action_search_products": search,
    "action_refine_search": lambda slots: (["utter_products_found"], {}),
    "action_show_more": lambda slots: (["utter_more_products"], {}),
    "action_product_details": lambda slots: ([f"details of {slots.get('position') or slots.get('item')}"], {}),
    "action_check_stock": lambda slots: ([f"stock of {slots.get('item')}"], {}),
    "action_answer_policy": lambda slots: ([f"policy on {slots.get('topic')}"], {}),
    "action_hand_over": lambda slots: (["utter_handoff"], {}),
    "action_repeat": lambda slots: (["utter_repeat"], {}),
    "action_ask_back": lambda slots: ([f"do you mean to {slots['means']}?"], {}),
}


SILENT = "action_note_"  # actions that only remember


def silent(slots: Mapping[str, Any]) -> tuple[list[str], dict[str, Any]]:
    return [], {}


class Chat:
    """A conversation: commands in, the names of the responses out."""

    def __init__(self, interpreter: Interpreter, manager: Manager) -> None:
        self.interpreter, self.manager = interpreter, manager
        self.tracker = Tracker("test")
        self.events: list[dict[str, Any]] = []
        self.said: list[Say] = []

    def says(self, commands: str, confidence: float = 0.9) -> list[str]:
        """What is answered to a message that means these commands."""
        self.said = []
        self.apply([{"event": "user", "text": commands}])
        self.apply(self.interpreter.interpret(self.tracker, parse_commands(commands), confidence))
        for _ in range(30):
            step = self.manager.next(self.tracker)
            self.apply(step.events)
            if isinstance(step.decision, Listen):
                said = [BotMessage(say.response, say.response).to_event() for say in self.said]
                self.apply([{**event, "turn_first": place == 0} for place, event in enumerate(said)])
                assert fold("test", self.events) == self.tracker
                return [say.response for say in self.said]
            if isinstance(step.decision, RunAction):
                self.act(step.decision.name)
            else:
                self.said.append(step.decision)
        raise AssertionError(f"the conversation does not come to rest: {self.said}")

    def act(self, name: str) -> None:
        said, slots = ACTIONS.get(name, silent if name.startswith(SILENT) else lambda slots: ([name], {}))(
            self.tracker.all_slots()
        )
        self.said += [Say(response) for response in said]
        own = self.manager.flows[self.tracker.top.flow].slots if self.tracker.top else ()
        events = [slot_event(slot, value, of_task=slot in own) for slot, value in slots.items()]
        self.apply([action_event(name), *events])

    def apply(self, events) -> None:
        self.events += events
        self.tracker = self.tracker.apply_all(events)

    @property
    def tasks(self) -> list[str]:
        return [frame.flow for frame in self.tracker.stack]


@pytest.fixture(scope="session")
def responses():
    return load_responses()


@pytest.fixture(scope="session")
def reply_examples(responses):
    return load_reply_examples(responses)


@pytest.fixture(scope="session")
def flows(responses):
    named = {name for path in SHIPPED.glob("*.yml") for name in re.findall(r"action_\w+", path.read_text("utf-8"))}
    return load_flows(named, responses)


@pytest.fixture
def chat(flows, responses) -> Chat:
    accepts = load_accepts(flows, responses)
    return Chat(Interpreter(flows, load_catalogue(), THRESHOLDS, 0.8, accepts), Manager(flows))


@pytest.fixture
def small_shop(flows, responses) -> Chat:
    """Of a shop that neither sells nor cancels in the chat."""
    served = {name: flow for name, flow in flows.items() if name not in ("checkout", "cancel_order")}
    accepts = load_accepts(flows, responses)
    return Chat(Interpreter(served, load_catalogue(), THRESHOLDS, 0.8, accepts), Manager(served))


@pytest.fixture
def mia(chat) -> Chat:
    """A conversation with a shopper who has said who she is."""
    assert chat.says(f'identify(email="{MIA}")') == ["utter_identified"]
    return chat
