"""How faithful a search is to its request: do all products found meet all conditions, and are all right ones found?

    faithfulness(read_listings(session), [(request, searched_by(None)(session, request)), …])  ->  Faithfulness(…)

Requests are drawn by `filter_requests.py`, and what is right is told from the rows alone by `filter_truth.py`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

from sqlalchemy.orm import Session

from assistant.search import ProductQuery, search, text
from assistant.search.filter_requests import Request
from assistant.search.filter_truth import broken, meeting, stated
from assistant.search.listings import Listing
from assistant.search.relevance import DEEP
from assistant.search.sql import run
from assistant.search.vectors import ProductVectors
from assistant.search.words import content_words

PAGE = 50  # products


@dataclass(frozen=True)
class Answer:
    product_ids: tuple[str, ...]  # of all pages, as they are shown
    named: str | None = None  # the condition that is said to have emptied the result


Searched = Callable[[Session, Request], Answer]


@dataclass(frozen=True)
class Tally:
    """Over some requests: `met` of the `returned` products meet what was asked, `found` of the `right` are returned."""

    requests: int = 0
    returned: int = 0
    met: int = 0
    right: int = 0
    found: int = 0

    @property
    def satisfied(self) -> float:
        return self.met / self.returned if self.returned else 1.0

    @property
    def recall(self) -> float:
        return self.found / self.right if self.right else 1.0


@dataclass(frozen=True)
class Fault:
    """A product that breaks what was asked, or, where it breaks nothing, one that is right and was not found."""

    request: Request
    product: str  # its name
    breaks: tuple[str, ...]

    def __str__(self) -> str:
        what = f"breaks {', '.join(self.breaks)}" if self.breaks else "was not found"
        return f"{self.request.id} {dict(self.request.slots)}: {self.product} {what}"


@dataclass(frozen=True)
class Faithfulness:
    whole: Tally
    kinds: Mapping[str, Tally]  # of the requests that state this kind; `met` counts this condition alone
    faults: tuple[Fault, ...]
    in_order: tuple[int, int]  # of so many requests with a sort and an answer, so many are in order
    named: tuple[int, int]  # of so many requests that nothing meets, so many are told which condition it is
    out_of_order: tuple[str, ...] = ()  # ids of requests

    @property
    def breaches(self) -> tuple[Fault, ...]:
        return tuple(fault for fault in self.faults if fault.breaks)

    @property
    def misses(self) -> tuple[Fault, ...]:
        return tuple(fault for fault in self.faults if not fault.breaks)


def faithfulness(listings: Sequence[Listing], answers: Sequence[tuple[Request, Answer]]) -> Faithfulness:
    known = {listing.id: listing for listing in listings}
    whole, kinds, faults = Tally(), dict[str, Tally](), list[Fault]()
    for request, answer in answers:
        breaks_of = {listing.id: broken(request.slots, listing) for listing in listings}
        returned = [(product_id, breaks_of[product_id]) for product_id in answer.product_ids]
        right = {product_id for product_id, breaks in breaks_of.items() if not breaks}
        found = right & set(answer.product_ids)
        whole = _counted(whole, [not breaks for _, breaks in returned], len(right), len(found))
        for kind in stated(request.slots):
            met = [kind not in breaks for _, breaks in returned]
            kinds[kind] = _counted(kinds.get(kind, Tally()), met, len(right), len(found))
        faults += [Fault(request, known[one].name, tuple(sorted(breaks))) for one, breaks in returned if breaks]
        faults += [Fault(request, known[one].name, ()) for one in sorted(right - found)]
    ordered = [(request, answer) for request, answer in answers if "sort" in request.slots and answer.product_ids]
    amiss = tuple(request.id for request, answer in ordered if not is_in_order(request, answer, known))
    hopeless = [answer for request, answer in answers if not request.answered]
    named = sum(answer.named is not None for answer in hopeless)
    in_order = (len(ordered) - len(amiss), len(ordered))
    return Faithfulness(whole, kinds, tuple(faults), in_order, (named, len(hopeless)), amiss)


def is_in_order(request: Request, answer: Answer, known: Mapping[str, Listing]) -> bool:
    """What can be bought first, and either part in the order of the sort."""
    places = [_place(request, known[product_id]) for product_id in answer.product_ids]
    return all(one <= other for one, other in pairwise(places))


def searched_by(vectors: ProductVectors | None) -> Searched:
    """The search that shoppers have; page by page."""

    def searched(session: Session, request: Request) -> Answer:
        query = ProductQuery.from_slots(request.slots)
        found = search(session, query, PAGE, vectors=vectors)
        ids = [match.product.id for match in found.products]
        while len(ids) < found.total and (page := search(session, query, PAGE, len(ids), vectors).products):
            ids += [match.product.id for match in page]
        return Answer(tuple(ids), found.emptied_by)

    return searched


def searched_by_words(session: Session, request: Request) -> Answer:
    """The plain baseline: the first products by BM25 for all the words of the request."""
    said = [
        value if isinstance(value, str) else " ".join(value) for value in request.slots.values() if _has_words(value)
    ]
    words = content_words(" ".join(said))
    if not words:
        return Answer(())
    best = run(session, text.by_score(words, session.get_bind().dialect.name, DEEP))
    return Answer(tuple(product_id for product_id, _ in best))


def table(systems: Mapping[str, Faithfulness], kinds_of: str) -> str:
    """Markdown: every search, and below the one called `kinds_of` condition by condition."""
    rows = [
        "| search | requests | results | meet every condition | right answers found | sorted right | emptied, named |"
    ]
    rows.append("|---" * 7 + "|")
    for name, one in systems.items():
        order, named = (f"{right} of {of}" for right, of in (one.in_order, one.named))
        rows.append(f"| {name} | {_cells(one.whole)} | {order} | {named} |")
    rows += ["", "| condition | requests | results | meet it | right answers found |", "|---|---|---|---|---|"]
    rows += [f"| {kind} | {_cells(tally)} |" for kind, tally in sorted(systems[kinds_of].kinds.items())]
    return "\n".join(rows)


def _counted(tally: Tally, met: Sequence[bool], right: int, found: int) -> Tally:
    return replace(
        tally,
        requests=tally.requests + 1,
        returned=tally.returned + len(met),
        met=tally.met + sum(met),
        right=tally.right + right,
        found=tally.found + found,
    )


def _cells(tally: Tally) -> str:
    return f"{tally.requests} | {tally.returned} | {tally.satisfied:.2%} | {tally.recall:.2%}"


def _place(request: Request, listing: Listing) -> tuple[bool, float]:
    offers = meeting(request.slots, listing)
    buyable = [offer for offer in offers if offer.buyable]
    price = min((offer.price_cents for offer in buyable or offers), default=0)
    by = {"price_asc": price, "price_desc": -price, "rating": -(listing.rating or 0), "popular": -listing.rating_count}
    return not buyable, by[request.slots["sort"]]


def _has_words(value: object) -> bool:
    return isinstance(value, str | list)
