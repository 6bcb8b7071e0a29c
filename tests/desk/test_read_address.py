"""An address read from a shopper's words, or found among those we know."""

from __future__ import annotations

import pytest

from assistant.desk.addresses import read_address
from assistant.desk.known_addresses import addresses_known
from assistant.store import Address, Order, OrderItem, Product, Variant

FIELDS = ("address1", "address2", "city", "state", "zip", "country")


def address(line: str, is_default: bool = False) -> Address:
    return Address(is_default=is_default, **dict(zip(FIELDS, line.split(" | "), strict=True)))


HOME = address("667 Highland Drive | Suite 865 | Denver | CO | 80280 | USA", is_default=True)
ELM = address("224 Elm Street |  | New York | NY | 10108 | USA")
OAK = address("12 Oak Ave |  | Chicago | IL | 60621 | USA")
EDINBURGH = address("9 Marchmont Crescent |  | Edinburgh | Scotland | EH9 1HN | United Kingdom", is_default=True)


def read(words: str, *known: Address) -> str:
    found = read_address(words, known)
    if found.address:
        assert set(found.address) == set(FIELDS)
        return " | ".join(found.address[field] for field in FIELDS)
    return f"missing {' '.join(found.missing)}"


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        (
            "44 Alder Drive, Suite 39, Fort Worth, Texas, 76165",
            "44 Alder Drive | Suite 39 | Fort Worth | TX | 76165 | USA",
        ),
        ("9 Highway, New York, 10001", "9 Highway |  | New York | NY | 10001 | USA"),
        ("5 Main St, Apt 2, New York, 10001", "5 Main St | Apt 2 | New York | NY | 10001 | USA"),
        ("1420 N Damen Ave Unit 3, Chicago 60622", "1420 N Damen Ave | Unit 3 | Chicago | IL | 60622 | USA"),
        ("1420 N Damen Ave Unit 3 Chicago IL 60622", "1420 N Damen Ave | Unit 3 | Chicago | IL | 60622 | USA"),
        ("605 Prospect Pl #4F, Brooklyn NY 11238", "605 Prospect Pl | #4F | Brooklyn | NY | 11238 | USA"),
        (
            "350 Fifth Avenue, 34th floor, New York, NY 10118",
            "350 Fifth Avenue | 34th floor | New York | NY | 10118 | USA",
        ),
        ("apt 3, 45 Pine Street, Boston, MA 02118", "45 Pine Street | apt 3 | Boston | MA | 02118 | USA"),
        ("PO Box 771, Taos, NM 87571", "PO Box 771 |  | Taos | NM | 87571 | USA"),
        ("Kroll Hardware, 19 Mill St, Scranton PA 18503", "19 Mill St | Kroll Hardware | Scranton | PA | 18503 | USA"),
        ("34 elm st springfield il 62701", "34 Elm St |  | Springfield | IL | 62701 | USA"),
        ("500 n capitol st nw washington dc 20001", "500 N Capitol St NW |  | Washington | DC | 20001 | USA"),
        (
            "81 Peary Place, La Quinta, California 92253 United States",
            "81 Peary Place |  | La Quinta | CA | 92253 | USA",
        ),
        ("12 oak ave, denver, colorado, usa 80202", "12 Oak Ave |  | Denver | CO | 80202 | USA"),
        ("4500 Highway 35 Austin TX 78704", "4500 Highway 35 |  | Austin | TX | 78704 | USA"),
        ("12 Oak Ave\nSuite 4\nAtlanta Georgia\n30301-1234", "12 Oak Ave | Suite 4 | Atlanta | GA | 30301-1234 | USA"),
        ("send it to 12 Oak Ave, Austin TX 78701 please", "12 Oak Ave |  | Austin | TX | 78701 | USA"),
        ("My new address is 12 Oak Ave, Austin, TX 78701.", "12 Oak Ave |  | Austin | TX | 78701 | USA"),
        ("we're moving to 9 Pine Ct, Reno NV 89501 next month", "9 Pine Ct |  | Reno | NV | 89501 | USA"),
    ],
)
def test_an_address_of_the_united_states_is_read_in_every_form(words: str, expected: str) -> None:
    assert read(words) == expected


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        ("58 Pembroke Gardens, Cardiff CF11 9LN", "58 Pembroke Gardens |  | Cardiff |  | CF11 9LN | United Kingdom"),
        ("221B Baker Street, London, England NW1 6XE", "221B Baker Street |  | London |  | NW1 6XE | United Kingdom"),
        (
            "144 Bloor Court Unit 8 Toronto Ontario M5S 1M8",
            "144 Bloor Court | Unit 8 | Toronto | ON | M5S 1M8 | Canada",
        ),
        ("1 George St, Sydney, New South Wales 2000", "1 George St |  | Sydney | NSW | 2000 | Australia"),
        ("22 Rue de Rivoli, 75001 Paris, France", "22 Rue de Rivoli |  | Paris |  | 75001 | France"),
        ("Musterstr. 5, 80331 München, Germany", "Musterstr. 5 |  | München |  | 80331 | Germany"),
        ("27 Ashgrove Terrace, Dublin 8, Ireland", "27 Ashgrove Terrace |  | Dublin 8 |  |  | Ireland"),
        (
            "14 Residency Road, Flat 402, Bengaluru, Karnataka 560025, India",
            "14 Residency Road | Flat 402 | Bengaluru | Karnataka | 560025 | India",
        ),
    ],
)
def test_an_address_elsewhere_is_read_in_the_form_of_its_country(words: str, expected: str) -> None:
    assert read(words) == expected


