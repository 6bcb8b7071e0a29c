"""Importing any shop's CSV by a column map, or without one where its columns have our names."""

from __future__ import annotations

import re
from collections.abc import Callable
from itertools import count
from pathlib import Path
from typing import Any

import pytest
from feed_folder import FeedFolder

from assistant.cli import main
from assistant.importers.decoding import BrokenFeed
from assistant.importers.feed_import import UnknownCurrency
from assistant.importers.generic_csv import BrokenColumnMap, read_column_map
from assistant.importers.report import ReportInTheWay
from assistant.store import reindex_products

MAP = """
product_id: Artikelgruppe
id: Artikelnummer
name: Bezeichnung
price: Preis
sale_price: Aktionspreis
category: Kategorie
stock: Bestand
rating: Sterne
options: {color: Farbe, size: Größe}
attributes: {waterproof: Wasserdicht}
"""
GERMAN = (
    "Artikelgruppe;Artikelnummer;Bezeichnung;Preis;Aktionspreis;Kategorie;Bestand;Sterne;Farbe;Größe;Wasserdicht\n"
    "dale;1;Dale Stiefel;1.109,00 €;;Schuhe > Stiefel;4;4,5;pflaume;42;ja\n"
    "dale;2;Dale Stiefel;1.109,00 €;999,50;Schuhe > Stiefel;0;4,5;moos;43;ja\n"
)


def test_a_column_map_says_which_column_is_what(feeds: FeedFolder) -> None:
    feeds.imports("csv", GERMAN, columns=MAP, currency="EUR")
    dale = feeds.product("dale")
    assert (dale.name, dale.category, dale.department, dale.rating) == ("Dale Stiefel", "Stiefel", "Schuhe", 4.5)
    assert dale.attributes == {"waterproof": "ja"}
    said = [(row.id, list(row.options.items()), row.price_cents, row.currency, row.stock) for row in dale.variants]
    assert said == [
        ("1", [("color", "pflaume"), ("size", "42")], 110900, "EUR", 4),
        ("2", [("color", "moos"), ("size", "43")], 99950, "EUR", 0),
    ]
    assert (feeds.imports("csv", GERMAN, columns=MAP, currency="EUR").counts.unchanged, feeds.problems()) == (1, [])


def test_no_map_is_needed_where_the_columns_have_our_names(feeds: FeedFolder) -> None:
    feeds.imports(
        "csv",
        "product_id,name,price,currency,tags,color,option:width,attribute:sole,available\n"
        'dale,Dale Boot,109,GBP,"rain, winter",plum,wide,rubber,yes\ndale,Dale Boot,109,GBP,,moss,wide,,no\n',
    )
    dale = feeds.product("dale")
    assert (dale.tags, dale.attributes) == (["rain", "winter"], {"sole": "rubber"})
    said = [(row.options, row.currency, row.available) for row in dale.variants]
    assert said == [
        ({"width": "wide", "color": "plum"}, "GBP", True),
        ({"width": "wide", "color": "moss"}, "GBP", False),
    ]
    assert len({row.id for row in dale.variants}) == 2


def test_the_map_in_the_documentation_can_be_used(tmp_path: Path) -> None:
    page = Path(__file__).parents[2] / "docs" / "import.md"
    (example,) = re.findall(r"```yaml\n(.*?)```", page.read_text("utf-8"), re.DOTALL)
    (tmp_path / "map.yml").write_text(example, "utf-8")
    assert read_column_map(tmp_path / "map.yml").options == {"color": "Farbe", "size": "Größe"}


def test_a_currency_that_is_not_known_skips_the_row(feeds: FeedFolder) -> None:
    feeds.imports("csv", "id,name,price,currency\n1,Mug,5,XXL\n2,Cup,5,EUR\n")
    assert feeds.prices() == {"2": 500}
    assert feeds.problems() == [("2", "currency", "XXL", "XXL is not a currency known here", "row skipped")]


def test_ids_that_stand_twice_are_taken_once(feeds: FeedFolder) -> None:
    feeds.imports("csv", "id,name,price,sku\n1,Mug,5,A\n1,Mug,6,B\n2,Cup,7,A\n")
    assert feeds.prices() == {"1": 500, "2": 700}
    assert [problem[:2] + problem[3:] for problem in feeds.problems()] == [
        ("3", "id", "stands in row 2 already", "row skipped"),
        ("4", "sku", "stands in row 2 already", "field left out"),
    ]


def test_a_product_without_a_name_or_a_price_is_reported(feeds: FeedFolder) -> None:
    result = feeds.imports("csv", "id,name,price\n1,,5\n2,Cup,\n3,Jug,5\n")
    assert [(row, field) for row, field, *_ in feeds.problems()] == [("3", "price"), ("2", "name")]
    assert (feeds.prices(), result.rows) == ({"3": 500}, 3)


