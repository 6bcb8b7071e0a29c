"""A draft of what one message does to the conversation: the stack to be, the tasks it starts, the slots it sets.

`Draft` knows where values go: answers to the nearest task that has a use for them, wishes of one kind into one task,
who the shopper says they are to the conversation. A task goes back to the first step that uses a slot which was given
again. What each command means is in uptake.py.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from dialogues.flows import GATHERED, Flow
from dialogues.tracker import Frame, Tracker
from intents.catalogue import Catalogue
from intents.commands import Command

CLAIMS = ("email", "name", "zip")  # who the shopper says they are: kept for the conversation, not for a task
CONFIRM, ORDER, REQUEST = "confirm", "order_id", "request"


@dataclass(frozen=True)
class Rules:
    """What the shop's content says about commands."""

    flows: Mapping[str, Flow]
    catalogue: Catalogue
    accepts: Mapping[str, str]  # response: the flow that a yes to it starts, where the reply itself makes an offer


@dataclass
class Draft:
    """One message's changes, gathered."""

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

    def remember(self, name: str, value: Any) -> None:
        self.slots[name] = value

    def start(self, flow: str, slots: Mapping[str, Any]) -> None:
        """A new task; one with the slot `request` keeps the words that asked for it, which may say more."""
        words = {REQUEST: str(self.tracker.latest.get("text") or "")} if REQUEST in self.flows[flow].slots else {}
        self.new.append(Frame(flow, slots={**words, **slots}))

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


def _number(order_id: Any) -> str:
    """An order's number without its marks: "#W123" and "w123" are the same."""
    return "".join(filter(str.isdigit, str(order_id))) or str(order_id).casefold()
