"""The web application: the shop's pages, the chat, its widget, the REST channel and the pictures behind one door."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from fastapi import APIRouter, FastAPI, Request
from fastapi.responses import FileResponse, RedirectResponse, Response
from starlette.exceptions import HTTPException

from assistant.health import checks_of
from assistant.mail import Mailer
from assistant.metrics import CONTENT_TYPE
from assistant.settings import Settings
from assistant.turns import Assistant
from assistant.web.channels import rest_channel
from assistant.web.chat import mount_chat
from assistant.web.door import Door, failure
from assistant.web.health_routes import health_routes
from assistant.web.mail_routes import mail_routes
from assistant.web.other_sites import OtherSites
from assistant.web.packed import PackedFile
from assistant.web.page_routes import page_routes
from assistant.web.places import Limits, Places
from assistant.web.turn_stream import TurnStream

PICTURE_HEADERS = {
    "Cache-Control": "public, max-age=3600",
    "Content-Security-Policy": "default-src 'none'; style-src 'unsafe-inline'; sandbox",  # an SVG opened by itself
}


WIDGET_HEADERS = {
    "Cache-Control": "public, max-age=300",  # a new version reaches embedded pages in minutes
    "Cross-Origin-Resource-Policy": "cross-origin",  # a page that isolates itself may embed it as well
}


def create_app(
    assistant: Assistant,
    media: Callable[[str], str | None],
    settings: Settings,
    shop: str,
    front: APIRouter | None = None,
) -> FastAPI:
    """The application. `media` draws a product's picture: its id in, an SVG out, None for an unknown id.

    `front` has the shop's pages; without it, `/` leads to the chat."""
    app = FastAPI(title="Aisle", docs_url=None, redoc_url=None, openapi_url=None)  # the docs pages load from a CDN
    limits = Limits(settings.most_turns, settings.most_turns_of_conversation, settings.most_turns_of_address)
    turns = TurnStream(assistant, Places(limits))
    app.state.places = turns.places  # for whoever stops the server
    app.add_middleware(Door, embed_origins=settings.embed_origins)
    app.add_middleware(OtherSites, origins=settings.rest_origins)
    app.add_exception_handler(HTTPException, tell_failure)
    app.include_router(rest_channel(assistant, turns, settings.max_message_chars))
    app.include_router(page_routes(assistant, shop))
    app.include_router(health_routes(checks_of(assistant), turns.places))
    if mailer := Mailer.of(settings):
        app.include_router(mail_routes(assistant, shop, mailer))

    script = PackedFile(Path(__file__).with_name("widget.js"), "text/javascript", WIDGET_HEADERS)

    @app.get("/widget.js")
    def widget(request: Request) -> Response:
        return script.answer(request)

    @app.get("/favicon.svg")
    def icon() -> Response:
        return FileResponse(Path(__file__).with_name("favicon.svg"))

    @app.get("/media/products/{product_id}.svg")
    def picture(product_id: str) -> Response:
        svg = media(product_id)
        if svg is None:
            raise HTTPException(404, f"There is no product {product_id[:80]!r}.")
        return Response(svg, media_type="image/svg+xml", headers=PICTURE_HEADERS)

    @app.get("/metrics", include_in_schema=False)
    def metrics() -> Response:
        return Response(assistant.metrics.exposition(), media_type=CONTENT_TYPE)

    if front is None:
        app.add_api_route("/", lambda: RedirectResponse("/chat/"))
    else:
        app.include_router(front)
    mount_chat(app, assistant, turns, settings, shop=shop)
    return app


async def tell_failure(request: Request, error: Exception) -> Response:
    """An HTTPException, ours or the framework's, as JSON."""
    assert isinstance(error, HTTPException)
    return failure(error.status_code, str(error.detail), dict(error.headers or {}))
