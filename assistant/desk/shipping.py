"""What shipping an order costs: the rates that stand in dialogues/policies.yml beside the words on them.

shipping_cents(items_cents, address)  ->  cents, 0 where it ships at no charge
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

from ruamel.yaml import YAML

from assistant.desk.countries import country_named
from assistant.desk.terms import Refused
from assistant.facts import from_elsewhere

POLICIES = Path(__file__).parents[2] / "dialogues" / "policies.yml"
RATES = {"US": "shipping_cost", "CA": "international_shipping"}  # which topic tells what a parcel there costs


def shipping_cents(items_cents: int, address: Mapping[str, str]) -> int:
    """For standard shipping. Raises Refused for a country that the shop does not ship to."""
    country = country_named(address["country"])
    rates = _rates().get(country.code) if country else None
    if rates is None:
        raise Refused(
            "utter_not_shipped_there", {"country": from_elsewhere(address["country"], "the address of the order")}
        )
    free_from = rates.get("free_from")
    return 0 if free_from is not None and items_cents >= free_from else rates["standard"]


@cache
def _rates() -> dict[str, dict[str, int]]:
    """The rates of each country in cents, as the policies have them in dollars."""
    topics: dict[str, Any] = YAML(typ="safe").load(POLICIES.read_text("utf-8"))
    return {
        country: {name: round(dollars * 100) for name, dollars in topics[topic]["rates"].items()}
        for country, topic in RATES.items()
    }
