"""What a simulated customer knows and wants, found in a task's prose by rule.

    facts = read_facts(task.reason_for_call, task.known_info, task.instructions)

A task tells a person what to do ("You want to ..., but if the agent asks you to confirm, ..."). Each sentence becomes a
request, a reaction (what to say when asked for a confirmation, a reason, which one), something to ask for instead
when a request is refused, or a wish about the payment. What no rule takes is left unsaid.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace

from assistant.testing.first_person import in_first_person
from assistant.testing.request_reading import is_request, read_requests
from assistant.testing.requests import TAKES_ITEMS, Request, Wish

EMAIL = re.compile(r"[\w.+-]+@[\w-]+(?:\.[\w-]+)+")
ZIP = re.compile(r"\b\d{5}\b")
USER_ID = re.compile(r"\b([a-z]+)_([a-z]+)_\d{3,}\b")
NAME = re.compile(r"\b[Yy]ou(?:r name is|'re| are| name is)(?: an? [\w ]+ called)? ([A-Z]\w+(?: [A-Z]\w+)*)")
SENTENCE = re.compile(r"(?<=[.!?;])[\s.]+(?=[A-Z(])|\n+")
ASIDE = re.compile(r"\s*\([^()]*\b(?:reveal|mention|share|look (?:it )?up|don't want|do not)\b[^()]*\)")
CONDITION = re.compile(r"^(?:but |and )?(?:if|when|in case)\b", re.I)
LATER_CONDITION = re.compile(r"[,.;] (?:but|and) (?=(?:if|when) (?:the )?agent asks)", re.I)
ASKED_TO_CONFIRM = re.compile(r"\b(?:if|when)\b[^,]*\b(?:asks?|asked)\b[^,]*\bconfirm\w*[^,]*, *(?:then )?(.+)", re.I)
ASKED_WHICH = re.compile(r"\basks?(?: you)? for which [^,]+, *(?:mention )?(.+)", re.I)
ASKED_REASON = re.compile(r"\b(?:reason)\b[^,]*, *(?:you )?say (?:that )?(.+)", re.I)
ASKED_PAYMENT = re.compile(r"\basks? for (?:the )?payment method, you say ([\w ]+?)(?: initially|,|$)", re.I)
NUMBERS_TO_GIVE = re.compile(r"\bprovide #?(W?\d{7})")
REFUSED = re.compile(
    r"\b(?:not|cannot|can't|no|none|isn't|doesn't|aren't|only can|can only|unavailable|any issues)\b", re.I
)
AFTER_CONDITION = re.compile(r"^[^,]*, *(?:then |and )?(.+)$", re.S)
PAYMENT = re.compile(
    r"\b(pay ?pal|gift ?card|gc|original (?:method of )?payment(?: method)?|visa(?: card)?|amex credit card"
    r"|master ?card|credit card|other card)\b",
    re.I,
)
PAYING = re.compile(r"\b(?:prefer|refund|use|pay|payment|cover|go to|method)\w*\b", re.I)
WRITTEN_REASONS = {"no longer need": "no longer needed", "by mistake": "ordered by mistake"}
MENTIONED = re.compile(
    r"\b(?:received:?|bought|ordered|quality of|lost|received two|received your)"
    r" (?!some|it\b|your order|things)((?:an? |the |your |two |just )*[a-z][\w'-]*(?: [\w'-]+?)??)"
    r"(?= (?:and|but|you|because|by|it|that|was|doesn|sent|from|in|with)|[,.;:]|$)"
    r"|^The ((?:\w+ )+?)(?=you received)"
)
MIND = re.compile(
    r"^(?:do not say yes immediately, because|mention that|you add another request and"
    r"|you change your mind(?: to| and)?)\s*",
    re.I,
)
CHANGES = ("exchange_items", "change_order_items")
PREFERENCE = re.compile(r"\b(?:prefer|choose|like the) ((?!exchange|to\b)[^.;()]+)")
FOR_THING = re.compile(r"^For the ([\w -]+), ")
SETTLES_FOR = re.compile(r"\byou(?:'d| would)? (?:go for|want|take|accept) (?!to\b)([^.]+)$", re.I)
WANTS_PERSON = re.compile(r"\b(?:human|transfer)\b", re.I)
ADDRESS = re.compile(
    r"(?:to be|is|live in) (\d+ [A-Z][\w ]+(?:, (?:Suite|Apt)\.? \w+)?(?:, [A-Z][\w ]+)+,? (?:[A-Z]{2},? )?\d{5})"
)


@dataclass(frozen=True)
class Reaction:
    """What to say instead of a yes: more requests, corrections, or no."""

    words: str  # in the first person
    requests: tuple[Request, ...] = ()
    refuses: bool = False
    adds: bool = False  # to what is under way, rather than leaving only this of it


@dataclass(frozen=True)
class Facts:
    name: str | None
    zip: str | None
    emails: tuple[str, ...]
    requests: tuple[Request, ...]
    payments: tuple[str, ...] = ()  # the one preferred first
    reason: str | None = None  # for a cancellation
    order_ids: tuple[str, ...] = ()  # to be given when asked for a number, in this order
    which: tuple[str, ...] = ()  # what to say when asked which one
    at_confirmation: Reaction | None = None  # at the first question of yes or no
    address: str | None = None
    preferences: str = ""  # among variants, in the task's words
    bought: str | None = None  # the first thing told to have been received, bought or ordered
    wants_person: bool = False


def read_facts(reason_for_call: str, known_info: str, instructions: str) -> Facts:
    """The facts of a task. Expected actions are no argument: the customer must not know them."""
    reader = _Reader()
    for sentence in sentences(f"{reason_for_call} {_conditions_in(instructions)}"):
        reader.take(sentence)
    address = ADDRESS.search(reason_for_call) or ADDRESS.search(known_info)
    zips = ZIP.findall(known_info)
    return Facts(
        name=_name(known_info),
        zip=zips[-1] if zips else None,
        emails=tuple(EMAIL.findall(known_info)),
        requests=tuple(reader.requests),
        payments=tuple(dict.fromkeys(reader.payments)),
        reason=reader.reason,
        order_ids=tuple(reader.order_ids),
        which=tuple(reader.which),
        at_confirmation=reader.at_confirmation,
        address=address[1] if address else None,
        preferences=in_first_person(". ".join(reader.preferences)),
        bought=reader.bought,
        wants_person=bool(WANTS_PERSON.search(reason_for_call)),
    )


def sentences(text: str) -> list[str]:
    """The text's sentences without asides on what to keep to oneself; a later "but if ... asks" stands alone."""
    plain = ASIDE.sub("", " ".join(text.split()))
    found = [part.strip(" .;") for part in SENTENCE.split(plain)]
    return [piece.strip() for part in found if part for piece in LATER_CONDITION.split(part)]


