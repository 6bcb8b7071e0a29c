"""The grounding checker: is a reply that the model worded safe to show?

A reply passes only if every fact comes through a placeholder. Outside placeholders stand only words that people wrote
for this response or for several others, in letters that they used; no number, date, amount or name of the catalogue;
and a word that states a fact only as people wrote it for this response (claims.py). Pure: text in, problems out.
"""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass

from dialogues.claims import FactWords, Licences, denies_something, learn_licences, load_fact_words
from dialogues.reply_examples import ReplyExample
from dialogues.responses import PLACEHOLDER, Response

LONGEST_REPLY = 320  # characters
NOT_A_LINE = f"shape: not one line of 1 to {LONGEST_REPLY} characters"
COMMON = 3  # responses whose texts hold a word before every response may use it
WORD = re.compile(r"[^\W\d_]+(?:['\u2019][^\W\d_]+)*")
PLAIN_MARKS = frozenset(" .,!?\u2026:;'\u2019\u201c\u201d\"()-\u2013\u2014")  # others, money's too, are refused
GLUED = re.compile(r"[\w.,:\-\u2013\u2014]\{|\}[.,:'\u2019\-\u2013\u2014]?\w|\}\{")  # "-{total}", "{count}{limit}"
CAPITAL = re.compile(r"(?<=[^\s.!?\u2026:\"\u201c(]\s)[^\W\d_a-z][^\W\d_]*")  # words that begin large within a sentence
ADDRESS = re.compile(r"[^\W\d_][.:][^\W\d_]")  # "shop.so": the web address of plain words


@dataclass(frozen=True)
class Checker:
    """Built once from what people wrote and from the names in the catalogue."""

    vocabulary: Mapping[str, frozenset[str]]  # by response, lower-case words that may stand outside placeholders
    alphabet: frozenset[str]  # letters that people wrote
    words: FactWords
    licences: Licences
    names: frozenset[tuple[str, ...]]  # lower-case words of brand and product names, which may not stand in a reply

    def problems(self, text: str, response: Response, facts: Collection[str]) -> list[str]:
        """Why this reply must not be shown, each as "kind: what"; empty when it may. `facts` are the names at hand."""
        if len(text) > LONGEST_REPLY:
            return [NOT_A_LINE]
        outside = PLACEHOLDER.sub(" ", text)
        return [
            *placeholder_problems(text, response, facts),
            *self._mark_problems(outside),
            *self._word_problems(outside, response.name),
            *(f"claim: `{' '.join(claim)}`" for claim in self.licences.missing(response.name, text, self.words)),
            *(f"name: `{' '.join(name)}`" for name in sorted(self._names_in(outside))),
            *shape_problems(text),
        ]

    def _mark_problems(self, outside: str) -> Iterator[str]:
        for mark in sorted(set(outside) - PLAIN_MARKS - self.alphabet):
            kind = "digit" if mark.isnumeric() or mark.isdigit() else "mark"
            yield f"{kind}: `{_shown(mark)}` outside a placeholder"

    def _word_problems(self, outside: str, response: str) -> Iterator[str]:
        known = self.vocabulary.get(response, frozenset())
        if response in self.licences.denying and not denies_something(outside):
            yield "claim: denies nothing, as every written text of this response does"
        for word in words_of(outside):
            if word in self.words.never:
                yield f"{self.words.never[word]}: `{word}`"
            elif word not in known:
                yield f"word: `{word}` is not one of the written replies"

    def _names_in(self, outside: str) -> set[tuple[str, ...]]:
        """Names of several words in any case; of a single common word ("Fine") only where it is written as a name."""
        said = words_of(outside)
        longest = max(map(len, self.names), default=0)
        runs = {tuple(said[at : at + n]) for n in range(2, longest + 1) for at in range(len(said) - n + 1)}
        capital = {(word.lower(),) for word in CAPITAL.findall(outside)}
        return (runs | capital) & self.names


def kind_of(problem: str) -> str:
    """What is wrong in one word: placeholder, mark, digit, name, word, claim, shape, or a kind of fact_words.yml."""
    return problem.partition(":")[0]


def placeholder_problems(text: str, response: Response, facts: Collection[str]) -> list[str]:
    used = PLACEHOLDER.findall(text)
    found = [f"placeholder: unknown {{{name}}}" for name in sorted(set(used) - set(facts))]
    found += [f"placeholder: required {{{name}}} is missing" for name in sorted(response.required - set(used))]
    found += [f"placeholder: {{{name}}} stands twice" for name in sorted(set(used)) if used.count(name) > 1]
    return found


def shape_problems(text: str) -> Iterator[str]:
    if not text.strip() or "\n" in text:
        yield NOT_A_LINE
    elif text.rstrip()[-1] not in '.!?\u2026"':
        yield "shape: does not end a sentence"
    if GLUED.search(text):
        yield "placeholder: grown together with what stands beside it"
    if ADDRESS.search(text):
        yield "shape: a web address"


def build_checker(responses: Iterable[Response], examples: Iterable[ReplyExample], names: Iterable[str]) -> Checker:
    """A checker for what people wrote, and a catalogue with these brand and product names."""
    written: defaultdict[str, list[str]] = defaultdict(list)
    for response in responses:
        written[response.name] += response.variations
    for example in examples:
        written[example.response].append(example.reply)
    words = load_fact_words()
    own = {name: frozenset(words_of(PLACEHOLDER.sub(" ", " ".join(texts)))) for name, texts in written.items()}
    common = common_words(own.values())
    vocabulary = {name: words_used | common for name, words_used in own.items()}
    alphabet = {letter for texts in written.values() for text in texts for letter in text if letter.isalpha()}
    everything = common.union(*own.values())
    spoken = (tuple(words_of(name)) for name in names if not any(map(str.isnumeric, name)))  # no digit can pass
    possible = frozenset(name for name in spoken if name and everything.issuperset(name))  # nor can unknown words
    return Checker(vocabulary, frozenset(alphabet), words, learn_licences(written, words), possible)


def common_words(own: Iterable[Collection[str]]) -> frozenset[str]:
    """The words that stand in the texts of several responses."""
    spread = Counter(word for words in own for word in words)
    return frozenset(word for word, responses in spread.items() if responses >= COMMON)


def words_of(text: str) -> list[str]:
    """Lower-case words, apostrophes made straight."""
    return [word.replace("\u2019", "'") for word in WORD.findall(text.lower())]


def _shown(mark: str) -> str:
    """A mark that can be seen as itself, any other as its code point."""
    return mark if mark.isprintable() else f"U+{ord(mark):04X}"
