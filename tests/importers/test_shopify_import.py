"""Importing a Shopify product CSV: products by Handle, again without a change, and what is wrong told by row."""

from __future__ import annotations

import pytest
from feed_folder import FeedFolder
from sqlalchemy import event, select, text

from assistant.importers.decoding import BrokenFeed
from assistant.importers.feed_import import Form
from assistant.store import Cart, CartItem, Customer, Order, OrderItem, Product, SearchEntry, Variant

HEADER = (
    "Handle,Title,Body (HTML),Vendor,Product Category,Type,Tags,Published,Option1 Name,Option1 Value,Option2 Name,"
    "Option2 Value,Variant SKU,Variant Inventory Tracker,Variant Inventory Qty,Variant Inventory Policy,Variant Price,"
    "Variant Compare At Price,Image Src,Google Shopping / Gender,Sole (product.metafields.custom.sole),Status\n"
)
PLUM = (
    'dale,Dale Boot,"<p>Warm &amp; ""dry"".</p>\n<ul><li>480 g</li></ul>",Tarnbeck,Apparel > Shoes,Hiking Boots,'
    '"rain, winter",TRUE,Color,plum,Size,7,DALE-1,shopify,4,deny,109.00,129.00,a.jpg,female,rubber,active\n'
)
MOSS = "dale,,,,,,,,,moss,,7,DALE-2,shopify,0,deny,99.00,,,,,\n"
PICTURE = "dale,,,,,,,,,,,,,,,,,,b.jpg,,,\n"
MUG = "mug,Camp Mug,,Fenwater,,Mugs,,TRUE,Title,Default Title,,,MUG-1,,,,12.50,,,,,active\n"
BOTH = HEADER + PLUM + MOSS + PICTURE + MUG


def variants(feeds: FeedFolder, product: str = "dale") -> dict[str | None, Variant]:
    return {variant.sku: variant for variant in feeds.product(product).variants}


def test_the_rows_of_a_handle_are_one_product_with_its_variants(feeds: FeedFolder) -> None:
    result = feeds.imports("shopify", BOTH)
    assert str(result) == "2 products new, 0 changed, 0 unchanged, with 3 variants, from 4 rows; no problems."
    dale = feeds.product("dale")
    assert (dale.name, dale.brand, dale.category, dale.department) == (
        "Dale Boot",
        "Tarnbeck",
        "Hiking Boots",
        "Apparel",
    )
    assert (dale.audience, dale.tags, dale.attributes) == ("women", ["rain", "winter"], {"sole": "rubber"})
    assert dale.description == 'Warm & "dry".\n480 g'
    said = [(v.sku, list(v.options.items()), v.price_cents, v.stock, v.in_stock) for v in dale.variants]
    assert said == [
        ("DALE-1", [("color", "plum"), ("size", "7")], 10900, 4, True),
        ("DALE-2", [("color", "moss"), ("size", "7")], 9900, 0, False),
    ]
    (mug,) = feeds.product("mug").variants
    assert (mug.id, mug.options, mug.stock, mug.currency) == ("mug", {}, None, "USD")
    assert not feeds.report.exists()


def test_the_newer_column_names_are_known_as_well(feeds: FeedFolder) -> None:
    header = "Title,URL handle,Description,Option1 name,Option1 value,SKU,Price,Inventory quantity,Status\n"
    feeds.imports("shopify", f"{header}Dale Boot,dale,Warm.,Size,7,D-1,109,3,Active\n", currency="eur")
    (variant,) = feeds.product("dale").variants
    assert (variant.options, variant.price_cents, variant.currency, variant.stock) == ({"size": "7"}, 10900, "EUR", 3)


def test_a_second_import_writes_nothing(feeds_on_both: FeedFolder) -> None:
    feeds_on_both.imports("shopify", BOTH)
    statements: list[str] = []
    event.listen(feeds_on_both.database.engine, "before_cursor_execute", lambda *about: statements.append(about[2]))
    result = feeds_on_both.imports("shopify", BOTH)
    assert (result.counts.new, result.counts.changed, result.counts.unchanged) == (0, 0, 2)
    assert [statement for statement in statements if statement.startswith(("INSERT", "UPDATE", "DELETE"))] == []


def test_a_changed_price_changes_one_variant(feeds: FeedFolder) -> None:
    feeds.imports("shopify", BOTH)
    before = feeds.prices()
    updates: list[str] = []
    event.listen(feeds.database.engine, "before_cursor_execute", lambda *about: updates.append(about[2]))
    result = feeds.imports("shopify", BOTH.replace("12.50", "11.50"))
    assert (result.counts.changed, result.counts.unchanged) == (1, 1)
    assert feeds.prices() == before | {"mug": 1150}
    written = [statement for statement in updates if not statement.startswith(("SELECT", "BEGIN", "PRAGMA"))]
    assert [statement.split()[:2] for statement in written] == [["UPDATE", "variants"], ["UPDATE", "search_entries"]]
    with feeds.database.reading() as session:
        assert session.scalars(select(SearchEntry.lowest_cents).where(SearchEntry.product_id == "mug")).one() == 1150


