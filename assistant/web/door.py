"""What every request passes first: a limit on its body, and a net under every unexpected error.

A client never reads a stack trace: it gets an id, and the log has the exception under the same id.
Plain ASGI, because a wrapper around responses would hold back streams.
"""

from __future__ import annotations

import logging
import uuid
from collections.abc import Sequence

from sqlalchemy.exc import InterfaceError, OperationalError
from starlette.exceptions import HTTPException
from starlette.responses import JSONResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

logger = logging.getLogger(__name__)
BODY_LIMIT_BYTES = 64 * 1024
GRADIO_PAGES = ("/chat", "/desk", "/desk/figures", "/studio")
DATABASE_AWAY = (OperationalError, InterfaceError)  # locked, full, read-only or restarted: of the turn nothing is kept
CLOSED = (  # of Gradio's API what no page of ours asks: files in and out, other hosts, events past the queue, an editor
    *("upload", "process_recording", "file", "proxy=", "stream", "component_server", "deep_link"),
    *("call/", "run/", "api/", "vibe-", "undo-vibe-edit"),
)
CLOSED_PATHS = tuple(f"{page}/gradio_api/{path}" for page in GRADIO_PAGES for path in CLOSED)
EMBEDDED_PATHS = ("/chat",)  # what other sites may frame, where the settings name them
UNFRAMED_PATHS = ("/desk", "/studio")  # what nobody may: a click there is a change
CONTENT_SECURITY_POLICY = (
    # Gradio builds its templates with `new Function` and styles elements inline; all else is this server's own.
    "default-src 'self'; script-src 'self' 'unsafe-inline' 'unsafe-eval'; style-src 'self' 'unsafe-inline'; "
    "img-src 'self' data: blob:; font-src 'self' data:; worker-src 'self' blob:; object-src 'none'; "
    "base-uri 'self'"
)
SECURITY_HEADERS = {
    b"x-content-type-options": b"nosniff",
    b"referrer-policy": b"same-origin",
}


def failure(status_code: int, reason: str, headers: dict[str, str] | None = None) -> JSONResponse:
    """An error as every endpoint answers it: {"status": "failure", "reason": ..., "code": ...}."""
    return JSONResponse({"status": "failure", "reason": reason, "code": status_code}, status_code, headers)


def log_failure(what: str) -> str:
    """Log the exception being handled and return the sentence to answer with, which names its id in the log."""
    error_id = uuid.uuid4().hex[:12]
    logger.exception("%s failed, error %s", what, error_id)
    return f"Something went wrong on our side. Please try again; if it keeps happening, report error {error_id}."


class Door:
    """ASGI middleware around the whole application."""

    def __init__(self, app: ASGIApp, embed_origins: Sequence[str] = ()) -> None:
        self.app = app
        self.embed_origins = embed_origins

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        if scope["path"].startswith(CLOSED_PATHS):
            await failure(404, "There is nothing here.")(scope, receive, send)
            return
        if "\0" in scope["path"] or b"%00" in scope["query_string"]:  # PostgreSQL takes it in no value
            await failure(400, "An address holds no null character.")(scope, receive, send)
            return
        if declared_length(scope) > BODY_LIMIT_BYTES:
            await failure(413, too_large())(scope, receive, send)
            return
        await self.pass_through(scope, receive, send)

    async def pass_through(self, scope: Scope, receive: Receive, send: Send) -> None:
        started = False

        async def watched_send(message: Message) -> None:
            nonlocal started
            if message["type"] == "http.response.start":
                started = True
                present = {name for name, _ in message["headers"]}
                own = {**SECURITY_HEADERS, b"content-security-policy": self.policy(scope["path"])}
                added = [(name, value) for name, value in own.items() if name not in present]
                message = {**message, "headers": [*message["headers"], *added]}
            await send(message)

        try:
            await self.app(scope, limited(receive), watched_send)
        except Exception as error:
            reason = log_failure(f"{scope['method']} {scope['path']}")
            if not started:
                away = isinstance(error, DATABASE_AWAY)
                answer = failure(503, reason, {"Retry-After": "5"}) if away else failure(500, reason)
                await answer(scope, receive, send)

    def policy(self, path: str) -> bytes:
        """The policy of a page that has none of its own."""
        framing = ("'self'", *(self.embed_origins if path.startswith(EMBEDDED_PATHS) else ()))
        framing = ("'none'",) if path.startswith(UNFRAMED_PATHS) else framing
        return f"{CONTENT_SECURITY_POLICY}; frame-ancestors {' '.join(framing)}".encode()


def declared_length(scope: Scope) -> int:
    """The Content-Length, or 0 when it is absent or not a number (the server counts the body anyway)."""
    value = next((value for name, value in scope["headers"] if name == b"content-length"), b"")
    return int(value) if value.isdigit() else 0


def limited(receive: Receive) -> Receive:
    """A `receive` that stops a body which is sent in chunks and grows past the limit."""
    received = 0

    async def counted() -> Message:
        nonlocal received
        message = await receive()
        received += len(message.get("body", b""))
        if received > BODY_LIMIT_BYTES:
            raise HTTPException(413, too_large())
        return message

    return counted


def too_large() -> str:
    return f"The request body is over {BODY_LIMIT_BYTES} bytes. Send a shorter message."
