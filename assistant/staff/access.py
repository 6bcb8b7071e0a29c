"""What each role may do. A shopper is anybody who has not signed in: the shop and the chat are theirs, nothing here.

agent    answers shoppers: reads every transcript, unmasked where the work needs it, takes conversations over, says what
         a turn should have been understood as
trainer  teaches the assistant: reads transcripts masked, marks them, works in the studio
admin    all of it
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from assistant.store import STAFF_ROLES

Right = Literal["desk", "unmask", "mark", "answer", "correct", "studio"]
RIGHTS: dict[str, frozenset[Right]] = {
    "shopper": frozenset(),
    "agent": frozenset({"desk", "unmask", "mark", "answer", "correct"}),
    "trainer": frozenset({"desk", "mark", "studio"}),
    "admin": frozenset({"desk", "unmask", "mark", "answer", "correct", "studio"}),
}
assert set(RIGHTS) == {"shopper", *STAFF_ROLES}


class NotAllowed(PermissionError):
    """The role may not do this. The message is for the person."""


@dataclass(frozen=True)
class Staff:
    """Somebody who is signed in."""

    id: int
    name: str
    role: str

    def may(self, right: Right) -> bool:
        return right in RIGHTS[self.role]

    def need(self, right: Right) -> None:
        """Raises NotAllowed."""
        if not self.may(right):
            raise NotAllowed(f"Your role ({self.role}) does not allow this. Ask an admin of the shop.")
