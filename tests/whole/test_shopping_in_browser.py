"""The whole way of a shopper through the chat page, with the real assistant and shop, on a phone and a desktop."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from types import SimpleNamespace

import pytest
from browser import DESKTOP, PHONE, Shopper, launched, opening
from serving import serving
from sqlalchemy import select

from assistant.actions.base import Shop
from assistant.server import pictures
from assistant.settings import Settings
from assistant.store import Customer, Order
from assistant.turns import Assistant
from assistant.web.app import create_app


@pytest.fixture(scope="module")
def address(assistant: Assistant, demo_shop: Shop) -> Iterator[str]:
    with serving(create_app(assistant, pictures(demo_shop.database), Settings(), "Harbour & Finch")) as address:
        yield address


@pytest.fixture(scope="module")
def open_page() -> Iterator[Callable[..., Shopper]]:
    with launched() as chromium, opening(chromium) as open_page:
        yield open_page


@pytest.mark.parametrize("viewport", [PHONE, DESKTOP], ids=["phone", "desktop"])
def test_a_shopper_finds_buys_asks_returns_and_complains(
    address: str, open_page: Callable[..., Shopper], assistant: Assistant, demo_shop: Shop, viewport: dict[str, int]
) -> None:
    order = delivered_order(demo_shop, 0 if viewport is PHONE else 1)
    shopper = open_page(viewport)
    page = shopper.page
    shopper.opens(address)
    shopper.says("waterproof hiking boots")
    found = page.locator(".card.product").count()
    assert found > 1
    shopper.says("under $120 please")
    assert page.locator(".card.product").count() > found
    shopper.says("compare the first two")
    assert page.locator(".card.table thead th").count() == 2

    page.locator(".acts .main").last.click()
    shopper.waits()
    while page.locator(".badge").is_hidden():  # which colour, which size
        page.locator(".quick").first.click()
        shopper.waits()
    page.get_by_role("button", name="Cart, 1 item").click()
    drawer = page.get_by_role("dialog", name="Your cart")
    assert drawer.locator(".total .price").inner_text() == drawer.locator("li .price").inner_text()
    page.keyboard.press("Escape")

    shopper.says(f"where is my order {order.id}?")
    assert page.locator(".card.order").count() == 0  # nobody is shown an order before they said who they are
    shopper.says(order.email)
    assert page.locator(".progress .now").last.inner_text().startswith("Delivered")
    page.get_by_role("button", name=f"Return something: {order.id}").last.click()
    shopper.waits()
    while status_of(demo_shop, order.id) == "delivered":  # which item, where the money goes, a yes to it all
        page.locator(".quick").first.click()
        shopper.waits()
    assert status_of(demo_shop, order.id) == "return requested"

    with page.expect_response("**/chat/thumb"):
        page.get_by_role("button", name="Bad reply").last.click()
    shopper.picks("Talk to a person")
    sender = page.evaluate("localStorage.getItem('aisle.conversation')")
    assert "down" in assistant.thumbs(sender).values()
    assert assistant.tracker(sender).slots["handed_over"]


def delivered_order(shop: Shop, place: int) -> SimpleNamespace:
    """One of the latest deliveries of a single item, so that it can still be returned."""
    with shop.database.reading() as session:
        delivered = select(Order).join(Customer).where(Order.status == "delivered").order_by(Order.placed_at.desc())
        orders = [one for one in session.scalars(delivered) if len(one.items) == 1 and one.customer.email]
        return SimpleNamespace(id=orders[place].id, email=orders[place].customer.email)


def status_of(shop: Shop, order_id: str) -> str:
    with shop.database.reading() as session:
        return session.get_one(Order, order_id).status
