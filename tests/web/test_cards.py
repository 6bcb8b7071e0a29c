"""The HTML of a conversation, read by a parser as a browser would: nothing from outside becomes a tag."""

from __future__ import annotations

from html.parser import HTMLParser
from typing import Any

from hypothesis import given
from hypothesis import strategies as st
from scripted_assistant import KEYBOARD, ORDER_CARD, REPLIES, product_card

from assistant.web.cards import cards_html, product_html, thread_html
from dialogues.messages import BotMessage, Button

TABLE_TAGS = {"table", "thead", "tbody", "tr", "th", "td"}
OUR_TAGS = {"div", "span", "button", "ul", "li", "img", "dl", "dt", "dd", "i", *TABLE_TAGS}


class Page(HTMLParser):
    """The tags, attributes and text of a piece of HTML."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.text = ""
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))

    def handle_data(self, data: str) -> None:
        self.text += data

    def values(self, attribute: str) -> list[str | None]:
        return [attributes[attribute] for _, attributes in self.tags if attribute in attributes]


def test_a_product_card_shows_what_a_shopper_decides_by() -> None:
    page = Page(product_html(product_card()))
    for shown in ("Tarnbeck Ridgeline Mid", "$109.00", "4.6 (312)", "In stock", "slate, plum", "5, 6, 7, 8 +1"):
        assert shown in page.text
    assert "Rated 4.6 out of 5 by 312 shoppers" in page.values("aria-label")
    assert page.values("src") == ["/media/products/ridgeline.svg"]


def test_tell_me_more_sends_a_payload_that_names_the_product() -> None:
    page = Page(product_html(product_card('The "Big" Lamp')))
    assert page.values("data-payload") == ['/product_details{"item": "The \\"Big\\" Lamp"}']
    assert page.values("data-title") == ['Tell me more about The "Big" Lamp']


def test_a_product_without_picture_rating_or_options_is_still_a_card() -> None:
    page = Page(product_html(product_card(image=None, rating=None, options={}, in_stock=False)))
    assert "Out of stock" in page.text
    assert not page.values("src")


def test_the_variants_that_were_asked_for_are_shown_with_their_own_prices() -> None:
    page = Page(product_html(KEYBOARD))
    assert "clicky, RGB$109.00" in page.text
    assert "clicky, whiteSold out" in page.text
    assert "linear" not in page.text


def test_the_brand_is_not_said_twice() -> None:
    assert "Hiking boots" in Page(product_html(product_card(category="Hiking boots"))).text
    assert "Tarnbeck" in Page(product_html(product_card("Ridgeline Mid", category="Hiking boots"))).text


def test_a_picture_of_another_host_is_not_shown() -> None:
    for image in (
        "//evil.example/x.png",
        "https://evil.example/x.png",
        "/\\evil.example/x.png",
        "javascript:alert(1)",
        7,
    ):
        assert not Page(product_html(product_card(image=image))).values("src")


def test_an_order_card_shows_number_status_items_and_total() -> None:
    page = Page(thread_html([("bot", BotMessage("", "utter_orders", {}, cards=(ORDER_CARD,)))]))
    for shown in (
        "Order #W2378156",
        "delivered",
        "November 3, 2026",
        "2 \u00d7",
        "Linen cushion",
        "blue, full size",
        "$182.40",
    ):
        assert shown in page.text


def test_quick_replies_stand_under_the_last_message_only() -> None:
    asking = BotMessage("Is that right?", "utter_ask", {}, buttons=(Button("Yes, it is", "/affirm"),))
    assert "/affirm" in Page(thread_html([("bot", asking)])).values("data-payload")
    assert not Page(thread_html([("bot", asking), ("user", "hm")])).values("data-payload")


def test_a_clicked_button_is_remembered_by_its_title() -> None:
    asking = BotMessage("Is that right?", "utter_ask", {}, buttons=(Button("Yes, it is", "/affirm"),))
    text = Page(thread_html([("bot", asking), ("user", "/affirm")])).text
    assert "Yes, it is" in text
    assert "/affirm" not in text


def test_a_hostile_catalogue_is_shown_as_the_text_that_it_is() -> None:
    page = Page(thread_html([("user", "<b>hi</b>"), ("bot", REPLIES["html"])]))
    assert {tag for tag, _ in page.tags} <= OUR_TAGS
    assert "<script>window.hacked=1</script>" in page.text
    assert not page.values("onerror")


@given(st.text(), st.text(), st.dictionaries(st.text(), st.lists(st.text(), max_size=6), max_size=3))
def test_no_text_from_outside_becomes_a_tag(text: str, name: str, options: dict[str, Any]) -> None:
    card = product_card(name, brand=text, price=text, options=options)
    message = BotMessage(text, "utter_x", {}, cards=(card,), buttons=(Button(text, name),))
    page = Page(thread_html([("user", name), ("bot", message)]))
    assert {tag for tag, _ in page.tags} <= OUR_TAGS
    assert {key for _, attributes in page.tags for key in attributes} <= {
        *("class", "style", "type", "role", "tabindex", "src", "alt", "loading", "width", "height"),
        *("aria-label", "aria-hidden", "data-payload", "data-title"),
    }


@given(st.text(), st.text(), st.text())
def test_whatever_a_table_holds_is_shown_as_text(title: str, name: str, value: str) -> None:
    card = {"kind": "table", "title": title, "columns": [name], "rows": [{"name": name, "values": [value]}]}
    page = Page(cards_html([card]))
    assert {tag for tag, _ in page.tags} <= OUR_TAGS
    assert {key for _, attributes in page.tags for key in attributes} <= {"class", "scope"}


def test_a_table_has_a_value_under_each_column() -> None:
    rows = [{"name": "price", "values": ["$89.00", "$109.00"]}]
    page = Page(cards_html([{"kind": "table", "title": "Comparison", "columns": ["Elm", "Oak"], "rows": rows}]))
    assert page.text == "ComparisonElmOakprice$89.00$109.00"
