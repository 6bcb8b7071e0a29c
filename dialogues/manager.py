"""What happens next: commands change the stack of tasks (uptake.py), and the task on top is walked step by step.

Pure: a tracker in, events and a decision out. The caller runs actions, applies their events and asks again:

    tracker = tracker.apply_all(interpreter.interpret(tracker, understanding))
    while not isinstance(decision := (step := manager.next(tracker)).decision, Listen): ...

A task that was interrupted goes on where it stood. After Rasa's CALM (Bocklisch et al. 2024,
https://arxiv.org/abs/2402.12234): understanding writes commands, business logic alone decides.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from typing import Any

from dialogues.flows import Flow, Step
from dialogues.messages import Button, Say, source
from dialogues.tracker import Event, Frame, Tracker, stack_event

CLOSED = "closed"  # the task slot with the orders that a task has ended: what waits about them is over
LATER = "later"  # the task slot with the slots of tasks of the same kind that follow, one after the other
YES, NO = Button("Yes", "/affirm"), Button("No", "/deny")


@dataclass(frozen=True)
class RunAction:
    name: str


@dataclass(frozen=True)
class Listen:
    """Nothing more to do until the shopper speaks."""


Decision = RunAction | Say | Listen


@dataclass(frozen=True)
class Next:
    """What to do, and the events to apply before doing it."""

    events: tuple[Event, ...]
    decision: Decision


@dataclass(frozen=True)
class Manager:
    flows: Mapping[str, Flow]

    def next(self, tracker: Tracker) -> Next:
        """The next thing to do in this conversation."""
        stack = list(tracker.stack)
        while stack:
            top = stack[-1]
            slots = {**tracker.slots, **top.slots}
            step = self.step_of(top)
            if step is None:
                stack = _without_closed(stack[:-1], top.slots.get(CLOSED) or ())
                if following := _following(top):
                    stack += following
                elif top.digression and stack:
                    return Next((stack_event(stack),), self.resume(stack))
            elif not step.applies(slots) or (step.until and slots.get(step.until) is not None):
                stack[-1] = replace(top, at=top.at + 1, asked=None)
            elif top.asked:
                return Next(_if_changed(stack, tracker), Listen())
            elif step.kind == "call":
                stack[-1] = replace(top, at=top.at + 1)
                stack.append(Frame(step.name, called=True))
            else:
                stack[-1] = replace(top, asked=step.asks) if step.until else replace(top, at=top.at + 1)
                return Next((stack_event(stack),), decide(step, slots))
        return Next(_if_changed(stack, tracker), Listen())

    def step_of(self, frame: Frame) -> Step | None:
        """The step that a task is at, or None at its end; a task whose flow has been deleted since is at its end."""
        steps = self.flows[frame.flow].steps if frame.flow in self.flows else ()
        return steps[frame.at] if frame.at < len(steps) else None

    def resume(self, stack: list[Frame]) -> Say:
        """What is said before the task under a digression goes on."""
        task = next((frame.flow for frame in reversed(stack) if not frame.called), stack[-1].flow)
        title = self.flows[task].title if task in self.flows else ""
        receipts = {"task": source("flows", task)}
        return Say("utter_resume_task", {"task": title}, receipts=receipts) if title else Say("utter_resume")

    def switch(self, flow: str) -> Event:
        """The event that drops all tasks for one flow: what an action's `followup` asks for."""
        return stack_event([Frame(flow)])


def decide(step: Step, slots: Mapping[str, Any]) -> Decision:
    """The decision that a step amounts to. A question of yes or no comes with its two buttons."""
    if step.kind == "action":
        return RunAction(step.name)
    facts = {name: str(slots[name]) for name in step.facts if slots.get(name) is not None}
    receipts = {name: source("slot", name) for name in facts}
    return Say(step.name, facts, buttons=(YES, NO) if step.asks == "confirm" else (), receipts=receipts)


def _without_closed(stack: list[Frame], closed: Collection[str]) -> list[Frame]:
    """The tasks that can still go on: after an order is cancelled there is nothing in it to swap."""
    kept: list[Frame] = []
    over = False
    for frame in stack:
        over = frame.slots.get("order") in closed or (over and frame.called)
        kept += [] if over else [frame]
    return kept


def _following(ended: Frame) -> list[Frame]:
    """What one request asked for of several orders: the task has ended for one of them, the next begins."""
    slots, *others = ended.slots.get(LATER) or [{}]
    rest = {LATER: others} if others else {}
    return [Frame(ended.flow, slots={**slots, **rest}, digression=ended.digression)] if slots else []


def _if_changed(stack: list[Frame], tracker: Tracker) -> tuple[Event, ...]:
    return () if tuple(stack) == tracker.stack else (stack_event(stack),)
