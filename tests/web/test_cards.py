"""The HTML of a conversation, read by a parser as a browser would: nothing from outside becomes a tag."""

from __future__ import annotations

from html.parser import HTMLParser
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from scripted_assistant import COMPARISON, KEYBOARD, ORDER_CARD, REPLIES, product_card

from assistant.cart_panel import CartPanel, PanelLine
from assistant.presentation import money
from assistant.store import ORDER_STATUSES
from assistant.web.buttons import title_of
from assistant.web.cards import cards_html, thread_html
from assistant.web.order_cards import PROGRESS, order_html
from assistant.web.product_cards import product_html
from assistant.web.quantity import quantity_html
from assistant.web.shell import panel_html
from dialogues.messages import BotMessage, Button

TABLE_TAGS = {"table", "thead", "tbody", "tr", "th", "td"}
OUR_TAGS = {"div", "span", "button", "ul", "ol", "li", "img", "dl", "dt", "dd", "i", "p", "svg", "path", "output"}
OUR_TAGS |= TABLE_TAGS
OUR_ATTRIBUTES = {
    *("class", "style", "type", "role", "tabindex", "src", "alt", "loading", "width", "height", "dir", "scope"),
    *("aria-label", "aria-hidden", "aria-live", "aria-pressed", "aria-current", "viewbox", "d"),
    *("data-payload", "data-title", "data-turn", "data-thumb", "data-count"),
    *("data-step", "data-item", "data-quantity", "data-most", "data-adds", "data-removes", "aria-disabled"),
}


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


def test_the_buttons_of_a_card_send_payloads_that_name_the_product() -> None:
    page = Page(product_html(product_card('The "Big" Lamp')))
    assert page.values("data-payload") == [
        '/add_to_cart{"item": "The \\"Big\\" Lamp"}',
        '/product_details{"item": "The \\"Big\\" Lamp"}',
    ]
    assert page.values("data-title") == ['Add The "Big" Lamp to my cart', 'Tell me more about The "Big" Lamp']
    assert page.values("aria-label")[-1] == 'Details: The "Big" Lamp'


def test_what_is_sold_out_leads_to_similar_products() -> None:
    page = Page(product_html(product_card("Lamp", in_stock=False)))
    assert page.values("data-payload") == ['/find_similar{"item": "Lamp"}', '/product_details{"item": "Lamp"}']


def test_each_variant_that_can_be_had_is_added_by_its_own_button_and_a_lone_one_by_the_cards() -> None:
    adding = '/add_to_cart{"item": "Mechanical Keyboard (clicky, RGB)"}'
    assert Page(product_html(KEYBOARD)).values("data-payload")[0] == adding
    lone = product_card("Mechanical Keyboard", variants=KEYBOARD["variants"][:1])
    assert [button for button in Page(product_html(lone)).values("data-payload") if "add" in str(button)] == [adding]


def test_a_product_without_picture_rating_or_options_is_still_a_card() -> None:
    page = Page(product_html(product_card(image=None, rating=None, options={}, in_stock=False)))
    assert "Out of stock" in page.text
    assert not page.values("src")


def test_the_variants_that_were_asked_for_are_shown_with_their_own_prices() -> None:
    page = Page(product_html(KEYBOARD))
    assert "clicky, RGB$109.00Add" in page.text
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


def test_an_order_shows_how_far_it_has_come() -> None:
    def way(status: str) -> tuple[list[str], list[str | None]]:
        page = Page(order_html({**ORDER_CARD, "status": status, "items": ()}))
        steps = [attributes.get("class") for tag, attributes in page.tags if tag == "li"][1:]
        return [str(step) for step in steps], page.values("data-payload")

    assert way("pending") == (["done now", "None", "None", "None"], ['/cancel_order{"order_id": "#W2378156"}'])
    assert way("shipped") == (["done", "done", "done now", "None"], [])
    assert way("delivered") == (["done", "done", "done", "done now"], ['/return_items{"order_id": "#W2378156"}'])
    assert way("cancelled") == (["done", "done now"], [])
    assert way("return requested") == (["done", "done now", "None"], [])
    assert way("lost at sea") == ([], [])


def test_every_status_of_an_order_has_a_way_to_show() -> None:
    shown_as_pending = {"pending (item modified)"}  # presentation.order_status
    assert set(ORDER_STATUSES) - shown_as_pending == set(PROGRESS)


def test_a_cart_line_shows_the_stores_numbers_and_can_be_taken_out() -> None:
    line = PanelLine("Mug (blue)", "Mug", "blue", 2, "$20.00", "/media/products/mug.svg", True)
    page = Page(panel_html(CartPanel((line,), 2, "$20.00")))
    assert "Mug" in page.text and "Total$20.00" in page.text and page.values("data-quantity") == ["2"]
    assert page.values("data-payload") == ['/remove_from_cart{"item": "Mug (blue)"}', "/checkout"]
    assert page.values("data-count") == ["2"]
    assert "empty" in Page(panel_html(CartPanel())).text


