"""What a reply claims outside its placeholders, and which response may claim it.

A claim is a word of fact_words.yml as it stands in a sentence: stated ("it was sent"), open ("shall I send it?") or
denied ("it wasn't sent"), or a word that bends or names the fact of a placeholder ("under {price}", "total {count}").
`learn_licences` reads from what people wrote which claims a response may make, and beside which facts.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise, takewhile
from pathlib import Path

from ruamel.yaml import YAML

from dialogues.responses import placeholders

SHIPPED = Path(__file__).with_name("fact_words.yml")
TOKEN = re.compile(r"\{[a-z_]+\}|[^\W\d_]+(?:['\u2019][^\W\d_]+)*|[^\s\w\"\u201c\u201d]")  # without quotation marks
SENTENCE_END, CLAUSE_END = frozenset(".!?\u2026"), frozenset(".!?\u2026,;:()\u2013\u2014-")
DENIALS = frozenset("not no never nothing none neither nor without cannot nobody nowhere".split())
NO_MATTER = frozenset("problem worries need rush hurry trouble harm doubt matter".split())  # "no rush" denies nothing
OPENERS = frozenset("would could can may might shall should if unless whether once when before until".split())
BEFORE_ONE = frozenset("no any every some each that this which the another other very right old new different".split())
AFTER_ONE = frozenset("of by after at".split())  # "one of our team", "one by one"; else "one" counts
NEAR = 2  # words between a placeholder and what bends it
NAMING_NEAR = 3

Claim = tuple[str, ...]


@dataclass(frozen=True)
class FactWords:
    """fact_words.yml, read."""

    never: Mapping[str, str]  # word: its kind
    licensed: frozenset[str]
    bending: frozenset[str]
    naming: frozenset[str]
    things: frozenset[str]


@dataclass(frozen=True)
class Licences:
    """For every response the claims it may make, each with the placeholders that must stand in the same reply."""

    by_response: Mapping[str, Mapping[Claim, frozenset[str]]]
    denying: frozenset[str]  # responses all of whose written texts deny something: nothing found, no order, can't

    def missing(self, response: str, text: str, words: FactWords) -> list[Claim]:
        """The claims of a reply that its response may not make, or not with these facts."""
        licence, used = self.by_response.get(response, {}), placeholders(text)
        return [claim for claim in dict.fromkeys(claims_of(text, words)) if not licence.get(claim, {"?"}) <= used]


def load_fact_words(path: Path = SHIPPED) -> FactWords:
    data = YAML(typ="safe").load(path.read_text("utf-8"))
    never = {word: kind for kind, words in data["never"].items() for word in words.split()}
    licensed = frozenset(word for words in data["licensed"].values() for word in words.split())
    return FactWords(never, licensed, *(frozenset(data[part].split()) for part in ("bending", "naming", "things")))


def learn_licences(written: Mapping[str, Sequence[str]], words: FactWords) -> Licences:
    """What the written texts of each response claim; the facts that all texts with a claim share must be there too."""
    denying = frozenset(name for name, texts in written.items() if all(map(denies_something, texts)))
    return Licences({name: _licence(texts, words) for name, texts in written.items()}, denying)


def denies_something(text: str) -> bool:
    return any(_denies(token) for token in _tokens(text))


def claims_of(text: str, words: FactWords) -> Iterator[Claim]:
    """Every claim of a reply, in order."""
    for sentence in _parts(_tokens(text), SENTENCE_END):
        for clause in _parts(sentence, CLAUSE_END):
            yield from _claims_of_clause(clause, sentence[-1] == "?", words)
        yield from _after_facts(sentence, words)


def _licence(written: Sequence[str], words: FactWords) -> dict[Claim, frozenset[str]]:
    beside: defaultdict[Claim, list[set[str]]] = defaultdict(list)
    for text in written:
        for claim in set(claims_of(text, words)):
            beside[claim].append(placeholders(text))
            if claim[1] == "stated":  # what may be stated may be asked
                beside[claim[0], "open"].append(placeholders(text))
    return {claim: frozenset(set.intersection(*facts)) for claim, facts in beside.items()}


def _claims_of_clause(clause: Sequence[str], asked: bool, words: FactWords) -> Iterator[Claim]:
    denied, is_open = False, asked
    for place, token in enumerate(clause):
        before = clause[place - 1] if place else ""
        if _denies(token):
            denied = denied or not NO_MATTER.intersection(clause[place + 1 : place + 2])
        is_open = is_open or token in OPENERS or token.endswith("'d")
        mood = "denied" if denied else "open" if is_open or before == "to" else "stated"
        if token.startswith("{"):
            yield from _before_fact(clause[max(0, place - NAMING_NEAR) : place], token, denied, words)
        elif token in words.licensed and not (token == "one" and _counts_nothing(clause, place)):
            yield (token, mood)
        elif token in words.things and (denied or before == "your"):
            yield (f"{before} {token}" if before == "your" else token, mood)


def _counts_nothing(clause: Sequence[str], place: int) -> bool:
    """Whether the "one" at this place is a pronoun, as in "which one" or "one of these"."""
    return bool(BEFORE_ONE.intersection(clause[max(0, place - 1) : place])) or bool(
        AFTER_ONE.intersection(clause[place + 1 : place + 2]) or clause[place - 2 : place] == ["one", "by"]
    )


def _before_fact(before: Sequence[str], fact: str, denied: bool, words: FactWords) -> Iterator[Claim]:
    """What the words in front of a placeholder, those of its clause, make of its fact."""
    if denied:
        yield ("not", fact)
    near = _until_fact(reversed(before))
    yield from ((word, fact) for word in near[:1])
    yield from ((word, fact) for word in near[1:NEAR] if word in words.bending)
    yield from ((f"{word} =", fact) for word in near if word in words.naming)


def _after_facts(sentence: Sequence[str], words: FactWords) -> Iterator[Claim]:
    """What the words behind placeholders, those of the sentence, make of their facts."""
    spoken = [token for token in sentence if token not in CLAUSE_END]
    for place, fact in enumerate(spoken):
        if fact.startswith("{"):
            near = _until_fact(spoken[place + 1 : place + 1 + NEAR])
            yield from ((fact, word) for word in near if word in words.bending or _denies(word))
    for fact, after in pairwise(sentence):
        if fact.startswith("{") and after.startswith("{"):
            yield (fact, after)  # "{count} {limit}" would read as one number


def _tokens(text: str) -> list[str]:
    return TOKEN.findall(text.lower().replace("\u2019", "'"))


def _until_fact(tokens: Iterable[str]) -> list[str]:
    return list(takewhile(lambda token: not token.startswith("{"), tokens))


def _denies(token: str) -> bool:
    return token in DENIALS or token.endswith("n't")


def _parts(tokens: Sequence[str], ends: frozenset[str]) -> Iterator[Sequence[str]]:
    """Runs of tokens, each with the mark that ends it."""
    begin = 0
    for place, token in enumerate(tokens):
        if token in ends:
            yield tokens[begin : place + 1]
            begin = place + 1
    if begin < len(tokens):
        yield tokens[begin:]
