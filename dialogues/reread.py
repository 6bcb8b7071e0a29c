"""Read commands again in the light of the message and of what was asked: what a recogniser often takes for another.

    update_address()               "I want to modify my laptop order to my NYC address"   ->  change_shipping_address()
    change_order_items(item="cap") "remove the cap from my pending order"                 ->  cancel_order()
    inform(order_id="W1092119")    when asked for an address                              ->  inform(address=…)
    return_items(item="my visa")   "and put the refund on my visa"                       ->  …(payment_method="my visa")
    affirm()                       "let me think", asked whether to go ahead             ->  hold_on()

Pure, and no more than a few rules: each names the sign in the words that settles it. A pressed button is never reread.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence

from dialogues.draft import CONFIRM
from dialogues.tracker import Tracker
from dialogues.uptake import ASK_BACK, HOLD_ON
from intents.clear_yes import added, is_clear_yes
from intents.commands import Command

DEFAULT_ADDRESS, SHIPPING_ADDRESS, CANCEL = "update_address", "change_shipping_address", "cancel_order"
NOT_TO = (
    r"\b(?:do ?n[o']?t|do not|never|not|stop|without)(?: (?:want|wanna|to|you|please|really|actually|need))* "
    r"(?<!why not )(?<!can not )(?<!can i not )(?<!can you not )"
)
TASK_VERBS = {
    "cancel_order": r"cancel(?:l?ing)?\b(?! (?:the )?(?:other|both))",
    "return_items": r"(?:return(?:ing)?|send(?:ing)? \w+ back)\b",
    "exchange_items": r"(?:exchang(?:e|ing)|swap(?:ping)?)\b",
    "change_order_items": r"(?:chang(?:e|ing)|swap(?:ping)?)\b",
    "checkout": r"(?:order(?:ing)?|buy(?:ing)?|plac(?:e|ing)|check(?:ing)? ?out)\b",
}
REASONS = (
    re.compile(r"\b(?:mistake\w*|by accident|accidental\w*|by error)\b", re.IGNORECASE),
    re.compile(r"\bno longer (?:need|want)\w*|\bdon'?t (?:need|want) it any ?more\b", re.IGNORECASE),
)
OF_ITEMS = ("return_items", "exchange_items", "change_order_items")
OPTIONS = ("color", "size", "feature", "material")
LOOKUPS = ("select", "track_order", "order_details")  # which "the address of my order with the tablet" is taken for
ORDER_CODE = re.compile(r"#[a-z]{0,3}-?\d{4,}|\b[a-z]{1,3}-?\d{5,}\b|(?<=\border )\d{5,}\b", re.IGNORECASE)
TO_DEFAULT = re.compile(
    r"\b(?:to|with|use|using|as|at|same as|like) (?:be )?(?:my|our|the) (?:\w+ )?"
    r"(?:default|account|profile|saved|registered)\b(?:[^.?!,;]{0,30}\baddress)?",
    re.IGNORECASE,
)
DEFAULT = re.compile(r"\b(default|account|profile|on file|permanent\w*|address book|saved|registered)\b", re.IGNORECASE)
ORDER = re.compile(
    r"\b(?:my|the|this|that|our|an?|pending|last|latest|recent)\b[^.?!;]{0,40}?"
    r"\b(?:orders?|purchase|parcel|package|delivery|shipment)\b",
    re.IGNORECASE,
)
TO_COME = re.compile(
    r"\b(?:future|new|next|coming|upcoming|any) (?:orders?|purchases?)\b|\bfrom now on\b", re.IGNORECASE
)
ALSO = re.compile(r"\b(also|too|as well)\b", re.IGNORECASE)
REMOVES = re.compile(
    r"\b(?:remove|cancel\w*|delete|drop|take (?:out|off)|take (?:the|my|that|this) [\w' -]{1,40}? (?:out|off)|"
    r"get rid of|leave out|don'?t (?:want|need)|no longer (?:want|need))\b",
    re.IGNORECASE,
)
SWAPS = re.compile(
    r"\b(swap|exchange|replace|switch|change|instead|for (?:a|an|the|one)|into?|modify)\b", re.IGNORECASE
)
PAID_BY_ITEM = ("return_items",)  # tasks with things and a way to be paid back: the one is taken for the other
PAYMENT = re.compile(
    r"(?:(?:my|the|a|your|our) )?(?:(?:credit|debit|gift|store|bank|original|same) ?)?"
    r"(?:card|paypal|visa|master ?card|amex|payment method|credit)",
    re.IGNORECASE,
)
ONTO = r"\b(?:to|on|onto|by|with|via|using|through) (?:(?:my|the|a|your|our) )?"
CORRECTS = re.compile(r"\b(wrong|mean|meant|sorry|not that|instead of)\b", re.IGNORECASE)
POPULAR = re.compile(
    r"\bbest[ -]?sell(?:er|ers|ing)\b|\btrending\b|"
    r"\bpopular (?:right now|now|today|at the moment|these days|products|items)|"
    r"\b(?:what'?s|what is|what are|which are|anything|something|most) (?:\w+ )?popular\b",
    re.IGNORECASE,
)
FOR_ME = re.compile(
    r"\b(?:recommend\w*|suggest\w*|suits? me|(?:any|some)thing (?:\w+ )?for me|pick (?:\w+ ){1,3}for me|"
    r"what (?:have you got|do you have|would you pick) for me)\b",
    re.IGNORECASE,
)
ASKS = re.compile(r"\?|^\s*(?:what|where|when|which|who|how|is|are|can you tell)\b", re.IGNORECASE)


def reread(tracker: Tracker, commands: Sequence[Command]) -> tuple[Command, ...]:
    """The commands as the message means them at this moment of the conversation."""
    message = _message(tracker)
    if message.startswith("/"):
        return tuple(commands)
    commands = _called_off(tracker, _suggested(commands, message))
    commands = _other_reason(tracker, commands, message)
    commands = _unclear_yes(tracker, commands, message)
    intents = {command.intent for command in commands}
    return _requests_first(tracker, [_reread(tracker, command, message, intents) for command in commands])


def _reread(tracker: Tracker, command: Command, message: str, intents: Collection[str]) -> Command:
    if command.intent == DEFAULT_ADDRESS:
        return _address_of_an_order(tracker, command, message, intents)
    if command.intent in PAID_BY_ITEM:
        return _paid_back_to(command, message)
    if command.intent == "change_order_items":
        return _less_of_an_order(command, message, intents)
    if tracker.top and tracker.top.asked == "payment_method":
        return _named_to_pay_with(command)
    if tracker.top and tracker.top.asked == "address":
        return _address_named_by_an_order(tracker, command, message)
    return command


def calls_off(tracker: Tracker) -> bool:
    """Whether the message forbids the task under way: "dont cancel it", "I'm not returning anything"."""
    verbs = TASK_VERBS.get(_task(tracker) or "")
    return verbs is not None and bool(re.search(NOT_TO + verbs, _message(tracker), re.IGNORECASE))


def _task(tracker: Tracker) -> str | None:
    """The task under way, whatever flow it has called."""
    return next((frame.flow for frame in reversed(tracker.stack) if not frame.called), None)


def _message(tracker: Tracker) -> str:
    return str(tracker.latest.get("text") or "")


def _called_off(tracker: Tracker, commands: Sequence[Command]) -> tuple[Command, ...]:
    """A task that the message forbids is stopped, whatever was read; the rest goes on."""
    if not calls_off(tracker):
        return tuple(commands)
    says_no = "deny" if tracker.top and tracker.top.asked == CONFIRM else "stop"  # a no to the proposal leaves it too
    if any(command.intent in ("stop", says_no) for command in commands):
        return tuple(commands)
    others = (
        command for command in commands if command.intent not in (_task(tracker), "affirm", "deny", "inform", "select")
    )
    return (Command("stop"), *others)


def _other_reason(tracker: Tracker, commands: Sequence[Command], message: str) -> tuple[Command, ...]:
    """Another of the two reasons for cancelling than the one that was just said back, whatever it was read as."""
    top = tracker.top
    if top is None or (top.flow, top.asked) != (CANCEL, CONFIRM) or len(commands) != 1:
        return tuple(commands)
    now = str(top.slots.get("cancel_reason") or "")
    found = next((said for said in REASONS if said.search(message)), None)
    if found is None or not now or found.search(now):
        return tuple(commands)
    return (Command("inform", (("reason", message),)),)


def _unclear_yes(tracker: Tracker, commands: Sequence[Command], message: str) -> tuple[Command, ...]:
    """Without a yes to a change that the message does not say clearly; what it adds is asked for with the rest."""
    top = tracker.top
    if top is None or top.asked != CONFIRM or top.flow == ASK_BACK or is_clear_yes(message):
        return tuple(commands)
    others = tuple(command for command in commands if command.intent != "affirm")
    if others or not commands:
        return others
    item = added(message) if top.flow in OF_ITEMS else None
    return (Command(top.flow, (("item", item),)),) if item else (Command(HOLD_ON),)


def _suggested(commands: Sequence[Command], message: str) -> tuple[Command, ...]:
    """A wish for suggestions that was not heard: what is popular, or beside who the shopper is."""
    intents = [command.intent for command in commands]
    if set(intents) <= {"out_of_scope", "chitchat"} and POPULAR.search(message):
        return (Command("recommend"),)
    if intents == ["identify"] and FOR_ME.search(message):
        return (*commands, Command("recommend", (("recipient", "me"),)))
    return tuple(commands)


def _address_of_an_order(tracker: Tracker, command: Command, message: str, intents: Collection[str]) -> Command:
    """A change of the default address that is one of an order's: the open one, or one that the message speaks of."""
    address = str(command.get("address") or "")
    around = TO_DEFAULT.sub(" ", message.replace(address, " ") if address else message)
    if SHIPPING_ADDRESS in intents or DEFAULT.search(around) or TO_COME.search(around):
        return command
    if _waits(tracker, SHIPPING_ADDRESS):
        return command if ALSO.search(message) else Command("inform", (("address", address or message),))
    if not ORDER.search(around) and not ORDER_CODE.search(around):
        return command
    code = ORDER_CODE.search(around)
    return Command(SHIPPING_ADDRESS, ((("order_id", code[0]),) if code else ()) + command.slots)