def test_text_is_plain_and_has_no_controls(feeds_on_both: FeedFolder) -> None:
    feeds_on_both.imports("csv", "id,name,description,price\n1,Salt &amp; Pepper\0 <b>Mill</b>,a < b &lt;3,5\n")
    product = feeds_on_both.product("1")
    assert (product.name, product.description) == ("Salt & Pepper Mill", "a < b <3")


def test_formulas_in_a_report_are_only_text(feeds: FeedFolder) -> None:
    formulas = ['=HYPERLINK("http://x.test")', "+1+1", "-2+3", "@SUM(A1)", "\uff1d1"]
    rows = "".join(
        f'{number},Mug,"{formula.replace(chr(34), chr(34) * 2)}"\n' for number, formula in enumerate(formulas)
    )
    feeds.imports("csv", f"id,name,price\n{rows}9,Cup,5\n")
    assert [value for _, _, value, _, _ in feeds.problems()] == [f"'{formula}" for formula in formulas]


@pytest.mark.parametrize(
    ("columns", "message"),
    [
        ("name: Bezeichnung\n", "price: Field required"),
        ("name: a\nprice: b\ncolour: c\n", "colour: Extra inputs are not permitted"),
        ("name: [", "not YAML"),
        ("", "is no column map"),
    ],
)
def test_a_column_map_that_does_not_hold_is_refused(feeds: FeedFolder, columns: str, message: str) -> None:
    with pytest.raises(BrokenColumnMap, match=message):
        feeds.imports("csv", GERMAN, columns=columns)


def test_a_file_without_the_columns_of_the_map_is_refused_with_those_it_has(feeds: FeedFolder) -> None:
    with pytest.raises(BrokenFeed, match=r"has no column Artikelgruppe.*Its columns are: id, name"):
        feeds.imports("csv", "id,name\n1,Mug\n", columns=MAP)
    with pytest.raises(BrokenFeed, match=r"no column price.*--columns"):
        feeds.imports("csv", "id,name\n1,Mug\n")


def test_an_unknown_currency_is_refused(feeds: FeedFolder) -> None:
    with pytest.raises(UnknownCurrency, match="ISO code"):
        feeds.imports("csv", "id,name,price\n1,Mug,5\n", currency="EURO")


def test_a_report_goes_when_its_problems_have_and_never_replaces_another_file(feeds: FeedFolder) -> None:
    feeds.imports("csv", "id,name,price\n1,Mug,5\n2,Cup,-5\n")
    assert feeds.report.exists()
    feeds.imports("csv", "id,name,price\n1,Mug,5\n2,Cup,5\n")
    assert not feeds.report.exists()
    with pytest.raises(ReportInTheWay, match="--report"):
        feeds.imports("csv", "id,name,price\n1,Mug,5\n", report=feeds.folder / "feed")


def test_a_run_that_is_cut_can_be_run_again(feeds: FeedFolder, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("assistant.importers.feed_import.PRODUCTS_AT_ONCE", 2)
    content = "id,name,price\n" + "".join(f"{number},Mug {number},5\n" for number in range(7))
    with monkeypatch.context() as cut:
        cut.setattr("assistant.importers.upsert.reindex_products", cut_at(3))
        with pytest.raises(ConnectionError):
            feeds.imports("csv", content)
    assert len(feeds.prices()) == 4
    counts = feeds.imports("csv", content).counts
    assert (counts.new, counts.unchanged, len(feeds.prices())) == (3, 4, 7)


def cut_at(call: int) -> Callable[..., None]:
    """The indexing of a batch, which fails at this call."""
    calls = count(1)

    def reindex_or_fail(*arguments: Any, **named: Any) -> None:
        if next(calls) == call:
            raise ConnectionError
        reindex_products(*arguments, **named)

    return reindex_or_fail


def test_the_command_prints_one_sentence_and_refuses_options_of_another_form(
    feeds: FeedFolder, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("AISLE_DATABASE_URL", feeds.database.url.render_as_string(hide_password=False))
    feed, report = feeds.folder / "items.csv", feeds.folder / "wrong.csv"
    feed.write_text("id,name,price\n1,Mug,5\n2,Cup,-5\n", "utf-8")
    assert main(["import", "csv", str(feed), "--currency", "EUR", "--report", str(report)]) == 0
    shown = capsys.readouterr()
    assert shown.out == (
        f"1 product new, 0 changed, 0 unchanged, with 1 variant, from 2 rows; 1 problem, listed in {report}.\n"
    )
    assert "reading" in shown.err and report.exists()
    assert main(["import", "google", str(feed)]) == 1
    assert "has no column title" in capsys.readouterr().err
    with pytest.raises(SystemExit) as wrong_usage:
        main(["import", "shopify", str(feed), "--columns", "map.yml"])
    assert wrong_usage.value.code == 2
