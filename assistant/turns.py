"""A turn, end to end: a message in, the assistant's messages out, its events in SQL.

Start at `Assistant.handle`. Understanding, deciding, acting and wording are each somebody else's work; this module runs
them in order, times them, and commits the turn whole.
"""

from __future__ import annotations

import logging
import threading
import time
import uuid
from collections.abc import Sequence
from copy import copy
from dataclasses import dataclass, replace

from rasa_sdk.executor import ActionExecutor

from assistant.cart_panel import CartPanel, cart_panel
from assistant.conversations import ConversationMoved, append_turn, earlier_answer, read_events, staff_messages
from assistant.desk import Refused, carts
from assistant.feedback import Thumb, keep_private, rate, thumbs_of
from assistant.locks import ConversationBusy, Locks
from assistant.logs import about
from assistant.metrics import Metrics
from assistant.pieces import OnPiece, Piece, hand_out, whole_messages
from assistant.rasa_shapes import user_event
from assistant.recommendation.interests import Remembering, remember_interests
from assistant.store import Database
from assistant.texts import SAID_NOTHING, clean
from assistant.tokens import Tokens
from assistant.visits import NOTHING_TOLD, Visit, visit_events
from assistant.walking import ChangesShop, Turn, Walker, change
from dialogues.interpret import Interpreter
from dialogues.manager import Manager
from dialogues.messages import BotMessage, Say
from dialogues.payloads import read_payload, typed_button
from dialogues.replies import ReplyWriter
from dialogues.summary import summarise
from dialogues.tracker import Event, Tracker, fold
from intents.context import Context
from intents.engine import EngineError
from intents.recogniser import INDEX_ALONE, NOT_UNDERSTOOD, Recogniser, Understanding

log = logging.getLogger(__name__)

LONGEST_TITLE = 200  # characters that are kept of what stood on a button
TRIES = 3  # when another process adds a turn to the same conversation meanwhile


@dataclass(frozen=True)
class Drafted:
    """What the assistant would have answered; where it would have changed the shop, that alone is told."""

    text: str
    changes: bool


