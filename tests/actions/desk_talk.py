"""A talk with the order desk of the small shop, without a model: commands in, what is said out, changes made."""

from __future__ import annotations

import asyncio
from typing import Any

from rasa_sdk.executor import ActionExecutor
from small_shop import ACCOUNT_HELP, IDENTITY_ATTEMPTS, POLICIES

from assistant.actions import ACTIONS, Shop, register
from assistant.conversations import append_turn
from assistant.desk import apply_event
from assistant.rasa_shapes import rasa_tracker, say_of
from assistant.store import Database
from dialogues.flows import load_accepts, load_flows
from dialogues.interpret import Interpreter
from dialogues.manager import Listen, Manager, RunAction
from dialogues.messages import BotMessage, Say
from dialogues.responses import fill, load_responses
from dialogues.tracker import Tracker, slot_event
from intents.catalogue import load_catalogue
from intents.commands import parse_commands
from intents.confidence import Thresholds

RESPONSES = load_responses()


class DeskTalk:
    """One conversation of a customer who has said who they are."""

    def __init__(self, database: Database, customer: str) -> None:
        flows = load_flows({action().name() for action in ACTIONS}, RESPONSES)
        accepts = load_accepts(flows, RESPONSES)
        self.interpreter = Interpreter(flows, load_catalogue(), Thresholds(0.5, 0.1), 0.8, accepts)
        self.manager = Manager(flows)
        self.database = database
        self.executor = ActionExecutor()
        register(self.executor, Shop(database, POLICIES, IDENTITY_ATTEMPTS, ACCOUNT_HELP))
        known = {"customer_id": customer, "identified_by": "email"}
        self.tracker = Tracker("talk").apply_all([slot_event(name, value) for name, value in known.items()])
        self.says_now: list[Say] = []
        with database.session() as session:
            append_turn(session, "talk", 0, 0, [{"event": "action", "name": "test"}], None)

    def says(self, commands: str, message: str = "") -> list[str]:
        """What is answered to a message that means these commands."""
        self.says_now = []
        understood = parse_commands(commands)
        parsed = {"intent": {"name": understood[0].intent}}
        self.tracker = self.tracker.apply({"event": "user", "text": message or commands, "parse_data": parsed})
        self.tracker = self.tracker.apply_all(self.interpreter.interpret(self.tracker, understood, 0.9))
        for _ in range(30):
            step = self.manager.next(self.tracker)
            self.tracker = self.tracker.apply_all(step.events)
            if isinstance(step.decision, Listen):
                self.rest()
                return [say.response for say in self.says_now]
            if isinstance(step.decision, RunAction):
                self.act(step.decision.name)
            else:
                self.says_now.append(step.decision)
        raise AssertionError(f"the conversation does not come to rest: {self.says_now}")

    def act(self, name: str) -> None:
        call = {"next_action": name, "sender_id": "talk", "tracker": rasa_tracker(self.tracker), "domain": {}}
        with self.database.reading():
            result = asyncio.run(self.executor.run(call))
        self.says_now += [say_of(message) for message in result.responses]
        own = self.manager.flows[self.tracker.top.flow].slots if self.tracker.top else ()
        for event in result.events:
            if event["event"] == "change":
                with self.database.session() as session:
                    apply_event(session, event, "talk", self.tracker.turn)
            else:
                slot = slot_event(event["name"], event["value"], of_task=event["name"] in own)
                self.tracker = self.tracker.apply(slot)

    def rest(self) -> None:
        for place, say in enumerate(self.says_now):
            text = fill(RESPONSES[say.response].best_variations(say.facts)[0], say.facts)
            event: dict[str, Any] = BotMessage(text, say.response, say.facts, buttons=say.buttons).to_event()
            self.tracker = self.tracker.apply({**event, "turn_first": place == 0})

    @property
    def text(self) -> str:
        """All that was said last."""
        return " ".join(message.text for message in self.tracker.said)

    @property
    def facts(self) -> dict[str, str]:
        """Those of the last message."""
        return dict(self.says_now[-1].facts)

    @property
    def buttons(self) -> list[str]:
        """The titles of those under the last message."""
        return [button.title for button in self.says_now[-1].buttons]
