"""The grounding checker: is a reply that the model worded safe to show?

A reply passes only if every fact comes through a placeholder. Outside placeholders stand only words that people wrote
(the closed vocabulary of responses.yml and replies/*.yml), and of those none that states a number, price, date, status
or promise, and no brand or product name. Pure: text in, problems out.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable
from dataclasses import dataclass

from dialogues.responses import PLACEHOLDER, Response

LONGEST_REPLY = 320  # characters
WORD = re.compile(r"[^\W\d_]+(?:['\u2019][^\W\d_]+)*")
NUMBER_WORDS = frozenset(
    (
        "two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen seventeen "
        "eighteen nineteen twenty thirty forty fifty sixty seventy eighty ninety hundred thousand million dozen "
        "couple half double twice first second third"
    ).split()
)
DATE_WORDS = frozenset(
    (
        "monday tuesday wednesday thursday friday saturday sunday january february march april june july august "
        "september october november december today tomorrow yesterday tonight week weeks month months"
    ).split()
)
STATUS_WORDS = frozenset(
    (
        "pending processed shipped dispatched delivered cancelled canceled returned refunded refund exchanged paid "
        "arrived sold"
    ).split()
)
PROMISE_WORDS = frozenset(
    (
        "free guarantee guaranteed guarantees promise promised promises discount discounted voucher compensation "
        "credit definitely certainly immediately"
    ).split()
)
MONEY_WORDS = frozenset("dollar dollars euro euros pound pounds cent cents buck bucks usd eur gbp percent".split())
LICENSED_BY = {  # words that may stand beside a fact that makes them true
    "paid": ("{payment}", "{method}", "{price}", "{amount}"),
    "refund": ("{refund}",),
    "cancelled": ("{left_out}",),
}
LICENSED_IN = {"refund": "_refund"}  # or in a response whose name says that it is about them
PLAIN_MARKS = frozenset(
    " .,!?…:;'\u2019\u201c\u201d\"()-\u2013\u2014"
)  # beside letters; all others, money's too, are refused


@dataclass(frozen=True)
class Checker:
    """Built once from what people wrote and from the names in the catalogue."""

    vocabulary: frozenset[str]  # lower-case words that may stand outside placeholders
    names: frozenset[str]  # lower-case brand and product names, which may not

    def problems(self, text: str, response: Response, facts: Collection[str]) -> list[str]:
        """Why this reply must not be shown; empty when it may. `facts` are the names of the facts at hand."""
        found = placeholder_problems(text, response, facts)
        outside = PLACEHOLDER.sub(" ", text)
        marks = sorted(mark for mark in set(outside) - PLAIN_MARKS if not mark.isalpha())
        found += [f"`{_shown(mark)}` outside a placeholder" for mark in marks]
        if any(char.isdigit() or char.isnumeric() for char in outside):
            found.append("a digit outside a placeholder")
        found += self._word_problems(outside, text, response.name)
        if not text.strip() or len(text) > LONGEST_REPLY or "\n" in text:
            found.append(f"not one line of 1 to {LONGEST_REPLY} characters")
        elif text.rstrip()[-1] not in '.!?…"':
            found.append("does not end a sentence")
        return found

    def _word_problems(self, outside: str, text: str, response: str) -> list[str]:
        words = [word for word in words_of(outside) if not _is_licensed(word, text, response)]
        found = [f"{kind} `{word}`" for word in words if (kind := _states_a_fact(word))]
        found += [f"`{word}` is not a word of the written replies" for word in words if word not in self.vocabulary]
        said = f" {' '.join(words)} "
        found += [f"the name `{name}`" for name in self.names if f" {name} " in said]
        return found


def placeholder_problems(text: str, response: Response, facts: Collection[str]) -> list[str]:
    used = PLACEHOLDER.findall(text)
    found = [f"unknown placeholder {{{name}}}" for name in sorted(set(used) - set(facts))]
    found += [f"required {{{name}}} is missing" for name in sorted(response.required - set(used))]
    found += [f"{{{name}}} stands twice" for name in sorted(set(used)) if used.count(name) > 1]
    return found


def build_checker(written: Iterable[str], names: Iterable[str]) -> Checker:
    """A checker whose vocabulary is the words of `written`, for a catalogue with these brand and product names."""
    vocabulary = {word for text in written for word in words_of(PLACEHOLDER.sub(" ", text))}
    spoken = (words_of(name) for name in names if not any(map(str.isnumeric, name)))  # a digit cannot pass anyway
    possible = {" ".join(words) for words in spoken if words and vocabulary.issuperset(words)}  # others cannot pass
    return Checker(frozenset(vocabulary), frozenset(possible))


def words_of(text: str) -> list[str]:
    """Lower-case words, apostrophes made straight."""
    return [word.replace("\u2019", "'") for word in WORD.findall(text.lower())]


def _shown(mark: str) -> str:
    """A mark that can be seen as itself, any other as its code point."""
    return mark if mark.isprintable() else f"U+{ord(mark):04X}"


def _is_licensed(word: str, text: str, response: str) -> bool:
    return LICENSED_IN.get(word, "?") in response or any(fact in text for fact in LICENSED_BY.get(word, ()))


def _states_a_fact(word: str) -> str | None:
    kinds = {
        "the number": NUMBER_WORDS,
        "the date": DATE_WORDS,
        "the status": STATUS_WORDS,
        "the promise": PROMISE_WORDS,
        "the money": MONEY_WORDS,
    }
    return next((kind for kind, words in kinds.items() if word in words), None)
