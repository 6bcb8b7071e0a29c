"""Which variant is meant in tau2's tasks, asked for in other words."""

from __future__ import annotations

import json
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from shelves import product

from assistant.desk.variants import choose_variant
from assistant.store import Variant

Shelf = Callable[[str], tuple[Variant, list[Variant]]]

# (the item's id, the wish, the message, the variant that is meant)
EXCHANGES: list[tuple[str, dict[str, Any], str, str]] = [
    (
        "1151293680",
        {"item": ["keyboard"], "feature": ["clicky", "no backlight"]},
        "Same keyboard but clicky. If clicky with RGB in full size isn't available, no backlight is fine",
        "7706410293",
    ),
    (
        "4983901480",
        {"item": ["thermostat"], "feature": ["for Google Home"]},
        "the keyboard should be clicky, and the thermostat should work with Google Home rather than HomeKit",
        "7747408585",
    ),
    (
        "8349118980",
        {"item": ["t-shirt"], "color": "purple", "material": "polyester", "feature": ["v-neck"]},
        "make the small tee purple, keep the size and the v-neck, preferably in polyester",
        "9647292434",
    ),
    (
        "3799046073",
        {"item": ["shirt"], "color": "purple", "size": "S", "feature": ["v neck"], "material": "polyester"},
        "the other shirt too: purple, S, v neck, polyester if possible",
        "9647292434",
    ),
    (
        "8384507844",
        {"item": ["desk lamp"], "feature": ["less bright"]},
        "I'd like a bigger bottle, and the desk lamp for a less bright one, I prefer battery over USB over AC",
        "7453605304",
    ),
    (
        "8384507844",
        {"item": ["lamp"], "feature": ["dimmer"]},
        "swap the lamp for a dimmer one please; prefer AC adapter > battery > usb",
        "1569765161",
    ),
    (
        "8384507844",
        {"item": ["lamp"], "feature": ["brighter", "battery"]},
        "a brighter lamp, battery rather than USB rather than AC if you have the choice",
        "9083642334",
    ),
    (
        "1615379700",
        {"item": ["boots"], "size": "8"},
        "change the boots to size 8, same material please, I don't care if they are waterproof",
        "3613716226",
    ),
    ("2366567022", {"item": ["bottle"], "feature": ["most expensive"]}, "the most expensive bottle", "4579334072"),
    (
        "1340995114",
        {"item": ["keyboard"], "feature": ["priciest"]},
        "give me the priciest keyboard you sell",
        "1151293680",
    ),
    (
        "9791469541",
        {"item": ["running shoes"], "feature": ["most expensive"], "size": "same size"},
        "upgrade the running shoes to the most expensive pair in the same size, nothing else matters",
        "4107812777",
    ),
    ("1763705424", {"item": ["makeup kit"]}, "upgrade my makeup kit to the most expensive one", "2882812427"),
    (
        "9791469541",
        {"item": ["shoes"], "feature": ["4107812777"]},
        "my shoes should become item 4107812777",
        "4107812777",
    ),
    (
        "1340995114",
        {"item": ["1656367028"], "feature": ["1421289881"]},
        "and product 1656367028 to 1421289881",
        "1421289881",
    ),
    (
        "3358616356",
        {"item": ["helmet"], "size": "medium", "color": "red", "feature": ["high ventilation"]},
        "swap the helmet for a medium one in red with high ventilation",
        "8573379326",
    ),
    (
        "6301799585",
        {"item": ["luggage set"], "color": "black", "feature": ["two-piece"], "material": "soft material"},
        "and the luggage set for the black two-piece in a soft material",
        "8926329222",
    ),
    (
        "4293355847",
        {"item": ["skateboard"], "material": "bamboo", "feature": ["shorter"]},
        "Could I have a shorter skateboard, bamboo? If there are several, the most expensive.",
        "8176740019",
    ),
    (
        "1684786391",
        {"item": ["laptop"], "size": "13-inch", "feature": ["i5"]},
        "the 17 inch laptop should be 13 inch. I prefer i5 over i7, and silver or black over other colors",
        "5052031638",
    ),
    ("6117189161", {"item": ["camera"], "feature": ["cheapest"]}, "switch each to the cheapest option", "6700049080"),
    ("7453605304", {"item": ["lamp"], "feature": ["cheapest"]}, "switch each to the cheapest option", "5320792178"),
    ("3799046073", {"item": ["t-shirt"], "feature": ["cheapest"]}, "switch each to the cheapest option", "3234800602"),
    (
        "9779102705",
        {"item": ["jigsaw"], "feature": ["easiest", "fewest pieces"]},
        "the 1000 piece puzzle is too difficult for my son, can it be the easiest with the fewest pieces",
        "1096508426",
    ),
    (
        "9190635437",
        {"item": ["desk lamp"], "feature": ["cheapest"]},
        "change the desk lamp to the cheapest available lamp",
        "5320792178",
    ),
    (
        "5996159312",
        {"item": ["camera"], "feature": ["maximum zoom"]},
        "I want the camera with the maximum zoom, everything else the same, whatever it costs",
        "9228757377",
    ),
    (
        "7441167885",
        {"item": ["coffee machine"], "feature": ["8 bar", "9 bar", "7 bar"]},
        "Coffee machine: 8 bar, same capacity and type. If 8 isn't possible, 9 bar; if not, 7 bar.",
        "3815173328",
    ),
    (
        "3478699712",
        {"item": ["laptop"], "feature": ["cheapest", "i7 or above"]},
        "for the laptop the cheapest with i7 or above, the rest doesn't matter",
        "6017636844",
    ),
    (
        "3254583681",
        {"item": ["bluetooth speaker"], "feature": ["under $300", "cheapest"]},
        "is there a speaker under $300? then take the cheapest",
        "2635605237",
    ),
    (
        "2492465580",
        {"item": ["backpack"], "size": "medium", "material": "polyester"},
        "make the desk lamp black, and the backpack medium and polyester. Grey if there are several colours.",
        "5917587651",
    ),
    (
        "8555936349",
        {"item": ["earbuds"], "color": "black", "feature": ["4 hours", "not water resistant"]},
        "I'd like the blue earbuds changed to black, 4 hours battery life, not water resistant",
        "4063058357",
    ),
    (
        "7902309762",
        {"item": ["makeup kit"], "feature": ["dark skin tone", "brand A"]},
        "the makeup kit should be for a dark skin tone and from brand A",
        "1573035764",
    ),
    (
        "5047954489",
        {"item": ["shirt"], "color": "red", "size": "XXL", "material": "cotton", "feature": ["crew neck"]},
        "swap the small blue polyester shirt for a red one, XXL, cotton with a crewneck",
        "9354168549",
    ),
    (
        "9385662952",
        {"item": ["fleece jacket"], "size": "large", "color": "red", "feature": ["half zipper"]},
        "trade my fleece for the red one, large, half a zipper",
        "8733974883",
    ),
    ("9494281769", {"item": ["e-reader"], "size": "32GB"}, "then get me the e-reader with 32 gb", "7609274509"),
    (
        "2216662955",
        {"item": ["laptop"], "feature": ["i7", "8GB", "1TB SSD"]},
        "exchange the laptop for one with i7, 8gb of ram and a 1tb ssd",
        "9844888101",
    ),
    (
        "3478699712",
        {"item": ["15-inch laptop"], "feature": ["i7 processor", "8GB", "1TB SSD"]},
        "my 15-inch laptop to the i7 processor with 8GB and 1TB SSD",
        "9844888101",
    ),
    (
        "3254583681",
        {"item": ["speaker"], "color": "green", "feature": ["cheapest"]},
        "send the order to New York, and the speaker should be the cheapest green one",
        "9440686670",
    ),
    (
        "5996159312",
        {"item": ["camera"], "feature": ["slightly lower resolution"]},
        "the camera with a slightly lower resolution, other options unchanged",
        "8363011723",
    ),
    (
        "7758198585",
        {"item": ["bike"], "feature": ["larger frame"]},
        "the bike needs a larger frame, mountain is fine too if road has none",
        "5606522780",
    ),
    (
        "4068787148",
        {"item": ["puzzle"], "feature": ["1000 more pieces"]},
        "the puzzle with 1000 more pieces, same difficulty, I'd rather have animals than art",
        "6245746168",
    ),
    (
        "4068787148",
        {"item": ["jigsaw"], "feature": ["1000 pieces more"]},
        "a jigsaw of 1000 pieces more and equally difficult; prefer art over animals",
        "5546244844",
    ),
    ("5209958006", {"item": ["luggage"], "color": "red"}, "change that luggage to red", "8964750292"),
    (
        "7292993796",
        {"item": ["kettle"], "material": "ceramic", "feature": ["for gas"]},
        "one tea kettle should become ceramic and work on gas",
        "3761330360",
    ),
    (
        "7292993796",
        {"item": ["kettle"], "size": "1.5 litres", "feature": ["gas"]},
        "the second kettle: 1.5 litres, for a gas stove",
        "9647374798",
    ),
    (
        "9354168549",
        {"item": ["t-shirt"], "size": "a size down", "material": "cotton"},
        "my t-shirt swims on me, a size down in cotton please, black if there are several colours",
        "2060066974",
    ),
    (
        "1615379700",
        {"item": ["boots"], "size": "9", "material": "leather", "feature": ["waterproof"]},
        "then boots in size 9, leather and waterproof as well",
        "8106223139",
    ),
    (
        "6245746168",
        {"item": ["jigsaw"], "feature": ["fancier theme", "500 fewer pieces"]},
        "exchange the jigsaw for a fantasy theme with 500 fewer pieces, same difficulty level",
        "3112842858",
    ),
    ("6501071631", {"item": ["tablet"], "feature": ["cheapest"]}, "my tablet for the cheapest one", "2106335193"),
    (
        "1355937109",
        {"item": ["watch"], "color": "black", "material": "leather"},
        "I'd like the watch with a black dial, but keep the leather strap",
        "9949163720",
    ),
    ("2913673670", {"item": ["laptop"]}, "the laptop should be item number 9844888101", "9844888101"),
]


