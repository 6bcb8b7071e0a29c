"""The REST channel, in Rasa's shapes, so that its clients and widgets work unchanged.

`POST /webhooks/rest/webhook` answers a list with one entry per message of the assistant, cards under
`custom: {"cards": [...]}`. With `?stream=true` the same entries come as newline-delimited JSON, each as soon as it is
complete; with `?stream=partial` lines `{"recipient_id", "partial": "more text"}` come before the entry that they build.
Beyond what the process can bear a turn is answered 503, one client's too many 429, both with Retry-After (places.py).
Partials are a mode of their own because Rasa's clients expect every line to be a whole message.
`GET /webhooks/rest/messages?sender=…&after=N` gives what people of the shop have written, which answers no request.
`POST /model/parse` says what a message means without a conversation.
"""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from importlib.metadata import version
from typing import Annotated, Any, Literal, TypeVar

from fastapi import APIRouter, Request
from fastapi.responses import JSONResponse, Response, StreamingResponse
from pydantic import AfterValidator, BaseModel, ConfigDict, Field, StringConstraints, ValidationError
from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException
from starlette.requests import HTTPConnection

from assistant.locks import ConversationBusy
from assistant.turns import Assistant
from assistant.visits import NOTHING_TOLD, Visit
from assistant.web.door import log_failure
from assistant.web.places import NoPlace
from assistant.web.turn_stream import TurnStream
from dialogues.messages import BotMessage
from intents.context import Context
from intents.engine import EngineError
from intents.jsonl import commands_json
from intents.recogniser import Understanding

BUSY = "This conversation is still answering an earlier message. Try again in a second."
NO_ENGINE = "The model engine does not answer. The log says why; try again in a few seconds."
LONGEST_TOKEN = 4096  # characters; one with three claims has some 170, with an RSA signature 480
MINIMUM_COMPATIBLE_VERSION = "0.1.0"
Model = TypeVar("Model", bound=BaseModel)


def is_identifier(value: str) -> str:
    if not value.isprintable():
        raise ValueError("it may hold printable characters only")
    if not value.strip():
        raise ValueError("it must not be blank")
    return value


Identifier = Annotated[str, StringConstraints(max_length=255), AfterValidator(is_identifier)]


class Metadata(BaseModel):
    message_id: Identifier | None = None
    consent: bool | None = None
    token: Annotated[str, StringConstraints(max_length=LONGEST_TOKEN)] | None = None
    product: Literal[""] | Identifier | None = None
    private: bool | None = None

    @property
    def visit(self) -> Visit:
        return Visit(self.consent, self.token, product=self.product, private=self.private)


class UserMessage(BaseModel):
    """What a client of the REST channel sends. Fields that Rasa's clients add (input_channel, ...) are passed over."""

    model_config = ConfigDict(strict=True)
    sender: Identifier
    message: str
    message_id: Identifier | None = None
    metadata: Metadata | None = None

    @property
    def client_id(self) -> str | None:
        """The client's own id of this message: a repeated one gets the same answer and does nothing twice."""
        return self.message_id or (self.metadata.message_id if self.metadata else None)

    @property
    def visit(self) -> Visit:
        return self.metadata.visit if self.metadata else NOTHING_TOLD


class StaffMessages(BaseModel):
    """What a client asks for while a person answers; `after` is what the last answer gave."""

    sender: Identifier
    after: int = Field(0, ge=0, le=2**31 - 1)


class ParseContext(BaseModel):
    model_config = ConfigDict(strict=True, extra="forbid")
    bot: Annotated[str, StringConstraints(max_length=5000)] | None = None
    task: Identifier | None = None
    asked: Identifier | None = None
    shown: list[Identifier] = Field(default=[], max_length=50)


class ParseRequest(BaseModel):
    model_config = ConfigDict(strict=True)
    text: str
    message_id: Identifier | None = None
    context: ParseContext = ParseContext()


def rest_channel(assistant: Assistant, turns: TurnStream, longest_text: int) -> APIRouter:
    """The routes of this module. `longest_text`, in characters, is what /model/parse reads; a turn sees to its own."""
    router = APIRouter()

    @router.get("/webhooks/rest/")
    def channel_health() -> dict[str, str]:
        return {"status": "ok"}

    @router.post("/webhooks/rest/webhook")
    async def webhook(request: Request) -> Response:
        user = read(UserMessage, await request.body())
        stream = request.query_params.get("stream", "false").lower()
        if stream in ("true", "partial"):
            return await streamed(turns, user, stream == "partial", base_of(request), address_of(request))
        try:
            messages = await turns.answer(user.sender, user.message, user.client_id, user.visit, address_of(request))
        except ConversationBusy as busy:
            raise conflict() from busy
        except NoPlace as refused:
            raise refusal(refused) from refused
        return JSONResponse([entry(user.sender, message, base_of(request)) for message in messages])

    @router.get("/webhooks/rest/messages")
    async def messages_of_staff(request: Request) -> dict[str, Any]:
        asked = read(StaffMessages, json.dumps(dict(request.query_params)).encode())
        found = await run_in_threadpool(assistant.staff_messages, asked.sender, asked.after)
        last = found[-1][0] + 1 if found else asked.after
        base = base_of(request)
        return {"messages": [entry(asked.sender, message, base) for _, message in found], "after": last}

    @router.post("/model/parse")
    async def parse(request: Request) -> dict[str, Any]:
        wanted = read(ParseRequest, await request.body())
        if len(wanted.text) > longest_text:
            raise HTTPException(400, f"text has {len(wanted.text)} characters; at most {longest_text} are read.")
        if not wanted.text.strip():
            return parsed(wanted, None)
        given = wanted.context
        context = Context(bot=given.bot, task=given.task, asked=given.asked, shown=tuple(given.shown))
        try:
            reading = turns.placed(None, address_of(request), lambda: assistant.understand(wanted.text, context))
            return parsed(wanted, await reading)
        except NoPlace as refused:
            raise refusal(refused) from refused
        except EngineError as error:
            log_failure("reading a message")
            raise HTTPException(503, NO_ENGINE, headers={"Retry-After": "5"}) from error

    @router.get("/version")
    def show_version() -> dict[str, str]:
        return {"version": version("aisle"), "minimum_compatible_version": MINIMUM_COMPATIBLE_VERSION}

    @router.get("/status")
    def show_status() -> dict[str, str]:
        return assistant.status()

    @router.get("/health")
    def health() -> dict[str, str]:
        return {"status": "ok"}

    return router


