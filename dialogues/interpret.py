"""From commands to the stack of tasks: start, answer, correct, digress, drop.

Pure. `Interpreter.interpret` takes the tracker and what was understood, and gives the events that change slots and
stack; the manager then walks the stack. Answers go to the nearest task that has a use for them; a new request stands on
top of what was under way, which goes on afterwards.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from dialogues.flows import Flow
from dialogues.tracker import Event, Frame, Tracker, slot_event, stack_event
from intents.catalogue import Catalogue
from intents.commands import Command, parse_commands
from intents.confidence import Thresholds
from intents.context import Context

CLAIMS = ("email", "name", "zip")  # who the shopper says they are: kept for the conversation, not for a task
ASK_BACK, REPHRASE, OFFER_PERSON, UNSUPPORTED = "ask_back", "rephrase", "offer_person", "unsupported"
NEVER_ASKED_BACK = ("inform", "affirm", "deny", "select", "stop", "repeat", "out_of_scope")
LARGEST_NUMBER = 1e9  # in a payload
OFFERS = (ASK_BACK, OFFER_PERSON, UNSUPPORTED)  # questions that are not asked again when the shopper moves on
AS_INTENT = {OFFER_PERSON: "human_handoff", UNSUPPORTED: "human_handoff"}  # offers, as the recogniser was taught them
LONGEST_BOT = 400  # characters of the last replies given to the recogniser, which clips further
OFFER_PERSON_AFTER = 2  # messages in a row that were not understood


@dataclass(frozen=True)
class Interpreter:
    flows: Mapping[str, Flow]
    catalogue: Catalogue
    thresholds: Thresholds  # of the confidence: when to ask back, and when to offer a person at once
    drop_below: float  # confidence below which an open task is not dropped before the shopper was asked
    accepts: Mapping[str, str]  # response: the flow that a yes to it starts, where the reply itself makes an offer

    def context(self, tracker: Tracker) -> Context:
        """What the recogniser needs to know to read the next message: a task is one that it was taught, an intent."""
        bot = " ".join(message.text for message in tracker.said)[-LONGEST_BOT:] or None
        shown = tuple(str(one["name"]) for one in tracker.shown)
        if tracker.top is None:
            return Context(bot, next(filter(self._acts, reversed(tracker.tasks)), None), None, shown)
        open_tasks = [AS_INTENT.get(frame.flow, frame.flow) for frame in tracker.stack if not frame.called]
        task = next((task for task in reversed(open_tasks) if task in self.catalogue.intents), None)
        return Context(bot, task, tracker.top.asked, shown)

    def _acts(self, task: str) -> bool:
        """Whether a task is an intent that does something: small talk after it does not make it forgotten."""
        if task not in self.catalogue.intents or task not in self.flows:
            return False
        return any(step.kind == "action" for step in self.flows[task].steps)

    def interpret(self, tracker: Tracker, commands: Sequence[Command], confidence: float) -> list[Event]:
        """The events by which the commands change the conversation."""
        dropping = next((command for command in commands if _drops(tracker, command)), None)
        if confidence < self.thresholds.ask_back_below:
            return self._unsure(tracker, commands[0], lost=confidence < self.thresholds.hand_over_below)
        if dropping and confidence < self.drop_below:
            return self._unsure(tracker, Command("stop"))
        change = _Change(self, tracker)
        if tracker.slots.get("failures") and not _rejects_guess(tracker, commands[0]):
            change.remember("failures", 0)
        for command in commands:
            change.take(command)
        return change.events()

    def _unsure(self, tracker: Tracker, guess: Command, lost: bool = False) -> list[Event]:
        """Ask back with the best guess, or to say it again; when quite lost, or for the second time, offer a person."""
        failures = (tracker.slots.get("failures") or 0) + 1
        change = _Change(self, tracker)
        change.remember("failures", failures)
        if lost or failures >= OFFER_PERSON_AFTER:
            change.start(OFFER_PERSON, {})
        elif guess.intent not in self.flows or (guess.intent in NEVER_ASKED_BACK and not _drops(tracker, guess)):
            change.start(REPHRASE, {})
        else:
            means = self.catalogue.intents[guess.intent].means
            change.start(ASK_BACK, {"meaning": str(guess), "means": means})
        return change.events()


def _drops(tracker: Tracker, command: Command) -> bool:
    """Whether the command ends what is under way without doing it, so that what was collected is lost."""
    if not any(frame.flow not in OFFERS for frame in tracker.stack):
        return False
    asked = tracker.stack[-1].asked
    return command.intent == "stop" or (command.intent == "deny" and asked not in (None, "confirm"))


def _rejects_guess(tracker: Tracker, command: Command) -> bool:
    return bool(tracker.top and tracker.top.flow == ASK_BACK and command.intent == "deny")


class _Change:
    """One message's changes, gathered: the stack to be, the tasks it starts, the slots it sets."""

    def __init__(self, rules: Interpreter, tracker: Tracker) -> None:
        self.rules = rules
        self.flows = rules.flows
        self.tracker = tracker
        self.stack = [frame for frame in tracker.stack if frame.flow in rules.flows]  # a flow can be gone by now
        self.waiting = bool(self.stack and self.stack[-1].asked)
        self.answered = False
        self.new: list[Frame] = []
        self.slots: dict[str, Any] = {}

    def take(self, command: Command) -> None:
        handler = _HANDLERS.get(command.intent)
        if handler:
            handler(self, command)
        else:
            self.request(command)

    def events(self) -> list[Event]:
        """Slots first, then the stack: the first task asked for comes out on top."""
        if self.claimed() and not self.new and not self.needs_identity():
            self.start("check_identity", {})
        self.drop_offer()
        if self.new and self.waiting and not self.answered and self.stack:
            self.new[-1] = replace(self.new[-1], digression=True)
        if self.stack and (self.answered or self.waiting):
            self.stack[-1] = replace(self.stack[-1], asked=None)
        stack = [*self.stack, *reversed(self.new)]
        slots = [slot_event(name, value) for name, value in self.slots.items()]
        return slots if tuple(stack) == self.tracker.stack else [*slots, stack_event(stack)]

    def drop_offer(self) -> None:
        """Forget an offer or a guess on top that this message passes over."""
        moved_on = self.answered or any(frame.flow != "repeat" for frame in self.new)
        if self.stack and self.stack[-1].flow in OFFERS and "confirm" not in self.stack[-1].slots and moved_on:
            self.stack.pop()
            self.waiting = bool(self.stack)

    def remember(self, name: str, value: Any) -> None:
        self.slots[name] = value

    def start(self, flow: str, slots: Mapping[str, Any]) -> None:
        self.new.append(Frame(flow, slots=dict(slots)))

    # what each command does

    def request(self, command: Command) -> None:
        """Start a task, or give the same task that is waiting more to go on."""
        slots = self.keep_claims(self.slots_of(command))
        if command.intent not in self.flows:
            self.start(UNSUPPORTED, {})
        elif self.waiting and self.task() == command.intent:
            self.answer(slots)
        else:
            self.start(command.intent, slots)

    def inform(self, command: Command) -> None:
        """An answer: to the task that asked, or a value without a question, which starts what it must be about."""
        rest = self.answer(self.keep_claims(self.slots_of(command)))
        if rest:
            self.about(rest)
        elif not command.slots and not self.waiting:
            self.start(REPHRASE, {})

    def identify(self, command: Command) -> None:
        """Claims, to be checked; an order id among them proves nothing and is what the message is about."""
        rest = self.answer(self.keep_claims(self.slots_of(command)))
        if self.waiting:
            return
        if rest:
            self.about(rest)
        elif not command.slots:
            self.start(REPHRASE if self.tracker.slots.get("customer_id") else "identify", {})

    def affirm(self, command: Command) -> None:
        top = self.stack[-1] if self.stack else None
        if top and top.flow == ASK_BACK:
            self.stack.pop()
            self.waiting = bool(self.stack)
            for meant in parse_commands(top.slots["meaning"]):
                self.take(meant)
        elif self.confirm(True):
            return
        elif offered := next(filter(None, map(self.rules.accepts.get, self.said())), None):
            self.start(offered, {})
        elif not self.waiting:
            self.start("affirm", {})

    def deny(self, command: Command) -> None:
        top = self.stack[-1] if self.stack else None
        if top and top.flow == ASK_BACK:
            self.stack.pop()
            self.waiting = bool(self.stack)
            if top.slots["meaning"] != "stop()":  # a no to "shall I drop it?" says all: it goes on
                self.start(REPHRASE, {})
        elif self.confirm(False):
            return
        elif self.waiting:
            self.stop(command)
        else:
            self.start("deny", {})

    def select(self, command: Command) -> None:
        """Pick from what is on screen: for the task that asked, else to hear about it."""
        slots = self.slots_of(command)
        if self.waiting and not self.answer(slots):
            return
        shown = self.tracker.shown
        if not shown:
            self.start(REPHRASE, {})
        else:
            self.start("order_details" if shown[0]["kind"] == "order" else "product_details", slots)

    def stop(self, command: Command) -> None:
        self.start("stop" if self.stack else "nothing_to_stop", {})
        self.stack, self.waiting = [], False

    def hand_over(self, command: Command) -> None:
        self.stack, self.waiting = [], False
        self.start("human_handoff", {})

    # where values go

    def slots_of(self, command: Command) -> dict[str, Any]:
        """Slot values by name; a slot that may be repeated is a list."""
        known = self.rules.catalogue.intents[command.intent].slots
        return {
            name: list(command.all(name)) if name in known and known[name].repeat else value
            for name, value in command.slots
        }

    def keep_claims(self, slots: dict[str, Any]) -> dict[str, Any]:
        """Put who the shopper says they are aside for the conversation; give back the rest."""
        for name in CLAIMS:
            if name in slots:
                self.remember(name, slots[name])
                self.answered = self.answered or self.needs_identity()
        return {name: value for name, value in slots.items() if name not in CLAIMS}

    def answer(self, slots: Mapping[str, Any]) -> dict[str, Any]:
        """Give each value to the nearest task that has the slot. Returns what no task has a use for."""
        rest = {}
        for name, value in slots.items():
            place = next((i for i in range(len(self.stack) - 1, -1, -1) if self.has_slot(i, name)), None)
            if place is None:
                rest[name] = value
            else:
                frame = self.stack[place]
                self.stack[place] = replace(frame, slots={**frame.slots, name: value})
                self.answered = True
        return rest

    def has_slot(self, place: int, slot: str) -> bool:
        return slot in self.flows[self.stack[place].flow].slots

    def confirm(self, value: bool) -> bool:
        """Answer a question of yes or no, if one was asked."""
        if not (self.stack and self.stack[-1].asked == "confirm"):
            return False
        self.stack[-1] = replace(self.stack[-1], slots={**self.stack[-1].slots, "confirm": value})
        self.answered = True
        return True

    def about(self, slots: Mapping[str, Any]) -> None:
        """Start what values that nobody asked for must be about."""
        flow = self.flow_for(slots)
        self.start(flow, {name: value for name, value in slots.items() if name in self.flows[flow].slots})

    def said(self) -> list[str]:
        """The responses that the assistant last said."""
        return [message.response for message in self.tracker.said]

    def task(self) -> str | None:
        """The intent under way, not counting flows that it called."""
        return next((frame.flow for frame in reversed(self.stack) if not frame.called), None)

    def claimed(self) -> bool:
        return any(name in self.slots for name in CLAIMS)

    def needs_identity(self) -> bool:
        """Whether the task under way is waiting to learn who the shopper is."""
        return bool(self.stack and self.stack[-1].flow == "identify")

    def flow_for(self, slots: Mapping[str, Any]) -> str:
        """What a value that nobody asked for must be about."""
        if "order_id" in slots:
            return "track_order"
        if "topic" in slots:
            return "ask_policy"
        search = "refine_search" if self.tracker.slots.get("search") else "search_products"
        return search if set(slots) & self.flows[search].slots else REPHRASE


