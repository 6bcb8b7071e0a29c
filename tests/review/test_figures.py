"""The figures of the desk: what is counted, by day and in all, and what nobody could answer."""

from __future__ import annotations

from datetime import timedelta

import numpy as np
import pytest
from sqlalchemy import delete, select, update
from talks import hand_over, happens, reply, said, search_for_boots

from assistant.feedback import rate
from assistant.review.clusters import clusters
from assistant.review.facts import backfill
from assistant.review.figures import Figures, Span, read_figures, unanswered
from assistant.review.takeover import Counter
from assistant.staff.access import NotAllowed, Staff
from assistant.store import ConversationFacts, Customer, Database, TurnFacts, now
from dialogues.tracker import slot_event


def timing(*seconds: float) -> dict[str, object]:
    understand, reply_took = seconds
    return {"event": "timing", "seconds": {"understand": understand, "reply": reply_took, "first_words": 9.0}}


@pytest.fixture
def talked(database: Database) -> Database:
    search_for_boots(database, "mia")
    hand_over(database, "mia")
    for number in range(9):
        happens(database, f"quick{number}", said("hello"), reply("Hello."), timing(0.1, 0.2))
    lost = said("can you book me a flight, lee@example.com", "out_of_scope()", 0.3)
    happens(database, "slow", lost, reply("Sorry?", "utter_rephrase"), timing(1.0, 1.0))
    with database.session() as session:
        rate(session, "slow", 1, "up")
    with database.session() as session:
        rate(session, "slow", 1, "down")
    return database


def figures(database: Database, staff: Staff, days: int = 7) -> Figures:
    with database.reading() as session:
        return read_figures(session, staff, Span.last(days))


def test_the_span_is_counted_as_a_whole_and_by_day(talked: Database, tess: Staff) -> None:
    found = figures(talked, tess)
    assert found.whole.conversations == 11 and found.whole.messages == 12
    assert found.whole.contained == pytest.approx(10 / 11) and found.whole.handed_over == pytest.approx(1 / 11)
    assert found.whole.fell_back == pytest.approx(1 / 12)
    assert (found.whole.median_s, found.whole.p95_s) == (pytest.approx(0.3), pytest.approx(2.0))
    assert (found.whole.thumbs_up, found.whole.thumbs_down) == (0, 1)
    assert [day.conversations for day in found.days] == [0, 0, 0, 0, 0, 0, 11]
    assert found.days[0].contained is None and found.days[-1].p95_s == found.whole.p95_s
    assert dict(found.totals) == {"greet": 9, "human_handoff": 1, "out_of_scope": 1, "search_products": 1}
    assert len(found.intents) == 7 * 4 and (found.days[-1].date, "greet", 9) in found.intents


def test_who_was_taken_over_did_not_end_without_a_person(talked: Database, kim: Staff) -> None:
    Counter(talked, "joins", "leaves").take(kim, "slow")
    whole = figures(talked, kim).whole
    assert whole.contained == pytest.approx(9 / 11) and whole.handed_over == pytest.approx(1 / 11)


def test_what_is_older_than_the_span_is_not_counted(talked: Database, kim: Staff) -> None:
    with talked.session() as session:
        old = now() - timedelta(days=8)
        session.execute(update(TurnFacts).values(at=old))
        session.execute(update(ConversationFacts).values(started_at=old))
    week = figures(talked, kim)
    assert (week.whole.conversations, week.whole.messages, week.totals) == (0, 0, ())
    assert figures(talked, kim, days=30).whole.messages == 12


def test_what_nobody_answered_is_masked(talked: Database, kim: Staff) -> None:
    with talked.reading() as session:
        assert unanswered(session, kim, Span.last(7), 10) == ["can you book me a flight, [e-mail]"]


def test_a_name_from_before_it_was_known_is_masked_as_soon_as_it_is(talked: Database, kim: Staff) -> None:
    with talked.session() as session:
        session.add(Customer(id="bea_1", email="b@x.org", first_name="Bea", last_name="Simmons"))
    happens(talked, "bea", said("bea here, sing me a song", "out_of_scope()", 0.3), reply("Sorry.", "utter_rephrase"))
    happens(talked, "bea", said("b@x.org", "inform()"), slot_event("customer_id", "bea_1"), reply("Thanks."))
    with talked.reading() as session:
        assert unanswered(session, kim, Span.last(7), 1) == ["[name] here, sing me a song"]


def test_a_shopper_sees_no_figures(talked: Database) -> None:
    with pytest.raises(NotAllowed):
        figures(talked, Staff(0, "nobody", "shopper"))


def test_the_rows_of_older_conversations_are_made_later(talked: Database, kim: Staff) -> None:
    before = figures(talked, kim)
    with talked.session() as session:
        session.execute(delete(TurnFacts))
    backfill(talked)
    with talked.reading() as session:
        assert len(session.scalars(select(TurnFacts)).all()) == 12
    assert figures(talked, kim) == before


def test_messages_that_ask_the_same_are_one_cluster_named_by_the_most_central() -> None:
    places = {"book a flight": (1.0, 0.0), "a flight please": (1.0, 0.3), "flights?": (1.0, 0.6), "lyrics": (0.0, 1.0)}
    texts = ["book a flight", "flights?", "lyrics", "a flight please", "a  flight please"]
    first, second = clusters(texts, lambda some: np.array([places[text] for text in some]))
    assert (first.name, first.count, set(first.examples)) == ("a flight please", 4, {"book a flight", "flights?"})
    assert (second.name, second.count, second.examples) == ("lyrics", 1, ())
    assert clusters([], lambda some: np.zeros((0, 2))) == []
