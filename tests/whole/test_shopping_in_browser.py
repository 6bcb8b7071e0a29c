"""The whole way of a shopper through the widget on the demo shop, with the real assistant, on a phone and a desktop.

python -m pytest tests/whole/test_shopping_in_browser.py --pictures DIR    keeps a picture of each step
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from types import SimpleNamespace

import pytest
from browser import DESKTOP, Shopper, launched, opening
from serving import serving
from sqlalchemy import select

from assistant.actions.base import Shop
from assistant.application import pictures
from assistant.assembly import load_voice
from assistant.settings import Settings
from assistant.store import Customer, Order
from assistant.storefront.pages import storefront
from assistant.turns import Assistant
from assistant.web.app import create_app

PHONE = {"width": 390, "height": 780}


@dataclass
class Album:
    """Where pictures of the steps are kept, if anybody asked for them."""

    folder: Path | None
    device: str
    taken: list[str] = field(default_factory=list)

    def keeps(self, shopper: Shopper, name: str) -> None:
        if self.folder is None:
            return
        self.folder.mkdir(parents=True, exist_ok=True)
        self.taken.append(name)
        shopper.page.screenshot(path=self.folder / f"{self.device}-{len(self.taken):02}-{name}.png")


@pytest.fixture(scope="module")
def address(assistant: Assistant, demo_shop: Shop) -> Iterator[str]:
    front = storefront(demo_shop.database, demo_shop.vectors, assistant.tokens, load_voice(), "with_consent")
    app = create_app(assistant, pictures(demo_shop.database), Settings(), "Harbour & Finch", front)
    with serving(app) as address:
        yield address


@pytest.fixture(scope="module")
def open_page() -> Iterator[Callable[..., Shopper]]:
    with launched() as chromium, opening(chromium) as open_page:
        yield open_page


@pytest.mark.parametrize("device", ["phone", "desktop"])
def test_a_shopper_finds_returns_buys_and_complains(
    address: str,
    open_page: Callable[..., Shopper],
    assistant: Assistant,
    demo_shop: Shop,
    device: str,
    pytestconfig: pytest.Config,
) -> None:
    shopper = open_page(PHONE if device == "phone" else DESKTOP)
    album = Album(pytestconfig.getoption("--pictures"), device)
    shopper.page.goto(address)
    album.keeps(shopper, "shop")
    shopper.opens_widget()
    album.keeps(shopper, "open")
    _finds(shopper, album)
    _fills_the_cart(shopper, album)
    order = delivered_order(demo_shop, 0 if device == "phone" else 1)
    _returns(shopper, album, order, demo_shop)
    _buys(shopper, album, order.customer_id, demo_shop)
    _complains(shopper, album, assistant)


def _finds(shopper: Shopper, album: Album) -> None:
    """Searches, refines, compares."""
    cards = shopper.chat.locator(".card.product")
    shopper.says("waterproof hiking boots")
    found = cards.count()
    assert found > 1
    album.keeps(shopper, "search")
    shopper.says("under $120 please")
    assert cards.count() > found
    album.keeps(shopper, "refine")
    shopper.says("compare the first two")
    assert shopper.chat.locator(".card.table thead th").count() == 2
    album.keeps(shopper, "compare")


def _fills_the_cart(shopper: Shopper, album: Album) -> None:
    shopper.chat.locator(".acts .main").last.click()
    shopper.waits()
    album.keeps(shopper, "which-one")
    while shopper.chat.locator(".badge").is_hidden():  # which colour, which size
        shopper.chat.locator(".quick").first.click()
        shopper.waits()
    album.keeps(shopper, "added")
    shopper.chat.get_by_role("button", name="Cart, 1 item").click()
    drawer = shopper.chat.get_by_role("dialog", name="Your cart")
    assert drawer.locator(".total .price").inner_text() == drawer.locator("li .price").inner_text()
    album.keeps(shopper, "cart")
    shopper.page.keyboard.press("Escape")


def _returns(shopper: Shopper, album: Album, order: SimpleNamespace, shop: Shop) -> None:
    """An order of the shopper's, who has to say who they are first."""
    shopper.says(f"where is my order {order.id}?")
    assert shopper.chat.locator(".card.order").count() == 0, "nobody is shown an order before they said who they are"
    album.keeps(shopper, "who-are-you")
    shopper.says(order.email)
    assert shopper.chat.locator(".progress .now").last.inner_text().startswith("Delivered")
    album.keeps(shopper, "order")
    shopper.chat.get_by_role("button", name=f"Return something: {order.id}").last.click()
    shopper.waits()
    while status_of(shop, order.id) == "delivered":  # which item, where the money goes, a yes to it all
        album.keeps(shopper, "return")
        shopper.chat.locator(".quick").first.click()
        shopper.waits()
    assert status_of(shop, order.id) == "return requested"
    album.keeps(shopper, "returned")


def _buys(shopper: Shopper, album: Album, customer_id: str, shop: Shop) -> None:
    before = orders_of(shop, customer_id)
    shopper.says("check out")
    while orders_of(shop, customer_id) == before:  # how to pay, a yes to it all
        album.keeps(shopper, "check-out")
        shopper.chat.locator(".quick").first.click()
        shopper.waits()
    assert shopper.chat.locator(".badge").is_hidden(), "the cart is empty now"
    album.keeps(shopper, "bought")


def _complains(shopper: Shopper, album: Album, assistant: Assistant) -> None:
    with shopper.page.expect_response("**/chat/thumb"):
        shopper.chat.get_by_role("button", name="Bad reply").last.click()
    album.keeps(shopper, "thumb-down")
    shopper.picks("Talk to a person")
    album.keeps(shopper, "person")
    sender = shopper.chat.evaluate("localStorage.getItem('aisle.conversation')")
    assert "down" in assistant.thumbs(sender).values()
    assert assistant.tracker(sender).slots["handed_over"]


def delivered_order(shop: Shop, place: int) -> SimpleNamespace:
    """One of the latest deliveries of a single item, so that it can still be returned."""
    with shop.database.reading() as session:
        delivered = select(Order).join(Customer).where(Order.status == "delivered").order_by(Order.placed_at.desc())
        orders = [one for one in session.scalars(delivered) if len(one.items) == 1 and one.customer.email]
        one = orders[place]
        return SimpleNamespace(id=one.id, email=one.customer.email, customer_id=one.customer_id)


def status_of(shop: Shop, order_id: str) -> str:
    with shop.database.reading() as session:
        return session.get_one(Order, order_id).status


def orders_of(shop: Shop, customer_id: str) -> int:
    with shop.database.reading() as session:
        return len(session.scalars(select(Order.id).where(Order.customer_id == customer_id)).all())
