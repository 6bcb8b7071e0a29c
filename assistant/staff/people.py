"""Staff accounts: add, list, disable, change a password. Passwords are kept as argon2id hashes alone.

Whoever is disabled, or has a new password, is signed out everywhere at once.
"""

from __future__ import annotations

from functools import cache

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError
from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from assistant.staff.audit import record
from assistant.store import STAFF_ROLES, StaffSession, StaffUser

SHORTEST_PASSWORD = 10  # characters; NIST SP 800-63B asks for 8 at least, and for no mix of kinds
LONGEST_PASSWORD = 1024  # so that nobody keeps the hashing busy with a book
LONGEST_NAME = 80
HASHER = PasswordHasher()  # argon2id with the library's defaults, RFC 9106's low-memory profile


class BadAccount(ValueError):
    """The account cannot be made or found as asked; the message says why and what helps."""


def add(session: Session, name: str, role: str, password: str) -> StaffUser:
    """Raises BadAccount."""
    name = name.strip()
    if not name or len(name) > LONGEST_NAME or not name.isprintable():
        raise BadAccount(f"A name has 1 to {LONGEST_NAME} printable characters.")
    if role not in STAFF_ROLES:
        raise BadAccount(f"There is no staff role {role!r}; choose one of {', '.join(STAFF_ROLES)}.")
    if session.scalar(select(StaffUser).where(StaffUser.name == name)):
        raise BadAccount(f"There is somebody called {name} already; `aisle user list` shows all.")
    user = StaffUser(name=name, role=role, password_hash=hashed(password))
    session.add(user)
    record(session, None, "staff.added", name, role=role)
    session.flush()
    return user


def everybody(session: Session) -> list[StaffUser]:
    return list(session.scalars(select(StaffUser).order_by(StaffUser.name)))


def named(session: Session, name: str) -> StaffUser:
    """Raises BadAccount."""
    user = session.scalar(select(StaffUser).where(StaffUser.name == name.strip()))
    if user is None:
        raise BadAccount(f"There is nobody called {name.strip()}; `aisle user list` shows all.")
    return user


def set_active(session: Session, name: str, active: bool) -> StaffUser:
    """Let somebody in again, or shut them out. Raises BadAccount."""
    user = named(session, name)
    user.active = active
    sign_out_everywhere(session, user)
    record(session, None, "staff.enabled" if active else "staff.disabled", user.name)
    return user


def change_password(session: Session, name: str, password: str) -> StaffUser:
    """Raises BadAccount."""
    user = named(session, name)
    user.password_hash = hashed(password)
    sign_out_everywhere(session, user)
    record(session, None, "staff.password_changed", user.name)
    return user


def sign_out_everywhere(session: Session, user: StaffUser) -> None:
    session.execute(delete(StaffSession).where(StaffSession.staff_id == user.id))


def hashed(password: str) -> str:
    """Raises BadAccount for a password that is too short or too long."""
    if not SHORTEST_PASSWORD <= len(password) <= LONGEST_PASSWORD:
        raise BadAccount(f"A password has {SHORTEST_PASSWORD} to {LONGEST_PASSWORD} characters.")
    return HASHER.hash(password)


def is_password_of(user: StaffUser | None, password: str) -> bool:
    """Whether the password is right. It takes as long for a name that nobody has, so that names cannot be guessed."""
    try:
        right = HASHER.verify(user.password_hash if user else _nobodys_hash(), password[:LONGEST_PASSWORD])
    except (VerificationError, InvalidHashError):
        return False
    return right and user is not None and user.active


@cache
def _nobodys_hash() -> str:
    return HASHER.hash("nobody has this password")
