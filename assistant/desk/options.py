"""The options of a product's variants and their values: how much each is, and which stands above which."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from math import inf, prod
from typing import Protocol

from assistant.desk.tokens import SIZE_OF, UNIT_OF, in_smallest, read_tokens
from assistant.search.words import key, stop_words

SCALES = (
    "portable mini compact xxs xs s m regular standard l xl xxl xxxl",
    *("low m high", "light m dark", "soft m firm", "short regular long", "beginner intermediate expert"),
    *("easy m hard", "basic standard professional", "twin full queen king", "single double", "half full"),
)
DENIALS = frozenset("no none not without non never".split())
FULL = frozenset({"full", "fulls", "fullsize", "fullsiz"})


class HasOptions(Protocol):
    @property
    def options(self) -> Mapping[str, str]: ...


@dataclass(frozen=True)
class Value:
    text: str

    @cached_property
    def norms(self) -> tuple[str, ...]:
        return tuple(token.norm for token in read_tokens(self.text) if token.text != "+")

    @cached_property
    def joined(self) -> str:
        return "".join(self.norms)

    @cached_property
    def raw(self) -> str:
        return re.sub("[^a-z0-9.%]", "", self.text.lower())

    @cached_property
    def is_denial(self) -> bool:
        """It says that the thing is not there: "none", "no", "not resistant"."""
        return bool(self.norms) and self.norms[0] in DENIALS and "polarized" not in self.raw

    @cached_property
    def amount(self) -> tuple[float, str] | None:
        """How much it is, in the smallest unit: ("1.5 liters") -> (1500, "ml"). None where it holds no number."""
        found = read_tokens(self.text)
        numbers = [token.number for token in found if token.number is not None]
        if not numbers:
            return None
        first = next(index for index, token in enumerate(found) if token.number is not None)
        if first and found[first - 1].text == "a":  # paper: A5 is smaller than A4
            return -numbers[0], "a"
        unit = next((token.norm for token in found[first:] if token.text in UNIT_OF and token.number is None), None)
        if unit is None:
            unit = found[first - 1].norm if first else ""
        number = prod(numbers) if re.search(r"\d ?x ?\d", self.text.lower()) else numbers[0]
        return in_smallest(number, unit)


@dataclass(frozen=True)
class Option:
    name: str
    values: tuple[Value, ...]

    @cached_property
    def words(self) -> tuple[str, ...]:
        return tuple(token.text for token in read_tokens(self.name) if token.text.isalpha())

    @cached_property
    def denial(self) -> Value | None:
        return next((value for value in self.values if value.is_denial), None)

    @cached_property
    def ladder(self) -> dict[str, float]:
        """Each value's place from least to most; empty where the values have no order."""
        return _by_amount(self.values) or _by_words(self.values)

    def telling_words(self, value: Value) -> set[str]:
        """The words of the value that no other value of this option has."""
        others = {norm for other in self.values if other is not value for norm in other.norms}
        dull = others | {key(word) for word in self.words} | DENIALS
        return {
            norm
            for norm in value.norms
            if len(norm) > 1 and norm.isalpha() and norm not in dull | stop_words() and norm not in UNIT_OF.values()
        }


def options_of(variants: Sequence[HasOptions]) -> tuple[Option, ...]:
    names = dict.fromkeys(name for variant in variants for name in variant.options)
    return tuple(
        Option(
            name,
            tuple(Value(text) for text in dict.fromkeys(v.options[name] for v in variants if name in v.options)),
        )
        for name in names
    )


def _by_amount(values: Sequence[Value]) -> dict[str, float]:
    ladder: dict[str, float] = {}
    units = set()
    for value in values:
        if value.amount is not None:
            units.add(value.amount[1])
            ladder[value.text] = value.amount[0]
        elif value.is_denial or value.joined in FULL:
            ladder[value.text] = -inf if value.is_denial else inf
    return ladder if len(units) == 1 and len(ladder) == len(values) else {}


def _by_words(values: Sequence[Value]) -> dict[str, float]:
    for scale in SCALES:
        steps = [SIZE_OF.get(word) or (word if len(word) < 3 else key(word)) for word in scale.split()]
        if all(value.joined in steps for value in values):
            return {value.text: float(steps.index(value.joined)) for value in values}
    return {}