@pytest.mark.parametrize(
    ("words", "missing"),
    [
        ("12 Oak Ave", "city state zip"),
        ("12 Oak Ave, Austin", "state zip"),
        ("12 Oak Ave, Apt 3B, Denver, Colorado", "zip"),
        ("12 Oak Ave, 80202", "city"),
        ("Atlanta, Georgia", "address1 zip"),
        ("80202", "address1 city"),
        ("8 calle mayor, 28013 madrid", "country"),
        ("banana", "address1 city state zip"),
        ("my new address", "address1 city state zip"),
        ("", "address1 city state zip"),
    ],
)
def test_what_is_missing_is_named(words: str, missing: str) -> None:
    assert read(words) == f"missing {missing}"


def test_what_was_missing_is_read_when_it_is_appended() -> None:
    assert read("12 Oak Ave, Austin, its TX, zip 78701") == "12 Oak Ave |  | Austin | TX | 78701 | USA"
    assert read("8 Calle Mayor, 28013 Madrid, Spain").endswith("Madrid | Madrid | 28013 | Spain")


def test_a_postcode_of_another_state_is_told_and_may_be_corrected() -> None:
    found = read_address("12 Oak Ave, Seattle, WA 80239", ())
    assert (found.address, found.missing, found.wrong_zip) == (None, ("zip",), "80239")
    assert read("12 Oak Ave, Seattle, WA 80239, 98101") == "12 Oak Ave |  | Seattle | WA | 98101 | USA"


def test_a_customer_abroad_need_not_say_the_country() -> None:
    assert read("3 Dean Street, Edinburgh EH4 1LY", EDINBURGH).endswith("EH4 1LY | United Kingdom")
    assert read("3 Dean Street, Edinburgh", EDINBURGH) == "missing zip"


@pytest.mark.parametrize(
    ("words", "meant"),
    [
        ("my default address", HOME),
        ("home address please", HOME),
        ("the one on file", HOME),
        ("to my address", HOME),
        ("Denver", HOME),
        ("the Colorado one", HOME),
        ("the address of my other order", ELM),
        ("same as the other order", ELM),
        ("the other address", ELM),
        ("my NYC place", ELM),
        ("the one on Elm Street", ELM),
        ("224 Elm Street", ELM),
        ("my new home in New York", ELM),
    ],
)
def test_words_point_at_an_address_we_know(words: str, meant: Address) -> None:
    assert read_address(words, (HOME, ELM)).address == meant.snapshot()


@pytest.mark.parametrize(
    "words", ["a different address", "my new home", "a new place in Denver", "same as order 5551234"]
)
def test_another_address_is_none_of_those_we_know(words: str) -> None:
    assert read_address(words, (HOME, ELM)).address is None


def test_several_addresses_that_fit_are_offered() -> None:
    found = read_address("the address of the other order", (HOME, ELM, OAK, OAK))
    assert (found.address, found.candidates) == (None, (ELM.snapshot(), OAK.snapshot()))


@pytest.mark.parametrize(
    "words",
    [
        "same as order #W1000002",
        "where the luggage set went",
        "use the one my luggage was sent to",
        "my new home, where the luggage set was sent",
    ],
)
def test_an_order_that_is_named_lends_its_address(words: str) -> None:
    orders = [
        order("#W1000001", ELM, "Tablet"),
        order("#W1000002", OAK, "Luggage Set"),
        order("#W1000003", HOME, "Mug"),
    ]
    known = addresses_known(words, [HOME], orders)
    assert read_address(words, known).address == OAK.snapshot()


def order(order_id: str, to: Address, item: str) -> Order:
    variant = Variant(id=item, product=Product(id=item, name=item))
    return Order(
        id=order_id,
        shipping_address=to.snapshot(),
        items=[OrderItem(name=item, variant=variant, variant_id=item, options={})],
    )
