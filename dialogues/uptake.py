"""What one message does to the stack of tasks: answer, correct, start, digress, drop.

`Uptake` gathers the changes command by command; `events` gives them. Answers go to the nearest task that has a use for
them, and a task goes back to the first step that uses a slot which was given again. Several requests of a flow that
`gathers` are one task; other new tasks run in the order said, on top of what was under way.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from dialogues.flows import GATHERED, Flow
from dialogues.tracker import Event, Frame, Tracker, slot_event, stack_event
from intents.catalogue import Catalogue
from intents.commands import Command, parse_commands

CLAIMS = ("email", "name", "zip")  # who the shopper says they are: kept for the conversation, not for a task
ASK_BACK, REPHRASE, OFFER_PERSON, UNSUPPORTED = "ask_back", "rephrase", "offer_person", "unsupported"
IDLE = ("affirm", "deny")  # said to nothing that was asked
OFFERS = (ASK_BACK, OFFER_PERSON, UNSUPPORTED)  # questions that are not asked again when the shopper moves on
SEVERAL = "several"  # the flow that announces tasks to come
NEEDED = "needed"  # the flow that says why a question is asked again after a no to it, and how to leave it
OWN_WAY_ON = ("email", "order_id")  # questions whose own actions know another way on after a no
ASKED_OF_A_WISH = ("item", "feature")  # what is asked of one of a task's wishes
DENIED = "denied"  # the slot that is true while a question for a value has just been answered with a no
OFFER = "offer"  # the task slot of a question for a value to which yes and no are answers too
CONFIRM, ORDER, REQUEST = "confirm", "order_id", "request"


@dataclass(frozen=True)
class Rules:
    """What the shop's content says about commands."""

    flows: Mapping[str, Flow]
    catalogue: Catalogue
    accepts: Mapping[str, str]  # response: the flow that a yes to it starts, where the reply itself makes an offer


