"""What a shopper says about the values of options: wanted, preferred, refused, kept, or all the same.

clues_of(a reading of "polyester if possible, not in black")  ->  polyester is preferred, black refused
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from assistant.desk.comparisons import Comparison
from assistant.desk.named_values import NamedValue
from assistant.desk.options import Option
from assistant.desk.passages import normal
from assistant.desk.tokens import Token, alike

NOT = frozenset("not no without non isnt arent dont doesnt never except minus nor hate avoid neither".split())
WEAK = frozenset(
    "a an the any in of with made from want like need be to it its is one ones have really too just really that and "
    "or nor color colour colored size sized more".split()
)
PREFER = frozenset("prefer prefers preferring preferably preferred ideally favor favour preference rather".split())
POSSIBLY = re.compile(
    r"\b(if (possible|poss|available|you (can|have)|multiple|several|both|there are)|ideally|preferably|preferred)\b"
)
CHAIN = frozenset("over > then before than".split())
KEEP = frozenset("same keep keeping keeps retain identical still unchanged matching".split())
KEEP_ENDS = frozenset("but except with only however apart for instead".split())
FREE = re.compile(
    r"\b(?:dont|do not|doesnt|does not|not|never)(?: really| much)? (?:care|matter|mind|fussed|fussy|bothered|important"
    r"|picky|particular|need to be|have to be)\b"
    r"|\b(?:whatever|whichever|any|flexible|unimportant|irrelevant|no preference)\b"
)
OR_NOT = re.compile(r"\bor not(?: \w+){0,2}$")
FREE_WORDS = frozenset("dont doesnt any whatever whichever".split())
ALL_OTHERS = frozenset("else other others rest anything everything specs specifications details whatsoever".split())
WATERTIGHT = frozenset("waterproof waterresistant waterresistance splashproof rainproof weatherproof".split())
COLOUR_NAMES = "color colour shade finish glaze tone frame palette pattern".split()
SLOT_OPTIONS = {
    "color": COLOUR_NAMES,
    "material": ["material", "finish", "handle", "lid"],
    "size": "size capacity length diameter height weight pieces piece thickness storage case strap pack".split(),
}


@dataclass(frozen=True)
class Clue:
    """Something said about a value of one option, or of one of several where the words leave that open."""

    at: int
    kind: str  # "want", "prefer", "refuse", "keep"
    pairs: frozenset[tuple[str, str]]
    options: frozenset[str]
    chained: bool = False  # it comes after the clue before it: "battery over USB"


@dataclass
class Reading:
    """One alternative while it is read."""

    tokens: Sequence[Token]
    options: Sequence[Option]
    current: Mapping[str, str]
    hints: Mapping[str, str]
    nouns: frozenset[str] = frozenset()  # what the item is called
    taken: set[int] = field(default_factory=set)  # places of tokens that are understood


def clues_of(reading: Reading, found: Sequence[NamedValue], compared: Sequence[Comparison]) -> Iterator[Clue]:
    for comparison in compared:
        reading.taken |= set(range(comparison.start, comparison.end))
    places = sorted({(m.start, m.end) for m in found if not reading.taken & set(range(m.start, m.end))})
    last_end: dict[frozenset[str], int] = {}
    for start, end in places:
        here = _meant(reading, [m for m in found if (m.start, m.end) == (start, end)])
        options = frozenset(m.option for m in here)
        pairs = frozenset((m.option, m.value) for m in here)
        if _tells_which(reading, pairs, end):
            reading.taken |= set(range(start, end))
            continue
        between = reading.tokens[last_end.get(options, start) : start]
        chained = options in last_end and any(token.text in CHAIN for token in between)
        soft = _preferred(reading.tokens, start)
        refused = _refused(reading.tokens, start, soft and chained)
        kind = "refuse" if refused else "prefer" if soft else "want"
        yield Clue(start, kind, pairs, options, chained)
        last_end[options] = end
        reading.taken |= set(range(start, end))
    yield from _kept(reading)
    yield from _with_or_without(reading, found)


def free_options(reading: Reading) -> Iterator[str]:
    """Options of which the shopper says that they do not matter."""
    for places in _stretches(reading.tokens):
        words = [reading.tokens[index].text for index in places]
        if not FREE.search(" ".join(words)) or {"price", "cost", "money"} & set(words):
            continue
        start = _free_from(reading, places)
        named = [(index, option.name) for index in places if index >= start for option in named_options(reading, index)]
        if ALL_OTHERS & set(words):
            yield from (option.name for option in reading.options)
        yield from (name for _, name in named)
        if named or ALL_OTHERS & set(words):
            reading.taken |= {index for index in places if index >= start}


def named_options(reading: Reading, index: int) -> list[Option]:
    """The options that the token at `index` names; of "strap" and "color" only those with the telling word."""
    word = reading.tokens[index].text
    named = [option for option in reading.options if any(alike(word, name) for name in option.words)]
    around = [t.text for t in reading.tokens[max(index - 1, 0) : index + 2]]
    exact = [option for option in named if all(any(alike(w, name) for w in around) for name in option.words)]
    if word in ("water", "waterproof") or word.startswith("resist"):
        named = named or [o for o in reading.options if "".join(o.words) in WATERTIGHT]
    return exact or named


def _meant(reading: Reading, here: list[NamedValue]) -> list[NamedValue]:
    """Of options that share a value the one that is named beside it, or that the slot is about, or can change."""
    names = {option.name: option.words for option in reading.options}
    start, end = here[0].start, here[0].end
    clause = reading.tokens[start].clause
    around = [t.text for t in reading.tokens[max(start - 2, 0) : end + 2] if t.clause == clause]
    said = " ".join(token.norm for token in reading.tokens[start:end])
    hinted = {slot for words, slot in reading.hints.items() if said in normal(words)}

    def close(mention: NamedValue) -> tuple[int, int, int]:
        own = names[mention.option]
        beside = sum(any(alike(word, name) for word in around) for name in own)
        hint = sum(any(name in SLOT_OPTIONS[slot] for name in own) for slot in hinted)
        return hint, beside, reading.current.get(mention.option) != mention.value

    best = max(close(mention) for mention in here)
    return [mention for mention in here if close(mention) == best]


def _tells_which(reading: Reading, pairs: frozenset[tuple[str, str]], end: int) -> bool:
    """ "My blue speaker" only says which item it is where that is blue."""
    following = [
        token.norm for token in reading.tokens[end : end + 3] if token.clause == reading.tokens[end - 1].clause
    ]
    return pairs <= set(reading.current.items()) and any(word in reading.nouns for word in following)


def _preferred(tokens: Sequence[Token], start: int) -> bool:
    own = tokens[start]
    before = [t.text for t in tokens[:start] if t.sentence == own.sentence]
    clause = " ".join(t.text for t in tokens if t.clause == own.clause)
    if POSSIBLY.search(clause):
        return True
    softening = [word for word in before if word in PREFER and word != "rather"]
    wished = re.search(
        r"\b(i|id|we|wed|would|they|he|she) (would )?prefer (the|it|them|to|one) ", " ".join(before) + " "
    )
    return bool(softening) and not wished


def _refused(tokens: Sequence[Token], start: int, soft_chain: bool) -> bool:
    own = tokens[start]
    before = [t.text for t in tokens[:start] if t.clause == own.clause]
    tail = " ".join(before[-4:])
    if re.search(
        r"\b(instead of|in place of|other than|anything but|rather than|apart from)( an?| the| my| any)?$", tail
    ):
        return not soft_chain
    for word in reversed(before):
        if word in NOT:
            return True
        if word not in WEAK and not _is_listed(before, word):
            return False
    return False


def _is_listed(before: Sequence[str], word: str) -> bool:
    """In "not leather or mesh" both are refused."""
    place = len(before) - 1 - list(reversed(before)).index(word)
    return place + 1 < len(before) and before[place + 1] in ("or", "nor")


def _kept(reading: Reading) -> Iterator[Clue]:
    """ "same size and colour", "keep the strap", "without changing the width"."""
    tokens = reading.tokens
    for start, token in enumerate(tokens):
        words = " ".join(t.text for t in tokens[max(start - 2, 0) : start + 1])
        changing = re.search(r"\b(without|not|dont) (change|changing|touching)$", words)
        if token.text not in KEEP and not changing:
            continue
        if start and tokens[start - 1].text in NOT:
            continue
        for index in range(start + 1, min(start + 7, len(tokens))):
            if tokens[index].clause != token.clause or tokens[index].text in KEEP_ENDS | FREE_WORDS:
                break
            for option in named_options(reading, index):
                reading.taken.add(index)
                value = reading.current.get(option.name, "")
                yield Clue(start, "keep", frozenset({(option.name, value)}), frozenset({option.name}))


def _with_or_without(reading: Reading, found: Sequence[NamedValue]) -> Iterator[Clue]:
    """Options that are there or not: "waterproof", "no backlight"."""
    tokens = reading.tokens
    for option in reading.options:
        denial = option.denial
        if denial is None:
            continue
        for start, end in _name_places(tokens, option):
            if reading.taken & set(range(start, end)):
                continue
            beside = [m for m in found if m.option == option.name and (m.end == start or m.start == end)]
            if beside:
                continue
            after = tokens[end].text if end < len(tokens) and tokens[end].clause == tokens[start].clause else ""
            refused = _refused(tokens, start, False) or after in ("no", "none") or after == "free"
            values = [v.text for v in option.values if (v is denial) == refused]
            pairs = frozenset((option.name, value) for value in values)
            kind = "prefer" if _preferred(tokens, start) else "want"
            yield Clue(start, kind, pairs, frozenset({option.name}))


def _name_places(tokens: Sequence[Token], option: Option) -> Iterator[tuple[int, int]]:
    joined = "".join(option.words)
    for start in range(len(tokens)):
        for end in range(start + 1, min(start + len(option.words) + 2, len(tokens) + 1)):
            said = "".join(token.text for token in tokens[start:end])
            if said == joined or (said in WATERTIGHT and joined in WATERTIGHT):
                yield start, end
        if len(option.words) == 1 and alike(tokens[start].text, joined) and tokens[start].text != joined:
            yield start, start + 1


def _stretches(tokens: Sequence[Token]) -> list[list[int]]:
    """Clauses, cut again at "but": the places of their tokens."""
    stretches: list[list[int]] = []
    for index, token in enumerate(tokens):
        if not index or token.clause != tokens[index - 1].clause or token.text in KEEP_ENDS:
            stretches.append([])
        stretches[-1].append(index)
    return stretches


def _free_from(reading: Reading, places: Sequence[int]) -> int:
    """Where the talk of what does not matter begins: "the colour" of "the colour doesn't matter" too."""
    words = [reading.tokens[index].text for index in places]
    begins = next(offset for offset in range(len(words)) if FREE.match(" ".join(words[offset:])))
    if or_not := OR_NOT.search(" ".join(words[:begins])):  # "waterproof or not, I don't mind"
        begins = len(or_not.string[: or_not.start()].split())
    subject = range(max(begins - 3, 0), begins)
    named = [offset for offset in subject if named_options(reading, places[offset])]
    follows = any(named_options(reading, index) for index in places[begins:])
    return places[named[0]] if named and not follows else places[begins]
