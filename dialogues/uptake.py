"""What one message does to the stack of tasks: answer, correct, start, digress, drop.

`Uptake` gathers the changes command by command; `events` gives them. New tasks run in the order said, on top of what
was under way. Where values go is in draft.py.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

from dialogues.draft import CONFIRM, ORDER, Draft
from dialogues.flows import GATHERED
from dialogues.tracker import Event, Frame, Tracker, slot_event, stack_event
from intents.commands import Command, parse_commands

ASK_BACK, REPHRASE, OFFER_PERSON, UNSUPPORTED = "ask_back", "rephrase", "offer_person", "unsupported"
IDLE = ("affirm", "deny")  # said to nothing that was asked
OFFERS = (ASK_BACK, OFFER_PERSON, UNSUPPORTED)  # questions that are not asked again when the shopper moves on
SEVERAL = "several"  # the flow that announces tasks to come
HOLD_ON = "hold_on"  # no intent: a yes that was none, see intents/clear_yes.py
NO_HURRY = "no_hurry"  # the flow that says so; then what was proposed is asked again
NEEDED = "needed"  # the flow that says why a question is asked again after a no to it, and how to leave it
OWN_WAY_ON = ("email", "order_id")  # questions whose own actions know another way on after a no
ASKED_OF_A_WISH = ("item", "feature")  # what is asked of one of a task's wishes
DENIED = "denied"  # the slot that is true while a question for a value has just been answered with a no
OFFER = "offer"  # the task slot of a question for a value to which yes and no are answers too


class Uptake(Draft):
    """Takes the commands of one message, in the order said."""

    def __post_init__(self) -> None:
        super().__post_init__()
        self.held = False
        if self.tracker.slots.get(DENIED):
            self.remember(DENIED, False)

    def take(self, command: Command) -> None:
        HANDLERS.get(command.intent, Uptake.request)(self, command)

    def events(self) -> list[Event]:
        """Slots first, then the stack: the first task asked for comes out on top."""
        self.drop_idle_answers()
        if self.claimed() and not self.needs_identity():
            self.check_claims()
        self.drop_offer()
        self.take_no()
        if self.new and self.waiting and not self.answered and self.stack:
            self.new[-1] = replace(self.new[-1], digression=True)
        if self.stack and (self.answered or self.waiting):
            self.stack[-1] = replace(self.stack[-1], asked=None)
        first = len(self.stack) if self.confirmed is None else self.base()  # what was just decided is done first
        stack = [*self.stack[:first], *reversed(self.new), *self.announcement(), *self.stack[first:], *self.reminder()]
        slots = [slot_event(name, value) for name, value in self.slots.items()]
        return slots if tuple(stack) == self.tracker.stack else [*slots, stack_event(stack)]

    def announcement(self) -> list[Frame]:
        """Says what will be done, where one message asks for several tasks that take a while."""
        titles = [title for frame in self.new if (title := self.flows[frame.flow].title)]
        if len(titles) < 2:
            return []
        return [Frame(SEVERAL, slots={"tasks": ", then ".join(titles)}, called=True)]

    def drop_idle_answers(self) -> None:
        """A yes or no to nothing, beside something else in the message, is not answered: "cancel it, yes I'm sure"."""
        others = [frame for frame in self.new if frame.flow not in IDLE]
        if others or self.claimed():
            self.new = others

    def check_claims(self) -> None:
        """Who the shopper says they are, unasked: tasks that need it ask for it, but never for another customer.

        It is taken up before what does not need it: "it's mia@example.com, anything for me?"."""
        if not self.new:
            self.start("check_identity", {})
        elif self.tracker.slots.get("customer_id") or not any(map(self.identifies, self.new)):
            self.new.insert(0, Frame("check_identity"))

    def identifies(self, frame: Frame) -> bool:
        """Whether a task finds out who the shopper is."""
        return frame.flow == "identify" or any(step.name == "identify" for step in self.flows[frame.flow].steps)

    def drop_offer(self) -> None:
        """Forget an offer or a guess on top that this message passes over."""
        moved_on = self.answered or any(frame.flow != "repeat" for frame in self.new)
        if self.stack and self.stack[-1].flow in OFFERS and CONFIRM not in self.stack[-1].slots and moved_on:
            self.stack.pop()
            self.waiting = bool(self.stack)

    # what each command does

    def request(self, command: Command) -> None:
        """Start a task, or give the same task that is open more to go on."""
        slots = self.keep_claims(self.slots_of(command))
        flow = self.flows.get(command.intent)
        if flow is None:
            self.start(UNSUPPORTED, {})
        elif flow.gathers:
            self.gather(flow, slots)
        elif self.waiting and self.task() == command.intent and self.same_order(self.stack[self.base()], slots):
            self.answer(slots)
        else:
            self.start(command.intent, slots)

    def inform(self, command: Command) -> None:
        """An answer: to the task that asked, or a value without a question, which starts what it must be about."""
        rest = self.answer(self.beside(self.keep_claims(self.slots_of(command))))
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
        elif not self.waiting:
            self.start("deny", {})
        elif no_drops(self.tracker):
            self.stop(command)
        else:
            self.remember(DENIED, True)

    def hold_on(self, command: Command) -> None:
        self.held = True

    def take_no(self) -> None:
        """A first no to a question for a value has another way on, unless a change is asked for with it or next."""
        if not (self.slots.get(DENIED) or self.tracker.slots.get(DENIED)):
            return
        if self.answered or not self.waiting:
            self.remember(DENIED, False)
        elif any(self.changes(frame) for frame in self.new):
            self.remember(DENIED, False)
            self.new[-1] = replace(self.new[-1], digression=self.stack[self.base()].digression)
            self.stack, self.waiting = self.stack[: self.base()], False

    def reminder(self) -> list[Frame]:
        """Says that the answer is needed, or how to leave it, where the action that asks has nothing else to offer."""
        if self.held and self.waiting and not self.new:
            return [Frame(NO_HURRY, called=True)]
        asked = self.tracker.top.asked if self.tracker.top else None
        asks_again = self.slots.get(DENIED) and not self.new and asked not in OWN_WAY_ON
        return [Frame(NEEDED, called=True)] if asks_again and not leaves_one_out(self.tracker.top) else []

    def changes(self, frame: Frame) -> bool:
        """Whether a task ends in a change that is confirmed."""
        return any(step.asks == CONFIRM for step in self.flows[frame.flow].steps) and frame.flow not in OFFERS

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
        """Drop the task on top; what it stood on, or what was asked for after it, goes on."""
        if not self.stack:
            self.start("nothing_to_stop", {})
            return
        base = self.base()
        self.new.append(Frame("stop", digression=self.stack[base].digression))
        self.stack, self.waiting = self.stack[:base], False

    def hand_over(self, command: Command) -> None:
        self.stack, self.waiting = [], False
        self.new = [frame for frame in self.new if frame.flow != command.intent]  # "yes, a person please"
        self.start(command.intent, {})

    def about(self, slots: Mapping[str, Any]) -> None:
        """Start what values that nobody asked for must be about."""
        flow = self.flow_for(slots)
        self.start(flow, {name: value for name, value in slots.items() if name in self.flows[flow].slots})

    def said(self) -> list[str]:
        """The responses that the assistant last said."""
        return [message.response for message in self.tracker.said]

    def flow_for(self, slots: Mapping[str, Any]) -> str:
        """What a value that nobody asked for must be about."""
        if ORDER in slots:
            return "track_order"
        if "topic" in slots:
            return "ask_policy"
        search = "refine_search" if self.tracker.slots.get("search") else "search_products"
        return search if set(slots) & self.flows[search].slots else REPHRASE


def no_drops(tracker: Tracker) -> bool:
    """Whether a no drops the task: the second in a row to a question for a value, or one to an offer made with it."""
    top = tracker.top
    if top is None or top.asked in (None, CONFIRM) or leaves_one_out(top):
        return False
    return bool(tracker.slots.get(DENIED) or top.slots.get(OFFER))


def leaves_one_out(task: Frame | None) -> bool:
    """Whether a no to what is asked leaves one of several wishes out; the action that asked goes on with the others."""
    return bool(task and task.asked in ASKED_OF_A_WISH and len(task.slots.get(GATHERED) or ()) > 1)


HANDLERS: Mapping[str, Callable[[Uptake, Command], None]] = {
    "inform": Uptake.inform,
    "identify": Uptake.identify,
    "affirm": Uptake.affirm,
    "deny": Uptake.deny,
    HOLD_ON: Uptake.hold_on,
    "select": Uptake.select,
    "stop": Uptake.stop,
    "human_handoff": Uptake.hand_over,
}
