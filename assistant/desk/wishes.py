"""What a shopper wants instead of an item, read from the words of the wish and of the whole message.

    read_wish({"color": "blue"}, "the same in blue; if not, black", …)  ->  a Wish of two alternatives: blue, black

Start at `read_wish`. A wish is a few alternatives, the first that can be had counts; each has criteria that a variant
meets or not, or meets better than another. Single clues are read in clues.py, comparisons in comparisons.py.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from assistant.desk.clues import SLOT_OPTIONS, Clue, Reading, clues_of, free_options, named_options
from assistant.desk.comparisons import Comparison, comparisons
from assistant.desk.lacking import lacks, says_no_value
from assistant.desk.named_values import NamedValue, named_values
from assistant.desk.options import Option
from assistant.desk.passages import OPTION_SLOTS, holds, texts_of
from assistant.desk.tokens import read_tokens
from assistant.search.words import content_words, keys

NEGATIVE = (
    r"not|no|none|isnt|arent|cant|cannot|cant|dont|doesnt|wont|havent|unavailable|out of stock|sold out|gone|impossible"
)
ELSE = re.compile(
    rf"\bif\b([^.;!?\n]{{0,70}}?)\b(?:{NEGATIVE})\b"
    r"(?: (?:available|possible|in stock|there|left|have (?:it|that|one)))?"
    r"|\b(?:otherwise|or else|failing that|second choice|as a fallback|next best)\b"
)
LETTERS = frozenset("xxs xs xl xxl xxxl".split())  # sizes that are nothing else
SIZES = LETTERS | frozenset("sml")


@dataclass(frozen=True)
class Criterion:
    options: frozenset[str]  # of which one is to have such a value; mostly it is one
    ranks: Mapping[tuple[str, str], int]  # (option, value) -> place, 0 is best
    hard: bool = True  # a value without a place is refused; else it comes last

    def rank(self, options: Mapping[str, str]) -> int | None:
        """The place of a variant with these options; None where it is refused."""
        places = [self.ranks[pair] for pair in options.items() if pair in self.ranks and pair[0] in self.options]
        if places:
            return min(places)
        return None if self.hard else max(self.ranks.values(), default=0) + 1


@dataclass(frozen=True)
class Alternative:
    criteria: tuple[Criterion, ...] = ()  # the first weighs most
    unknown: tuple[str, ...] = ()  # asked for, and no variant has it


@dataclass(frozen=True)
class Wish:
    alternatives: tuple[Alternative, ...]
    free: frozenset[str] = frozenset()  # options that may be anything


def read_wish(
    wish: Mapping[str, Any], text: str, name: str, options: Sequence[Option], current: Mapping[str, str]
) -> Wish:
    """`text`: what the message says about the item; `name`: its product's; `current`: its options."""
    said = {slot: texts_of(wish, slot) for slot in OPTION_SLOTS}
    apart = [
        f"{slot if slot != 'feature' else ''} {words}"
        for slot, texts in said.items()
        for words in texts
        if not holds(text, words)
    ]
    hints = {words: slot for slot, texts in said.items() for words in texts if slot in SLOT_OPTIONS}
    text = ". ".join(part for part in (text, *apart) if part.strip())
    nouns = frozenset({"item"}) | keys(" ".join([name, *texts_of(wish, "item")]))
    alternatives: list[Alternative] = []
    free: set[str] = set()
    for part in _parts(text):
        reading = Reading(read_tokens(part), options, current, hints, nouns)
        free |= set(free_options(reading))
        alternative = _alternative(reading, alternatives[-1] if alternatives else None)
        if alternative:
            alternatives.append(alternative)
    return _with_unknown_slots(Wish(tuple(alternatives), frozenset(free)), said, options, current, hints)


def _parts(text: str) -> list[str]:
    """The text cut where an alternative begins: "blue; if not, black"."""
    plain = re.sub(r"(?<=\w)['\u2019](?=t\b)", "", text)
    cut = ELSE.sub(lambda found: f" <else> {found[1] or ''} ", plain.lower() if ELSE.search(plain.lower()) else plain)
    return cut.split("<else>")


def _alternative(reading: Reading, before: Alternative | None) -> Alternative | None:
    found = named_values(reading.tokens, reading.options)
    compared = list(comparisons(reading.tokens, reading.options, reading.current, found))
    clues = list(clues_of(reading, found, compared))
    placed = list(_criteria(reading, clues, compared, before))
    placed += _compared(compared, placed)
    unknown = (*_unknown_amounts(reading, found, compared), *_beyond(reading, compared))
    if before:  # "if there is no 8 bar, 9" asks for 8 bar no more
        unknown = tuple(words for words in unknown if words not in before.unknown)
    if not placed and not unknown:
        return None
    criteria = [criterion for _, criterion in sorted(placed, key=lambda one: one[0])]
    if before:
        asked = frozenset(name for criterion in criteria for name in criterion.options)
        criteria += [criterion for criterion in before.criteria if not criterion.options & asked]
    return Alternative(tuple(criteria), unknown)


