"""The chat page: Gradio 6 Blocks under /chat, drawn with our own HTML, fed piece by piece while a reply is written.

The browser (chat.js) keeps the conversation's id and the messages that wait to be answered, each with an id of its own;
it raises two events, `say` and `resume`, and what it shows comes back as HTML from cards.py and shell.py. Finished
messages stand in `thread`, which screen readers follow; the one now being written stands in `live`, those not sent yet
in `pending`, and the cart is read from the store after each turn. A page that is closed in the middle of a turn sends
its message again when it opens: the same id gets the same answer.
"""

from __future__ import annotations

import json
import re
import sys
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Annotated, Any

import gradio as gr
from fastapi import FastAPI
from pydantic import BaseModel, BeforeValidator, StringConstraints, ValidationError
from starlette.concurrency import run_in_threadpool
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from assistant.assembly import load_voice
from assistant.locks import ConversationBusy
from assistant.settings import Settings
from assistant.turns import Assistant
from assistant.visits import NOTHING_TOLD
from assistant.web.cards import Entry, failure_html, finished_html, thread_html, writing_html
from assistant.web.channels import Metadata
from assistant.web.door import log_failure
from assistant.web.page_routes import ConversationId
from assistant.web.places import NoPlace
from assistant.web.shell import CLOSED_MOUNT, COMPOSER, LIVE, PANEL, PENDING, THREAD, header_html, panel_html
from assistant.web.turn_stream import TurnStream
from dialogues.messages import BotMessage

HERE = Path(__file__).parent
PATH = "/chat"
STYLES = ("chat.css", "cards.css", "drawer.css", "frame.css")
SCRIPTS = ("outbox.js", "frame.js", "panels.js", "mail.js", "chat.js")  # one scope: the last begins
ENTRIES_SHOWN = 200  # of a long conversation, the latest
FONT = ["ui-sans-serif", "system-ui", "-apple-system", "Segoe UI", "Roboto", "Helvetica Neue", "Arial", "sans-serif"]
MONO_FONT = ["ui-monospace", "Consolas", "monospace"]
BUSY = "I am still answering your earlier message."
UNREADABLE = "That message could not be read."
BROKEN = "Sorry, something went wrong on our side, and your message was not answered."
FOREIGN_TAGS = re.compile(rb'<meta\s+(?:property|name)="(?:og|twitter):[^>]*>\s*')
MANIFEST = re.compile(rb'<link rel="manifest"[^>]*>')
ICON = b'<link rel="icon" type="image/svg+xml" href="/favicon.svg">'
HexId = Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{32}$")]
Update = tuple[Any, str, Any]  # what to show in `thread` (or gr.skip()), in `live` and (or gr.skip()) in the cart


def readable(text: object) -> object:
    """The text with half of a surrogate pair, where a long one was cut, turned into a question mark."""
    return text.encode("utf-8", "replace").decode("utf-8") if isinstance(text, str) else text


class Sent(BaseModel):
    """A message on its way. A clicked button has a `title`, which the shopper sees instead of its payload in `text`."""

    id: HexId
    text: Annotated[str, BeforeValidator(readable)]
    title: str | None = None


class PageEvent(BaseModel):
    """What chat.js sends with `say` (always with a message) and `resume` (with one if its answer never came)."""

    event: HexId
    conversation: ConversationId
    sent: Sent | None = None
    visit: Metadata | None = None  # what the page tells that frames the chat


def mount_chat(app: FastAPI, assistant: Assistant, turns: TurnStream, settings: Settings, shop: str) -> None:
    """Put the chat page under /chat, with nothing in it that comes from another host."""
    gr.mount_gradio_app(
        app,
        chat_blocks(ChatPage(assistant, turns), page_script(settings), shop, by_mail=settings.smtp_url is not None),
        path=PATH,
        theme=gr.themes.Base(font=FONT, font_mono=MONO_FONT),
        css="".join((HERE / name).read_text("utf-8") for name in STYLES),
        **CLOSED_MOUNT,
    )
    app.add_middleware(OwnHead)


def page_script(settings: Settings) -> str:
    """What runs in the browser; who may frame the page, and whether it asks for consent, stand on top."""
    told = {"EMBED_ORIGINS": settings.embed_origins, "ASKS_CONSENT": settings.remember_views == "with_consent"}
    constants = "".join(f"const {name} = {json.dumps(value)};\n" for name, value in told.items())
    return constants + "".join((HERE / name).read_text("utf-8") for name in SCRIPTS)


