"""Finding conversations: by words, shopper, order, product, intent, outcome and day, and by the saved filters."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import update
from talks import ORDER, hand_over, happens, in_task, reply, said, search_for_boots

from assistant.review.queue import LONG_FROM, PAGE_ROWS, SAVED, Wanted, find
from assistant.staff.access import NotAllowed, Staff
from assistant.store import ConversationFacts, Customer, Database, Product, now
from dialogues.tracker import slot_event


def ids(database: Database, staff: Staff, **wanted: object) -> set[str]:
    with database.reading() as session:
        found = find(session, staff, Wanted(**wanted))  # type: ignore[arg-type]
    assert found.total == len(found.rows)
    return {row.id for row in found.rows}


@pytest.fixture
def talks(database: Database) -> Database:
    """Boots; an order, identified and thumbed down; a task that was left; one that fell back and was handed over."""
    with database.session() as session:
        session.add(Customer(id="c1", email="mia@example.com", first_name="Mia", last_name="Lindqvist"))
        session.add(Product(id="ridgeline", name="Tarnbeck Ridgeline Mid"))
    search_for_boots(database, "boots")
    happens(
        database, "order", said("where is order W4821093", "track_order()"), slot_event("customer_id", "c1"),
        reply("It was shipped.", "utter_order_status", cards=(ORDER,)),
    )  # fmt: skip
    happens(database, "order", {"event": "feedback", "turn": 1, "thumb": "down"})
    happens(database, "left", said("cancel my order", "cancel_order()"), in_task("cancel_order", "order_id"))
    happens(database, "lost", said("hm", "greet()", 0.2), reply("Say it another way?", "utter_rephrase"))
    hand_over(database, "lost")
    with database.session() as session:
        session.execute(
            update(ConversationFacts).where(ConversationFacts.conversation_id == "left").values(
                last_at=now() - timedelta(days=3)
            )
        )  # fmt: skip
    return database


def test_every_word_must_have_been_said_by_either_side_in_any_turn(talks: Database, kim: Staff) -> None:
    assert ids(talks, kim, text="boot") == {"boots"}
    assert ids(talks, kim, text="person way") == {"lost"}
    assert ids(talks, kim, text="boots order") == set()
    assert ids(talks, kim, text="is shipped") == {"order"}  # also where "is" is not indexed


@pytest.mark.parametrize("text", ['"', "boots OR order", "boots' --", "NEAR(", "*", "%", "\\", "-boots", "x" * 3000])
def test_no_operator_of_the_database_can_be_typed(talks: Database, kim: Staff, text: str) -> None:
    assert ids(talks, kim, text=text) <= {"boots", "order", "left", "lost"}
    for where in ("shopper", "order", "product", "label"):
        assert ids(talks, kim, text=text, where=where) == set()


def test_an_agent_finds_a_shopper_by_name_and_email(talks: Database, kim: Staff) -> None:
    for text in ("Lindqvist", "mia lind", "MIA@example.com", "c1", "order"):
        assert ids(talks, kim, text=text, where="shopper") == {"order"}


def test_a_trainer_cannot_learn_by_searching_who_somebody_is(talks: Database, tess: Staff) -> None:
    assert ids(talks, tess, text="Lindqvist", where="shopper") == set()
    assert ids(talks, tess, text="mia@example.com", where="shopper") == set()
    assert ids(talks, tess, text="c1", where="shopper") == {"order"}


def test_by_order_product_intent_outcome_and_day(talks: Database, kim: Staff) -> None:
    today = now().date()
    assert ids(talks, kim, text="w4821093", where="order") == {"order"}
    assert ids(talks, kim, text="ridgeline", where="product") == {"boots"}
    assert ids(talks, kim, intent="cancel_order") == {"left"}
    assert ids(talks, kim, outcome="handed_over") == {"lost"}
    assert ids(talks, kim, until=today - timedelta(days=1)) == {"left"}
    assert ids(talks, kim, since=today) == {"boots", "order", "lost"}


@pytest.mark.parametrize(
    ("saved", "expected"),
    [
        ("all", {"boots", "order", "left", "lost"}),
        ("low_confidence", {"lost"}),
        ("fell_back", {"lost"}),
        ("thumbs_down", {"order"}),
        ("handed_over", {"lost"}),
        ("waiting", {"lost"}),
        ("abandoned", {"left"}),
        ("live", {"boots", "order", "lost"}),
        ("long", set()),
        ("flagged", set()),
        ("mine", set()),
        ("open", {"boots", "order", "left", "lost"}),
    ],
)
def test_the_saved_filters(talks: Database, kim: Staff, saved: str, expected: set[str]) -> None:
    assert ids(talks, kim, saved=saved) == expected


def test_every_saved_filter_has_a_test() -> None:
    tested = next(mark for mark in test_the_saved_filters.pytestmark if mark.name == "parametrize").args[1]  # type: ignore[attr-defined]
    assert {name for name, _ in tested} == set(SAVED)


def test_pages_are_cut_in_sql_latest_first(database: Database, kim: Staff) -> None:
    for number in range(PAGE_ROWS + 2):
        happens(database, f"c{number:02}", said("hello"), reply("Hello."))
    for _ in range(LONG_FROM):
        happens(database, "c00", said("hello"), reply("Hello."))
    with database.reading() as session:
        first, second = (find(session, kim, Wanted(), page) for page in (0, 1))
        assert [row.id for row in find(session, kim, Wanted(saved="long")).rows] == ["c00"]
    assert (first.total, len(first.rows), len(second.rows)) == (PAGE_ROWS + 2, PAGE_ROWS, 2)
    assert first.rows[0].id == "c00"
    assert [row.id for row in second.rows] == ["c02", "c01"]


def test_a_shopper_finds_nothing(talks: Database) -> None:
    with pytest.raises(NotAllowed), talks.reading() as session:
        find(session, Staff(0, "mia", "shopper"), Wanted())