def _criteria(
    reading: Reading, clues: Sequence[Clue], compared: Sequence[Comparison], before: Alternative | None
) -> Iterator[tuple[int, Criterion]]:
    only_preferred = not compared and all(clue.kind == "prefer" for clue in clues)
    for options in dict.fromkeys(clue.options for clue in clues):
        own = [clue for clue in clues if clue.options == options]
        wants = _new(reading, [clue for clue in own if clue.kind == "want"], before)
        if options & {comparison.option for comparison in compared}:
            wants = [clue for clue in wants if not clue.pairs <= set(reading.current.items())]
        prefers = [clue for clue in own if clue.kind == "prefer"]
        refusals = [clue for clue in own if clue.kind == "refuse"]
        if wants:
            yield wants[0].at, Criterion(options, _ranked(wants))
        if prefers:
            yield prefers[0].at, Criterion(options, _ranked(prefers), hard=only_preferred)
        if refusals and not wants:
            refused = {pair for clue in refusals for pair in clue.pairs}
            yield refusals[0].at, Criterion(options, _all_but(reading.options, options, refused))
        kept = [clue for clue in own if clue.kind == "keep"]
        if kept and not wants and not prefers:
            yield kept[0].at, Criterion(options, {pair: 0 for pair in kept[0].pairs})


def _new(reading: Reading, wants: list[Clue], before: Alternative | None) -> list[Clue]:
    """Without what the shopper has already ("from 10 to 8"), or asked for before ("if there is no blue, black")."""
    if any(clue.chained for clue in wants) and not before:
        return wants
    current = set(reading.current.items())
    asked = {pair for criterion in (before.criteria if before else ()) for pair in criterion.ranks}
    for known in (current, asked):
        fresh = [clue for clue in wants if not clue.pairs <= known]
        wants = fresh or wants
    return wants


def _ranked(clues: Sequence[Clue]) -> dict[tuple[str, str], int]:
    ranks: dict[tuple[str, str], int] = {}
    place = 0
    for index, clue in enumerate(clues):
        place += bool(index and clue.chained)
        for pair in clue.pairs:
            ranks.setdefault(pair, place)
    return ranks


def _all_but(
    options: Sequence[Option], names: frozenset[str], refused: set[tuple[str, str]]
) -> dict[tuple[str, str], int]:
    pairs = [(option.name, value.text) for option in options if option.name in names for value in option.values]
    return {pair: 0 for pair in pairs if pair not in refused}


def _compared(
    compared: Sequence[Comparison], asked: Sequence[tuple[int, Criterion]]
) -> Iterator[tuple[int, Criterion]]:
    """A value that is named says more than a comparison: "too small, I need the XL"."""
    wanted = {name for _, criterion in asked for name in criterion.options if criterion.hard}
    for comparison in compared:
        if comparison.option not in wanted and comparison.ranks:
            ranks = {(comparison.option, value): place for value, place in comparison.ranks.items()}
            yield comparison.start, Criterion(frozenset({comparison.option}), ranks)


def _beyond(reading: Reading, compared: Sequence[Comparison]) -> Iterator[str]:
    """Comparisons that nothing satisfies: "bigger" than the biggest."""
    for comparison in compared:
        if not comparison.ranks:
            yield " ".join(token.text for token in reading.tokens[comparison.start : comparison.end])


def _unknown_amounts(reading: Reading, found: Sequence[NamedValue], compared: Sequence[Comparison]) -> Iterator[str]:
    """ "8 bar" or "XXL", where there are others but not this one."""
    known = {index for mention in found for index in range(mention.start, mention.end)}
    known |= {index for comparison in compared for index in range(comparison.start, comparison.end)}
    units = {value.amount[1] for option in reading.options for value in option.values if value.amount}
    for index, (number, unit) in enumerate(zip(reading.tokens, reading.tokens[1:], strict=False)):
        measured = number.number is not None and unit.number is None and unit.norm in units - {""}
        if measured and not known & {index, index + 1}:
            yield f"{number.text} {unit.text}"
    letters = any(SIZES & {value.text.lower() for value in option.values} for option in reading.options)
    for index, token in enumerate(reading.tokens):
        after_size = index > 0 and reading.tokens[index - 1].text == "size"
        if index in known:
            continue
        if (after_size and token.number is not None and "" in units) or (letters and token.text in LETTERS):
            yield token.text.upper()


def _with_unknown_slots(
    wish: Wish,
    said: Mapping[str, list[str]],
    options: Sequence[Option],
    current: Mapping[str, str],
    hints: Mapping[str, str],
) -> Wish:
    """The first alternative cannot be had where a slot names what no variant has."""
    unknown = tuple(
        words
        for slot, texts in said.items()
        for words in texts
        if content_words(words)
        and not _means_something(words, options, current, hints)
        and not _covers(wish, words, options)
        and not says_no_value(words, options)
        and (not wish.alternatives or lacks(words, slot, options))
    )
    if not unknown:
        return wish
    first = wish.alternatives[0] if wish.alternatives else Alternative()
    if len(wish.alternatives) > 1 or any(len(set(c.ranks.values())) > 1 for c in first.criteria):
        return wish
    return replace(wish, alternatives=(replace(first, unknown=first.unknown or unknown), *wish.alternatives[1:]))


def _means_something(
    words: str, options: Sequence[Option], current: Mapping[str, str], hints: Mapping[str, str]
) -> bool:
    reading = Reading(read_tokens(words), options, current, hints)
    alternative = _alternative(reading, None)
    return bool(alternative and not alternative.unknown) or bool(list(free_options(reading))) or _is_no_value(words)


def _covers(wish: Wish, words: str, options: Sequence[Option]) -> bool:
    """Something else says what the option that these words name is to be: "a fancier theme, I mean fantasy"."""
    reading = Reading(read_tokens(words), options, {}, {})
    named = {option.name for index in range(len(reading.tokens)) for option in named_options(reading, index)}
    return any(named & criterion.options for one in wish.alternatives for criterion in one.criteria)


def _is_no_value(words: str) -> bool:
    return bool(
        re.search(
            r"[$]|\b(same|cheap|cheaper|cheapest|expensive|price|priced|priciest|dollars|if|other|else|one i|one we)\b",
            words,
        )
    )
