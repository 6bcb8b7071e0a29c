"""Staff accounts and signing in: what is kept of them, when a session ends, how guessing is slowed."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import select, update

from assistant.staff import people, signing_in
from assistant.staff.access import NotAllowed, Staff
from assistant.staff.people import BadAccount
from assistant.staff.signing_in import MOST_BY_ADDRESS, MOST_BY_NAME, Door, SignInRefused, TooManyAttempts, digest
from assistant.store import AuditEntry, Database, SignInAttempt, StaffSession, StaffUser, now

PASSWORD = "correct horse battery"


@pytest.fixture(autouse=True)
def quick_hashes(monkeypatch: pytest.MonkeyPatch) -> None:
    """The same argon2 with little memory: the tests hash often."""
    monkeypatch.setattr(people, "HASHER", people.PasswordHasher(time_cost=1, memory_cost=8, parallelism=1))
    people._nobodys_hash.cache_clear()


@pytest.fixture
def door(database: Database) -> Door:
    with database.session() as session:
        people.add(session, "kim", "agent", PASSWORD)
    return Door(database, hours=12)


def audited(database: Database) -> list[tuple[str, str]]:
    with database.reading() as session:
        return [(entry.action, entry.subject) for entry in session.scalars(select(AuditEntry).order_by(AuditEntry.id))]


def test_a_password_is_kept_as_an_argon2_hash_alone(door: Door) -> None:
    with door.database.reading() as session:
        kept = session.scalars(select(StaffUser)).one().password_hash
    assert kept.startswith("$argon2id$")
    assert PASSWORD not in kept


def test_a_token_is_good_and_only_its_hash_is_kept(door: Door) -> None:
    token = door.sign_in("kim", PASSWORD, "10.0.0.1")
    staff = door.who(token)
    assert staff is not None and (staff.name, staff.role) == ("kim", "agent")
    with door.database.reading() as session:
        assert session.scalars(select(StaffSession.token_hash)).all() == [digest(token)]
    assert audited(door.database) == [("staff.added", "kim"), ("staff.signed_in", "kim")]


@pytest.mark.parametrize("token", [None, "", "nonsense", "x" * 5000])
def test_a_token_that_nobody_was_given_is_nobody(door: Door, token: str | None) -> None:
    assert door.who(token) is None


@pytest.mark.parametrize(("name", "password"), [("kim", "wrong password"), ("nobody", PASSWORD), ("kim", ""), ("", "")])
def test_a_wrong_name_and_a_wrong_password_are_told_alike(door: Door, name: str, password: str) -> None:
    with pytest.raises(SignInRefused, match=r"^Name or password is wrong\.$"):
        door.sign_in(name, password, "10.0.0.1")
    logged = "kim" if name == "kim" else "an unknown name"  # it might be a password, typed into the wrong field
    assert audited(door.database)[-1] == ("staff.sign_in_refused", logged)


def test_a_session_ends_by_signing_out_by_time_and_by_idleness(door: Door, monkeypatch: pytest.MonkeyPatch) -> None:
    first, second, third = (door.sign_in("kim", PASSWORD, "10.0.0.1") for _ in range(3))
    door.sign_out(first)
    assert door.who(first) is None
    with door.database.session() as session:
        session.get_one(StaffSession, digest(second)).expires_at = now()
        session.get_one(StaffSession, digest(third)).seen_at = now() - signing_in.IDLE
    assert door.who(second) is door.who(third) is None


def test_a_session_in_use_stays_open(door: Door) -> None:
    token = door.sign_in("kim", PASSWORD, "10.0.0.1")
    with door.database.session() as session:
        session.execute(update(StaffSession).values(seen_at=now() - timedelta(hours=1)))
    assert door.who(token)
    with door.database.reading() as session:
        assert session.scalars(select(StaffSession.seen_at)).one() > now() - timedelta(minutes=1)


def test_who_is_shut_out_or_has_a_new_password_is_signed_out_at_once(door: Door) -> None:
    token = door.sign_in("kim", PASSWORD, "10.0.0.1")
    with door.database.session() as session:
        people.change_password(session, "kim", "another long one")
    assert door.who(token) is None
    token = door.sign_in("kim", "another long one", "10.0.0.1")
    with door.database.session() as session:
        people.set_active(session, "kim", active=False)
    assert door.who(token) is None
    with pytest.raises(SignInRefused):
        door.sign_in("kim", "another long one", "10.0.0.1")


def test_guessing_one_name_is_stopped_even_with_the_right_password(door: Door) -> None:
    for number in range(MOST_BY_NAME):
        with pytest.raises(SignInRefused):
            door.sign_in("kim", "a wrong one", f"10.0.0.{number}")
    with pytest.raises(TooManyAttempts):
        door.sign_in("kim", PASSWORD, "10.9.9.9")
    with door.database.session() as session:
        session.execute(update(SignInAttempt).values(at=now() - signing_in.WINDOW - timedelta(seconds=1)))
    assert door.sign_in("kim", PASSWORD, "10.9.9.9")


def test_guessing_many_names_from_one_address_is_stopped(door: Door) -> None:
    for number in range(MOST_BY_ADDRESS):
        with pytest.raises(SignInRefused):
            door.sign_in(f"guess{number}", "a wrong one", "10.0.0.1")
    with pytest.raises(TooManyAttempts):
        door.sign_in("kim", PASSWORD, "10.0.0.1")
    assert door.sign_in("kim", PASSWORD, "10.0.0.2")


@pytest.mark.parametrize(
    ("name", "role", "password", "reason"),
    [
        ("kim", "agent", PASSWORD, "somebody called kim"),
        ("lee", "shopper", PASSWORD, "no staff role 'shopper'"),
        ("lee", "agent", "short", "10 to"),
        ("  ", "agent", PASSWORD, "printable"),
        ("a\nb", "agent", PASSWORD, "printable"),
    ],
)
def test_an_account_that_cannot_be_is_refused_in_words(
    door: Door, name: str, role: str, password: str, reason: str
) -> None:
    with pytest.raises(BadAccount, match=reason), door.database.session() as session:
        people.add(session, name, role, password)


@pytest.mark.parametrize(
    ("role", "rights"),
    [
        ("shopper", set()),
        ("agent", {"desk", "unmask", "mark", "answer"}),
        ("trainer", {"desk", "mark", "studio"}),
        ("admin", {"desk", "unmask", "mark", "answer", "studio"}),
    ],
)
def test_each_role_may_do_its_own_work(role: str, rights: set[str]) -> None:
    staff = Staff(1, "kim", role)
    for right in ("desk", "unmask", "mark", "answer", "studio"):
        assert staff.may(right) == (right in rights)  # type: ignore[arg-type]
        if right not in rights:
            with pytest.raises(NotAllowed, match=role):
                staff.need(right)  # type: ignore[arg-type]
