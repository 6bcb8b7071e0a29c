"""What a shopper wants instead of an item, read from the words of the wish and of the whole message.

    read_wish({"color": "blue"}, "the same in blue; if not, black", ...)  ->  two alternatives: blue, then black

Start at `read_wish`. A wish is a few alternatives, the first that can be had counts; each has criteria that a
variant meets or not, or meets better than another variant. How values are found in words is in options.py.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from assistant.desk.comparisons import Comparison, comparisons
from assistant.desk.options import Mention, Option, Token, alike, mentions, read_tokens
from assistant.search.words import content_words, key, keys

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
    r"|picky|particular)\b|\b(?:whatever|whichever|any|flexible|unimportant|irrelevant|no preference)\b"
)
ALL_OTHERS = frozenset("else other others rest anything everything specs specifications details whatsoever".split())
NEGATIVE = (
    r"not|no|none|isnt|arent|cant|cannot|cant|dont|doesnt|wont|havent|unavailable|out of stock|sold out|gone|impossible"
)
ELSE = re.compile(
    rf"\bif\b([^.;!?\n]{{0,70}}?)\b(?:{NEGATIVE})\b"
    r"(?: (?:available|possible|in stock|there|left|have (?:it|that|one)))?"
    r"|\b(?:otherwise|or else|failing that|second choice|as a fallback|next best)\b"
)
WATERTIGHT = frozenset("waterproof waterresistant waterresistance splashproof rainproof weatherproof".split())
COLOUR_NAMES = "color colour shade finish glaze tone frame palette pattern".split()
SLOT_OPTIONS = {
    "color": COLOUR_NAMES,
    "material": ["material", "finish", "handle", "lid"],
    "size": "size capacity length diameter height weight pieces piece thickness storage case strap pack".split(),
}
STARTS_ANOTHER = re.compile(
    r"(?:,? and|,? plus|, also|, then|;|&)(?= (?:also )?(?:exchange |swap |change )?(?:the|my|our|both)\b)"
)


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


@dataclass(frozen=True)
class Clue:
    """Something said about a value of one option, or of one of several where the words leave that open."""

    at: int
    kind: str  # "want", "prefer", "refuse", "keep"
    pairs: frozenset[tuple[str, str]]
    options: frozenset[str]
    chained: bool = False  # it comes after the clue before it: "battery over USB"


@dataclass
class _Reading:
    """One alternative while it is read."""

    tokens: list[Token]
    options: Sequence[Option]
    current: Mapping[str, str]
    hints: Mapping[str, str]
    nouns: frozenset[str] = frozenset()  # what the item is called
    taken: set[int] = field(default_factory=set)  # places of tokens that are understood


def read_wish(
    wish: Mapping[str, Any], message: str, name: str, options: Sequence[Option], current: Mapping[str, str]
) -> Wish:
    """`name`: the product's; `current`: the options of the item that the shopper has."""
    said = {slot: _texts(wish, slot) for slot in ("color", "size", "material", "feature")}
    text = _without_item(_about(message, wish, name, said), wish, options, current)
    apart = [
        f"{slot if slot != 'feature' else ''} {words}"
        for slot, texts in said.items()
        for words in texts
        if not _holds(text, words)
    ]
    hints = {words: slot for slot, texts in said.items() for words in texts if slot in SLOT_OPTIONS}
    text = ". ".join(part for part in (text, *apart) if part.strip())
    nouns = keys(" ".join([name, *_texts(wish, "item")]))
    alternatives: list[Alternative] = []
    free: set[str] = set()
    for part in _parts(text):
        reading = _Reading(read_tokens(part), options, current, hints, nouns)
        free |= set(_free(reading))
        alternative = _alternative(reading, alternatives[-1] if alternatives else None)
        if alternative:
            alternatives.append(alternative)
    return _with_unknown_slots(Wish(tuple(alternatives), frozenset(free)), said, options, current, hints)


def _texts(wish: Mapping[str, Any], slot: str) -> list[str]:
    value = wish.get(slot) or []
    return [str(one) for one in (value if isinstance(value, list | tuple) else [value])]


# Which words of the message are about this item


def _about(message: str, wish: Mapping[str, Any], name: str, said: Mapping[str, list[str]]) -> str:
    """The parts of the message that are about the wish's item; all of it where it names no other thing."""
    names = keys(" ".join([name, *_texts(wish, "item")]))
    segments = re.split(r"(?<=[.;!?\n])(?=\s)", STARTS_ANOTHER.sub(".\n", message))
    mine = [bool(names & keys(segment)) for segment in segments]
    mine = [
        named or any(_holds(segment, words) for texts in said.values() for words in texts)
        for named, segment in zip(mine, segments, strict=True)
    ]
    if not any(mine):
        return message
    kept: list[str] = []
    about = not any(named for named in mine[:1]) and not _names_a_thing(segments[0])
    for named, segment in zip(mine, segments, strict=True):
        about = named or (about and not _names_a_thing(segment))
        kept += [segment] if about else []
    return " ".join(kept)


