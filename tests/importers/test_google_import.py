"""Importing a Google Merchant feed, as TSV and as XML in RSS and in Atom."""

from __future__ import annotations

import pytest
from feed_folder import FeedFolder

from assistant.importers.decoding import BrokenFeed

COLUMNS = (
    "id item_group_id title description price sale_price availability color size material product_type brand gender"
)
ROWS = [
    "D1 dale Dale_Boot,_plum Warm. 109.00_USD - in_stock plum 7 nubuck Shoes_>_Boots Tarnbeck female",
    "D2 dale Dale_Boot,_moss Warm. 109.00_USD 99.00_USD out_of_stock moss 7 nubuck Shoes_>_Boots Tarnbeck female",
    "MUG - Camp_Mug Tin. 12.50_USD - preorder blue - tin 4921 Fenwater unisex",
]


def tsv(*rows: str, columns: str = COLUMNS) -> str:
    """Rows with a space between cells, "_" for a space inside one and "-" for an empty one."""
    cells = (["" if cell == "-" else cell.replace("_", " ") for cell in row.split(" ")] for row in rows)
    return "\n".join("\t".join(row) for row in (columns.split(), *cells))


def rss(*items: str, head: str = '<?xml version="1.0"?>') -> str:
    listed = "".join(f"<item>{item}</item>" for item in items)
    return f'{head}<rss xmlns:g="http://base.google.com/ns/1.0"><channel><title>Shop</title>{listed}</channel></rss>'


MUG = (
    "<title>Camp Mug</title><g:id>MUG</g:id><g:price>12.50 EUR</g:price><g:availability>in_stock</g:availability>"
    "<description>&lt;p&gt;Tin &amp;amp; light.&lt;/p&gt;</description>"
    "<g:shipping><g:country>US</g:country><g:price>4.95 EUR</g:price></g:shipping>"
)


def test_items_of_a_group_are_one_product_and_what_varies_is_an_option(feeds: FeedFolder) -> None:
    result = feeds.imports("google", tsv(*ROWS))
    assert str(result) == "2 products new, 0 changed, 0 unchanged, with 3 variants, from 3 rows; no problems."
    dale = feeds.product("dale")
    assert (dale.name, dale.brand, dale.category, dale.department) == ("Dale Boot", "Tarnbeck", "Boots", "Shoes")
    assert (dale.audience, dale.attributes) == ("women", {"size": "7", "material": "nubuck"})
    said = [(row.id, row.options, row.price_cents, row.in_stock) for row in dale.variants]
    assert said == [("D1", {"color": "plum"}, 10900, True), ("D2", {"color": "moss"}, 9900, False)]
    mug = feeds.product("MUG")
    assert (mug.category, mug.attributes, mug.audience) == (None, {"color": "blue", "material": "tin"}, "unisex")
    assert feeds.prices()["MUG"] == 1250


def test_a_second_import_changes_nothing_and_a_new_price_one_product(feeds: FeedFolder) -> None:
    feeds.imports("google", tsv(*ROWS))
    assert feeds.imports("google", tsv(*ROWS)).counts.unchanged == 2
    counts = feeds.imports("google", tsv(*ROWS).replace("12.50", "13.00")).counts
    assert (counts.changed, counts.unchanged, feeds.prices()["MUG"]) == (1, 1, 1300)


@pytest.mark.parametrize(
    ("dates", "cents"),
    [
        ("", 800),
        ("2020-01-01T00:00-0800/2999-12-31T00:00-0800", 800),
        ("2020-01-01/2999-12-31", 800),
        ("2020-01-01T00:00-0800/2021-01-01T00:00-0800", 1000),
        ("soon", 1000),
    ],
)
def test_a_sale_price_counts_while_the_sale_lasts(feeds: FeedFolder, dates: str, cents: int) -> None:
    columns = "id\ttitle\tprice\tsale price\tsale_price_effective_date\n"
    result = feeds.imports("google", f"{columns}MUG\tMug\t10.00 USD\t8.00 USD\t{dates}\n")
    assert (feeds.prices(), result.problems) == ({"MUG": cents}, int(dates == "soon"))


@pytest.mark.parametrize(
    ("sale", "wrong"), [("-8", "below zero"), ("12", "above"), ("8 EUR", "currency"), ("x", "not a")]
)
def test_a_sale_price_that_does_not_hold_is_left_out(feeds: FeedFolder, sale: str, wrong: str) -> None:
    feeds.imports("google", f"id\ttitle\tprice\tsale_price\nMUG\tMug\t10.00 USD\t{sale}\n")
    ((row, field, _, said, done),) = feeds.problems()
    assert (row, field, done) == ("2", "sale_price", "field left out") and wrong in said
    assert feeds.prices() == {"MUG": 1000}


def test_an_rss_feed_is_told_from_a_table_by_its_content(feeds: FeedFolder) -> None:
    feeds.imports("google", rss(MUG, MUG.replace("MUG", "MUG2")))
    mug = feeds.product("MUG")
    assert (mug.name, mug.description, mug.variants[0].currency) == ("Camp Mug", "Tin & light.", "EUR")
    assert feeds.prices() == {"MUG": 1250, "MUG2": 1250}, "and not the price of shipping"


