"""The words of a command's slots, whole: what stands beside them in the message and belongs to them is taken in.

A small model copies a phrase and now and then leaves off its end or its middle: "65" of "65 inch", "strap" of "leather
strap". What is said to the assistant ("mate", "please") is no part of a thing's name.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from intents.amounts import PRICES
from intents.commands import SlotValue

Slots = tuple[tuple[str, SlotValue], ...]

THINGS = ("query", "item")
DESCRIBED = ("size", "color", "material", "brand", "feature")
NUMBER_WORDS = "one two three four five six seven eight nine ten eleven twelve".split()
NUMBERS = f"(?:{'|'.join(NUMBER_WORDS)})"
UNIT = (
    r"(?:inch(?:es)?|[cm]?m|met(?:re|er)s?|ft|feet|foot|[cm]?l|lit(?:re|er)s?|kg|kilos?|grams?|g|oz|lbs?|[gt]b|tog|persons?"
    r"|man|seater|pieces?|pcs|packs?|months?|ye?a?rs?|waist|leg|wide|and a half)"
)
ENDS_IN_NUMBER = re.compile(rf"(?:\d|\b{NUMBERS})$", re.IGNORECASE)
TO_US = re.compile(
    r"[ ,]+(?:mate|pls|plz|please|thanks|thx|ta|yaar|luv|love|hun|bro|dude|buddy|sir|madam|ji|dear|pal|guys|folks)$",
    re.IGNORECASE,
)
MISTYPED_THE = re.compile(r"^(?:teh|hte) (?=\S)", re.IGNORECASE)
ANY = re.compile(r"^(?:some|any|one(?= \d)) (?=\S)", re.IGNORECASE)
ENDS_MESSAGE = re.compile(
    r" (?P<thing>[^\W\d_][\w'-]*(?: [^\W\d_][\w'-]*)??)(?: (?:pls|plz|please|mate|thanks))?\W*", re.IGNORECASE
)
NO_PART = {  # what a slot never holds by itself: "swap it for another one", "400 aud"
    "feature": re.compile(
        r"(?:(?:an)?other|(?:a )?different)(?: ones?)?|(?:a )?new ones?|ones?|if poss(?:ible)?|comma|full stop|please"
        r"|pls|asap",
        re.IGNORECASE,
    ),
    "query": re.compile("aud|usd|gbp|eur|euros?|quid|bucks|pounds?|dollars?|rupees?|inr|rs", re.IGNORECASE),
}
WILL_DO = re.compile(
    r"[ ,]+(?:that )?(?:is|will be|would be|'s) (?:ok(?:ay)?|fine|alright|good|great|best)$", re.IGNORECASE
)
FOR_SOMEBODY = re.compile(  # "dog bed 4 a labrador", and no "size 4 a friend has"
    r"(?<!\bsize )(?<!\bsz )(?<!\bin )(?<!\ba )(?<!\buk )(?<!\bus )(?<!\beu )(?<=\w )4 "
    r"(?=(?:a|an|my|me|him|her|mum|mom|dad)\b)",
    re.IGNORECASE,
)
BED = re.compile(
    r"(?<!\bnot )(?<!\bno )(?<!\ba )(?<!\bof )(?<!\bthan )(?<!\bevery )"
    r"\b(?P<size>super ?king|king|queen|double|single|twin)[ -]sized?\b",
    re.IGNORECASE,
)
BEDDING = re.compile(
    r"\b(?:bed|mattress|duvet|quilt|sheet|topper|protector|headboard|comforter|blanket|pillowcase)", re.IGNORECASE
)
BY = re.compile(
    r"\b(?:anything|something|stuff|things|items|products) by (?P<brand>[\w&'. -]+?)"
    r"(?=$|[,.?!]| (?:for|in|under)\b)",
    re.IGNORECASE,
)
NOT_COUNTED = "option|every|each|number|no|size|volume|part|page|step|level|single|first|second|third|last"
HOW_MANY = (  # "two of the mugs", and neither "size 8 of the boots" nor "the second one of"
    r"(?<![\w.,£$€₹#-])" + "".join(rf"(?<!\b{word} )" for word in NOT_COUNTED.split("|"))
    + rf"(?P<number>{NUMBERS}|\d{{1,2}})"
)  # fmt: skip
ANYTHING = re.compile(r"\b(?:any|some)thing\b", re.IGNORECASE)
PRONOUNS = frozenset("it them these those this that".split())
BETWEEN = re.compile(r" [^\W\d_][\w'-]*(?: [^\W\d_][\w'-]*)? ")
SPEC = re.compile(
    r"(?<![\w.,£$€₹#/-])(?!\d[\d.]*(?:k|grand|rs|inr|usd|quid|eur|gbp|aud|cad|bucks)\b)"
    r"(?:\d[\d.]*[^\W\d_xX]+|[^\W\d_]/\d[\d.]*|\d+(?:\.\d+)?(?: [^\W\d_]+){1,2}) $"
)
NO_WORDS = frozenset("with for in and of to on at by a an the is or from under over".split())  # no slot's by themselves
NO_NAMES = frozenset(
    "a an the is are was in on of for to with without and or not no my your our his her their its it this that these "
    "those some any one ones i we you he she they me us him them please pls plz plus also then so just only even like "
    "maybe really very quite what which who when where how if do does can could would should will got get have has had "
    "want wants need needs after looking look show see find give but from by at up under over below above around about "
    "between than less more max within budget price cost pair set size sz sort too as im i'm il i'll into something "
    "anything age brand thing things best there here now today still hey hi hello ok okay yes thanks cheers "
    "product products item items stuff goods range collection deal deals offer offers sale arrivals left available "
    "anymore online rn tho lol colour color coloured colored sized material branded fit cheap cheaper cheapest latest "
    "newest top rated new nice good different dollar dollars pound pounds euro euros quid bucks rupee "
    "rupees usd gbp eur before because cos coz since unless otherwise though instead mate bro sir maam guys asap yet "
    "currently anywhere thx ta hun xx tonight na ideally preferably company wala wali shade type affordable "
    "inexpensive bestselling trending lovely decent extra additional spare pairs nos urgently".split()
)


def whole_wording(slots: Sequence[tuple[str, SlotValue]], text: str) -> Slots:
    """The slots with what belongs to their words in the message, `text`; what they already hold stays."""
    named = [
        one for one in slots if one[0] == "brand" or one[0] not in DESCRIBED or str(one[1]).casefold() not in NO_WORDS
    ]
    tidied = tuple((name, _tidied(name, value, text, named)) for name, value in named)
    thing = next((place for place, (name, _) in enumerate(tidied) if name in THINGS), None)
    if thing is None:
        return tidied
    name, value = tidied[thing]
    if str(value).casefold() in PRONOUNS:
        return tidied
    return (*tidied[:thing], (name, _with_what_stands_before(str(value), tidied, text)), *tidied[thing + 1 :])


def without_strays(slots: Slots, text: str) -> Slots:
    """The slots without words that are no part of what is asked for: "dog bed 4 a big labrador" has no size."""

    def stray(name: str, said: str) -> bool:
        if name == "size" and "query" in dict(slots):
            return said == "4" and len(list(places(said, text))) == len(FOR_SOMEBODY.findall(text))
        return name in NO_PART and bool(NO_PART[name].fullmatch(said))

    return tuple(
        (name, WILL_DO.sub("", str(value)) if name == "payment_method" else value)
        for name, value in slots
        if not stray(name, str(value))
    )


def with_bed_size(slots: Slots, text: str) -> Slots:
    """A search's slots with the size of a bed: "mattress protector queen size waterproof"."""
    found, known = list(BED.finditer(text)), dict(slots)
    if len(found) != 1 or "size" in known or not BEDDING.search(str(known.get("query", ""))):
        return slots
    size = found[0]["size"]
    return slots if any(size.casefold() in str(value).casefold() for _, value in slots) else (*slots, ("size", size))


