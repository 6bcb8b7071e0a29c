"""How good a search is: judged queries in, NDCG@10 and Recall@50 of several searches out, side by side.

A judged query is a line of JSON (tests/search/RELEVANCE.md): what the shopper types, the command a perfect recogniser
would read, and a grade of 1 to 3 for each product that answers it. NDCG as in Järvelin and Kekäläinen 2002, with
2^grade - 1; intervals by bootstrap over the queries (Efron 1979).
"""

from __future__ import annotations

import json
import math
import random
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sqlalchemy import ColumnElement, Text, case, cast, literal, or_, select
from sqlalchemy.orm import Session

from assistant.search import ProductQuery, search, text
from assistant.search.dropped import without_dropped
from assistant.search.mistyped import heard_beside, with_message
from assistant.search.refusals import with_refusals
from assistant.search.sql import run
from assistant.search.vectors import ProductVectors
from assistant.search.words import content_words
from assistant.store import Product
from assistant.texts import raw_words

DEEP, SHALLOW = 50, 10  # how far down recall and NDCG look
RIGHT = 2  # grade from which a product answers the query, for recall
RESAMPLES, SEED = 1_000, 7
AS_QUERY = {"category": "query"}  # slots of recommend that a search calls otherwise

Ranking = Sequence[str]  # product names, the best first
System = Callable[[Session, "Judged"], Ranking]


class BadJudgments(ValueError):
    """The file of judged queries does not hold; the message names the line."""


@dataclass(frozen=True)
class Judged:
    id: str
    query: str
    slots: Mapping[str, Any]  # of the first command that a perfect recogniser would read
    grades: Mapping[str, int]  # product name: 1..3
    tags: tuple[str, ...]


@dataclass(frozen=True)
class Score:
    """Means over the queries that have an answer, each with its 95 % interval; shares are 0..1."""

    ndcg: float
    ndcg_interval: tuple[float, float]
    recall: float
    recall_interval: tuple[float, float]


def load_judged(path: Path) -> list[Judged]:
    """Raises BadJudgments."""
    found = []
    for number, line in enumerate(path.read_text("utf-8").splitlines(), 1):
        try:
            data = json.loads(line)
            slots = data["commands"][0]["slots"]
            one = Judged(data["id"], data["query"], slots, data["relevant"], tuple(data["tags"]))
        except (ValueError, KeyError, IndexError, TypeError) as error:
            raise BadJudgments(
                f"{path}:{number} is no judged query ({error!r}); see RELEVANCE.md beside it."
            ) from error
        if any(grade not in (1, 2, 3) for grade in one.grades.values()):
            raise BadJudgments(f"{path}:{number}: grades are 1, 2 or 3, and what is not named has none.")
        found.append(one)
    return found


def systems(vectors: ProductVectors) -> dict[str, System]:
    """The searches to compare, the plainest first."""
    return {
        "SQL LIKE": lambda session, one: by_like(session, one.query, DEEP),
        "text alone (BM25)": _bm25,
        "vectors alone": lambda session, one: _by_vectors(session, one, vectors),
        "fused": lambda session, one: _shown(session, ProductQuery(query=one.query), vectors),
        "filters, text alone": lambda session, one: _shown(session, query_of(one.slots), None),
        "fused with filters": lambda session, one: _shown(session, query_of(one.slots), vectors),
    }


def answer_to(slots: Mapping[str, Mapping[str, Any]], vectors: ProductVectors) -> System:
    """A search by other slots than the judged ones, by query id, taken with the words they were read from as the
    assistant takes them; what has none finds nothing."""

    def answer(session: Session, one: Judged) -> Ranking:
        if not slots.get(one.id):
            return ()
        asked = with_refusals(without_dropped(slots[one.id])[0], one.query)
        asked = heard_beside(session, asked, one.query)
        return _shown(session, query_of(with_message(asked, one.query)), vectors)

    return answer