def test_changed_products_can_be_found_by_their_new_words_only(feeds_on_both: FeedFolder) -> None:
    database = feeds_on_both.database
    query = {
        "sqlite": "SELECT product_id FROM product_search WHERE product_search MATCH :word",
        "postgresql": "SELECT product_id FROM product_search WHERE document @@ plainto_tsquery('english', :word)",
    }[database.engine.dialect.name]
    feeds_on_both.imports("shopify", BOTH)
    feeds_on_both.imports("shopify", BOTH.replace("Camp Mug", "Camp Beaker").replace(",moss,", ",rust,"))
    words = ["beaker", "rust", "mug", "dale", "plum"]
    with database.reading() as session:
        found = {word: list(session.scalars(text(query), {"word": word})) for word in words}
    assert found == {"beaker": ["mug"], "rust": ["dale"], "mug": ["mug"], "dale": ["dale"], "plum": ["dale"]}


def test_a_variant_that_has_gone_stays_for_its_order_and_cart_but_cannot_be_bought(feeds_on_both: FeedFolder) -> None:
    feeds_on_both.imports("shopify", BOTH)
    plum = variants(feeds_on_both)["DALE-1"].id
    with feeds_on_both.database.session() as session:
        session.add(Customer(id="mia", email="mia@example.com", first_name="Mia", last_name="G"))
        session.flush()
        item = OrderItem(variant_id=plum, name="Dale Boot", options={"color": "plum"}, price_cents=10900)
        session.add(Order(id="#W1", customer_id="mia", status="pending", shipping_address={}, items=[item]))
        session.add(Cart(items=[CartItem(variant_id=plum)]))
    without = HEADER + PLUM.replace(",plum,", ",slate,").replace("DALE-1", "DALE-3") + MOSS
    result = feeds_on_both.imports("shopify", without)
    assert (result.counts.gone, result.counts.changed) == (1, 1)
    assert str(result).startswith("0 products new, 1 changed, 0 unchanged, with 2 variants (1 more gone, unavail")
    assert plum not in feeds_on_both.prices() and plum in {row.id for row in feeds_on_both.product("dale").variants}
    with feeds_on_both.database.reading() as session:
        assert session.get_one(Order, "#W1").items[0].variant_id == plum

    feeds_on_both.imports("shopify", BOTH)
    assert feeds_on_both.prices()[plum] == 10900, "it is back"


def test_products_that_are_not_in_the_feed_are_left_alone(feeds: FeedFolder) -> None:
    with feeds.database.session() as session:
        own = [Variant(id="lamp-1", price_cents=900, sku="MUG-1")]
        session.add(Product(id="lamp", name="Lamp", variants=own))
    feeds.imports("shopify", BOTH)
    assert feeds.prices()["lamp-1"] == 900
    ((row, field, value, wrong, done),) = feeds.problems()
    assert (row, field, value, done) == ("5", "sku", "MUG-1", "field left out") and "product lamp" in wrong
    assert feeds.product("mug").variants[0].sku is None
    assert feeds.imports("shopify", BOTH).counts.unchanged == 2


@pytest.mark.parametrize(
    ("form", "both", "one"),
    [
        ("shopify", BOTH, HEADER + MUG),
        ("csv", "id,name,price\nmug,Mug,5\ncup,Cup,6\n", "id,name,price\nmug,Mug,5\n"),
        (
            "google",
            "id\ttitle\tprice\tavailability\nmug\tMug\t5 USD\tin stock\ncup\tCup\t6 USD\tin stock\n",
            "id\ttitle\tprice\tavailability\nmug\tMug\t5 USD\tin stock\n",
        ),
    ],
)
def test_a_full_feed_takes_off_sale_what_it_does_not_list_until_it_comes_back(
    feeds: FeedFolder, form: Form, both: str, one: str
) -> None:
    feeds.imports(form, both)
    before = feeds.prices()
    assert feeds.imports(form, one).missing is None and feeds.prices() == before, "not a full one"
    result = feeds.imports(form, one, full=True)
    assert "1 product not in the feed taken off sale" in str(result)
    left = feeds.prices()
    assert 0 < len(left) < len(before)
    assert "0 products not in the feed" in str(feeds.imports(form, one, full=True))
    feeds.imports(form, both)
    assert feeds.prices() == before


def test_a_row_that_cannot_be_read_takes_nothing_off_sale(feeds: FeedFolder) -> None:
    feeds.imports("csv", "id,name,price\nmug,Mug,5\ncup,Cup,6\n")
    before = feeds.prices()
    assert "0 products" in str(feeds.imports("csv", "id,name,price\nmug,Mug,5\ncup,Cup,-6\n", full=True))
    result = feeds.imports("csv", "id,name,price\nmug,Mug,5\n,Cup,6\n", full=True)
    assert "nothing taken off sale, since 1 row does not say of which product" in str(result)
    assert feeds.prices() == before


