"""A person takes a live conversation over, answers, and gives it back.

Each step appends events, so the conversation grows: a turn that is under way at that moment cannot commit any more, is
done again on what is there now, and finds the conversation paused. So the assistant is silent from the take-over on,
for every channel and process, even for a message that it was just answering. On the way back it goes on with the slots,
the cart and the open task as they were, and asks again what it was waiting for.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from sqlalchemy.orm import Session

from assistant.conversations import BY_STAFF, ConversationMoved, append_turn, read_events
from assistant.review.transcript import NoSuchConversation
from assistant.review.work import BadWork
from assistant.staff.access import Staff
from assistant.staff.audit import record
from assistant.store import Conversation, ConversationFacts, Database, StaffUser
from assistant.texts import clean
from dialogues.messages import BotMessage
from dialogues.tracker import Event, Tracker, fold

LONGEST_REPLY = 4000  # characters
TRIES = 5  # the shopper may be writing at the same moment
SAID = "staff_message"  # the response of what a person wrote
Step = Callable[[Session, ConversationFacts, Tracker, Sequence[Event]], list[Event]]


class NotYours(ValueError):
    """Somebody else has the conversation, or nobody; the message says who."""


@dataclass(frozen=True)
class Counter:
    """Where a conversation changes hands. The two words are said to the shopper."""

    database: Database
    joins: str
    leaves: str

    def take(self, staff: Staff, sender: str) -> None:
        """Raises NotYours where a colleague has it, NoSuchConversation, NotAllowed and ConversationMoved."""

        def step(session: Session, facts: ConversationFacts, tracker: Tracker, events: Sequence[Event]) -> list[Event]:
            if facts.taken_by == staff.id and tracker.paused:
                return []
            if staff.role != "admin":  # who may step in where a colleague has left
                _needs_nobody_else(session, facts, staff)
            facts.taken_by = facts.assigned_to = staff.id
            facts.resolved_at = None
            record(session, staff, "conversation.taken_over", sender)
            return [{"event": "pause", "by": staff.name}, said_by_staff(self.joins)]

        self._append(staff, sender, step)

    def say(self, staff: Staff, sender: str, text: str) -> None:
        """Write to the shopper. Raises BadWork for an empty or endless text, and as `take` does."""
        text = clean_lines(text)
        if not text or len(text) > LONGEST_REPLY:
            raise BadWork(f"A message has 1 to {LONGEST_REPLY:,} characters.")

        def step(session: Session, facts: ConversationFacts, tracker: Tracker, events: Sequence[Event]) -> list[Event]:
            _needs_own(session, facts, staff)
            record(session, staff, "conversation.answered", sender)
            return [said_by_staff(text)]

        self._append(staff, sender, step)

    def give_back(self, staff: Staff, sender: str) -> None:
        """Let the assistant go on. Raises as `take` does."""

        def step(session: Session, facts: ConversationFacts, tracker: Tracker, events: Sequence[Event]) -> list[Event]:
            _needs_own(session, facts, staff)
            facts.taken_by = None
            record(session, staff, "conversation.handed_back", sender)
            back = [{"event": "resume", "by": staff.name}, said_by_staff(self.leaves)]
            return [*back, *_asks_again(tracker, events)]

        self._append(staff, sender, step)

    def _append(self, staff: Staff, sender: str, step: Step) -> None:
        staff.need("answer")
        for left in reversed(range(TRIES)):
            try:
                with self.database.session() as session:
                    self._append_once(session, sender, step)
                return
            except ConversationMoved:
                if not left:
                    raise

    def _append_once(self, session: Session, sender: str, step: Step) -> None:
        session.get(Conversation, sender, with_for_update=True)  # first of all, as a turn locks it, or both might wait
        facts = session.get(ConversationFacts, sender)
        if facts is None:
            raise NoSuchConversation(f"There is no conversation {sender[:80]!r}.")
        before = read_events(session, sender)
        tracker = fold(sender, before)
        events = step(session, facts, tracker, before)
        if events:
            append_turn(session, sender, len(before), tracker.turn, events, None)


def said_by_staff(text: str) -> Event:
    return {**BotMessage(text, SAID, written_by=BY_STAFF, wording="").to_event(), "turn_first": True}


def clean_lines(text: str) -> str:
    """What a person typed, made safe, with its lines kept."""
    return "\n".join(filter(None, (clean(line) for line in text.splitlines())))


def _asks_again(tracker: Tracker, events: Sequence[Event]) -> list[Event]:
    """The assistant's last question, where a task still waits for its answer."""
    if tracker.top is None or not tracker.top.asked:
        return []
    bots = (event for event in reversed(events) if event["event"] == "bot")
    asked = next((one for one in bots if one["data"]["written_by"] != BY_STAFF), None)
    if asked is None:
        return []
    message = replace(BotMessage.from_event(asked), written_by=BY_STAFF)  # so that it reaches the shopper unasked
    return [{**message.to_event(), "turn_first": False}]


def _needs_nobody_else(session: Session, facts: ConversationFacts, staff: Staff) -> None:
    if facts.taken_by not in (None, staff.id):
        colleague = session.get_one(StaffUser, facts.taken_by).name
        raise NotYours(f"{colleague} answers this conversation. Ask them to give it back first.")


def _needs_own(session: Session, facts: ConversationFacts, staff: Staff) -> None:
    _needs_nobody_else(session, facts, staff)
    if facts.taken_by is None:
        raise NotYours("The assistant answers this conversation. Take it over first.")