def chat_blocks(page: ChatPage, script: str, shop: str, by_mail: bool) -> gr.Blocks:
    """The page's layout and its two events."""
    with gr.Blocks(title=f"{shop}: chat", analytics_enabled=False, fill_height=True, fill_width=True) as blocks:
        with gr.Column(elem_id="aisle"):
            gr.HTML(header_html(shop, by_mail), elem_id="aisle-header", apply_default_css=False)
            with gr.Column(elem_id="aisle-scroll"):
                thread = gr.HTML("", html_template=THREAD, elem_id="aisle-thread", apply_default_css=False)
                live = gr.HTML("", html_template=LIVE, elem_id="aisle-live", apply_default_css=False)
                gr.HTML(html_template=PENDING, elem_id="aisle-pending", apply_default_css=False)
            cart = gr.HTML("", html_template=PANEL, elem_id="aisle-cart", apply_default_css=False)
            composer = gr.HTML(
                html_template=COMPOSER,
                js_on_load=script,
                elem_id="aisle-composer",
                apply_default_css=False,
            )
        for event in (composer.say, composer.resume):
            event(
                page.show,
                outputs=[thread, live, cart],
                show_progress="hidden",
                trigger_mode="multiple",  # chat.js sends one at a time, and again when an answer was lost
                concurrency_limit=None,
                api_visibility="private",
            )
    blocks._queue.ANAYLTICS_CACHE_FREQUENCY = (
        sys.maxsize
    )  # else each event sums up all before it, for a page nobody has
    return blocks


class ChatPage:
    """What the page shows: the conversation as the store has it, and the turn under way."""

    def __init__(self, assistant: Assistant, turns: TurnStream) -> None:
        self.assistant = assistant
        self.turns = turns
        self.busy = load_voice().busy

    async def show(self, event: gr.EventData, request: gr.Request | None = None) -> AsyncIterator[Update]:
        """The conversation, after the message that came with the event (if any) has been answered."""
        address = request.client.host if request and request.client else None
        try:
            wanted = PageEvent.model_validate(event._data)
        except ValidationError:
            yield gr.skip(), failure_html(UNREADABLE, event=""), gr.skip()
            return
        message_id = wanted.sent.id if wanted.sent else ""
        try:
            if wanted.sent is not None:
                async for update in self.turn(wanted.conversation, wanted.sent, wanted.visit, address):
                    yield update
            thread, panel = await run_in_threadpool(self.whole, wanted.conversation)
            yield thread, finished_html(wanted.event), panel
        except ConversationBusy:
            yield gr.skip(), failure_html(BUSY, wanted.event, message_id), gr.skip()
        except NoPlace:
            yield gr.skip(), failure_html(self.busy, wanted.event, message_id), gr.skip()
        except Exception:
            log_failure("a turn in the chat")
            yield gr.skip(), failure_html(BROKEN, wanted.event, message_id), gr.skip()

    async def turn(
        self, conversation: str, sent: Sent, told: Metadata | None = None, address: str | None = None
    ) -> AsyncIterator[Update]:
        """The shopper's words at once, then the reply as it is written."""
        shown = await run_in_threadpool(self.seen, conversation)
        shown.add("user", sent.title or sent.text)
        yield shown.html(with_buttons=False), writing_html("", sent.id), gr.skip()
        text = ""
        visit = replace(told.visit if told else NOTHING_TOLD, title=sent.title)
        async for piece in self.turns.pieces(conversation, sent.text, sent.id, visit, address):
            if piece.message is None:
                text += piece.text
                yield gr.skip(), writing_html(text, sent.id), gr.skip()
            else:
                shown.add("bot", piece.message)
                text = ""
                yield shown.html(with_buttons=False), writing_html("", sent.id), gr.skip()

    def whole(self, conversation: str) -> tuple[str, str]:
        """The conversation between two turns, and the cart."""
        return self.seen(conversation).html(), panel_html(self.assistant.cart(conversation))

    def seen(self, conversation: str) -> Seen:
        """The greeting and what has been said since."""
        entries = [("bot", self.assistant.greeting()), *self.assistant.history(conversation)]
        hidden = sum(who == "user" for who, _ in entries[:-ENTRIES_SHOWN])
        return Seen(entries[-ENTRIES_SHOWN:], self.assistant.thumbs(conversation), hidden)


@dataclass
class Seen:
    """The part of a conversation that is on screen."""

    entries: list[Entry]
    thumbs: Mapping[int, str]
    turns_before: int

    def add(self, who: str, said: str | BotMessage) -> None:
        self.entries.append((who, said))

    def html(self, with_buttons: bool = True) -> str:
        return thread_html(self.entries, with_buttons, self.thumbs, self.turns_before)


class OwnHead:
    """ASGI middleware: the page with our icon in its head, and without the pictures and links of Gradio's own site."""

    def __init__(self, app: ASGIApp, path: str = PATH) -> None:
        self.app = app
        self.path = path

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or scope["path"].rstrip("/") != self.path or scope["method"] != "GET":
            await self.app(scope, receive, send)
            return
        start: Message = {}
        body = b""

        async def rewrite(message: Message) -> None:
            nonlocal start, body
            if message["type"] == "http.response.start":
                start = message
                return
            if message["type"] != "http.response.body":
                await send(message)
                return
            body += message.get("body", b"")
            if message.get("more_body"):
                return
            page = MANIFEST.sub(ICON, FOREIGN_TAGS.sub(b"", body))
            kept = [(name, value) for name, value in start["headers"] if name != b"content-length"]
            await send({**start, "headers": [*kept, (b"content-length", str(len(page)).encode())]})
            await send({"type": "http.response.body", "body": page})

        await self.app(scope, receive, rewrite)
