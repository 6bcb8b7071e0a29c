"""The demo shop's products, read from the department files, with every variant spelled out.

Start at `load_catalogue`. A product's id is a hash of its name and a variant's of the name and its option values, so
both stay the same from build to build and whatever else is added to the shop.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from hashlib import blake2b
from itertools import product as combinations
from pathlib import Path
from typing import Annotated, Any

from pydantic import Field, PositiveInt, model_validator

from assistant.shop.data_files import Entry, ShopDataError, Text, only_keys, read_entry, read_yaml

NOT_DEPARTMENTS = ("customers.yml", "orders.yml")
MOST_VARIANTS = 24
FEW_IN_STOCK = 5  # one variant in eight is down to its last few


class ProductEntry(Entry):
    """A product as a department file states it."""

    name: str
    brand: str
    category: str
    audience: str | None = None
    price: Annotated[Decimal, Field(gt=0, decimal_places=2)]
    options: dict[str, list[Text]] = Field(default={}, max_length=3)
    surcharge: dict[str, dict[Text, Decimal]] = Field(default={})  # option -> value -> dollars on top of the price
    attributes: Annotated[dict[str, Text], Field(min_length=1)]
    tags: list[str]
    rating: Annotated[float, Field(ge=1, le=5)]
    ratings: PositiveInt
    sold_out: list[Text] = Field(default=[])  # "plum/6": option values in the order of `options`
    description: str

    @model_validator(mode="after")
    def _agree_with_options(self) -> ProductEntry:
        choices = list(combinations(*self.options.values()))
        if len(choices) > MOST_VARIANTS:
            raise ValueError(f"has {len(choices)} variants; {MOST_VARIANTS} is the most")
        if len(set(choices)) < len(choices):
            raise ValueError("lists an option value twice")
        for option, values in self.surcharge.items():
            for value in values:
                if value not in self.options.get(option, []):
                    raise ValueError(f"has a surcharge for {option} {value!r}, which is not among its options")
        keys = {"/".join(choice) for choice in choices}
        for key in self.sold_out:
            if key not in keys:
                raise ValueError(f"says {key!r} is sold out, which is not one of its variants")
        return self


@dataclass(frozen=True)
class ShopVariant:
    id: str
    sku: str
    options: Mapping[str, str]
    price_cents: int
    stock: int


@dataclass(frozen=True)
class ShopProduct:
    id: str
    department: str
    entry: ProductEntry
    variants: tuple[ShopVariant, ...]

    def variant(self, options: Mapping[str, str]) -> ShopVariant:
        """The variant with exactly these options. Raises ShopDataError when there is none."""
        found = next((variant for variant in self.variants if variant.options == options), None)
        if found is None:
            raise ShopDataError(
                f"{self.entry.name} has no variant {dict(options)}; its options are {self.entry.options}."
            )
        return found


def load_catalogue(folder: Path) -> tuple[ShopProduct, ...]:
    """Every product of the department files in `folder`, by file and then as written. Raises ShopDataError."""
    products: list[ShopProduct] = []
    for path in sorted(folder.glob("*.yml")):
        if path.name not in NOT_DEPARTMENTS:
            products.extend(_department(path))
    _refuse_clashes(products)
    return tuple(products)


def _department(path: Path) -> Iterator[ShopProduct]:
    content = read_yaml(path)
    only_keys(content, {"department", "products"}, path.name)
    for number, raw in enumerate(content["products"] or [], start=1):
        yield _product(content["department"], read_entry(ProductEntry, raw, f"{path.name}, {_title(raw, number)}"))


def _title(raw: Any, number: int) -> str:
    name = raw.get("name") if isinstance(raw, dict) else None
    return str(name) if name else f"product number {number}"


def _product(department: str, entry: ProductEntry) -> ShopProduct:
    number = _number(entry.name, digits=7)
    variants = tuple(
        _variant(entry, number, position, dict(zip(entry.options, choice, strict=True)))
        for position, choice in enumerate(combinations(*entry.options.values()), start=1)
    )
    return ShopProduct(id=f"p{number:07}", department=department, entry=entry, variants=variants)


def _variant(entry: ProductEntry, number: int, position: int, options: dict[str, str]) -> ShopVariant:
    key = "/".join(options.values())
    extra = sum(
        (entry.surcharge.get(option, {}).get(value, Decimal(0)) for option, value in options.items()), Decimal(0)
    )
    return ShopVariant(
        id=f"v{_number(f'{entry.name}/{key}', digits=9):09}",
        sku=f"{entry.brand[:3].upper()}-{number:07}-{position:02}",
        options=options,
        price_cents=int((entry.price + extra) * 100),
        stock=0 if key in entry.sold_out else _stock(f"{entry.name}/{key}"),
    )


def _stock(key: str) -> int:
    """1 to 60, the same for the same variant in every build."""
    number = _number(f"stock of {key}", digits=6)
    most = FEW_IN_STOCK if number % 8 == 0 else 60
    return 1 + number // 8 % most


def _number(text: str, digits: int) -> int:
    return int.from_bytes(blake2b(text.lower().encode(), digest_size=8).digest(), "big") % 10**digits


def _refuse_clashes(products: list[ShopProduct]) -> None:
    """Two products may share neither name nor id; the same goes for the ids of variants."""
    names: dict[str, str] = {}
    for product in products:
        for key in (product.entry.name.lower(), product.id, *(variant.id for variant in product.variants)):
            if key in names:
                raise ShopDataError(f"{names[key]} and {product.entry.name} are told apart by nothing; rename one.")
            names[key] = product.entry.name
