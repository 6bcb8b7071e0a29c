"""Personal data out of words that others will read or learn from, each replaced by a made-up value of its kind.

    StandIns.of(known, commands).words("It's Bea Simmons, 80331")  ->  "It's Mia Lindqvist, 97205"

A mark like "[name]" would teach a recogniser marks. The stand-ins are a customer of the demo shop, so that a
conversation that is played again there finds somebody. What the shopper gave as a name, an e-mail or an address is
known from what the message was read as; the rest is found as masking.py finds it.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, replace

from assistant.masking import ADDRESS_MARK, CARD_MARK, EMAIL, EMAIL_MARK, NAME_MARK, PHONE_MARK, Known, mask
from intents.commands import Command
from intents.context import Context

FIRST, LAST = "Mia", "Lindqvist"
BY_SLOT = {  # the slots whose value is personal, and what stands for it
    "name": f"{FIRST} {LAST}",
    "email": "mia.lindqvist@example.com",
    "zip": "97205",
    "address": "1418 SW Alder Street, Portland, OR 97205",
}
BY_MARK = {
    NAME_MARK: BY_SLOT["name"],
    EMAIL_MARK: BY_SLOT["email"],
    ADDRESS_MARK: BY_SLOT["address"],
    PHONE_MARK: "503-555-0142",
    CARD_MARK: "4242 4242 4242 4242",
}
MARK = "|".join(re.escape(mark) for mark in BY_MARK)
SAME_AGAIN = re.compile(rf"({MARK})(?:,?\s+\1)+")  # "[name] [name]", of a first and a last name
ZIP_TOLD = re.compile(rf"((?:zip|postcode)(?: code)?(?: is|:)?\s+){re.escape(ADDRESS_MARK)}", re.IGNORECASE)
ZIP = re.compile(r"\d{5}")
FIRST_HELD = 0xE000  # private characters hold the place of what is known, so that nothing masks a stand-in


@dataclass(frozen=True)
class StandIns:
    """What stands for what in one conversation."""

    said: tuple[tuple[str, str], ...]  # words of the shopper's or of their record, and their stand-in; longest first
    known: Known

    @classmethod
    def of(cls, known: Known, commands: Iterable[Command]) -> StandIns:
        """`known` is the shopper's record, `commands` all that was read in the conversation."""
        given = {str(value): BY_SLOT[slot] for command in commands for slot, value in command.slots if slot in BY_SLOT}
        names = dict(zip(known.names, (FIRST, LAST), strict=False))
        zips = {part: BY_SLOT["zip"] for part in known.addresses if ZIP.fullmatch(part)}
        pairs = {**names, **zips, **given}
        return cls(tuple(sorted(pairs.items(), key=lambda pair: -len(pair[0]))), known)

    def words(self, text: str) -> str:
        """The text without personal data. Doing it twice changes nothing more."""
        kept = [stand_in for _, stand_in in self.said]
        text = EMAIL.sub(EMAIL_MARK, text)  # before the names, which stand in it
        for place, (word, _) in enumerate(self.said):
            if word.strip():
                found = rf"(?<![^\W_]){re.escape(word)}(?![^\W_])"
                text = re.sub(found, chr(FIRST_HELD + place), text, flags=re.IGNORECASE)
        text = SAME_AGAIN.sub(r"\1", mask(text, self.known))
        text = ZIP_TOLD.sub(rf"\g<1>{BY_SLOT['zip']}", text)
        for mark, stand_in in BY_MARK.items():
            text = text.replace(mark, stand_in)
        return re.sub(r"[\ue000-\uf8ff]", lambda held: _held(kept, held[0]), text)

    def commands(self, commands: Iterable[Command]) -> tuple[Command, ...]:
        return tuple(
            Command(
                one.intent,
                tuple(
                    (slot, BY_SLOT.get(slot) or self.words(value)) if isinstance(value, str) else (slot, value)
                    for slot, value in one.slots
                ),
            )
            for one in commands
        )

    def context(self, context: Context) -> Context:
        shown = tuple(self.words(name) for name in context.shown)
        return replace(context, bot=self.words(context.bot) if context.bot else None, shown=shown)


def _held(kept: list[str], char: str) -> str:
    place = ord(char) - FIRST_HELD
    return kept[place] if place < len(kept) else ""  # one that the shopper typed stands for nothing
