"""What the query's own words ask for: the thing ("boots"), what describes it ("waterproof"), and whom it is for.

The thing has to be what a product is, not just what its text mentions: its category, or a word of its name, brand,
category or department, wherever the catalogue has any such product.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import partial

from sqlalchemy.orm import Session

from assistant.search import known, patterns, text
from assistant.search.counted import counted, of_people
from assistant.search.filters import LONGEST_WORDS, Condition, described, filters, in_stock, made_for
from assistant.search.known import Known
from assistant.search.query import ProductQuery
from assistant.search.spelling import corrected
from assistant.search.sql import FALSE, HEADING, TRUE, Sql, all_of, any_of, is_in, matches, put, run
from assistant.search.vectors import Near, ProductVectors
from assistant.search.words import audience, content_words, key, phrase
from assistant.texts import raw_words

MOST_NEAR = 100  # products that a vector search gives to the fusion
LEAST_ALIKE, NEARLY_AS = 0.35, 0.1  # cosine from which a product may be meant, and how far below the nearest
A_SENTENCE = 3  # words that tell what is needed, where none of them names a thing that the shop has


@dataclass(frozen=True)
class Plan:
    query: ProductQuery
    dialect: str
    conditions: tuple[Condition, ...]  # the first to give way first
    ranked_by: tuple[str, ...]  # words that make a product a better match
    categories: tuple[str, ...]  # that are what is sought; what only bears the name comes after them
    audience: str | None
    not_asked_for: tuple[str, ...] = ()  # audiences that have to be named: what is for them comes last
    near: tuple[Near, ...] = ()  # products whose text is about the same, the nearest first


def plan(session: Session, query: ProductQuery, vectors: ProductVectors | None = None) -> Plan:
    """How to find what is asked for; `Plan.query` is the query with its mistyped words mended."""
    query, catalogue = _for_so_many(_spelt(session, query)), known.known(session)
    near = vectors.nearest(session, _meaning(query), MOST_NEAR) if vectors else ()
    dialect = session.get_bind().dialect.name
    asked, who = _asked(query)
    spoken = phrase(query.query or query.category)
    head = spoken.head if spoken.head in asked else next(reversed(asked), None)
    may_be_options = partial(known.may_be_options, session)
    conditions = list(filters(query, dialect, may_be_options))
    categories: tuple[str, ...] = ()
    if head:
        alike = [one.product_id for one in near if one.cosine >= max(LEAST_ALIKE, near[0].cosine - NEARLY_AS)]
        thing, others, categories = _thing(session, catalogue, asked, head, alike, query.query or query.category)
        conditions += [described(asked, asked.index(word), dialect, may_be_options) for word in others]
        conditions += [made_for(who, catalogue.audiences, dialect)] if who else []
        conditions.append(thing)
    elif who:
        conditions.append(made_for(who, catalogue.audiences, dialect))
    if query.in_stock is None and any(condition.variant is not None for condition in conditions):
        conditions.insert(0, in_stock())
    return Plan(
        query,
        dialect,
        tuple(conditions),
        tuple(_ranking_words(query, asked)),
        categories,
        who,
        _not_asked_for(query),
        near,
    )


def _asked(query: ProductQuery) -> tuple[tuple[str, ...], str | None]:
    """The words of the query less those that say whom it is for, and whom it is for."""
    words = content_words(query.query or query.category)
    for_adults = [word for word in words if audience(word) in ("women", "men")]
    who = audience(query.recipient) or (audience(for_adults[-1]) if for_adults else None)
    return tuple(word for word in words if word not in for_adults), who


def _not_asked_for(query: ProductQuery) -> tuple[str, ...]:
    said = {audience(word) for word in raw_words(f"{query.query} {query.category} {query.recipient}")}
    said |= {audience(query.recipient), audience(query.query)}  # "a 6 year old" is one only as a whole
    return tuple(who for who in ("kids", "dogs", "cats") if who not in said)


def _thing(
    session: Session, catalogue: Known, asked: Sequence[str], head: str, alike: Sequence[str], said: str
) -> tuple[Condition, list[str], tuple[str, ...]]:
    """The condition on the thing itself, the words that are left to describe it, and the categories that are it."""
    categories, dialect = catalogue.categories, session.get_bind().dialect.name
    wanted = {key(word) for word in asked}
    named = [words for words in categories.values() if key(head) in words and words <= wanted]
    words = [word for word in asked if key(word) in max(named, key=len)] if named else [head]
    exact = tuple(category for category, has in categories.items() if named and has == max(named, key=len))
    department = next((one for one, has in catalogue.departments.items() if has and has == wanted), None)
    if department and not named:
        of_department = Sql("(p.department = ?)", (department,))
        said = " ".join(asked)[:LONGEST_WORDS]
        return Condition(f'called "{said}"', "query", of_department, value=" ".join(asked)), [], ()
    others = [word for word in asked if word not in words]
    instead, sold = text.holds_any(others, dialect) if others else None, True
    test = text.holds(words, dialect, fields="heading")
    nouns = _nouns(words, said)
    if named:
        # "running shoes" are also the "trail running shoes"
        inside = [category for category, has in categories.items() if has >= max(named, key=len)]
        so_called = [category for category in inside if all(re.search(noun, category.lower()) for noun in nouns)]
        test = _so_called(words, nouns, so_called, dialect) if so_called else _either(inside, test, dialect)
    elif _sold(session, test, nouns):
        test = _heading(test, nouns, dialect)
    elif not text.is_held(session, words, fields="heading"):
        test = text.holds(words, dialect, fields="facts")
        sold = text.is_held(session, words, fields="facts")
        if not sold:
            instead = is_in("e.product_id", alike) if alike else FALSE if instead is None else instead
    if alike and not named and (phrase(said).need or (len(asked) >= A_SENTENCE and not sold)):
        words, others, test = list(asked), [], any_of(text.holds(asked, dialect), is_in("e.product_id", alike))
    name = " ".join(words)
    called = f'called "{name[:LONGEST_WORDS]}"'
    thing = Condition(called, "query", test, value=name, instead=instead)
    return thing, others, exact


def _nouns(words: Sequence[str], said: str) -> list[str]:
    """Patterns of the words as nouns: a backpacker's boot is no backpack, and a shirt no t-shirt."""
    compounds = {part: one for one in re.findall(r"\b(?:[a-z]-|t )[a-z]+", said.lower()) for part in raw_words(one)}
    return [patterns.noun(compounds.get(word, word)) for word in words]