def _conditions_in(instructions: str) -> str:
    """Of how to behave only what is to be said when asked: moods are not played."""
    return ". ".join(one for one in sentences(instructions) if CONDITION.search(one))


def _name(known_info: str) -> str | None:
    """A full name, told or within a user id."""
    told, user_id = NAME.search(known_info), USER_ID.search(known_info)
    if told and " " in told[1]:
        return told[1]
    return f"{user_id[1].title()} {user_id[2].title()}" if user_id else told[1] if told else None


class _Reader:
    """Takes one sentence after the other; conditions hang on the request before them."""

    def __init__(self) -> None:
        self.requests: list[Request] = []
        self.bought: str | None = None
        self.preferences: list[str] = []
        self.thing: str | None = None  # last mentioned as received, bought or ordered
        self.payments: list[str] = []
        self.reason: str | None = None
        self.order_ids: list[str] = []
        self.which: list[str] = []
        self.at_confirmation: Reaction | None = None

    def take(self, sentence: str) -> None:
        if thing := MENTIONED.search(sentence):
            self.thing = re.sub(r"^(?:(?:an?|the|your|two|just) +)+", "", thing[1] or thing[2]).strip()
            self.bought = self.bought or self.thing
        self.note_reason(sentence)
        if (preferred := PREFERENCE.search(sentence)) and not PAYMENT.search(sentence):
            self.preferences.append(preferred[1])
        self.order_ids += NUMBERS_TO_GIVE.findall(sentence)
        if CONDITION.search(sentence):
            self.condition(sentence)
        elif _is_payment_wish(sentence):
            self.payments += _methods(sentence)
        elif (about := FOR_THING.match(sentence)) and self.specify(about[1], sentence):
            return
        elif is_request(sentence):
            self.payments += _methods(sentence) if PAYING.search(sentence) else []
            self.ask_for(read_requests(sentence))

    def ask_for(self, requests: Sequence[Request]) -> None:
        """Add requests; one that says more about the same items replaces the one before it."""
        for request in requests:
            request = self.with_thing(request)
            last = self.requests[-1] if self.requests else None
            again = last and last.intent == request.intent and last.items and set(last.items) == set(request.items)
            self.requests[-1:] = [request] if again else [*self.requests[-1:], request]

    def specify(self, thing: str, sentence: str) -> bool:
        """ "For the lamp, you want ..." says more about an item of the last request, if it has that item."""
        last = self.requests[-1] if self.requests else None
        if last is None or thing not in last.items:
            return False
        into = re.sub(r"^you want to (?:exchange to )?", "", FOR_THING.sub("", sentence))
        wishes = tuple(replace(wish, into=into) if wish.item == thing else wish for wish in last.wishes)
        self.requests[-1] = replace(last, wishes=wishes, words=f"{last.words}. {in_first_person(sentence)}")
        return True

    def with_thing(self, request: Request) -> Request:
        """ "Exchange it" names nothing: what was last mentioned is meant."""
        if not self.thing or request.intent not in (*TAKES_ITEMS, "cancel_order"):
            return request
        wishes = tuple(replace(wish, item=re.sub(r"\bone\b", self.thing, wish.item)) for wish in request.wishes)
        words = re.sub(r"\b(?:it|them)\b", f"the {self.thing}", request.words, count=1)
        words = re.sub(r"(expensive|current) one\b", rf"\1 {self.thing}", words)
        into = re.search(r"\b(?:it|them) (?:to|for|into) (.+)", request.words)
        if not wishes and re.search(r"\b(?:it|them|item|laptop)\b", request.words):
            wishes = (Wish(self.thing, into[1] if into and request.intent != "return_items" else None),)
        return replace(request, words=words, wishes=wishes)

    def note_reason(self, sentence: str) -> None:
        for mark, reason in WRITTEN_REASONS.items():
            if mark in sentence.lower() and (self.reason is None or "reason" in sentence.lower()):
                self.reason = reason

    def condition(self, sentence: str) -> None:
        if paying := ASKED_PAYMENT.search(sentence):
            self.payments += _methods(paying[1])
        if reaction := ASKED_TO_CONFIRM.search(sentence):
            self.at_confirmation = _reaction(reaction[1])
        elif which := ASKED_WHICH.search(sentence):
            self.which.append(_answer(which[1]))
        elif ASKED_REASON.search(sentence) or NUMBERS_TO_GIVE.search(sentence) or paying:
            return
        elif _is_payment_wish(sentence):
            self.payments += _methods(sentence)
        elif REFUSED.search(sentence.partition(",")[0]) and (rest := AFTER_CONDITION.search(sentence)):
            self.instead(rest[1])

    def instead(self, words: str) -> None:
        """What to ask for when the last request cannot be had."""
        if self.requests:
            last = self.requests[-1]
            if last.intent in CHANGES and (other := SETTLES_FOR.search(words)):
                self.requests[-1] = replace(last, otherwise=(*last.otherwise, other[1]))
                return
            items = tuple(replace(wish, into=None) for wish in last.wishes)
            found = [one if one.wishes else replace(one, wishes=items) for one in read_requests(words)]
            others = (*last.instead, *map(self.with_thing, found))
            self.requests[-1] = replace(last, instead=others)


