"""Read the requests in a sentence of a task.

read_requests("You want to return the lamp and cancel order #W1")  ->  a Request for each
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace

from assistant.testing.first_person import in_first_person
from assistant.testing.requests import Request, Wish
from assistant.testing.wish_reading import RECEIVED_WITH, read_items, read_wishes

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
    r"\b(?:want|wish|need|intend|decide|would like|'d like|like|wonder|ask|prefer|just|okay|happy|rather|agree"
    r"|inquire)\b", re.I
)  # fmt: skip
SAYS_SO = re.compile(r"^(?:I|you)\b|^(?:want|wish|need|would like|like)\b", re.I)
META = re.compile(r"^(?:\(|make sure|mention|be |try |if and only|you (?:do not|don't|never) want|you are not)", re.I)
NEXT = re.compile(  # where another request begins within a sentence
    r"(?:,? and |,? but |, |; |\. |: )(?:then |also |lastly |finally |whether |if )*"
    r"(?=(?:you )?(?:also )?(?:(?:want|wish|need|intend|decide|would like|wonder)(?: to| if)? (?:also |only )?|just )?"
    r"(?:you can |the agent can )?(?:just )?(?:cancel|return|exchange|modify|change|know|remove|get the tracking)\b)",
    re.I,
)
LEAD = re.compile(
    r"^(?:for some reason|lastly|finally|first|second|also|then|so|but|and|only|in addition|due to [^,]+)\b[,: ]*", re.I
)
PASSIVE = re.compile(  # "the rug also needs to be exchanged, you want a red one"
    r"^(?:the |your )?(?P<item>[\w -]+?)(?P<same> in the same order)? (?:also )?needs? to be "
    r"(?P<verb>exchanged|returned|cancell?ed|modified|changed)(?:, (?:and )?you want (?P<into>.+))?$",
    re.I,
)
EITHER = re.compile(r"\b(cancel|return|exchange|refund) or (cancel|return|exchange|refund|reorder)\b", re.I)
HELPING = re.compile(r"^(?:you wonder )?if the agent can (?:help (?:you )?(?:to )?)?", re.I)
PREFERRED = re.compile(
    r"\s*\([^()]*\bprefer (?:to )?(exchange|return|cancel|refund)\w*(?: (?:for|to) (the same \w+))?[^()]*\)?", re.I
)
NEW_ONE = re.compile(
    r"\b(?:ask for|get|want|like) a (?:new|replacement) ?(?:pair|one|item)?(?: (?:with|of) ([^.;]+))?", re.I
)
DIFFERENT_ORDERS = re.compile(r"\bin different orders\b", re.I)
PRICED = re.compile(r"\bcheapest (?:available )?([\w -]+?)(?= (?:right now|available|and|in)\b|[,.]|$)", re.I)
SPLIT = re.compile(r"\bsplit (?:the |your )?(?:payment|cost|total)", re.I)
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
    sentence = LEAD.sub("", LEAD.sub("", FOR_ORDER.sub("", sentence)))  # "and finally, return the mug"
    if META.search(sentence):
        return False
    if NO_LONGER_NEEDS.search(sentence) or PASSIVE.search(sentence):
        return True
    if WANTING.search(sentence) and (NEW_ONE.search(sentence) or SPLIT.search(sentence)):
        return True
    begins_with_verb = bool(re.match(rf"(?:{VERBS})\b", sentence, re.I))
    return begins_with_verb or bool(WANTING.search(sentence) and (_verb(sentence) or QUESTION.search(sentence)))


def read_requests(sentence: str) -> list[Request]:
    """Every request of a sentence, in order."""
    if unneeded := NO_LONGER_NEEDS.search(sentence):
        items = tuple(Wish(item) for item in read_items(unneeded[1]))
        return [Request(f"Please cancel the order, {in_first_person(sentence)}", "cancel_order", items)]
    if passive := PASSIVE.search(sentence):
        wishes = (Wish(passive["item"], passive["into"]),)
        return [Request(in_first_person(sentence), _intent(passive["verb"].lower()), wishes)]
    about = FOR_ORDER.match(sentence)
    sentence = spelt_out(FOR_ORDER.sub("", sentence))
    parts = [LEAD.sub("", LEAD.sub("", part.strip())) for part in NEXT.split(sentence)]
    wanted = [part for part in parts if part and not META.search(part) and is_request(f"want {part}")]
    found = [request for part in wanted for request in _either(HELPING.sub("you want to ", part))]
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


def _either(part: str) -> list[Request]:
    """ "Exchange or return it": the one preferred, else the other; "cancel or return": each as the order allows."""
    verbs = EITHER.search(part)
    if verbs is None:
        return list(_requests_of(part))
    preferred = PREFERRED.search(part)
    plain = PREFERRED.sub("", part)
    each = [_either_one(plain, verbs[0], verb) for verb in (verbs[1], verbs[2]) if verb.lower() != "reorder"]
    if {verbs[1].lower(), verbs[2].lower()} == {"cancel", "return"} or len(each) == 1:
        return each
    wanted = _intent(preferred[1].lower()) if preferred else each[0].intent
    first, second = sorted(each, key=lambda one: one.intent != wanted)
    if preferred and preferred[2] and first.intent in ("exchange_items", "change_order_items"):
        first = replace(first, wishes=tuple(replace(wish, into=preferred[2]) for wish in first.wishes))
    return [replace(first, instead=(second,))]


def _either_one(part: str, both: str, verb: str) -> Request:
    return next(_requests_of(part.replace(both, verb)))


def _requests_of(part: str) -> Iterator[Request]:
    words = in_first_person(_said(part))
    order_ids, every = tuple(ORDER.findall(part)), bool(EVERY.search(part))
    verb = _verb(part)
    before = part[: verb.start()] if verb else part
    if new := NEW_ONE.search(part):
        yield Request(words, "exchange_items", (Wish("one", new[1] or "the same one"),), order_ids)
    elif SPLIT.search(part):
        yield Request(words, "ask_policy", slots=(("topic", "payment_methods"),))
    elif verb is None and (priced := PRICED.search(part)):
        yield Request(words, "search_products", slots=(("query", priced[1]), ("sort", "price_asc")))
    elif verb is None or (QUESTION.search(before) and not HELP.search(before)):
        yield Request(words, _question(part), (), order_ids, every)
    elif ADDRESS.search(part):
        yield from _address_changes(part, words, order_ids, every)
    elif re.search(r"payment method", part, re.I) and not re.search(r"refund|return", part, re.I):
        yield Request(words, "change_payment_method", (), order_ids, every)
    else:
        intent = _intent(verb[1].lower())
        wishes, beside = tuple(read_wishes(part[verb.end() :], intent)), RECEIVED_WITH.search(part)
        left = bool(DIFFERENT_ORDERS.search(part)) and bool(wishes)
        yield Request(words, intent, wishes, order_ids, every, left, beside=beside[1] if beside else None)


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