def _so_called(words: Sequence[str], nouns: Sequence[str], categories: Sequence[str], dialect: str) -> Sql:
    """The entries of these categories, whose names have the words as nouns, and others whose headings have."""
    of_category = is_in("e.category", categories)
    if dialect == "postgresql":
        held = text.holds(words, dialect, fields="heading")
        return _either(categories, _heading(held, nouns, dialect, of_category), dialect)
    # what is of a category holds its name, so the index finds both at once, and with them all else that is asked
    held = text.holds(words, dialect, fields="heading", or_categories=categories)
    return all_of(held, any_of(of_category, all_of(*(matches(HEADING, noun) for noun in nouns))))


def _heading(held: Sql, nouns: Sequence[str], dialect: str, besides: Sql = FALSE) -> Sql:
    """The entries that hold the words, and whose headings have them as these nouns.

    PostgreSQL's planner does not know what a regular expression costs, so which hold the words is found first, without
    those that are found `besides`."""
    named = [matches(HEADING, noun) for noun in nouns]
    if dialect != "postgresql":
        return all_of(held, *named)
    others = TRUE if besides == FALSE else put("({}) IS NOT TRUE", besides)  # an entry may have no category
    holding = put("SELECT e.number, e.name, e.category FROM search_entries e WHERE {}", all_of(held, others))
    numbers = put("WITH e AS MATERIALIZED ({}) SELECT number FROM e WHERE {}", holding, all_of(*named))
    return put("e.number IN ({})", numbers)


def _either(categories: Sequence[str], other: Sql, dialect: str) -> Sql:
    """PostgreSQL finds each by its own index; in an OR it would read all entries."""
    one = is_in("e.category", categories)
    if dialect != "postgresql":
        return any_of(one, other)
    entries = "SELECT e.number FROM search_entries e WHERE {}"
    either = put(f"{entries} UNION ALL {entries}", one, other)  # once, however few it expects to compare them with
    return put("e.number IN (WITH either AS MATERIALIZED ({}) SELECT number FROM either)", either)


def _sold(session: Session, held: Sql, nouns: Sequence[str]) -> bool:
    """Whether the heading of an entry that holds the words has them as these nouns: read up to the first."""
    fence = " OFFSET 0" if session.get_bind().dialect.name == "postgresql" else ""  # as in _heading
    holding = put(f"SELECT e.name, e.category FROM search_entries e WHERE {{}}{fence}", held)
    named = all_of(*(matches(HEADING, noun) for noun in nouns))
    return bool(run(session, put("SELECT 1 FROM ({}) e WHERE {} LIMIT 1", holding, named)))


def _spelt(session: Session, query: ProductQuery) -> ProductQuery:
    """The query with the mistyped words of the thing and of its features mended."""
    mended = corrected(session, content_words(" ".join((query.query, *query.features))))
    if not mended:
        return query

    def mend(said: str) -> str:
        return "".join(mended.get(word.lower(), word) for word in re.findall(r"[^\W_]+|[\W_]+", said))

    features = tuple(map(mend, query.features))
    return replace(query, query=mend(query.query), features=features, said=mend(query.said))


def _for_so_many(query: ProductQuery) -> ProductQuery:
    """How many people a thing is for, as a feature: "two person tent", be it read as words or as a size."""
    rest, said = counted(query.query)
    people = of_people(query.size)
    if people != query.size:
        query, said = replace(query, size=""), (*said, people)
    return replace(query, query=rest, features=tuple(dict.fromkeys((*map(of_people, query.features), *said))))


def _meaning(query: ProductQuery) -> str:
    """All that is said of the thing in words, as a shopper would say it, or said it."""
    if query.said:
        return query.said
    whom = f"for {query.recipient}" if query.recipient else ""
    said = (query.color, query.material, query.query or query.category, *query.features, whom, query.occasion)
    return " ".join(filter(None, said))


def _ranking_words(query: ProductQuery, asked: Sequence[str]) -> Iterator[str]:
    yield from asked
    for said in (query.category, query.occasion, query.color, query.material, *query.features):
        yield from content_words(said)
    yield from (word for word in content_words(query.recipient) if audience(word) is None)