def _paid_back_to(command: Command, message: str) -> Command:
    """Where the money is to go, taken for a thing to send back: "and refund to credit card"."""
    if command.get("payment_method") is not None:
        return command
    slots = tuple(
        ("payment_method", value) if name == "item" and _is_paid_to(str(value), message) else (name, value)
        for name, value in command.slots
    )
    return Command(command.intent, slots)


def _named_to_pay_with(command: Command) -> Command:
    """A way to pay, picked as if it were a thing: "put the difference on my card, not the gift card"."""
    named = PAYMENT.search(str(command.get("item") or "")) if command.intent == "select" else None
    return Command("inform", (("payment_method", named[0]),)) if named else command


def _is_paid_to(words: str, message: str) -> bool:
    return bool(PAYMENT.fullmatch(words) and re.search(ONTO + re.escape(words), message, re.IGNORECASE))


def _less_of_an_order(command: Command, message: str, intents: Collection[str]) -> Command:
    """A change of items that changes nothing but takes one out: that is cancelling, as far as it can be done."""
    changes = any(command.get(option) is not None for option in OPTIONS)
    if changes or CANCEL in intents or not REMOVES.search(message) or SWAPS.search(REMOVES.sub(" ", message)):
        return command
    return Command(CANCEL, tuple((name, value) for name, value in command.slots if name == "order_id"))


def _address_named_by_an_order(tracker: Tracker, command: Command, message: str) -> Command:
    """An order named when an address is asked for: where that goes. "Sorry, I meant W2" corrects the order instead."""
    order_id, item = command.get("order_id"), command.get("item")
    if command.intent != "inform" and (command.intent not in LOOKUPS or ASKS.search(message)):
        return command
    if command.get("address") is not None or not (order_id or item):
        return command
    if CORRECTS.search(message) and _waits(tracker, SHIPPING_ADDRESS):
        return command
    named = f"order {order_id}" if order_id else f"the address of my order with {item}"
    return Command("inform", (("address", named),))


def _requests_first(tracker: Tracker, commands: Sequence[Command]) -> tuple[Command, ...]:
    """Values before a request that nobody asked for belong to it: "item 1656367028. Change it to item 1421289881"."""
    values = [command for command in commands if command.intent == "inform"]
    others = [command for command in commands if command.intent != "inform"]
    asked = bool(tracker.top and tracker.top.asked)
    return tuple(commands) if asked else (*others, *values)


def _waits(tracker: Tracker, flow: str) -> bool:
    """Whether this task is under way and has asked something."""
    return bool(_task(tracker) == flow and tracker.top and tracker.top.asked)
