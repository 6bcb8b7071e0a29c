"""Learn who the shopper is, before anything of an account is shown.

One right answer is enough: the account's e-mail, or full name and zip code. A wrong answer gets the same words
whatever was wrong with it, and after a few of them a person takes over. An order id proves nothing.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

from rasa_sdk import Tracker
from rasa_sdk.events import EventType, FollowupAction, SlotSet
from rasa_sdk.executor import CollectingDispatcher
from sqlalchemy.orm import Session

from assistant.actions.base import ShopAction
from assistant.customers import find_by_email, find_by_name, has_email, has_name, has_zip
from assistant.presentation import cell
from assistant.store import Customer

NAME_OR_ZIP = re.compile(r"\b(zip|post ?code|postal|name)\b", re.IGNORECASE)
FORGET_CLAIMS = (SlotSet("email", None), SlotSet("name", None), SlotSet("zip", None))


@dataclass(frozen=True)
class Claims:
    """What the shopper said of themselves so far, in their words."""

    email: str | None
    name: str | None
    zip: str | None

    @classmethod
    def of(cls, tracker: Tracker) -> Claims:
        email, name, zip_code = (tracker.slots.get(slot) for slot in ("email", "name", "zip"))
        if not email and bool(name) != bool(zip_code):  # "oh, 97205": the name stays the one that was tried before
            tried = tracker.slots.get("tried") or {}
            name, zip_code = name or tried.get("name"), zip_code or tried.get("zip")
        return cls(*(str(text) if text else None for text in (email, name, zip_code)))

    def __bool__(self) -> bool:
        return bool(self.email or self.name or self.zip)

    @property
    def missing(self) -> str | None:
        """The response that asks for what is still needed to look anybody up."""
        if self.email or (self.name and self.zip):
            return None
        if self.name:
            return "utter_ask_zip"
        return "utter_ask_name" if self.zip else "utter_ask_identity"


class ActionIdentify(ShopAction):
    def name(self) -> str:
        return "action_identify"

    async def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: dict[str, Any]) -> list[EventType]:
        claims = Claims.of(tracker)
        with self.shop.database.reading() as session:
            known = session.get(Customer, tracker.slots.get("customer_id") or "")
            if known:
                return _meet_again(dispatcher, known, claims)
            if self._locked(tracker.slots.get("identity_attempts") or 0):
                return [*FORGET_CLAIMS, *_lock(dispatcher)]
            if claims.missing:
                other_way = _other_way(tracker, claims) if tracker.slots.get("denied") else None
                dispatcher.utter_message(response=other_way or claims.missing)
                return []
            found = _look_up(session, claims)
        if len(found) == 1:
            return _welcome(dispatcher, found[0], claims)
        return self._refuse(dispatcher, tracker, claims, several=len(found) > 1)

    def _locked(self, attempts: int) -> bool:
        return attempts >= self.shop.identity_attempts

    def _refuse(
        self, dispatcher: CollectingDispatcher, tracker: Tracker, claims: Claims, *, several: bool
    ) -> list[EventType]:
        """Count the attempt. Where several have that name and zip, ask anew: the question begins with the e-mail."""
        attempts = (tracker.slots.get("identity_attempts") or 0) + 1
        counted = [*FORGET_CLAIMS, SlotSet("identity_attempts", attempts)]
        if self._locked(attempts):
            return [*counted, *_lock(dispatcher)]
        dispatcher.utter_message(response="utter_ask_identity" if several else "utter_identity_unknown")
        return [*counted, SlotSet("tried", {"name": claims.name, "zip": claims.zip} if claims.name else None)]


def _other_way(tracker: Tracker, claims: Claims) -> str:
    """What is asked of a shopper who cannot say what was asked: name and zip instead of the e-mail, or the reverse."""
    by_email = claims or NAME_OR_ZIP.search(str(tracker.latest_message.get("text") or ""))
    return "utter_identify_by_email" if by_email else "utter_identify_by_name"


def _look_up(session: Session, claims: Claims) -> list[Customer]:
    """Whom the claims lead to. A right e-mail and the right name and zip of somebody else lead to nobody."""
    by_email = find_by_email(session, claims.email) if claims.email else None
    by_name = find_by_name(session, claims.name, claims.zip) if claims.name and claims.zip else []
    if by_email is None:
        return by_name
    return [by_email] if by_email in by_name or len(by_name) != 1 else []


def _welcome(dispatcher: CollectingDispatcher, customer: Customer, claims: Claims) -> list[EventType]:
    """Remember the customer, and by what they were known: every change they make is stored with it."""
    dispatcher.utter_message(response="utter_identified", first_name=cell(customer, "first_name"))
    by_email = claims.email is not None and has_email(customer, claims.email)
    remembered = [
        SlotSet("customer_id", customer.id),
        SlotSet("first_name", customer.first_name),
        SlotSet("identified_by", "email" if by_email else "name and zip"),
    ]
    return [*remembered, SlotSet("identity_attempts", None), *FORGET_CLAIMS]


def _meet_again(dispatcher: CollectingDispatcher, customer: Customer, claims: Claims) -> list[EventType]:
    """Details of the same person are fine; anybody else's change nothing, and are not even looked up."""
    if not claims:
        return []
    same = (
        (claims.email is None or has_email(customer, claims.email))
        and (claims.name is None or has_name(customer, claims.name))
        and (claims.zip is None or has_zip(customer, claims.zip))
    )
    if same:
        dispatcher.utter_message(response="utter_identified", first_name=cell(customer, "first_name"))
    else:
        dispatcher.utter_message(response="utter_other_customer")
    return list(FORGET_CLAIMS)


def _lock(dispatcher: CollectingDispatcher) -> list[EventType]:
    dispatcher.utter_message(response="utter_identity_locked")
    return [FollowupAction("human_handoff")]
