"""What shoppers ask about products of the demo shop, held against what its listings say; the tables are YAML."""

from __future__ import annotations

from functools import cache
from itertools import product as combinations
from pathlib import Path
from typing import Any

import pytest
from ruamel.yaml import YAML

from assistant.product_answers import Quoted, Stated, answer
from assistant.shop.catalogue import ProductEntry, load_catalogue
from assistant.shop.data_files import DATA
from assistant.store import Product, Variant

HERE = Path(__file__).parent
SILENT = "silent"
KNOWN_MISTAKES = {  # what a listing says in words that share nothing with the question, or that fit two attributes
    "how long will it last",
    "how much weight can a shelf hold",
    "is it safe for coloured hair",
}


def questions() -> list[Any]:
    tables = [YAML(typ="safe").load(path.read_text("utf-8")) for path in sorted(HERE.glob("product_questions*.yml"))]
    pairs = [
        (name, asked, told) for table in tables for name, listed in table.items() for asked, told in listed.items()
    ]
    return [pytest.param(*pair, id=f"{pair[0]}: {pair[1]}") for pair in pairs if pair[1] not in KNOWN_MISTAKES]


@cache
def entries() -> dict[str, ProductEntry]:
    return {one.entry.name: one.entry for one in load_catalogue(DATA)}


def listing(name: str) -> Product:
    entry = entries()[name]
    options = [dict(zip(entry.options, values, strict=True)) for values in combinations(*entry.options.values())]
    return Product(
        id=name,
        name=name,
        brand=entry.brand,
        description=entry.description,
        attributes=dict(entry.attributes),
        rating=entry.rating,
        rating_count=entry.ratings,
        variants=[
            Variant(id=str(place), options=chosen, price_cents=100, currency="USD", stock=1, available=True)
            for place, chosen in enumerate(options)
        ],
    )


@pytest.mark.parametrize(("name", "asked", "told"), questions())
def test_a_question_gets_what_the_listing_says_or_nothing(name: str, asked: str, told: Any) -> None:
    found = answer(listing(name), asked)
    if told == SILENT:
        assert found is None
    elif isinstance(found, Quoted):
        assert told.get("quotes", "no sentence") in found.sentence
        assert found.sentence in entries()[name].description.replace("\n", " ")
    else:
        assert isinstance(found, Stated) and found.attribute == told.get("states")
