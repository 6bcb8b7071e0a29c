"""Personal data out of a text: e-mail, phone, card, address, name, each replaced by what it was, "[e-mail]".

    mask("mail mia@example.com, order #W1")                    ->  "mail [e-mail], order #W1"
    mask("Thanks, Mia!", Known(names=("Mia",)))                ->  "Thanks, [name]!"
    mask_value({"email": "mia@example.com", "order": "#W1"})   ->  {"email": "[e-mail]", "order": "#W1"}

Pure. What has a look of its own is found by its look; a name or a street without one is found where it is known, so
whoever has the shopper's record passes it. In doubt it masks: a word too many hidden costs a click, one too few a
secret. Order numbers, prices, dates and the last four digits of a card stay.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from assistant.first_names import FIRST_NAMES

EMAIL_MARK, PHONE_MARK, CARD_MARK, ADDRESS_MARK, NAME_MARK = "[e-mail]", "[phone]", "[card]", "[address]", "[name]"
PERSONAL_KEYS = {  # of slots, facts and changes, whatever their value looks like
    "email": EMAIL_MARK,
    "phone": PHONE_MARK,
    "card_number": CARD_MARK,
    "first_name": NAME_MARK,
    "last_name": NAME_MARK,
    "full_name": NAME_MARK,
    "zip": ADDRESS_MARK,
    "postcode": ADDRESS_MARK,
    "address": ADDRESS_MARK,
    "address1": ADDRESS_MARK,
    "address2": ADDRESS_MARK,
    "street": ADDRESS_MARK,
    "city": ADDRESS_MARK,
}
SHORTEST_KNOWN = 2  # characters; a single letter would be masked all over the text

EMAIL = re.compile(
    r"(?<![\w.+'-])[\w.+'-]{1,64}\s?@\s?[\w-]+(?:\.[\w-]+)*"  # bounded, or a long word takes the square of its length
    r"|(?<![\w.+-])[\w.+-]{1,64}\s+[(\[]?at[)\]]?\s+[\w-]+\s+[(\[]?dot[)\]]?\s+[a-z]{2,}\b",
    re.IGNORECASE,
)
CARD = re.compile(r"(?<![\w#$€£-])(?<!\d\.)\d(?:[ .-]?\d){12,18}(?![\w-])")
GROUPED_CARD = re.compile(r"\d{4}([ .-])\d{4}\1\d{4}\1\d{1,7}")
PHONE = re.compile(
    r"(?<![\w#$€£.-])(?:"
    r"\+\d(?:[ ()./-]{0,2}\d){6,14}"
    r"|\(\d{2,5}\)[ -]?\d{3,4}[ .-]?\d{3,5}"
    r"|(?:1[ .-])?\d{3}[ .-]\d{3}[ .-]\d{4}"
    r"|0\d{2,4}[ /-]\d{3,4}(?:[ -]?\d{2,4})?"
    r")(?![\w-])"
)
PHONE_NAMED = re.compile(
    r"\b((?:phone|mobile|cell|telephone|tel|call|text|reach|ring|whatsapp)\b[^\d\n]{0,25})(\d{7,15})(?!\d)",
    re.IGNORECASE,
)
STREET_WORDS = "street|avenue|ave|road|rd|lane|boulevard|blvd|strasse|straße"
STREET_NAMES = (  # words that mean other things too: only where they are written as in an address
    "St|Street|Drive|Dr|Court|Ct|Way|Place|Pl|Square|Sq|Terrace|Parkway|Pkwy|Highway|Hwy|Circle|Cir|Row|Close|"
    "Crescent|Ln|Lane|Trail|Loop"
)
DOOR = r"(?:,?\s*(?:apt|apartment|suite|ste|unit|floor|flat)\.?\s*#?\w+)?"
REST_OF_ADDRESS = r"(?:,\s*(?:[A-Z][\w'-]*|\d[\w-]*)(?:\s+(?:[A-Z][\w'-]*|\d[\w-]*)){0,2}(?=[,.;!?\s]|$)){0,4}"
STREET = re.compile(
    rf"\b\d{{1,6}}[a-zA-Z]?\s+(?:(?i:(?:[\w.'-]+\s+){{1,3}}?(?:{STREET_WORDS}))"
    rf"|(?:[A-Z0-9][\w.'-]*\s+){{1,3}}?(?:{STREET_NAMES}))\b\.?(?i:{DOOR}){REST_OF_ADDRESS}"
)
STREET_ABROAD = re.compile(  # the number behind the street, or the kind of street before its name; and post boxes
    r"\b(?i:[\w-]{2,40}(?:straße|strasse|weg|gasse|platz|allee|laan|straat|gatan|vägen)\s+\d{1,5}\s?[a-z]?\b"
    r"|\d{1,5}\s?[a-z]?,?\s+(?:rue|quai|via|viale|calle|avenida|rua|chemin|place|piazza)\s+"
    r"(?:(?:de|du|des|del|della|la|le|los|las)\s+){0,2}[\w'\u2019-]+"
    r"|p\.?\s?o\.?\s?box\s+\d{1,7})"
)
POSTCODE = re.compile(
    r"\b(?:[A-Z]{2},?\s+\d{5}(?:-\d{4})?|[A-Z]{1,2}\d[A-Z\d]?\s\d[A-Z]{2}|\d{5}-\d{4})\b"
    r"|(?i:(?<=zip )|(?<=zip code )|(?<=zip is )|(?<=zip code is )|(?<=zip: )|(?<=postcode )|(?<=postcode is ))"
    r"\d{4,6}\b"
)
KEYS = "|".join(sorted(PERSONAL_KEYS, key=len, reverse=True))
KEYED = re.compile(  # in a command or a payload: first_name="Mia", "zip": "97205"
    rf"""(["']?\b(?:{KEYS})["']?\s*[:=]\s*)("(?:[^"\\]|\\.)*"|[\w-]+)"""
)
WORD = r"[^\W\d_][\w'\u2019-]*"
CAPITAL = r"[A-Z\u00c0-\u00d6\u00d8-\u00de\u0100-\u017d]"  # of Latin script
NAME_WORD = rf"{CAPITAL}[\w'\u2019-]+"
LAST_NAME = rf"(?:\s+(?:van|von|de|der|den|del|da|di|la|le|bin|al))*\s+{NAME_WORD}"
RELATIVES = "husband|wife|partner|son|daughter|mother|father|mom|mum|dad|brother|sister|friend|colleague|neighbou?r"
NAME_TOLD = re.compile(
    r"\b((?i:my (?:full |first |last |sur|family )?name(?:'s| is)|name:|i am called)\s+)"
    rf"(?:{NAME_WORD}{LAST_NAME}|{WORD}(?:\s+{WORD})?)"
)
NAME_GIVEN = re.compile(  # two words at least: a single one may be "I'm Swedish"
    r"\b((?i:i am|i['\u2019]m|this is|call me|(?:in|under) the name(?: of)?|belongs to|signed,?"
    rf"|my (?:{RELATIVES}),?)\s+)"
    rf"{NAME_WORD}{LAST_NAME}(?:\s+{NAME_WORD})?"
)
NAME_TITLED = re.compile(rf"\b((?i:mr|mrs|ms|miss|mx|dr|prof)\.?\s+)(?:{NAME_WORD}{LAST_NAME}|{NAME_WORD})")
NAME_SIGNED = re.compile(rf"\b((?i:regards|sincerely|yours truly|cheers|greetings),?\s+){NAME_WORD}(?:{LAST_NAME})?")
NAME_LISTED = re.compile(  # a common first name with another behind it, wherever it stands
    rf"(?<![\w'\u2019-])(?:{'|'.join(sorted(FIRST_NAMES, key=len, reverse=True))}){LAST_NAME}"
)


@dataclass(frozen=True)
class Known:
    """What is known of the shopper, and masked wherever it stands."""

    names: tuple[str, ...] = ()
    addresses: tuple[str, ...] = ()  # their parts: street, zip, city


NOBODY = Known()


def mask(text: str, known: Known = NOBODY) -> str:
    """The text without personal data. Masking twice changes nothing more."""
    text = KEYED.sub(_keyed, EMAIL.sub(EMAIL_MARK, text))
    text = CARD.sub(_card, text)
    text = PHONE_NAMED.sub(lambda found: found[1] + PHONE_MARK, PHONE.sub(PHONE_MARK, text))
    text = POSTCODE.sub(ADDRESS_MARK, STREET_ABROAD.sub(ADDRESS_MARK, STREET.sub(ADDRESS_MARK, text)))
    for cued in (NAME_TOLD, NAME_GIVEN, NAME_TITLED, NAME_SIGNED):
        text = cued.sub(rf"\1{NAME_MARK}", text)
    text = NAME_LISTED.sub(NAME_MARK, text)
    text = _sub_known(known.addresses, ADDRESS_MARK, text)
    return _sub_known(known.names, NAME_MARK, text)


def mask_cards(text: str) -> str:
    """The text without card numbers; all else stays."""
    return CARD.sub(_card, text)


def mask_value(value: Any, known: Known = NOBODY) -> Any:
    """A slot's, a fact's or a change's value of any shape, with everything personal in it masked."""
    if isinstance(value, str):
        return mask(value, known)
    if isinstance(value, Mapping):
        return {
            mask(str(key), known): _wholly(one, PERSONAL_KEYS[key]) if key in PERSONAL_KEYS else mask_value(one, known)
            for key, one in value.items()
        }
    if isinstance(value, list | tuple):
        return [mask_value(one, known) for one in value]
    return value


def _wholly(value: Any, mark: str) -> Any:
    if isinstance(value, Mapping):
        return {key: _wholly(one, PERSONAL_KEYS.get(key, mark)) for key, one in value.items()}
    if isinstance(value, list | tuple):
        return [_wholly(one, mark) for one in value]
    return value if value is None or isinstance(value, bool) else mark


def _keyed(found: re.Match[str]) -> str:
    mark = PERSONAL_KEYS[found[1].strip("\"' :=\t")]
    return f'{found[1]}"{mark}"' if found[2].startswith('"') else found[1] + mark


def _card(found: re.Match[str]) -> str:
    """A number that is a card's by its check digit, or is written as on a card; others stay."""
    grouped = GROUPED_CARD.fullmatch(found[0])
    return CARD_MARK if grouped or _luhn([int(digit) for digit in found[0] if digit.isdigit()]) else found[0]


def _luhn(digits: list[int]) -> bool:
    doubled = [sum(divmod(2 * digit, 10)) for digit in digits[-2::-2]]
    return (sum(doubled) + sum(digits[-1::-2])) % 10 == 0


def _sub_known(words: tuple[str, ...], mark: str, text: str) -> str:
    pattern = _known_pattern(words)
    return pattern.sub(mark, text) if pattern else text


@lru_cache(256)
def _known_pattern(words: tuple[str, ...]) -> re.Pattern[str] | None:
    """The words as a whole, in any case; an underscore ends a word, as in the id `mia_garcia_12`."""
    kept = sorted({word.strip() for word in words if len(word.strip()) >= SHORTEST_KNOWN}, key=len, reverse=True)
    if not kept:
        return None
    return re.compile(rf"(?<![^\W_])(?<!\[)(?:{'|'.join(map(re.escape, kept))})(?![^\W_])", re.IGNORECASE)
