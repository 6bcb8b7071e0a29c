"""Downloads for staff: what a search found, in a format of their choice, and a conversation as Rasa's tracker.

The gate has seen to it that somebody is signed in; whether they may is asked again here, by the right.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

from fastapi import APIRouter, Request
from fastapi.responses import Response, StreamingResponse
from starlette.exceptions import HTTPException

from assistant.review.exports import FORMATS, export, tracker_of
from assistant.review.transcript import NoSuchConversation
from assistant.staff.access import NotAllowed, Staff
from assistant.staff.signing_in import Door
from assistant.store import Database
from assistant.web.desk_layout import WHERE
from assistant.web.desk_search import wanted_of
from assistant.web.export_links import EXPORT
from assistant.web.gate import COOKIE, SIGN_IN

CONVERSATIONS = "/conversations"


def export_routes(database: Database, door: Door) -> APIRouter:
    router = APIRouter(include_in_schema=False)

    @router.get(EXPORT)
    def download(
        request: Request, form: str = "", text: str = "", where: str = "said", saved: str = "all", intent: str = "",
        outcome: str = "", since: str = "", until: str = "", unmasked: bool = False,
    ) -> Response:  # fmt: skip
        staff = signed_in(door, request)
        if form not in FORMATS:
            raise HTTPException(400, f"form is one of {', '.join(FORMATS)}.")
        if where not in {name for _, name in WHERE}:
            raise HTTPException(400, "where is one of said, shopper, order, product, label.")
        wanted = wanted_of(text, where, saved, intent, outcome, since, until)
        return streamed(allowed(lambda: export(database, staff, wanted, form, unmasked=unmasked)), form)

    @router.get(CONVERSATIONS + "/{sender:path}/tracker")
    def tracker(request: Request, sender: str, unmasked: bool = False) -> dict[str, Any]:
        staff = signed_in(door, request)
        with database.session() as session:
            return allowed(lambda: tracker_of(session, staff, sender, unmasked=unmasked))

    return router


def streamed(pieces: Iterator[str], form: str) -> Response:
    name = f"conversations-{datetime.now(UTC):%Y-%m-%d}.{FORMATS[form].suffix}"
    headers = {"Content-Disposition": f'attachment; filename="{name}"', "X-Content-Type-Options": "nosniff"}
    return StreamingResponse(pieces, media_type=FORMATS[form].media_type, headers=headers)


def signed_in(door: Door, request: Request) -> Staff:
    staff = door.who(request.cookies.get(COOKIE))
    if staff is None:
        raise HTTPException(401, SIGN_IN)
    return staff


def allowed(act: Any) -> Any:
    try:
        return act()
    except NotAllowed as refused:
        raise HTTPException(403, str(refused)) from refused
    except NoSuchConversation as missing:
        raise HTTPException(404, str(missing)) from missing
