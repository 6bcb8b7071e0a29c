"""Read how a shopper names items of an order: what, how many, all of them, all but some, the second, the cheaper.

    read("both black mugs")  ->  Mention(words=("black", "mugs"), count=2)

Pure text; which items it means is decided in items.py.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from assistant.desk.item_words import NOISE, words_of
from assistant.references import LAST, NUMBERS, ORDINALS
from assistant.texts import fold

SEPARATOR = re.compile(r"\s*(?:[,;&+]|\band\b|\bplus\b|\bas well as\b|\balong with\b|\btogether with\b)\s*")
WHOLE = re.compile(
    r"\b(everything|all|every|each|(the|my) lot|(whole|entire|complete|full|rest of the) "
    r"(order|thing|lot|purchase)|rest|others|remaining|remainder)\b"
)
EXCEPT = re.compile(
    r"\b(except(ing)?( for)?|apart from|aside from|other than|besides|excluding|leaving out|not including|minus|"
    r"(?<=everything )but|(?<=all )but|(?<=all of it )but|(?<=all of them )but|but not|and not)\b|, not (?=the|my)"
)
KEEP = re.compile(r"\b(?:keep(?:ing)?|hold(?:ing)? on ?to|hang(?:ing)? on ?to)\b")
CLAUSE_ENDS = re.compile(
    r"[.;!?]|, (?:which|that|so|but)\b|"
    r"\b(?:because|since|as i|please|thanks|back to|refund|return|send|cancel|exchange|swap|but|then|"
    r"and (?:i|the rest|everything))\b"
)
DETAIL_BEGINS = re.compile(r"\b(from|that|which|because|since|i (?:bought|got|ordered|received))\b")
CHEAPEST = re.compile(r"\b(cheap(est|er)|(least|less) (expensive|pric(e)?y)|lowest[- ]priced?)\b")
DEAREST = re.compile(
    r"\b((most|more) (expensive|pric(e)?y)|expensive|dear(est|er)|pric(i|e)(est|er)|highest[- ]priced?)\b"
)
TIMES = re.compile(r"\b(?:(\d{1,3}) ?x|x ?(\d{1,3}))\b")
CODE = re.compile(r"\b\d{8,}\b")  # a product id or variant id
PLACE = re.compile(r"\b(\d{1,2})(?:st|nd|rd|th)\b")
MANY = re.compile(r"\b(them|those|these|they|both)\b")
OTHER = re.compile(r"\b(other|another|else)\b")


@dataclass(frozen=True)
class Mention:
    """One thing that was named; without words it may be any."""

    text: str
    words: tuple[str, ...] = ()
    count: int | None = None
    number: str | None = None  # the count as a word, in case it belongs to the name: "2 liter kettle"
    every: bool = False
    many: bool = False  # "them", "the black ones"
    other: bool = False  # one that was not meant before
    cheapest: bool = False
    dearest: bool = False
    place: int | None = None  # from 1; -1 is the last
    code: str | None = None


def split(text: str) -> list[str]:
    """The things of "the lamp, two mugs and the rug", each as said."""
    return [part for part in SEPARATOR.split(fold(text)) if part.strip(" .!?")]


def read(text: str) -> Mention:
    said = fold(text)
    plain = _without_detail(CHEAPEST.sub(" ", DEAREST.sub(" ", said)))
    cheapest, dearest = bool(CHEAPEST.search(said)), bool(DEAREST.search(said)) and not CHEAPEST.search(said)
    code = CODE.search(plain)
    place, plain = _place(plain)
    count, number, plain = _count(plain)
    every = bool(WHOLE.search(plain))
    other = bool(OTHER.search(plain))
    words = () if code else words_of(OTHER.sub(" ", WHOLE.sub(" ", plain)))
    many = "ones" in said.split() or (bool(MANY.search(said)) and not words)
    return Mention(text.strip(), words, count, number, every, many, other, cheapest, dearest, place, code and code[0])


def says_whole(text: str) -> bool:
    """Whether it speaks of everything: "all of it", "the rest", "the whole order"."""
    return bool(WHOLE.search(fold(text)))


def but(text: str) -> tuple[str, str] | None:
    """What comes before and after "except"; None if nothing is excepted."""
    said = fold(text)
    found = EXCEPT.search(said)
    return (said[: found.start()], _clause(said[found.end() :])) if found else None


def kept(text: str) -> str | None:
    """What the shopper says they keep: "keep the lamp and return the rest"."""
    said = fold(text)
    found = KEEP.search(said)
    return _clause(said[found.end() :]) if found else None


def _clause(text: str) -> str:
    ends = CLAUSE_ENDS.search(text)
    return (text[: ends.start()] if ends else text).strip(" ,")


def _without_detail(text: str) -> str:
    """Without what tells where it came from: "the keyboard from order 17"."""
    found = DETAIL_BEGINS.search(text)
    return text[: found.start()] if found and words_of(text[: found.start()]) else text


def _place(text: str) -> tuple[int | None, str]:
    if found := PLACE.search(text):
        return int(found[1]), PLACE.sub(" ", text)
    for word in re.findall(r"[a-z]+", text):
        place = ORDINALS.index(word) + 1 if word in ORDINALS else LAST.get(word)
        if place is not None:
            return place, re.sub(rf"\b{word}\b", " ", text)
    return None, text


def _count(text: str) -> tuple[int | None, str | None, str]:
    """How many are meant, the word that says so if it may also describe, and the text without it."""
    if found := TIMES.search(text):
        return int(found[1] or found[2]), None, TIMES.sub(" ", text)
    if found := re.search(r"\b(both|(a )?couple( of)?)\b", text):
        return 2, None, text.replace(found[0], " ")
    words = re.findall(r"[^\W_]+", text)
    leading = next((word for word in words if word not in NOISE or word == "one"), "")
    number = int(leading) if leading.isdigit() and len(leading) < 4 else _number(leading)
    alone = words[-1:] == [leading]
    if number is None or (leading == "one" and alone):
        return None, None, text
    rest = re.sub(rf"\b{leading}\b", " ", text, count=1)
    return number, None if " of " in rest else leading, rest


def _number(word: str) -> int | None:
    return NUMBERS.index(word) + 1 if word in NUMBERS else None