def test_what_the_feed_has_no_column_for_stays_as_it_was(feeds: FeedFolder) -> None:
    feeds.imports("shopify", BOTH)
    feeds.imports("shopify", "Handle,Title,Option1 Value,Variant Price\nmug,Camp Mug,Default Title,9\n")
    mug = feeds.product("mug")
    assert (mug.brand, mug.variants[0].sku, mug.variants[0].price_cents) == ("Fenwater", "MUG-1", 900)


def test_skus_may_change_places(feeds_on_both: FeedFolder) -> None:
    feeds_on_both.imports("shopify", BOTH)
    swapped = BOTH.replace("DALE-1", "X").replace("MUG-1", "DALE-1").replace("X,shop", "MUG-1,shop")
    result = feeds_on_both.imports("shopify", swapped)
    assert (result.problems, feeds_on_both.product("mug").variants[0].sku) == (0, "DALE-1")
    assert set(variants(feeds_on_both)) == {"MUG-1", "DALE-2"}


def test_a_draft_cannot_be_bought(feeds: FeedFolder) -> None:
    feeds.imports("shopify", BOTH.replace("rubber,active", "rubber,draft"))
    assert feeds.prices() == {"mug": 1250}


def test_rows_of_a_product_need_not_stand_together(feeds: FeedFolder) -> None:
    feeds.imports("shopify", HEADER + PLUM + MUG + MOSS)
    assert list(variants(feeds)) == ["DALE-1", "DALE-2"]
    assert variants(feeds)["DALE-2"].options == {"color": "moss", "size": "7"}


@pytest.mark.parametrize(
    ("row", "field", "value", "wrong"),
    [
        (MOSS.replace("99.00", "-99.00"), "variant price", "'-99.00", "is below zero"),
        (MOSS.replace("99.00", "call us"), "variant price", "call us", "is not a price"),
        (MOSS.replace("99.00", ""), "variant price", "DALE-2", "the row has no price"),
        (MOSS.replace("moss", "plum"), "id", "", "stands in row 2 already"),
        (MOSS.replace("dale", ""), "handle", "", "the row has no Handle"),
        (MOSS.replace("99.00", "99,00 kr"), "row", "", "the row has 23 cells and the header 22"),
    ],
)
def test_a_bad_row_is_skipped_and_reported_and_the_rest_is_kept(
    feeds: FeedFolder, row: str, field: str, value: str, wrong: str
) -> None:
    result = feeds.imports("shopify", HEADER + PLUM + row + MUG)
    (problem,) = feeds.problems()
    assert problem[:2] == ("3", field) and problem[3].startswith(wrong) and problem[4] == "row skipped"
    assert not value or problem[2] == value
    assert (result.problems, sorted(variants(feeds))) == (1, ["DALE-1"])
    assert str(result).endswith(f"1 problem, listed in {feeds.report}.")
    assert "mug" in feeds.prices()


def test_a_variant_whose_row_is_broken_this_time_has_not_gone(feeds: FeedFolder) -> None:
    feeds.imports("shopify", BOTH)
    before = feeds.prices()
    feeds.imports("shopify", BOTH.replace("109.00", "-1"))
    assert feeds.prices() == before


def test_oversold_stock_counts_as_none_unless_it_sells_on(feeds: FeedFolder) -> None:
    feeds.imports("shopify", BOTH.replace("4,deny", "-2,deny").replace(",0,deny", ",0,continue"))
    assert {sku: row.stock for sku, row in variants(feeds).items()} == {"DALE-1": 0, "DALE-2": None}
    assert feeds.problems() == [("2", "variant inventory qty", "'-2", "is below zero", "counted as 0")]


def test_a_description_of_pictures_only_is_left_out(feeds: FeedFolder) -> None:
    feeds.imports("shopify", f"{HEADER}{MUG.replace('Mug,,', 'Mug,<p><img src=x.png></p>,')}")
    assert feeds.product("mug").description is None
    assert feeds.problems() == [
        ("2", "body (html)", "<p><img src=x.png></p>", "is HTML without any text", "field left out")
    ]


def test_a_name_of_5000_letters_is_cut_and_told(feeds_on_both: FeedFolder) -> None:
    name = "".join(f"{number:04} " for number in range(1000))[:4999] + "."
    feeds_on_both.imports("shopify", HEADER + MUG.replace("Camp Mug", name))
    assert feeds_on_both.product("mug").name == name[:255].rstrip()
    ((_, field, value, wrong, done),) = feeds_on_both.problems()
    assert (field, len(value), wrong, done) == ("title", 80, "has 5,000 characters", "cut to 255")


def test_a_file_with_other_columns_is_refused(feeds: FeedFolder) -> None:
    with pytest.raises(BrokenFeed, match="aisle import csv"):
        feeds.imports("shopify", "id,title\n1,Mug\n")