def with_brand(slots: Slots, text: str) -> Slots:
    """A search's slots with its brand, where it was taken for the thing: "anything by Lego"."""
    found = BY.search(text)
    if not found or "brand" in dict(slots):
        return slots
    brand = found["brand"].casefold()
    return tuple(
        ("brand" if name == "query" and str(value).casefold() == brand else name, value) for name, value in slots
    )


def with_quantity(slots: Slots, text: str) -> Slots:
    """The slots with how many of the one item: "take one of the rollers out"."""
    items = [str(value) for name, value in slots if name == "item"]
    if len(items) != 1 or items[0].casefold() in PRONOUNS or {"quantity", "size"} & {name for name, _ in slots}:
        return slots
    found = re.search(rf"{HOW_MANY} of (?:the |those |these |my )?{re.escape(items[0])}(?!\w)", text, re.IGNORECASE)
    if not found:
        return slots
    said = found["number"].casefold()
    return (*slots, ("quantity", NUMBER_WORDS.index(said) + 1 if said in NUMBER_WORDS else int(said)))


def with_thing(slots: Slots, text: str) -> Slots:
    """A search's slots with the thing that ends the message, where none of them says what is sought: "f/1.8 lens"."""
    if {name for name, _ in slots} - {*DESCRIBED, *PRICES, "sort"}:
        return slots
    for name, value in slots:
        for _, end in places(str(value), text) if name in DESCRIBED else ():
            found = ENDS_MESSAGE.fullmatch(text[end:])
            if found and not NO_NAMES & set(found["thing"].casefold().split()):
                thing = found["thing"]
                told = [one for one, value in slots if str(value).casefold() == thing.casefold()]
                if {"color", "material", "brand"} & {*told} or (told and ANYTHING.search(text)):
                    return slots
                others = (one for one in slots if str(one[1]).casefold() != thing.casefold())
                return (*others, ("query", thing))
    return slots


