"""From commands to events: how sure one must be to act on them, and what to do when one is not.

Pure. `Interpreter.interpret` takes the tracker and what was understood, and gives the events that change slots and
stack (uptake.py); the manager then walks the stack.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from dialogues.draft import CONFIRM, Rules
from dialogues.flows import Flow
from dialogues.language import is_foreign
from dialogues.reread import calls_off, reread
from dialogues.tracker import Event, Tracker
from dialogues.uptake import (
    ASK_BACK,
    HANDLERS,
    OFFER_PERSON,
    OFFERS,
    REPHRASE,
    UNSUPPORTED,
    Uptake,
    no_drops,
)
from intents.catalogue import Catalogue
from intents.commands import Command
from intents.confidence import Thresholds
from intents.context import Context

NEVER_ASKED_BACK = ("inform", "affirm", "deny", "select", "stop", "repeat", "out_of_scope")
AS_INTENT = {OFFER_PERSON: "human_handoff", UNSUPPORTED: "human_handoff"}  # offers, as the recogniser was taught them
LONGEST_BOT = 400  # characters of the last replies given to the recogniser, which clips further
OTHER_LANGUAGE = "other_language"
SHOWN_FROM = 0.2  # confidence; what is less sure than that is hardly ever the right task
OFFER_PERSON_AFTER = 2  # messages in a row that were not understood


@dataclass(frozen=True)
class Interpreter:
    flows: Mapping[str, Flow]
    catalogue: Catalogue
    thresholds: Thresholds  # of the confidence: when to ask back, and when to offer a person at once
    drop_below: float  # confidence below which an open task is not dropped before the shopper was asked
    accepts: Mapping[str, str]  # response: the flow that a yes to it starts, where the reply itself makes an offer

    @property
    def rules(self) -> Rules:
        return Rules(self.flows, self.catalogue, self.accepts)

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
        commands = reread(tracker, commands)
        if self._is_foreign(tracker, commands, confidence):
            change = Uptake(self.rules, tracker)
            change.start(OTHER_LANGUAGE, {})
            return change.events()
        dropping = next((command for command in commands if _drops(tracker, command)), None)
        if dropping and calls_off(tracker):  # the words say so, however unsure the reading
            dropping, confidence = None, 1.0
        if confidence < self.thresholds.ask_back_below and not self._shows_first(commands, confidence):
            return self._unsure(tracker, commands[0], lost=confidence < self.thresholds.hand_over_below)
        if dropping and confidence < self.drop_below:
            return self._unsure(tracker, Command("stop"))
        change = Uptake(self.rules, tracker)
        if tracker.slots.get("failures") and not _rejects_guess(tracker, commands[0]):
            change.remember("failures", 0)
        for command in commands:
            change.take(command)
        return change.events()

    def _is_foreign(self, tracker: Tracker, commands: Sequence[Command], confidence: float) -> bool:
        """Whether a message is in a language that was not taught, and was not understood all the same.

        An answer to a question may be a name or a street in any language."""
        if tracker.top and tracker.top.asked:
            return False
        message = str(tracker.latest.get("text") or "")
        if is_foreign(message, plainly=True):  # "ich suche einen Wasserkocher": the rest may sound like anything
            return True
        foreign = is_foreign(message)
        lost = confidence < self.thresholds.ask_back_below or {one.intent for one in commands} <= {"out_of_scope"}
        return foreign and lost

    def _shows_first(self, commands: Sequence[Command], confidence: float) -> bool:
        """Whether all that is asked for is shown in every detail, with yes and no, before anything is done.

        A wrong reading costs one more message there, no more than asking back does, so asking back gains nothing. Who
        the shopper is may stand beside it: that is checked.
        """
        asked = [command for command in commands if command.intent != "identify"] or commands
        flows = [self.flows.get(command.intent) for command in asked]
        confirmed = all(flow and any(step.asks == CONFIRM for step in flow.steps) for flow in flows)
        return confirmed and confidence >= SHOWN_FROM

    def _unsure(self, tracker: Tracker, guess: Command, lost: bool = False) -> list[Event]:
        """Ask back with the best guess, or to say it again; when quite lost, or for the second time, offer a person."""
        failures = (tracker.slots.get("failures") or 0) + 1
        change = Uptake(self.rules, tracker)
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
    return command.intent == "stop" or (command.intent == "deny" and no_drops(tracker))


def _rejects_guess(tracker: Tracker, command: Command) -> bool:
    return bool(tracker.top and tracker.top.flow == ASK_BACK and command.intent == "deny")


def served_by(flows: Mapping[str, Flow]) -> frozenset[str]:
    """The intents that are answered by a flow or by the uptake itself, and not declined as unsupported."""
    return frozenset({*flows, *HANDLERS})