_HANDLERS = {
    "inform": _Change.inform,
    "identify": _Change.identify,
    "affirm": _Change.affirm,
    "deny": _Change.deny,
    "select": _Change.select,
    "stop": _Change.stop,
    "human_handoff": _Change.hand_over,
}


def served_by(flows: Mapping[str, Flow]) -> frozenset[str]:
    """The intents that are answered by a flow or by what stands here, and not declined as unsupported."""
    return frozenset({*flows, *_HANDLERS})


def read_payload(text: str, catalogue: Catalogue) -> Command | None:
    """The command of a payload `/intent{"slot": "value"}` (Rasa's form for buttons), or None if the text is none."""
    name, brace, rest = text.removeprefix("/").partition("{")
    if not text.startswith("/") or name not in catalogue.intents:
        return None
    try:
        slots = json.loads(brace + rest) if brace else {}
        listed = {slot: value if isinstance(value, list) else [value] for slot, value in slots.items()}
        command = Command(name, tuple((slot, one) for slot, values in listed.items() for one in values))
    except (ValueError, AttributeError, TypeError, RecursionError):
        return None
    return command if catalogue.is_valid(command) and all(_plain(value) for _, value in command.slots) else None


def _plain(value: object) -> bool:
    """Whether a payload's value is one that a shopper could have typed."""
    if isinstance(value, str):
        return value.isprintable()
    return isinstance(value, int | float) and not isinstance(value, bool) and abs(value) < LARGEST_NUMBER
