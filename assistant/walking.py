"""What a turn does: the manager's steps one after another, each action run, until the manager listens.

    walker.walked(turn)  ->  the turn with its actions' events and with what is to be said

An action that changes the shop is rehearsed in a transaction that is rolled back, so that later ones see it changed.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from rasa_sdk.executor import ActionExecutor
from sqlalchemy.orm import Session

from assistant.desk import Refused, apply_event
from assistant.metrics import Metrics
from assistant.rasa_shapes import rasa_tracker, say, say_of
from assistant.store import Database
from dialogues.flows import Flow
from dialogues.manager import Listen, Manager, RunAction
from dialogues.messages import Say
from dialogues.tracker import Event, Tracker, action_event, slot_event, stack_event

log = logging.getLogger(__name__)

MOST_STEPS = 20  # of one turn; more means flows that call each other in a circle


class ChangesShop(Exception):
    """An action changes the shop, which the walk that only reads cannot do."""


@dataclass
class Turn:
    """A turn under way: the tracker as it moves on, the events so far, what is to be said, seconds by stage."""

    tracker: Tracker
    events: list[Event] = field(default_factory=list)
    says: list[Say] = field(default_factory=list)
    seconds: dict[str, float] = field(default_factory=dict)

    def apply(self, events: Sequence[Event]) -> None:
        self.events += events
        self.tracker = self.tracker.apply_all(events)

    def copy(self) -> Turn:
        """The turn as it is now, to try the next stage on."""
        return replace(self, events=[*self.events], says=[*self.says])


@dataclass(frozen=True)
class Walker:
    """Safe to use from many threads."""

    database: Database
    manager: Manager
    executor: ActionExecutor
    metrics: Metrics

    def walked(self, turn: Turn) -> Turn:
        """The turn after its actions. Those that change the shop are rehearsed, so that later ones see it changed.

        The changes are made for good with the turn's events: the words between may take their time without a lock.
        """
        tried = turn.copy()
        try:
            with self.database.reading():
                self.walk(tried, None)
        except ChangesShop:
            tried = turn.copy()
            with self.database.rehearsal() as session:
                self.walk(tried, session)
        return tried

    def walk(self, turn: Turn, session: Session | None) -> None:
        """Do what the manager says until it listens. Raises ChangesShop, without a session to change it in."""
        for _ in range(MOST_STEPS):
            step = self.manager.next(turn.tracker)
            turn.apply(step.events)
            if isinstance(step.decision, Listen):
                return
            if isinstance(step.decision, RunAction):
                self._act(turn, step.decision.name, session)
            else:
                turn.says.append(step.decision)
        self.metrics.error("steps")
        log.error(
            "conversation %r: more than %d steps in a turn; its tasks are dropped", turn.tracker.sender, MOST_STEPS
        )
        turn.apply([stack_event([])])

    def _act(self, turn: Turn, name: str, session: Session | None) -> None:
        """Run one rasa-sdk action; if it fails, drop the task and offer a person."""
        call = {
            "next_action": name,
            "sender_id": turn.tracker.sender,
            "tracker": rasa_tracker(turn.tracker),
            "domain": {},
        }
        try:
            result = asyncio.run(self.executor.run(call))
        except Exception:
            self.metrics.error("action")
            log.exception("conversation %r: %s failed", turn.tracker.sender, name)
            turn.apply([self.manager.switch("offer_person")])
            return
        if any(event["event"] == "change" for event in result.events):
            if session is None:
                raise ChangesShop(name)
            try:
                with session.begin_nested():
                    change(session, turn, result.events)
            except Refused as refused:  # by what this turn has changed before it: trying the turn again would not help
                turn.apply([action_event(name)])
                turn.says.append(say(refused.response, refused.facts))
                return
        turn.apply([action_event(name)])
        turn.says += [say_of(message) for message in result.responses]
        turn.apply([event for one in result.events if (event := self._own_event(turn.tracker, one))])

    def _own_event(self, tracker: Tracker, event: Event) -> Event | None:
        """A rasa-sdk event as ours: slots of the active task are set there, a follow-up switches to that flow."""
        if event["event"] == "followup":
            return self.manager.switch(event["name"])
        if event["event"] == "change":
            return event
        if event["event"] != "slot":
            log.warning("An action returned a %r event, which is not used here.", event["event"])
            return None
        flow: Flow | None = self.manager.flows[tracker.top.flow] if tracker.top else None
        return slot_event(event["name"], event["value"], of_task=bool(flow and event["name"] in flow.slots))


def change(session: Session, turn: Turn, events: Sequence[Event]) -> None:
    """Make the changes among the events. Raises Refused, when what they rest on has changed."""
    for event in events:
        if event["event"] == "change":
            apply_event(session, event, turn.tracker.sender, turn.tracker.turn)