class Assistant:
    """The whole assistant behind one method, for every channel. Safe to call from many threads."""

    def __init__(
        self,
        database: Database,
        recogniser: Recogniser,
        interpreter: Interpreter,
        manager: Manager,
        writer: ReplyWriter,
        executor: ActionExecutor,
        greeting: BotMessage,
        max_message_chars: int,
        remember_views: Remembering = "with_consent",
        tokens: Tokens = Tokens(),  # noqa: B008 - frozen, and empty: no token counts
    ) -> None:
        self.database = database
        self.recogniser = recogniser
        self.interpreter = interpreter
        self.manager = manager
        self.writer = writer
        self.executor = executor
        self._greeting = greeting
        self.max_message_chars = max_message_chars
        self.remember_views = remember_views
        self.tokens = tokens
        self.locks = Locks()
        self.metrics = Metrics()
        self.walker = Walker(database, manager, executor, self.metrics)
        self._changing = threading.Lock()

    def handle(
        self,
        sender: str,
        text: str,
        message_id: str | None = None,
        on_piece: OnPiece | None = None,
        visit: Visit = NOTHING_TOLD,
    ) -> list[BotMessage]:
        """Answer one message. Raises ConversationBusy when another message of this conversation takes too long.

        A message id that was answered before gets the same messages again, and nothing happens twice.
        `visit` is what the channel knows beside the message.
        """
        with (
            about(conversation=sender, turn=message_id or uuid.uuid4().hex[:12]),
            self.metrics.turn(),
            self.locks.of(sender),
        ):
            for _ in range(TRIES):
                try:
                    return self._as_now()._answer_once(sender, text, message_id, on_piece, visit)
                except (ConversationMoved, Refused):
                    self.metrics.error("moved")
                    on_piece = whole_messages(on_piece)  # part of the reply may be out: no second beginning after it
                    log.info("conversation %r or its order moved on meanwhile; the turn is done again", sender)
            raise ConversationBusy(f"Conversation {sender!r} is being answered elsewhere; send the message again.")

    def understand(self, text: str, context: Context) -> Understanding:
        """What a message would be read as, without a conversation. Raises EngineError."""
        text = clean(text)[: self.max_message_chars]
        payload = read_payload(text, self.recogniser.catalogue)
        if payload:
            return Understanding(text, (payload,), 1.0, "payload")
        if not text:
            return Understanding(text, (NOT_UNDERSTOOD,), 0.0, "empty")
        return self.recogniser.understand(text, context)

    def change_model(self, recogniser: Recogniser, interpreter: Interpreter, writer: ReplyWriter) -> None:
        """Read and word with another model from the next turn on. Turns under way keep theirs to their end, and with
        the last of them goes what they held of the old one."""
        with self._changing:
            self.recogniser, self.interpreter, self.writer = recogniser, interpreter, writer

    def _as_now(self) -> Assistant:
        with self._changing:
            return copy(self)

    def tracker(self, sender: str) -> Tracker:
        with self.database.reading() as session:
            return fold(sender, read_events(session, sender))

    def history(self, sender: str) -> list[tuple[str, str | BotMessage]]:
        """("user", text) and ("bot", message) in order, for a page that is loaded again."""
        lines: list[tuple[str, str | BotMessage]] = []
        with self.database.reading() as session:
            events = read_events(session, sender)
        for event in events:
            if event["event"] == "user":
                lines.append(("user", event.get("title") or event["text"]))
            elif event["event"] == "bot":
                lines.append(("bot", BotMessage.from_event(event)))
        return lines

    def cart(self, sender: str) -> CartPanel:
        with self.database.reading() as session:
            return cart_panel(carts.lines_of(session, sender))

    def thumbs(self, sender: str) -> dict[int, Thumb]:
        """What the shopper thinks of the replies, by turn."""
        with self.database.reading() as session:
            return thumbs_of(session, sender)

    def rate(self, sender: str, turn: int, thumb: Thumb | None) -> None:
        """Keep a thumb on a turn's reply. Raises NoSuchReply, ConversationBusy and ConversationMoved."""
        with self.locks.of(sender), self.database.session() as session:
            rate(session, sender, turn, thumb)

    def keep_private(self, sender: str, private: bool) -> None:
        """Note that nobody may learn from the conversation, or that one may again.

        Raises NoSuchConversation, ConversationBusy and ConversationMoved."""
        with self.locks.of(sender), self.database.session() as session:
            keep_private(session, sender, private)

    def staff_messages(self, sender: str, after: int) -> list[tuple[int, BotMessage]]:
        """What people wrote from event number `after` on, each with its number: no message of the shopper's asks it."""
        with self.database.reading() as session:
            return staff_messages(session, sender, after)

    def would_do(self, tracker: Tracker, events: Sequence[Event]) -> tuple[str, ...]:
        """The actions, then the responses, that follow when these events are applied after a shopper's message.

        Nothing is said and nothing changes: at an action that would change the shop the walk ends."""
        turn = Turn(tracker)
        turn.apply(events)
        changes: tuple[str, ...] = ()
        try:
            with self.database.reading():
                self.walker.walk(turn, None)
        except ChangesShop as stopped:
            changes = (f"{stopped} (changes the shop)",)
        actions = (event["name"] for event in turn.events if event["event"] == "action")
        return (*actions, *changes, *(one.response for one in turn.says))

    def greeting(self) -> BotMessage:
        """What an empty conversation shows."""
        return self._greeting

    def draft(self, sender: str) -> Drafted | None:
        """What would be answered to the shopper's last message, if nobody has answered it yet. Nothing is kept."""
        with self.database.reading() as session:
            events = read_events(session, sender)
        last = next((event for event in reversed(events) if event["event"] in ("user", "bot")), None)
        if last is None or last["event"] != "user" or not last["text"]:
            return None
        turn = Turn(replace(fold(sender, events), paused=False))
        self._read_message(turn, last["text"], None, "")
        turn = self.walker.walked(turn)
        changes = any(event["event"] == "change" for event in turn.events)
        messages = [] if changes else self._word(turn, last["text"], None)
        return Drafted("\n".join(message.text for message in messages), changes)

    def status(self) -> dict[str, str]:
        engine = self.recogniser.engine
        return {"engine": engine.name, "model": engine.model, "database": self.database.engine.dialect.name}

    # one try

    def _answer_once(
        self, sender: str, text: str, message_id: str | None, on_piece: OnPiece | None, visit: Visit
    ) -> list[BotMessage]:
        with self.database.reading() as session:
            answered = earlier_answer(session, sender, message_id) if message_id else None
            events = [] if answered is not None else read_events(session, sender)
            turn = Turn(fold(sender, events))
            if answered is None:
                turn.apply(visit_events(session, turn.tracker, visit, self.tokens))
        if answered is not None:
            self.metrics.repeated()
            return hand_out(answered, on_piece)
        title = clean(visit.title or "")[:LONGEST_TITLE]
        if turn.tracker.paused:
            return self._leave_to_staff(turn, len(events), user_event(clean(text), message_id, None, title))
        self._read_message(turn, clean(text), message_id, title)
        started = time.perf_counter()
        turn = self.walker.walked(turn)
        turn.seconds["act"] = time.perf_counter() - started
        messages = self._word(turn, text, on_piece)
        if any(event["event"] == "slot" and event["name"] == "handed_over" for event in turn.events):
            lines = summarise([*events, *turn.events], self.manager.flows)
            turn.events.append({"event": "summary", "lines": lines})
        turn.events.append({"event": "timing", "seconds": {k: round(v, 4) for k, v in turn.seconds.items()}})
        with self.database.session() as session:
            change(session, turn, turn.events)
            append_turn(session, sender, len(events), turn.tracker.turn, turn.events, message_id)
            remember_interests(session, turn.tracker, turn.events, self.remember_views)
        self.metrics.answered(turn.seconds, messages)
        self.recogniser.read_ahead(self.interpreter.context(turn.tracker))
        log.info("answered with %s", ", ".join(message.response for message in messages) or "nothing")
        return hand_out(messages, on_piece)

    def _leave_to_staff(self, turn: Turn, length: int, said: Event) -> list[BotMessage]:
        """Keep the message for the person who has taken the conversation over, and say nothing."""
        turn.apply([{**said, "text": said["text"][: self.max_message_chars]}])
        with self.database.session() as session:
            append_turn(session, turn.tracker.sender, length, turn.tracker.turn, turn.events, said["message_id"])
        return []

    def _read_message(self, turn: Turn, text: str, message_id: str | None, title: str) -> None:
        """The `user` event, and what the message changes."""
        started = time.perf_counter()
        if not text or len(text) > self.max_message_chars:
            turn.apply([user_event(text[: self.max_message_chars], message_id, None, title)])
            limit = {"limit": f"{self.max_message_chars:,} characters"} if text else {}
            turn.says.append(Say("utter_message_too_long" if text else SAID_NOTHING, limit))
            return
        try:
            pressed = typed_button(text, turn.tracker.said)
            understood = self.understand(pressed or text, self.interpreter.context(turn.tracker))
            if understood.model == INDEX_ALONE:
                self.metrics.error("understand")
        except EngineError:
            self.metrics.error("understand")
            log.exception("The model engine failed; the shopper is asked to say it again.")
            understood = Understanding(text, (NOT_UNDERSTOOD,), 0.0, "none: the engine failed")
        turn.seconds["understand"] = time.perf_counter() - started
        turn.apply([user_event(text, message_id, understood, title)])
        turn.apply(self.interpreter.interpret(turn.tracker, understood.commands, understood.confidence))

    def _word(self, turn: Turn, text: str, on_piece: OnPiece | None) -> list[BotMessage]:
        started = time.perf_counter()

        def pass_on(piece: str) -> None:
            turn.seconds.setdefault("first_words", time.perf_counter() - started)
            if on_piece:
                on_piece(Piece("text", piece))

        messages = self.writer.write(turn.says, text, turn.tracker.wordings, pass_on if on_piece else None)
        turn.seconds["reply"] = time.perf_counter() - started
        for place, message in enumerate(messages):
            turn.apply([{**message.to_event(), "turn_first": place == 0}])
        return messages
