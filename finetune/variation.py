"""Variation of training examples: other slot values, and noise as people type it. Seeded; labels stay true.

Every epoch sees each example once, as written or varied, so that ids, names and amounts are copied rather than known
by heart and a missing comma changes nothing. Only training examples are varied, after the split. Noise as in Belinkov
and Bisk 2018 (https://arxiv.org/abs/1711.02173), values as in slot substitution of Louvan and Magnini 2020
(https://arxiv.org/abs/2009.03695).
"""

from __future__ import annotations

import random
import re
from collections.abc import Callable, Mapping
from dataclasses import replace
from functools import cache
from pathlib import Path

from ruamel.yaml import YAML

from intents.catalogue import Catalogue
from intents.commands import Command, SlotValue
from intents.context import Context
from intents.examples import Example

VALUES = Path(__file__).with_name("values.yml")
AS_WRITTEN = 0.3  # share of examples that an epoch leaves alone
SWAPPED, NOISY, CONTEXT_CUT = 0.6, 0.45, 0.1  # of the others, how many get each
ID_SHAPES = ("W#######", "W#######", "#######", "########", "AB-#####", "####-#####", "#####")
NEIGHBOURS = {
    letter: row[max(0, place - 1) : place] + row[place + 1 : place + 2]
    for row in ("qwertyuiop", "asdfghjkl", "zxcvbnm")
    for place, letter in enumerate(row)
}
WORD = re.compile(r"[^\W\d_]{4,}")
LETTER_SIZES = ("XS", "S", "M", "L", "XL", "XXL")
PRICES = ("max_price", "min_price")


def vary(example: Example, chance: random.Random, catalogue: Catalogue) -> Example:
    """The example, or one like it with the same meaning. Every text slot's value still stands in the message."""
    if chance.random() < AS_WRITTEN:
        return example
    varied = example
    if chance.random() < SWAPPED:
        varied = swap_values(varied, chance, catalogue)
    if chance.random() < NOISY:
        varied = chance.choice(NOISES)(varied, chance, catalogue)
    if chance.random() < CONTEXT_CUT:
        varied = replace(varied, context=cut(varied.context, chance))
    return varied if _holds(varied, catalogue) else example


def swap_values(example: Example, chance: random.Random, catalogue: Catalogue) -> Example:
    """Other ids, names, addresses, colours and prices where the old one stands once and nothing before names it."""
    for name, value in dict.fromkeys(slot for command in example.commands for slot in command.slots):
        other = _other(name, value, chance)
        if other is not None and _can_be_swapped(example, value):
            example = _swap(example, name, value, other)
    return example


def _other(slot: str, value: SlotValue, chance: random.Random) -> SlotValue | None:
    if slot in PRICES and isinstance(value, int) and value >= 5:
        step = 5 if value < 200 else 50
        return max(step, step * round(value * chance.uniform(0.4, 2.5) / step))
    if not isinstance(value, str) or slot not in MAKERS:
        return None
    made = MAKERS[slot](value, chance)
    return (made.lower() if value.islower() else made) or None


def _order_id(old: str, chance: random.Random) -> str:
    if not re.search(r"\d{3}", old) or " " in old:
        return ""
    shape = chance.choice(ID_SHAPES) if chance.random() < 0.3 else re.sub(r"\d", "#", old)
    return re.sub("#", lambda _: chance.choice("0123456789"), shape)


def _email(old: str, chance: random.Random) -> str:
    if "@" not in old:
        return ""
    first, last = (chance.choice(values()[name]).replace("'", "") for name in ("first_names", "last_names"))
    glue = chance.choice([".", "_", "", "-"])
    number = chance.choice(["", "", "7", "88", "1990"])
    return f"{first}{glue}{last}{number}@{chance.choice(values()['mail_hosts'])}".lower()


def _name(old: str, chance: random.Random) -> str:
    if len(old.split()) != 2:
        return ""
    return f"{chance.choice(values()['first_names'])} {chance.choice(values()['last_names'])}"


def _zip(old: str, chance: random.Random) -> str:
    return f"{chance.randrange(1001, 99950):05d}" if re.fullmatch(r"\d{5}", old) else ""


def _address(old: str, chance: random.Random) -> str:
    if not re.search(r"\d", old) or len(old.split()) < 4:
        return ""
    street = chance.choice(values()["streets"])
    kind = chance.choice(["Street", "St", "Road", "Avenue", "Ave", "Lane", "Drive"])
    flat = chance.choice(["", "", " Apt 3", ", Flat 2B", " Unit 14"])
    city, state = chance.choice(values()["cities"]).split("|")
    tail = chance.choice([f", {city} {state} {chance.randrange(10001, 99950)}", f", {city}", f" {city} {state}"])
    return f"{chance.randrange(1, 980)} {street} {kind}{flat}{tail}"


def _listed(name: str) -> Callable[[str, random.Random], str]:
    def other(old: str, chance: random.Random) -> str:
        return chance.choice(values()[name]) if old.lower() in {one.lower() for one in values()[name]} else ""

    return other


def _brand(old: str, chance: random.Random) -> str:
    return chance.choice(values()["brands"]) if len(old.split()) == 1 else ""


