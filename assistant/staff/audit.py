"""The audit log: who looked at what, and who changed what. Written in the transaction of what it tells about.

Actions: `turn.corrected`, `transcripts.exported`;
`staff.signed_in`, `staff.sign_in_refused`, `staff.signed_out`, `staff.added`, `staff.disabled`,
`staff.enabled`, `staff.password_changed`; `transcript.read`, `transcript.unmasked`; `conversation.noted`,
`.labelled`, `.unlabelled`, `.flagged`, `.unflagged`, `.assigned`, `.unassigned`, `.resolved`, `.reopened`,
`.taken_over`, `.handed_back`, `.answered`; `customer.exported`, `customer.erased`, `conversations.expired`;
`backup.made`, `.restored` (right after it); `inbox.added`, `.accepted`, `.dismissed`, `.searched`; `examples.saved`;
`model.train_started`, `.report_started`, `.replay_started`, `.job_cancelled`, `.added`, `.promoted`, `.rolled_back`. An
entry holds no password and no word of a shopper.
"""

from __future__ import annotations

from typing import Any

from sqlalchemy.orm import Session

from assistant.staff.access import Staff
from assistant.store import AuditEntry


def record(session: Session, staff: Staff | None, action: str, subject: str, **data: Any) -> None:
    """Add an entry; `staff` is None where nobody is signed in: at the command line, and at the login page."""
    session.add(AuditEntry(staff_id=staff.id if staff else None, action=action, subject=subject, data=data))
