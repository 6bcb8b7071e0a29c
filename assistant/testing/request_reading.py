"""Read the requests in a sentence of a task.

read_requests("You want to return the lamp and cancel order #W1")  ->  a Request for each
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace

from assistant.testing.first_person import in_first_person
from assistant.testing.requests import Request, Wish
from assistant.testing.wish_reading import read_items, read_wishes

VERBS = "cancel(?:ling|led|ed)?|return|exchange|swap|modify|change|switch|adjust|upgrade|undo|refund|correct|remove"
VERB = re.compile(rf"\b({VERBS})\b", re.I)
NOUN_BEFORE = re.compile(  # "the total refund", "all these changes": there the word is no verb
    r"\b(?:the|a|an|any|total|my|your|for|of|this|these|address|order|under)\s+$", re.I
)
QUESTION = re.compile(
    r"\b(?:know|ask|check|wonder|inquire|how many|how much|tracking|find out|tell|want to confirm|confirm the)\b", re.I
)
HELP = re.compile(r"\b(?:can|could|help|whether|to)\b", re.I)
WANTING = re.compile(
    r"\b(?:want|wish|need|intend|decide|would like|'d like|like|wonder|ask|prefer|just|okay|happy|rather|agree)\b", re.I
)
SAYS_SO = re.compile(r"^(?:I|you)\b|^(?:want|wish|need|would like|like)\b", re.I)
META = re.compile(r"^(?:make sure|mention|be |try |if and only|you (?:do not|don't|never) want|you are not)", re.I)
NEXT = re.compile(  # where another request begins within a sentence
    r"(?:,? and |,? but |, |; |\. |: )(?:then |also |lastly |finally )*"
    r"(?=(?:you )?(?:also )?(?:(?:want|wish|need|intend|decide|would like|wonder)(?: to| if)? (?:also |only )?|just )?"
    r"(?:you can |the agent can )?(?:cancel|return|exchange|modify|change|know|remove|get the tracking)\b)",
    re.I,
)
LEAD = re.compile(
    r"^(?:for some reason|lastly|finally|first|second|also|then|so|but|and|only|in addition|due to [^,]+)\b[,: ]*", re.I
)
BRACES, QUOTES = re.compile(r"\{([^}]*)\}"), re.compile(r"'")
NO_LONGER_NEEDS = re.compile(r"\bno longer need (?!this|it\b)(.+)", re.I)
FOR_ORDER = re.compile(r"^for (?:order )?#?(W\d{7}), *", re.I)
ORDER = re.compile(r"#?\bW\d{7}\b")
EVERY = re.compile(
    r"\ball (?:\w+ )*(?:orders?\b|order address)|\bboth orders|\ball (?:your |my )?(?:pending|possible|items)\b"
    r"|\ball things ordered|\bin different orders",
    re.I,
)
ADDRESS = re.compile(r"\baddress|\bsent to\b|\bNYC (?:place|home)\b", re.I)
DEFAULT_ADDRESS = re.compile(r"\b(?:user|default|profile)\b[^,]{0,20}\baddress", re.I)
TO_DEFAULT_ADDRESS = re.compile(r"\bto (?:your|the|my) (?:default|profile)\b", re.I)
INTENTS = {
    "cancel": "cancel_order",
    "remove": "cancel_order",
    "undo": "out_of_scope",
    "return": "return_items",
    "refund": "return_items",
}
EXCHANGES = ("exchang", "swap")


def is_request(sentence: str) -> bool:
    """Whether the sentence asks for something, of the shop or to know."""
    sentence = LEAD.sub("", FOR_ORDER.sub("", sentence))
    if META.search(sentence):
        return False
    if NO_LONGER_NEEDS.search(sentence):
        return True
    begins_with_verb = bool(re.match(rf"(?:{VERBS})\b", sentence, re.I))
    return begins_with_verb or bool(WANTING.search(sentence) and (_verb(sentence) or QUESTION.search(sentence)))


def read_requests(sentence: str) -> list[Request]:
    """Every request of a sentence, in order."""
    if unneeded := NO_LONGER_NEEDS.search(sentence):
        items = tuple(Wish(item) for item in read_items(unneeded[1]))
        return [Request(f"Please cancel the order, {in_first_person(sentence)}", "cancel_order", items)]
    about = FOR_ORDER.match(sentence)
    sentence = spelt_out(FOR_ORDER.sub("", sentence))
    parts = [LEAD.sub("", LEAD.sub("", part.strip())) for part in NEXT.split(sentence)]
    wanted = [part for part in parts if part and not META.search(part) and is_request(f"want {part}")]
    found = [request for part in wanted for request in _requests_of(part)]
    return [_of_order(request, f"#{about[1]}") for request in found] if about else found


def spelt_out(sentence: str) -> str:
    """ "{'color': 'red', 'size': 'S'}" as people write it: "(color red, size S)"."""
    return BRACES.sub(lambda mark: f"({QUOTES.sub('', mark[1]).replace(':', '')})", sentence)


def _of_order(request: Request, order_id: str) -> Request:
    """The request with the order that its sentence began with; another order in it is what it points at."""
    return replace(request, words=f"{request.words} (order {order_id})", order_ids=(order_id,))


def _verb(part: str) -> re.Match[str] | None:
    """The first word for something to be done, if it stands as a verb."""
    return next((mark for mark in VERB.finditer(part) if not NOUN_BEFORE.search(part[: mark.start()])), None)


def _requests_of(part: str) -> Iterator[Request]:
    words = in_first_person(_said(part))
    order_ids, every = tuple(ORDER.findall(part)), bool(EVERY.search(part))
    verb = _verb(part)
    before = part[: verb.start()] if verb else part
    if verb is None or (QUESTION.search(before) and not HELP.search(before)):
        yield Request(words, _question(part), (), order_ids, every)
    elif ADDRESS.search(part):
        yield from _address_changes(part, words, order_ids, every)
    elif re.search(r"payment method", part, re.I) and not re.search(r"refund|return", part, re.I):
        yield Request(words, "change_payment_method", (), order_ids, every)
    else:
        intent = _intent(verb[1].lower())
        yield Request(words, intent, tuple(read_wishes(part[verb.end() :], intent)), order_ids, every)


def _said(part: str) -> str:
    """A whole sentence that begins with who wants it."""
    if re.match(r"(?:want|wish|need|would like|like|prefer|wonder)\b", part, re.I):
        return f"you {part}"
    if re.match(r"ask\b", part, re.I):
        return f"you want to a{part[1:]}"
    if SAYS_SO.search(part):
        return part
    verb = _verb(part)
    stem = re.sub(r"^(?:also |just |to |then |only )+", "", part, flags=re.I)
    return f"you want to {stem}" if verb and stem.lower().startswith(verb[1].lower()) else part


def _address_changes(part: str, words: str, order_ids: tuple[str, ...], every: bool) -> Iterator[Request]:
    own = DEFAULT_ADDRESS.search(TO_DEFAULT_ADDRESS.sub("", part))
    if not own:
        yield Request(words, "change_shipping_address", (), order_ids, every)
        return
    target = re.search(
        r"\b(?:to (?:be )?)(?=[\d]|the|your)([^(;]+?)(?:,? (?:along with|and also).*)?(?: so that.*)?$", part
    )
    to = f" to {_own_words(target[1])}" if target else ""
    if re.search(r"\border (?:address|to)|\border's|\border addresses", part, re.I):
        yield Request(
            f"I want to change the shipping address of my orders{to}", "change_shipping_address", (), (), every
        )
    yield Request(f"I want to change my default address{to}", "update_address")


def _own_words(words: str) -> str:
    """In the first person, within a sentence."""
    said = in_first_person(words)
    return said[:1].lower() + said[1:]


def _question(part: str) -> str:
    low = part.lower()
    if "tracking" in low or "arriv" in low or "transit" in low:
        return "track_order"
    if "gift card balance" in low:
        return "account_info"
    if "option" in low or "available" in low:
        return "check_stock"
    return "order_details"


def _intent(verb: str) -> str:
    for stem, intent in INTENTS.items():
        if verb.startswith(stem):
            return intent
    return "exchange_items" if verb.startswith(EXCHANGES) else "change_order_items"
