"""Run blocking turns of the assistant from async code, and see their pieces as they are written.

`Assistant.handle` blocks a thread for half a second; here it runs in a pool, and its pieces cross to the event loop
through a queue. A turn is taken on only if there is a place for it (places.py), and one that has begun always ends:
when the shopper closes the page its reply is still kept.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from typing import TypeVar

from assistant.pieces import Piece
from assistant.turns import Assistant
from assistant.visits import NOTHING_TOLD, Visit
from assistant.web.guesses import Guesses
from assistant.web.places import NoPlace, Places
from dialogues.messages import BotMessage

TURNS_AT_ONCE = 32  # threads that mostly wait for the model; the engine batches what they ask of it
Result = TypeVar("Result")


class TurnStream:
    """The assistant, for callers on an event loop."""

    def __init__(self, assistant: Assistant, places: Places) -> None:
        self.assistant = assistant
        self.places = places
        self.guesses = Guesses()
        self.pool = ThreadPoolExecutor(TURNS_AT_ONCE, thread_name_prefix="turn")

    async def answer(
        self,
        sender: str,
        text: str,
        message_id: str | None,
        visit: Visit = NOTHING_TOLD,
        address: str | None = None,
    ) -> list[BotMessage]:
        """One whole turn. Raises ConversationBusy and NoPlace."""
        return await self.placed(sender, address, lambda: self.handled(sender, text, message_id, None, visit, address))

    async def pieces(
        self,
        sender: str,
        text: str,
        message_id: str | None,
        visit: Visit = NOTHING_TOLD,
        address: str | None = None,
    ) -> AsyncIterator[Piece]:
        """One turn, piece by piece. Raises NoPlace, ConversationBusy, or whatever broke the turn, where it broke."""
        loop = asyncio.get_running_loop()
        queue: asyncio.Queue[Piece | None] = asyncio.Queue()

        def pass_on(piece: Piece | None) -> None:
            if not loop.is_closed():  # the server is going down: the turn goes on without a reader
                loop.call_soon_threadsafe(queue.put_nowait, piece)

        def run() -> None:
            try:
                self.handled(sender, text, message_id, pass_on, visit, address)
            finally:
                pass_on(None)

        turn = self.placed(sender, address, run)
        turn.add_done_callback(lambda ended: ended.cancelled() or ended.exception())  # read it: the reader may be gone
        while (piece := await queue.get()) is not None:
            yield piece
        await turn

    def handled(
        self,
        sender: str,
        text: str,
        message_id: str | None,
        on_piece: Callable[[Piece], None] | None,
        visit: Visit,
        address: str | None,
    ) -> list[BotMessage]:
        """The turn itself, with what is known of the address."""
        if self.guesses.too_many(address):
            visit = replace(visit, guesses=True)
        messages = self.assistant.handle(sender, text, message_id, on_piece, visit)
        self.guesses.note(address, messages)
        return messages

    def placed(self, sender: str | None, address: str | None, work: Callable[[], Result]) -> asyncio.Future[Result]:
        """Work of a conversation, or of none, begun in the pool; it holds a place until it ends. Raises NoPlace."""
        try:
            leave = self.places.take(sender, address)
        except NoPlace:
            self.assistant.metrics.shed()
            raise

        def run() -> Result:
            try:
                return work()
            finally:
                leave()

        return asyncio.get_running_loop().run_in_executor(self.pool, run)
