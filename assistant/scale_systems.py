"""The searches that `aisle bench search` times, and what it asks of them: ours, bm25s (Lù 2024) and SQL LIKE.

A search is opened once, then asked the queries of scale_queries.yml. It gives its best few products, as in the chat.
"""

from __future__ import annotations

import os
import tempfile
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from ruamel.yaml import YAML
from sqlalchemy import select, text
from sqlalchemy.orm import Session, selectinload

from assistant.actions.base import reader
from assistant.search import ProductQuery, search
from assistant.search.relevance import by_like
from assistant.search.vectors import ProductVectors
from assistant.settings import Settings
from assistant.store import Product
from assistant.store.product_search import fields

QUERIES = Path(__file__).with_name("scale_queries.yml")
SHOWN = 4  # products
MIB = 2**20


@dataclass(frozen=True)
class Query:
    kind: str
    asked: ProductQuery
    words: str  # all that is said, for searches that know no slots


@dataclass(frozen=True)
class System:
    ask: Callable[[Query], object]
    index_s: float | None = None  # to build what it searches in; None where that was there already
    disk_mib: float | None = None  # of what it searches in; None where that is only the shop's own tables
    forget: Callable[[], None] = lambda: None  # words that were read before


def load_queries() -> list[Query]:
    kinds: Mapping[str, Sequence[Mapping[str, Any]]] = YAML(typ="safe").load(QUERIES.read_text("utf-8"))
    return [
        Query(kind, ProductQuery.from_slots(slots), _words(slots)) for kind, asked in kinds.items() for slots in asked
    ]


def open_aisle(settings: Settings, session: Session, index_s: float | None) -> System:
    """The whole search, by words and by meaning; on disk it is the whole database."""
    vectors = ProductVectors(reader(settings))
    return System(
        lambda query: search(session, query.asked, SHOWN, vectors=vectors), index_s, _disk_mib(session), vectors.forget
    )


def open_bm25s(session: Session) -> System:
    """BM25 over the texts that ours has in its index, without its filters, meaning and spelling."""
    import bm25s

    ids, texts = _texts(session)
    started = time.perf_counter()
    retriever = bm25s.BM25()
    retriever.index(bm25s.tokenize(texts, stopwords="en", show_progress=False), show_progress=False)
    seconds = time.perf_counter() - started

    def ask(query: Query) -> list[str]:
        words = bm25s.tokenize(query.words, stopwords="en", show_progress=False)
        places: np.ndarray = retriever.retrieve(words, k=SHOWN, show_progress=False).documents[0]
        return [ids[place] for place in places]

    with tempfile.TemporaryDirectory() as folder:
        retriever.save(folder, show_progress=False)
        disk = sum(path.stat().st_size for path in Path(folder).iterdir()) / MIB
    return System(ask, seconds, disk)


def open_like(session: Session) -> System:
    return System(lambda query: by_like(session, query.words, SHOWN))


OTHERS: Mapping[str, Callable[[Session], System]] = {"bm25s": open_bm25s, "SQL LIKE": open_like}


def resident_mib() -> int:
    """This process's memory now; 0 where the system does not tell (it is no Linux)."""
    status = Path("/proc/self/statm")
    return int(status.read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE") // MIB if status.exists() else 0


def _texts(session: Session) -> tuple[list[str], list[str]]:
    wanted = select(Product).options(selectinload(Product.variants)).execution_options(yield_per=1_000)
    ids, texts = [], []
    for product in session.scalars(wanted):
        ids.append(product.id)
        texts.append(" ".join(fields(product).values()))
        session.expunge(product)
    return ids, texts


def _disk_mib(session: Session) -> float:
    if session.get_bind().dialect.name == "postgresql":
        size = "SELECT pg_database_size(current_database())"
    else:
        size = "SELECT page_count * page_size FROM pragma_page_count, pragma_page_size"
    return float(session.scalar(text(size)) or 0) / MIB


def _words(slots: Mapping[str, Any]) -> str:
    said = (value if isinstance(value, list) else [value] for name, value in slots.items() if name != "sort")
    return " ".join(str(value) for values in said for value in values)
