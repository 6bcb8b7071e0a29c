"""The chat page: Gradio 6 Blocks under /chat, drawn with our own HTML, fed piece by piece while a reply is written.

The browser (chat.js) keeps the conversation's id and the message being sent, each with an id of its own; it raises
two events, `say` and `resume`, and everything that it shows comes back as HTML from cards.py. Finished messages stand
in `thread`, which screen readers follow; the one now being written stands in `live`. A page that is closed in the
middle of a turn sends its message again when it opens: the same id gets the same answer.
"""

from __future__ import annotations

import json
import re
import sys
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path
from typing import Annotated, Any

import gradio as gr
from fastapi import FastAPI
from pydantic import BaseModel, BeforeValidator, StringConstraints, ValidationError
from starlette.concurrency import run_in_threadpool
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from assistant.locks import ConversationBusy
from assistant.settings import Settings
from assistant.turns import Assistant
from assistant.visits import NOTHING_TOLD
from assistant.web.cards import Entry, failure_html, finished_html, header_html, thread_html, writing_html
from assistant.web.channels import Metadata
from assistant.web.door import log_failure
from assistant.web.turn_stream import TurnStream

HERE = Path(__file__).parent
PATH = "/chat"
ENTRIES_SHOWN = 200  # of a long conversation, the latest
FONT = ["ui-sans-serif", "system-ui", "-apple-system", "Segoe UI", "Roboto", "Helvetica Neue", "Arial", "sans-serif"]
MONO_FONT = ["ui-monospace", "Consolas", "monospace"]
BUSY = "I am still answering your earlier message."
UNREADABLE = "That message could not be read."
BROKEN = "Sorry, something went wrong on our side, and your message was not answered."
FOREIGN_TAGS = re.compile(rb'<meta\s+(?:property|name)="(?:og|twitter):[^>]*>\s*')
MANIFEST = re.compile(rb'<link rel="manifest"[^>]*>')
ICON = b'<link rel="icon" type="image/svg+xml" href="/favicon.svg">'
THREAD = '<div role="log" aria-live="polite" aria-label="Conversation">${value}</div>'
LIVE = '<div aria-hidden="true">${value}</div>'
COMPOSER = """
<div class="notice" role="alert" hidden>No answer so far<span></span>.
  <button type="button" class="again">Try again</button></div>
<form class="composer">
  <label class="unseen" for="aisle-message">Your message</label>
  <textarea id="aisle-message" rows="1" enterkeyhint="send" autocomplete="off"
    placeholder="What are you looking for?"></textarea>
  <button type="submit" aria-label="Send"><svg viewBox="0 0 24 24" aria-hidden="true"><path
    d="M5 12h13M12 5l7 7-7 7" fill="none" stroke="currentColor" stroke-width="2.2" stroke-linecap="round"
    stroke-linejoin="round"/></svg></button>
</form>
"""
HexId = Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{32}$")]
ConversationId = Annotated[str, StringConstraints(pattern=r"^web-[0-9a-f]{32}$")]  # no reading a channel's by guessing
Update = tuple[Any, str]  # what to show in `thread` (or gr.skip()) and in `live`


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
        chat_blocks(ChatPage(assistant, turns), page_script(settings), shop),
        path=PATH,
        theme=gr.themes.Base(font=FONT, font_mono=MONO_FONT),
        css="".join((HERE / name).read_text("utf-8") for name in ("chat.css", "frame.css")),
        footer_links=[],
        run_history=False,
        show_error=False,
        ssr_mode=False,
        enable_monitoring=False,
        pwa=False,
        mcp_server=False,
    )
    app.add_middleware(OwnHead)


def page_script(settings: Settings) -> str:
    """What runs in the browser; who may frame the page, and whether it asks for consent, stand on top."""
    told = {"EMBED_ORIGINS": settings.embed_origins, "ASKS_CONSENT": settings.remember_views == "with_consent"}
    constants = "".join(f"const {name} = {json.dumps(value)};\n" for name, value in told.items())
    return constants + "".join((HERE / name).read_text("utf-8") for name in ("frame.js", "chat.js"))


def chat_blocks(page: ChatPage, script: str, shop: str) -> gr.Blocks:
    """The page's layout and its two events."""
    with gr.Blocks(title=f"{shop}: chat", analytics_enabled=False, fill_height=True, fill_width=True) as blocks:
        with gr.Column(elem_id="aisle"):
            gr.HTML(header_html(shop), elem_id="aisle-header", apply_default_css=False)
            with gr.Column(elem_id="aisle-scroll"):
                thread = gr.HTML("", html_template=THREAD, elem_id="aisle-thread", apply_default_css=False)
                live = gr.HTML("", html_template=LIVE, elem_id="aisle-live", apply_default_css=False)
            composer = gr.HTML(
                html_template=COMPOSER,
                js_on_load=script,
                elem_id="aisle-composer",
                apply_default_css=False,
            )
        for event in (composer.say, composer.resume):
            event(
                page.show,
                outputs=[thread, live],
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

    async def show(self, event: gr.EventData) -> AsyncIterator[Update]:
        """The conversation, after the message that came with the event (if any) has been answered."""
        try:
            wanted = PageEvent.model_validate(event._data)
        except ValidationError:
            yield gr.skip(), failure_html(UNREADABLE, event="")
            return
        try:
            if wanted.sent is not None:
                async for update in self.turn(wanted.conversation, wanted.sent, wanted.visit):
                    yield update
            yield thread_html(await self.entries(wanted.conversation)), finished_html(wanted.event)
        except ConversationBusy:
            yield gr.skip(), failure_html(BUSY, wanted.event)
        except Exception:
            log_failure("a turn in the chat")
            yield gr.skip(), failure_html(BROKEN, wanted.event)

    async def turn(self, conversation: str, sent: Sent, told: Metadata | None) -> AsyncIterator[Update]:
        """The shopper's words at once, then the reply as it is written."""
        shown = [*await self.entries(conversation), ("user", sent.title or sent.text)]
        yield thread_html(shown, with_buttons=False), writing_html("")
        text = ""
        visit = replace(told.visit if told else NOTHING_TOLD, title=sent.title)
        async for piece in self.turns.pieces(conversation, sent.text, sent.id, visit):
            if piece.message is None:
                text += piece.text
                yield gr.skip(), writing_html(text)
            else:
                shown.append(("bot", piece.message))
                text = ""
                yield thread_html(shown, with_buttons=False), writing_html("")

    async def entries(self, conversation: str) -> list[Entry]:
        """The greeting and what has been said since."""
        history = await run_in_threadpool(self.assistant.history, conversation)
        return [("bot", self.assistant.greeting()), *history][-ENTRIES_SHOWN:]


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
