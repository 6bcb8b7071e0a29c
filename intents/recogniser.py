"""The recogniser: a shopper message in its context to commands, with a confidence.

The model writes the commands under the catalogue's grammar, so they always parse. What it got wrong in a way that the
message alone shows is put right: what has a look of its own in mending.py, and a text slot holds the shopper's words or
is dropped.
"""

from __future__ import annotations

import logging
import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace

from intents.catalogue import Catalogue, value_problems
from intents.commands import Command, CommandSyntaxError, SlotValue, parse_commands
from intents.confidence import Signals, read_signals
from intents.context import Context
from intents.engine import Completion, Engine, EngineError, ReadsAhead
from intents.fusion import Index, Steer, SteeringIndex
from intents.grammar import MOST_COMMANDS, command_grammar
from intents.mending import mend
from intents.prompts import understand_beginning, understand_prompt
from intents.said import said_as
from intents.second_look import joined, second_look
from intents.tuning import Tuning

log = logging.getLogger(__name__)

LONGEST_COMMANDS = 120  # tokens; the longest of 2,200 examples has 71
RANKED = 3  # runners-up that are kept beside the intent that was read
NOT_UNDERSTOOD = Command("out_of_scope")
INDEX_ALONE = "example index: the engine failed"  # stands for the model that read a message
AS_A_TRAINER_SAYS = "a trainer's example, not yet trained"  # so does this


@dataclass(frozen=True)
class Understanding:
    """What a message was read as."""

    text: str
    commands: tuple[Command, ...]  # one to three, in the order said
    confidence: float  # 0..1: the chance that all of it is right, as calibrated; else the tokens' geometric mean
    model: str  # which model read it, so that staff can see it
    signals: Signals | None = None  # what the confidence comes from
    runners_up: tuple[tuple[str, float], ...] = ()  # intents it might have been, each with its share; best first


@dataclass(frozen=True)
class Reading:
    """One completion, and the commands that it comes to."""

    completion: Completion
    commands: tuple[Command, ...]

    @property
    def name_logprob(self) -> float:
        return self.completion.logprob_until("(")


@dataclass(frozen=True)
class Doubt:
    """One message as the model reads it, what the index thinks, and the model's reading as the index would have it."""

    text: str
    reading: Reading
    opinion: Mapping[str, float] | None = None  # the probability of each intent
    again: Reading | None = None
    steer: Steer | None = None  # where examples lead it that the model was not taught


