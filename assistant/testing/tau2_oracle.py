"""What tau2-bench's retail tools write, played on the JSON of its `db.json`: the answer that ours is compared with.

Written from the tools of tau2-bench and independent of the order desk: a dict in, the same dict changed. Reading tools
change nothing. Two slips of the tools are not played: a price difference is rounded to cents, and where several items
are changed each takes the price and options of its own new variant (the tool gives all of them those of the last).
"""

from __future__ import annotations

from typing import Any

Db = dict[str, Any]
REASONS = ("no longer needed", "ordered by mistake")


class NotAllowed(ValueError):
    """The tool refuses, and nothing has been written."""


def play(db: Db, action_name: str, arguments: dict[str, Any]) -> None:
    """Change `db` as the tool of that name does. Raises NotAllowed where the tool raises."""
    tool = TOOLS.get(action_name)
    if tool:
        tool(db, **arguments)


def cancel_pending_order(db: Db, order_id: str, reason: str) -> None:
    order = _order(db, order_id, "pending")
    _must(reason in REASONS, "invalid reason")
    refunds = [{**payment, "transaction_type": "refund"} for payment in order["payment_history"]]
    for refund in refunds:
        _give(db, order, refund["payment_method_id"], refund["amount"])
    order |= {"status": "cancelled", "cancel_reason": reason}
    order["payment_history"] += refunds


def modify_pending_order_items(
    db: Db, order_id: str, item_ids: list[str], new_item_ids: list[str], payment_method_id: str
) -> None:
    order = _order(db, order_id, "pending")
    _must(not any(old == new for old, new in zip(item_ids, new_item_ids, strict=True)), "the same item")
    difference = _difference(db, order, item_ids, new_item_ids, payment_method_id)
    kind = "payment" if difference > 0 else "refund"
    order["payment_history"].append(_row(kind, abs(difference), payment_method_id))
    _give(db, order, payment_method_id, -difference)
    for old, new in zip(item_ids, new_item_ids, strict=True):
        item = _item(order, old)
        variant = db["products"][item["product_id"]]["variants"][new]
        item |= {"item_id": new, "price": variant["price"], "options": variant["options"]}
    order["status"] = "pending (item modified)"


def modify_pending_order_address(db: Db, order_id: str, **address: str) -> None:
    _order(db, order_id, "pending", "pending (item modified)")["address"] = address


def modify_pending_order_payment(db: Db, order_id: str, payment_method_id: str) -> None:
    order = _order(db, order_id, "pending", "pending (item modified)")
    history = order["payment_history"]
    _must(len(history) == 1 and history[0]["transaction_type"] == "payment", "not exactly one payment")
    first, amount = history[0]["payment_method_id"], history[0]["amount"]
    _must(first != payment_method_id, "the same payment method")
    _can_pay(db, order, payment_method_id, amount)
    history += [_row("payment", amount, payment_method_id), _row("refund", amount, first)]
    _give(db, order, payment_method_id, -amount)
    _give(db, order, first, amount)


def return_delivered_order_items(db: Db, order_id: str, item_ids: list[str], payment_method_id: str) -> None:
    order = _order(db, order_id, "delivered")
    original = order["payment_history"][0]["payment_method_id"]
    _must(payment_method_id == original or "balance" in _method(db, order, payment_method_id), "not the original")
    _has_all(order, item_ids)
    order |= {
        "status": "return requested",
        "return_items": sorted(item_ids),
        "return_payment_method_id": payment_method_id,
    }


def exchange_delivered_order_items(
    db: Db, order_id: str, item_ids: list[str], new_item_ids: list[str], payment_method_id: str
) -> None:
    order = _order(db, order_id, "delivered")
    order |= {
        "exchange_price_difference": _difference(db, order, item_ids, new_item_ids, payment_method_id),
        "status": "exchange requested",
        "exchange_items": sorted(item_ids),
        "exchange_new_items": sorted(new_item_ids),
        "exchange_payment_method_id": payment_method_id,
    }


def modify_user_address(db: Db, user_id: str, **address: str) -> None:
    _must(user_id in db["users"], "no such user")
    db["users"][user_id]["address"] = address


TOOLS = {
    tool.__name__: tool
    for tool in (
        cancel_pending_order,
        modify_pending_order_items,
        modify_pending_order_address,
        modify_pending_order_payment,
        return_delivered_order_items,
        exchange_delivered_order_items,
        modify_user_address,
    )
}


def _order(db: Db, order_id: str, *statuses: str) -> Db:
    order: Db = db["orders"].get(order_id, {})
    _must(order.get("status") in statuses, f"the order is {order.get('status', 'not there')}")
    return order


def _method(db: Db, order: Db, payment_method_id: str) -> Db:
    methods = db["users"][order["user_id"]]["payment_methods"]
    _must(payment_method_id in methods, "no such payment method")
    return methods[payment_method_id]


def _item(order: Db, item_id: str) -> Db:
    return next(item for item in order["items"] if item["item_id"] == item_id)


def _has_all(order: Db, item_ids: list[str]) -> None:
    there = [item["item_id"] for item in order["items"]]
    _must(all(item_ids.count(item_id) <= there.count(item_id) for item_id in item_ids), "not so many in the order")


def _difference(db: Db, order: Db, item_ids: list[str], new_item_ids: list[str], payment_method_id: str) -> float:
    """What the new items cost more, in dollars; the payment method can cover it."""
    _has_all(order, item_ids)
    difference = 0.0
    for old, new in zip(item_ids, new_item_ids, strict=True):
        item = _item(order, old)
        variant = db["products"][item["product_id"]]["variants"].get(new)
        _must(variant is not None and variant["available"], "not available")
        difference += variant["price"] - item["price"]
    difference = round(difference, 2)
    _can_pay(db, order, payment_method_id, difference)
    return difference


def _can_pay(db: Db, order: Db, payment_method_id: str, amount: float) -> None:
    _must(_method(db, order, payment_method_id).get("balance", amount) >= amount, "the gift card has too little")


def _give(db: Db, order: Db, payment_method_id: str, amount: float) -> None:
    """Put the amount on a gift card; of other payment methods nothing is kept."""
    method = _method(db, order, payment_method_id)
    if "balance" in method:
        method["balance"] = round(method["balance"] + amount, 2)


def _row(kind: str, amount: float, payment_method_id: str) -> Db:
    return {"transaction_type": kind, "amount": amount, "payment_method_id": payment_method_id}


def _must(holds: bool, why: str) -> None:
    if not holds:
        raise NotAllowed(why)