@pytest.fixture(scope="module")
def public_shop(shared_data: Path) -> Shelf:
    """Call it with a variant's id for the variant and all of its product."""
    products = json.loads((shared_data / "tau2_retail" / "db.json").read_text("utf-8"))["products"]

    @cache
    def shelf(id: str) -> tuple[Variant, list[Variant]]:
        entry = next(entry for entry in products.values() if id in entry["variants"])
        variants = product(entry["name"], entry["variants"])
        return next(variant for variant in variants if variant.id == id), variants

    return shelf


@pytest.mark.parametrize(
    ("item", "wish", "message", "expected"), EXCHANGES, ids=[f"{one[3]} {one[2][:40]}" for one in EXCHANGES]
)
def test_the_wishes_of_the_public_tasks_in_other_words_mean_the_same_variants(
    public_shop: Shelf, item: str, wish: dict[str, Any], message: str, expected: str
) -> None:
    current, variants = public_shop(item)
    choice = choose_variant(wish, message, current, variants)
    assert (choice.variant.id if choice.variant else choice) == expected


def test_the_same_as_the_one_i_have_is_the_variant_of_the_other_order(public_shop: Shelf) -> None:
    current, variants = public_shop("5946177616")
    other = next(variant for variant in variants if variant.id == "7082455361")
    message = "the grill I just ordered should be the same as the one I already received"
    choice = choose_variant({"item": ["grill"]}, message, current, variants, owned=[other, current])
    assert choice.variant is other
