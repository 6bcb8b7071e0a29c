"""A made-up catalogue of any size, for measuring how search grows:   generated_products(100_000, seed=7)

The same seed gives the same products, one after another, and a larger catalogue begins with the smaller one. As in a
real shop a few categories and brands have most of the products, few products have most of the ratings, prices end in
.99 or .00, and some variants are sold out. The words are in generator.yml.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from itertools import accumulate, islice
from pathlib import Path
from typing import Any

from ruamel.yaml import YAML

from assistant.store import Database, Product, Variant, reindex_products

WORDS = Path(__file__).with_name("generator.yml")
BRANDS = 1_500
BRAND_SKEW, KIND_SKEW = 0.9, 0.6  # exponents of Zipf's law: of 222 categories the first has a twentieth of the products
MOST_VARIANTS = 8
VARIANT_COUNTS = (1, 1, 2, 3, 3, 4, 4, 5, 6, 8)
UNRATED, SOLD_OUT, DISCONTINUED = 0.08, 0.12, 0.03  # shares of products, variants, products
PRICE_ENDINGS = (99, 99, 99, 95, 50, 0, 0)
AT_ONCE = 500  # products in one transaction


@dataclass(frozen=True)
class Kind:
    """A category, with what its products have."""

    name: str
    department: str
    nouns: Sequence[str]
    options: Mapping[str, Sequence[str]]
    audiences: Sequence[str | None]
    attributes: Mapping[str, Sequence[str]]
    tags: Sequence[str]
    uses: Sequence[str]
    cents: tuple[int, int]  # the least and the most that most of them cost


def fill(database: Database, products: int, seed: int, progress: Callable[[int], object] | None = None) -> None:
    """Write so many products with their variants and their text index; `progress` hears of each batch."""
    made = generated_products(products, seed)
    while batch := list(islice(made, AT_ONCE)):
        with database.session() as session:
            session.add_all(batch)
            reindex_products(session, (), new=[product.id for product in batch])
        if progress:
            progress(len(batch))


def generated_products(count: int, seed: int) -> Iterator[Product]:
    """Lazily, so that memory does not grow with the count."""
    chance = random.Random(seed)
    brands = list(islice(_brands(chance), BRANDS))
    kinds = chance.sample(_kinds(), len(_kinds()))
    of_brand, of_kind = _zipf(len(brands), BRAND_SKEW), _zipf(len(kinds), KIND_SKEW)
    for number in range(count):
        kind = chance.choices(kinds, cum_weights=of_kind)[0]
        yield _product(chance, number, chance.choices(brands, cum_weights=of_brand)[0], kind)


def _product(chance: random.Random, number: int, brand: str, kind: Kind) -> Product:
    noun, model = chance.choice(kind.nouns), _model(chance)
    grade = f" {chance.choice(_words()['grades'])}" if chance.random() < 0.4 else ""
    chosen = chance.sample(sorted(kind.attributes), min(len(kind.attributes), chance.randint(2, 4)))
    attributes = {name: chance.choice(kind.attributes[name]) for name in chosen}
    tags = chance.sample(kind.tags, chance.randint(1, 3))
    said = {"brand": brand, "model": model, "noun": noun, "category": kind.name, "name": f"{brand} {model}"}
    ratings = 0 if chance.random() < UNRATED else max(1, int(chance.lognormvariate(3.2, 1.6)))
    return Product(
        id=f"g{number:08}",
        name=f"{brand} {model}{grade} {noun.title()}",
        brand=brand,
        category=kind.name,
        department=kind.department,
        audience=chance.choice(kind.audiences),
        description=_description(chance, kind, attributes, tags, said),
        attributes=attributes,
        tags=tags,
        rating=round(5 * chance.betavariate(8, 1.6), 1) if ratings else None,
        rating_count=ratings,
        variants=_variants(chance, number, kind),
    )


def _variants(chance: random.Random, number: int, kind: Kind) -> list[Variant]:
    chosen = _options(chance, kind, chance.choice(VARIANT_COUNTS))
    least, most = kind.cents
    price = min(max(chance.lognormvariate(0, 0.5) * (least * most) ** 0.5, least), most)
    price_cents = int(price) // 100 * 100 + chance.choice(PRICE_ENDINGS)
    on_sale = chance.random() >= DISCONTINUED
    return [
        Variant(
            id=f"g{number:08}-{position}",
            position=position,
            sku=f"GEN-{number:08}-{position}",
            options=options,
            price_cents=price_cents + position // 3 * chance.choice((0, 0, 500, 1000)),
            stock=0 if chance.random() < SOLD_OUT else int(chance.expovariate(1 / 25)) + 1,
            available=on_sale,
        )
        for position, options in enumerate(chosen)
    ]


def _options(chance: random.Random, kind: Kind, count: int) -> list[dict[str, str]]:
    """So many different sets of options, or as many as there are; sizes stand in their order."""
    if not kind.options:
        return [{}]
    drawn = {tuple(chance.randrange(len(values)) for values in kind.options.values()) for _ in range(count)}
    return [
        {name: values[place] for (name, values), place in zip(kind.options.items(), places, strict=True)}
        for places in sorted(drawn)[:MOST_VARIANTS]
    ]


def _description(
    chance: random.Random, kind: Kind, attributes: Mapping[str, str], tags: Sequence[str], said: Mapping[str, str]
) -> str:
    words = _words()
    sentences = [chance.choice(words["openings"])]
    sentences += [*chance.sample(words["middles"], chance.randint(0, 2)), chance.choice(words["closings"])]
    attribute, value = chance.choice(list(attributes.items()))
    facts = {
        **said, "use": chance.choice(kind.uses), "tag": chance.choice(tags), "attribute": attribute, "value": value,
        "material": attributes.get("material", "good stuff"), "denied": chance.choice(words["denied"]),
        "year": chance.randint(1890, 2020), "months": chance.randint(2, 36),
    }  # fmt: skip
    filled = [sentence.format(**facts) for sentence in sentences]
    return " ".join(sentence[0].upper() + sentence[1:] for sentence in filled)


def _brands(chance: random.Random) -> Iterator[str]:
    """Different ones, without end."""
    seen = set()
    while True:
        parts = [chance.choice(_words()["syllables"]) for _ in range(chance.choice((1, 2, 2)))]
        name = "".join([*parts, chance.choice(_words()["endings"])]).capitalize()
        if len(name) > 3 and name not in seen:
            seen.add(name)
            yield name


def _model(chance: random.Random) -> str:
    return "".join(chance.choice(_words()["syllables"]) for _ in range(chance.choice((2, 2, 3)))).capitalize()


def _zipf(count: int, skew: float) -> list[float]:
    """Cumulative weights, the first the most common."""
    return list(accumulate(1 / place**skew for place in range(1, count + 1)))


@cache
def _kinds() -> tuple[Kind, ...]:
    return tuple(
        _kind(department, name, of_department, own if isinstance(own, dict) else {"nouns": own})
        for department, of_department in _words()["departments"].items()
        for name, own in of_department["categories"].items()
    )


def _kind(department: str, name: str, of_department: Mapping[str, Any], own: Mapping[str, Any]) -> Kind:
    said = {**of_department, **own}
    least, most = said["price"]
    return Kind(
        name=name,
        department=department,
        nouns=said["nouns"],
        options={option: _words()["pools"][pool] for option, pool in said["options"].items()},
        audiences=said.get("audiences", [None]),
        attributes=said["attributes"],
        tags=said["tags"],
        uses=said["uses"],
        cents=(least * 100, most * 100),
    )


@cache
def _words() -> dict[str, Any]:
    found: dict[str, Any] = YAML(typ="safe").load(WORDS.read_text("utf-8"))
    return found