def _reaction(words: str) -> Reaction:
    adds = re.search(r"\balso want\b|\badd\b", words) is not None
    words = MIND.sub("", words)
    keeps = re.search(r"\b(?:regret|keep it)\b", words, re.I) is not None
    more = tuple(read_requests(words)) if is_request(words) and not keeps else ()
    return Reaction(in_first_person(words), more, keeps, adds)


def _answer(words: str) -> str:
    """ "it is 15-inch, 32GB" as "the 15-inch, 32GB one"."""
    words = re.sub(r"^it(?: is|'s) (?:the )?", "", words.partition(", and it is")[0].strip())
    return words if words.endswith(" one") else f"the {words.removeprefix('the ')} one"


def _is_payment_wish(sentence: str) -> bool:
    return bool(PAYMENT.search(sentence) and PAYING.search(sentence)) and not is_request(_without_payment(sentence))


def _without_payment(sentence: str) -> str:
    """What remains of a sentence when the words on paying are gone: a request, or nothing much."""
    return re.sub(r"\b(?:use|using|refund|pay|cover)\b.*", "", sentence, flags=re.I)


def _methods(sentence: str) -> list[str]:
    return [_method(name) for name in PAYMENT.findall(sentence)]


def _method(name: str) -> str:
    plain = name.lower().replace("pay pal", "paypal").replace("giftcard", "gift card")
    return {"gc": "gift card"}.get(plain, "original payment method" if plain.startswith("original") else plain)


def said_list(names: Sequence[str]) -> str:
    """ "the lamp, the rug and the mug"."""
    return " and ".join(filter(None, [", ".join(names[:-1]), *names[-1:]]))
