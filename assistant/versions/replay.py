"""Replay: real conversations of the last month read again by a candidate, to show the turns that would go otherwise.

Each message is read in the context that was recorded before it, and what the dialogue would do is walked on the
recorded tracker, for both readings, on the shop as it is now; nothing is written (`Assistant.would_do`). Buttons are
left out, which no model reads, and so are conversations that a person had taken over at that moment. What is shown is
masked, and kept in the version's folder (replayed.py).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

from sqlalchemy import select
from sqlalchemy.orm import Session

from assistant.assembly import open_assistant
from assistant.conversations import read_events
from assistant.masking import Known, mask
from assistant.review.privacy import known_of, told_in
from assistant.settings import Settings
from assistant.store import Conversation, now
from assistant.turns import Assistant
from assistant.understanding import adapter_tuning
from assistant.versions.opening import registry_of, with_version
from assistant.versions.registry import NoSuchVersion
from assistant.versions.replayed import Changed, forget_erased, keep
from dialogues.interpret import Interpreter
from dialogues.payloads import read_payload, typed_button
from dialogues.tracker import Event, Tracker
from finetune.progress import ProgressFile
from intents.commands import CommandSyntaxError, format_commands, parse_commands
from intents.context import Context
from intents.recogniser import Understanding

BATCH = 16
BATCH_LIMIT_S = 600.0  # nobody waits for it, and it runs beside a server that comes first
MOST_MESSAGES = 5000  # the newest: at some 10 a second on two cores they take ten minutes
DAYS = 30


@dataclass(frozen=True)
class Said:
    """A shopper's message as it was recorded, with the tracker just before it."""

    conversation: str
    turn: int
    event: Event
    before: Tracker
    context: Context
    known: Known

    def recorded(self, assistant: Assistant) -> Understanding | None:
        """What it was read as; None where the commands are of a catalogue that has changed since."""
        parsed = self.event["parse_data"]
        try:
            commands = parse_commands(parsed["commands"])
        except (KeyError, CommandSyntaxError):
            return None
        if not all(map(assistant.recogniser.catalogue.is_valid, commands)):
            return None
        return Understanding(self.event["text"], commands, parsed["intent"]["confidence"], parsed["model"])


def replay(
    settings: Settings, name: str, days: int = DAYS, most: int = MOST_MESSAGES, progress: Path | None = None
) -> Path:
    """Read the conversations again with a version and give the page of what would change.

    Raises NoSuchVersion, DatabaseNotReady and EngineError.
    """
    registry = registry_of(settings)
    version = registry.version(name)
    if version.adapter is None or version.state == "live":
        raise NoSuchVersion(f"{name} is no candidate: a replay reads with another version than the live one.")
    patient = settings.model_copy(update={"understand_limit_s": BATCH_LIMIT_S})
    assistant = open_assistant(with_version(patient, version))
    with assistant.database.reading() as session:
        said = list(messages(session, assistant.interpreter, days, most))
    watch = ProgressFile(progress) if progress else None
    live = registry.live()
    thresholds = adapter_tuning(with_version(settings, live), assistant.recogniser.index is not None).thresholds
    found = list(changes(assistant, replace(assistant.interpreter, thresholds=thresholds), said, watch))
    made_at = datetime.now(UTC).isoformat()
    record = {"version": name, "live": live.name, "days": days, "messages": len(said), "at": made_at}
    page = keep(version.adapter, record, found)
    forget_erased(registry, assistant.database)  # in the minutes that it took somebody may have been erased
    if watch:
        watch.tell(version=name, changes=len(found))
    assistant.database.close()
    return page


def messages(session: Session, interpreter: Interpreter, days: int, most: int) -> Iterator[Said]:
    """The shoppers' written messages of the last days, conversation by conversation, the newest first."""
    lately = select(Conversation.id).where(Conversation.updated_at >= now() - timedelta(days=days))
    left = most
    for sender in session.scalars(lately.order_by(Conversation.updated_at.desc(), Conversation.id)).all():
        found = list(messages_of(session, interpreter, sender))[:left]
        yield from found
        left -= len(found)
        if not left:
            return


def messages_of(session: Session, interpreter: Interpreter, sender: str) -> Iterator[Said]:
    tracker, events = Tracker(sender), read_events(session, sender)
    found: list[tuple[Event, Tracker]] = []
    for event in events:
        if event["event"] == "user" and not tracker.paused and _was_read(event, tracker, interpreter):
            found.append((event, tracker))
        tracker = tracker.apply(event)
    known = told_in(known_of(session, tracker.slots.get("customer_id")), events)
    for event, before in found:
        yield Said(sender, before.turn + 1, event, before, interpreter.context(before), known)


def _was_read(event: Event, before: Tracker, interpreter: Interpreter) -> bool:
    """Whether a model read the message: neither a button, nor typed as one, nor empty."""
    text = str(event["text"])
    is_button = read_payload(text, interpreter.catalogue) or typed_button(text, before.said)
    return bool(text and event.get("parse_data") and not is_button)


def changes(
    assistant: Assistant, live: Interpreter, said: Sequence[Said], watch: ProgressFile | None = None
) -> Iterator[Changed]:
    """The turns that would go otherwise with this assistant's model; `live` has the thresholds in use now.

    Raises EngineError.
    """
    for start in range(0, len(said), BATCH):
        batch = said[start : start + BATCH]
        readings = assistant.recogniser.understand_all([(str(one.event["text"]), one.context) for one in batch])
        for one, reading in zip(batch, readings, strict=True):
            if (recorded := one.recorded(assistant)) and (found := changed(assistant, live, one, recorded, reading)):
                yield found
        if watch:
            watch.tell(stage="messages", step=start + len(batch), steps=len(said))


def changed(
    assistant: Assistant, live: Interpreter, one: Said, was: Understanding, now: Understanding
) -> Changed | None:
    """None where the same commands lead to the same: from there on nothing differs either."""
    tracker = one.before.apply(one.event)
    before = live.interpret(tracker, was.commands, was.confidence)
    after = assistant.interpreter.interpret(tracker, now.commands, now.confidence)
    if was.commands == now.commands and before == after:
        return None
    did, would = (assistant.would_do(tracker, events) for events in (before, after))
    return Changed(
        one.conversation,
        one.turn,
        mask(str(one.event["text"]), one.known),
        mask(one.context.bot or "", one.known),
        mask(format_commands(was.commands), one.known),
        mask(format_commands(now.commands), one.known),
        round(was.confidence, 3),
        round(now.confidence, 3),
        did,
        would,
    )
