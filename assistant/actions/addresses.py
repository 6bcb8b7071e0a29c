"""Send pending orders elsewhere, and change the default address; reading_address.py finds out where to."""

from __future__ import annotations

from collections.abc import Sequence

from rasa_sdk import Tracker
from rasa_sdk.events import EventType, SlotSet
from sqlalchemy.orm import Session

from assistant.actions.account import default_address_text
from assistant.actions.changing import Allowed, CommitChanges, ConfirmChanges, Told, own_order
from assistant.actions.pending import chosen_ids, orders_text
from assistant.actions.reading_address import Place, same_place
from assistant.desk.changes import Change, Refused
from assistant.facts import from_elsewhere, told
from assistant.presentation import address_text, order_address
from assistant.store import Customer, Order


class ActionConfirmShippingAddress(ConfirmChanges):
    def name(self) -> str:
        return "action_confirm_shipping_address"

    def changes(self, session: Session, tracker: Tracker) -> Sequence[Change]:
        place = tracker.slots["to"]
        orders = [own_order(session, tracker, one) for one in chosen_ids(tracker.slots)]
        elsewhere = [order for order in orders if not same_place(order.shipping_address, place)]
        if not elsewhere:
            raise Refused("utter_same_address", {"address": from_elsewhere(address_text(place), "slot", "to")})
        return [
            Change("change_address", order.customer_id, order.id, version=order.version, address=place)
            for order in elsewhere
        ]

    def details_of(self, session: Session, allowed: Sequence[Allowed]) -> Told:
        orders = _orders(allowed)
        until_now = sent_to(orders)
        old = {"old": until_now} if until_now else {}
        facts = {"orders": orders_text(orders), "address": _agreed(allowed)}
        return "utter_confirm_shipping_address", facts | old


class ActionConfirmDefaultAddress(ConfirmChanges):
    def name(self) -> str:
        return "action_confirm_default_address"

    def changes(self, session: Session, tracker: Tracker) -> Sequence[Change]:
        place, customer_id = tracker.slots["to"], tracker.slots["customer_id"]
        if same_place(_default(session, customer_id), place):
            raise Refused("utter_same_address", {"address": from_elsewhere(address_text(place), "slot", "to")})
        return [Change("default_address", customer_id, address=place)]

    def details_of(self, session: Session, allowed: Sequence[Allowed]) -> Told:
        change, _ = allowed[0]
        until_now = default_address_text(session.get_one(Customer, change.customer_id))
        old = {"old": until_now} if until_now else {}
        return "utter_confirm_default_address", {"address": _agreed(allowed)} | old


class ActionChangeShippingAddress(CommitChanges):
    def name(self) -> str:
        return "action_change_shipping_address"

    def receipt_of(self, session: Session, allowed: Sequence[Allowed]) -> Told:
        return "utter_shipping_address_changed", {"orders": orders_text(_orders(allowed)), "address": _agreed(allowed)}

    def remembered(self, session: Session, allowed: Sequence[Allowed]) -> list[EventType]:
        old = dict(_orders(allowed)[0].shipping_address)
        return [*super().remembered(session, allowed), *_moved(old, allowed)]


class ActionUpdateAddress(CommitChanges):
    def name(self) -> str:
        return "action_update_address"

    def receipt_of(self, session: Session, allowed: Sequence[Allowed]) -> Told:
        return "utter_default_address_changed", {"address": _agreed(allowed)}

    def remembered(self, session: Session, allowed: Sequence[Allowed]) -> list[EventType]:
        return _moved(_default(session, allowed[0][0].customer_id), allowed)


def _agreed(allowed: Sequence[Allowed]) -> str:
    """The address that the shopper told or chose."""
    return from_elsewhere(address_text(allowed[0][0].address or {}), "slot", "to")


@told
def sent_to(orders: Sequence[Order]) -> str:
    """Where the orders go until now."""
    return " and ".join(dict.fromkeys(filter(None, map(order_address, orders))))


def _moved(old: Place, allowed: Sequence[Allowed]) -> list[EventType]:
    return [SlotSet("last_address", allowed[0][0].address), SlotSet("former_address", old or None)]


def _default(session: Session, customer_id: str) -> Place:
    address = session.get_one(Customer, customer_id).default_address
    return address.snapshot() if address else {}


def _orders(allowed: Sequence[Allowed]) -> list[Order]:
    return [quoted.order for _, quoted in allowed if quoted.order]
