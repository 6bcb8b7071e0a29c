"""The gate before the staff's pages: who is not signed in is led to /login, whose role may not is told so.

It stands before every path of a page, Gradio's own among them. What changes anything must come from this site: the
browser says so in `Sec-Fetch-Site`, or by an `Origin` that is this host; without either it is refused. Together with a
cookie that other sites' forms do not carry (SameSite=Lax) that is the protection against forged requests.
"""

from __future__ import annotations

from collections.abc import Mapping
from urllib.parse import quote

from starlette.concurrency import run_in_threadpool
from starlette.datastructures import Headers
from starlette.requests import HTTPConnection
from starlette.responses import RedirectResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from assistant.staff.access import Right
from assistant.staff.signing_in import Door
from assistant.web.door import failure

COOKIE = "aisle_staff"
HARMLESS = ("GET", "HEAD", "OPTIONS")
FORGED = "This request did not come from a page of this shop. Open the page anew and try again."
SIGN_IN = "Sign in first, at /login."
PRIVATE_HEADERS = [(b"cache-control", b"no-store"), (b"x-frame-options", b"DENY")]


class Gate:
    """ASGI middleware. `pages` says which right each path needs: {"/desk": "desk"}."""

    def __init__(self, app: ASGIApp, door: Door, pages: Mapping[str, Right]) -> None:
        self.app = app
        self.door = door
        self.pages = pages

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        page = page_of(scope, self.pages)
        if page is None:
            await self.app(scope, receive, send)
            return
        answer = await self.refusal(scope, page)
        await (answer or self.app)(scope, receive, private(send))

    async def refusal(self, scope: Scope, page: str) -> Response | None:
        """What is answered instead of the page, or None to let it through."""
        connection = HTTPConnection(scope)
        if scope.get("method", "GET") not in HARMLESS and not from_this_site(connection.headers):
            return failure(403, FORGED)
        staff = await run_in_threadpool(self.door.who, connection.cookies.get(COOKIE))
        if staff is None:
            if scope["path"].rstrip("/") == page and scope.get("method") == "GET":
                query = scope.get("query_string", b"").decode("latin-1")
                return RedirectResponse(f"/login?next={quote(f'{page}/?{query}' if query else f'{page}/')}", 303)
            return failure(401, SIGN_IN)
        if not staff.may(self.pages[page]):
            return failure(403, f"Your role ({staff.role}) may not open {page}. Ask an admin of the shop.")
        return None


def page_of(scope: Scope, pages: Mapping[str, Right]) -> str | None:
    if scope["type"] not in ("http", "websocket"):
        return None
    path = scope["path"]
    return next((page for page in pages if path == page or path.startswith(f"{page}/")), None)


def from_this_site(headers: Headers) -> bool:
    """Whether the browser says that a page of this host sent the request."""
    if site := headers.get("sec-fetch-site"):
        return site == "same-origin"
    return headers.get("origin", "").partition("://")[2] == headers.get("host") != ""


def private(send: Send) -> Send:
    """A `send` that lets nobody keep or frame the answer."""

    async def marked(message: Message) -> None:
        if message["type"] == "http.response.start":
            ours = {name for name, _ in PRIVATE_HEADERS}
            kept = [(name, value) for name, value in message["headers"] if name not in ours]
            message = {**message, "headers": [*kept, *PRIVATE_HEADERS]}
        await send(message)

    return marked
