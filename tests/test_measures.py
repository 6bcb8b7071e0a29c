"""Numbers with units out of listings: of the demo shop, of tau2's, and every attribute of both without a crash."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from assistant.comparatives import ADJECTIVES, NAMED, comparative, measured, taken_apart
from assistant.measures import Quantity, first_of, quantities
from assistant.shop.catalogue import load_catalogue
from assistant.shop.data_files import DATA


@pytest.mark.parametrize(
    ("text", "kind", "low", "high"),
    [
        ("1.25 kg", "g", 1250, 1250),
        ("about 2 lbs", "g", 907.184, 907.184),
        ("5-25 lbs", "g", 2267.96, 11339.8),
        ("2 x 2.5 kg", "g", 5000, 5000),
        ("13-inch", "cm", 33.02, 33.02),
        ("6 ft", "cm", 182.88, 182.88),
        ("5 ft 6 in", "cm", 167.64, 167.64),
        ("65 to 135 cm", "cm", 65, 135),
        ("42 x 12 cm", "cm2", 504, 504),
        ("1.5L", "ml", 1500, 1500),
        ("1,5 l", "ml", 1500, 1500),
        ("72 litres single, 140 litres double", "ml", 72_000, 72_000),
        ("10,000 mAh, about two phone charges", "mah", 10_000, 10_000),
        ("1TB SSD", "gb", 1000, 1000),
        ("38 hours with cancelling, 55 without", "h", 38, 38),
        ("up to 6 weeks", "h", 1008, 1008),
        ("24 dB asleep, 54 dB at full speed", "db", 24, 24),
        ("65 W in all", "w", 65, 65),
        ("-20 C", "c", -20, -20),
        ("2560 x 1440", "pixels", 3_686_400, 3_686_400),
        ("2 people", "people", 2, 2),
        ("1 person", "people", 1, 1),
        ("1000", "", 1000, 1000),
    ],
)
def test_a_number_is_read_with_its_unit(text: str, kind: str, low: float, high: float) -> None:
    found = quantities(text)[0]
    assert (found.kind, pytest.approx(found.low), pytest.approx(found.high)) == (kind, low, high)


def test_what_is_said_of_one_boot_and_of_a_pair_compares() -> None:
    boot, pair = first_of("480 g per boot"), first_of("900 g per pair")
    assert boot and pair and boot.comparable(pair)
    assert boot.low > pair.low


def test_what_is_not_of_one_kind_does_not_compare() -> None:
    area = first_of("120 g per square metre")
    assert area and not area.comparable(Quantity("g", 120, 120))
    assert first_of("27 in", ["g"]) is None


@pytest.mark.parametrize("text", ["", "none", "midi", "USB-C", "M30", "\u00bd", "x" * 5000, "1" * 400])
def test_strange_values_are_no_trouble(text: str) -> None:
    assert all(one.low <= one.high for one in quantities(text))


def test_most_weights_and_noises_of_both_shops_are_read(shared_data: Path) -> None:
    demo = [product.entry.attributes for product in load_catalogue(DATA)]
    tau2 = json.loads((shared_data / "tau2_retail" / "db.json").read_text("utf-8"))["products"].values()
    options = [variant["options"] for product in tau2 for variant in product["variants"].values()]
    unread = {
        word: [facts[name] for facts in demo if name in facts and not measured(facts, ADJECTIVES[word][0])]
        for word, name in (("light", "weight"), ("quiet", "noise"), ("thick", "thickness"))
    }
    assert unread == {  # only what is no weight of the thing, or no number
        "light": ["180 gsm", "180 gsm", "160 gsm", "150 gsm"],
        "quiet": ["moderate", "silent, no fan", "silent, no beep unless switched on", "quiet on rugs, rattles on wood"],
        "thick": [],
    }
    screens = [bool(measured(facts, NAMED["screen"])) for facts in options if "screen size" in facts]
    batteries = [bool(measured(facts, NAMED["battery"])) for facts in options if "battery life" in facts]
    assert screens and all(screens) and batteries and all(batteries)


@pytest.mark.parametrize(
    ("said", "measure", "sign", "than", "most"),
    [
        ("anything lighter?", "weight", -1, "", False),
        ("lighter than the second one", "weight", -1, "the second one", False),
        ("something a bit bigger please", "size", 1, "", False),
        ("a longer battery life", "battery life", 1, "", False),
        ("longer-lasting", "battery life", 1, "", False),
        ("less noise", "noise", -1, "", False),
        ("quieter ones", "noise", -1, "", False),
        ("not so heavy", "weight", -1, "", False),
        ("the lightest", "weight", -1, "", True),
        ("higher refresh rate", "refresh rate", 1, "", False),
        ("cheaper than the first", "price", -1, "the first", False),
        ("heavier than 5 kg", "weight", 1, "5 kg", False),
    ],
)
def test_a_comparison_is_read(said: str, measure: str, sign: int, than: str, most: bool) -> None:
    found = comparative(said)
    assert found is not None
    assert (found.measure.name, found.sign, found.than, found.most) == (measure, sign, than, most)


@pytest.mark.parametrize(
    "said", ["", "waterproof", "lighter fabric", "more", "leather", "for her", "longer sleeves than"]
)
def test_what_compares_no_measure_is_left_alone(said: str) -> None:
    found = comparative(said)
    assert found is None or found.measure.by_words


def test_the_slots_of_a_search_are_parted_from_what_compares() -> None:
    asked, found = taken_apart({"feature": ["waterproof", "lighter"], "max_price": 90}, "lighter than the first one")
    assert asked == {"feature": ["waterproof"], "max_price": 90}
    assert [(one.measure.name, one.than) for one in found] == [("weight", "the first one")]
