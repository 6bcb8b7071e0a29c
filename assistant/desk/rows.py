"""Which of several rows of one product a message means: "the speaker that costs more but isn't water resistant".

Only what is said of the thing itself counts, not what it is to become; where that leaves several, the shopper is asked.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

from assistant.desk.mentions import CHEAPEST, DEAREST
from assistant.desk.namings import RETURNS, namings
from assistant.desk.options import Option, options_of
from assistant.desk.wishes import read_wish
from assistant.store import OrderItem

SAID_OF_IT_ENDS = re.compile(
    r"[.;!?\n](?=\s|$)|\b(?:because|since|so|as (?:i|it|my)|and (?:the|my|our|also|i|get|put|then)|please|instead|"
    r"i (?:want|need|would|bought|got)|i['\u2019]d)\b",
    re.IGNORECASE,
)
TO_BECOME = re.compile(
    r"\b(?:for|into|should|to (?:be|become|an?|the|one|something)|in exchange|with (?:an?|one|the))\b", re.IGNORECASE
)
PAID_BACK = re.compile(
    r"\b(?:for (?:a|the|my) (?:full )?(?:refund|money)|to (?:my|the|an?)|back|on(?:to)? my)\b", re.IGNORECASE
)
BEFORE_IT = 60  # characters: "the more expensive and not water resistant speaker"


def rows_meant(message: str, rows: Sequence[OrderItem], deeds: re.Pattern[str]) -> tuple[OrderItem, ...]:
    """Those of the rows that fit what the message says of the thing when it names it."""
    for naming in namings(message, rows, deeds):
        ends = PAID_BACK if deeds is RETURNS else TO_BECOME
        after = SAID_OF_IT_ENDS.split(ends.split(message[naming.end :])[0])[0]
        before = re.split(
            r"[.;!?\n]|\b(?:and|for|the|my)\b(?=[^.;!?\n]*\b(?:the|my)\b)", message[: naming.end][-BEFORE_IT:]
        )[-1]
        found = rows_fitting(f"{before} {after}", [item for item in naming.items if item in rows])
        if found and len({item.variant_id for item in found}) < len({item.variant_id for item in rows}):
            return found
    return tuple(rows)


def rows_fitting(text: str, rows: Sequence[OrderItem]) -> tuple[OrderItem, ...]:
    """The rows that fit a description: values they have and lack, cheaper or dearer, bigger or smaller."""
    said = text.lower()
    fitting = [item for item in rows if all(_fits(said, item, other) for other in rows if _differ(item, other))]
    if not fitting:
        return ()
    if bool(CHEAPEST.search(said)) != bool(DEAREST.search(said)):
        extreme = min if CHEAPEST.search(said) else max
        price = extreme(item.price_cents for item in fitting)
        fitting = [item for item in fitting if item.price_cents == price]
    return tuple(fitting)


def _fits(said: str, item: OrderItem, other: OrderItem) -> bool:
    """Whether the words allow the item where it differs from the other."""
    options = _options(item, other)
    wish = read_wish({}, said, item.name, options, _of(other, options))
    if not wish.alternatives:
        return True
    first = wish.alternatives[0]
    return not first.unknown and all(one.rank(_of(item, options)) is not None for one in first.criteria)


def _differ(item: OrderItem, other: OrderItem) -> bool:
    return item.variant_id != other.variant_id


def _options(item: OrderItem, other: OrderItem) -> tuple[Option, ...]:
    """The options in which two rows differ."""
    known = options_of([*item.variant.product.variants, item.variant, other.variant])
    return tuple(one for one in known if item.options.get(one.name) != other.options.get(one.name))


def _of(item: OrderItem, options: Sequence[Option]) -> Mapping[str, Any]:
    return {one.name: item.options.get(one.name, "") for one in options}
