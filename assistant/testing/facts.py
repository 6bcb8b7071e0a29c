"""What a simulated customer knows and wants, found in a task's prose by rule.

    facts = read_facts(task.reason_for_call, task.known_info, task.instructions)

A task tells a person what to do ("You want to ..., but if the agent asks you to confirm, ..."). Each sentence becomes a
request, a reaction (what to say when asked for a confirmation, a reason, which one), something to ask for instead
when a request is refused, or a wish about the payment. What no rule takes is left unsaid.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from assistant.testing.first_person import in_first_person
from assistant.testing.ordering import in_order_said, of_other_orders
from assistant.testing.reactions import Reaction
from assistant.testing.reader import CONDITION, Reader
from assistant.testing.requests import Request

EMAIL = re.compile(r"[\w.+-]+@[\w-]+(?:\.[\w-]+)+")
ZIP = re.compile(r"\b\d{5}\b")
USER_ID = re.compile(r"\b([a-z]+)_([a-z]+)_\d{3,}\b")
NAME = re.compile(r"\b[Yy]ou(?:r name is|'re| are| name is)(?: an? [\w ]+ called)? ([A-Z]\w+(?: [A-Z]\w+)*)")
SENTENCE = re.compile(r"(?<=[.!?;])[\s.]+(?=[A-Z(])|\n+")
ASIDE = re.compile(r"\s*\([^()]*\b(?:reveal|mention|share|look (?:it )?up|forgot|don't want|do not)\b[^()]*\)")
ENUMERATED = re.compile(r"[;:]\s+(?:first|second|third),\s+(\w)", re.I)  # "two problems: first, ...; second, ..."
DEFINES = re.compile(r"\(([^()]*?),? (?:but|and) (?:do not|don't) (?:reveal|mention|share)[^()]*\)")
LATER_CONDITION = re.compile(r"[,.;] (?:but|and) (?=(?:if|when) (?:the )?agent asks)", re.I)
WANTS_PERSON = re.compile(r"\b(?:human|transfer)\b", re.I)
ADDRESS = re.compile(
    r"(?:to be|is|live in) (\d+ [A-Z][\w ]+(?:, (?:Suite|Apt)\.? \w+)?(?:, [A-Z][\w ]+)+,? (?:[A-Z]{2},? )?\d{5})"
)


@dataclass(frozen=True)
class Facts:
    name: str | None
    zip: str | None
    emails: tuple[str, ...]
    requests: tuple[Request, ...]
    payments: tuple[str, ...] = ()  # the one preferred first
    reason: str | None = None  # for a cancellation
    order_ids: tuple[str, ...] = ()  # to be given when asked for a number, in this order
    which: tuple[str, ...] = ()  # what to say when asked which one
    at_confirmation: Reaction | None = None  # at the first question of yes or no
    address: str | None = None
    preferences: str = ""  # among variants, in the task's words
    bought: str | None = None  # the first thing told to have been received, bought or ordered
    wants_person: bool = False


def read_facts(reason_for_call: str, known_info: str, instructions: str) -> Facts:
    """The facts of a task. Expected actions are no argument: the customer must not know them."""
    defines = DEFINES.search(reason_for_call)
    reader = Reader(defines[1] if defines else None)
    for sentence in sentences(f"{reason_for_call} {_conditions_in(instructions)}"):
        reader.take(sentence)
    address = ADDRESS.search(reason_for_call) or ADDRESS.search(known_info)
    zips = ZIP.findall(known_info)
    return Facts(
        name=_name(known_info),
        zip=zips[-1] if zips else None,
        emails=tuple(EMAIL.findall(known_info)),
        requests=in_order_said(of_other_orders(reader.requests), f"{instructions} {reason_for_call}"),
        payments=tuple(dict.fromkeys(reader.payments)),
        reason=reader.reason,
        order_ids=tuple(reader.order_ids),
        which=tuple(reader.which),
        at_confirmation=reader.at_confirmation,
        address=address[1] if address else None,
        preferences=in_first_person(". ".join(reader.preferences)),
        bought=reader.bought,
        wants_person=bool(WANTS_PERSON.search(reason_for_call)),
    )


def sentences(text: str) -> list[str]:
    """The text's sentences without asides on what to keep to oneself; a later "but if ... asks" stands alone."""
    plain = ENUMERATED.sub(lambda mark: f". {mark[1].upper()}", ASIDE.sub("", " ".join(text.split())))
    found = [part.strip(" .;") for part in SENTENCE.split(plain)]
    return [piece.strip() for part in found if part for piece in LATER_CONDITION.split(part)]


def _conditions_in(instructions: str) -> str:
    """Of how to behave only what is to be said when asked: moods are not played."""
    return ". ".join(one for one in sentences(instructions) if CONDITION.search(one))


def _name(known_info: str) -> str | None:
    """A full name, told or within a user id."""
    told, user_id = NAME.search(known_info), USER_ID.search(known_info)
    if told and " " in told[1]:
        return told[1]
    return f"{user_id[1].title()} {user_id[2].title()}" if user_id else told[1] if told else None