def read(model: type[Model], body: bytes) -> Model:
    """The body as `model`, whatever its Content-Type says (Rasa does not look either). Raises a 400 that says why."""
    try:
        return model.model_validate_json(body)
    except ValidationError as error:
        raise HTTPException(400, reason_of(error)) from error


def reason_of(error: ValidationError) -> str:
    """The first thing wrong, without the value itself: it may be long, or not even be text."""
    first = error.errors(include_url=False, include_input=False, include_context=False)[0]
    where = ".".join(str(part) for part in first["loc"]) or "The request body"
    return f"{where}: {first['msg']}."


def conflict() -> HTTPException:
    return HTTPException(409, BUSY, headers={"Retry-After": "1"})


def refusal(refused: NoPlace) -> HTTPException:
    return HTTPException(refused.status_code, str(refused), headers={"Retry-After": str(refused.retry_after_s)})


def address_of(request: HTTPConnection) -> str | None:
    """Where the request came from; behind a proxy, what uvicorn took from its X-Forwarded-For."""
    return request.client.host if request.client else None


async def streamed(
    turns: TurnStream, user: UserMessage, with_partials: bool, base: str, address: str | None
) -> Response:
    """A turn as newline-delimited JSON. The first line is awaited here, so that a busy conversation is still a 409."""
    lines = stream_lines(turns, user, with_partials, base, address)
    try:
        first = await anext(lines, "")
    except ConversationBusy as busy:
        raise conflict() from busy
    except NoPlace as refused:
        raise refusal(refused) from refused

    async def body() -> AsyncIterator[str]:
        yield first
        try:
            async for line in lines:
                yield line
        except Exception:  # the 200 is out: the client learns of it on a line of its own
            yield json.dumps({"status": "failure", "reason": log_failure("a streamed turn"), "code": 500}) + "\n"

    return StreamingResponse(body(), media_type="application/x-ndjson")


async def stream_lines(
    turns: TurnStream, user: UserMessage, with_partials: bool, base: str, address: str | None
) -> AsyncIterator[str]:
    async for piece in turns.pieces(user.sender, user.message, user.client_id, user.visit, address):
        if piece.message is not None:
            yield json.dumps(entry(user.sender, piece.message, base)) + "\n"
        elif with_partials:
            yield json.dumps({"recipient_id": user.sender, "partial": piece.text}) + "\n"


def base_of(request: Request) -> str:
    """Where the caller reached this server: http://127.0.0.1:7860"""
    return str(request.base_url).rstrip("/")


def entry(sender: str, message: BotMessage, base: str = "") -> dict[str, Any]:
    """One message of the assistant as Rasa's REST channel writes it; a single card's picture is also its `image`, in
    full from `base` on, because a client may show it on a page of another site."""
    written: dict[str, Any] = {"recipient_id": sender, "text": message.text}
    if message.buttons:
        written["buttons"] = [{"title": button.title, "payload": button.payload} for button in message.buttons]
    if len(message.cards) == 1 and message.cards[0].get("image"):
        written["image"] = base + message.cards[0]["image"]
    if message.cards:
        written["custom"] = {"cards": [dict(card) for card in message.cards]}
    return written


def parsed(wanted: ParseRequest, understanding: Understanding | None) -> dict[str, Any]:
    """Rasa's parse result, with all commands beside it. A blank text means nothing: no intent, confidence 0."""
    commands = understanding.commands if understanding else ()
    confidence = understanding.confidence if understanding else 0.0
    names = list(dict.fromkeys(command.intent for command in commands))
    ranking = [{"name": name, "confidence": confidence} for name in names]
    ranking += [
        {"name": name, "confidence": share} for name, share in (understanding.runners_up if understanding else ())
    ]
    return {
        "text": wanted.text,
        "message_id": wanted.message_id,
        "intent": ranking[0] if ranking else {"name": None, "confidence": 0.0},
        "entities": [
            entity(wanted.text, slot, value, confidence) for command in commands for slot, value in command.slots
        ],
        "intent_ranking": ranking,
        "commands": commands_json(commands),
    }


def entity(text: str, slot: str, value: str | int | float, confidence: float) -> dict[str, Any]:
    """A slot as Rasa's entity; `start` and `end` are there when the value stands in the text as it is."""
    found = text.lower().find(str(value).lower())
    place = {"start": found, "end": found + len(str(value))} if found >= 0 and str(value) else {}
    return {"entity": slot, "value": value, "confidence_entity": confidence, "extractor": "aisle", **place}
