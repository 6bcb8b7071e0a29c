"""Staff and what they did. Agents answer shoppers, trainers teach the assistant, admins also manage staff."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column, relationship

from assistant.store.base import Base, now, one_of

STAFF_ROLES = ("agent", "trainer", "admin")


class StaffUser(Base):
    __tablename__ = "staff_users"
    __table_args__ = (CheckConstraint(one_of("role", STAFF_ROLES), name="role"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(unique=True)  # what they sign in with
    password_hash: Mapped[str]  # argon2, in its own text form
    role: Mapped[str]  # one of STAFF_ROLES
    active: Mapped[bool] = mapped_column(default=True)
    created_at: Mapped[datetime] = mapped_column(default=now)


class StaffSession(Base):
    """A sign-in that is still good. The token itself is in the browser's cookie alone."""

    __tablename__ = "staff_sessions"

    token_hash: Mapped[str] = mapped_column(primary_key=True)  # SHA-256 of the token, in hex
    staff_id: Mapped[int] = mapped_column(ForeignKey("staff_users.id", ondelete="CASCADE"), index=True)
    expires_at: Mapped[datetime] = mapped_column(index=True)
    seen_at: Mapped[datetime] = mapped_column(default=now)
    created_at: Mapped[datetime] = mapped_column(default=now)

    staff: Mapped[StaffUser] = relationship()


class SignInAttempt(Base):
    """A sign-in that failed, or is being tried at this moment; what throttles the next one."""

    __tablename__ = "sign_in_attempts"
    __table_args__ = (
        Index("ix_sign_in_attempts_name_at", "name", "at"),
        Index("ix_sign_in_attempts_address_at", "address", "at"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str]
    address: Mapped[str]
    at: Mapped[datetime] = mapped_column(default=now)


class AuditEntry(Base):
    __tablename__ = "audit_log"

    id: Mapped[int] = mapped_column(primary_key=True)
    at: Mapped[datetime] = mapped_column(default=now, index=True)
    staff_id: Mapped[int | None] = mapped_column(ForeignKey("staff_users.id", ondelete="SET NULL"), index=True)
    action: Mapped[str] = mapped_column(index=True)  # "order.cancelled"
    subject: Mapped[str]  # "#W2378156"
    data: Mapped[dict[str, Any]] = mapped_column(default=dict)

    staff: Mapped[StaffUser | None] = relationship()
