"""Pages of other sites that may call the REST channel from a browser: a Rasa widget on the shop's own pages, say.

Without `origins` none may; a server of the shop's that passes messages on needs no leave. Only the channel is opened:
no cookie is let through, and the desk, the chat page and /model/parse stay closed.
"""

from __future__ import annotations

from collections.abc import Sequence

from starlette.middleware.cors import CORSMiddleware
from starlette.types import ASGIApp, Receive, Scope, Send

CHANNEL = "/webhooks/rest/"
ANSWER_KEPT_S = 600  # for which a browser remembers the leave


class OtherSites:
    """ASGI middleware: answers a browser's question whether a page of `origins` may call, and marks the answers."""

    def __init__(self, app: ASGIApp, origins: Sequence[str]) -> None:
        self.closed = app
        self.opened = CORSMiddleware(
            app,
            allow_origins=origins,
            allow_methods=("GET", "POST"),
            allow_headers=("Content-Type",),
            max_age=ANSWER_KEPT_S,
        )

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        of_channel = scope["type"] == "http" and scope["path"].startswith(CHANNEL)
        await (self.opened if of_channel else self.closed)(scope, receive, send)
