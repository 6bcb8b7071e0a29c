"""What the chat page asks beside the conversation: keep a thumb, learn nothing from it, hand out a copy.

Whoever knows a conversation's id may read and continue it, so these ask for no more. The id comes in a body, never in
an address, which would be written to logs and histories.
"""

from __future__ import annotations

from typing import Annotated, Literal

from fastapi import APIRouter, Request
from fastapi.responses import PlainTextResponse, Response
from pydantic import BaseModel, ConfigDict, Field, StringConstraints
from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException

from assistant.conversations import ConversationMoved
from assistant.feedback import NoSuchConversation, NoSuchReply
from assistant.locks import ConversationBusy
from assistant.store import now
from assistant.turns import Assistant
from assistant.web.channels import conflict, read
from assistant.web.transcript_copy import copy_text

ConversationId = Annotated[str, StringConstraints(pattern=r"^web-[0-9a-f]{32}$")]  # no reading a channel's by guessing
MOST_TURNS = 2**31 - 1  # what a column holds


class Rating(BaseModel):
    model_config = ConfigDict(strict=True, extra="forbid")
    conversation: ConversationId
    turn: int = Field(ge=1, le=MOST_TURNS)
    thumb: Literal["up", "down"] | None  # None takes it back


class Privacy(BaseModel):
    model_config = ConfigDict(strict=True, extra="forbid")
    conversation: ConversationId
    private: bool


class CopyWanted(BaseModel):
    model_config = ConfigDict(strict=True, extra="forbid")
    conversation: ConversationId


def page_routes(assistant: Assistant, shop: str) -> APIRouter:
    router = APIRouter()

    @router.post("/chat/thumb")
    async def thumb(request: Request) -> Response:
        wanted = read(Rating, await request.body())
        try:
            await run_in_threadpool(assistant.rate, wanted.conversation, wanted.turn, wanted.thumb)
        except NoSuchReply as error:
            raise HTTPException(404, f"There is no reply in turn {wanted.turn} of this conversation.") from error
        except (ConversationBusy, ConversationMoved) as error:
            raise conflict() from error
        return Response(status_code=204)

    @router.post("/chat/private")
    async def private(request: Request) -> Response:
        wanted = read(Privacy, await request.body())
        try:
            await run_in_threadpool(assistant.keep_private, wanted.conversation, wanted.private)
        except NoSuchConversation as error:
            raise HTTPException(404, "Nothing has been said in this conversation yet.") from error
        except (ConversationBusy, ConversationMoved) as error:
            raise conflict() from error
        return Response(status_code=204)

    @router.post("/chat/copy")
    async def copy(request: Request) -> Response:
        wanted = read(CopyWanted, await request.body())
        history = await run_in_threadpool(assistant.history, wanted.conversation)
        text = copy_text(shop, [("bot", assistant.greeting()), *history], now().date())
        return PlainTextResponse(text, headers={"Content-Disposition": 'attachment; filename="conversation.txt"'})

    return router
