"""Word the replies: the model writes the sentence, the checker lets it pass or not, the facts are filled in.

The model is given the response's name, the names of the facts and the shopper's words, never the facts. Where its
wording fails the check, or the engine fails, a written variation stands in. Text is handed out sentence by sentence as
soon as what has been written so far would be a good reply by itself, so nothing unchecked is ever shown.
"""

from __future__ import annotations

import logging
import re
import zlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from dialogues.checker import Checker
from dialogues.messages import BotMessage, Say
from dialogues.prompts import reply_prompt
from dialogues.responses import Response, fill
from intents.engine import Engine, EngineError

log = logging.getLogger(__name__)

LONGEST_REPLY_TOKENS = 72  # the longest of 804 written examples has 49
SENTENCE_END = re.compile(r"[.!?…][\"')]*(?=\s|$)")


@dataclass(frozen=True)
class ReplyWriter:
    """`worded` are the responses the model was taught to word; others are always said as written."""

    engine: Engine
    responses: Mapping[str, Response]
    checker: Checker
    worded: frozenset[str]

    def write(
        self, says: Sequence[Say], shopper: str, variety: str, on_text: Callable[[str], None] | None = None
    ) -> list[BotMessage]:
        """Word every response of a turn, the model's in one batch.

        `variety` is any text that differs between turns: it picks the written variation. With a single response
        `on_text` is called with each new piece of checked text.
        """
        by_model = [say for say in says if say.response in self.worded and "text" not in say.facts]
        stream = _CheckedStream(self, by_model[0], on_text) if on_text and len(says) == len(by_model) == 1 else None
        wordings = self._generate(by_model, shopper, stream)
        return [self._message(say, wordings.get(id(say)), variety, stream, on_text) for say in says]

    def _generate(self, says: Sequence[Say], shopper: str, stream: _CheckedStream | None) -> dict[int, str]:
        """What the model writes for each response, by the response's identity; nothing where the engine fails."""
        if not says:
            return {}
        prompts = [reply_prompt(say.response, say.facts, shopper) for say in says]
        try:
            written = self.engine.generate(
                prompts, max_tokens=LONGEST_REPLY_TOKENS, on_text=stream.add if stream else None
            )
        except EngineError:
            log.exception("The model engine failed; the written replies stand in.")
            return {}
        return {id(say): one.text for say, one in zip(says, written, strict=True)}

    def _message(
        self,
        say: Say,
        wording: str | None,
        variety: str,
        stream: _CheckedStream | None,
        on_text: Callable[[str], None] | None,
    ) -> BotMessage:
        response = self.responses[say.response]
        by_model = wording is not None and not self.checker.problems(wording, response, say.facts)
        if stream and stream.shown and not by_model:
            return self._finished(say, stream.shown, "model")  # the good sentences already on screen are the reply
        text = wording if by_model and wording else self._written(say, variety)
        message = self._finished(say, text, "model" if by_model else "written")
        if on_text and stream:
            on_text(message.text[len(fill(stream.shown, say.facts)) :])
        return message

    def _finished(self, say: Say, text: str, written_by: str) -> BotMessage:
        return BotMessage(fill(text, say.facts), say.response, say.facts, say.cards, say.buttons, written_by)

    def _written(self, say: Say, variety: str) -> str:
        fitting = self.responses[say.response].best_variations(say.facts.keys())
        return fitting[zlib.crc32(f"{say.response} {variety}".encode()) % len(fitting)]


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
