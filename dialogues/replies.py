"""Word the replies: the model writes the sentence, the checker lets it pass or not, the facts are filled in.

The model is given the response's name, the names of the facts and the shopper's words, never the facts, and writes
under the grammar of wording.py. Where its wording fails the check it tries once more, with another sample; where that
fails too, or the engine, a written variation stands in. Which of these it was is kept with the message.
Text is handed out sentence by sentence as soon as what has been written so far would be a good reply by itself, so
nothing unchecked is ever shown.
"""

from __future__ import annotations

import logging
import re
from collections.abc import Callable, Collection, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace

from dialogues.checker import Checker, kind_of
from dialogues.messages import BotMessage, Say, source
from dialogues.prompts import reply_prompt
from dialogues.responses import Response, fill, placeholders
from dialogues.wording import Choice, Wordings
from intents.engine import Engine, EngineError

log = logging.getLogger(__name__)

LONGEST_REPLY_TOKENS = 72  # the longest of 2,598 written examples has 45
RETRY_TEMPERATURE = 0.8  # high enough that the second try seldom is the first again
TRIES = (("first", 0.0), ("retry", RETRY_TEMPERATURE))
HOW = {  # a wording can come about
    "first": "the model's, at once",
    "retry": "the model's, at the second try",
    "cut": "the model's good sentences that were on screen when a bad one or a failure followed",
    "refused": "a written variation, because both tries failed the check",
    "engine": "a written variation, because the engine failed",
    "nothing_new": "a written variation, because the model has said all it may say lately",
    "text": "the shop's own text, said as it is",
}
SENTENCE_END = re.compile(r"[.!?…][\"')]*(?=\s|$)")


@dataclass(frozen=True)
class Wording:
    """What the model's tries came to: its text, or None where a written variation must stand in."""

    text: str | None
    how: str
    refused: tuple[str, ...] = ()  # what was wrong with each try that failed


@dataclass(frozen=True)
class ReplyWriter:
    """Words responses. Those with a `text` among their facts are said as they are, whatever the model."""

    engine: Engine
    responses: Mapping[str, Response]
    checker: Checker
    wordings: Wordings
    constants: Mapping[str, str]  # facts that hold in every turn, for the responses that take them: the shop's name

    def write(
        self, says: Sequence[Say], shopper: str, said: Collection[str], on_text: Callable[[str], None] | None = None
    ) -> list[BotMessage]:
        """Word every response of a turn, side by side.

        `said` are the wordings of the last replies, which are avoided. With a single response `on_text` is called
        with each new piece of checked text.
        """
        says = [self._with_constants(say) for say in says]
        by_model = [say for say in says if "text" not in say.facts]
        stream = _CheckedStream(self, by_model[0], on_text) if on_text and len(says) == len(by_model) == 1 else None
        with ThreadPoolExecutor(max_workers=max(1, len(by_model))) as pool:  # the engine batches what runs at once
            wordings = list(pool.map(lambda say: self._by_model(say, shopper, said, stream), by_model))
        written = {id(say): wording for say, wording in zip(by_model, wordings, strict=True)}
        return [self._message(say, written.get(id(say)), said, stream, on_text) for say in says]

    def _with_constants(self, say: Say) -> Say:
        known = {name: fact for name, fact in self.constants.items() if name in self.responses[say.response].facts}
        sources = {name: source("voice.yml", name) for name in known}
        return replace(say, facts={**known, **say.facts}, receipts={**sources, **say.receipts})

    def _by_model(self, say: Say, shopper: str, said: Collection[str], stream: _CheckedStream | None) -> Wording:
        """The model's wording, if one of its tries passes the check."""
        choice = self.wordings.choice(say.response, say.facts, said, shopper)
        if choice is None:
            return Wording(None, "nothing_new")
        refused: tuple[str, ...] = ()
        for how, temperature in TRIES:
            try:
                text = self._sample(say, shopper, choice, temperature, stream)
            except EngineError:
                log.exception("The model engine failed; a written reply stands in.")
                return _cut(stream, refused) or Wording(None, "engine", refused)
            problems = self.checker.problems(text, self.responses[say.response], say.facts)
            if not problems:
                return Wording(text, how, refused)
            refused = (*refused, kind_of(problems[0]))
            if cut := _cut(stream, refused):
                return cut
        return Wording(None, "refused", refused)

    def _sample(self, say: Say, shopper: str, choice: Choice, temperature: float, stream: _CheckedStream | None) -> str:
        """One try of the model. Raises EngineError."""
        if stream:
            stream.text = ""
        begun = ""

        def take(piece: str) -> bool:
            nonlocal begun
            begun += piece
            if stream:
                stream.add(piece)
            return choice.is_clear(begun)

        written = self.engine.generate(
            [reply_prompt(say.response, say.facts, shopper)],
            grammar=choice.grammar,
            max_tokens=LONGEST_REPLY_TOKENS,
            temperature=temperature,
            on_text=take,
        )
        text = choice.whole(written[0].text)
        if stream:
            stream.add(text[len(written[0].text) :])
        return text

    def _message(
        self,
        say: Say,
        wording: Wording | None,
        said: Collection[str],
        stream: _CheckedStream | None,
        on_text: Callable[[str], None] | None,
    ) -> BotMessage:
        wording = wording or Wording(None, "text")
        text = self._written(say, said) if wording.text is None else wording.text
        message = BotMessage(
            fill(text, say.facts),
            say.response,
            say.facts,
            say.cards,
            say.buttons,
            written_by="written" if wording.text is None else "model",
            wording=text,
            how=wording.how,
            refused=wording.refused,
            receipts=say.receipts_of(placeholders(text)),
        )
        if on_text and stream and (rest := message.text[len(fill(stream.shown, say.facts)) :]):
            on_text(rest)
        return message

    def _written(self, say: Say, said: Collection[str]) -> str:
        """The written variation that tells most and was not said lately."""
        fitting = self.responses[say.response].best_variations(say.facts.keys())
        return next((text for text in fitting if text not in said), fitting[0])


def _cut(stream: _CheckedStream | None, refused: tuple[str, ...]) -> Wording | None:
    """The good sentences already on screen are the reply."""
    return Wording(stream.shown, "cut", refused) if stream and stream.shown else None


class _CheckedStream:
    """Lets through the sentences of a reply that is being written, once they would pass as a reply by themselves."""

    def __init__(self, writer: ReplyWriter, say: Say, on_text: Callable[[str], None] | None) -> None:
        self.writer = writer
        self.say = say
        self.on_text = on_text
        self.text = ""
        self.shown = ""  # how much of the wording has been let through, placeholders not yet filled

    def add(self, piece: str) -> None:
        self.text += piece
        ends = [end.end() for end in SENTENCE_END.finditer(self.text[:-1])]  # the last may be going on: "4." "5"
        candidate = self.text[: ends[-1]].lstrip() if ends else ""
        if len(candidate) <= len(self.shown):
            return
        response = self.writer.responses[self.say.response]
        if not self.writer.checker.problems(candidate, response, self.say.facts) and self.on_text:
            self.on_text(fill(candidate, self.say.facts)[len(fill(self.shown, self.say.facts)) :])
            self.shown = candidate
