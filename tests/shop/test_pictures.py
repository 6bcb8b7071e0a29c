"""Product pictures: well-formed, self-contained, the same every time, and safe whatever a product is called."""

from __future__ import annotations

import xml.etree.ElementTree as ElementTree

import pytest

from assistant.shop.catalogue import ShopProduct
from assistant.shop.pictures import FALLBACK, product_svg, silhouette

SVG = "{http://www.w3.org/2000/svg}"
DRAWN = {"svg", "title", "rect", "circle", "ellipse", "g", "text", "path"}


def picture(product: ShopProduct) -> str:
    entry = product.entry
    color = entry.options.get("color", [None])[0]
    return product_svg(entry.name, entry.brand, entry.category, product.department, color)


def test_every_picture_is_well_formed_and_refers_to_nothing_outside(catalogue: tuple[ShopProduct, ...]) -> None:
    for product in catalogue:
        svg = picture(product)
        for element in ElementTree.fromstring(svg).iter():
            assert element.tag.removeprefix(SVG) in DRAWN
            assert not any(name.endswith("href") or name.startswith("on") for name in element.attrib)
        assert "url(" not in svg
        assert svg.count("http") == 1  # the name of the SVG namespace


def test_every_category_has_a_drawing_of_its_own_kind(catalogue: tuple[ShopProduct, ...]) -> None:
    parcel = silhouette("", FALLBACK)
    assert {p.entry.category for p in catalogue if silhouette(p.entry.name, p.entry.category) == parcel} == set()
    assert len({silhouette(p.entry.name, p.entry.category).draw for p in catalogue}) >= 25


def test_a_picture_wears_the_colour_of_the_variant(catalogue: tuple[ShopProduct, ...]) -> None:
    black = product_svg("Boot", "Tarnbeck", "hiking boots", "Footwear", "black")
    rose = product_svg("Boot", "Tarnbeck", "hiking boots", "Footwear", "dusty rose")
    assert "#2d2f33" in black
    assert "#cf8490" in rose


def test_the_same_product_gives_the_same_bytes(catalogue: tuple[ShopProduct, ...]) -> None:
    assert [picture(product) for product in catalogue[:50]] == [picture(product) for product in catalogue[:50]]


@pytest.mark.parametrize("name", ['<script>alert("x")</script>', "Salt & Pepper's $m ${d} $$", "]]>", "Łódź 東京 🎒"])
def test_a_name_cannot_break_out_of_the_picture(name: str) -> None:
    root = ElementTree.fromstring(product_svg(name, name, name, name, name))
    assert root.findtext(f"{SVG}title") == name
    assert {element.tag.removeprefix(SVG) for element in root.iter()} <= DRAWN
