"""Learning who the shopper is: what is accepted, what is refused, and what a refusal gives away (nothing)."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from small_shop import IDENTITY_ATTEMPTS, Run, runner
from sqlalchemy import event

from assistant.importers.tau2 import import_tau2
from assistant.store import Database

FORGOTTEN = {"email": None, "name": None, "zip": None}


@pytest.mark.parametrize(
    "email",
    ["mia@example.com", "  MIA@Example.COM", "it's mia@example.com.", "mia at example dot com", "<mia@example.com>"],
)
def test_an_email_is_enough(run: Run, email: str) -> None:
    outcome = run("action_identify", email=email)
    assert outcome.responses == ["utter_identified"]
    assert outcome.facts == {"first_name": "Mia"}
    known = {"customer_id": "mia", "first_name": "Mia", "identified_by": "email", "identity_attempts": None}
    assert outcome.slots == {**known, **FORGOTTEN}


@pytest.mark.parametrize(
    ("name", "zip_code", "customer"),
    [
        ("Mia O'Neill-Berg", "19122", "mia"),
        ("it's mia oneill berg", "zip 19122", "mia"),
        ("ONeillBerg, Mia", "19122-0042", "mia"),
        ("Mrs Mia Jane O\u2019Neill Berg speaking", "19122 0042", "mia"),
        ("josé luis ørsted", "eh91hn", "jose"),
        ("Jose Luis Orsted", "it's EH9 1HN, Edinburgh", "jose"),
        ("joseluis orsted", "EH9 1hn", "jose"),
    ],
)
def test_full_name_and_zip_are_enough_however_they_are_spelt(run: Run, name: str, zip_code: str, customer: str) -> None:
    assert run("action_identify", name=name, zip=zip_code).slots["customer_id"] == customer


@pytest.mark.parametrize(
    "claims",
    [
        {"email": "nobody@example.com"},
        {"email": "mia@example.com.evil.org"},
        {"email": "not an address"},
        {"email": "noor@example.com, mia@example.com"},
        {"email": "' OR 1=1 --"},
        {"email": "%@example.com"},
        {"name": "Mia O'Neill-Berg", "zip": "19121"},
        {"name": "Mia Brown", "zip": "19122"},
        {"name": "Mia", "zip": "19122"},
        {"name": "O'Neill-Berg", "zip": "19122"},
        {"name": "Mia O'Neill-Berg", "zip": "1912"},
        {"name": "Mia O'Neill-Berg", "zip": "19121 19122"},
        {"name": "Mia O'Neill-Berg", "zip": "%"},
        {"name": "Mia O'Neill-Berg", "zip": "9" * 2000},
        {"name": "Mia Noor Anna Yusuf O'Neill-Berg Siddiqui", "zip": "19122"},
        {"name": "\x00", "zip": "\x00 19122 \x00"},
        {"email": "mia@example.com", "name": "Noor Siddiqui", "zip": "77019"},
        {"email": "#W1000002", "order_id": "#W1000002"},
    ],
    ids=str,
)
def test_whatever_is_wrong_gets_the_same_answer(run: Run, claims: dict[str, str]) -> None:
    outcome = run("action_identify", **claims)
    assert outcome.responses == ["utter_identity_unknown"]
    assert outcome.facts == {}
    tried = {"name": claims["name"], "zip": claims["zip"]} if "name" in claims else None
    assert outcome.slots == {**FORGOTTEN, "identity_attempts": 1, "tried": tried}
    assert outcome.followup is None


@pytest.mark.parametrize("claims", [("mia@example.com", "nobody@example.com")])
def test_an_email_that_exists_costs_the_same_look_up_as_one_that_does_not(
    run: Run, database: Database, claims: tuple[str, ...]
) -> None:
    def statements(email: str) -> list[str]:
        seen: list[str] = []
        listener = lambda *call: seen.append(call[2])  # noqa: E731
        event.listen(database.engine, "before_cursor_execute", listener)
        run("action_identify", email=email)
        event.remove(database.engine, "before_cursor_execute", listener)
        return seen

    there, nowhere = (statements(email) for email in claims)
    assert there == nowhere


def test_one_wrong_claim_beside_a_right_one_does_not_matter(run: Run) -> None:
    outcome = run("action_identify", email="old@example.com", name="Noor Siddiqui", zip="77019")
    assert outcome.slots["customer_id"] == "noor"
    assert outcome.slots["identified_by"] == "name and zip"


@pytest.mark.parametrize(
    ("claims", "question"),
    [
        ({}, "utter_ask_identity"),
        ({"name": "Mia O'Neill-Berg"}, "utter_ask_zip"),
        ({"zip": "19122"}, "utter_ask_name"),
        ({"order_id": "#W1000002"}, "utter_ask_identity"),
        ({"email": "", "name": None}, "utter_ask_identity"),
    ],
    ids=str,
)
def test_what_is_missing_is_asked_for_and_costs_no_attempt(run: Run, claims: dict[str, str], question: str) -> None:
    outcome = run("action_identify", "where is my order", **claims)
    assert outcome.responses == [question]
    assert outcome.slots == {}


@pytest.mark.parametrize(
    ("wrong", "right"),
    [
        ({"name": "Mia O'Neill-Berg", "zip": "19121"}, {"zip": "19122"}),
        ({"name": "Mia Oneil", "zip": "19122"}, {"name": "Mia O'Neill-Berg"}),
    ],
)
def test_the_half_that_was_wrong_is_enough_the_second_time(
    run: Run, wrong: dict[str, str], right: dict[str, str]
) -> None:
    tried = run("action_identify", **wrong).slots["tried"]
    assert run("action_identify", **right, tried=tried).slots["customer_id"] == "mia"
    assert run("action_identify", email="noor@example.com", tried=tried).slots["customer_id"] == "noor"


def test_two_people_of_one_name_and_zip_are_asked_for_the_email_and_never_guessed(run: Run) -> None:
    outcome = run("action_identify", name="Anna Brown", zip="80201")
    assert outcome.responses == ["utter_ask_identity"]
    assert "customer_id" not in outcome.slots
    assert run("action_identify", email="anna.two@example.com").slots["customer_id"] == "anna.two"


def test_when_the_attempts_are_used_up_a_person_takes_over_even_from_the_right_answer(run: Run) -> None:
    attempts: int | None = None
    for _ in range(IDENTITY_ATTEMPTS - 1):
        outcome = run("action_identify", name="Mia O'Neill-Berg", zip="1", identity_attempts=attempts)
        assert (outcome.responses, outcome.followup) == (["utter_identity_unknown"], None)
        attempts = outcome.slots["identity_attempts"]
    last = run("action_identify", email="nobody@example.com", identity_attempts=attempts)
    assert (last.responses, last.followup) == (["utter_identity_locked"], "human_handoff")
    late = run("action_identify", email="mia@example.com", identity_attempts=last.slots["identity_attempts"])
    assert (late.responses, late.followup) == (["utter_identity_locked"], "human_handoff")
    assert late.slots == FORGOTTEN


@pytest.mark.parametrize(
    "claims",
    [
        {"email": "noor@example.com"},
        {"email": "nobody@example.com"},
        {"name": "Noor Siddiqui", "zip": "77019"},
        {"name": "Noor Siddiqui"},
        {"zip": "77019"},
    ],
    ids=str,
)
def test_nobody_becomes_another_customer_within_a_conversation(run: Run, claims: dict[str, str]) -> None:
    outcome = run("action_identify", customer_id="mia", first_name="Mia", **claims)
    assert outcome.responses == ["utter_other_customer"]
    assert outcome.slots == FORGOTTEN


@pytest.mark.parametrize(
    "claims", [{"email": "mia@example.com"}, {"name": "mia oneill berg"}, {"zip": "19122"}], ids=str
)
def test_the_same_customer_may_say_it_again(run: Run, claims: dict[str, str]) -> None:
    outcome = run("action_identify", customer_id="mia", **claims)
    assert outcome.responses == ["utter_identified"]
    assert outcome.slots == FORGOTTEN


def test_a_known_customer_who_claims_nothing_is_not_bothered(run: Run) -> None:
    assert run("action_identify", customer_id="mia").messages == []


@pytest.mark.parametrize("kind", ["sqlite", "postgresql"])
def test_yusuf_rossi_of_tau2_is_found_and_his_wrong_zip_is_not(
    kind: str, new_database: Callable[[str], Database], shared_data: Path
) -> None:
    database = new_database(kind)
    import_tau2(database, shared_data / "tau2_retail" / "db.json")
    run = runner(database)
    assert run("action_identify", name="Yusuf Rossi", zip="19122").slots["customer_id"] == "yusuf_rossi_9620"
    assert run("action_identify", name="Yusuf Rossi", zip="19123").responses == ["utter_identity_unknown"]
