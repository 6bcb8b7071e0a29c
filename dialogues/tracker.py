"""The state of a conversation: the fold of its events.

Events are JSON objects in Rasa's shapes (`user`, `bot`, `slot`, `action`; `pause` and `resume`, between which a person
answers) and one of our own, `stack`, which holds the whole stack of tasks. A slot event with scope "task" sets a slot
of the task on top; any other sets one that lives as long as the conversation.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, field, replace
from functools import reduce
from typing import Any

from dialogues.messages import BotMessage

Event = dict[str, Any]
KEPT_WORDINGS = 12
KEPT_TASKS = 4


@dataclass(frozen=True)
class Frame:
    """One task on the stack."""

    flow: str
    at: int = 0  # the step to run next
    slots: Mapping[str, Any] = field(default_factory=dict)
    asked: str | None = None  # what the shopper was asked and has not answered yet
    called: bool = False  # by a step of the flow below it
    digression: bool = False  # stands on top of a task that was waiting for an answer


@dataclass(frozen=True)
class Tracker:
    """A conversation at one moment. `apply` gives the next one."""

    sender: str
    slots: Mapping[str, Any] = field(default_factory=dict)
    stack: tuple[Frame, ...] = ()
    said: tuple[BotMessage, ...] = ()  # the assistant's messages since the shopper last spoke, or before that
    wordings: tuple[str, ...] = ()  # of the last replies, so that none is said twice in a row
    tasks: tuple[str, ...] = ()  # the flows that last ran, not counting those they called; the latest last
    event_count: int = 0
    turn: int = 0
    latest: Mapping[str, Any] = field(default_factory=dict)  # the last `user` event
    paused: bool = False  # a person answers, and the assistant is silent

    @property
    def top(self) -> Frame | None:
        return self.stack[-1] if self.stack else None

    @property
    def shown(self) -> tuple[Mapping[str, str], ...]:
        """What is on screen, in order: {"kind": "product" or "order", "id", "name"}."""
        return tuple(self.slots.get("shown") or ())

    def all_slots(self) -> dict[str, Any]:
        """The conversation's slots with the active task's laid over them: what an action sees."""
        return {**self.slots, **(self.top.slots if self.top else {})}

    def apply(self, event: Event) -> Tracker:
        """The tracker after one more event."""
        change = _CHANGES.get(event["event"])
        changed = change(self, event) if change else self
        return replace(changed, event_count=self.event_count + 1)

    def apply_all(self, events: Iterable[Event]) -> Tracker:
        return reduce(Tracker.apply, events, self)


def _user(tracker: Tracker, event: Event) -> Tracker:
    return replace(tracker, latest=event, turn=tracker.turn + 1)


def _bot(tracker: Tracker, event: Event) -> Tracker:
    first_of_turn = event.get("turn_first", False)
    said = () if first_of_turn else tracker.said
    message = BotMessage.from_event(event)
    return replace(tracker, said=(*said, message), wordings=(*tracker.wordings, message.wording)[-KEPT_WORDINGS:])


def _slot(tracker: Tracker, event: Event) -> Tracker:
    name, value = event["name"], event["value"]
    if event.get("scope") == "task" and tracker.top:
        top = replace(tracker.top, slots={**tracker.top.slots, name: value})
        return replace(tracker, stack=(*tracker.stack[:-1], top))
    return replace(tracker, slots={**tracker.slots, name: value})


def _stack(tracker: Tracker, event: Event) -> Tracker:
    stack = tuple(Frame(**frame) for frame in event["frames"])
    task = next((frame.flow for frame in reversed(stack) if not frame.called), None)
    tasks = tracker.tasks if task is None or task in tracker.tasks[-1:] else (*tracker.tasks, task)[-KEPT_TASKS:]
    return replace(tracker, stack=stack, tasks=tasks)


def _pause(tracker: Tracker, event: Event) -> Tracker:
    return replace(tracker, paused=event["event"] == "pause")


_CHANGES = {"user": _user, "bot": _bot, "slot": _slot, "stack": _stack, "pause": _pause, "resume": _pause}


def stack_event(frames: Iterable[Frame]) -> Event:
    """The event that makes `frames` the stack of tasks."""
    return {"event": "stack", "frames": [asdict(frame) for frame in frames]}


def slot_event(name: str, value: Any, *, of_task: bool = False) -> Event:
    return {"event": "slot", "name": name, "value": value, "scope": "task" if of_task else "conversation"}


def action_event(name: str) -> Event:
    return {"event": "action", "name": name}


def fold(sender: str, events: Iterable[Event]) -> Tracker:
    """The tracker of a conversation from its first event on."""
    return Tracker(sender).apply_all(events)