class Recogniser:
    """`index` gives a second opinion on each message, heeded as `tuning` says, which makes the confidence too.

    It may be a function that gives the index as it is now, where that changes while messages are read.
    """

    def __init__(
        self,
        engine: Engine,
        catalogue: Catalogue,
        index: Index | Callable[[], Index | None] | None = None,
        tuning: Tuning | None = None,
    ) -> None:
        self.engine = engine
        self.catalogue = catalogue
        self.index_source = index
        self.tuning = tuning or Tuning()
        self.grammar = command_grammar(catalogue)

    @property
    def index(self) -> Index | None:
        """The index as it is now."""
        return self.index_source() if callable(self.index_source) else self.index_source

    def tuned(self, tuning: Tuning) -> Recogniser:
        """The same, with other choices."""
        return Recogniser(self.engine, self.catalogue, self.index_source, tuning)

    def understand(self, text: str, context: Context) -> Understanding:
        """Read one message; the index does it alone where the engine fails. Raises EngineError without an index."""
        try:
            return self.understand_all([(text, context)])[0]
        except EngineError:
            index = self.index
            if index is None:
                raise
            log.exception("The model engine failed; the example index reads the message alone.")
            return self._read_without_model(index, text, context)

    def read_ahead(self, context: Context) -> None:
        """Let the engine read what is known of the next message's prompt while its shopper reads and writes."""
        if isinstance(self.engine, ReadsAhead):
            self.engine.read_ahead(understand_beginning(context))

    def understand_all(self, messages: Sequence[tuple[str, Context]]) -> list[Understanding]:
        """Read many messages in one batch, and some of them a second time. Raises EngineError."""
        found = [self.decide(doubt) for doubt in self.weigh(messages)]
        looks = [second_look(text, context, one.commands) for (text, context), one in zip(messages, found, strict=True)]
        again = iter([self.decide(doubt) for doubt in self.weigh([look for look in looks if look])])
        return [
            self._with_second(message, one, next(again)) if look else one
            for message, one, look in zip(messages, found, looks, strict=True)
        ]

    def _with_second(self, message: tuple[str, Context], one: Understanding, again: Understanding) -> Understanding:
        commands = joined(*message, one.commands, again.commands, again.confidence)
        if commands is None:
            return one
        return replace(one, commands=commands[:MOST_COMMANDS], confidence=min(one.confidence, again.confidence))

    def weigh(self, messages: Sequence[tuple[str, Context]]) -> list[Doubt]:
        """Both opinions on each message, and where they differ the message read both ways. Raises EngineError."""
        if not messages:
            return []
        prompts = [understand_prompt(text, context) for text, context in messages]
        texts = [text for text, _ in messages]
        readings = self._generate(texts, prompts, self.grammar)
        index = self.index
        if index is None:
            return [Doubt(text, one) for text, one in zip(texts, readings, strict=True)]
        scores, steers = index.steer(messages) if isinstance(index, SteeringIndex) else (index.scores(messages), None)
        doubts = []
        for place, chances in enumerate(scores):
            opinion = dict(zip(index.intents, map(float, chances), strict=True))
            steer = steers[place] if steers else None
            other = self._other(readings[place], opinion, steer)
            again = None
            if other:
                most = MOST_COMMANDS if len(readings[place].commands) > 1 else 1  # half as large a grammar
                grammar = command_grammar(self.catalogue, other, most)
                again = self._generate([texts[place]], [prompts[place]], grammar)[0]
            doubts.append(Doubt(texts[place], readings[place], opinion, again, steer))
        return doubts

    def _other(self, reading: Reading, opinion: Mapping[str, float], steer: Steer | None) -> str | None:
        """The intent as which the model is to read a message again, if any."""
        if steer is None:
            return self.tuning.fusion.objection(reading.commands, opinion)
        is_settled = steer.commands or steer.intent in {command.intent for command in reading.commands}
        return None if is_settled else steer.intent

    def decide(self, doubt: Doubt) -> Understanding:
        """The better reading, with its confidence."""
        if doubt.steer:
            return self._steered(doubt, doubt.steer)
        reading = doubt.reading
        objects = doubt.opinion and self.tuning.fusion.objection(reading.commands, doubt.opinion)
        if objects and doubt.again and self._score(doubt.again, doubt) > self._score(reading, doubt):
            reading = doubt.again
        return replace(
            self._understood(doubt.text, reading, doubt.opinion), runners_up=self._runners_up(doubt, reading)
        )

    def _runners_up(self, doubt: Doubt, chosen: Reading) -> tuple[tuple[str, float], ...]:
        """The intents that came closest and are not among those read; none without an index."""
        read = {
            one.commands[0].intent: one.name_logprob
            for one in (doubt.reading, doubt.again)
            if one and one.commands and one.completion.logprobs
        }
        ranked = self.tuning.fusion.ranking(read, doubt.opinion or {})
        taken = {command.intent for command in chosen.commands}
        return tuple((name, round(share, 4)) for name, share in ranked if name not in taken)[:RANKED]

    def _steered(self, doubt: Doubt, steer: Steer) -> Understanding:
        """The reading to which new examples lead; it is as sure as the index is, where the model is less so."""
        if steer.commands:
            return Understanding(doubt.text, steer.commands, 1.0, AS_A_TRAINER_SAYS)
        chance = (doubt.opinion or {}).get(steer.intent, 0.0)
        reading = doubt.again or doubt.reading
        if not reading.commands:  # cut off before the first command was whole
            return Understanding(doubt.text, (Command(steer.intent),), chance, self.engine.model)
        found = self._understood(doubt.text, reading, doubt.opinion)
        return replace(found, confidence=max(found.confidence, chance))

    def _read_without_model(self, index: Index, text: str, context: Context) -> Understanding:
        """The likeliest intent, with the slots that have a look of their own."""
        chances = index.scores([(text, context)])[0]
        best = int(chances.argmax())
        written = mend((Command(index.intents[best]),), text, self.catalogue)
        return Understanding(
            text, tuple(self._borne_out(command, text) for command in written), float(chances[best]), INDEX_ALONE
        )

    def _generate(self, texts: Sequence[str], prompts: Sequence[str], grammar: str) -> list[Reading]:
        completions = self.engine.generate(prompts, grammar=grammar, max_tokens=LONGEST_COMMANDS)
        return [self._read(text, one) for text, one in zip(texts, completions, strict=True)]

    def _read(self, text: str, completion: Completion) -> Reading:
        known = [one for one in whole_commands(completion.text) if one.intent in self.catalogue.intents]  # no grammar?
        written = mend(tuple(known), text, self.catalogue)
        commands = (self._borne_out(command, text) for command in written)
        return Reading(completion, tuple(commands)[:MOST_COMMANDS])

    def _score(self, reading: Reading, doubt: Doubt) -> float:
        if not reading.commands:
            return -math.inf
        return self.tuning.fusion.score(reading.commands, reading.name_logprob, doubt.opinion or {})

    def _understood(self, text: str, reading: Reading, opinion: Mapping[str, float] | None) -> Understanding:
        model = self.engine.model
        if not reading.commands:
            return Understanding(text, (NOT_UNDERSTOOD,), 0.0, model)
        completion = reading.completion
        if not completion.finished:
            return Understanding(text, reading.commands, 0.0, model)
        if not completion.logprobs:  # some model servers give none
            return Understanding(text, reading.commands, (opinion or {}).get(reading.commands[0].intent, 0.0), model)
        signals = read_signals(completion.logprobs, reading.commands[0].intent, reading.name_logprob, opinion)
        calibration = self.tuning.calibration
        sure = calibration.confidence(signals) if calibration else confidence(completion)
        return Understanding(text, reading.commands, sure, model, signals)

    def _borne_out(self, command: Command, text: str) -> Command:
        """Keep the slots that the message bears out, in the shopper's own spelling, one of a kind unless repeatable."""
        known = self.catalogue.intents[command.intent].slots
        kept: list[tuple[str, SlotValue]] = []
        for name, value in command.slots:
            if name not in known:
                continue
            slot = known[name]
            if slot.kind == "text":
                value = said_as(str(value), text) or ""
            if value_problems(slot, value) or (name, value) in kept:
                continue
            if slot.repeat or name not in dict(kept):
                kept.append((name, value))
        return replace(command, slots=tuple(kept))


def confidence(completion: Completion) -> float:
    """Geometric mean of the token probabilities; 0 for an empty or cut-off completion."""
    if not completion.logprobs or not completion.finished:
        return 0.0
    return math.exp(sum(completion.logprobs) / len(completion.logprobs))


def whole_commands(text: str) -> tuple[Command, ...]:
    """The commands of a completion; of one that was cut off, those that are complete."""
    parts = text.split("; ")
    for end in range(len(parts), 0, -1):
        try:
            return parse_commands("; ".join(parts[:end]))
        except CommandSyntaxError:
            continue
    return ()
