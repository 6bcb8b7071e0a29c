"""Personal data is masked wherever it stands, and what staff need to work stays."""

from __future__ import annotations

import time

import pytest

from assistant.masking import Known, mask, mask_value
from assistant.masking_benchmark import leaks, measure
from assistant.masking_lines import KINDS, Line, draw_lines

MIA = Known(names=("Mia", "Lindqvist"), addresses=("12 Harbour Row", "Portland", "97205"))

PERSONAL = [
    ("it's mia.lindqvist@example.com thanks", "it's [e-mail] thanks"),
    ("mia at example dot com", "[e-mail]"),
    ('/identify{"email": "mia+shop@example.co.uk"}', '/identify{"email": "[e-mail]"}'),
    ("call +49 (0)30 901820 please", "call [phone] please"),
    ("my number is (555) 010-2345.", "my number is [phone]."),
    ("555-010-2345 or 555.010.2345", "[phone] or [phone]"),
    ("text me on 5550102345", "text me on [phone]"),
    ("card 4111 1111 1111 1111, exp 12/29", "card [card], exp 12/29"),
    ("4111111111111111", "[card]"),
    ("mistyped 4111 1111 1111 1112", "mistyped [card]"),
    ("send it to 450 Elm Street, Suite 2, Denver, CO 80201, USA. Thanks", "send it to [address]. Thanks"),
    ("i live at 7b old mill lane", "i live at [address]"),
    ("221 Baker Dr is the place", "[address] is the place"),
    ("Denver, CO 80201", "Denver, [address]"),
    ("my zip code is 97205", "my zip code is [address]"),
    ("London SW1A 1AA", "London [address]"),
    ("Hi, my name is mia lindqvist", "Hi, my name is [name]"),
    ('identify(first_name="Yusuf", zip="19122")', 'identify(first_name="[name]", zip="[address]")'),
    ('/identify{"last_name": "Rossi"}', '/identify{"last_name": "[name]"}'),
    ("This is Yusuf Rossi speaking", "This is [name] speaking"),
    ("This is Zoë Müller, my surname is Müller", "This is [name], my surname is [name]"),
    ("for my wife Aarti van der Berg, please", "for my wife [name], please"),
    ("it's Mr. Okafor", "it's Mr. [name]"),
    ("kind regards, Oluwaseun", "kind regards, [name]"),
    ("ship it to Mia Lindqvist instead", "ship it to [name] instead"),
    ("card no.4111.1111.1111.1111", "card no.[card]"),
    ("Hauptstraße 12a or 5 rue de la Paix or PO Box 113", "[address] or [address] or [address]"),
]
HARMLESS = [
    "where is my order #W4821093",
    "order W2378156 and item 8142779083",  # an item's number is as long as a phone's
    "the boots at $109.00, size 10, 4.6/5 (312)",
    "it came on 2026-11-28, expected 12/01/2026",
    "a card ending in 4821",
    "I have 2 items on the way",
    "tracking 443521489581",
    "I'm looking for a 27 inch monitor",
    "I'm Swedish",
    "show me 3 or 4 shoes under 1,089.00",
    "room for 12 people in 3 places",
    "the Ridgeline Mid by Tarnbeck, version 1.2.3",
    "Mark Down sale, Grace Jeans and Tom's",
    "my friend Swedish",
]


@pytest.mark.parametrize(("text", "masked"), PERSONAL)
def test_personal_data_is_replaced_by_what_it_was(text: str, masked: str) -> None:
    assert mask(text) == masked
    assert mask(masked) == masked


@pytest.mark.parametrize("text", HARMLESS)
def test_what_staff_need_to_work_stays(text: str) -> None:
    assert mask(text) == text


def test_what_is_known_of_the_shopper_is_found_without_a_look_of_its_own() -> None:
    assert mask("Thanks, MIA! To 12 harbour row in Portland?", MIA) == "Thanks, [name]! To [address] in [address]?"
    assert mask("customer mia_lindqvist_12", MIA) == "customer [name]_[name]_12"
    assert mask("Miami is not Mia's", MIA) == "Miami is not [name]'s"


def test_values_are_masked_by_key_and_by_look_however_deep() -> None:
    value = {
        "email": "mia@example.com",
        "order": "#W1",
        "address": {"address1": "1 Elm", "zip": "80201", "default": True},
        "shown": [{"name": "Lamp", "note": "for mia@example.com"}],
        "count": 3,
    }
    assert mask_value(value) == {
        "email": "[e-mail]",
        "order": "#W1",
        "address": {"address1": "[address]", "zip": "[address]", "default": True},
        "shown": [{"name": "Lamp", "note": "for [e-mail]"}],
        "count": 3,
    }


@pytest.mark.parametrize("part", ["a", "1 ", "x at ", "a.b ", "12 Elm ", "my name is "])
def test_the_time_grows_with_the_text_and_not_with_its_square(part: str) -> None:
    started = time.process_time()
    assert mask(part * (40_000 // len(part)))
    assert time.process_time() - started < 2.0  # the square of 40,000 would take minutes


def test_what_is_personal_is_found_in_layouts_that_nobody_looked_at() -> None:
    """What `aisle evaluate masking` measures; the floor is a little below, so that a loss is seen."""
    lines = draw_lines(seed=7, number=500)
    figures = measure(lines)["test"]
    assert figures["recall"] >= 0.95 and figures["harmless_kept"] >= 0.97
    assert all(figures[f"recall_{kind}"] >= 0.85 for kind in KINDS)
    assert draw_lines(seed=7, number=500) == lines != draw_lines(seed=8, number=500)


def test_a_part_that_is_still_readable_counts_as_a_leak() -> None:
    text = "Tom Yxz, 1 Elm Street, Denver, CO 80201"
    assert leaks(Line(text, "test", "address", ("1 Elm Street", "80201", "Yxz"))) == []
    assert leaks(Line("ask for yxz", "test", "name", ("Yxz",))) == ["Yxz"]
