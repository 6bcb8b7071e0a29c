"""Which product a shopper means, by what is on screen, what was talked about, and the names in the catalogue.

Start at `products_meant`. Shared by every action that takes an `item` of the catalogue.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence

from rasa_sdk import Tracker
from rasa_sdk.events import EventType, SlotSet
from rasa_sdk.executor import CollectingDispatcher
from sqlalchemy import select
from sqlalchemy.orm import Session, selectinload

from assistant.facts import as_said
from assistant.presentation import options_text
from assistant.references import POINTING, Referent, is_place, refer
from assistant.search import ProductQuery, search
from assistant.search.words import content_words, keys
from assistant.store import Product

MOST_OFFERED = 4  # products to choose from under a question
MOST_ITEMS = 3  # products of one message
LONGEST_SAID_BACK = 60  # characters of an item that was not found


def items_said(tracker: Tracker) -> list[str]:
    """What the shopper calls the products; one empty name when they named none."""
    item = tracker.slots.get("item")
    items = [str(one) for one in item] if isinstance(item, list) else [str(item)] if item else []
    return items[:MOST_ITEMS] or [""]


def products_meant(session: Session, tracker: Tracker, item: str) -> list[Product]:
    """The products that an item may mean: on screen first, then talked about, then by name in the whole catalogue.
    A place where nothing stands may be any of several on screen.

    A button names a product, or a variant as desk.stock.variant_text does, to the letter."""
    if str(tracker.latest_message.get("text") or "").startswith("/") and (named := _named_exactly(session, item)):
        return named
    last_id, position = tracker.slots.get("last_product_id"), tracker.slots.get("position")
    shown = on_screen(session, tracker.slots.get("shown") or [])
    if not shown and last_id:
        shown = [_referent(product) for product in products_of(session, [last_id])]
    if last_id and position is None and not _names_something(item) and last_id not in [one.id for one in shown]:
        return products_of(session, [last_id])  # "do they run small?", of what is being exchanged
    ids = [one.id for one in refer(item, position, shown, last_id)]
    if not ids and (is_place(item) if item else position is not None):
        return products_of(session, [one.id for one in shown]) if len(shown) > 1 else []
    return products_of(session, ids or (_named(session, item) if content_words(item) else []))


def _names_something(item: str) -> bool:
    return any(word not in POINTING for word in content_words(item))


def _named_exactly(session: Session, item: str) -> list[Product]:
    names = {item, item.partition(" (")[0], item.rpartition(" (")[0]}
    rows = session.scalars(select(Product).where(Product.name.in_(names)).options(selectinload(Product.variants)))
    return sorted(rows, key=lambda product: -len(product.name))[:1]


def _named(session: Session, item: str) -> list[str]:
    """Products of the catalogue whose names hold all words of the item; the one that is named exactly, if any.

    Where no name holds them all, a name may share them with the brand, category and options: "the blue mug"."""
    wanted = keys(item)
    found = [match.product for match in search(session, ProductQuery(query=item, in_stock=False), limit=50).products]
    named = [product for product in found if wanted <= keys(product.name)]
    if not named:
        listed = [product for product in found if wanted & keys(product.name)]
        named = [one for one in listed if wanted <= keys(f"{one.name} {_referent(one).details}")]
    exact = [product.id for product in named if keys(product.name) == wanted]
    return exact or [product.id for product in named]


def on_screen(session: Session, shown: Sequence[Mapping[str, str]]) -> list[Referent]:
    ids = [one["id"] for one in shown if one.get("kind") == "product"]
    return [_referent(product) for product in products_of(session, ids)]


def _referent(product: Product) -> Referent:
    options = " ".join(options_text(variant.options) for variant in product.variants)
    described = (product.brand, product.category, product.audience, *product.attributes.values(), options)
    buyable = [variant.price_cents for variant in product.variants if variant.in_stock]
    return Referent(
        id=product.id,
        name=product.name,
        details=" ".join(filter(None, described)),
        price_cents=min(buyable or [variant.price_cents for variant in product.variants], default=None),
        rating=product.rating,
    )


def products_of(session: Session, ids: Sequence[str]) -> list[Product]:
    """Those products in the order of the ids, less those that are gone from the catalogue."""
    rows = session.scalars(select(Product).where(Product.id.in_(ids)).options(selectinload(Product.variants)))
    products = {product.id: product for product in rows}
    return [products[id_] for id_ in ids if id_ in products]


def ask_which(
    dispatcher: CollectingDispatcher, item: str, candidates: Sequence[Product], intent: str, asked: Mapping[str, str]
) -> None:
    if not candidates and _names_something(item) and not is_place(item):
        dispatcher.utter_message(response="utter_item_not_found", item=as_said(item[:LONGEST_SAID_BACK]))
        return
    named = [(product.name, json.dumps({"item": product.name, **asked})) for product in candidates[:MOST_OFFERED]]
    buttons = [{"title": name, "payload": f"/{intent}{slots}"} for name, slots in named]
    dispatcher.utter_message(response="utter_ask_item", buttons=buttons)


def shown_as(product: Product) -> dict[str, str]:
    return {"kind": "product", "id": product.id, "name": product.name}


def put_on_screen(tracker: Tracker, product: Product) -> list[EventType]:
    """A product from elsewhere takes the screen; one of the results leaves them there for "and the third one?"."""
    shown = tracker.slots.get("shown") or []
    return [] if product.id in {one["id"] for one in shown} else [SlotSet("shown", [shown_as(product)])]
