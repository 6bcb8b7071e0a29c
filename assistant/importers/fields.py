"""Read the fields of one row; what cannot be used is reported and left out.

    fields = Fields(row, reading)
    fields.text("brand")  ->  "Tarnbeck", or None
    fields.price("price") ->  Price(cents=1299, currency="USD"), or None

A reading is what all rows of an import share: the report, the currency of bare prices, and the time it is.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from hashlib import blake2b

from assistant.importers.feeds import FeedLine, Row
from assistant.importers.plain_text import one_line, parts_of, plain_text
from assistant.importers.prices import Price, UnreadablePrice, read_price
from assistant.importers.report import LEFT_OUT, ROW_SKIPPED, Report

LONGEST_ID = 200  # characters; a cut id would be another one, so a longer one is refused
LONGEST_NAME = 255  # PostgreSQL indexes names, and refuses an entry of some 2,700 bytes
LONGEST_VALUE = 1_000
LONGEST_DESCRIPTION = 20_000
MOST_TAGS = 250
MAX_STOCK = 2**31 - 1
YES = frozenset("true yes 1 y available active published continue".split())
NO = frozenset("false no 0 n unavailable inactive draft archived unlisted deny".split())
IN_STOCK = frozenset(("in stock", "instock", "preorder", "pre order", "backorder", "back order"))
OUT_OF_STOCK = frozenset(("out of stock", "outofstock", "sold out", "soldout", "discontinued"))
NUMBER = re.compile(r"[-+]?[0-9]{1,15}(?:\.0*)?")


@dataclass(frozen=True)
class Reading:
    report: Report
    currency: str  # of prices that name none
    now: datetime  # a sale counts while it lasts


class Fields:
    def __init__(self, row: Row, reading: Reading) -> None:
        self.row = row
        self.reading = reading

    def raw(self, *columns: str) -> str:
        """The first of these columns that is filled, as it stands."""
        return next((value for column in columns if (value := self.row.cells.get(column, "").strip())), "")

    def id(self, *columns: str) -> str | None:
        """An id, exactly as it is written, bar control characters. None, unreported, where there is none."""
        text = " ".join("".join(char if char.isprintable() else " " for char in self.raw(*columns)).split())
        if len(text) <= LONGEST_ID:
            return text or None
        self.bad(self._filled(columns), text, f"is too long for an id: over {LONGEST_ID} characters", LEFT_OUT)
        return None

    def text(self, *columns: str, longest: int = LONGEST_NAME) -> str | None:
        return self._cut(self._filled(columns), one_line(self.raw(*columns)), longest)

    def value(self, *columns: str) -> str | None:
        """Of an attribute, which may be long."""
        return self.text(*columns, longest=LONGEST_VALUE)

    def description(self, *columns: str) -> str | None:
        raw = self.raw(*columns)
        text = plain_text(raw)
        if raw and not text:
            self.bad(self._filled(columns), raw, "is HTML without any text", LEFT_OUT)
        return self._cut(self._filled(columns), text, LONGEST_DESCRIPTION)

    def path(self, *columns: str) -> list[str]:
        """A category's path, "Shoes > Boots"; empty for a number of Google's taxonomy, which names nothing."""
        text = self.raw(*columns)
        parts = [] if text.isdigit() else parts_of(text)
        return [cut for part in parts if (cut := self._cut(self._filled(columns), part, LONGEST_NAME))]

    def tags(self, column: str) -> list[str]:
        tags = list(dict.fromkeys(tag for part in re.split("[,\n]", self.raw(column)) if (tag := one_line(part))))
        if len(tags) > MOST_TAGS:
            self.bad(column, self.raw(column), f"holds {len(tags)} tags", f"the first {MOST_TAGS} were kept")
        return [tag[:LONGEST_NAME] for tag in tags[:MOST_TAGS]]

    def price(self, *columns: str, currency: str | None = None, done: str = ROW_SKIPPED) -> Price | None:
        raw = self.raw(*columns)
        if not raw:
            return None
        try:
            return read_price(raw, currency or self.reading.currency)
        except UnreadablePrice as error:
            self.bad(self._filled(columns), raw, str(error), done)
            return None

    def stock(self, *columns: str) -> int | None:
        """How many there are; below zero, as shops that oversell have it, counts as none."""
        raw = self.raw(*columns)
        if not raw:
            return None
        digits = raw.replace(",", "")
        if not NUMBER.fullmatch(digits) or abs(count := int(digits.partition(".")[0])) > MAX_STOCK:
            self.bad(self._filled(columns), raw, "is not a count of pieces", LEFT_OUT)
            return None
        if count < 0:
            self.bad(self._filled(columns), raw, "is below zero", "counted as 0")
        return max(0, count)

    def rating(self, column: str) -> float | None:
        """0..5 stars."""
        raw = self.raw(column)
        if not raw:
            return None
        if not re.fullmatch(r"[0-4](?:[.,][0-9]{1,6})?|5(?:[.,]0{1,6})?", raw):
            self.bad(column, raw, "is not a rating from 0 to 5", LEFT_OUT)
            return None
        return float(raw.replace(",", "."))

    def truth(self, *columns: str) -> bool | None:
        """Yes or no, or in stock or not, in the words that feeds use."""
        raw = self.raw(*columns)
        said = " ".join(re.split(r"[\s_-]+", raw.rpartition("/")[2].lower())).strip()  # schema.org/InStock too
        if said in YES or said in IN_STOCK:
            return True
        if said in NO or said in OUT_OF_STOCK:
            return False
        if raw:
            self.bad(self._filled(columns), raw, "is neither yes nor no, in stock nor out of it", LEFT_OUT)
        return None

    def bad(self, field: str, value: str, wrong: str, done: str) -> None:
        self.reading.report.add(self.row.number, field, value, wrong, done)

    def broken(self, product_id: str) -> FeedLine:
        """The line of a row that was skipped, so that its product is known to be incomplete."""
        return FeedLine(row=self.row.number, product_id=product_id, broken=True)

    def _filled(self, columns: Sequence[str]) -> str:
        """The name of the column that `raw` takes, for the report."""
        return next((column for column in columns if self.row.cells.get(column, "").strip()), columns[0])

    def _cut(self, column: str, text: str, longest: int) -> str | None:
        if len(text) > longest:
            self.bad(column, text, f"has {len(text):,} characters", f"cut to {longest:,}")
            text = text[:longest].rstrip()
        return text or None


def sale_or_price(price: Price, sale: Price | None, fields: Fields, column: str) -> Price:
    """The sale price if it is one: in the same currency and lower."""
    if sale is None:
        return price
    if sale.currency != price.currency:
        fields.bad(column, fields.raw(column), f"is not in the price's currency, {price.currency}", LEFT_OUT)
        return price
    if sale.cents > price.cents:
        fields.bad(column, fields.raw(column), "is above the price", LEFT_OUT)
        return price
    return sale


def audience(gender: str, age_group: str) -> str | None:
    """Whom a product is for, in the words that the search knows: "women", "men", "kids", "unisex"."""
    if age_group.lower() in ("kids", "toddler", "infant", "newborn", "children", "child", "baby"):
        return "kids"
    return {"female": "women", "male": "men", "unisex": "unisex"}.get(gender.lower())


def variant_id(product_id: str, values: list[str]) -> str:
    """The id of a variant that a feed tells apart only by its options: the same at every import."""
    if not values:
        return product_id
    digest = blake2b("\0".join(values).encode("utf-8", "replace"), digest_size=6).hexdigest()
    return f"{product_id}-{digest}"