def _names_a_thing(segment: str) -> bool:
    """It begins with another thing, or does something to one: "the lamp for a brighter one"."""
    return bool(
        re.match(r"\W*(?:and |also |then |plus |please )*(?:\w+ ){0,2}?(?:my|our|both|the) [a-z]", segment.lower())
    )


def _without_item(text: str, wish: Mapping[str, Any], options: Sequence[Option], current: Mapping[str, str]) -> str:
    """Words that only tell which item it is: "the blue shirt in XL" asks for no blue."""
    for item in _texts(wish, "item"):
        found = mentions(read_tokens(item), options)
        if found and all(current.get(mention.option) == mention.value for mention in found):
            text = re.sub(re.escape(item), "item", text, flags=re.IGNORECASE)
    return text


def _holds(text: str, words: str) -> bool:
    return f" {_normal(words)} " in f" {_normal(text)} "


def _normal(text: str) -> str:
    return " ".join(token.norm for token in read_tokens(text))


def _parts(text: str) -> list[str]:
    """The text cut where an alternative begins: "blue; if not, black"."""
    plain = re.sub(r"(?<=\w)['\u2019](?=t\b)", "", text)
    cut = ELSE.sub(lambda found: f" <else> {found[1] or ''} ", plain.lower() if ELSE.search(plain.lower()) else plain)
    return cut.split("<else>")


# What is said about the options


def _alternative(reading: _Reading, before: Alternative | None) -> Alternative | None:
    found = mentions(reading.tokens, reading.options)
    compared = list(comparisons(reading.tokens, reading.options, reading.current, found))
    clues = list(_clues(reading, found, compared))
    placed = list(_criteria(reading, clues, compared, before))
    placed += _compared(compared, placed)
    unknown = (*_unknown_amounts(reading, found, compared), *_beyond(reading, compared))
    if not placed and not unknown:
        return None
    criteria = [criterion for _, criterion in sorted(placed, key=lambda one: one[0])]
    if before:
        asked = frozenset(name for criterion in criteria for name in criterion.options)
        criteria += [criterion for criterion in before.criteria if not criterion.options & asked]
    return Alternative(tuple(criteria), unknown)


def _clues(reading: _Reading, found: Sequence[Mention], compared: Sequence[Comparison]) -> Iterator[Clue]:
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


def _meant(reading: _Reading, here: list[Mention]) -> list[Mention]:
    """Of options that share a value the one that is named beside it, or that the slot is about, or can change."""
    names = {option.name: option.words for option in reading.options}
    start, end = here[0].start, here[0].end
    clause = reading.tokens[start].clause
    around = [t.text for t in reading.tokens[max(start - 2, 0) : end + 2] if t.clause == clause]
    said = " ".join(token.norm for token in reading.tokens[start:end])
    hinted = {slot for words, slot in reading.hints.items() if said in _normal(words)}

    def close(mention: Mention) -> tuple[int, int, int]:
        own = names[mention.option]
        beside = sum(any(alike(word, name) for word in around) for name in own)
        hint = sum(any(name in SLOT_OPTIONS[slot] for name in own) for slot in hinted)
        return hint, beside, reading.current.get(mention.option) != mention.value

    best = max(close(mention) for mention in here)
    return [mention for mention in here if close(mention) == best]


def _tells_which(reading: _Reading, pairs: frozenset[tuple[str, str]], end: int) -> bool:
    """ "My blue speaker" only says which item it is where that is blue."""
    following = [
        token.norm for token in reading.tokens[end : end + 3] if token.clause == reading.tokens[end - 1].clause
    ]
    return pairs <= set(reading.current.items()) and any(key(word) in reading.nouns for word in following)


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


def _kept(reading: _Reading) -> Iterator[Clue]:
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
            for option in _named(reading, index):
                reading.taken.add(index)
                value = reading.current.get(option.name, "")
                yield Clue(start, "keep", frozenset({(option.name, value)}), frozenset({option.name}))


def _with_or_without(reading: _Reading, found: Sequence[Mention]) -> Iterator[Clue]:
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