def test_no_step_leads_below_one_piece_or_over_what_can_be_bought() -> None:
    def steps(quantity: int, most: int) -> list[str]:
        page = Page(quantity_html(PanelLine("Mug (blue)", "Mug", "blue", quantity, "", "", True, most)))
        return [str(told["data-step"]) for tag, told in page.tags if tag == "button" and "aria-disabled" not in told]

    assert (steps(1, 9), steps(2, 9), steps(9, 9), steps(1, 1), steps(3, 0)) == (
        ["1"], ["-1", "1"], ["-1"], [], ["-1"],
    )  # fmt: skip


def test_a_number_of_pieces_is_read_back_as_the_shopper_was_shown_it() -> None:
    page = Page(quantity_html(PanelLine("Mug {blue}", "Mug", "", 2, "", "", True)))
    (shown,) = page.values("data-adds")
    assert str(shown).replace("{quantity}", "3", 1) == title_of('/add_to_cart{"item": "Mug {blue}", "quantity": 3}')
    assert title_of('/remove_from_cart{"item":"Mug","quantity":1}') == "Take 1 Mug out of my cart"


def test_what_is_compared_can_be_bought_below_its_column() -> None:
    page = Page(cards_html([COMPARISON]))
    assert page.values("data-payload") == [
        '/add_to_cart{"item": "Tarnbeck Ridgeline Mid"}',
        '/add_to_cart{"item": "Fellhook Drift Low"}',
        '/find_similar{"item": "Moorgate Otter"}',
    ]
    assert not Page(cards_html([COMPARISON | {"in_stock": []}])).values("data-payload")


def test_each_complete_reply_has_thumbs_that_show_what_was_pressed() -> None:
    hello, well = BotMessage("Hello.", "utter_greet"), BotMessage("Well.", "utter_x")
    talk = [("bot", hello), ("user", "hi"), ("bot", hello), ("bot", well), ("user", "and?"), ("bot", well)]
    page = Page(thread_html(talk, thumbs={1: "down"}))
    assert page.values("data-turn") == ["1", "2"]
    assert page.values("aria-pressed") == ["false", "true", "false", "false"]
    assert Page(thread_html(talk, with_buttons=False, thumbs={})).values("data-turn") == ["1"]  # 2 is being written
    assert Page(thread_html(talk[4:], thumbs={}, turns_before=7)).values("data-turn") == ["8"]
    assert not Page(thread_html(talk)).values("data-turn")


def test_what_the_page_itself_sends_is_read_as_a_sentence() -> None:
    said = ['/remove_from_cart{"item": "Mug (blue)"}', "/human_handoff", "/etc/passwd", '/checkout{"item', "/"]
    text = Page(thread_html([("user", one) for one in said])).text
    assert "Take Mug (blue) out of my cart" in text
    assert "I'd like to talk to a person" in text
    for odd in ("/etc/passwd", '/checkout{"item'):
        assert odd in text


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
    line = PanelLine(name, name, text, 1, text, text, in_stock=False)
    thread = thread_html([("user", name), ("bot", message)], thumbs={1: text})
    page = Page(thread + panel_html(CartPanel((line,), 1, text)))
    assert {tag for tag, _ in page.tags} <= OUR_TAGS
    assert {key for _, attributes in page.tags for key in attributes} <= OUR_ATTRIBUTES


@given(st.text(), st.text(), st.text())
def test_whatever_a_table_holds_is_shown_as_text(title: str, name: str, value: str) -> None:
    card = {"kind": "table", "title": title, "columns": [name], "rows": [{"name": name, "values": [value]}]}
    page = Page(cards_html([card]))
    assert {tag for tag, _ in page.tags} <= OUR_TAGS
    assert {key for _, attributes in page.tags for key in attributes} <= OUR_ATTRIBUTES


def test_a_table_has_a_value_under_each_column() -> None:
    rows = [{"name": "price", "values": ["$89.00", "$109.00"]}]
    page = Page(cards_html([{"kind": "table", "title": "Comparison", "columns": ["Elm", "Oak"], "rows": rows}]))
    assert page.text == "ComparisonElmOakprice$89.00$109.00"


@pytest.mark.parametrize(
    ("name", "value", "classes"),
    [
        ("Total", money(108_900), ["sum", "amount"]),
        ("Refunded to your Visa card", money(-108_900), ["amount"]),
        ("2 x Harbor Mug", money(995, "EUR"), ["amount"]),
        ("Shipping", money(108_900, "SEK"), ["amount"]),
        ("Placed", "November 3, 2026", []),
        ("Shipped to", "1 Elm, Denver, CO 19122", []),
        ("Total", "unknown", []),
    ],
)
def test_an_amount_that_stands_alone_in_its_row_stands_at_the_end_of_the_line(
    name: str, value: str, classes: list[str]
) -> None:
    row = {"name": name, "values": [value]}
    page = Page(cards_html([{"kind": "table", "title": "Your cart", "columns": [], "rows": [row]}]))
    assert [one for one in page.values("class") if one in ("sum", "amount")] == classes
    both = {"kind": "table", "title": "Two", "columns": ["a", "b"], "rows": [{"name": name, "values": [value, value]}]}
    assert not {"sum", "amount"} & set(Page(cards_html([both])).values("class"))