def query_of(slots: Mapping[str, Any]) -> ProductQuery:
    return ProductQuery.from_slots({AS_QUERY.get(name, name): value for name, value in slots.items()})


def score(judged: Sequence[Judged], rankings: Sequence[Ranking]) -> Score:
    """Of one system over all queries that have an answer."""
    pairs = [(one, ranking) for one, ranking in zip(judged, rankings, strict=True) if one.grades]
    gains = [ndcg(ranking, one.grades) for one, ranking in pairs]
    shares = [share for one, ranking in pairs if (share := recall(ranking, one.grades)) is not None]
    return Score(_mean(gains), interval(gains), _mean(shares), interval(shares))


def ndcg(ranking: Ranking, grades: Mapping[str, int]) -> float:
    """At 10; 1 where the best products stand first in the order of their grades."""

    def gain(names: Sequence[str]) -> float:
        return sum((2 ** grades.get(name, 0) - 1) / math.log2(place + 1) for place, name in enumerate(names, 1))

    ideal = sorted(grades, key=lambda name: -grades[name])[:SHALLOW]
    return gain(list(ranking)[:SHALLOW]) / gain(ideal)


def recall(ranking: Ranking, grades: Mapping[str, int]) -> float | None:
    """The share of the products that answer the query among the first 50; None where none does."""
    right = {name for name, grade in grades.items() if grade >= RIGHT}
    return len(right & set(list(ranking)[:DEEP])) / len(right) if right else None


def interval(values: Sequence[float]) -> tuple[float, float]:
    """The middle 95 % of the means of 1,000 resamples."""
    if not values:
        return (math.nan, math.nan)
    chance = random.Random(SEED)
    means = sorted(_mean(chance.choices(values, k=len(values))) for _ in range(RESAMPLES))
    return means[int(RESAMPLES * 0.025)], means[int(RESAMPLES * 0.975) - 1]


def table(scores: Mapping[str, Score]) -> str:
    """Markdown."""
    rows = ["| search | NDCG@10 | Recall@50 |", "|---|---|---|"]
    for name, one in scores.items():
        cells = [_cell(one.ndcg, one.ndcg_interval), _cell(one.recall, one.recall_interval)]
        rows.append(f"| {name} | {' | '.join(cells)} |")
    return "\n".join(rows)


def _cell(mean: float, bounds: tuple[float, float]) -> str:
    return f"{mean:.3f} ({bounds[0]:.3f}-{bounds[1]:.3f})"


def _mean(values: Sequence[float]) -> float:
    return sum(values) / len(values) if values else math.nan


def _shown(session: Session, query: ProductQuery, vectors: ProductVectors | None) -> Ranking:
    found = search(session, query, DEEP, vectors=vectors)
    return [match.product.name for match in (*found.products, *found.related) or found.nearest]


def by_like(session: Session, said: str, limit: int) -> Ranking:
    """By how many of the words a product's text holds."""
    held: ColumnElement[int] = literal(0)
    for word in raw_words(said):
        columns = (Product.name, Product.category, Product.brand, Product.description, cast(Product.tags, Text))
        held = held + case((or_(*(column.ilike(f"%{word}%") for column in columns)), 1), else_=0)
    rows = session.execute(select(Product.name, held).order_by(held.desc(), Product.name).limit(limit))
    return [name for name, count in rows if count]


def _bm25(session: Session, one: Judged) -> Ranking:
    words = content_words(one.query)
    if not words:
        return []
    best = run(session, text.by_score(words, session.get_bind().dialect.name, DEEP))
    return [name for _, name in best]


def _by_vectors(session: Session, one: Judged, vectors: ProductVectors) -> Ranking:
    near = vectors.nearest(session, one.query, DEEP)
    rows = session.execute(select(Product.id, Product.name).where(Product.id.in_([each.product_id for each in near])))
    names = {product_id: name for product_id, name in rows}
    return [names[each.product_id] for each in near if each.product_id in names]