def _size(old: str, chance: random.Random) -> str:
    if re.fullmatch(r"\d{1,2}(\.5)?", old):
        return str(chance.randrange(2, 48))
    return (
        chance.choice(["XS", "S", "M", "L", "XL", "XXL"]) if old.upper() in ("XS", "S", "M", "L", "XL", "XXL") else ""
    )


MAKERS: Mapping[str, Callable[[str, random.Random], str]] = {
    "order_id": _order_id,
    "email": _email,
    "name": _name,
    "zip": _zip,
    "address": _address,
    "color": _listed("colors"),
    "material": _listed("materials"),
    "brand": _brand,
    "size": _size,
}


def _can_be_swapped(example: Example, value: SlotValue) -> bool:
    before = " ".join(filter(None, (example.context.bot, *example.context.shown))).lower()
    return len(_places(example.text, value)) == 1 and str(value).lower() not in before


def _places(text: str, value: SlotValue) -> list[re.Match[str]]:
    return list(re.finditer(rf"(?<![\w.]){re.escape(str(value))}(?![\w]|[.,]\d)", text))


def _swap(example: Example, slot: str, old: SlotValue, new: SlotValue) -> Example:
    place = _places(example.text, old)[0]
    if any(other != (slot, old) and _overlap(example.text, place, other[1]) for other in _all_slots(example)):
        return example
    text = example.text[: place.start()] + str(new) + example.text[place.end() :]
    commands = tuple(
        replace(one, slots=tuple((name, new if (name, value) == (slot, old) else value) for name, value in one.slots))
        for one in example.commands
    )
    return replace(example, text=text, commands=commands)


def _overlap(text: str, place: re.Match[str], value: SlotValue) -> bool:
    return any(place.start() < one.end() and one.start() < place.end() for one in _places(text, value))


def _all_slots(example: Example) -> set[tuple[str, SlotValue]]:
    return {slot for command in example.commands for slot in command.slots}


def mistype(example: Example, chance: random.Random, catalogue: Catalogue) -> Example:
    """One or two words, none of a slot's, mistyped."""
    taken = [place.span() for _, value in _all_slots(example) for place in _places(example.text, value)]
    free = [
        word
        for word in WORD.finditer(example.text)
        if not any(start < word.end() and word.start() < end for start, end in taken)
    ]
    for word in sorted(chance.sample(free, min(len(free), chance.choice([1, 1, 2]))), key=lambda one: -one.start()):
        wrong = _mistyped(word.group(), chance)
        example = replace(example, text=example.text[: word.start()] + wrong + example.text[word.end() :])
    return example


def _mistyped(word: str, chance: random.Random) -> str:
    place = chance.randrange(1, len(word) - 1)
    here = word[place]
    near = NEIGHBOURS.get(here.lower(), "")
    return chance.choice(
        [
            word[:place] + word[place + 1 :],  # left out
            word[:place] + here + word[place:],  # doubled
            word[:place] + word[place + 1] + here + word[place + 2 :],  # swapped with the next
            word[:place] + (chance.choice(near) if near else here) + word[place + 1 :],  # the key beside it
        ]
    )


def lower(example: Example, chance: random.Random, catalogue: Catalogue) -> Example:
    return _recased(example, str.lower, catalogue)


def upper(example: Example, chance: random.Random, catalogue: Catalogue) -> Example:
    return _recased(example, str.upper, catalogue)


def _recased(example: Example, case: Callable[[str], str], catalogue: Catalogue) -> Example:
    def recase(command: Command) -> Command:
        kinds = catalogue.intents[command.intent].slots
        slots = tuple((n, case(str(v)) if kinds[n].kind == "text" else v) for n, v in command.slots)
        return replace(command, slots=slots)

    return replace(example, text=case(example.text), commands=tuple(map(recase, example.commands)))


def unpunctuated(example: Example, chance: random.Random, catalogue: Catalogue) -> Example:
    """Without the marks between words and without apostrophes; those inside a slot's value make it fall through."""
    text = re.sub(r"[,;:!?]+(?=\s|$)|\.+(?=\s|$)", "", example.text).replace("'", "")
    return replace(example, text=text) if text.strip() else example


def with_filler(example: Example, chance: random.Random, catalogue: Catalogue) -> Example:
    """As people begin when they dictate."""
    return replace(example, text=f"{chance.choice(values()['fillers'])} {example.text}")


NOISES = (mistype, mistype, mistype, lower, lower, upper, unpunctuated, unpunctuated, with_filler)


def cut(context: Context, chance: random.Random) -> Context:
    """A context of which a part is not known; what is asked for stays."""
    if not context.asked:
        return context
    return replace(context, bot=None) if chance.random() < 0.5 else replace(context, task=None)


def _holds(example: Example, catalogue: Catalogue) -> bool:
    """Whether every text slot's value stands in the message."""
    return all(
        str(value) in example.text
        for command in example.commands
        for name, value in command.slots
        if catalogue.intents[command.intent].slots[name].kind == "text"
    )


@cache
def values() -> dict[str, list[str]]:
    found = YAML(typ="safe").load(VALUES.read_text("utf-8"))
    cut_at = {"cities": r",\s*", "fillers": r"\|"}
    return {name: re.split(cut_at.get(name, r"\s+"), text.strip()) for name, text in found.items()}
