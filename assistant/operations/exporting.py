"""Everything that the database has about one person, as one JSON document, table by table."""

from __future__ import annotations

import json
from datetime import date, datetime
from typing import Any

from assistant.operations.persons import conversations_of, find_person, rows_of
from assistant.staff.audit import record
from assistant.store import Database, now


def export(database: Database, said: str) -> str:
    """The document, for a customer id or an e-mail; the audit log keeps that it was made. Raises NoSuchCustomer."""
    with database.session() as session:
        person = find_person(session, said)
        found = {table.name: rows for table, rows in rows_of(session, person, conversations_of(session, person))}
        record(session, None, "customer.exported", person.id, rows=sum(map(len, found.values())))
    document = {"customer": person.id, "exported_at": now(), "tables": found}
    return json.dumps(document, indent=1, ensure_ascii=False, default=_written)


def _written(value: Any) -> str:
    return value.isoformat() if isinstance(value, datetime | date) else str(value)
