"""A copy of the conversation by mail: only to the address that the shop has of the customer who was identified in it.

Asked without `to`, it says where the copy would go ("m…@example.com"); with that, it goes. So nobody can have mail sent
to an address of their choice, and nothing is sent by a single press.
"""

from __future__ import annotations

import logging
import threading
import time
from collections import deque
from collections.abc import Callable
from typing import Annotated

from fastapi import APIRouter, Request
from pydantic import BaseModel, ConfigDict, StringConstraints
from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException

from assistant.mail import Mailer, Undeliverable
from assistant.masking import mask_cards
from assistant.store import Customer, now
from assistant.turns import Assistant
from assistant.web.channels import read
from assistant.web.page_routes import ConversationId
from assistant.web.transcript_copy import copy_text

log = logging.getLogger(__name__)
HOUR_S = 3600
MOST_TO_ONE = 3  # copies an hour to one address: a shopper who asks again has mistaken the folder
MOST_AT_ALL = 200  # an hour, of each server process, so that nobody makes the shop a sender of bulk mail
LONGEST_ADDRESS = 320
STRANGER = "Please tell the assistant who you are first: the copy goes to the address that the shop has of you."
OTHER_ADDRESS = "The address has changed meanwhile. Please ask for the copy again."
TOO_MANY = "A few copies were sent within the last hour. Please try again later, or download this chat."
NOT_SENT = "The copy could not be sent just now. Please try again later, or download this chat."


class MailWanted(BaseModel):
    model_config = ConfigDict(strict=True, extra="forbid")
    conversation: ConversationId
    to: Annotated[str, StringConstraints(max_length=LONGEST_ADDRESS)] | None = None  # as this module showed it


class Quota:
    """How many mails went out within the last hour, to whom. Kept in memory: a restart forgets."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self.clock = clock
        self.lock = threading.Lock()
        self.sent: deque[tuple[float, str]] = deque()

    def take(self, address: str) -> bool:
        """Whether one more may be sent; it is counted at once."""
        with self.lock:
            moment = self.clock()
            while self.sent and self.sent[0][0] <= moment - HOUR_S:
                self.sent.popleft()
            if len(self.sent) >= MOST_AT_ALL or sum(one == address for _, one in self.sent) >= MOST_TO_ONE:
                return False
            self.sent.append((moment, address))
            return True


def mail_routes(assistant: Assistant, shop: str, mailer: Mailer) -> APIRouter:
    router = APIRouter()
    quota = Quota()

    def answer(wanted: MailWanted) -> dict[str, str]:
        address = address_of(assistant, wanted.conversation)
        if address is None:
            raise HTTPException(409, STRANGER)
        if wanted.to is None:
            return {"to": veiled(address)}
        if wanted.to != veiled(address):
            raise HTTPException(409, OTHER_ADDRESS)
        if not quota.take(address):
            raise HTTPException(429, TOO_MANY, headers={"Retry-After": str(HOUR_S)})
        try:
            mailer.send(address, f"{shop}: your conversation", written(assistant, shop, wanted.conversation))
        except Undeliverable as error:
            log.error("a copy by mail was not sent: %s", error)
            raise HTTPException(502, NOT_SENT) from error
        return {"sent": veiled(address)}

    @router.post("/chat/mail")
    async def mail(request: Request) -> dict[str, str]:
        wanted = read(MailWanted, await request.body())
        return await run_in_threadpool(answer, wanted)

    return router


def address_of(assistant: Assistant, conversation: str) -> str | None:
    """The e-mail of the customer who was identified in the conversation."""
    customer_id = assistant.tracker(conversation).slots.get("customer_id")
    if not isinstance(customer_id, str):
        return None
    with assistant.database.reading() as session:
        customer = session.get(Customer, customer_id)
        return customer.email if customer else None


def veiled(address: str) -> str:
    """Enough of it for its owner: "m…@example.com"."""
    name, _, host = address.rpartition("@")
    return f"{name[:1]}…@{host}"


def written(assistant: Assistant, shop: str, conversation: str) -> str:
    """The copy as it is downloaded, with card numbers masked: mail passes through many hands."""
    history = assistant.history(conversation)
    return mask_cards(copy_text(shop, [("bot", assistant.greeting()), *history], now().date()))
