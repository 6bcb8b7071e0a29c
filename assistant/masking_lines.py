"""Lines with personal data that must be masked, and harmless ones that must stay, drawn from masking_lines.yml.

The same seed gives the same lines. A line knows what is personal in it, part by part: of "Mia van Dijk" both names, of
an address the street and the postcode.
"""

from __future__ import annotations

import random
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ruamel.yaml import YAML

LINES = Path(__file__).with_name("masking_lines.yml")
KINDS = ("name", "email", "phone", "card", "address")
SPLITS = ("dev", "test")
POSTCODE = re.compile(r"\d{5}(?:-\d{4})?|[A-Z]{1,2}\d[A-Z\d]? \d[A-Z]{2}")


@dataclass(frozen=True)
class Line:
    text: str
    split: str  # "dev" or "test"
    kind: str  # one of KINDS, or "harmless"
    personal: tuple[str, ...] = ()  # what must be gone


def draw_lines(seed: int, number: int) -> list[Line]:
    """`number` lines with personal data, as many of each kind and split as go, and `number` harmless ones."""
    data = YAML(typ="safe").load(LINES.read_text("utf-8"))
    chance = random.Random(seed)
    cells = [(split, kind) for kind in KINDS for split in SPLITS]
    personal = [_personal(chance, data, *cells[place % len(cells)]) for place in range(number)]
    harmless = [_harmless(chance, data, SPLITS[place % len(SPLITS)]) for place in range(number)]
    return [*personal, *harmless]


def _personal(chance: random.Random, data: Mapping[str, Any], split: str, kind: str) -> Line:
    layout = chance.choice(data[split][kind])
    values = dict(_values(chance, data))
    used = [name for name in values if f"{{{name}}}" in layout]
    parts = [part for name in used for part in (POSTCODE.findall(values[name]) if name == "town" else [values[name]])]
    return Line(_cased(chance, layout.format(**values), kind), split, kind, tuple(parts))


def _values(chance: random.Random, data: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    first, last = chance.choice(data["first"]), chance.choice(data["last"])
    yield "first", first
    yield "last", last
    joined = chance.choice([".", "_", "", "-", "+shop."]).join((first, last)).lower()
    local = re.sub(r"[^\w.+-]", "", joined)
    yield "email", f"{local}{chance.choice(['', '7', '_81'])}@{chance.choice(data['mail_hosts'])}"
    numbers = {"a": chance.randint(201, 989), "b": chance.randint(200, 999), "c": chance.randint(1000, 9999)}
    yield "phone", chance.choice(data["phones"]).format(**numbers)
    yield "card", chance.choice(data["cards"]).replace("{", "{g").format(**_card_groups(chance))
    street = chance.choice(data["streets"])
    yield "street", street.format(number=chance.randint(1, 9999), door=chance.randint(1, 40))
    yield "town", chance.choice(data["towns"])


def _card_groups(chance: random.Random) -> dict[str, str]:
    """Sixteen digits of a Visa with their check digit (Luhn), in fours."""
    digits = [4, *(chance.randint(0, 9) for _ in range(14))]
    total = sum(sum(divmod(2 * digit, 10)) if place % 2 == 0 else digit for place, digit in enumerate(digits))
    number = "".join(map(str, [*digits, -total % 10]))
    return {f"g{place + 1}": number[4 * place : 4 * place + 4] for place in range(4)}


def _cased(chance: random.Random, text: str, kind: str) -> str:
    """Some shoppers write no capitals; postcodes and names in small letters have no look of their own."""
    return text.lower() if kind in ("email", "phone", "card") and chance.random() < 0.3 else text


def _harmless(chance: random.Random, data: Mapping[str, Any], split: str) -> Line:
    def number(match: re.Match[str]) -> str:
        digits = {"small": (1, 9), "day": (10, 28), "four": (1000, 9999), "price": (5, 900)}
        sizes = {"seven": 7, "ten": 10, "twelve": 12}
        name = match[1]
        if name == "thing":
            return str(chance.choice(data["things"]))
        low, high = digits.get(name) or (10 ** (sizes[name] - 1), 10 ** sizes[name] - 1)
        return str(chance.randint(low, high))

    layouts: Sequence[str] = data["harmless"][split]
    return Line(re.sub(r"\{(\w+)\}", number, chance.choice(layouts)), split, "harmless")
