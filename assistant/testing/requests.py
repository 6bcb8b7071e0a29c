"""The requests in a sentence of a task: what is asked for, of which order and items, and what is wanted instead."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace

from assistant.testing.first_person import in_first_person
from intents.commands import Command, SlotValue

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
ORDER_PHRASE = re.compile(
    r"\s*\b(?:in |from |of |for )?(?:your |the )?order #?W\d{7}(?: that you(?:'ve| have) placed)?"
)
TOLD_OF_ITEM = re.compile(r"\s*\b(?:that )?you(?:'ve| have)?(?: just)? (?:received|bought|ordered|placed)\b", re.I)
LISTED = re.compile(r"^[^,:]*\bitems?\b[^,:]*: ")  # "two items in an order: a lamp and a rug"
INTO = re.compile(r"\s+(?:to be|to|for|into|with)\s+(?=\S)", re.I)
INTO_END = re.compile(r",? (?:and|but) (?:use|you|want the agent|get)\b.*|,? (?:because|due to|since)\b.*", re.I)
ITEM_END = re.compile(
    r"\b(?:because|since|as it|due to|that you|from (?:your|the)|in (?:your|the|order|an?other|one|different)|within"
    r"|which|so that|and (?:refund|use|get|you|want|keep)|if|but|first)\b.*",
    re.I | re.S,
)
AND_MORE = re.compile(r"\s*(?:,\s*(?:and\s+)?|\s+and\s+)\s*", re.I)
DETERMINER = re.compile(
    r"^(?:the|your|an?|these|those|both|this|one|another|all|my|to|only|just|pending|or return)\s+", re.I
)
EVERY = re.compile(
    r"\ball (?:\w+ )*(?:orders?\b|order address)|\bboth orders|\ball (?:your |my )?(?:pending|possible|items)\b"
    r"|\ball things ordered|\bin different orders",
    re.I,
)
EVERY_ITEM = re.compile(r"\s*(?:all|every)\b[\w ]*\b(?:items?|things)\b", re.I)
NO_ITEM = re.compile(
    r"\border|\bpurchase|\bthings\b|^items?\b(?! ID)|^(?:it|that|them|this|everything|amount|together|mind|method)\b",
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
TAKES_ITEMS = ("return_items", "exchange_items", "change_order_items")
TAKES_ORDER = ("cancel_order", "change_shipping_address", "change_payment_method", "track_order", "order_details")
WRITING = (*TAKES_ITEMS, "cancel_order", "change_shipping_address", "change_payment_method", "update_address")
MOST_COMMANDS = 3  # in one message


@dataclass(frozen=True)
class Wish:
    """One item, and the variant wanted instead of it."""

    item: str
    into: str | None = None


@dataclass(frozen=True)
class Request:
    """One thing to ask for."""

    words: str  # as the task has it, in the first person
    intent: str
    wishes: tuple[Wish, ...] = ()
    order_ids: tuple[str, ...] = ()
    every: bool = False  # it is about all orders or items of a kind
    left: bool = False  # only for those orders about which nothing was said before
    otherwise: tuple[str, ...] = ()  # variants to settle for where the one wished is not to be had
    instead: tuple[Request, ...] = ()  # to ask for one after the other when it is refused

    @property
    def items(self) -> tuple[str, ...]:
        return tuple(wish.item for wish in self.wishes)

    @property
    def changes_something(self) -> bool:
        return self.intent in WRITING

    def commands(self) -> tuple[Command, ...]:
        """What a reader who reads it right takes it for."""
        order = tuple(("order_id", one) for one in self.order_ids[:1])
        if self.intent not in TAKES_ITEMS:
            return (Command(self.intent, order if self.intent in TAKES_ORDER else ()),)
        if any(wish.into for wish in self.wishes):
            return tuple(Command(self.intent, (*order, *_slots(wish))) for wish in self.wishes[:MOST_COMMANDS])
        named: tuple[tuple[str, SlotValue], ...] = tuple(("item", item) for item in self.items)
        if not named and self.every:
            named = (("item", "everything"),)
        return (Command(self.intent, (*order, *named)),)


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
        items = tuple(Wish(item) for item in _items(unneeded[1]))
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
        yield Request(words, intent, tuple(_wishes(part[verb.end() :], intent)), order_ids, every)


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


def _wishes(rest: str, intent: str) -> Iterator[Wish]:
    """ "the lamp to a brighter one and the mug to a bigger one" as two wishes; "the lamp and the mug" too."""
    rest = LISTED.sub("", TOLD_OF_ITEM.sub("", ORDER_PHRASE.sub("", rest)))
    if intent in ("return_items", "cancel_order"):
        yield from (Wish(item) for item in _items(ITEM_END.sub("", rest)))
        return
    if EVERY_ITEM.match(rest) and (cut := INTO.search(rest)):
        yield Wish("everything", INTO_END.sub("", rest[cut.end() :]).strip(" ,.;"))
        return
    waiting: list[str] = []
    for piece in _pieces(rest):
        item, into = _split(piece)
        waiting += _items(item)
        if into is None:
            continue
        yield from (Wish(one, into) for one in waiting)
        waiting = []
    yield from (Wish(one) for one in waiting)


def _pieces(rest: str) -> list[str]:
    """Cut before each "and the ..." that brings a wish of its own."""
    return re.split(r"[,;]? and (?=(?:the|your|another|one) [^,]*? (?:to|for|into) )", rest)


def _split(piece: str) -> tuple[str, str | None]:
    cut = INTO.search(piece)
    if cut is None:
        return ITEM_END.sub("", piece), None
    return ITEM_END.sub("", piece[: cut.start()]), INTO_END.sub("", piece[cut.end() :]).strip(" ,.;")


def _items(text: str) -> list[str]:
    """The things named; a whole order, "it" and the like are none."""
    if re.search(r"\bexcept\b", text):
        return [text.strip(" ,.")]
    names = [_bare(name) for name in AND_MORE.split(re.sub(r"\([^)]*\)?", "", text))]
    return [name for name in names if name and not NO_ITEM.search(name)]


def _bare(name: str) -> str:
    name = name.strip(" ,.;:")
    while DETERMINER.search(name):
        name = DETERMINER.sub("", name)
    return name


def _slots(wish: Wish) -> tuple[tuple[str, SlotValue], ...]:
    return (("item", wish.item), *((("feature", wish.into),) if wish.into else ()))