@dataclass
class Uptake:
    """One message's changes, gathered: the stack to be, the tasks it starts, the slots it sets."""

    rules: Rules
    tracker: Tracker
    stack: list[Frame] = field(init=False)
    waiting: bool = field(init=False)
    answered: bool = False
    confirmed: bool | None = None  # the answer to a question of yes or no, if one was asked
    new: list[Frame] = field(default_factory=list)
    slots: dict[str, Any] = field(default_factory=dict)
    told: dict[str, list[Any]] = field(default_factory=dict)  # lists that this message's answers have given so far

    def __post_init__(self) -> None:
        self.flows = self.rules.flows
        self.stack = [frame for frame in self.tracker.stack if frame.flow in self.flows]  # a flow can be gone by now
        self.waiting = bool(self.stack and self.stack[-1].asked)
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
        """Who the shopper says they are, unasked: tasks that need it ask for it, but never for another customer."""
        if not self.new:
            self.start("check_identity", {})
        elif self.tracker.slots.get("customer_id"):
            self.new.insert(0, Frame("check_identity"))

    def drop_offer(self) -> None:
        """Forget an offer or a guess on top that this message passes over."""
        moved_on = self.answered or any(frame.flow != "repeat" for frame in self.new)
        if self.stack and self.stack[-1].flow in OFFERS and CONFIRM not in self.stack[-1].slots and moved_on:
            self.stack.pop()
            self.waiting = bool(self.stack)

    def remember(self, name: str, value: Any) -> None:
        self.slots[name] = value

    def start(self, flow: str, slots: Mapping[str, Any]) -> None:
        """A new task; one with the slot `request` keeps the words that asked for it, which may say more."""
        words = {REQUEST: str(self.tracker.latest.get("text") or "")} if REQUEST in self.flows[flow].slots else {}
        self.new.append(Frame(flow, slots={**words, **slots}))

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

    def gather(self, flow: Flow, slots: dict[str, Any]) -> None:
        """One more wish, for the open task of this kind on the same order or for a new one."""
        wish = {name: slots.pop(name) for name in list(slots) if name in flow.gathers}
        slots[GATHERED] = [wish] if wish else []
        for frames in (self.new, self.stack if self.waiting else []):
            place = next((place for place, frame in enumerate(frames) if self.takes(frame, flow, slots)), None)
            if place is not None:
                known = frames[place].slots
                slots[GATHERED] = [*known.get(GATHERED, ()), *slots[GATHERED]]
                more = {name: value for name, value in slots.items() if value and not (name == ORDER and name in known)}
                frames[place] = self.given(frames[place], more)
                self.answered = self.answered or frames is self.stack
                return
        self.start(flow.name, slots)

    def takes(self, frame: Frame, flow: Flow, slots: Mapping[str, Any]) -> bool:
        return frame.flow == flow.name and self.same_order(frame, slots)

    def same_order(self, frame: Frame, slots: Mapping[str, Any]) -> bool:
        """Whether a request may be about the order of an open task: another number than the one known is not."""
        known, said = frame.slots.get(ORDER) or frame.slots.get("order"), slots.get(ORDER)
        return not (known and said) or _number(known) == _number(said)

    def inform(self, command: Command) -> None:
        """An answer: to the task that asked, or a value without a question, which starts what it must be about."""
        rest = self.answer(self.beside(self.keep_claims(self.slots_of(command))))
        if rest:
            self.about(rest)
        elif not command.slots and not self.waiting:
            self.start(REPHRASE, {})

    def beside(self, slots: Mapping[str, Any]) -> dict[str, Any]:
        """Give values to the task that this message starts, unless they are what was asked for. Returns the rest."""
        asked = self.stack[-1].asked if self.stack else None
        rest = {}
        for name, value in slots.items():
            fits = [place for place, frame in enumerate(self.new) if name in self.flows[frame.flow].slots]
            if name == asked or not fits:
                rest[name] = value
                continue
            frame = self.new[fits[-1]]
            if name in self.flows[frame.flow].gathers:  # it is said of the last thing wished for
                *others, wish = frame.slots[GATHERED] or [{}]
                self.new[fits[-1]] = replace(frame, slots={**frame.slots, GATHERED: [*others, {**wish, name: value}]})
            else:
                self.new[fits[-1]] = replace(frame, slots={**frame.slots, name: value})
        return rest

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
        for name, given in slots.items():
            value = self.with_told(name, given)
            place = next((i for i in range(len(self.stack) - 1, -1, -1) if self.has_slot(i, name)), None)
            if place is None:
                rest[name] = value
            else:
                self.stack[place] = self.given(self.stack[place], {name: value})
                self.answered = True
        return rest

    def with_told(self, name: str, value: Any) -> Any:
        """A list with what this message said of it before: "the lamp; oh, and the rug" are two answers in one."""
        if not isinstance(value, list):
            return value
        self.told[name] = [*self.told.get(name, ()), *value]
        return self.told[name]

    def given(self, frame: Frame, slots: Mapping[str, Any]) -> Frame:
        """The task with these slots, gone back to the first step that uses one of them."""
        flow = self.flows[frame.flow]
        steps = [step for name in slots if (step := flow.step_using(name, frame.at)) is not None]
        if steps and self.confirmed is not None:
            self.confirmed = None  # "yes, but make it two": what was decided is open again
        again = flow.settled_from(min(steps)) if steps else frozenset()
        kept = {name: value for name, value in frame.slots.items() if name not in again}
        return replace(frame, slots={**kept, **slots}, at=min([*steps, frame.at]))

    def has_slot(self, place: int, slot: str) -> bool:
        return slot in self.flows[self.stack[place].flow].slots

    def confirm(self, value: bool) -> bool:
        """Answer a question of yes or no, if one was asked."""
        if not (self.stack and self.stack[-1].asked == CONFIRM):
            return False
        self.stack[-1] = replace(self.stack[-1], slots={**self.stack[-1].slots, CONFIRM: value})
        self.answered, self.confirmed = True, value
        return True

    def about(self, slots: Mapping[str, Any]) -> None:
        """Start what values that nobody asked for must be about."""
        flow = self.flow_for(slots)
        self.start(flow, {name: value for name, value in slots.items() if name in self.flows[flow].slots})

    def said(self) -> list[str]:
        """The responses that the assistant last said."""
        return [message.response for message in self.tracker.said]

    def base(self) -> int:
        """The place of the task under way, not counting flows that it called."""
        return next((i for i in range(len(self.stack) - 1, -1, -1) if not self.stack[i].called), 0)

    def task(self) -> str | None:
        """The intent under way."""
        return self.stack[self.base()].flow if self.stack else None

    def claimed(self) -> bool:
        return any(name in self.slots for name in CLAIMS)

    def needs_identity(self) -> bool:
        """Whether the task under way is waiting to learn who the shopper is."""
        return bool(self.stack and self.stack[-1].flow == "identify")

    def flow_for(self, slots: Mapping[str, Any]) -> str:
        """What a value that nobody asked for must be about."""
        if ORDER in slots:
            return "track_order"
        if "topic" in slots:
            return "ask_policy"
        search = "refine_search" if self.tracker.slots.get("search") else "search_products"
        return search if set(slots) & self.flows[search].slots else REPHRASE


def _number(order_id: Any) -> str:
    """An order's number without its marks: "#W123" and "w123" are the same."""
    return "".join(filter(str.isdigit, str(order_id))) or str(order_id).casefold()


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
    "select": Uptake.select,
    "stop": Uptake.stop,
    "human_handoff": Uptake.hand_over,
}
