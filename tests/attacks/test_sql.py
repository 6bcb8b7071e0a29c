"""SQL and FTS in every text that reaches a statement: it is looked for, and nothing more happens."""

from __future__ import annotations

import logging
import re
from collections.abc import Iterator

import pytest
from sqlalchemy import event, func, select, text

from assistant.conversations import append_turn
from assistant.customers import find_by_email, find_by_name
from assistant.review import work
from assistant.review.queue import _BY, Wanted, find
from assistant.review.work import BadWork
from assistant.search import ProductQuery, search
from assistant.search.query import SLOTS
from assistant.staff import people
from assistant.staff.access import Staff
from assistant.staff.signing_in import Door, SignInRefused
from assistant.store import Address, Customer, Database, Product, Variant, reindex
from assistant.texts import clean

PASSWORD = "correct horse battery"
INJECTIONS = (
    "'",
    "''",
    '"',
    "\\",
    "' OR '1'='1",
    "' OR 1=1 --",
    "'; DROP TABLE products; --",
    "1; DELETE FROM orders",
    "') OR ('1'='1",
    "' UNION SELECT password_hash FROM staff_users --",
    "%' OR name LIKE '%",
    "x' AND 1=(SELECT count(*) FROM customers) --",
    "'||(SELECT email FROM customers LIMIT 1)||'",
    "\u02bc OR 1=1",
    "0x27",
    "; SELECT pg_sleep(9)",
    "$$; SELECT 1; $$",
    "?",
    "%s",
    "%(name)s",
    ":name",
    ":word_0",
    "{0}",
    "{}",
    "%",
    "_",
    "\x00",
    "a\x00b",
    "\ud800",
    "\udfff x",
)
FTS = (
    '"',
    '""',
    '"mug',
    "mug*",
    "mug NOT blue",
    "NEAR(mug blue, 5)",
    "mug AND",
    "OR",
    "NOT",
    "name:mug",
    "-mug",
    "^mug",
    "(mug",
    "mug) OR (",
    "{name brand}: mug",
    "a+b",
    "mug & !blue",
    "mug <-> blue",
    "mug:*",
    "!!",
    "&|",
    "'mug':A",
    "mug | (",
    "*",
    "**",
)
PATTERNS = ("(", "[", "a{99999}", "(a+)+$", "(?<x>", "\\", "*", "?", "+", "(?i)x", "[[:alpha:]]", "\\1", ".*", "$", "^")
TEXTS = (*INJECTIONS, *FTS, *PATTERNS)


@pytest.fixture
def staff(filled: Database) -> Staff:
    with filled.reading() as session:
        ada = people.named(session, "ada")
        return Staff(ada.id, ada.name, ada.role)


@pytest.fixture
def filled(database: Database) -> Iterator[Database]:
    """A small shop, one account and one conversation; after the test all of it is still there."""
    with database.session() as session:
        variant = Variant(id="mug-1", options={"color": "blue"}, price_cents=900, stock=3)
        session.add(Product(id="mug", name="Stone Mug", brand="Halden", category="mugs", variants=[variant]))
        home = Address(address1="1 Elm", city="Troy", state="NY", zip="12180", country="US", is_default=True)
        session.add(Customer(id="mia", email="mia@example.com", first_name="Mia", last_name="Berg", addresses=[home]))
        session.flush()
        reindex(session)
        people.add(session, "ada", "admin", PASSWORD)
        said = {"event": "user", "text": "is the mug blue", "message_id": None, "parse_data": {}}
        append_turn(session, "talk", 0, 1, [said], None)
    yield database
    with database.reading() as session:
        for model in (Product, Customer):
            assert session.scalar(select(func.count()).select_from(model)) == 1, model


class Statements:
    """The texts of all statements while it is open: none may hold what somebody typed."""

    def __init__(self, database: Database) -> None:
        self.database, self.seen = database, list[str]()

    def note(self, *call: object) -> None:
        self.seen.append(str(call[2]))

    def __enter__(self) -> list[str]:
        event.listen(self.database.engine, "before_cursor_execute", self.note)
        return self.seen

    def __exit__(self, *exception: object) -> None:
        event.remove(self.database.engine, "before_cursor_execute", self.note)


def test_a_search_takes_any_text_in_any_slot_as_words(filled: Database) -> None:
    for said in TEXTS:
        for slot in ("query", "brand", "color", "feature", "sort", "refused"):
            value = [["brand", said]] if slot == "refused" else said
            with Statements(filled) as seen, filled.reading() as session:
                found = search(session, ProductQuery.from_slots({slot: value}), 5)
            assert found.total in (0, 1)
            assert not typed_in(seen), (slot, said)


def typed_in(statements: list[str]) -> list[str]:
    """The statements that hold a word of INJECTIONS which no statement of ours has."""
    return [one for one in statements if re.search(r"drop|union(?! all )|sleep|password_hash|or 1=1", one.lower())]


def test_every_slot_at_once_is_still_one_search(filled: Database) -> None:
    for said in INJECTIONS:
        with filled.reading() as session:
            search(session, ProductQuery.from_slots({slot: [said] if slot == "feature" else said for slot in SLOTS}), 5)


def test_the_desk_looks_for_any_text_everywhere(filled: Database, staff: Staff) -> None:
    for where in _BY:
        for said in TEXTS:
            with Statements(filled) as seen, filled.reading() as session:
                found = find(session, staff, Wanted(text=said, where=where))
            if said in INJECTIONS and len(clean(said)) > 3 and any(char.isalnum() for char in said):
                assert found.total == 0, (where, said)  # a text without words, or of a stop word, finds all
            assert not typed_in(seen)
    with filled.reading() as session:
        assert find(session, staff, Wanted(text='"mug" blue')).total == 1, "and words are found among signs"
        assert find(session, staff, Wanted(text="mug NOT red")).total == 0, "an operator is a word, or nothing"
        assert find(session, staff, Wanted(text="mu*")).total == 0


def test_a_note_and_a_label_take_any_text_or_say_why_not(filled: Database, staff: Staff) -> None:
    for said in TEXTS:
        for act in (work.add_note, work.turn_label):
            with filled.session() as session:
                try:
                    act(session, staff, "talk", said)
                except BadWork as refused:
                    assert str(refused)


def test_nobody_is_found_by_a_text_that_is_no_name_no_email_and_no_zip(filled: Database) -> None:
    with filled.reading() as session:
        for said in TEXTS:
            assert find_by_email(session, said) is None
            assert find_by_name(session, said, "12180") == []
            assert find_by_name(session, "Mia Berg", said) == []


def test_nobody_signs_in_by_a_name_or_a_password_of_sql(filled: Database, caplog: pytest.LogCaptureFixture) -> None:
    door = Door(filled, 12)
    caplog.set_level(logging.DEBUG)
    for place, said in enumerate((*INJECTIONS[:14], "a\x00b")):
        for name, password in ((said, "x" * 12), ("ada", said)):
            with filled.session() as session:
                session.execute(text("DELETE FROM sign_in_attempts"))
            with pytest.raises(SignInRefused):
                door.sign_in(name, password, f"10.0.0.{place}")
    assert "correct horse" not in caplog.text
