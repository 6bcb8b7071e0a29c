"""A turn that was read wrongly, put right: an example for the trainers, and a test that holds it from then on.

`draft` proposes, `save` keeps: the correction as an annotation of the turn, the message in the trainers' inbox, the
conversation as an end-to-end test. Nothing personal gets into either of the two: staff see and correct the message as
it will stand there, with stand-ins for names, addresses and the like.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import select
from sqlalchemy.orm import Session

from assistant.review.privacy import known_of
from assistant.review.regressions import CannotWrite, write_conversation
from assistant.review.stand_ins import StandIns
from assistant.review.transcript import CORRECTED, NoSuchConversation, corrections
from assistant.review.work import BadWork
from assistant.staff.access import Staff
from assistant.staff.audit import record
from assistant.store import Annotation, Conversation, ConversationFacts
from assistant.store import Event as EventRow
from assistant.studio.inbox import NotForTheInbox, add_item
from dialogues.tracker import Event, Tracker, fold
from intents.catalogue import Catalogue, Slot, value_problems
from intents.commands import Command, CommandSyntaxError, SlotValue, format_commands, parse_commands
from intents.context import Context
from intents.grammar import MOST_COMMANDS
from intents.said import said_as


@dataclass(frozen=True)
class Draft:
    """A correction before it is saved; all of it without personal data."""

    sender: str
    turn: int
    text: str  # the shopper's message
    read_as: str  # commands
    proposed: str  # commands


@dataclass(frozen=True)
class Message:
    """One message of the shopper that the assistant read."""

    turn: int
    seq: int  # of its event
    text: str
    commands: tuple[Command, ...]


@dataclass(frozen=True)
class Corrector:
    """`context` is what the recogniser knew before a message; `folder` is where the tests are written."""

    catalogue: Catalogue
    context: Callable[[Tracker], Context]
    folder: Path

    def draft(self, session: Session, staff: Staff, sender: str, turn: int, intents: Sequence[str] = ()) -> Draft:
        """The turn as it was read, or with these intents, which take over the slots that fit them.

        Raises NotAllowed, NoSuchConversation and BadWork.
        """
        staff.need("correct")
        _, stand_ins, messages = self._read(session, sender)
        message = _message(messages, turn)
        text, read = stand_ins.words(message.text), stand_ins.commands(message.commands)
        wanted = [name for name in intents if name in self.catalogue.intents][:MOST_COMMANDS]
        proposed = [self._with_slots(name, read, text) for name in wanted] or list(read)
        return Draft(sender, turn, text, format_commands(read), format_commands(proposed))

    def save(self, session: Session, staff: Staff, sender: str, turn: int, commands: str) -> Path:
        """Keep the correction. Gives the file of the test. Raises NotAllowed, NoSuchConversation and BadWork."""
        staff.need("correct")
        session.get(Conversation, sender, with_for_update=True)  # two corrections write one file
        events, stand_ins, messages = self._read(session, sender)
        message = _message(messages, turn)
        text = stand_ins.words(message.text)
        meant = format_commands(self._checked(commands, text))
        self._annotate(session, staff, sender, turn, meant)
        context = stand_ins.context(self.context(fold(sender, events[: message.seq])))
        try:
            add_item(
                session, staff, text=text, context=context, proposed=meant, source="corrected",
                conversation_id=sender, event_seq=message.seq, with_stand_ins=True,
            )  # fmt: skip
            path = self._write(session, sender, stand_ins, messages)
        except (NotForTheInbox, CannotWrite) as problem:
            raise BadWork(str(problem)) from problem
        record(session, staff, "turn.corrected", sender, turn=turn)
        return path

    def _read(self, session: Session, sender: str) -> tuple[list[Event], StandIns, list[Message]]:
        facts = session.get(ConversationFacts, sender)
        if facts is None:
            raise NoSuchConversation(f"There is no conversation {sender[:80]!r}.")
        chosen = select(EventRow.turn, EventRow.data).where(EventRow.conversation_id == sender).order_by(EventRow.seq)
        rows = session.execute(chosen).all()
        messages = [
            Message(turn, seq, str(event["text"]), _read_as(event))
            for seq, (turn, event) in enumerate(rows)
            if event["event"] == "user" and event.get("parse_data") and str(event["text"]).strip()
        ]
        stand_ins = StandIns.of(
            known_of(session, facts.customer_id), [command for one in messages for command in one.commands]
        )
        return [event for _, event in rows], stand_ins, messages

    def _with_slots(self, intent: str, read: Sequence[Command], message: str) -> Command:
        """An intent with the slots that were read, that it takes and that the message bears out."""
        slots = self.catalogue.intents[intent].slots
        kept: dict[str, SlotValue] = {}
        for name, value in (pair for command in read for pair in command.slots):
            if name in slots and not value_problems(slots[name], value) and _stands_in(slots[name], value, message):
                kept.setdefault(name, value)
        return Command(intent, tuple(kept.items()))

    def _checked(self, text: str, message: str) -> tuple[Command, ...]:
        """Raises BadWork for what the catalogue has not, and for words that the shopper did not say."""
        try:
            commands = parse_commands(text)
        except CommandSyntaxError as error:
            raise BadWork(str(error)) from error
        problems = [problem for command in commands for problem in self.catalogue.problems(command)]
        if not problems and len(commands) > MOST_COMMANDS:
            problems = [f"A message is read as {MOST_COMMANDS} commands at most."]
        if not problems:
            problems = [
                f"{value!r} does not stand in the message; a text slot holds the shopper's own words."
                for command in commands
                for name, value in command.slots
                if not _stands_in(self.catalogue.intents[command.intent].slots[name], value, message)
            ]
        if problems:
            raise BadWork(" ".join(problems[:3]))
        return commands

    def _annotate(self, session: Session, staff: Staff, sender: str, turn: int, meant: str) -> None:
        """One correction a turn: the last one counts."""
        of_turn = (Annotation.conversation_id == sender, Annotation.turn == turn, Annotation.kind == CORRECTED)
        for earlier in session.scalars(select(Annotation).where(*of_turn)):
            session.delete(earlier)
        session.add(Annotation(conversation_id=sender, turn=turn, kind=CORRECTED, text=meant, author_id=staff.id))
        session.flush()

    def _write(self, session: Session, sender: str, stand_ins: StandIns, messages: Sequence[Message]) -> Path:
        meant = corrections(session, sender)
        placed = {place: meant[one.turn] for place, one in enumerate(messages) if one.turn in meant}
        return write_conversation(self.folder, sender, [stand_ins.words(one.text) for one in messages], placed)


def _stands_in(slot: Slot, value: SlotValue, message: str) -> bool:
    """Whether a text slot holds words of the message; numbers and choices need not stand there as they are."""
    return slot.kind != "text" or said_as(str(value), message) is not None


def _message(messages: Sequence[Message], turn: int) -> Message:
    found = next((one for one in messages if one.turn == turn), None)
    if found is None:
        raise BadWork(f"Turn {turn} holds no message that the assistant has read.")
    if found.text.startswith("/"):
        raise BadWork("A button was pressed in this turn, and nothing was read.")
    return found


def _read_as(user: Event) -> tuple[Command, ...]:
    try:
        return parse_commands(user["parse_data"].get("commands") or "")
    except CommandSyntaxError:  # written by an older version, or nothing was read
        return ()