def _named(reading: _Reading, index: int) -> list[Option]:
    """The options that the token at `index` names; of "strap" and "color" only those with the telling word."""
    word = reading.tokens[index].text
    named = [option for option in reading.options if any(alike(word, name) for name in option.words)]
    around = [t.text for t in reading.tokens[max(index - 1, 0) : index + 2]]
    exact = [option for option in named if all(any(alike(w, name) for w in around) for name in option.words)]
    if word in ("water", "waterproof") or word.startswith("resist"):
        named = named or [o for o in reading.options if "".join(o.words) in WATERTIGHT]
    return exact or named


def _free(reading: _Reading) -> Iterator[str]:
    """Options of which the shopper says that they do not matter."""
    for places in _stretches(reading.tokens):
        words = [reading.tokens[index].text for index in places]
        if not FREE.search(" ".join(words)) or {"price", "cost", "money"} & set(words):
            continue
        start = _free_from(reading, places)
        named = [(index, option.name) for index in places if index >= start for option in _named(reading, index)]
        if ALL_OTHERS & set(words):
            yield from (option.name for option in reading.options)
        yield from (name for _, name in named)
        if named or ALL_OTHERS & set(words):
            reading.taken |= {index for index in places if index >= start}


def _stretches(tokens: Sequence[Token]) -> list[list[int]]:
    """Clauses, cut again at "but": the places of their tokens."""
    stretches: list[list[int]] = []
    for index, token in enumerate(tokens):
        if not index or token.clause != tokens[index - 1].clause or token.text in KEEP_ENDS:
            stretches.append([])
        stretches[-1].append(index)
    return stretches


def _free_from(reading: _Reading, places: Sequence[int]) -> int:
    """Where the talk of what does not matter begins: "the colour" of "the colour doesn't matter" too."""
    words = [reading.tokens[index].text for index in places]
    begins = next(offset for offset in range(len(words)) if FREE.match(" ".join(words[offset:])))
    subject = range(max(begins - 3, 0), begins)
    named = [offset for offset in subject if _named(reading, places[offset])]
    follows = any(_named(reading, index) for index in places[begins:])
    return places[named[0]] if named and not follows else places[begins]


FREE_WORDS = frozenset("dont doesnt any whatever whichever".split())


# From what is said to criteria


def _criteria(
    reading: _Reading, clues: Sequence[Clue], compared: Sequence[Comparison], before: Alternative | None
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


def _new(reading: _Reading, wants: list[Clue], before: Alternative | None) -> list[Clue]:
    """Without what the shopper has already ("from 10 to 8"), or asked for before ("if there is no blue, black")."""
    if any(clue.chained for clue in wants):
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


def _beyond(reading: _Reading, compared: Sequence[Comparison]) -> Iterator[str]:
    """Comparisons that nothing satisfies: "bigger" than the biggest."""
    for comparison in compared:
        if not comparison.ranks:
            yield " ".join(token.text for token in reading.tokens[comparison.start : comparison.end])


def _unknown_amounts(reading: _Reading, found: Sequence[Mention], compared: Sequence[Comparison]) -> Iterator[str]:
    """ "8 bar", where there are other pressures but not this one."""
    known = {index for mention in found for index in range(mention.start, mention.end)}
    known |= {index for comparison in compared for index in range(comparison.start, comparison.end)}
    units = {value.amount[1] for option in reading.options for value in option.values if value.amount}
    for index, (number, unit) in enumerate(zip(reading.tokens, reading.tokens[1:], strict=False)):
        measured = number.number is not None and unit.number is None and unit.norm in units - {""}
        if measured and not known & {index, index + 1}:
            yield f"{number.text} {unit.text}"
    for index, (name, number) in enumerate(zip(reading.tokens, reading.tokens[1:], strict=False)):
        if name.text == "size" and number.number is not None and index + 1 not in known and "" in units:
            yield number.text


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
    reading = _Reading(read_tokens(words), options, current, hints)
    alternative = _alternative(reading, None)
    return bool(alternative and not alternative.unknown) or bool(list(_free(reading))) or _is_no_value(words)


def _covers(wish: Wish, words: str, options: Sequence[Option]) -> bool:
    """Something else says what the option that these words name is to be: "a fancier theme, I mean fantasy"."""
    reading = _Reading(read_tokens(words), options, {}, {})
    named = {option.name for index in range(len(reading.tokens)) for option in _named(reading, index)}
    return any(named & criterion.options for one in wish.alternatives for criterion in one.criteria)


def _is_no_value(words: str) -> bool:
    return bool(
        re.search(
            r"[$]|\b(same|cheap|cheaper|cheapest|expensive|price|priced|priciest|dollars|if|other|else|one i|one we)\b",
            words,
        )
    )
