"""What a person who takes a conversation over should know: who, what was done, what is open, the last words.

    summarise(events)  ->  ["Customer mia_1, identified by email.", "Done: cancel of #W1.", …]

Written for staff from the events alone; nothing here is said to the shopper.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from dialogues.flows import Flow
from dialogues.tracker import Event, fold

LAST_WORDS = 3  # of the shopper's messages
WORKING = (
    "order",
    "order_id",
    "reason",
    "payment_method",
    "address",
)  # slots that say what a task is about


def summarise(events: Iterable[Event], flows: Mapping[str, Flow]) -> list[str]:
    """A few lines, each a sentence or a quotation."""
    events = list(events)
    tracker = fold("summary", events)
    lines = [_who(tracker.slots)]
    lines += [f"Done: {_change(event['change'])}." for event in events if event["event"] == "change"]
    # the hand-over has dropped its tasks: what was open is what stood on the stack before the last message
    open_tasks = next((frames for frames in _stacks_before_last_turn(events) if frames), [])
    lines += [_open(frame, flows) for frame in open_tasks if not frame.get("called")]
    said = [str(event["text"]) for event in events if event["event"] == "user" and event.get("text")]
    return [*lines, *(f'"{text}"' for text in said[-LAST_WORDS:])]


def _who(slots: Mapping[str, Any]) -> str:
    if not slots.get("customer_id"):
        tried = slots.get("identity_attempts")
        return f"Not identified, after {tried} wrong answers." if tried else "Not identified."
    return f"Customer {slots['customer_id']}, identified by {slots.get('identified_by') or 'an earlier session'}."


def _change(change: Mapping[str, Any]) -> str:
    kind = str(change["kind"]).replace("_", " ")
    return f"{kind} of {change['order_id']}" if change.get("order_id") else kind


def _stacks_before_last_turn(events: list[Event]) -> Iterable[list[Mapping[str, Any]]]:
    last_message = max((place for place, event in enumerate(events) if event["event"] == "user"), default=0)
    stacks = [event["frames"] for event in events[:last_message] if event["event"] == "stack"]
    return stacks[-1:]


def _open(frame: Mapping[str, Any], flows: Mapping[str, Flow]) -> str:
    flow = flows.get(frame["flow"])
    name = (flow.title if flow else "") or str(frame["flow"]).replace("_", " ")
    about = [f"{slot.replace('_', ' ')} {frame['slots'][slot]}" for slot in WORKING if frame["slots"].get(slot)]
    waiting = f"; was asked for {str(frame['asked']).replace('_', ' ')}" if frame.get("asked") else ""
    return f"Open: {name}" + (f" ({', '.join(about)})" if about else "") + waiting + "."