def test_an_atom_feed_is_read_too(feeds: FeedFolder) -> None:
    feeds.imports(
        "google",
        '<feed xmlns="http://www.w3.org/2005/Atom" xmlns:g="http://base.google.com/ns/1.0"><title>Shop</title><entry>'
        "<id>tag:shop,1</id><g:id>MUG</g:id><title>Camp Mug</title><g:price>5 USD</g:price>"
        '<content type="xhtml"><div><p>Tin.</p><p>Light.</p></div></content></entry></feed>',
    )
    assert (feeds.product("MUG").description, feeds.prices()) == ("Tin.\nLight.", {"MUG": 500})


def test_an_xml_item_that_does_not_hold_is_reported_by_its_number(feeds: FeedFolder) -> None:
    feeds.imports("google", rss(MUG, MUG.replace("12.50", "-12.50"), MUG.replace("<g:id>MUG</g:id>", "")))
    assert [(row, field, wrong) for row, field, _, wrong, _ in feeds.problems()] == [
        ("2", "price", "is below zero"),
        ("3", "id", "the row has no id"),
    ]


BOMB = '<!DOCTYPE rss [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;">]>'
FILE = '<!DOCTYPE rss [<!ENTITY a SYSTEM "file:///etc/hostname">]>'


@pytest.mark.parametrize("declared", [BOMB, FILE])
def test_a_feed_that_declares_entities_is_refused(feeds: FeedFolder, declared: str) -> None:
    with pytest.raises(BrokenFeed, match="declares XML entities"):
        feeds.imports("google", rss(MUG.replace("Camp", "&a;"), head=declared))
    assert feeds.prices() == {}


def test_a_feed_that_breaks_off_is_refused_whole(feeds: FeedFolder) -> None:
    feeds.imports("google", rss(MUG))
    with pytest.raises(BrokenFeed, match=r"line 1, column \d+: .*Nothing was imported"):
        feeds.imports("google", rss(MUG.replace("12.50", "10.00"), MUG)[:-60])
    assert feeds.prices() == {"MUG": 1250}


def test_broken_letters_in_xml_cost_letters_and_not_the_file(feeds: FeedFolder) -> None:
    content = rss(MUG.replace("Camp", "Café Zoë")).encode().replace("ë".encode(), b"\xeb\x01")
    feeds.imports("google", content)
    assert feeds.product("MUG").name == "Café Zo\ufffd\ufffd Mug"
    assert [(row, field) for row, field, *_ in feeds.problems()] == [("1", "title")]


def test_an_xml_declaration_tells_the_encoding(feeds: FeedFolder) -> None:
    head = '<?xml version="1.0" encoding="ISO-8859-1"?>'
    feeds.imports("google", rss(MUG.replace("Camp", "Café"), head=head).encode("latin-1"))
    assert (feeds.product("MUG").name, feeds.problems()) == ("Café Mug", [])


def test_two_variants_that_nothing_tells_apart_are_kept_and_reported(feeds: FeedFolder) -> None:
    feeds.imports("google", tsv(ROWS[0], ROWS[0].replace("D1", "D3")))
    ((row, field, _, wrong, done),) = feeds.problems()
    assert (row, field, done) == ("3", "options", "kept") and "row 2" in wrong
    assert set(feeds.prices()) == {"D1", "D3"}


def test_a_variant_may_move_to_another_group_of_the_feed(feeds_on_both: FeedFolder) -> None:
    feeds_on_both.imports("google", tsv(*ROWS))
    moved = [ROWS[0], ROWS[1].replace("dale", "MUG"), ROWS[2]]
    result = feeds_on_both.imports("google", tsv(*moved))
    assert (result.counts.changed, result.counts.gone) == (2, 0)
    assert [row.id for row in feeds_on_both.product("dale").variants] == ["D1"]
    assert sorted(row.id for row in feeds_on_both.product("MUG").variants) == ["D2", "MUG"]
    assert feeds_on_both.imports("google", tsv(*moved)).counts.unchanged == 2


def test_a_variant_of_a_product_that_is_not_in_the_feed_is_not_taken(feeds: FeedFolder) -> None:
    feeds.imports("google", tsv(*ROWS))
    feeds.imports("google", tsv(ROWS[0].replace("dale", "other"), ROWS[2]))
    ((row, field, value, wrong, done),) = feeds.problems()
    assert (row, field, value, done) == ("2", "id", "D1", "row skipped") and "product dale" in wrong
    assert [row.id for row in feeds.product("dale").variants] == ["D1", "D2"]


def test_a_table_without_googles_columns_is_refused(feeds: FeedFolder) -> None:
    with pytest.raises(BrokenFeed, match="has no column id, price"):
        feeds.imports("google", "sku\ttitle\n1\tMug\n")
