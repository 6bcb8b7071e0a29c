"""Reads a task sentence by sentence: requests, and the conditions that hang on them."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace

from assistant.testing.first_person import in_first_person
from assistant.testing.payments_said import PAYING, PAYMENT, is_payment_wish, methods_in
from assistant.testing.reactions import Reaction, read_reaction
from assistant.testing.request_reading import is_request, read_requests
from assistant.testing.requests import ASKING, CHANGES, TAKES_ITEMS, Request, Wish, said_list
from assistant.testing.wish_reading import read_items

CONDITION = re.compile(r"^(?:but |and )?(?:if|when|in case)\b", re.I)
ASKED_TO_CONFIRM = re.compile(r"\b(?:if|when)\b[^,]*\b(?:asks?|asked)\b[^,]*\bconfirm\w*[^,]*, *(?:then )?(.+)", re.I)
ASKED_WHICH = re.compile(r"\basks?(?: you)? for which [^,]+, *(?:mention )?(.+)", re.I)
ASKED_REASON = re.compile(r"\b(?:reason)\b[^,]*, *(?:you )?say (?:that )?(.+)", re.I)
ASKED_PAYMENT = re.compile(r"\basks? for (?:the )?payment method, you say ([\w ]+?)(?: initially|,|$)", re.I)
NUMBERS_TO_GIVE = re.compile(r"\bprovide #?(W?\d{7})")
REFUSED = re.compile(
    r"\b(?:not|cannot|can't|no|none|isn't|doesn't|aren't|only can|can only|unavailable|any issues)\b", re.I
)
AFTER_CONDITION = re.compile(r"^[^,]*, *(?:then |and )?(.+)$", re.S)
WRITTEN_REASONS = {"no longer need": "no longer needed", "by mistake": "ordered by mistake"}
MENTIONED = re.compile(
    r"\b(?:received:?|bought|ordered|quality of|lost|received two|received your)"
    r" (?!some|it\b|your order|things)((?:an? |the |your |two |just )*[a-z][\w'-]*(?: [\w'-]+?)??)"
    r"(?= (?:and|but|you|because|by|it|that|was|doesn|sent|from|in|with)|[,.;:]|$)"
    r"|^The ((?:\w+ )+?)(?=you received)"
    r"|\b(?:[Tt]he|[Yy]our) ((?:[\w-]+ ){0,3}[\w-]+) (?:might be|is|was|are|were) (?:too|damaged|broken|not working)\b"
)
THAT_ORDER = re.compile(r"\b(?:that|the|this) order\b")
SAME_ORDER = re.compile(r"\bsame order also needs? to\b", re.I)
ASSOCIATED = re.compile(r"\beverything (?:not )?associated with it\b", re.I)
EXCEPTED = re.compile(r"^(?:well,? )?except (?:for )?(?:the |your )?([\w-]+(?: [\w-]+)?)(?= that\b|,|$)", re.I)
ONLY_CHEAPER = re.compile(r"\bonly if (?:they are|it is|they're|it's) cheaper\b", re.I)
EXCHANGED_FOR = re.compile(r"\bexchange (?:it|them) (?:for|to) (.+?)(?= to get\b|,|$)", re.I)
EVERYTHING = re.compile(r"\b(?:return|cancel|exchange) (?:everything|all of it)\b", re.I)
DONE = re.compile(r"^if (?:the |your )?[\w ]+ (?:is|are|was|were|gets?) (returned|cancell?ed|exchanged),? (.+)$", re.I)
PRICE_IS = re.compile(
    r"^if (?:it|they|the price)(?: is|'s| are)? (less|lower|cheaper|below|under|greater|higher|more|above|over)"
    r"(?: than)? \$?([\d,]+(?:\.\d+)?)(?: bucks| dollars)?,? (.+)$",
    re.I,
)
LESS = ("less", "lower", "cheaper", "below", "under")
IF_NOT = re.compile(r"^if not\b", re.I)
CURRENT = re.compile(r"\b(?:your|the) current one\b", re.I)
WILLING = re.compile(
    r"\byou(?:'re| are) (?:also )?(?:willing|happy|okay|fine) to exchange (?:it|them) (?:to|for) ([^.;]+)"
)
POSSIBLE = re.compile(r"^if (?!that\b|this\b|it\b|not\b)[^,]+ (?:is|are) possible\b[^,]*, (.+)$", re.I)
MYSELF = re.compile(r"\bdo it (?:yourself|on your own)\b", re.I)  # nothing to ask the shop for
GETS = re.compile(r"^(?:then |just )?get (.+?)(?: instead)?$", re.I)
SEVERAL = re.compile(r"\b(?:two|both|three)\b", re.I)
PREFERENCE = re.compile(r"\b(?:prefer|choose|like the) ((?!exchange|to\b)[^.;()]+)")
FOR_THING = re.compile(r"^For the ([\w -]+), ")
SETTLES_FOR = re.compile(r"\byou(?:'d| would)? (?:go for|want|take|accept) (?!to\b)([^.]+)$", re.I)


class Reader:
    """Takes one sentence after the other; conditions hang on the request before them."""

    def __init__(self, defines: str | None = None) -> None:
        self.requests: list[Request] = []
        self.defines = defines  # what "everything associated with it" is
        self.one: str | None = None  # the thing, one of it
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
            named = thing[1] or thing[2] or thing[3]
            self.thing = re.sub(r"^(?:(?:an?|the|your|two|just) +)+", "", named).strip()
            self.one = self.thing.removesuffix("s") if re.match(r"two\b", named) else self.thing
            self.bought = self.bought or self.thing
        self.note_reason(sentence)
        if (preferred := PREFERENCE.search(sentence)) and not PAYMENT.search(sentence):
            self.preferences.append(preferred[1])
            if CONDITION.search(sentence):
                self.prefer(preferred[1], sentence)
        self.order_ids += NUMBERS_TO_GIVE.findall(sentence)
        if excepted := EXCEPTED.search(sentence):
            self.leave_out(excepted[1], sentence)
        elif CONDITION.search(sentence):
            self.condition(sentence)
        elif is_payment_wish(sentence):
            self.payments += methods_in(sentence)
        elif (about := FOR_THING.match(sentence)) and self.specify(about[1], sentence):
            return
        elif is_request(sentence):
            self.payments += methods_in(sentence) if PAYING.search(sentence) else []
            self.ask_for(read_requests(sentence))

    def ask_for(self, requests: Sequence[Request]) -> None:
        """Add requests; one that says more about the same items replaces the one before it."""
        for request in requests:
            request = self.with_thing(self.defined(request))
            last = self.requests[-1] if self.requests else None
            if last and last.intent == request.intent and last.wishes and SAME_ORDER.search(request.words):
                words = f"{last.words}. {request.words}"
                self.requests[-1] = replace(last, words=words, wishes=(*last.wishes, *request.wishes))
                continue
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

    def defined(self, request: Request) -> Request:
        """ "Everything associated with it", where an aside tells what that is."""
        if not (self.defines and ASSOCIATED.search(request.words)):
            return request
        named = read_items(re.sub(r"^it(?:'s| is) (?:just )?", "", self.defines, flags=re.I))
        wishes = tuple(Wish(item[:1].lower() + item[1:]) for item in named)
        return replace(request, wishes=wishes, every=True, left=True)

    def leave_out(self, item: str, sentence: str) -> None:
        """ "Well, except the boots": of what was asked for, not these; swapped at most for cheaper ones."""
        self.requests = [
            replace(one, wishes=(Wish(f"everything except the {item}"),), left=True)
            if one.every and one.intent in TAKES_ITEMS and not one.wishes
            else one
            for one in self.requests
        ]
        if ONLY_CHEAPER.search(sentence) and (into := EXCHANGED_FOR.search(sentence)):
            words = f"I want to exchange the {item} for {into[1]}, if they are cheaper"
            self.requests.insert(0, Request(words, "exchange_items", (Wish(item, f"cheaper {into[1]}"),), cheaper=True))

    def prefer(self, preference: str, sentence: str) -> None:
        """A preference among several that fit says more about the wish that it names, or about the last one."""
        last = self.requests[-1] if self.requests else None
        if last is None or last.intent not in CHANGES or not any(wish.into for wish in last.wishes):
            return
        about = next((wish for wish in last.wishes if wish.item and wish.item in sentence), last.wishes[-1])
        more = replace(about, into=f"{about.into}, I prefer {preference}")
        wishes = tuple(more if wish is about else wish for wish in last.wishes)
        self.requests[-1] = replace(last, wishes=wishes, words=f"{last.words}. I prefer {preference}")

    def with_thing(self, request: Request) -> Request:
        """ "Exchange it" names nothing: what was last mentioned is meant."""
        if self.thing and request.intent in ASKING and THAT_ORDER.search(request.words):
            words = THAT_ORDER.sub(f"my order with the {self.thing}", request.words, count=1)
            return replace(request, words=words, wishes=(Wish(self.thing),))
        if not self.thing or request.intent not in (*TAKES_ITEMS, "cancel_order"):
            return request
        wishes = tuple(replace(wish, item=re.sub(r"\bone\b", self.one or "", wish.item)) for wish in request.wishes)
        named = request.wishes and not any(re.search(r"\bone\b", wish.item) for wish in request.wishes)
        words = request.words
        if not named:
            words = re.sub(r"\b(?:it|them)\b", f"the {self.thing}", words, count=1)
        words = re.sub(r"(expensive|current) one\b", rf"\1 {self.one}", words)
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
            self.payments += methods_in(paying[1])
        if reaction := ASKED_TO_CONFIRM.search(sentence):
            reacts = read_reaction(reaction[1])
            self.at_confirmation = replace(reacts, requests=tuple(map(self.with_thing, reacts.requests)))
        elif done := DONE.search(sentence):
            more = [self.with_thing(one) for one in read_requests(done[2])]
            self.requests += [replace(one, after=_intent_of(done[1])) for one in more]
        elif priced := PRICE_IS.search(sentence):
            self.at_price(
                "below" if priced[1].lower() in LESS else "above", float(priced[2].replace(",", "")), priced[3]
            )
        elif IF_NOT.search(sentence) and self.requests and (bound := self.requests[-1].bound):
            rest = AFTER_CONDITION.search(sentence)
            self.at_price("above" if bound[0] == "below" else "below", bound[1], rest[1] if rest else "")
        elif willing := WILLING.search(sentence):
            self.rather(willing[1])
        elif possible := POSSIBLE.search(sentence):
            self.ask_for(read_requests(possible[1]) if is_request(possible[1]) else [])
        elif which := ASKED_WHICH.search(sentence):
            self.which.append(_answer(which[1]))
            if SEVERAL.search(which[1]) and self.requests:
                self.requests[-1] = replace(self.requests[-1], every=True)
        elif ASKED_REASON.search(sentence) or NUMBERS_TO_GIVE.search(sentence) or paying:
            return
        elif is_payment_wish(sentence) and not EVERYTHING.search(sentence):
            self.payments += methods_in(sentence)
        elif REFUSED.search(sentence.partition(",")[0]) and (rest := AFTER_CONDITION.search(sentence)):
            self.instead(rest[1])

    def instead(self, words: str) -> None:
        """What to ask for when the request that the condition is about cannot be had."""
        place = self.hanging()
        if place is None or MYSELF.search(words):
            return
        last = self.requests[place]
        if last.intent in CHANGES and (other := SETTLES_FOR.search(words) or GETS.search(words)):
            self.requests[place] = replace(last, otherwise=(*last.otherwise, other[1]))
            return
        items = tuple(replace(wish, into=None) for wish in last.wishes)
        found = [one if one.wishes else replace(one, wishes=items) for one in read_requests(words)]
        if EVERYTHING.search(words):
            paid = next(iter(methods_in(words)), None)
            found = [replace(one, wishes=(Wish("everything"),), payment=paid) for one in found[:1]]
        self.requests[place] = replace(last, instead=(*last.instead, *map(self.with_thing, found)))

    def hanging(self) -> int | None:
        """The request that a condition is about: the last that wants something done, else the last question."""
        places = range(len(self.requests) - 1, -1, -1)
        doing = (place for place in places if self.requests[place].changes_something or self.requests[place].slots)
        return next(doing, len(self.requests) - 1 if self.requests else None)

    def rather(self, into: str) -> None:
        """What was to be sent back is swapped instead, if it can be."""
        last = self.requests[-1] if self.requests else None
        if last and last.intent == "return_items" and last.wishes:
            wishes = tuple(replace(wish, into=into) for wish in last.wishes)
            words = f"I want to exchange the {said_list(last.items)} for {into}"
            self.requests[-1] = Request(words, "exchange_items", wishes, last.order_ids, instead=(last,))

    def at_price(self, side: str, dollars: float, words: str) -> None:
        """ "If it is less than $200, ..." after a question about prices; "your current one" is what was asked about."""
        asked = next((str(value) for one in self.requests for name, value in one.slots if name == "query"), None)
        words = CURRENT.sub(f"your {asked}", words) if asked else words
        found = map(self.with_thing, read_requests(words) if is_request(words) else [])
        self.requests += [replace(_cheapest(one), bound=(side, dollars)) for one in found]


def _intent_of(done: str) -> str:
    """ "returned" -> "return_items"."""
    return {"r": "return_items", "c": "cancel_order"}.get(done[0].lower(), "exchange_items")


def _cheapest(request: Request) -> Request:
    """ "Exchange my keyboard to it": to the cheapest, whose price was asked."""
    wishes = tuple(replace(wish, into="the cheapest one") if wish.into == "it" else wish for wish in request.wishes)
    return replace(request, wishes=wishes)


def _answer(words: str) -> str:
    """ "it is 15-inch, 32GB" as "the 15-inch, 32GB one"."""
    words = re.sub(r"^it(?: is|'s) (?:the )?", "", words.partition(", and it is")[0].strip())
    return words if words.endswith(" one") else f"the {words.removeprefix('the ')} one"
