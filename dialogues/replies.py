"""Word the replies: the model writes the sentence, the checker lets it pass or not, the facts are filled in.

The model is given the response's name, the names of the facts and the shopper's words, never the facts, and writes
under the grammar of wording.py. Where its wording fails the check, or the engine fails, a written variation stands in.
Text is handed out sentence by sentence as soon as what has been written so far would be a good reply by itself, so
nothing unchecked is ever shown.
"""

from __future__ import annotations

import logging
import re
from collections.abc import Callable, Collection, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace

from dialogues.checker import Checker
from dialogues.messages import BotMessage, Say
from dialogues.prompts import reply_prompt
from dialogues.responses import Response, fill
from dialogues.wording import Wordings
from intents.engine import Engine, EngineError

log = logging.getLogger(__name__)

LONGEST_REPLY_TOKENS = 72  # the longest of 2,598 written examples has 45
SENTENCE_END = re.compile(r"[.!?…][\"')]*(?=\s|$)")


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
            texts = list(pool.map(lambda say: self._generate(say, shopper, said, stream), by_model))
        written = {id(say): text for say, text in zip(by_model, texts, strict=True)}
        return [self._message(say, written.get(id(say)), said, stream, on_text) for say in says]

    def _with_constants(self, say: Say) -> Say:
        known = {name: fact for name, fact in self.constants.items() if name in self.responses[say.response].facts}
        return replace(say, facts={**known, **say.facts})

    def _generate(self, say: Say, shopper: str, said: Collection[str], stream: _CheckedStream | None) -> str | None:
        """What the model writes, or None where it has nothing new to say or the engine fails."""
        grammar = self.wordings.grammar(say.response, say.facts, said, shopper)
        if grammar is None:
            return None
        prompt = reply_prompt(say.response, say.facts, shopper)
        on_text = stream.add if stream else None
        try:
            written = self.engine.generate([prompt], grammar=grammar, max_tokens=LONGEST_REPLY_TOKENS, on_text=on_text)
        except EngineError:
            log.exception("The model engine failed; a written reply stands in.")
            return None
        return written[0].text

    def _message(
        self,
        say: Say,
        wording: str | None,
        said: Collection[str],
        stream: _CheckedStream | None,
        on_text: Callable[[str], None] | None,
    ) -> BotMessage:
        response = self.responses[say.response]
        by_model = wording is not None and not self.checker.problems(wording, response, say.facts)
        if stream and stream.shown and not by_model:
            return self._finished(say, stream.shown, "model")  # the good sentences already on screen are the reply
        text = wording if by_model and wording else self._written(say, said)
        message = self._finished(say, text, "model" if by_model else "written")
        if on_text and stream:
            on_text(message.text[len(fill(stream.shown, say.facts)) :])
        return message

    def _finished(self, say: Say, text: str, written_by: str) -> BotMessage:
        return BotMessage(fill(text, say.facts), say.response, say.facts, say.cards, say.buttons, written_by, text)

    def _written(self, say: Say, said: Collection[str]) -> str:
        """The written variation that tells most and was not said lately."""
        fitting = self.responses[say.response].best_variations(say.facts.keys())
        return next((text for text in fitting if text not in said), fitting[0])


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
