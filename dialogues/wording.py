"""Which wordings a response may take: the grammar under which the model writes a reply.

Left free, a 135 M model joins halves of replies into sentences that use the right placeholders and still say the wrong
thing (docs/log.md has the trial). So it writes along what people wrote: the written variations and the reply
examples of this response that fit the facts at hand. Among those the model's own probabilities decide, given the
shopper's words, so a hurried shopper still gets the short one and an upset one the apology. It writes only until its
choice is clear: what it would go on to write is known.
"""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from os.path import commonprefix

from dialogues.checker import words_of
from dialogues.reply_examples import ReplyExample
from dialogues.responses import PLACEHOLDER, Response, placeholders

FEWEST_TO_CHOOSE_FROM = 4  # below it, wordings that tell fewer of the facts are let in too
SHORT_WORD = 4  # letters; shorter words carry no story
OF_ONE_SHOPPER = re.compile(  # but these do, however long and frequent: one shopper's people and worries
    r"\b(he|she|her|him|his|hers|son|mom|mum|dad|kid|kids|baby|dog|cat|pup|gran|wife|aunt|poor|budget|lucky|this time"
    r"|sisters?|brothers?|mother|father|parents|husband|daughter|nephew|niece|cousin|uncle|grandm\w+|grandpa|friends?"
    r"|birthday|wedding|holidays?|moving is|home sweet home|stay home|to settle your bet|a lovely present"
    r"|you're better|is better now|such a wait|long wait|you did|been through|you had to ask"
    r"|(happened|wrong|sorry to ask|had to ask) again)\b",
    re.IGNORECASE,
)
APOLOGY = re.compile(r"\b(sorry|apolog\w+|annoying|frustrating|should do better)\b", re.IGNORECASE)
UPSET = re.compile(  # capitals, exclamation marks, and what people write when something went wrong
    r"!!|\b[A-Z]{4,} [A-Z]{3,}|(?i:\b(angry|annoy\w*|awful|broke\w*|complain\w*|damage\w*|disappoint\w*|disgust\w*"
    r"|fed up|frustrat\w*|horrible|joke|late|never|ridiculous|rubbish|sick of|still|terrible|unacceptable|upset|useless"
    r"|waited|waiting|worst|wrong|wtf)\b)"
)
COMMON = 3  # replies that a longer word must stand in; a rarer one belongs to one shopper's story ("the baby")


@dataclass(frozen=True)
class Choice:
    """Wordings that the model chooses from by writing as much of one as tells it from the others."""

    texts: tuple[str, ...]

    @property
    def grammar(self) -> str:
        """EBNF whose sentences are the beginnings that no two wordings share."""
        return "root ::= " + " | ".join(json.dumps(text, ensure_ascii=False) for text in self._beginnings())

    def whole(self, written: str) -> str:
        """The wording that begins as the model wrote; what was written, where that is a whole one, several or none."""
        begun = [text for text in self.texts if text.startswith(written)]
        return begun[0] if len(begun) == 1 and written not in self.texts else written

    def is_clear(self, written: str) -> bool:
        """Whether one wording alone begins so."""
        return sum(text.startswith(written) for text in self.texts) == 1

    def _beginnings(self) -> Iterator[str]:
        """Whole words, so that the model writes each with the tokens that it would write the wording with."""
        ordered = sorted(self.texts)  # what shares most with a wording stands beside it
        for before, text, after in zip(["", *ordered], ordered, [*ordered[1:], ""], strict=False):
            shared = max(len(commonprefix((text, other))) for other in (before, after))  # noqa: RUF071  # characters
            end = text.find(" ", shared + 1)
            yield text if end < 0 else text[:end]


@dataclass(frozen=True)
class Wordings:
    """Every reusable wording, by response."""

    by_response: Mapping[str, tuple[str, ...]]

    def fitting(self, response: str, facts: Collection[str]) -> list[str]:
        """Wordings of a response that fit the facts, those that tell most of them; at least four where there are."""
        possible = [text for text in self.by_response.get(response, ()) if placeholders(text) <= set(facts)]
        possible.sort(key=lambda text: -len(placeholders(text)))
        if len(possible) <= FEWEST_TO_CHOOSE_FROM:
            return possible
        fewest_facts = len(placeholders(possible[FEWEST_TO_CHOOSE_FROM - 1]))
        return [text for text in possible if len(placeholders(text)) >= fewest_facts]

    def choice(
        self, response: str, facts: Collection[str], said: Collection[str], shopper: str | None = None
    ) -> Choice | None:
        """The fitting wordings without those `said` lately; None where none is left.

        A shopper whose words show no anger gets no apology, and nobody a reply that opens as one said lately, where
        there are others."""
        fresh = [text for text in self.fitting(response, facts) if text not in said]
        if shopper is not None and not UPSET.search(shopper):
            fresh = [text for text in fresh if not APOLOGY.search(text)] or fresh
        openings = {opening(text) for text in said}
        fresh = [text for text in fresh if opening(text) not in openings] or fresh
        return Choice(tuple(fresh)) if fresh else None


def opening(text: str) -> str:
    """The first two words: "I can't", "Order {order_id}"."""
    return " ".join(text.lower().split()[:2])


def collect_wordings(responses: Mapping[str, Response], examples: Iterable[ReplyExample]) -> Wordings:
    """The written variations and those example replies that would suit other shoppers too."""
    taught: dict[str, list[str]] = {name: [] for name in responses}
    for example in examples:
        taught[example.response].append(example.reply)
    spread = Counter(
        word
        for name, response in responses.items()
        for text in (*response.variations, *taught[name])
        for word in set(_long_words(text))
    )
    collected = {}
    for name, response in responses.items():
        reusable = [text for text in taught[name] if _for_anybody(text, spread)]
        collected[name] = tuple(dict.fromkeys((*response.variations, *reusable)))
    return Wordings(collected)


def _for_anybody(text: str, spread: Mapping[str, int]) -> bool:
    return not OF_ONE_SHOPPER.search(text) and all(spread[word] >= COMMON for word in _long_words(text))


def _long_words(text: str) -> list[str]:
    return [word for word in words_of(PLACEHOLDER.sub(" ", text)) if len(word) >= SHORT_WORD]
