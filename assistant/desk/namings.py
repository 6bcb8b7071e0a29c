"""Where a message names items of an order, whether as things to be dealt with, and what part of it is about each.

    namings("swap the lamp for a black one and keep the rug", items, SWAPS)  ->  the lamp, wanted; the rug, not wanted

The recogniser may read a request about several things as one about the first of them; the message has them all.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from assistant.desk.comparisons import comparisons
from assistant.desk.item_words import is_kind_of, is_noun_of, known_words
from assistant.desk.items import choose_items
from assistant.desk.named_values import named_values
from assistant.desk.options import options_of
from assistant.desk.tokens import read_tokens
from assistant.search.words import key, stop_words
from assistant.store import OrderItem

WORD = re.compile(r"[^\W_]+(?:['\u2019-][^\W_]+)*")
SENTENCE_END = re.compile(r"[.;!?\n](?=\s|$)")
SEPARATOR = re.compile(
    r"[.;!?\n]+(?=\s|$)|,?\s*\b(?:and|plus|but|then|also|while|whereas|as well as)\b|[,:&+]|\s[-\u2013\u2014]\s"
)
LISTED = re.compile(r"[\s,&+]*(?:\b(?:and|plus|also|as well as|along with|both|then)\b[\s,]*)*$", re.IGNORECASE)
DETERMINERS = frozenset("the my our this that these those both all one two three four his her their".split())
COUNTS = frozenset("both all one two three four".split())
FOLLOWING = frozenset("instead too must shall back please thanks i we it would could may might order".split())
INDEFINITE = frozenset("a an any another some no each every which what".split())
MOST_ADJECTIVES = 4  # between "the" and the noun
BESIDE = re.compile(r"\b(?:like|as|than|match\w*|with|from|on|fits?|fitting|near|beside|inside|under|about|by|at)\s*$")
ABOUT_IT = re.compile(r"\W*(?:(?:as )?for|regarding|concerning)\W*")
OF = re.compile(r"\b(?:of|for|in|to)\s*$")
LEFT_OUT = re.compile(
    r"\b(?:not|no|without|except|excluding|leave|leaving|keep|keeping|drop|remove|forget|skip|minus|don['\u2019]?t|"
    r"never|apart from|other than|besides|hold on to)\b"
)
STAYS = re.compile(
    r"^\W*(?:(?:can|should|will|may|to|just|i|we|is|are|has|i['\u2019]ll) )*(?:stays?|remains?|keep|kept|fine|ok|okay|"
    r"good|unchanged|alone|as (?:it|they) (?:is|are)|as is|out of it)\b"
)
BECOMES = re.compile(
    r"^[\s,]*(?:should|shall|needs?|must|has to|have to|could|to be|to become|into|"
    r"(?:for|to|with|in) (?:an?|one|the|something|that|\w+)\b)"
)
NEXT_THING = re.compile(r"\b(?:and|but|then|also|plus) (?:also )?(?:the|my|our|both)\b|;")
SWAPS = re.compile(
    r"\b(?:exchang\w*|swap\w*|chang(?:e|es|ing)|modif\w+|switch(?:ing|ed)?|replac\w+|trad(?:e|ing)|convert\w*|"
    r"upgrad\w+|adjust\w*|make|turn)\b"
)
RETURNS = re.compile(r"\b(?:return(?:ing)?|refund\w*|(?:send|giv|bring|tak|ship)(?:e|ing)?|get rid of)\b")
REASON = re.compile(r"\b(?:because|since|so that|which)\b")
OTHER_DEEDS = re.compile(
    r"\b(?:cancel\w*|receiv\w+|bought|ordered|purchased|got|kept|paid|arrived|came|track\w*|review\w*|own|"
    r"add(?:ing)?|buy(?:ing)?|i have|we have|i had|i love|i like)\b"
)


@dataclass(frozen=True)
class Naming:
    """One place of a message where an item is named."""

    start: int  # characters; `end` is exclusive
    end: int
    text: str  # as it is said, without "the"
    items: tuple[OrderItem, ...]  # the rows that the words fit
    wanted: bool  # the message asks to deal with it; else it only speaks of it


def namings(message: str, items: Sequence[OrderItem], deeds: re.Pattern[str]) -> list[Naming]:
    """The places that name items as things by themselves, in order. `deeds`: SWAPS or RETURNS."""
    found: list[Naming] = []
    words = list(WORD.finditer(message))
    for place, word in enumerate(words):
        named = [item for item in items if is_noun_of(word[0], item)]
        named = named or [item for item in items if is_kind_of(word[0], item)]
        if not named or _is_part_of_a_noun(words, place, message, named):
            continue
        first = _first_word(words, place, message)
        start = words[first].start()
        if words[first][0].lower() in INDEFINITE:
            if deeds is RETURNS or not _speaks_of_options(message[start : word.start()], named):
                continue  # "a lamp" is none of the order, but "a dimmer lamp" is what the lamp is to be
            first = place
        begins = first + (words[first][0].lower() in DETERMINERS - COUNTS)
        text = message[words[min(begins, place)].start() : word.end()]
        before = found[-1] if found else None
        if before is None or before.end <= start:
            fitting = _fitting(text, named)
            wanted = _wanted(message, start, word.end(), before, fitting, deeds)
            if wanted is not None:
                found.append(Naming(start, word.end(), text, fitting, wanted))
    return found


def passages(message: str, found: Sequence[Naming]) -> dict[int, str]:
    """The words about each named item, by its id; none where the message names but one thing, or a single list."""
    groups: list[tuple[list[Naming], int]] = []  # the things of one list, and where the words about them begin
    for naming in found:
        if groups and LISTED.match(message[groups[-1][0][-1].end : naming.start]):
            groups[-1][0].append(naming)
        else:
            groups.append(([naming], _cut(message, groups[-1][0][-1].end, naming.start) if groups else 0))
    if len(groups) < 2:
        return {}
    ends = [begin for _, begin in groups[1:]] + [len(message)]
    wanted = {item.id for naming in found if naming.wanted for item in naming.items}
    texts: dict[int, list[str]] = {}
    for (things, begin), end in zip(groups, ends, strict=True):
        for id in dict.fromkeys(item.id for thing in things for item in thing.items):
            if id in wanted and not any(thing.wanted for thing in things):
                continue  # it is only spoken of here, as in "I got the lamp yesterday"
            texts.setdefault(id, []).append(message[begin:end].strip(" ,.;\n"))
    return {id: ". ".join(parts) for id, parts in texts.items()}


def _cut(message: str, after: int, before: int) -> int:
    """Where the words about the next thing begin: at what separates it from the last."""
    separators = list(SEPARATOR.finditer(message.lower(), after, before))
    return separators[-1].start() if separators else before


def _is_part_of_a_noun(words: Sequence[re.Match[str]], place: int, message: str, named: Sequence[OrderItem]) -> bool:
    """ "The laptop compartment" is no laptop; "the boots size 9" are boots."""
    if place + 1 == len(words):
        return False
    following = words[place + 1]
    if message[words[place].end() : following.start()].strip(" "):
        return False
    said = following[0].lower()
    plain = said in stop_words() or said in DETERMINERS or "'" in said or "\u2019" in said or said.endswith("ly")
    verbs = any(one.match(message.lower(), following.start()) for one in (SWAPS, RETURNS, OTHER_DEEDS))
    known = any(key(said) in known_words(item) for item in named) or said in FOLLOWING
    return not (plain or verbs or known or said[0].isdigit() or _speaks_of_options(said, named))


def _first_word(words: Sequence[re.Match[str]], place: int, message: str) -> int:
    """The place of "the" in "the smart thermostat", or of the noun itself."""
    for first in range(place, max(place - MOST_ADJECTIVES - 2, -1), -1):
        said = words[first][0].lower()
        if first < place and message[words[first].end() : words[first + 1].start()].strip(" -"):
            break
        if said in DETERMINERS | INDEFINITE:
            return first
        if first < place and said in stop_words() | {"and"}:
            break
    return place


def _fitting(text: str, named: Sequence[OrderItem]) -> tuple[OrderItem, ...]:
    """The rows that the words fit; rows of the same variant are as good as each other."""
    choice = choose_items([{"item": [text]}], "", named)
    rows = [item for item, _, _ in choice.lines] or list(choice.unclear) or list(named)
    same = {row.variant_id for row in rows}
    return tuple(item for item in named if item.variant_id in same)


def _wanted(
    message: str, start: int, end: int, before: Naming | None, items: Sequence[OrderItem], deeds: re.Pattern[str]
) -> bool | None:
    """Whether it is to be dealt with; None where another thing is only compared with it: "like the lamp"."""
    if before and LISTED.match(message[before.end : start]):
        return before.wanted
    said = message.lower()
    ends = [found.end() for found in SENTENCE_END.finditer(said, 0, start)]
    sentence = said[ends[-1] if ends else 0 : start]
    clause = SEPARATOR.split(sentence)[-1]
    if BESIDE.search(clause) or REASON.search(_after_deed(sentence, deeds)):
        return None
    if ABOUT_IT.fullmatch(clause):
        return _speaks_of_options(SENTENCE_END.split(said[end:])[0], items)
    if OF.search(clause) and not _speaks_of_options(clause, items):
        return None
    if LEFT_OUT.search(clause) or STAYS.search(said[end:]):
        return False
    deed = _last_deed(sentence, deeds) if _last_deed(sentence, deeds) is not None else _last_deed(said[:start], deeds)
    rest = NEXT_THING.split(SENTENCE_END.split(said[end:])[0])[0]
    becomes = deeds is SWAPS and bool(BECOMES.search(said[end:]) or _speaks_of_options(said[start:end] + rest, items))
    becomes = becomes or (deeds is SWAPS and bool(OF.search(clause)))
    if deed is False:
        return becomes and _last_deed(sentence, deeds) is not False
    return deed is True or becomes


def _after_deed(sentence: str, deeds: re.Pattern[str]) -> str:
    """What stands after the last deed: a thing named in a reason is not asked for."""
    places = [found.end() for found in deeds.finditer(sentence)]
    return sentence[places[-1] :] if places else sentence


def _last_deed(text: str, deeds: re.Pattern[str]) -> bool | None:
    """Whether the last thing said to be done is such a deed; None where nothing is said to be done."""
    others = [one for one in (SWAPS, RETURNS, OTHER_DEEDS) if one is not deeds]
    own = max((found.start() for found in deeds.finditer(text)), default=-1)
    other = max((found.start() for one in others for found in one.finditer(text)), default=-1)
    return None if own == other == -1 else own > other


def _speaks_of_options(clause: str, items: Sequence[OrderItem]) -> bool:
    """ "A bigger size of the bottle", "black for the lamp"."""
    for item in items:
        options = options_of(item.variant.product.variants)
        tokens = read_tokens(clause)
        found = [one for one in named_values(tokens, options) if item.options.get(one.option) != one.value]
        if found or any(comparisons(tokens, options, item.options, found)):
            return True
    return False
