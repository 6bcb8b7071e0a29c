"""Signing in and out: a random token for the browser, of which only the hash is kept, and a throttle on guessing.

A session ends after `hours`, and earlier after IDLE of nothing. Attempts are written down before the password is
looked at, so that guesses made at the same moment count as well; the one that was right is taken out again.
"""

from __future__ import annotations

import hashlib
import secrets
from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy import delete, func, select, text
from sqlalchemy.orm import Session

from assistant.staff.access import Staff
from assistant.staff.audit import record
from assistant.staff.people import is_password_of
from assistant.store import Database, SignInAttempt, StaffSession, StaffUser, now

IDLE = timedelta(hours=2)  # a meeting signs nobody out, a night does
SEEN_EVERY = timedelta(minutes=1)  # how often a session in use is written down as such
WINDOW = timedelta(minutes=15)
MOST_BY_NAME = 5  # failed attempts in the window; a person who mistypes needs fewer
MOST_BY_ADDRESS = 20  # a shop's staff may share one address
LONGEST_SUBJECT = 80
ATTEMPTS_LOCK = 7_310_943  # any number that no other lock has: guesses are counted one after the other


class SignInRefused(ValueError):
    """Nobody was signed in. The message is for whoever tried, and does not say which half was wrong."""


class TooManyAttempts(SignInRefused):
    """Guessing is throttled; the password was not even looked at."""


@dataclass(frozen=True)
class Door:
    """Where staff come in."""

    database: Database
    hours: int  # that a session lasts

    def sign_in(self, name: str, password: str, address: str) -> str:
        """Open a session and give its token. Raises SignInRefused and TooManyAttempts."""
        name = name.replace("\0", "").strip()[:LONGEST_SUBJECT]  # PostgreSQL takes that character in no value
        attempt = self._count_attempt(name, address)
        with self.database.reading() as session:
            user = session.scalar(select(StaffUser).where(StaffUser.name == name))
        right = is_password_of(user, password)  # between transactions: it takes a moment by design
        with self.database.session() as session:
            if not right or user is None:
                # a password typed into the wrong field must not stay in the log
                known = user.name if user else "an unknown name"
                record(session, None, "staff.sign_in_refused", known, address=address)
            else:
                session.execute(delete(SignInAttempt).where(SignInAttempt.id == attempt))
                return self._open(session, user, address)
        raise SignInRefused("Name or password is wrong.")

    def who(self, token: str | None) -> Staff | None:
        """Whose token this is, if it is still good."""
        if not token:
            return None
        with self.database.reading() as session:
            found = session.get(StaffSession, digest(token))
            user = found.staff if found else None
        moment = now()
        if found is None or user is None or not user.active:
            return None
        if moment >= found.expires_at or moment >= found.seen_at + IDLE:
            return None
        if moment >= found.seen_at + SEEN_EVERY:
            with self.database.session() as session:
                session.get_one(StaffSession, found.token_hash).seen_at = moment
        return Staff(user.id, user.name, user.role)

    def sign_out(self, token: str | None) -> None:
        staff = self.who(token)
        with self.database.session() as session:
            session.execute(delete(StaffSession).where(StaffSession.token_hash == digest(token or "")))
            if staff:
                record(session, staff, "staff.signed_out", staff.name)

    def _open(self, session: Session, user: StaffUser, address: str) -> str:
        token = secrets.token_urlsafe(32)
        session.execute(delete(StaffSession).where(StaffSession.expires_at < now()))
        expires = now() + timedelta(hours=self.hours)
        session.add(StaffSession(token_hash=digest(token), staff_id=user.id, expires_at=expires))
        record(session, Staff(user.id, user.name, user.role), "staff.signed_in", user.name, address=address)
        return token

    def _count_attempt(self, name: str, address: str) -> int:
        """Write an attempt down and give its number. Raises TooManyAttempts."""
        with self.database.session() as session:
            if session.get_bind().dialect.name == "postgresql":  # SQLite has one writer anyway
                session.execute(text("SELECT pg_advisory_xact_lock(:number)"), {"number": ATTEMPTS_LOCK})
            session.execute(delete(SignInAttempt).where(SignInAttempt.at < now() - WINDOW))
            counted = select(func.count()).select_from(SignInAttempt)
            by_name = session.scalar(counted.where(SignInAttempt.name == name)) or 0
            by_address = session.scalar(counted.where(SignInAttempt.address == address)) or 0
            if by_name >= MOST_BY_NAME or by_address >= MOST_BY_ADDRESS:
                minutes = int(WINDOW.total_seconds() // 60)
                raise TooManyAttempts(f"Too many attempts. Wait {minutes} minutes and try again.")
            attempt = SignInAttempt(name=name, address=address)
            session.add(attempt)
            session.flush()
            return attempt.id


def digest(token: str) -> str:
    """What is kept of a token. It is random, so a quick hash does."""
    return hashlib.sha256(token.encode()).hexdigest()