def _tidied(name: str, value: SlotValue, text: str, slots: Sequence[tuple[str, SlotValue]]) -> SlotValue:
    if not isinstance(value, str) or name not in (*THINGS, *DESCRIBED):
        return value
    value = _without_address(value, text)
    if name in THINGS:
        value = MISTYPED_THE.sub("", value)
    if name == "query":
        value = ANY.sub("", value)
    return _with_unit(value, text, slots) if name == "size" and ENDS_IN_NUMBER.search(value) else value


def _without_address(value: str, text: str) -> str:
    """Without what is said to us at its end: "kettles mate", but neither "coffee mate" nor "Eat Pray Love"."""
    found = TO_US.search(value)
    if not found:
        return value
    ends = any(not text[end:].strip(" ") or text[end:].lstrip()[0] in ".,;!?" for _, end in places(value, text))
    word = found.group().strip(" ,")
    title = word[0].isupper() and value[0].isupper() and not text.isupper()
    said = re.search(r"\b(?:says?|saying|reads?|with|of)$", value[: found.start()], re.IGNORECASE)
    return value[: found.start()] if ends and not title and not said else value


def _with_unit(size: str, text: str, slots: Sequence[tuple[str, SlotValue]]) -> str:
    """A size with its unit, unless another slot has that."""
    found = re.search(rf"(?<![\w.]){re.escape(size)}[ -]?(?P<unit>{UNIT})\b", text, re.IGNORECASE)
    elsewhere = [str(value).casefold().split() for name, value in slots if name != "size"]
    return found.group() if found and not any(found["unit"].casefold() in words for words in elsewhere) else size


def _with_what_stands_before(thing: str, slots: Slots, text: str) -> str:
    """The thing with the words between it and what describes it, or the measure before it, that no slot has."""
    taken = [(*place, name) for name, value in slots if name not in THINGS for place in places(str(value), text)]
    for first, last in list(places(thing, text))[:1]:
        starts = [end for _, end, name in taken if name in DESCRIBED and BETWEEN.fullmatch(text[end:first])]
        starts += [found.start() for found in [SPEC.search(text[:first])] if found and ("query", thing) in slots]
        for start in starts:
            free = not any(start < its_end and its_start < first for its_start, its_end, _ in taken)
            if free and not NO_NAMES & set(text[start:first].casefold().split()):
                return text[start:last].strip()
    return thing


def places(words: str, text: str) -> Iterator[tuple[int, int]]:
    """Where the words stand in the message, whatever their case: (first, last + 1) of each."""
    for found in re.finditer(rf"(?<!\w){re.escape(words)}(?!\w)", text, re.IGNORECASE):
        yield found.span()
